//! Scopes as services register them.
//!
//! What a login asks for is the text of such a scope, a [`Scope`](globus_core::Scope).

use globus_core::{Call, ClientId, Extra, IntoId, request};
use serde::{Deserialize, Serialize};

use super::{
    AuthClient,
    document::{Members, Sought, envelopes, extra_accessors, or_default, request_documents},
};
pub use crate::consents::ScopeId;

request! {
    /// # Scopes
    impl AuthClient {
        /// Gives a scope.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// let scope = auth.get_scope("89ecabba-4acf-4e2e-a98d-ce592ccc2818").send().await?;
        /// println!("{}: {:?}", scope.scope_string, scope.description);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), or the id and secret of the client
        /// that has it; for an advertised scope any credentials will do.
        ///
        /// # Errors
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such scope;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) when the user is no administrator of its project
        /// or has to authenticate again, for which [`Gare::from_error`](crate::gare::Gare::from_error) gives what to
        /// ask for.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_scopes>
        fn get_scope(scope_id: id ScopeId) -> GetScope => ScopeEnvelope as RegisteredScope {
            GET "v2" / "api" / "scopes" / scope_id;
        }

        /// Lists the scopes of the user's own clients, or looks up others by their ids or texts.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// use globus_auth::api::scopes::ScopeLookup;
        /// use globus_core::scope;
        ///
        /// let own = auth.get_scopes(ScopeLookup::own()).send().await?;
        /// let transfer = auth.get_scopes(ScopeLookup::scope_strings([scope::transfer::ALL])).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Gives all of them at once; those that do not exist, or may not be seen, are missing from the answer.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), or a client's id and secret, for its
        /// own scopes; for advertised ones any credentials will do.
        ///
        /// # Errors
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when there is nothing to
        /// look up, or an id is none. [`is_permission_denied`](crate::Error::is_permission_denied) without the scope.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_scopes>
        fn get_scopes(lookup: document ScopeLookup) -> GetScopes => ScopesEnvelope as Vec<RegisteredScope> {
            GET "v2" / "api" / "scopes";
            with parameters lookup;
        }

        /// Registers a scope of a client, which is then a service for others.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// use globus_auth::api::scopes::NewScope;
        ///
        /// let scope = NewScope::new("Manage service", "Manage my things in the service", "manage").advertised(true);
        /// let created = auth.create_scope("b4c5d6e7-9999-4aaa-8bbb-122223333444", scope).send().await?;
        /// for scope in created.scopes {
        ///     println!("{}", scope.scope_string);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Gives one scope with the client's id in its text, and one for each of the client's domain names.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of its project
        /// who has authenticated within the last 30 minutes; or the client's own id and secret.
        ///
        /// # Errors
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when an id is none.
        /// [`is_permission_denied`](crate::Error::is_permission_denied) as for [`get_scope`](AuthClient::get_scope);
        /// [`is_conflict`](crate::Error::is_conflict), or status 400 or 422, when the service does not like a member.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#create_scope>
        fn create_scope(client_id: id ClientId, scope: document NewScope) -> CreateScope => CreatedScopes {
            POST "v2" / "api" / "clients" / client_id / "scopes";
            with json { "scope" = scope; }
        }

        /// Changes a scope: what the update leaves out stays as it is.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// use globus_auth::api::scopes::{DependentScope, ScopeUpdate};
        ///
        /// let transfer = DependentScope::new("89ecabba-4acf-4e2e-a98d-ce592ccc2818".parse()?);
        /// let update = ScopeUpdate::new().dependent_scopes([transfer]);
        /// auth.update_scope("a3b4c5d6-8888-4999-8aaa-011112222333", update).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Lists are replaced as a whole.
        ///
        /// Scope: that of [`create_scope`](AuthClient::create_scope).
        ///
        /// # Errors
        /// Those of [`create_scope`](AuthClient::create_scope) and [`get_scope`](AuthClient::get_scope).
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#update_scope>
        fn update_scope(scope_id: id ScopeId, update: document ScopeUpdate)
            -> UpdateScope => ScopeEnvelope as RegisteredScope
        {
            PUT "v2" / "api" / "scopes" / scope_id;
            with json { "scope" = update; }
        }

        /// Deletes a scope, and gives it as it was.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// auth.delete_scope("a3b4c5d6-8888-4999-8aaa-011112222333").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: that of [`create_scope`](AuthClient::create_scope).
        ///
        /// # Errors
        /// Those of [`get_scope`](AuthClient::get_scope); after a broken connection,
        /// [`is_not_found`](crate::Error::is_not_found) may mean that an earlier try deleted it.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#delete_scope>
        fn delete_scope(scope_id: id ScopeId) -> DeleteScope => ScopeEnvelope as RegisteredScope {
            DELETE "v2" / "api" / "scopes" / scope_id;
        }
    }
}

