//! Shared parts of documents.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// Declares the type of a document's `DATA_TYPE`, which always says the same: reading passes over it, writing
/// writes the word. A directory of 100,000 files has 100,000 of them; they must not land among the unknown members.
macro_rules! data_types {
    ($($Type:ident = $word:literal;)+) => {
        $(
            #[derive(Debug, Clone, Copy, Default, PartialEq)]
            pub(crate) struct $Type;

            impl ::serde::Serialize for $Type {
                fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str($word)
                }
            }

            impl<'de> ::serde::Deserialize<'de> for $Type {
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    ::serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
                }
            }
        )+
    };
}

pub(crate) use globus_core::{__private::or_default, extra_accessors};

data_types! {
    EndpointType = "endpoint";
    EndpointListType = "endpoint_list";
    ServerType = "server";
    FileDocumentType = "file";
    FileListType = "file_list";
    FilterRuleType = "filter_rule";
    TaskDocumentType = "task";
    TaskListType = "task_list";
    EventType = "event";
    EventListType = "event_list";
    SuccessfulTransferType = "successful_transfer";
    SuccessfulTransfersType = "successful_transfers";
    SkippedErrorType = "skipped_error";
    SkippedErrorsType = "skipped_errors";
    SubmissionIdType = "submission_id";
    LinkType = "link";
}

/// Reads a marker, which is a number or a text.
pub(crate) fn marker<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match NumberOrText::deserialize(deserializer)? {
        NumberOrText::Number(number) => Some(number.to_string()),
        NumberOrText::Text(text) => Some(text),
        NumberOrText::Nothing => None,
    })
}

/// Reads a whole number, also from a text; what is none becomes `None`.
pub(crate) fn lenient_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match NumberOrText::deserialize(deserializer)? {
        NumberOrText::Number(number) => Some(number),
        NumberOrText::Text(text) => text.trim().parse().ok(),
        NumberOrText::Nothing => None,
    })
}

enum NumberOrText {
    Number(i64),
    Text(String),
    Nothing,
}

impl<'de> Deserialize<'de> for NumberOrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = NumberOrText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a text or null")
            }

            fn visit_i64<E>(self, number: i64) -> Result<NumberOrText, E> {
                Ok(NumberOrText::Number(number))
            }

            fn visit_u64<E>(self, number: u64) -> Result<NumberOrText, E> {
                Ok(i64::try_from(number)
                    .map_or_else(|_| NumberOrText::Text(number.to_string()), NumberOrText::Number))
            }

            fn visit_str<E>(self, text: &str) -> Result<NumberOrText, E> {
                Ok(NumberOrText::Text(text.to_owned()))
            }

            fn visit_unit<E>(self) -> Result<NumberOrText, E> {
                Ok(NumberOrText::Nothing)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Page {
        #[serde(default, deserialize_with = "marker")]
        marker: Option<String>,
        #[serde(default, deserialize_with = "lenient_integer")]
        seconds: Option<i64>,
    }

    fn read(text: &str) -> (Option<String>, Option<i64>) {
        let page: Page = serde_json::from_str(text).unwrap();
        (page.marker, page.seconds)
    }

    #[test]
    fn markers_are_numbers_or_texts() {
        assert_eq!(read(r#"{"marker":7,"seconds":"-1"}"#), (Some("7".to_owned()), Some(-1)));
        assert_eq!(read(r#"{"marker":"a,b","seconds":30}"#), (Some("a,b".to_owned()), Some(30)));
        assert_eq!(
            read(r#"{"marker":18446744073709551615}"#),
            (Some("18446744073709551615".to_owned()), None)
        );
        assert_eq!(read(r#"{"marker":null,"seconds":null}"#), (None, None));
        assert_eq!(read("{}"), (None, None));
        assert_eq!(read(r#"{"seconds":"soon"}"#), (None, None));
        assert!(serde_json::from_str::<Page>(r#"{"marker":[]}"#).is_err());
    }
}
