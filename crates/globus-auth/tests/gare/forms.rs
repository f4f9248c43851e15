//! Every form, and every corner that services are known to have.

use globus_auth::gare::Gare;
use serde_json::{Value, json};

fn read(document: &Value) -> Option<Gare> {
    Gare::from_value(document)
}

/// Expects code and authorization parameters, and nothing unknown.
#[track_caller]
fn gives(document: &Value, code: &str, parameters: &Value) {
    gives_with(document, code, parameters, &json!({}), &json!({}));
}

/// Expects unknown members of the parameters and of the document as well.
#[track_caller]
fn gives_with(document: &Value, code: &str, parameters: &Value, inner_extra: &Value, extra: &Value) {
    let gare = read(document).unwrap();
    assert_eq!(gare.code, code);
    assert_eq!(gare.authorization_parameters.to_value(false), *parameters);
    assert_eq!(json!(gare.authorization_parameters.extra()), *inner_extra);
    assert_eq!(json!(gare.extra()), *extra);
}

#[track_caller]
fn gives_none(document: &Value) {
    assert_eq!(read(document), None, "{document}");
}

#[test]
fn todays_form_as_it_is() {
    let parameters = json!({
        "session_message": "Please log in",
        "session_required_identities": ["7a1b2c3d-1111-4222-8333-944445555666"],
        "session_required_policies": ["e7f8a9b0-cccc-4ddd-8eee-455556666777"],
        "session_required_single_domain": ["uni.example.edu"],
        "session_required_mfa": true,
        "required_scopes": ["urn:globus:auth:scope:transfer.api.globus.org:all"],
        "prompt": "login",
    });
    let document = json!({"code": "AuthorizationRequired", "authorization_parameters": parameters});
    gives(&document, "AuthorizationRequired", &parameters);
    assert_eq!(read(&document).unwrap().to_value(true), document);
}

#[test]
fn parameters_of_old_without_a_code() {
    gives_with(
        &json!({
            "authorization_parameters": {
                "session_required_policies": "p,q",
                "session_required_single_domain": "a.edu,b.edu",
                "session_required_identities": ["i"],
                "session_required_mfa": false,
                "prompt": "login",
                "colour": "red",
            },
            "request_id": "r1",
        }),
        "AuthorizationRequired",
        &json!({
            "session_required_policies": ["p", "q"],
            "session_required_single_domain": ["a.edu", "b.edu"],
            "session_required_identities": ["i"],
            "session_required_mfa": false,
            "prompt": "login",
        }),
        &json!({"colour": "red"}),
        &json!({"request_id": "r1"}),
    );
}

#[test]
fn transfer_consent() {
    gives_with(
        &json!({
            "code": "ConsentRequired",
            "message": "Missing required data_access consent",
            "required_scopes": ["urn:x:all[*https://e/data_access]"],
            "resource": "/operation/endpoint/x/ls",
        }),
        "ConsentRequired",
        &json!({
            "required_scopes": ["urn:x:all[*https://e/data_access]"],
            "session_message": "Missing required data_access consent",
        }),
        &json!({}),
        &json!({"message": "Missing required data_access consent", "resource": "/operation/endpoint/x/ls"}),
    );
}

#[test]
fn action_provider_consent() {
    gives_with(
        &json!({
            "code": "ConsentRequired",
            "required_scope": "urn:x:all",
            "description": "Missing consent",
            "authorization_parameters": {"session_required_mfa": "true", "colour": "red"},
            "status": 403,
        }),
        "ConsentRequired",
        &json!({"required_scopes": ["urn:x:all"], "session_message": "Missing consent"}),
        &json!({"session_required_mfa": "true", "colour": "red"}),
        &json!({"description": "Missing consent", "status": 403}),
    );
}

#[test]
fn dependent_consent_of_auth() {
    gives(
        &json!({
            "error": "dependent_consent_required",
            "error_description": "User must approve your client using scopes. See 'unapproved_scopes'.",
            "errors": [
                {"code": "DEPENDENT_CONSENT_REQUIRED", "status": "403", "unapproved_scopes": ["u", "v"]},
                {"code": "DEPENDENT_CONSENT_REQUIRED", "status": "403", "unapproved_scopes": ["w"]},
            ],
        }),
        "ConsentRequired",
        &json!({"required_scopes": ["u", "v"]}),
    );
}

#[test]
fn a_code_with_empty_parameters_asks_for_any_login() {
    gives(&json!({"code": "X", "authorization_parameters": {}}), "X", &json!({}));
}

#[test]
fn empty_parameters_alone_are_enough() {
    gives(&json!({"authorization_parameters": {}}), "AuthorizationRequired", &json!({}));
}

#[test]
fn null_parameters_are_none() {
    gives_none(&json!({"code": "X", "authorization_parameters": null}));
    gives_none(&json!({"authorization_parameters": null}));
}

#[test]
fn policies_may_be_a_text_with_commas() {
    gives(
        &json!({"code": "X", "authorization_parameters": {"session_required_policies": "a,b"}}),
        "X",
        &json!({"session_required_policies": ["a", "b"]}),
    );
}

#[test]
fn identities_may_not_be_a_text() {
    gives_none(&json!({"code": "X", "authorization_parameters": {"session_required_identities": "a,b"}}));
}

#[test]
fn a_prompt_other_than_login_needs_a_code() {
    gives(
        &json!({"code": "X", "authorization_parameters": {"prompt": "none"}}),
        "X",
        &json!({"prompt": "none"}),
    );
    gives_none(&json!({"authorization_parameters": {"prompt": "none"}}));
}

