//! Calls to Auth. Forms and the addresses of logins.

use globus::{
    auth::{AuthorizationFlow, FlowState},
    core::Result,
    prelude::*,
};

use super::{Clients, Open, TOKEN, VERIFIER, cases};

const SCOPES: &str = "openid urn:globus:auth:scope:transfer.api.globus.org:all";
const BACK: &str = "http://127.0.0.1:8910/";

fn native(clients: &Clients) -> AuthorizationFlow {
    clients.native.oauth2_start_flow(SCOPES).verifier(VERIFIER).state("s").prefill_named_grant("a on b")
}

fn confidential(clients: &Clients) -> AuthorizationFlow {
    clients.confidential.oauth2_start_flow(BACK, SCOPES).state("s")
}

fn everything(flow: AuthorizationFlow) -> AuthorizationFlow {
    flow.redirect_uri(BACK)
        .refresh_tokens(true)
        .session_message("Größe & so")
        .session_required_identities(["ada@example.org", "bob@example.org"])
        .session_required_single_domain(["example.org"])
        .session_required_policies(["p1", "p2"])
        .session_required_mfa(true)
        .prompt("login")
        .query_param("future", "1")
}

/// The exchange of a code. A login that cannot be begun says so when it is sent.
struct Exchange<C>(C, Result<FlowState>);

macro_rules! exchange {
    ($Client:ty) => {
        impl Exchange<$Client> {
            async fn send(self) -> Result<()> {
                self.0.oauth2_exchange_code_for_tokens(self.1?, "the-code").send().await.map(drop)
            }
        }
    };
}
exchange!(NativeAppAuthClient);
exchange!(ConfidentialAppAuthClient);

fn state(flow: AuthorizationFlow) -> Result<FlowState> {
    flow.begin().map(|(_, state)| state)
}

cases! { clients;
    "auth.oauth2_start_flow.native" => Open(native(clients)),
    "auth.oauth2_start_flow.native_everything" => Open(everything(native(clients))),
    "auth.oauth2_start_flow.confidential" => Open(confidential(clients)),
    "auth.oauth2_start_flow.confidential_everything" => Open(everything(confidential(clients))),
    "auth.oauth2_exchange_code_for_tokens.native" => Exchange(clients.native.clone(), state(native(clients))),
    "auth.oauth2_exchange_code_for_tokens.confidential" => {
        Exchange(clients.confidential.clone(), state(confidential(clients)))
    },
    "auth.oauth2_client_credentials_tokens" => clients.confidential.oauth2_client_credentials_tokens(SCOPES),
    "auth.oauth2_refresh_token.native" => clients.native.oauth2_refresh_token(TOKEN),
    "auth.oauth2_refresh_token.confidential" => clients.confidential.oauth2_refresh_token(TOKEN),
    "auth.oauth2_revoke_token.native" => clients.native.oauth2_revoke_token(TOKEN),
    "auth.oauth2_revoke_token.confidential" => clients.confidential.oauth2_revoke_token(TOKEN),
    "auth.oauth2_token_introspect" => clients.confidential.oauth2_token_introspect(TOKEN),
    "auth.oauth2_token_introspect.include" => {
        clients.confidential.oauth2_token_introspect(TOKEN).include(["identity_set", "session_info"])
    },
    "auth.oauth2_get_dependent_tokens" => clients.confidential.oauth2_get_dependent_tokens(TOKEN),
    "auth.oauth2_get_dependent_tokens.everything" => {
        clients.confidential.oauth2_get_dependent_tokens(TOKEN).refresh_tokens(true).scope(SCOPES)
    },
    "auth.oauth2_token" => clients.native.oauth2_token([("grant_type", "future"), ("a", "b c")]),
}
