//! Clients that others make, without anybody who administers a project.

use std::fmt;

use globus_core::{ClientId, Extra, IntoId, ServiceClient};
use serde::Deserialize;

use super::{ClientCredential, ClientEnvelope, NewChildClient, RegisteredClient};
use crate::{
    AuthClient, ConfidentialAppAuthClient, NativeAppAuthClient, Secret, api::document::extra_accessors,
};

// These go out as a login client: by its name and secret, or without any credential.
globus_core::__request_builder!(
    ConfidentialAppAuthClient, create_child_client, CreateChildClient, ClientEnvelope as RegisteredClient;
    POST "clients";
);
globus_core::__request_builder!(
    NativeAppAuthClient, create_native_app_instance, CreateNativeAppInstance, NativeAppInstance;
    POST "clients";
);

/// # Clients below this one
impl ConfidentialAppAuthClient {
    /// Registers a client that belongs to this one, as a child, and not to a project.
    ///
    /// ```no_run
    /// # async fn example(portal: globus_auth::ConfidentialAppAuthClient) -> globus_auth::Result<()> {
    /// use globus_auth::api::clients::NewChildClient;
    ///
    /// let child = NewChildClient::public("Portal on my desk");
    /// let child = portal.create_child_client(child).send().await?;
    /// println!("{} belongs to {:?}", child.id, child.parent_client);
    /// # Ok(()) }
    /// ```
    ///
    /// Sending this twice makes two clients, so it is not tried again once it may have reached the service.
    ///
    /// Scope: none: this client's id and secret go along.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when an id is none.
    /// [`is_unauthorized`](crate::Error::is_unauthorized) when the id or the secret is wrong; status 400 or 422 when
    /// the service does not like a member.
    ///
    /// Service: <https://docs.globus.org/api/auth/reference/#create_client>
    pub fn create_child_client(&self, client: impl Into<NewChildClient>) -> CreateChildClient {
        let auth = &AuthClient::from_base(self.base().clone());
        globus_core::__request_start!(auth; CreateChildClient; (client: document NewChildClient);
            POST "v2" / "api" / "clients"; confidential; with json { "client" = client; }
        )
    }
}

/// # Instances of a template
impl NativeAppAuthClient {
    /// Registers an instance of a native application: a client with a secret, for this one installation of it.
    ///
    /// The command line client of Globus does this at its first login: an instance can keep its secret, where a program
    /// that is given to everybody cannot. Keep both, and use a [`ConfidentialAppAuthClient`] from then on;
    /// [`delete_client`](AuthClient::delete_client) with its id and secret takes it away again.
    ///
    /// ```no_run
    /// # async fn example(template: globus_auth::NativeAppAuthClient) -> Result<(), Box<dyn std::error::Error>> {
    /// let instance = template.create_native_app_instance(template.client_id(), "mytool on laptop").send().await?;
    /// let secret = instance.secret().ok_or("no secret in the answer")?;
    /// let client = globus_auth::ConfidentialAppAuthClient::new(instance.id(), secret.clone())?;
    /// # Ok(()) }
    /// ```
    ///
    /// The template is nearly always this client itself. Sending this twice makes two clients, so it is not tried again
    /// once it may have reached the service.
    ///
    /// Scope: none, and no credential at all.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when the template is no id
    /// or the name is empty. [`is_not_found`](crate::Error::is_not_found) or
    /// [`is_permission_denied`](crate::Error::is_permission_denied) when there is no such template.
    ///
    /// Service: <https://docs.globus.org/api/auth/reference/#create_client>
    pub fn create_native_app_instance(
        &self,
        template_id: impl IntoId<ClientId>,
        name: impl Into<String>,
    ) -> CreateNativeAppInstance {
        let auth = &AuthClient::from_base(self.base().clone());
        globus_core::__request_start!(auth; CreateNativeAppInstance; (template_id: id ClientId, name: text);
            POST "v2" / "api" / "clients";
            confidential;
            with json { "client" = serde_json::json!({"template_id": template_id, "name": name}); }
        )
    }
}

/// Describes an instance of a native application that has just been registered, with its secret. Cannot be written as a
/// document: the secret would be in it.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct NativeAppInstance {
    /// The client.
    pub client: RegisteredClient,
    /// What came along with it.
    pub included: IncludedCredential,
    #[serde(flatten)]
    extra: Extra,
}

/// Holds the secret of a client that has just been registered.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct IncludedCredential {
    /// The secret; this answer is the only one that has it.
    pub client_credential: ClientCredential,
    #[serde(flatten)]
    extra: Extra,
}

impl NativeAppInstance {
    /// Names the new client.
    #[must_use]
    pub fn id(&self) -> ClientId {
        self.client.id
    }

    /// Gives the secret of the new client. It can be had only here.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        self.included.client_credential.secret.as_ref()
    }
}

extra_accessors!(NativeAppInstance, IncludedCredential);

/// Members that are not known are not shown: they may be secrets too.
impl fmt::Debug for NativeAppInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeAppInstance")
            .field("client", &self.client)
            .field("included", &self.included)
            .finish_non_exhaustive()
    }
}

/// Members that are not known are not shown: they may be secrets too.
impl fmt::Debug for IncludedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncludedCredential")
            .field("client_credential", &self.client_credential)
            .finish_non_exhaustive()
    }
}
