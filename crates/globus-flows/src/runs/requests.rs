//! What the service is told about runs.

use serde::Serialize;
use serde_json::Value;

use crate::{
    Principal, RunStatus,
    members::{FlowMembers as _, Members},
};

/// The most characters of a label.
const LONGEST_LABEL: usize = 64;

/// Describes a run to start, or to check before it is started.
///
/// Only the input is required: a JSON object that fits the flow's input schema. A `serde_json::Value` turns into one by
/// itself. A value over the service's limits gives its error when the request is sent, before anything goes over the
/// network.
///
/// ```
/// use globus_flows::NewRun;
/// use serde_json::json;
///
/// let run = NewRun::new(&json!({"source": "/in"})).label("Night 7").tags(["night"]);
/// assert_eq!(
///     serde_json::to_value(&run).unwrap(),
///     json!({"body": {"source": "/in"}, "label": "Night 7", "tags": ["night"]})
/// );
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[must_use = "a document does nothing until it is sent"]
pub struct NewRun(Members);

/// Describes a change of a run: what is not set stays as it is. Lists are replaced as a whole; an empty one clears.
///
/// ```
/// use globus_flows::RunUpdate;
///
/// let update = RunUpdate::new().label("Night 8").tags(Vec::<String>::new());
/// assert_eq!(serde_json::to_string(&update).unwrap(), r#"{"label":"Night 8","tags":[]}"#);
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
#[must_use = "a document does nothing until it is sent"]
pub struct RunUpdate(Members);

/// The setters that both documents have.
macro_rules! common_setters {
    () => {
        /// Sets the label, 1 to 64 characters.
        pub fn label(mut self, label: impl Into<String>) -> Self {
            self.0.text("label", label.into(), 1..=LONGEST_LABEL);
            self
        }

        /// Sets the tags. The service cuts blanks at their ends and joins those within to one.
        pub fn tags<S: Into<String>>(mut self, tags: impl IntoIterator<Item = S>) -> Self {
            self.0.texts("tags", tags);
            self
        }

        /// Sets who may change, cancel and delete the run: at most 16 identities and groups.
        pub fn run_managers<P: Into<Principal>>(mut self, principals: impl IntoIterator<Item = P>) -> Self {
            self.0.principals("run_managers", None, principals);
            self
        }

        /// Sets who may see the run and its log: at most 16 identities and groups.
        pub fn run_monitors<P: Into<Principal>>(mut self, principals: impl IntoIterator<Item = P>) -> Self {
            self.0.principals("run_monitors", None, principals);
            self
        }

        /// Sets a member that the SDK has no setter for; in place of one that has been set, and unchecked.
        pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
            self.0.set(name, value.into());
            self
        }
    };
}

impl NewRun {
    /// Describes a run with this input, which must become a JSON object.
    pub fn new(input: &(impl Serialize + ?Sized)) -> Self {
        let mut members = Members::default();
        match serde_json::to_value(input) {
            Ok(input) => members.object("body", input),
            Err(error) => {
                members.refuse("body", format!("the input cannot be written as JSON: {error}"));
            }
        }
        Self(members)
    }

    common_setters!();

    /// Lets the service send its owner an e-mail when the run gets one of these statuses. Service default:
    /// [`RunStatus::Inactive`]; an empty list sends none.
    #[doc(alias = "activity_notification_policy")]
    pub fn notify_on(mut self, statuses: impl IntoIterator<Item = RunStatus>) -> Self {
        let statuses: Vec<String> = statuses.into_iter().map(Into::into).collect();
        self.0.set("activity_notification_policy", serde_json::json!({"status": statuses}));
        self
    }
}

impl From<Value> for NewRun {
    fn from(input: Value) -> Self {
        Self::new(&input)
    }
}

impl RunUpdate {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    common_setters!();
}
