//! The HTTPS server of a collection: files by URL, for who has the token of the collection's `https` scope. (Over plain
//! HTTP, as everything of the emulator.) It knows files only: directories are neither listed nor made.

mod conditions;
mod stream;
mod target;

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode, header};
use serde_json::json;

use crate::auth::gare::Gare;
use crate::fs::{Entry, Kind};
use crate::state::State;
use crate::transfer::{Collection, Permission, strike};
use conditions::{Asked, Tag};
use target::Target;

/// The server, mounted at `/https`.
pub(crate) fn router() -> Router<Arc<State>> {
    Router::new().fallback(serve)
}

/// The address of a collection's server, without a slash at the end.
pub(crate) fn base_url(state: &State, collection: &Collection) -> String {
    let url = state.local_url("https");
    format!("{url}{}", collection.id)
}

/// Why a request failed, in the words of Globus Connect Server.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// What the client can do about it.
    gare: Option<Box<Gare>>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, code, message: message.into(), gare: None }
    }

    fn not_found(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    fn forbidden(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, "permission_denied", message)
    }

    fn bad_request(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// A failure of the storage.
    fn storage(error: &io::Error) -> Refusal {
        let text = error.to_string();
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Refusal::not_found(text),
            io::ErrorKind::IsADirectory => Refusal::not_found("Is a directory: only files are served"),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Refusal::forbidden(text),
            io::ErrorKind::InvalidFilename => Refusal::bad_request(text),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Refusal::new(StatusCode::INSUFFICIENT_STORAGE, "no_space_left", text)
            }
            io::ErrorKind::NotConnected => Refusal::new(StatusCode::BAD_GATEWAY, "not_connected", text),
            _ => Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error", text),
        }
    }
}

impl From<Gare> for Refusal {
    fn from(gare: Gare) -> Refusal {
        let message = gare.message.clone();
        Refusal { gare: Some(Box::new(gare)), ..Refusal::forbidden(message) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut document = json!({
            "DATA_TYPE": "result#1.0.0",
            "code": self.code,
            "http_response_code": self.status.as_u16(),
            "message": self.message,
            "detail": null,
        });
        if let Some(gare) = self.gare {
            document["code"] = json!(gare.code);
            for (name, value) in gare.members() {
                document[name] = value;
            }
        }
        let mut response = (self.status, Json(document)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

async fn serve(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let permission = match parts.method {
        Method::GET | Method::HEAD => Permission::Read,
        Method::PUT | Method::DELETE => Permission::Write,
        _ => return Ok(wrong_method(&parts.method)),
    };
    let target = Target::read(&state, &parts)?;
    target.authorize(&state, &parts.headers, permission)?;
    strike(&state, &target.shown).map_err(|error| Refusal::storage(&error))?;
    match parts.method {
        Method::PUT => put(target, &parts, body).await,
        Method::DELETE => blocking(move || delete(&target, &parts)).await,
        _ => blocking(move || get(&target, &parts)).await,
    }
}

fn wrong_method(method: &Method) -> Response {
    let message = format!("{method} is not supported");
    let mut response =
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message).into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, PUT, DELETE"));
    response
}

/// Runs work that waits for the disk on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let died = |error: tokio::task::JoinError| Refusal::storage(&io::Error::other(error));
    tokio::task::spawn_blocking(work).await.map_err(died)?
}

/// Describes the file, which must be one.
fn file(target: &Target) -> Result<Entry, Refusal> {
    let entry = target.collection.root.stat(&target.path).map_err(|error| Refusal::storage(&error))?;
    match entry.kind {
        Kind::File => Ok(entry),
        Kind::Dir => Err(Refusal::storage(&io::ErrorKind::IsADirectory.into())),
        _ => Err(Refusal::not_found("Not a file: only files are served")),
    }
}

fn get(target: &Target, parts: &Parts) -> Result<Response, Refusal> {
    let entry = file(target)?;
    let tag = Tag::of(&entry);
    let asked = conditions::judge(&parts.headers, &tag, entry.size);
    let builder = Response::builder()
        .header(header::ETAG, tag.text())
        .header(header::LAST_MODIFIED, tag.date())
        .header(header::ACCEPT_RANGES, "bytes");
    let builder = match asked {
        Asked::Failed => return Err(precondition_failed()),
        Asked::NotModified => return finished(builder.status(StatusCode::NOT_MODIFIED), Body::empty()),
        Asked::OutOfRange => {
            let range = format!("bytes */{}", entry.size);
            let builder =
                builder.status(StatusCode::RANGE_NOT_SATISFIABLE).header(header::CONTENT_RANGE, range);
            return finished(builder, Body::empty());
        }
        Asked::All => builder,
        Asked::Part(start, end) => builder
            .status(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, format!("bytes {start}-{}/{}", end - 1, entry.size)),
    };
    let (start, end) = match asked {
        Asked::Part(start, end) => (start, end),
        _ => (0, entry.size),
    };
    let mut builder = builder
        .header(header::CONTENT_TYPE, content_type(&entry.name))
        .header(header::CONTENT_LENGTH, end - start);
    if parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "download")) {
        builder = builder.header(header::CONTENT_DISPOSITION, "attachment");
    }
    if parts.method == Method::HEAD {
        return finished(builder, Body::empty());
    }
    let file = target.collection.root.open_file(&target.path).map_err(|error| Refusal::storage(&error))?;
    finished(builder, stream::read(file, start, end).map_err(|error| Refusal::storage(&error))?)
}

