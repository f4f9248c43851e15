//! Globus Auth: clients, identities, consents, and the tokens that come of them.

mod accounts;
mod api;
mod authorize;
mod caller;
mod client_auth;
pub(crate) mod clients;
mod codes;
mod consents;
mod dependent;
mod error;
mod fields;
pub(crate) mod gare;
mod grants;
pub(crate) mod groups;
pub(crate) mod identities;
mod input;
mod logins;
mod oidc;
mod pages;
mod policies;
pub(crate) mod principals;
mod projects;
mod providers;
pub(crate) mod redirect;
pub(crate) mod remote;
pub(crate) mod requirements;
pub(crate) mod scopes;
pub(crate) mod seed;
mod sessions;
mod token;
mod token_info;
pub(crate) mod tokens;
pub(crate) mod verify;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use http::{Method, StatusCode, Uri};
use uuid::Uuid;

use crate::random;
use crate::state::State;
use crate::transfer::Collection;
use accounts::Accounts;
use clients::{Client, Clients};
use codes::Waiting;
use consents::Consents;
use error::AuthError;
use fields::Fields;
use groups::{Group, Groups};
use identities::{Identity, is_username};
use logins::{Approved, Login};
use policies::Policies;
use projects::Projects;
use requirements::Requirements;
use scopes::{ScopeRecord, Scopes};
use sessions::Sessions;
use tokens::Tokens;

pub(crate) use caller::{Caller, SessionRequirement};
pub(crate) use gare::Gare;

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
    tables: Mutex<Tables>,
    beginning: Beginning,
}

/// What Auth has at the start, and again after a reset.
#[derive(Debug, Clone)]
struct Beginning {
    settings: Settings,
    clients: Vec<Client>,
    accounts: Vec<Vec<Identity>>,
    groups: Vec<Group>,
}

/// The tables of the Auth service.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) settings: Settings,
    pub(crate) clients: Clients,
    /// People who may log in. The identities of clients follow from `clients`.
    pub(crate) accounts: Accounts,
    pub(crate) groups: Groups,
    pub(crate) scopes: Scopes,
    pub(crate) projects: Projects,
    pub(crate) policies: Policies,
    pub(crate) logins: Waiting<Login>,
    pub(crate) codes: Waiting<Approved>,
    pub(crate) sessions: Sessions,
    pub(crate) consents: Consents,
    pub(crate) tokens: Tokens,
    pub(crate) requirements: Requirements,
    /// Known to the emulator's own pages only, so that no other page can use their forms.
    pub(crate) form_key: String,
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
    /// Begins with these clients and accounts; the first identity of an account is the primary one.
    pub(crate) fn new(
        settings: Settings,
        clients: Vec<Client>,
        accounts: Vec<Vec<Identity>>,
        groups: Vec<Group>,
    ) -> Store {
        let beginning = Beginning { settings, clients, accounts, groups };
        Store { tables: Mutex::new(Tables::begin(beginning.clone())), beginning }
    }

    /// Forgets everything that happened.
    pub(crate) fn reset(&self) {
        *self.tables() = Tables::begin(self.beginning.clone());
    }

    /// Locks the tables. Never hold the lock across an await. Auth never asks the other stores while it holds
    /// it, so they may ask Auth while they hold theirs.
    pub(crate) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of the identity with this username. People whom nobody has seen yet have one, too: it follows from
    /// the name.
    pub(crate) fn identity_of(&self, username: &str) -> Option<Uuid> {
        let known = self.tables().identity_named(username).map(|identity| identity.id);
        known.or_else(|| is_username(username).then(|| Identity::unused(username).id))
    }

    /// Makes a scope known, so that people can be asked for it. One of the same text is replaced.
    pub(crate) fn register_scope(&self, scope: ScopeRecord) {
        self.tables().scopes.register(scope);
    }

    /// Makes the scopes of a collection or Globus Connect Server known.
    pub(crate) fn register_collection(&self, collection: &Collection) {
        let id = collection.id;
        for scope in collection.scopes() {
            self.register_scope(ScopeRecord::new(id, id.to_string(), scope));
        }
    }

    /// Forgets every scope that belongs to this collection, endpoint or flow: nobody can be asked for them any
    /// more.
    pub(crate) fn forget_scopes_of(&self, owner: Uuid) {
        self.tables().scopes.forget_of(owner);
    }
}

