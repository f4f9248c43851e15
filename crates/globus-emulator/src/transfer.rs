//! Globus Transfer.

use std::sync::Arc;

use axum::Router;

use crate::state::State;
use crate::{CollectionConfig, StartError};

/// How the emulated Transfer service behaves.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct TransferSettings {}

/// What the Transfer service remembers.
#[derive(Debug)]
pub(crate) struct Store {}

impl Store {
    pub(crate) fn new(
        _collections: Vec<CollectionConfig>,
        _settings: TransferSettings,
    ) -> Result<Store, StartError> {
        Ok(Store {})
    }
}

/// The routes of the Transfer service, mounted at `/transfer`.
pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
}
