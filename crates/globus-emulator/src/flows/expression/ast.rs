//! What an expression can be made of.

use super::super::path::Path;
use super::value::Value;

/// An expression. Whatever is not here cannot be written in a flow.
#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Constant(Value),
    Name(String),
    /// A reference between backticks: `` `$.a.b[0]` ``.
    Path(Path),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    Dict(Vec<(Expr, Expr)>),
    Comprehension {
        element: Box<Expr>,
        /// The value of a dict comprehension, whose `element` is the key.
        value: Option<Box<Expr>>,
        clauses: Vec<Clause>,
    },
    Attribute(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    Slice(Box<Expr>, [Option<Box<Expr>>; 3]),
    Call {
        function: Box<Expr>,
        arguments: Vec<Expr>,
        keywords: Vec<(String, Expr)>,
    },
    Unary(Unary, Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    Compare(Box<Expr>, Vec<(Compare, Expr)>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Conditional {
        test: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
}

/// `for targets in source if conditions`.
#[derive(Debug, Clone)]
pub(crate) struct Clause {
    pub(super) target: Target,
    pub(super) source: Expr,
    pub(super) conditions: Vec<Expr>,
}

/// What a comprehension assigns to.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Name(String),
    Tuple(Vec<Target>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unary {
    Not,
    Minus,
    Plus,
    Invert,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
}

impl Binary {
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Multiply => "*",
            Binary::Divide => "/",
            Binary::FloorDivide => "//",
            Binary::Modulo => "%",
            Binary::Power => "**",
            Binary::BitAnd => "&",
            Binary::BitOr => "|",
            Binary::BitXor => "^",
            Binary::ShiftLeft => "<<",
            Binary::ShiftRight => ">>",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
    Is,
    IsNot,
}

impl Expr {
    /// Calls `found` with every name that the state has to supply, and the attributes that follow it.
    pub(crate) fn names<'a>(&'a self, found: &mut dyn FnMut(&'a str)) {
        self.free_names(&mut Vec::new(), found);
    }

    fn free_names<'a>(&'a self, bound: &mut Vec<&'a str>, found: &mut dyn FnMut(&'a str)) {
        match self {
            Expr::Constant(_) | Expr::Path(_) => {}
            Expr::Name(name) if bound.contains(&name.as_str()) => {}
            Expr::Name(name) => found(name),
            Expr::List(items) | Expr::Tuple(items) | Expr::And(items) | Expr::Or(items) => {
                for item in items {
                    item.free_names(bound, found);
                }
            }
            Expr::Dict(entries) => {
                for (key, value) in entries {
                    key.free_names(bound, found);
                    value.free_names(bound, found);
                }
            }
            Expr::Comprehension { element, value, clauses } => {
                let before = bound.len();
                for clause in clauses {
                    clause.source.free_names(bound, found);
                    clause.target.names(bound);
                    for condition in &clause.conditions {
                        condition.free_names(bound, found);
                    }
                }
                element.free_names(bound, found);
                if let Some(value) = value {
                    value.free_names(bound, found);
                }
                bound.truncate(before);
            }
            Expr::Attribute(inner, _) | Expr::Unary(_, inner) => inner.free_names(bound, found),
            Expr::Index(left, right) | Expr::Binary(_, left, right) => {
                left.free_names(bound, found);
                right.free_names(bound, found);
            }
            Expr::Slice(inner, bounds) => {
                inner.free_names(bound, found);
                for part in bounds.iter().flatten() {
                    part.free_names(bound, found);
                }
            }
            Expr::Call { function, arguments, keywords } => {
                // A bare name that is called is a function, not something of the state.
                if let Expr::Attribute(inner, _) = &**function {
                    inner.free_names(bound, found);
                }
                for argument in arguments.iter().chain(keywords.iter().map(|(_, value)| value)) {
                    argument.free_names(bound, found);
                }
            }
            Expr::Compare(first, rest) => {
                first.free_names(bound, found);
                for (_, operand) in rest {
                    operand.free_names(bound, found);
                }
            }
            Expr::Conditional { test, then, otherwise } => {
                for part in [test, then, otherwise] {
                    part.free_names(bound, found);
                }
            }
        }
    }
}

impl Target {
    fn names<'a>(&'a self, into: &mut Vec<&'a str>) {
        match self {
            Target::Name(name) => into.push(name),
            Target::Tuple(targets) => targets.iter().for_each(|target| target.names(into)),
        }
    }
}
