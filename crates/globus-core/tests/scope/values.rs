//! Scopes: grammar, merging, and the value itself.

use std::collections::HashSet;

use globus_core::scope::{self, IntoScopes, Scope, ScopeError};

fn texts(scopes: &[Scope]) -> Vec<&str> {
    scopes.iter().map(Scope::as_str).collect()
}

fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

#[test]
fn accepted_texts() {
    let rows: &[(&str, &[&str])] = &[
        ("", &[]),
        ("   ", &[]),
        ("foo bar", &["bar", "foo"]),
        (" foo  bar ", &["bar", "foo"]),
        ("foo\tbar\nbaz", &["bar", "baz", "foo"]),
        ("foo[bar *baz]", &["foo[bar *baz]"]),
        ("foo[bar[baz]]", &["foo[bar[baz]]"]),
        ("foo[ bar ]", &["foo[bar]"]),
        ("a[b *c[d]]", &["a[b *c[d]]"]),
        ("  a[b *c[d]]", &["a[b *c[d]]"]),
        ("*foo", &["*foo"]),
        ("*foo[bar]", &["*foo[bar]"]),
        ("foo[bar] baz[qux]", &["baz[qux]", "foo[bar]"]),
        ("foo[bar[baz] ]", &["foo[bar[baz]]"]),
        (
            "openid urn:globus:auth:scope:x:all[*https://h/s/d]",
            &["openid", "urn:globus:auth:scope:x:all[*https://h/s/d]"],
        ),
        ("föö[bär]", &["föö[bär]"]),
    ];
    for (text, expected) in rows {
        assert_eq!(texts(&scope::parse(text).unwrap()), *expected, "{text:?}");
    }
}

#[test]
fn merged_texts() {
    let rows: &[(&str, &[&str])] = &[
        ("foo foo", &["foo"]),
        ("foo[bar] foo[baz]", &["foo[bar baz]"]),
        ("foo foo[bar]", &["foo[bar]"]),
        ("foo[qux[bar] bar]", &["foo[bar qux[bar]]"]),
        ("foo[bar] bar[baz]", &["bar[baz]", "foo[bar[baz]]"]),
        ("foo[bar] *bar[*baz]", &["*bar[*baz]", "foo[bar[*baz]]"]),
        ("foo[bar *bar]", &["foo[bar]"]),
        ("foo[*bar] foo[bar]", &["foo[bar]"]),
        ("foo[bar] foo[*bar]", &["foo[bar]"]),
        ("foo[*bar] foo[*bar]", &["foo[*bar]"]),
        ("foo[*bar] baz[bar]", &["baz[bar]", "foo[*bar]"]),
        ("*foo foo", &["foo", "*foo"]),
        ("foo *foo[bar]", &["foo[bar]", "*foo[bar]"]),
        ("foo[bar[x]] foo[bar[y]]", &["foo[bar[x y]]"]),
    ];
    for (text, expected) in rows {
        assert_eq!(texts(&scope::parse(text).unwrap()), *expected, "{text:?}");
    }
}

