//! Who sent a request, and what they may do: made of a token by [`verify`](super::verify), asked by services.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Tables;
use super::gare::Gare;
use super::principals::Who;
use super::sessions::{Authentication, Session};
use super::tokens::{Kind, Token};
use crate::state::State;

/// Whose token it is, and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The effective identity.
    pub(crate) identity_id: Uuid,
    pub(crate) username: String,
    /// All identities of the account, the effective one among them.
    pub(crate) identity_set: Vec<Uuid>,
    /// The groups that one of them is in.
    pub(crate) groups: Vec<Uuid>,
    pub(crate) client_id: Uuid,
    /// The service that the token is for.
    pub(crate) resource_server: String,
    pub(crate) scopes: Vec<String>,
    /// The consents that the token stands on, one for each scope.
    pub(super) consents: Vec<u64>,
    /// `None` for a client in its own name.
    pub(super) session: Option<Uuid>,
    pub(super) issued: Timestamp,
}

/// What a service wants of the caller's session. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SessionRequirement {
    /// The caller logged in with each of these identities.
    pub(crate) identities: Vec<Uuid>,
    /// The caller logged in with an identity of one of these domains.
    pub(crate) domains: Vec<String>,
    /// Each of these policies is satisfied.
    pub(crate) policies: Vec<Uuid>,
    /// The authentication that counts had more than one factor.
    pub(crate) mfa: bool,
    /// Only an authentication that is not older than this counts.
    pub(crate) within: Option<SignedDuration>,
    /// What the person is told.
    pub(crate) message: Option<String>,
}

impl Caller {
    /// Whom permissions and roles may be for.
    pub(crate) fn who(&self) -> Who<'_> {
        Who { identities: &self.identity_set, groups: &self.groups }
    }

    /// Tells whether the token has this scope.
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|have| have == scope)
    }

    /// Tells whether this is a client in its own name.
    pub(crate) fn is_client(&self) -> bool {
        self.session.is_none()
    }

    /// Checks that the person allowed the use of `dependent` by `scope`, which is one of the token's scopes.
    ///
    /// For Transfer at a mapped collection, `scope` is Transfer's own and `dependent` the collection's
    /// `data_access`.
    pub(crate) fn consent_for(&self, state: &State, scope: &str, dependent: &str) -> Result<(), Gare> {
        self.dependent_consent(&state.auth.tables(), scope, dependent).map(|_| ())
    }

    /// Returns who a service is that acts for the caller at another service: with `dependent`, as allowed for
    /// `scope`. Its own [`consent_for`](Self::consent_for) looks further down the same tree.
    pub(crate) fn acting(&self, state: &State, scope: &str, dependent: &str) -> Result<Caller, Gare> {
        let tables = state.auth.tables();
        let consent = self.dependent_consent(&tables, scope, dependent)?;
        let client_id = tables.scopes.find(scope).map_or(self.client_id, |scope| scope.owner);
        let resource_server =
            tables.scopes.find(dependent).map(|scope| scope.resource_server.clone()).unwrap_or_default();
        let scopes = vec![dependent.to_owned()];
        Ok(Caller { client_id, resource_server, scopes, consents: vec![consent], ..self.clone() })
    }

    /// When the token was issued, and when it expires, in seconds since 1970.
    pub(crate) fn token_info(&self, state: &State) -> Value {
        let lifetime = state.auth.tables().settings.token_lifetime;
        let issued = self.issued.as_second();
        let expires = issued.saturating_add(i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX));
        json!({"exp": expires, "iat": issued, "nbf": issued})
    }

    /// Issues a token that this caller can show, as the dependent token grant does for a service.
    pub(crate) fn token(&self, state: &State) -> String {
        let mut tables = state.auth.tables();
        let now = state.clock.now();
        let lifetime =
            SignedDuration::try_from(tables.settings.token_lifetime).unwrap_or(SignedDuration::MAX);
        tables.tokens.issue(Token {
            kind: Kind::Access,
            client: self.client_id,
            identity: self.identity_id,
            resource_server: self.resource_server.clone(),
            scopes: self.scopes.clone(),
            consents: self.consents.clone(),
            session: self.session,
            issued: now,
            expires: now.saturating_add(lifetime).unwrap_or(now),
            refreshed_by: None,
        })
    }

    fn dependent_consent(&self, tables: &Tables, scope: &str, dependent: &str) -> Result<u64, Gare> {
        let above = tables.consents.named(&self.consents, scope);
        tables.consents.below(&above, dependent).ok_or_else(|| {
            let name = dependent.rsplit(['/', ':']).next().unwrap_or(dependent);
            Gare::consent(vec![format!("{scope}[*{dependent}]")], format!("Missing required {name} consent"))
        })
    }

    /// Checks the caller's session.
    pub(crate) fn meets(&self, state: &State, requirement: &SessionRequirement) -> Result<(), Gare> {
        self.meets_in(&state.auth.tables(), state.clock.now(), requirement)
    }

    /// The same, for whoever holds the tables already.
    pub(super) fn meets_in(
        &self,
        tables: &Tables,
        now: Timestamp,
        requirement: &SessionRequirement,
    ) -> Result<(), Gare> {
        let done = self.authentications(tables);
        if requirement.is_met(tables, &self.identity_set, &done, now) {
            return Ok(());
        }
        let message = requirement.message.as_deref();
        let message = message.unwrap_or("The session does not meet the requirements of this resource");
        Err(Gare::new("AuthorizationRequired", message, requirement.parameters()))
    }

    /// Returns the authentications of the session. A client proved who it is when it got its token.
    pub(super) fn authentications(&self, tables: &Tables) -> Vec<(Uuid, Authentication)> {
        let Some(session) = self.session else {
            let provider = tables.identity(self.identity_id).map(|identity| identity.provider);
            let provider = provider.unwrap_or_default();
            return vec![(self.identity_id, Authentication { provider, time: self.issued, mfa: false })];
        };
        tables.sessions.get(session).map_or_else(Vec::new, Session::list)
    }
}

