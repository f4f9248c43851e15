//! The document of an endpoint or collection.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::auth::principals::Who;
use crate::auth::verify::Caller;
use crate::https;
use crate::state::State;
use crate::transfer::collections::{Collection, Kind, legacy_username};
use crate::transfer::roles::{Role, Roles};

/// Who looks at documents, and what they need to know of that.
pub(crate) struct Viewer<'a> {
    state: &'a State,
    caller: &'a Caller,
    pub(crate) who: Who<'a>,
    /// The collections that the caller's tasks touch; unknown to managers, who look at the tasks of others.
    in_use: Option<HashSet<Uuid>>,
}

impl<'a> Viewer<'a> {
    pub(crate) fn new(state: &'a State, caller: &'a Caller) -> Viewer<'a> {
        let in_use = state.transfer.tasks.collections_in_use(caller.identity_id, state.clock.now());
        Viewer { state, caller, who: caller.who(), in_use: Some(in_use) }
    }

    /// Somebody who looks at what they manage.
    pub(crate) fn manager(state: &'a State, caller: &'a Caller) -> Viewer<'a> {
        Viewer { state, caller, who: caller.who(), in_use: None }
    }

    pub(crate) fn uses(&self, id: Uuid) -> bool {
        self.in_use.as_ref().is_some_and(|in_use| in_use.contains(&id))
    }

    /// The name of an owner, as it is shown.
    pub(crate) fn owner_string(&self, collection: &Collection) -> String {
        let owner = collection.owner(self.caller);
        if let Some(text) = collection.read().text("owner_string") {
            return text.to_owned();
        }
        if owner == self.caller.identity_id {
            return self.caller.username.clone();
        }
        let known = self.state.auth.tables().identity(owner);
        known.map_or_else(|| format!("{owner}@clients.auth.globus.org"), |identity| identity.username)
    }

    /// The whole document.
    pub(crate) fn document(&self, collection: &Collection) -> Value {
        let owner = collection.owner(self.caller);
        let roles = Roles::of(collection, self.who);
        let kind = collection.kind;
        let host = collection.host();
        let server = collection.server();
        let subscription = collection.subscription();
        let guest = kind.is_guest();
        // Globus Connect Server names itself as the host of its collections, Personal the mapped collection.
        let above = server.or(host);
        let canonical = |one: &Collection| one.canonical_name(one.owner(self.caller));
        let mut document: Map<String, Value> =
            WITHOUT_VALUE.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
        let mut set = |members: Value| {
            if let Value::Object(members) = members {
                document.extend(members);
            }
        };
        set(json!({
            "DATA_TYPE": "endpoint",
            "id": collection.id,
            "entity_type": kind.as_str(),
            "public": true,
            "owner_id": owner,
            "username": legacy_username(owner),
            "name": collection.id,
            "canonical_name": canonical(collection),
            "subscription_id": subscription,
            "force_encryption": false,
            "disable_verify": false,
            "force_verify": false,
            "disable_anonymous_writes": false,
            "mfa_required": false,
            "non_functional": kind == Kind::Server,
            "acl_available": guest,
            "acl_editable": guest && roles.have(Role::AccessManager),
            "in_use": self.in_use.as_ref().map(|in_use| in_use.contains(&collection.id)),
            "my_effective_roles": roles.names(),
            "gcp_connected": kind.is_personal().then(|| collection.root.is_connected()),
            "gcp_paused": kind.is_personal().then_some(false),
            "is_globus_connect": kind == Kind::Personal,
            "network_use": (kind == Kind::Personal).then_some("normal"),
            "high_assurance": collection.high_assurance.is_some(),
            "authentication_timeout_mins": collection.high_assurance,
            "requester_pays": false,
            "french_english_bilingual": false,
            "shareable": matches!(kind, Kind::Personal | Kind::ServerMapped) && subscription.is_some(),
            "activated": false,
            "expires_in": -1,
            "s3_owner_activated": false,
            "is_go_storage": false,
        }));
        set(json!({
            "host_endpoint": above.map(|one| canonical(one)),
            "host_endpoint_id": above.map(|one| one.id),
            "host_endpoint_display_name": above.map(|one| one.name()),
            "host_path": collection.host_path,
            "sharing_target_endpoint": host.map(|one| canonical(one)),
            "sharing_target_root_path": collection.host_path,
        }));
        if let Some(server) = server {
            set(json!({
                "non_functional_endpoint_id": server.id,
                "non_functional_endpoint_display_name": server.name(),
                "tlsftp_server": format!("tlsftp://{}:443", host_name(collection)),
            }));
            if let Some(host) = host {
                set(
                    json!({ "mapped_collection_id": host.id, "mapped_collection_display_name": host.name() }),
                );
            }
        }
        if collection.has_https() {
            set(json!({ "https_server": https::base_url(self.state, collection) }));
        }
        if matches!(kind, Kind::Server | Kind::ServerMapped | Kind::ServerGuest) {
            let manager = format!("https://{}", host_name(server.map_or(collection, |server| server)));
            set(json!({ "gcs_version": "5.4.83", "gcs_manager_url": manager }));
        }
        let changing = collection.read();
        set(json!({
            "subscription_admin_verified": changing.subscription_admin_verified,
            "globus_connect_setup_key": changing.setup_key.as_ref().filter(|_| self.who.is(owner)),
        }));
        set(Value::Object(changing.details.clone()));
        drop(changing);
        document.insert("owner_string".to_owned(), self.owner_string(collection).into());
        let timeout = document["authentication_timeout_mins"].clone();
        document.insert("authentication_assurance_timeout".to_owned(), timeout);
        document.insert("DATA".to_owned(), servers(collection).into());
        Value::Object(document)
    }
}