#[test]
fn refused_texts() {
    let rows = [
        (
            "foo*",
            "invalid scope string at byte 3 (before \"*\"): `*` must stand before a name, after a blank or a `[`",
        ),
        (
            "foo*bar",
            "invalid scope string at byte 3 (before \"*bar\"): `*` must stand before a name, after a blank or a `[`",
        ),
        (
            "* foo",
            "invalid scope string at byte 0 (before \"* foo\"): `*` must be followed by the name of a scope directly",
        ),
        (
            "**foo",
            "invalid scope string at byte 0 (before \"**foo\"): `*` must be followed by the name of a scope directly",
        ),
        (
            "foo[*]",
            "invalid scope string at byte 4 (before \"*]\"): `*` must be followed by the name of a scope directly",
        ),
        (
            "foo [bar]",
            "invalid scope string at byte 4 (before \"[bar]\"): `[` must follow the name of a scope directly, without a blank",
        ),
        (
            "foo[bar] [baz]",
            "invalid scope string at byte 9 (before \"[baz]\"): `[` must follow the name of a scope directly, without a blank",
        ),
        ("foo[]", "invalid scope string at byte 3 (before \"[]\"): empty brackets"),
        ("foo[ ]", "invalid scope string at byte 3 (before \"[ ]\"): empty brackets"),
        (
            "[foo]",
            "invalid scope string at byte 0 (before \"[foo]\"): `[` without the name of a scope before it",
        ),
        (
            "foo[[bar]]",
            "invalid scope string at byte 4 (before \"[bar]]\"): a second `[` without a scope between",
        ),
        (
            "foo[bar]baz",
            "invalid scope string at byte 8 (before \"baz\"): `]` must be followed by a blank, another `]` or the end",
        ),
        (
            "foo[bar]*baz",
            "invalid scope string at byte 8 (before \"*baz\"): `]` must be followed by a blank, another `]` or the end",
        ),
        (
            "foo[bar][baz]",
            "invalid scope string at byte 8 (before \"[baz]\"): `]` must be followed by a blank, another `]` or the end",
        ),
        ("foo[bar", "invalid scope string at byte 3 (before \"[bar\"): `[` is never closed"),
        ("foo[", "invalid scope string at byte 3 (before \"[\"): `[` is never closed"),
        ("foo]", "invalid scope string at byte 3 (before \"]\"): `]` without a `[` before it"),
        ("foo[bar] ]", "invalid scope string at byte 9 (before \"]\"): `]` without a `[` before it"),
        (
            "fo\u{1}o",
            "invalid scope string at byte 2 (before \"\\u{1}o\"): a name has no blank, control character, `*`, `[` or `]`",
        ),
        (
            "é *",
            "invalid scope string at byte 3 (before \"*\"): `*` must be followed by the name of a scope directly",
        ),
    ];
    for (text, message) in rows {
        assert_eq!(scope::parse(text).unwrap_err().to_string(), message, "{text:?}");
    }
}

#[test]
fn cycles_are_refused_with_their_path() {
    let rows = [
        ("foo[foo]", "foo -> foo"),
        ("*foo[foo]", "foo -> foo"),
        ("foo[bar[foo]]", "foo -> bar -> foo"),
        ("foo[bar] bar[foo]", "bar -> foo -> bar"),
        ("a[b[c[d]]] d[b]", "b -> c -> d -> b"),
    ];
    for (text, path) in rows {
        let error = scope::parse(text).unwrap_err();
        assert!(matches!(error, ScopeError::Cycle { .. }), "{text:?}");
        assert_eq!(
            error.to_string(),
            format!("the scopes depend on each other in a cycle: {path}"),
            "{text:?}"
        );
    }
    assert!(matches!(scope::merge("foo[bar]", "bar[foo]"), Err(ScopeError::Cycle { .. })));
    assert!(matches!(scope("foo[bar]").with_dependency("bar[foo]"), Err(ScopeError::Cycle { .. })));
    assert!(matches!(["foo[bar]", "bar[foo]"].into_scopes(), Err(ScopeError::Cycle { .. })));
}

#[test]
fn plain_names() {
    assert_eq!(Scope::new("urn:x:all").unwrap().as_str(), "urn:x:all");
    let rows = [
        ("", "invalid scope name \"\" at byte 0: a name has at least one character"),
        (
            "a b",
            "invalid scope name \"a b\" at byte 1: a name has no blank, control character, `*`, `[` or `]`",
        ),
        (
            "a[b]",
            "invalid scope name \"a[b]\" at byte 1: a name has no blank, control character, `*`, `[` or `]`",
        ),
        (
            "*a",
            "invalid scope name \"*a\" at byte 0: a name has no blank, control character, `*`, `[` or `]`",
        ),
        (
            "a]",
            "invalid scope name \"a]\" at byte 1: a name has no blank, control character, `*`, `[` or `]`",
        ),
        (
            "a\u{7f}",
            "invalid scope name \"a\\u{7f}\" at byte 1: a name has no blank, control character, `*`, `[` or `]`",
        ),
    ];
    for (name, message) in rows {
        assert_eq!(Scope::new(name).unwrap_err().to_string(), message, "{name:?}");
    }
    let long = "a".repeat(1000) + " ";
    assert!(Scope::new(long).unwrap_err().to_string().len() < 200);
}

