//! The documents that show a task.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::hold::short_description;
use super::{Counts, Event, Job, Progress, Skipped, Success, Symlinks, Task, describe};
use crate::transfer::collections::legacy_username;
use crate::transfer::times::task_time;

impl Symlinks {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Symlinks::Ignore => "ignore",
            Symlinks::Keep => "keep",
            Symlinks::Copy => "copy",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Symlinks> {
        [Symlinks::Ignore, Symlinks::Keep, Symlinks::Copy]
            .into_iter()
            .find(|symlinks| symlinks.as_str() == name)
    }
}

impl Task {
    /// The `task` document.
    pub(crate) fn document(&self, now: Timestamp) -> Value {
        let progress = self.read(now);
        let running = !progress.status.has_ended();
        let nice = running.then(|| progress.nice_status());
        let end = progress.completion_time.unwrap_or(now);
        let seconds = u64::try_from(end.duration_since(self.request_time).as_secs()).unwrap_or(0).max(1);
        let mut document = json!({
            "DATA_TYPE": "task",
            "task_id": self.id,
            "type": self.kind().as_str(),
            "status": progress.status.as_str(),
            "fatal_error": progress.fatal_error.as_ref().map(|(code, description)| json!({
                "code": code,
                "description": description,
            })),
            "label": progress.label,
            "owner_id": self.owner,
            "username": legacy_username(self.owner),
            "command": "API 0.10",
            "request_time": task_time(self.request_time),
            "completion_time": progress.completion_time.map(task_time),
            "deadline": task_time(progress.deadline),
            "source_endpoint": self.source.canonical_name(self.owner),
            "source_endpoint_id": self.source.id,
            "source_endpoint_display_name": self.source.name(),
            "source_base_path": self.source_base_path,
            "source_local_user_status": "NO_PERMISSION",
            "destination_local_user_status": "NO_PERMISSION",
            "is_paused": progress.hold.is_paused(),
            "is_ok": running.then_some(progress.trouble.is_none()),
            "nice_status": nice,
            "nice_status_short_description": nice.map(short_description),
            "nice_status_details": null,
            "nice_status_expires_in": running.then_some(-1),
            "canceled_by_admin": progress.canceled_by_admin.as_ref().map(|(sides, _)| sides.as_str()),
            "canceled_by_admin_message": progress.canceled_by_admin.as_ref().map(|(_, message)| message),
            "history_deleted": progress.history_deleted,
            "key": self.key(&progress),
        });
        let counters = counters(&progress.counts, seconds);
        drop(progress);
        if let Value::Object(members) = &mut document {
            for part in [counters, self.options()] {
                members.extend(part.as_object().cloned().unwrap_or_default());
            }
        }
        document
    }

    /// The members that echo what was asked for.
    fn options(&self) -> Value {
        match &self.job {
            Job::Transfer(job) => json!({
                "destination_endpoint": job.destination.canonical_name(self.owner),
                "destination_endpoint_id": job.destination.id,
                "destination_endpoint_display_name": job.destination.name(),
                "destination_base_path": job.destination_base_path,
                "source_local_user": job.source_local_user,
                "destination_local_user": job.destination_local_user,
                "sync_level": job.sync_level,
                "encrypt_data": job.encrypt_data,
                "verify_checksum": job.verify_checksum,
                "delete_destination_extra": job.delete_destination_extra,
                "preserve_timestamp": job.preserve_timestamp,
                "recursive_symlinks": job.recursive_symlinks.as_str(),
                "skip_source_errors": job.skip_source_errors,
                "fail_on_quota_errors": job.fail_on_quota_errors,
                "filter_rules": job.filter_rules,
            }),
            Job::Delete(job) => json!({
                "destination_endpoint": null,
                "destination_endpoint_id": null,
                "destination_endpoint_display_name": null,
                "destination_base_path": null,
                "source_local_user": job.local_user,
                "destination_local_user": null,
                "sync_level": null,
                "encrypt_data": false,
                "verify_checksum": false,
                "delete_destination_extra": false,
                "preserve_timestamp": false,
                "recursive_symlinks": null,
                "skip_source_errors": false,
                "fail_on_quota_errors": false,
                "filter_rules": null,
            }),
        }
    }

    /// The key that lists are sorted by.
    fn key(&self, progress: &Progress) -> String {
        let (word, time) = match progress.completion_time {
            Some(time) => ("complete", time),
            None => ("active", self.request_time),
        };
        format!("{word},{}", time.strftime("%Y-%m-%dT%H:%M:%S%.6f"))
    }
}

/// The members that count.
fn counters(counts: &Counts, seconds: u64) -> Value {
    json!({
        "faults": counts.faults,
        "files": counts.files,
        "directories": counts.directories,
        "symlinks": counts.symlinks,
        "files_transferred": counts.files_transferred,
        "files_skipped": counts.files_skipped,
        "bytes_transferred": counts.bytes_transferred,
        "bytes_checksummed": counts.bytes_checksummed,
        "effective_bytes_per_second": counts.bytes_transferred / seconds,
        "subtasks_total": counts.total(),
        "subtasks_pending": counts.pending(),
        "subtasks_retrying": counts.retrying,
        "subtasks_succeeded": counts.succeeded,
        "subtasks_failed": counts.failed,
        "subtasks_canceled": counts.canceled,
        "subtasks_expired": counts.expired,
        "subtasks_skipped_errors": counts.skipped_errors,
    })
}

impl Event {
    /// The `event` document.
    pub(crate) fn document(&self) -> Value {
        json!({
            "DATA_TYPE": "event",
            "code": self.code,
            "description": describe(&self.code),
            "details": self.details,
            "is_error": self.is_error,
            "time": task_time(self.time),
        })
    }
}

impl Success {
    /// The `successful_transfer` document.
    pub(crate) fn document(&self) -> Value {
        json!({
            "DATA_TYPE": "successful_transfer",
            "source_path": self.source,
            "destination_path": self.destination,
            "size": self.size,
            "checksum": self.checksum.as_ref().map(|(_, checksum)| checksum),
            "checksum_algorithm": self.checksum.as_ref().map(|(algorithm, _)| algorithm.as_str()),
            "dynamic": false,
        })
    }
}

impl Skipped {
    /// The `skipped_error` document.
    pub(crate) fn document(&self) -> Value {
        json!({
            "DATA_TYPE": "skipped_error",
            "source_path": self.source,
            "destination_path": self.destination,
            "error_code": self.code,
            "error_details": self.details,
            "error_time": task_time(self.time),
            "is_directory": self.is_directory,
            "is_symlink": self.is_symlink,
            "is_delete_destination_extra": self.is_delete_destination_extra,
            "external_checksum": self.external.as_ref().map(|(_, checksum)| checksum),
            "checksum_algorithm": self.external.as_ref().map(|(algorithm, _)| algorithm.as_str()),
        })
    }
}
