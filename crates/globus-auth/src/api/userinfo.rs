//! Who is logged in.

use globus_core::{Extra, IdentityId, request};
use serde::{Deserialize, Serialize};

use super::{
    AuthClient,
    document::extra_accessors,
    identities::{IdentityProviderId, IdentityStatus, IdentityType},
};

request! {
    /// # The user
    impl AuthClient {
        /// Tells who the user of the token is.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// let me = auth.userinfo().send().await?;
        /// println!("{} {:?}", me.sub, me.preferred_username);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`OPENID`](globus_core::scope::auth::OPENID); what else it tells depends on
        /// [`PROFILE`](globus_core::scope::auth::PROFILE), [`EMAIL`](globus_core::scope::auth::EMAIL) and
        /// [`VIEW_IDENTITY_SET`](globus_core::scope::auth::VIEW_IDENTITY_SET).
        ///
        /// # Errors
        /// [`is_unauthorized`](crate::Error::is_unauthorized) without a valid token,
        /// [`is_permission_denied`](crate::Error::is_permission_denied) when the token has not the scope.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_or_post_v2_oauth2_userinfo_resource>
        #[doc(alias = "whoami")]
        #[doc(alias = "oauth2_userinfo")]
        fn userinfo() -> GetUserInfo => UserInfo {
            GET "v2" / "oauth2" / "userinfo";
        }
    }
}

/// Says who a user is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserInfo {
    /// The identity that the token stands for. Never changes, unlike the username: the one to remember users by.
    pub sub: IdentityId,
    /// Its username, e.g. `ada@example.edu`. Needs the scope `profile`, as do the next five.
    pub preferred_username: Option<String>,
    /// The user's name.
    pub name: Option<String>,
    /// The user's organization.
    pub organization: Option<String>,
    /// Who the identity is from.
    pub identity_provider: Option<IdentityProviderId>,
    /// The name of that provider.
    pub identity_provider_display_name: Option<String>,
    /// When the user last authenticated with this identity, in seconds since 1970.
    pub last_authentication: Option<i64>,
    /// The e-mail address. Needs the scope `email`.
    pub email: Option<String>,
    /// All identities of the account. Needs the scope `view_identity_set`.
    pub identity_set: Option<Vec<LinkedIdentity>>,
    #[serde(flatten)]
    extra: Extra,
}

/// Describes one of the identities of an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LinkedIdentity {
    /// The identity.
    pub sub: IdentityId,
    /// Its username, e.g. `ada@example.edu`.
    pub username: Option<String>,
    /// The name that its provider knows.
    pub name: Option<String>,
    /// The e-mail address that its provider knows.
    pub email: Option<String>,
    /// The organization that its provider knows.
    pub organization: Option<String>,
    /// Who it is from.
    pub identity_provider: Option<IdentityProviderId>,
    /// The name of that provider.
    pub identity_provider_display_name: Option<String>,
    /// When the user last authenticated with it, in seconds since 1970.
    pub last_authentication: Option<i64>,
    /// How it came to the account.
    pub identity_type: Option<IdentityType>,
    /// Whether it has been used.
    pub status: Option<IdentityStatus>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(UserInfo, LinkedIdentity);
