//! Which collections there are.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use http::StatusCode;
use uuid::Uuid;

use super::{Changing, Collection};
use crate::CollectionConfig;
use crate::transfer::reply::TransferError;

/// All collections, and what is known of those that are gone.
#[derive(Debug, Default)]
pub(crate) struct Collections {
    table: RwLock<Table>,
    beginning: Vec<Beginning>,
}

/// A collection as it was at the start.
#[derive(Debug)]
struct Beginning {
    collection: Arc<Collection>,
    changing: Changing,
    connected: bool,
}

#[derive(Debug, Default)]
struct Table {
    /// Oldest first.
    present: Vec<Arc<Collection>>,
    deleted: HashSet<Uuid>,
}

impl Collections {
    pub(crate) fn new(present: Vec<Arc<Collection>>) -> Collections {
        let beginning = present.iter().map(|collection| Beginning {
            collection: collection.clone(),
            changing: collection.read().clone(),
            connected: collection.root.is_connected(),
        });
        let beginning = beginning.collect();
        Collections { table: RwLock::new(Table { present, deleted: HashSet::new() }), beginning }
    }

    /// Has again what it began with, as it was then.
    pub(crate) fn reset(&self) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        for Beginning { collection, changing, connected } in &self.beginning {
            *collection.write() = changing.clone();
            collection.root.set_connected(*connected);
        }
        table.present = self.beginning.iter().map(|beginning| beginning.collection.clone()).collect();
        table.deleted.clear();
    }

    /// Finds a collection by the id that a client sent.
    pub(crate) fn find(&self, text: &str) -> Result<Arc<Collection>, TransferError> {
        let id = Uuid::parse_str(text).ok();
        if let Some(found) = id.and_then(|id| self.get(id)) {
            return Ok(found);
        }
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let (code, message) = if id.is_some_and(|id| table.deleted.contains(&id)) {
            ("EndpointDeleted", format!("Endpoint '{text}' has been deleted"))
        } else {
            ("EndpointNotFound", format!("No such endpoint '{text}'"))
        };
        Err(TransferError::new(StatusCode::NOT_FOUND, code, message))
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<Arc<Collection>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.present.iter().find(|collection| collection.id == id).cloned()
    }

    /// What users of the emulator are told of all of them.
    pub(crate) fn configs(&self) -> Vec<CollectionConfig> {
        self.all().iter().filter_map(|one| one.config()).collect()
    }

    /// All of them, oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<Collection>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner).present.clone()
    }

    /// Takes a new one in, unless `refuse` finds something wrong with it among the others.
    pub(crate) fn add(
        &self,
        collection: Arc<Collection>,
        refuse: impl Fn(&Collection) -> Option<TransferError>,
    ) -> Result<(), TransferError> {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(refusal) = table.present.iter().find_map(|other| refuse(other)) {
            return Err(refusal);
        }
        table.present.push(collection);
        Ok(())
    }

    /// Takes one away, and what is shared of it.
    pub(crate) fn remove(&self, id: Uuid) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let goes =
            |one: &Collection| one.id == id || one.parent.as_ref().is_some_and(|parent| parent.id == id);
        let gone: Vec<Uuid> = table.present.iter().filter(|one| goes(one)).map(|one| one.id).collect();
        table.present.retain(|one| !gone.contains(&one.id));
        table.deleted.extend(gone);
    }
}
