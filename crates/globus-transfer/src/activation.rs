//! Legacy: activating endpoints, and making endpoints and servers by hand.
//!
//! Endpoints of Globus Connect Server 4 had to be given credentials before they could be used. There are none left;
//! nothing that can be reached today has to be activated. These operations are for programs that still call them, and
//! for services that still offer them.

mod models;

use globus_core::{CollectionId, request};

pub use self::models::{
    ActivationCode, ActivationRequirement, ActivationRequirements, ActivationResult, RequirementType,
    ServerCreated,
};
use crate::{
    TransferClient,
    collections::{EndpointCreated, endpoint_document},
    files::OperationResult,
    parts::request_document,
};

request! {
    /// # Legacy: activation, servers
    impl TransferClient {
        /// Says what an endpoint needs to be activated with, and how long it still is.
        ///
        /// ```no_run
        /// # #[expect(deprecated)]
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let id = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";
        /// let requirements = transfer.endpoint_get_activation_requirements(id).send().await?;
        /// assert!(requirements.always_activated());
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such endpoint.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoint_activation/>
        #[deprecated = "no endpoint has to be activated any more: leave the call out"]
        #[doc(alias = "endpoint is-activated")]
        fn endpoint_get_activation_requirements(
            endpoint_id: id CollectionId
        ) -> EndpointGetActivationRequirements => ActivationRequirements {
            GET "v0.10" / "endpoint" / endpoint_id / "activation_requirements";
        }

        /// Activates an endpoint with credentials that the service has.
        ///
        /// ```no_run
        /// # #[expect(deprecated)]
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let id = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";
        /// let result = transfer.endpoint_autoactivate(id).if_expires_in(3600).send().await?;
        /// println!("{}", result.is_activated());
        /// # Ok(()) }
        /// ```
        ///
        /// That it cannot be is no error: see [`ActivationResult::is_activated`]. Activating twice is activating once, so
        /// the request is retried after any failure.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such endpoint.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoint_activation/>
        #[deprecated = "no endpoint has to be activated any more: leave the call out"]
        fn endpoint_autoactivate(endpoint_id: id CollectionId) -> EndpointAutoactivate => ActivationResult {
            POST "v0.10" / "endpoint" / endpoint_id / "autoactivate";
            idempotent;
            query {
                /// Does nothing if it is still activated for this many seconds. Service default: always activates.
                if_expires_in: number u64;
                /// Gives up after this many seconds.
                timeout: number u64;
            }
        }

        /// Activates an endpoint with what the user has filled in.
        ///
        /// ```no_run
        /// # #[expect(deprecated)]
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let id = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";
        /// let mut requirements = transfer.endpoint_get_activation_requirements(id).send().await?;
        /// requirements.set("myproxy", "username", "ada")?;
        /// transfer.endpoint_activate(id, requirements).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// What is filled in goes only to `https` or loopback addresses.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`status`](globus_core::Error::status) 400 when something is missing or wrong,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such endpoint.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoint_activation/>
        #[deprecated = "no endpoint has to be activated any more: leave the call out"]
        #[doc(alias = "endpoint activate")]
        fn endpoint_activate(
            endpoint_id: id CollectionId, requirements: document ActivationRequirements
        ) -> EndpointActivate => ActivationResult {
            POST "v0.10" / "endpoint" / endpoint_id / "activate";
            confidential;
            with document requirements;
            query {
                /// Does nothing if it is still activated for this many seconds. Service default: always activates.
                if_expires_in: number u64;
                /// Gives up after this many seconds.
                timeout: number u64;
            }
        }

        /// Takes the credentials away that an endpoint was activated with.
        ///
        /// ```no_run
        /// # #[expect(deprecated)]
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// transfer.endpoint_deactivate("ddb59aef-6d04-11e5-ba46-22000b92c6ec").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Doing so twice is doing so once, so the request is retried after any failure.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such endpoint.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoint_activation/>
        #[deprecated = "no endpoint has to be activated any more: leave the call out"]
        #[doc(alias = "endpoint deactivate")]
        fn endpoint_deactivate(endpoint_id: id CollectionId) -> EndpointDeactivate => OperationResult {
            POST "v0.10" / "endpoint" / endpoint_id / "deactivate";
            idempotent;
        }

        /// Makes an endpoint, or registers a collection on Globus Connect Personal.
        ///
        /// ```no_run
        /// # #[expect(deprecated)]
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::activation::NewEndpoint;
        ///
        /// let laptop = NewEndpoint::new("my laptop").is_globus_connect(true);
        /// let made = transfer.create_endpoint(laptop).send().await?;
        /// println!("{} {}", made.id, made.globus_connect_setup_key.is_some());
        /// # Ok(()) }
        /// ```
        ///
        /// The answer may hold the key to set it up with. Not retried when it may have reached the service.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_conflict`](globus_core::Error::is_conflict) when the user has one of that name,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not make any.
        ///
        /// Service: <https://docs.globus.org/api/transfer/gcp_management/>
        #[deprecated = "install Globus Connect Personal, which registers itself; endpoints of Globus Connect Server are \
                        made with its own command"]
        #[doc(alias = "gcp create mapped")]
        fn create_endpoint(endpoint: document NewEndpoint) -> CreateEndpoint => EndpointCreated {
            POST "v0.10" / "endpoint";
            confidential;
            with document endpoint;
        }

        /// Adds a server to an endpoint of Globus Connect Server 4.
        ///
        /// ```no_run
        /// # #[expect(deprecated)]
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::activation::NewServer;
        ///
        /// let id = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";
        /// let added = transfer.add_endpoint_server(id, NewServer::new("gridftp.example.org")).send().await?;
        /// println!("{}", added.id);
        /// # Ok(()) }
        /// ```
        ///
        /// Not retried when it may have reached the service.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such endpoint,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not change it.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoints_and_collections/>
        #[deprecated = "servers are added with the command of Globus Connect Server"]
        fn add_endpoint_server(endpoint_id: id CollectionId, server: document NewServer) -> AddEndpointServer => ServerCreated {
            POST "v0.10" / "endpoint" / endpoint_id / "server";
            with document server;
        }

        /// Changes a server of an endpoint of Globus Connect Server 4.
        ///
        /// ```no_run
        /// # #[expect(deprecated)]
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::activation::ServerUpdate;
        ///
        /// let id = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";
        /// transfer.update_endpoint_server(id, 575, ServerUpdate::new().port(2812)).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not change it.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoints_and_collections/>
        #[deprecated = "servers are changed with the command of Globus Connect Server"]
        fn update_endpoint_server(
            endpoint_id: id CollectionId, server_id: number u64, update: document ServerUpdate
        ) -> UpdateEndpointServer => OperationResult {
            PUT "v0.10" / "endpoint" / endpoint_id / "server" / server_id;
            with document update;
        }

        /// Takes a server from an endpoint of Globus Connect Server 4.
        ///
        /// ```no_run
        /// # #[expect(deprecated)]
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// transfer.delete_endpoint_server("ddb59aef-6d04-11e5-ba46-22000b92c6ec", 575).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not change it.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoints_and_collections/>
        #[deprecated = "servers are taken away with the command of Globus Connect Server"]
        fn delete_endpoint_server(endpoint_id: id CollectionId, server_id: number u64) -> DeleteEndpointServer => OperationResult {
            DELETE "v0.10" / "endpoint" / endpoint_id / "server" / server_id;
        }
    }
}

