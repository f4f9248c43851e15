//! From the parameters of a state to a request, and from its answer to the result of the state.

use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value, json};

use super::target::{self, Parameter};
use super::{RegisteredApi, template};
use crate::flows::schema;
use crate::server::text::in_url;

/// A request that is ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<Value>,
}

/// An answer that stands for an exception.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) exception: String,
    pub(crate) cause: Value,
}

/// What may be in a request, under these names.
const PLACES: [&str; 5] = ["path", "query", "header", "headers", "body"];
/// What the emulator says itself.
const OWN_HEADERS: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::HOST,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
];

impl RegisteredApi {
    /// The scope of the token that the API wants; `None` if it wants none.
    pub(crate) fn scope(&self) -> Option<&str> {
        target::scope(&self.target).ok().flatten()
    }

    /// Makes the request of the input of a state.
    pub(crate) fn request(&self, input: &Value) -> Result<Request, String> {
        let faults = if self.state_input_schema.is_object() {
            schema::faults(&self.state_input_schema, input)?
        } else {
            Vec::new()
        };
        if !faults.is_empty() {
            let lines: Vec<String> =
                faults.iter().map(|fault| format!("{}: {}", fault.path, fault.message)).collect();
            return Err(lines.join(" ; "));
        }
        let data = input.as_object().ok_or("the input must be an object")?;
        let whole = json!({"$T_ref": "$"});
        let template = self.data_templates.get("request").and_then(|request| request.get("template"));
        let filled = template::fill_in(template.unwrap_or(&whole), data).unwrap_or(Value::Null);
        let parts = filled.as_object().ok_or("the request template must give an object")?;
        if let Some(name) = parts.keys().find(|name| !PLACES.contains(&name.as_str())) {
            return Err(format!("a request has {}, and no {name:?}", PLACES.join(", ")));
        }
        let destination = &self.target["destination"];
        let method = destination["method"].as_str().unwrap_or_default().to_uppercase();
        let method = Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
        if method == Method::CONNECT {
            return Err("CONNECT makes a tunnel, which no API is".to_owned());
        }
        let empty = Map::new();
        let part = |name: &str| match parts.get(name) {
            None | Some(Value::Null) => Ok(&empty),
            Some(Value::Object(members)) => Ok(members),
            Some(_) => Err(format!("{name} must be an object")),
        };
        let mut url = fill_path(destination["url"].as_str().unwrap_or_default(), part("path")?)?;
        let declared = target::parameters(&self.target, "query");
        for (name, value) in pairs(part("query")?, declared.as_deref(), "query")? {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&in_url(&name));
            url.push('=');
            url.push_str(&in_url(&value));
        }
        let given: Map<String, Value> = part("header")?
            .iter()
            .chain(part("headers")?)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let declared = target::parameters(&self.target, "header");
        let headers = pairs(&given, declared.as_deref(), "header")?;
        let headers = headers.into_iter().map(header_of).collect::<Result<_, String>>()?;
        let body = parts.get("body").filter(|body| !body.is_null()).cloned();
        Ok(Request { method, url, headers, body })
    }

    /// Says what an answer stands for: the result of the state, or an exception.
    pub(crate) fn answer(&self, status: StatusCode, body: Value) -> Result<Value, Failure> {
        let data = Map::from_iter([("body".to_owned(), body)]);
        let refused = |data: &Map<String, Value>| Failure {
            exception: "ActionUnableToRun".to_owned(),
            cause: json!({"status_code": status.as_u16(), "error": data["body"]}),
        };
        let Some(templates) =
            self.data_templates.get("response").and_then(Value::as_object).filter(|all| !all.is_empty())
        else {
            return if status.is_success() { Ok(data["body"].clone()) } else { Err(refused(&data)) };
        };
        let code = status.as_u16();
        let names = [code.to_string(), format!("{}XX", code / 100), "default".to_owned()];
        let found = names.iter().find_map(|name| {
            templates.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        });
        let Some(found) = found else { return Err(refused(&data)) };
        let filled = template::fill_in(&found["template"], &data).unwrap_or(Value::Null);
        if found["type"] == "success" {
            return Ok(filled);
        }
        let exception =
            filled.get("exception").and_then(Value::as_str).unwrap_or("ActionUnableToRun").to_owned();
        Err(Failure { exception, cause: filled.get("cause").cloned().unwrap_or(Value::Null) })
    }
}

