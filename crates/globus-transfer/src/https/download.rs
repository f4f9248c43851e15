//! A file from a collection to this machine: in parts, resumed, and in place only when it is whole.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use globus_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::{Checksum, CollectionFiles, FileHead, local};

/// How much is asked for at once.
const PIECE: u64 = 16 * 1024 * 1024;
/// How many pieces are under way at a time.
const PARTS: usize = 4;
/// How often a piece goes on after its connection broke.
const TRIES: u32 = 5;

impl CollectionFiles {
    /// Downloads a file.
    ///
    /// ```no_run
    /// # async fn example(files: globus_transfer::https::CollectionFiles) -> globus_transfer::Result<()> {
    /// use globus_transfer::https::Checksum;
    /// let done = files
    ///     .download("/runs/7/image.h5", "data/image.h5")
    ///     .checksum(Checksum::Md5("d41d8cd98f00b204e9800998ecf8427e".to_owned()))
    ///     .send()
    ///     .await?;
    /// println!("{} bytes", done.bytes);
    /// # Ok(()) }
    /// ```
    ///
    /// The file appears at its place when it is whole, and right: until then it grows beside it, as
    /// `.image.h5.globus-part`. A download that was broken off goes on from there, if the file is still the same.
    ///
    /// Scope: that of the collection, [`Endpoint::https_scope`](crate::Endpoint::https_scope).
    ///
    /// # Errors
    /// As [`head`](Self::head); [`ErrorKind::InvalidInput`] when this machine does not let it be written,
    /// [`ErrorKind::Outcome`] when the checksum is another, or the file changed under way.
    #[doc(alias = "read_file")]
    pub fn download(&self, path: impl Into<String>, local: impl Into<PathBuf>) -> Download {
        Download {
            files: self.clone(),
            path: path.into(),
            local: local.into(),
            parts: PARTS,
            piece: PIECE,
            checksum: None,
        }
    }
}

/// Is a download, made by [`CollectionFiles::download`]: set what is optional, then send it.
#[derive(Debug, Clone)]
#[must_use = "a download does nothing until it is sent"]
pub struct Download {
    files: CollectionFiles,
    path: String,
    local: PathBuf,
    parts: usize,
    piece: u64,
    checksum: Option<Checksum>,
}

/// Says that a file was downloaded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Downloaded {
    /// How large it is.
    pub bytes: u64,
    /// How much of it was here already, from a download that was broken off.
    pub resumed: u64,
    /// What the file is like on the collection.
    pub head: FileHead,
}

impl Download {
    /// Reads this many parts at a time. Default: 4. Zero counts as one.
    pub fn parts(mut self, parts: usize) -> Self {
        self.parts = parts.max(1);
        self
    }