/// A name that no machine has: what a Globus Connect Server would be reached by.
fn host_name(collection: &Collection) -> String {
    format!("{}.data.globus.invalid", &collection.id.simple().to_string()[..8])
}

/// The documents of the servers of an endpoint; a guest collection has those of its mapped collection.
pub(super) fn servers(collection: &Collection) -> Vec<Value> {
    if let Some(parent) = &collection.parent {
        return servers(parent);
    }
    let connected = collection.root.is_connected() || collection.kind == Kind::Server;
    let server = |id: u32, given: &Map<String, Value>| {
        let mut document = json!({
            "DATA_TYPE": "server",
            "id": id,
            "is_connected": connected,
            "is_paused": false,
        });
        for name in SERVER_MEMBERS {
            document[name] = given.get(name).cloned().unwrap_or_default();
        }
        document
    };
    let id = collection.id.as_fields().0 >> 1;
    match collection.kind {
        Kind::Legacy => collection.read().servers.iter().map(|(id, given)| server(*id, given)).collect(),
        Kind::Server => {
            let host = host_name(collection);
            let given = json!({ "hostname": host, "port": 443, "uri": format!("tlsftp://{host}:443") });
            vec![server(id, given.as_object().unwrap_or(&Map::new()))]
        }
        _ => vec![server(id, &Map::new())],
    }
}

/// What can be said of a server.
pub(super) const SERVER_MEMBERS: [&str; 9] = [
    "hostname",
    "port",
    "scheme",
    "subject",
    "uri",
    "incoming_data_port_start",
    "incoming_data_port_end",
    "outgoing_data_port_start",
    "outgoing_data_port_end",
];

/// Members that every document has, with or without a value.
const WITHOUT_VALUE: [&str; 49] = [
    "description",
    "organization",
    "department",
    "keywords",
    "contact_email",
    "contact_info",
    "info_link",
    "user_message",
    "user_message_link",
    "default_directory",
    "subscription_id",
    "host_endpoint",
    "host_endpoint_id",
    "host_endpoint_display_name",
    "host_path",
    "mapped_collection_id",
    "mapped_collection_display_name",
    "non_functional_endpoint_id",
    "non_functional_endpoint_display_name",
    "gcs_manager_url",
    "gcs_version",
    "https_server",
    "tlsftp_server",
    "globus_connect_setup_key",
    "acl_max_expiration_period_mins",
    "authentication_timeout_mins",
    "authentication_assurance_timeout",
    "authentication_policy_id",
    "location",
    "max_concurrency",
    "preferred_concurrency",
    "max_parallelism",
    "preferred_parallelism",
    "last_accessed_time",
    "auto_delete_timeout",
    "skip_auto_delete",
    "restrict_transfers_to_high_assurance",
    "preserve_modtime",
    "guest_collection_activity_notification_policy",
    "associated_flow_policy",
    "sharing_target_endpoint",
    "sharing_target_root_path",
    "local_user_info_available",
    "expire_time",
    "myproxy_server",
    "myproxy_dn",
    "oauth_server",
    "s3_url",
    "storage_type",
];
