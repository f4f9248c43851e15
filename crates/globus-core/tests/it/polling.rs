//! Looking at work until it has ended, under a time that does not pass by itself.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use globus_core::{
    Error, ErrorKind, Result,
    polling::{Growing, Polling, Seen, Watch, follow},
};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

fn passing() -> Error {
    Error::new(ErrorKind::Timeout, "nobody answers")
}

fn lasting() -> Error {
    Error::new(ErrorKind::Auth, "no")
}

/// Looks at what gives these answers, as long as there are any; tells what was seen, and when.
async fn watched(polling: &Polling, answers: Vec<Result<u32>>) -> Vec<(f64, String)> {
    let start = Instant::now();
    let answers = RefCell::new(VecDeque::from(answers));
    let mut watch = Watch::new(polling);
    let mut seen = Vec::new();
    while !answers.borrow().is_empty() {
        let look = watch.next(|| {
            let answer = answers.borrow_mut().pop_front();
            async move { answer.unwrap_or_else(|| Err(passing())) }
        });
        let word = match look.await {
            Seen::Now(now) => now.to_string(),
            Seen::TooLate(last) => format!("too late after {last}"),
            Seen::Failed(error) => format!("failed: {error}"),
        };
        let over = !word.starts_with(char::is_numeric);
        seen.push((start.elapsed().as_secs_f64(), word));
        if over {
            break;
        }
    }
    seen
}

fn words(seen: &[(f64, String)]) -> Vec<&str> {
    seen.iter().map(|(_, word)| word.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn looks_less_and_less_often() {
    let seen = watched(&Polling::default(), (0..20).map(Ok).collect()).await;
    let times: Vec<f64> = seen.iter().map(|(time, _)| *time).collect();
    let pauses: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(times[0] < 0.01, "{times:?}");
    assert!((pauses[0] - 0.5).abs() < 0.01 && (pauses[1] - 0.75).abs() < 0.01, "{pauses:?}");
    assert!(pauses.is_sorted_by(|a, b| *a <= *b + 0.01), "{pauses:?}");
    assert!((pauses[18] - 30.0).abs() < 0.01, "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn failures_that_pass_are_looked_over() {
    let seen = watched(&Polling::default(), vec![Ok(1), Err(passing()), Err(passing()), Ok(2)]).await;
    assert_eq!(words(&seen), ["1", "2"]);
    let seen = watched(&Polling::default(), vec![Ok(1), Err(lasting()), Ok(2)]).await;
    assert_eq!(words(&seen), ["1", "failed: no"]);
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_lasts_ends_the_watch() {
    let mut polling = Polling::default();
    polling.set_max_outage(60 * SECOND);
    let mut answers: Vec<Result<u32>> = vec![Ok(1)];
    answers.extend((0..100).map(|_| Err(passing())));
    let seen = watched(&polling, answers).await;
    assert_eq!(words(&seen), ["1", "failed: nobody answers"]);
    assert!((60.0..95.0).contains(&seen[1].0), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn when_the_time_is_up_there_is_one_last_look() {
    let mut polling = Polling::default();
    polling.set_timeout(Some(SECOND));
    let seen = watched(&polling, (0..10).map(Ok).collect()).await;
    assert_eq!(words(&seen), ["0", "1", "2", "too late after 2"]);
    assert!((seen[2].0 - 1.0).abs() < 0.01, "the last look is at the end: {seen:?}");

    // Whoever never saw anything has nothing to tell but the failure.
    let seen = watched(&polling, (0..10).map(|_| Err(passing())).collect()).await;
    assert_eq!(words(&seen), ["failed: nobody answers"]);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_hangs_ends_soon_after_the_time_is_up() {
    let mut polling = Polling::default();
    polling.set_timeout(Some(SECOND));
    let start = Instant::now();
    let looks = Cell::new(0);
    let mut watch = Watch::new(&polling);
    let look = || {
        looks.set(looks.get() + 1);
        let first = looks.get() == 1;
        async move { if first { Ok(1) } else { std::future::pending().await } }
    };
    assert!(matches!(watch.next(look).await, Seen::Now(_)));
    assert!(matches!(watch.next(look).await, Seen::TooLate(last) if *last == 1));
    assert!(start.elapsed() < 20 * SECOND, "{:?}", start.elapsed());
}

/// What a list answers: entries, and whether there are more.
type Read = Result<(Vec<u32>, bool)>;

/// A list whose answers are prepared. Work on it ends when they are used up, but for those in `late`.
struct Prepared {
    reads: VecDeque<Read>,
    late: VecDeque<Read>,
    at: Arc<Mutex<Vec<Instant>>>,
}

impl Growing for Prepared {
    type Entry = u32;

    async fn read(&mut self) -> Read {
        self.at.lock().unwrap().push(Instant::now());
        self.reads.pop_front().unwrap_or_else(|| Ok((Vec::new(), false)))
    }

    async fn has_ended(&mut self) -> Result<bool> {
        if !self.reads.is_empty() {
            return Ok(false);
        }
        self.reads.append(&mut self.late);
        Ok(true)
    }

    fn is_last(entry: &u32) -> bool {
        *entry == 99
    }
}

/// Follows a list to its end; tells what it gave, and after how long it was read each time.
async fn followed(reads: Vec<Read>, late: Vec<Read>) -> (Vec<std::result::Result<u32, String>>, Vec<f64>) {
    let (start, at) = (Instant::now(), Arc::default());
    let list = Prepared { reads: reads.into(), late: late.into(), at: Arc::clone(&at) };
    let mut feed = follow(&Polling::default(), list);
    let mut given = Vec::new();
    while let Some(entry) = feed.next().await {
        given.push(entry.map_err(|error| error.to_string()));
    }
    let at = at.lock().unwrap();
    (given, at.iter().map(|time| time.duration_since(start).as_secs_f64()).collect())
}

#[tokio::test(start_paused = true)]
async fn a_list_is_read_on_until_the_work_has_ended() {
    let reads = vec![Ok((vec![1, 2], true)), Ok((vec![3], false)), Ok((vec![], false)), Ok((vec![4], false))];
    let (given, at) = followed(reads, vec![Ok((vec![5], true)), Ok((vec![6], false))]).await;
    assert_eq!(given, [1, 2, 3, 4, 5, 6].map(Ok));
    assert!(at[2] < 0.01, "at once while there is something: {at:?}");
    assert!(at[3] > 0.4, "a pause when there is nothing: {at:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_after_the_last_entry() {
    let (given, at) = followed(vec![Ok((vec![1, 99], true)), Ok((vec![7], false))], vec![]).await;
    assert_eq!(given, [Ok(1), Ok(99)]);
    assert_eq!(at.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_after_failures_that_pass() {
    let (given, at) = followed(vec![Ok((vec![1], true)), Err(passing()), Ok((vec![2], false))], vec![]).await;
    assert_eq!(given, [Ok(1), Ok(2)]);
    assert!(at[2] - at[1] > 0.4, "{at:?}");
    let (given, _) = followed(vec![Ok((vec![1], true)), Err(lasting()), Ok((vec![2], false))], vec![]).await;
    assert_eq!(given, [Ok(1), Err("no".to_owned())], "an error is the last that it gives");
}
