//! Apps, over a Globus in a box, a clock turned by hand and time that jumps.

mod client;
mod gare;
mod login;
mod logout;
mod renewal;
mod setup;
mod stress;
mod town;
mod validation;
