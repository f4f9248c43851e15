//! Permissions as they should be.

use std::sync::{Arc, Mutex};

use globus_transfer::access::{AclChange, NewAccessRule, Permissions};
use serde_json::{Value, json};

use crate::common::{Answers, SOURCE, refusal};

const ADA: &str = "25de0aed-aa83-4600-a1be-a62a910af116";
const BOB: &str = "0c7d6c1e-3a55-4c6e-8a2f-6f0f6c1f2a10";

fn rule(id: Option<&str>, principal: &str, path: &str, permissions: &str) -> Value {
    json!({"DATA_TYPE": "access", "id": id, "principal_type": "identity", "principal": principal, "path": path,
           "permissions": permissions, "expiration_date": "2027-01-01T00:00:00+00:00"})
}

/// A collection with permissions.
fn collection(rules: Vec<Value>) -> (Answers, Arc<Mutex<Vec<Value>>>) {
    let rules = Arc::new(Mutex::new(rules));
    let store = rules.clone();
    let service = Answers::new(move |asked| {
        let mut rules = store.lock().unwrap();
        let id = asked.path.rsplit('/').next().unwrap();
        let same = |rule: &Value| rule["id"] == id;
        match asked.method.as_str() {
            "GET" => (200, json!({"DATA_TYPE": "access_list", "DATA": *rules})),
            "POST" => {
                let equal = |rule: &Value| {
                    rule["principal"] == asked.body["principal"] && rule["path"] == asked.body["path"]
                };
                if rules.iter().any(equal) {
                    return (409, refusal("Exists", "exists"));
                }
                let mut new = asked.body.clone();
                new["id"] = format!("new{}", rules.len()).into();
                rules.push(new.clone());
                (201, json!({"code": "Created", "access_id": new["id"]}))
            }
            "PUT" => {
                let rule = rules.iter_mut().find(|rule| same(rule)).unwrap();
                for (name, value) in asked.body.as_object().unwrap() {
                    rule[name] = value.clone();
                }
                (200, json!({"code": "Updated"}))
            }
            _ => {
                rules.retain(|rule| !same(rule));
                (200, json!({"code": "Deleted"}))
            }
        }
    });
    (service, rules)
}

fn new(principal: &str, path: &str, permissions: &str) -> NewAccessRule {
    NewAccessRule::for_identity(principal, path, permissions)
}

#[tokio::test]
async fn one_permission_is_ensured() {
    let (service, rules) = collection(vec![rule(None, ADA, "/", "rw"), rule(Some("1"), ADA, "/a/", "r")]);
    let client = service.client();
    let ensure = |rule: NewAccessRule| client.ensure_acl_rule(SOURCE, rule);
    assert_eq!(ensure(new(ADA, "/a", "r")).await.unwrap().change, AclChange::Unchanged);
    let updated = ensure(new(ADA, "/a/", "rw")).await.unwrap();
    assert_eq!((updated.change, updated.access_id.as_str()), (AclChange::Updated, "1"));
    assert_eq!(rules.lock().unwrap()[1]["permissions"], "rw");
    // A role's own permission is none that can be changed.
    assert_eq!(ensure(new(ADA, "/", "r")).await.unwrap_err().code(), Some("Exists"));
    assert_eq!(ensure(new(BOB, "/a/", "r")).await.unwrap().change, AclChange::Created);

    let soon: globus_transfer::Timestamp = "2027-01-01T00:00:00.5Z".parse().unwrap();
    let later: globus_transfer::Timestamp = "2028-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(
        ensure(new(ADA, "/a/", "rw").expiration_date(soon)).await.unwrap().change,
        AclChange::Unchanged
    );
    assert_eq!(
        ensure(new(ADA, "/a/", "rw").expiration_date(later)).await.unwrap().change,
        AclChange::Updated
    );
    assert_eq!(ensure(new(ADA, "/a/", "rw").expiration_date(None)).await.unwrap().change, AclChange::Updated);
    assert_eq!(rules.lock().unwrap()[1]["expiration_date"], Value::Null);

    let before = service.lines().len();
    assert!(ensure(new("ada", "/a/", "r")).await.is_err());
    assert_eq!(service.lines().len(), before, "nothing is asked for what cannot be");
}

