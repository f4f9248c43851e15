//! What a test wants to be there, in one document: what belongs to Auth, and collections.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::auth;
use crate::auth::groups::Group;
use crate::auth::seed::Seed;
use crate::state::State;
use crate::{CollectionSetup, transfer};

/// Whether a document may name directories of this machine. Only who started the emulator says what it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Directories {
    Allowed,
    Refused,
}

/// Finds whom a name stands for.
pub(crate) struct Names<'a> {
    pub(crate) auth: &'a auth::Store,
    /// Groups that are about to be made.
    pub(crate) groups: &'a [Group],
}

impl Names<'_> {
    /// Finds an identity by username.
    pub(crate) fn identity(&self, name: &str) -> Option<Uuid> {
        self.auth.identity_of(name)
    }

    /// Finds a group by name or id.
    pub(crate) fn group(&self, name_or_id: &str) -> Option<Uuid> {
        let id = Uuid::parse_str(name_or_id).ok();
        let tables = self.auth.tables();
        let mut all = self.groups.iter().chain(tables.groups.all());
        all.find(|group| Some(group.id) == id || group.name == name_or_id).map(|group| group.id)
    }
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
    let groups = seed.groups(&state.auth)?;
    let names = Names { auth: &state.auth, groups: &groups };
    let opened = transfer::resolve(state.transfer.collections.all(), given, &names, now)
        .map_err(|error| error.to_string())?;
    let sown = seed.sow(&mut state.auth.tables(), groups, now)?;
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
