//! What the service says about web inputs.

use globus_core::{Extra, FlowId, Page, PageInfo, RunId, Timestamp, open_enum, uuid_id};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Principal,
    document::{extra_accessors, or_default},
    principal,
};

uuid_id! {
    /// Names a web input.
    pub struct WebInputId, "web input id";
}

open_enum! {
    /// Says whether a question can be answered.
    pub enum WebInputStatus {
        /// It waits for its answer.
        Open = "open",
        /// It was answered, or has run out of time.
        Closed = "closed",
    }
}

open_enum! {
    /// Says what somebody may do with a question.
    pub enum WebInputRole {
        /// Sees it.
        Viewer = "viewer",
        /// Answers it.
        Respondent = "respondent",
    }
}

/// Describes a question that a run asks. In lists, it is short: without options, context and roles.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebInput {
    /// The id.
    pub id: WebInputId,
    /// Whether it can be answered.
    pub status: WebInputStatus,
    /// What the caller may do with it.
    #[serde(default, deserialize_with = "or_default")]
    pub user_roles: Vec<WebInputRole>,
    /// The kind of question: `selection`.
    #[serde(default)]
    pub input_type: Option<String>,
    /// The title, in lists; [`WebInput::title`] finds it in both forms.
    #[serde(default)]
    pub title: Option<String>,
    /// The JSON Schema of the answer.
    #[serde(default)]
    pub input_schema: Option<Value>,
    /// What is shown with the question: a title, and a text or a table.
    #[serde(default)]
    pub context: Option<WebInputContext>,
    /// What can be answered.
    #[serde(default, deserialize_with = "or_default")]
    pub options: Vec<WebInputOption>,
    /// The flow that asks.
    #[serde(default)]
    pub flow: Option<WebInputReference<FlowId>>,
    /// The run that asks.
    #[serde(default)]
    pub run: Option<WebInputReference<RunId>>,
    /// Who may see and answer it.
    #[serde(default)]
    pub roles: Option<WebInputRoles>,
    /// Whose run asks.
    #[serde(default)]
    pub creator_urn: Option<Principal>,
    /// When it was asked.
    #[serde(default)]
    pub created_timestamp: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default)]
    pub edited_timestamp: Option<Timestamp>,
    /// When it was closed; `None` while it is open.
    #[serde(default)]
    pub closed_timestamp: Option<Timestamp>,
    #[serde(flatten)]
    extra: Extra,
}

impl WebInput {
    /// Gives the title.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref().or_else(|| self.context.as_ref()?.title.as_deref())
    }

    /// Finds an option by its label.
    #[must_use]
    pub fn option(&self, label: &str) -> Option<&WebInputOption> {
        self.options.iter().find(|option| option.label.as_deref() == Some(label))
    }
}

/// Is what is shown with a question.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct WebInputContext {
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether there is a text or a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presentation_style: Option<PresentationStyle>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The rows of the table.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<WebInputRow>,
    #[serde(flatten)]
    extra: Extra,
}

open_enum! {
    /// Says how something is shown with a question.
    pub enum PresentationStyle {
        /// As [`WebInputContext::text`].
        Text = "text",
        /// As a table of [`WebInputContext::rows`].
        Table = "table",
    }
}

/// Is one row of a table that is shown with a question.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct WebInputRow {
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is said about it: a text, as a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    #[serde(flatten)]
    extra: Extra,
}

/// Is one thing that can be answered.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct WebInputOption {
    /// What to answer with.
    pub option_id: String,
    /// What it is called.
    #[serde(default)]
    pub label: Option<String>,
    /// What it means.
    #[serde(default)]
    pub description: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

/// Names the flow or the run that asks.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct WebInputReference<Id> {
    /// The id.
    pub id: Id,
    /// The flow's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The run's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

impl<Id> WebInputReference<Id> {
    /// Gives the members that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

/// Says who may see and answer a question.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct WebInputRoles {
    /// Who may see it.
    #[serde(default, deserialize_with = "principal::list")]
    pub viewer_urns: Vec<Principal>,
    /// Who may answer it.
    #[serde(default, deserialize_with = "principal::list")]
    pub respondent_urns: Vec<Principal>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says that an answer was taken.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct WebInputReceipt {
    /// `ok`.
    pub status: String,
    #[serde(flatten)]
    extra: Extra,
}

/// Is one page of a list of web inputs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebInputPage {
    /// The web inputs of this page.
    #[serde(default, deserialize_with = "or_default")]
    pub web_input_summaries: Vec<WebInput>,
    /// Where the next page begins.
    #[serde(default)]
    pub marker: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

impl Page for WebInputPage {
    type Item = WebInput;

    fn info(&self) -> PageInfo {
        PageInfo {
            items: self.web_input_summaries.len(),
            has_next_page: None,
            next: self.marker.clone(),
            total: None,
        }
    }

    fn into_items(self) -> Vec<WebInput> {
        self.web_input_summaries
    }
}

extra_accessors!(
    WebInputContext,
    WebInputRow,
    WebInputOption,
    WebInputRoles,
    WebInputReceipt,
    WebInputPage,
    WebInput
);
