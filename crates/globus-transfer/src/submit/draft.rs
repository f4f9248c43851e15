//! What transfers and deletions have in common: members, items, checks, and the id of the submission.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use globus_core::{CollectionId, IntoId, SubmissionId, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::files::path::complaint;

use super::{
    items::{ItemOptions, Items, Place, Shape},
    wire::Wire,
};

/// Is a document that can be submitted.
pub(crate) trait Document: fmt::Debug + Send + Sync {
    fn draft(&self) -> &Draft;
}

/// Says which document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Transfer,
    Delete,
}

impl Kind {
    pub(super) fn data_type(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Delete => "delete",
        }
    }

    /// Names a path of an item in an error.
    fn path_name(self, destination: bool) -> &'static str {
        match (self, destination) {
            (Self::Delete, _) => "path",
            (Self::Transfer, false) => "source path",
            (Self::Transfer, true) => "destination path",
        }
    }
}

/// The most characters that a label may have.
const LONGEST_LABEL: usize = 128;

#[derive(Clone)]
pub(crate) struct Draft {
    pub(super) kind: Kind,
    /// Everything but the items and the submission id.
    members: Map<String, Value>,
    items: Items,
    /// The id that the caller gave.
    given: Option<SubmissionId>,
    issued: Issued,
    /// The first thing that was wrong with a value that the caller gave.
    pub(super) problem: Option<String>,
}

impl Draft {
    pub(super) fn new(kind: Kind) -> Self {
        let mut members = Map::new();
        members.insert("DATA_TYPE".to_owned(), kind.data_type().into());
        Self { kind, members, items: Items::default(), given: None, issued: Issued::default(), problem: None }
    }

    pub(super) fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    pub(super) fn items(&self) -> &Items {
        &self.items
    }

    pub(super) fn problem(&mut self, problem: impl FnOnce() -> String) {
        self.problem.get_or_insert_with(problem);
    }

    pub(super) fn set_collection(&mut self, name: &str, id: impl IntoId<CollectionId>) {
        match id.into_id() {
            Ok(id) => self.set(name, Value::from(id.to_string())),
            Err(invalid) => self.problem(|| format!("{name}: {invalid}")),
        }
    }

