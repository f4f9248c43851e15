//! What would keep a transfer from working.

use globus_transfer::{
    CollectionPath, Endpoint,
    endpoints::{ProblemKind, Side},
};
use serde_json::{Value, json};

use crate::common::{Answers, DESTINATION, SOURCE, refusal};

fn place(collection: &str, path: &str) -> CollectionPath {
    CollectionPath::new(collection, path).unwrap()
}

fn endpoint(more: &Value) -> (u16, Value) {
    let mut endpoint =
        json!({"DATA_TYPE": "endpoint", "id": SOURCE, "entity_type": "GCSv5_mapped_collection"});
    endpoint.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
    (200, endpoint)
}

async fn problems(source: (u16, Value), listing: (u16, Value)) -> Vec<(Side, ProblemKind, String)> {
    let service = Answers::new(move |asked| {
        if asked.path.contains("/operation/") {
            return if asked.path.contains(SOURCE) { listing.clone() } else { (200, json!({"DATA": []})) };
        }
        if asked.path.contains(SOURCE) { source.clone() } else { endpoint(&json!({})) }
    });
    let preflight =
        service.client().preflight(&place(SOURCE, "/a"), &place(DESTINATION, "/b/c")).await.unwrap();
    preflight
        .problems
        .into_iter()
        .map(|problem| (problem.side, problem.kind.clone(), problem.to_string()))
        .collect()
}

#[tokio::test]
async fn each_reason_is_named() {
    let fine = || endpoint(&json!({}));
    assert!(problems(fine(), (200, json!({"name": "a", "type": "file"}))).await.is_empty());
    let consent = json!({"code": "ConsentRequired", "message": "no", "required_scopes": ["x[*y]"]});
    let session = json!({"code": "PermissionDenied", "message": "no", "authorization_parameters": {"session_message": "log in with MFA"}});
    for (source, listing, expected) in [
        (fine(), (403, consent), "the user has to consent to x[*y]"),
        (fine(), (403, session), "log in with MFA"),
        (fine(), (403, refusal("EndpointPermissionDenied", "Denied by endpoint")), "Denied by endpoint"),
        (fine(), (404, refusal("NotFound", "no")), "there is no such thing"),
        (fine(), (409, refusal("OperationPaused", "maintenance")), "maintenance"),
        (
            fine(),
            (502, refusal("ExternalError.DirListingFailed.LoginFailed", "login failed")),
            "login failed",
        ),
        (
            endpoint(&json!({"non_functional": true})),
            (200, json!({})),
            "is an endpoint, and has no files: use one of its collections",
        ),
        (
            endpoint(&json!({"gcp_connected": false})),
            (200, json!({})),
            "Globus Connect Personal is not connected",
        ),
        ((404, refusal("EndpointNotFound", "no")), (200, json!({})), "there is no such thing"),
        ((403, refusal("PermissionDenied", "private")), (200, json!({})), "private"),
    ] {
        let problems = problems(source, listing).await;
        assert_eq!(problems.len(), 1, "{expected}");
        assert_eq!(problems[0].0, Side::Source);
        assert_eq!(problems[0].2, format!("source globus://{SOURCE}/a: {expected}"));
    }
}

#[tokio::test]
async fn both_sides_are_asked_and_one_login_does() {
    let service = Answers::new(|asked| {
        if asked.path.contains("/operation/") {
            (403, refusal("ConsentRequired", "no"))
        } else {
            endpoint(&json!({}))
        }
    });
    let preflight =
        service.client().preflight(&place(SOURCE, "/a"), &place(DESTINATION, "/b")).await.unwrap();
    assert!(!preflight.is_clear());
    assert_eq!(preflight.problems.len(), 2);
    let data_access = |id: &str| format!("*https://auth.globus.org/scopes/{id}/data_access");
    assert_eq!(
        preflight.missing_consent().unwrap().to_string(),
        format!(
            "urn:globus:auth:scope:transfer.api.globus.org:all[{} {}]",
            data_access(DESTINATION),
            data_access(SOURCE)
        )
    );
    let down = Answers::new(|_| (500, refusal("InternalError", "no")));
    let error = down.client().preflight(&place(SOURCE, "/a"), &place(DESTINATION, "/b")).await.unwrap_err();
    assert_eq!(error.status().unwrap(), 500);
}

#[tokio::test]
async fn the_destination_need_not_be_there() {
    let service = Answers::new(|asked| match (asked.path.contains("/operation/"), asked.query("path")) {
        (true, Some("/a" | "/" | "/x/")) => (200, json!({"DATA": [], "name": "a", "type": "dir"})),
        (true, Some("/x/file")) => (502, refusal("ExternalError.DirListingFailed.NotDirectory", "no")),
        (true, _) => (404, refusal("ClientError.NotFound", "no")),
        (false, _) => endpoint(&json!({})),
    });
    for destination in ["/b/c/d/", "/x/file", "/x/file/below"] {
        let source = place(SOURCE, "/a");
        let preflight = service.client().preflight(&source, &place(DESTINATION, destination)).await.unwrap();
        assert!(preflight.is_clear(), "{destination}: {preflight:?}");
    }
}

#[tokio::test]
async fn data_access_is_asked_for_where_there_is_one() {
    let kind = |entity_type: &str, high_assurance: Value| -> Endpoint {
        serde_json::from_value(
            json!({"id": SOURCE, "entity_type": entity_type, "high_assurance": high_assurance}),
        )
        .unwrap()
    };
    assert!(kind("GCSv5_mapped_collection", false.into()).needs_data_access());
    assert!(kind("GCSv5_mapped_collection", Value::Null).needs_data_access());
    for (entity_type, high_assurance) in [
        ("GCSv5_mapped_collection", true),
        ("GCSv5_guest_collection", false),
        ("GCP_mapped_collection", false),
        ("GCP_guest_collection", false),
        ("GCSv5_endpoint", false),
    ] {
        assert!(!kind(entity_type, high_assurance.into()).needs_data_access(), "{entity_type}");
    }
    let service = Answers::new(|asked| {
        let mapped = asked.path.contains(SOURCE);
        endpoint(
            &json!({"entity_type": if mapped { "GCSv5_mapped_collection" } else { "GCP_mapped_collection" }}),
        )
    });
    let scope = service.client().scope_for([SOURCE, DESTINATION, SOURCE]).await.unwrap();
    assert_eq!(
        scope.to_string(),
        format!(
            "urn:globus:auth:scope:transfer.api.globus.org:all[*https://auth.globus.org/scopes/{SOURCE}/data_access]"
        )
    );
}
