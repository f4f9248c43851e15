//! A demand that a test lets the services make.

use serde_json::{Map, Value};

/// A demand that matching requests are answered with, until a caller fulfils it.
///
/// The service answers with status 403 and a Globus Auth Requirements Error in its own error document. What was
/// done before the demand was made does not count. As soon as a caller fulfils it, the demand is gone.
///
/// ```
/// use globus_emulator::{Emulator, Requirement};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let emulator = Emulator::builder().start().await?;
/// emulator.require(
///     Requirement::new()
///         .path_prefix("/transfer/")
///         .domain("uni.example.edu")
///         .message("Log in with your university account"),
/// )?;
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use = "a requirement does nothing until it is given to `Emulator::require`"]
pub struct Requirement {
    members: Map<String, Value>,
}

impl Requirement {
    /// Demands that the caller logs in again, for any request with a good token.
    pub fn new() -> Requirement {
        Requirement::default()
    }

    /// Only requests of this method, such as `POST`.
    pub fn method(self, method: impl Into<String>) -> Requirement {
        self.with("method", method.into())
    }

    /// Only requests whose path begins so, such as `/transfer/v0.10/operation/`.
    pub fn path_prefix(self, prefix: impl Into<String>) -> Requirement {
        self.with("path_prefix", prefix.into())
    }

    /// Demands consent to a scope, such as `transfer[*data_access]` with both scopes in full. May be called
    /// several times.
    pub fn scope(self, scope: impl Into<String>) -> Requirement {
        self.and("required_scopes", scope.into())
    }

    /// Demands a login with this identity, by id or username. May be called several times: all are needed.
    pub fn identity(self, identity: impl Into<String>) -> Requirement {
        self.and("session_required_identities", identity.into())
    }

    /// Demands a login with an identity of this domain. May be called several times: one of them is enough.
    pub fn domain(self, domain: impl Into<String>) -> Requirement {
        self.and("session_required_single_domain", domain.into())
    }

    /// Demands that this policy is satisfied. May be called several times: all must be.
    pub fn policy(self, id: impl Into<String>) -> Requirement {
        self.and("session_required_policies", id.into())
    }

    /// Demands a login with more than one factor.
    pub fn mfa(self) -> Requirement {
        self.with("session_required_mfa", true)
    }

    /// Sets what the person is told.
    pub fn message(self, message: impl Into<String>) -> Requirement {
        self.with("session_message", message.into())
    }

    /// Sets the error code. Default: `ConsentRequired` where a scope is demanded, else `AuthorizationRequired`.
    pub fn code(self, code: impl Into<String>) -> Requirement {
        self.with("code", code.into())
    }

    /// Keeps the demand for every caller, instead of until the first one fulfils it.
    pub fn keep(self) -> Requirement {
        self.with("keep", true)
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Requirement {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    fn and(mut self, name: &str, value: String) -> Requirement {
        let list = self.members.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(value.into());
        }
        self
    }

    /// The document of `/_emulator/requirements`.
    pub(crate) fn into_document(self) -> Value {
        self.members.into()
    }
}

/// Why something that was asked of a running emulator cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ControlError {
    pub(crate) message: String,
}
