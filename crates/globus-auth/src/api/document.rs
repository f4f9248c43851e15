//! Shared parts of documents and parameters.

use std::fmt;

use globus_core::{Call, IntoId};

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
                    self.0.set(name, value.into());
                    self
                }
            }
        )+
    };
}

pub(crate) use globus_core::{
    __private::{Members, or_default},
    extra_accessors,
};
pub(super) use {envelopes, request_documents};

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
