//! The document of a transfer.

use std::{future::poll_fn, io::BufRead, pin::pin};

use futures_core::Stream;
use globus_core::{CollectionId, Error, IntoId, Result, SubmissionId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{
    draft::{Document, Draft, Kind},
    item_list::{ItemList, ItemListError},
    items::{ItemOptions, Shape},
    models::{FilterRule, Notify, RecursiveSymlinks, SyncLevel},
    wire,
};

/// Says what to copy, from where to where, and how.
///
/// ```
/// use globus_transfer::{FilterRule, SyncLevel, TransferData, TransferItem};
///
/// let (from, to) = ("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "ddb59af0-6d04-11e5-ba46-22000b92c6ec");
/// let mut data = TransferData::new(from, to).label("run 7").sync_level(SyncLevel::Checksum);
/// data.add_item("/~/runs/7/", "/archive/runs/7/");
/// data.push(TransferItem::new("/~/log.txt", "/archive/logs/7.txt").recursive(false));
/// data.extend((1..=3).map(|n| (format!("/~/raw/{n}.h5"), format!("/archive/raw/{n}.h5"))));
/// data.add_filter_rule(FilterRule::exclude("*.tmp"));
/// assert_eq!(data.len(), 5);
/// # data.validate().unwrap();
/// ```
///
/// What is not set is left out, and is what the service makes it. A million items take little more memory than
/// their paths; in an [`Arc`](std::sync::Arc) the document is submitted without a copy.
#[derive(Debug, Clone)]
pub struct TransferData {
    draft: Draft,
}

impl TransferData {
    const KIND: Kind = Kind::Transfer;

    /// Starts a transfer from one collection to another, or within one.
    pub fn new(source: impl IntoId<CollectionId>, destination: impl IntoId<CollectionId>) -> Self {
        let mut draft = Draft::new(Self::KIND);
        draft.set_collection("source_endpoint", source);
        draft.set_collection("destination_endpoint", destination);
        Self { draft }
    }

    /// Adds a file or directory; the service finds out which it is.
    ///
    /// Of a directory the *contents* go into the destination path; of a file the destination path names the copy.
    /// Parents that are not there are made.
    pub fn add_item(&mut self, source_path: impl AsRef<str>, destination_path: impl AsRef<str>) -> &mut Self {
        self.draft.push(source_path.as_ref(), destination_path.as_ref(), Shape::Detect, None);
        self
    }

    /// Adds a symbolic link, to be made anew itself instead of what it leads to.
    ///
    /// Legacy: hardly a collection supports it.
    pub fn add_symlink_item(
        &mut self,
        source_path: impl AsRef<str>,
        destination_path: impl AsRef<str>,
    ) -> &mut Self {
        self.draft.push(source_path.as_ref(), destination_path.as_ref(), Shape::Symlink, None);
        self
    }

    /// Adds an item with more to say about it: whether it is a directory, its checksum.
    ///
    /// Many items are added with [`extend`](Extend::extend), as items or as pairs of paths.
    #[doc(alias = "add_item")]
    pub fn push(&mut self, item: TransferItem) -> &mut Self {
        let TransferItem { source_path, destination_path, shape, options } = item;
        let options = (options != ItemOptions::default()).then(|| Box::new(options));
        self.draft.push(&source_path, &destination_path, shape, options);
        self
    }

    /// Adds items as a stream gives them, and counts them; a stream that fails ends it, and what has come stays.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// # use globus_transfer::TransferData;
    /// # let (from, to) = ("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "ddb59af0-6d04-11e5-ba46-22000b92c6ec");
    /// let failed = transfer.task_list().filter("status:FAILED/type:TRANSFER").items().try_next().await?.unwrap();
    /// let mut data = TransferData::new(from, to);
    /// let skipped = transfer.task_skipped_errors(failed.task_id).items();
    /// let pairs = futures_util::TryStreamExt::map_ok(skipped, |file| {
    ///     (file.source_path.unwrap_or_default(), file.destination_path.unwrap_or_default())
    /// });
    /// let count = data.add_stream(pairs).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The stream's.
    pub async fn add_stream<T, E>(&mut self, items: impl Stream<Item = Result<T, E>>) -> Result<u64, E>
    where
        T: Into<TransferItem>,
    {
        let mut items = pin!(items);
        let mut count = 0;
        while let Some(item) = poll_fn(|context| items.as_mut().poll_next(context)).await {
            self.push(item?.into());
            count += 1;
        }
        Ok(count)
    }

    /// Adds items or pairs of paths, and gives the document on: for documents that are made in one expression.
    ///
    /// ```
    /// # use globus_transfer::TransferData;
    /// # let (from, to) = ("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "ddb59af0-6d04-11e5-ba46-22000b92c6ec");
    /// let data = TransferData::new(from, to).with_items([("/~/a", "/backup/a"), ("/~/b", "/backup/b")]);
    /// ```
    pub fn with_items<T>(mut self, items: impl IntoIterator<Item = T>) -> Self
    where
        Self: Extend<T>,
    {
        self.extend(items);
        self
    }

    /// Adds a rule on which files and directories inside of directories to copy. The first rule that fits an entry
    /// decides; an entry that no rule fits is copied.
    ///
    /// A rule is about the name of an entry, without the directories that it is in.
    pub fn add_filter_rule(&mut self, rule: FilterRule) -> &mut Self {
        // Such a rule would fit nothing, and what it is to leave out would be copied without a word.
        match rule.name.as_deref() {
            Some("") => {
                self.draft.problem(|| "a filter rule has an empty name, which fits nothing".to_owned());
            }
            Some(name) if name.contains('/') => self.draft.problem(|| {
                format!("the filter rule {name:?} has a / in it: rules are about names, not about paths")
            }),
            _ => {}
        }
        self.draft.append("filter_rules", rule);
        self
    }

    /// Counts the items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.draft.items().len()
    }

    /// Tells whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Copies a file only when its copy lacks something. Service default: always copies.
    ///
    /// Takes a [`SyncLevel`], or its number.
    pub fn sync_level(self, level: impl Into<SyncLevel>) -> Self {
        self.set("sync_level", Some(level.into().as_number()))
    }

    /// Compares checksums of source and destination after each file. Service default: false.
    pub fn verify_checksum(self, verify: impl Into<Option<bool>>) -> Self {
        self.set("verify_checksum", verify.into())
    }

    /// Keeps the modification times of files. Service default: false.
    pub fn preserve_timestamp(self, preserve: impl Into<Option<bool>>) -> Self {
        self.set("preserve_timestamp", preserve.into())
    }

    /// Encrypts the data on its way. Service default: false, unless a collection demands it.
    pub fn encrypt_data(self, encrypt: impl Into<Option<bool>>) -> Self {
        self.set("encrypt_data", encrypt.into())
    }

    /// **Deletes** what is in a destination directory and not in its source. Service default: false.
    pub fn delete_destination_extra(self, delete: impl Into<Option<bool>>) -> Self {
        self.set("delete_destination_extra", delete.into())
    }

    /// Leaves out source files that are not there or may not be read, instead of trying until the deadline. Service
    /// default: false. What was left out is in
    /// [`task_skipped_errors`](crate::TransferClient::task_skipped_errors); the task succeeds all the same.
    pub fn skip_source_errors(self, skip: impl Into<Option<bool>>) -> Self {
        self.set("skip_source_errors", skip.into())
    }

    /// Fails when the destination's quota is exceeded, instead of trying until the deadline. Service default: false.
    pub fn fail_on_quota_errors(self, fail: impl Into<Option<bool>>) -> Self {
        self.set("fail_on_quota_errors", fail.into())
    }

    /// Says what becomes of symbolic links inside of directories. Service default: `ignore`. Legacy.
    pub fn recursive_symlinks(self, symlinks: impl Into<RecursiveSymlinks>) -> Self {
        let symlinks = symlinks.into();
        self.set("recursive_symlinks", Some(symlinks.as_str()))
    }

    /// Reads as this account, on mapped collections where the user has several.
    pub fn source_local_user(self, user: impl Into<String>) -> Self {
        self.set("source_local_user", Some(user.into()))
    }

    /// Writes as this account, on mapped collections where the user has several.
    pub fn destination_local_user(self, user: impl Into<String>) -> Self {
        self.set("destination_local_user", Some(user.into()))
    }
}

