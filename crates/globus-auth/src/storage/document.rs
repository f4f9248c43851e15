//! The JSON document of a token file, version 2.0, and the 1.0 that older programs wrote.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{DEFAULT_NAMESPACE, TokenChanges, TokenData};

const VERSION: &str = "2.0";
/// The versions that [`Document::parse`] reads, for error messages.
pub(super) const KNOWN_VERSIONS: &str = "1.0 and 2.0";
const SDK_VERSION_MEMBER: &str = "globus-sdk.version";

/// A token file, always in the form of version 2.0. Everything in it that is not touched stays as it was.
pub(super) struct Document {
    /// Records, by namespace and resource server.
    data: Map<String, Value>,
    /// All other members.
    others: Map<String, Value>,
}

/// Says what is wrong with a document, without showing any of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DocumentError {
    CutOff(String),
    UnknownVersion(String),
    Malformed(String),
}

impl Default for Document {
    fn default() -> Self {
        Self::from_parts(Map::new(), Map::new())
    }
}

impl Document {
    fn from_parts(data: Map<String, Value>, mut others: Map<String, Value>) -> Self {
        others.insert("format_version".to_owned(), VERSION.into());
        // Readers want some version of an SDK here. One that is there stays, because it says of which SDK the format is.
        others.entry(SDK_VERSION_MEMBER).or_insert_with(|| env!("CARGO_PKG_VERSION").into());
        Self { data, others }
    }

    pub(super) fn parse(content: &[u8]) -> Result<Self, DocumentError> {
        let malformed = |problem: &str| DocumentError::Malformed(problem.to_owned());
        if content.is_empty() {
            return Err(DocumentError::CutOff("it is empty".to_owned()));
        }
        let document: Value = serde_json::from_slice(content).map_err(|error| {
            if error.is_eof() {
                let (line, column) = (error.line(), error.column());
                DocumentError::CutOff(format!("it ends at line {line}, column {column}, in the middle"))
            } else {
                DocumentError::Malformed(format!("it is not JSON: {error}"))
            }
        })?;
        let Value::Object(mut members) = document else {
            return Err(malformed("it is JSON, but not an object"));
        };
        let records = match members.get("format_version") {
            Some(Value::String(version)) if version == VERSION => "data",
            Some(Value::String(version)) if version == "1.0" => "by_rs",
            Some(Value::String(version)) => {
                return Err(DocumentError::UnknownVersion(format!("{version:?}")));
            }
            Some(Value::Number(version)) => return Err(DocumentError::UnknownVersion(version.to_string())),
            Some(_) => return Err(malformed("\"format_version\" is not a string")),
            None => return Err(malformed("\"format_version\" is missing")),
        };
        let data = match members.remove(records) {
            Some(Value::Object(by_rs)) if records == "by_rs" => {
                Map::from_iter([(DEFAULT_NAMESPACE.to_owned(), Value::Object(by_rs))])
            }
            Some(Value::Object(data)) => data,
            Some(_) => return Err(malformed(&format!("{records:?} is not an object"))),
            None => return Err(malformed(&format!("{records:?} is missing"))),
        };
        Ok(Self::from_parts(data, members))
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut members = self.others.clone();
        members.insert("data".to_owned(), Value::Object(self.data.clone()));
        Value::Object(members).to_string().into_bytes()
    }

    /// Lists the namespaces, in the order of their names.
    pub(super) fn namespaces(&self) -> Vec<String> {
        self.data.keys().cloned().collect()
    }

    pub(super) fn tokens(&self, namespace: &str) -> Result<BTreeMap<String, TokenData>, DocumentError> {
        let Some(records) = self.records(namespace)? else {
            return Ok(BTreeMap::new());
        };
        records
            .iter()
            .map(|(resource_server, record)| {
                Ok((resource_server.clone(), read(namespace, resource_server, record)?))
            })
            .collect()
    }

    pub(super) fn token(
        &self,
        namespace: &str,
        resource_server: &str,
    ) -> Result<Option<TokenData>, DocumentError> {
        let record = self.records(namespace)?.and_then(|records| records.get(resource_server));
        record.map(|record| read(namespace, resource_server, record)).transpose()
    }

    fn records(&self, namespace: &str) -> Result<Option<&Map<String, Value>>, DocumentError> {
        match self.data.get(namespace) {
            None => Ok(None),
            Some(Value::Object(records)) => Ok(Some(records)),
            Some(_) => Err(no_namespace(namespace)),
        }
    }

    /// Makes the changes; gives whether any token was there to be removed.
    pub(super) fn apply(&mut self, namespace: &str, changes: TokenChanges) -> Result<bool, DocumentError> {
        let records = self.data.entry(namespace).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(records) = records else {
            return Err(no_namespace(namespace));
        };
        for token in changes.stored {
            records.insert(token.resource_server.clone(), Value::Object(token.to_record()));
        }
        let mut removed = false;
        for resource_server in changes.removed {
            removed |= records.remove(&resource_server).is_some();
        }
        Ok(removed)
    }
}

fn no_namespace(namespace: &str) -> DocumentError {
    DocumentError::Malformed(format!("namespace {namespace:?} is not an object"))
}

