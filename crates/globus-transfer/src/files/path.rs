//! Paths on collections.

use std::{fmt, str::FromStr};

use globus_core::{CollectionId, IntoId, InvalidId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Names a file or directory: a collection, and a path on it.
///
/// ```
/// use globus_transfer::CollectionPath;
///
/// let path: CollectionPath = "globus://ddb59aef-6d04-11e5-ba46-22000b92c6ec/~/runs/run%207/".parse()?;
/// assert_eq!(path.path(), "/~/runs/run 7/");
/// assert_eq!(path.join("raw/1.h5")?.path(), "/~/runs/run 7/raw/1.h5");
/// assert_eq!(path.to_string(), "globus://ddb59aef-6d04-11e5-ba46-22000b92c6ec/~/runs/run%207/");
/// assert_eq!(path, "ddb59aef-6d04-11e5-ba46-22000b92c6ec:~/runs/run 7/".parse()?);
/// assert!("globus://ddb59aef-6d04-11e5-ba46-22000b92c6ec/a/../b".parse::<CollectionPath>().is_err());
/// # Ok::<(), globus_transfer::files::InvalidCollectionPath>(())
/// ```
///
/// Read from a `globus://` URL, in which special characters are escaped, or from `ID:path` as the command line writes it,
/// where nothing is. The path begins with `/`; `/~/` is the user's home on a mapped collection. It has neither `.` nor
/// `..` in it, no empty part, no NUL and no CR LF, which the service refuses; each alone may be in a name, and is escaped
/// in a URL. A `/` at the end says that it is a directory, and stays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CollectionPath {
    collection: CollectionId,
    path: String,
}

/// Says why a text is no path on a collection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCollectionPath {
    /// It is neither a `globus://` URL nor `ID:path`.
    #[error("{0:?} is neither globus://COLLECTION_ID/path nor COLLECTION_ID:path")]
    Form(String),
    /// The collection is none.
    #[error(transparent)]
    Collection(#[from] InvalidId),
    /// The path is none.
    #[error("the path {path:?} {problem}")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl From<InvalidCollectionPath> for globus_core::Error {
    fn from(invalid: InvalidCollectionPath) -> Self {
        Self::invalid_input(invalid.to_string())
    }
}

/// What need not be escaped in a URL's path.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'~').remove(b'-').remove(b'.').remove(b'_');

impl CollectionPath {
    /// Names a path on a collection. A path that begins with `~` is in the user's home; any other is taken from the
    /// collection's root.
    ///
    /// # Errors
    /// [`InvalidCollectionPath`], when either is none.
    pub fn new(
        collection: impl IntoId<CollectionId>,
        path: impl AsRef<str>,
    ) -> Result<Self, InvalidCollectionPath> {
        let collection = collection.into_id()?;
        Ok(Self { collection, path: normal(path.as_ref())? })
    }

    /// Gives the collection.
    #[must_use]
    pub fn collection(&self) -> CollectionId {
        self.collection
    }

    /// Gives the path, which begins with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Tells whether the path ends with `/`.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.path.ends_with('/')
    }

    /// Names something below this path.
    ///
    /// # Errors
    /// [`InvalidCollectionPath`], when it would lie elsewhere: a path with `..`, or one that begins with `/` or `~`.
    pub fn join(&self, relative: impl AsRef<str>) -> Result<Self, InvalidCollectionPath> {
        let relative = relative.as_ref();
        if relative.starts_with(['/', '~']) {
            let problem = "begins at a root, and cannot be below another";
            return Err(InvalidCollectionPath::Path { path: relative.to_owned(), problem });
        }
        Self::new(self.collection, below(&self.path, relative))
    }

    /// Names the directory that this is in; `None` for a root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        parent(&self.path).map(|path| Self { collection: self.collection, path: path.to_owned() })
    }

    /// Gives the last part of the path; `None` for a root.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        parent(&self.path)?;
        self.path.trim_end_matches('/').rsplit('/').next()
    }
}

impl FromStr for CollectionPath {
    type Err = InvalidCollectionPath;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(rest) = text.strip_prefix("globus://") {
            let (collection, path) = rest.split_once('/').unwrap_or((rest, ""));
            // An escaped `/` would be another path than it seems.
            if path.to_ascii_lowercase().contains("%2f") {
                let problem = "has an escaped /";
                return Err(InvalidCollectionPath::Path { path: path.to_owned(), problem });
            }
            let decoded = percent_decode_str(path)
                .decode_utf8()
                .map_err(|_| InvalidCollectionPath::Path { path: path.to_owned(), problem: "is no UTF-8" })?;
            return Self::new(collection, format!("/{decoded}"));
        }
        let (collection, path) =
            text.split_once(':').ok_or_else(|| InvalidCollectionPath::Form(text.to_owned()))?;
        Self::new(collection, path)
    }
}

/// Writes a `globus://` URL.
impl fmt::Display for CollectionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "globus://{}{}", self.collection, utf8_percent_encode(&self.path, ESCAPED))
    }
}

impl Serialize for CollectionPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CollectionPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

