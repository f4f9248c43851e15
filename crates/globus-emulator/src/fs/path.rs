//! Paths as clients write them, turned into paths that stay below a collection's root.

use std::path::{Component, Path, PathBuf};

use super::names;

/// The longest path that Linux takes, in bytes.
const LONGEST: usize = 4096;

/// A path inside a collection: relative, without `.`, `..` or links to the outside in its text.
///
/// The home directory is the root, so `/~/a`, `~/a`, `/a` and `a` are the same place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CollectionPath(PathBuf);

/// Why a text is not a path inside a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    #[error("the path is empty")]
    Empty,
    #[error("the path contains a line break (CR LF)")]
    LineBreak,
    #[error("the path contains a NUL character")]
    Nul,
    #[error("the path contains a name that the file system cannot store")]
    Unstorable,
    #[error("the path is longer than {LONGEST} bytes")]
    TooLong,
    #[error("the path leads above the root of the collection")]
    OutsideRoot,
}

impl CollectionPath {
    /// Reads a path as a client wrote it. `.` and `..` are resolved in the text, before any link is followed. CR LF is
    /// refused, as the service does; a line feed or a carriage return alone is a character like others.
    pub(crate) fn parse(text: &str) -> Result<CollectionPath, PathError> {
        let path = CollectionPath::found(text)?;
        CollectionPath::check_characters(text)?;
        Ok(path)
    }

    /// Refuses what no client may name, wherever it leads: NUL, and what ends the commands by which data is moved.
    pub(crate) fn check_characters(text: &str) -> Result<(), PathError> {
        match text {
            "" => Err(PathError::Empty),
            _ if text.contains('\0') => Err(PathError::Nul),
            _ if text.contains("\r\n") => Err(PathError::LineBreak),
            _ => Ok(()),
        }
    }

    /// Reads the path of something that was found in a directory, whatever its name is.
    pub(crate) fn found(text: &str) -> Result<CollectionPath, PathError> {
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        if text.len() > LONGEST {
            return Err(PathError::TooLong);
        }
        let mut path = PathBuf::new();
        let mut segments = text.split('/').filter(|segment| !segment.is_empty()).peekable();
        segments.next_if_eq(&"~");
        for segment in segments {
            match segment {
                "." => {}
                ".." if path.pop() => {}
                ".." => return Err(PathError::OutsideRoot),
                name => path.push(file_name(name)?),
            }
        }
        Ok(CollectionPath(path))
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0.as_os_str().is_empty()
    }

    /// The path for the file system, relative to the root; `.` for the root itself.
    pub(crate) fn as_path(&self) -> &Path {
        if self.is_root() { Path::new(".") } else { &self.0 }
    }

    /// The path as text, relative to the root; empty for the root itself.
    pub(crate) fn to_text(&self) -> String {
        self.0.iter().map(names::to_text).collect::<Vec<_>>().join("/")
    }

    /// The path as text, with a slash at both ends.
    pub(crate) fn directory(&self) -> String {
        if self.is_root() { "/".to_owned() } else { format!("/{}/", self.to_text()) }
    }

    /// The last name, as text; `None` for the root.
    pub(crate) fn name(&self) -> Option<String> {
        self.0.file_name().map(names::to_text)
    }

    /// The directory that holds this path; the root is its own parent.
    pub(crate) fn parent(&self) -> CollectionPath {
        CollectionPath(self.0.parent().map(Path::to_path_buf).unwrap_or_default())
    }
}

/// Reads one segment, and makes sure that it is one name still: neither the escaped form nor the rules of this
/// platform may turn it into a separator, a parent or a drive.
fn file_name(segment: &str) -> Result<std::ffi::OsString, PathError> {
    let name = names::from_text(segment);
    if name.as_encoded_bytes().contains(&0) {
        return Err(PathError::Nul);
    }
    let mut components = Path::new(&name).components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(only)), None) if only == name => Ok(name),
        (Some(Component::ParentDir), _) => Err(PathError::OutsideRoot),
        _ => Err(PathError::Unstorable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Result<String, PathError> {
        CollectionPath::parse(text).map(|path| path.as_path().to_string_lossy().into_owned())
    }

    #[test]
    fn the_same_place_in_every_spelling() {
        for text in ["/~/a/b", "~/a/b", "/a/b", "a/b", "//a//b//", "/a/./b/", "/a/x/../b", "./a/b", "/~//a/b"]
        {
            assert_eq!(shown(text).as_deref(), Ok("a/b"), "{text}");
        }
        for text in ["/", "/~/", "~", "/~", "//", "/.", "/a/..", "~/a/../"] {
            assert_eq!(shown(text).as_deref(), Ok("."), "{text}");
        }
    }

    #[test]
    fn a_tilde_is_home_in_front_only() {
        assert_eq!(shown("/a/~/b").as_deref(), Ok("a/~/b"));
        assert_eq!(shown("/~ada/b").as_deref(), Ok("~ada/b"));
        assert_eq!(shown("/~/~/b").as_deref(), Ok("~/b"));
    }

    #[test]
    fn nasty_paths_are_refused() {
        use PathError::{Empty, LineBreak, Nul, OutsideRoot, Unstorable};
        for (text, error) in [
            ("", Empty),
            ("..", OutsideRoot),
            ("/..", OutsideRoot),
            ("/../etc/passwd", OutsideRoot),
            ("/~/../x", OutsideRoot),
            ("~/..", OutsideRoot),
            ("/a/../../b", OutsideRoot),
            ("a/b/../../../a/b", OutsideRoot),
            ("/././..", OutsideRoot),
            ("//..//a", OutsideRoot),
            ("/a\r\nb", LineBreak),
            ("/a\r\n/..", LineBreak),
            ("/\u{FFFD}\r\n", LineBreak),
            ("/a\0b", Nul),
            ("/\u{FFFD}..", OutsideRoot),
            ("/a/\u{FFFD}../b", OutsideRoot),
            ("/\u{FFFD}.", Unstorable),
            ("/\u{FFFD}\0", Nul),
        ] {
            assert_eq!(shown(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn half_a_line_break_is_a_character() {
        for text in ["a\nb", "a\r", "\n", "a\r/\nb", "a\n\rb"] {
            assert_eq!(shown(text).as_deref(), Ok(text), "{text:?}");
        }
    }

    #[test]
    fn endless_paths_are_refused() {
        assert_eq!(shown(&"a/".repeat(2048)).map(|path| path.len()), Ok(4095));
        assert_eq!(shown(&"a/".repeat(2049)), Err(PathError::TooLong));
    }

    #[test]
    fn names_and_parents() {
        let path = CollectionPath::parse("/~/a/b/").unwrap();
        assert_eq!(path.name().as_deref(), Some("b"));
        assert_eq!(path.to_text(), "a/b");
        assert_eq!(path.parent(), CollectionPath::parse("/a").unwrap());
        let root = CollectionPath::parse("/").unwrap();
        assert_eq!((root.name(), root.parent()), (None, root.clone()));
    }

    proptest! {
        /// Whatever is accepted is made of plain names only, so that it cannot lead out.
        #[test]
        fn accepted_paths_stay_inside(text in "[/.~\u{FFFD}a\\\\: é\u{0}\n]{0,16}") {
            if let Ok(path) = CollectionPath::parse(&text)
                && !path.is_root()
            {
                prop_assert!(path.as_path().components().all(|c| matches!(c, Component::Normal(_))));
                prop_assert!(path.as_path().is_relative());
            }
        }
    }
}
