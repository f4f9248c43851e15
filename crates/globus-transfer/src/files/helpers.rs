//! File operations that take more than one request.

use globus_core::{CollectionId, Error, IntoId, Result, RetryPolicy};
use serde_json::json;

use super::{FileEntry, path::parent};
use crate::{Filter, TransferClient};

/// # Helpers for files
impl TransferClient {
    /// Describes one file or directory; `None` when there is nothing.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// match transfer.stat("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "/~/runs/1.csv").await? {
    ///     Some(found) => println!("{:?} bytes", found.size),
    ///     None => println!("not there"),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// Where a collection cannot describe a single path, the directory that it is in is listed.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
    /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
    ///
    /// # Errors
    /// As [`operation_stat`](Self::operation_stat), but for what is not there.
    pub async fn stat(
        &self,
        endpoint_id: impl IntoId<CollectionId>,
        path: impl AsRef<str>,
    ) -> Result<Option<FileEntry>> {
        let (endpoint_id, path) = (endpoint_id.into_id()?, path.as_ref());
        match self.operation_stat(endpoint_id, path).send().await {
            Ok(found) => Ok(Some(found)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) if cannot_stat(&error) => self.stat_by_listing(endpoint_id, path).await,
            Err(error) => Err(error),
        }
    }

    /// Tells whether there is a file or directory.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// if !transfer.exists("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "/~/runs/done").await? {
    ///     println!("not yet");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
    /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
    ///
    /// # Errors
    /// As [`stat`](Self::stat): that it cannot be told is no `false`.
    pub async fn exists(
        &self,
        endpoint_id: impl IntoId<CollectionId>,
        path: impl AsRef<str>,
    ) -> Result<bool> {
        Ok(self.stat(endpoint_id, path).await?.is_some())
    }

    /// Makes a directory with all that lead to it; those that are there already stay as they are. Gives the paths that
    /// it made, from the top down.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// let made = transfer.mkdir_all("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "/~/runs/2026/01/31/").await?;
    /// println!("{} are new", made.len());
    /// # Ok(()) }
    /// ```
    ///
    /// Safe to repeat, and to do from several programs at a time: retried after any failure. A directory whose answer was
    /// lost on the way may not be among those that it made.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
    /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
    ///
    /// # Errors
    /// As [`operation_mkdir`](Self::operation_mkdir); with the code `ExternalError.MkdirFailed.Exists` when there is a
    /// file where a directory should be.
    #[doc(alias = "mkdir -p")]
    pub async fn mkdir_all(
        &self,
        endpoint_id: impl IntoId<CollectionId>,
        path: impl AsRef<str>,
    ) -> Result<Vec<String>> {
        let endpoint_id = endpoint_id.into_id()?;
        let mut missing = vec![path.as_ref().to_owned()];
        let mut made = Vec::new();
        // Up to what is there, then down again.
        while let Some(path) = missing.last() {
            let again_if_lost = RetryPolicy::permissive();
            let result = self.operation_mkdir(endpoint_id, path).with_retry(again_if_lost).send().await;
            match result {
                Ok(_) => made.extend(missing.pop()),
                Err(error) if error.is_code("ExternalError.MkdirFailed.Exists") => {
                    let found = self.stat(endpoint_id, path).await?;
                    if found.is_some_and(|found| !found.is_dir()) {
                        return Err(error);
                    }
                    missing.pop();
                }
                Err(error) => match parent(path) {
                    // Its directory was made, or was there: then it is something else.
                    Some(parent)
                        if lacks_parent(&error) && made.last().map(String::as_str) != Some(parent) =>
                    {
                        if self.exists(endpoint_id, parent).await? {
                            return Err(error);
                        }
                        missing.push(parent.to_owned());
                    }
                    _ => return Err(error),
                },
            }
        }
        Ok(made)
    }

    async fn stat_by_listing(&self, endpoint_id: CollectionId, path: &str) -> Result<Option<FileEntry>> {
        let Some(directory) = parent(path) else {
            // A root is in no directory; that it can be listed is all that can be known of it.
            return match self.operation_ls(endpoint_id).path(path).limit(1).send().await {
                Ok(_) => root(path).map(Some),
                Err(error) if is_missing(&error) => Ok(None),
                Err(error) => Err(error),
            };
        };
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let mut request = self.operation_ls(endpoint_id).path(directory);
        // A filter has no way to write these.
        if !name.contains([',', ':', '~', '!', '=', '<', '>', '*', '?']) {
            request = request.filter(Filter::new().field("name", format!("={name}")));
        }
        match request.send().await {
            Ok(listing) => Ok(listing.data.into_iter().find(|entry| entry.name == name)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn root(path: &str) -> Result<FileEntry> {
    let name = path.trim_matches('/');
    serde_json::from_value(json!({"DATA_TYPE": "file", "name": name, "type": "dir"}))
        .map_err(|error| Error::invalid_input(error.to_string()))
}

/// Tells whether the collection has no way to describe a single path.
fn cannot_stat(error: &Error) -> bool {
    error.is_code("NotSupported")
        || error.is_code("EndpointError")
        || error.status().is_some_and(|status| matches!(status.as_u16(), 405 | 501))
}

/// Tells whether it is the path that is not there. A collection that is not there, or an answer that is none of the
/// service, says nothing about paths.
fn is_missing(error: &Error) -> bool {
    error.is_not_found()
        && error.code().is_some()
        && !error.is_code("EndpointNotFound")
        && !error.is_code("EndpointDeleted")
}

/// Tells whether a directory may not have been made because the one that it is in is missing. There is no code of its
/// own for that.
fn lacks_parent(error: &Error) -> bool {
    is_missing(error)
        || error.is_code("EndpointError")
        || error.is_code("ExternalError.MkdirFailed") && !error.is_permission_denied()
}
