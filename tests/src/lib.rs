//! End-to-end suites: the SDK and the official clients against the emulator. The guide's snippets are tested here.

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide.md")]
mod guide {}
