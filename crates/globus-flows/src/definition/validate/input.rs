//! Schemas of inputs, and inputs.

use jsonschema::{Draft, Validator, error::ValidationErrorKind, paths::Location, paths::LocationSegment};
use serde_json::Value;

use super::{Place, Report, structure};

/// Checks a schema: that it is one, of draft 7, and an object.
pub(super) fn schema(report: &mut Report, schema: &Value, at: &Place) {
    if structure::object(report, schema, at).is_none() {
        return;
    }
    let before = report.found.len();
    for error in jsonschema::draft7::meta::validator().iter_errors(schema) {
        report.add(&place(at, error.instance_path()), error.masked_with("the value").to_string());
    }
    if report.found.len() > before {
        return;
    }
    if let Err(problem) = validator(schema) {
        report.add(at, problem);
    }
}

/// Checks an input; one without a schema must still be an object.
pub(super) fn check(report: &mut Report, schema: Option<&Value>, input: &Value) {
    if structure::object(report, input, &Place::root()).is_none() {
        return;
    }
    let Some(schema) = schema else { return };
    match validator(schema) {
        Ok(validator) => {
            for error in validator.iter_errors(input) {
                // An input may hold tokens, so its values are not repeated.
                let message = match error.kind() {
                    ValidationErrorKind::FalseSchema
                        if error.schema_path().as_str().ends_with("/additionalProperties") =>
                    {
                        "the schema admits no members here".to_owned()
                    }
                    ValidationErrorKind::FalseSchema => "the schema admits nothing here".to_owned(),
                    _ => error.masked_with("the value").to_string(),
                };
                report.add(&place(&Place::root(), error.instance_path()), message);
            }
        }
        Err(problem) => report.add(&Place::root(), format!("the flow's schema cannot be used: {problem}")),
    }
}

fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(Draft::Draft7)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        // Not of this draft, but the service holds to it.
        .with_format("uuid", is_uuid)
        .build(schema)
        .map_err(|error| error.to_string())
}

/// Tells whether a text is a UUID as it is usually written, with hyphens.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn place(root: &Place, location: &Location) -> Place {
    location.into_iter().fold(root.clone(), |at, segment| match segment {
        LocationSegment::Property(name) => at.member(&name),
        LocationSegment::Index(index) => at.index(index),
    })
}
