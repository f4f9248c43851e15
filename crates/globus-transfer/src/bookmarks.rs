//! Bookmarks: places on collections that a user gave a name.

use globus_core::{CollectionId, Extra, IntoId, Result, request};
use serde::{Deserialize, Serialize};

use crate::{
    CollectionPath, TransferClient,
    document::extra_accessors,
    files::OperationResult,
    parts::{DataType, list, request_document, set_name, set_path},
};

globus_core::uuid_id! {
    /// Names a bookmark.
    pub struct BookmarkId, "bookmark id";
}

request! {
    /// # Bookmarks
    ///
    /// A user has up to 100, and sees nobody else's.
    impl TransferClient {
        /// Lists the user's bookmarks.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// for bookmark in transfer.bookmark_list().send().await?.data {
        ///     println!("{:?}: {:?} {:?}", bookmark.name, bookmark.endpoint_id, bookmark.path);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// The list comes whole. A bookmark outlives its collection.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// None of its own: [`is_unauthorized`](globus_core::Error::is_unauthorized) when the token is not accepted.
        ///
        /// Service: <https://docs.globus.org/api/transfer/collection_bookmarks/#get_list_of_bookmarks>
        #[doc(alias = "bookmark list")]
        fn bookmark_list() -> ListBookmarks => BookmarkList {
            GET "v0.10" / "bookmark_list";
        }

        /// Makes a bookmark.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::bookmarks::NewBookmark;
        ///
        /// let bookmark = NewBookmark::new("genomics", "ddb59aef-6d04-11e5-ba46-22000b92c6ec", "/projects/genomics/");
        /// println!("{}", transfer.create_bookmark(bookmark).send().await?.id);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_conflict`](globus_core::Error::is_conflict) when the user has one of that name,
        /// [`status`](globus_core::Error::status) 400 when the path is none.
        ///
        /// Service: <https://docs.globus.org/api/transfer/collection_bookmarks/#create_bookmark>
        #[doc(alias = "bookmark create")]
        fn create_bookmark(bookmark: document NewBookmark) -> CreateBookmark => Bookmark {
            POST "v0.10" / "bookmark";
            with document bookmark;
        }

        /// Describes a bookmark.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let bookmark = transfer.get_bookmark("1405823f-0000-4a16-b296-46d4f0ae4b15").send().await?;
        /// println!("{:?}", bookmark.path);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such bookmark.
        ///
        /// Service: <https://docs.globus.org/api/transfer/collection_bookmarks/#get_bookmark_by_id>
        #[doc(alias = "bookmark show")]
        fn get_bookmark(bookmark_id: id BookmarkId) -> GetBookmark => Bookmark {
            GET "v0.10" / "bookmark" / bookmark_id;
        }

        /// Changes the name of a bookmark.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::bookmarks::BookmarkUpdate;
        ///
        /// let bookmark = "1405823f-0000-4a16-b296-46d4f0ae4b15";
        /// transfer.update_bookmark(bookmark, BookmarkUpdate::new("old genomics")).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such bookmark,
        /// [`is_conflict`](globus_core::Error::is_conflict) when the user has another one of that name.
        ///
        /// Service: <https://docs.globus.org/api/transfer/collection_bookmarks/#update_bookmark>
        #[doc(alias = "bookmark rename")]
        fn update_bookmark(bookmark_id: id BookmarkId, update: document BookmarkUpdate) -> UpdateBookmark => Bookmark {
            PUT "v0.10" / "bookmark" / bookmark_id;
            with document update;
        }

        /// Deletes a bookmark. What it led to stays.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// transfer.delete_bookmark("1405823f-0000-4a16-b296-46d4f0ae4b15").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such bookmark.
        ///
        /// Service: <https://docs.globus.org/api/transfer/collection_bookmarks/#delete_bookmark_by_id>
        #[doc(alias = "bookmark delete")]
        fn delete_bookmark(bookmark_id: id BookmarkId) -> DeleteBookmark => OperationResult {
            DELETE "v0.10" / "bookmark" / bookmark_id;
        }
    }
}

/// # Helpers for bookmarks
impl TransferClient {
    /// Finds the user's bookmark of this name, capitals counted; `None` when there is none.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// if let Some(place) = transfer.find_bookmark("genomics").await? {
    ///     println!("{:?} {:?}", place.endpoint_id, place.path);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
    ///
    /// # Errors
    /// As [`bookmark_list`](Self::bookmark_list).
    pub async fn find_bookmark(&self, name: impl AsRef<str>) -> Result<Option<Bookmark>> {
        let bookmarks = self.bookmark_list().send().await?.data;
        Ok(bookmarks.into_iter().find(|bookmark| bookmark.name.as_deref() == Some(name.as_ref())))
    }
}

request_document! {
    /// Describes a bookmark to make.
    ///
    /// ```
    /// use globus_transfer::bookmarks::NewBookmark;
    /// let bookmark = NewBookmark::new("home", "ddb59aef-6d04-11e5-ba46-22000b92c6ec", "/~/").pinned(true);
    /// ```
    pub struct NewBookmark as "bookmark" {
        /// Pins the bookmark, for programs that show pinned ones first. Service default: false.
        pinned: optional bool;
    }
}

impl NewBookmark {
    /// Names a directory of a collection.
    ///
    /// The name has 1 to 128 characters, no line breaks and no blanks around it, and is the user's only one like it,
    /// capitals counted. The path ends with a `/`.
    pub fn new(
        name: impl Into<String>,
        endpoint_id: impl IntoId<CollectionId>,
        path: impl Into<String>,
    ) -> Self {
        let mut bookmark = Self::start();
        set_name(&mut bookmark.0, "name", name);
        bookmark.0.id::<CollectionId>("endpoint_id", endpoint_id);
        set_path(&mut bookmark.0, "path", path);
        bookmark
    }
}

request_document! {
    /// Describes a change of a bookmark: what is not set stays as it is.
    pub struct BookmarkUpdate as "bookmark" {
        /// Pins the bookmark, or not.
        pinned: optional bool;
    }
}

impl BookmarkUpdate {
    /// Gives the bookmark this name, which the service asks for even if it stays the same: 1 to 128 characters, no line
    /// breaks and no blanks around it.
    pub fn new(name: impl Into<String>) -> Self {
        let mut update = Self::start();
        set_name(&mut update.0, "name", name);
        update
    }
}

/// Describes a bookmark.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Bookmark {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// The id.
    pub id: BookmarkId,
    /// The name.
    pub name: Option<String>,
    /// The collection, which may have been deleted since.
    pub endpoint_id: Option<CollectionId>,
    /// The directory.
    pub path: Option<String>,
    /// Whether it is pinned.
    pub pinned: Option<bool>,
    #[serde(flatten)]
    extra: Extra,
}

list! {
    /// Holds the user's bookmarks.
    pub struct BookmarkList of Bookmark {}
}

impl Bookmark {
    /// Gives the place that the bookmark leads to; `None` when it lacks a part, or its path is none.
    #[must_use]
    pub fn place(&self) -> Option<CollectionPath> {
        CollectionPath::new(self.endpoint_id?, self.path.as_deref()?).ok()
    }
}

extra_accessors!(Bookmark);
