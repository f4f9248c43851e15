//! Documents and their items as the service writes them: what is sent, and what a submission is stored as.

use std::{fmt, io};

use globus_core::{CollectionId, SubmissionId};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
    ser::{self, SerializeMap, SerializeSeq},
};
use serde_json::{Map, Value};

use super::{
    draft::{Draft, Kind},
    items::{Item, ItemOptions, Items, Place, Shape},
};

/// Writes one item.
pub(super) struct Wire<'a> {
    pub(super) kind: Kind,
    pub(super) item: Item<'a>,
}

impl Wire<'_> {
    /// Counts the bytes of a document as JSON.
    pub(super) fn size_of(document: &impl Serialize) -> u64 {
        struct Counter(u64);
        impl io::Write for Counter {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 += bytes.len() as u64;
                Ok(bytes.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut counter = Counter(0);
        // What cannot be written is told when it is sent.
        let _ = serde_json::to_writer(&mut counter, document);
        counter.0
    }
}

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { kind, item } = self;
        let mut map = serializer.serialize_map(None)?;
        if *kind == Kind::Delete {
            map.serialize_entry("DATA_TYPE", "delete_item")?;
            map.serialize_entry("path", item.source)?;
            return map.end();
        }
        let extra = item.options.and_then(|options| options.extra.as_deref());
        // What the caller set by hand takes the place of what the SDK says.
        let own = |name: &str| extra.is_none_or(|extra| !extra.contains_key(name));
        let data_type = if item.shape == Shape::Symlink { "transfer_symlink_item" } else { "transfer_item" };
        for (name, value) in
            [("DATA_TYPE", data_type), ("source_path", item.source), ("destination_path", item.destination)]
        {
            if own(name) {
                map.serialize_entry(name, value)?;
            }
        }
        let recursive = match item.shape {
            Shape::Detect | Shape::Symlink => None,
            Shape::File => Some(false),
            Shape::Directory => Some(true),
        };
        if let Some(recursive) = recursive.filter(|_| own("recursive")) {
            map.serialize_entry("recursive", &recursive)?;
        }
        if let Some(options) = item.options {
            for (name, value) in [
                ("external_checksum", &options.external_checksum),
                ("checksum_algorithm", &options.checksum_algorithm),
            ] {
                if let Some(value) = value.as_deref().filter(|_| own(name)) {
                    map.serialize_entry(name, value)?;
                }
            }
        }
        for (name, value) in extra.into_iter().flatten() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Writes the document whole, with the submission id if it has one.
impl Serialize for Draft {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(problem) = &self.problem {
            return Err(ser::Error::custom(problem));
        }
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.members() {
            map.serialize_entry(name, value)?;
        }
        if let Some(id) = self.submission_id() {
            map.serialize_entry("submission_id", &id)?;
        }
        map.serialize_entry("DATA", &AllItems(self))?;
        map.end()
    }
}

struct AllItems<'a>(&'a Draft);

impl Serialize for AllItems<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = self.0.items();
        let mut list = serializer.serialize_seq(Some(items.len()))?;
        let mut place = Place::default();
        while let Some(item) = items.next(&mut place) {
            list.serialize_element(&Wire { kind: self.0.kind, item })?;
        }
        list.end()
    }
}

/// Reads a document of one kind; a document that does not say its type is taken for it.
pub(super) fn read<'de, D: Deserializer<'de>>(kind: Kind, deserializer: D) -> Result<Draft, D::Error> {
    let raw = Raw::deserialize(deserializer)?;
    if raw.kind.is_some_and(|read| read != kind) {
        return Err(de::Error::custom(format!("expected the DATA_TYPE {:?}", kind.data_type())));
    }
    raw.into_draft(kind)
}

/// Reads a document of either kind, which has to say which it is.
pub(super) fn read_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Draft, D::Error> {
    let raw = Raw::deserialize(deserializer)?;
    let kind = raw.kind.ok_or_else(|| de::Error::missing_field("DATA_TYPE"))?;
    raw.into_draft(kind)
}

/// A document as it was read, before it is known what it is.
#[derive(Default)]
struct Raw {
    kind: Option<Kind>,
    members: Map<String, Value>,
    submission_id: Option<SubmissionId>,
    items: Items,
    /// Of the items: the number of the first one for a transfer, and of the first one for a deletion.
    first: [Option<usize>; 2],
}

