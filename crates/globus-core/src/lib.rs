//! Transport, configuration, errors, retry, paging and scopes that every Globus service client stands on

pub mod scope;
