//! A file from this machine to a collection.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;
use globus_core::{
    Error, ErrorKind, Result,
    transport::{Body, BodySource, BodyStream},
};

use super::{CollectionFiles, local};

/// How much is read at once.
const PIECE: usize = 128 * 1024;

impl CollectionFiles {
    /// Uploads a file: makes it on the collection, or replaces what is there.
    ///
    /// ```no_run
    /// # async fn example(files: globus_transfer::https::CollectionFiles) -> globus_transfer::Result<()> {
    /// let bytes = files.upload("notes.txt", "/runs/7/notes.txt").send().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// The content is read while it is sent, and read again when it has to be sent again.
    ///
    /// Scope: that of the collection, [`Endpoint::https_scope`](crate::Endpoint::https_scope).
    ///
    /// # Errors
    /// As [`put`](Self::put); [`ErrorKind::InvalidInput`] when the file cannot be read, [`ErrorKind::Outcome`] when what
    /// arrived has another size.
    pub fn upload(&self, local: impl Into<PathBuf>, path: impl Into<String>) -> Upload {
        Upload { files: self.clone(), local: local.into(), path: path.into() }
    }
}

/// Is an upload, made by [`CollectionFiles::upload`].
#[derive(Debug, Clone)]
#[must_use = "an upload does nothing until it is sent"]
pub struct Upload {
    files: CollectionFiles,
    local: PathBuf,
    path: String,
}

impl Upload {
    /// Uploads; gives the number of bytes.
    ///
    /// # Errors
    /// As [`CollectionFiles::upload`].
    pub async fn send(self) -> Result<u64> {
        let Self { files, local: path, path: remote } = self;
        let metadata = fs::metadata(&path).map_err(|error| local("read", &path, error))?;
        if !metadata.is_file() {
            return Err(Error::invalid_input(format!("{} is no file", path.display())));
        }
        // That it can be read is found out before anything is sent.
        File::open(&path).map_err(|error| local("read", &path, error))?;
        let bytes = metadata.len();
        let body = if bytes == 0 {
            Body::Bytes(Bytes::new())
        } else {
            Body::Stream(Arc::new(LocalFile { path, bytes }))
        };
        files.put(&remote, body).await?;
        let arrived = files.head(&remote).await?.size;
        if arrived.is_some_and(|arrived| arrived != bytes) {
            let message =
                format!("{bytes} bytes were sent, and the file has {}", arrived.unwrap_or_default());
            return Err(Error::new(ErrorKind::Outcome, message));
        }
        Ok(bytes)
    }
}

#[derive(Debug)]
struct LocalFile {
    path: PathBuf,
    bytes: u64,
}

impl BodySource for LocalFile {
    fn stream(&self) -> BodyStream {
        Box::pin(Reading { file: File::open(&self.path).map(Some), left: self.bytes })
    }

    fn len(&self) -> Option<u64> {
        Some(self.bytes)
    }
}

struct Reading {
    /// `None` after the end.
    file: io::Result<Option<File>>,
    /// A file that grows is sent as long as it was.
    left: u64,
}

impl Stream for Reading {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let most = usize::try_from(self.left).map_or(PIECE, |left| left.min(PIECE));
        let file = match &mut self.file {
            Ok(Some(file)) if most > 0 => file,
            Ok(_) => return Poll::Ready(None),
            Err(_) => {
                let failed = std::mem::replace(&mut self.file, Ok(None));
                return Poll::Ready(failed.err().map(Err));
            }
        };
        let mut piece = vec![0; most];
        let read = file.read(&mut piece);
        Poll::Ready(match read {
            Ok(0) => {
                self.file = Ok(None);
                Some(Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the file became shorter while it was sent",
                )))
            }
            Ok(read) => {
                piece.truncate(read);
                self.left -= read as u64;
                Some(Ok(piece.into()))
            }
            Err(error) => {
                self.file = Ok(None);
                Some(Err(error))
            }
        })
    }
}
