//! Globus Auth: clients, identities, consents, and the tokens that come of them.

mod api;
mod authorize;
mod client_auth;
pub(crate) mod clients;
mod codes;
mod consents;
mod error;
mod fields;
mod grants;
pub(crate) mod identities;
mod oidc;
mod pages;
pub(crate) mod redirect;
pub(crate) mod scopes;
mod token;
mod token_info;
pub(crate) mod tokens;
pub(crate) mod verify;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use http::{Method, StatusCode, Uri};
use uuid::Uuid;

use crate::state::State;
use clients::{Client, Clients, Template};
use codes::{Approved, Login, Waiting};
use consents::Consents;
use error::AuthError;
use identities::Identity;
use tokens::Tokens;

/// How the emulated Auth service behaves.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// How long an access token lives.
    pub(crate) token_lifetime: Duration,
    /// Whether a refresh gives a new refresh token and kills the old one.
    pub(crate) rotate_refresh_tokens: bool,
    /// Whether logins are approved without a page, in the name of the first user who may be chosen.
    pub(crate) approve_logins: bool,
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
    /// In which order the consent page offers the people.
    pub(crate) login_order: Vec<Uuid>,
    pub(crate) logins: Waiting<Login>,
    pub(crate) codes: Waiting<Approved>,
    pub(crate) consents: Consents,
    pub(crate) tokens: Tokens,
}

/// The public client of the tutorials of the official SDKs.
const TUTORIAL_CLIENT: Uuid = Uuid::from_u128(0x6133_8d24_54d5_408f_a10d_66c0_6b59_f6d2);

/// The template clients of the official command line, one per environment of the service.
const CLI_TEMPLATES: [Uuid; 6] = [
    Uuid::from_u128(0x95fd_eba8_fac2_42bd_a357_e068_d82f_f78e),
    Uuid::from_u128(0x33b6_a241_bce4_4359_9c6d_09f8_8b3c_9eef),
    Uuid::from_u128(0xe0c3_1fd1_663b_44e1_840f_f430_4bb9_ee7a),
    Uuid::from_u128(0x0ebf_d058_452f_40c3_babf_5a6b_16a7_b337),
    Uuid::from_u128(0x3029_c3cb_c8d9_4f2b_979c_c533_30aa_7327),
    Uuid::from_u128(0xb286_7dbb_0846_4579_8486_dc70_763d_700b),
];

impl Store {
    pub(crate) fn new(settings: Settings, clients: Vec<Client>, people: Vec<Identity>) -> Store {
        let mut tables = Tables::default();
        tables.clients.insert(Client::public(TUTORIAL_CLIENT, "Native App Tutorial"));
        for id in CLI_TEMPLATES {
            let template = Template::Itself;
            tables.clients.insert(Client { template, ..Client::public(id, "Globus CLI") });
        }
        for client in clients {
            tables.clients.insert(client);
        }
        tables.login_order = people.iter().map(|person| person.id).collect();
        tables.people = people.into_iter().map(|person| (person.id, person)).collect();
        Store { settings, tables: Mutex::new(tables) }
    }

    /// Locks the tables. Never hold the lock across an await. Auth asks the other stores while it holds it, so
    /// they must not ask Auth while they hold theirs.
    pub(crate) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    /// Finds a person or a client identity.
    pub(crate) fn identity(&self, id: Uuid) -> Option<Identity> {
        self.people.get(&id).cloned().or_else(|| self.clients.get(id).map(Identity::of_client))
    }

    /// Finds them by username, in any case.
    pub(crate) fn identity_named(&self, username: &str) -> Option<Identity> {
        let person = self.people.values().find(|person| person.username.eq_ignore_ascii_case(username));
        person.cloned().or_else(|| {
            let id = Uuid::parse_str(username.strip_suffix("@clients.auth.globus.org")?).ok()?;
            self.clients.get(id).map(Identity::of_client)
        })
    }
}

/// The routes of the Auth service, mounted at `/auth`.
pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/v2/oauth2/authorize", get(authorize::ask).post(authorize::decide))
        .route("/v2/oauth2/token", post(token::token))
        .route("/v2/oauth2/token/revoke", post(token_info::revoke))
        .route("/v2/oauth2/token/validate", post(token_info::validate))
        .route("/v2/oauth2/token/introspect", post(token_info::introspect))
        .route("/v2/oauth2/userinfo", get(oidc::userinfo).post(oidc::userinfo))
        .route("/jwk.json", get(oidc::jwk))
        .route("/.well-known/openid-configuration", get(oidc::configuration))
        .route("/v2/web/auth-code", get(pages::auth_code))
        .route("/v2/web/logout", get(pages::logout))
        .route("/v2/api/identities", get(api::identities))
        .route("/v2/api/identities/{id}", get(api::identity))
        .route("/v2/api/identities/{id}/consents", get(api::consents))
        .route("/v2/api/clients", post(api::create_client))
        .route("/v2/api/clients/{id}", get(api::client).delete(api::delete_client))
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method)
}

async fn no_such_route(uri: Uri) -> AuthError {
    AuthError::not_found(format!("The emulator has no Auth resource at {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> AuthError {
    let detail = format!("{} does not take {method}", uri.path());
    AuthError::api(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail)
}
