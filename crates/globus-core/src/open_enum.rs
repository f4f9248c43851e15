//! Words of the service: known ones as variants, tomorrow's ones kept.

/// Keeps a word that this version of the SDK does not know. Read it with the enum's `as_str`.
///
/// Its content cannot be matched on: a word that is unknown today gets a variant of its own in a later release,
/// and code that matched on the text would silently stop working then.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    #[doc(hidden)]
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    #[doc(hidden)]
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.0, f)
    }
}

/// Declares an open enum over words of the service.
///
/// The enum gets a further variant `Unknown(UnknownValue)`, `as_str`, `Display`, `From<&str>`, `FromStr` (which never
/// fails), `Into<String>`, `Serialize` and `Deserialize`. Reading a known word does not allocate.
#[macro_export]
#[doc(hidden)]
macro_rules! open_enum {
    ($(#[$doc:meta])* pub enum $Enum:ident { $($(#[$vdoc:meta])* $Variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $Enum {
            $($(#[$vdoc])* $Variant,)+
            /// A word that this version of the SDK does not know; `as_str` gives it.
            Unknown($crate::UnknownValue),
        }

        impl $Enum {
            /// Gives the word as the service writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$Variant => $word,)+
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl From<&str> for $Enum {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$Variant,)+
                    _ => Self::Unknown($crate::UnknownValue::new(word)),
                }
            }
        }

        impl From<$Enum> for ::std::string::String {
            fn from(word: $Enum) -> Self {
                word.as_str().to_owned()
            }
        }

        impl ::std::str::FromStr for $Enum {
            type Err = ::std::convert::Infallible;

            fn from_str(word: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self::from(word))
            }
        }

        impl ::std::fmt::Display for $Enum {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::__private::Serialize for $Enum {
            fn serialize<S: $crate::__private::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $Enum {
            fn deserialize<D: $crate::__private::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                $crate::__private::deserialize_word(deserializer)
            }
        }
    };
}

/// Reads a word without copying it, for the `Deserialize` of every open enum.
#[doc(hidden)]
pub fn deserialize_word<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: for<'a> From<&'a str>,
{
    struct Word<T>(std::marker::PhantomData<T>);
    impl<T: for<'a> From<&'a str>> serde::de::Visitor<'_> for Word<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a word")
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<T, E> {
            Ok(T::from(word))
        }
    }
    deserializer.deserialize_str(Word(std::marker::PhantomData))
}