/// Gives a document the setters that transfers and deletions share.
macro_rules! shared_setters {
    ($Data:ident) => {
        impl $Data {
            /// Names the task, for people: up to 128 characters, without line breaks, and without blanks around it.
            pub fn label(self, label: impl Into<String>) -> Self {
                self.set("label", Some(label.into()))
            }

            /// Ends the task as failed when it has not succeeded by then: `SystemTime::now() + …` is made one by
            /// [`Timestamp::from`]. Service default: 24 hours, pushed on while a transfer makes progress.
            pub fn deadline(self, deadline: impl Into<Option<Timestamp>>) -> Self {
                self.set("deadline", deadline.into().map(|deadline| deadline.to_string()))
            }

            /// Says of what the user gets mail. Service default: everything.
            pub fn notify(mut self, notify: Notify) -> Self {
                for (name, value) in notify.members() {
                    self.draft.set(name, Value::from(value));
                }
                self
            }

            /// Keeps the common directory of the paths with the task, for its document to tell. Service default: false.
            pub fn store_base_path_info(self, store: impl Into<Option<bool>>) -> Self {
                self.set("store_base_path_info", store.into())
            }

            /// Adds the items of a file list, and counts them: see [`ItemList`](crate::submit::ItemList).
            ///
            /// # Errors
            /// [`ItemListError`](crate::submit::ItemListError), which names every bad line. Nothing was added then.
            pub fn add_item_list(
                &mut self,
                list: ItemList,
                input: impl BufRead,
            ) -> Result<u64, ItemListError> {
                let items = list.read(self.draft.kind, input)?;
                let count = items.len() as u64;
                self.draft.append_items(items);
                Ok(count)
            }

            /// Sets the id of the submission, instead of one that the service issues. The service makes one task for
            /// one id: with an id that was used before, it answers with the task of then, whatever the document says.
            pub fn submission_id(mut self, id: impl IntoId<SubmissionId>) -> Self {
                self.draft.give(id);
                self
            }

            /// Gives the id of the submission: the one that was set, or the one that the service issued when the
            /// document was sent.
            #[must_use]
            pub fn current_submission_id(&self) -> Option<SubmissionId> {
                self.draft.submission_id()
            }

            /// Takes the id away: what is submitted next makes another task, though nothing else has changed.
            pub fn without_submission_id(mut self) -> Self {
                self.draft.forget_id();
                self
            }

            pub(super) fn from_draft(draft: Draft) -> Self {
                Self { draft }
            }

            /// Sets a member that the SDK has no setter for, in place of any of the same name.
            pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
                self.draft.set_extra(&name.into(), value.into());
                self
            }

            /// Checks the document for what the service is known to refuse. Submitting does it too, before anything is
            /// sent.
            ///
            /// # Errors
            /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), with a line that says what and where: no
            /// items, a path that is empty or has a NUL or CR LF, an id that is no UUID, a label that is too long, has a
            /// line break or blanks around it, a checksum that is none or not a file's, filter rules that fit nothing or
            /// where nothing is a directory.
            pub fn validate(&self) -> Result<()> {
                self.draft.check().map_err(Error::invalid_input)
            }

            fn set(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
                self.draft.set(name, value.map(Into::into));
                self
            }
        }

        impl Document for $Data {
            fn draft(&self) -> &Draft {
                &self.draft
            }
        }

        /// Writes the document that is sent, with the submission id if it has one.
        impl Serialize for $Data {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.draft.serialize(serializer)
            }
        }

        /// Reads such a document.
        impl<'de> Deserialize<'de> for $Data {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                wire::read(Self::KIND, deserializer).map(Self::from_draft)
            }
        }
    };
}
pub(super) use shared_setters;

