//! Files of a collection over HTTPS: reading and writing them without a task, and without Globus Connect Personal.
//!
//! ```no_run
//! # use globus_core::Authorizer;
//! # async fn example(transfer: globus_transfer::TransferClient, token: impl Authorizer + 'static) -> globus_transfer::Result<()> {
//! let collection = transfer.get_endpoint("ddb59aef-6d04-11e5-ba46-22000b92c6ec").send().await?;
//! // A token for this collection alone: with the scope that `collection.https_scope()` gives.
//! let files = transfer.https(&collection, token)?;
//! files.download("/runs/7/image.h5", "image.h5").send().await?;
//! files.upload("notes.txt", "/runs/7/notes.txt").send().await?;
//! let first = files.get("/runs/7/image.h5").range(0, 1024).send().await?.bytes().await?;
//! # Ok(()) }
//! ```
//!
//! Collections on Globus Connect Server have an HTTPS server, those on Globus Connect Personal have none. The token is
//! the collection's own: its resource server is the collection's id.

mod checksum;
mod download;
mod tree;
mod upload;

use std::time::Duration;

use bytes::Bytes;
use globus_core::{
    Authorizer, BaseClient, Call, CollectionId, Error, ErrorKind, Result, RetryPolicy, Scope, Timestamp,
    scope,
    transport::{Body, Response, ResponseBody},
};
use http::{HeaderMap, Method, StatusCode, header};
use tokio::time::timeout;
use url::Url;

pub use self::{
    checksum::Checksum,
    download::{Download, Downloaded},
    tree::{DownloadTree, TreeFailure, TreeReport, UploadTree},
    upload::Upload,
};
use crate::{Endpoint, TransferClient};

/// How long a server may send nothing in the middle of a file.
const SILENCE: Duration = Duration::from_secs(60);

impl Endpoint {
    /// Gives the scope of tokens for the files of this collection over HTTPS. Their resource server is the
    /// collection's id.
    ///
    /// A mapped collection asks for the user's consent to `data_access` besides: see
    /// [`needs_data_access`](Self::needs_data_access).
    #[must_use]
    pub fn https_scope(&self) -> Scope {
        scope::gcs::https(self.id)
    }
}

/// # Files over HTTPS
impl TransferClient {
    /// Gives the way to the files of a collection over HTTPS. Asks for nothing yet.
    ///
    /// The authorizer gives tokens with the collection's [`https_scope`](Endpoint::https_scope). They go to the
    /// collection's server and nowhere else.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the collection has no HTTPS server.
    pub fn https(
        &self,
        collection: &Endpoint,
        authorizer: impl Authorizer + 'static,
    ) -> Result<CollectionFiles> {
        let server =
            collection.https_server.as_deref().filter(|server| !server.is_empty()).ok_or_else(|| {
                Error::invalid_input(format!(
                    "collection {} has no HTTPS server: those on Globus Connect Personal have none",
                    collection.id
                ))
            })?;
        let text = if server.contains("://") { server.to_owned() } else { format!("https://{server}") };
        let mut url: Url = text.parse().map_err(|error| {
            Error::invalid_input(format!("{server:?} is not the address of an HTTPS server: {error}"))
        })?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let base = self.base().elsewhere(url).authorized_by(authorizer);
        Ok(CollectionFiles { transfer: self.clone(), base, collection: collection.id })
    }
}

/// Reads and writes the files of one collection over HTTPS. Made by [`TransferClient::https`]; cheap to clone.
#[derive(Debug, Clone)]
pub struct CollectionFiles {
    transfer: TransferClient,
    base: BaseClient,
    collection: CollectionId,
}

impl CollectionFiles {
    /// Gives the collection.
    #[must_use]
    pub fn collection(&self) -> CollectionId {
        self.collection
    }

