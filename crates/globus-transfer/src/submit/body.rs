//! From a document to the bytes that are sent.

use std::{
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;
use globus_core::{
    SubmissionId,
    transport::{Body, BodySource, BodyStream},
};

use super::{
    draft::{Document, Draft},
    items::Place,
    wire::Wire,
};

/// About how many bytes are written at once.
const PIECE: usize = 64 * 1024;

/// Gives the body of a submission: in one piece when it is small, which most are, else written while it is sent.
pub(super) fn body_of(document: &Arc<dyn Document>, id: Option<SubmissionId>) -> io::Result<Body> {
    let source = Source { document: Arc::clone(document), id };
    if !document.draft().items().are_few() {
        return Ok(Body::Stream(Arc::new(source)));
    }
    let mut writer = source.writer();
    let mut whole = Vec::new();
    while writer.write(&mut whole, usize::MAX)? {}
    Ok(Body::Bytes(whole.into()))
}

struct Source {
    document: Arc<dyn Document>,
    id: Option<SubmissionId>,
}

impl Source {
    fn writer(&self) -> Writer {
        Writer { document: Arc::clone(&self.document), id: self.id, step: Step::Head }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.document.fmt(f)
    }
}

impl BodySource for Source {
    fn stream(&self) -> BodyStream {
        Box::pin(self.writer())
    }
}

/// Writes a document from its beginning.
struct Writer {
    document: Arc<dyn Document>,
    id: Option<SubmissionId>,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Head,
    Items(Place),
    Done,
}

impl Writer {
    /// Writes until there are `enough` bytes; tells whether there is more.
    fn write(&mut self, out: &mut Vec<u8>, enough: usize) -> io::Result<bool> {
        let draft = self.document.draft();
        let mut place = match self.step {
            Step::Head => {
                write_head(draft, self.id, out)?;
                Place::default()
            }
            Step::Items(place) => {
                out.push(b',');
                place
            }
            Step::Done => return Ok(false),
        };
        let mut first = true;
        loop {
            let before = place;
            let Some(item) = draft.items().next(&mut place) else { break };
            if out.len() >= enough {
                self.step = Step::Items(before);
                return Ok(true);
            }
            if !first {
                out.push(b',');
            }
            first = false;
            serde_json::to_writer(&mut *out, &Wire { kind: draft.kind, item })?;
        }
        out.extend_from_slice(b"]}");
        self.step = Step::Done;
        Ok(true)
    }
}

impl Stream for Writer {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut piece = Vec::with_capacity(PIECE + PIECE / 16);
        Poll::Ready(match self.write(&mut piece, PIECE) {
            Ok(true) => Some(Ok(piece.into())),
            Ok(false) => None,
            Err(error) => {
                self.step = Step::Done;
                Some(Err(error))
            }
        })
    }
}

/// Writes everything up to the first item.
fn write_head(draft: &Draft, id: Option<SubmissionId>, out: &mut Vec<u8>) -> io::Result<()> {
    let mut members = draft.members().clone();
    if let Some(id) = id {
        members.insert("submission_id".to_owned(), id.to_string().into());
    }
    serde_json::to_writer(&mut *out, &members)?;
    // Opens the object again; it is not empty, for it has its DATA_TYPE.
    out.pop();
    out.extend_from_slice(br#","DATA":["#);
    Ok(())
}