    /// Asks for this many bytes at once. Default: 16 MiB; at least 1 KiB. What is not whole when a download is broken
    /// off is asked for again.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.piece = bytes.max(1024);
        self
    }

    /// Compares the checksum before the file is put in its place.
    pub fn checksum(mut self, checksum: Checksum) -> Self {
        self.checksum = Some(checksum);
        self
    }

    /// Downloads.
    ///
    /// # Errors
    /// As [`CollectionFiles::download`].
    pub async fn send(self) -> Result<Downloaded> {
        self.checksum.as_ref().map_or(Ok(()), Checksum::validate)?;
        let head = self.files.head(&self.path).await?;
        let partial = Partial::beside(&self.local)?;
        let resumed = if let Some(size) = head.size.filter(|_| head.accepts_ranges) {
            match self.in_pieces(&head, size, &partial).await {
                Err(error) if error.kind() == ErrorKind::Decode => {
                    self.without_pieces(&head, error, &partial).await?;
                    0
                }
                resumed => resumed?,
            }
        } else {
            self.whole_with_tries(&partial).await?;
            0
        };
        let bytes = fs::metadata(&partial.file).map_err(|error| local("read", &partial.file, error))?.len();
        if let Some(size) = head.size.filter(|size| *size != bytes) {
            partial.forget();
            let message = format!("{bytes} bytes came, and the file has {size}");
            return Err(Error::new(ErrorKind::Outcome, message));
        }
        if let Some(checksum) = &self.checksum
            && let Err(error) = checksum.check(&partial.file)
        {
            partial.forget();
            return Err(error);
        }
        partial.finish(&self.local)?;
        Ok(Downloaded { bytes, resumed, head })
    }

    /// Goes on when an answer was not the part that was asked for: the file is another one by now, or the server says that
    /// it gives parts, and does not.
    async fn without_pieces(&self, head: &FileHead, error: Error, partial: &Partial) -> Result<()> {
        partial.forget();
        if self.files.head(&self.path).await? == *head {
            return self.whole_with_tries(partial).await;
        }
        let message = format!("the file changed while it was downloaded: {error}");
        Err(Error::new(ErrorKind::Outcome, message).with_source(error))
    }

    /// Takes the whole file, and begins again where the connection broke: nothing else is possible.
    async fn whole_with_tries(&self, partial: &Partial) -> Result<()> {
        for failures in 1.. {
            match self.whole(partial).await {
                Err(error) if error.is_retryable() && failures <= TRIES => sleep(pause(failures)).await,
                result => return result,
            }
        }
        Ok(())
    }

    /// Takes the whole file in one answer.
    async fn whole(&self, partial: &Partial) -> Result<()> {
        let mut body = self.files.get(&self.path).send().await?;
        let unwritable = |error| local("write", &partial.file, error);
        let mut file = File::create(&partial.file).map_err(unwritable)?;
        while let Some(chunk) = body.chunk().await? {
            file.write_all(&chunk).map_err(unwritable)?;
        }
        file.sync_all().map_err(unwritable)
    }

    /// Takes what is missing in pieces; gives how much was there.
    async fn in_pieces(&self, head: &FileHead, size: u64, partial: &Partial) -> Result<u64> {
        let version = Version { size, piece: self.piece, validator: head.validator.clone() };
        let state = Mutex::new(State::open(partial, version)?);
        let count = size.div_ceil(self.piece);
        let missing: Vec<u64> = {
            let state = lock(&state);
            (0..count).filter(|piece| !state.done.contains(piece)).collect()
        };
        let there = size - missing.iter().map(|piece| self.length(*piece, size)).sum::<u64>();
        let state = &state;
        let pieces = missing.into_iter().map(|piece| async move {
            self.fetch(piece, size, head, state, partial).await?;
            lock(state).finish(piece, partial)
        });
        let mut pieces = pin!(stream::iter(pieces).buffer_unordered(self.parts));
        while let Some(done) = pieces.next().await {
            done?;
        }
        let state = lock(state);
        state.file.sync_all().map_err(|error| local("write", &partial.file, error))?;
        Ok(there)
    }

    fn length(&self, piece: u64, size: u64) -> u64 {
        self.piece.min(size - piece * self.piece)
    }

    /// Takes one piece, and goes on with it where its connection broke.
    async fn fetch(
        &self,
        piece: u64,
        size: u64,
        head: &FileHead,
        state: &Mutex<State>,
        partial: &Partial,
    ) -> Result<()> {
        let mut position = piece * self.piece;
        let end = position + self.length(piece, size);
        let mut failures = 0;
        while position < end {
            let before = position;
            let Err(error) = self.read_on(&mut position, end, head, state, partial).await else { continue };
            if position > before {
                failures = 0;
            }
            failures += 1;
            if !error.is_retryable() || failures > TRIES {
                return Err(error);
            }
            sleep(pause(failures)).await;
        }
        Ok(())
    }

    async fn read_on(
        &self,
        position: &mut u64,
        end: u64,
        head: &FileHead,
        state: &Mutex<State>,
        partial: &Partial,
    ) -> Result<()> {
        let request = self.files.get(&self.path).range(*position, end - *position);
        let mut body = request.if_still(head.validator.as_deref()).send().await?;
        // Without a mark of the version, its size is what there is to tell another one by.
        if body.whole.is_some_and(|size| Some(size) != head.size) {
            let message = format!("a part of a file of {:?} bytes, and not of {:?}", body.whole, head.size);
            return Err(Error::new(ErrorKind::Decode, message));
        }
        while let Some(chunk) = body.chunk().await? {
            let left = usize::try_from(end - *position).unwrap_or(usize::MAX);
            let chunk = &chunk[..chunk.len().min(left)];
            lock(state).write(*position, chunk).map_err(|error| local("write", &partial.file, error))?;
            *position += chunk.len() as u64;
            if *position == end {
                return Ok(());
            }
        }
        if *position == end { Ok(()) } else { Err(Error::new(ErrorKind::Io, "the answer was cut short")) }
    }
}