impl SessionRequirement {
    /// Tells whether these authentications of somebody with these identities are enough.
    pub(super) fn is_met(
        &self,
        tables: &Tables,
        identity_set: &[Uuid],
        done: &[(Uuid, Authentication)],
        now: Timestamp,
    ) -> bool {
        let fresh = |done: &Authentication| {
            self.within.is_none_or(|within| now.duration_since(done.time) <= within)
                && (done.mfa || !self.mfa)
        };
        let counts: Vec<Uuid> =
            done.iter().filter(|(_, done)| fresh(done)).map(|(identity, _)| *identity).collect();
        let of_domain = |identity: &Uuid| {
            tables.identity(*identity).is_some_and(|identity| {
                self.domains.iter().any(|domain| domain.eq_ignore_ascii_case(identity.domain()))
            })
        };
        let any_authentication = (self.within.is_none() && !self.mfa) || !counts.is_empty();
        any_authentication
            && self.identities.iter().all(|identity| counts.contains(identity))
            && (self.domains.is_empty() || counts.iter().any(of_domain))
            && self.policies.iter().all(|id| {
                tables.policies.get(*id).is_some_and(|policy| policy.passes(tables, identity_set, done, now))
            })
    }

    /// The `authorization_parameters` that say how to meet it.
    pub(super) fn parameters(&self) -> Map<String, Value> {
        let texts = |ids: &[Uuid]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut parameters = Map::new();
        for (name, values) in [
            ("session_required_identities", texts(&self.identities)),
            ("session_required_single_domain", self.domains.clone()),
            ("session_required_policies", texts(&self.policies)),
        ] {
            if !values.is_empty() {
                parameters.insert(name.to_owned(), values.into());
            }
        }
        if self.mfa {
            parameters.insert("session_required_mfa".to_owned(), true.into());
        }
        if self.within.is_some() {
            parameters.insert("prompt".to_owned(), "login".into());
        }
        if let Some(message) = &self.message {
            parameters.insert("session_message".to_owned(), message.clone().into());
        }
        parameters
    }
}
