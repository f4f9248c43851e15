//! Tunnels: streams of data from one stream access point to another, beside the files.
//!
//! The service calls them beta. They are resources of its newer API: an id, attributes, and relationships to others.

mod models;

use globus_core::{IntoId, SubmissionId, request};
use serde::{Serialize, Serializer};

pub(crate) use self::models::{Envelope, Gone};
pub use self::models::{
    Link, Links, RelatedResources, Relationship, Resource, ResourceId, ResourcePage, StreamAccessPoint,
    StreamAccessPointAttributes, StreamAccessPointId, StreamAccessPointPage, StreamAccessPointRelationships,
    Tunnel, TunnelAttributes, TunnelEvent, TunnelEventAttributes, TunnelEventCode, TunnelEventPage, TunnelId,
    TunnelPage, TunnelRelationships, TunnelState,
};
use crate::{
    TransferClient,
    parts::{Members, request_document, setter},
};

request! {
    /// # Tunnels
    impl TransferClient {
        /// Makes a tunnel between two stream access points.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::tunnels::NewTunnel;
        ///
        /// let (from, to) = ("6f3c4c02-3d49-4e25-8d6c-0b9a4f3e7c01", "0f7e1b7a-5b8e-4f63-9d8e-6b1f2a3c4d02");
        /// let tunnel = transfer.create_tunnel(NewTunnel::new(from, to).label("detector")).send().await?;
        /// println!("{} {:?}", tunnel.id, tunnel.attributes.state);
        /// # Ok(()) }
        /// ```
        ///
        /// The service makes one tunnel for one submission id, so the request is retried after any failure. Sending a
        /// clone of the document gives the same tunnel.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such stream access point,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not use it,
        /// [`status`](globus_core::Error::status) 422 when an attribute cannot be understood.
        ///
        /// Service: <https://docs.globus.org/api/transfer/>
        #[doc(alias = "stream tunnel create")]
        fn create_tunnel(tunnel: document NewTunnel) -> CreateTunnel => Envelope<Tunnel> as Tunnel {
            POST "v2" / "tunnels";
            idempotent;
            with json { "data" = tunnel; }
        }

        /// Changes a tunnel: names it, says where its listener is, which starts it, or stops it.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::tunnels::TunnelUpdate;
        ///
        /// let tunnel = "c2b6f0f4-7a55-4d1b-9c58-5d8e1f2a3b03";
        /// let listener = TunnelUpdate::new().listener_ip_address("10.0.0.7").listener_port(5000);
        /// transfer.update_tunnel(tunnel, listener).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Changing it twice is changing it once, so the request is retried after any failure.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such tunnel,
        /// [`is_conflict`](globus_core::Error::is_conflict) when its state does not allow the change,
        /// [`status`](globus_core::Error::status) 422 when an attribute cannot be understood.
        ///
        /// Service: <https://docs.globus.org/api/transfer/>
        #[doc(alias = "stream tunnel update")]
        #[doc(alias = "stream tunnel stop")]
        fn update_tunnel(tunnel_id: id TunnelId, update: document TunnelUpdate) -> UpdateTunnel => Envelope<Tunnel> as Tunnel {
            PATCH "v2" / "tunnels" / tunnel_id;
            idempotent;
            with json { "data" = NewResource { kind: TUNNEL, attributes: &update.0, relationships: None }; }
        }

        /// Describes a tunnel.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let tunnel = transfer.get_tunnel("c2b6f0f4-7a55-4d1b-9c58-5d8e1f2a3b03").send().await?;
        /// println!("{:?} {:?}", tunnel.attributes.state, tunnel.attributes.initiator_port);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such tunnel.
        ///
        /// Service: <https://docs.globus.org/api/transfer/>
        #[doc(alias = "stream tunnel show")]
        fn get_tunnel(tunnel_id: id TunnelId) -> GetTunnel => Envelope<Tunnel> as Tunnel {
            GET "v2" / "tunnels" / tunnel_id;
        }

        /// Deletes a tunnel that has stopped.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// transfer.delete_tunnel("c2b6f0f4-7a55-4d1b-9c58-5d8e1f2a3b03").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such tunnel,
        /// [`is_conflict`](globus_core::Error::is_conflict) when it has not stopped.
        ///
        /// Service: <https://docs.globus.org/api/transfer/>
        #[doc(alias = "stream tunnel delete")]
        fn delete_tunnel(tunnel_id: id TunnelId) -> DeleteTunnel => Gone as () {
            DELETE "v2" / "tunnels" / tunnel_id;
        }

        /// Lists the user's tunnels.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// for tunnel in transfer.list_tunnels().items().try_collect().await? {
        ///     println!("{} {:?}", tunnel.id, tunnel.attributes.label);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// None of its own: [`is_unauthorized`](globus_core::Error::is_unauthorized) when the token is not accepted.
        ///
        /// Service: <https://docs.globus.org/api/transfer/>
        #[doc(alias = "stream tunnel list")]
        fn list_tunnels() -> ListTunnels => TunnelPage {
            GET "v2" / "tunnels";
            paged JsonApi of Tunnel;
        }

        /// Lists what happened to a tunnel.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let mut errors = transfer.get_tunnel_events("c2b6f0f4-7a55-4d1b-9c58-5d8e1f2a3b03").is_error(true).items();
        /// while let Some(event) = errors.try_next().await? {
        ///     println!("{:?} {:?}", event.attributes.time, event.attributes.details);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such tunnel,
        /// [`status`](globus_core::Error::status) 422 when the filters do not go together.
        ///
        /// Service: <https://docs.globus.org/api/transfer/>
        #[doc(alias = "stream tunnel events")]
        fn get_tunnel_events(tunnel_id: id TunnelId) -> GetTunnelEvents => TunnelEventPage {
            GET "v2" / "tunnels" / tunnel_id / "events";
            query {
                /// Gives events with this code. Not with `is_error`.
                code_name: word TunnelEventCode;
                /// Gives only errors (true). Not with `code_name`.
                is_error: word_flag;
                /// Gives at most this many a page. A page has as many as the service likes unless told otherwise.
                page_limit as "page[limit]": number u32;
                /// Gives the page that this marker leads to.
                page_marker as "page[marker]": text;
            }
            paged JsonApi of TunnelEvent;
        }

        /// Describes a stream access point: a server that tunnels can begin and end at.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let point = transfer.get_stream_access_point("6f3c4c02-3d49-4e25-8d6c-0b9a4f3e7c01").send().await?;
        /// println!("{:?}", point.attributes.display_name);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none.
        ///
        /// Service: <https://docs.globus.org/api/transfer/>
        #[doc(alias = "stream access-point show")]
        fn get_stream_access_point(
            stream_access_point_id: id StreamAccessPointId
        ) -> GetStreamAccessPoint => Envelope<StreamAccessPoint> as StreamAccessPoint {
            GET "v2" / "stream_access_points" / stream_access_point_id;
        }

        /// Lists stream access points.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let mut points = transfer.list_stream_access_points().filter_fulltext("detector").items();
        /// while let Some(point) = points.try_next().await? {
        ///     println!("{} {:?}", point.id, point.attributes.display_name);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`status`](globus_core::Error::status) 422 when a parameter cannot be understood.
        ///
        /// Service: <https://docs.globus.org/api/transfer/>
        #[doc(alias = "stream access-point list")]
        fn list_stream_access_points() -> ListStreamAccessPoints => StreamAccessPointPage {
            GET "v2" / "stream_access_points";
            query {
                /// Gives those of which an attribute has these words; an id finds the one that has it.
                filter_fulltext as "filter[fulltext]": text;
                /// Gives those on endpoints that the user has the role `administrator` on.
                filter_endpoint_admin as "filter[endpoint_admin]": word_flag;
                /// Gives at most this many a page. A page has as many as the service likes unless told otherwise.
                page_limit as "page[limit]": number u32;
                /// Gives the page that this marker leads to.
                page_marker as "page[marker]": text;
            }
            paged JsonApi of StreamAccessPoint;
        }
    }
}

