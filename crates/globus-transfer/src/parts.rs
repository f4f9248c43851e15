//! Parts that documents for managing collections have in common: request documents, lists, ids.

use serde::{Deserialize, Serialize};

pub(crate) use globus_core::__private::Members;

/// Holds a document's `DATA_TYPE`, so that it is written as it was read and does not land among the unknown members.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct DataType(Option<Box<str>>);

/// The most characters that a name for people may have.
const LONGEST_NAME: usize = 128;

/// Sets a name for people: 1 to 128 characters, no line breaks, no blanks around it.
pub(crate) fn set_name(members: &mut Members, name: &str, text: impl Into<String>) {
    let text: String = text.into();
    if text.contains(['\r', '\n']) {
        members.refuse(name, format!("{name} has a line break"));
    } else if text.trim() != text {
        members.refuse(name, format!("{name} has blanks around it"));
    } else {
        members.text(name, text, 1..=LONGEST_NAME);
    }
}

/// Sets a path, which is not empty and has neither NUL nor CR LF in it.
pub(crate) fn set_path(members: &mut Members, name: &str, path: impl Into<String>) {
    let path: String = path.into();
    match crate::files::path::complaint(&path) {
        Some(complaint) => members.refuse(name, format!("{name} {complaint}")),
        None => {
            members.set(name, path);
        }
    }
}