fn normal(path: &str) -> Result<String, InvalidCollectionPath> {
    let invalid = |problem| Err(InvalidCollectionPath::Path { path: path.to_owned(), problem });
    match forbidden(path) {
        Some(("NUL", _)) => return invalid("has a NUL in it"),
        Some(_) => return invalid("has a CR LF in it"),
        None => {}
    }
    let inside = path.strip_prefix('/').unwrap_or(path);
    if inside == "~" {
        return Ok("/~/".to_owned());
    }
    let parts = inside.strip_suffix('/').unwrap_or(inside);
    for part in parts.split('/').filter(|_| !parts.is_empty()) {
        match part {
            "" => return invalid("has an empty part"),
            "." => return invalid("has a . in it"),
            ".." => return invalid("has a .. in it"),
            _ => {}
        }
    }
    if parts.is_empty() && !inside.is_empty() {
        return invalid("has an empty part");
    }
    Ok(format!("/{inside}"))
}

/// Finds what no path may have in it, and at which byte. A line feed or a carriage return alone is in names of files;
/// both in a row end the commands by which data is moved.
pub(crate) fn forbidden(path: &str) -> Option<(&'static str, usize)> {
    path.find('\0').map(|at| ("NUL", at)).or_else(|| path.find("\r\n").map(|at| ("CR LF", at)))
}

/// Says what the service will not like about a path.
pub(crate) fn complaint(path: &str) -> Option<String> {
    if path.is_empty() {
        return Some("is empty".to_owned());
    }
    let (what, position) = forbidden(path)?;
    Some(format!("has a {what} at byte {position}"))
}

/// Names what is in a directory.
pub(crate) fn below(directory: &str, name: &str) -> String {
    if directory.is_empty() || directory.ends_with('/') {
        format!("{directory}{name}")
    } else {
        format!("{directory}/{name}")
    }
}

/// Gives the directory that something is in, with a `/` at the end; `None` for a root.
pub(crate) fn parent(path: &str) -> Option<&str> {
    let bare = path.trim_end_matches('/');
    if bare.is_empty() || bare == "/~" || bare == "~" {
        return None;
    }
    bare.rfind('/').map(|slash| &path[..=slash])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";

    fn read(path: &str) -> Result<String, String> {
        CollectionPath::new(ID, path).map(|path| path.path).map_err(|error| error.to_string())
    }

    #[test]
    fn paths_have_one_form() {
        for (given, expected) in [
            ("", "/"),
            ("/", "/"),
            ("~", "/~/"),
            ("/~", "/~/"),
            ("~/a", "/~/a"),
            ("/~/a b/", "/~/a b/"),
            ("a/b", "/a/b"),
            ("/..a/...", "/..a/..."),
        ] {
            assert_eq!(read(given).as_deref(), Ok(expected), "{given}");
        }
        for (given, expected) in [
            ("/a/../b", "has a .. in it"),
            ("..", "has a .. in it"),
            ("/a/./b", "has a . in it"),
            ("/a//b", "has an empty part"),
            ("//", "has an empty part"),
            ("/a\r\nb", "has a CR LF in it"),
            ("/a\0b", "has a NUL in it"),
        ] {
            assert!(read(given).unwrap_err().ends_with(expected), "{given}: {:?}", read(given));
        }
    }

    #[test]
    fn urls_come_back_as_they_were() {
        for path in ["/", "/~/", "/a b/c%d?e#f+g/ü/", "/-x/\u{301}", "/'\"\\<>", "/a\nb\r/\n"] {
            let whole = CollectionPath::new(ID, path).unwrap();
            let text = whole.to_string();
            assert!(text.is_ascii() && !text.contains([' ', '?', '#']), "{text}");
            assert_eq!(text.parse::<CollectionPath>().unwrap(), whole);
            assert_eq!(format!("{ID}:{path}").parse::<CollectionPath>().unwrap(), whole);
            let json = serde_json::to_string(&whole).unwrap();
            assert_eq!(serde_json::from_str::<CollectionPath>(&json).unwrap(), whole);
        }
        for wrong in ["", "/a", "http://x/y", "globus://x/y", "globus:///y"] {
            assert!(wrong.parse::<CollectionPath>().is_err(), "{wrong}");
        }
        for wrong in ["/a/%2e%2e/b", "/a%2Fb", "/%ff", "/a%0D%0Ab", "/a%00b"] {
            assert!(format!("globus://{ID}{wrong}").parse::<CollectionPath>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn up_and_down() {
        let path = CollectionPath::new(ID, "~/a/b/").unwrap();
        assert_eq!(path.file_name(), Some("b"));
        let parent = path.parent().unwrap();
        assert_eq!((parent.path(), parent.is_directory()), ("/~/a/", true));
        assert_eq!(parent.parent().unwrap().path(), "/~/");
        assert_eq!(parent.parent().unwrap().parent(), None);
        assert_eq!(parent.join("x/y").unwrap().path(), "/~/a/x/y");
        for wrong in ["/x", "~/x", "../x", "x/../y"] {
            assert!(parent.join(wrong).is_err(), "{wrong}");
        }
        assert_eq!(CollectionPath::new(ID, "/").unwrap().file_name(), None);
    }
}
