//! Roles: who administers an endpoint or collection, and who manages what others do on it.

use globus_core::{CollectionId, Extra, GroupId, IdentityId, IntoId, open_enum, request};
use serde::{Deserialize, Serialize};

use crate::{
    TransferClient,
    document::extra_accessors,
    files::OperationResult,
    parts::{DataType, list, request_document, text_id},
};

text_id! {
    /// Names a role that somebody has.
    pub struct RoleId;
}

open_enum! {
    /// Says what a role allows.
    pub enum RoleType {
        /// Everything: change and delete it, give roles, manage permissions, and what the other roles allow.
        Administrator = "administrator",
        /// Manage permissions.
        AccessManager = "access_manager",
        /// Pause and cancel the tasks of others, and see them.
        ActivityManager = "activity_manager",
        /// See the tasks of others.
        ActivityMonitor = "activity_monitor",
    }
}

open_enum! {
    /// Says who has a role or a permission.
    pub enum PrincipalType {
        /// One identity.
        Identity = "identity",
        /// The members of a group.
        Group = "group",
        /// Everybody who has logged in. For permissions only.
        AllAuthenticatedUsers = "all_authenticated_users",
        /// Everybody. For permissions only.
        Anonymous = "anonymous",
    }
}

request! {
    /// # Roles
    impl TransferClient {
        /// Lists the roles on an endpoint or collection. The owner, who may do everything, has none.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let roles = transfer.endpoint_role_list("ddb59aef-6d04-11e5-ba46-22000b92c6ec").send().await?;
        /// for role in &roles.data {
        ///     println!("{} {:?} {:?}", role.id, role.principal, role.role);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// The list comes whole. Administrators see all of it.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such endpoint or collection,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not see roles there.
        ///
        /// Service: <https://docs.globus.org/api/transfer/roles/#role_list>
        #[doc(alias = "endpoint role list")]
        fn endpoint_role_list(endpoint_id: id CollectionId) -> EndpointRoleList => RoleList {
            GET "v0.10" / "endpoint" / endpoint_id / "role_list";
        }

        /// Gives a role on an endpoint or collection to an identity or a group.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::roles::{NewRole, RoleType};
        ///
        /// let role = NewRole::for_identity("25de0aed-aa83-4600-a1be-a62a910af116", RoleType::AccessManager);
        /// let given = transfer.add_endpoint_role("ddb59aef-6d04-11e5-ba46-22000b92c6ec", role).send().await?;
        /// println!("{}", given.id);
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `administrator` there, and a subscription. For Globus Connect Personal; roles on Globus
        /// Connect Server are given with its own manager. A role cannot be changed: delete it and give another one.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_conflict`](globus_core::Error::is_conflict) when the same role was given before,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not give roles there,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such endpoint or collection.
        ///
        /// Service: <https://docs.globus.org/api/transfer/roles/#create_role>
        #[doc(alias = "endpoint role create")]
        fn add_endpoint_role(endpoint_id: id CollectionId, role: document NewRole) -> AddEndpointRole => Role {
            POST "v0.10" / "endpoint" / endpoint_id / "role";
            with document role;
        }

        /// Describes a role on an endpoint or collection.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let (collection, role) = ("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "2b7e2f10-5d0a-11f0-a5b1-02e36a640ad1");
        /// println!("{:?}", transfer.get_endpoint_role(collection, role).send().await?.role);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none, with the code `RoleNotFound` when it
        /// is the role that is missing; [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user
        /// may not see roles there.
        ///
        /// Service: <https://docs.globus.org/api/transfer/roles/#get_role_by_id>
        #[doc(alias = "endpoint role show")]
        fn get_endpoint_role(endpoint_id: id CollectionId, role_id: value RoleId) -> GetEndpointRole => Role {
            GET "v0.10" / "endpoint" / endpoint_id / "role" / role_id;
        }

        /// Takes a role on an endpoint or collection away.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let (collection, role) = ("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "2b7e2f10-5d0a-11f0-a5b1-02e36a640ad1");
        /// transfer.delete_endpoint_role(collection, role).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `administrator` there.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not take roles there.
        ///
        /// Service: <https://docs.globus.org/api/transfer/roles/#delete_role_by_id>
        #[doc(alias = "endpoint role delete")]
        fn delete_endpoint_role(endpoint_id: id CollectionId, role_id: value RoleId) -> DeleteEndpointRole => OperationResult {
            DELETE "v0.10" / "endpoint" / endpoint_id / "role" / role_id;
        }
    }
}

request_document! {
    /// Describes a role to give.
    ///
    /// ```
    /// use globus_transfer::roles::{NewRole, RoleType};
    /// let role = NewRole::for_group("fdb38a24-03c1-11e3-86f7-12313809f035", RoleType::ActivityMonitor);
    /// ```
    pub struct NewRole as "role" {}
}

impl NewRole {
    /// Gives the role to one identity.
    pub fn for_identity(identity: impl IntoId<IdentityId>, role: impl Into<RoleType>) -> Self {
        let mut new = Self::start();
        new.0.set("principal_type", PrincipalType::Identity);
        new.0.id::<IdentityId>("principal", identity);
        new.0.set("role", role.into());
        new
    }

    /// Gives the role to the members of a group.
    pub fn for_group(group: impl IntoId<GroupId>, role: impl Into<RoleType>) -> Self {
        let mut new = Self::start();
        new.0.set("principal_type", PrincipalType::Group);
        new.0.id::<GroupId>("principal", group);
        new.0.set("role", role.into());
        new
    }
}

/// Describes a role that somebody has.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Role {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// The id.
    pub id: RoleId,
    /// Whether an identity or a group has it.
    pub principal_type: Option<PrincipalType>,
    /// The id of that identity or group.
    pub principal: Option<String>,
    /// What it allows.
    pub role: Option<RoleType>,
    #[serde(flatten)]
    extra: Extra,
}

list! {
    /// Holds the roles on an endpoint or collection.
    pub struct RoleList of Role {}
}

extra_accessors!(Role);
