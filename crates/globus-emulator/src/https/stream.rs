//! Contents on their way between the network, which must not wait, and the disk, which makes wait.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http::StatusCode;
use http_body::{Body as _, Frame, SizeHint};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Refusal;

/// How much is read at once.
const CHUNK: usize = 256 * 1024;
/// How many chunks may be on their way.
const AHEAD: usize = 4;

/// A part of a file, read as it is sent.
struct Content {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    left: u64,
}

/// Sends the bytes from `start` up to `end`.
pub(super) fn read(mut file: File, start: u64, end: u64) -> io::Result<Body> {
    file.seek(SeekFrom::Start(start))?;
    let (sender, chunks) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut file = file.take(end - start);
        loop {
            let mut buffer = Vec::with_capacity(CHUNK);
            let chunk = match (&mut file).take(CHUNK as u64).read_to_end(&mut buffer) {
                Ok(0) => break,
                Ok(_) => Ok(Bytes::from(buffer)),
                Err(error) => Err(error),
            };
            let failed = chunk.is_err();
            // Nobody wants the rest.
            if sender.blocking_send(chunk).is_err() || failed {
                break;
            }
        }
    });
    Ok(Body::new(Content { chunks, left: end - start }))
}

impl http_body::Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        Poll::Ready(match std::task::ready!(self.chunks.poll_recv(context)) {
            Some(Ok(chunk)) => {
                self.left = self.left.saturating_sub(chunk.len() as u64);
                Some(Ok(Frame::data(chunk)))
            }
            Some(Err(error)) => Some(Err(error)),
            // The file became shorter meanwhile: whoever reads must not take that for the end.
            None => Some(Err(io::ErrorKind::UnexpectedEof.into())),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// The chunks of a body; an error is the end of it all.
pub(super) type Chunks = mpsc::Sender<io::Result<Bytes>>;

/// Runs what writes a file. It asks for the next chunk until there is none.
pub(super) fn write<T: Send + 'static>(
    work: impl FnOnce(&mut dyn FnMut() -> io::Result<Option<Bytes>>) -> Result<T, Refusal> + Send + 'static,
) -> (Chunks, JoinHandle<Result<T, Refusal>>) {
    let (sender, mut chunks) = mpsc::channel::<io::Result<Bytes>>(AHEAD);
    let writer = tokio::task::spawn_blocking(move || {
        let mut ended = false;
        work(&mut || {
            if ended {
                return Ok(None);
            }
            match chunks.blocking_recv().transpose()? {
                Some(chunk) if !chunk.is_empty() => Ok(Some(chunk)),
                Some(_) => {
                    ended = true;
                    Ok(None)
                }
                // The request went away before its end.
                None => Err(io::ErrorKind::UnexpectedEof.into()),
            }
        })
    });
    (sender, writer)
}

/// Passes a body on, to its end. An empty chunk says that it was whole.
pub(super) async fn pass(mut body: Body, chunks: Chunks, announced: Option<u64>) -> Result<(), Refusal> {
    let mut passed = 0;
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let data = match frame.map(Frame::into_data) {
            Ok(Ok(data)) => data,
            // Trailers.
            Ok(Err(_)) => continue,
            Err(_) => return Err(cut_off()),
        };
        passed += data.len() as u64;
        // Who does not listen any more has something to say.
        if !data.is_empty() && chunks.send(Ok(data)).await.is_err() {
            return Ok(());
        }
    }
    if announced.is_some_and(|announced| announced != passed) {
        return Err(cut_off());
    }
    let _ = chunks.send(Ok(Bytes::new())).await;
    Ok(())
}

fn cut_off() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "bad_request", "The body of the request broke off")
}
