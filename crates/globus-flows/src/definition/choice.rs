//! Choices: where a run goes on, by what its state holds.

use globus_core::Extra;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Goes on at the state that the first rule which fits names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
#[must_use = "a state does nothing until it is part of a definition"]
pub struct Choice {
    /// A note for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The rules, tried in this order; at least one.
    pub choices: Vec<Rule>,
    /// Where the run goes on when no rule fits. Service default: the run fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

impl Choice {
    /// Tries these rules.
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self { choices: rules.into_iter().collect(), ..Default::default() }
    }

    /// Sets the note for people.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Goes on at this state when no rule fits.
    pub fn default(mut self, next: impl Into<String>) -> Self {
        self.default = Some(next.into());
        self
    }

    pub(super) fn following(&self) -> Vec<&str> {
        self.choices.iter().filter_map(|rule| rule.next.as_deref()).chain(self.default.as_deref()).collect()
    }

    /// Gives the members that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

/// Is one rule of a choice: a test, or several of them joined, and where the run goes on when it holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
#[must_use = "a rule does nothing until it is part of a choice"]
pub struct Rule {
    /// Where the run goes on; rules inside of others have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// What is tested.
    #[serde(flatten)]
    pub test: Test,
}

/// Is what a rule tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Test {
    /// Holds when all of these do.
    And {
        /// The rules.
        #[serde(rename = "And")]
        rules: Vec<Rule>,
        /// What else stands there.
        #[serde(flatten)]
        extra: Map<String, Value>,
    },
    /// Holds when one of these does.
    Or {
        /// The rules.
        #[serde(rename = "Or")]
        rules: Vec<Rule>,
        /// What else stands there.
        #[serde(flatten)]
        extra: Map<String, Value>,
    },
    /// Holds when this does not.
    Not {
        /// The rule.
        #[serde(rename = "Not")]
        rule: Box<Rule>,
        /// What else stands there.
        #[serde(flatten)]
        extra: Map<String, Value>,
    },
    /// Compares what lies at a path.
    Variable {
        /// The path.
        #[serde(rename = "Variable")]
        variable: String,
        /// The operator and its operand: one member, `NumericEquals` or `StringMatches`, say.
        #[serde(flatten)]
        operator: Map<String, Value>,
    },
    /// Is of a form that this version of the SDK does not know.
    Unknown(Map<String, Value>),
}

/// Makes the tests that compare with a value, and with what lies at another path.
macro_rules! comparisons {
    ($($method:ident, $at:ident: $operator:literal, $Value:ty;)+) => {
        impl Rule {
            $(
                #[doc = concat!("Holds when what lies at `variable` compares to this value: `", $operator, "`.")]
                pub fn $method(variable: impl Into<String>, value: impl Into<$Value>) -> Self {
                    let value: $Value = value.into();
                    Self::compare(variable, $operator, value)
                }

                #[doc = concat!("Holds when what lies at `variable` compares to what lies at `path`: `", $operator, "Path`.")]
                pub fn $at(variable: impl Into<String>, path: impl Into<String>) -> Self {
                    Self::compare(variable, concat!($operator, "Path"), path.into())
                }
            )+
        }
    };
}

comparisons! {
    string_equals, string_equals_at: "StringEquals", String;
    string_less_than, string_less_than_at: "StringLessThan", String;
    string_less_than_equals, string_less_than_equals_at: "StringLessThanEquals", String;
    string_greater_than, string_greater_than_at: "StringGreaterThan", String;
    string_greater_than_equals, string_greater_than_equals_at: "StringGreaterThanEquals", String;
    numeric_equals, numeric_equals_at: "NumericEquals", Value;
    numeric_less_than, numeric_less_than_at: "NumericLessThan", Value;
    numeric_less_than_equals, numeric_less_than_equals_at: "NumericLessThanEquals", Value;
    numeric_greater_than, numeric_greater_than_at: "NumericGreaterThan", Value;
    numeric_greater_than_equals, numeric_greater_than_equals_at: "NumericGreaterThanEquals", Value;
    boolean_equals, boolean_equals_at: "BooleanEquals", bool;
    timestamp_equals, timestamp_equals_at: "TimestampEquals", String;
    timestamp_less_than, timestamp_less_than_at: "TimestampLessThan", String;
    timestamp_less_than_equals, timestamp_less_than_equals_at: "TimestampLessThanEquals", String;
    timestamp_greater_than, timestamp_greater_than_at: "TimestampGreaterThan", String;
    timestamp_greater_than_equals, timestamp_greater_than_equals_at: "TimestampGreaterThanEquals", String;
}

/// Makes the tests of what kind of value lies at a path.
macro_rules! kinds {
    ($($method:ident: $operator:literal, $what:literal;)+) => {
        impl Rule {
            $(
                #[doc = concat!("Holds when it is as `expected` that ", $what, " lies at `variable`: `", $operator, "`.")]
                pub fn $method(variable: impl Into<String>, expected: bool) -> Self {
                    Self::compare(variable, $operator, expected)
                }
            )+
        }
    };
}

kinds! {
    is_present: "IsPresent", "something";
    is_null: "IsNull", "`null`";
    is_string: "IsString", "a text";
    is_numeric: "IsNumeric", "a number";
    is_boolean: "IsBoolean", "a boolean";
    is_timestamp: "IsTimestamp", "a moment";
}

impl Rule {
    /// Holds when what lies at `variable` fits this pattern, in which `*` stands for any text: `StringMatches`.
    pub fn string_matches(variable: impl Into<String>, pattern: impl Into<String>) -> Self {
        Self::compare(variable, "StringMatches", pattern.into())
    }

    /// Compares what lies at `variable` by any operator of the service.
    pub fn compare(
        variable: impl Into<String>,
        operator: impl Into<String>,
        operand: impl Into<Value>,
    ) -> Self {
        let operator = Map::from_iter([(operator.into(), operand.into())]);
        Self { next: None, test: Test::Variable { variable: variable.into(), operator } }
    }

    /// Holds when all of these do.
    pub fn all_of(rules: impl IntoIterator<Item = Self>) -> Self {
        Self { next: None, test: Test::And { rules: rules.into_iter().collect(), extra: Map::new() } }
    }

    /// Holds when one of these does.
    pub fn any_of(rules: impl IntoIterator<Item = Self>) -> Self {
        Self { next: None, test: Test::Or { rules: rules.into_iter().collect(), extra: Map::new() } }
    }

    /// Holds when this rule does not.
    #[expect(
        clippy::should_implement_trait,
        reason = "the name of the service; negating a rule by `!` would be a riddle"
    )]
    pub fn not(rule: Self) -> Self {
        Self { next: None, test: Test::Not { rule: Box::new(rule), extra: Map::new() } }
    }

    /// Goes on at this state when the rule holds. Rules inside of others have none.
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}
