//! Several requirements, as few logins as possible.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use globus_core::Extra;

use super::{AUTHORIZATION_REQUIRED, AuthorizationParameters, Gare};

impl Gare {
    /// Combines several into as few as possible; each of the result takes one login.
    ///
    /// Those that ask for different domains stay apart, in the order in which they came; see [`Gare::merge`].
    ///
    /// ```
    /// use globus_auth::gare::{AuthorizationParameters, CONSENT_REQUIRED, Gare};
    /// let consent = |scope| {
    ///     Gare::new(CONSENT_REQUIRED, AuthorizationParameters::default().with_required_scopes([scope]))
    /// };
    /// let combined = Gare::combine([consent("a"), consent("b"), consent("a")]);
    /// assert_eq!(combined.len(), 1);
    /// assert_eq!(combined[0].authorization_parameters.required_scopes.as_deref().unwrap(), ["a", "b"]);
    /// ```
    #[must_use]
    pub fn combine(gares: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut combined: Vec<Self> = Vec::new();
        let mut place_of: HashMap<Vec<String>, usize> = HashMap::new();
        for gare in gares {
            let domains = gare.authorization_parameters.domains();
            let place = match place_of.entry(domains) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) if new.key().is_empty() => *new.insert(0),
                Entry::Vacant(new) => {
                    let first_is_free = combined
                        .first()
                        .is_some_and(|first| first.authorization_parameters.domains().is_empty());
                    *new.insert(if first_is_free { 0 } else { combined.len() })
                }
            };
            match combined.get_mut(place) {
                Some(kept) => kept.absorb(gare),
                None => combined.push(gare),
            }
        }
        for gare in &mut combined {
            gare.authorization_parameters.drop_repetitions();
        }
        combined
    }

    /// Merges two into one that one login can meet; `None` when they ask for different domains.
    ///
    /// A list of domains means "one of these", so that neither the union nor the intersection of two lists asks for
    /// the same: two logins are needed. Scopes, policies and identities are concatenated without repetitions; the
    /// second factor is required when either requires it, which may be more than each asked for; of messages,
    /// prompts and unknown members the later wins. Codes that differ give [`AUTHORIZATION_REQUIRED`].
    #[must_use]
    pub fn merge(mut self, later: Self) -> Option<Self> {
        if !self.authorization_parameters.can_merge(&later.authorization_parameters) {
            return None;
        }
        self.absorb(later);
        self.authorization_parameters.drop_repetitions();
        Some(self)
    }

    fn absorb(&mut self, later: Self) {
        if self.code != later.code {
            AUTHORIZATION_REQUIRED.clone_into(&mut self.code);
        }
        self.authorization_parameters.absorb(later.authorization_parameters);
        absorb_extra(&mut self.extra, &later.extra);
    }
}

impl AuthorizationParameters {
    /// Merges two into what one login can meet, as [`Gare::merge`]; `None` when they ask for different domains.
    #[must_use]
    pub fn merge(mut self, later: Self) -> Option<Self> {
        if !self.can_merge(&later) {
            return None;
        }
        self.absorb(later);
        self.drop_repetitions();
        Some(self)
    }

    fn can_merge(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.domains(), other.domains());
        ours.is_empty() || theirs.is_empty() || ours == theirs
    }

    fn domains(&self) -> Vec<String> {
        let mut domains = self.session_required_single_domain.clone().unwrap_or_default();
        domains.sort_unstable();
        domains.dedup();
        domains
    }

    fn absorb(&mut self, later: Self) {
        replace(&mut self.session_message, later.session_message);
        replace(&mut self.prompt, later.prompt);
        append(&mut self.session_required_identities, later.session_required_identities);
        append(&mut self.session_required_policies, later.session_required_policies);
        append(&mut self.session_required_single_domain, later.session_required_single_domain);
        append(&mut self.required_scopes, later.required_scopes);
        self.session_required_mfa = match (self.session_required_mfa, later.session_required_mfa) {
            (Some(ours), Some(theirs)) => Some(ours || theirs),
            (ours, theirs) => ours.or(theirs),
        };
        absorb_extra(&mut self.extra, &later.extra);
    }

    fn drop_repetitions(&mut self) {
        for list in [
            &mut self.session_required_identities,
            &mut self.session_required_policies,
            &mut self.session_required_single_domain,
            &mut self.required_scopes,
        ] {
            let mut seen = HashSet::new();
            if let Some(list) = list {
                list.retain(|item| seen.insert(item.clone()));
            }
        }
    }
}

fn replace<T>(value: &mut Option<T>, later: Option<T>) {
    if later.is_some() {
        *value = later;
    }
}

fn append(list: &mut Option<Vec<String>>, later: Option<Vec<String>>) {
    if let Some(later) = later {
        list.get_or_insert_default().extend(later);
    }
}

fn absorb_extra(extra: &mut Extra, later: &Extra) {
    for (name, value) in later.iter() {
        extra.insert(name, value.clone());
    }
}
