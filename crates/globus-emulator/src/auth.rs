//! Globus Auth.

pub(crate) mod clients;
pub(crate) mod identities;
pub(crate) mod tokens;
pub(crate) mod verify;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use uuid::Uuid;

use crate::state::State;
use clients::{Client, Clients};
use identities::Identity;
use tokens::Tokens;

/// How the emulated Auth service behaves.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// How long an access token lives.
    pub(crate) token_lifetime: Duration,
    /// Whether a refresh gives a new refresh token and kills the old one.
    pub(crate) rotate_refresh_tokens: bool,
}

/// What the Auth service remembers.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) settings: Settings,
    tables: Mutex<Tables>,
}

/// The tables of the Auth service.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) clients: Clients,
    /// People who may log in, by id. The identities of clients follow from `clients`.
    pub(crate) people: BTreeMap<Uuid, Identity>,
    pub(crate) tokens: Tokens,
}

impl Store {
    pub(crate) fn new(settings: Settings, clients: Vec<Client>, people: Vec<Identity>) -> Store {
        let mut tables = Tables::default();
        for client in clients {
            tables.clients.insert(client);
        }
        tables.people = people.into_iter().map(|person| (person.id, person)).collect();
        Store {
            settings,
            tables: Mutex::new(tables),
        }
    }

    /// Locks the tables. Never hold the lock across an await.
    pub(crate) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    /// Finds a person or a client identity.
    pub(crate) fn identity(&self, id: Uuid) -> Option<Identity> {
        self.people
            .get(&id)
            .cloned()
            .or_else(|| self.clients.get(id).map(Identity::of_client))
    }
}

/// The routes of the Auth service, mounted at `/auth`.
pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
}
