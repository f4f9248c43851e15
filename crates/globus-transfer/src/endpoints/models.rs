//! Documents of endpoints and collections.

use globus_core::{
    CollectionId, Extra, IdentityId, Page, PageInfo, PolicyId, Secret, SubscriptionId, Timestamp, open_enum,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    document::{EndpointListType, EndpointType, ServerType, extra_accessors, lenient_integer, or_default},
    tasks::TaskStatus,
};

/// Describes an endpoint or collection.
///
/// Members that do not apply to its [`entity_type`](Self::entity_type), or that the caller may not see, are `None`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Endpoint {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: EndpointType,
    /// The id.
    pub id: CollectionId,
    /// What it is.
    pub entity_type: Option<EntityType>,
    /// The name for people.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The organization that runs it.
    pub organization: Option<String>,
    /// The department that runs it.
    pub department: Option<String>,
    /// Words to find it by, with commas between them.
    pub keywords: Option<String>,
    /// The e-mail address to turn to.
    pub contact_email: Option<String>,
    /// How to reach those who run it.
    pub contact_info: Option<String>,
    /// A page about it.
    pub info_link: Option<String>,
    /// A notice that users are shown.
    pub user_message: Option<String>,
    /// A page about the notice.
    pub user_message_link: Option<String>,
    /// Whether everybody can find it.
    pub public: Option<bool>,
    /// The identity that owns it; for an endpoint of Globus Connect Server, its client.
    pub owner_id: Option<IdentityId>,
    /// The owner's name.
    pub owner_string: Option<String>,
    /// The directory that is listed when no path is given.
    pub default_directory: Option<String>,
    /// Whether all transfers are encrypted.
    pub force_encryption: Option<bool>,
    /// Whether checksums are never compared.
    pub disable_verify: Option<bool>,
    /// Whether checksums are always compared.
    pub force_verify: Option<bool>,
    /// Whether those who did not log in may never write.
    pub disable_anonymous_writes: Option<bool>,
    /// Whether users need multi-factor authentication.
    pub mfa_required: Option<bool>,
    /// The subscription that it belongs to.
    pub subscription_id: Option<SubscriptionId>,
    /// Whether an administrator of the subscription has verified it.
    pub subscription_admin_verified: Option<bool>,
    /// The mapped collection, or endpoint, that hosts this guest collection.
    pub host_endpoint_id: Option<CollectionId>,
    /// Its name.
    pub host_endpoint_display_name: Option<String>,
    /// The directory on the host that is the root of this guest collection.
    pub host_path: Option<String>,
    /// The mapped collection that this guest collection belongs to (Globus Connect Server).
    pub mapped_collection_id: Option<CollectionId>,
    /// Its name.
    pub mapped_collection_display_name: Option<String>,
    /// Whether it holds no data itself: an endpoint whose collections have to be used.
    pub non_functional: Option<bool>,
    /// The endpoint behind the collection (Globus Connect Server).
    pub non_functional_endpoint_id: Option<CollectionId>,
    /// Its name.
    pub non_functional_endpoint_display_name: Option<String>,
    /// The address of its manager, for administration (Globus Connect Server).
    pub gcs_manager_url: Option<String>,
    /// The version of Globus Connect Server.
    pub gcs_version: Option<String>,
    /// The address for access by HTTPS, e.g. `https://m-1234.data.example.org`.
    pub https_server: Option<String>,
    /// The address for transfers, e.g. `tlsftp://m-1234.data.example.org:443`.
    pub tlsftp_server: Option<String>,
    /// Whether it is connected now (Globus Connect Personal).
    pub gcp_connected: Option<bool>,
    /// Whether its user paused it (Globus Connect Personal).
    pub gcp_paused: Option<bool>,
    /// The key that sets it up, told to its owner until it is set up (Globus Connect Personal). Never written again.
    #[serde(default, skip_serializing)]
    pub globus_connect_setup_key: Option<Secret>,
    /// Legacy: whether it is on Globus Connect Personal. See [`entity_type`](Self::entity_type).
    pub is_globus_connect: Option<bool>,
    /// The caller's roles on it.
    #[serde(default, deserialize_with = "or_default")]
    pub my_effective_roles: Vec<EffectiveRole>,
    /// Whether it has permissions to manage: is a guest collection.
    pub acl_available: Option<bool>,
    /// Whether the caller may manage its permissions.
    pub acl_editable: Option<bool>,
    /// The longest that a new permission may last, in minutes.
    pub acl_max_expiration_period_mins: Option<u64>,
    /// Whether a running task of the caller uses it.
    pub in_use: Option<bool>,
    /// Whether it is high assurance.
    pub high_assurance: Option<bool>,
    /// For how long a login counts, in minutes.
    pub authentication_timeout_mins: Option<u64>,
    /// Legacy: the same as [`authentication_timeout_mins`](Self::authentication_timeout_mins).
    pub authentication_assurance_timeout: Option<u64>,
    /// The policy on logins.
    pub authentication_policy_id: Option<PolicyId>,
    /// How much of the network transfers may take.
    pub network_use: Option<NetworkUse>,
    /// Where it is: `Automatic`, or latitude and longitude with a comma.
    pub location: Option<String>,
    /// How many files are transferred at once, at most.
    pub max_concurrency: Option<u64>,
    /// How many files are transferred at once, usually.
    pub preferred_concurrency: Option<u64>,
    /// How many streams a file is transferred with, at most.
    pub max_parallelism: Option<u64>,
    /// How many streams a file is transferred with, usually.
    pub preferred_parallelism: Option<u64>,
    /// Whether those who read pay for it.
    pub requester_pays: Option<bool>,
    /// Whether its pages are in French and English.
    pub french_english_bilingual: Option<bool>,
    /// When it was used last.
    #[serde(default, deserialize_with = "globus_core::time::lenient")]
    pub last_accessed_time: Option<Timestamp>,
    /// After how many days without use it is deleted.
    pub auto_delete_timeout: Option<u64>,
    /// Whether it is spared from being deleted for want of use.
    pub skip_auto_delete: Option<bool>,
    /// For which transfers modification times are kept.
    pub preserve_modtime: Option<TransferDirection>,
    /// Which transfers have to have a high-assurance collection at the other end.
    pub restrict_transfers_to_high_assurance: Option<TransferDirection>,
    /// When its owner hears of what happens on it.
    pub guest_collection_activity_notification_policy: Option<ActivityNotificationPolicy>,
    /// The flows that run with transfers.
    pub associated_flow_policy: Option<Value>,
    /// Legacy: whether it may host guest collections.
    pub shareable: Option<bool>,
    /// Legacy: see [`host_endpoint_id`](Self::host_endpoint_id).
    pub sharing_target_endpoint: Option<String>,
    /// Legacy: see [`host_path`](Self::host_path).
    pub sharing_target_root_path: Option<String>,
    /// Legacy.
    pub local_user_info_available: Option<bool>,
    /// Legacy: the last part of [`canonical_name`](Self::canonical_name).
    pub name: Option<String>,
    /// Legacy: `user#name`.
    pub canonical_name: Option<String>,
    /// Legacy: the owner, as in [`canonical_name`](Self::canonical_name).
    pub username: Option<String>,
    /// Legacy: the host's canonical name.
    pub host_endpoint: Option<String>,
    /// Legacy.
    pub activated: Option<bool>,
    /// Legacy: when the activation ends.
    #[serde(default, deserialize_with = "globus_core::time::lenient")]
    pub expire_time: Option<Timestamp>,
    /// Legacy: for how many seconds the activation holds; −1 for ever.
    #[serde(default, deserialize_with = "lenient_integer")]
    pub expires_in: Option<i64>,
    /// Legacy.
    pub myproxy_server: Option<String>,
    /// Legacy.
    pub myproxy_dn: Option<String>,
    /// Legacy.
    pub oauth_server: Option<String>,
    /// Legacy.
    pub s3_url: Option<String>,
    /// Legacy.
    pub s3_owner_activated: Option<bool>,
    /// Legacy.
    pub is_go_storage: Option<bool>,
    /// Legacy.
    pub storage_type: Option<String>,
    /// Its servers. Some searches leave them out.
    #[serde(rename = "DATA", default, deserialize_with = "or_default")]
    pub data: Vec<Server>,
    /// How well it matches: higher is better. Only in searches.
    #[serde(rename = "_rank")]
    pub rank: Option<f64>,
    #[serde(flatten)]
    extra: Extra,
}