#[test]
fn required_scopes_of_old_stay_unknown() {
    gives_with(
        &json!({"authorization_parameters": {"required_scopes": ["s"]}}),
        "AuthorizationRequired",
        &json!({}),
        &json!({"required_scopes": ["s"]}),
        &json!({}),
    );
    let gare = read(&json!({"authorization_parameters": {"required_scopes": 3}})).unwrap();
    assert_eq!(gare.to_value(true)["authorization_parameters"], json!({"required_scopes": 3}));
}

#[test]
fn consent_to_nothing_in_particular_is_none() {
    gives_none(&json!({"code": "ConsentRequired"}));
}

#[test]
fn consent_to_an_empty_list() {
    gives(
        &json!({"code": "ConsentRequired", "required_scopes": []}),
        "ConsentRequired",
        &json!({"required_scopes": []}),
    );
}

#[test]
fn a_transfer_message_must_be_text() {
    gives_none(&json!({"code": "ConsentRequired", "required_scopes": ["s"], "message": 3}));
}

#[test]
fn valid_parameters_go_before_a_required_scope() {
    gives_with(
        &json!({"code": "ConsentRequired", "required_scope": "s", "authorization_parameters": {"prompt": "login"}}),
        "ConsentRequired",
        &json!({"prompt": "login"}),
        &json!({}),
        &json!({"required_scope": "s"}),
    );
}

#[test]
fn a_second_factor_is_a_boolean() {
    gives_none(&json!({"code": "X", "authorization_parameters": {"session_required_mfa": "true"}}));
    gives_none(&json!({"authorization_parameters": {"session_required_mfa": 1}}));
}

#[test]
fn dependent_consent_without_an_error_is_none() {
    gives_none(&json!({"error": "dependent_consent_required", "errors": []}));
    gives_none(&json!({"error": "dependent_consent_required"}));
    gives_none(&json!({"error": "dependent_consent_required", "errors": {"0": {}}}));
    gives_none(&json!({"error": "dependent_consent_required", "errors": ["x"]}));
}

#[test]
fn dependent_consent_without_scopes_asks_for_none() {
    let first = |first: Value| json!({"error": "dependent_consent_required", "errors": [first]});
    gives(&first(json!({})), "ConsentRequired", &json!({"required_scopes": []}));
    gives_none(&first(json!({"unapproved_scopes": null})));
    gives_none(&first(json!({"unapproved_scopes": ["u", 1]})));
}

#[test]
fn transfer_consent_goes_before_an_action_providers() {
    gives_with(
        &json!({"code": "ConsentRequired", "required_scopes": ["many"], "required_scope": "one"}),
        "ConsentRequired",
        &json!({"required_scopes": ["many"]}),
        &json!({}),
        &json!({"required_scope": "one"}),
    );
}

#[test]
fn an_action_provider_description_must_be_text() {
    gives_none(&json!({"code": "ConsentRequired", "required_scope": "s", "description": ["d"]}));
}

#[test]
fn parameters_that_are_no_object_are_kept_as_unknown() {
    gives_with(
        &json!({"code": "ConsentRequired", "required_scope": "s", "authorization_parameters": ["x"]}),
        "ConsentRequired",
        &json!({"required_scopes": ["s"]}),
        &json!({}),
        &json!({"authorization_parameters": ["x"]}),
    );
}

#[test]
fn a_code_that_says_nothing_is_no_code() {
    for nothing in [json!(null), json!(false), json!(0), json!(0.0), json!([]), json!({})] {
        gives(&json!({"code": nothing, "authorization_parameters": {}}), "AuthorizationRequired", &json!({}));
    }
    for something in [json!(true), json!(1), json!(["X"]), json!({"x": 1})] {
        gives_none(&json!({"code": something, "authorization_parameters": {}}));
    }
    gives(&json!({"code": "", "authorization_parameters": {}}), "", &json!({}));
    gives(
        &json!({"code": "", "authorization_parameters": {"session_required_policies": "a"}}),
        "AuthorizationRequired",
        &json!({"session_required_policies": ["a"]}),
    );
}

#[test]
fn only_objects_have_a_form() {
    for document in [json!(null), json!([]), json!("ConsentRequired"), json!(3), json!({})] {
        gives_none(&document);
    }
    gives_none(&json!({"code": "X", "authorization_parameters": [null, null, null, null, null, null, null]}));
}

#[test]
fn known_words_must_be_texts() {
    let one = json!({"ConsentRequired": null});
    gives_none(&json!({"code": one, "required_scopes": ["s"]}));
    gives_none(&json!({"error": {"dependent_consent_required": null}, "errors": [{}]}));
    gives_none(&json!({"authorization_parameters": {"prompt": {"login": null}}}));
}

#[test]
fn a_known_member_is_never_overwritten_by_an_unknown_one() {
    let document = json!({
        "code": "ConsentRequired",
        "required_scope": "s",
        "authorization_parameters": {"required_scopes": ["other"], "session_required_mfa": "true"},
    });
    let written = read(&document).unwrap().to_value(true);
    assert_eq!(
        written["authorization_parameters"],
        json!({"required_scopes": ["s"], "session_required_mfa": "true"})
    );
}

#[test]
fn serde_reads_every_form_and_writes_todays() {
    let gare: Gare =
        serde_json::from_str(r#"{"code":"ConsentRequired","required_scopes":["s"],"request_id":"r"}"#)
            .unwrap();
    assert_eq!(
        serde_json::to_string(&gare).unwrap(),
        r#"{"authorization_parameters":{"required_scopes":["s"]},"code":"ConsentRequired","request_id":"r"}"#
    );
    let refused = serde_json::from_str::<Gare>(r#"{"code":"NotFound"}"#).unwrap_err();
    assert!(refused.to_string().contains("not a Globus Auth requirements error"), "{refused}");
}
