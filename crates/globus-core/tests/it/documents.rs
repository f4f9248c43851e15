//! Documents: words from the future.

use crate::common::Colour;

#[test]
fn open_enums_keep_words_from_the_future() {
    let known: Colour = serde_json::from_str(r#""red""#).unwrap();
    assert_eq!(known, Colour::Red);
    let unknown: Colour = serde_json::from_str(r#""green""#).unwrap();
    assert!(matches!(unknown, Colour::Unknown(_)));
    assert_eq!(unknown.as_str(), "green");
    assert_eq!(serde_json::to_string(&unknown).unwrap(), r#""green""#);
    assert_eq!(Colour::from("blue"), Colour::Blue);
    assert!(serde_json::from_str::<Colour>("3").is_err());
}

globus_core::document! {
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct Box {
        #[serde(rename = "DATA_TYPE", default)]
        pub data_type: Option<String>,
        pub name: String,
        #[serde(default)]
        pub toys: Vec<String>,
    }
}

#[test]
fn known_members_are_read_and_the_others_kept() {
    let text =
        r#"{"DATA_TYPE":"box","new":{"a":[1,null]},"name":"red","esc\u0061ped":1,"toys":["x"],"last":null}"#;
    for document in [
        serde_json::from_str::<Box>(text).unwrap(),
        serde_json::from_value(serde_json::from_str(text).unwrap()).unwrap(),
        serde_json::from_reader(text.as_bytes()).unwrap(),
    ] {
        assert_eq!((document.data_type.as_deref(), document.name.as_str()), (Some("box"), "red"));
        assert_eq!(document.toys, ["x"]);
        let kept: Vec<_> = document.extra.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(kept, ["escaped=1", "last=null", r#"new={"a":[1,null]}"#]);
        let written = serde_json::to_value(&document).unwrap();
        assert_eq!(written, serde_json::from_str::<serde_json::Value>(text).unwrap(), "nothing is lost");
    }
    let plain: Box = serde_json::from_str(r#"{"name":"red"}"#).unwrap();
    assert!(plain.extra.is_empty() && plain.toys.is_empty() && plain.data_type.is_none());
    for wrong in ["{}", "[]", r#"["x", "y", []]"#, "3", "null", r#"{"name":3}"#, r#"{"name":"a","name":"b"}"#]
    {
        assert!(serde_json::from_str::<Box>(wrong).is_err(), "{wrong}");
    }
    let error = serde_json::from_str::<Box>(r#"{"toys":[]}"#).unwrap_err().to_string();
    assert!(error.starts_with("missing field `name`"), "{error}");
}
