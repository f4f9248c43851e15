//! Permissions as they should be: one, or all of them.

use std::collections::BTreeMap;

use globus_core::{CollectionId, Field, IntoId, InvalidId, Result, RetryPolicy, Timestamp};
use serde_json::Value;

use super::{AccessRule, AccessRuleId, AccessRuleUpdate, NewAccessRule, Permissions};
use crate::TransferClient;

/// # Helpers for permissions
impl TransferClient {
    /// Sees to it that a permission is there: makes it, changes the one that the principal has at that path, or leaves
    /// all as it is.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// use globus_transfer::access::{NewAccessRule, Permissions};
    ///
    /// let rule = NewAccessRule::for_identity("25de0aed-aa83-4600-a1be-a62a910af116", "/dataset1/", Permissions::Read);
    /// let ensured = transfer.ensure_acl_rule("5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01", rule).await?;
    /// println!("{} {:?}", ensured.access_id, ensured.change);
    /// # Ok(()) }
    /// ```
    ///
    /// Safe to repeat, and to do from several programs at a time. An end that the rule does not have leaves that of the
    /// permission as it is. Mail goes out only for a permission that is made.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
    ///
    /// # Errors
    /// As [`add_endpoint_acl_rule`](Self::add_endpoint_acl_rule), but for one that exists.
    pub async fn ensure_acl_rule(
        &self,
        endpoint_id: impl IntoId<CollectionId>,
        rule: impl Into<NewAccessRule>,
    ) -> Result<EnsuredRule> {
        let (endpoint_id, rule) = (endpoint_id.into_id()?, rule.into());
        rule.0.check()?;
        if let Some(ensured) = self.adjust(endpoint_id, &rule).await? {
            return Ok(ensured);
        }
        match self.add_endpoint_acl_rule(endpoint_id, rule.clone()).send().await {
            Ok(made) => Ok(EnsuredRule { access_id: made.access_id, change: AclChange::Created }),
            // Somebody was faster; or the service was, whose answer was lost.
            Err(error) if error.is_code("Exists") => match self.adjust(endpoint_id, &rule).await? {
                Some(ensured) => Ok(ensured),
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Makes the permissions on a guest collection exactly these: makes what is missing, changes what differs, and
    /// deletes what is not among them. Those that come from roles stay.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// use globus_transfer::access::{NewAccessRule, Permissions};
    ///
    /// let rules = ["/dataset1/", "/dataset2/"].map(|path| NewAccessRule::for_all_authenticated_users(path, "r"));
    /// let sync = transfer.sync_acl_rules("5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01", rules);
    /// println!("would delete {:?}", sync.plan().await?.deleted);
    /// let done = sync.send().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// An end that a rule does not have leaves that of the permission as it is; `expiration_date(None)` takes it away.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is changed, when two rules are about
    /// the same principal and path. Otherwise those of [`endpoint_acl_list`](Self::endpoint_acl_list), and of the first
    /// change that fails: what was done before stays.
    pub fn sync_acl_rules(
        &self,
        endpoint_id: impl IntoId<CollectionId>,
        rules: impl IntoIterator<Item = impl Into<NewAccessRule>>,
    ) -> SyncAcl {
        SyncAcl {
            client: self.clone(),
            endpoint_id: endpoint_id.into_id(),
            rules: rules.into_iter().map(Into::into).collect(),
        }
    }

    /// Brings the permission that the principal has at that path, if there is one, to what the rule says.
    async fn adjust(&self, endpoint_id: CollectionId, rule: &NewAccessRule) -> Result<Option<EnsuredRule>> {
        let found = self.endpoint_acl_list(endpoint_id).send().await?.data;
        let key = key_of(rule);
        let Some((id, present)) = found
            .iter()
            .filter_map(|present| Some((present.id.clone()?, present)))
            .find(|(_, present)| key_of_present(present) == key)
        else {
            return Ok(None);
        };
        let change = match difference(rule, present) {
            None => AclChange::Unchanged,
            Some(update) => {
                self.update_endpoint_acl_rule(endpoint_id, &id, update).send().await?;
                AclChange::Updated
            }
        };
        Ok(Some(EnsuredRule { access_id: id, change }))
    }
}

/// Says which permission it is, and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnsuredRule {
    /// The permission.
    pub access_id: AccessRuleId,
    /// What was done.
    pub change: AclChange,
}

/// Says what was done to a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AclChange {
    /// It was made.
    Created,
    /// It was there, and was changed.
    Updated,
    /// It was there as it should be.
    Unchanged,
    /// It was deleted.
    Deleted,
}

/// Is a request for [`TransferClient::sync_acl_rules`].
#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct SyncAcl {
    client: TransferClient,
    endpoint_id: Result<CollectionId, InvalidId>,
    rules: Vec<NewAccessRule>,
}

/// Tells what was done to the permissions of a collection, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AclSync {
    /// How many were made.
    pub created: usize,
    /// Those that were changed.
    pub updated: Vec<AccessRuleId>,
    /// Those that were deleted.
    pub deleted: Vec<AccessRuleId>,
    /// Those that were as they should be.
    pub unchanged: Vec<AccessRuleId>,
}