/// Puts values into the braces of a URL, each as one segment or a part of one.
fn fill_path(url: &str, values: &Map<String, Value>) -> Result<String, String> {
    let mut filled = String::with_capacity(url.len());
    let mut rest = url;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or_else(|| format!("a brace of {url} is not closed"))?;
        let value = values.get(name).filter(|value| !value.is_null());
        let value = value.ok_or_else(|| format!("path has no {name}, which {url} needs"))?;
        let text = scalar(value).ok_or_else(|| format!("path.{name} must be text, a number or a flag"))?;
        if ["", ".", ".."].contains(&text.as_str()) {
            return Err(format!("path.{name} is {text:?}, which would lead to another resource"));
        }
        filled.push_str(before);
        filled.push_str(&in_url(&text));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The values of a query or of headers. What the specification does not know is left out, if it lists any.
fn pairs(
    values: &Map<String, Value>,
    declared: Option<&[Parameter<'_>]>,
    place: &str,
) -> Result<Vec<(String, String)>, String> {
    let missing = declared
        .into_iter()
        .flatten()
        .find(|parameter| parameter.required && values.get(parameter.name).is_none_or(Value::is_null));
    if let Some(parameter) = missing {
        return Err(format!("{place} has no {}, which is required", parameter.name));
    }
    let mut pairs = Vec::new();
    for (name, value) in values.iter().filter(|(_, value)| !value.is_null()) {
        let known = declared.map(|all| all.iter().find(|parameter| parameter.name == name));
        let joined = match known {
            Some(None) => continue,
            Some(Some(parameter)) => parameter.joined,
            None => place == "header",
        };
        let wrong = || format!("{place}.{name} must be text, a number, a flag, or a list of them");
        let texts: Vec<String> = match value {
            Value::Array(items) => items.iter().map(scalar).collect::<Option<_>>().ok_or_else(wrong)?,
            value => vec![scalar(value).ok_or_else(wrong)?],
        };
        if joined {
            pairs.push((name.clone(), texts.join(",")));
        } else {
            pairs.extend(texts.into_iter().map(|text| (name.clone(), text)));
        }
    }
    Ok(pairs)
}

fn header_of((name, value): (String, String)) -> Result<(HeaderName, HeaderValue), String> {
    let header =
        HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("{name:?} is no name of a header"))?;
    if OWN_HEADERS.contains(&header) {
        return Err(format!("the header {name} cannot be given"));
    }
    let value = HeaderValue::from_str(&value)
        .map_err(|_| format!("the value of the header {name} has control characters"))?;
    Ok((header, value))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn api(specification: &Value, templates: Value) -> RegisteredApi {
        RegisteredApi {
            id: Uuid::nil(),
            name: String::new(),
            description: String::new(),
            target: json!({"destination": {"method": "post", "url": "https://a.example/x/{id}?v=1"},
                "specification": specification,
                "components": {"parameters": {"Tag": {"name": "tag", "in": "query", "explode": false}}}}),
            data_templates: templates,
            state_input_schema: json!({"properties": {"path": {"type": "object"}}}),
            subscription_id: None,
            owners: Vec::new(),
            administrators: Vec::new(),
            viewers: Vec::new(),
            created: Timestamp::UNIX_EPOCH,
            updated: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn parameters_go_where_they_are_named() {
        let plain = api(&json!({}), json!({}));
        let input = json!({"path": {"id": "a/b c"}, "query": {"n": 5, "of": ["x", "y&z"], "no": null},
            "header": {"X-Flag": true}, "body": {"k": [1]}});
        let request = plain.request(&input).unwrap();
        assert_eq!(request.url, "https://a.example/x/a%2Fb%20c?v=1&n=5&of=x&of=y%26z");
        assert_eq!((request.method, request.body), (Method::POST, Some(json!({"k": [1]}))));
        assert_eq!(request.headers[0].1, "true");

        // A flat input, of which each place takes what it declares.
        let specification = json!({"parameters": [{"$ref": "#/components/parameters/Tag"},
            {"name": "need", "in": "query", "required": true}, {"name": "id", "in": "path", "required": true}]});
        let whole = json!({"$T_ref": "$"});
        let flat = api(&specification, json!({"request": {"template": {"path": whole, "query": whole}}}));
        let input = json!({"id": 7, "need": false, "tag": ["a", "b"], "other": 1});
        assert_eq!(flat.request(&input).unwrap().url, "https://a.example/x/7?v=1&need=false&tag=a%2Cb");
        assert!(flat.request(&json!({"id": 7})).unwrap_err().contains("need"));
    }

    #[test]
    fn what_makes_no_request_is_told() {
        let plain = api(&json!({}), json!({}));
        for (input, part) in [
            (json!({}), "path has no id"),
            (json!({"path": {"id": {}}}), "path.id"),
            (json!({"path": {"id": ".."}}), "another resource"),
            (json!({"path": 5}), "$.path: 5 is not of type 'object'"),
            (json!({"path": {"id": 1}, "cookie": {}}), "cookie"),
            (json!({"path": {"id": 1}, "query": {"a": {}}}), "query.a"),
            (json!({"path": {"id": 1}, "query": []}), "query must be"),
            (json!({"path": {"id": 1}, "header": {"Authorization": "x"}}), "cannot be given"),
            (json!({"path": {"id": 1}, "header": {"X": "a\nb"}}), "control characters"),
            (json!({"path": {"id": 1}, "header": {"a b": "c"}}), "no name"),
            (json!([]), "object"),
        ] {
            let fault = plain.request(&input).unwrap_err();
            assert!(fault.contains(part), "{input}: {fault}");
        }
    }

    #[test]
    fn answers_are_results_or_exceptions() {
        let plain = api(&json!({}), Value::Null);
        assert_eq!(plain.answer(StatusCode::OK, json!({"a": 1})), Ok(json!({"a": 1})));
        let refused = plain.answer(StatusCode::NOT_FOUND, json!({"a": 1})).unwrap_err();
        assert_eq!(refused.exception, "ActionUnableToRun");
        assert_eq!(refused.cause, json!({"status_code": 404, "error": {"a": 1}}));

        let body = json!({"$T_ref": "$.body"});
        let mapped = api(
            &json!({}),
            json!({"response": {
                "2XX": {"type": "success", "template": {"got": body}},
                "404": {"type": "success", "template": {"got": null}},
                "4XX": {"type": "failure", "template": {"cause": body, "exception": "ActionFailedException"}}}}),
        );
        assert_eq!(mapped.answer(StatusCode::CREATED, json!(1)), Ok(json!({"got": 1})));
        assert_eq!(mapped.answer(StatusCode::NOT_FOUND, json!(1)), Ok(json!({"got": null})));
        let failed = Failure { exception: "ActionFailedException".to_owned(), cause: json!(1) };
        assert_eq!(mapped.answer(StatusCode::FORBIDDEN, json!(1)), Err(failed));
        assert_eq!(
            mapped.answer(StatusCode::BAD_GATEWAY, json!(1)).unwrap_err().exception,
            "ActionUnableToRun"
        );
    }
}
