//! Permissions: who may read and write what on a guest collection. The service also calls them access rules, or ACL.

mod sync;

use globus_core::{CollectionId, Extra, GroupId, IdentityId, IntoId, Timestamp, open_enum, request};
use serde::{Deserialize, Serialize};

pub use self::sync::{AclChange, AclSync, EnsuredRule, SyncAcl};
pub use crate::roles::PrincipalType;
use crate::{
    TransferClient,
    document::extra_accessors,
    files::{OperationResult, ResultCode},
    parts::{DataType, list, request_document, set_path, text_id},
    roles::{RoleId, RoleType},
};

text_id! {
    /// Names a permission on a guest collection.
    pub struct AccessRuleId;
}

open_enum! {
    /// Says what a permission allows.
    pub enum Permissions {
        /// Read.
        Read = "r",
        /// Read and write.
        ReadWrite = "rw",
    }
}

request! {
    /// # Permissions
    ///
    /// On guest collections. The role `access_manager` is needed to see and to change them.
    impl TransferClient {
        /// Lists the permissions on a guest collection, with those that come from roles.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let rules = transfer.endpoint_acl_list("5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01").send().await?;
        /// for rule in &rules.data {
        ///     println!("{:?} {:?} {:?}", rule.principal, rule.permissions, rule.path);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// The list comes whole. A collection has up to 1,000 permissions.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such collection,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not see its permissions.
        ///
        /// Service: <https://docs.globus.org/api/transfer/permissions/>
        #[doc(alias = "endpoint permission list")]
        fn endpoint_acl_list(endpoint_id: id CollectionId) -> EndpointAclList => AccessRuleList {
            GET "v0.10" / "endpoint" / endpoint_id / "access_list";
        }

        /// Describes a permission on a guest collection.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let (collection, rule) = ("5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01", "fbe71e48-9fb4-4265-a5b5-4408d8bb5d1b");
        /// println!("{:?}", transfer.get_endpoint_acl_rule(collection, rule).send().await?.expiration_date);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none, with the code `AccessRuleNotFound` when
        /// it is the permission that is missing;
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not see it.
        ///
        /// Service: <https://docs.globus.org/api/transfer/permissions/>
        #[doc(alias = "endpoint permission show")]
        fn get_endpoint_acl_rule(endpoint_id: id CollectionId, rule_id: value AccessRuleId) -> GetEndpointAclRule => AccessRule {
            GET "v0.10" / "endpoint" / endpoint_id / "access" / rule_id;
        }

        /// Permits somebody to read, or to read and write, a directory of a guest collection.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::access::{NewAccessRule, Permissions};
        ///
        /// let rule = NewAccessRule::for_identity("25de0aed-aa83-4600-a1be-a62a910af116", "/dataset1/", Permissions::Read);
        /// let made = transfer.add_endpoint_acl_rule("5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01", rule).send().await;
        /// match made {
        ///     Ok(made) => println!("{}", made.access_id),
        ///     Err(error) if error.is_code("Exists") => println!("was there already"),
        ///     Err(error) => return Err(error),
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Permissions add up: one for a directory inside takes nothing away. Not retried when it may have reached the
        /// service.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_conflict`](globus_core::Error::is_conflict), with the code `Exists` when there is one for the same path
        /// and principal;
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not give permissions;
        /// [`status`](globus_core::Error::status) 400 when the path or the principal is none.
        ///
        /// Service: <https://docs.globus.org/api/transfer/permissions/>
        #[doc(alias = "endpoint permission create")]
        fn add_endpoint_acl_rule(endpoint_id: id CollectionId, rule: document NewAccessRule) -> AddEndpointAclRule => AccessRuleCreated {
            POST "v0.10" / "endpoint" / endpoint_id / "access";
            with document rule;
        }

        /// Changes what a permission allows, or when it ends.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::access::{AccessRuleUpdate, Permissions};
        ///
        /// let (collection, rule) = ("5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01", "fbe71e48-9fb4-4265-a5b5-4408d8bb5d1b");
        /// let for_ever = AccessRuleUpdate::new().permissions(Permissions::ReadWrite).expiration_date(None);
        /// transfer.update_endpoint_acl_rule(collection, rule, for_ever).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Path and principal cannot be changed: delete the permission and give another one.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not change it.
        ///
        /// Service: <https://docs.globus.org/api/transfer/permissions/>
        #[doc(alias = "endpoint permission update")]
        fn update_endpoint_acl_rule(
            endpoint_id: id CollectionId, rule_id: value AccessRuleId, update: document AccessRuleUpdate
        ) -> UpdateEndpointAclRule => OperationResult {
            PUT "v0.10" / "endpoint" / endpoint_id / "access" / rule_id;
            with document update;
        }

        /// Takes a permission on a guest collection away.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let (collection, rule) = ("5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01", "fbe71e48-9fb4-4265-a5b5-4408d8bb5d1b");
        /// transfer.delete_endpoint_acl_rule(collection, rule).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// What the owner and those with roles may do cannot be taken away like this.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not take it away.
        ///
        /// Service: <https://docs.globus.org/api/transfer/permissions/>
        #[doc(alias = "endpoint permission delete")]
        fn delete_endpoint_acl_rule(endpoint_id: id CollectionId, rule_id: value AccessRuleId) -> DeleteEndpointAclRule => OperationResult {
            DELETE "v0.10" / "endpoint" / endpoint_id / "access" / rule_id;
        }
    }
}

