use serde_json::{Value as Json, json};

use super::*;

fn run(text: &str, state: &Json) -> Result<Json, Fault> {
    let context = json!({"run_id": "r1"});
    evaluate(&parse(text)?, state.as_object().unwrap(), &context)
}

/// What `CPython` made of the same expressions: `tests/expressions/cpython.py` writes and checks it.
#[test]
fn agrees_with_cpython() {
    let table: Json = serde_json::from_str(include_str!("../../../tests/expressions/cpython.json")).unwrap();
    let state = &table["state"];
    let cases = table["cases"].as_array().unwrap();
    assert!(cases.len() >= 200, "only {} expressions", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let text = case["expression"].as_str().unwrap();
        let ours = run(text, state);
        let agrees = match (&ours, case.get("error")) {
            (Ok(value), None) => *value == case["value"] && value.is_f64() == case["value"].is_f64(),
            (Err(fault), Some(kind)) => kind == fault.kind,
            _ => false,
        };
        if !agrees {
            wrong.push(format!("{text}\n    here: {ours:?}\n    CPython: {case}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn has_what_flows_add_to_python() {
    let state = json!({
        "source": {"id": "s", "path": "/data/in/"},
        "list": [{"name": "a"}, {"name": "b"}],
        "_private_x": {"key": 1},
        "none": null,
    });
    for (text, expected) in [
        ("`$.source.path` + 'x'", json!("/data/in/x")),
        ("[`$.list[0].name`, `$.list[*].name`]", json!(["a", ["a", "b"]])),
        ("is_present('source.path')", json!(true)),
        ("is_present('list[1].name') and not is_present('list[2].name')", json!(true)),
        ("is_present('nothing.at.all')", json!(false)),
        ("is_present('none')", json!(true)),
        ("is_present('_context.run_id')", json!(true)),
        ("getattr('source.path')", json!("/data/in/")),
        ("getattr('source.size')", json!(null)),
        ("getattr('source.size', 7)", json!(7)),
        ("getattr('source.size', default='x')", json!("x")),
        ("pathsplit('/~/path')", json!(["/~/", "path"])),
        ("pathsplit(source.path.rstrip('/'))[1]", json!("in")),
        ("_context.run_id + str(_private_x.key)", json!("r11")),
        ("[f.name for f in list if f.name != 'a']", json!(["b"])),
        ("0 <= rand() < 1 and randint(5) < 5", json!(true)),
        ("source.path.split('/')[-2]", json!("in")),
    ] {
        assert_eq!(run(text, &state), Ok(expected), "{text}");
    }
}

#[test]
fn has_nothing_that_reaches_out() {
    let state = json!({"a": {"b": 1}, "l": [1], "s": "x"});
    for text in [
        "__import__('os')",
        "open('/etc/passwd')",
        "eval('1')",
        "a.__class__",
        "s.__class__",
        "s.format(1)",
        "s.format_map({})",
        "(lambda: 1)()",
        "f'{a}'",
        "b'x'",
        "{1, 2}",
        "l.append(2)",
        "[*l]",
        "str(*l)",
        "x := 1",
        "a = 1",
        "a; a",
        "a.b()",
        "str",
        "s % 1",
        "yield 1",
        "await s",
        "\"\\N{DASH}\"",
    ] {
        let fault = run(text, &state).expect_err(text);
        assert!(!fault.message.is_empty(), "{text}");
    }
}

#[test]
fn every_limit_holds() {
    let state = json!({"n": 3, "l": (0..5000).collect::<Vec<i32>>(), "s": "x".repeat(5000)});
    for text in [
        "9 ** 9 ** 9",
        "2 ** 127",
        "1 << 4000",
        "'x' * 1000000",
        "[0] * 1000000",
        "s * 1000",
        "[x for x in l for y in l]",
        "[1 for x in l if [1 for y in l if False]]",
        "s.replace('x', s)",
        "'x'.ljust(10 ** 9)",
        "'x'.zfill(10 ** 30)",
        "s.join([s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s])",
        &format!("{}1{}", "(".repeat(4000), ")".repeat(4000)),
        &"[".repeat(9000),
        &"-".repeat(9000),
        &"not ".repeat(2000),
        &format!("1{}", " + 1".repeat(2000)),
        &format!("n{}", ".a".repeat(2000)),
        &format!("1{}", "**1".repeat(2000)),
        &format!("1{}", " if 1 else 1".repeat(800)),
        &format!("'{}'", "x".repeat(20_000)),
        &format!("[x for {}x{} in l]", "(".repeat(2000), ")".repeat(2000)),
        "1e400 > 0 and 99999999999999999999999999999999999999999999",
    ] {
        let shown: String = text.chars().take(60).collect();
        let fault = run(text, &state).expect_err(&shown);
        assert!(matches!(fault.kind, "LimitExceeded" | "SyntaxError"), "{shown}: {fault}");
    }
}

#[test]
fn says_what_is_wrong_and_where() {
    let state = json!({"a": {"b": 1}});
    for (text, kind, part) in [
        ("", "SyntaxError", "empty"),
        ("1 +", "SyntaxError", "the end"),
        ("a b", "SyntaxError", "b has no place here"),
        ("'x", "SyntaxError", "never closed"),
        ("`$.a", "SyntaxError", "never closed"),
        ("`a.b`", "SyntaxError", "must start with '$.'"),
        ("a.c", "AttributeError", "'c'"),
        ("c", "NameError", "'c' is not defined"),
        ("`$.c`", "KeyError", "$.c"),
        ("a['c']", "KeyError", "'c'"),
        ("a.b.c", "AttributeError", "'int' object"),
        ("foo(1)", "NameError", "'foo'"),
        ("1 / 0", "ZeroDivisionError", "zero"),
    ] {
        let fault = run(text, &state).unwrap_err();
        assert_eq!(fault.kind, kind, "{text}: {fault}");
        assert!(fault.message.contains(part), "{text}: {fault}");
    }
}

#[test]
fn names_are_those_that_the_state_must_have() {
    let names = |text: &str| {
        let expression = parse(text).unwrap();
        let mut names = Vec::new();
        expression.names(&mut |name| names.push(name.to_owned()));
        names
    };
    assert_eq!(names("a.b + c[0] if len(d) else e.f('x')"), ["d", "a", "c", "e"]);
    assert_eq!(names("[x + y for x in xs for y in x.ys if z]"), ["xs", "z"]);
    assert_eq!(names("`$.a` or is_present('b')"), Vec::<String>::new());
}

proptest::proptest! {
    /// Whatever is written, there is an answer or a fault, soon.
    #[test]
    fn no_text_makes_it_panic(text in "[-+*/%<>=!~&|^().,:;\\[\\]{}'\"`\\\\ \na-c0-9_$éfrotindsle]{0,60}") {
        let _ = run(&text, &json!({"a": {"b": [1, 2.5, "x"]}, "c": null, "b": "text"}));
    }

    /// The same, with text that is nearer to what people write.
    #[test]
    fn no_expression_makes_it_panic(parts in proptest::collection::vec(proptest::sample::select(vec![
        "a", "b", "c", "1", "-1", "2.5", "'x'", "True", "None", "[", "]", "(", ")", "{", "}", ",", ":", ".", "+", "-",
        "*", "/", "//", "%", "**", "<", "==", " in ", " not ", " and ", " or ", " if ", " else ", " for ", " is ", "~",
        "<<", ">>", "|", "split", "join", "get", "len", "str", "int", "float", "is_present", "'a.b'", "`$.a.b[0]`", "x", "=",
        "0", "99999999999999999999", "1e308", "replace", "center", "zfill",
    ]), 0..24)) {
        let text = parts.concat();
        let _ = run(&text, &json!({"a": {"b": [1, 2.5, "x"]}, "c": null, "b": "text"}));
    }
}
