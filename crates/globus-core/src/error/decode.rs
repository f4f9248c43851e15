//! Says why a success could not be read, without repeating what was in it.

use bytes::Bytes;
use serde::de::DeserializeOwned;

/// Describes why `body` is not a `T`: where in the document, and what was expected there.
///
/// The parser's own message quotes the value that it met, which may be a token; only the part that comes from our
/// own types is kept.
pub(crate) fn describe<T: DeserializeOwned>(body: &Bytes, error: &serde_json::Error) -> String {
    if body.is_empty() {
        return "the body is empty".to_owned();
    }
    let position = format!("line {} column {}", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof => format!("the body ends too early, at {position}"),
        serde_json::error::Category::Syntax => format!("the body is not JSON, at {position}"),
        serde_json::error::Category::Io | serde_json::error::Category::Data => {
            let mut json = serde_json::Deserializer::from_slice(body);
            let path = serde_path_to_error::deserialize::<_, T>(&mut json)
                .err()
                .map_or_else(|| ".".to_owned(), |error| error.path().to_string());
            let expectation = ours(&error.to_string());
            if path == "." { expectation } else { format!("at {path}: {expectation}") }
        }
    }
}

/// Keeps what our own types said: "missing field `x`", or what follows "expected".
fn ours(message: &str) -> String {
    // The last one is the parser's; an earlier one stands in the value itself.
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if message.starts_with("missing field") || message.starts_with("duplicate field") {
        return message.to_owned();
    }
    match message.rfind("expected ") {
        Some(start) => message[start..].to_owned(),
        None => "the value is not of the type expected".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Token {
        #[serde(rename = "expires_in")]
        _expires_in: u64,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Tokens {
        #[serde(rename = "DATA")]
        _data: Vec<Token>,
    }

    fn described(body: &'static str) -> String {
        let body = Bytes::from_static(body.as_bytes());
        let error = serde_json::from_slice::<Tokens>(&body).unwrap_err();
        describe::<Tokens>(&body, &error)
    }

    #[test]
    fn names_the_place_and_hides_the_value() {
        assert_eq!(
            described(r#"{"DATA":[{"expires_in":1},{"expires_in":"s3cret expected x"}]}"#),
            "at DATA[1].expires_in: expected u64"
        );
        assert_eq!(described(r#"{"DATA":"expected s3cret at line 3"}"#), "at DATA: expected a sequence");
        assert_eq!(described(r#"{"DATA":[{}]}"#), "at DATA[0]: missing field `expires_in`");
        assert_eq!(described("{}"), "missing field `DATA`");
        assert_eq!(described("3"), "expected struct Tokens");
        assert_eq!(described(""), "the body is empty");
        assert_eq!(described(r#"{"DATA":["#), "the body ends too early, at line 1 column 9");
        assert_eq!(described("<html>"), "the body is not JSON, at line 1 column 1");
    }
}
