//! Requirements of a login, in whatever form a service says them: the canonical form says the same again.
#![no_main]

use globus_auth::gare::Gare;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &[u8]| {
    let Ok(document) = serde_json::from_slice::<Value>(text) else { return };
    let Some(gare) = Gare::from_value(&document) else { return };
    let canonical = gare.to_value(true);
    let again = Gare::from_value(&canonical).expect("the canonical form is one");
    assert_eq!(again.to_value(true), canonical);
});
