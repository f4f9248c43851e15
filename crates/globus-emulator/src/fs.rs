//! Collections on disk: the only code of the emulator that touches files.
//!
//! A [`Root`] is an open handle on a collection's directory. Every operation is resolved below that handle
//! component by component by `cap-std` (`openat2(RESOLVE_BENEATH)` where the system has it), so neither `..`,
//! nor an absolute path, nor a link, nor a link that is swapped in between two calls leads out.

pub(crate) mod checksum;
mod copy;
mod entry;
mod names;
mod owners;
mod path;

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};

pub(crate) use copy::{CopyError, CopyOptions};
pub(crate) use entry::{Entry, Kind};
pub(crate) use path::{CollectionPath, PathError};

use owners::Owners;

/// The directory of one collection.
#[derive(Debug, Default)]
pub(crate) struct Root {
    place: OnceLock<Place>,
    /// Shared with the roots below this one.
    connection: Arc<Connection>,
    owners: Owners,
}

/// Where a collection is on this machine.
#[derive(Debug)]
struct Place {
    dir: Dir,
    /// Absolute links that point below it are followed, too.
    location: PathBuf,
}

/// Whether the machine of a collection can be reached.
#[derive(Debug, Default)]
struct Connection {
    is_cut: AtomicBool,
}

/// Whether an operation acts on what a link points to, or on the link itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Links {
    Follow,
    Keep,
}

/// As many links as Linux follows in one path.
const MOST_LINKS: usize = 40;
/// Unfinished copies have names that start so; listings leave them out.
const PART_PREFIX: &str = ".globus-emulator-part-";

impl Root {
    /// Opens the directory of a collection.
    pub(crate) fn open(path: &Path) -> io::Result<Root> {
        let root = Root::default();
        root.connect(path)?;
        Ok(root)
    }

    /// Gives a root without a directory its directory. One that has one keeps it.
    pub(crate) fn connect(&self, path: &Path) -> io::Result<()> {
        let location = path.canonicalize()?;
        let dir = Dir::open_ambient_dir(&location, ambient_authority())?;
        self.place.get_or_init(|| Place { dir, location });
        Ok(())
    }

    /// Opens a directory below this one as a root of its own, which is connected as long as this one is.
    pub(crate) fn below(&self, path: &CollectionPath) -> io::Result<Root> {
        let below = self.resolve(path.as_path(), Links::Follow)?;
        let dir = self.dir()?.open_dir(&below)?;
        let location = self.location()?.join(&below);
        let place = OnceLock::from(Place { dir, location });
        Ok(Root { place, connection: self.connection.clone(), owners: Owners::default() })
    }

    /// Where on this machine it is, reachable or not.
    pub(crate) fn directory(&self) -> Option<&Path> {
        self.place.get().map(|place| place.location.as_path())
    }

    /// Whether the directory can be reached now.
    pub(crate) fn is_connected(&self) -> bool {
        self.dir().is_ok()
    }

    /// Plugs the machine of the collection in, or pulls the plug.
    pub(crate) fn set_connected(&self, connected: bool) {
        self.connection.is_cut.store(!connected, Ordering::Relaxed);
    }