/// Issues a token for a client in its own name, as the client credentials grant does; `None` if there is no such
/// scope.
pub(crate) fn own_token(state: &State, client: Uuid, scope: &str) -> Option<String> {
    let mut tables = state.auth.tables();
    let request = grants::read_scopes(&tables.scopes, scope).ok()?;
    let holder = grants::Holder { client, identity: client, session: None, offline: false, state: None };
    let document = grants::give_tokens(state, &mut tables, holder, &request.granted);
    Some(document.get("access_token")?.as_str()?.to_owned())
}

impl Tables {
    fn begin(beginning: Beginning) -> Tables {
        let Beginning { settings, clients, accounts, groups } = beginning;
        let mut tables = Tables {
            settings,
            clients: Clients::default(),
            accounts: Accounts::default(),
            groups: Groups::default(),
            scopes: Scopes::default(),
            projects: Projects::default(),
            policies: Policies::default(),
            logins: Waiting::default(),
            codes: Waiting::default(),
            sessions: Sessions::default(),
            consents: Consents::default(),
            tokens: Tokens::default(),
            requirements: Requirements::default(),
            form_key: random::alphanumeric(30),
        };
        tables.clients.insert(Client::public(TUTORIAL_CLIENT, "Native App Tutorial"));
        for id in CLI_TEMPLATES {
            let is_template = true;
            tables.clients.insert(Client { is_template, ..Client::public(id, "Globus CLI") });
        }
        for client in clients {
            tables.clients.insert(client);
        }
        for account in accounts {
            tables.accounts.add(account);
        }
        for group in groups {
            tables.groups.insert(group);
        }
        tables
    }

    /// Finds a person or a client identity.
    pub(crate) fn identity(&self, id: Uuid) -> Option<Identity> {
        let person = self.accounts.person(id).cloned();
        person.or_else(|| self.clients.get(id).map(Identity::of_client))
    }

    /// Finds them by username, in any case.
    pub(crate) fn identity_named(&self, username: &str) -> Option<Identity> {
        self.accounts.named(username).cloned().or_else(|| {
            let id = Uuid::parse_str(username.strip_suffix("@clients.auth.globus.org")?).ok()?;
            self.clients.get(id).map(Identity::of_client)
        })
    }

    /// Tells whether a form was sent by one of the emulator's own pages.
    pub(crate) fn is_own_form(&self, fields: &Fields) -> bool {
        fields.get("form_key") == Some(&self.form_key)
    }

    /// Finds them by id or username.
    pub(crate) fn find_identity(&self, id_or_username: &str) -> Option<Identity> {
        match Uuid::parse_str(id_or_username) {
            Ok(id) => self.identity(id),
            Err(_) => self.identity_named(id_or_username),
        }
    }
}

/// The routes of the Auth service, mounted at `/auth`.
pub(crate) fn router(state: &Arc<State>) -> Router<Arc<State>> {
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
        .route("/v2/web/consents", get(pages::manage::consents).post(pages::manage::rescind))
        .route("/v2/web/identities", get(pages::manage::identities).post(pages::manage::link))
        .nest("/v2/api", api::router())
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(state), requirements::enforce::<AuthError>))
}

async fn no_such_route(uri: Uri) -> AuthError {
    AuthError::not_found(format!("The emulator has no Auth resource at {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> AuthError {
    let detail = format!("{} does not take {method}", uri.path());
    AuthError::api(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail)
}