impl SyncAcl {
    /// Tells what would be done, and does nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when two rules are about the same principal and path;
    /// as [`endpoint_acl_list`](TransferClient::endpoint_acl_list).
    pub async fn plan(&self) -> Result<AclSync> {
        Ok(self.steps().await?.summary())
    }

    /// Does it: deletes first, so that there is room, then changes, then makes.
    ///
    /// # Errors
    /// As [`plan`](Self::plan), and of each change. What was done before stays; do it again for the rest.
    pub async fn send(self) -> Result<AclSync> {
        let endpoint_id = self.endpoint_id.clone()?;
        let steps = self.steps().await?;
        let summary = steps.summary();
        for id in &steps.delete {
            match self.client.delete_endpoint_acl_rule(endpoint_id, id).send().await {
                // Somebody was faster.
                Err(error) if error.is_code("AccessRuleNotFound") => {}
                result => {
                    result?;
                }
            }
        }
        for (id, update) in steps.update {
            self.client.update_endpoint_acl_rule(endpoint_id, &id, update).send().await?;
        }
        for rule in steps.create {
            // One that is there after all is as good as made: the list said what it was like.
            let added = self.client.add_endpoint_acl_rule(endpoint_id, rule.clone());
            match added.with_retry(RetryPolicy::permissive()).send().await {
                Err(error) if error.is_code("Exists") => {
                    self.client.ensure_acl_rule(endpoint_id, rule).await?;
                }
                result => {
                    result?;
                }
            }
        }
        Ok(summary)
    }

    async fn steps(&self) -> Result<Steps> {
        let endpoint_id = self.endpoint_id.clone()?;
        let mut desired = BTreeMap::new();
        for (position, rule) in self.rules.iter().enumerate() {
            rule.0.check()?;
            let key = key_of(rule);
            if let Some((first, _)) = desired.get(&key) {
                let (_, principal, path) = key;
                return Err(globus_core::Error::invalid_input(format!(
                    "rules {} and {} are both about {principal:?} and {path:?}",
                    first + 1,
                    position + 1
                )));
            }
            desired.insert(key, (position, rule));
        }
        let mut steps = Steps::default();
        for present in self.client.endpoint_acl_list(endpoint_id).send().await?.data {
            let Some(id) = present.id.clone() else { continue };
            match desired.remove(&key_of_present(&present)) {
                None => steps.delete.push(id),
                Some((_, rule)) => match difference(rule, &present) {
                    None => steps.unchanged.push(id),
                    Some(update) => steps.update.push((id, update)),
                },
            }
        }
        let mut missing: Vec<_> = desired.into_values().collect();
        missing.sort_by_key(|(position, _)| *position);
        steps.create = missing.into_iter().map(|(_, rule)| rule.clone()).collect();
        Ok(steps)
    }
}

#[derive(Default)]
struct Steps {
    create: Vec<NewAccessRule>,
    update: Vec<(AccessRuleId, AccessRuleUpdate)>,
    delete: Vec<AccessRuleId>,
    unchanged: Vec<AccessRuleId>,
}

impl Steps {
    fn summary(&self) -> AclSync {
        AclSync {
            created: self.create.len(),
            updated: self.update.iter().map(|(id, _)| id.clone()).collect(),
            deleted: self.delete.clone(),
            unchanged: self.unchanged.clone(),
        }
    }
}

/// What makes two permissions the same one: kind of principal, principal, path.
type Key = (String, String, String);

fn key_of(rule: &NewAccessRule) -> Key {
    let text = |name: &str| rule.0.get(name).and_then(Value::as_str).unwrap_or_default();
    (text("principal_type").to_owned(), text("principal").to_owned(), as_directory(text("path")))
}

fn key_of_present(rule: &AccessRule) -> Key {
    let kind = rule.principal_type.as_ref().map_or("", |kind| kind.as_str());
    let principal = rule.principal.as_deref().unwrap_or_default().to_lowercase();
    (kind.to_owned(), principal, as_directory(rule.path.as_deref().unwrap_or_default()))
}

fn as_directory(path: &str) -> String {
    format!("{}/", path.trim_end_matches('/'))
}

/// Says what has to change.
fn difference(rule: &NewAccessRule, present: &AccessRule) -> Option<AccessRuleUpdate> {
    let mut update = None;
    let permissions = rule.0.get("permissions").and_then(Value::as_str).map(Permissions::from);
    if let Some(permissions) = permissions.filter(|wanted| Some(wanted) != present.permissions.as_ref()) {
        update = Some(AccessRuleUpdate::new().permissions(permissions));
    }
    let end = match rule.0.get("expiration_date") {
        None => Field::Absent,
        Some(Value::String(text)) => text.parse::<Timestamp>().map_or(Field::Absent, Field::Value),
        Some(_) => Field::Null,
    };
    let differs = match &end {
        Field::Absent => false,
        Field::Null => present.expiration_date.is_some(),
        // The service keeps whole seconds.
        Field::Value(end) => present.expiration_date.map(Timestamp::as_second) != Some(end.as_second()),
    };
    if differs {
        update = Some(update.unwrap_or_default().expiration_date(end));
    }
    update
}
