//! Addresses that a browser brings back: none ends a login whose state it does not know.
#![no_main]

use globus_auth::LoginError;
use globus_fuzz::client;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|callback: &str| {
    let client = client([]);
    let (_, flow) = client.oauth2_start_flow("openid").begin().expect("a login");
    // Its state has 22 random characters.
    let error = client.finish(flow, callback).to_request().expect_err("nobody knows the state");
    assert!(LoginError::from_error(&error).is_some());
});