    /// Asks how large a file is and when it changed, without its content.
    ///
    /// ```no_run
    /// # async fn example(files: globus_transfer::https::CollectionFiles) -> globus_transfer::Result<()> {
    /// let head = files.head("/runs/7/image.h5").await?;
    /// println!("{:?} bytes, changed {:?}", head.size, head.last_modified);
    /// # Ok(()) }
    /// ```
    ///
    /// Scope: that of the collection, [`Endpoint::https_scope`](crate::Endpoint::https_scope).
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) when there is no such file,
    /// [`is_permission_denied`](Error::is_permission_denied) when the user may not read it,
    /// [`is_unauthorized`](Error::is_unauthorized) when the token is none for this collection.
    pub async fn head(&self, path: impl AsRef<str>) -> Result<FileHead> {
        let answer = self.call(Method::HEAD, path.as_ref()).send_streaming().await?;
        check(&answer, &[StatusCode::OK])?;
        Ok(FileHead::of(&answer.headers))
    }

    /// Reads a file, or a part of it.
    ///
    /// ```no_run
    /// # async fn example(files: globus_transfer::https::CollectionFiles) -> globus_transfer::Result<()> {
    /// let mut body = files.get("/runs/7/image.h5").send().await?;
    /// while let Some(chunk) = body.chunk().await? {
    ///     println!("{} bytes more", chunk.len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// Scope: that of the collection, [`Endpoint::https_scope`](crate::Endpoint::https_scope).
    ///
    /// # Errors
    /// As [`head`](Self::head).
    pub fn get(&self, path: impl AsRef<str>) -> GetFile {
        GetFile { call: self.call(Method::GET, path.as_ref()), range: None, condition: None }
    }

    /// Writes a file: makes it, or replaces what is there. Retried after any failure.
    ///
    /// ```no_run
    /// # async fn example(files: globus_transfer::https::CollectionFiles) -> globus_transfer::Result<()> {
    /// files.put("/runs/7/README.md", "Run 7\n".to_owned()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// For files on this machine see [`upload`](Self::upload).
    ///
    /// Scope: that of the collection, [`Endpoint::https_scope`](crate::Endpoint::https_scope).
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) when the directory is not there,
    /// [`is_permission_denied`](Error::is_permission_denied) when the user may not write there.
    pub async fn put(&self, path: impl AsRef<str>, content: impl Into<Body>) -> Result<()> {
        let call = self.call(Method::PUT, path.as_ref()).body(content).with_timeout(None);
        let answer = call.send_streaming().await?;
        check(&answer, &[StatusCode::OK, StatusCode::CREATED, StatusCode::ACCEPTED, StatusCode::NO_CONTENT])
    }

    /// Deletes a file. What is not there is an error.
    ///
    /// ```no_run
    /// # async fn example(files: globus_transfer::https::CollectionFiles) -> globus_transfer::Result<()> {
    /// match files.delete("/runs/7/README.md").await {
    ///     Err(error) if error.is_not_found() => {}
    ///     other => other?,
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// Scope: that of the collection, [`Endpoint::https_scope`](crate::Endpoint::https_scope).
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found) when there is no such file,
    /// [`is_permission_denied`](Error::is_permission_denied) when the user may not delete it.
    pub async fn delete(&self, path: impl AsRef<str>) -> Result<()> {
        let answer = self.call(Method::DELETE, path.as_ref()).send_streaming().await?;
        check(&answer, &[StatusCode::OK, StatusCode::ACCEPTED, StatusCode::NO_CONTENT])
    }

    fn call(&self, method: Method, path: &str) -> Call {
        let mut call = self.base.operation(method, "/{path}").confidential();
        let path = path.strip_prefix('/').unwrap_or(path);
        for segment in path.split('/') {
            call.segment("path", segment);
        }
        // The file as it is: a compressed one has neither its size nor its ranges. And a plain refusal of a bad token,
        // instead of the page where people log in.
        call.with_header("accept", "*/*")
            .with_header("accept-encoding", "identity")
            .with_header("x-requested-with", "XMLHttpRequest")
    }
}

/// Refuses answers that are neither errors nor what was asked for, such as the page where people log in.
fn check(answer: &Response, expected: &[StatusCode]) -> Result<()> {
    if expected.contains(&answer.status) {
        return Ok(());
    }
    let message = match answer.status.as_u16() {
        300..400 => {
            "the collection's server leads elsewhere instead of answering: its token may be none for it"
        }
        _ => "the collection's server did not do what it was asked for",
    };
    Err(Error::new(ErrorKind::Decode, format!("{}: {message}", answer.status)))
}

/// Says what a file is like.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileHead {
    /// The size in bytes.
    pub size: Option<u64>,
    /// The server's mark of this version of the file.
    pub etag: Option<String>,
    /// When the content changed last.
    pub last_modified: Option<Timestamp>,
    /// The type of the content, as the server sees it.
    pub content_type: Option<String>,
    /// Whether parts of it can be read.
    pub accepts_ranges: bool,
    /// The mark by which to tell that the file has changed: the `ETag`, else the time.
    validator: Option<String>,
}

