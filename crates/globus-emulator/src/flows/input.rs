//! The documents that create and change a flow, checked member by member.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::definition;
use super::error::Invalid;
use super::schema;
use crate::auth::principals::{is_identity, is_principal};

/// The members that a document gives, all of them sound.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) title: Option<String>,
    pub(crate) subtitle: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) keywords: Option<Vec<String>>,
    pub(crate) definition: Option<Value>,
    pub(crate) input_schema: Option<Value>,
    pub(crate) owner: Option<String>,
    pub(crate) viewers: Option<Vec<String>>,
    pub(crate) starters: Option<Vec<String>>,
    pub(crate) administrators: Option<Vec<String>>,
    pub(crate) run_managers: Option<Vec<String>>,
    pub(crate) run_monitors: Option<Vec<String>>,
    pub(crate) subscription_id: Option<Uuid>,
    pub(crate) authentication_policy_id: Option<Uuid>,
}

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Create,
    Update,
}

const MOST_PRINCIPALS: usize = 16;
const MOST_KEYWORD_CHARACTERS: usize = 1024;

/// Reads the document that asks whether a definition is sound: the definition, and the schema of its input.
pub(crate) fn read_definition(body: &Value) -> Result<(Value, Value), Vec<Invalid>> {
    let Some(members) = body.as_object() else {
        return Err(vec![Invalid::new(&[], "value is not a valid dict", "type_error.dict")]);
    };
    let mut reader = Reader::new(members);
    let definition = reader.definition();
    let schema = reader.schema();
    reader.require("definition");
    match definition {
        Some(definition) if reader.faults.is_empty() => Ok((definition, schema.unwrap_or_else(|| json!({})))),
        _ => Err(reader.faults),
    }
}

/// Reads a document, or lists everything that is wrong with it. Unknown members are ignored.
pub(crate) fn read(body: &Value, purpose: Purpose) -> Result<Draft, Vec<Invalid>> {
    let Some(members) = body.as_object() else {
        return Err(vec![Invalid::new(&[], "value is not a valid dict", "type_error.dict")]);
    };
    let mut reader = Reader::new(members);
    let draft = Draft {
        title: reader.text("title", 1, 128),
        subtitle: reader.text("subtitle", 0, 128),
        description: reader.text("description", 0, 4096),
        keywords: reader.keywords(),
        definition: reader.definition(),
        input_schema: reader.schema(),
        owner: if purpose == Purpose::Update { reader.owner() } else { None },
        viewers: reader.principals("flow_viewers", "FlowViewer", Some("public")),
        starters: reader.principals("flow_starters", "FlowStarter", Some("all_authenticated_users")),
        administrators: reader.principals("flow_administrators", "FlowAdministrator", None),
        run_managers: reader.principals("run_managers", "RunManager", None),
        run_monitors: reader.principals("run_monitors", "RunMonitor", None),
        subscription_id: reader.subscription(purpose),
        authentication_policy_id: reader.policy(purpose),
    };
    if purpose == Purpose::Create {
        reader.require("title");
        reader.require("definition");
    }
    if reader.faults.is_empty() { Ok(draft) } else { Err(reader.faults) }
}