request_document! {
    /// Describes a permission to give. The path is that of a directory, from the root of the collection, with a `/` at
    /// both ends.
    ///
    /// ```
    /// use globus_transfer::access::{NewAccessRule, Permissions};
    /// let rule = NewAccessRule::for_all_authenticated_users("/public/", Permissions::Read);
    /// ```
    pub struct NewAccessRule as "access" {
        /// Ends the permission at this time. Default: it does not end, unless the collection limits it.
        expiration_date: field Timestamp;
        /// Tells of the permission by mail to this address. Default: no mail.
        notify_email: text;
        /// Adds this to the mail.
        notify_message: text;
    }
}

impl NewAccessRule {
    /// Permits one identity.
    pub fn for_identity(
        identity: impl IntoId<IdentityId>,
        path: impl Into<String>,
        permissions: impl Into<Permissions>,
    ) -> Self {
        let mut rule = Self::of(PrincipalType::Identity, path.into(), permissions.into());
        rule.0.id::<IdentityId>("principal", identity);
        rule
    }

    /// Permits the members of a group.
    pub fn for_group(
        group: impl IntoId<GroupId>,
        path: impl Into<String>,
        permissions: impl Into<Permissions>,
    ) -> Self {
        let mut rule = Self::of(PrincipalType::Group, path.into(), permissions.into());
        rule.0.id::<GroupId>("principal", group);
        rule
    }

    /// Permits everybody who has logged in.
    pub fn for_all_authenticated_users(path: impl Into<String>, permissions: impl Into<Permissions>) -> Self {
        Self::of(PrincipalType::AllAuthenticatedUsers, path.into(), permissions.into())
    }

    /// Permits everybody, whether logged in or not.
    pub fn for_anonymous(path: impl Into<String>, permissions: impl Into<Permissions>) -> Self {
        Self::of(PrincipalType::Anonymous, path.into(), permissions.into())
    }

    fn of(principal_type: PrincipalType, path: String, permissions: Permissions) -> Self {
        let mut rule = Self::start();
        rule.0.set("principal_type", principal_type);
        rule.0.set("principal", "");
        if path.starts_with('/') || path.is_empty() {
            set_path(&mut rule.0, "path", path);
        } else {
            rule.0
                .refuse("path", format!("path {path:?} does not begin with the / of the collection's root"));
        }
        rule.0.set("permissions", permissions);
        rule
    }
}

request_document! {
    /// Describes a change of a permission: what is not set stays as it is.
    ///
    /// ```
    /// use globus_transfer::access::AccessRuleUpdate;
    /// let update = AccessRuleUpdate::new().permissions("rw");
    /// ```
    pub update AccessRuleUpdate as "access" {
        /// Says what it allows.
        permissions: any Permissions;
        /// Says when it ends.
        expiration_date: field Timestamp;
    }
}

/// Describes a permission on a guest collection.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccessRule {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// The id; `None` when it comes from a role and is no permission of its own.
    pub id: Option<AccessRuleId>,
    /// The role that it comes from.
    pub role_id: Option<RoleId>,
    /// What that role is.
    pub role_type: Option<RoleType>,
    /// Who is permitted.
    pub principal_type: Option<PrincipalType>,
    /// The id of the identity or group; otherwise empty.
    pub principal: Option<String>,
    /// The directory, from the root of the collection.
    pub path: Option<String>,
    /// What is permitted.
    pub permissions: Option<Permissions>,
    /// When it was given.
    pub create_time: Option<Timestamp>,
    /// When it ends.
    pub expiration_date: Option<Timestamp>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says that a permission was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccessRuleCreated {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// The id of the permission.
    pub access_id: AccessRuleId,
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

list! {
    /// Holds the permissions on a collection.
    pub struct AccessRuleList of AccessRule {
        /// How many there are.
        length: u64,
        /// The collection.
        endpoint: CollectionId,
    }
}

extra_accessors!(AccessRule, AccessRuleCreated);
