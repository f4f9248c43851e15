//! Tokens in environment variables, each case in a process of its own.

use serde_json::json;

use crate::{child, fixture::token};

fn says(variables: &[(&str, &str)]) -> Vec<String> {
    child::finish(child::spawn("environment", variables))
}

fn document() -> String {
    json!({
        "data": {"DEFAULT": {"a": token("a", 1), "b": token("b", 1)}, "other": {"c": token("c", 1)}},
        "format_version": "2.0",
        "globus-sdk.version": "4.9.0",
    })
    .to_string()
}

#[test]
fn reads_documents_and_single_tokens() {
    let nothing: [String; 0] = [];
    assert_eq!(says(&[]), nothing);
    assert_eq!(says(&[("TOKEN", ""), ("DOCUMENT", " ")]), nothing);
    assert_eq!(says(&[("TOKEN", "Ag1\n")]), ["a Ag1 scope:a scope:b"]);
    assert_eq!(
        says(&[("DOCUMENT", &document())]),
        ["a access-a-1 scope:a scope:b", "b access-b-1 scope:a scope:b", "c access-c-1 scope:a scope:b"]
    );
}

#[test]
fn the_variable_named_last_counts() {
    assert_eq!(says(&[("TOKEN", "Ag1"), ("DOCUMENT", &document())])[0], "a Ag1 scope:a scope:b");
}

#[test]
fn says_which_variable_is_wrong_and_not_what_it_holds() {
    for (variable, value, problem) in [
        ("TOKEN", "{\"SECRET\": 1}", "holds a document where one access token was expected"),
        (
            "DOCUMENT",
            "SECRET",
            "is not the text of a token file: it is not JSON: expected value at line 1 column 1",
        ),
        ("DOCUMENT", "\"SECRET\"", "is not the text of a token file: it is JSON, but not an object"),
        ("DOCUMENT", r#"{"format_version":"9"}"#, "has format version \"9\", but only 1.0 and 2.0 are known"),
        (
            "DOCUMENT",
            r#"{"format_version":"2.0","data":{"DEFAULT":{"a":{"resource_server":["SECRET"]}}}}"#,
            "is not the text of a token file: record \"a\" of namespace \"DEFAULT\": member \"resource_server\" is \
             not a string",
        ),
    ] {
        let expected = format!("environment variable STORAGE_TEST_{variable}: {problem}");
        assert_eq!(says(&[(variable, value)]), [expected]);
    }
}
