//! Submitting transfers and deletions.
//!
//! ```no_run
//! # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
//! use globus_transfer::{Notify, SyncLevel, TransferData};
//!
//! let (from, to) = ("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "ddb59af0-6d04-11e5-ba46-22000b92c6ec");
//! let mut data = TransferData::new(from, to)
//!     .label("run 7")
//!     .sync_level(SyncLevel::Checksum)
//!     .verify_checksum(true)
//!     .notify(Notify::Failures);
//! data.add_item("/~/runs/7/", "/archive/runs/7/");
//! let submitted = transfer.submit_transfer(data).send().await?;
//! println!("task {}", submitted.task_id);
//! # Ok(()) }
//! ```
//!
//! # Once, however often it is sent
//! The service makes one task for one submission id. A document that has none gets one from the service when it is
//! sent, and keeps it: retries, and further calls with the same document or a clone of it, send the same id. So a
//! document whose answer was lost can simply be submitted again; where the service had taken it, it answers with the
//! task of then, which is success too ([`SubmissionResult::is_duplicate`]). A document that is changed is another
//! submission; one that is to make another task as it is loses its id by
//! [`TransferData::without_submission_id`]. To be safe across a crash, [prepare](TransferClient::prepare) it and store it
//! first.
//!
//! # Many
//! Items come from iterators, from streams ([`TransferData::add_stream`]) or from a [`ItemList`]. A document that is
//! too large is [split](Submission::split); a [`TransferQueue`] keeps to the number of tasks that a user may have.

mod body;
mod conflict;
mod delete;
mod draft;
mod item_list;
mod items;
mod models;
mod queue;
mod submission;
mod transfer;
mod wire;

use std::{fmt, sync::Arc, time::Duration};

use http::Method;

use globus_core::{Call, Field, Response, Result, RetryPolicy, SubmissionId, request, transport};

pub(crate) use self::draft::check_label;
use self::{body::body_of, draft::Document};
pub use self::{
    conflict::SubmitConflict,
    delete::DeleteData,
    item_list::{BadLine, BadLines, ItemList, ItemListError},
    models::{
        FilterMethod, FilterRule, FilterType, Notify, RecursiveSymlinks, SubmissionCode,
        SubmissionIdDocument, SubmissionResult, SyncLevel,
    },
    queue::TransferQueue,
    submission::{SplitLimits, Submission},
    transfer::{TransferData, TransferItem},
};
use crate::TransferClient;

request! {
    /// # Submission
    impl TransferClient {
        /// Asks for an id for a submission.
        ///
        /// Submitting does it by itself, and so does [`prepare`](Self::prepare).
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let id = transfer.get_submission_id().send().await?.value;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// None of its own: [`is_unauthorized`](globus_core::Error::is_unauthorized) when the token is not accepted.
        ///
        /// Service: <https://docs.globus.org/api/transfer/task_submit/#get_submission_id>
        #[doc(alias = "generate-submission-id")]
        fn get_submission_id() -> GetSubmissionId => SubmissionIdDocument {
            GET "v0.10" / "submission_id";
        }
    }
}

/// # Submitting
impl TransferClient {
    /// Submits a transfer: a task that copies files and directories from one collection to another.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// use globus_transfer::TransferData;
    /// let (from, to) = ("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "ddb59af0-6d04-11e5-ba46-22000b92c6ec");
    /// let mut data = TransferData::new(from, to);
    /// data.add_item("/~/one.bin", "/backup/one.bin");
    /// let task_id = transfer.submit_transfer(data).send().await?.task_id;
    /// # Ok(()) }
    /// ```
    ///
    /// Takes the document by value, or in an [`Arc`] to keep it at hand. That the task was accepted says nothing
    /// about the files yet: see [`task_wait`](Self::task_wait).
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
    /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when the document is one
    /// that the service refuses: see [`TransferData::validate`]; and when its deadline has passed, unless it has a
    /// submission id already.
    /// [`is_conflict`](globus_core::Error::is_conflict) when a transfer with the same paths is still running, when
    /// the user has too many tasks waiting, or when Globus Connect Personal is not connected: [`SubmitConflict`] says
    /// which;
    /// [`needs_consent`](globus_core::Error::needs_consent) when the user has to consent to `data_access` of a mapped
    /// collection; [`is_permission_denied`](globus_core::Error::is_permission_denied),
    /// [`is_not_found`](globus_core::Error::is_not_found).
    ///
    /// Service: <https://docs.globus.org/api/transfer/task_submit/#submit_transfer_task>
    #[doc(alias = "transfer")]
    pub fn submit_transfer(&self, data: impl Into<Arc<TransferData>>) -> Submit {
        Submit::new(self.clone(), "/v0.10/transfer", data.into())
    }

