//! Texts of scopes: what is read is written so that it reads the same.
#![no_main]

use globus_core::scope;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(scopes) = scope::parse(text) else { return };
    if scopes.is_empty() {
        return;
    }
    let written = scope::serialize(&scopes).expect("what was read can be written");
    assert_eq!(scope::parse(&written).expect("what was written can be read"), scopes);
    assert_eq!(scope::merge(&scopes, &scopes).expect("they go together"), scopes);
    assert_eq!(scope::missing(&scopes, &scopes).expect("they can be compared"), []);
});
