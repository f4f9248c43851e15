//! The graph behind a text of scopes, in which all mentions of a name are one node.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, btree_map};

use super::{Scope, ScopeError, text};

/// The longest text, in bytes, that scopes may take. Shared nodes are repeated wherever they are used, so that a short
/// text can stand for one of any length; this bounds it. Real requests are hundreds of times shorter.
const LONGEST: usize = 1 << 20;

/// Scopes and what they depend on.
///
/// Nothing in here recurses: how deep a text nests is up to whoever wrote it.
#[derive(Default)]
pub(super) struct Graph<'t> {
    /// Name and whether optional.
    top_level: BTreeSet<(&'t str, bool)>,
    nodes: HashMap<&'t str, Dependencies<'t>>,
}

/// Name and whether optional, of each dependency of a node.
type Dependencies<'t> = BTreeMap<&'t str, bool>;

impl<'t> Graph<'t> {
    /// Adds the scopes of a text at the top level.
    pub(super) fn read(&mut self, text: &'t str) -> Result<(), ScopeError> {
        text::read(self, None, text)
    }

    /// Adds the scopes of a text as dependencies of `parent`.
    pub(super) fn read_under(&mut self, parent: &'t str, text: &'t str) -> Result<(), ScopeError> {
        text::read(self, Some(parent), text)
    }

    pub(super) fn add_top_level(&mut self, name: &'t str, optional: bool) {
        self.top_level.insert((name, optional));
    }

    pub(super) fn add_dependency(&mut self, parent: &'t str, name: &'t str, optional: bool) {
        let dependencies = self.nodes.entry(parent).or_default();
        dependencies.entry(name).and_modify(|known| *known &= optional).or_insert(optional);
    }

    /// Gives the top-level scopes, ordered, each with all its dependencies written out.
    pub(super) fn into_scopes(self) -> Result<Vec<Scope>, ScopeError> {
        if let Some(path) = self.cycle() {
            return Err(ScopeError::Cycle { path: path.into_iter().map(str::to_owned).collect() });
        }
        let mut left = LONGEST;
        let mut scopes = Vec::with_capacity(self.top_level.len());
        for &(name, optional) in &self.top_level {
            let text = self.write(name, optional, left)?;
            left = left.saturating_sub(text.len() + 1);
            scopes.push(Scope { text: text.into() });
        }
        Ok(scopes)
    }

    /// Finds a cycle by depth-first search: the names along it, the first repeated at the end.
    fn cycle(&self) -> Option<Vec<&'t str>> {
        let mut visited = HashSet::new();
        for &(start, _) in &self.top_level {
            if !visited.insert(start) {
                continue;
            }
            let mut path = vec![(start, self.dependencies(start))];
            let mut on_path = HashSet::from([start]);
            while let Some((name, dependencies)) = path.last_mut() {
                let Some((dependency, _)) = dependencies.next() else {
                    on_path.remove(name);
                    path.pop();
                    continue;
                };
                if on_path.contains(dependency) {
                    let names = path.iter().map(|(name, _)| *name);
                    return Some(names.skip_while(|name| name != dependency).chain([*dependency]).collect());
                }
                if visited.insert(dependency) {
                    on_path.insert(dependency);
                    path.push((dependency, self.dependencies(dependency)));
                }
            }
        }
        None
    }

    /// Writes one scope in at most `limit` bytes. The graph must have no cycle.
    fn write(&self, name: &str, optional: bool, limit: usize) -> Result<String, ScopeError> {
        let mut text = String::new();
        let mut open = Vec::new();
        let mut next = Some((name, optional));
        loop {
            if let Some((name, optional)) = next {
                if text.len() + usize::from(optional) + name.len() + open.len() > limit {
                    return Err(ScopeError::TooLong { limit: LONGEST });
                }
                text.extend(optional.then_some('*'));
                text.push_str(name);
                let dependencies = self.dependencies(name);
                if dependencies.len() > 0 {
                    text.push('[');
                    open.push(dependencies);
                }
            } else if open.pop().is_some() {
                text.push(']');
            }
            let Some(dependencies) = open.last_mut() else {
                return Ok(text);
            };
            next = dependencies.next().map(|(name, optional)| (*name, *optional));
            if next.is_some() && !text.ends_with('[') {
                text.push(' ');
            }
        }
    }

    /// Walks over the names that are required at the top level.
    pub(super) fn required(&self) -> impl Iterator<Item = &'t str> {
        self.top_level.iter().filter(|(_, optional)| !optional).map(|(name, _)| *name)
    }

    /// Tells whether `other` has this scope at the top level, with all that it depends on here.
    pub(super) fn is_covered(&self, name: &str, other: &Graph<'_>) -> bool {
        if ![true, false].iter().any(|optional| other.top_level.contains(&(name, *optional))) {
            return false;
        }
        let (mut seen, mut to_visit) = (HashSet::from([name]), vec![name]);
        while let Some(name) = to_visit.pop() {
            let there = other.nodes.get(name);
            for (dependency, _) in self.dependencies(name) {
                if !there.is_some_and(|there| there.contains_key(dependency)) {
                    return false;
                }
                if seen.insert(dependency) {
                    to_visit.push(dependency);
                }
            }
        }
        true
    }

    fn dependencies(&self, name: &str) -> btree_map::Iter<'_, &'t str, bool> {
        self.nodes.get(name).map(BTreeMap::iter).unwrap_or_default()
    }
}
