//! The resource servers of an app: which scopes are needed there, and what the storage cannot tell about their tokens.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};

use globus_core::{Result, Scope, Secret, scope};
use http::HeaderValue;

use super::{Inner, authorizer::Source};
use crate::{
    authorizers::{Renewing, bearer},
    storage::TokenData,
};

/// Everything that an app knows beside its storage. Never locked across an `await`.
#[derive(Default)]
pub(super) struct Servers {
    by_name: BTreeMap<String, Server>,
    /// All that logins or token requests of this app have asked for: so much is consented to.
    asked_for: Vec<Scope>,
}

pub(super) struct Server {
    pub(super) scopes: Vec<Scope>,
    pub(super) slot: Arc<Slot>,
    /// The credential that the service did not accept, whatever its expiry says.
    rejected: Option<HeaderValue>,
    /// The refresh token that Globus Auth did not take.
    refused: Option<Secret>,
    unsaved: Option<Unsaved>,
}

/// A token that was renewed and could not be stored: its predecessor may be of no use any more.
struct Unsaved {
    /// The access token that is still in the storage in its place.
    replaces: Secret,
    token: TokenData,
}

/// Where the authorizers of one resource server find the token in use.
pub(super) struct Slot(Mutex<Arc<Renewing>>);

impl Slot {
    pub(super) fn renewing(&self) -> Arc<Renewing> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets the token in use, so that the next call looks at what is stored. Calls that are under way go on with
    /// what they have.
    pub(super) fn reset(&self, app: &Arc<Inner>, resource_server: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Source::renewing(app, resource_server);
    }
}

impl Servers {
    /// Gives a resource server, which is made known if it is not.
    pub(super) fn entry(&mut self, resource_server: &str, app: &Arc<Inner>) -> &mut Server {
        match self.by_name.entry(resource_server.to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Server {
                scopes: Vec::new(),
                slot: Arc::new(Slot(Mutex::new(Source::renewing(app, resource_server)))),
                rejected: None,
                refused: None,
                unsaved: None,
            }),
        }
    }

    pub(super) fn requirements(&self) -> BTreeMap<String, Vec<Scope>> {
        self.by_name.iter().map(|(name, server)| (name.clone(), server.scopes.clone())).collect()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.by_name.keys().cloned().collect()
    }

    pub(super) fn scopes(&self, resource_server: &str) -> Vec<Scope> {
        self.by_name.get(resource_server).map(|server| server.scopes.clone()).unwrap_or_default()
    }

    pub(super) fn slot(&self, resource_server: &str) -> Option<Arc<Slot>> {
        Some(Arc::clone(&self.by_name.get(resource_server)?.slot))
    }

    /// Forgets every token in use and what was known of it.
    pub(super) fn reset(&mut self, app: &Arc<Inner>) {
        for (name, server) in &mut self.by_name {
            server.slot.reset(app, name);
            (server.rejected, server.refused, server.unsaved) = (None, None, None);
        }
    }

    pub(super) fn note_asked_for(&mut self, scopes: &[Scope]) -> Result<()> {
        self.asked_for = scope::merge(&self.asked_for, scopes)?;
        Ok(())
    }

    /// Forgets what logins brought, too.
    pub(super) fn forget(&mut self, app: &Arc<Inner>) {
        self.reset(app);
        self.asked_for.clear();
    }

    /// Lists the scopes that are required at a resource server and depend on others, if they were not all asked for
    /// already.
    pub(super) fn unsettled(&self, resource_server: &str) -> Vec<Scope> {
        let mut scopes = self.scopes(resource_server);
        scopes.retain(|scope| !scope.is_optional() && !scope.dependencies().is_empty());
        let merged = scope::merge(&self.asked_for, &scopes);
        if merged.is_ok_and(|merged| merged == self.asked_for) { Vec::new() } else { scopes }
    }

    pub(super) fn note_rejected(&mut self, resource_server: &str, credential: &HeaderValue) {
        if let Some(server) = self.by_name.get_mut(resource_server) {
            server.rejected = Some(credential.clone());
        }
    }

    /// Tells whether the service did not accept this token.
    pub(super) fn is_rejected(&self, token: &TokenData) -> bool {
        let rejected = self.by_name.get(&token.resource_server).and_then(|server| server.rejected.as_ref());
        rejected.is_some_and(|rejected| bearer(&token.access_token).is_ok_and(|ours| ours == *rejected))
    }

    pub(super) fn note_refused(&mut self, resource_server: &str, refresh_token: &Secret) {
        if let Some(server) = self.by_name.get_mut(resource_server) {
            server.refused = Some(refresh_token.clone());
        }
    }

    /// Tells whether Globus Auth did not take this token's refresh token.
    pub(super) fn is_refused(&self, token: &TokenData) -> bool {
        let server = self.by_name.get(&token.resource_server);
        let refused = server.and_then(|server| server.refused.as_ref());
        refused.is_some() && refused == token.refresh_token.as_ref()
    }

    pub(super) fn keep_unsaved(&mut self, replaces: Secret, token: TokenData) {
        if let Some(server) = self.by_name.get_mut(&token.resource_server) {
            server.unsaved = Some(Unsaved { replaces, token });
        }
    }

    /// Gives what stands for a stored token: itself, unless its successor could not be stored.
    pub(super) fn in_place_of(&self, stored: TokenData) -> TokenData {
        match self.by_name.get(&stored.resource_server).and_then(|server| server.unsaved.as_ref()) {
            Some(unsaved) if unsaved.replaces == stored.access_token => unsaved.token.clone(),
            _ => stored,
        }
    }
}
