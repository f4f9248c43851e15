//! Legacy documents.

use std::{fmt, time::Duration};

use globus_core::{Error, Extra, Result, Timestamp, open_enum};
use serde::{Deserialize, Serialize};

use crate::{
    document::{extra_accessors, lenient_integer, or_default},
    files::ResultCode,
    parts::DataType,
};

/// Says what an endpoint needs to be activated with, and how long it still is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActivationRequirements {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// What has to be filled in; all of one type.
    #[serde(rename = "DATA", default, deserialize_with = "or_default")]
    pub data: Vec<ActivationRequirement>,
    /// Whether it is activated now.
    pub activated: Option<bool>,
    /// For how many seconds it still is; 0 when it is not, −1 for ever.
    #[serde(default, deserialize_with = "lenient_integer")]
    pub expires_in: Option<i64>,
    /// Until when it is.
    #[serde(default, deserialize_with = "globus_core::time::lenient")]
    pub expire_time: Option<Timestamp>,
    /// Whether the service may have credentials for it.
    pub auto_activation_supported: Option<bool>,
    /// The server where the user can log in to activate it.
    pub oauth_server: Option<String>,
    /// How many things have to be filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    #[serde(flatten)]
    extra: Extra,
}

impl ActivationRequirements {
    /// Tells whether it is activated for ever, or needs no activation.
    #[must_use]
    pub fn always_activated(&self) -> bool {
        self.expires_in == Some(-1)
    }

    /// Tells whether it is still activated at this time. What ends at that very second does not count.
    #[must_use]
    pub fn active_until(&self, time: Timestamp) -> bool {
        self.always_activated() || self.expire_time.is_some_and(|expire_time| expire_time > time)
    }

    /// Tells whether it is still activated after this time, counted from when the service answered. What ends at that
    /// very second does not count.
    #[must_use]
    pub fn active_for(&self, duration: Duration) -> bool {
        let left = self.expires_in.and_then(|seconds| u64::try_from(seconds).ok());
        self.always_activated() || left.is_some_and(|seconds| Duration::from_secs(seconds) > duration)
    }

    /// Tells whether [`endpoint_autoactivate`](crate::TransferClient::endpoint_autoactivate) may work.
    #[must_use]
    pub fn supports_auto_activation(&self) -> bool {
        self.auto_activation_supported == Some(true)
    }

    /// Tells whether the user can activate it in the web app.
    #[must_use]
    pub fn supports_web_activation(&self) -> bool {
        self.supports_auto_activation()
            || self.oauth_server.is_some()
            || self.data.iter().any(|requirement| {
                matches!(
                    requirement.requirement_type,
                    Some(RequirementType::Myproxy | RequirementType::DelegateMyproxy)
                )
            })
    }

    /// Fills in the value of a requirement, e.g. the `passphrase` of the type `myproxy`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when there is no such requirement.
    pub fn set(
        &mut self,
        requirement_type: impl Into<RequirementType>,
        name: &str,
        value: impl Into<String>,
    ) -> Result<()> {
        let wanted = requirement_type.into();
        let found = self.data.iter_mut().find(|requirement| {
            requirement.requirement_type.as_ref() == Some(&wanted)
                && requirement.name.as_deref() == Some(name)
        });
        match found {
            Some(requirement) => {
                requirement.value = Some(value.into());
                Ok(())
            }
            None => Err(Error::invalid_input(format!(
                "there is no activation requirement {name:?} of the type \"{wanted}\""
            ))),
        }
    }
}

/// Describes something that has to be filled in to activate an endpoint.
///
/// `Debug` does not show the value.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActivationRequirement {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// The way of activating that it belongs to.
    #[serde(rename = "type")]
    pub requirement_type: Option<RequirementType>,
    /// Its name, e.g. `username`.
    pub name: Option<String>,
    /// Its name for people.
    pub ui_name: Option<String>,
    /// What it is, for people.
    pub description: Option<String>,
    /// Whether it has to be filled in.
    pub required: Option<bool>,
    /// Whether nobody may see the value.
    pub private: Option<bool>,
    /// The value: what the service proposes, until it is [set](ActivationRequirements::set).
    pub value: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

impl fmt::Debug for ActivationRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivationRequirement")
            .field("requirement_type", &self.requirement_type)
            .field("name", &self.name)
            .field("required", &self.required)
            .field("private", &self.private)
            .finish_non_exhaustive()
    }
}

open_enum! {
    /// Names a way of activating an endpoint.
    pub enum RequirementType {
        /// With a name and a passphrase at a `MyProxy` server.
        Myproxy = "myproxy",
        /// With credentials that the program delegates.
        DelegateProxy = "delegate_proxy",
        /// The same, under its name in old documents.
        DelegateMyproxy = "delegate_myproxy",
    }
}

/// Says how activating went.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActivationResult {
    /// What was done.
    pub code: Option<ActivationCode>,
    /// The same as a sentence, for people.
    pub message: Option<String>,
    /// The service's id of the request, for its support.
    pub request_id: Option<String>,
    /// The path of the request.
    pub resource: Option<String>,
    /// What is still needed, and how long the endpoint is activated.
    #[serde(flatten)]
    pub requirements: ActivationRequirements,
}

impl ActivationResult {
    /// Tells whether the endpoint is activated now.
    #[must_use]
    pub fn is_activated(&self) -> bool {
        self.code.as_ref().is_some_and(|code| !code.as_str().starts_with("AutoActivationFailed"))
    }
}

open_enum! {
    /// Says how activating went.
    pub enum ActivationCode {
        /// It was activated with credentials that the service had kept.
        CachedCredential = "AutoActivated.CachedCredential",
        /// It was activated with credentials that the service made.
        GlobusOnlineCredential = "AutoActivated.GlobusOnlineCredential",
        /// It was activated already.
        AlreadyActivated = "AlreadyActivated",
        /// The service has no credentials for it.
        AutoActivationFailed = "AutoActivationFailed",
        /// It was activated with what the user had filled in.
        MyProxyCredential = "Activated.MyProxyCredential",
    }
}

/// Says that a server was added.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServerCreated {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// The id, within its endpoint.
    pub id: u64,
    /// What was done.
    pub code: Option<ResultCode>,
    /// The same as a sentence, for people.
    pub message: Option<String>,
    /// The service's id of the request, for its support.
    pub request_id: Option<String>,
    /// The path of the request.
    pub resource: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(ActivationRequirements, ActivationRequirement, ServerCreated);
