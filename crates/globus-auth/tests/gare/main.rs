//! Requirements errors and consents, from the outside.

mod combine;
mod consents;
mod errors;
mod forms;
mod parameters;
mod properties;
mod table;
