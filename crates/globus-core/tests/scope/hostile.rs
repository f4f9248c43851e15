//! Scopes from outside: deep, long, and multiplying.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use globus_core::scope::{self, Scope, ScopeError};

const DEEP: usize = 100_000;

/// Every operation that would recurse if a scope were a tree.
fn use_in_full(scope: &Scope) {
    let copy = Scope::parse(scope.as_str()).unwrap();
    assert_eq!(&copy, scope);
    assert_eq!(copy.cmp(scope), std::cmp::Ordering::Equal);
    assert_eq!(std::collections::HashSet::from([copy.clone(), scope.clone()]).len(), 1);
    assert_eq!(format!("{copy:?}").len(), copy.to_string().len() + "Scope(\"\")".len());
    assert_eq!(copy.dependencies().len(), 1);
    assert!(copy.with_optional(true).with_dependency("more").is_ok());
    drop(copy);
}

#[test]
fn nested_as_deep_as_the_text_says() {
    let mut text = String::new();
    for level in 0..DEEP {
        write!(text, "{level:x}[").unwrap();
    }
    text.push('z');
    text.push_str(&"]".repeat(DEEP));
    let scope = Scope::parse(&text).unwrap();
    assert_eq!(scope.as_str(), text);
    use_in_full(&scope);
}

#[test]
fn chained_through_top_level_scopes() {
    let mut chain = String::from("0");
    for link in 1..500 {
        write!(chain, " {}[{link}]", link - 1).unwrap();
    }
    // Each of the links is written out down to the last: quadratic, but within the limit at this length.
    let scopes = scope::parse(&chain).unwrap();
    assert_eq!(scopes.len(), 499);
    use_in_full(&scopes[0]);

    for link in 500..DEEP {
        write!(chain, " {}[{link}]", link - 1).unwrap();
    }
    assert!(matches!(scope::parse(&chain), Err(ScopeError::TooLong { .. })));
}

#[test]
fn deep_mistakes() {
    assert!(matches!(scope::parse("a[".repeat(DEEP)), Err(ScopeError::Syntax { .. })));
    assert!(matches!(scope::parse("[".repeat(DEEP)), Err(ScopeError::Syntax { at: 0, .. })));
    assert!(matches!(scope::parse("]".repeat(DEEP)), Err(ScopeError::Syntax { at: 0, .. })));
    let same = format!("{}a{}", "a[".repeat(DEEP), "]".repeat(DEEP));
    assert!(matches!(scope::parse(same), Err(ScopeError::Cycle { .. })));
    let mut wheel = String::new();
    for spoke in 0..DEEP {
        write!(wheel, "{spoke}[{}] ", (spoke + 1) % DEEP).unwrap();
    }
    let Err(ScopeError::Cycle { path, .. }) = scope::parse(wheel) else { panic!("a cycle") };
    assert_eq!(path.len(), DEEP + 1);
    assert_eq!(path.first(), path.last());
}

#[test]
fn shared_nodes_do_not_multiply_without_end() {
    let mut text = String::from("top[a0 b0]");
    for level in 1..64 {
        let above = level - 1;
        write!(text, " a{above}[a{level} b{level}] b{above}[a{level} b{level}]").unwrap();
    }
    let start = Instant::now();
    let error = scope::parse(&text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the scopes take more than 1048576 bytes with all their dependencies written out"
    );
    assert!(start.elapsed() < Duration::from_secs(5));

    let top = Scope::parse("top[a[x y] b[x y]]").unwrap();
    assert_eq!(top.as_str(), "top[a[x y] b[x y]]", "a few repetitions are what it is for");
}

#[test]
fn the_limit_is_exact() {
    const LIMIT: usize = 1 << 20;
    let fits = format!("*{}[b[c]]", "a".repeat(LIMIT - 7));
    assert_eq!(fits.len(), LIMIT);
    assert_eq!(Scope::parse(&fits).unwrap().as_str(), fits);
    assert!(matches!(
        Scope::parse(fits.replace("[c]", "[cc]")),
        Err(ScopeError::TooLong { limit: LIMIT, .. })
    ));
    let optional = format!("*{}", "a".repeat(LIMIT - 1));
    assert!(Scope::parse(&optional).is_ok());
    assert!(Scope::parse(optional + "a").is_err());
    let two = format!("{} b", "a".repeat(LIMIT - 2));
    assert_eq!(scope::serialize(&two).unwrap(), two);
    assert!(matches!(scope::parse(two + "b"), Err(ScopeError::TooLong { .. })));
    let (long, added) = ("a".repeat(LIMIT - 4), "bb");
    assert!(Scope::new(&long).unwrap().with_dependency(added).is_ok());
    assert!(Scope::new(&long).unwrap().with_dependency("bbb").is_err());
}
