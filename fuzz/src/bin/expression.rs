//! Expressions of flows: evaluated by the emulator whatever they hold, in bounded time, and read alike by the SDK.
#![no_main]

#[path = "../../../tests/tests/e2e/expressions/agree.rs"]
mod agree;

use std::sync::LazyLock;

use globus_emulator::expression;
use globus_flows::definition;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

static STATE: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let state = json!({
        "a": {"b": [1, 2, 3], "c": {"d": "deep"}, "name": "file.txt"},
        "items": [{"name": "x", "size": 3}, {"name": "y", "size": 0}],
        "s": "/home/lab/Straße", "n": 7, "f": 2.5, "yes": true, "none": null, "_context": {"run_id": "r"},
    });
    state.as_object().cloned().unwrap_or_default()
});

fuzz_target!(|text: &str| {
    let read = expression::check(text);
    let value = expression::evaluate(text, &STATE);
    if let Err(fault) = read {
        assert_eq!(value, Err(fault), "what cannot be read has no value");
    }
    if let Some(difference) = agree::disagreement(text) {
        panic!("{difference}");
    }
});
