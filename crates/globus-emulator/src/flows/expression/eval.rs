//! Evaluates expressions.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::ast::{Clause, Compare, Expr, Target, Unary};
use super::value::{Dict, Value};
use super::{Fault, functions, methods, operators};

/// How much work one expression may take: a step for each part that is evaluated and each item that is made.
const MOST_WORK: usize = 500_000;
/// The longest string, in bytes.
pub(super) const LONGEST_TEXT: usize = 100_000;
/// The most items of a comprehension or a list.
pub(super) const MOST_ITEMS: usize = 10_000;

/// Evaluates one expression over the state of a run.
pub(super) struct Evaluator<'a> {
    state: &'a Map<String, Json>,
    context: &'a Json,
    /// Members of the state that were used, converted once.
    converted: HashMap<String, Value>,
    /// What comprehensions assigned, innermost last.
    assigned: Vec<(String, Value)>,
    work: usize,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(state: &'a Map<String, Json>, context: &'a Json) -> Evaluator<'a> {
        Evaluator { state, context, converted: HashMap::new(), assigned: Vec::new(), work: 0 }
    }

    pub(super) fn run(&mut self, expression: &Expr) -> Result<Value, Fault> {
        self.spend(1)?;
        let value = self.value(expression)?;
        if let Value::Text(text) = &value
            && text.len() > LONGEST_TEXT
        {
            return Err(Fault::limit(format!("a string is longer than {LONGEST_TEXT} bytes")));
        }
        Ok(value)
    }

    /// Counts work that is done.
    pub(super) fn spend(&mut self, work: usize) -> Result<(), Fault> {
        self.work = self.work.saturating_add(work);
        if self.work > MOST_WORK {
            return Err(Fault::limit("the expression takes too much work"));
        }
        Ok(())
    }

    fn value(&mut self, expression: &Expr) -> Result<Value, Fault> {
        Ok(match expression {
            Expr::Constant(value) => value.clone(),
            Expr::Name(name) => self.name(name)?,
            Expr::Path(path) => {
                let found = path.read(self.state, self.context);
                Value::from_json(&found.map_err(|fault| Fault::new("KeyError", fault.to_string()))?)
            }
            Expr::List(items) => Value::list(self.all(items)?),
            Expr::Tuple(items) => Value::tuple(self.all(items)?),
            Expr::Dict(entries) => {
                let mut dict = Dict::default();
                for (key, value) in entries {
                    let key = self.run(key)?;
                    dict.set(key, self.run(value)?)?;
                }
                Value::Dict(Arc::new(dict))
            }
            Expr::Comprehension { element, value, clauses } => {
                self.comprehension(element, value.as_deref(), clauses)?
            }
            Expr::Attribute(inner, name) => {
                let inner = self.run(inner)?;
                attribute(&inner, name)?
            }
            Expr::Index(inner, index) => {
                let inner = self.run(inner)?;
                let index = self.run(index)?;
                operators::index(&inner, &index)?
            }
            Expr::Slice(inner, bounds) => {
                let inner = self.run(inner)?;
                let mut values = [None, None, None];
                for (value, bound) in values.iter_mut().zip(bounds) {
                    *value = bound.as_ref().map(|bound| self.run(bound)).transpose()?;
                }
                self.spend(inner.weight())?;
                operators::slice(&inner, &values)?
            }
            Expr::Call { function, arguments, keywords } => self.call(function, arguments, keywords)?,
            Expr::Unary(Unary::Not, inner) => Value::Bool(!self.run(inner)?.is_true()),
            Expr::Unary(operator, inner) => operators::unary(*operator, &self.run(inner)?)?,
            Expr::Binary(operator, left, right) => {
                let left = self.run(left)?;
                let right = self.run(right)?;
                let value = operators::binary(*operator, &left, &right)?;
                self.spend(value.weight())?;
                value
            }
            Expr::Compare(first, rest) => self.compare(first, rest)?,
            Expr::And(operands) => self.first_that(operands, false)?,
            Expr::Or(operands) => self.first_that(operands, true)?,
            Expr::Conditional { test, then, otherwise } => {
                let chosen = if self.run(test)?.is_true() { then } else { otherwise };
                self.run(chosen)?
            }
        })
    }

    fn all(&mut self, items: &[Expr]) -> Result<Vec<Value>, Fault> {
        items.iter().map(|item| self.run(item)).collect()
    }

    fn name(&mut self, name: &str) -> Result<Value, Fault> {
        if let Some((_, value)) = self.assigned.iter().rev().find(|(assigned, _)| assigned == name) {
            return Ok(value.clone());
        }
        if let Some(value) = self.converted.get(name) {
            return Ok(value.clone());
        }
        let json = if name == "_context" { Some(self.context) } else { self.state.get(name) };
        let Some(json) = json else {
            let message = if functions::is_function(name) {
                format!("'{name}' is a function, which can only be called")
            } else {
                format!("name '{name}' is not defined")
            };
            return Err(Fault::new("NameError", message));
        };
        let value = Value::from_json(json);
        self.converted.insert(name.to_owned(), value.clone());
        Ok(value)
    }

    /// The first operand that is as true as this, or the last one.
    fn first_that(&mut self, operands: &[Expr], truth: bool) -> Result<Value, Fault> {
        let mut value = Value::None;
        for operand in operands {
            value = self.run(operand)?;
            if value.is_true() == truth {
                break;
            }
        }
        Ok(value)
    }

    fn compare(&mut self, first: &Expr, rest: &[(Compare, Expr)]) -> Result<Value, Fault> {
        let mut left = self.run(first)?;
        for (operator, right) in rest {
            let right = self.run(right)?;
            self.spend(left.weight().min(right.weight()))?;
            if matches!(operator, Compare::In | Compare::NotIn) {
                self.spend(right.weight())?;
            }
            if !operators::compare(*operator, &left, &right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    fn comprehension(
        &mut self,
        element: &Expr,
        value: Option<&Expr>,
        clauses: &[Clause],
    ) -> Result<Value, Fault> {
        let assigned = self.assigned.len();
        let mut made = Vec::new();
        let outcome = self.clauses(clauses, &mut |evaluator| {
            let entry = (evaluator.run(element)?, value.map(|value| evaluator.run(value)).transpose()?);
            made.push(entry);
            if made.len() > MOST_ITEMS {
                return Err(Fault::limit(format!("a comprehension makes more than {MOST_ITEMS} items")));
            }
            Ok(())
        });
        self.assigned.truncate(assigned);
        outcome?;
        if value.is_none() {
            return Ok(Value::list(made.into_iter().map(|(element, _)| element).collect()));
        }
        let mut dict = Dict::default();
        for (key, value) in made {
            dict.set(key, value.unwrap_or(Value::None))?;
        }
        Ok(Value::Dict(Arc::new(dict)))
    }

    fn clauses(
        &mut self,
        clauses: &[Clause],
        innermost: &mut dyn FnMut(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Some((clause, inner)) = clauses.split_first() else { return innermost(self) };
        let source = self.run(&clause.source)?;
        let before = self.assigned.len();
        'items: for item in operators::items(&source)? {
            self.spend(1)?;
            self.assigned.truncate(before);
            self.assign(&clause.target, &item)?;
            for condition in &clause.conditions {
                if !self.run(condition)?.is_true() {
                    continue 'items;
                }
            }
            self.clauses(inner, innermost)?;
        }
        self.assigned.truncate(before);
        Ok(())
    }

    fn assign(&mut self, target: &Target, value: &Value) -> Result<(), Fault> {
        match target {
            Target::Name(name) => self.assigned.push((name.clone(), value.clone())),
            Target::Tuple(targets) => {
                let items = operators::items(value).map_err(|_| {
                    Fault::of_type(format!("cannot unpack non-iterable {} object", value.type_name()))
                })?;
                if items.len() != targets.len() {
                    let message = if items.len() > targets.len() {
                        format!("too many values to unpack (expected {})", targets.len())
                    } else {
                        format!(
                            "not enough values to unpack (expected {}, got {})",
                            targets.len(),
                            items.len()
                        )
                    };
                    return Err(Fault::of_value(message));
                }
                for (target, item) in targets.iter().zip(&items) {
                    self.assign(target, item)?;
                }
            }
        }
        Ok(())
    }

    fn call(
        &mut self,
        function: &Expr,
        arguments: &[Expr],
        keywords: &[(String, Expr)],
    ) -> Result<Value, Fault> {
        let (receiver, name) = match function {
            Expr::Name(name) => (None, name),
            Expr::Attribute(inner, name) => (Some(self.run(inner)?), name),
            _ => return Err(Fault::unsupported("only functions and methods can be called")),
        };
        let arguments = self.all(arguments)?;
        let mut named = Vec::with_capacity(keywords.len());
        for (keyword, value) in keywords {
            named.push((keyword.as_str(), self.run(value)?));
        }
        let work = arguments.iter().chain(&receiver).map(Value::weight).sum();
        self.spend(work)?;
        let value = match receiver {
            None => functions::call(self, name, &arguments, &named)?,
            Some(receiver) => methods::call(&receiver, name, &arguments, &named)?,
        };
        self.spend(value.weight())?;
        Ok(value)
    }
}

/// What follows a dot is looked up among the keys of a dict.
fn attribute(value: &Value, name: &str) -> Result<Value, Fault> {
    let found = match value {
        Value::Dict(dict) => dict.named(name),
        _ => None,
    };
    found.cloned().ok_or_else(|| {
        Fault::new("AttributeError", format!("'{}' object has no attribute '{name}'", value.type_name()))
    })
}