const TUNNEL: &str = "Tunnel";

/// A resource as it is sent.
#[derive(Serialize)]
pub(crate) struct NewResource<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) attributes: &'a Members,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) relationships: Option<&'a Members>,
}

/// Describes a tunnel to make.
///
/// ```
/// use globus_transfer::tunnels::NewTunnel;
/// let (from, to) = ("6f3c4c02-3d49-4e25-8d6c-0b9a4f3e7c01", "0f7e1b7a-5b8e-4f63-9d8e-6b1f2a3c4d02");
/// let tunnel = NewTunnel::new(from, to).label("detector").lifetime_mins(60);
/// ```
#[derive(Debug, Clone)]
#[must_use = "a document does nothing until it is sent"]
pub struct NewTunnel(Members, Members);

impl NewTunnel {
    /// Connects the stream access point of the program that opens the connection with that of the program that listens.
    pub fn new(
        initiator: impl IntoId<StreamAccessPointId>,
        listener: impl IntoId<StreamAccessPointId>,
    ) -> Self {
        let (mut attributes, mut relationships) = (Members::default(), Members::default());
        relate(&mut relationships, "initiator", initiator);
        relate(&mut relationships, "listener", listener);
        attributes.set("submission_id", SubmissionId::random());
        Self(attributes, relationships)
    }

    setter!([
        /// Names it, for people. Default: no name.
    ] label field String);
    setter!([
        /// Gives the IP address of the program that listens. With its port, the tunnel starts at once. Default: told
        /// later, with [`update_tunnel`](crate::TransferClient::update_tunnel).
    ] listener_ip_address field String);
    setter!([
        /// Gives the port of the program that listens.
    ] listener_port field u16);
    setter!([
        /// Ends the tunnel after this many minutes. Service default: 360.
    ] lifetime_mins optional u64);
    setter!([
        /// Starts the tunnel again after a failure. Service default: false.
    ] restartable optional bool);
    setter!([
        /// Sets the id of the submission. Default: a new one for each document.
    ] submission_id id SubmissionId);

    /// Sets an attribute that the SDK has no setter for, in place of any of the same name, and unchecked.
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.0.set(name, value.into());
        self
    }
}

fn relate(relationships: &mut Members, name: &str, id: impl IntoId<StreamAccessPointId>) {
    match id.into_id() {
        Ok(id) => {
            relationships.set(name, serde_json::json!({"data": {"type": "StreamAccessPoint", "id": id}}));
        }
        Err(invalid) => relationships.refuse(name.to_owned(), format!("{name}: {invalid}")),
    }
}

impl Serialize for NewTunnel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        NewResource { kind: TUNNEL, attributes: &self.0, relationships: Some(&self.1) }.serialize(serializer)
    }
}

request_document! {
    /// Describes a change of a tunnel: what is not set stays as it is.
    ///
    /// ```
    /// use globus_transfer::tunnels::{TunnelState, TunnelUpdate};
    /// let stop = TunnelUpdate::new().state(TunnelState::Stopping);
    /// ```
    pub update TunnelUpdate {
        /// Names it, for people.
        label: field String;
        /// Gives the IP address of the program that listens. With its port, the tunnel starts.
        listener_ip_address: field String;
        /// Gives the port of the program that listens.
        listener_port: field u16;
        /// Stops it, with [`TunnelState::Stopping`]: the only state that can be set.
        state: any TunnelState;
    }
}