    /// Submits a deletion: a task that deletes files and directories of one collection.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// use globus_transfer::DeleteData;
    /// let mut data = DeleteData::new("ddb59aef-6d04-11e5-ba46-22000b92c6ec").recursive(true);
    /// data.add_item("/~/runs/6/");
    /// let task_id = transfer.submit_delete(data).send().await?.task_id;
    /// # Ok(()) }
    /// ```
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
    /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
    ///
    /// # Errors
    /// As [`submit_transfer`](Self::submit_transfer).
    ///
    /// Service: <https://docs.globus.org/api/transfer/task_submit/#submit_delete_task>
    #[doc(alias = "delete")]
    #[doc(alias = "rm")]
    pub fn submit_delete(&self, data: impl Into<Arc<DeleteData>>) -> Submit {
        Submit::new(self.clone(), "/v0.10/delete", data.into())
    }
}

/// Is a request for [`TransferClient::submit_transfer`] or [`TransferClient::submit_delete`]: set what is optional,
/// then send it.
///
/// It may be sent again after any failure: the submission id, which is asked for first when the document has none,
/// sees to it that there is one task. The document is written while it is sent, so that a million items take no
/// more memory than they have already.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Submit {
    client: TransferClient,
    document: Arc<dyn Document>,
    call: Call,
    retry: Option<RetryPolicy>,
    timeout: Field<Duration>,
}

impl Submit {
    fn new(client: TransferClient, path: &'static str, document: Arc<dyn Document>) -> Self {
        let call = client
            .base()
            .call(Method::POST, path)
            .with_header("content-type", "application/json")
            .idempotent();
        Self { client, document, call, retry: None, timeout: Field::Absent }
    }

    /// Gives the id of the submission: the document's own, or the one that was asked for; `None` before that.
    #[must_use]
    pub fn submission_id(&self) -> Option<SubmissionId> {
        self.document.draft().submission_id()
    }

    /// Sends the request.
    ///
    /// # Errors
    /// As [`TransferClient::submit_transfer`]. The document can be submitted again; it keeps its submission id.
    pub async fn send(self) -> Result<SubmissionResult> {
        self.prepare().await?.send().await
    }

    /// Sends the request; gives the answer with its status, headers, request id and raw JSON.
    ///
    /// # Errors
    /// As `send`.
    pub async fn send_full(self) -> Result<Response<SubmissionResult>> {
        self.prepare().await?.send_full().await
    }

    /// Gives the HTTP request without sending it, and without credentials. Needs no runtime. The submission id is in
    /// it only if it is known already.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when a value cannot be sent.
    pub fn to_request(&self) -> Result<transport::Request> {
        self.checked().to_request()?;
        self.call_with(self.submission_id()).to_request()
    }

    /// Limits one attempt of this request; `None` sets no limit. Default: the client's.
    pub fn with_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into().into();
        self
    }

    /// Tries this request again as the policy says. Default: the client's.
    pub fn with_retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sets a header of this request, in place of the client's own of that name.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.call = self.call.with_header(name, value);
        self
    }

    /// Sets a query parameter that the SDK has no setter for, in place of any of the same name.
    pub fn with_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.call = self.call.with_query(name.into(), value);
        self
    }

    async fn prepare(&self) -> Result<Call> {
        let id = self.issue_id().await?;
        Ok(self.call_with(Some(id)))
    }

    /// Asks for an id unless the document has one, if nothing is wrong with it.
    async fn issue_id(&self) -> Result<SubmissionId> {
        self.checked().to_request()?;
        let draft = self.document.draft();
        if let Some(id) = draft.submission_id() {
            return Ok(id);
        }
        // One that has an id may have been accepted in time: the answer says which task it is.
        let now = self.client.base().clock().now();
        if let Some(deadline) = draft.deadline().filter(|deadline| *deadline <= now) {
            let mut call = self.call.clone();
            call.problem(format!("the deadline {deadline} has passed"));
            call.to_request()?;
        }
        Ok(draft.keep(self.ask_for_id().await?))
    }

    async fn ask_for_id(&self) -> Result<SubmissionId> {
        let mut request = self.client.get_submission_id();
        if let Some(policy) = &self.retry {
            request = request.with_retry(policy.clone());
        }
        match self.timeout {
            Field::Absent => {}
            Field::Null => request = request.with_timeout(None),
            Field::Value(timeout) => request = request.with_timeout(timeout),
        }
        Ok(request.send().await?.value)
    }

    /// The request without its body, and with what is wrong with the document.
    fn checked(&self) -> Call {
        let mut call = self.call.clone();
        if let Err(problem) = self.document.draft().check() {
            call.problem(problem);
        }
        call
    }

    fn call_with(&self, id: Option<SubmissionId>) -> Call {
        let mut call = match body_of(&self.document, id) {
            Ok(body) => self.call.clone().body(body),
            Err(error) => {
                let mut call = self.call.clone();
                call.problem(format!("the document cannot be written as JSON: {error}"));
                call
            }
        };
        if let Some(policy) = &self.retry {
            call = call.with_retry(policy.clone());
        }
        match self.timeout {
            Field::Absent => call,
            Field::Null => call.with_timeout(None),
            Field::Value(timeout) => call.with_timeout(timeout),
        }
    }
}

impl fmt::Debug for Submit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submit")
            .field("call", &self.call)
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}
