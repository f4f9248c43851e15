//! The scopes of the Globus services, a module each.
//!
//! A constant is the text of one scope; a function makes the [`Scope`] that belongs to one flow, endpoint or
//! collection. `RESOURCE_SERVER` is the service's name in token answers: it cannot be computed from a scope.
//!
//! `data_access` dependencies are only for mapped collections that are not high-assurance: for any other collection
//! Globus Auth fails the whole login with an unknown scope.

use uuid::Uuid;

use super::Scope;

/// Globus Auth: logins and identities.
pub mod auth {
    /// Names Globus Auth in token answers.
    pub const RESOURCE_SERVER: &str = "auth.globus.org";
    /// Asks for an id token.
    pub const OPENID: &str = "openid";
    /// Lets the id token and `userinfo` tell the name and organization.
    pub const PROFILE: &str = "profile";
    /// Lets the id token and `userinfo` tell the e-mail address.
    pub const EMAIL: &str = "email";
    /// Manages projects, their clients, scopes and policies.
    pub const MANAGE_PROJECTS: &str = "urn:globus:auth:scope:auth.globus.org:manage_projects";
    /// Views when and how the user logged in.
    pub const VIEW_AUTHENTICATIONS: &str = "urn:globus:auth:scope:auth.globus.org:view_authentications";
    /// Views the clients that the user may see.
    pub const VIEW_CLIENTS: &str = "urn:globus:auth:scope:auth.globus.org:view_clients";
    /// Views clients and their scopes.
    pub const VIEW_CLIENTS_AND_SCOPES: &str = "urn:globus:auth:scope:auth.globus.org:view_clients_and_scopes";
    /// Views what the user consented to.
    pub const VIEW_CONSENTS: &str = "urn:globus:auth:scope:auth.globus.org:view_consents";
    /// Looks up identities.
    pub const VIEW_IDENTITIES: &str = "urn:globus:auth:scope:auth.globus.org:view_identities";
    /// Views all identities linked to the user's account.
    pub const VIEW_IDENTITY_SET: &str = "urn:globus:auth:scope:auth.globus.org:view_identity_set";
}

/// Globus Transfer.
pub mod transfer {
    use super::{Scope, Uuid, gcs};

    /// Names Globus Transfer in token answers.
    pub const RESOURCE_SERVER: &str = "transfer.api.globus.org";
    /// Permits every call of the Transfer API.
    pub const ALL: &str = "urn:globus:auth:scope:transfer.api.globus.org:all";
    /// Sets up Globus Connect Personal.
    pub const GCP_INSTALL: &str = "urn:globus:auth:scope:transfer.api.globus.org:gcp_install";

    /// Gives [`ALL`] with the optional `data_access` of each collection: what transfers, listings and other file
    /// operations on mapped collections need.
    pub fn all_with_data_access(collections: impl IntoIterator<Item: Into<Uuid>>) -> Scope {
        Scope::composed(ALL, gcs::optional_data_access(collections))
    }
}

/// Globus Groups.
pub mod groups {
    /// Names Globus Groups in token answers.
    pub const RESOURCE_SERVER: &str = "groups.api.globus.org";
    /// Permits every call of the Groups API.
    pub const ALL: &str = "urn:globus:auth:scope:groups.api.globus.org:all";
    /// Views the user's groups and their members.
    pub const VIEW_MY_GROUPS_AND_MEMBERSHIPS: &str =
        "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships";
}

/// Globus Search.
pub mod search {
    /// Names Globus Search in token answers.
    pub const RESOURCE_SERVER: &str = "search.api.globus.org";
    /// Permits every call of the Search API.
    pub const ALL: &str = "urn:globus:auth:scope:search.api.globus.org:all";
    /// For Globus Connect Server.
    pub const GLOBUS_CONNECT_SERVER: &str =
        "urn:globus:auth:scope:search.api.globus.org:globus_connect_server";
    /// Adds, changes and deletes entries of an index.
    pub const INGEST: &str = "urn:globus:auth:scope:search.api.globus.org:ingest";
    /// Queries indices.
    pub const SEARCH: &str = "urn:globus:auth:scope:search.api.globus.org:search";
}

/// Globus Timers.
pub mod timers {
    use super::{Scope, Uuid, flows, transfer};

    /// Names Globus Timers in token answers.
    pub const RESOURCE_SERVER: &str = "524230d7-ea86-4a52-8312-86065a9e0417";
    /// Permits every call of the Timers API.
    pub const TIMER: &str = "https://auth.globus.org/scopes/524230d7-ea86-4a52-8312-86065a9e0417/timer";

    /// Gives [`TIMER`] for timers that transfer, with the optional `data_access` of each mapped collection.
    pub fn timer_for_transfer(collections: impl IntoIterator<Item: Into<Uuid>>) -> Scope {
        Scope::composed(TIMER, [transfer::all_with_data_access(collections)])
    }

