//! Several requirements in as few logins as possible.

use globus_auth::gare::{AUTHORIZATION_REQUIRED, AuthorizationParameters, CONSENT_REQUIRED, Gare};
use serde_json::json;

fn parameters() -> AuthorizationParameters {
    AuthorizationParameters::default()
}

fn in_domains(domains: &[&str]) -> AuthorizationParameters {
    parameters().with_session_required_single_domain(domains)
}

#[test]
fn lists_are_joined_without_repetitions() {
    let first = parameters()
        .with_required_scopes(["a", "b"])
        .with_session_required_policies(["p"])
        .with_session_required_identities(["i"]);
    let later = parameters()
        .with_required_scopes(["b", "c"])
        .with_session_required_policies(["q", "p"])
        .with_session_required_identities(["i", "j"]);
    assert_eq!(
        first.merge(later).unwrap().to_value(false),
        json!({
            "required_scopes": ["a", "b", "c"],
            "session_required_policies": ["p", "q"],
            "session_required_identities": ["i", "j"],
        })
    );
}

#[test]
fn the_later_message_prompt_and_unknown_member_win() {
    let first = parameters().with_session_message("one").with_prompt("none").with_extra("x", 1);
    let later = parameters().with_session_message("two").with_extra("x", 2);
    assert_eq!(
        first.merge(later).unwrap().to_value(true),
        json!({"session_message": "two", "prompt": "none", "x": 2})
    );
}

#[test]
fn a_second_factor_that_one_requires_is_required() {
    let mfa = |first: Option<bool>, later: Option<bool>| {
        let set = |value: Option<bool>| {
            value.map_or_else(parameters, |value| parameters().with_session_required_mfa(value))
        };
        set(first).merge(set(later)).unwrap().session_required_mfa
    };
    assert_eq!(mfa(Some(true), Some(false)), Some(true));
    assert_eq!(mfa(Some(false), Some(true)), Some(true));
    assert_eq!(mfa(None, Some(true)), Some(true));
    assert_eq!(mfa(Some(false), None), Some(false));
    assert_eq!(mfa(None, None), None);
}

#[test]
fn different_domains_stay_apart() {
    assert_eq!(in_domains(&["a.edu"]).merge(in_domains(&["b.edu"])), None);
    assert_eq!(in_domains(&["a.edu"]).merge(in_domains(&["a.edu", "b.edu"])), None);
    let same = in_domains(&["a.edu", "b.edu"]).merge(in_domains(&["b.edu", "a.edu"])).unwrap();
    assert_eq!(same.session_required_single_domain.unwrap(), ["a.edu", "b.edu"]);
    let one = parameters().merge(in_domains(&["a.edu"])).unwrap();
    assert_eq!(one.session_required_single_domain.unwrap(), ["a.edu"]);
    assert!(in_domains(&["a.edu"]).merge(in_domains(&[])).is_some());
}

#[test]
fn codes_that_differ_become_the_general_one() {
    let gare = |code: &str| Gare::new(code, parameters()).with_extra(code, true);
    assert_eq!(gare(CONSENT_REQUIRED).merge(gare(CONSENT_REQUIRED)).unwrap().code, CONSENT_REQUIRED);
    let both = gare(CONSENT_REQUIRED).merge(gare("Other")).unwrap();
    assert_eq!(both.code, AUTHORIZATION_REQUIRED);
    assert_eq!(json!(both.extra()), json!({"ConsentRequired": true, "Other": true}));
}

#[test]
fn combine_makes_as_few_as_possible() {
    let gares = [
        parameters().with_required_scopes(["a"]),
        in_domains(&["a.edu"]),
        in_domains(&["b.edu"]),
        parameters().with_required_scopes(["b"]),
        in_domains(&["b.edu"]).with_session_message("later"),
    ];
    let combined = Gare::combine(gares.map(|parameters| Gare::new("X", parameters)));
    let written: Vec<_> = combined.iter().map(|gare| gare.authorization_parameters.to_value(false)).collect();
    assert_eq!(
        written,
        [
            json!({"required_scopes": ["a", "b"], "session_required_single_domain": ["a.edu"]}),
            json!({"session_required_single_domain": ["b.edu"], "session_message": "later"}),
        ]
    );
    assert!(Gare::combine([]).is_empty());
}

#[test]
fn combine_puts_a_late_one_without_domains_to_the_first() {
    let gares = [in_domains(&["a.edu"]), in_domains(&["b.edu"]), parameters().with_prompt("login")];
    let combined = Gare::combine(gares.map(|parameters| Gare::new("X", parameters)));
    assert_eq!(combined.len(), 2);
    assert_eq!(combined[0].authorization_parameters.prompt.as_deref(), Some("login"));
}
