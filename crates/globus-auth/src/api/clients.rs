//! Clients: the applications and services that are registered, and the secrets by which they are known.

mod credentials;
mod derived;
mod models;
mod requests;

use globus_core::{ClientId, request};

pub use self::{
    credentials::{
        ClientCredential, ClientCredentialId, CreateClientCredential, DeleteClientCredential,
        GetClientCredentials,
    },
    derived::{CreateChildClient, CreateNativeAppInstance, IncludedCredential, NativeAppInstance},
    models::{ClientLinks, ClientType, ClientVisibility, RegisteredClient},
    requests::{ClientUpdate, NewChildClient, NewClient},
};
use super::{AuthClient, document::envelopes};

request! {
    /// # Clients
    impl AuthClient {
        /// Gives a client.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// let client = auth.get_client("0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d").send().await?;
        /// println!("{:?} {:?}", client.name, client.client_type);
        /// # Ok(()) }
        /// ```
        ///
        /// By its domain name, it is found with [`get_client_by_fqdn`](AuthClient::get_client_by_fqdn).
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), or the client's own id and secret.
        ///
        /// # Errors
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such client;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) when the user is no administrator of its project
        /// or has to authenticate again, for which [`Gare::from_error`](crate::gare::Gare::from_error) gives what to
        /// ask for.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_clients>
        fn get_client(client_id: id ClientId) -> GetClient => ClientEnvelope as RegisteredClient {
            GET "v2" / "api" / "clients" / client_id;
        }

        /// Gives the client that a fully qualified domain name belongs to.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// let client = auth.get_client_by_fqdn("service.example.org").send().await?;
        /// println!("{}", client.id);
        /// # Ok(()) }
        /// ```
        ///
        /// In the Python SDK this is `get_client(fqdn=…)`.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), or a client's id and secret.
        ///
        /// # Errors
        /// Those of [`get_client`](AuthClient::get_client).
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_client>
        #[doc(alias = "fqdn")]
        fn get_client_by_fqdn(fqdn: text) -> GetClientByFqdn => ClientEnvelope as RegisteredClient {
            GET "v2" / "api" / "clients";
            with query { "fqdn" = fqdn; }
        }

        /// Lists the clients of all projects that the user administers.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// for client in auth.get_clients().send().await? {
        ///     println!("{} {:?}", client.id, client.name);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Gives all of them at once.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), or a client's id and secret.
        ///
        /// # Errors
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_clients>
        fn get_clients() -> GetClients => ClientsEnvelope as Vec<RegisteredClient> {
            GET "v2" / "api" / "clients";
        }

        /// Registers a client in a project.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// use globus_auth::api::clients::NewClient;
        ///
        /// let client = NewClient::public("Lab tools", "d6e7f8a9-bbbb-4ccc-8ddd-344445555666")
        ///     .redirect_uris(["https://auth.globus.org/v2/web/auth-code"]);
        /// let client = auth.create_client(client).send().await?;
        /// println!("NativeAppAuthClient::new({:?})", client.id.to_string());
        /// # Ok(()) }
        /// ```
        ///
        /// A client that is not public gets its secret from
        /// [`create_client_credential`](AuthClient::create_client_credential). Sending this twice makes two clients, so
        /// it is not tried again once it may have reached the service.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of the project
        /// who has authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when an id is none.
        /// [`is_permission_denied`](crate::Error::is_permission_denied) as for [`get_client`](AuthClient::get_client);
        /// status 400 or 422 when the service does not like a member.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#create_client>
        fn create_client(client: document NewClient) -> CreateClient => ClientEnvelope as RegisteredClient {
            POST "v2" / "api" / "clients";
            // With a member `template_id`, the answer holds a secret.
            confidential;
            with json { "client" = client; }
        }

        /// Changes a client: what the update leaves out stays as it is.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// use globus_auth::api::clients::ClientUpdate;
        ///
        /// let update = ClientUpdate::new().redirect_uris(["https://portal.example.edu/callback"]);
        /// auth.update_client("0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d", update).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Lists are replaced as a whole. The project and the type of a client cannot be changed.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of its project
        /// who has authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// Those of [`create_client`](AuthClient::create_client) and [`get_client`](AuthClient::get_client).
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#update_client>
        fn update_client(client_id: id ClientId, update: document ClientUpdate)
            -> UpdateClient => ClientEnvelope as RegisteredClient
        {
            PUT "v2" / "api" / "clients" / client_id;
            with json { "client" = update; }
        }

        /// Deletes a client, and gives it as it was.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// auth.delete_client("0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of its project
        /// who has authenticated within the last 30 minutes; or the client's own id and secret.
        ///
        /// # Errors
        /// Those of [`get_client`](AuthClient::get_client); after a broken connection,
        /// [`is_not_found`](crate::Error::is_not_found) may mean that an earlier try deleted it.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#delete_client>
        fn delete_client(client_id: id ClientId) -> DeleteClient => ClientEnvelope as RegisteredClient {
            DELETE "v2" / "api" / "clients" / client_id;
        }
    }
}

envelopes! {
    ClientEnvelope { client: RegisteredClient }
    ClientsEnvelope { clients: Vec<RegisteredClient> }
}
