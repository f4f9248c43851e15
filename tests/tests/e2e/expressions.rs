//! The expressions of flows, as the SDK checks them and the emulator evaluates them.

mod agree;

use globus::flows::definition;
use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use self::agree::{disagreement, found};

/// What `CPython` made of expressions.
const TABLE: &str = include_str!("../../../crates/globus-emulator/tests/expressions/cpython.json");

fn table() -> Vec<(String, Option<String>)> {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let cases = table["cases"].as_array().unwrap();
    cases.iter().map(|case| (text(&case["expression"]).unwrap(), text(&case["error"]))).collect()
}

#[test]
fn an_expression_is_one_for_python_the_sdk_and_the_emulator() {
    let table = table();
    assert!(table.len() >= 451, "only {} expressions", table.len());
    let mut wrong = Vec::new();
    for (text, error) in table {
        wrong.extend(disagreement(&text));
        let found = found(&text);
        let right = match error.as_deref() {
            None => found.is_none(),
            Some("SyntaxError") => found.is_some(),
            // What goes wrong when it is evaluated may be seen before.
            Some(_) => true,
        };
        if !right {
            wrong.push(format!("{text:?}: Python says {error:?}, the SDK {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_no_expression_is_none_for_both() {
    for text in
        ["", "1 +", "a b", "f(", "a.if", "[x for in y]", "0777", "'\\x4'", "a[", "{'a': }", "len(a=1, 2)"]
    {
        assert!(found(text).is_some(), "{text}");
        assert_eq!(disagreement(text), None);
    }
    // And where they differ, both are as they mean to be.
    for (text, refused_here, refused_there) in [
        ("f'{a}'", false, true),
        ("{1, 2}", false, true),
        ("open('f')", true, false),
        ("len(a)(1)", true, false),
    ] {
        let there = globus_emulator::expression::check(text).is_err();
        assert_eq!((found(text).is_some(), there), (refused_here, refused_there), "{text}");
    }
}

const WORDS: [&str; 74] = [
    "a",
    "b",
    "_c",
    "é",
    "1",
    "0",
    "07",
    "1_0",
    "1.",
    ".5",
    "1e3",
    "0x1f",
    "0b1",
    "'x'",
    "\"y\"",
    "r'\\'",
    "'\\x41'",
    "'''z'''",
    "True",
    "None",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ",",
    ",",
    ":",
    ".",
    "+",
    "-",
    "~",
    "*",
    "/",
    "//",
    "%",
    "**",
    "<",
    "<=",
    "==",
    "!=",
    "|",
    "^",
    "&",
    "<<",
    "=",
    ":=",
    " ",
    "  ",
    "\t",
    "\n",
    "# c\n",
    " in ",
    " not ",
    " and ",
    " or ",
    " if ",
    " else ",
    " for ",
    " is ",
    "lambda ",
    "class",
    "await ",
    "len",
    "str",
    "get",
    "split",
    "is_present",
    "`$.a.b[0]`",
    "@",
    "!",
    "$",
    "...",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    /// Expressions of the table with some characters gone, moved or others.
    #[test]
    fn a_slip_of_the_pen_means_the_same_to_both(
        which in any::<Index>(),
        slips in prop::collection::vec((any::<Index>(), 0..3_u8, "[-+*/.,:=<>()\\[\\]{}'\"`\\\\ \n_#a-fx0-9é]"), 1..3),
    ) {
        let table = table();
        let mut text: Vec<char> = which.get(&table).0.chars().collect();
        for (place, slip, other) in slips {
            let at = place.index(text.len() + 1);
            let other = other.chars().next().unwrap();
            match (slip, at < text.len()) {
                (0, true) => drop(text.remove(at)),
                (1, true) => text[at] = other,
                _ => text.insert(at, other),
            }
        }
        let text: String = text.into_iter().collect();
        prop_assert_eq!(disagreement(&text), None);
    }

    /// Words of the language in any order.
    #[test]
    fn words_in_any_order_mean_the_same_to_both(words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..16)) {
        prop_assert_eq!(disagreement(&words.concat()), None);
    }

    /// The same with blanks between them, which makes more of them expressions.
    #[test]
    fn words_apart_mean_the_same_to_both(words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..8)) {
        prop_assert_eq!(disagreement(&words.join(" ")), None);
    }
}
