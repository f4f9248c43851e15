//! Consent documents, and the trees that they form.

use globus_auth::consents::{Consent, ConsentForest, ConsentForestError, ConsentId, ConsentStatus};
use globus_core::{Error, ErrorKind, Scope};
use serde_json::{Value, json};

fn document(id: i64, scope_name: &str, path: &[i64]) -> Value {
    json!({
        "id": id,
        "client": "0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d",
        "scope": "89ecabba-4acf-4e2e-a98d-ce592ccc2818",
        "scope_name": scope_name,
        "effective_identity": "7a1b2c3d-1111-4222-8333-944445555666",
        "dependency_path": path,
        "created": "2026-01-01T00:00:00.000001+00:00",
        "updated": "2026-01-01T00:00:00.000001+00:00",
        "last_used": "2026-01-02T00:00:00.000001+00:00",
        "status": "approved",
        "allows_refresh": true,
        "auto_approved": false,
        "atomically_revocable": false,
    })
}

pub(crate) fn consent(id: i64, scope_name: &str, path: &[i64]) -> Consent {
    serde_json::from_value(document(id, scope_name, path)).unwrap()
}

fn scopes(texts: &[&str]) -> Vec<Scope> {
    texts.iter().map(|text| Scope::parse(text).unwrap()).collect()
}

/// foo → bar → baz, foo → qux, and a second tree foo → other.
fn forest() -> ConsentForest {
    ConsentForest::new([
        consent(3, "baz", &[1, 2, 3]),
        consent(1, "foo", &[1]),
        consent(2, "bar", &[1, 2]),
        consent(4, "qux", &[1, 4]),
        consent(5, "foo", &[5]),
        consent(6, "other", &[5, 6]),
    ])
    .unwrap()
}

fn ids<'a>(consents: impl Iterator<Item = &'a Consent>) -> Vec<i64> {
    consents.map(|consent| consent.id.as_i64()).collect()
}

#[test]
fn a_document_is_kept_whole() {
    let mut document = document(142_632, "urn:x:all", &[142_632]);
    document["created"] = json!("2026-01-01T00:00:00Z");
    document["updated"] = json!("2026-01-01T00:00:00Z");
    document["last_used"] = json!(null);
    document["status"] = json!("pending");
    document["new"] = json!({"x": [1]});
    let consent: Consent = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(consent.id, ConsentId::new(142_632));
    assert_eq!(consent.last_used, None);
    assert!(consent.is_root() && consent.status != ConsentStatus::Approved);
    assert_eq!(consent.extra().get("new"), Some(&json!({"x": [1]})));
    assert_eq!(serde_json::to_value(&consent).unwrap(), document);
    assert_eq!(
        consent.to_string(),
        "consent 142632: client 0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d may use urn:x:all"
    );
}

