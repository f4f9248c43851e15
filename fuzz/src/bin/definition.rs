//! Definitions of flows: checked and drawn whatever they hold, and what can be read is written so that it reads the same.
#![no_main]

use globus_flows::{
    definition::{self, Definition},
    picture::Picture,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|text: &str| {
    // What is no document is an expression and paths of one.
    let document: Value = serde_json::from_str(text).unwrap_or_else(|_| {
        let eval = json!({
            "Type": "ExpressionEval",
            "Parameters": {"a.=": text, "b.$": text},
            "ResultPath": text,
            "Next": text,
        });
        json!({"StartAt": "A", "States": {"A": eval}})
    });
    let _ = definition::validate(&document, None);
    if let Ok(definition) = Definition::from_value(&document) {
        let written = definition.to_value();
        assert_eq!(Definition::from_value(&written).expect("what was written can be read"), definition);
        let picture = Picture::new(&definition);
        assert!(picture.to_mermaid().starts_with("flowchart TD"));
        assert!(picture.to_svg().ends_with("</svg>\n"));
    }
});
