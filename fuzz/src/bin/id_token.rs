//! Id tokens: none that libFuzzer makes up is believed.
#![no_main]

use globus_auth::{IdTokenDecoder, IdTokenError, Secret};
use globus_core::test_util::Reply;
use globus_fuzz::{block_on, client};
use libfuzzer_sys::fuzz_target;

const CONFIGURATION: &str = r#"{"issuer":"https://auth.example.org","jwks_uri":"https://auth.example.org/jwk.json",
    "id_token_signing_alg_values_supported":["RS256","RS512"]}"#;

fuzz_target!(|input: (&str, &str)| {
    let (token, keys) = input;
    let replies = [CONFIGURATION, keys].map(|body| Reply::json(200, body));
    let error = block_on(IdTokenDecoder::new(client(replies)).decode(&Secret::new(token)))
        .expect_err("nobody has signed it");
    assert!(IdTokenError::from_error(&error).is_some() || error.kind() == globus_auth::ErrorKind::Decode);
});
