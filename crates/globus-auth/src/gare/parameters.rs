//! What a login has to bring.

use globus_core::{
    Extra, Scope,
    scope::{IntoScopes, ScopeError},
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::add_missing;

/// Says what a login has to bring: consents, and what the session must look like.
///
/// All of it must hold at once. `None` asks for nothing. `Deserialize` reads today's form only, strictly.
///
/// ```
/// use globus_auth::gare::AuthorizationParameters;
/// let needed = AuthorizationParameters::default()
///     .with_session_required_single_domain(["uni.example.edu"])
///     .with_session_required_mfa(true)
///     .with_session_message("This collection wants your university login.");
/// assert_eq!(needed.to_authorize_params()[1], ("session_required_single_domain", "uni.example.edu".to_owned()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct AuthorizationParameters {
    /// A text to show to the user with the login.
    pub session_message: Option<String>,
    /// Identity ids: each of them must have logged in during the session.
    pub session_required_identities: Option<Vec<String>>,
    /// Ids of authentication policies: the session must meet each of them.
    pub session_required_policies: Option<Vec<String>>,
    /// Domains: an identity of one of them must have logged in during the session.
    pub session_required_single_domain: Option<Vec<String>>,
    /// Whether that login must use a second factor. Only effective with identities or domains.
    pub session_required_mfa: Option<bool>,
    /// Scopes that the user must consent to, with their dependencies, e.g. `urn:…:all[*https://…/data_access]`.
    ///
    /// `None` in what was sent in the form of old, whose `required_scopes` nothing ever read: look into
    /// [`extra`](Self::extra) for those.
    pub required_scopes: Option<Vec<String>>,
    /// `login` for a login even when there is a session, `none` for no page at all.
    pub prompt: Option<String>,
    #[serde(flatten)]
    pub(super) extra: Extra,
}

impl AuthorizationParameters {
    /// Sets the text to show to the user with the login.
    pub fn with_session_message(mut self, message: impl Into<String>) -> Self {
        self.session_message = Some(message.into());
        self
    }

    /// Sets the ids of the identities that must each log in.
    pub fn with_session_required_identities(mut self, identities: impl IntoIterator<Item: ToString>) -> Self {
        self.session_required_identities = Some(texts(identities));
        self
    }

    /// Sets the ids of the policies that the session must meet.
    pub fn with_session_required_policies(mut self, policies: impl IntoIterator<Item: ToString>) -> Self {
        self.session_required_policies = Some(texts(policies));
        self
    }

    /// Sets the domains of which one must have an identity that logged in.
    pub fn with_session_required_single_domain(mut self, domains: impl IntoIterator<Item: ToString>) -> Self {
        self.session_required_single_domain = Some(texts(domains));
        self
    }

    /// Says whether the login must use a second factor. Only effective with identities or domains.
    #[must_use]
    pub fn with_session_required_mfa(mut self, required: bool) -> Self {
        self.session_required_mfa = Some(required);
        self
    }

    /// Sets the scopes that the user must consent to: texts, or [`Scope`]s.
    pub fn with_required_scopes(mut self, scopes: impl IntoIterator<Item: ToString>) -> Self {
        self.required_scopes = Some(texts(scopes));
        self
    }

    /// Sets the `prompt` of the authorize URL: `login` or `none`.
    pub fn with_prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = Some(prompt.into());
        self
    }

    /// Gives the members that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }

    /// Sets a member that this version of the SDK does not know.
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(name, value);
        self
    }

    /// Reads the required scopes, merged and ordered; empty when there are none.
    ///
    /// # Errors
    /// Those of [`scope::parse`](fn@globus_core::scope::parse), when the service sent what is no scope.
    pub fn scopes(&self) -> Result<Vec<Scope>, ScopeError> {
        self.required_scopes.as_deref().unwrap_or_default().into_scopes()
    }

    /// Gives the parameters that make the authorize URL ask for all this, not yet percent-encoded: lists joined by
    /// commas, booleans as `True` and `False`, empty lists left out.
    ///
    /// The required scopes are not among them: they belong, merged with what the application always needs, into
    /// `scope`. See [`scopes`](Self::scopes).
    #[must_use]
    pub fn to_authorize_params(&self) -> Vec<(&'static str, String)> {
        let list = |list: &Option<Vec<String>>| match list.as_deref() {
            None | Some([]) => None,
            Some(items) => Some(items.join(",")),
        };
        let mfa = |required| if required { "True" } else { "False" }.to_owned();
        [
            ("session_message", self.session_message.clone()),
            ("session_required_identities", list(&self.session_required_identities)),
            ("session_required_policies", list(&self.session_required_policies)),
            ("session_required_single_domain", list(&self.session_required_single_domain)),
            ("session_required_mfa", self.session_required_mfa.map(mfa)),
            ("prompt", self.prompt.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// Writes them as an object. What is `None` is left out; unknown members are written only on demand, and never
    /// in place of a known one.
    #[must_use]
    pub fn to_value(&self, include_extra: bool) -> Value {
        let mut document: Map<String, Value> = [
            ("session_message", self.session_message.clone().map(Value::from)),
            ("session_required_identities", self.session_required_identities.clone().map(Value::from)),
            ("session_required_policies", self.session_required_policies.clone().map(Value::from)),
            ("session_required_single_domain", self.session_required_single_domain.clone().map(Value::from)),
            ("session_required_mfa", self.session_required_mfa.map(Value::from)),
            ("required_scopes", self.required_scopes.clone().map(Value::from)),
            ("prompt", self.prompt.clone().map(Value::from)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
        if include_extra {
            add_missing(&mut document, &self.extra);
        }
        Value::Object(document)
    }
}

impl Serialize for AuthorizationParameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value(true).serialize(serializer)
    }
}

fn texts(items: impl IntoIterator<Item: ToString>) -> Vec<String> {
    items.into_iter().map(|item| item.to_string()).collect()
}
