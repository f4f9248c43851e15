//! What a login flow makes of the parameters, and what people read.

use globus_auth::gare::{AUTHORIZATION_REQUIRED, AuthorizationParameters, CONSENT_REQUIRED, Gare};
use globus_core::Scope;
use serde_json::json;

#[test]
fn go_into_the_authorize_url() {
    let parameters = AuthorizationParameters::default()
        .with_session_message("Log in, please")
        .with_session_required_identities(["i", "j"])
        .with_session_required_policies(["p", "q"])
        .with_session_required_single_domain(["a.edu", "b.edu"])
        .with_session_required_mfa(true)
        .with_required_scopes(["s"])
        .with_prompt("login");
    let expected = [
        ("session_message", "Log in, please"),
        ("session_required_identities", "i,j"),
        ("session_required_policies", "p,q"),
        ("session_required_single_domain", "a.edu,b.edu"),
        ("session_required_mfa", "True"),
        ("prompt", "login"),
    ];
    assert_eq!(parameters.to_authorize_params(), expected.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn send_nothing_that_nobody_asked_for() {
    assert!(AuthorizationParameters::default().to_authorize_params().is_empty());
    let empty = AuthorizationParameters::default().with_session_required_policies([""; 0]);
    assert!(empty.to_authorize_params().is_empty());
    let no = AuthorizationParameters::default().with_session_required_mfa(false);
    assert_eq!(no.to_authorize_params(), [("session_required_mfa", "False".to_owned())]);
}

#[test]
fn give_their_scopes_merged() {
    let parameters =
        AuthorizationParameters::default().with_required_scopes(["foo[bar]", "foo[*baz]", "qux"]);
    let expected = [Scope::parse("foo[bar *baz]").unwrap(), Scope::parse("qux").unwrap()];
    assert_eq!(parameters.scopes().unwrap(), expected);
    assert!(AuthorizationParameters::default().scopes().unwrap().is_empty());
    assert!(AuthorizationParameters::default().with_required_scopes(["foo["]).scopes().is_err());
}

#[test]
fn are_written_with_unknown_members_on_demand_only() {
    let gare =
        Gare::new("X", AuthorizationParameters::default().with_prompt("none").with_extra("colour", "red"))
            .with_extra("request_id", "r1");
    assert_eq!(gare.to_value(false), json!({"code": "X", "authorization_parameters": {"prompt": "none"}}));
    assert_eq!(
        gare.to_value(true),
        json!({"code": "X", "authorization_parameters": {"prompt": "none", "colour": "red"}, "request_id": "r1"})
    );
    assert_eq!(Gare::from_value(&gare.to_value(true)), Some(gare));
}

#[test]
fn are_said_to_people_in_one_line() {
    let consent = AuthorizationParameters::default()
        .with_session_message("Please\nconsent\u{1b}[2J")
        .with_required_scopes(["a", "b[c]"]);
    assert_eq!(
        Gare::new(CONSENT_REQUIRED, consent).to_string(),
        "ConsentRequired: Please consent [2J (needs consent to a and b[c])"
    );
    let session = AuthorizationParameters::default()
        .with_session_required_identities(["i", "j"])
        .with_session_required_policies(["p"])
        .with_session_required_single_domain(["a.edu", "b.edu"])
        .with_session_required_mfa(true);
    assert_eq!(
        Gare::new(AUTHORIZATION_REQUIRED, session).to_string(),
        "AuthorizationRequired (needs a login as i and j, a login that meets policy p, \
         a login with an identity of a.edu or b.edu, a second factor)"
    );
    let any = Gare::new("X", AuthorizationParameters::default().with_session_required_mfa(false));
    assert_eq!(any.to_string(), "X (needs a new login)");
}
