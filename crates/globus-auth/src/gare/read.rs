//! Every form in which a service says it, tried in one fixed order.

use globus_core::Extra;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{AUTHORIZATION_REQUIRED, AuthorizationParameters, CONSENT_REQUIRED, Gare};

type Document = Map<String, Value>;

pub(super) fn read(document: &Document) -> Option<Gare> {
    [todays, parameters_of_old, transfer_consent, action_provider_consent, dependent_consent]
        .into_iter()
        .find_map(|form| form(document))
}

fn todays(document: &Document) -> Option<Gare> {
    let code = document.get("code")?.as_str()?;
    let parameters = document.get("authorization_parameters")?.as_object()?;
    Some(Gare {
        code: code.to_owned(),
        authorization_parameters: AuthorizationParameters::deserialize(parameters).ok()?,
        extra: all_but(document, &["code", "authorization_parameters"]),
    })
}

fn parameters_of_old(document: &Document) -> Option<Gare> {
    let code = match document.get("code") {
        Some(Value::String(code)) if !code.is_empty() => code,
        code if code.is_none_or(says_nothing) => AUTHORIZATION_REQUIRED,
        _ => return None,
    };
    let parameters = document.get("authorization_parameters")?.as_object()?;
    Some(Gare {
        code: code.to_owned(),
        authorization_parameters: OldParameters::deserialize(parameters).ok()?.into_todays()?,
        extra: all_but(document, &["code", "authorization_parameters"]),
    })
}

fn transfer_consent(document: &Document) -> Option<Gare> {
    is(document, "code", CONSENT_REQUIRED)?;
    let parameters = AuthorizationParameters {
        session_message: optional_text(document, "message")?,
        required_scopes: Some(text_list(document.get("required_scopes")?)?),
        ..AuthorizationParameters::default()
    };
    Some(Gare {
        code: CONSENT_REQUIRED.to_owned(),
        authorization_parameters: parameters,
        extra: all_but(document, &["code", "required_scopes"]),
    })
}

fn action_provider_consent(document: &Document) -> Option<Gare> {
    is(document, "code", CONSENT_REQUIRED)?;
    let scope = document.get("required_scope")?.as_str()?;
    // What is there has not the form of authorization parameters, or it would have been read as such.
    let refused = document.get("authorization_parameters");
    let inner = refused.and_then(Value::as_object);
    let mut known = vec!["code", "required_scope"];
    if inner.is_some() || refused.is_some_and(says_nothing) {
        known.push("authorization_parameters");
    }
    let parameters = AuthorizationParameters {
        session_message: optional_text(document, "description")?,
        required_scopes: Some(vec![scope.to_owned()]),
        extra: inner.map(|inner| all_but(inner, &[])).unwrap_or_default(),
        ..AuthorizationParameters::default()
    };
    Some(Gare {
        code: CONSENT_REQUIRED.to_owned(),
        authorization_parameters: parameters,
        extra: all_but(document, &known),
    })
}

fn dependent_consent(document: &Document) -> Option<Gare> {
    is(document, "error", "dependent_consent_required")?;
    let first = document.get("errors")?.as_array()?.first()?.as_object()?;
    let scopes = first.get("unapproved_scopes").map_or_else(|| Some(Vec::new()), text_list)?;
    let parameters = AuthorizationParameters { required_scopes: Some(scopes), ..Default::default() };
    Some(Gare::new(CONSENT_REQUIRED, parameters))
}

#[derive(Deserialize)]
struct OldParameters {
    session_message: Option<String>,
    session_required_identities: Option<Vec<String>>,
    session_required_policies: Option<ListOrCommas>,
    session_required_single_domain: Option<ListOrCommas>,
    session_required_mfa: Option<bool>,
    prompt: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ListOrCommas {
    List(Vec<String>),
    Commas(String),
}

impl OldParameters {
    fn into_todays(self) -> Option<AuthorizationParameters> {
        if self.prompt.as_deref().is_some_and(|prompt| prompt != "login") {
            return None;
        }
        Some(AuthorizationParameters {
            session_message: self.session_message,
            session_required_identities: self.session_required_identities,
            session_required_policies: self.session_required_policies.map(ListOrCommas::into_list),
            session_required_single_domain: self.session_required_single_domain.map(ListOrCommas::into_list),
            session_required_mfa: self.session_required_mfa,
            required_scopes: None,
            prompt: self.prompt,
            extra: self.extra,
        })
    }
}

impl ListOrCommas {
    fn into_list(self) -> Vec<String> {
        match self {
            Self::List(list) => list,
            Self::Commas(text) => text.split(',').map(str::to_owned).collect(),
        }
    }
}

/// What services of old send in place of nothing, as the Python SDK sees it.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}

fn is(document: &Document, member: &str, word: &str) -> Option<()> {
    (document.get(member)?.as_str()? == word).then_some(())
}

/// The outer `None` is for a member that is no text.
#[expect(clippy::option_option, reason = "that a member is missing and that it is wrong are two things")]
fn optional_text(document: &Document, member: &str) -> Option<Option<String>> {
    match document.get(member) {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone())),
        Some(_) => None,
    }
}

fn text_list(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn all_but(document: &Document, known: &[&str]) -> Extra {
    let mut extra = Extra::default();
    for (name, value) in document.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
        extra.insert(name, value.clone());
    }
    extra
}
