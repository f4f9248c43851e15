//! Resources of the newer API.

use globus_core::{Extra, IdentityId, Page, PageInfo, SubmissionId, Timestamp, open_enum};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::Value;

use crate::document::{extra_accessors, or_default};

globus_core::uuid_id! {
    /// Names a tunnel.
    pub struct TunnelId, "tunnel id";
}

globus_core::uuid_id! {
    /// Names a stream access point.
    pub struct StreamAccessPointId, "stream access point id";
}

/// Describes a resource: its id, its attributes, and what it belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound(
    serialize = "I: Serialize, A: Serialize, R: Serialize",
    deserialize = "I: Deserialize<'de>, A: Deserialize<'de> + Default, R: Deserialize<'de> + Default"
))]
#[non_exhaustive]
pub struct Resource<I, A, R> {
    /// What it is, e.g. `Tunnel`.
    #[serde(rename = "type")]
    pub resource_type: Option<String>,
    /// The id.
    pub id: I,
    /// What it is like.
    #[serde(default, deserialize_with = "or_default")]
    pub attributes: A,
    /// What it belongs to.
    #[serde(default, deserialize_with = "or_default")]
    pub relationships: R,
    #[serde(flatten)]
    extra: Extra,
}

impl<I, A, R> Resource<I, A, R> {
    /// Gives the members that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

/// An answer with a resource inside.
#[derive(Deserialize)]
pub(crate) struct Envelope<T> {
    data: T,
}

impl<I, A, R> From<Envelope<Self>> for Resource<I, A, R> {
    fn from(envelope: Envelope<Self>) -> Self {
        envelope.data
    }
}

/// The answer to a deletion, which says nothing.
#[derive(Deserialize)]
pub(crate) struct Gone(IgnoredAny);

impl From<Gone> for () {
    fn from(_: Gone) {}
}

/// Holds one page of resources.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound(
    serialize = "I: Serialize, A: Serialize, R: Serialize",
    deserialize = "I: Deserialize<'de>, A: Deserialize<'de> + Default, R: Deserialize<'de> + Default"
))]
#[non_exhaustive]
pub struct ResourcePage<I, A, R> {
    /// What is on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub data: Vec<Resource<I, A, R>>,
    /// What leads to other pages.
    pub links: Option<Links>,
    /// What the service says about the answer itself, e.g. the id of the request.
    pub meta: Option<Value>,
    #[serde(flatten)]
    extra: Extra,
}

impl<I, A, R> ResourcePage<I, A, R> {
    /// Gives the members that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

impl<I, A, R> Page for ResourcePage<I, A, R>
where
    I: serde::de::DeserializeOwned + Send + 'static,
    A: serde::de::DeserializeOwned + Default + Send + 'static,
    R: serde::de::DeserializeOwned + Default + Send + 'static,
{
    type Item = Resource<I, A, R>;

    fn info(&self) -> PageInfo {
        let next = self.links.as_ref().and_then(|links| links.next.as_ref()).and_then(Link::href);
        PageInfo { items: self.data.len(), next: next.map(str::to_owned), ..PageInfo::default() }
    }

    fn into_items(self) -> Vec<Resource<I, A, R>> {
        self.data
    }
}

/// Holds what leads to other pages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Links {
    /// The next page; `None` when this is the last.
    pub next: Option<Link>,
    #[serde(flatten)]
    extra: Extra,
}

/// Leads somewhere: the service writes the address alone, or in an object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Link {
    /// The address.
    Address(String),
    /// An object with the address.
    #[non_exhaustive]
    Object {
        /// The address.
        href: Option<String>,
        /// What else the object has.
        #[serde(flatten)]
        extra: Extra,
    },
}

impl Link {
    /// Gives the address.
    #[must_use]
    pub fn href(&self) -> Option<&str> {
        match self {
            Self::Address(href) => Some(href),
            Self::Object { href, .. } => href.as_deref(),
        }
    }
}

/// Says which resource another one belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Relationship {
    /// The resource, or resources.
    pub data: Option<RelatedResources>,
    #[serde(flatten)]
    extra: Extra,
}

impl Relationship {
    /// Gives the id of the resource; of the first, where there are several.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        let first = match self.data.as_ref()? {
            RelatedResources::One(resource) => resource,
            RelatedResources::Many(resources) => resources.first()?,
        };
        first.id.as_deref()
    }
}

/// Names one resource, or several.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum RelatedResources {
    /// One.
    One(ResourceId),
    /// Several.
    Many(Vec<ResourceId>),
}

