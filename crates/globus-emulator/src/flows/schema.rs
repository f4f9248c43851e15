//! JSON Schemas (draft 7): whether one is sound, and what of a document breaks it.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Validator};
use serde_json::Value;

use super::expression::Value as Python;

/// The most faults that are told at once.
const MOST_FAULTS: usize = 100;

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SchemaFault {
    /// Where: `$.a[0]`.
    pub(crate) path: String,
    pub(crate) message: String,
}

fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(Draft::Draft7)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        // No format of draft 7, but one that the service checks.
        .with_format("uuid", |text: &str| uuid::Uuid::parse_str(text).is_ok())
        .build(schema)
        .map_err(|error| format!("{error} at {}", path(error.instance_path().as_str())))
}

/// Checks a schema itself.
pub(crate) fn check(schema: &Value) -> Result<(), String> {
    validator(schema).map(|_| ())
}

/// Lists what is wrong with a document. Fails if the schema is not one.
pub(crate) fn faults(schema: &Value, document: &Value) -> Result<Vec<SchemaFault>, String> {
    let validator = validator(schema)?;
    let fault = |error: jsonschema::ValidationError<'_>| {
        let place = error.instance_path().as_str();
        let additional = matches!(error.kind(), ValidationErrorKind::FalseSchema)
            && error.schema_path().as_str().ends_with("/additionalProperties");
        // Where the schema names no properties, the validator does not name the additional ones.
        let message = match document.pointer(place).and_then(Value::as_object).filter(|_| additional) {
            Some(members) => {
                let names: Vec<String> = members.keys().map(|name| format!("'{name}'")).collect();
                let were = if names.len() == 1 { "was" } else { "were" };
                format!("Additional properties are not allowed ({} {were} unexpected)", names.join(", "))
            }
            None => message(&error),
        };
        SchemaFault { path: path(place), message }
    };
    Ok(validator.iter_errors(document).take(MOST_FAULTS).map(fault).collect())
}

/// From `/a/0` to `$.a[0]`.
fn path(pointer: &str) -> String {
    let mut path = String::from("$");
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        if step.chars().all(|c| c.is_ascii_digit()) && !step.is_empty() {
            path.extend(["[", &step, "]"]);
        } else {
            path.push('.');
            path.push_str(&step);
        }
    }
    path
}

/// Says it the way of the service, which writes values as Python does.
fn message(error: &jsonschema::ValidationError<'_>) -> String {
    let repr = |value: &Value| Python::from_json(value).repr().unwrap_or_default();
    let instance = || repr(error.instance());
    match error.kind() {
        ValidationErrorKind::Type { .. } => {
            let text = error.to_string();
            match text.rsplit_once(" is not of type") {
                Some((_, types)) => {
                    format!("{} is not of type{}", instance(), types.replace('"', "'"))
                }
                None => text,
            }
        }
        ValidationErrorKind::Required { property } => {
            format!("{} is a required property", repr(property))
        }
        ValidationErrorKind::Enum { options } => format!("{} is not one of {}", instance(), repr(options)),
        ValidationErrorKind::Constant { expected_value } => format!("{} was expected", repr(expected_value)),
        ValidationErrorKind::Pattern { pattern } => {
            format!("{} does not match {}", instance(), repr(&pattern.as_str().into()))
        }
        ValidationErrorKind::MinLength { .. } | ValidationErrorKind::MinItems { .. } => {
            format!("{} is too short", instance())
        }
        ValidationErrorKind::MaxLength { .. } | ValidationErrorKind::MaxItems { .. } => {
            format!("{} is too long", instance())
        }
        ValidationErrorKind::Format { format } => format!("{} is not a '{format}'", instance()),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn faults_are_told_as_the_service_tells_them() {
        let schema = json!({
            "type": "object", "required": ["id"],
            "properties": {"count": {"type": "integer"}, "list": {"items": {"type": "boolean"}},
                "id": {"type": "string", "format": "uuid"}, "dir": {"type": "object", "format": "globus-collection"}},
        });
        let all = faults(&schema, &json!({"count": "x", "list": [true, "y"], "dir": {}})).unwrap();
        let mut all: Vec<(String, String)> =
            all.into_iter().map(|fault| (fault.path, fault.message)).collect();
        all.sort();
        let expected = [
            ("$", "'id' is a required property"),
            ("$.count", "'x' is not of type 'integer'"),
            ("$.list[1]", "'y' is not of type 'boolean'"),
        ];
        assert_eq!(all, expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
        let format = faults(&schema, &json!({"id": "nonsense"})).unwrap();
        assert_eq!(format[0].message, "'nonsense' is not a 'uuid'");
        assert!(faults(&json!({}), &json!({"anything": 1})).unwrap().is_empty());
    }

    #[test]
    fn values_are_written_as_python_writes_them() {
        for (schema, document, expected) in [
            (json!({"enum": ["a", 1]}), json!("b"), "'b' is not one of ['a', 1]"),
            (json!({"const": true}), json!(null), "True was expected"),
            (json!({"pattern": "^a+$"}), json!("b"), "'b' does not match '^a+$'"),
            (json!({"minLength": 2}), json!("b"), "'b' is too short"),
            (json!({"maxItems": 1}), json!([1, "b"]), "[1, 'b'] is too long"),
            (json!({"minimum": 1}), json!(0), "0 is less than the minimum of 1"),
            (
                json!({"additionalProperties": false}),
                json!({"b": 1}),
                "Additional properties are not allowed ('b' was unexpected)",
            ),
        ] {
            assert_eq!(faults(&schema, &document).unwrap()[0].message, expected);
        }
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        for schema in [
            json!({"type": "nonsense"}),
            json!({"properties": 5}),
            json!({"pattern": "("}),
            json!({"$ref": "#/definitions/gone"}),
            json!({"required": "x"}),
            json!({"$ref": "http://127.0.0.1:9/schema.json"}),
        ] {
            assert!(check(&schema).is_err(), "{schema}");
        }
    }
}
