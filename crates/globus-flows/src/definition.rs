//! Definitions: what a flow does, state by state.
//!
//! A [`Definition`] reads any valid definition and writes it back without loss, and is composed in code from states:
//!
//! ```
//! use globus_flows::definition::{Action, Choice, Definition, Fail, Pass, Rule};
//!
//! let definition = Definition::new("Copy")
//!     .comment("Copies and says so")
//!     .state(
//!         "Copy",
//!         Action::new("https://transfer.actions.globus.org/transfer/")
//!             .parameter("source.$", "$.source")
//!             .parameter("label.=", "'copy of ' + source")
//!             .result_path("$.copied")
//!             .wait_time(3600)
//!             .next("Check"),
//!     )
//!     .state(
//!         "Check",
//!         Choice::new([Rule::boolean_equals("$.copied.details.is_ok", true).next("Done")]).default("Broken"),
//!     )
//!     .state("Done", Pass::new().end())
//!     .state("Broken", Fail::new().error("CopyFailed").cause("the copy is not whole"));
//! assert_eq!(definition.next_of("Check"), ["Done", "Broken"]);
//! ```
//!
//! It turns into a [`serde_json::Value`], which is what [`NewFlow`](crate::NewFlow) and
//! [`validate_flow`](crate::FlowsClient::validate_flow) take.
//!
//! Service documentation: <https://docs.globus.org/api/flows/authoring-flows/>

mod choice;
mod properties;
mod state;
#[cfg(feature = "validate")]
mod validate;

use std::collections::BTreeMap;

use globus_core::Extra;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[cfg(feature = "validate")]
pub use self::validate::{Finding, Findings, validate, validate_input};
pub use self::{
    choice::{Choice, Rule, Test},
    state::{Action, AwaitWebInput, Catch, CreateWebInput, ExpressionEval, Fail, Pass, State, Wait},
};

/// Is what a flow does: its states, and where it starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
#[must_use = "a definition does nothing until it is sent"]
pub struct Definition {
    /// A note for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The name of the state that runs first.
    pub start_at: String,
    /// The states by their names, each 1 to 128 characters.
    pub states: BTreeMap<String, State>,
    #[serde(flatten)]
    extra: Extra,
}

impl Definition {
    /// Begins a definition that starts at this state, which is still to be added.
    pub fn new(start_at: impl Into<String>) -> Self {
        Self { comment: None, start_at: start_at.into(), states: BTreeMap::new(), extra: Extra::default() }
    }

    /// Reads a definition.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), with the place, when a property has a type that no
    /// valid definition gives it.
    pub fn from_value(definition: &Value) -> crate::Result<Self> {
        Self::deserialize(definition).map_err(|error| {
            crate::Error::new(
                crate::ErrorKind::InvalidInput,
                format!("this is no definition of a flow: {error}"),
            )
        })
    }

    /// Sets the note for people.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Adds a state, in place of one of the same name.
    pub fn state(mut self, name: impl Into<String>, state: impl Into<State>) -> Self {
        self.states.insert(name.into(), state.into());
        self
    }

    /// Names the states that may follow this one, catchers included, each once, in the order in which they are tried.
    #[must_use]
    pub fn next_of(&self, name: &str) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for next in self.states.get(name).map(State::following).unwrap_or_default() {
            if !found.contains(&next) {
                found.push(next);
            }
        }
        found
    }

    /// Gives the definition as a JSON document.
    #[must_use]
    pub fn to_value(&self) -> Value {
        // Maps with text keys and JSON values can always be written.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Gives the members that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

impl From<Definition> for Value {
    fn from(definition: Definition) -> Self {
        definition.to_value()
    }
}

impl From<&Definition> for Value {
    fn from(definition: &Definition) -> Self {
        definition.to_value()
    }
}