/// Reads the members of a document and gathers what is wrong with them.
pub(crate) struct Reader<'a> {
    members: &'a Map<String, Value>,
    faults: Vec<Invalid>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(members: &'a Map<String, Value>) -> Reader<'a> {
        Reader { members, faults: Vec::new() }
    }

    pub(crate) fn into_faults(self) -> Vec<Invalid> {
        self.faults
    }

    /// Reads a text that may be `null`.
    pub(crate) fn nullable_text(&mut self, name: &str, least: usize, most: usize) -> Option<String> {
        if self.members.get(name).is_some_and(Value::is_null) { None } else { self.text(name, least, most) }
    }

    fn fault(&mut self, name: &str, msg: impl Into<String>, kind: &'static str) {
        self.faults.push(Invalid::new(&[name.into()], msg, kind));
    }

    fn require(&mut self, name: &str) {
        if !self.members.contains_key(name) {
            self.fault(name, "field required", "value_error.missing");
        }
    }

    /// Returns a member that is given. `null` is a fault.
    fn given(&mut self, name: &str) -> Option<&'a Value> {
        let value = self.members.get(name)?;
        if value.is_null() {
            self.fault(name, "none is not an allowed value", "type_error.none.not_allowed");
            return None;
        }
        Some(value)
    }

    /// Reads a text of so many characters.
    pub(crate) fn text(&mut self, name: &str, least: usize, most: usize) -> Option<String> {
        let value = self.given(name)?;
        let Some(text) = value.as_str() else {
            self.fault(name, "str type expected", "type_error.str");
            return None;
        };
        let length = text.chars().count();
        if length < least {
            let msg = format!("ensure this value has at least {least} characters");
            self.fault(name, msg, "value_error.any_str.min_length");
        } else if length > most {
            let msg = format!("ensure this value has at most {most} characters");
            self.fault(name, msg, "value_error.any_str.max_length");
        }
        Some(text.to_owned())
    }

    fn schema(&mut self) -> Option<Value> {
        let name = "input_schema";
        let value = self.given(name)?;
        if !value.is_object() {
            self.fault(name, "value is not a valid dict", "type_error.dict");
        } else if let Err(why) = schema::check(value) {
            self.fault(name, format!("this is not a JSON Schema: {why}"), "value_error");
        }
        Some(value.clone())
    }

    fn definition(&mut self) -> Option<Value> {
        let value = self.given("definition")?;
        definition::check(value, &["definition".into()], &mut self.faults);
        Some(value.clone())
    }

    /// Reads a list of texts.
    pub(crate) fn strings(&mut self, name: &str) -> Option<Vec<String>> {
        let value = self.given(name)?;
        let Some(items) = value.as_array() else {
            self.fault(name, "value is not a valid list", "type_error.list");
            return None;
        };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => {
                    self.faults.push(Invalid::new(
                        &[name.into(), index.into()],
                        "str type expected",
                        "type_error.str",
                    ));
                }
            }
        }
        Some(texts)
    }

    fn keywords(&mut self) -> Option<Vec<String>> {
        let keywords = self.strings("keywords")?;
        if keywords.iter().map(|keyword| keyword.chars().count()).sum::<usize>() > MOST_KEYWORD_CHARACTERS {
            let msg = format!("keywords have at most {MOST_KEYWORD_CHARACTERS} characters in all");
            self.fault("keywords", msg, "value_error");
        }
        Some(keywords)
    }

    /// Reads a list of principals. The word for everybody may also stand alone.
    pub(crate) fn principals(
        &mut self,
        name: &str,
        role: &str,
        everybody: Option<&str>,
    ) -> Option<Vec<String>> {
        let mut list = match self.members.get(name).and_then(Value::as_str) {
            Some(word) if Some(word) == everybody => vec![word.to_owned()],
            _ => self.strings(name)?,
        };
        // Ids are the same in upper and lower case.
        list.iter_mut().filter(|urn| is_principal(urn)).for_each(|urn| urn.make_ascii_lowercase());
        for (index, principal) in list.iter().enumerate() {
            let loc = [name.into(), index.into()];
            if Some(principal.as_str()) != everybody && !is_principal(principal) {
                let word = everybody.map(|word| format!("\"{word}\", ")).unwrap_or_default();
                let msg = format!(
                    "Unrecognized principal string: \"{principal}\". Allowed principal types in role \"{role}\": \
                     [{word}<AuthGroupUrn>, <AuthIdentityUrn>]"
                );
                self.faults.push(Invalid::new(&loc, msg, "value_error"));
            } else if list[..index].contains(principal) {
                self.faults.push(Invalid::new(
                    &loc,
                    "the list has duplicated items",
                    "value_error.list.unique_items",
                ));
            }
        }
        if list.len() > MOST_PRINCIPALS {
            let msg = format!("ensure this value has at most {MOST_PRINCIPALS} items");
            self.fault(name, msg, "value_error.list.max_items");
        }
        Some(list)
    }

    fn owner(&mut self) -> Option<String> {
        let owner = self.text("flow_owner", 1, 128)?;
        if !is_identity(&owner) {
            let msg = format!(
                "Unrecognized principal string: \"{owner}\". A flow is owned by an <AuthIdentityUrn>"
            );
            self.fault("flow_owner", msg, "value_error");
        }
        Some(owner)
    }

    /// Reads an id that is given.
    pub(crate) fn id(&mut self, name: &str) -> Option<Uuid> {
        let value = self.given(name)?;
        self.uuid(name, value)
    }

    fn uuid(&mut self, name: &str, value: &Value) -> Option<Uuid> {
        let id = value.as_str().and_then(|text| Uuid::parse_str(text).ok());
        if id.is_none() {
            self.fault(name, "value is not a valid uuid", "type_error.uuid");
        }
        id
    }

    /// Reads the subscription, which can be changed and not be taken away.
    fn subscription(&mut self, purpose: Purpose) -> Option<Uuid> {
        let name = "subscription_id";
        match (self.members.get(name)?, purpose) {
            (Value::Null, Purpose::Create) => None,
            // The caller's own subscription; the emulator gives everybody this one.
            (Value::String(word), Purpose::Update) if word == "DEFAULT" => Some(DEFAULT_SUBSCRIPTION),
            _ => self.id(name),
        }
    }

    fn policy(&mut self, purpose: Purpose) -> Option<Uuid> {
        let name = "authentication_policy_id";
        let value = match self.members.get(name)? {
            Value::Null if purpose == Purpose::Create => return None,
            Value::Null => self.given(name)?,
            value => value,
        };
        self.uuid(name, value)
    }
}

