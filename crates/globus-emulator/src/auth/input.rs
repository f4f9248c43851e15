//! The JSON documents that `/v2/api` takes: `{"project": {…}}` and the like.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::error::AuthError;

/// The members of such a document. Unknown ones are ignored, as the service does.
pub(crate) struct Input<'a> {
    resource: &'static str,
    members: &'a Map<String, Value>,
}

impl<'a> Input<'a> {
    /// Takes the document out of its envelope.
    pub(crate) fn read(body: &'a Value, resource: &'static str) -> Result<Input<'a>, AuthError> {
        let members = body[resource].as_object();
        let members = members
            .ok_or_else(|| AuthError::bad_request(format!("The body must be {{\"{resource}\": {{…}}}}")))?;
        Ok(Input { resource, members })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Returns a member, or `None` if it is not there. For one that may be `null`, ask for an `Option`.
    pub(crate) fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, AuthError> {
        self.members.get(name).map(|value| T::deserialize(value)).transpose().map_err(|error| {
            AuthError::bad_request(format!("{}.{name} is not usable: {error}", self.resource))
        })
    }

    pub(crate) fn required<T: DeserializeOwned>(&self, name: &str) -> Result<T, AuthError> {
        self.get(name)?.ok_or_else(|| AuthError::bad_request(format!("{}.{name} is missing", self.resource)))
    }

    /// Returns a text that must not be blank.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, AuthError> {
        match self.get::<String>(name)? {
            Some(text) if text.trim().is_empty() => {
                Err(AuthError::bad_request(format!("{}.{name} must not be empty", self.resource)))
            }
            text => Ok(text),
        }
    }

    pub(crate) fn required_text(&self, name: &str) -> Result<String, AuthError> {
        self.text(name)?.ok_or_else(|| AuthError::bad_request(format!("{}.{name} is missing", self.resource)))
    }

    /// Refuses members that cannot be changed.
    pub(crate) fn fixed(&self, names: &[&str]) -> Result<(), AuthError> {
        match names.iter().find(|name| self.has(name)) {
            Some(name) => Err(AuthError::bad_request(format!("{}.{name} cannot be changed", self.resource))),
            None => Ok(()),
        }
    }
}

/// Replaces a value by the one that is given.
pub(crate) fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *field = given;
    }
}

/// Reads an id that stands in a path. One that is not a UUID names nothing.
pub(crate) fn path_id(what: &str, id: &str) -> Result<Uuid, AuthError> {
    Uuid::parse_str(id).map_err(|_| AuthError::not_found(format!("There is no {what} {id:?}")))
}

/// Reads ids that stand in a query.
pub(crate) fn query_ids(ids: &[&str]) -> Result<Vec<Uuid>, AuthError> {
    ids.iter()
        .map(|id| Uuid::parse_str(id).map_err(|_| AuthError::bad_request(format!("{id:?} is not a UUID"))))
        .collect()
}