/// Somebody makes it between the look and the making.
#[tokio::test]
async fn a_race_is_no_error() {
    let looks = Arc::new(Mutex::new(0));
    let service = Answers::new(move |asked| match asked.method.as_str() {
        "GET" => {
            *looks.lock().unwrap() += 1;
            let rules =
                if *looks.lock().unwrap() == 1 { vec![] } else { vec![rule(Some("9"), ADA, "/a/", "r")] };
            (200, json!({"DATA": rules}))
        }
        _ => (409, refusal("Exists", "exists")),
    });
    let ensured = service.client().ensure_acl_rule(SOURCE, new(ADA, "/a/", "r")).await.unwrap();
    assert_eq!((ensured.change, ensured.access_id.as_str()), (AclChange::Unchanged, "9"));
}

#[tokio::test]
async fn all_permissions_are_made_what_they_should_be() {
    let (service, rules) = collection(vec![
        rule(None, BOB, "/", "rw"),
        rule(Some("1"), ADA, "/a/", "r"),
        rule(Some("2"), ADA, "/b/", "r"),
        rule(Some("3"), BOB, "/a/", "r"),
    ]);
    let client = service.client();
    let desired = || [new(ADA, "/a/", "r"), new(BOB, "/a/", "rw"), new(BOB, "/c/", "r")];
    let plan = client.sync_acl_rules(SOURCE, desired()).plan().await.unwrap();
    let ids = |ids: &[globus_transfer::access::AccessRuleId]| {
        ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    };
    assert_eq!(
        (plan.created, ids(&plan.updated), ids(&plan.deleted), ids(&plan.unchanged)),
        (1, "3".to_owned(), "2".to_owned(), "1".to_owned())
    );
    assert_eq!(service.lines().len(), 1, "a plan changes nothing");
    assert_eq!(client.sync_acl_rules(SOURCE, desired()).send().await.unwrap(), plan);
    assert_eq!(rules.lock().unwrap().len(), 4);
    let again = client.sync_acl_rules(SOURCE, desired()).send().await.unwrap();
    assert_eq!(
        (again.created, again.updated.len(), again.deleted.len(), again.unchanged.len()),
        (0, 0, 0, 3)
    );

    let twice = [new(ADA, "/a", "r"), new(ADA, "/a/", Permissions::ReadWrite.as_str())];
    let error = client.sync_acl_rules(SOURCE, twice).send().await.unwrap_err();
    assert!(error.to_string().contains("rules 1 and 2 are both about"), "{error}");
    let none = client.sync_acl_rules(SOURCE, Vec::<NewAccessRule>::new()).send().await.unwrap();
    assert_eq!(none.deleted.len(), 3);
    assert_eq!(rules.lock().unwrap().len(), 1, "what comes from a role stays");
}

/// A permission that is gone by now is as good as deleted; a collection that is gone is not.
#[tokio::test]
async fn what_somebody_else_deleted_is_deleted() {
    for (code, is_fine) in [("AccessRuleNotFound", true), ("EndpointDeleted", false)] {
        let service = Answers::new(move |asked| match asked.method.as_str() {
            "GET" => (200, json!({"DATA": [rule(Some("9"), ADA, "/a/", "r")]})),
            _ => (404, refusal(code, "gone")),
        });
        let synced = service.client().sync_acl_rules(SOURCE, Vec::<NewAccessRule>::new()).send().await;
        match synced {
            Ok(done) => assert!(is_fine && done.deleted.len() == 1),
            Err(error) => assert!(!is_fine && error.is_code(code)),
        }
    }
}