endpoint_document! {
    /// Describes an endpoint to make, or a collection on Globus Connect Personal to register.
    pub struct NewEndpoint as "endpoint" {
        /// Makes it one of Globus Connect Personal. Service default: false.
        is_globus_connect: optional bool;
        /// Lets everybody find it, or only those with a role.
        public: optional bool;
    }
}

impl NewEndpoint {
    /// Names it, for people.
    pub fn new(display_name: impl Into<String>) -> Self {
        let mut endpoint = Self::start();
        endpoint.0.set("display_name", display_name.into());
        endpoint
    }
}

/// Declares a request document with the members of a server.
macro_rules! server_document {
    ($(#[$doc:meta])+ pub $struct_or_update:ident $Document:ident { $($members:tt)* }) => {
        request_document! {
            $(#[$doc])+
            pub $struct_or_update $Document as "server" {
                $($members)*
                /// Gives the port; 2811 is usual.
                port: optional u16;
                /// Gives the protocol: `gsiftp`, which is usual, or `ftp`.
                scheme: text;
                /// Gives the subject of its certificate, where that is not the usual one of its host.
                subject: field String;
                /// Gives the first port that data comes in through.
                incoming_data_port_start: field u16;
                /// Gives the last port that data comes in through.
                incoming_data_port_end: field u16;
                /// Gives the first port that data goes out through.
                outgoing_data_port_start: field u16;
                /// Gives the last port that data goes out through.
                outgoing_data_port_end: field u16;
            }
        }
    };
}

server_document! {
    /// Describes a server to add.
    pub struct NewServer {}
}

impl NewServer {
    /// Names the host.
    pub fn new(hostname: impl Into<String>) -> Self {
        let mut server = Self::start();
        server.0.set("hostname", hostname.into());
        server
    }
}

server_document! {
    /// Describes a change of a server: what is not set stays as it is.
    pub update ServerUpdate {
        /// Names the host.
        hostname: text;
    }
}
