//! Who has a role.

use std::{convert::Infallible, fmt, str::FromStr};

use globus_core::{GroupId, IdentityId, UnknownValue};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const IDENTITY: &str = "urn:globus:auth:identity:";
const GROUP: &str = "urn:globus:groups:id:";
const PUBLIC: &str = "public";
const ALL_AUTHENTICATED_USERS: &str = "all_authenticated_users";

/// Is somebody who has a role in a flow: an identity, a group, or everybody.
///
/// Reads and writes the text of the service; a text of another form is kept as [`Principal::Unknown`].
///
/// ```
/// use globus_flows::Principal;
///
/// let principal: Principal = "urn:globus:groups:id:c1a5d0b2-9f7e-4a63-8a0e-6f2b1c3d4e5f".into();
/// assert!(matches!(principal, Principal::Group(_)));
/// assert_eq!(Principal::Public.to_string(), "public");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Principal {
    /// One identity (`urn:globus:auth:identity:…`).
    Identity(IdentityId),
    /// Every member of a group (`urn:globus:groups:id:…`).
    Group(GroupId),
    /// Everybody, also without a login (`public`). May view flows, and nothing else.
    Public,
    /// Everybody who has logged in (`all_authenticated_users`). May start flows, and nothing else.
    AllAuthenticatedUsers,
    /// A text that this version of the SDK does not know; `Display` gives it.
    Unknown(UnknownValue),
}

impl From<&str> for Principal {
    fn from(text: &str) -> Self {
        match text {
            PUBLIC => Self::Public,
            ALL_AUTHENTICATED_USERS => Self::AllAuthenticatedUsers,
            _ => None
                .or_else(|| Some(Self::Identity(id(text, IDENTITY)?)))
                .or_else(|| Some(Self::Group(id(text, GROUP)?)))
                .unwrap_or_else(|| Self::Unknown(UnknownValue::new(text))),
        }
    }
}

/// Reads the id after `prefix`, if it stands there as the service writes it.
fn id<T: FromStr + fmt::Display>(text: &str, prefix: &str) -> Option<T> {
    let text = text.strip_prefix(prefix)?;
    let id: T = text.parse().ok()?;
    id.to_string().eq_ignore_ascii_case(text).then_some(id)
}

impl From<String> for Principal {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Principal> for Principal {
    fn from(principal: &Principal) -> Self {
        principal.clone()
    }
}

impl From<IdentityId> for Principal {
    fn from(id: IdentityId) -> Self {
        Self::Identity(id)
    }
}

impl From<GroupId> for Principal {
    fn from(id: GroupId) -> Self {
        Self::Group(id)
    }
}

impl FromStr for Principal {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(text))
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(id) => write!(f, "{IDENTITY}{id}"),
            Self::Group(id) => write!(f, "{GROUP}{id}"),
            Self::Public => f.write_str(PUBLIC),
            Self::AllAuthenticatedUsers => f.write_str(ALL_AUTHENTICATED_USERS),
            Self::Unknown(value) => f.write_str(value.as_str()),
        }
    }
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Principal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        globus_core::__private::deserialize_word(deserializer)
    }
}

/// Reads a list of principals, for which the service also writes `null`, and one word in place of a list.
pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Principal>, D::Error> {
    struct List;
    impl<'de> de::Visitor<'de> for List {
        type Value = Vec<Principal>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of principals")
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(vec![text.into()])
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
            let mut list = Vec::with_capacity(access.size_hint().unwrap_or(0));
            while let Some(principal) = access.next_element()? {
                list.push(principal);
            }
            Ok(list)
        }
    }
    deserializer.deserialize_any(List)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "7a1e0c9c-2f4a-4f0e-8f0c-0d9b1a2c3d4e";

    #[test]
    fn every_form_survives_a_round_trip() {
        let rows = [
            (format!("urn:globus:auth:identity:{UUID}"), Principal::Identity(UUID.parse().unwrap())),
            (format!("urn:globus:groups:id:{UUID}"), Principal::Group(UUID.parse().unwrap())),
            ("public".to_owned(), Principal::Public),
            ("all_authenticated_users".to_owned(), Principal::AllAuthenticatedUsers),
        ];
        for (text, principal) in rows {
            assert_eq!(text.parse(), Ok(principal.clone()));
            assert_eq!(principal.to_string(), text);
            let json = serde_json::to_string(&principal).unwrap();
            assert_eq!(json, format!("{text:?}"));
            assert_eq!(serde_json::from_str::<Principal>(&json).unwrap(), principal);
        }
    }

    #[test]
    fn what_is_unknown_is_kept_letter_by_letter() {
        for text in [
            "",
            "everybody",
            UUID,
            "ada@example.org",
            "urn:globus:auth:identity:",
            "urn:globus:auth:identity:ada",
            "urn:globus:auth:project:7a1e0c9c-2f4a-4f0e-8f0c-0d9b1a2c3d4e",
            "urn:globus:groups:id:7a1e0c9c2f4a4f0e8f0c0d9b1a2c3d4e",
            "urn:globus:groups:id: 7a1e0c9c-2f4a-4f0e-8f0c-0d9b1a2c3d4e",
            "Public",
        ] {
            let principal = Principal::from(text);
            assert!(matches!(principal, Principal::Unknown(_)), "{text}");
            assert_eq!(principal.to_string(), text);
        }
    }
}
