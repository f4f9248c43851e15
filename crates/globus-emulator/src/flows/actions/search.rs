//! The providers of Search: what would be ingested or deleted is recorded.

use serde_json::json;
use uuid::Uuid;

use super::{Action, Stage};
use crate::state::State;
use crate::time;

/// Records a request and says what Search says of a task that is done.
pub(super) fn record(state: &State, action: &Action, operation: &'static str) -> Stage {
    let now = state.clock.now();
    state.flows.actions.search.add(now, operation, action.body());
    Stage::Succeeded(json!({
        "task_id": Uuid::new_v4(),
        "index_id": action.body().get("search_index"),
        "task_type": operation.to_uppercase(),
        "state": "SUCCESS",
        "state_description": "Task succeeded",
        "creation_date": time::micros(action.start_time),
        "completion_date": time::micros(now),
    }))
}
