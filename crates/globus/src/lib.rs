//! The Globus SDK for Rust: Auth, Transfer and Flows behind one import
