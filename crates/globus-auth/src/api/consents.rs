//! What a user has allowed which application to do.

use globus_core::{IdentityId, request};

use super::{AuthClient, document::envelopes};
use crate::consents::{Consent, ConsentForest};

request! {
    /// # Consents
    impl AuthClient {
        /// Gives what an identity has consented to, as trees: for the application that asks, or for all.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> Result<(), Box<dyn std::error::Error>> {
        /// use globus_core::{Scope, scope};
        ///
        /// let me = auth.userinfo().send().await?.sub;
        /// let consents = auth.get_consents(me).send().await?;
        /// let needed = [Scope::new(scope::transfer::ALL)?];
        /// if !consents.meets_scope_requirements(&needed) {
        ///     println!("a login has to ask for {:?}", consents.unmet_scope_requirements(&needed));
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: any of Globus Auth's that the user has given to the application, e.g.
        /// [`OPENID`](globus_core::scope::auth::OPENID); for all applications,
        /// [`VIEW_CONSENTS`](globus_core::scope::auth::VIEW_CONSENTS).
        ///
        /// # Errors
        /// [`is_permission_denied`](crate::Error::is_permission_denied) for somebody else's consents, or without the
        /// scope; [`is_not_found`](crate::Error::is_not_found) when there is no such identity;
        /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) when the answer is not whole, so that it forms no trees.
        ///
        /// Service: <https://docs.globus.org/guides/overviews/clients-scopes-and-consents/>
        fn get_consents(identity_id: id IdentityId) -> GetConsents => ConsentsEnvelope as ConsentForest {
            GET "v2" / "api" / "identities" / identity_id / "consents";
            with query { "all" = "False"; }
            query {
                /// Gives what the identity has allowed all applications, not only the one that asks. Default: false.
                all: python_flag;
            }
        }
    }
}

envelopes! {
    ConsentsEnvelope { consents: ConsentForest }
}

/// Reads a list of consents; one that forms no trees cannot be read.
impl<'de> serde::Deserialize<'de> for ConsentForest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let consents = Vec::<Consent>::deserialize(deserializer)?;
        // "expected" begins what an error shows: it shows nothing that could come from the answer itself.
        Self::new(consents)
            .map_err(|broken| serde::de::Error::custom(format!("expected whole trees, but {broken}")))
    }
}