fn finished(builder: http::response::Builder, body: Body) -> Result<Response, Refusal> {
    builder.body(body).map_err(|error| Refusal::storage(&io::Error::other(error)))
}

fn precondition_failed() -> Refusal {
    Refusal::new(StatusCode::PRECONDITION_FAILED, "precondition_failed", "The file is another one")
}

/// What the name says about the content.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("txt") => "text/plain",
        Some("csv") => "text/csv",
        Some("html" | "htm") => "text/html",
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        _ => "application/octet-stream",
    }
}

/// Writes a file; its directory must exist. Nobody sees it before it is whole.
async fn put(target: Target, parts: &Parts, body: Body) -> Result<Response, Refusal> {
    if parts.headers.contains_key(header::CONTENT_RANGE) {
        return Err(Refusal::bad_request("Content-Range: only whole files can be written"));
    }
    if target.is_directory() {
        return Err(Refusal::bad_request("Only files can be written: the path ends with a slash"));
    }
    let headers = parts.headers.clone();
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let (chunks, writer) = stream::write(move |next| {
        let root = &target.collection.root;
        let there = root.stat(&target.path).ok();
        if !conditions::may_write(&headers, there.as_ref().map(Tag::of).as_ref()) {
            return Err(precondition_failed());
        }
        let parent = root.stat(&target.path.parent()).map_err(|error| Refusal::storage(&error))?;
        if parent.kind != Kind::Dir {
            return Err(Refusal::storage(&io::ErrorKind::NotADirectory.into()));
        }
        let written = root.write_file(&target.path, next).map_err(|error| Refusal::storage(&error))?;
        let status = if there.is_some() { StatusCode::OK } else { StatusCode::CREATED };
        Ok((status, written))
    });
    stream::pass(body, chunks, announced).await?;
    let died = |error: tokio::task::JoinError| Refusal::storage(&io::Error::other(error));
    let (status, written) = writer.await.map_err(died)??;
    let message = format!("{written} bytes were written");
    let document = json!({
        "DATA_TYPE": "result#1.0.0", "code": "success", "http_response_code": status.as_u16(), "message": message,
    });
    Ok((status, Json(document)).into_response())
}

fn delete(target: &Target, parts: &Parts) -> Result<Response, Refusal> {
    let entry = file(target)?;
    if !conditions::may_write(&parts.headers, Some(&Tag::of(&entry))) {
        return Err(precondition_failed());
    }
    target.collection.root.remove(&target.path).map_err(|error| Refusal::storage(&error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
