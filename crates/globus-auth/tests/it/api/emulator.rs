//! The operations that the emulator has, over real sockets, as a service account.

use globus_auth::{
    AuthClient, BasicAuthorizer, ClientCredentialsAuthorizer, ConfidentialAppAuthClient, IdentityMap,
    api::identities::{IdentityLookup, IdentityStatus},
};
use globus_core::{Scope, scope};
use globus_emulator::Emulator;

use super::ADA;
use crate::common::TRANSFER_ALL;

fn service_account(emulator: &Emulator) -> AuthClient {
    let url = emulator.service_url("auth");
    let (id, secret) = (emulator.client_id(), emulator.client_secret());
    let login = ConfidentialAppAuthClient::builder(id, secret).base_url(url.clone()).build().unwrap();
    let scopes = format!("openid profile email {}", scope::auth::VIEW_CONSENTS);
    let authorizer = ClientCredentialsAuthorizer::new(login, scopes).unwrap();
    AuthClient::builder().base_url(url).authorizer(authorizer).build().unwrap()
}

#[tokio::test]
async fn an_account_finds_itself() {
    let emulator = Emulator::builder().start().await.unwrap();
    let auth = service_account(&emulator);
    let me = auth.userinfo().send().await.unwrap();
    assert_eq!(me.sub.to_string(), emulator.client_id());
    let name = me.preferred_username.unwrap();

    let lookup = IdentityLookup::usernames([name.as_str(), "nobody@example.org"]);
    let found = auth.get_identities(lookup).include(["identity_provider"]).send().await.unwrap();
    assert_eq!(found.identities.len(), 1, "{found:?}");
    assert_eq!((found.identities[0].id, &found.identities[0].status), (me.sub, &Some(IdentityStatus::Used)));
    assert_eq!(found.included.unwrap().identity_providers.len(), 1);

    let people = IdentityMap::new(auth);
    people.add(ADA).unwrap();
    assert_eq!(people.get(me.sub).await.unwrap().unwrap().username, name);
    assert!(people.get(ADA).await.unwrap().is_none());
}

#[tokio::test]
async fn consents_keys_and_clients() {
    let emulator = Emulator::builder().start().await.unwrap();
    let auth = service_account(&emulator);
    let consents = auth.get_consents(emulator.client_id()).all(true).send().await.unwrap();
    assert!(consents.meets_scope_requirements(&[Scope::new("openid").unwrap()]));
    assert!(!consents.meets_scope_requirements(&[Scope::new(TRANSFER_ALL).unwrap()]));
    assert!(auth.get_consents(ADA).send().await.unwrap_err().is_not_found());

    let configuration = auth.get_openid_configuration().send().await.unwrap();
    let keys = auth.get_jwk(&configuration).send().await.unwrap();
    assert_eq!(keys.keys[0].kty, "RSA");
    assert!(configuration.id_token_signing_alg_values_supported.contains(keys.keys[0].alg.as_ref().unwrap()));

    // A client sees itself, and nobody else.
    let itself = BasicAuthorizer::new(emulator.client_id(), emulator.client_secret());
    let auth =
        AuthClient::builder().base_url(emulator.service_url("auth")).authorizer(itself).build().unwrap();
    let client = auth.get_client(emulator.client_id()).send().await.unwrap();
    assert_eq!((client.id.to_string(), client.public_client), (emulator.client_id(), Some(false)));
    let gone = auth.delete_client(client.id).send().await.unwrap();
    assert_eq!(gone.id, client.id);
    assert!(auth.get_client(client.id).send().await.unwrap_err().is_unauthorized());
}
