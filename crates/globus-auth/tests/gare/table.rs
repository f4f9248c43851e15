//! Tables of documents and what they mean, on which this SDK and the official Python SDK agreed.
//!
//! The documents are our own, made at random from good and bad members.

use globus_auth::{
    consents::{Consent, ConsentForest, ConsentForestError},
    gare::Gare,
};
use globus_core::Scope;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::consents::consent;

#[derive(Deserialize)]
struct DocumentRow {
    document: Value,
    gare: Option<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    code: String,
    parameters: Value,
    inner_extra: Map<String, Value>,
    extra: Map<String, Value>,
}

#[derive(Deserialize)]
struct ForestRow {
    consents: Vec<(i64, String, Vec<i64>)>,
    scopes: Vec<Scope>,
    /// None when a parent is missing.
    met: Option<bool>,
}

fn rows<'a, T: Deserialize<'a>>(table: &'a str) -> impl Iterator<Item = T> {
    table.lines().map(|line| serde_json::from_str(line).unwrap())
}

#[test]
fn documents_are_read_alike() {
    let mut count = 0;
    for DocumentRow { document, gare: expected } in rows(include_str!("documents.jsonl")) {
        count += 1;
        let gare = Gare::from_value(&document);
        assert_eq!(gare.is_some(), expected.is_some(), "{document}");
        let (Some(gare), Some(expected)) = (gare, expected) else {
            continue;
        };
        assert_eq!(gare.code, expected.code, "{document}");
        assert_eq!(gare.authorization_parameters.to_value(false), expected.parameters, "{document}");
        assert_eq!(
            json!(gare.authorization_parameters.extra()),
            Value::from(expected.inner_extra),
            "{document}"
        );
        assert_eq!(json!(gare.extra()), Value::from(expected.extra), "{document}");
    }
    assert_eq!(count, DOCUMENTS);
}

#[test]
fn forests_are_judged_alike() {
    let mut count = 0;
    for ForestRow { consents, scopes, met } in rows(include_str!("forests.jsonl")) {
        count += 1;
        let consents: Vec<Consent> =
            consents.iter().map(|(id, scope_name, path)| consent(*id, scope_name, path)).collect();
        match ConsentForest::new(consents.clone()) {
            Ok(forest) => {
                assert_eq!(Some(forest.meets_scope_requirements(&scopes)), met, "{consents:?} {scopes:?}");
            }
            Err(ConsentForestError::MissingParent { .. }) => assert_eq!(met, None, "{consents:?}"),
            Err(error) => panic!("{error}: {consents:?}"),
        }
    }
    assert_eq!(count, FORESTS);
}

const DOCUMENTS: usize = 300;
const FORESTS: usize = 160;
