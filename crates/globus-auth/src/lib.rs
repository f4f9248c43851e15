//! Globus Auth for Rust: authorizers, token calls and login clients