/// Declares a request document: a setter for each member, of the kinds `text`, `id T`, `any T`,
/// `optional T` (`None` leaves it out) and, for members that may also be `null`, `field T`.
///
/// `as "word"` is its `DATA_TYPE`. A `pub update` also gets `new()`, without any member.
macro_rules! request_document {
    ($(#[$doc:meta])+ pub update $Document:ident $(as $data_type:literal)? { $($members:tt)* }) => {
        $crate::parts::request_document! { $(#[$doc])+ pub struct $Document $(as $data_type)? { $($members)* } }

        impl $Document {
            /// Changes nothing yet.
            pub fn new() -> Self {
                Self::start()
            }
        }

        impl Default for $Document {
            fn default() -> Self {
                Self::new()
            }
        }
    };
    ($(#[$doc:meta])+ pub struct $Document:ident $(as $data_type:literal)? {
        $($(#[$member_doc:meta])+ $name:ident: $kind:ident $($T:ty)?;)*
    }) => {
        $(#[$doc])+
        #[derive(Debug, Clone, ::serde::Serialize)]
        #[serde(transparent)]
        #[must_use = "a document does nothing until it is sent"]
        pub struct $Document($crate::parts::Members);

        impl $Document {
            #[allow(unused_mut, reason = "not every document says its type")]
            fn start() -> Self {
                let mut members = $crate::parts::Members::default();
                $(members.set("DATA_TYPE", $data_type);)?
                Self(members)
            }

            $($crate::parts::setter!([$(#[$member_doc])+] $name $kind $($T)?);)*

            /// Sets a member that the SDK has no setter for, in place of any of the same name, and unchecked.
            pub fn extra(mut self, name: impl Into<String>, value: impl Into<::serde_json::Value>) -> Self {
                self.0.set(name, value.into());
                self
            }
        }
    };
}
pub(crate) use request_document;

/// One setter of a request document.
macro_rules! setter {
    ([$($doc:tt)+] $name:ident text) => {
        $($doc)+
        pub fn $name(mut self, value: impl Into<String>) -> Self {
            self.0.set(stringify!($name), value.into());
            self
        }
    };
    ([$($doc:tt)+] $name:ident id $Id:ty) => {
        $($doc)+
        pub fn $name(mut self, value: impl ::globus_core::IntoId<$Id>) -> Self {
            self.0.id::<$Id>(stringify!($name), value);
            self
        }
    };
    ([$($doc:tt)+] $name:ident any $T:ty) => {
        $($doc)+
        pub fn $name(mut self, value: impl Into<$T>) -> Self {
            let value: $T = value.into();
            self.0.set(stringify!($name), value);
            self
        }
    };
    ([$($doc:tt)+] $name:ident optional $T:ty) => {
        $($doc)+
        pub fn $name(mut self, value: impl Into<Option<$T>>) -> Self {
            let value: Option<$T> = value.into();
            self.0.field(
                stringify!($name),
                value.map_or(::globus_core::Field::Absent, ::globus_core::Field::Value),
            );
            self
        }
    };
    ([$($doc:tt)+] $name:ident field $T:ty) => {
        $($doc)+
        ///
        /// `None` sends `null`, which clears it.
        pub fn $name(mut self, value: impl Into<::globus_core::Field<$T>>) -> Self {
            self.0.field(stringify!($name), value.into());
            self
        }
    };
}
pub(crate) use setter;

/// Declares a list that comes whole.
macro_rules! list {
    ($(#[$doc:meta])+ pub struct $List:ident of $Item:ident {
        $($(#[$member_doc:meta])+ $member:ident: $T:ty,)*
    }) => {
        $(#[$doc])+
        #[derive(Debug, Clone, ::serde::Serialize, ::serde::Deserialize)]
        #[non_exhaustive]
        pub struct $List {
            #[serde(rename = "DATA_TYPE", default)]
            data_type: $crate::parts::DataType,
            /// What is on the list.
            #[serde(rename = "DATA", default, deserialize_with = "crate::document::or_default")]
            pub data: Vec<$Item>,
            $($(#[$member_doc])+ pub $member: Option<$T>,)*
            #[serde(flatten)]
            extra: ::globus_core::Extra,
        }

        $crate::document::extra_accessors!($List);
    };
}
pub(crate) use list;

/// Declares an identifier that is a text of the service's choice; numbers are read too.
macro_rules! text_id {
    ($(#[$doc:meta])+ pub struct $Id:ident;) => {
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize)]
        #[serde(transparent)]
        pub struct $Id(String);

        impl $Id {
            /// Gives the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $Id {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $Id {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $Id {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&Self> for $Id {
            fn from(id: &Self) -> Self {
                id.clone()
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $Id {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = $crate::document::marker(deserializer)?;
                text.map(Self).ok_or_else(|| ::serde::de::Error::custom("expected an id, not null"))
            }
        }
    };
}
pub(crate) use text_id;

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro makes documents of the API")]
mod tests {
    use globus_core::{CollectionId, Field};

    use super::*;

    request_document! {
        /// For the tests.
        pub struct Thing as "thing" {
            /// A text.
            note: field String;
            /// An id.
            place: id CollectionId;
            /// A number.
            size: optional u64;
        }
    }

    fn json(thing: &Thing) -> Result<String, String> {
        serde_json::to_string(thing).map_err(|error| error.to_string())
    }

    #[test]
    fn absent_null_and_value() {
        let thing = Thing::start();
        assert_eq!(json(&thing).unwrap(), r#"{"DATA_TYPE":"thing"}"#);
        let thing = thing.note("x");
        assert_eq!(json(&thing).unwrap(), r#"{"DATA_TYPE":"thing","note":"x"}"#);
        let thing = thing.note(None);
        assert_eq!(json(&thing).unwrap(), r#"{"DATA_TYPE":"thing","note":null}"#);
        assert_eq!(json(&thing.note(Field::Absent)).unwrap(), r#"{"DATA_TYPE":"thing"}"#);
    }

    #[test]
    fn none_leaves_an_optional_member_out() {
        let thing = Thing::start().size(3);
        assert_eq!(json(&thing).unwrap(), r#"{"DATA_TYPE":"thing","size":3}"#);
        assert_eq!(json(&thing.size(Some(4)).size(None)).unwrap(), r#"{"DATA_TYPE":"thing"}"#);
    }

    #[test]
    fn says_all_that_is_wrong() {
        let mut thing = Thing::start().place("here");
        set_name(&mut thing.0, "note", "a\nb");
        let error = json(&thing).unwrap_err();
        assert!(
            error.starts_with("note has a line break; place: \"here\" is not a collection id"),
            "{error}"
        );
        let thing = thing.place("ddb59aef-6d04-11e5-ba46-22000b92c6ec").extra("note", 7);
        assert!(json(&thing).unwrap().contains(r#""note":7"#));
    }

    #[test]
    fn names_have_bounds() {
        let problem = |name: &str| {
            let mut members = Members::default();
            set_name(&mut members, "name", name);
            serde_json::to_string(&members).map_err(|error| error.to_string())
        };
        assert_eq!(problem(&"ü".repeat(128)), Ok(format!("{{\"name\":\"{}\"}}", "ü".repeat(128))));
        assert_eq!(problem(""), Err("name is empty".to_owned()));
        assert_eq!(
            problem(&"ü".repeat(129)),
            Err("name has 129 characters, and at most 128 are allowed".to_owned())
        );
        assert_eq!(problem(" a"), Err("name has blanks around it".to_owned()));
    }
}
