//! Lists that come in pages, in the seven styles of the services.

use std::{
    borrow::Cow,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tracing::warn;

use crate::{Call, Error, Result};

/// Is one page of a list, as the service sends it.
pub trait Page: DeserializeOwned + Send + 'static {
    /// What is listed.
    type Item: Send + 'static;

    /// Says what the page tells about the pages after it.
    fn info(&self) -> PageInfo;

    /// Gives what is listed on this page.
    fn into_items(self) -> Vec<Self::Item>;
}

/// Holds what a page says about the pages after it. Members that the list's style does not know stay `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "implementors of Page make it, with `..PageInfo::default()`")]
pub struct PageInfo {
    /// How many items are on this page.
    pub items: usize,
    /// Whether the service says that there are more.
    pub has_next_page: Option<bool>,
    /// The marker, token or key of the next page.
    pub next: Option<String>,
    /// How many items there are in all.
    pub total: Option<u64>,
}

/// Says how a list is paged: which parameter leads to the next page, and what says that there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
#[expect(clippy::exhaustive_enums, reason = "for the request! macro only")]
pub enum PageStyle {
    /// `marker`, while `has_next_page` is not false and a marker is given.
    Marker,
    /// `marker`, while the page gives one.
    NullableMarker,
    /// `next_token`, while the page gives one.
    NextToken,
    /// `last_key`, while `has_next_page`.
    LastKey,
    /// `offset`, while `has_next_page`; asks for this many a page.
    HasNext(u32),
    /// `offset`, until `total` items have come; asks for this many a page.
    OffsetTotal(u32),
    /// The query of `links.next`, in place of the first one.
    JsonApi,
}

/// Marks a place in a list, to go on from there later: after a crash, or in another process.
///
/// Can be stored with serde. Belongs to the request that it came from: the same list, the same filters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(flatten)]
    position: Position,
    /// How many items of the page have been handed out already.
    #[serde(default, skip_serializing_if = "is_zero")]
    skip: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Position {
    #[default]
    Start,
    Offset(u64),
    Marker(String),
    /// The query string of the next page.
    Query(String),
}

type FetchedPage<T> = Result<(Vec<T>, PageInfo)>;
type Fetching<T> = Pin<Box<dyn Future<Output = FetchedPage<T>> + Send>>;

/// Walks over the pages of a list; each is asked for when it is wanted.
///
/// A [`Stream`] of pages, also with [`Pages::next`]. Goes on through empty pages while the service says that there
/// are more, stops when it gives the same marker twice, and ends after the first error.
#[must_use = "no page is asked for until the next one is wanted"]
pub struct Pages<T> {
    call: Call,
    style: PageStyle,
    fetch: fn(Call) -> Fetching<T>,
    /// The page that is asked for next; `None` when there is no further one.
    next: Option<Position>,
    fetching: Option<Fetching<T>>,
}

impl<T> Pages<T> {
    fn new<P: Page<Item = T>>(mut call: Call, style: PageStyle) -> Self {
        if let PageStyle::HasNext(limit) | PageStyle::OffsetTotal(limit) = style
            && call.query_value("limit").is_none()
        {
            call.set_query("limit".into(), limit.to_string());
        }
        let next = match call.query_value("offset").map(str::parse) {
            Some(Ok(offset)) => Position::Offset(offset),
            _ => Position::Start,
        };
        Self { call, style, fetch: fetch::<P>, next: Some(next), fetching: None }
    }

    fn request(&self, position: &Position) -> Call {
        let mut call = self.call.clone();
        match position {
            Position::Start => {}
            Position::Offset(offset) => call.set_query("offset".into(), offset.to_string()),
            Position::Marker(marker) => call.set_query(self.style.marker_name().into(), marker.clone()),
            Position::Query(query) => {
                let pairs = url::form_urlencoded::parse(query.as_bytes());
                call.replace_queries(
                    pairs.map(|(name, value)| (Cow::Owned(name.into_owned()), value.into_owned())).collect(),
                );
            }
        }
        call
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Vec<T>>>> {
        if self.fetching.is_none() {
            let Some(position) = &self.next else {
                return Poll::Ready(None);
            };
            self.fetching = Some((self.fetch)(self.request(position)));
        }
        let Some(fetching) = &mut self.fetching else {
            return Poll::Ready(None);
        };
        let result = ready!(fetching.as_mut().poll(context));
        self.fetching = None;
        let asked = self.next.take();
        Poll::Ready(Some(result.map(|(items, info)| {
            let next = self.style.next(asked.as_ref().unwrap_or(&Position::Start), &info);
            if next.is_some() && next == asked {
                warn!(path = %self.call.0.template, "the service gave the same marker twice: the list ends here");
            } else {
                self.next = next;
            }
            items
        })))
    }

    /// Gives the next page; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Vec<T>>> {
        poll_fn(|context| self.poll_page(context)).await
    }

    /// Marks the place after the pages handed out so far; `None` when there is nothing after them.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        Some(Cursor { position: self.next.clone()?, skip: 0 })
    }
}

