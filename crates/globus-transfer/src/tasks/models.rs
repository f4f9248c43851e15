//! Documents of tasks.

use globus_core::{CollectionId, IdentityId, Page, PageInfo, TaskId, Timestamp, document};
use serde::Serialize;
use serde_json::Value;

use super::{
    codes::{AdminSide, LocalUserStatus, TaskCode, TaskStatus, TaskType},
    fault::{EventDetails, Fault, FaultCause},
};
use crate::{
    document::{
        EventListType, EventType, LinkType, SkippedErrorType, SkippedErrorsType, SuccessfulTransferType,
        SuccessfulTransfersType, TaskDocumentType, TaskListType, extra_accessors, lenient_integer, marker,
        or_default,
    },
    submit::{FilterRule, RecursiveSymlinks, SyncLevel},
};

document! {
    /// Describes a task.
    ///
    /// Of a deletion, the collection is in the members for the source. Members for managers of collections are told to
    /// nobody else.
    #[derive(Debug, Clone, Serialize)]
    #[non_exhaustive]
    pub struct Task {
        #[serde(rename = "DATA_TYPE", default)]
        data_type: TaskDocumentType,
        /// The id.
        pub task_id: TaskId,
        /// How far it is.
        pub status: TaskStatus,
        /// What it does.
        #[serde(rename = "type")]
        pub task_type: Option<TaskType>,
        /// Why it failed.
        pub fatal_error: Option<FatalError>,
        /// The name for people.
        pub label: Option<String>,
        /// The identity that submitted it.
        pub owner_id: Option<IdentityId>,
        /// That identity's name. For managers of collections.
        pub owner_string: Option<String>,
        /// Legacy: the owner's name.
        pub username: Option<String>,
        /// The program that submitted it.
        pub command: Option<String>,
        /// When it was submitted.
        pub request_time: Option<Timestamp>,
        /// When it ended; `None` while it runs.
        pub completion_time: Option<Timestamp>,
        /// When it is ended, if it has not ended before.
        pub deadline: Option<Timestamp>,
        /// The collection that files come from, or are deleted on.
        pub source_endpoint_id: Option<CollectionId>,
        /// Its name.
        pub source_endpoint_display_name: Option<String>,
        /// Legacy: its canonical name.
        pub source_endpoint: Option<String>,
        /// The collection that files go to.
        pub destination_endpoint_id: Option<CollectionId>,
        /// Its name.
        pub destination_endpoint_display_name: Option<String>,
        /// Legacy: its canonical name.
        pub destination_endpoint: Option<String>,
        /// When a file whose copy is there already is copied again; `None` for always.
        pub sync_level: Option<SyncLevel>,
        /// Whether the data is encrypted on its way.
        pub encrypt_data: Option<bool>,
        /// Whether checksums are compared after each file.
        pub verify_checksum: Option<bool>,
        /// Whether what is only at the destination is deleted.
        pub delete_destination_extra: Option<bool>,
        /// Whether modification times are kept.
        pub preserve_timestamp: Option<bool>,
        /// Whether source files that cannot be read are left out.
        pub skip_source_errors: Option<bool>,
        /// Whether an exceeded quota fails the task.
        pub fail_on_quota_errors: Option<bool>,
        /// What becomes of symbolic links inside of directories.
        pub recursive_symlinks: Option<RecursiveSymlinks>,
        /// Which files and directories inside of directories are copied.
        #[serde(default, deserialize_with = "or_default")]
        pub filter_rules: Vec<FilterRule>,
        /// The account that reads.
        pub source_local_user: Option<String>,
        /// Why it is or is not told.
        pub source_local_user_status: Option<LocalUserStatus>,
        /// The account that writes.
        pub destination_local_user: Option<String>,
        /// Why it is or is not told.
        pub destination_local_user_status: Option<LocalUserStatus>,
        /// The common directory of the source paths, if the submission asked to keep it.
        pub source_base_path: Option<String>,
        /// The common directory of the destination paths, if the submission asked to keep it.
        pub destination_base_path: Option<String>,
        /// Whether it is paused.
        pub is_paused: Option<bool>,
        /// While it runs: whether the last try went well. `None` when it has ended.
        pub is_ok: Option<bool>,
        /// While it runs: its state, or the error that it last met. `None` when it has ended.
        pub nice_status: Option<TaskCode>,
        /// The same as words, for people.
        pub nice_status_short_description: Option<String>,
        /// Legacy.
        pub nice_status_details: Option<Value>,
        /// Legacy: for how many seconds the credentials hold; −1 when it does not apply.
        #[serde(default, deserialize_with = "lenient_integer")]
        pub nice_status_expires_in: Option<i64>,
        /// On whose side an administrator cancelled it.
        pub canceled_by_admin: Option<AdminSide>,
        /// What the administrator said about it.
        pub canceled_by_admin_message: Option<String>,
        /// How many errors it met so far.
        pub faults: Option<u64>,
        /// How many files it has found so far.
        pub files: Option<u64>,
        /// How many directories it has found so far.
        pub directories: Option<u64>,
        /// How many symbolic links it has made anew.
        pub symlinks: Option<u64>,
        /// How many files it has copied.
        pub files_transferred: Option<u64>,
        /// How many files it did not copy because they were there already.
        pub files_skipped: Option<u64>,
        /// How many bytes it has copied.
        pub bytes_transferred: Option<u64>,
        /// How many bytes it has read to compare checksums before copying.
        pub bytes_checksummed: Option<u64>,
        /// How many bytes it has copied per second, on average since it was submitted.
        pub effective_bytes_per_second: Option<u64>,
        /// How many units of work it has: items, and the directories and files found in them.
        pub subtasks_total: Option<u64>,
        /// How many of them have not been tried yet.
        pub subtasks_pending: Option<u64>,
        /// How many of them will be tried again.
        pub subtasks_retrying: Option<u64>,
        /// How many of them are done.
        pub subtasks_succeeded: Option<u64>,
        /// How many of them failed.
        pub subtasks_failed: Option<u64>,
        /// How many of them were cancelled.
        pub subtasks_canceled: Option<u64>,
        /// How many of them met the deadline.
        pub subtasks_expired: Option<u64>,
        /// How many of them were left out because of errors.
        pub subtasks_skipped_errors: Option<u64>,
        /// Whether the service has deleted what it knew about single files.
        pub history_deleted: Option<bool>,
        /// Where it stands in lists.
        pub key: Option<String>,
        /// Legacy: leads to its events.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub event_link: Option<Box<ResourceLink>>,
        /// Legacy: leads to its units of work.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub subtask_link: Option<Box<ResourceLink>>,
        /// Legacy: the canonical name of the source's host. For managers of collections, as all below.
        pub source_host_endpoint: Option<String>,
        /// The source's host.
        pub source_host_endpoint_id: Option<CollectionId>,
        /// Its name.
        pub source_host_endpoint_display_name: Option<String>,
        /// The directory on the source's host that is the root of the guest collection.
        pub source_host_path: Option<String>,
        /// The mapped collection that the source belongs to.
        pub source_mapped_collection_id: Option<CollectionId>,
        /// Its name.
        pub source_mapped_collection_display_name: Option<String>,
        /// Legacy: the canonical name of the destination's host.
        pub destination_host_endpoint: Option<String>,
        /// The destination's host.
        pub destination_host_endpoint_id: Option<CollectionId>,
        /// Its name.
        pub destination_host_endpoint_display_name: Option<String>,
        /// The directory on the destination's host that is the root of the guest collection.
        pub destination_host_path: Option<String>,
        /// The mapped collection that the destination belongs to.
        pub destination_mapped_collection_id: Option<CollectionId>,
        /// Its name.
        pub destination_mapped_collection_display_name: Option<String>,
    }
}

