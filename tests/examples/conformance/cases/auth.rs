//! Calls to Auth. Forms and the addresses of logins.

use globus::{
    auth::{
        AuthClient, AuthorizationFlow, FlowState,
        api::clients::{ClientType, ClientVisibility, NewChildClient},
    },
    core::Result,
    prelude::*,
};

use super::{B, C, Clients, Open, TOKEN, VERIFIER, cases};

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

/// The question for the keys, and the one before it: where they are.
struct Keys<C>(C);

macro_rules! keys {
    ($($Client:ty),+) => { $(
        impl Keys<$Client> {
            async fn send(self) -> Result<()> {
                let configuration = self.0.get_openid_configuration().send().await?;
                self.0.get_jwk(&configuration).send().await.map(drop)
            }
        }
    )+ };
}
keys!(AuthClient, NativeAppAuthClient, ConfidentialAppAuthClient);

/// Asks what Globus Auth does not document any more.
macro_rules! validation {
    ($client:expr) => {{
        #[expect(deprecated, reason = "it is compared as long as it is there")]
        let request = $client.oauth2_validate_token(TOKEN);
        request
    }};
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
    "auth.oauth2_validate_token.native" => validation!(clients.native),
    "auth.oauth2_validate_token.confidential" => validation!(clients.confidential),
    "auth.get_openid_configuration.native" => clients.native.get_openid_configuration(),
    "auth.get_openid_configuration.confidential" => clients.confidential.get_openid_configuration(),
    "auth.get_jwk" => Keys(clients.auth.clone()),
    "auth.get_jwk.native" => Keys(clients.native.clone()),
    "auth.get_jwk.confidential" => Keys(clients.confidential.clone()),
    "auth.create_native_app_instance" => clients.native.create_native_app_instance(B, "Größe on b"),
    "auth.create_child_client" => {
        clients.confidential.create_child_client(NewChildClient::new("A", ClientType::ClientIdentity))
    },
    "auth.create_child_client.public" => clients.confidential.create_child_client(NewChildClient::public("A")),
    "auth.create_child_client.everything" => {
        let child = NewChildClient::confidential("A")
            .visibility(ClientVisibility::Public)
            .redirect_uris(["https://a.example.edu/cb", "http://localhost:8000/"])
            .links("https://a.example.edu/terms", "https://a.example.edu/privacy")
            .required_idp(B)
            .preselect_idp(C)
            .extra("new_member", 7);
        clients.confidential.create_child_client(child)
    },
    "auth.oauth2_token" => clients.native.oauth2_token([("grant_type", "future"), ("a", "b c")]),
}
