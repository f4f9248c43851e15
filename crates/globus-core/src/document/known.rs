//! Reading a document's known members at full speed, and keeping the others.
//!
//! `#[serde(flatten)]` would keep them too, but it makes every member of every entry pay for it: a listing has a
//! hundred thousand entries and, as a rule, no unknown member at all. Here the derived code of a plain struct reads
//! the known members, and only where it would pass over a member is the value kept.

use std::{any::type_name, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess, Visitor},
    forward_to_deserialize_any,
};
use serde_json::Value;

use super::Extra;

/// Declares a document of which unknown members are kept: the struct as written, with a private member `extra`, and
/// its `Deserialize`.
///
/// `Serialize` and the rest are derived as usual. A member must not be an `IgnoredAny`.
#[macro_export]
#[doc(hidden)]
macro_rules! document {
    (
        $(#[$meta:meta])*
        pub struct $Document:ident {
            $($(#[$member_meta:meta])* $vis:vis $member:ident : $Type:ty,)*
        }
    ) => {
        $(#[$meta])*
        pub struct $Document {
            $($(#[$member_meta])* $vis $member: $Type,)*
            #[serde(flatten)]
            extra: $crate::Extra,
        }

        const _: () = {
            #[derive($crate::__private::Deserialize)]
            #[serde(crate = "globus_core::__private::serde")]
            struct Known {
                $($(#[$member_meta])* $member: $Type,)*
            }

            impl<'de> $crate::__private::Deserialize<'de> for $Document {
                fn deserialize<D: $crate::__private::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::std::result::Result<Self, D::Error> {
                    let mut extra = $crate::Extra::default();
                    let Known { $($member),* } = $crate::__private::read_known(deserializer, &mut extra)?;
                    Ok(Self { $($member,)* extra })
                }
            }
        };
    };
}

/// Reads a struct with derived `Deserialize`; what it would pass over goes to `extra`.
///
/// # Errors
/// When the document is not a `T`.
#[doc(hidden)]
#[inline]
pub fn read_known<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
    extra: &mut Extra,
) -> Result<T, D::Error> {
    T::deserialize(Keeping { inner: deserializer, extra })
}

struct Keeping<'a, D> {
    inner: D,
    extra: &'a mut Extra,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Keeping<'_, D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_struct(name, fields, KeepingVisitor { inner: visitor, extra: self.extra })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct KeepingVisitor<'a, V> {
    inner: V,
    extra: &'a mut Extra,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for KeepingVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(KeepingMap { inner: access, name: MemberName::default(), extra: self.extra })
    }
}

struct KeepingMap<'a, 'de, A> {
    inner: A,
    /// The name of the member whose value comes next.
    name: MemberName<'de>,
    extra: &'a mut Extra,
}

/// A member's name. Nearly always it lies in the document itself; noting it must cost nothing then.
#[derive(Default)]
struct MemberName<'de> {
    borrowed: &'de str,
    owned: String,
    is_owned: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for KeepingMap<'_, 'de, A> {
    type Error = A::Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.inner.next_key_seed(Name { inner: seed, name: &mut self.name })
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        // What derived code has no member for, it reads as an `IgnoredAny`. Known when this is compiled.
        if type_name::<V::Value>() != type_name::<IgnoredAny>() {
            return self.inner.next_value_seed(seed);
        }
        let value: Value = self.inner.next_value()?;
        let name = if self.name.is_owned {
            std::mem::take(&mut self.name.owned)
        } else {
            self.name.borrowed.to_owned()
        };
        self.extra.insert(name, value);
        seed.deserialize(().into_deserializer())
    }
}

/// Reads a member's name, and keeps it at hand.
struct Name<'a, 'de, S> {
    inner: S,
    name: &'a mut MemberName<'de>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Name<'_, 'de, S> {
    type Value = S::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Name { inner: deserializer, name: self.name })
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Name<'_, 'de, D> {
    type Error = D::Error;

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_identifier(Name { inner: visitor, name: self.name })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_identifier(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Name<'_, 'de, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    #[inline]
    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<V::Value, E> {
        self.name.borrowed = name;
        self.name.is_owned = false;
        self.inner.visit_borrowed_str(name)
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<V::Value, E> {
        name.clone_into(&mut self.name.owned);
        self.name.is_owned = true;
        self.inner.visit_str(name)
    }
}
