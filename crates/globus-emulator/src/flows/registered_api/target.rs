//! What a registered API calls: method, URL, parameters and the scope of its tokens, as `OpenAPI` writes them.

use http::Uri;
use serde_json::Value;

use super::wrong;
use crate::flows::error::Invalid;

const METHODS: [&str; 9] = ["get", "head", "post", "put", "delete", "patch", "options", "trace", "connect"];
/// The name of the one way of authentication that there is.
const GLOBUS_AUTH: &str = "GlobusAuth";

/// Finds what is wrong with a target.
pub(super) fn check(target: &Value, faults: &mut Vec<Invalid>) {
    if target.get("type").and_then(Value::as_str) != Some("openapi") {
        faults.push(wrong(
            &["target", "type"],
            "unexpected value; permitted: 'openapi'",
            "value_error.const",
        ));
    }
    let destination = |name: &str| target.get("destination")?.get(name)?.as_str();
    if destination("method").is_none_or(|method| !METHODS.contains(&method.to_lowercase().as_str())) {
        let msg = format!("unexpected value; permitted: {}", METHODS.join(", "));
        faults.push(wrong(&["target", "destination", "method"], &msg, "value_error.const"));
    }
    match destination("url") {
        Some(url) if crate::flows::http_client::check(url).is_ok() => {
            // Whoever fills in the path must not be able to send the token to somebody else.
            let uri: Option<Uri> = url.parse().ok();
            let elsewhere = uri.is_none_or(|uri| {
                let named = uri.authority().map(|authority| authority.as_str().to_owned());
                [named.as_deref(), uri.query()].into_iter().flatten().any(|part| part.contains(['{', '}']))
            });
            if elsewhere {
                let msg = "parameters stand in the path of the URL only";
                faults.push(wrong(&["target", "destination", "url"], msg, "value_error.url"));
            }
        }
        _ => faults.push(wrong(
            &["target", "destination", "url"],
            "invalid or missing URL scheme",
            "value_error.url.scheme",
        )),
    }
    match target.get("specification") {
        Some(specification) if specification.is_object() => {
            if let Err(msg) = scope(target) {
                faults.push(wrong(&["target", "specification", "security"], &msg, "value_error"));
            }
        }
        _ => faults.push(wrong(&["target", "specification"], "field required", "value_error.missing")),
    }
}

/// The scope of the token that is sent: that of the first way of authentication. `None` where none is needed.
pub(super) fn scope(target: &Value) -> Result<Option<&str>, String> {
    let ways = match &target["specification"]["security"] {
        Value::Null => return Ok(None),
        Value::Array(ways) => ways,
        _ => return Err("value is not a valid list".to_owned()),
    };
    let Some(first) = ways.first() else { return Ok(None) };
    let first = first.as_object().ok_or("a way of authentication is an object")?;
    if first.is_empty() {
        return Ok(None);
    }
    let scopes = first.get(GLOBUS_AUTH).filter(|_| first.len() == 1).and_then(Value::as_array);
    match scopes.map(Vec::as_slice) {
        Some([Value::String(scope)]) => Ok(Some(scope)),
        _ => Err(format!("the first way of authentication must be {{\"{GLOBUS_AUTH}\": [SCOPE]}}, or empty")),
    }
}

/// A parameter of an operation.
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    pub(super) required: bool,
    /// Lists are written with commas, and not by repeating the name.
    pub(super) joined: bool,
}

/// The parameters that the specification names in one place: `query` or `header`. `None` when it lists none at all,
/// and takes whatever it is given.
pub(super) fn parameters<'a>(target: &'a Value, place: &str) -> Option<Vec<Parameter<'a>>> {
    let listed = target["specification"]["parameters"].as_array()?;
    let resolve = |entry: &'a Value| {
        let Some(reference) = entry.get("$ref").and_then(Value::as_str) else { return Some(entry) };
        target["components"]["parameters"].get(reference.strip_prefix("#/components/parameters/")?)
    };
    let found = listed.iter().filter_map(resolve).filter(|entry| entry["in"] == place);
    Some(
        found
            .filter_map(|entry| {
                Some(Parameter {
                    name: entry["name"].as_str()?,
                    required: entry["required"] == true,
                    joined: entry["explode"] == false || place == "header",
                })
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(url: &str, security: &Value) -> Value {
        json!({"type": "openapi", "destination": {"method": "GET", "url": url},
            "specification": {"security": security}})
    }

    #[test]
    fn the_first_way_of_authentication_counts() {
        for (security, expected) in [
            (Value::Null, Ok(None)),
            (json!([]), Ok(None)),
            (json!([{}, {"GlobusAuth": ["a"]}]), Ok(None)),
            (json!([{"GlobusAuth": ["a"]}, {"GlobusAuth": ["b"]}]), Ok(Some("a"))),
            (json!([{"GlobusAuth": ["a", "b"]}]), Err(())),
            (json!([{"GlobusAuth": []}]), Err(())),
            (json!([{"ApiKey": []}]), Err(())),
            (json!({"GlobusAuth": ["a"]}), Err(())),
            (json!(["a"]), Err(())),
        ] {
            let target = target("https://a.example/x", &security);
            assert_eq!(scope(&target).map_err(|_| ()), expected, "{security}");
            let mut faults = Vec::new();
            check(&target, &mut faults);
            assert_eq!(faults.is_empty(), expected.is_ok(), "{security}");
        }
    }

    #[test]
    fn tokens_go_where_the_url_says() {
        for (url, sound) in [
            ("https://a.example/x/{id}/y", true),
            ("http://127.0.0.1:5/x?fixed=1", true),
            ("https://{host}/x", false),
            ("https://{host}.example/x", false),
            ("https://a.example/x?of={id}", false),
            ("http://a.example/x", false),
            ("/x", false),
        ] {
            let mut faults = Vec::new();
            check(&target(url, &Value::Null), &mut faults);
            assert_eq!(faults.is_empty(), sound, "{url}: {faults:?}");
        }
    }
}
