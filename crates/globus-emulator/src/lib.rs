//! A local Globus: Auth, Transfer and Flows over HTTP, with real directories and real copies
