//! Listing a directory with all that is below it.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use globus_core::{CollectionId, Error, IntoId, InvalidId, Result};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until};

use super::{FileEntry, FileList, path::below};
use crate::{Filters, TransferClient};

/// How many requests a second the service takes from a user is 20, metered over 10 seconds. A little is left to others.
const REQUESTS_A_SECOND: f64 = 18.0;
/// How many requests may go out at once after a rest, so that 10 seconds never see 200.
const BURST: f64 = 16.0;
/// How many requests may be under way at a time.
const CONCURRENCY: usize = 16;
/// How many entries may wait to be taken before no further directory is asked for.
const MOST_WAITING: usize = 20_000;
/// The most entries that one listing has.
const LONGEST_LISTING: u64 = 100_000;

/// # Walking
impl TransferClient {
    /// Lists a directory with all that is below it, as a stream.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) {
    /// use globus_transfer::files::WalkItem;
    ///
    /// let mut walk = transfer.walk("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "/~/runs/").filter("name:~*.h5").start();
    /// while let Some(item) = walk.next().await {
    ///     match item {
    ///         WalkItem::Entry(found) => println!("{} {:?}", found.path, found.entry.size),
    ///         WalkItem::Failed(failed) => eprintln!("{}: {}", failed.path, failed.error),
    ///         _ => {}
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// Many directories are listed at a time, and no more than 18 a second: the service's limit is 20, for all programs of
    /// a user together. Nothing is cut off: the depth is unlimited unless told otherwise, and a directory of more than
    /// 100,000 entries is listed in several requests. A directory that cannot be listed is an item of its own, and stops
    /// nothing else. Symbolic links are given, and not followed. Directories come in no certain order, and a directory
    /// before what is in it.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
    /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
    ///
    /// # Errors
    /// Those of [`operation_ls`](Self::operation_ls), each as a [`WalkItem::Failed`] with the directory that could not be
    /// listed.
    #[doc(alias = "ls --recursive")]
    pub fn walk(&self, endpoint_id: impl IntoId<CollectionId>, path: impl Into<String>) -> Walk {
        Walk {
            client: self.clone(),
            endpoint_id: endpoint_id.into_id(),
            path: path.into(),
            max_depth: None,
            show_hidden: true,
            filters: None,
            local_user: None,
            concurrency: CONCURRENCY,
            rate: REQUESTS_A_SECOND,
        }
    }
}

/// Is a walk, made by [`TransferClient::walk`]: set what is optional, then start it.
#[derive(Debug, Clone)]
#[must_use = "a walk does nothing until it is started"]
pub struct Walk {
    client: TransferClient,
    endpoint_id: Result<CollectionId, InvalidId>,
    path: String,
    max_depth: Option<u32>,
    show_hidden: bool,
    filters: Option<Filters>,
    local_user: Option<String>,
    concurrency: usize,
    rate: f64,
}

impl Walk {
    /// Goes this deep: 1 is the directory's own entries. Default: `None`, all the way down.
    pub fn max_depth(mut self, depth: impl Into<Option<u32>>) -> Self {
        self.max_depth = depth.into();
        self
    }

    /// Gives only entries that meet this filter, or one of these filters; the service picks them. See
    /// [`OperationLs::filter`](super::OperationLs::filter).
    ///
    /// Directories are walked whatever their names are, and are not given themselves.
    pub fn filter(mut self, filter: impl Into<Filters>) -> Self {
        self.filters = Some(filter.into());
        self
    }

    /// Gives, and walks, what begins with a dot too. Default: true.
    pub fn show_hidden(mut self, show: bool) -> Self {
        self.show_hidden = show;
        self
    }

    /// Reads as this account, on mapped collections where the user has several.
    pub fn local_user(mut self, user: impl Into<String>) -> Self {
        self.local_user = Some(user.into());
        self
    }

    /// Lists this many directories at a time. Default: 16. Zero counts as one.
    pub fn concurrency(mut self, directories: usize) -> Self {
        self.concurrency = directories.max(1);
        self
    }

    /// Makes at most this many requests a second. Default: 18. What is not above zero counts as one in a minute.
    ///
    /// Where several programs of a user are at work, they have to share the service's 20.
    pub fn requests_per_second(mut self, requests: f64) -> Self {
        self.rate = if requests.is_finite() { requests.max(1.0 / 60.0) } else { REQUESTS_A_SECOND };
        self
    }

    /// Starts the walk. Nothing is asked for before the first item is wanted.
    pub fn start(self) -> Walking {
        let root = Place { path: self.path.clone(), depth: 1, ..Place::default() };
        self.resume_from(WalkCursor { places: vec![root] })
    }