    /// Sets a member; `None` takes it out again.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Option<Value>>) {
        self.issued.forget();
        match value.into() {
            Some(value) => self.members.insert(name.to_owned(), value),
            None => self.members.remove(name),
        };
    }

    pub(super) fn set_extra(&mut self, name: &str, value: Value) {
        match name {
            "DATA" => self.problem(|| "extra: DATA is made of the items: add items instead".to_owned()),
            "submission_id" => {
                self.problem(|| "extra: set the submission id with its own setter".to_owned());
            }
            _ => self.set(name, value),
        }
    }

    /// Adds to a member that is a list.
    pub(super) fn append(&mut self, name: &str, value: impl Serialize) {
        let value = match serde_json::to_value(value) {
            Ok(value) => value,
            Err(error) => return self.problem(|| format!("{name} cannot be written as JSON: {error}")),
        };
        self.issued.forget();
        match self.members.get_mut(name) {
            Some(Value::Array(list)) => list.push(value),
            _ => self.set(name, Value::Array(vec![value])),
        }
    }

    pub(super) fn push(
        &mut self,
        source: &str,
        destination: &str,
        shape: Shape,
        options: Option<Box<ItemOptions>>,
    ) {
        self.issued.forget();
        let number = self.items.len() + 1;
        let kind = self.kind;
        let paths = match kind {
            Kind::Transfer => &[(source, false), (destination, true)][..],
            Kind::Delete => &[(source, false)],
        };
        for (path, is_destination) in paths {
            if let Some(complaint) = complaint(path) {
                self.problem(|| {
                    format!("item {number}: the {} {complaint}", kind.path_name(*is_destination))
                });
            }
        }
        if let Err(complaint) = self.items.push(source, destination, shape, options) {
            self.problem(|| format!("item {number}: {complaint}"));
        }
    }

    /// Says what is wrong with the document, if the service would refuse it.
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        if self.items.len() == 0 {
            let name = match self.kind {
                Kind::Transfer => "transfer",
                Kind::Delete => "deletion",
            };
            return Err(format!("the {name} has no items: add at least one"));
        }
        if let Some(Value::String(label)) = self.members.get("label") {
            check_label(label)?;
        }
        match self.members.get("filter_rules") {
            Some(Value::Array(rules)) if !rules.is_empty() && !self.items.may_recurse() => Err(
                "the filter rules need an item that is a directory, but every item is marked as a file or symbolic link"
                    .to_owned(),
            ),
            _ => Ok(()),
        }
    }

    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.members.get("deadline")?.as_str()?.parse().ok()
    }

    pub(super) fn submission_id(&self) -> Option<SubmissionId> {
        self.given.or_else(|| *self.issued.get())
    }

    pub(super) fn give(&mut self, id: impl IntoId<SubmissionId>) {
        match id.into_id() {
            Ok(id) => self.given = Some(id),
            Err(invalid) => self.problem(|| format!("submission_id: {invalid}")),
        }
    }

    /// Keeps an id for this document; gives the one that another call has kept in the meantime, if any.
    pub(super) fn keep(&self, id: SubmissionId) -> SubmissionId {
        *self.issued.get().get_or_insert(id)
    }

    /// Lets go of every id: what is submitted next is another submission.
    pub(super) fn forget_id(&mut self) {
        self.given = None;
        self.issued.forget();
    }

    /// Takes over the items of a file list, which were checked line by line.
    pub(super) fn append_items(&mut self, items: Items) {
        self.issued.forget();
        self.items.append(items);
    }

    /// Makes a document of the same kind, with the same members, and without items and id.
    fn without_items(&self) -> Self {
        Self {
            kind: self.kind,
            members: self.members.clone(),
            items: Items::default(),
            given: None,
            issued: Issued::default(),
            problem: self.problem.clone(),
        }
    }

    /// Deals the items out to documents of at most so many items and bytes; at least one item each.
    pub(super) fn split(&self, max_items: usize, max_bytes: u64) -> Vec<Self> {
        let head = Wire::size_of(&self.without_items());
        let mut parts = Vec::new();
        let mut part = self.without_items();
        let mut bytes = head;
        let mut place = Place::default();
        while let Some(item) = self.items.next(&mut place) {
            let size = Wire::size_of(&Wire { kind: self.kind, item }) + 1;
            if part.items.len() >= max_items.max(1) || part.items.len() > 0 && bytes + size > max_bytes {
                parts.push(std::mem::replace(&mut part, self.without_items()));
                bytes = head;
            }
            bytes += size;
            part.items.push_again(&item);
        }
        // A document that fits is the same submission.
        if parts.is_empty() {
            return vec![self.clone()];
        }
        parts.push(part);
        parts
    }
}

/// Says what the service will not like about a label.
pub(crate) fn check_label(label: &str) -> Result<(), String> {
    let length = label.chars().count();
    if length > LONGEST_LABEL {
        return Err(format!("the label has {length} characters: at most {LONGEST_LABEL} are allowed"));
    }
    if let Some(position) = label.find(['\r', '\n']) {
        return Err(format!("the label has a line break at byte {position}"));
    }
    if label.trim() != label {
        return Err("the label begins or ends with a blank".to_owned());
    }
    Ok(())
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("members", &self.members)
            .field("items", &self.items.len())
            .field("submission_id", &self.submission_id())
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}

/// Holds the id that was issued for a document.
///
/// Clones share it: a loop that submits `data.clone()` until it succeeds makes one task. A document that is changed
/// is another one, and gets an id of its own.
#[derive(Clone, Default)]
struct Issued(Arc<Mutex<Option<SubmissionId>>>);

impl Issued {
    fn get(&self) -> MutexGuard<'_, Option<SubmissionId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&mut self) {
        match Arc::get_mut(&mut self.0) {
            Some(own) => *own.get_mut().unwrap_or_else(PoisonError::into_inner) = None,
            None => *self = Self::default(),
        }
    }
}