document! {
    /// Leads to another document of the service. Nobody has to follow it: the other document has a method of its own.
    #[derive(Debug, Clone, Serialize)]
    #[non_exhaustive]
    pub struct ResourceLink {
        #[serde(rename = "DATA_TYPE", default)]
        data_type: LinkType,
        /// Where it is, from the root of the API.
        pub href: Option<String>,
        /// What it is to this document, e.g. `related`.
        pub rel: Option<String>,
        /// What it is, e.g. `task`.
        pub resource: Option<String>,
        /// What it is, for people.
        pub title: Option<String>,
    }
}

document! {
    /// Says why a task failed.
    #[derive(Debug, Clone, Serialize)]
    #[non_exhaustive]
    pub struct FatalError {
        /// What it was.
        pub code: Option<TaskCode>,
        /// The same as words, for people.
        pub description: Option<String>,
    }
}

document! {
    /// Tells of something that happened to a task.
    #[derive(Debug, Clone, Serialize)]
    #[non_exhaustive]
    pub struct TaskEvent {
        #[serde(rename = "DATA_TYPE", default)]
        data_type: EventType,
        /// What happened.
        pub code: TaskCode,
        /// The same as words, for people.
        pub description: Option<String>,
        /// More about it: the storage's own message, or JSON.
        pub details: Option<EventDetails>,
        /// Whether it is an error.
        #[serde(default, deserialize_with = "or_default")]
        pub is_error: bool,
        /// When it happened.
        pub time: Option<Timestamp>,
    }
}

impl TaskEvent {
    /// Gives the details as JSON, if they are a JSON object: what `STARTED`, `PROGRESS` and `SUCCEEDED` have.
    #[must_use]
    pub fn details_json(&self) -> Option<Value> {
        self.details.as_ref()?.json().filter(Value::is_object)
    }

    /// Says what went wrong, where it is an error.
    #[must_use]
    pub fn fault(&self) -> Option<Fault<'_>> {
        self.is_error.then(|| Fault::of(self))
    }
}

