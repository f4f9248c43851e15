//! Bodies that break off, and bodies that are written down as they pass.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use tokio::time::Sleep;

/// How long what was sent takes to be on its way before the rest fails.
const PAUSE: Duration = Duration::from_millis(5);

/// A body that fails after its first bytes. The server then closes the connection; before the first byte it has
/// sent nothing at all.
pub(super) struct Broken {
    first: Option<Bytes>,
    announced: u64,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Broken {
    /// Fails at once.
    pub(super) fn at_once() -> Body {
        Body::new(Broken { first: None, announced: 1, pause: None })
    }

    /// Announces all of `whole` and fails after `sent` bytes of it, or at least one byte early.
    pub(super) fn after(sent: usize, whole: &Bytes) -> Body {
        let sent = sent.min(whole.len().saturating_sub(1));
        let announced = whole.len().max(1) as u64;
        Body::new(Broken { first: Some(whole.slice(..sent)), announced, pause: None })
    }
}

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(first) = self.first.take() {
            self.pause = Some(Box::pin(tokio::time::sleep(PAUSE)));
            if !first.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(first))));
            }
        }
        if let Some(pause) = &mut self.pause {
            // Nothing leaves before the server has to wait for more.
            std::task::ready!(pause.as_mut().poll(context));
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}

/// The beginning of a body that was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Vec<u8>>>);

impl Notes {
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A body of which the first bytes are written down while it is read.
pub(super) struct Noted {
    body: Body,
    notes: Notes,
    most: usize,
}

impl Noted {
    pub(super) fn of(body: Body, notes: Notes, most: usize) -> Body {
        Body::new(Noted { body, notes, most })
    }
}

impl http_body::Body for Noted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            let mut notes = self.notes.0.lock().unwrap_or_else(PoisonError::into_inner);
            let room = self.most.saturating_sub(notes.len());
            notes.extend_from_slice(&data[..data.len().min(room)]);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
