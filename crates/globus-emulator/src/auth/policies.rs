//! Authentication policies: who may come in, and how recently they must have logged in.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Tables;
use super::sessions::Authentication;

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) id: Uuid,
    pub(crate) project: Uuid,
    pub(crate) display_name: String,
    pub(crate) description: String,
    /// The identity that counts must have authenticated in this session.
    pub(crate) high_assurance: bool,
    /// Seconds since that authentication, at most.
    pub(crate) assurance_timeout: Option<i64>,
    pub(crate) required_mfa: bool,
    /// Only these domains; `*.edu` stands for all that end so. `None` means any.
    pub(crate) include: Option<Vec<String>>,
    /// Not these domains.
    pub(crate) exclude: Option<Vec<String>>,
}

/// All policies.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    by_id: BTreeMap<Uuid, Policy>,
}

impl Policies {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Policy> {
        self.by_id.get(&id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Policy> {
        self.by_id.values()
    }

    pub(crate) fn insert(&mut self, policy: Policy) {
        self.by_id.insert(policy.id, policy);
    }

    pub(crate) fn remove(&mut self, id: Uuid) {
        self.by_id.remove(&id);
    }
}

impl Policy {
    /// Tells whether somebody with these identities and authentications comes in.
    pub(crate) fn passes(
        &self,
        tables: &Tables,
        identity_set: &[Uuid],
        done: &[(Uuid, Authentication)],
        now: Timestamp,
    ) -> bool {
        identity_set.iter().any(|identity| {
            let admitted =
                tables.identity(*identity).is_some_and(|identity| self.admits_domain(identity.domain()));
            admitted
                && (!self.high_assurance
                    || done.iter().any(|(who, done)| who == identity && self.assures(done, now)))
        })
    }

    /// Checks that its members go together. What is wrong begins with the member's name.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !self.high_assurance && self.assurance_timeout.is_some() {
            return Err("authentication_assurance_timeout needs high_assurance".to_owned());
        }
        if !self.high_assurance && self.required_mfa {
            return Err("required_mfa needs high_assurance".to_owned());
        }
        if self.assurance_timeout.is_some_and(|seconds| seconds < 1) {
            return Err("authentication_assurance_timeout must be at least one second".to_owned());
        }
        for (name, list) in [("include", &self.include), ("exclude", &self.exclude)] {
            if let Some(bad) = list.iter().flatten().find(|domain| !is_domain_pattern(domain)) {
                return Err(format!(
                    "domain_constraints_{name}: {bad:?} is not a domain; write one such as uni.example.edu or *.edu"
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn document(&self) -> Value {
        json!({
            "id": self.id,
            "project_id": self.project,
            "display_name": self.display_name,
            "description": self.description,
            "high_assurance": self.high_assurance,
            "authentication_assurance_timeout": self.assurance_timeout,
            "required_mfa": self.required_mfa,
            "domain_constraints_include": self.include,
            "domain_constraints_exclude": self.exclude,
        })
    }

    /// Tells whether an authentication is recent and strong enough.
    fn assures(&self, done: &Authentication, now: Timestamp) -> bool {
        let recent = self
            .assurance_timeout
            .is_none_or(|seconds| now.duration_since(done.time) <= SignedDuration::from_secs(seconds));
        recent && (done.mfa || !self.required_mfa)
    }

    /// Tells whether identities of this domain may come in at all.
    pub(crate) fn admits_domain(&self, domain: &str) -> bool {
        let in_list = |list: &[String]| list.iter().any(|pattern| matches(pattern, domain));
        self.include.as_deref().is_none_or(in_list) && !self.exclude.as_deref().is_some_and(in_list)
    }
}

/// Compares a domain with a name or a pattern such as `*.edu`.
fn matches(pattern: &str, domain: &str) -> bool {
    let (pattern, domain) = (pattern.to_ascii_lowercase(), domain.to_ascii_lowercase());
    match pattern.strip_prefix('*') {
        Some(end) => domain.len() > end.len() && domain.ends_with(end),
        None => pattern == domain,
    }
}

/// Tells whether this is a domain, or `*.` and the end of domains.
fn is_domain_pattern(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_domains_or_the_ends_of_domains() {
        for good in ["uni.example.edu", "*.edu", "*.example.edu", "localhost"] {
            assert!(is_domain_pattern(good), "{good}");
        }
        for bad in ["", "*", "*edu", "a.*.edu", "a..edu", ".edu", "a b", "ada@uni.example.edu"] {
            assert!(!is_domain_pattern(bad), "{bad}");
        }
    }

    #[test]
    fn domains_are_included_and_excluded() {
        let policy = |include: Option<&[&str]>, exclude: Option<&[&str]>| {
            let list =
                |given: Option<&[&str]>| given.map(|list| list.iter().map(ToString::to_string).collect());
            Policy {
                id: Uuid::nil(),
                project: Uuid::nil(),
                display_name: String::new(),
                description: String::new(),
                high_assurance: false,
                assurance_timeout: None,
                required_mfa: false,
                include: list(include),
                exclude: list(exclude),
            }
        };
        for (include, exclude, domain, admitted) in [
            (None, None, "a.edu", true),
            (Some(&["a.edu"][..]), None, "A.edu", true),
            (Some(&["a.edu"]), None, "b.a.edu", false),
            (Some(&["*.edu"]), None, "a.edu", true),
            (Some(&["*.edu"]), None, "edu", false),
            (Some(&["*.a.edu"]), None, "a.edu", false),
            (Some(&[]), None, "a.edu", false),
            (None, Some(&["*.edu"][..]), "a.edu", false),
            (None, Some(&[]), "a.edu", true),
            (Some(&["*.edu"]), Some(&["bad.edu"]), "bad.edu", false),
        ] {
            assert_eq!(
                policy(include, exclude).admits_domain(domain),
                admitted,
                "{include:?} {exclude:?} {domain}"
            );
        }
    }
}