    /// Goes on with a walk where it was left, maybe in another process. The walk has to be set up as it was then.
    pub fn resume_from(self, cursor: WalkCursor) -> Walking {
        let mut pending = cursor.places;
        pending.reverse();
        let pacer = Pacer::new(self.rate);
        Walking {
            walk: self,
            pending,
            asked: BTreeMap::new(),
            running: FuturesUnordered::new(),
            ready: VecDeque::new(),
            waiting: 0,
            pacer,
            asked_so_far: 0,
        }
    }

    fn list(&self, place: &Place) -> Result<super::OperationLs> {
        let endpoint_id = self.endpoint_id.clone().map_err(Error::from)?;
        // By name: that a walk can go on later depends on the order.
        let mut request = self.client.operation_ls(endpoint_id).orderby(["name"]);
        if !place.path.is_empty() {
            request = request.path(&place.path);
        }
        if let Some(filters) = &self.filters {
            request = request.filter(filters.clone().or("type:dir"));
        }
        if !self.show_hidden {
            request = request.show_hidden(false);
        }
        if let Some(user) = &self.local_user {
            request = request.local_user(user);
        }
        if place.offset > 0 {
            request = request.offset(place.offset);
        }
        if let Some(limit) = place.limit {
            request = request.limit(limit);
        }
        Ok(request)
    }

    fn goes_below(&self, depth: u32) -> bool {
        self.max_depth.is_none_or(|most| depth < most)
    }
}

/// Is what a walk gives.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "nearly every item is the large one")]
pub enum WalkItem {
    /// A file, a directory or something else that was found.
    Entry(WalkEntry),
    /// A directory that could not be listed.
    Failed(WalkFailure),
}

/// Holds something that a walk found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WalkEntry {
    /// The path on the collection, without a `/` at the end.
    pub path: String,
    /// How deep it lies: 1 in the directory where the walk began.
    pub depth: u32,
    /// What it is.
    pub entry: FileEntry,
}

/// Holds a directory that a walk could not list.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WalkFailure {
    /// The path on the collection.
    pub path: String,
    /// How deep its entries would lie.
    pub depth: u32,
    /// Why it could not be listed.
    pub error: Error,
}

/// Marks a place in a walk, to go on from there later: after a crash, or in another process.
///
/// Can be stored with serde. As large as the directories are many that have been found and not walked yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalkCursor {
    places: Vec<Place>,
}

/// A directory that is still to be listed, or a part of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    path: String,
    depth: u32,
    /// Which entries of it: from here, and this many.
    #[serde(default, skip_serializing_if = "is_zero")]
    offset: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    /// Whether the directories among those entries have been found before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    known: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

type Listing = Pin<Box<dyn Future<Output = (usize, Result<FileList>)> + Send>>;

/// Walks: a [`Stream`] of what is found, made by [`Walk::start`].
#[must_use = "a walk does nothing until it is asked for an item"]
pub struct Walking {
    walk: Walk,
    /// To be asked for, the next one last.
    pending: Vec<Place>,
    asked: BTreeMap<usize, Place>,
    running: FuturesUnordered<Listing>,
    ready: VecDeque<Ready>,
    /// How many entries are in `ready`.
    waiting: usize,
    pacer: Pacer,
    asked_so_far: usize,
}

/// A listing of which some entries have not been given yet.
struct Ready {
    place: Place,
    entries: std::vec::IntoIter<FileEntry>,
    failure: Option<Error>,
    given: u64,
}

impl Walking {
    /// Gives the next item; `None` when all has been walked.
    pub async fn next(&mut self) -> Option<WalkItem> {
        poll_fn(|context| self.poll_item(context)).await
    }

    /// Gives all that is left: what was found, and what could not be listed.
    pub async fn collect(mut self) -> (Vec<WalkEntry>, Vec<WalkFailure>) {
        let (mut found, mut failed) = (Vec::new(), Vec::new());
        while let Some(item) = self.next().await {
            match item {
                WalkItem::Entry(entry) => found.push(entry),
                WalkItem::Failed(failure) => failed.push(failure),
            }
        }
        (found, failed)
    }

