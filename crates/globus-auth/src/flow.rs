//! Logging somebody in: the authorization code flow.

pub(crate) mod callback;
mod state;

use globus_core::{
    Error, Result, Scope, Secret,
    scope::{self, IntoScopes, ScopeError},
};
use oauth2::{AuthUrl, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, basic::BasicClient};
use url::Url;

pub use self::{callback::LoginError, state::FlowState};
use crate::client::{AuthLoginClient, Kind};

/// Sets up one login: set what is optional, then [`begin`](Self::begin).
///
/// Made by `oauth2_start_flow` of a login client.
#[derive(Debug, Clone)]
#[must_use = "a login begins when `begin` is called"]
pub struct AuthorizationFlow {
    client: AuthLoginClient,
    scopes: Result<Vec<Scope>, ScopeError>,
    redirect_uri: Option<String>,
    state: Option<Secret>,
    pkce: Option<Pkce>,
    nonce: bool,
    refresh_tokens: bool,
    /// What else stands in the address, in the order it was set.
    parameters: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
enum Pkce {
    Random,
    Verifier(Secret),
}

/// Parameters that the flow itself is in charge of.
const RESERVED: [&str; 9] = [
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "response_type",
    "access_type",
    "code_challenge",
    "code_challenge_method",
    "nonce",
];

impl AuthorizationFlow {
    pub(crate) fn new(client: AuthLoginClient, scopes: impl IntoScopes) -> Self {
        let pkce = (client.kind() == Kind::Native).then_some(Pkce::Random);
        Self {
            client,
            scopes: scopes.into_scopes(),
            redirect_uri: None,
            state: None,
            pkce,
            nonce: false,
            refresh_tokens: false,
            parameters: Vec::new(),
        }
    }

    /// Brings the browser back to this address, e.g. `http://127.0.0.1:8080/`. A native application may use any port
    /// of this machine; its default is the page of Globus Auth that shows the code.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(uri.into());
        self
    }

    /// Marks this login with a text of your own. Default: a random one, as it should be: who can guess it can make
    /// somebody else's browser end a login that they began.
    pub fn state(mut self, state: impl Into<Secret>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Protects the code of a web application's login with PKCE too. A native application's always is.
    pub fn pkce(mut self) -> Self {
        self.pkce.get_or_insert(Pkce::Random);
        self
    }

    /// Uses this PKCE verifier, 43 to 128 characters of `A-Z a-z 0-9 - . _ ~`. Default: a random one.
    pub fn verifier(mut self, verifier: impl Into<Secret>) -> Self {
        self.pkce = Some(Pkce::Verifier(verifier.into()));
        self
    }

    /// Marks the id token of this login with a random text, which
    /// [`decode_id_token`](crate::OAuthTokenResponse::decode_id_token) then looks for: an id token of another login is
    /// not believed. Needs the scope `openid`.
    pub fn nonce(mut self) -> Self {
        self.nonce = true;
        self
    }

    /// Asks for refresh tokens, with which a program goes on working when the access tokens have expired. Default:
    /// false.
    pub fn refresh_tokens(mut self, wanted: bool) -> Self {
        self.refresh_tokens = wanted;
        self
    }

    /// Proposes a label for the consent, e.g. `mytool on laptop`, by which the user finds it again.
    pub fn prefill_named_grant(self, label: impl Into<String>) -> Self {
        self.set("prefill_named_grant", label.into())
    }

    /// Makes the user log in with each of these identities (ids or usernames). None at all asks for nothing.
    pub fn session_required_identities<S: ToString>(self, identities: impl IntoIterator<Item = S>) -> Self {
        self.set_list("session_required_identities", identities)
    }

    /// Makes the user log in with an identity of one of these domains. None at all asks for nothing.
    pub fn session_required_single_domain<S: ToString>(self, domains: impl IntoIterator<Item = S>) -> Self {
        self.set_list("session_required_single_domain", domains)
    }

    /// Makes the user meet all of these authentication policies (ids). None at all asks for nothing.
    pub fn session_required_policies<S: ToString>(self, policies: impl IntoIterator<Item = S>) -> Self {
        self.set_list("session_required_policies", policies)
    }

    /// Says whether the user has to log in with a second factor.
    pub fn session_required_mfa(self, required: bool) -> Self {
        self.set("session_required_mfa", if required { "True" } else { "False" }.to_owned())
    }

    /// Tells the user why another login is needed.
    pub fn session_message(self, message: impl Into<String>) -> Self {
        self.set("session_message", message.into())
    }

    /// Says how to treat somebody who is logged in already: `login` makes them log in again.
    pub fn prompt(self, prompt: impl Into<String>) -> Self {
        self.set("prompt", prompt.into())
    }

    /// Sets a parameter of the address that the SDK has no setter for, in place of any of the same name.
    pub fn query_param(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set(&name.into(), value.into())
    }

    fn set_list<S: ToString>(mut self, name: &str, values: impl IntoIterator<Item = S>) -> Self {
        let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
        self.parameters.retain(|(known, _)| known != name);
        if values.is_empty() { self } else { self.set(name, values.join(",")) }
    }

    fn set(mut self, name: &str, value: String) -> Self {
        match self.parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.parameters.push((name.to_owned(), value)),
        }
        self
    }

