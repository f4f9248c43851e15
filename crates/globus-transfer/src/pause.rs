//! Pauses: what keeps tasks and file operations from running for a while.
//!
//! Rules are made with [`endpoint_manager_create_pause_rule`](crate::TransferClient::endpoint_manager_create_pause_rule).

use globus_core::{CollectionId, Extra, IdentityId, IntoId, TaskId, Timestamp, request};
use serde::{Deserialize, Serialize};

use crate::{
    TransferClient,
    document::{extra_accessors, or_default},
    parts::{DataType, list, request_document},
};

globus_core::uuid_id! {
    /// Names a pause rule.
    pub struct PauseRuleId, "pause rule id";
}

request! {
    /// # Pauses of tasks
    impl TransferClient {
        /// Says why a task is paused.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let info = transfer.task_pause_info("8b3a7c1e-6a61-11f0-8b6d-0affc0000001").send().await?;
        /// for rule in &info.pause_rules {
        ///     println!("{:?}", rule.message);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Of a task that is not paused there are no rules and no messages.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such task.
        ///
        /// Service: <https://docs.globus.org/api/transfer/task/#get_task_pause_info>
        #[doc(alias = "task pause-info")]
        fn task_pause_info(task_id: id TaskId) -> TaskPauseInfo => PauseInfo {
            GET "v0.10" / "task" / task_id / "pause_info";
        }
    }
}

/// Says why a task is paused.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PauseInfo {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// The rules that hold for it.
    #[serde(default, deserialize_with = "or_default")]
    pub pause_rules: Vec<PauseRule>,
    /// What an administrator of the source said who paused this very task.
    pub source_pause_message: Option<String>,
    /// What an administrator of the destination said who paused this very task.
    pub destination_pause_message: Option<String>,
    /// What an administrator of the source's host said who paused this very task.
    pub source_pause_message_share: Option<String>,
    /// What an administrator of the destination's host said who paused this very task.
    pub destination_pause_message_share: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

/// Describes a pause rule. Who made it is told to managers of the collection only.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PauseRule {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// The id.
    pub id: PauseRuleId,
    /// What users are told.
    pub message: Option<String>,
    /// When it begins; `None` when it holds already.
    pub start_time: Option<Timestamp>,
    /// The collection.
    pub endpoint_id: Option<CollectionId>,
    /// Its name.
    pub endpoint_display_name: Option<String>,
    /// The identity whose work is paused; `None` for everybody's.
    pub identity_id: Option<IdentityId>,
    /// The identity that changed it last.
    pub modified_by_id: Option<IdentityId>,
    /// Legacy: that identity's name.
    pub modified_by: Option<String>,
    /// When it was changed last.
    pub modified_time: Option<Timestamp>,
    /// Whether a manager of the host made it.
    pub created_by_host_manager: Option<bool>,
    /// Whether the caller may change it.
    pub editable: Option<bool>,
    /// Whether directories cannot be listed.
    pub pause_ls: Option<bool>,
    /// Whether directories cannot be made.
    pub pause_mkdir: Option<bool>,
    /// Whether symbolic links cannot be made.
    pub pause_symlink: Option<bool>,
    /// Whether files cannot be renamed.
    pub pause_rename: Option<bool>,
    /// Whether deletions are paused.
    pub pause_task_delete: Option<bool>,
    /// Whether transfers to it are paused.
    pub pause_task_transfer_write: Option<bool>,
    /// Whether transfers from it are paused.
    pub pause_task_transfer_read: Option<bool>,
    #[serde(flatten)]
    extra: Extra,
}

list! {
    /// Holds pause rules.
    pub struct PauseRuleList of PauseRule {}
}

/// Declares a request document with the members of a pause rule that can be changed.
macro_rules! pause_document {
    ($(#[$doc:meta])+ pub $struct_or_update:ident $Document:ident { $($members:tt)* }) => {
        request_document! {
            $(#[$doc])+
            pub $struct_or_update $Document as "pause_rule" {
                $($members)*
                /// Keeps directories from being listed. Service default of a new rule: true.
                pause_ls: optional bool;
                /// Keeps directories from being made. Service default of a new rule: true.
                pause_mkdir: optional bool;
                /// Keeps symbolic links from being made. Service default of a new rule: true.
                pause_symlink: optional bool;
                /// Keeps files from being renamed. Service default of a new rule: true.
                pause_rename: optional bool;
                /// Pauses deletions. Service default of a new rule: true.
                pause_task_delete: optional bool;
                /// Pauses transfers to the collection. Service default of a new rule: true.
                pause_task_transfer_write: optional bool;
                /// Pauses transfers from the collection. Service default of a new rule: true.
                pause_task_transfer_read: optional bool;
            }
        }
    };
}

pause_document! {
    /// Describes a pause rule to make. It pauses everything, unless set otherwise.
    ///
    /// ```
    /// use globus_transfer::pause::NewPauseRule;
    /// let rule = NewPauseRule::new("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "The tape library moves until Friday.")
    ///     .pause_ls(false);
    /// ```
    pub struct NewPauseRule {
        /// Pauses the work of this identity only. Default: everybody's.
        identity_id: id IdentityId;
        /// Begins at this time. Default: now.
        start_time: field Timestamp;
    }
}

impl NewPauseRule {
    /// Pauses what happens on a collection, and says why: users read the message.
    pub fn new(endpoint_id: impl IntoId<CollectionId>, message: impl Into<String>) -> Self {
        let mut rule = Self::start();
        rule.0.id::<CollectionId>("endpoint_id", endpoint_id);
        rule.0.set("message", message.into());
        rule
    }
}

pause_document! {
    /// Describes a change of a pause rule: what is not set stays as it is.
    ///
    /// ```
    /// use globus_transfer::pause::PauseRuleUpdate;
    /// let update = PauseRuleUpdate::new().message("It takes until Monday.").pause_task_transfer_read(false);
    /// ```
    pub update PauseRuleUpdate {
        /// Tells users this.
        message: text;
    }
}

impl PauseInfo {
    /// Gives what the one who paused it wrote: the message of an explicit pause, or of the first rule that has one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        [
            &self.source_pause_message,
            &self.destination_pause_message,
            &self.source_pause_message_share,
            &self.destination_pause_message_share,
        ]
        .into_iter()
        .chain(self.pause_rules.iter().map(|rule| &rule.message))
        .find_map(|message| message.as_deref())
    }
}

extra_accessors!(PauseInfo, PauseRule);