/// Holds one page of a search for endpoints and collections.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndpointPage {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: EndpointListType,
    /// What was found.
    #[serde(rename = "DATA", default, deserialize_with = "or_default")]
    pub data: Vec<Endpoint>,
    /// How many results a page has at most.
    pub limit: Option<u64>,
    /// How many results were left out at the beginning.
    pub offset: Option<u64>,
    /// Whether there are more.
    pub has_next_page: Option<bool>,
    #[serde(flatten)]
    extra: Extra,
}

impl Page for EndpointPage {
    type Item = Endpoint;

    fn info(&self) -> PageInfo {
        PageInfo { items: self.data.len(), has_next_page: self.has_next_page, ..PageInfo::default() }
    }

    fn into_items(self) -> Vec<Endpoint> {
        self.data
    }
}

/// Describes a server of an endpoint. On Globus Connect Personal, addresses are `None`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Server {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: ServerType,
    /// The id, within its endpoint.
    pub id: Option<u64>,
    /// The name of the host.
    pub hostname: Option<String>,
    /// The port.
    pub port: Option<u32>,
    /// The protocol: `gsiftp` or `ftp`.
    pub scheme: Option<String>,
    /// The subject of its certificate.
    pub subject: Option<String>,
    /// The address, e.g. `gsiftp://host:2811`.
    pub uri: Option<String>,
    /// The first port that data comes in through.
    pub incoming_data_port_start: Option<u32>,
    /// The last port that data comes in through.
    pub incoming_data_port_end: Option<u32>,
    /// The first port that data goes out through.
    pub outgoing_data_port_start: Option<u32>,
    /// The last port that data goes out through.
    pub outgoing_data_port_end: Option<u32>,
    /// Legacy: see [`Endpoint::gcp_connected`].
    pub is_connected: Option<bool>,
    /// Legacy: see [`Endpoint::gcp_paused`].
    pub is_paused: Option<bool>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says when the owner of a guest collection hears of what happens on it: as it is, and as it is to be.
