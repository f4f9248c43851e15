//! Who somebody is: identities, and the providers that they are from.

use globus_core::{Call, Extra, IdentityId, IntoId, open_enum, request, uuid_id};
use serde::{Deserialize, Serialize};

use super::{
    AuthClient,
    document::{Sought, envelopes, extra_accessors, or_default},
};

uuid_id! {
    /// Names an identity provider: who vouches for identities, e.g. a university.
    pub struct IdentityProviderId, "identity provider id";
}

open_enum! {
    /// Says what is known of an identity.
    pub enum IdentityStatus {
        /// Nobody has logged in with it yet.
        Unused = "unused",
        /// Somebody has logged in with it.
        Used = "used",
        /// It is of a user who does not want to be seen.
        Private = "private",
        /// It is of an account that is closed.
        Closed = "closed",
    }
}

open_enum! {
    /// Says how an identity belongs to its account.
    pub enum IdentityType {
        /// One can log in with it.
        Login = "login",
        /// It is linked only, and one cannot log in with it.
        Link = "link",
    }
}

request! {
    /// # Identities
    impl AuthClient {
        /// Looks up identities, by their ids or by their usernames.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// use globus_auth::api::identities::IdentityLookup;
        ///
        /// let found = auth.get_identities(IdentityLookup::usernames(["ada@example.edu"])).send().await?;
        /// for identity in found.identities {
        ///     println!("{} is {}", identity.username, identity.id);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Those that do not exist are missing from the answer, which is in no order that one could rely on;
        /// [`IdentityMap`](crate::IdentityMap) finds each again. Ask for at most 100 at once: all are in the address.
        ///
        /// Scope: any of Globus Auth's, e.g. [`OPENID`](globus_core::scope::auth::OPENID); or a client's id and secret.
        ///
        /// # Errors
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when there is nothing to
        /// look up, or an id is none. [`status`](crate::Error::status) 400 for a username without `@`;
        /// [`is_unauthorized`](crate::Error::is_unauthorized) without credentials.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#v2_api_identities_resources>
        #[doc(alias = "get-identities")]
        fn get_identities(lookup: document IdentityLookup) -> GetIdentities => IdentityList {
            GET "v2" / "api" / "identities";
            with parameters lookup;
            query {
                /// Tells about these too, in [`IdentityList::included`]. The service knows `identity_provider`.
                include: joined;
            }
        }

        /// Looks up identity providers, by their ids or by their domains.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// use globus_auth::api::identities::IdentityProviderLookup;
        ///
        /// let lookup = IdentityProviderLookup::domains(["globusid.org"]);
        /// for provider in auth.get_identity_providers(lookup).send().await? {
        ///     println!("{} {:?}", provider.id, provider.name);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Those that do not exist are missing from the answer.
        ///
        /// Scope: any of Globus Auth's, e.g. [`OPENID`](globus_core::scope::auth::OPENID); or a client's id and secret.
        ///
        /// # Errors
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when there is nothing to
        /// look up, or an id is none; [`is_unauthorized`](crate::Error::is_unauthorized) without credentials.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_identity_providers>
        fn get_identity_providers(lookup: document IdentityProviderLookup)
            -> GetIdentityProviders => ProvidersEnvelope as Vec<IdentityProvider>
        {
            GET "v2" / "api" / "identity_providers";
            with parameters lookup;
        }
    }
}

envelopes! {
    ProvidersEnvelope { identity_providers: Vec<IdentityProvider> }
}

/// Says which identities to look up.
#[derive(Clone, Debug)]
#[must_use = "a lookup does nothing until it is sent"]
pub struct IdentityLookup {
    sought: Sought,
    provision: Option<&'static str>,
}

impl IdentityLookup {
    /// Looks for these ids.
    pub fn ids(ids: impl IntoIterator<Item: IntoId<IdentityId>>) -> Self {
        Self { sought: Sought::ids(ids), provision: None }
    }

    /// Looks for these usernames, e.g. `ada@example.edu`.
    pub fn usernames<S: Into<String>>(usernames: impl IntoIterator<Item = S>) -> Self {
        Self { sought: Sought::names("usernames", usernames), provision: Some("false") }
    }

    /// Looks for these usernames, and makes an identity, with the status `unused`, for each that a known provider could
    /// have: so that something can be shared with somebody who has never logged in.
    #[doc(alias = "provision")]
    pub fn provisioned_usernames<S: Into<String>>(usernames: impl IntoIterator<Item = S>) -> Self {
        Self { sought: Sought::names("usernames", usernames), provision: Some("true") }
    }

    fn add_to(&self, call: &mut Call) {
        self.sought.add_to(call);
        if let Some(provision) = self.provision {
            call.set_text("provision", provision);
        }
    }
}

/// Says which identity providers to look up.
#[derive(Clone, Debug)]
#[must_use = "a lookup does nothing until it is sent"]
pub struct IdentityProviderLookup(Sought);

impl IdentityProviderLookup {
    /// Looks for these ids.
    pub fn ids(ids: impl IntoIterator<Item: IntoId<IdentityProviderId>>) -> Self {
        Self(Sought::ids(ids))
    }

    /// Looks for the providers of these domains, e.g. `globusid.org`.
    pub fn domains<S: Into<String>>(domains: impl IntoIterator<Item = S>) -> Self {
        Self(Sought::names("domains", domains))
    }

    fn add_to(&self, call: &mut Call) {
        self.0.add_to(call);
    }
}

/// Lists the identities that were found.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IdentityList {
    /// The identities.
    pub identities: Vec<Identity>,
    /// What belongs to them, when it was asked for.
    pub included: Option<Included>,
    #[serde(flatten)]
    extra: Extra,
}

/// Describes what belongs to identities.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Included {
    /// Their providers, each once.
    #[serde(default, deserialize_with = "or_default")]
    pub identity_providers: Vec<IdentityProvider>,
    #[serde(flatten)]
    extra: Extra,
}

/// Describes an identity: one account at one identity provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Identity {
    /// The id.
    pub id: IdentityId,
    /// The username, e.g. `ada@example.edu`; of an application, its client id and `@clients.auth.globus.org`.
    pub username: String,
    /// What is known of it.
    pub status: Option<IdentityStatus>,
    /// The owner's name; `None` when it may not be seen.
    pub name: Option<String>,
    /// The owner's e-mail address; `None` when it may not be seen.
    pub email: Option<String>,
    /// The owner's organization; `None` when it may not be seen.
    pub organization: Option<String>,
    /// Who it is from.
    pub identity_provider: Option<IdentityProviderId>,
    /// How it belongs to its account; `None` for an application.
    pub identity_type: Option<IdentityType>,
    #[serde(flatten)]
    extra: Extra,
}

/// Describes an identity provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IdentityProvider {
    /// The id.
    pub id: IdentityProviderId,
    /// The name.
    pub name: Option<String>,
    /// A short name.
    pub short_name: Option<String>,
    /// Other names.
    #[serde(default, deserialize_with = "or_default")]
    pub alternative_names: Vec<String>,
    /// What its usernames end in, after the `@`.
    #[serde(default, deserialize_with = "or_default")]
    pub domains: Vec<String>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(IdentityList, Included, Identity, IdentityProvider);
