//! The consents of one application, as trees.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use globus_core::{Error, ErrorKind, Scope};

use super::{Consent, ConsentId};

/// Holds consents as the trees that they form: a root for each scope that the application itself may use, below it
/// what the service behind that scope may use in turn.
///
/// Cheap to search, however many and however deep: nothing in it recurses.
#[derive(Debug, Clone)]
pub struct ConsentForest {
    consents: Vec<Consent>,
    position: HashMap<ConsentId, usize>,
    parent: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
}

/// Says why consents form no trees.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentForestError {
    /// What a consent depends on is not in the list.
    #[error("consent {consent} depends on consent {parent}, which is not in the list")]
    #[non_exhaustive]
    MissingParent {
        /// The consent that depends on another.
        consent: ConsentId,
        /// The other.
        parent: ConsentId,
    },
    /// Two consents that differ have the same id.
    #[error("consent {consent} is in the list twice, with different content")]
    #[non_exhaustive]
    Duplicate {
        /// Their id.
        consent: ConsentId,
    },
    /// A dependency path does not end in the consent that it leads to.
    #[error("the dependency path of consent {consent} does not end in it")]
    #[non_exhaustive]
    Path {
        /// The consent with this path.
        consent: ConsentId,
    },
    /// A consent depends on itself, directly or through others, so that no root leads to it.
    #[error("consent {consent} depends on itself, directly or through others, or on one that does")]
    #[non_exhaustive]
    Cycle {
        /// The first such consent in the list.
        consent: ConsentId,
    },
}

impl From<ConsentForestError> for Error {
    fn from(broken: ConsentForestError) -> Self {
        Self::new(ErrorKind::Decode, format!("consents: {broken}")).with_source(broken)
    }
}

impl ConsentForest {
    /// Makes the forest of a list of consents, as Globus Auth gives it for an identity. Exact repetitions count once.
    ///
    /// # Errors
    /// [`ConsentForestError`], when the list is not whole or contradicts itself.
    pub fn new(consents: impl IntoIterator<Item = Consent>) -> Result<Self, ConsentForestError> {
        let mut forest =
            Self { consents: Vec::new(), position: HashMap::new(), parent: Vec::new(), children: Vec::new() };
        for consent in consents {
            forest.add(consent)?;
        }
        forest.connect()?;
        Ok(forest)
    }

    fn add(&mut self, consent: Consent) -> Result<(), ConsentForestError> {
        if consent.dependency_path.last() != Some(&consent.id) {
            return Err(ConsentForestError::Path { consent: consent.id });
        }
        match self.position.entry(consent.id) {
            Entry::Vacant(new) => {
                new.insert(self.consents.len());
                self.consents.push(consent);
                Ok(())
            }
            Entry::Occupied(known) if self.consents[*known.get()] == consent => Ok(()),
            Entry::Occupied(_) => Err(ConsentForestError::Duplicate { consent: consent.id }),
        }
    }

    fn connect(&mut self) -> Result<(), ConsentForestError> {
        self.parent = vec![None; self.consents.len()];
        self.children = vec![Vec::new(); self.consents.len()];
        for (at, consent) in self.consents.iter().enumerate() {
            if let [.., parent, _] = consent.dependency_path.as_slice() {
                let above = *self
                    .position
                    .get(parent)
                    .ok_or(ConsentForestError::MissingParent { consent: consent.id, parent: *parent })?;
                self.parent[at] = Some(above);
                self.children[above].push(at);
            }
        }
        self.check_that_roots_lead_to_all()
    }

    fn check_that_roots_lead_to_all(&self) -> Result<(), ConsentForestError> {
        let mut reached = vec![false; self.consents.len()];
        let mut to_visit: Vec<usize> =
            (0..self.consents.len()).filter(|at| self.parent[*at].is_none()).collect();
        while let Some(at) = to_visit.pop() {
            reached[at] = true;
            to_visit.extend(&self.children[at]);
        }
        match reached.iter().position(|reached| !reached) {
            Some(at) => Err(ConsentForestError::Cycle { consent: self.consents[at].id }),
            None => Ok(()),
        }
    }

    /// Lists all consents, in the order in which they came.
    #[must_use]
    pub fn consents(&self) -> &[Consent] {
        &self.consents
    }