    fn place(&self) -> io::Result<&Place> {
        let cut = self.connection.is_cut.load(Ordering::Relaxed);
        self.place.get().filter(|_| !cut).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotConnected,
                "The GCP endpoint is not currently connected to Globus",
            )
        })
    }

    fn dir(&self) -> io::Result<&Dir> {
        self.place().map(|place| &place.dir)
    }

    fn location(&self) -> io::Result<&Path> {
        self.place().map(|place| place.location.as_path())
    }

    /// Describes one path; a link by what it points to.
    pub(crate) fn stat(&self, path: &CollectionPath) -> io::Result<Entry> {
        let own = self.link_metadata(path)?;
        Ok(self.entry(path.name().unwrap_or_default(), path.as_path(), &own))
    }

    /// Describes everything in a directory, in no particular order.
    pub(crate) fn list(&self, path: &CollectionPath) -> io::Result<Vec<Entry>> {
        let (place, entries) = self.within(path.as_path(), Links::Follow, |place| {
            Ok((place.to_owned(), self.dir()?.read_dir(place)?))
        })?;
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(PART_PREFIX.as_bytes()) {
                continue;
            }
            match entry.metadata() {
                Ok(own) => found.push(self.entry(names::to_text(&name), &place.join(&name), &own)),
                // Removed since the directory was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Creates one directory; its parent must exist.
    pub(crate) fn create_dir(&self, path: &CollectionPath) -> io::Result<()> {
        if path.is_root() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.within(path.as_path(), Links::Keep, |place| self.dir()?.create_dir(place))
    }

    /// Creates a directory and its missing parents; existing ones are kept.
    pub(crate) fn create_dir_all(&self, path: &CollectionPath) -> io::Result<()> {
        let is_dir =
            |path: &CollectionPath| Ok::<_, io::Error>(self.target_metadata(path.as_path())?.is_dir());
        let mut missing = Vec::new();
        let mut at = path.clone();
        while !at.is_root() && !is_dir(&at).unwrap_or(false) {
            let parent = at.parent();
            missing.push(at);
            at = parent;
        }
        for path in missing.iter().rev() {
            match self.create_dir(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if !is_dir(path)? {
                        return Err(io::ErrorKind::NotADirectory.into());
                    }
                }
                other => other?,
            }
        }
        Ok(())
    }

    /// Renames a file, directory or link. The new name must be free, its parent must exist.
    pub(crate) fn rename(&self, old: &CollectionPath, new: &CollectionPath) -> io::Result<()> {
        if old.is_root() || new.is_root() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.link_metadata(old)?;
        match self.link_metadata(new) {
            Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        self.within(old.as_path(), Links::Keep, |old| {
            self.within(new.as_path(), Links::Keep, |new| self.dir()?.rename(old, self.dir()?, new))
        })
    }

    /// Removes a file or a link, or a whole directory. Links are removed, never followed.
    pub(crate) fn remove(&self, path: &CollectionPath) -> io::Result<()> {
        if path.is_root() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let own = self.link_metadata(path)?;
        self.within(path.as_path(), Links::Keep, |place| {
            if own.is_dir() { self.dir()?.remove_dir_all(place) } else { self.dir()?.remove_file(place) }
        })
    }

    /// Makes a link. Where it leads matters to who follows it.
    #[cfg(unix)]
    pub(crate) fn make_link(&self, target: &str, path: &CollectionPath) -> io::Result<()> {
        let target = names::from_text(target);
        self.within(path.as_path(), Links::Keep, |place| self.dir()?.symlink_contents(&target, place))
    }

    /// Links are not made on this platform.
    #[cfg(not(unix))]
    pub(crate) fn make_link(&self, _: &str, _: &CollectionPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Recreates a link with the same target, replacing a file or link of that name.
    #[cfg(unix)]
    pub(crate) fn copy_link(
        &self,
        path: &CollectionPath,
        to: &Root,
        destination: &CollectionPath,
    ) -> io::Result<()> {
        let target =
            self.within(path.as_path(), Links::Keep, |place| self.dir()?.read_link_contents(place))?;
        match to.link_metadata(destination) {
            Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(_) => to.remove(destination)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        to.within(destination.as_path(), Links::Keep, |place| to.dir()?.symlink_contents(&target, place))
    }

    /// Links are not recreated on this platform.
    #[cfg(not(unix))]
    pub(crate) fn copy_link(&self, _: &CollectionPath, _: &Root, _: &CollectionPath) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Describes a path itself, not what it points to.
    fn link_metadata(&self, path: &CollectionPath) -> io::Result<Metadata> {
        self.within(path.as_path(), Links::Keep, |place| self.dir()?.symlink_metadata(place))
    }

    fn target_metadata(&self, place: &Path) -> io::Result<Metadata> {
        self.within(place, Links::Follow, |place| self.dir()?.metadata(place))
    }

    /// Runs an operation on a path. `cap-std` refuses every absolute link; those that point below this root are
    /// resolved here and the operation is tried again on the path without links, still confined to the root.
    fn within<T>(
        &self,
        path: &Path,
        links: Links,
        operation: impl Fn(&Path) -> io::Result<T>,
    ) -> io::Result<T> {
        match operation(path) {
            Err(error) if is_escape(&error) => operation(&self.resolve(path, links)?),
            other => other,
        }
    }

    /// Replaces every link in a path by its target. What does not exist is left as it is.
    fn resolve(&self, path: &Path, links: Links) -> io::Result<PathBuf> {
        let mut ahead: Vec<OsString> = normal_components(path);
        let mut done = PathBuf::new();
        let mut followed = 0;
        while let Some(name) = ahead.pop() {
            if name == ".." {
                if !done.pop() {
                    return Err(outside());
                }
                continue;
            }
            done.push(&name);
            if ahead.is_empty() && links == Links::Keep && followed == 0 {
                break;
            }
            let is_link = match self.dir()?.symlink_metadata(&done) {
                Ok(metadata) => metadata.is_symlink(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                Err(error) => return Err(error),
            };
            if !is_link || (ahead.is_empty() && links == Links::Keep) {
                continue;
            }
            followed += 1;
            if followed > MOST_LINKS {
                return Err(io::Error::other("too many levels of symbolic links"));
            }
            let target = self.dir()?.read_link_contents(&done)?;
            done.pop();
            if target.has_root() {
                let below = target.strip_prefix(self.location()?).map_err(|_| outside())?;
                done.clear();
                ahead.extend(normal_components(below));
            } else {
                ahead.extend(normal_components(&target));
            }
        }
        Ok(if done.as_os_str().is_empty() { PathBuf::from(".") } else { done })
    }
}

/// The names of a path, last one first, as a stack of what is still ahead.
fn normal_components(path: &Path) -> Vec<OsString> {
    let mut names: Vec<OsString> = path
        .components()
        .filter(|component| matches!(component, Component::Normal(_) | Component::ParentDir))
        .map(|component| component.as_os_str().to_owned())
        .collect();
    names.reverse();
    names
}

fn outside() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "a link leads out of the collection")
}

/// `cap-std` tells an escape from a plain refusal by the missing errno.
fn is_escape(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

#[cfg(test)]
mod tests;
