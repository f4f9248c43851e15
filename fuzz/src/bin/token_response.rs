//! Answers of the token endpoint: read or refused, and no secret in what is said about them.
#![no_main]

use globus_core::{ErrorKind, test_util::Reply};
use globus_fuzz::{block_on, client};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let reply = Reply::raw(200, body.to_vec()).header("content-type", "application/json");
    match block_on(client([reply]).oauth2_refresh_token("R").send()) {
        Ok(tokens) => {
            assert_eq!(tokens.tokens().len(), tokens.other_tokens().len() + 1);
            let shown = format!("{tokens:?}");
            for token in tokens.tokens() {
                assert!(tokens.by_resource_server(&token.resource_server).is_some());
                let secret = token.access_token.expose();
                // Short ones may stand in names too.
                assert!(secret.len() < 12 || token.scope.contains(secret) || !shown.contains(secret));
            }
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert!(error.raw_body().is_none() && !error.to_string().contains('\n'));
        }
    }
});
