//! The newer API of the service, in the form of JSON:API: envelopes, errors, pages.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::query::Query;
use super::reply::TransferError;
use super::{RESOURCE_SERVER, SCOPE};
use crate::auth::verify;
use crate::server::RequestId;
use crate::server::body::BodyFault;
use crate::server::text::in_url;
use crate::state::State;

/// How much there is on a page unless the client says.
const PAGE: usize = 100;
/// The largest page.
const LARGEST_PAGE: usize = 1000;

/// Who sent a request, checked.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) identity: verify::Caller,
    request_id: String,
}

impl FromRequestParts<Arc<State>> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Caller, Error> {
        let RequestId(request_id) = parts.extensions.get().cloned().unwrap_or_else(RequestId::random);
        match verify::require(state, &parts.headers, RESOURCE_SERVER, &[SCOPE]) {
            Ok(identity) => Ok(Caller { identity, request_id }),
            Err(denied) => Err(TransferError::from(denied).into()),
        }
    }
}

impl Caller {
    /// An answer around a resource, or several.
    pub(super) fn reply(&self, status: StatusCode, data: &Value) -> Response {
        (status, Json(json!({ "data": data, "meta": { "request_id": self.request_id } }))).into_response()
    }

    /// A page of resources.
    pub(super) fn page(&self, page: Page) -> Response {
        self.finish(page.document())
    }

    /// A document, which gets its `meta`.
    pub(super) fn finish(&self, mut document: Value) -> Response {
        document["meta"] = json!({ "request_id": self.request_id });
        Json(document).into_response()
    }
}

/// Why a request of the newer API failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Error {
    Failed(TransferError),
    /// The document does not fit its schema.
    Unfit {
        /// Where in the document: names, from the outside in.
        at: Vec<&'static str>,
        message: String,
    },
}

impl Error {
    pub(super) fn not_found(detail: impl Into<String>) -> Error {
        TransferError::new(StatusCode::NOT_FOUND, "NotFound", detail).into()
    }

    pub(super) fn conflict(detail: impl Into<String>) -> Error {
        TransferError::conflict(detail).into()
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Error {
        TransferError::bad_request(detail).into()
    }

    pub(super) fn unfit(at: &[&'static str], message: impl Into<String>) -> Error {
        Error::Unfit { at: at.to_vec(), message: message.into() }
    }
}

impl From<TransferError> for Error {
    fn from(error: TransferError) -> Error {
        Error::Failed(error)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Error::Failed(error) => error.into_response(),
            Error::Unfit { at, message } => {
                let place: Vec<&str> = std::iter::once("body").chain(at).collect();
                let detail = json!({ "loc": place, "msg": message, "type": "value_error" });
                (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "detail": [detail] }))).into_response()
            }
        }
    }
}

/// The `data` of a document that a client sent: a resource of the type that is due.
#[derive(Debug)]
pub(super) struct Resource(Value);

impl FromRequest<Arc<State>> for Resource {
    type Rejection = Error;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Resource, Error> {
        let bytes = axum::body::Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection: BytesRejection| {
            let fault = BodyFault::from(rejection);
            TransferError::new(fault.status(), "BadRequest", fault.to_string())
        })?;
        let document: Value = serde_json::from_slice(&bytes)
            .map_err(|error| Error::unfit(&[], format!("JSON decode error: {error}")))?;
        let data = document.get("data").filter(|data| data.is_object());
        let data = data.ok_or_else(|| Error::unfit(&["data"], "expected a resource"))?;
        for part in ["attributes", "relationships"] {
            if data.get(part).is_some_and(|members| !members.is_object()) {
                return Err(Error::unfit(&["data", part], "expected an object"));
            }
        }
        Ok(Resource(data.clone()))
    }
}

impl Resource {
    /// Checks the type, which must be given.
    pub(super) fn check_type(&self, expected: &str) -> Result<(), Error> {
        if self.0["type"] == expected {
            return Ok(());
        }
        Err(Error::unfit(&["data", "type"], format!("expected '{expected}'")))
    }

    /// Whether an attribute is given, be it `null`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0["attributes"].get(name).is_some()
    }

    /// An attribute that is a text; `null` and absence are the same here.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>, Error> {
        self.typed(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// An attribute that is a number from `least` to `most`.
    pub(super) fn number(&self, name: &'static str, least: u64, most: u64) -> Result<Option<u64>, Error> {
        let expected = format!("a number from {least} to {most}");
        self.typed(name, &expected, |value| value.as_u64().filter(|number| (least..=most).contains(number)))
    }

    /// An attribute that is `true` or `false`.
    pub(super) fn flag(&self, name: &'static str) -> Result<Option<bool>, Error> {
        self.typed(name, "a boolean", Value::as_bool)
    }

    fn typed<T>(
        &self,
        name: &'static str,
        expected: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        match self.0["attributes"].get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let unfit = || Error::unfit(&["data", "attributes", name], format!("expected {expected}"));
                read(value).map(Some).ok_or_else(unfit)
            }
        }
    }

    /// The id of the one resource of a relationship, which is of this type.
    pub(super) fn related(&self, name: &'static str, kind: &str) -> Result<&str, Error> {
        let at = ["data", "relationships", name];
        let related = &self.0["relationships"][name]["data"];
        if related.get("type").is_some_and(|given| given != kind) {
            return Err(Error::unfit(&at, format!("expected a resource of the type '{kind}'")));
        }
        related["id"].as_str().ok_or_else(|| Error::unfit(&at, "expected the id of a resource"))
    }
}

/// Some resources of a list, and where the next ones are.
#[derive(Debug)]
pub(super) struct Page {
    data: Vec<Value>,
    next: Option<String>,
}

impl Page {
    pub(super) fn document(self) -> Value {
        json!({ "data": self.data, "links": self.next.map(|next| json!({ "next": next })) })
    }

    /// Cuts the page out that the query asks for; `path` is that of the list, below the service.
    pub(super) fn cut(
        all: &[Value],
        query: &Query,
        (state, headers): (&State, &HeaderMap),
        path: &str,
    ) -> Result<Page, Error> {
        let limit = query.number("page[limit]", 1)?.unwrap_or(PAGE).min(LARGEST_PAGE);
        let start = query.number("page[marker]", 0)?.unwrap_or(0).min(all.len());
        let end = start.saturating_add(limit).min(all.len());
        let next = (end < all.len()).then(|| {
            // The filters of this page are those of the next one.
            let kept = query.pairs().filter(|(name, _)| *name != "page[marker]");
            let pairs = kept.map(|(name, value)| format!("{}={}&", in_url(name), in_url(value)));
            let pairs: String = pairs.collect();
            format!("{}{path}?{pairs}page%5Bmarker%5D={end}", state.public_url(headers, "transfer"))
        });
        Ok(Page { data: all[start..end].to_vec(), next })
    }
}
