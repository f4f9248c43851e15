//! Authentication policies: who may come in, and how recently they must have logged in.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
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

    pub(crate) fn insert(&mut self, policy: Policy) {
        self.by_id.insert(policy.id, policy);
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

#[cfg(test)]
mod tests {
    use super::*;

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
            (Some(&["*"]), None, "a.edu", true),
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