#[test]
fn a_document_that_misses_a_member_says_which() {
    let whole = document(1, "foo", &[1]);
    for name in whole.as_object().unwrap().keys().filter(|name| *name != "last_used") {
        let mut part = whole.clone();
        part.as_object_mut().unwrap().remove(name);
        let error = serde_json::from_value::<Consent>(part).unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}`")), "{name}: {error}");
    }
}

#[test]
fn trees_can_be_walked() {
    let forest = forest();
    assert_eq!(forest.consents().len(), 6);
    assert_eq!(ids(forest.roots()), [1, 5]);
    assert_eq!(ids(forest.children(1)), [2, 4]);
    assert_eq!(ids(forest.children(2)), [3]);
    assert_eq!(ids(forest.children(3)), [0; 0]);
    assert_eq!(ids(forest.children(99)), [0; 0]);
    assert_eq!(forest.get(4).unwrap().scope_name, "qux");
    assert!(forest.get(99).is_none());
}

#[test]
fn scopes_are_met_by_one_tree_each() {
    let forest = forest();
    for met in [
        &["foo"][..],
        &["foo[bar]"],
        &["foo[bar[baz] qux]"],
        &["*foo[*bar[*baz]]"],
        &["foo[other]", "foo[qux]"],
        &[],
    ] {
        assert!(forest.meets_scope_requirements(&scopes(met)), "{met:?}");
    }
    for unmet in [
        &["none"][..],
        &["bar"],
        &["foo[baz]"],
        &["foo[*none]"],
        &["foo[bar[qux]]"],
        &["foo[other qux]"],
        &["foo", "none"],
    ] {
        assert!(!forest.meets_scope_requirements(&scopes(unmet)), "{unmet:?}");
    }
    let needed = scopes(&["foo[bar]", "foo[none]", "x", "foo[qux]"]);
    assert_eq!(forest.unmet_scope_requirements(&needed), [&needed[1], &needed[2]]);
}

#[test]
fn one_of_several_children_of_a_name_is_enough() {
    let forest = ConsentForest::new([
        consent(1, "foo", &[1]),
        consent(2, "bar", &[1, 2]),
        consent(3, "bar", &[1, 3]),
        consent(4, "baz", &[1, 3, 4]),
    ])
    .unwrap();
    assert!(forest.meets_scope_requirements(&scopes(&["foo[bar[baz]]"])));
}

#[test]
fn no_consents_meet_nothing_but_nothing() {
    let forest = ConsentForest::new([]).unwrap();
    assert!(forest.meets_scope_requirements(&[]));
    assert!(!forest.meets_scope_requirements(&scopes(&["foo"])));
}

#[test]
fn the_status_is_not_looked_at() {
    let mut denied = document(1, "foo", &[1]);
    denied["status"] = json!("denied");
    let forest = ConsentForest::new([serde_json::from_value(denied).unwrap()]).unwrap();
    assert!(forest.meets_scope_requirements(&scopes(&["foo"])));
}

#[test]
fn broken_trees_are_told_apart() {
    let broken = |consents: &[Consent]| ConsentForest::new(consents.to_vec()).unwrap_err();
    let missing = broken(&[consent(2, "bar", &[1, 2])]);
    assert!(matches!(missing, ConsentForestError::MissingParent { consent, parent, .. }
        if consent == 2.into() && parent == 1.into()));
    assert_eq!(missing.to_string(), "consent 2 depends on consent 1, which is not in the list");

    for path in [&[][..], &[2], &[1, 2]] {
        let wrong = broken(&[consent(2, "b", &[2]), consent(1, "a", path)]);
        assert!(matches!(wrong, ConsentForestError::Path { consent, .. } if consent == 1.into()), "{path:?}");
    }

    let twice = broken(&[consent(1, "a", &[1]), consent(1, "b", &[1])]);
    assert!(matches!(twice, ConsentForestError::Duplicate { consent, .. } if consent == 1.into()));

    let itself = broken(&[consent(1, "a", &[1, 1])]);
    assert!(matches!(itself, ConsentForestError::Cycle { consent, .. } if consent == 1.into()));

    let round = broken(&[consent(1, "a", &[1]), consent(2, "b", &[3, 2]), consent(3, "c", &[2, 3])]);
    assert!(matches!(round, ConsentForestError::Cycle { consent, .. } if consent == 2.into()));

    let error = Error::from(round);
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().starts_with("consents: consent 2 depends on itself"), "{error}");
}

#[test]
fn a_repetition_counts_once() {
    let forest = ConsentForest::new([consent(1, "a", &[1]), consent(1, "a", &[1])]).unwrap();
    assert_eq!((forest.consents().len(), ids(forest.roots())), (1, vec![1]));
}

#[test]
fn depth_does_not_overflow_the_stack() {
    const DEPTH: i64 = 20_000;
    let name = |id: i64| format!("s{id}");
    let consents = (1..=DEPTH).map(|id| {
        let path: &[i64] = if id == 1 { &[1] } else { &[id - 1, id] };
        consent(id, &name(id), path)
    });
    let forest = ConsentForest::new(consents).unwrap();
    let chain = |last: String| {
        let opened = (1..DEPTH).map(|id| name(id) + "[").collect::<String>();
        let closed = "]".repeat(usize::try_from(DEPTH - 1).unwrap());
        Scope::parse(opened + &last + &closed).unwrap()
    };
    assert!(forest.meets_scope_requirements(&[chain(name(DEPTH))]));
    assert!(!forest.meets_scope_requirements(&[chain("none".to_owned())]));
}
