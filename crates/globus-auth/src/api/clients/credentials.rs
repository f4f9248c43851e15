//! The secrets of clients.

use std::fmt;

use globus_core::{ClientId, Extra, Secret, Timestamp, request, uuid_id};
use serde::Deserialize;

use crate::api::{
    AuthClient,
    document::{envelopes, extra_accessors},
};

uuid_id! {
    /// Names a secret of a client.
    pub struct ClientCredentialId, "client credential id";
}

request! {
    /// # Credentials of clients
    impl AuthClient {
        /// Lists the secrets of a client, without the secrets themselves.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// for credential in auth.get_client_credentials("0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d").send().await? {
        ///     println!("{:?} of {:?}", credential.name, credential.created);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Gives all of them at once.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of its project
        /// who has authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// Those of [`get_client`](AuthClient::get_client).
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_client_credentials>
        fn get_client_credentials(client_id: id ClientId)
            -> GetClientCredentials => CredentialsEnvelope as Vec<ClientCredential>
        {
            GET "v2" / "api" / "clients" / client_id / "credentials";
            confidential;
        }

        /// Makes a secret for a client.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> Result<(), Box<dyn std::error::Error>> {
        /// let id = "0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d";
        /// let credential = auth.create_client_credential(id, "production").send().await?;
        /// let secret = credential.secret.ok_or("no secret in the answer")?;
        /// let client = globus_auth::ConfidentialAppAuthClient::new(id, secret)?;
        /// # Ok(()) }
        /// ```
        ///
        /// This answer is the only one that has the secret: keep it. Sending this twice makes two secrets, so it is not
        /// tried again once it may have reached the service.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of its project
        /// who has authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// Those of [`get_client`](AuthClient::get_client).
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#create_client_credential>
        fn create_client_credential(client_id: id ClientId, name: text)
            -> CreateClientCredential => CredentialEnvelope as ClientCredential
        {
            POST "v2" / "api" / "clients" / client_id / "credentials";
            confidential;
            with json { "credential" = serde_json::json!({"name": name}); }
        }

        /// Deletes a secret of a client, which can then no longer be used; gives what is known of it.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// let client = "0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d";
        /// auth.delete_client_credential(client, "f8a9b0c1-dddd-4eee-8fff-566667777888").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of its project
        /// who has authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// Those of [`get_client`](AuthClient::get_client); after a broken connection,
        /// [`is_not_found`](crate::Error::is_not_found) may mean that an earlier try deleted it.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#delete_client_credentials>
        fn delete_client_credential(client_id: id ClientId, credential_id: id ClientCredentialId)
            -> DeleteClientCredential => CredentialEnvelope as ClientCredential
        {
            DELETE "v2" / "api" / "clients" / client_id / "credentials" / credential_id;
            confidential;
        }
    }
}

envelopes! {
    CredentialEnvelope { credential: ClientCredential }
    CredentialsEnvelope { credentials: Vec<ClientCredential> }
}

/// Describes a secret of a client. Cannot be written as a document: the secret would be in it.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct ClientCredential {
    /// The id.
    pub id: ClientCredentialId,
    /// The name, for its administrators.
    pub name: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The client that it is of.
    pub client: Option<ClientId>,
    /// The secret itself; only in the answer to [`create_client_credential`](AuthClient::create_client_credential).
    pub secret: Option<Secret>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(ClientCredential);

/// Shows no secret, and of members that are not known only the names: they may be secrets too.
impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.extra.iter().map(|(name, _)| name).collect();
        f.debug_struct("ClientCredential")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("created", &self.created)
            .field("client", &self.client)
            .field("secret", &self.secret)
            .field("extra", &names)
            .finish()
    }
}