#[test]
fn parse_takes_exactly_one() {
    assert_eq!(scope(" *foo[bar] ").as_str(), "*foo[bar]");
    assert_eq!(scope("foo foo[bar]").as_str(), "foo[bar]");
    assert_eq!(Scope::parse("").unwrap_err().to_string(), "expected exactly one scope, found 0");
    assert_eq!(Scope::parse("a b c").unwrap_err().to_string(), "expected exactly one scope, found 3");
    assert_eq!(Scope::parse("a *a").unwrap_err().to_string(), "expected exactly one scope, found 2");
    assert!("a[".parse::<Scope>().is_err());
    assert_eq!("a[b]".parse::<Scope>().unwrap(), scope("a[b]"));
}

#[test]
fn accessors() {
    let plain = scope("foo");
    assert_eq!((plain.name(), plain.is_optional(), plain.dependencies()), ("foo", false, vec![]));
    let nested = scope("*foo[bar[x y[z]] *baz qux[*z]]");
    assert_eq!((nested.name(), nested.is_optional()), ("foo", true));
    let dependencies = nested.dependencies();
    assert_eq!(texts(&dependencies), ["bar[x y[z]]", "*baz", "qux[*z]"]);
    assert_eq!(texts(&dependencies[0].dependencies()), ["x", "y[z]"]);
    assert!(dependencies[1].is_optional());
    assert_eq!(dependencies[1].name(), "baz");
}

#[test]
fn changed_copies() {
    let foo = scope("foo");
    let with_one = foo.with_dependency("*bar").unwrap();
    assert_eq!(with_one.as_str(), "foo[*bar]");
    assert_eq!(foo.as_str(), "foo", "the original stays");
    assert_eq!(with_one.with_dependency(scope("bar[x]")).unwrap().as_str(), "foo[bar[x]]");
    let a = scope("a");
    assert_eq!(with_one.with_dependency(&a).unwrap().as_str(), "foo[a *bar]");
    assert_eq!(with_one.with_dependency(String::from(a)).unwrap().as_str(), "foo[a *bar]");
    assert_eq!(foo.with_dependencies(["x", "a[b]", "*x"]).unwrap().as_str(), "foo[a[b] x]");
    assert_eq!(scope("*foo[a]").with_dependencies("x y").unwrap().as_str(), "*foo[a x y]");
    assert_eq!(foo.with_dependencies("").unwrap(), foo);
    assert!(matches!(foo.with_dependency("a b"), Err(ScopeError::NotOne { found: 2, .. })));
    assert!(matches!(foo.with_dependency("foo"), Err(ScopeError::Cycle { .. })));

    let optional = scope("foo[bar]").with_optional(true);
    assert_eq!(optional.as_str(), "*foo[bar]");
    assert_eq!(optional.with_optional(true), optional);
    assert_eq!(optional.with_optional(false), scope("foo[bar]"));
    assert_eq!(foo.with_optional(false), foo);
}

#[test]
fn equality_and_order() {
    assert_eq!(scope("foo[b a]"), scope("foo[a b]"));
    assert_ne!(scope("foo"), scope("*foo"));
    assert_ne!(scope("foo[a]"), scope("foo[*a]"));
    assert_eq!(HashSet::from([scope("foo[b a]"), scope("foo[a b]"), scope("foo")]).len(), 2);
    let mut scopes = ["b", "*a", "a[x]", "a-b", "a", "*a[x]"].map(scope);
    scopes.sort();
    assert_eq!(texts(&scopes), ["a", "a[x]", "*a", "*a[x]", "a-b", "b"]);
}

#[test]
fn printed_forms() {
    assert_eq!(scope("foo[b  *a]").to_string(), "foo[*a b]");
    assert_eq!(format!("{:?}", scope("foo[bar]")), "Scope(\"foo[bar]\")");
    assert_eq!(format!("{:>5}", scope("foo")), "  foo");
    assert_eq!(String::from(scope("foo")), "foo");
}

