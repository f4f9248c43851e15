//! What the documents that are sent are made of.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive};

use serde::{Serialize, Serializer, ser};
use serde_json::{Map, Value};

use crate::{Error, Field, IntoId};

/// Holds the members of a document that were set, and what is wrong with them. A document with a problem refuses to be
/// written, so that making one needs no error handling, and nothing of it is sent.
#[derive(Clone, Default)]
pub struct Members {
    values: Map<String, Value>,
    problems: BTreeMap<String, String>,
}

impl Members {
    /// Sets a member; what was wrong with an earlier value does not matter then.
    pub fn set(&mut self, name: impl Into<String>, value: impl Serialize) {
        let name = name.into();
        match serde_json::to_value(value) {
            Ok(value) => {
                self.problems.remove(&name);
                self.values.insert(name, value);
            }
            Err(error) => {
                let problem = format!("{name}: {error}");
                self.refuse(name, problem);
            }
        }
    }

    /// Sets a member, makes it `null`, or leaves it out.
    pub fn field(&mut self, name: &str, value: Field<impl Serialize>) {
        if value.is_absent() {
            self.problems.remove(name);
            self.values.remove(name);
        } else {
            self.set(name, value);
        }
    }

    /// Sets an id.
    pub fn id<T: Serialize>(&mut self, name: &str, id: impl IntoId<T>) {
        match id.into_id() {
            Ok(id) => self.set(name, id),
            Err(invalid) => self.refuse(name, format!("{name}: {invalid}")),
        }
    }

    /// Sets a list of ids.
    pub fn ids<T: Serialize>(&mut self, name: &str, ids: impl IntoIterator<Item: IntoId<T>>) {
        let mut list = Vec::new();
        for (position, id) in ids.into_iter().enumerate() {
            match id.into_id() {
                Ok(id) => list.push(id),
                Err(invalid) => return self.refuse(name, format!("{name}[{position}]: {invalid}")),
            }
        }
        self.set(name, list);
    }

    /// Sets a text with a number of characters within these bounds.
    pub fn text(&mut self, name: &str, text: impl Into<String>, bounds: RangeInclusive<usize>) {
        let text: String = text.into();
        let (length, most) = (text.chars().count(), *bounds.end());
        if length > most {
            self.refuse(name, format!("{name} has {length} characters, and at most {most} are allowed"));
        } else if length < *bounds.start() {
            self.refuse(name, format!("{name} is empty"));
        } else {
            self.set(name, text);
        }
    }

    /// Sets a list of texts.
    pub fn texts<S: Into<String>>(&mut self, name: &str, texts: impl IntoIterator<Item = S>) {
        self.set(name, texts.into_iter().map(Into::into).collect::<Vec<String>>());
    }

    /// Says why a member cannot be sent.
    pub fn refuse(&mut self, name: impl Into<String>, problem: String) {
        let name = name.into();
        self.values.remove(&name);
        self.problems.insert(name, problem);
    }

    /// Gives a member that was set, if it can be sent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Says all that is wrong, if anything is.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) then.
    pub fn check(&self) -> Result<(), Error> {
        self.problem().map_or(Ok(()), |problem| Err(Error::invalid_input(problem)))
    }

    fn problem(&self) -> Option<String> {
        let problems: Vec<&str> = self.problems.values().map(String::as_str).collect();
        (!problems.is_empty()).then(|| problems.join("; "))
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.problem() {
            None => self.values.serialize(serializer),
            Some(problem) => Err(ser::Error::custom(problem)),
        }
    }
}

/// Names the members: what they say is not for logs.
impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).entries(self.problems.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CollectionId;

    const ID: &str = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";

    fn written(members: &Members) -> Result<String, String> {
        serde_json::to_string(members).map_err(|error| error.to_string())
    }

    #[test]
    fn absent_null_and_value() {
        let mut members = Members::default();
        members.field("note", Field::Value("x"));
        assert_eq!(written(&members).unwrap(), r#"{"note":"x"}"#);
        members.field("note", Field::<&str>::Null);
        assert_eq!(written(&members).unwrap(), r#"{"note":null}"#);
        members.field("note", Field::<&str>::Absent);
        assert_eq!(written(&members).unwrap(), "{}");
    }

    #[test]
    fn says_all_that_is_wrong_until_it_is_set_right() {
        let mut members = Members::default();
        members.id::<CollectionId>("place", "here");
        members.ids::<CollectionId>("others", [ID, "there"]);
        members.text("name", "", 1..=4);
        members.text("title", "ümlaut", 0..=4);
        members.set("odd", std::collections::BTreeMap::from([((1, 2), 3)]));
        assert_eq!(
            written(&members).unwrap_err(),
            format!(
                "name is empty; odd: key must be a string; \
                 others[1]: \"there\" is not a collection id: expected a UUID such as {ID}; \
                 place: \"here\" is not a collection id: expected a UUID such as {ID}; \
                 title has 6 characters, and at most 4 are allowed"
            )
        );
        assert!(members.check().unwrap_err().to_string().contains("name is empty"));
        assert_eq!(members.get("name"), None);

        members.id::<CollectionId>("place", ID);
        members.ids::<CollectionId>("others", [ID]);
        members.text("name", "ümla", 1..=4);
        members.field("title", Field::<&str>::Absent);
        members.set("odd", 1);
        assert!(members.check().is_ok());
        assert_eq!(
            written(&members).unwrap(),
            format!(r#"{{"name":"ümla","odd":1,"others":["{ID}"],"place":"{ID}"}}"#)
        );
    }

    #[test]
    fn shows_no_content() {
        let mut members = Members::default();
        members.set("note", "private");
        members.text("name", "private", 0..=1);
        assert_eq!(format!("{members:?}"), r#"{"note", "name"}"#);
    }
}
