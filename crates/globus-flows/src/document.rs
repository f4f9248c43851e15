//! What the documents of the service are read with.

use serde::{Deserialize, Deserializer};

/// Reads `null` as the empty value.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