///
/// ```
/// use globus_transfer::endpoints::ActivityNotificationPolicy;
/// let policy = ActivityNotificationPolicy::new(["FAILED"], ["source", "destination"]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActivityNotificationPolicy {
    /// Of tasks that ended like this.
    #[serde(default, deserialize_with = "or_default")]
    pub status: Vec<TaskStatus>,
    /// Of tasks in which the collection was this.
    #[serde(default, deserialize_with = "or_default")]
    pub transfer_use: Vec<TransferUse>,
    #[serde(flatten)]
    extra: Extra,
}

impl ActivityNotificationPolicy {
    /// Tells of tasks that ended like one of these, in which the collection was one of those.
    pub fn new<S: Into<TaskStatus>, U: Into<TransferUse>>(
        status: impl IntoIterator<Item = S>,
        transfer_use: impl IntoIterator<Item = U>,
    ) -> Self {
        Self {
            status: status.into_iter().map(Into::into).collect(),
            transfer_use: transfer_use.into_iter().map(Into::into).collect(),
            extra: Extra::default(),
        }
    }
}

open_enum! {
    /// Says what an endpoint or collection is.
    pub enum EntityType {
        /// An endpoint of Globus Connect Server: holds no data itself, its collections do.
        GcsEndpoint = "GCSv5_endpoint",
        /// A collection of Globus Connect Server whose users have local accounts.
        GcsMappedCollection = "GCSv5_mapped_collection",
        /// A part of a mapped collection of Globus Connect Server, shared by permissions.
        GcsGuestCollection = "GCSv5_guest_collection",
        /// A collection of Globus Connect Personal: somebody's own machine.
        GcpMappedCollection = "GCP_mapped_collection",
        /// A part of a collection of Globus Connect Personal, shared by permissions.
        GcpGuestCollection = "GCP_guest_collection",
        /// Legacy: a host of Globus Connect Server 4.
        GcsV4Host = "GCSv4_host",
        /// Legacy: a share of Globus Connect Server 4.
        GcsV4Share = "GCSv4_share",
    }
}

open_enum! {
    /// Says what a user may do on an endpoint or collection.
    pub enum EffectiveRole {
        /// Everything.
        Administrator = "administrator",
        /// Manage it and what others may do on it, but not read or write its data.
        RestrictedAdministrator = "restricted_administrator",
        /// Manage permissions.
        AccessManager = "access_manager",
        /// Pause and cancel the tasks of others.
        ActivityManager = "activity_manager",
        /// See the tasks of others.
        ActivityMonitor = "activity_monitor",
    }
}

open_enum! {
    /// Says how much of the network transfers may take.
    pub enum NetworkUse {
        /// What is usual.
        Normal = "normal",
        /// Little.
        Minimal = "minimal",
        /// Much.
        Aggressive = "aggressive",
        /// As the members for concurrency and parallelism say.
        Custom = "custom",
    }
}

open_enum! {
    /// Says which transfers a rule of a collection is for.
    pub enum TransferDirection {
        /// Those to it.
        Inbound = "inbound",
        /// Those from it.
        Outbound = "outbound",
        /// All.
        All = "all",
    }
}

open_enum! {
    /// Says which end of a transfer a collection is.
    pub enum TransferUse {
        /// Where the files come from.
        Source = "source",
        /// Where the files go.
        Destination = "destination",
    }
}

extra_accessors!(Endpoint, EndpointPage, Server, ActivityNotificationPolicy);
