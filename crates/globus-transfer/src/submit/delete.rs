//! The document of a deletion.

use std::io::BufRead;

use globus_core::{CollectionId, Error, IntoId, Result, SubmissionId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{
    draft::{Document, Draft, Kind},
    item_list::{ItemList, ItemListError},
    items::Shape,
    models::Notify,
    transfer::shared_setters,
    wire,
};

/// Says what to delete.
///
/// ```
/// use globus_transfer::DeleteData;
/// let mut data = DeleteData::new("ddb59aef-6d04-11e5-ba46-22000b92c6ec").recursive(true).label("clean up");
/// data.add_item("/~/runs/6/");
/// data.extend(["/~/a.tmp", "/~/b.tmp"]);
/// # data.validate().unwrap();
/// ```
///
/// What is not set is left out, and is what the service makes it.
#[derive(Debug, Clone)]
pub struct DeleteData {
    draft: Draft,
}

impl DeleteData {
    const KIND: Kind = Kind::Delete;

    /// Starts a deletion on a collection.
    pub fn new(endpoint: impl IntoId<CollectionId>) -> Self {
        let mut draft = Draft::new(Self::KIND);
        draft.set_collection("endpoint", endpoint);
        Self { draft }
    }

    /// Adds a path to delete.
    pub fn add_item(&mut self, path: impl AsRef<str>) -> &mut Self {
        self.draft.push(path.as_ref(), "", Shape::Detect, None);
        self
    }

    /// Adds paths, and gives the document on: for documents that are made in one expression.
    pub fn with_items<P: AsRef<str>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.extend(paths);
        self
    }

    /// Counts the paths.
    #[must_use]
    pub fn len(&self) -> usize {
        self.draft.items().len()
    }

    /// Tells whether there are no paths.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// **Deletes** directories with all that is in them. Service default: false, and a directory fails the task.
    pub fn recursive(self, recursive: impl Into<Option<bool>>) -> Self {
        self.set("recursive", recursive.into())
    }

    /// Passes over paths where there is nothing, instead of failing. Service default: false.
    pub fn ignore_missing(self, ignore: impl Into<Option<bool>>) -> Self {
        self.set("ignore_missing", ignore.into())
    }

    /// Reads `*`, `?` and `[…]` in the last part of a path as patterns; a backslash escapes them. Service default:
    /// false.
    pub fn interpret_globs(self, interpret: impl Into<Option<bool>>) -> Self {
        self.set("interpret_globs", interpret.into())
    }

    /// Deletes as this account, on mapped collections where the user has several.
    pub fn local_user(self, user: impl Into<String>) -> Self {
        self.set("local_user", Some(user.into()))
    }
}

shared_setters!(DeleteData);

impl<P: AsRef<str>> Extend<P> for DeleteData {
    fn extend<I: IntoIterator<Item = P>>(&mut self, paths: I) {
        for path in paths {
            self.add_item(path);
        }
    }
}
