//! What is known of a file.

use std::path::Path;
use std::sync::Arc;

use cap_std::fs::{FileType, Metadata};
use jiff::Timestamp;

use super::{Root, names};

/// One file, directory or link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The name as text; see [`names`].
    pub(crate) name: String,
    /// The type; of a link, that of its target.
    pub(crate) kind: Kind,
    pub(crate) size: u64,
    pub(crate) modified: Timestamp,
    /// The permission bits, such as `0o755`.
    pub(crate) permissions: u32,
    pub(crate) user: Option<Arc<str>>,
    pub(crate) group: Option<Arc<str>>,
    /// Present when the name is a symbolic link.
    pub(crate) link: Option<Link>,
}

/// The link itself, where an [`Entry`] describes its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) target: String,
    pub(crate) size: u64,
    pub(crate) modified: Timestamp,
    pub(crate) user: Option<Arc<str>>,
    pub(crate) group: Option<Arc<str>>,
}

/// The type of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    File,
    Dir,
    /// A link whose target is missing, in a loop, or outside the collection.
    InvalidLink,
    CharDevice,
    BlockDevice,
    Pipe,
    Other,
}

impl Kind {
    /// The service's word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::File => "file",
            Kind::Dir => "dir",
            Kind::InvalidLink => "invalid_symlink",
            Kind::CharDevice => "chr",
            Kind::BlockDevice => "blk",
            Kind::Pipe => "pipe",
            Kind::Other => "other",
        }
    }
}

impl Root {
    /// Describes `place`, whose own metadata are given.
    pub(super) fn entry(&self, name: String, place: &Path, own: &Metadata) -> Entry {
        if !own.is_symlink() {
            return self.described(name, kind(own.file_type()), own, None);
        }
        let text = |target: std::path::PathBuf| {
            let parts: Vec<String> = target.iter().map(names::to_text).collect();
            // The first part of an absolute target is the separator itself.
            if target.has_root() { format!("/{}", parts[1..].join("/")) } else { parts.join("/") }
        };
        let target = self.within(place, super::Links::Keep, |place| self.dir()?.read_link_contents(place));
        let link = Link {
            target: target.map(text).unwrap_or_default(),
            size: own.len(),
            modified: modified(own),
            user: self.owners.user(own),
            group: self.owners.group(own),
        };
        match self.target_metadata(place) {
            Ok(target) => self.described(name, kind(target.file_type()), &target, Some(link)),
            Err(_) => self.described(name, Kind::InvalidLink, own, Some(link)),
        }
    }

    fn described(&self, name: String, kind: Kind, metadata: &Metadata, link: Option<Link>) -> Entry {
        Entry {
            name,
            kind,
            size: metadata.len(),
            modified: modified(metadata),
            permissions: permissions(metadata),
            user: self.owners.user(metadata),
            group: self.owners.group(metadata),
            link,
        }
    }
}

fn kind(of: FileType) -> Kind {
    if of.is_file() {
        return Kind::File;
    }
    if of.is_dir() {
        return Kind::Dir;
    }
    #[cfg(unix)]
    {
        use cap_std::fs::FileTypeExt;
        if of.is_char_device() {
            return Kind::CharDevice;
        }
        if of.is_block_device() {
            return Kind::BlockDevice;
        }
        if of.is_fifo() {
            return Kind::Pipe;
        }
    }
    Kind::Other
}

/// Returns the modification time; the epoch where the file system has none or an unrepresentable one.
pub(super) fn modified(metadata: &Metadata) -> Timestamp {
    metadata
        .modified()
        .ok()
        .and_then(|time| Timestamp::try_from(time.into_std()).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(unix)]
fn permissions(metadata: &Metadata) -> u32 {
    cap_std::fs::MetadataExt::mode(metadata) & 0o7777
}

#[cfg(not(unix))]
fn permissions(metadata: &Metadata) -> u32 {
    match (metadata.is_dir(), metadata.permissions().readonly()) {
        (true, _) => 0o755,
        (false, true) => 0o444,
        (false, false) => 0o644,
    }
}
