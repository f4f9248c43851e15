//! A submission with its id: prepared first, stored, sent as often as it takes.

use std::sync::Arc;

use globus_core::{Error, SubmissionId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::{
    Submit,
    delete::DeleteData,
    draft::{Document, Draft, Kind},
    transfer::TransferData,
    wire,
};
use crate::TransferClient;

/// Is a transfer or a deletion that makes one task, however often it is sent. [Prepared](TransferClient::prepare), it has
/// its submission id, and can be stored before it is sent.
///
/// ```no_run
/// # async fn example(transfer: globus_transfer::TransferClient, data: globus_transfer::TransferData) -> Result<(), Box<dyn std::error::Error>> {
/// use globus_transfer::Submission;
///
/// let submission = transfer.prepare(data).await?;
/// std::fs::write("submission.json", serde_json::to_vec(&submission)?)?;
/// let task_id = transfer.submit(&submission).send().await?.task_id;
/// std::fs::remove_file("submission.json")?;
///
/// // The next start of the program, after a crash in between:
/// let stored: Submission = serde_json::from_slice(&std::fs::read("submission.json")?)?;
/// let same_task_id = transfer.submit(&stored).send().await?.task_id;
/// # Ok(()) }
/// ```
///
/// As JSON it is the document that is sent; without an id it is refused. Cheap to clone; clones have the same id.
#[derive(Debug, Clone)]
pub struct Submission {
    document: Either,
}

#[derive(Debug, Clone)]
enum Either {
    Transfer(Arc<TransferData>),
    Delete(Arc<DeleteData>),
}

impl Submission {
    /// Makes a submission of a transfer. It has the id of the document, if that has one already; if not, it gets one when
    /// it is [prepared](TransferClient::prepare) or sent.
    pub fn transfer(data: impl Into<Arc<TransferData>>) -> Self {
        Self { document: Either::Transfer(data.into()) }
    }

    /// Makes a submission of a deletion. As [`transfer`](Self::transfer).
    pub fn delete(data: impl Into<Arc<DeleteData>>) -> Self {
        Self { document: Either::Delete(data.into()) }
    }

    /// Makes an id here, unless there is one, instead of asking the service for it.
    ///
    /// This saves a request, and needs no network. The service documents ids that it has issued; that it takes others is
    /// not promised.
    #[must_use]
    pub fn with_random_id(self) -> Self {
        let draft = self.document.draft();
        if draft.submission_id().is_none() {
            draft.keep(SubmissionId::random());
        }
        self
    }

    /// Gives the id; `None` before there is one.
    #[must_use]
    pub fn id(&self) -> Option<SubmissionId> {
        self.document.draft().submission_id()
    }

    /// Counts the items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.document.draft().items().len()
    }

    /// Tells whether there are no items. The service refuses such a submission.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Deals the items out to as many submissions as the limits ask for, in their order; one that fits stays as it is.
    ///
    /// ```
    /// # let (from, to) = ("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "ddb59af0-6d04-11e5-ba46-22000b92c6ec");
    /// use globus_transfer::{Submission, TransferData, submit::SplitLimits};
    ///
    /// let data = TransferData::new(from, to).with_items((0..2500).map(|n| (format!("/a/{n}"), format!("/b/{n}"))));
    /// let parts = Submission::transfer(data).split(SplitLimits::default().max_items(1000));
    /// assert_eq!(parts.iter().map(Submission::len).collect::<Vec<_>>(), [1000, 1000, 500]);
    /// ```
    ///
    /// All else is the same in each. The parts get ids of their own: prepare and store them, not the whole.
    #[must_use]
    pub fn split(&self, limits: SplitLimits) -> Vec<Self> {
        let parts = self.document.draft().split(limits.items, limits.bytes);
        if let [_] = parts.as_slice() {
            return vec![self.clone()];
        }
        let of = |draft: Draft| match draft.kind {
            Kind::Transfer => Self::transfer(TransferData::from_draft(draft)),
            Kind::Delete => Self::delete(DeleteData::from_draft(draft)),
        };
        parts.into_iter().map(of).collect()
    }

    pub(crate) fn draft(&self) -> &Draft {
        self.document.draft()
    }
}

impl Either {
    fn draft(&self) -> &Draft {
        match self {
            Self::Transfer(data) => data.draft(),
            Self::Delete(data) => data.draft(),
        }
    }
}

impl From<TransferData> for Submission {
    fn from(data: TransferData) -> Self {
        Self::transfer(data)
    }
}

impl From<DeleteData> for Submission {
    fn from(data: DeleteData) -> Self {
        Self::delete(data)
    }
}

impl From<&Self> for Submission {
    fn from(submission: &Self) -> Self {
        submission.clone()
    }
}

/// # Submitting again
impl TransferClient {
    /// Asks for the id of a submission, unless it has one: what to store before it is sent.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient, data: globus_transfer::TransferData) -> Result<(), Box<dyn std::error::Error>> {
    /// let submission = transfer.prepare(data).await?;
    /// std::fs::write("submission.json", serde_json::to_vec(&submission)?)?;
    /// let task_id = transfer.submit(&submission).send().await?.task_id;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when the document is one
    /// that the service refuses; those of [`get_submission_id`](Self::get_submission_id).
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
    pub async fn prepare(&self, submission: impl Into<Submission>) -> Result<Submission, Error> {
        let submission = submission.into();
        self.submit(&submission).issue_id().await?;
        Ok(submission)
    }

    /// Sends a submission: the first time, or again.
    ///
    /// ```no_run
    /// # async fn example(
    /// #     transfer: globus_transfer::TransferClient, data: globus_transfer::TransferData,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let submission = transfer.prepare(data).await?;
    /// // However often this runs, there is one task.
    /// let task = transfer.submit(&submission).send().await?.task_id;
    /// # Ok(()) }
    /// ```
    ///
    /// One that is to outlive a crash is [stored](Submission) before it is sent.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
    /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
    ///
    /// # Errors
    /// As [`submit_transfer`](Self::submit_transfer) and [`submit_delete`](Self::submit_delete).
    pub fn submit(&self, submission: &Submission) -> Submit {
        match &submission.document {
            Either::Transfer(data) => self.submit_transfer(Arc::clone(data)),
            Either::Delete(data) => self.submit_delete(Arc::clone(data)),
        }
    }
}

impl Serialize for Submission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.id().is_none() {
            // What is stored without one makes another task each time it is sent.
            return Err(ser::Error::custom("the submission has no id yet: prepare it before it is stored"));
        }
        self.document.draft().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Submission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let draft = wire::read_any(deserializer)?;
        if draft.submission_id().is_none() {
            return Err(de::Error::missing_field("submission_id"));
        }
        Ok(match draft.kind {
            Kind::Transfer => Self::transfer(TransferData::from_draft(draft)),
            Kind::Delete => Self::delete(DeleteData::from_draft(draft)),
        })
    }
}

/// Says how much one submission may hold before it is [split](Submission::split).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "limits do nothing until something is split"]
pub struct SplitLimits {
    items: usize,
    bytes: u64,
}

impl Default for SplitLimits {
    /// 100,000 items and 32 MiB. The service tells no limit of its own; requests much larger than this have met
    /// time-outs on the way.
    fn default() -> Self {
        Self { items: 100_000, bytes: 32 * 1024 * 1024 }
    }
}

impl SplitLimits {
    /// Allows this many items; zero counts as one.
    pub fn max_items(mut self, items: usize) -> Self {
        self.items = items;
        self
    }

    /// Allows this many bytes of JSON. An item that is larger by itself gets a submission of its own.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }
}
