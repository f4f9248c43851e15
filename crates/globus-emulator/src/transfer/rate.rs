//! The limit of requests: so many a second for each user, counted over windows of ten seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State as Shared};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use uuid::Uuid;

use super::reply::TransferError;
use super::task::lock;
use super::{RESOURCE_SERVER, verify};
use crate::state::State;

/// How long a window is, in seconds.
const WINDOW: i64 = 10;

/// The requests of each user in the window that began last.
#[derive(Debug, Default)]
pub(crate) struct Rates(Mutex<HashMap<Uuid, (i64, u32)>>);

impl Rates {
    pub(super) fn clear(&self) {
        lock(&self.0).clear();
    }

    /// Counts a request of a user; says how many seconds to wait when there were too many.
    fn count(&self, user: Uuid, per_second: u32, now: i64) -> Result<(), i64> {
        let window = now.div_euclid(WINDOW);
        let mut users = lock(&self.0);
        let entry = users.entry(user).or_default();
        if entry.0 != window {
            *entry = (window, 0);
        }
        entry.1 = entry.1.saturating_add(1);
        if u64::from(entry.1) <= u64::from(per_second) * WINDOW.unsigned_abs() {
            return Ok(());
        }
        Err((window + 1) * WINDOW - now)
    }
}

/// Turns a request away when its user sent too many.
pub(super) async fn limit(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    let Some(per_second) = state.transfer.settings.rate_limit else {
        return next.run(request).await;
    };
    // Whoever has no good token is told so by the service.
    let Ok(caller) = verify::require(&state, request.headers(), RESOURCE_SERVER, &[]) else {
        return next.run(request).await;
    };
    match state.transfer.rates.count(caller.identity_id, per_second, state.clock.now().as_second()) {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            let message = format!("Too many requests: more than {per_second} a second");
            let code = "ClientError.TooManyRequests";
            let mut response =
                TransferError::new(StatusCode::TOO_MANY_REQUESTS, code, message).into_response();
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_begin_anew() {
        let rates = Rates::default();
        let (ada, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for _ in 0..20 {
            assert_eq!(rates.count(ada, 2, 1003), Ok(()));
        }
        assert_eq!(rates.count(ada, 2, 1003), Err(7));
        assert_eq!(rates.count(ada, 2, 1009), Err(1));
        assert_eq!(rates.count(bob, 2, 1009), Ok(()));
        assert_eq!(rates.count(ada, 2, 1010), Ok(()));
    }
}