#[test]
fn serde_as_string() {
    let scopes = scope::parse("foo[*bar] openid").unwrap();
    let json = serde_json::to_string(&scopes).unwrap();
    assert_eq!(json, r#"["foo[*bar]","openid"]"#);
    assert_eq!(serde_json::from_str::<Vec<Scope>>(&json).unwrap(), scopes);
    let error = serde_json::from_str::<Scope>(r#""foo[""#).unwrap_err();
    assert!(error.to_string().contains("`[` is never closed"), "{error}");
}

#[test]
fn lists() {
    assert_eq!(scope::serialize("openid email openid").unwrap(), "email openid");
    assert_eq!(scope::serialize([scope("foo[a]"), scope("foo[b]")]).unwrap(), "foo[a b]");
    assert_eq!(
        scope::serialize(Vec::<Scope>::new()).unwrap_err().to_string(),
        "expected at least one scope, found none"
    );
    assert_eq!(scope::serialize(" ").unwrap_err(), ScopeError::Empty);
    assert_eq!(texts(&scope::merge("foo", "*foo[bar]").unwrap()), ["foo[bar]", "*foo[bar]"]);
    assert_eq!(texts(&scope::merge(vec![scope("foo[*bar]")], "foo[bar]").unwrap()), ["foo[bar]"]);
    assert_eq!(scope::merge("", "").unwrap(), []);
}

#[test]
fn everything_that_stands_for_scopes() {
    fn check(scopes: impl IntoScopes) {
        assert_eq!(texts(&scopes.into_scopes().unwrap()), ["bar", "foo"]);
    }
    let (foo, bar) = (scope("foo"), scope("bar"));
    let text = String::from("foo bar");
    let vec = vec![foo.clone(), bar.clone()];
    check("foo bar");
    check(&text);
    check(text);
    check(["foo", "bar"]);
    check(["foo bar"]);
    check(["foo".to_owned(), "bar".to_owned()]);
    check(vec!["foo", "bar"]);
    check([foo.clone(), bar.clone()]);
    check(&[foo.clone(), bar.clone()]);
    check(&vec);
    check(vec.as_slice());
    check(vec.clone());
    assert_eq!(foo.clone().into_scopes().unwrap(), [scope("foo")]);
    assert_eq!((&foo).into_scopes().unwrap(), [scope("foo")]);
}

#[test]
fn what_is_missing_is_named_whole() {
    let rows: &[(&str, &str, &str)] = &[
        ("openid profile", "openid profile email", ""),
        ("openid profile", "openid", "profile"),
        ("a", "ab", "a"),
        ("a[b]", "a", "a[b]"),
        ("a[b c]", "a[b] c", "a[b c]"),
        ("a[b c]", "a[c b d]", ""),
        // Asked for all the same, so it counts; whether it is optional does not matter.
        ("a[*b]", "a", "a[*b]"),
        ("a[*b]", "a[b]", ""),
        ("a[b]", "*a[*b]", ""),
        ("*a[b]", "", ""),
        ("a *a", "", "a"),
        ("a[b[c]]", "a[b] b", "a[b[c]]"),
        ("a[b[c]] d[b]", "a[b[c]]", "d[b[c]]"),
        ("a[b[c]] d", "d a[b[c]]", ""),
        ("", "a", ""),
    ];
    for (required, granted, expected) in rows {
        let missing = scope::missing(*required, *granted).unwrap();
        assert_eq!(texts(&missing).join(" "), *expected, "{required} of {granted}");
    }
    assert!(scope::missing("a[", "a").is_err() && scope::missing("a", "a[").is_err());
    // As deep as it may be, without a crash.
    let deep = |last: &str| {
        let names: Vec<String> = (0..50_000).map(|number| format!("n{number}[")).collect();
        format!("{}{last}{}", names.concat(), "]".repeat(50_000))
    };
    assert_eq!(scope::missing(deep("x"), deep("x")).unwrap(), []);
    assert_eq!(scope::missing(deep("x"), deep("y")).unwrap().len(), 1);
}