    /// Gives one consent.
    #[must_use]
    pub fn get(&self, id: impl Into<ConsentId>) -> Option<&Consent> {
        Some(&self.consents[*self.position.get(&id.into())?])
    }

    /// Walks over the roots: the consents that the application itself has.
    pub fn roots(&self) -> impl Iterator<Item = &Consent> {
        self.consents.iter().filter(|consent| consent.is_root())
    }

    /// Walks over the consents directly below one; over nothing when that one is not here.
    pub fn children(&self, id: impl Into<ConsentId>) -> impl Iterator<Item = &Consent> {
        let children = self.position.get(&id.into()).map(|at| self.children[*at].as_slice());
        children.unwrap_or_default().iter().map(|at| &self.consents[*at])
    }

    /// Tells whether the user has consented to all of the scopes: for each there is a root with its name, and below it
    /// its dependencies, theirs, and so on.
    ///
    /// Each scope is looked for on its own: `[foo[a], foo[b]]` may be met by two trees, `[foo[a b]]` only by one that
    /// has both. An optional dependency (`*`) is demanded like any other, and the status of consents is not looked at.
    #[must_use]
    pub fn meets_scope_requirements(&self, scopes: &[Scope]) -> bool {
        self.unmet(scopes).next().is_none()
    }

    /// Lists those of the scopes that the user has not consented to, each whole, as a login has to ask for it.
    #[must_use]
    pub fn unmet_scope_requirements<'s>(&self, scopes: &'s [Scope]) -> Vec<&'s Scope> {
        self.unmet(scopes).collect()
    }

    fn unmet<'s>(&self, scopes: &'s [Scope]) -> impl Iterator<Item = &'s Scope> {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, consent) in self.consents.iter().enumerate() {
            by_name.entry(&consent.scope_name).or_default().push(at);
        }
        scopes.iter().filter(move |scope| !self.grants(&by_name, scope))
    }

    /// From the innermost dependencies outwards: which consents have below them what each mention asks for?
    fn grants(&self, by_name: &HashMap<&str, Vec<usize>>, scope: &Scope) -> bool {
        let mentions = mentions(scope);
        let mut have_all_below: Vec<Option<HashSet<usize>>> = vec![None; mentions.len()];
        for (at, mention) in mentions.iter().enumerate().rev() {
            let below = have_all_below[at].take();
            let fitting = by_name.get(mention.name).into_iter().flatten().copied();
            let mut fitting =
                fitting.filter(|consent| below.as_ref().is_none_or(|below| below.contains(consent)));
            let Some(above) = mention.above else {
                return fitting.any(|consent| self.parent[consent].is_none());
            };
            let mut have_it: HashSet<usize> = fitting.filter_map(|consent| self.parent[consent]).collect();
            if let Some(others) = &have_all_below[above] {
                have_it.retain(|consent| others.contains(consent));
            }
            if have_it.is_empty() {
                return false;
            }
            have_all_below[above] = Some(have_it);
        }
        false
    }
}

/// A name within a scope, and the position of the one whose dependency it is.
struct Mention<'s> {
    name: &'s str,
    above: Option<usize>,
}

/// Lists the names of a scope, each before its dependencies: `a[b[c] *d]` → a, b, c, d.
///
/// Reads the text once, where a walk over `Scope::dependencies` would copy it at each level.
fn mentions(scope: &Scope) -> Vec<Mention<'_>> {
    let mut mentions = Vec::new();
    let mut open = Vec::new();
    for piece in scope.as_str().split_inclusive(['[', ']', ' ']) {
        let name = piece.trim_matches(['*', '[', ']', ' ']);
        if !name.is_empty() {
            mentions.push(Mention { name, above: open.last().copied() });
        }
        if piece.ends_with('[') {
            open.push(mentions.len().saturating_sub(1));
        } else if piece.ends_with(']') {
            open.pop();
        }
    }
    mentions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_come_before_their_dependencies() {
        let scope = Scope::parse("*a[b[c *d[e]] *f]").unwrap();
        let mentions: Vec<_> = mentions(&scope).into_iter().map(|m| (m.name.to_owned(), m.above)).collect();
        let expected =
            [("a", None), ("b", Some(0)), ("c", Some(1)), ("d", Some(1)), ("e", Some(3)), ("f", Some(0))];
        assert_eq!(mentions, expected.map(|(name, above)| (name.to_owned(), above)));
    }
}