    /// Gives [`TIMER`] for timers that run the given flows.
    pub fn timer_for_flows(flows: impl IntoIterator<Item: Into<Uuid>>) -> Scope {
        Scope::composed(TIMER, flows.into_iter().map(flows::user))
    }
}

/// Globus Flows.
pub mod flows {
    use super::{Scope, Uuid, transfer};

    /// Names Globus Flows in token answers. The resource server of one flow's [`user`] scope is the flow's id instead.
    pub const RESOURCE_SERVER: &str = "flows.globus.org";
    /// Permits every call of the Flows API but starting a flow that needs its own [`user`] scope.
    pub const ALL: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/all";
    /// Creates, changes, deletes, validates and views flows.
    pub const MANAGE_FLOWS: &str =
        "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/manage_flows";
    /// Lists and views flows.
    pub const VIEW_FLOWS: &str =
        "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/view_flows";
    /// Starts flows that call no service; nearly all flows need their own [`user`] scope instead.
    pub const RUN: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/run";
    /// Lists runs and views their status and logs.
    pub const RUN_STATUS: &str =
        "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/run_status";
    /// Views, changes, cancels and releases runs.
    pub const RUN_MANAGE: &str =
        "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/run_manage";
    /// Views web inputs.
    pub const WEB_INPUT_VIEW: &str =
        "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/web_input_view";
    /// Answers web inputs.
    pub const WEB_INPUT_RESPOND: &str =
        "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/web_input_respond";

    /// Gives the scope that starts one flow. Its resource server is the flow's id.
    pub fn user(flow: impl Into<Uuid>) -> Scope {
        Scope::composed(&user_name(flow.into()), [])
    }

    /// Gives the [`user`] scope of a flow that moves files of mapped collections: with the optional Transfer scope and
    /// in it the optional `data_access` of each collection.
    pub fn user_with_data_access(
        flow: impl Into<Uuid>,
        collections: impl IntoIterator<Item: Into<Uuid>>,
    ) -> Scope {
        let transfer = transfer::all_with_data_access(collections).with_optional(true);
        Scope::composed(&user_name(flow.into()), [transfer])
    }

    fn user_name(flow: Uuid) -> String {
        let underscored = flow.to_string().replace('-', "_");
        format!("https://auth.globus.org/scopes/{flow}/flow_{underscored}_user")
    }
}

/// Globus Compute.
pub mod compute {
    /// Names Globus Compute in token answers.
    pub const RESOURCE_SERVER: &str = "funcx_service";
    /// Permits every call of the Compute API.
    pub const ALL: &str = "https://auth.globus.org/scopes/facd7ccc-c5f4-42aa-916b-a0e270e2c2a9/all";
}

/// Globus Connect Server: endpoints and collections. The resource server is the id of the endpoint or collection.
pub mod gcs {
    use super::{Scope, Uuid};

    /// Gives the scope that manages an endpoint through its own API.
    pub fn manage_collections(endpoint: impl Into<Uuid>) -> Scope {
        manage_collections_with_data_access(endpoint, std::iter::empty::<Uuid>())
    }

    /// Gives [`manage_collections`] with the optional `data_access` of each mapped collection: needed to make guest
    /// collections on them.
    pub fn manage_collections_with_data_access(
        endpoint: impl Into<Uuid>,
        collections: impl IntoIterator<Item: Into<Uuid>>,
    ) -> Scope {
        let name = format!("urn:globus:auth:scope:{}:manage_collections", endpoint.into());
        Scope::composed(&name, optional_data_access(collections))
    }

    /// Gives the scope that lets a service reach the files of a mapped collection as the user.
    pub fn data_access(collection: impl Into<Uuid>) -> Scope {
        collection_scope(collection.into(), "data_access")
    }

    /// Gives the scope that reads and writes a collection's files over HTTPS.
    pub fn https(collection: impl Into<Uuid>) -> Scope {
        collection_scope(collection.into(), "https")
    }

    pub(super) fn optional_data_access(
        collections: impl IntoIterator<Item: Into<Uuid>>,
    ) -> impl Iterator<Item = Scope> {
        collections.into_iter().map(|collection| data_access(collection).with_optional(true))
    }

    fn collection_scope(collection: Uuid, name: &str) -> Scope {
        Scope::composed(&format!("https://auth.globus.org/scopes/{collection}/{name}"), [])
    }
}

/// The action provider that Globus runs for transfers.
pub mod actions {
    /// Starts transfers through the action provider.
    pub const TRANSFER: &str = "https://auth.globus.org/scopes/actions.globus.org/transfer/transfer";
}

/// Nexus, the predecessor of Globus Groups.
pub mod nexus {
    /// Names Nexus in token answers.
    pub const RESOURCE_SERVER: &str = "nexus.api.globus.org";
    /// Views and manages groups.
    pub const GROUPS: &str = "urn:globus:auth:scope:nexus.api.globus.org:groups";
}