impl FileHead {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let etag = text(header::ETAG);
        let modified = text(header::LAST_MODIFIED);
        // A weak mark does not promise the same bytes.
        let strong = etag.clone().filter(|etag| !etag.starts_with("W/"));
        Self {
            size: text(header::CONTENT_LENGTH).and_then(|text| text.parse().ok()),
            last_modified: modified.as_deref().and_then(http_date),
            accepts_ranges: text(header::ACCEPT_RANGES).is_some_and(|units| units.contains("bytes")),
            content_type: text(header::CONTENT_TYPE),
            validator: strong.or(modified),
            etag,
        }
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    let mut words = text.split_once(", ")?.1.split(' ');
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    format!("{year}-{month:02}-{day}T{time}Z").parse().ok()
}

/// Is a request for [`CollectionFiles::get`]: set what is optional, then send it.
#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct GetFile {
    call: Call,
    range: Option<(u64, Option<u64>)>,
    condition: Option<String>,
}

impl GetFile {
    /// Reads from this byte on, this many bytes, or all that are left. A length of zero reads nothing, and fails.
    pub fn range(mut self, start: u64, length: impl Into<Option<u64>>) -> Self {
        self.range = Some((start, length.into()));
        self
    }

    /// Tries this request again as the policy says. Default: the client's.
    pub fn with_retry(mut self, policy: RetryPolicy) -> Self {
        self.call = self.call.with_retry(policy);
        self
    }

    /// Reads the part only if the file is still this one.
    fn if_still(mut self, validator: Option<&str>) -> Self {
        self.condition = validator.map(str::to_owned);
        self
    }

    /// Asks for the file; its content comes as it is taken.
    ///
    /// # Errors
    /// As [`CollectionFiles::head`]; [`status`](Error::status) 416 when the file is shorter than where the part begins;
    /// [`ErrorKind::Decode`] when the server cannot give parts.
    pub async fn send(self) -> Result<FileBody> {
        let Self { mut call, range, condition } = self;
        let mut expected = StatusCode::OK;
        if let Some((start, length)) = range {
            let text = match length {
                Some(0) => return Err(Error::invalid_input("the part of the file has no bytes")),
                Some(length) => format!("bytes={start}-{}", start.saturating_add(length - 1)),
                None => format!("bytes={start}-"),
            };
            expected = StatusCode::PARTIAL_CONTENT;
            call = call.with_header("range", &text);
            if let Some(validator) = condition {
                call = call.with_header("if-range", &validator);
            }
        }
        let answer = call.send_streaming().await?;
        check(&answer, &[expected])?;
        let mut whole = None;
        if let Some((start, _)) = range {
            let given = answer.headers.get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
            let begins = given.and_then(|text| text.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok());
            if begins != Some(start) {
                let message = format!("asked for bytes from {start} on, and was given {given:?}");
                return Err(Error::new(ErrorKind::Decode, message));
            }
            whole = given.and_then(|text| text.rsplit_once('/')?.1.parse().ok());
        }
        Ok(FileBody { head: FileHead::of(&answer.headers), body: answer.body, whole })
    }
}

/// Holds the content of a file, to be taken piece by piece or whole.
#[derive(Debug)]
pub struct FileBody {
    head: FileHead,
    body: ResponseBody,
    /// Of a part, how large the whole file is.
    whole: Option<u64>,
}

impl FileBody {
    /// Says what the file is like; of a part, the size is that of the part.
    #[must_use]
    pub fn head(&self) -> &FileHead {
        &self.head
    }

    /// Gives the next piece; `None` at the end.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the connection breaks, [`ErrorKind::Timeout`] when nothing comes for a minute.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        match timeout(SILENCE, self.body.chunk()).await {
            Ok(chunk) => Ok(chunk?),
            Err(_) => Err(Error::new(ErrorKind::Timeout, "the server has sent nothing for a minute")),
        }
    }

    /// Gives all that is left.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk).
    pub async fn bytes(mut self) -> Result<Bytes> {
        let mut all = bytes::BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }
}

/// Says what this machine refused, and where.
fn local(doing: &str, path: &std::path::Path, error: std::io::Error) -> Error {
    Error::invalid_input(format!("cannot {doing} {}: {error}", path.display())).with_source(error)
}
