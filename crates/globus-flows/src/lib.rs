//! Globus Flows for Rust: research automation
