//! Building blocks of documents: three-state fields and members that the SDK does not know.

mod known;
mod members;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

pub use self::{known::read_known, members::Members};

/// Holds a member of a request document that may be left out, be `null`, or have a value: three different things
/// on the wire.
///
/// Leaving a member out leaves what the service has; `null` clears it.
///
/// ```
/// use globus_core::Field;
/// #[derive(serde::Serialize, Default)]
/// struct Update {
///     #[serde(skip_serializing_if = "Field::is_absent")]
///     label: Field<String>,
/// }
/// let json = |label| serde_json::to_string(&Update { label }).unwrap();
/// assert_eq!(json(Field::Absent), "{}");
/// assert_eq!(json(Field::Null), r#"{"label":null}"#);
/// assert_eq!(json("x".to_owned().into()), r#"{"label":"x"}"#);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are three states, and never a fourth")]
pub enum Field<T> {
    /// Is left out.
    #[default]
    Absent,
    /// Is `null`.
    Null,
    /// Has this value.
    Value(T),
}

impl<T> Field<T> {
    /// Tells whether the member is left out; for `#[serde(skip_serializing_if)]`.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Gives the value, if there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// `None` is `null`.
impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

/// Spares the caller of a setter the `to_owned`.
impl From<&str> for Field<String> {
    fn from(text: &str) -> Self {
        Self::Value(text.to_owned())
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(deserializer).map(Self::from)
    }
}

/// Reads `null` as the default.
///
/// # Errors
/// Those of the type itself.
pub fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Gives documents the accessor of their private member `extra`.
#[macro_export]
#[doc(hidden)]
macro_rules! extra_accessors {
    ($($Document:ident),+) => {
        $(
            impl $Document {
                /// Gives the members that this version of the SDK does not know.
                #[must_use]
                pub fn extra(&self) -> &$crate::Extra {
                    &self.extra
                }
            }
        )+
    };
}

/// Keeps the members of a document that this version of the SDK does not know: nothing the service said is lost.
///
/// Costs one pointer when there are none.
#[derive(Clone, Default, PartialEq)]
pub struct Extra(Option<Box<Map<String, Value>>>);

impl Extra {
    /// Gives one unknown member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.as_ref()?.get(name)
    }

    /// Walks over all unknown members, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().flat_map(|map| map.iter().map(|(name, value)| (name.as_str(), value)))
    }

    /// Tells whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Sets a member of a request document that the SDK has no setter for.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.get_or_insert_default().insert(name.into(), value.into());
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> de::Visitor<'de> for Members {
            type Value = Extra;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut access: A) -> Result<Extra, A::Error> {
                let mut extra = Extra::default();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    extra.insert(name, value);
                }
                Ok(extra)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    struct Document {
        name: String,
        #[serde(flatten)]
        extra: Extra,
    }

    #[test]
    fn unknown_members_survive_a_round_trip() {
        let text = r#"{"name":"a","new":{"x":[1,null]},"other":true}"#;
        let document: Document = serde_json::from_str(text).unwrap();
        assert_eq!(document.extra.get("other"), Some(&Value::Bool(true)));
        assert_eq!(serde_json::to_string(&document).unwrap(), text);
    }

    #[test]
    fn none_cost_one_pointer() {
        let document: Document = serde_json::from_str(r#"{"name":"a"}"#).unwrap();
        assert!(document.extra.is_empty());
        assert_eq!(size_of::<Extra>(), size_of::<usize>());
        assert_eq!(serde_json::to_string(&document).unwrap(), r#"{"name":"a"}"#);
    }

    #[test]
    fn setters_take_text_and_none() {
        fn set(value: impl Into<Field<String>>) -> Field<String> {
            value.into()
        }
        assert_eq!(set("x"), Field::Value("x".to_owned()));
        assert_eq!(set("x".to_owned()), set(Some("x".to_owned())));
        assert_eq!(set(None), Field::Null);
        assert_eq!(set(Field::Absent), Field::Absent);
    }

    #[test]
    fn null_and_value_are_read_apart() {
        #[derive(Deserialize)]
        struct Three {
            #[serde(default)]
            x: Field<u8>,
        }
        let read = |text| serde_json::from_str::<Three>(text).unwrap().x;
        assert_eq!(read("{}"), Field::Absent);
        assert_eq!(read(r#"{"x":null}"#), Field::Null);
        assert_eq!(read(r#"{"x":3}"#), Field::Value(3));
    }
}
