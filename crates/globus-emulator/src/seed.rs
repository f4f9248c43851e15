//! What a test wants to be there, in one document: what belongs to Auth, and collections.

use serde::Deserialize;
use serde_json::Value;

use crate::auth::seed::Seed;
use crate::state::State;
use crate::{CollectionSetup, transfer};

/// Whether a document may name directories of this machine. Only who started the emulator says what it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Directories {
    Allowed,
    Refused,
}

/// Adds everything in the document, or nothing if something in it is wrong. Returns the ids.
pub(crate) fn sow(state: &State, mut document: Value, directories: Directories) -> Result<Value, String> {
    let given = document.as_object_mut().and_then(|members| members.remove("collections"));
    let given: Vec<CollectionSetup> = match given {
        None => Vec::new(),
        Some(given) => Vec::deserialize(given).map_err(|fault| format!("collections: {fault}"))?,
    };
    if directories == Directories::Refused && given.iter().any(CollectionSetup::opens_a_directory) {
        return Err("collections: directories can be named when the emulator starts, and by the program \
                    that it runs in; here, only guest collections can be added"
            .to_owned());
    }
    let seed = Seed::read(&document)?;
    let now = state.clock.now();
    let identity = |name: &str| state.auth.identity_of(name);
    let opened = transfer::resolve(state.transfer.collections.all(), given, &identity, now)
        .map_err(|error| error.to_string())?;
    let sown = seed.sow(&mut state.auth.tables(), now)?;
    let mut ids = serde_json::to_value(sown).map_err(|error| error.to_string())?;
    let mut added = Vec::new();
    for collection in opened {
        state.auth.register_collection(&collection);
        if collection.config().is_some() {
            added.push(collection.id);
        }
        state.transfer.collections.add(collection, |_| None).map_err(|error| error.message)?;
    }
    ids["collections"] = serde_json::json!(added);
    Ok(ids)
}