async fn fetch_page<P: Page>(call: Call) -> FetchedPage<P::Item> {
    let page: P = call.send().await?;
    let info = page.info();
    Ok((page.into_items(), info))
}

fn fetch<P: Page>(call: Call) -> Fetching<P::Item> {
    Box::pin(fetch_page::<P>(call))
}

impl PageStyle {
    fn marker_name(self) -> &'static str {
        match self {
            Self::NextToken => "next_token",
            Self::LastKey => "last_key",
            _ => "marker",
        }
    }

    /// Says where the page after the one at `asked` begins.
    fn next(self, asked: &Position, info: &PageInfo) -> Option<Position> {
        let offset = || {
            let start = if let Position::Offset(offset) = asked { *offset } else { 0 };
            start + info.items as u64
        };
        let marker = || info.next.clone().filter(|marker| !marker.is_empty()).map(Position::Marker);
        match self {
            Self::Marker | Self::LastKey if info.has_next_page == Some(false) => None,
            Self::Marker | Self::LastKey | Self::NullableMarker | Self::NextToken => marker(),
            // A page without items would be asked for again and again.
            Self::HasNext(_) => {
                (info.has_next_page == Some(true) && info.items > 0).then(|| Position::Offset(offset()))
            }
            Self::OffsetTotal(_) => (info.items > 0 && info.total.is_some_and(|total| offset() < total))
                .then(|| Position::Offset(offset())),
            Self::JsonApi => {
                let link = info.next.as_deref()?;
                let (_, query) = link.split_once('?')?;
                Some(Position::Query(query.split('#').next().unwrap_or(query).to_owned()))
            }
        }
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<Vec<T>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_page(context)
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("call", &self.call).field("style", &self.style).finish_non_exhaustive()
    }
}

/// Walks over the items of a list, page after page.
///
/// A [`Stream`] of items, also with [`Pager::next`] and [`Pager::try_collect`]. See [`Pages`] for when it ends.
#[must_use = "nothing is asked for until the next item is wanted"]
pub struct Pager<T> {
    pages: Pages<T>,
    items: std::vec::IntoIter<T>,
    /// Where the page began that `items` came from, and how many of its items have been handed out.
    current: Option<Position>,
    taken: usize,
    /// How many items of the next page to pass over.
    skip: usize,
}

impl<T> Pager<T> {
    #[doc(hidden)]
    pub fn new<P: Page<Item = T>>(call: Call, style: PageStyle) -> Self {
        Self {
            pages: Pages::new::<P>(call, style),
            items: Vec::new().into_iter(),
            current: None,
            taken: 0,
            skip: 0,
        }
    }

    /// Walks over whole pages instead. Items of the current page that were not handed out are left out.
    pub fn pages(self) -> Pages<T> {
        self.pages
    }

    /// Goes on from a place that [`Pager::cursor`] marked, in the same list with the same filters.
    pub fn resume_from(mut self, cursor: Cursor) -> Self {
        self.skip = cursor.skip;
        self.pages.next = Some(cursor.position);
        self
    }

    /// Marks the place after the items handed out so far; `None` when there is nothing after them.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        match &self.current {
            Some(position) if self.items.len() > 0 => {
                Some(Cursor { position: position.clone(), skip: self.taken })
            }
            _ => Some(Cursor { skip: self.skip, ..self.pages.cursor()? }),
        }
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(item) = self.take() {
                return Poll::Ready(Some(Ok(item)));
            }
            let position = self.pages.next.clone();
            match ready!(self.pages.poll_page(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(mut items)) => {
                    self.taken = std::mem::take(&mut self.skip).min(items.len());
                    items.drain(..self.taken);
                    self.current = position;
                    self.items = items.into_iter();
                }
            }
        }
    }

    /// Gives the next item; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T>> {
        // Most items are here already: those do not travel through a poll.
        match self.take() {
            Some(item) => Some(Ok(item)),
            None => poll_fn(|context| self.poll_item(context)).await,
        }
    }

    fn take(&mut self) -> Option<T> {
        let item = self.items.next()?;
        self.taken += 1;
        Some(item)
    }

    /// Gives the next item; `Ok(None)` at the end.
    ///
    /// # Errors
    /// When a page cannot be had: any of [`ErrorKind`](crate::ErrorKind).
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// Gives all items that are left.
    ///
    /// # Errors
    /// When a page cannot be had; the items before it are lost. Walk with [`Pager::next`] to keep them.
    pub async fn try_collect(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(item) = self.try_next().await? {
            all.push(item);
            // The rest of this page is here already.
            all.extend(self.items.by_ref());
        }
        Ok(all)
    }
}

/// Nothing in it points into it: an item may move as it likes.
impl<T> Unpin for Pager<T> {}

impl<T> Stream for Pager<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.items.len(), None)
    }
}

impl<T> fmt::Debug for Pager<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pager").field("pages", &self.pages).finish_non_exhaustive()
    }
}
