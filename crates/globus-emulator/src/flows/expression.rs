//! The expression language of flows: Python's expressions, evaluated over the state of a run.
//!
//! Only what is listed in [`ast`] can be written, only the functions of [`functions`] and the methods of
//! [`methods`] can be called, and nothing can be changed. Text, depth, work and the size of values have limits.

mod ast;
mod eval;
mod functions;
mod lexer;
mod methods;
mod number;
mod operators;
mod parser;
mod text;
mod value;

use serde_json::{Map, Value as Json};

pub(crate) use ast::Expr;
pub(crate) use value::Value;

/// The longest expression, in characters.
const LONGEST: usize = 10_000;

/// Why an expression cannot be read or has no value, in Python's terms.
///
/// ```
/// use globus_emulator::expression::check;
///
/// let fault = check("1 +").unwrap_err();
/// assert_eq!(fault.kind(), "SyntaxError");
/// assert_eq!(fault.to_string(), "SyntaxError: the end has no place here");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct Fault {
    /// The name of the exception that Python would raise.
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl Fault {
    /// Gives the name of the exception that Python would raise, `KeyError` say; `FeatureNotAvailable` for what Python has
    /// and the language has not, `LimitExceeded` for what would take too much.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    fn new(kind: &'static str, message: impl Into<String>) -> Fault {
        Fault { kind, message: message.into() }
    }

    fn syntax(message: impl Into<String>) -> Fault {
        Fault::new("SyntaxError", message)
    }

    fn of_type(message: impl Into<String>) -> Fault {
        Fault::new("TypeError", message)
    }

    fn of_value(message: impl Into<String>) -> Fault {
        Fault::new("ValueError", message)
    }

    /// Something that Python has, and flows have not.
    fn unsupported(what: impl Into<String>) -> Fault {
        Fault::new("FeatureNotAvailable", what)
    }

    /// A limit that keeps one expression from taking the whole machine.
    fn limit(message: impl Into<String>) -> Fault {
        Fault::new("LimitExceeded", message)
    }
}

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Expr, Fault> {
    let text = text.trim();
    if text.chars().count() > LONGEST {
        return Err(Fault::limit(format!("an expression has at most {LONGEST} characters")));
    }
    parser::parse(lexer::tokens(text)?)
}

/// Evaluates an expression over the state of a run and its context.
pub(crate) fn evaluate(expression: &Expr, state: &Map<String, Json>, context: &Json) -> Result<Json, Fault> {
    eval::Evaluator::new(state, context).run(expression)?.to_json()
}

#[cfg(test)]
mod tests;