shared_setters!(TransferData);

impl Extend<TransferItem> for TransferData {
    fn extend<I: IntoIterator<Item = TransferItem>>(&mut self, items: I) {
        for item in items {
            self.push(item);
        }
    }
}

impl<S: AsRef<str>, D: AsRef<str>> Extend<(S, D)> for TransferData {
    fn extend<I: IntoIterator<Item = (S, D)>>(&mut self, items: I) {
        for (source_path, destination_path) in items {
            self.add_item(source_path, destination_path);
        }
    }
}

/// Says what to copy where, with more to say about it than two paths.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "an item does nothing until it is added to a transfer"]
pub struct TransferItem {
    source_path: String,
    destination_path: String,
    shape: Shape,
    options: ItemOptions,
}

impl TransferItem {
    /// Makes an item; the service finds out whether it is a file or a directory.
    pub fn new(source_path: impl Into<String>, destination_path: impl Into<String>) -> Self {
        Self {
            source_path: source_path.into(),
            destination_path: destination_path.into(),
            shape: Shape::Detect,
            options: ItemOptions::default(),
        }
    }

    /// Says that it is a directory (true) or a file (false). Unless set, or with `None`, the service finds out.
    pub fn recursive(mut self, recursive: impl Into<Option<bool>>) -> Self {
        self.shape = match recursive.into() {
            None => Shape::Detect,
            Some(false) => Shape::File,
            Some(true) => Shape::Directory,
        };
        self
    }

    /// Fails unless the file has this checksum, in hexadecimal digits.
    pub fn external_checksum(mut self, checksum: impl Into<String>) -> Self {
        self.options.external_checksum = Some(checksum.into().into());
        self
    }

    /// Says how the checksum was made, e.g. `SHA256`. Service default: `MD5`.
    pub fn checksum_algorithm(mut self, algorithm: impl Into<String>) -> Self {
        self.options.checksum_algorithm = Some(algorithm.into().into());
        self
    }

    /// Sets a member that the SDK has no setter for, in place of any of the same name.
    #[doc(alias = "additional_fields")]
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.extra.get_or_insert_default().insert(name.into(), value.into());
        self
    }
}

/// Takes two paths.
impl<S: Into<String>, D: Into<String>> From<(S, D)> for TransferItem {
    fn from((source_path, destination_path): (S, D)) -> Self {
        Self::new(source_path, destination_path)
    }
}
