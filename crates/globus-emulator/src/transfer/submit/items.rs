//! What a submission lists. There may be a million items, so they are read straight into small structures.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::fs::CollectionPath;
use crate::fs::checksum::Algorithm;
use crate::server::body::Object;
use crate::transfer::glob::{Glob, Syntax};

/// One thing to copy.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Object<RawItem<'_>>")]
pub(crate) struct TransferItem {
    pub(crate) source: Box<str>,
    pub(crate) destination: Box<str>,
    pub(crate) form: Form,
    pub(crate) checks: Option<Box<Checks>>,
}

/// What the client says that an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Nothing: find out.
    Detect,
    File,
    Directory,
    /// A link that is recreated.
    Link,
}

/// How the content of an item is checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Checks {
    pub(crate) algorithm: Algorithm,
    /// The checksum that the client announced.
    pub(crate) expected: Option<Box<str>>,
}

#[derive(Deserialize)]
struct RawItem<'a> {
    #[serde(rename = "DATA_TYPE", borrow, default)]
    data_type: Option<Cow<'a, str>>,
    source_path: Option<Box<str>>,
    destination_path: Option<Box<str>>,
    recursive: Option<bool>,
    external_checksum: Option<Box<str>>,
    checksum_algorithm: Option<Box<str>>,
}

impl TryFrom<Object<RawItem<'_>>> for TransferItem {
    type Error = String;

    fn try_from(Object(raw): Object<RawItem<'_>>) -> Result<TransferItem, String> {
        let form = match (raw.data_type.as_deref(), raw.recursive) {
            (None | Some("transfer_item"), None) => Form::Detect,
            (None | Some("transfer_item"), Some(true)) => Form::Directory,
            (None | Some("transfer_item"), Some(false)) => Form::File,
            (Some("transfer_symlink_item"), _) => Form::Link,
            (Some(other), _) => return Err(format!("Invalid DATA_TYPE '{other}' of an item")),
        };
        let expected = raw.external_checksum.filter(|checksum| !checksum.is_empty());
        if expected.is_some() && matches!(form, Form::Directory | Form::Link) {
            return Err("'external_checksum' is for single files only".to_owned());
        }
        let algorithm = raw.checksum_algorithm.as_deref().filter(|name| !name.is_empty());
        let checks = match (algorithm, expected) {
            (None, None) => None,
            (name, expected) => Some(Box::new(Checks {
                algorithm: match name {
                    None => Algorithm::default(),
                    Some(name) => Algorithm::from_name(name)
                        .ok_or_else(|| format!("Invalid 'checksum_algorithm' '{name}'"))?,
                },
                expected,
            })),
        };
        Ok(TransferItem {
            source: checked_path(raw.source_path, "source_path")?,
            destination: checked_path(raw.destination_path, "destination_path")?,
            form,
            checks,
        })
    }
}

/// One path to delete.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Object<RawDeleteItem<'_>>")]
pub(crate) struct DeleteItem {
    pub(crate) path: Box<str>,
}

#[derive(Deserialize)]
struct RawDeleteItem<'a> {
    #[serde(rename = "DATA_TYPE", borrow, default)]
    data_type: Option<Cow<'a, str>>,
    path: Option<Box<str>>,
}

impl TryFrom<Object<RawDeleteItem<'_>>> for DeleteItem {
    type Error = String;

    fn try_from(Object(raw): Object<RawDeleteItem<'_>>) -> Result<DeleteItem, String> {
        if let Some(other) = raw.data_type.as_deref().filter(|name| *name != "delete_item") {
            return Err(format!("Invalid DATA_TYPE '{other}' of an item"));
        }
        let path = checked_path(raw.path, "path")?;
        match CollectionPath::parse(&path) {
            Ok(parsed) if parsed.is_root() => Err(format!("'{path}' is the root of the collection")),
            _ => Ok(DeleteItem { path }),
        }
    }
}

/// Refuses what no file system could mean. Paths out of the collection are not looked for here: like every
/// problem of the storage, they show when the task runs.
fn checked_path(path: Option<Box<str>>, name: &str) -> Result<Box<str>, String> {
    let path = path.ok_or_else(|| format!("'{name}' is required"))?;
    match CollectionPath::check_characters(&path) {
        Ok(()) => Ok(path),
        Err(error) => Err(format!("Invalid '{name}': {error}")),
    }
}

