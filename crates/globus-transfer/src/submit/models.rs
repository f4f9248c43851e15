//! Words and answers of submissions.

use globus_core::{Extra, SubmissionId, TaskId, open_enum};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    document::{FilterRuleType, SubmissionIdType, extra_accessors},
    tasks::ResourceLink,
};

/// Holds an id for a submission.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubmissionIdDocument {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: SubmissionIdType,
    /// The id.
    pub value: SubmissionId,
    #[serde(flatten)]
    extra: Extra,
}

/// Says that the service took a submission.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubmissionResult {
    /// The type of the document: `transfer_result` or `delete_result`.
    #[serde(rename = "DATA_TYPE")]
    pub data_type: Option<String>,
    /// The task.
    pub task_id: TaskId,
    /// Whether the service made the task now, or had made it before.
    pub code: Option<SubmissionCode>,
    /// The id of the submission.
    pub submission_id: Option<SubmissionId>,
    /// Leads to the task, as [`get_task`](crate::TransferClient::get_task) does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_link: Option<ResourceLink>,
    /// The same as a sentence, for people.
    pub message: Option<String>,
    /// The service's id of the request, for its support.
    pub request_id: Option<String>,
    /// The path of the request.
    pub resource: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

impl SubmissionResult {
    /// Tells whether the service had taken this submission before: the task is the one of then.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        self.code == Some(SubmissionCode::Duplicate)
    }
}

open_enum! {
    /// Says what became of a submission. Both words are success.
    pub enum SubmissionCode {
        /// The service made a task.
        Accepted = "Accepted",
        /// The service had made a task for this submission id before.
        Duplicate = "Duplicate",
    }
}

/// Says when a file whose copy is there already is copied again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyncLevel {
    /// Never (0): only what is missing is copied.
    Exists,
    /// When the sizes differ (1).
    Size,
    /// When the source is newer, or the sizes differ (2). Useful only together with `preserve_timestamp`.
    Mtime,
    /// When the checksums differ (3). Reads both files; the only level that mends what an interrupted copy left.
    Checksum,
    /// A level that this version of the SDK does not know.
    Other(i64),
}

impl SyncLevel {
    /// Gives the number that the service knows it by.
    #[must_use]
    pub const fn as_number(self) -> i64 {
        match self {
            Self::Exists => 0,
            Self::Size => 1,
            Self::Mtime => 2,
            Self::Checksum => 3,
            Self::Other(number) => number,
        }
    }
}

impl From<i64> for SyncLevel {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::Exists,
            1 => Self::Size,
            2 => Self::Mtime,
            3 => Self::Checksum,
            _ => Self::Other(number),
        }
    }
}

impl Serialize for SyncLevel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.as_number())
    }
}

impl<'de> Deserialize<'de> for SyncLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self::from)
    }
}

/// Says of what the user gets mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Notify {
    /// Of everything: success, failure, and when the task waits for the user.
    All,
    /// Of failure, and when the task waits for the user.
    Failures,
    /// Of nothing.
    None,
}

impl Notify {
    pub(super) fn members(self) -> [(&'static str, bool); 3] {
        let (succeeded, others) = match self {
            Self::All => (true, true),
            Self::Failures => (false, true),
            Self::None => (false, false),
        };
        [("notify_on_succeeded", succeeded), ("notify_on_failed", others), ("notify_on_inactive", others)]
    }
}

/// Says which files and directories inside of directories a transfer copies. See
/// [`TransferData::add_filter_rule`](crate::TransferData::add_filter_rule).
///
/// To copy only text files: include `*.txt`, then exclude the files `*`.
///
/// ```
/// use globus_transfer::FilterRule;
/// let rules = [FilterRule::include("*.txt"), FilterRule::exclude("*").files()];
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FilterRule {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: FilterRuleType,
    /// What happens to entries that the rule fits. Service default: `exclude`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<FilterMethod>,
    /// Whether the rule is for files or for directories; `None` for both.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub file_type: Option<FilterType>,
    /// The pattern that the whole name has to match: `*`, `?`, `[abc]`, `[!abc]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

impl FilterRule {
    /// Makes a rule that leaves out entries with such a name.
    #[must_use]
    pub fn exclude(name: impl Into<String>) -> Self {
        Self::new(FilterMethod::Exclude, name.into())
    }

    /// Makes a rule that copies entries with such a name, whatever later rules say.
    #[must_use]
    pub fn include(name: impl Into<String>) -> Self {
        Self::new(FilterMethod::Include, name.into())
    }

    fn new(method: FilterMethod, name: String) -> Self {
        Self {
            data_type: FilterRuleType,
            method: Some(method),
            file_type: None,
            name: Some(name),
            extra: Extra::default(),
        }
    }

    /// Makes the rule one for files only.
    #[must_use]
    pub fn files(mut self) -> Self {
        self.file_type = Some(FilterType::File);
        self
    }

    /// Makes the rule one for directories only. A directory that is left out is left out with all that is in it.
    #[must_use]
    pub fn directories(mut self) -> Self {
        self.file_type = Some(FilterType::Dir);
        self
    }
}

open_enum! {
    /// Says what a filter rule does.
    pub enum FilterMethod {
        /// Leaves entries out.
        Exclude = "exclude",
        /// Copies entries.
        Include = "include",
    }
}

open_enum! {
    /// Says what a filter rule is for.
    pub enum FilterType {
        /// Files.
        File = "file",
        /// Directories.
        Dir = "dir",
    }
}

open_enum! {
    /// Says what becomes of symbolic links inside of directories.
    pub enum RecursiveSymlinks {
        /// They are left out.
        Ignore = "ignore",
        /// They are made anew.
        Keep = "keep",
        /// What they lead to is copied.
        Copy = "copy",
    }
}

extra_accessors!(SubmissionIdDocument, SubmissionResult, FilterRule);