/// Names a resource of any type.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceId {
    /// What it is, e.g. `StreamAccessPoint` or `Identity`.
    #[serde(rename = "type")]
    pub resource_type: Option<String>,
    /// The id.
    pub id: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

/// Describes a tunnel.
pub type Tunnel = Resource<TunnelId, TunnelAttributes, TunnelRelationships>;

/// Holds the user's tunnels.
pub type TunnelPage = ResourcePage<TunnelId, TunnelAttributes, TunnelRelationships>;

/// Says what a tunnel is like.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TunnelAttributes {
    /// The name for people.
    pub label: Option<String>,
    /// How far it is.
    pub state: Option<TunnelState>,
    /// The same as a sentence, for people.
    pub status: Option<String>,
    /// The IP address that the program that opens the connection has to connect to.
    pub initiator_ip_address: Option<String>,
    /// The port that it has to connect to.
    pub initiator_port: Option<u16>,
    /// The IP address of the program that listens.
    pub listener_ip_address: Option<String>,
    /// The port of the program that listens.
    pub listener_port: Option<u16>,
    /// After how many minutes the tunnel ends.
    pub lifetime_mins: Option<u64>,
    /// Whether it is started again after a failure.
    pub restartable: Option<bool>,
    /// When it was made.
    pub created_time: Option<Timestamp>,
    /// The id of the submission that made it.
    pub submission_id: Option<SubmissionId>,
    #[serde(flatten)]
    extra: Extra,
}

open_enum! {
    /// Says how far a tunnel is.
    pub enum TunnelState {
        /// It has just been made.
        Uninitialized = "UNINITIALIZED",
        /// It waits to be told where the listener is.
        AwaitingListener = "AWAITING_LISTENER",
        /// It carries data.
        Active = "ACTIVE",
        /// It is being stopped.
        Stopping = "STOPPING",
        /// It has stopped, and can be deleted.
        Stopped = "STOPPED",
    }
}

/// Says what a tunnel belongs to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TunnelRelationships {
    /// The stream access point of the program that listens.
    pub listener: Option<Relationship>,
    /// The stream access point of the program that opens the connection.
    pub initiator: Option<Relationship>,
    /// The identity that owns it.
    pub owner: Option<Relationship>,
    #[serde(flatten)]
    extra: Extra,
}

impl TunnelRelationships {
    /// Gives the identity that owns it.
    #[must_use]
    pub fn owner_id(&self) -> Option<IdentityId> {
        self.owner.as_ref()?.id()?.parse().ok()
    }
}

/// Tells of something that happened to a tunnel. It belongs to nothing else.
pub type TunnelEvent = Resource<u64, TunnelEventAttributes, Option<Value>>;

/// Holds one page of what happened to a tunnel.
pub type TunnelEventPage = ResourcePage<u64, TunnelEventAttributes, Option<Value>>;

/// Says what happened to a tunnel.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TunnelEventAttributes {
    /// What it was.
    pub code: Option<TunnelEventCode>,
    /// Whether it is an error.
    pub is_error: Option<bool>,
    /// The same as words, for people.
    pub description: Option<String>,
    /// More about it.
    pub details: Option<String>,
    /// When it happened.
    pub time: Option<Timestamp>,
    #[serde(flatten)]
    extra: Extra,
}

open_enum! {
    /// Says what happened to a tunnel.
    pub enum TunnelEventCode {
        /// It began.
        Started = "STARTED",
        /// It began to carry data.
        Active = "TUNNEL_ACTIVE",
        /// It stopped.
        Stopped = "TUNNEL_STOPPED",
    }
}

/// Describes a stream access point.
pub type StreamAccessPoint =
    Resource<StreamAccessPointId, StreamAccessPointAttributes, StreamAccessPointRelationships>;

/// Holds one page of stream access points.
pub type StreamAccessPointPage =
    ResourcePage<StreamAccessPointId, StreamAccessPointAttributes, StreamAccessPointRelationships>;

/// Says what a stream access point is like.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StreamAccessPointAttributes {
    /// The name for people.
    pub display_name: Option<String>,
    /// The address of its server, e.g. `tlsftp://s-1234.example.org:443`.
    pub tlsftp_server: Option<String>,
    /// The username shown as the owner's.
    pub advertised_owner: Option<String>,
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
    #[serde(flatten)]
    extra: Extra,
}

/// Says what a stream access point belongs to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StreamAccessPointRelationships {
    /// The endpoint that hosts it.
    pub host_endpoint: Option<Relationship>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(
    Links,
    Relationship,
    ResourceId,
    TunnelAttributes,
    TunnelRelationships,
    TunnelEventAttributes,
    StreamAccessPointAttributes,
    StreamAccessPointRelationships
);
