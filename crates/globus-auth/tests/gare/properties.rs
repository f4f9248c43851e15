//! What holds for every document that a service could send.

use globus_auth::{
    consents::{Consent, ConsentForest},
    gare::Gare,
};
use globus_core::Scope;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::consents::consent;

/// Arbitrary JSON, with the names and words that matter often enough to be looked into.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("ConsentRequired".to_owned()),
        Just("dependent_consent_required".to_owned()),
        Just("login".to_owned()),
        Just("a,b".to_owned()),
        ".{0,8}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "code",
        "authorization_parameters",
        "session_message",
        "session_required_identities",
        "session_required_policies",
        "session_required_single_domain",
        "session_required_mfa",
        "required_scopes",
        "required_scope",
        "prompt",
        "message",
        "description",
        "error",
        "errors",
        "unapproved_scopes",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => ".{0,8}"]
}

/// Documents that nearly always have one of the forms.
fn near_gare() -> impl Strategy<Value = Value> {
    let texts = prop::collection::vec("[a-c]{1,2}", 0..3).prop_map(Value::from);
    let parameters = (texts.clone(), texts, any_json(), name()).prop_map(|(scopes, policies, value, name)| {
        json!({"required_scopes": scopes, "session_required_policies": policies, name: value})
    });
    (parameters, any_json(), name()).prop_map(
        |(parameters, value, name)| json!({"code": "X", "authorization_parameters": parameters, name: value}),
    )
}

/// A forest: the parent of each consent is one before it, or none.
fn consents() -> impl Strategy<Value = Vec<Consent>> {
    let node = (prop::sample::select(vec!["a", "b", "c"]), any::<prop::sample::Index>(), any::<bool>());
    prop::collection::vec(node, 0..10).prop_map(|nodes| {
        let mut paths: Vec<Vec<i64>> = Vec::new();
        let mut consents = Vec::new();
        for (id, (scope_name, parent, is_root)) in (1..).zip(nodes) {
            let mut path = if is_root || paths.is_empty() { Vec::new() } else { parent.get(&paths).clone() };
            path.push(id);
            consents.push(consent(id, scope_name, &path));
            paths.push(path);
        }
        consents
    })
}

/// What "meets" means, said plainly: a recursive walk.
fn meets(forest: &ConsentForest, node: &Consent, scope: &Scope) -> bool {
    node.scope_name == scope.name()
        && scope
            .dependencies()
            .iter()
            .all(|dependency| forest.children(node.id).any(|child| meets(forest, child, dependency)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_never_panics_and_what_was_read_can_be_written_and_read(
        document in prop_oneof![any_json(), near_gare()],
    ) {
        if let Some(gare) = Gare::from_value(&document) {
            let again = Gare::from_value(&gare.to_value(false)).unwrap();
            prop_assert_eq!(again.to_value(true), gare.to_value(false));
            prop_assert!(!gare.to_string().contains(char::is_control));
            // Whatever an unknown member is, no known one is lost to it.
            let whole = gare.to_value(true);
            for (name, value) in gare.authorization_parameters.to_value(false).as_object().unwrap() {
                prop_assert_eq!(&whole["authorization_parameters"][name], value);
            }
        }
    }

    #[test]
    fn combining_loses_no_requirement(documents in prop::collection::vec(near_gare(), 0..6)) {
        let gares: Vec<Gare> = documents.iter().filter_map(Gare::from_value).collect();
        let combined = Gare::combine(gares.clone());
        prop_assert!(combined.len() <= gares.len());
        for gare in &gares {
            let one = &gare.authorization_parameters;
            let met = combined.iter().map(|gare| &gare.authorization_parameters).any(|all| {
                let within = |part: &Option<Vec<String>>, whole: &Option<Vec<String>>| {
                    part.iter().flatten().all(|item| whole.iter().flatten().any(|known| known == item))
                };
                within(&one.required_scopes, &all.required_scopes)
                    && within(&one.session_required_policies, &all.session_required_policies)
                    && within(&one.session_required_identities, &all.session_required_identities)
                    && within(&one.session_required_single_domain, &all.session_required_single_domain)
                    && (one.session_required_mfa != Some(true) || all.session_required_mfa == Some(true))
            });
            prop_assert!(met, "{gare:?} is not in {combined:?}");
        }
    }

    #[test]
    fn a_forest_meets_what_a_plain_walk_says(
        consents in consents(),
        text in prop::sample::select(vec![
            "a", "*b", "a[b]", "a[b c]", "a[*b[c]]", "b[a[c] c]", "c[a[b] b]", "a[b[c] c]", "d", "a[d]", "b[c[a]]",
        ]),
    ) {
        let forest = ConsentForest::new(consents).unwrap();
        let scope = Scope::parse(text).unwrap();
        let expected = forest.roots().any(|root| meets(&forest, root, &scope));
        prop_assert_eq!(forest.meets_scope_requirements(&[scope]), expected);
    }
}