/// Which entries of a directory are left out.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FilterRule {
    #[serde(rename = "DATA_TYPE")]
    data_type: &'static str,
    method: Method,
    #[serde(rename = "type")]
    applies_to: Option<AppliesTo>,
    name: String,
    #[serde(skip)]
    glob: Glob,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    #[default]
    Exclude,
    Include,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AppliesTo {
    File,
    Dir,
}

impl<'de> Deserialize<'de> for FilterRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FilterRule, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            #[serde(rename = "DATA_TYPE")]
            data_type: Option<String>,
            method: Option<Method>,
            #[serde(rename = "type")]
            applies_to: Option<AppliesTo>,
            name: String,
        }
        let Object(raw) = Object::<Raw>::deserialize(deserializer)?;
        if let Some(other) = raw.data_type.filter(|name| name != "filter_rule") {
            return Err(serde::de::Error::custom(format!("Invalid DATA_TYPE '{other}' of a filter rule")));
        }
        Ok(FilterRule {
            data_type: "filter_rule",
            method: raw.method.unwrap_or_default(),
            applies_to: raw.applies_to,
            glob: Glob::new(&raw.name, Syntax::Shell),
            name: raw.name,
        })
    }
}

/// Whether the first rule that fits an entry leaves it out.
pub(crate) fn is_excluded(rules: &[FilterRule], name: &str, is_dir: bool) -> bool {
    rules
        .iter()
        .find(|rule| {
            let fits = match rule.applies_to {
                None => true,
                Some(AppliesTo::Dir) => is_dir,
                Some(AppliesTo::File) => !is_dir,
            };
            fits && rule.glob.matches(name)
        })
        .is_some_and(|rule| rule.method == Method::Exclude)
}

/// Returns a destination that is named twice.
pub(crate) fn repeated_destination(items: &[TransferItem]) -> Option<&str> {
    let mut seen = HashSet::with_capacity(items.len());
    items.iter().find(|item| !seen.insert(place(&item.destination))).map(|item| &*item.destination)
}

/// The same for every spelling of a path. Few paths have another one, and only these are copied.
fn place(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') && !path.starts_with("/~") && !path.contains("//") && !path.contains("/.") {
        return Cow::Borrowed(trimmed(path));
    }
    match CollectionPath::found(path) {
        Ok(path) => Cow::Owned(trimmed(&path.directory()).to_owned()),
        Err(_) => Cow::Borrowed(trimmed(path)),
    }
}

/// A number that is equal for equal collections and sets of paths, in any order.
pub(crate) fn fingerprint<'a>(
    kind: &str,
    collections: &[Uuid],
    paths: impl Iterator<Item = (&'a str, &'a str)>,
) -> u128 {
    let both = |hash: &dyn Fn(&mut DefaultHasher)| {
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            salt.hash(&mut hasher);
            hash(&mut hasher);
            u128::from(hasher.finish())
        };
        half(1) << 64 | half(2)
    };
    let start = both(&|hasher| (kind, collections).hash(hasher));
    paths.fold(start, |sum, (source, destination)| {
        sum.wrapping_add(both(&|hasher| (trimmed(source), trimmed(destination)).hash(hasher)))
    })
}

/// Returns the longest common directory of some paths, with a slash at the end.
pub(crate) fn base_path<'a>(mut paths: impl Iterator<Item = (&'a str, bool)>) -> Option<String> {
    let directory = |(path, is_dir): (&'a str, bool)| {
        if is_dir {
            trimmed(path)
        } else {
            trimmed(path).rsplit_once('/').map_or("", |(directory, _)| directory)
        }
    };
    let mut common: Vec<&str> = directory(paths.next()?).split('/').collect();
    for path in paths {
        let same = common.iter().zip(directory(path).split('/')).take_while(|(a, b)| **a == *b).count();
        common.truncate(same);
    }
    Some(format!("{}/", common.join("/")))
}