impl Raw {
    fn into_draft<E: de::Error>(self, kind: Kind) -> Result<Draft, E> {
        let (wrong, ids): (usize, &[&str]) = match kind {
            Kind::Transfer => (1, &["source_endpoint", "destination_endpoint"]),
            Kind::Delete => (0, &["endpoint"]),
        };
        if let Some(number) = self.first[wrong] {
            return Err(E::custom(format!("item {number} is none of a {}", kind.data_type())));
        }
        let mut draft = Draft::new(kind);
        for (name, value) in self.members {
            if ids.contains(&name.as_str()) {
                let id = value.as_str().ok_or_else(|| E::custom(format!("{name} is no text")))?;
                draft.set_collection(&name, id);
            } else {
                draft.set(&name, value);
            }
        }
        if let Some(missing) = ids.iter().find(|id| !draft.members().contains_key(**id)) {
            return Err(E::custom(draft.problem.unwrap_or_else(|| format!("{missing} is missing"))));
        }
        draft.append_items(self.items);
        if let Some(id) = self.submission_id {
            draft.give(id);
        }
        Ok(draft)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Document;
        impl<'de> Visitor<'de> for Document {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a transfer or delete document")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
                let mut raw = Raw::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "DATA" => map.next_value_seed(ItemsOf(&mut raw))?,
                        "submission_id" => raw.submission_id = map.next_value()?,
                        "DATA_TYPE" => {
                            let word: String = map.next_value()?;
                            raw.kind = Some(match word.as_str() {
                                "transfer" => Kind::Transfer,
                                "delete" => Kind::Delete,
                                _ => return Err(de::Error::unknown_variant(&word, &["transfer", "delete"])),
                            });
                        }
                        _ => {
                            raw.members.insert(name, map.next_value()?);
                        }
                    }
                }
                Ok(raw)
            }
        }
        deserializer.deserialize_map(Document)
    }
}

/// Reads items one by one to where they are stored.
struct ItemsOf<'a>(&'a mut Raw);

impl<'de> DeserializeSeed<'de> for ItemsOf<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ItemsOf<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element::<ReadItem>()? {
            let number = self.0.items.len() + 1;
            let is_delete = item.path.is_some();
            self.0.first[usize::from(is_delete)].get_or_insert(number);
            item.store(&mut self.0.items)
                .map_err(|problem| de::Error::custom(format!("item {number}: {problem}")))?;
        }
        Ok(())
    }
}

/// An item of either kind, as it is read from a document or from a line of a file list.
#[derive(Deserialize)]
pub(super) struct ReadItem {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    pub(super) path: Option<String>,
    source_path: Option<String>,
    destination_path: Option<String>,
    recursive: Option<bool>,
    external_checksum: Option<Box<str>>,
    checksum_algorithm: Option<Box<str>>,
    #[serde(flatten)]
    pub(super) extra: Map<String, Value>,
}

impl ReadItem {
    pub(super) fn store(self, items: &mut Items) -> Result<(), String> {
        let shape = match (self.data_type.as_deref(), self.recursive) {
            (Some("transfer_symlink_item"), _) => Shape::Symlink,
            (None | Some("transfer_item" | "delete_item"), None) => Shape::Detect,
            (None | Some("transfer_item"), Some(false)) => Shape::File,
            (None | Some("transfer_item"), Some(true)) => Shape::Directory,
            (Some(other), _) => return Err(format!("the DATA_TYPE {other:?} is no item's")),
        };
        let (source, destination) = match (self.path, self.source_path, self.destination_path) {
            (Some(path), None, None) => {
                let plain = shape == Shape::Detect
                    && self.external_checksum.is_none()
                    && self.checksum_algorithm.is_none();
                if let Some(name) = self.extra.keys().next() {
                    return Err(format!("an item of a deletion has no {name}"));
                }
                if !plain {
                    return Err("an item of a deletion has nothing but its path".to_owned());
                }
                (path, String::new())
            }
            (None, Some(source), Some(destination)) => {
                check_path("destination_path", &destination)?;
                (source, destination)
            }
            (None, Some(_), None) => return Err("destination_path is missing".to_owned()),
            (None, None, Some(_)) => return Err("source_path is missing".to_owned()),
            _ => return Err("expected either source_path and destination_path, or path".to_owned()),
        };
        check_path(if destination.is_empty() { "path" } else { "source_path" }, &source)?;
        let options = ItemOptions {
            external_checksum: self.external_checksum,
            checksum_algorithm: self.checksum_algorithm,
            extra: (!self.extra.is_empty()).then(|| Box::new(self.extra)),
        };
        let options = (options != ItemOptions::default()).then(|| Box::new(options));
        items.push(&source, &destination, shape, options).map_err(str::to_owned)
    }
}

fn check_path(name: &str, path: &str) -> Result<(), String> {
    crate::files::path::complaint(path).map_or(Ok(()), |complaint| Err(format!("{name} {complaint}")))
}

/// Gives the collections of a document, for looking for tasks between the same ones.
pub(super) fn collections(draft: &Draft) -> (Option<CollectionId>, Option<CollectionId>) {
    let id = |name: &str| draft.members().get(name)?.as_str()?.parse().ok();
    match draft.kind {
        Kind::Transfer => (id("source_endpoint"), id("destination_endpoint")),
        Kind::Delete => (id("endpoint"), None),
    }
}