    /// Begins the login: gives the address to open in the user's browser, and what is needed to end it.
    ///
    /// Sends nothing. Keep the [`FlowState`] (it can be serialised) until the browser is back, then give it to the
    /// client's `finish`; or to `oauth2_exchange_code_for_tokens`, when the user copies the code by hand.
    ///
    /// ```
    /// # fn main() -> globus_core::Result<()> {
    /// # use globus_core::config::{Config, Sources};
    /// use globus_auth::NativeAppAuthClient;
    ///
    /// let client = NativeAppAuthClient::builder("61338d24-54d5-408f-a10d-66c06b59f6d2")
    ///     # .config(Config::builder().sources(Sources::empty()).build()?)
    ///     .build()?;
    /// let (url, flow) = client
    ///     .oauth2_start_flow("openid urn:globus:auth:scope:transfer.api.globus.org:all")
    ///     .refresh_tokens(true)
    ///     .begin()?;
    /// assert!(url.as_str().starts_with("https://auth.globus.org/v2/oauth2/authorize?"));
    /// assert_eq!(flow.redirect_uri(), "https://auth.globus.org/v2/web/auth-code");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when there is no scope, or a scope, the
    /// redirect URI, the state, the verifier or a parameter cannot be used.
    pub fn begin(self) -> Result<(Url, FlowState)> {
        let base = self.client.base().base_url().as_str();
        let scopes = scope::serialize(self.scopes?)?;
        let redirect_uri = self.redirect_uri.unwrap_or_else(|| format!("{base}v2/web/auth-code"));
        let redirect = RedirectUrl::new(redirect_uri.clone()).map_err(|error| {
            Error::invalid_input(format!(
                "the redirect URI {redirect_uri:?} is not an absolute address: {error}"
            ))
        })?;
        if redirect.url().fragment().is_some() {
            return Err(Error::invalid_input(format!(
                "the redirect URI {redirect_uri:?} has a fragment (`#`)"
            )));
        }
        let state = self.state.unwrap_or_else(|| CsrfToken::new_random().into_secret().into());
        if state.is_empty() {
            return Err(Error::invalid_input("the state is empty: it would not tell one login from another"));
        }
        if let Some((name, _)) = self.parameters.iter().find(|(name, _)| RESERVED.contains(&name.as_str())) {
            return Err(Error::invalid_input(format!(
                "{name} has a setter of its own, or cannot be changed"
            )));
        }
        let authorize = AuthUrl::new(format!("{base}v2/oauth2/authorize"))
            .map_err(|error| Error::invalid_input(format!("not an address: {error}")))?;
        let client = BasicClient::new(oauth2::ClientId::new(self.client.client_id().to_string()))
            .set_auth_uri(authorize)
            .set_redirect_uri(redirect);
        let access_type = if self.refresh_tokens { "offline" } else { "online" };
        let mut request = client
            .authorize_url(|| CsrfToken::new(state.expose().to_owned()))
            .add_scope(oauth2::Scope::new(scopes))
            .add_extra_param("access_type", access_type);
        let verifier = self.pkce.map(Pkce::into_verifier).transpose()?;
        if let Some(verifier) = &verifier {
            request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(verifier));
        }
        let nonce = self.nonce.then(|| Secret::new(CsrfToken::new_random().into_secret()));
        if let Some(nonce) = &nonce {
            request = request.add_extra_param("nonce", nonce.expose().to_owned());
        }
        for (name, value) in self.parameters {
            request = request.add_extra_param(name, value);
        }
        let (url, _) = request.url();
        let code_verifier = verifier.map(|verifier| Secret::new(verifier.into_secret()));
        Ok((url, FlowState { client_id: self.client.client_id(), redirect_uri, state, code_verifier, nonce }))
    }
}

impl Pkce {
    fn into_verifier(self) -> Result<PkceCodeVerifier> {
        let Self::Verifier(verifier) = self else { return Ok(PkceCodeChallenge::new_random_sha256().1) };
        let text = verifier.expose();
        let bad = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')));
        if let Some(position) = bad {
            return Err(Error::invalid_input(format!(
                "the PKCE verifier has a character at byte {position} that is none of A-Z a-z 0-9 - . _ ~"
            )));
        }
        if !(43..=128).contains(&text.len()) {
            let length = text.len();
            return Err(Error::invalid_input(format!(
                "the PKCE verifier has {length} characters, not 43 to 128"
            )));
        }
        Ok(PkceCodeVerifier::new(text.to_owned()))
    }
}