    /// Counts the requests so far.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.asked_so_far
    }

    /// Marks the place after the last item that was given.
    #[must_use]
    pub fn cursor(&self) -> WalkCursor {
        let rest = self.ready.iter().filter_map(|ready| {
            if ready.failure.is_some() {
                return Some(ready.place.clone());
            }
            let left = u32::try_from(ready.entries.len()).unwrap_or(u32::MAX);
            let offset = ready.place.offset + ready.given;
            (left > 0).then(|| Place { offset, limit: Some(left), known: true, ..ready.place.clone() })
        });
        let places = rest.chain(self.asked.values().cloned()).chain(self.pending.iter().rev().cloned());
        WalkCursor { places: places.collect() }
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<WalkItem>> {
        loop {
            if let Some(item) = self.take_ready() {
                return Poll::Ready(Some(item));
            }
            self.ask();
            match Pin::new(&mut self.running).poll_next(context) {
                Poll::Ready(Some((number, listing))) => self.arrived(number, listing),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Asks for as many directories as may be under way.
    fn ask(&mut self) {
        while self.running.len() < self.walk.concurrency && self.waiting < MOST_WAITING {
            let Some(place) = self.pending.pop() else { break };
            let number = self.asked_so_far;
            self.asked_so_far += 1;
            let request = self.walk.list(&place);
            let time = self.pacer.next();
            self.asked.insert(number, place);
            self.running.push(Box::pin(async move {
                sleep_until(time).await;
                let listing = match request {
                    Ok(request) => request.send().await,
                    Err(error) => Err(error),
                };
                (number, listing)
            }));
        }
    }

    fn arrived(&mut self, number: usize, listing: Result<FileList>) {
        let Some(place) = self.asked.remove(&number) else { return };
        let (entries, failure) = match listing {
            Ok(listing) => {
                let total = listing.total;
                let mut entries = listing.data;
                if let Some(limit) = place.limit {
                    entries.truncate(limit as usize);
                }
                let end = place.offset + entries.len() as u64;
                let full = entries.len() as u64 >= LONGEST_LISTING;
                let more = total.map_or(full, |total| end < total) && !entries.is_empty();
                if more && place.limit.is_none() {
                    self.pending.push(Place { offset: end, known: false, ..place.clone() });
                }
                if !place.known && self.walk.goes_below(place.depth) {
                    let directories =
                        entries.iter().rev().filter(|entry| entry.is_dir() && !entry.is_symlink());
                    self.pending.extend(directories.map(|entry| Place {
                        path: below(&place.path, &entry.name),
                        depth: place.depth + 1,
                        ..Place::default()
                    }));
                }
                (entries, None)
            }
            Err(error) => (Vec::new(), Some(error)),
        };
        self.waiting += entries.len();
        self.ready.push_back(Ready { place, entries: entries.into_iter(), failure, given: 0 });
    }

    fn take_ready(&mut self) -> Option<WalkItem> {
        let filtered = self.walk.filters.is_some();
        loop {
            let ready = self.ready.front_mut()?;
            let (path, depth) = (&ready.place.path, ready.place.depth);
            if let Some(error) = ready.failure.take() {
                let item = WalkItem::Failed(WalkFailure { path: path.clone(), depth, error });
                self.ready.pop_front();
                return Some(item);
            }
            let Some(entry) = ready.entries.next() else {
                self.ready.pop_front();
                continue;
            };
            ready.given += 1;
            self.waiting -= 1;
            // It may be here only because it has to be walked.
            if filtered && entry.is_dir() {
                continue;
            }
            return Some(WalkItem::Entry(WalkEntry { path: below(path, &entry.name), depth, entry }));
        }
    }
}

impl Stream for Walking {
    type Item = WalkItem;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<WalkItem>> {
        self.poll_item(context)
    }
}

impl fmt::Debug for Walking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walking")
            .field("walk", &self.walk)
            .field("pending", &self.pending.len())
            .field("under_way", &self.asked.len())
            .finish_non_exhaustive()
    }
}

/// Gives times for requests, evenly, with a few in advance after a rest.
#[derive(Debug)]
struct Pacer {
    interval: Duration,
    advance: Duration,
    /// When the next one would be due without any advance.
    next: Option<Instant>,
}

impl Pacer {
    fn new(rate: f64) -> Self {
        let interval = Duration::from_secs_f64(1.0 / rate);
        // A slow walk has no burst worth the name.
        let burst = if rate < REQUESTS_A_SECOND / 2.0 { 1.0 } else { BURST };
        Self { interval, advance: interval.mul_f64(burst - 1.0), next: None }
    }

    fn next(&mut self) -> Instant {
        let now = Instant::now();
        // A rest saves up as many as the burst has, and no more.
        let due = self.next.map_or(now, |next| next.max(now));
        self.next = Some(due + self.interval);
        due.checked_sub(self.advance).map_or(now, |time| time.max(now))
    }
}
