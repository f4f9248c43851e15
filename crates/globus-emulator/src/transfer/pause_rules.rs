//! Pause rules: what a collection's managers do not let happen for a while.

mod requests;

use std::sync::{Arc, PoisonError, RwLock};

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::collections::Collection;
use super::reply::TransferError;
use super::task::Task;
use super::times;
use crate::auth::principals::Who;
use crate::auth::verify::Caller;
use crate::state::State;
pub(super) use requests::router;

/// What can be paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Ls,
    Mkdir,
    Symlink,
    Rename,
    TaskDelete,
    TaskTransferWrite,
    TaskTransferRead,
}

impl Action {
    pub(crate) const ALL: [Action; 7] = [
        Action::Ls,
        Action::Mkdir,
        Action::Symlink,
        Action::Rename,
        Action::TaskDelete,
        Action::TaskTransferWrite,
        Action::TaskTransferRead,
    ];

    /// The member of the document that says whether a rule pauses it.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Action::Ls => "pause_ls",
            Action::Mkdir => "pause_mkdir",
            Action::Symlink => "pause_symlink",
            Action::Rename => "pause_rename",
            Action::TaskDelete => "pause_task_delete",
            Action::TaskTransferWrite => "pause_task_transfer_write",
            Action::TaskTransferRead => "pause_task_transfer_read",
        }
    }
}

/// One rule.
#[derive(Debug, Clone)]
pub(crate) struct PauseRule {
    pub(crate) id: Uuid,
    pub(crate) endpoint: Uuid,
    pub(crate) message: String,
    /// Whom it is for; everybody if nobody is named.
    pub(crate) identity: Option<Uuid>,
    pub(crate) start_time: Option<Timestamp>,
    pub(crate) paused: Vec<Action>,
    /// Id and username of who changed it last.
    pub(crate) modified_by: (Uuid, String),
    pub(crate) modified: Timestamp,
    /// Made by somebody who manages only the mapped collection of the guest collection that it is for.
    pub(crate) by_host_manager: bool,
}

impl PauseRule {
    /// Whether it holds for somebody now.
    fn holds_for(&self, who: Who<'_>, now: Timestamp) -> bool {
        self.identity.is_none_or(|identity| who.is(identity))
            && self.start_time.is_none_or(|start| start <= now)
    }

    /// The document that everybody may see whom the rule stops.
    pub(crate) fn limited(&self, endpoint_name: &str) -> Value {
        let mut document = Map::from_iter([
            ("DATA_TYPE".to_owned(), json!("pause_rule_limited")),
            ("id".to_owned(), json!(self.id)),
            ("message".to_owned(), json!(self.message)),
            ("start_time".to_owned(), json!(self.start_time.map(times::task_time))),
            ("endpoint_id".to_owned(), json!(self.endpoint)),
            ("endpoint_display_name".to_owned(), json!(endpoint_name)),
            ("identity_id".to_owned(), json!(self.identity)),
            ("modified_time".to_owned(), json!(times::task_time(self.modified))),
        ]);
        document.extend(
            Action::ALL.map(|action| (action.member().to_owned(), json!(self.paused.contains(&action)))),
        );
        Value::Object(document)
    }

    /// The document for those who manage the collection.
    pub(crate) fn document(&self, endpoint_name: &str, editable: bool) -> Value {
        let mut document = self.limited(endpoint_name);
        document["DATA_TYPE"] = json!("pause_rule");
        document["modified_by_id"] = json!(self.modified_by.0);
        document["modified_by"] = json!(self.modified_by.1);
        document["created_by_host_manager"] = json!(self.by_host_manager);
        document["editable"] = json!(editable);
        document
    }
}

/// What keeps a task from going on: the rules, and what managers said who paused this one.
pub(crate) fn info(state: &State, task: &Task) -> Value {
    let now = state.clock.now();
    let mut rules: Vec<Arc<PauseRule>> = Vec::new();
    for (collection, action) in task.actions() {
        for rule in state.transfer.pause_rules.effective(collection, task.caller.who(), Some(action), now) {
            if !rules.iter().any(|other| other.id == rule.id) {
                rules.push(rule);
            }
        }
    }
    let limited = rules.iter().map(|rule| rule.limited(&endpoint_name(state, rule.endpoint)));
    let mut document = json!({
        "DATA_TYPE": "pause_info_limited",
        "source_pause_message": null,
        "source_pause_message_share": null,
        "destination_pause_message": null,
        "destination_pause_message_share": null,
        "pause_rules": limited.collect::<Vec<_>>(),
    });
    let hold = task.read(now).hold.clone();
    let messages = [("source", hold.source_message), ("destination", hold.destination_message)];
    for ((collection, _), (side, message)) in task.actions().into_iter().zip(messages) {
        let share = if collection.kind.is_guest() { "_share" } else { "" };
        document[format!("{side}_pause_message{share}")] = message.into();
    }
    document
}

/// The display name of the collection that a rule is for.
fn endpoint_name(state: &State, id: Uuid) -> String {
    state.transfer.collections.get(id).map(|collection| collection.name()).unwrap_or_default()
}

/// All pause rules, oldest first.
#[derive(Debug, Default)]
pub(crate) struct PauseRules(RwLock<Vec<Arc<PauseRule>>>);

impl PauseRules {
    pub(super) fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn all(&self) -> Vec<Arc<PauseRule>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<Arc<PauseRule>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().find(|rule| rule.id == id).cloned()
    }

    /// Adds a rule, or puts it in the place of the one with its id.
    pub(crate) fn put(&self, rule: PauseRule) {
        let mut rules = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match rules.iter_mut().find(|other| other.id == rule.id) {
            Some(place) => *place = Arc::new(rule),
            None => rules.push(Arc::new(rule)),
        }
    }

    pub(crate) fn remove(&self, id: Uuid) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).retain(|rule| rule.id != id);
    }

    /// The rules that hold for somebody on a collection now, those of what it belongs to as well: all of them, or those
    /// that pause one action.
    pub(crate) fn effective(
        &self,
        collection: &Collection,
        who: Who<'_>,
        action: Option<Action>,
        now: Timestamp,
    ) -> Vec<Arc<PauseRule>> {
        let here = |rule: &PauseRule| {
            let above = collection.host().into_iter().chain(collection.server());
            rule.endpoint == collection.id || above.map(|one| one.id).any(|id| id == rule.endpoint)
        };
        let mut rules = self.all();
        rules.retain(|rule| {
            here(rule)
                && rule.holds_for(who, now)
                && action.is_none_or(|action| rule.paused.contains(&action))
        });
        rules
    }
}

/// Refuses an operation that a rule pauses.
pub(crate) fn check(
    state: &State,
    caller: &Caller,
    collection: &Collection,
    action: Action,
) -> Result<(), TransferError> {
    let who = caller.who();
    let rules = state.transfer.pause_rules.effective(collection, who, Some(action), state.clock.now());
    match rules.first() {
        None => Ok(()),
        Some(rule) => {
            let message = format!("{} is paused: {}", collection.described(), rule.message);
            Err(TransferError::new(StatusCode::CONFLICT, "OperationPaused", message))
        }
    }
}
