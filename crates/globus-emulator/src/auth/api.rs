//! `/v2/api`: identities and what developers register.

mod asker;
mod clients;
mod consents;
mod credentials;
mod identities;
mod policies;
mod projects;
mod scopes;

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::state::State;

/// The routes below `/auth/v2/api`.
pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/identities", get(identities::list))
        .route("/identities/{id}", get(identities::show))
        .route("/identities/{id}/consents", get(consents::list))
        .route("/identity_providers", get(identities::providers))
        .route("/projects", get(projects::list).post(projects::create))
        .route("/projects/{id}", get(projects::show).put(projects::update).delete(projects::delete))
        .route("/policies", get(policies::list).post(policies::create))
        .route("/policies/{id}", get(policies::show).put(policies::update).delete(policies::delete))
        .route("/clients", get(clients::list).post(clients::create))
        .route("/clients/{id}", get(clients::show).put(clients::update).delete(clients::delete))
        .route("/clients/{id}/fqdns", post(clients::add_fqdn))
        .route("/clients/{id}/credentials", get(credentials::list).post(credentials::create))
        .route("/clients/{id}/credentials/{credential}", delete(credentials::delete))
        .route("/clients/{id}/scopes", post(scopes::create))
        .route("/scopes", get(scopes::list))
        .route("/scopes/{id}", get(scopes::show).put(scopes::update).delete(scopes::delete))
}
