//! The client of a service, as every crate of one has it.

/// Declares the client of a service: a struct around its connection, and its
/// [`ServiceClient`](crate::ServiceClient). One that is `pub` also has `new`, `builder` and `base` without the trait.
///
/// ```
/// use globus_core::{Scope, Service, service_client};
///
/// service_client! {
///     /// Talks to Globus Groups.
///     pub struct GroupsClient {
///         service: Service::Groups,
///         resource_server: "groups.api.globus.org",
///         default_scopes: Scope::new("urn:globus:auth:scope:groups.api.globus.org:all").into_iter().collect(),
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! service_client {
    ($(#[$doc:meta])* pub struct $Client:ident { $($settings:tt)* }) => {
        $crate::service_client! { @declare [$(#[$doc])* pub] $Client { $($settings)* } }

        impl $Client {
            /// Makes a client whose requests are made as the authorizer says; everything else comes from the
            /// environment and the configuration files, and is what it is by default.
            ///
            /// # Errors
            /// [`ErrorKind::Config`](globus_core::ErrorKind::Config) when the environment or a configuration file has a
            /// value that cannot be used.
            pub fn new(authorizer: impl $crate::Authorizer + 'static) -> $crate::Result<Self> {
                Self::builder().authorizer(authorizer).build()
            }

            /// Starts to set up a client: an app, another address, retry policy, transport and so on.
            pub fn builder() -> $crate::ClientBuilder<Self> {
                <Self as $crate::ServiceClient>::builder()
            }

            /// Gives the connection to the service, to call what this crate has no method for: see
            /// [`BaseClient::call`](globus_core::BaseClient::call).
            #[must_use]
            pub fn base(&self) -> &$crate::BaseClient {
                &self.base
            }
        }
    };
    ($(#[$doc:meta])* $visibility:vis struct $Client:ident { $($settings:tt)* }) => {
        $crate::service_client! { @declare [$(#[$doc])* $visibility] $Client { $($settings)* } }
    };
    (@declare [$($head:tt)*] $Client:ident {
        service: $service:expr,
        resource_server: $resource_server:expr,
        default_scopes: $default_scopes:expr $(,)?
    }) => {
        #[derive(Clone, Debug)]
        $($head)* struct $Client {
            base: $crate::BaseClient,
        }

        impl $crate::ServiceClient for $Client {
            const SERVICE: $crate::Service = $service;
            const RESOURCE_SERVER: &'static str = $resource_server;

            fn default_scopes() -> Vec<$crate::Scope> {
                $default_scopes
            }

            fn from_base(base: $crate::BaseClient) -> Self {
                Self { base }
            }

            fn base(&self) -> &$crate::BaseClient {
                &self.base
            }
        }
    };
}
