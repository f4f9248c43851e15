//! Authentication policies: how users must have logged in before a service serves them.

use globus_core::{Extra, Field, IntoId, PolicyId, request};
use serde::{Deserialize, Serialize};

use super::{
    AuthClient,
    document::{Members, envelopes, extra_accessors, request_documents},
    projects::ProjectId,
};

request! {
    /// # Policies
    impl AuthClient {
        /// Gives a policy.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// let policy = auth.get_policy("e7f8a9b0-cccc-4ddd-8eee-455556666777").send().await?;
        /// println!("{:?}", policy.display_name);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of its project
        /// who has authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such policy;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) when the user is no administrator of its project
        /// or has to authenticate again, for which [`Gare::from_error`](crate::gare::Gare::from_error) gives what to
        /// ask for.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_policies>
        fn get_policy(policy_id: id PolicyId) -> GetPolicy => PolicyEnvelope as Policy {
            GET "v2" / "api" / "policies" / policy_id;
        }

        /// Lists the policies of all projects that the user administers.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// for policy in auth.get_policies().send().await? {
        ///     println!("{} {:?}", policy.id, policy.display_name);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Gives all of them at once.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS).
        ///
        /// # Errors
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_policies>
        fn get_policies() -> GetPolicies => PoliciesEnvelope as Vec<Policy> {
            GET "v2" / "api" / "policies";
        }

        /// Creates a policy in a project.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// use globus_auth::api::policies::NewPolicy;
        ///
        /// let project = "d6e7f8a9-bbbb-4ccc-8ddd-344445555666";
        /// let policy = NewPolicy::new(project, "Campus", "Campus login within the last hour")
        ///     .high_assurance(true)
        ///     .authentication_assurance_timeout(3600)
        ///     .domain_constraints_include(vec!["*.example.edu".to_owned()]);
        /// let policy = auth.create_policy(policy).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Sending this twice makes two policies, so it is not tried again once it may have reached the service.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of the project
        /// who has authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when the project id is
        /// none. [`is_permission_denied`](crate::Error::is_permission_denied) as for
        /// [`get_policy`](AuthClient::get_policy); status 400 or 422 when the service does not like a member.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#create_policy>
        fn create_policy(policy: document NewPolicy) -> CreatePolicy => PolicyEnvelope as Policy {
            POST "v2" / "api" / "policies";
            with json { "policy" = policy; }
        }

        /// Changes a policy: what the update leaves out stays as it is.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// use globus_auth::api::policies::PolicyUpdate;
        /// use globus_core::Field;
        ///
        /// let anybody = PolicyUpdate::new().domain_constraints_include(Field::Null);
        /// auth.update_policy("e7f8a9b0-cccc-4ddd-8eee-455556666777", anybody).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Whether it is a high-assurance policy cannot be changed. Lists are replaced as a whole.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of its project
        /// who has authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// Those of [`create_policy`](AuthClient::create_policy) and [`get_policy`](AuthClient::get_policy).
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#update_policy>
        fn update_policy(policy_id: id PolicyId, update: document PolicyUpdate)
            -> UpdatePolicy => PolicyEnvelope as Policy
        {
            PUT "v2" / "api" / "policies" / policy_id;
            with json { "policy" = update; }
        }

        /// Deletes a policy, and gives it as it was.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// auth.delete_policy("e7f8a9b0-cccc-4ddd-8eee-455556666777").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of its project
        /// who has authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// Those of [`get_policy`](AuthClient::get_policy); after a broken connection,
        /// [`is_not_found`](crate::Error::is_not_found) may mean that an earlier try deleted it.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#delete_policy>
        fn delete_policy(policy_id: id PolicyId) -> DeletePolicy => PolicyEnvelope as Policy {
            DELETE "v2" / "api" / "policies" / policy_id;
        }
    }
}

envelopes! {
    PolicyEnvelope { policy: Policy }
    PoliciesEnvelope { policies: Vec<Policy> }
}

request_documents! {
    /// Describes a policy to create.
    ///
    /// ```
    /// use globus_auth::api::policies::NewPolicy;
    ///
    /// let project = "d6e7f8a9-bbbb-4ccc-8ddd-344445555666";
    /// let policy = NewPolicy::new(project, "MFA", "Two factors").high_assurance(true).required_mfa(true);
    /// assert_eq!(serde_json::to_value(&policy)?["required_mfa"], true);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct NewPolicy;
    /// Describes a change of a policy: what is not set stays as it is.
    #[derive(Default)]
    pub struct PolicyUpdate;
}

/// The setters that both documents have.
macro_rules! common_setters {
    () => {
        /// Asks for an authentication within this many seconds. Only with high assurance.
        pub fn authentication_assurance_timeout(mut self, seconds: u32) -> Self {
            self.0.set("authentication_assurance_timeout", seconds);
            self
        }

        /// Asks for multi-factor authentication. Only with high assurance. Service default: it does not.
        pub fn required_mfa(mut self, required: bool) -> Self {
            self.0.set("required_mfa", required);
            self
        }

        /// Asks for an identity of one of these domains, e.g. `*.example.edu`. `Field::Null`, which is the service's
        /// default, asks for none; an empty list is not the same, and is kept.
        pub fn domain_constraints_include(mut self, domains: impl Into<Field<Vec<String>>>) -> Self {
            self.0.field("domain_constraints_include", domains.into());
            self
        }

        /// Refuses identities of these domains, e.g. `*.example.com`. `Field::Null`, which is the service's default,
        /// refuses none; an empty list is kept.
        pub fn domain_constraints_exclude(mut self, domains: impl Into<Field<Vec<String>>>) -> Self {
            self.0.field("domain_constraints_exclude", domains.into());
            self
        }
    };
}

impl NewPolicy {
    /// Describes a policy of this project, with this name, and what it asks for, in words for users.
    pub fn new(
        project_id: impl IntoId<ProjectId>,
        display_name: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        let mut members = Members::default();
        members.id("project_id", project_id);
        members.set("display_name", display_name.into());
        members.set("description", description.into());
        Self(members)
    }

    /// Makes it a high-assurance policy, which holds for each session alone. Cannot be changed later. Service default:
    /// it is none.
    pub fn high_assurance(mut self, high_assurance: bool) -> Self {
        self.0.set("high_assurance", high_assurance);
        self
    }

    common_setters!();
}

impl PolicyUpdate {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the policy to this project.
    pub fn project_id(mut self, id: impl IntoId<ProjectId>) -> Self {
        self.0.id("project_id", id);
        self
    }

    /// Sets the name.
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.0.set("display_name", name.into());
        self
    }

    /// Sets what it asks for, in words for users.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.set("description", description.into());
        self
    }

    common_setters!();
}

/// Describes an authentication policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Policy {
    /// The id.
    pub id: PolicyId,
    /// The project that it belongs to.
    pub project_id: Option<ProjectId>,
    /// The name.
    pub display_name: Option<String>,
    /// What it asks for, in words for users.
    pub description: Option<String>,
    /// Whether it holds for each session alone.
    pub high_assurance: Option<bool>,
    /// Within how many seconds users must have authenticated.
    pub authentication_assurance_timeout: Option<u64>,
    /// Whether it asks for multi-factor authentication.
    pub required_mfa: Option<bool>,
    /// The domains of one of which an identity is asked for; `None` when there is no such constraint.
    pub domain_constraints_include: Option<Vec<String>>,
    /// The domains whose identities are refused.
    pub domain_constraints_exclude: Option<Vec<String>>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(Policy);