envelopes! {
    ScopeEnvelope { scope: RegisteredScope }
    ScopesEnvelope { scopes: Vec<RegisteredScope> }
}

/// Says which scopes to look up.
#[derive(Clone, Debug)]
#[must_use = "a lookup does nothing until it is sent"]
pub struct ScopeLookup(Option<Sought>);

impl ScopeLookup {
    /// Looks for the scopes of the user's own clients.
    pub fn own() -> Self {
        Self(None)
    }

    /// Looks for these ids.
    pub fn ids(ids: impl IntoIterator<Item: IntoId<ScopeId>>) -> Self {
        Self(Some(Sought::ids(ids)))
    }

    /// Looks for these texts, without dependencies, e.g. `urn:globus:auth:scope:transfer.api.globus.org:all`.
    pub fn scope_strings<S: Into<String>>(scope_strings: impl IntoIterator<Item = S>) -> Self {
        Self(Some(Sought::names("scope_strings", scope_strings)))
    }

    fn add_to(&self, call: &mut Call) {
        if let Some(sought) = &self.0 {
            sought.add_to(call);
        }
    }
}

request_documents! {
    /// Describes a scope to register.
    ///
    /// ```
    /// use globus_auth::api::scopes::NewScope;
    ///
    /// let scope = NewScope::new("View", "View my things in the service", "view").required_domains(["example.edu"]);
    /// assert_eq!(serde_json::to_value(&scope)?["scope_suffix"], "view");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct NewScope;
    /// Describes a change of a scope: what is not set stays as it is.
    #[derive(Default)]
    pub struct ScopeUpdate;
}

/// The setters that both documents have.
macro_rules! common_setters {
    () => {
        /// Says whether everybody can look the scope up. Service default: false.
        pub fn advertised(mut self, advertised: bool) -> Self {
            self.0.set("advertised", advertised);
            self
        }

        /// Says whether clients can have refresh tokens for it. Service default: true.
        pub fn allows_refresh_token(mut self, allows: bool) -> Self {
            self.0.set("allows_refresh_token", allows);
            self
        }

        /// Demands that a user has an identity of each of these domains.
        pub fn required_domains<S: Into<String>>(mut self, domains: impl IntoIterator<Item = S>) -> Self {
            self.0.texts("required_domains", domains);
            self
        }

        /// Sets the scopes of other services that this service uses on the user's behalf; the user consents to them
        /// together with this one.
        pub fn dependent_scopes(mut self, scopes: impl IntoIterator<Item = DependentScope>) -> Self {
            self.0.set("dependent_scopes", scopes.into_iter().collect::<Vec<_>>());
            self
        }
    };
}

impl NewScope {
    /// Describes a scope with this name and this description, which users read when they are asked for consent, and
    /// this suffix: the end of its text, of lower-case letters, digits and `_`.
    pub fn new(
        name: impl Into<String>,
        description: impl Into<String>,
        scope_suffix: impl Into<String>,
    ) -> Self {
        let mut members = Members::default();
        members.set("name", name.into());
        members.set("description", description.into());
        members.set("scope_suffix", scope_suffix.into());
        Self(members)
    }