const DEFAULT_SUBSCRIPTION: Uuid = Uuid::from_u128(0x6a1d_5d5e_1f44_5c6a_9d6c_4c1b_8f0e_55d1);

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: Value) -> Value {
        let mut body = json!({
            "title": "T",
            "definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}},
        });
        body[name] = value;
        body
    }

    #[test]
    fn the_smallest_flow_is_a_title_and_a_definition() {
        let draft = read(&with("subscription_id", Value::Null), Purpose::Create).unwrap();
        assert_eq!(draft.title.as_deref(), Some("T"));
        assert!(draft.subtitle.is_none() && draft.subscription_id.is_none());
        assert!(read(&json!({}), Purpose::Update).is_ok());
    }

    #[test]
    fn every_limit_is_kept() {
        let urn = |number: u128| format!("urn:globus:auth:identity:{}", Uuid::from_u128(number));
        let many: Vec<String> = (0..17).map(urn).collect();
        for (name, value, kind) in [
            ("title", json!(""), "value_error.any_str.min_length"),
            ("title", json!("é".repeat(129)), "value_error.any_str.max_length"),
            ("title", json!(7), "type_error.str"),
            ("title", Value::Null, "type_error.none.not_allowed"),
            ("subtitle", json!("x".repeat(129)), "value_error.any_str.max_length"),
            ("description", json!("x".repeat(4097)), "value_error.any_str.max_length"),
            ("keywords", json!("one"), "type_error.list"),
            ("keywords", json!([1]), "type_error.str"),
            ("keywords", json!(["x".repeat(1025)]), "value_error"),
            ("input_schema", json!(true), "type_error.dict"),
            ("input_schema", json!({"type": "nonsense"}), "value_error"),
            ("definition", json!("x"), "type_error.dict"),
            ("flow_viewers", json!(["somebody"]), "value_error"),
            ("flow_viewers", json!(["all_authenticated_users"]), "value_error"),
            ("flow_starters", json!(["public"]), "value_error"),
            ("flow_administrators", json!([urn(1), urn(1)]), "value_error.list.unique_items"),
            (
                "flow_starters",
                json!([
                    "urn:globus:groups:id:0c3f5a4e-9d0f-4f7c-9a61-6f6f6f0f6f6f",
                    "urn:globus:groups:id:0C3F5A4E-9D0F-4F7C-9A61-6F6F6F0F6F6F"
                ]),
                "value_error.list.unique_items",
            ),
            ("run_managers", json!(many), "value_error.list.max_items"),
            ("run_monitors", json!("public"), "type_error.list"),
            ("subscription_id", json!("DEFAULT"), "type_error.uuid"),
            ("authentication_policy_id", json!(5), "type_error.uuid"),
        ] {
            let faults = read(&with(name, value.clone()), Purpose::Create).unwrap_err();
            assert_eq!((faults.len(), faults[0].kind), (1, kind), "{name} {value}");
            assert_eq!(faults[0].loc[0], name);
        }
    }

    #[test]
    fn the_limits_themselves_are_allowed() {
        for (name, value) in [
            ("title", json!("é".repeat(128))),
            ("description", json!("x".repeat(4096))),
            ("keywords", json!(["x".repeat(1024)])),
            ("flow_viewers", json!(["public"])),
            ("flow_viewers", json!("public")),
            ("flow_starters", json!(["all_authenticated_users"])),
            ("flow_administrators", json!([format!("urn:globus:groups:id:{}", Uuid::from_u128(3))])),
        ] {
            assert!(read(&with(name, value.clone()), Purpose::Create).is_ok(), "{name} {value}");
        }
    }

    #[test]
    fn a_subscription_can_be_changed_and_not_taken_away() {
        let update = |value: Value| read(&json!({"subscription_id": value}), Purpose::Update);
        assert_eq!(update(json!("DEFAULT")).unwrap().subscription_id, Some(DEFAULT_SUBSCRIPTION));
        assert_eq!(update(Value::Null).unwrap_err()[0].kind, "type_error.none.not_allowed");
        assert_eq!(update(json!("own")).unwrap_err()[0].kind, "type_error.uuid");
    }

    #[test]
    fn all_faults_are_listed_together() {
        let faults = read(&json!({"subtitle": 5}), Purpose::Create).unwrap_err();
        let kinds: Vec<_> = faults.iter().map(|fault| fault.kind).collect();
        assert_eq!(kinds, ["type_error.str", "value_error.missing", "value_error.missing"]);
    }
}
