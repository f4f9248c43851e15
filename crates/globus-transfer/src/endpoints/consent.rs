//! What a collection asks of a login, and whether work between two collections can begin.

use std::fmt;

use globus_core::{CollectionId, Error, IntoId, Result, Scope, scope};
use serde_json::Value;

use super::{Endpoint, EntityType};
use crate::{CollectionPath, TransferClient, files::path::parent};

impl Endpoint {
    /// Tells whether work with its files needs the user's consent to its `data_access` scope: a mapped collection of
    /// Globus Connect Server that is not high assurance. For any other, Globus Auth refuses a login that asks for it.
    #[must_use]
    pub fn needs_data_access(&self) -> bool {
        self.entity_type == Some(EntityType::GcsMappedCollection) && self.high_assurance != Some(true)
    }
}

/// # Consents
impl TransferClient {
    /// Gives the scope to log in with for work on these collections: that of the service, with the optional
    /// `data_access` of each collection that has one.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// let both = ["ddb59aef-6d04-11e5-ba46-22000b92c6ec", "ddb59af0-6d04-11e5-ba46-22000b92c6ec"];
    /// let scope = transfer.scope_for(both).await?;
    /// println!("log in with {scope}");
    /// # Ok(()) }
    /// ```
    ///
    /// Asks the service what each collection is. One login with this scope does for all of them.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
    ///
    /// # Errors
    /// As [`get_endpoint`](Self::get_endpoint).
    pub async fn scope_for(
        &self,
        collections: impl IntoIterator<Item = impl IntoId<CollectionId>>,
    ) -> Result<Scope> {
        let ids: Result<Vec<CollectionId>, _> = collections.into_iter().map(IntoId::into_id).collect();
        let mut with_data_access: Vec<CollectionId> = Vec::new();
        for id in ids? {
            if !with_data_access.contains(&id) && self.get_endpoint(id).send().await?.needs_data_access() {
                with_data_access.push(id);
            }
        }
        Ok(scope::transfer::all_with_data_access(with_data_access))
    }

    /// Finds out what would keep a transfer from working, before it is submitted: consents, logins, permissions,
    /// collections that are not connected, a source that is not there.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> Result<(), Box<dyn std::error::Error>> {
    /// let source = "globus://ddb59aef-6d04-11e5-ba46-22000b92c6ec/~/runs/".parse()?;
    /// let destination = "globus://ddb59af0-6d04-11e5-ba46-22000b92c6ec/archive/".parse()?;
    /// let preflight = transfer.preflight(&source, &destination).await?;
    /// for problem in &preflight.problems {
    ///     println!("{problem}");
    /// }
    /// if let Some(scope) = preflight.missing_consent() {
    ///     println!("log in with {scope}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// Both sides are looked at, whatever is wrong with one. Of the destination the nearest directory that is there is
    /// listed: whether it may be written to shows only when it is.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
    ///
    /// # Errors
    /// When it cannot be found out: [`is_unauthorized`](crate::Error::is_unauthorized) when the token is not accepted,
    /// [`is_connect`](crate::Error::is_connect) when the service cannot be reached.
    pub async fn preflight(
        &self,
        source: &CollectionPath,
        destination: &CollectionPath,
    ) -> Result<Preflight> {
        let mut preflight = Preflight::default();
        for (side, place) in [(Side::Source, source), (Side::Destination, destination)] {
            if let Some(kind) = self.look_at(side, place).await? {
                preflight.problems.push(PreflightProblem { side, place: place.clone(), kind });
            }
        }
        Ok(preflight)
    }

    async fn look_at(&self, side: Side, place: &CollectionPath) -> Result<Option<ProblemKind>> {
        let endpoint = match self.get_endpoint(place.collection()).send().await {
            Ok(endpoint) => endpoint,
            Err(error) => return ProblemKind::of(error, place.collection()).map(Some),
        };
        if endpoint.non_functional == Some(true) {
            return Ok(Some(ProblemKind::NoFiles));
        }
        if endpoint.gcp_connected == Some(false) || endpoint.gcp_paused == Some(true) {
            return Ok(Some(ProblemKind::NotConnected));
        }
        let found = match side {
            Side::Source => self.stat(place.collection(), place.path()).await.map(|found| found.is_some()),
            Side::Destination => self.nearest(place).await,
        };
        match found {
            Ok(true) => Ok(None),
            Ok(false) => Ok(Some(ProblemKind::NotFound)),
            Err(error) => ProblemKind::of(error, place.collection()).map(Some),
        }
    }

