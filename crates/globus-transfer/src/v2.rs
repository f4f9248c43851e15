//! Operations of which the newer API has another form under the same name: bookmarks.
//!
//! What only the newer API has, such as [tunnels](crate::tunnels), is on [`TransferClient`] itself.

use globus_core::{CollectionId, Extra, IntoId, Service, ServiceClient, request, scope, service_client};
use serde::{Deserialize, Serialize, Serializer};

use crate::{
    CollectionPath, TransferClient,
    bookmarks::BookmarkId,
    document::extra_accessors,
    parts::{Members, set_name, set_path},
    tunnels::{Envelope, Gone, NewResource, Relationship, Resource, ResourcePage},
};

service_client! {
    /// Talks to the newer API of Globus Transfer where it has another form of what [`TransferClient`] has. Most easily
    /// made by [`TransferClient::v2`].
    ///
    /// ```no_run
    /// # use globus_core::Authorizer;
    /// # fn example(authorizer: impl Authorizer + 'static) -> globus_core::Result<()> {
    /// use globus_transfer::v2::TransferClientV2;
    /// let transfer = TransferClientV2::new(authorizer)?;
    /// # Ok(()) }
    /// ```
    pub struct TransferClientV2 {
        service: Service::Transfer,
        resource_server: scope::transfer::RESOURCE_SERVER,
        default_scopes: TransferClient::default_scopes(),
    }
}

/// # The newer API
impl TransferClient {
    /// Gives the same client for the newer API.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// let bookmarks = transfer.v2().list_bookmarks().items().try_collect().await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn v2(&self) -> TransferClientV2 {
        TransferClientV2::from_base(self.base().clone())
    }
}

request! {
    /// # Bookmarks
    impl TransferClientV2 {
        /// Lists the user's bookmarks.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let mut bookmarks = transfer.v2().list_bookmarks().items();
        /// while let Some(bookmark) = bookmarks.try_next().await? {
        ///     println!("{:?} {:?}", bookmark.attributes.name, bookmark.attributes.path);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Of bookmarks on high assurance collections the list does not tell the path.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// None of its own: [`is_unauthorized`](globus_core::Error::is_unauthorized) when the token is not accepted.
        ///
        /// Service: <https://docs.globus.org/api/transfer/collection_bookmarks/>
        fn list_bookmarks() -> ListBookmarks => BookmarkPage {
            GET "v2" / "bookmarks";
            query {
                /// Gives at most this many a page. A page has as many as the service likes unless told otherwise.
                page_limit as "page[limit]": number u32;
                /// Gives the page that this marker leads to.
                page_marker as "page[marker]": text;
                /// Adds to the answer what is named here: `collection`. It is in [`BookmarkPage::extra`], as `included`.
                include: joined;
            }
            paged JsonApi of Bookmark;
        }

        /// Makes a bookmark.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::v2::NewBookmark;
        ///
        /// let bookmark = NewBookmark::new("genomics", "ddb59aef-6d04-11e5-ba46-22000b92c6ec", "/projects/genomics/");
        /// println!("{}", transfer.v2().create_bookmark(bookmark).send().await?.id);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_conflict`](globus_core::Error::is_conflict) when the user has one of that name,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such collection,
        /// [`status`](globus_core::Error::status) 422 when an attribute cannot be understood.
        ///
        /// Service: <https://docs.globus.org/api/transfer/collection_bookmarks/>
        fn create_bookmark(bookmark: document NewBookmark) -> CreateBookmark => Envelope<Bookmark> as Bookmark {
            POST "v2" / "bookmarks";
            with json { "data" = bookmark; }
        }

        /// Describes a bookmark.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let bookmark = transfer.v2().get_bookmark("aa0c5a0e-2f3b-4a4b-8b65-222222222222").send().await?;
        /// println!("{:?}", bookmark.place());
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such bookmark.
        ///
        /// Service: <https://docs.globus.org/api/transfer/collection_bookmarks/>
        fn get_bookmark(bookmark_id: id BookmarkId) -> GetBookmark => Envelope<Bookmark> as Bookmark {
            GET "v2" / "bookmarks" / bookmark_id;
            query {
                /// Adds to the answer what is named here: `collection`. It is in the raw body of
                /// [`send_full`](Self::send_full), as `included`.
                include: joined;
            }
        }

        /// Changes the name or the path of a bookmark.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::v2::BookmarkUpdate;
        ///
        /// let bookmark = "aa0c5a0e-2f3b-4a4b-8b65-222222222222";
        /// let update = BookmarkUpdate::new("/projects/genomics/2027/").name("genomics");
        /// transfer.v2().update_bookmark(bookmark, update).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Changing it twice is changing it once, so the request is retried after any failure.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such bookmark,
        /// [`is_conflict`](globus_core::Error::is_conflict) when the user has another one of that name.
        ///
        /// Service: <https://docs.globus.org/api/transfer/collection_bookmarks/>
        fn update_bookmark(bookmark_id: id BookmarkId, update: document BookmarkUpdate) -> UpdateBookmark => Envelope<Bookmark> as Bookmark {
            PATCH "v2" / "bookmarks" / bookmark_id;
            idempotent;
            with json { "data" = update; }
        }

        /// Deletes a bookmark. What it led to stays.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// transfer.v2().delete_bookmark("aa0c5a0e-2f3b-4a4b-8b65-222222222222").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such bookmark.
        ///
        /// Service: <https://docs.globus.org/api/transfer/collection_bookmarks/>
        fn delete_bookmark(bookmark_id: id BookmarkId) -> DeleteBookmark => Gone as () {
            DELETE "v2" / "bookmarks" / bookmark_id;
        }
    }
}

