//! The expression language of flows, for tests of expressions without a flow.
//!
//! It is a part of Python's, evaluated over the state of a run; `.=` parameters of a flow hold such expressions.
//!
//! ```
//! use globus_emulator::expression::evaluate;
//! use serde_json::json;
//!
//! let state = json!({"source": {"path": "/data/in/"}, "n": 3});
//! let state = state.as_object().unwrap();
//! assert_eq!(evaluate("pathsplit(source.path.rstrip('/'))[1]", state)?, "in");
//! assert_eq!(evaluate("[i * 2 for i in [n, 4] if i > 3]", state)?, json!([8]));
//! assert_eq!(evaluate("source.size", state).unwrap_err().kind(), "AttributeError");
//! # Ok::<(), globus_emulator::expression::Fault>(())
//! ```

use serde_json::{Map, Value};

use crate::flows::expression as language;
pub use crate::flows::expression::Fault;

/// Tells whether a text is an expression, as a flow with it is told when it is created. Functions and methods are looked
/// for when they are called.
///
/// # Errors
/// [`Fault`] says what is wrong.
pub fn check(expression: &str) -> Result<(), Fault> {
    language::parse(expression).map(drop)
}

/// Evaluates an expression over the state of a run, whose `_context` is a member as any other. Takes bounded time and
/// memory, whatever is written.
///
/// # Errors
/// [`Fault`] says what is wrong with the expression, or what was not there.
pub fn evaluate(expression: &str, state: &Map<String, Value>) -> Result<Value, Fault> {
    let context = state.get("_context").cloned().unwrap_or_default();
    language::evaluate(&language::parse(expression)?, state, &context)
}
