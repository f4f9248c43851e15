//! Listing directories, and small operations on files.

mod helpers;
mod models;
pub(crate) mod path;
mod walk;

use globus_core::{CollectionId, request};

pub use self::{
    models::{FileEntry, FileList, FileType, OperationResult, ResultCode},
    path::{CollectionPath, InvalidCollectionPath},
    walk::{Walk, WalkCursor, WalkEntry, WalkFailure, WalkItem, Walking},
};
use crate::{Filters, TransferClient, filter::filter_setter};

request! {
    /// # File operations
    ///
    /// They happen at once, on the collection itself. To copy or delete, submit a task: see [`crate::submit`].
    impl TransferClient {
        /// Lists a directory.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let listing = transfer
        ///     .operation_ls("ddb59aef-6d04-11e5-ba46-22000b92c6ec")
        ///     .path("/~/runs/")
        ///     .filter("type:file/name:~*.csv")
        ///     .send()
        ///     .await?;
        /// for entry in &listing.data {
        ///     println!("{:>12} {}", entry.size.unwrap_or(0), entry.name);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Gives up to 100,000 entries; [`FileList::total`] says how many there are.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
        /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such directory,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when it may not be listed,
        /// [`needs_consent`](globus_core::Error::needs_consent) when the user has to consent to `data_access` of a
        /// mapped collection, [`is_code`](globus_core::Error::is_code)`("ExternalError.DirListingFailed")` when the
        /// storage refused, e.g. with the suffix `NotDirectory`, `SizeLimit` or `GCDisconnected`.
        ///
        /// Service: <https://docs.globus.org/api/transfer/file_operations/#list_directory_contents>
        #[doc(alias = "ls")]
        fn operation_ls(endpoint_id: id CollectionId) -> OperationLs => FileList {
            GET "v0.10" / "operation" / "endpoint" / endpoint_id / "ls";
            query {
                /// Names the directory. Default: the collection's default directory, else the home directory on
                /// mapped collections and `/` on guest collections.
                path: text;
                /// Gives entries whose name begins with a dot too. Service default: true.
                show_hidden: digit_flag;
                /// Gives at most this many entries. Service default and most: 100,000.
                limit: number u32;
                /// Leaves out this many entries at the beginning. Service default: 0.
                offset: number u64;
                /// Sorts by these fields, each as `name`, `name ASC` or `name DESC`: `group`, `last_modified`, `name`,
                /// `permissions`, `size`, `type`, `user`. Service default: `name`.
                orderby: joined;
                /// Reads as this account, on mapped collections where the user has several. Service default: the
                /// account that the collection picks.
                local_user: text;
            }
        }

        /// Describes one file or directory.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let found = transfer.operation_stat("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "/~/runs/1.csv").send().await;
        /// let exists = match found {
        ///     Ok(_) => true,
        ///     Err(error) if error.is_not_found() => false,
        ///     Err(error) => return Err(error),
        /// };
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
        /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is nothing at that path, otherwise as
        /// [`operation_ls`](Self::operation_ls).
        ///
        /// Service: <https://docs.globus.org/api/transfer/file_operations/#stat>
        #[doc(alias = "stat")]
        fn operation_stat(endpoint_id: id CollectionId, path: text) -> OperationStat => FileEntry {
            GET "v0.10" / "operation" / "endpoint" / endpoint_id / "stat";
            with query { "path" = path; }
            query {
                /// Reads as this account, on mapped collections where the user has several. Service default: the
                /// account that the collection picks.
                local_user: text;
            }
        }

        /// Makes a directory; its parent has to be there.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let made = transfer.operation_mkdir("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "/~/runs/").send().await;
        /// match made {
        ///     Ok(_) => {}
        ///     Err(error) if error.is_code("ExternalError.MkdirFailed.Exists") => {}
        ///     Err(error) => return Err(error),
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
        /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
        ///
        /// # Errors
        /// [`is_code`](globus_core::Error::is_code)`("ExternalError.MkdirFailed.Exists")` when it is there already,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when it may not be made there,
        /// [`needs_consent`](globus_core::Error::needs_consent) when the user has to consent to `data_access` of a
        /// mapped collection.
        ///
        /// Service: <https://docs.globus.org/api/transfer/file_operations/#make_directory>
        #[doc(alias = "mkdir")]
        fn operation_mkdir(endpoint_id: id CollectionId, path: text) -> OperationMkdir => OperationResult {
            POST "v0.10" / "operation" / "endpoint" / endpoint_id / "mkdir";
            with json { "DATA_TYPE" = "mkdir"; "path" = path; }
            json {
                /// Makes it as this account, on mapped collections where the user has several. Service default: the
                /// account that the collection picks.
                local_user: text;
            }
        }

        /// Renames or moves a file, a directory or a symbolic link, within one filesystem of one collection.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// transfer
        ///     .operation_rename("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "/~/new", "/~/done/2026-01-31")
        ///     .send()
        ///     .await?;
        /// # Ok(()) }
        /// ```
        ///
        /// The parent of the new path has to be there, and nothing may be at the new path yet.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
        /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is nothing at the old path,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when it may not be renamed,
        /// [`is_code`](globus_core::Error::is_code)`("EndpointError")` when the storage refused.
        ///
        /// Service: <https://docs.globus.org/api/transfer/file_operations/#rename>
        #[doc(alias = "rename")]
        #[doc(alias = "mv")]
        fn operation_rename(endpoint_id: id CollectionId, old_path: text, new_path: text) -> OperationRename => OperationResult {
            POST "v0.10" / "operation" / "endpoint" / endpoint_id / "rename";
            with json { "DATA_TYPE" = "rename"; "old_path" = old_path; "new_path" = new_path; }
            json {
                /// Renames as this account, on mapped collections where the user has several. Service default: the
                /// account that the collection picks.
                local_user: text;
            }
        }
    }
}

request! {
    /// # Legacy: symbolic links
    impl TransferClient {
        /// Makes a symbolic link.
        ///
        /// ```no_run
        /// # #[expect(deprecated)]
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let id = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";
        /// match transfer.operation_symlink(id, "/~/runs/7", "/~/latest").send().await {
        ///     Err(error) if error.is_code("NotSupported") => println!("no links here"),
        ///     other => drop(other?),
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// [`FileList::symlink_supported`] says whether a collection makes links. The target need not be there.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
        /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
        ///
        /// # Errors
        /// [`is_code`](globus_core::Error::is_code)`("NotSupported")` when the collection makes no links,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when it may not be made there,
        /// [`needs_consent`](globus_core::Error::needs_consent) when the user has to consent to `data_access` of a
        /// mapped collection.
        ///
        /// Service: <https://docs.globus.org/api/transfer/file_operations/>
        #[deprecated = "no collection of today makes symbolic links this way: transfer the directory that has the link, \
                        with `recursive_symlinks`"]
        fn operation_symlink(endpoint_id: id CollectionId, symlink_target: text, path: text) -> OperationSymlink => OperationResult {
            POST "v0.10" / "operation" / "endpoint" / endpoint_id / "symlink";
            with json { "DATA_TYPE" = "symlink"; "path" = path; "symlink_target" = symlink_target; }
        }
    }
}

filter_setter! {
    OperationLs, Filters,
    /// Gives only entries that meet this filter, or one of these filters.
    ///
    /// Fields: `name`, `type`, `size`, `last_modified`, `user`, `group`, `permissions`. A second call replaces the first.
}