document! {
    /// Names a file that a transfer copied. A path is `None` when the caller may not see that side.
    #[derive(Debug, Clone, Serialize)]
    #[non_exhaustive]
    pub struct SuccessfulTransfer {
        #[serde(rename = "DATA_TYPE", default)]
        data_type: SuccessfulTransferType,
        /// The file.
        pub source_path: Option<String>,
        /// The copy.
        pub destination_path: Option<String>,
        /// The size in bytes.
        pub size: Option<u64>,
        /// The checksum, in hexadecimal digits.
        pub checksum: Option<String>,
        /// How the checksum was made, e.g. `MD5`.
        pub checksum_algorithm: Option<String>,
        /// Whether the file's content is made when it is read.
        pub dynamic: Option<bool>,
    }
}

document! {
    /// Names a file that a transfer left out, and says why. A path is `None` when the caller may not see that side.
    #[derive(Debug, Clone, Serialize)]
    #[non_exhaustive]
    pub struct SkippedError {
        #[serde(rename = "DATA_TYPE", default)]
        data_type: SkippedErrorType,
        /// The file.
        pub source_path: Option<String>,
        /// What would have been the copy.
        pub destination_path: Option<String>,
        /// Why it was left out.
        pub error_code: Option<TaskCode>,
        /// The storage's own message.
        pub error_details: Option<String>,
        /// When it was left out.
        pub error_time: Option<Timestamp>,
        /// Whether it is a directory.
        pub is_directory: Option<bool>,
        /// Whether it is a symbolic link.
        pub is_symlink: Option<bool>,
        /// Whether it is something at the destination that was to be deleted.
        pub is_delete_destination_extra: Option<bool>,
        /// The checksum that the submission gave.
        pub external_checksum: Option<String>,
        /// How that checksum was made.
        pub checksum_algorithm: Option<String>,
    }
}

impl SkippedError {
    /// Says what kind of thing went wrong.
    #[must_use]
    pub fn cause(&self) -> FaultCause {
        let text = self.error_details.as_deref();
        self.error_code.as_ref().map_or(FaultCause::Other, |code| FaultCause::of(code, text))
    }
}

/// Declares a page of a list by offset.
macro_rules! offset_page {
    ($(#[$doc:meta])+ $Page:ident of $Item:ident, $DataType:ident) => {
        document! {
            $(#[$doc])+
            #[derive(Debug, Clone, Serialize)]
            #[non_exhaustive]
            pub struct $Page {
                #[serde(rename = "DATA_TYPE", default)]
                data_type: $DataType,
                /// What is on the page.
                #[serde(rename = "DATA", default, deserialize_with = "or_default")]
                pub data: Vec<$Item>,
                /// How many are on the page.
                pub length: Option<u64>,
                /// How many a page has at most.
                pub limit: Option<u64>,
                /// How many were left out at the beginning.
                pub offset: Option<u64>,
                /// How many there are in all.
                pub total: Option<u64>,
            }
        }

        impl Page for $Page {
            type Item = $Item;

            fn info(&self) -> PageInfo {
                PageInfo { items: self.data.len(), total: self.total, ..PageInfo::default() }
            }

            fn into_items(self) -> Vec<$Item> {
                self.data
            }
        }
    };
}

offset_page! {
    /// Holds one page of tasks.
    TaskPage of Task, TaskListType
}
offset_page! {
    /// Holds one page of events, newest first.
    EventPage of TaskEvent, EventListType
}

/// Declares a page of a list by marker.
macro_rules! marker_page {
    ($(#[$doc:meta])+ $Page:ident of $Item:ident, $DataType:ident) => {
        document! {
            $(#[$doc])+
            #[derive(Debug, Clone, Serialize)]
            #[non_exhaustive]
            pub struct $Page {
                #[serde(rename = "DATA_TYPE", default)]
                data_type: $DataType,
                /// What is on the page.
                #[serde(rename = "DATA", default, deserialize_with = "or_default")]
                pub data: Vec<$Item>,
                /// The marker of this page.
                #[serde(default, deserialize_with = "marker")]
                pub marker: Option<String>,
                /// The marker of the next page; `None` when this is the last.
                #[serde(default, deserialize_with = "marker")]
                pub next_marker: Option<String>,
            }
        }

        impl Page for $Page {
            type Item = $Item;

            fn info(&self) -> PageInfo {
                PageInfo { items: self.data.len(), next: self.next_marker.clone(), ..PageInfo::default() }
            }

            fn into_items(self) -> Vec<$Item> {
                self.data
            }
        }
    };
}

marker_page! {
    /// Holds one page of files that a transfer copied.
    SuccessfulTransferPage of SuccessfulTransfer, SuccessfulTransfersType
}
marker_page! {
    /// Holds one page of files that a transfer left out.
    SkippedErrorPage of SkippedError, SkippedErrorsType
}

extra_accessors!(
    Task,
    ResourceLink,
    FatalError,
    SuccessfulTransfer,
    SkippedError,
    TaskEvent,
    TaskPage,
    EventPage,
    SuccessfulTransferPage,
    SkippedErrorPage
);
