//! Who asks, and what they may manage.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use serde_json::Map;
use uuid::Uuid;

use super::super::Tables;
use super::super::client_auth::basic;
use super::super::clients::Client;
use super::super::error::AuthError;
use super::super::gare::Gare;
use super::super::projects::Project;
use super::super::verify::{self, Caller};
use crate::state::State;

const MANAGE_PROJECTS: &str = "urn:globus:auth:scope:auth.globus.org:manage_projects";
/// How recently an administrator must have logged in to manage a project.
const RECENT: SignedDuration = SignedDuration::from_mins(30);

/// The holder of a token, or a client in its own name.
pub(super) enum Asker {
    Token(Caller),
    Client(Client),
}

/// An [`Asker`] who may manage projects and what is in them.
pub(super) struct Developer(pub(super) Asker);

impl FromRequestParts<Arc<State>> for Developer {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Developer, AuthError> {
        Asker::developer(state, &parts.headers).map(Developer)
    }
}

impl Asker {
    /// Anybody who is authenticated.
    pub(super) fn any(state: &State, headers: &HeaderMap) -> Result<Asker, AuthError> {
        Asker::with_scopes(state, headers, &[])
    }

    /// Somebody who may manage projects and what is in them.
    pub(super) fn developer(state: &State, headers: &HeaderMap) -> Result<Asker, AuthError> {
        Asker::with_scopes(state, headers, &[MANAGE_PROJECTS])
    }

    fn with_scopes(state: &State, headers: &HeaderMap, scopes: &[&str]) -> Result<Asker, AuthError> {
        if let Some(client) = basic(&state.auth.tables(), headers) {
            return client.map(Asker::Client);
        }
        Ok(Asker::Token(verify::require(state, headers, "auth.globus.org", scopes)?))
    }

    /// Returns the identities that the asker can speak for.
    pub(super) fn identities(&self) -> Vec<Uuid> {
        match self {
            Asker::Token(caller) => caller.identity_set.clone(),
            Asker::Client(client) => vec![client.id],
        }
    }

    /// Tells whether the asker is an administrator of a project at all.
    pub(super) fn is_admin(&self, project: &Project) -> bool {
        self.identities().iter().any(|identity| project.has_admin(*identity))
    }

    /// Checks that the asker is an administrator of a project, and lately proved it. A client in its own name
    /// proves it with each request.
    pub(super) fn administers(
        &self,
        tables: &Tables,
        now: Timestamp,
        project: &Project,
    ) -> Result<(), AuthError> {
        let admins: Vec<Uuid> =
            self.identities().into_iter().filter(|identity| project.has_admin(*identity)).collect();
        if admins.is_empty() {
            return Err(AuthError::forbidden("You are not an administrator of this project."));
        }
        let Asker::Token(caller) = self else { return Ok(()) };
        let recent =
            |(who, time): (Uuid, Timestamp)| admins.contains(&who) && now.duration_since(time) <= RECENT;
        let done = caller.authentications(tables);
        if caller.is_client() || done.into_iter().any(|(who, done)| recent((who, done.time))) {
            return Ok(());
        }
        let message = "To access this project you must have an identity with admin privileges in session \
                       within the last 30 minutes.";
        let mut parameters = Map::new();
        let admins: Vec<String> = admins.iter().map(ToString::to_string).collect();
        parameters.insert("session_required_identities".to_owned(), admins.into());
        parameters.insert("prompt".to_owned(), "login".into());
        Err(Gare::new("AuthorizationRequired", message, parameters).into())
    }

    /// Checks that the asker may manage a client: as itself, as its parent, or as an administrator of its project.
    pub(super) fn manages(&self, tables: &Tables, now: Timestamp, client: &Client) -> Result<(), AuthError> {
        let own = self.identities();
        if own.contains(&client.id) || client.parent.is_some_and(|parent| own.contains(&parent)) {
            return Ok(());
        }
        match client.project.and_then(|project| tables.projects.get(project)) {
            Some(project) => self.administers(tables, now, project),
            None => Err(AuthError::forbidden("You may not manage this client.")),
        }
    }

    /// Tells whether a client belongs to the asker, for lists.
    pub(super) fn owns(&self, tables: &Tables, client: &Client) -> bool {
        let own = self.identities();
        let project = client.project.and_then(|project| tables.projects.get(project));
        own.contains(&client.id)
            || client.parent.is_some_and(|parent| own.contains(&parent))
            || project.is_some_and(|project| self.is_admin(project))
    }
}