    /// Lists the nearest directory that is there; tells whether there is one.
    async fn nearest(&self, place: &CollectionPath) -> Result<bool> {
        let mut path = Some(place.path());
        while let Some(directory) = path {
            match self.operation_ls(place.collection()).path(directory).limit(1).send().await {
                Ok(_) => return Ok(true),
                Err(error)
                    if error.is_not_found()
                        || error.is_code("ExternalError.DirListingFailed.NotDirectory") =>
                {
                    path = parent(directory);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}

/// Tells what would keep a transfer from working.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Preflight {
    /// What is wrong; empty when nothing is known to be.
    pub problems: Vec<PreflightProblem>,
}

impl Preflight {
    /// Tells whether nothing is known to be wrong.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.problems.is_empty()
    }

    /// Gives the scope of one login that brings all consents that are missing; `None` when none is.
    #[must_use]
    pub fn missing_consent(&self) -> Option<Scope> {
        let missing: Vec<CollectionId> = self
            .problems
            .iter()
            .filter(|problem| matches!(problem.kind, ProblemKind::Consent { .. }))
            .map(|problem| problem.place.collection())
            .collect();
        (!missing.is_empty()).then(|| scope::transfer::all_with_data_access(missing))
    }
}

/// Says what would keep a transfer from working, and where.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PreflightProblem {
    /// On which side.
    pub side: Side,
    /// Where.
    pub place: CollectionPath,
    /// What.
    pub kind: ProblemKind,
}

/// Says which side of a transfer is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a transfer has two sides, and never a third")]
pub enum Side {
    /// Where files come from.
    Source,
    /// Where files go to.
    Destination,
}

/// Says what would keep a transfer from working.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The user has to consent.
    Consent {
        /// To which scopes, as the service says.
        required_scopes: Vec<String>,
    },
    /// The user has to log in again, or otherwise: with a certain identity, more recently, with a second factor.
    Session {
        /// What the login has to bring, as the service says: `globus_auth::gare` reads it.
        authorization_parameters: Value,
    },
    /// The user may not do it.
    PermissionDenied {
        /// What the service says about it.
        message: String,
    },
    /// There is no such collection, or nothing at the path.
    NotFound,
    /// Globus Connect Personal is not connected, or paused.
    NotConnected,
    /// It is an endpoint, which has no files itself: its collections have.
    NoFiles,
    /// Somebody has paused it.
    Paused {
        /// What the service says about it.
        message: String,
    },
    /// The storage refuses.
    Storage {
        /// What the service says about it.
        message: String,
    },
}

impl ProblemKind {
    /// Reads what is wrong from an error; one that says nothing about the place stays an error.
    fn of(error: Error, collection: CollectionId) -> Result<Self> {
        let Some(api) = error.api() else { return Err(error) };
        let message = api.message().unwrap_or_else(|| error.to_string());
        let document = api.json();
        if error.needs_consent() {
            let scopes = document.and_then(|document| {
                let plain = document.get("required_scopes");
                plain.or_else(|| document.get("authorization_parameters")?.get("required_scopes"))
            });
            let required_scopes = match scopes.and_then(Value::as_array) {
                Some(scopes) => scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                None => vec![scope::transfer::all_with_data_access([collection]).to_string()],
            };
            return Ok(Self::Consent { required_scopes });
        }
        if let Some(parameters) = document.and_then(|document| document.get("authorization_parameters"))
            && !parameters.is_null()
        {
            return Ok(Self::Session { authorization_parameters: parameters.clone() });
        }
        if error.is_permission_denied() {
            Ok(Self::PermissionDenied { message })
        } else if error.is_not_found() {
            Ok(Self::NotFound)
        } else if error.is_code("GCDisconnectedException")
            || error.is_code("ExternalError.DirListingFailed.GCDisconnected")
        {
            Ok(Self::NotConnected)
        } else if error.is_code("OperationPaused") {
            Ok(Self::Paused { message })
        } else if api.is_storage_failure() || error.is_conflict() {
            Ok(Self::Storage { message })
        } else {
            Err(error)
        }
    }
}

/// One line, for people.
impl fmt::Display for PreflightProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::Source => "source",
            Side::Destination => "destination",
        };
        write!(f, "{side} {}: ", self.place)?;
        match &self.kind {
            ProblemKind::Consent { required_scopes } => {
                write!(f, "the user has to consent to {}", required_scopes.join(" "))
            }
            ProblemKind::Session { authorization_parameters } => {
                let message = authorization_parameters.get("session_message").and_then(Value::as_str);
                f.write_str(message.unwrap_or("the user has to log in again"))
            }
            ProblemKind::PermissionDenied { message }
            | ProblemKind::Paused { message }
            | ProblemKind::Storage { message } => f.write_str(message.lines().next().unwrap_or_default()),
            ProblemKind::NotFound => f.write_str("there is no such thing"),
            ProblemKind::NotConnected => f.write_str("Globus Connect Personal is not connected"),
            ProblemKind::NoFiles => {
                f.write_str("is an endpoint, and has no files: use one of its collections")
            }
        }
    }
}
