//! One piece of work for many who wait for it, without a task of its own.
//!
//! Whoever waits also drives: one of them polls the work while the others queue behind it. When that one is
//! cancelled, the next takes over where it stopped, so that nothing that was already sent is lost.

use std::pin::Pin;

use tokio::{
    runtime,
    sync::{Mutex, MutexGuard},
};

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Holds work that is done once, and its result.
pub(crate) struct Flight<T> {
    seat: Mutex<Seat<T>>,
}

struct Seat<T> {
    stage: Stage<T>,
    handed_over: bool,
}

enum Stage<T> {
    Ready(Work<T>),
    UnderWay(UnderWay<T>),
    Landed(T),
    Lost,
}

struct UnderWay<T> {
    work: Work<T>,
    /// Timers and connections belong to the runtime they were made on.
    runtime: Option<runtime::Id>,
    /// Still true after a poll only when the work panicked.
    polling: bool,
}

/// Says what became of a flight.
pub(crate) enum Outcome<T> {
    /// It is done; `handed_over` when the one who began it left before the end.
    Landed { result: T, handed_over: bool },
    /// It cannot be finished: it panicked, or the runtime that it began on may be gone.
    Lost,
}

impl<T: Clone + Send> Flight<T> {
    pub(crate) fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self { seat: Mutex::new(Seat { stage: Stage::Ready(Box::pin(work)), handed_over: false }) }
    }

    /// Waits for the result, doing the work when nobody else is at it.
    pub(crate) async fn join(&self) -> Outcome<T> {
        Self::drive(self.seat.lock().await).await
    }

    /// Does the work, or gives `None` when somebody else is at it.
    pub(crate) async fn join_unless_driven(&self) -> Option<Outcome<T>> {
        let seat = self.seat.try_lock().ok()?;
        Some(Self::drive(seat).await)
    }

    async fn drive(mut seat: MutexGuard<'_, Seat<T>>) -> Outcome<T> {
        let seat = &mut *seat;
        let here = runtime::Handle::try_current().ok().map(|handle| handle.id());
        seat.stage = match std::mem::replace(&mut seat.stage, Stage::Lost) {
            Stage::Ready(work) => Stage::UnderWay(UnderWay { work, runtime: here, polling: false }),
            Stage::UnderWay(under_way) if under_way.polling || under_way.runtime != here => Stage::Lost,
            Stage::UnderWay(under_way) => {
                seat.handed_over = true;
                Stage::UnderWay(under_way)
            }
            settled => settled,
        };
        if let Stage::UnderWay(under_way) = &mut seat.stage {
            let result = std::future::poll_fn(|context| {
                under_way.polling = true;
                let polled = under_way.work.as_mut().poll(context);
                under_way.polling = false;
                polled
            })
            .await;
            seat.stage = Stage::Landed(result);
        }
        match &seat.stage {
            Stage::Landed(result) => {
                Outcome::Landed { result: result.clone(), handed_over: seat.handed_over }
            }
            Stage::Ready(_) | Stage::UnderWay(_) | Stage::Lost => Outcome::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
        time::Duration,
    };

    use super::*;

    fn counted(runs: &Arc<AtomicU32>) -> Flight<u32> {
        let runs = Arc::clone(runs);
        Flight::new(async move {
            runs.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            7
        })
    }

    fn landed<T>(outcome: Outcome<T>) -> Option<(T, bool)> {
        let Outcome::Landed { result, handed_over } = outcome else { return None };
        Some((result, handed_over))
    }

    #[tokio::test(start_paused = true)]
    async fn many_wait_for_one_run() {
        let runs = Arc::default();
        let flight = Arc::new(counted(&runs));
        let waiting: Vec<_> = (0..100)
            .map(|_| {
                let flight = Arc::clone(&flight);
                tokio::spawn(async move { landed(flight.join().await) })
            })
            .collect();
        for waiter in waiting {
            assert_eq!(waiter.await.unwrap(), Some((7, false)));
        }
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_comes_next_takes_over_where_the_first_stopped() {
        let runs = Arc::default();
        let flight = counted(&runs);
        let left = tokio::time::timeout(Duration::from_millis(600), flight.join()).await;
        assert!(left.is_err());
        let start = tokio::time::Instant::now();
        assert_eq!(landed(flight.join().await), Some((7, true)));
        assert_eq!(start.elapsed(), Duration::from_millis(400));
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn who_need_not_wait_does_not() {
        let runs = Arc::default();
        let flight = Arc::new(counted(&runs));
        let driver = {
            let flight = Arc::clone(&flight);
            tokio::spawn(async move { landed(flight.join().await) })
        };
        tokio::task::yield_now().await;
        assert!(flight.join_unless_driven().await.is_none());
        driver.await.unwrap();
        assert_eq!(flight.join_unless_driven().await.and_then(landed), Some((7, false)));
    }

    #[test]
    fn work_of_a_runtime_that_is_gone_is_given_up() {
        let flight = counted(&Arc::default());
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime().block_on(async {
            let left = tokio::time::timeout(Duration::from_millis(10), flight.join()).await;
            assert!(left.is_err());
        });
        assert_eq!(runtime().block_on(async { landed(flight.join().await) }), None);
    }

    #[tokio::test]
    async fn work_that_panicked_is_not_polled_again() {
        let flight: Arc<Flight<u32>> = Arc::new(Flight::new(async { panic!("a hook went wrong") }));
        let driver = {
            let flight = Arc::clone(&flight);
            tokio::spawn(async move { landed(flight.join().await) })
        };
        assert!(driver.await.is_err());
        assert_eq!(landed(flight.join().await), None);
    }
}
