//! What the service says about clients.

use globus_core::{ClientId, Extra, open_enum};
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        document::{extra_accessors, or_default},
        identities::IdentityProviderId,
        projects::ProjectId,
    },
    consents::ScopeId,
};

open_enum! {
    /// Says what a client is, and so what it can do.
    pub enum ClientType {
        /// Logs users in, and keeps a secret: a web server.
        ConfidentialClient = "confidential_client",
        /// Logs users in, and cannot keep a secret: a program that people install.
        PublicInstalledClient = "public_installed_client",
        /// Logs users in, and cannot keep a secret: an application in the browser.
        PublicWebappClient = "public_webapp_client",
        /// Acts in its own name: a service account.
        ClientIdentity = "client_identity",
        /// Has scopes, and takes the tokens of others: a service.
        ResourceServer = "resource_server",
        /// Is an endpoint of Globus Connect Server.
        GlobusConnectServer = "globus_connect_server",
        /// Logs users in and takes the tokens of others, and keeps a secret.
        HybridConfidentialClientResourceServer = "hybrid_confidential_client_resource_server",
    }
}

open_enum! {
    /// Says who can see a client.
    pub enum ClientVisibility {
        /// Everybody who has logged in.
        Public = "public",
        /// Its administrators.
        Private = "private",
    }
}

/// Describes a client as it is registered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegisteredClient {
    /// The id; also that of its own identity.
    pub id: ClientId,
    /// The name, which users see when they log in.
    pub name: Option<String>,
    /// The project that it belongs to; `None` when it is of another client.
    pub project: Option<ProjectId>,
    /// The client that it is of: an instance of it, or its child.
    pub parent_client: Option<ClientId>,
    /// Whether it cannot keep a secret.
    pub public_client: Option<bool>,
    /// What it is.
    pub client_type: Option<ClientType>,
    /// The ways in which it can get tokens, e.g. `authorization_code`.
    #[serde(default, deserialize_with = "or_default")]
    pub grant_types: Vec<String>,
    /// Who can see it.
    pub visibility: Option<ClientVisibility>,
    /// Where a login may send the browser.
    #[serde(default, deserialize_with = "or_default")]
    pub redirect_uris: Vec<String>,
    /// The scopes that it has, as a service.
    #[serde(default, deserialize_with = "or_default")]
    pub scopes: Vec<ScopeId>,
    /// Its fully qualified domain names, by which its scopes can be named.
    #[serde(default, deserialize_with = "or_default")]
    pub fqdns: Vec<String>,
    /// What users can read about it.
    pub links: Option<ClientLinks>,
    /// The provider of which users must have an identity.
    pub required_idp: Option<IdentityProviderId>,
    /// The provider that users are proposed.
    pub preselect_idp: Option<IdentityProviderId>,
    /// Whether `userinfo` tells of the identity that the token stands for.
    pub userinfo_from_effective_identity: Option<bool>,
    /// Whether users are asked to name the login.
    pub prompt_for_named_grant: Option<bool>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says what users can read about a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClientLinks {
    /// Its privacy policy.
    pub privacy_policy: Option<String>,
    /// Its terms and conditions.
    pub terms_and_conditions: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(RegisteredClient, ClientLinks);
