//! What the documents of the service are read with.

pub(crate) use globus_core::__private::or_default;