fn trimmed(path: &str) -> &str {
    path.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<FilterRule> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let only_txt = rules(
            r#"[{"method":"include","type":"file","name":"*.txt"},{"method":"exclude","type":"file","name":"*"}]"#,
        );
        assert!(!is_excluded(&only_txt, "a.txt", false));
        assert!(is_excluded(&only_txt, "a.csv", false));
        assert!(!is_excluded(&only_txt, "a.csv", true));
        let both = rules(r#"[{"DATA_TYPE":"filter_rule","name":"tmp*"},{"type":null,"name":"[ab]"}]"#);
        assert!(is_excluded(&both, "tmp1", true) && is_excluded(&both, "tmp1", false));
        assert!(is_excluded(&both, "a", false) && !is_excluded(&both, "c", false));
        assert!(!is_excluded(&[], "a", false));
    }

    #[test]
    fn wrong_rules_are_refused() {
        for text in [
            r#"[{"method":"drop","name":"*"}]"#,
            r#"[{"type":"link","name":"*"}]"#,
            r#"[{"method":"exclude"}]"#,
            r#"[{"DATA_TYPE":"rule","name":"*"}]"#,
        ] {
            assert!(serde_json::from_str::<Vec<FilterRule>>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn items_say_what_is_wrong_with_them() {
        for (item, says) in [
            (r#"{"destination_path":"/b"}"#, "source_path"),
            (r#"{"source_path":"/a"}"#, "destination_path"),
            (r#"{"source_path":"","destination_path":"/b"}"#, "empty"),
            (r#"{"source_path":"/a\r\n","destination_path":"/b"}"#, "line break"),
            (r#"{"source_path":"/a","destination_path":"/b\u0000"}"#, "NUL"),
            (r#"{"source_path":"/a","destination_path":"/b","checksum_algorithm":"crc"}"#, "crc"),
            (
                r#"{"source_path":"/a","destination_path":"/b","recursive":true,"external_checksum":"0"}"#,
                "single",
            ),
            (r#"{"DATA_TYPE":"item","source_path":"/a","destination_path":"/b"}"#, "DATA_TYPE"),
            (r#"{"source_path":"/a","destination_path":"/b","recursive":"yes"}"#, "boolean"),
        ] {
            let error = serde_json::from_str::<TransferItem>(item).unwrap_err().to_string();
            assert!(error.contains(says), "{item}: {error}");
        }
        for path in ["/", "/~/", "~", "/a/.."] {
            let item = format!(r#"{{"path":"{path}"}}"#);
            let error = serde_json::from_str::<DeleteItem>(&item).unwrap_err().to_string();
            assert!(error.contains("root"), "{path}: {error}");
        }
    }

    #[test]
    fn fingerprints_know_sets_from_each_other() {
        let print = |paths: &[(&'static str, &'static str)]| {
            fingerprint("transfer", &[Uuid::nil()], paths.iter().copied())
        };
        assert_eq!(print(&[("/a", "/b"), ("/c", "/d")]), print(&[("/c", "/d/"), ("/a/", "/b")]));
        assert_ne!(print(&[("/a", "/b")]), print(&[("/b", "/a")]));
        assert_ne!(print(&[("/a", "/b")]), print(&[("/a", "/b"), ("/c", "/d")]));
        assert_ne!(print(&[]), fingerprint("delete", &[Uuid::nil()], [].into_iter()));
    }

    #[test]
    fn base_paths_are_common_directories() {
        let base = |paths: &[(&'static str, bool)]| base_path(paths.iter().copied());
        assert_eq!(base(&[("/u/new/a.txt", false), ("/u/new/b/c.txt", false)]).as_deref(), Some("/u/new/"));
        assert_eq!(base(&[("/u/new/a.txt", false)]).as_deref(), Some("/u/new/"));
        assert_eq!(base(&[("/u/new", true)]).as_deref(), Some("/u/new/"));
        assert_eq!(base(&[("/u/new", true), ("/u/newer", true)]).as_deref(), Some("/u/"));
        assert_eq!(base(&[("/a", false), ("/b", false)]).as_deref(), Some("/"));
        assert_eq!(base(&[]), None);
    }
}
