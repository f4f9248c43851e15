//! Copies of file contents: into a temporary name, then renamed, so that nobody sees half a file.

use std::fs::FileTimes;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use axum::body::Bytes;
use cap_std::fs::OpenOptions;

use super::checksum::Algorithm;
use super::{CollectionPath, Links, PART_PREFIX, Root};

/// How a file is copied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CopyOptions<'a> {
    /// Gives the copy the modification time of the source.
    pub(crate) preserve_timestamp: bool,
    /// Reads both files again afterwards and compares their checksums.
    pub(crate) verify: bool,
    /// How checksums are taken.
    pub(crate) algorithm: Algorithm,
    /// The checksum that the content must have.
    pub(crate) expected: Option<&'a str>,
}

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) size: u64,
    /// The checksum, when one was taken.
    pub(crate) checksum: Option<String>,
}

/// Why a copy failed, and on which side.
#[derive(Debug)]
pub(crate) enum CopyError {
    Source(io::Error),
    Destination(io::Error),
    /// The source was written to meanwhile.
    SourceChanged,
    /// Source and copy have different checksums.
    Verify,
    /// The content is not what the client announced.
    External {
        found: String,
    },
    /// The caller asked to stop.
    Stopped,
}

/// How much is copied between two looks at whether to go on.
const CHUNK: u64 = 8 * 1024 * 1024;

impl Root {
    /// Copies one file, making missing parents of the destination. `progress` hears of every chunk and says
    /// whether to go on. A failed copy leaves the destination as it was.
    pub(crate) fn copy_file(
        &self,
        source: &CollectionPath,
        to: &Root,
        destination: &CollectionPath,
        options: CopyOptions<'_>,
        progress: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Copied, CopyError> {
        let mut from = self.open_file(source).map_err(CopyError::Source)?;
        let before = from.metadata().map_err(CopyError::Source)?;
        let mut part = Part::create(to, destination).map_err(CopyError::Destination)?;

        let mut size = 0;
        loop {
            let copied = io::copy(&mut (&mut from).take(CHUNK), &mut part.file).map_err(|error| {
                // The kernel copies between the two files: only the code tells whose fault it was.
                match error.kind() {
                    io::ErrorKind::StorageFull
                    | io::ErrorKind::QuotaExceeded
                    | io::ErrorKind::FileTooLarge => CopyError::Destination(error),
                    _ => CopyError::Source(error),
                }
            })?;
            size += copied;
            if !progress(copied) {
                return Err(CopyError::Stopped);
            }
            if copied < CHUNK {
                break;
            }
        }
        let after = from.metadata().map_err(CopyError::Source)?;
        if after.len() != size || modified_std(&after) != modified_std(&before) {
            return Err(CopyError::SourceChanged);
        }

        let checksum = self.check(source, &part, options)?;
        if options.preserve_timestamp
            && let Some(time) = modified_std(&before)
        {
            let times = FileTimes::new().set_modified(time);
            part.file.set_times(times).map_err(CopyError::Destination)?;
        }
        part.finish().map_err(CopyError::Destination)?;
        Ok(Copied { size, checksum })
    }

    /// Writes a file of chunks, until there is none. When that fails, what was there stays. Returns its length.
    pub(crate) fn write_file(
        &self,
        path: &CollectionPath,
        next: &mut dyn FnMut() -> io::Result<Option<Bytes>>,
    ) -> io::Result<u64> {
        let mut part = Part::create(self, path)?;
        let mut written = 0;
        while let Some(chunk) = next()? {
            part.file.write_all(&chunk)?;
            written += chunk.len() as u64;
        }
        part.finish()?;
        Ok(written)
    }

    /// Returns the checksum of a file.
    pub(crate) fn checksum(&self, path: &CollectionPath, algorithm: Algorithm) -> io::Result<String> {
        algorithm.hash(&mut self.open_file(path)?)
    }

    fn check(
        &self,
        source: &CollectionPath,
        part: &Part<'_>,
        options: CopyOptions<'_>,
    ) -> Result<Option<String>, CopyError> {
        if !options.verify && options.expected.is_none() {
            return Ok(None);
        }
        let found = self.checksum(source, options.algorithm).map_err(CopyError::Source)?;
        if let Some(expected) = options.expected
            && !found.eq_ignore_ascii_case(expected)
        {
            return Err(CopyError::External { found });
        }
        let copied = part.checksum(options.algorithm).map_err(CopyError::Destination)?;
        if copied == found { Ok(Some(found)) } else { Err(CopyError::Verify) }
    }

    /// Opens a regular file to read. Pipes and devices are refused, without waiting for their other end.
    pub(crate) fn open_file(&self, path: &CollectionPath) -> io::Result<std::fs::File> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        cap_std::fs::OpenOptionsExt::custom_flags(&mut options, nix::fcntl::OFlag::O_NONBLOCK.bits());
        let file =
            self.within(path.as_path(), Links::Follow, |place| self.dir()?.open_with(place, &options))?;
        let file = file.into_std();
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(file)
    }
}

fn modified_std(metadata: &std::fs::Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}

/// A file that is being written, beside its later name.
struct Part<'a> {
    root: &'a Root,
    file: std::fs::File,
    place: PathBuf,
    destination: PathBuf,
    finished: bool,
}

impl<'a> Part<'a> {
    fn create(root: &'a Root, destination: &CollectionPath) -> io::Result<Part<'a>> {
        if destination.is_root() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let create = |place: PathBuf| {
            let name = format!("{PART_PREFIX}{}", uuid::Uuid::new_v4().simple());
            let part = place.with_file_name(name);
            let file = root.dir()?.open_with(&part, OpenOptions::new().write(true).create_new(true))?;
            Ok((file, part, place))
        };
        let mut there = root.place_to_write(destination);
        let mut created = there.and_then(create);
        if created.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            root.create_dir_all(&destination.parent())?;
            there = root.place_to_write(destination);
            created = there.and_then(create);
        }
        let (file, place, destination) = created?;
        // From here on, dropping it removes the file.
        let part = Part { root, file: file.into_std(), place, destination, finished: false };
        match root.dir()?.metadata(&part.destination) {
            Ok(existing) if existing.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            // Overwriting keeps the permissions of the file that was there.
            Ok(existing) => root.dir()?.set_permissions(&part.place, existing.permissions())?,
            Err(_) => {}
        }
        Ok(part)
    }

    fn checksum(&self, algorithm: Algorithm) -> io::Result<String> {
        algorithm.hash(&mut self.root.dir()?.open(&self.place)?)
    }

    fn finish(mut self) -> io::Result<()> {
        self.root.dir()?.rename(&self.place, self.root.dir()?, &self.destination)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if !self.finished {
            // Not `dir()`: the machine may have gone offline meanwhile.
            let _ = self.root.place.get().map(|place| place.dir.remove_file(&self.place));
        }
    }
}

impl Root {
    /// Where a file of this name is really written: a link that is there already is followed.
    fn place_to_write(&self, path: &CollectionPath) -> io::Result<PathBuf> {
        match self.dir()?.symlink_metadata(path.as_path()) {
            Ok(metadata) if !metadata.is_symlink() => Ok(path.as_path().to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.as_path().to_owned()),
            Err(error) if !super::is_escape(&error) => Err(error),
            _ => self.resolve(path.as_path(), Links::Follow),
        }
    }
}
