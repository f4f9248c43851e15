//! Globus Transfer for Rust: collections, listings, transfers and their tasks
