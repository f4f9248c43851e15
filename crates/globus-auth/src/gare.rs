//! Globus Auth requirements errors (GAREs): what a user has to do before the same call can succeed.
//!
//! A service refuses a call, mostly with 403, not because the user may not do it, but because something is missing
//! that a login can bring: consent to a scope, a login with a certain identity, a fresher one, a second factor. Its
//! answer says what, in `authorization_parameters`. The Globus services wrote this in several forms over the years;
//! [`Gare`] reads all of them and gives one. It is pure data: it calls nothing and logs nobody in.
//!
//! ```
//! use globus_auth::gare::Gare;
//!
//! fn explain(error: &globus_core::Error) {
//!     let Some(gare) = Gare::from_error(error) else {
//!         eprintln!("a login would not help: {error}");
//!         return;
//!     };
//!     // One line for people: "ConsentRequired: Please consent (needs consent to urn:globus:…)".
//!     eprintln!("{gare}");
//!     // And for programs:
//!     let needed = &gare.authorization_parameters;
//!     for scope in needed.required_scopes.iter().flatten() {
//!         eprintln!("consent to {scope}");
//!     }
//!     for (name, value) in needed.to_authorize_params() {
//!         eprintln!("add to the authorize URL: {name}={value}");
//!     }
//! }
//! ```
//!
//! # Forms
//! Tried in this order; the first that fits wins. Types are strict: `"true"` is no boolean.
//!
//! | Form | Is known by | Gives |
//! |---|---|---|
//! | today's | `code` a text, `authorization_parameters` an object | itself |
//! | authorization parameters of old | the object, `code` may be missing; policies and domains may be texts with commas; `prompt` may only be `login` | the code, or `AuthorizationRequired` |
//! | Globus Transfer's | code `ConsentRequired`, `required_scopes` a list | scopes, and `message` as the message |
//! | action providers' | code `ConsentRequired`, `required_scope` a text | the scope, and `description` as the message |
//! | Globus Auth's | `error` is `dependent_consent_required` | `ConsentRequired`, and `unapproved_scopes` of the first of `errors` |

mod combine;
mod display;
mod parameters;
mod read;

use globus_core::{Error, Extra};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

pub use parameters::AuthorizationParameters;

/// The code of a [`Gare`] that asks for consent: its `required_scopes` say to what.
pub const CONSENT_REQUIRED: &str = "ConsentRequired";

/// The code of any other [`Gare`], also of those that came without one.
pub const AUTHORIZATION_REQUIRED: &str = "AuthorizationRequired";

/// Says what a user has to do before the same call can succeed: a Globus Auth requirements error.
///
/// `Display` is one line for people. `Deserialize` reads every form that [`Gare::from_value`] reads; `Serialize`
/// writes today's form, as [`to_value(true)`](Gare::to_value).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Gare {
    /// The word for what is missing: [`CONSENT_REQUIRED`], [`AUTHORIZATION_REQUIRED`], or a service's own.
    pub code: String,
    /// What a login has to bring. With nothing in it, any new login will do.
    pub authorization_parameters: AuthorizationParameters,
    extra: Extra,
}

impl Gare {
    /// Makes one, as a service that raises it would.
    pub fn new(code: impl Into<String>, authorization_parameters: AuthorizationParameters) -> Self {
        Self { code: code.into(), authorization_parameters, extra: Extra::default() }
    }

    /// Finds what a login has to bring in a service's answer: in its root document, else in its `error`,
    /// else in the first of its `errors` that says it.
    ///
    /// Looks through errors about credentials, as [`Error::api`] does, and at what work that has stopped says
    /// ([`Error::requirement`]), such as a run of a flow. `None` when a login would not help.
    #[must_use]
    #[doc(alias = "to_gare")]
    pub fn from_error(error: &Error) -> Option<Self> {
        let root = root(error)?;
        std::iter::once(root).chain(within(root)).find_map(read::read)
    }

    /// Finds everything that a login has to bring in a service's answer: in its `error`, its `errors`, and last its
    /// root document. Empty when [`Gare::from_error`] gives `None`.
    ///
    /// [`Gare::combine`] makes as few logins of them as possible.
    #[must_use]
    #[doc(alias = "to_gares")]
    pub fn all_from_error(error: &Error) -> Vec<Self> {
        let root = root(error);
        root.into_iter().flat_map(within).chain(root).filter_map(read::read).collect()
    }

    /// Reads one document, without a look into errors that it may list. `None` when it has none of the
    /// [forms](self#forms).
    #[must_use]
    pub fn from_value(document: &Value) -> Option<Self> {
        read::read(document.as_object()?)
    }

    /// Reads one object, such as [`SubError::document`](globus_core::SubError::document), as [`Gare::from_value`] does.
    #[must_use]
    pub fn from_object(document: &Map<String, Value>) -> Option<Self> {
        read::read(document)
    }

    /// Gives the members of the service's answer that are not part of the GARE, e.g. `request_id`.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }

    /// Sets a member that is not part of the GARE.
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(name, value);
        self
    }

    /// Writes it in today's form. What is `None` is left out; unknown members, here and in the parameters, are
    /// written only on demand, and never in place of a known one.
    #[must_use]
    pub fn to_value(&self, include_extra: bool) -> Value {
        let mut document = Map::new();
        document.insert("code".to_owned(), Value::from(self.code.as_str()));
        document.insert(
            "authorization_parameters".to_owned(),
            self.authorization_parameters.to_value(include_extra),
        );
        if include_extra {
            add_missing(&mut document, &self.extra);
        }
        Value::Object(document)
    }
}

impl From<Gare> for AuthorizationParameters {
    fn from(gare: Gare) -> Self {
        gare.authorization_parameters
    }
}

impl Serialize for Gare {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value(true).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Gare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_object(&Map::deserialize(deserializer)?)
            .ok_or_else(|| serde::de::Error::custom("not a Globus Auth requirements error"))
    }
}

/// Tells whether a login can help: whether [`Gare::from_error`] finds something.
#[must_use]
pub fn is_gare(error: &Error) -> bool {
    Gare::from_error(error).is_some()
}

/// Tells whether a login can help with any of the errors.
pub fn has_gares<'a>(errors: impl IntoIterator<Item = &'a Error>) -> bool {
    errors.into_iter().any(is_gare)
}

fn root(error: &Error) -> Option<&Map<String, Value>> {
    let answer = error.api().and_then(|api| api.json());
    answer.or_else(|| error.requirement())?.as_object()
}

/// The errors that an answer holds. Not only those that its service's dialect has: a service may pass on what another
/// one said.
fn within(root: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let errors = root.get("errors").and_then(Value::as_array);
    root.get("error").into_iter().chain(errors.into_iter().flatten()).filter_map(Value::as_object)
}

fn add_missing(document: &mut Map<String, Value>, extra: &Extra) {
    for (name, value) in extra.iter() {
        document.entry(name).or_insert_with(|| value.clone());
    }
}
