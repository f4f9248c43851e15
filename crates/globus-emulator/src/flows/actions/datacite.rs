//! The provider that mints DOIs: what would be sent to `DataCite` is recorded, and answered as `DataCite` does.

use serde_json::{Value, json};

use super::Stage;
use crate::random;
use crate::state::State;

/// Records a DOI, without the password. One that has no id gets one below its prefix, as at `DataCite`.
pub(super) fn mint(state: &State, body: &Value) -> Stage {
    let mut doi = body["Doi"].clone();
    let id = match (doi["id"].as_str(), doi["attributes"]["prefix"].as_str()) {
        (Some(id), _) => id.to_owned(),
        (None, Some(prefix)) => format!("{prefix}/{}", random::alphanumeric(8).to_lowercase()),
        (None, None) => {
            return Stage::failure(
                "BadActionRequest",
                "Doi has neither an id nor a prefix among its attributes",
            );
        }
    };
    doi["id"] = id.as_str().into();
    doi["type"] = "dois".into();
    doi["attributes"]["doi"] = id.into();
    let sent = json!({"as_test": body["as_test"] == true, "username": body["username"], "data": doi});
    state.flows.actions.datacite.add(state.clock.now(), "mint", &sent);
    Stage::Succeeded(json!({"data": doi}))
}
