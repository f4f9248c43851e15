//! Globus Transfer: collections over directories, file operations, and tasks that really copy.

pub(crate) mod access;
mod activation;
mod body;
mod bookmarks;
mod collections;
mod endpoints;
mod engine;
mod faults;
mod filter;
mod glob;
mod manager;
mod operations;
mod pause_rules;
mod permissions;
mod query;
mod rate;
mod reply;
mod roles;
mod settings;
mod submit;
mod task;
mod tasks;
mod times;
mod tunnels;
mod v2;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::StartError;
use crate::auth::{requirements, verify};
use crate::state::State;
pub(crate) use access::Permission;
use activation::Activations;
use bookmarks::Bookmarks;
pub use collections::CollectionSetup;
use collections::Collections;
pub(crate) use collections::{Collection, name_fault, resolve};
pub(crate) use endpoints::create_server_guest;
pub(crate) use faults::Faults;
use manager::AdminCancels;
pub(crate) use operations::strike;
use pause_rules::PauseRules;
use reply::TransferError;
pub(crate) use settings::code_fault;
pub use settings::{PathFault, TransferSettings};
use task::TaskType;
pub(crate) use task::{Lapse, Sides, Task};
use tasks::Tasks;
pub(crate) use tunnels::StreamAccessPoint;
use tunnels::Tunnels;

/// The name of the service in Globus Auth.
const RESOURCE_SERVER: &str = "transfer.api.globus.org";
/// The scope that allows everything.
const SCOPE: &str = "urn:globus:auth:scope:transfer.api.globus.org:all";

/// What the Transfer service remembers.
#[derive(Debug)]
pub(crate) struct Store {
    settings: TransferSettings,
    pub(crate) collections: Collections,
    pause_rules: PauseRules,
    tasks: Tasks,
    faults: Faults,
    activations: Activations,
    rates: rate::Rates,
    tunnels: Tunnels,
    /// Who may run how many tasks at once.
    slots: Mutex<HashMap<(Uuid, TaskType), Arc<Semaphore>>>,
    bookmarks: Bookmarks,
    admin_cancels: AdminCancels,
}

impl Store {
    pub(crate) fn new(
        collections: Vec<Arc<Collection>>,
        points: Vec<StreamAccessPoint>,
        settings: TransferSettings,
    ) -> Result<Store, StartError> {
        settings.check()?;
        Ok(Store {
            collections: Collections::new(collections),
            pause_rules: PauseRules::default(),
            tasks: Tasks::default(),
            faults: Faults::new(&settings.faults),
            activations: Activations::default(),
            rates: rate::Rates::default(),
            tunnels: Tunnels::new(points),
            slots: Mutex::default(),
            bookmarks: Bookmarks::default(),
            admin_cancels: AdminCancels::default(),
            settings,
        })
    }

    /// Ends all tasks and forgets everything that happened: collections, permissions and faults are those that it began
    /// with. Files stay as they are.
    pub(crate) fn reset(&self, now: Timestamp) {
        for task in self.tasks.all() {
            task.finish(task::End::Canceled, now);
        }
        self.tasks.clear();
        self.faults.clear();
        self.faults.add(&self.settings.faults);
        self.activations.clear();
        self.tunnels.clear();
        self.bookmarks.clear();
        self.pause_rules.clear();
        self.rates.clear();
        self.admin_cancels.clear();
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.collections.reset();
    }

    /// Finds a collection by the id that a client sent.
    fn collection(&self, id: &str) -> Result<Arc<Collection>, TransferError> {
        self.collections.find(id)
    }

    pub(crate) fn stream_access_points(&self) -> &[StreamAccessPoint] {
        self.tunnels.points()
    }

    pub(crate) fn task(&self, id: Uuid) -> Option<Arc<Task>> {
        self.tasks.get(id)
    }

    /// The faults that tasks and file operations run into.
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The tasks of all users, oldest first.
    pub(crate) fn all_tasks(&self) -> Vec<Arc<Task>> {
        self.tasks.all()
    }

    /// The slots that the running tasks of a user take.
    fn slots(&self, owner: Uuid, kind: TaskType) -> Arc<Semaphore> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(Semaphore::new(self.settings.active_tasks));
        slots.entry((owner, kind)).or_insert_with(fresh).clone()
    }
}

/// Who sent a request, checked.
#[derive(Debug)]
struct Caller(verify::Caller);

impl FromRequestParts<Arc<State>> for Caller {
    type Rejection = TransferError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Caller, TransferError> {
        Ok(verify::require(state, &parts.headers, RESOURCE_SERVER, &[SCOPE]).map(Caller)?)
    }
}

/// The routes of the Transfer service, mounted at `/transfer`.
pub(crate) fn router(state: &Arc<State>) -> Router<Arc<State>> {
    let classic = Router::new()
        .merge(activation::router())
        .merge(endpoints::router())
        .merge(bookmarks::router())
        .merge(manager::router())
        .merge(operations::router())
        .merge(pause_rules::router())
        .merge(permissions::router())
        .merge(roles::router())
        .merge(submit::router())
        .merge(tasks::router());
    Router::new()
        .nest("/v0.10", classic)
        .nest("/v2", tunnels::router().merge(bookmarks::v2_router()))
        .fallback(no_such_resource)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(state), requirements::enforce::<TransferError>))
        .layer(from_fn_with_state(Arc::clone(state), rate::limit))
        .layer(from_fn(legible))
        .layer(from_fn(reply::finish))
}

/// Turns requests away whose path is no text.
async fn legible(request: Request, next: Next) -> Response {
    match percent_encoding::percent_decode_str(request.uri().path()).decode_utf8() {
        Ok(_) => next.run(request).await,
        Err(_) => TransferError::bad_request("Invalid URL: its path is no UTF-8").into_response(),
    }
}

async fn no_such_resource(uri: http::Uri) -> TransferError {
    let message = format!("No such resource: {}", uri.path());
    TransferError::new(StatusCode::NOT_FOUND, "ClientError.NotFound", message)
}

async fn wrong_method(method: http::Method, uri: http::Uri) -> TransferError {
    let message = format!("{method} is not supported by {}", uri.path());
    TransferError::new(StatusCode::METHOD_NOT_ALLOWED, "ClientError.MethodNotAllowed", message)
}

/// Runs work that waits for the disk on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TransferError> + Send + 'static,
) -> Result<T, TransferError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| TransferError::internal(&error))?
}

#[cfg(test)]
mod tests;
