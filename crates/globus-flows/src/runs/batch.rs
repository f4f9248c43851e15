//! What the service is told about many runs at once.

use globus_core::{IntoId, RunId};
use serde::Serialize;
use serde_json::Value;

use crate::{
    Principal,
    members::{FlowMembers as _, Members},
};

/// Describes a change of many runs, the same for each: what is not set stays as it is.
///
/// ```
/// use globus_flows::RunsUpdate;
/// use serde_json::json;
///
/// let update = RunsUpdate::new(["4f1c2b3a-5d6e-4f70-8a91-b2c3d4e5f607"]).add_tags(["bad beam"]).cancel();
/// assert_eq!(
///     serde_json::to_value(&update).unwrap(),
///     json!({
///         "filters": {"run_ids": ["4f1c2b3a-5d6e-4f70-8a91-b2c3d4e5f607"]},
///         "set": {"status": "cancel"},
///         "add": {"tags": ["bad beam"]},
///     })
/// );
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[must_use = "a document does nothing until it is sent"]
pub struct RunsUpdate(Members);

impl RunsUpdate {
    /// Names the runs, and changes nothing yet.
    pub fn new<I: IntoId<RunId>>(run_ids: impl IntoIterator<Item = I>) -> Self {
        let mut filters = Members::default();
        filters.ids("run_ids", run_ids);
        let mut members = Members::default();
        match filters.check() {
            Ok(()) => members.set("filters", filters),
            Err(error) => members.refuse("filters", error.to_string()),
        }
        Self(members)
    }

    /// Cancels the runs.
    pub fn cancel(mut self) -> Self {
        self.0.within("set", "status", "cancel");
        self
    }

    /// Sets a member that the SDK has no setter for; in place of one that has been set, and unchecked.
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.set(name, value.into());
        self
    }
}

/// Makes the setters of one part of the document.
macro_rules! part {
    ($part:literal: $tags:ident, $managers:ident, $monitors:ident; $tags_do:literal, $managers_do:literal, $monitors_do:literal) => {
        impl RunsUpdate {
            #[doc = $tags_do]
            pub fn $tags<S: Into<String>>(mut self, tags: impl IntoIterator<Item = S>) -> Self {
                let tags: Vec<String> = tags.into_iter().map(Into::into).collect();
                self.0.within($part, "tags", tags);
                self
            }

            #[doc = $managers_do]
            pub fn $managers<P: Into<Principal>>(mut self, principals: impl IntoIterator<Item = P>) -> Self {
                self.0.principals_within($part, "run_managers", principals);
                self
            }

            #[doc = $monitors_do]
            pub fn $monitors<P: Into<Principal>>(mut self, principals: impl IntoIterator<Item = P>) -> Self {
                self.0.principals_within($part, "run_monitors", principals);
                self
            }
        }
    };
}

part! {
    "set": tags, run_managers, run_monitors;
    "Sets the tags, in place of those that the runs have.",
    "Sets who may change, cancel and delete the runs, in place of those who may: at most 16 identities and groups.",
    "Sets who may see the runs and their logs, in place of those who may: at most 16 identities and groups."
}

part! {
    "add": add_tags, add_run_managers, add_run_monitors;
    "Adds tags.",
    "Adds identities and groups, at most 16, to those who may change, cancel and delete the runs.",
    "Adds identities and groups, at most 16, to those who may see the runs and their logs."
}

part! {
    "remove": remove_tags, remove_run_managers, remove_run_monitors;
    "Removes tags.",
    "Removes identities and groups from those who may change, cancel and delete the runs.",
    "Removes identities and groups from those who may see the runs and their logs."
}
