//! Identifiers: one type for each kind of thing, so that a task id is never taken for a collection id.

/// Says that a text is not an identifier of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {article} {kind}: expected a UUID such as ddb59aef-6d04-11e5-ba46-22000b92c6ec", article = article(kind))]
pub struct InvalidId {
    /// What the text was taken for, e.g. "collection id".
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

impl InvalidId {
    #[doc(hidden)]
    #[must_use]
    pub fn new(kind: &'static str, text: &str) -> Self {
        Self { kind, text: text.to_owned() }
    }
}

/// Converts into an identifier: the identifier itself, a [`uuid::Uuid`], or text.
///
/// Methods that take an identifier take `impl IntoId<…>`; a text that is none gives its error when the request
/// is sent, before anything goes over the network.
pub trait IntoId<T> {
    /// Converts.
    ///
    /// # Errors
    /// [`InvalidId`], when a text is not a UUID.
    fn into_id(self) -> Result<T, InvalidId>;
}

/// Declares an identifier over a UUID.
#[macro_export]
#[doc(hidden)]
macro_rules! uuid_id {
    ($(#[$doc:meta])* pub struct $Id:ident, $kind:literal;) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, $crate::__private::Serialize, $crate::__private::Deserialize)]
        #[serde(transparent, crate = "globus_core::__private::serde")]
        pub struct $Id($crate::__private::Uuid);

        impl $Id {
            /// Makes the identifier from its UUID.
            #[must_use]
            pub const fn new(uuid: $crate::__private::Uuid) -> Self {
                Self(uuid)
            }

            /// Gives the UUID.
            #[must_use]
            pub const fn as_uuid(&self) -> &$crate::__private::Uuid {
                &self.0
            }
        }

        impl ::std::fmt::Display for $Id {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::std::fmt::Debug for $Id {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::write!(f, concat!(stringify!($Id), "({})"), self.0)
            }
        }

        impl ::std::str::FromStr for $Id {
            type Err = $crate::InvalidId;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                $crate::__private::Uuid::try_parse(text.trim())
                    .map(Self)
                    .map_err(|_| $crate::InvalidId::new($kind, text))
            }
        }

        impl From<$crate::__private::Uuid> for $Id {
            fn from(uuid: $crate::__private::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$Id> for $crate::__private::Uuid {
            fn from(id: $Id) -> Self {
                id.0
            }
        }

        impl From<$Id> for ::std::string::String {
            fn from(id: $Id) -> Self {
                id.0.to_string()
            }
        }

        impl $crate::IntoId<$Id> for $Id {
            fn into_id(self) -> ::std::result::Result<$Id, $crate::InvalidId> {
                Ok(self)
            }
        }

        impl $crate::IntoId<$Id> for &$Id {
            fn into_id(self) -> ::std::result::Result<$Id, $crate::InvalidId> {
                Ok(*self)
            }
        }

        impl $crate::IntoId<$Id> for $crate::__private::Uuid {
            fn into_id(self) -> ::std::result::Result<$Id, $crate::InvalidId> {
                Ok($Id(self))
            }
        }

        impl $crate::IntoId<$Id> for &str {
            fn into_id(self) -> ::std::result::Result<$Id, $crate::InvalidId> {
                self.parse()
            }
        }

        impl $crate::IntoId<$Id> for ::std::string::String {
            fn into_id(self) -> ::std::result::Result<$Id, $crate::InvalidId> {
                self.parse()
            }
        }

        impl $crate::IntoId<$Id> for &::std::string::String {
            fn into_id(self) -> ::std::result::Result<$Id, $crate::InvalidId> {
                self.parse()
            }
        }
    };
}

uuid_id! {
    /// Names a collection or an endpoint: the two share one id space, and URLs and fields of the service say "endpoint".
    pub struct CollectionId, "collection id";
}
uuid_id! {
    /// Names a transfer or delete task.
    pub struct TaskId, "task id";
}
uuid_id! {
    /// Names one submission, so that sending it twice makes one task.
    pub struct SubmissionId, "submission id";
}
uuid_id! {
    /// Names a flow.
    pub struct FlowId, "flow id";
}
uuid_id! {
    /// Names a run of a flow.
    pub struct RunId, "run id";
}
uuid_id! {
    /// Names an application registered with Globus Auth; also its identity.
    pub struct ClientId, "client id";
}
uuid_id! {
    /// Names an identity: one account at one identity provider.
    pub struct IdentityId, "identity id";
}
uuid_id! {
    /// Names a group.
    pub struct GroupId, "group id";
}
uuid_id! {
    /// Names an authentication policy: what a login has to meet.
    pub struct PolicyId, "policy id";
}
uuid_id! {
    /// Names a Globus subscription.
    pub struct SubscriptionId, "subscription id";
}

impl SubmissionId {
    /// Makes a new identifier that nobody else has (a random UUID).
    #[must_use]
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const TEXT: &str = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";

    #[test]
    fn takes_text_uuid_and_itself() {
        let id: CollectionId = TEXT.parse().unwrap();
        assert_eq!(IntoId::<CollectionId>::into_id(TEXT), Ok(id));
        assert_eq!(IntoId::<CollectionId>::into_id(TEXT.to_uppercase()), Ok(id));
        assert_eq!(IntoId::<CollectionId>::into_id(Uuid::from(id)), Ok(id));
        let by_reference = &id;
        assert_eq!(IntoId::<CollectionId>::into_id(by_reference), Ok(id));
        assert_eq!(id.to_string(), TEXT);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("{TEXT:?}"));
    }

    #[test]
    fn says_what_was_expected() {
        let error = IntoId::<TaskId>::into_id("my-task").unwrap_err().to_string();
        assert_eq!(
            error,
            r#""my-task" is not a task id: expected a UUID such as ddb59aef-6d04-11e5-ba46-22000b92c6ec"#
        );
    }

    #[test]
    fn speaks_english() {
        let error = IntoId::<IdentityId>::into_id("ada").unwrap_err().to_string();
        assert!(error.starts_with(r#""ada" is not an identity id"#), "{error}");
    }

    #[test]
    fn random_submission_ids_differ() {
        let (a, b) = (SubmissionId::random(), SubmissionId::random());
        assert_ne!(a, b);
        assert_eq!(a.as_uuid().get_version_num(), 4);
    }
}
