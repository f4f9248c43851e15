//! Checks of definitions and inputs before they are sent: the rules of the service, without the service.

mod choices;
mod expression;
mod input;
mod path;
mod reach;
mod structure;
mod supply;

use std::{error, fmt};

use serde_json::Value;

use super::Definition;
use crate::{Error, ErrorKind, Flow, NewFlow, RunDefinition};

/// Is one thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Where: a JSON path into the flow (`$.definition.States.Copy.Next`, `$.input_schema.type`), or into the input.
    pub path: String,
    /// What is wrong there, and what would be right.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Holds everything that a check has found: at least one [`Finding`].
///
/// Prints as one line. Converts into [`Error`], of the kind [`ErrorKind::InvalidInput`], as its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Gives the findings: properties first, then where states lead, then what they read.
    #[must_use]
    pub fn as_slice(&self) -> &[Finding] {
        &self.0
    }

    /// Gives the findings one by one.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Findings {
    type Item = Finding;
    type IntoIter = std::vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "" } else { "s" };
        write!(f, "{} finding{plural}", self.0.len())?;
        for (number, finding) in self.0.iter().enumerate() {
            write!(f, "{} {finding}", if number == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl error::Error for Findings {}

impl From<Findings> for Error {
    fn from(findings: Findings) -> Self {
        Self::new(ErrorKind::InvalidInput, findings.to_string()).with_source(findings)
    }
}

/// Checks a definition, and the schema of its input where there is one, as the service does it.
///
/// Looks at: members that states have, lack, or must not have; types; where states lead, and whether every state can be
/// reached; paths; expressions; operators of choices; catchers; roles; the schema itself; and, where the schema admits
/// no other members than it names, whether what a state reads can be there. Only the service knows whether the action
/// providers exist and what they take: [`validate_flow`](crate::FlowsClient::validate_flow) asks it.
///
/// One thing is admitted that the service refuses: an `ActionUrl` with `http` to this machine, for the emulator.
///
/// ```
/// use globus_flows::definition;
/// use serde_json::json;
///
/// let flow = json!({"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 60, "Next": "Work"}}});
/// let findings = definition::validate(&flow, None).unwrap_err();
/// assert_eq!(
///     findings.to_string(),
///     "1 finding: $.definition.States.Nap.Next: there is no state \"Work\"",
/// );
/// ```
///
/// # Errors
/// [`Findings`]: everything that is wrong.
pub fn validate(definition: &Value, input_schema: Option<&Value>) -> Result<(), Findings> {
    let mut report = Report::default();
    let at = Place::root().member("definition");
    structure::definition(&mut report, definition, &at);
    reach::check(&mut report, definition, &at);
    let schema_at = Place::root().member("input_schema");
    if let Some(schema) = input_schema {
        input::schema(&mut report, schema, &schema_at);
    }
    supply::check(&mut report, definition, input_schema, &at);
    report.into_result()
}

/// Checks an input against the schema of a flow: JSON Schema, draft 7.
///
/// Formats are held to, `uuid` among them. Those of the web application (`globus-collection`, `globus-principal`, …) say
/// how a form looks, and refuse nothing. Values of the input are never part of a finding.
///
/// ```
/// use globus_flows::definition;
/// use serde_json::json;
///
/// let schema = json!({"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]});
/// let findings = definition::validate_input(&schema, &json!({"count": "three"})).unwrap_err();
/// assert_eq!(findings.as_slice()[0].path, "$.count");
/// ```
///
/// # Errors
/// [`Findings`]: everything that is wrong; also when the schema itself is.
pub fn validate_input(input_schema: &Value, input: &Value) -> Result<(), Findings> {
    let mut report = Report::default();
    input::check(&mut report, Some(input_schema), input);
    report.into_result()
}

impl Definition {
    /// Checks the definition as the service does it, before it is sent. See [`validate`], which also takes the schema of
    /// the input, and checks what cannot be read as a definition.
    ///
    /// # Errors
    /// [`Findings`]: everything that is wrong.
    pub fn validate(&self) -> Result<(), Findings> {
        validate(&self.to_value(), None)
    }
}

impl NewFlow {
    /// Checks the definition and the schema of the input as the service does it, before they are sent. See
    /// [`definition::validate`](validate).
    ///
    /// # Errors
    /// [`Findings`]: everything that is wrong.
    pub fn validate(&self) -> Result<(), Findings> {
        match serde_json::to_value(self) {
            Ok(flow) => validate(&flow["definition"], flow.get("input_schema")),
            Err(error) => {
                let mut report = Report::default();
                report.add(&Place::root(), error.to_string());
                report.into_result()
            }
        }
    }
}

impl Flow {
    /// Checks an input against the schema of this flow, before a run is started with it. See
    /// [`definition::validate_input`](validate_input).
    ///
    /// A flow of a list whose schema the service left out (`None`) admits every object.
    ///
    /// # Errors
    /// [`Findings`]: everything that is wrong; also when the schema itself is.
    pub fn validate_input(&self, input: &Value) -> Result<(), Findings> {
        let mut report = Report::default();
        input::check(&mut report, self.input_schema.as_ref(), input);
        report.into_result()
    }
}

impl RunDefinition {
    /// Checks an input against the schema that this run's input had to fit. See
    /// [`definition::validate_input`](validate_input).
    ///
    /// # Errors
    /// [`Findings`]: everything that is wrong; also when the schema itself is.
    pub fn validate_input(&self, input: &Value) -> Result<(), Findings> {
        let mut report = Report::default();
        input::check(&mut report, self.input_schema.as_ref(), input);
        report.into_result()
    }
}

/// What has been found so far, and what the states read.
#[derive(Debug, Default)]
struct Report {
    found: Vec<Finding>,
    reads: Vec<Read>,
    /// The state that is looked at.
    state: String,
}

/// A state reads a member of the run's state.
#[derive(Debug)]
struct Read {
    state: String,
    at: Place,
    /// The member at the top of the run's state.
    key: String,
}

impl Report {
    fn add(&mut self, at: &Place, message: impl Into<String>) {
        self.found.push(Finding { path: at.0.clone(), message: message.into() });
    }

    fn read(&mut self, at: &Place, key: String) {
        self.reads.push(Read { state: self.state.clone(), at: at.clone(), key });
    }

    fn into_result(self) -> Result<(), Findings> {
        if self.found.is_empty() { Ok(()) } else { Err(Findings(self.found)) }
    }
}

/// A place in a document, as a JSON path.
#[derive(Debug, Clone)]
struct Place(String);

impl Place {
    fn root() -> Self {
        Self("$".to_owned())
    }

    fn member(&self, name: &str) -> Self {
        let plain = !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if plain {
            Self(format!("{}.{name}", self.0))
        } else {
            let name = name.replace('\\', "\\\\").replace('\'', "\\'");
            Self(format!("{}['{name}']", self.0))
        }
    }

    fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }
}
