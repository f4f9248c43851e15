//! The Globus Auth Requirements Error: what the caller has to do before a request can be met.

use http::StatusCode;
use serde_json::{Map, Value};

/// A demand that a service makes of its caller. Each service words it in its own error document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gare {
    /// `ConsentRequired`, `AuthorizationRequired`, or what a test asked for.
    pub(crate) code: String,
    pub(crate) message: String,
    /// The `authorization_parameters`.
    pub(crate) parameters: Map<String, Value>,
}

impl Gare {
    /// Demands consent to scopes, such as `transfer[*data_access]`.
    pub(crate) fn consent(scopes: Vec<String>, message: impl Into<String>) -> Gare {
        let mut parameters = Map::new();
        parameters.insert("required_scopes".to_owned(), scopes.into());
        Gare::new("ConsentRequired", message, parameters)
    }

    /// Makes a demand out of authorization parameters; the message is added to them.
    pub(crate) fn new(code: &str, message: impl Into<String>, mut parameters: Map<String, Value>) -> Gare {
        let message = message.into();
        parameters.entry("session_message").or_insert_with(|| message.clone().into());
        Gare { code: code.to_owned(), message, parameters }
    }

    /// Returns the scopes that have to be consented to, if that is what is demanded.
    pub(crate) fn required_scopes(&self) -> Option<&Value> {
        self.parameters.get("required_scopes").filter(|_| self.code == "ConsentRequired")
    }

    /// The members that make an error document a demand: `code`, `authorization_parameters`, and the
    /// `required_scopes` that older clients look for.
    pub(crate) fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("code".to_owned(), self.code.clone().into());
        members.insert("authorization_parameters".to_owned(), self.parameters.clone().into());
        if let Some(scopes) = self.required_scopes() {
            members.insert("required_scopes".to_owned(), scopes.clone());
        }
        members
    }

    /// The status of the answer.
    pub(crate) const STATUS: StatusCode = StatusCode::FORBIDDEN;
}