    common_setters!();
}

impl ScopeUpdate {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.set("name", name.into());
        self
    }

    /// Sets the description, which users read when they are asked for consent.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.set("description", description.into());
        self
    }

    /// Sets the end of its text, of lower-case letters, digits and `_`.
    pub fn scope_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.0.set("scope_suffix", suffix.into());
        self
    }

    common_setters!();
}

/// Describes a scope as it is registered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegisteredScope {
    /// The id.
    pub id: ScopeId,
    /// What a login asks for.
    pub scope_string: String,
    /// The client that has it: the service.
    pub client: Option<ClientId>,
    /// The name.
    pub name: Option<String>,
    /// The description, which users read when they are asked for consent.
    pub description: Option<String>,
    /// Whether everybody can look it up.
    pub advertised: Option<bool>,
    /// Whether clients can have refresh tokens for it.
    pub allows_refresh_token: Option<bool>,
    /// The domains of each of which a user must have an identity.
    #[serde(default, deserialize_with = "or_default")]
    pub required_domains: Vec<String>,
    /// The scopes of other services that the service uses on the user's behalf.
    #[serde(default, deserialize_with = "or_default")]
    pub dependent_scopes: Vec<DependentScope>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says that a scope brings another one with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias = "DependentScopeSpec")]
pub struct DependentScope {
    /// The other scope.
    pub scope: ScopeId,
    /// Whether it is used only if the login asks for it.
    #[serde(default, deserialize_with = "or_default")]
    pub optional: bool,
    /// Whether the service needs refresh tokens for it.
    #[serde(default, deserialize_with = "or_default")]
    pub requires_refresh_token: bool,
    #[serde(flatten)]
    extra: Extra,
}

impl DependentScope {
    /// Brings this scope along always, and without refresh tokens.
    #[must_use]
    pub fn new(scope: ScopeId) -> Self {
        Self { scope, optional: false, requires_refresh_token: false, extra: Extra::default() }
    }

    /// Says whether it is used only if the login asks for it.
    #[must_use]
    pub fn optional(mut self, optional: bool) -> Self {
        self.optional = optional;
        self
    }

    /// Says whether the service needs refresh tokens for it.
    #[must_use]
    pub fn requires_refresh_token(mut self, requires: bool) -> Self {
        self.requires_refresh_token = requires;
        self
    }
}

/// Lists the scopes that [`create_scope`](AuthClient::create_scope) has made: the same one under each name of the
/// client.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "CreatedEnvelope")]
#[non_exhaustive]
pub struct CreatedScopes {
    /// The scopes.
    pub scopes: Vec<RegisteredScope>,
    #[serde(flatten)]
    extra: Extra,
}

/// The service's documentation shows both forms.
#[derive(Deserialize)]
struct CreatedEnvelope {
    scopes: Option<Vec<RegisteredScope>>,
    scope: Option<RegisteredScope>,
    #[serde(flatten)]
    extra: Extra,
}

impl TryFrom<CreatedEnvelope> for CreatedScopes {
    type Error = &'static str;

    fn try_from(envelope: CreatedEnvelope) -> Result<Self, Self::Error> {
        let CreatedEnvelope { scopes, scope, extra } = envelope;
        let scopes = match (scopes, scope) {
            (Some(scopes), None) => scopes,
            (None, Some(scope)) => vec![scope],
            (Some(mut scopes), Some(scope)) => {
                if scopes.iter().all(|known| known.id != scope.id) {
                    scopes.push(scope);
                }
                scopes
            }
            (None, None) => return Err("expected the member `scopes` or `scope`"),
        };
        Ok(Self { scopes, extra })
    }
}

extra_accessors!(RegisteredScope, DependentScope, CreatedScopes);