fn read(namespace: &str, resource_server: &str, record: &Value) -> Result<TokenData, DocumentError> {
    let malformed = |problem: String| {
        DocumentError::Malformed(format!("record {resource_server:?} of namespace {namespace:?}: {problem}"))
    };
    let Value::Object(record) = record else {
        return Err(malformed("is not an object".to_owned()));
    };
    TokenData::from_record(record.clone()).map_err(|error| malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(document: &Value) -> Result<Document, DocumentError> {
        Document::parse(document.to_string().as_bytes())
    }

    fn written(document: &Document) -> Value {
        serde_json::from_slice(&document.to_bytes()).unwrap()
    }

    fn store(token: TokenData) -> TokenChanges {
        TokenChanges { stored: vec![token], removed: vec![] }
    }

    #[test]
    fn a_new_document_has_what_readers_want() {
        let written = written(&Document::default());
        assert_eq!(
            written,
            json!({"data": {}, "format_version": "2.0", "globus-sdk.version": env!("CARGO_PKG_VERSION")})
        );
    }

    #[test]
    fn what_is_not_touched_stays_as_it_was() {
        let mut before = json!({
            "data": {
                "DEFAULT": {"other": {"odd": null, "record": [1.5, true]}, "x": {"access_token": "old"}},
                "second": {"x": {"resource_server": "x"}},
                "third": 3,
            },
            "format_version": "2.0",
            "globus-sdk.version": "4.9.0",
            "mine": {"a": [1, null]},
        });
        let mut document = parse(&before).unwrap();
        let token = TokenData::new("x", "s", "Ag", 1);
        document.apply("DEFAULT", store(token.clone())).unwrap();
        before["data"]["DEFAULT"]["x"] = serde_json::to_value(token).unwrap();
        assert_eq!(written(&document), before);
    }

    #[test]
    fn the_older_version_moves_into_the_default_namespace() {
        let record = json!({
            "resource_server": "x", "scope": "s", "access_token": "Ag", "refresh_token": null,
            "expires_at_seconds": 1, "token_type": "Bearer",
        });
        let document = parse(&json!({
            "by_rs": {"x": record}, "format_version": "1.0", "globus-sdk.version": "3.0.0", "mine": 1,
        }))
        .unwrap();
        assert_eq!(document.tokens("DEFAULT").unwrap()["x"].refresh_token, None);
        assert_eq!(
            written(&document),
            json!({
                "data": {"DEFAULT": {"x": record}}, "format_version": "2.0", "globus-sdk.version": "3.0.0",
                "mine": 1,
            })
        );
    }

    #[test]
    fn says_what_is_wrong() {
        let malformed = |problem: &str| DocumentError::Malformed(problem.to_owned());
        for (content, expected) in [
            ("", DocumentError::CutOff("it is empty".to_owned())),
            (
                "{\"data\": {\"DEF",
                DocumentError::CutOff("it ends at line 1, column 14, in the middle".to_owned()),
            ),
            ("{}", malformed("\"format_version\" is missing")),
            ("[]", malformed("it is JSON, but not an object")),
            ("tokens", malformed("it is not JSON: expected ident at line 1 column 2")),
            ("{} {}", malformed("it is not JSON: trailing characters at line 1 column 4")),
            (r#"{"format_version":"2.0"}"#, malformed("\"data\" is missing")),
            (r#"{"format_version":"2.0","data":[]}"#, malformed("\"data\" is not an object")),
            (r#"{"format_version":"1.0","data":{}}"#, malformed("\"by_rs\" is missing")),
            (r#"{"format_version":"3.0","data":{}}"#, DocumentError::UnknownVersion("\"3.0\"".to_owned())),
            (r#"{"format_version":2,"data":{}}"#, DocumentError::UnknownVersion("2".to_owned())),
            (r#"{"format_version":null,"data":{}}"#, malformed("\"format_version\" is not a string")),
        ] {
            assert_eq!(Document::parse(content.as_bytes()).err(), Some(expected), "{content}");
        }
        assert!(matches!(Document::parse(b"\xff\xfe"), Err(DocumentError::Malformed(_))));
    }

    #[test]
    fn a_broken_record_is_named_and_does_not_hide_others() {
        let good = serde_json::to_value(TokenData::new("good", "s", "Ag", 1)).unwrap();
        let mut document = parse(&json!({
            "data": {"DEFAULT": {"good": good, "bad": {"access_token": 5}}, "odd": []}, "format_version": "2.0",
        }))
        .unwrap();
        assert!(document.token("DEFAULT", "good").unwrap().is_some());
        for (problem, result) in [
            (
                "record \"bad\" of namespace \"DEFAULT\": member \"resource_server\" is missing",
                document.token("DEFAULT", "bad").map(drop),
            ),
            (
                "record \"bad\" of namespace \"DEFAULT\": member \"resource_server\" is missing",
                document.tokens("DEFAULT").map(drop),
            ),
            ("namespace \"odd\" is not an object", document.tokens("odd").map(drop)),
            (
                "namespace \"odd\" is not an object",
                document.apply("odd", store(TokenData::new("x", "s", "Ag", 1))).map(drop),
            ),
        ] {
            assert_eq!(result.unwrap_err(), DocumentError::Malformed(problem.to_owned()));
        }
        let changes = TokenChanges { stored: vec![], removed: vec!["bad".to_owned(), "gone".to_owned()] };
        assert!(document.apply("DEFAULT", changes).unwrap());
        assert_eq!(document.tokens("DEFAULT").unwrap().len(), 1);
    }
}