fn pause(failures: u32) -> Duration {
    Duration::from_millis(250) * 2_u32.pow(failures)
}

/// The file that grows beside its place, and the note about what of it is there.
#[derive(Debug)]
struct Partial {
    file: PathBuf,
    note: PathBuf,
}

impl Partial {
    fn beside(place: &Path) -> Result<Self> {
        let name = place
            .file_name()
            .ok_or_else(|| Error::invalid_input(format!("{} is no name of a file", place.display())))?;
        if place.is_dir() {
            return Err(Error::invalid_input(format!("{} is a directory", place.display())));
        }
        let directory = place.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Some(directory) = directory {
            fs::create_dir_all(directory).map_err(|error| local("make", directory, error))?;
        }
        let beside = |suffix: &str| {
            let mut hidden = std::ffi::OsString::from(".");
            hidden.push(name);
            hidden.push(suffix);
            place.with_file_name(hidden)
        };
        Ok(Self { file: beside(".globus-part"), note: beside(".globus-part.json") })
    }

    /// Puts the file in its place, at once.
    fn finish(&self, place: &Path) -> Result<()> {
        fs::rename(&self.file, place).map_err(|error| local("write", place, error))?;
        let _ = fs::remove_file(&self.note);
        Ok(())
    }

    /// Throws away what is no use.
    fn forget(&self) {
        let _ = fs::remove_file(&self.note);
        let _ = fs::remove_file(&self.file);
    }
}

/// Which version of a file the pieces are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Version {
    size: u64,
    piece: u64,
    validator: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Note {
    version: Version,
    done: BTreeSet<u64>,
}

struct State {
    file: File,
    version: Version,
    done: BTreeSet<u64>,
}

impl State {
    /// Opens the file, with the pieces that are there if they are of the same version.
    fn open(partial: &Partial, version: Version) -> Result<Self> {
        let note: Option<Note> =
            fs::read(&partial.note).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let done = match note {
            // Without a mark nobody knows whether it is the same file.
            Some(note) if note.version == version && version.validator.is_some() && partial.file.exists() => {
                note.done
            }
            _ => BTreeSet::new(),
        };
        let unwritable = |error| local("write", &partial.file, error);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(done.is_empty())
            .open(&partial.file)
            .map_err(unwritable)?;
        file.set_len(version.size).map_err(unwritable)?;
        Ok(Self { file, version, done })
    }

    fn write(&mut self, position: u64, bytes: &[u8]) -> std::io::Result<()> {
        self.file.seek(SeekFrom::Start(position))?;
        self.file.write_all(bytes)
    }

    /// Notes that a piece is there; first sees to it that it is.
    fn finish(&mut self, piece: u64, partial: &Partial) -> Result<()> {
        self.done.insert(piece);
        // Nothing to go on with later.
        if self.version.validator.is_none() {
            return Ok(());
        }
        let write = || {
            self.file.sync_data()?;
            let note = Note { version: self.version.clone(), done: self.done.clone() };
            let new = partial.note.with_extension("new");
            fs::write(&new, serde_json::to_vec(&note)?)?;
            fs::rename(&new, &partial.note)
        };
        write().map_err(|error| local("write", &partial.note, error))
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
