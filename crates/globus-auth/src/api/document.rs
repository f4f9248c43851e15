//! Shared parts of documents and parameters.

use std::{collections::BTreeMap, fmt};

use globus_core::{Call, Field, IntoId};
use serde::{Serialize, Serializer, ser};
use serde_json::{Map, Value};

/// Declares what the service puts around documents: an object with one member that matters.
macro_rules! envelopes {
    ($($Envelope:ident { $member:ident: $Document:ty })+) => {
        $(
            #[derive(::serde::Deserialize)]
            struct $Envelope {
                $member: $Document,
            }

            impl From<$Envelope> for $Document {
                fn from(envelope: $Envelope) -> Self {
                    envelope.$member
                }
            }
        )+
    };
}

/// Declares a document to send, made of [`Members`].
macro_rules! request_documents {
    ($($(#[$doc:meta])* pub struct $Document:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, ::serde::Serialize)]
            #[serde(transparent)]
            #[must_use = "a document does nothing until it is sent"]
            pub struct $Document($crate::api::document::Members);

            impl $Document {
                /// Sets a member that the SDK has no setter for; in place of one that has been set, and unchecked.
                pub fn extra(mut self, name: impl Into<String>, value: impl Into<::serde_json::Value>) -> Self {
                    self.0.set(name, value);
                    self
                }
            }
        )+
    };
}

pub(crate) use globus_core::{__private::or_default, extra_accessors};
pub(super) use {envelopes, request_documents};

/// The members that were set, and what is wrong with them: a document with a fault refuses to be written.
#[derive(Clone, Default)]
pub(super) struct Members {
    values: Map<String, Value>,
    problems: BTreeMap<String, String>,
}

impl Members {
    /// Sets a member; what was wrong with an earlier value does not matter then.
    pub(super) fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let name = name.into();
        self.problems.remove(&name);
        self.values.insert(name, value.into());
    }

    pub(super) fn field<T: Into<Value>>(&mut self, name: &str, value: Field<T>) {
        match value {
            Field::Absent => {
                self.problems.remove(name);
                self.values.remove(name);
            }
            Field::Null => self.set(name, Value::Null),
            Field::Value(value) => self.set(name, value),
        }
    }

    pub(super) fn id<T: fmt::Display>(&mut self, name: &str, id: impl IntoId<T>) {
        match id.into_id() {
            Ok(id) => self.set(name, id.to_string()),
            Err(invalid) => self.problem(name, format!("{name}: {invalid}")),
        }
    }

    pub(super) fn ids<T: fmt::Display>(&mut self, name: &str, ids: impl IntoIterator<Item: IntoId<T>>) {
        let mut list = Vec::new();
        for (position, id) in ids.into_iter().enumerate() {
            match id.into_id() {
                Ok(id) => list.push(id.to_string()),
                Err(invalid) => return self.problem(name, format!("{name}[{position}]: {invalid}")),
            }
        }
        self.set(name, list);
    }

    pub(super) fn texts<S: Into<String>>(&mut self, name: &str, texts: impl IntoIterator<Item = S>) {
        self.set(name, texts.into_iter().map(Into::into).collect::<Vec<String>>());
    }

    pub(super) fn documents(&mut self, name: &str, documents: impl IntoIterator<Item: Serialize>) {
        let documents: Result<Vec<Value>, _> = documents.into_iter().map(serde_json::to_value).collect();
        match documents {
            Ok(documents) => self.set(name, documents),
            Err(error) => self.problem(name, format!("{name}: {error}")),
        }
    }

    fn problem(&mut self, name: &str, problem: String) {
        self.values.remove(name);
        self.problems.insert(name.to_owned(), problem);
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.problems.is_empty() {
            return self.values.serialize(serializer);
        }
        let problems: Vec<&str> = self.problems.values().map(String::as_str).collect();
        Err(ser::Error::custom(problems.join("; ")))
    }
}

/// Names the members: their values are nobody's business.
impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// What to look up, in one query parameter: ids as texts, or names, and what is wrong with them.
#[derive(Clone, Debug)]
pub(super) struct Sought {
    parameter: &'static str,
    values: Vec<String>,
    problem: Option<String>,
}

impl Sought {
    pub(super) fn ids<T: fmt::Display>(ids: impl IntoIterator<Item: IntoId<T>>) -> Self {
        let mut sought = Self { parameter: "ids", values: Vec::new(), problem: None };
        for (position, id) in ids.into_iter().enumerate() {
            match id.into_id() {
                Ok(id) => sought.values.push(id.to_string()),
                Err(invalid) => {
                    sought.problem.get_or_insert_with(|| format!("ids[{position}]: {invalid}"));
                }
            }
        }
        sought
    }

    pub(super) fn names<S: Into<String>>(
        parameter: &'static str,
        names: impl IntoIterator<Item = S>,
    ) -> Self {
        let values: Vec<String> = names.into_iter().map(Into::into).collect();
        // The service would take it for two names.
        let problem = values
            .iter()
            .position(|name| name.contains(','))
            .map(|position| format!("{parameter}[{position}] has a comma: {:?}", values[position]));
        Self { parameter, values, problem }
    }

    pub(super) fn add_to(&self, call: &mut Call) {
        match &self.problem {
            Some(problem) => call.problem(problem.as_str()),
            // Without the parameter, the service would answer another question.
            None if self.values.is_empty() => {
                call.problem(format!("{} is empty: there is nothing to look up", self.parameter));
            }
            None => call.set_joined(self.parameter, self.values.iter().map(String::as_str)),
        }
    }
}