/// Describes a bookmark.
pub type Bookmark = Resource<BookmarkId, BookmarkAttributes, BookmarkRelationships>;

/// Holds one page of bookmarks.
pub type BookmarkPage = ResourcePage<BookmarkId, BookmarkAttributes, BookmarkRelationships>;

/// Says what a bookmark is like.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BookmarkAttributes {
    /// The name.
    pub name: Option<String>,
    /// The directory; `None` in lists when the collection is high assurance.
    pub path: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says what a bookmark belongs to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BookmarkRelationships {
    /// The collection.
    pub collection: Option<Relationship>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(BookmarkAttributes, BookmarkRelationships);

impl Bookmark {
    /// Gives the collection, which may have been deleted since.
    #[must_use]
    pub fn collection_id(&self) -> Option<CollectionId> {
        self.relationships.collection.as_ref()?.id()?.parse().ok()
    }

    /// Gives the place that the bookmark leads to; `None` when a part of it is not told, or its path is none.
    #[must_use]
    pub fn place(&self) -> Option<CollectionPath> {
        CollectionPath::new(self.collection_id()?, self.attributes.path.as_deref()?).ok()
    }
}

/// Describes a bookmark to make.
#[derive(Debug, Clone)]
#[must_use = "a document does nothing until it is sent"]
pub struct NewBookmark(Members, Members);

impl NewBookmark {
    /// Names a directory of a collection.
    ///
    /// The name has 1 to 128 characters, no line breaks and no blanks around it, and is the user's only one like it.
    pub fn new(
        name: impl Into<String>,
        collection: impl IntoId<CollectionId>,
        path: impl Into<String>,
    ) -> Self {
        let (mut attributes, mut relationships) = (Members::default(), Members::default());
        set_name(&mut attributes, "name", name);
        set_path(&mut attributes, "path", path);
        match collection.into_id() {
            Ok(id) => {
                relationships
                    .set("collection", serde_json::json!({"data": {"type": "Collection", "id": id}}));
            }
            Err(invalid) => relationships.refuse("collection".to_owned(), invalid.to_string()),
        }
        Self(attributes, relationships)
    }

    /// Sets an attribute that the SDK has no setter for, in place of any of the same name, and unchecked.
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.0.set(name, value.into());
        self
    }
}

impl Serialize for NewBookmark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        NewResource { kind: BOOKMARK, attributes: &self.0, relationships: Some(&self.1) }
            .serialize(serializer)
    }
}

/// Describes a change of a bookmark.
#[derive(Debug, Clone)]
#[must_use = "a document does nothing until it is sent"]
pub struct BookmarkUpdate(Members);

impl BookmarkUpdate {
    /// Leads the bookmark to this directory, which the service asks for even if it stays the same.
    pub fn new(path: impl Into<String>) -> Self {
        let mut attributes = Members::default();
        set_path(&mut attributes, "path", path);
        Self(attributes)
    }

    /// Gives the bookmark this name: 1 to 128 characters, no line breaks and no blanks around it. Default: it keeps the
    /// one that it has.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        set_name(&mut self.0, "name", name);
        self
    }

    /// Sets an attribute that the SDK has no setter for, in place of any of the same name, and unchecked.
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.0.set(name, value.into());
        self
    }
}

impl Serialize for BookmarkUpdate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        NewResource { kind: BOOKMARK, attributes: &self.0, relationships: None }.serialize(serializer)
    }
}

/// What the service calls a bookmark.
const BOOKMARK: &str = "Bookmark";
