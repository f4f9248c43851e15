//! What a URL is about, and who may do that there.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use uuid::Uuid;

use super::Refusal;
use crate::auth::principals::Who;
use crate::auth::verify::{self, Denied};
use crate::auth::{SessionRequirement, scopes};
use crate::fs::CollectionPath;
use crate::state::State;
use crate::transfer::{Collection, Permission, access};

/// A path of a collection.
pub(super) struct Target {
    pub(super) collection: Arc<Collection>,
    pub(super) path: CollectionPath,
    /// The path as text.
    pub(super) shown: String,
}

impl Target {
    /// Reads `/ID/path`.
    pub(super) fn read(state: &State, parts: &Parts) -> Result<Target, Refusal> {
        let path = parts.uri.path().trim_start_matches('/');
        let (id, rest) = path.split_once('/').unwrap_or((path, ""));
        let collection = Uuid::parse_str(id).ok().and_then(|_| state.transfer.collections.find(id).ok());
        let collection = collection
            .filter(|collection| collection.has_https())
            .ok_or_else(|| Refusal::not_found(format!("There is no HTTPS server of a collection '{id}'")))?;
        let mut shown = String::new();
        for segment in rest.split('/') {
            let segment = decoded(segment)
                .ok_or_else(|| Refusal::bad_request("The path is not UTF-8, or a name in it has a slash"))?;
            shown.push('/');
            shown.push_str(&segment);
        }
        let path = CollectionPath::parse(&shown)
            .map_err(|error| Refusal::bad_request(format!("Invalid path: {error}")))?;
        Ok(Target { collection, path, shown })
    }

    /// Whether the URL says that it is about a directory.
    pub(super) fn is_directory(&self) -> bool {
        self.shown.ends_with('/')
    }

    /// Checks the token, and what its owner may do.
    pub(super) fn authorize(
        &self,
        state: &State,
        headers: &HeaderMap,
        permission: Permission,
    ) -> Result<(), Refusal> {
        let collection = &*self.collection;
        let now = state.clock.now();
        let id = collection.id.to_string();
        let scope = scopes::https(collection.id);
        let caller = match verify::require(state, headers, &id, &[&scope]) {
            Ok(caller) => caller,
            // Some files are for everybody.
            Err(Denied::Missing)
                if collection.kind.is_guest()
                    && access::allows(collection, Who::default(), &self.path, permission, now) =>
            {
                return Ok(());
            }
            Err(Denied::Missing) => {
                return Err(Refusal::new(
                    StatusCode::UNAUTHORIZED,
                    "authentication_required",
                    format!("A token with the scope {scope} is needed"),
                ));
            }
            Err(Denied::Invalid) => {
                return Err(Refusal::new(
                    StatusCode::UNAUTHORIZED,
                    "invalid_token",
                    "The token is not active, or not for this collection",
                ));
            }
            Err(Denied::MissingScope { .. }) => {
                return Err(Refusal::forbidden(format!("The token lacks the scope {scope}")));
            }
        };
        if let Some(minutes) = collection.high_assurance {
            let within = Some(SignedDuration::from_mins(minutes.into()));
            let message = Some(format!("'{}' needs a login within {minutes} minutes", collection.name()));
            caller.meets(state, &SessionRequirement { within, message, ..SessionRequirement::default() })?;
        }
        let who = caller.who();
        if access::is_visible(collection, who, now)
            && access::allows(collection, who, &self.path, permission, now)
        {
            return Ok(());
        }
        Err(Refusal::forbidden(format!("You do not have that permission on '{}'", self.shown)))
    }
}

/// Reads one segment of a path.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_one_by_one() {
        assert_eq!(decoded("a%20b+%C3%9F%25").as_deref(), Some("a b+ß%"));
        for bad in ["%2F", "a%2fb", "%", "%4", "%zz", "%ff"] {
            assert_eq!(decoded(bad), None, "{bad}");
        }
    }
}
