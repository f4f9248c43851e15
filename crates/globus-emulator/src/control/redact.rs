//! What the journal does not repeat: it is there to be printed by tests.

use serde_json::Value;

/// Members of forms, queries and documents that hold secrets.
const SECRETS: [&str; 15] = [
    "access_token",
    "assertion",
    "client_secret",
    "code",
    "code_verifier",
    "form_key",
    "globus_connect_setup_key",
    "id_token",
    "passphrase",
    "password",
    "proxy_chain",
    "refresh_token",
    "secret",
    "token",
    "subject_token",
];
/// What stands in their place.
const REDACTED: &str = "[redacted]";

/// A query or form without the values of secrets.
pub(super) fn form(text: &str) -> String {
    let pairs = text.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(&decoded(name)) => format!("{name}={REDACTED}"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// The name of a pair; letters of it may be written in numbers.
fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let number = after.get(..2).filter(|_| first == b'%');
        let number = number.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(number.unwrap_or(first));
        rest = if number.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A body without the values of secrets: a JSON document or a form. Of a body that was cut off or is something
/// else only the length is told.
pub(super) fn body(bytes: &[u8], is_form: bool) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    if let Ok(mut document) = serde_json::from_slice::<Value>(bytes) {
        clean(&mut document);
        return document;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if is_form => form(text).into(),
        _ => format!("[{} bytes]", bytes.len()).into(),
    }
}

fn clean(value: &mut Value) {
    match value {
        Value::Object(members) => {
            // What is filled in to activate an endpoint.
            if members.get("private") == Some(&Value::Bool(true)) && members.contains_key("value") {
                members.insert("value".into(), REDACTED.into());
            }
            for (name, value) in members {
                // `code` is a secret of forms; in documents it is a word, such as that of an error.
                if is_secret(name) && name != "code" && !value.is_null() {
                    *value = REDACTED.into();
                } else {
                    clean(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        _ => {}
    }
}

fn is_secret(name: &str) -> bool {
    SECRETS.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_left_out() {
        assert_eq!(form("grant_type=x&code=abc&Token=t"), "grant_type=x&code=[redacted]&Token=[redacted]");
        assert_eq!(form("client%5Fsecret=s&%63ode=c"), "client%5Fsecret=[redacted]&%63ode=[redacted]");
        assert_eq!(form("path=%2Fa&flag&%=1&%zz&%4"), "path=%2Fa&flag&%=1&%zz&%4");
        assert_eq!(body(b"client_secret=s&x=1", true), "client_secret=[redacted]&x=1");
        let filled = br#"{"DATA":[{"name":"passphrase","private":true,"value":"v"}]}"#;
        assert_eq!(body(filled, false)["DATA"][0]["value"], "[redacted]");
        let document = br#"{"a":[{"passphrase":"p","code":"E","secret":null}]}"#;
        assert_eq!(
            body(document, false),
            json!({"a": [{"passphrase": "[redacted]", "code": "E", "secret": null}]})
        );
        assert_eq!(body(br#"{"password": "cut o"#, false), "[19 bytes]");
        assert_eq!(body(b"", true), Value::Null);
    }
}
