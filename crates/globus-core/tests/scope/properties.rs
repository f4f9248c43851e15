//! Properties of scopes that hold for any input.

use globus_core::scope::{self, Scope};
use proptest::prelude::*;

/// Text of scopes without cycles: a scope named `a` depends on later letters only.
fn scopes_text() -> impl Strategy<Value = String> {
    fn list(first: u8, depth: u32) -> BoxedStrategy<String> {
        let scope = (first..=b'h', any::<bool>()).prop_flat_map(move |(letter, optional)| {
            let name = format!("{}{}", if optional { "*" } else { "" }, char::from(letter));
            if depth == 0 || letter == b'h' {
                return Just(name).boxed();
            }
            prop_oneof![
                Just(name.clone()),
                list(letter + 1, depth - 1).prop_map(move |inner| format!("{name}[{inner}]")),
            ]
            .boxed()
        });
        prop::collection::vec(scope, 1..4).prop_map(|scopes| scopes.join(" ")).boxed()
    }
    list(b'a', 4)
}

/// The meaning of a text, worked out by other means: the edges, each with whether it is optional.
fn edges(scopes: &[Scope]) -> std::collections::BTreeMap<(String, String), bool> {
    let mut edges = std::collections::BTreeMap::new();
    let mut left: Vec<Scope> = scopes.to_vec();
    while let Some(scope) = left.pop() {
        for dependency in scope.dependencies() {
            let edge = (scope.name().to_owned(), dependency.name().to_owned());
            let known = edges.insert(edge, dependency.is_optional());
            assert!(known.is_none_or(|known| known == dependency.is_optional()), "{scopes:?}");
            left.push(dependency);
        }
    }
    edges
}

proptest! {
    #[test]
    fn a_printed_list_reads_back(text in scopes_text()) {
        let scopes = scope::parse(&text).unwrap();
        let printed = scope::serialize(&scopes).unwrap();
        prop_assert_eq!(&scope::parse(&printed).unwrap(), &scopes);
        for scope in &scopes {
            prop_assert_eq!(&Scope::parse(scope.as_str()).unwrap(), scope);
            let rebuilt = Scope::new(scope.name()).unwrap()
                .with_dependencies(scope.dependencies()).unwrap()
                .with_optional(scope.is_optional());
            prop_assert_eq!(&rebuilt, scope);
        }
    }

    #[test]
    fn merging_is_commutative_associative_and_idempotent(a in scopes_text(), b in scopes_text(), c in scopes_text()) {
        let ab = scope::merge(&a, &b).unwrap();
        prop_assert_eq!(&ab, &scope::merge(&b, &a).unwrap());
        prop_assert_eq!(&ab, &scope::parse(format!("{a} {b}")).unwrap());
        prop_assert_eq!(&ab, &scope::merge(&ab, &a).unwrap());
        prop_assert_eq!(
            scope::merge(&ab, &c).unwrap(),
            scope::merge(&a, scope::merge(&b, &c).unwrap()).unwrap()
        );
    }

    #[test]
    fn merging_keeps_every_edge_and_required_wins(a in scopes_text(), b in scopes_text()) {
        let (parsed_a, parsed_b) = (scope::parse(&a).unwrap(), scope::parse(&b).unwrap());
        let mut expected = edges(&parsed_a);
        for (edge, optional) in edges(&parsed_b) {
            expected.entry(edge).and_modify(|known| *known &= optional).or_insert(optional);
        }
        prop_assert_eq!(edges(&scope::merge(&a, &b).unwrap()), expected);
    }

    #[test]
    fn order_agrees_with_equality(a in scopes_text(), b in scopes_text()) {
        for x in scope::parse(&a).unwrap() {
            for y in scope::parse(&b).unwrap() {
                prop_assert_eq!(x.cmp(&y).is_eq(), x == y);
                prop_assert_eq!(x.cmp(&y), y.cmp(&x).reverse());
            }
        }
    }

    #[test]
    fn no_text_panics(text in "[a-c*\\[\\] ]{0,24}|.{0,24}") {
        if let Ok(scopes) = scope::parse(&text) {
            let printed = scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(scope::parse(printed).unwrap(), scopes);
        }
        if let Ok(scope) = Scope::new(&text) {
            prop_assert_eq!(Scope::parse(&text).unwrap(), scope);
        }
    }
}
