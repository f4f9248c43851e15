//! End-to-end suites: the SDK and the official clients against the emulator. The snippets of the README and of the
//! guide are tested here.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide.md")]
mod guide {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/submitting.md")]
mod guide_submitting {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/waiting.md")]
mod guide_waiting {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/walking.md")]
mod guide_walking {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/sharing.md")]
mod guide_sharing {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/web-login.md")]
mod guide_web_login {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/login.md")]
mod guide_login {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/flows.md")]
mod guide_flows {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/flows-definitions.md")]
mod guide_flows_definitions {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/emulator.md")]
mod emulator {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/https.md")]
mod guide_https {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/emulator/testing.md")]
mod emulator_testing {}
