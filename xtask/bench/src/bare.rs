//! The same work by hand: reqwest, serde, and nothing between.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A 100,000-entry listing as one would type it for a script.
#[derive(Deserialize)]
#[expect(dead_code, reason = "a script would read some of these; the decoder reads all")]
pub(crate) struct FileList {
    #[serde(rename = "DATA")]
    pub(crate) data: Vec<File>,
    pub(crate) path: String,
    pub(crate) absolute_path: Option<String>,
    pub(crate) endpoint: String,
    pub(crate) rename_supported: bool,
    pub(crate) symlink_supported: bool,
    pub(crate) length: u64,
    pub(crate) total: u64,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "a script would read some of these; the decoder reads all")]
pub(crate) struct File {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) size: u64,
    pub(crate) last_modified: String,
    pub(crate) permissions: String,
    pub(crate) user: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) link_target: Option<String>,
    pub(crate) link_size: Option<u64>,
    pub(crate) link_user: Option<String>,
    pub(crate) link_group: Option<String>,
    pub(crate) link_last_modified: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct SubmissionId {
    pub(crate) value: String,
}

#[derive(Deserialize)]
pub(crate) struct TaskList {
    #[serde(rename = "DATA")]
    pub(crate) data: Vec<Task>,
    pub(crate) total: u64,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "a script would read some of these; the decoder reads all")]
#[expect(clippy::struct_field_names, reason = "the names of the service")]
pub(crate) struct Task {
    pub(crate) task_id: String,
    #[serde(rename = "type")]
    kind: String,
    status: String,
    fatal_error: Option<serde_json::Value>,
    label: Option<String>,
    owner_id: String,
    username: Option<String>,
    command: Option<String>,
    request_time: String,
    completion_time: Option<String>,
    deadline: Option<String>,
    source_endpoint: Option<String>,
    source_endpoint_id: Option<String>,
    source_endpoint_display_name: Option<String>,
    destination_endpoint: Option<String>,
    destination_endpoint_id: Option<String>,
    destination_endpoint_display_name: Option<String>,
    source_base_path: Option<String>,
    destination_base_path: Option<String>,
    source_local_user: Option<String>,
    source_local_user_status: Option<String>,
    destination_local_user: Option<String>,
    destination_local_user_status: Option<String>,
    sync_level: Option<u8>,
    encrypt_data: bool,
    verify_checksum: bool,
    delete_destination_extra: bool,
    preserve_timestamp: bool,
    recursive_symlinks: Option<String>,
    skip_source_errors: bool,
    fail_on_quota_errors: bool,
    filter_rules: Option<Vec<FilterRule>>,
    is_paused: bool,
    is_ok: Option<bool>,
    nice_status: Option<String>,
    nice_status_details: Option<String>,
    nice_status_short_description: Option<String>,
    nice_status_expires_in: Option<i64>,
    canceled_by_admin: Option<String>,
    canceled_by_admin_message: Option<String>,
    faults: u64,
    files: u64,
    directories: u64,
    symlinks: u64,
    files_transferred: u64,
    files_skipped: u64,
    bytes_transferred: u64,
    bytes_checksummed: u64,
    effective_bytes_per_second: u64,
    subtasks_total: u64,
    subtasks_pending: u64,
    subtasks_retrying: u64,
    subtasks_succeeded: u64,
    subtasks_failed: u64,
    subtasks_canceled: u64,
    subtasks_expired: u64,
    subtasks_skipped_errors: u64,
    history_deleted: bool,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "a script would read some of these; the decoder reads all")]
struct FilterRule {
    method: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    name: String,
}

#[derive(Deserialize)]
pub(crate) struct EventList {
    #[serde(rename = "DATA")]
    pub(crate) data: Vec<Event>,
    pub(crate) total: u64,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "a script would read some of these; the decoder reads all")]
pub(crate) struct Event {
    pub(crate) code: String,
    description: Option<String>,
    details: Option<String>,
    is_error: bool,
    time: String,
}

#[derive(Deserialize)]
pub(crate) struct Accepted {
    pub(crate) task_id: String,
}

/// Asks for a document and reads it.
pub(crate) async fn get<T: serde::de::DeserializeOwned>(
    client: &reqwest::Client,
    url: &str,
) -> Result<T, String> {
    let response = client.get(url).header("authorization", "Bearer t").send().await.map_err(text)?;
    let body = response.bytes().await.map_err(text)?;
    serde_json::from_slice(&body).map_err(text)
}

pub(crate) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// One item of a submission.
#[derive(Serialize)]
struct Item<'a> {
    #[serde(rename = "DATA_TYPE")]
    data_type: &'static str,
    source_path: &'a str,
    destination_path: &'a str,
}

/// Writes a submission while it is sent, in pieces of 64 KiB.
pub(crate) struct Submission {
    items: Vec<(String, String)>,
    next: usize,
}

impl Submission {
    pub(crate) fn new(items: Vec<(String, String)>) -> Self {
        Self { items, next: 0 }
    }
}

impl http_body::Body for Submission {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if this.next > this.items.len() {
            return Poll::Ready(None);
        }
        let mut piece = Vec::with_capacity(68 * 1024);
        if this.next == 0 {
            piece.extend_from_slice(br#"{"DATA_TYPE":"transfer","submission_id":"c1f5d7b0-6a61-11f0-9d3e-0242ac120002","source_endpoint":"9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02","destination_endpoint":"5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01","DATA":["#);
        }
        while this.next < this.items.len() && piece.len() < 64 * 1024 {
            if this.next > 0 {
                piece.push(b',');
            }
            let (source_path, destination_path) = &this.items[this.next];
            serde_json::to_writer(
                &mut piece,
                &Item { data_type: "transfer_item", source_path, destination_path },
            )?;
            this.next += 1;
        }
        if this.next == this.items.len() {
            piece.extend_from_slice(b"]}");
            this.next += 1;
        }
        Poll::Ready(Some(Ok(http_body::Frame::data(piece.into()))))
    }
}
