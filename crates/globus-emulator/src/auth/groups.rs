//! Groups: people who are given permissions and roles together. Auth has no resource for them: they belong to Globus
//! Groups, and stand beside the identities because every service asks who is in which.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Tables;

/// The namespace of the ids of groups that are given none.
const NAMESPACE: Uuid = Uuid::from_u128(0x2f0e_6a5c_9c1d_5f1b_8a52_6e2d_9c14_77ab);

/// A group to begin with: its name, and who is in it.
///
/// ```
/// use globus_emulator::{Emulator, GroupSetup};
///
/// let beamline = GroupSetup::new("Beamline 7").admin("ada@example.org").member("bob@example.org");
/// let emulator = Emulator::builder().group(beamline);
/// ```
///
/// The same as JSON, for a seed file:
///
/// ```json
/// {"name": "Beamline 7", "admins": ["ada@example.org"], "members": ["bob@example.org"]}
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "a group exists when an emulator was started with it"]
pub struct GroupSetup {
    id: Option<Uuid>,
    name: String,
    description: Option<String>,
    #[serde(default)]
    admins: Vec<String>,
    #[serde(default)]
    managers: Vec<String>,
    #[serde(default)]
    members: Vec<String>,
}

impl GroupSetup {
    /// Describes a group that nobody is in yet.
    pub fn new(name: impl Into<String>) -> GroupSetup {
        let (admins, managers, members) = (Vec::new(), Vec::new(), Vec::new());
        GroupSetup { id: None, name: name.into(), description: None, admins, managers, members }
    }

    /// Sets the id. Default: one that follows from the name, the same in every run.
    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets what is said of it.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds somebody: a username, or the id of an identity or client.
    pub fn member(mut self, who: impl Into<String>) -> Self {
        self.members.push(who.into());
        self
    }

    /// Adds somebody as a manager of the group, who sees all its members.
    pub fn manager(mut self, who: impl Into<String>) -> Self {
        self.managers.push(who.into());
        self
    }

    /// Adds somebody as an administrator of the group.
    pub fn admin(mut self, who: impl Into<String>) -> Self {
        self.admins.push(who.into());
        self
    }

    /// Makes the group. `identity` finds the id of whom a name stands for.
    pub(crate) fn into_group(self, identity: impl Fn(&str) -> Option<Uuid>) -> Result<Group, String> {
        let name = self.name;
        if name.trim().is_empty() {
            return Err("a group has no name".to_owned());
        }
        let lists = [
            (GroupRole::Admin, self.admins),
            (GroupRole::Manager, self.managers),
            (GroupRole::Member, self.members),
        ];
        let mut memberships = Vec::new();
        let mut seen = HashSet::new();
        for (role, who) in
            lists.into_iter().flat_map(|(role, list)| list.into_iter().map(move |who| (role, who)))
        {
            let id = Uuid::parse_str(&who).ok().or_else(|| identity(&who)).ok_or_else(|| {
                format!("{name:?}: {who:?} is neither an id nor the username of an account")
            })?;
            if !seen.insert(id) {
                return Err(format!("{name:?}: {who:?} is in it twice"));
            }
            memberships.push(Membership { identity: id, role });
        }
        let id = self.id.unwrap_or_else(|| Uuid::new_v5(&NAMESPACE, name.as_bytes()));
        Ok(Group { id, name, description: self.description, memberships })
    }
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// Who is an active member.
    pub(crate) memberships: Vec<Membership>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) identity: Uuid,
    pub(crate) role: GroupRole,
}

/// What a member may do with the group itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum GroupRole {
    Admin,
    Manager,
    Member,
}

impl Group {
    /// The membership of one of these identities that allows most.
    pub(crate) fn membership(&self, identities: &[Uuid]) -> Option<Membership> {
        // The lists stand in this order: administrators come first.
        self.memberships.iter().find(|one| identities.contains(&one.identity)).copied()
    }

    /// The document of `/v2/groups`, without what is shown on demand.
    pub(crate) fn document(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "terms_and_conditions": null,
            "group_type": "regular",
            "parent_id": null,
            "child_ids": null,
            "enforce_session": false,
            "session_limit": 28800,
            "session_timeouts": {},
            "my_memberships": null,
            "memberships": null,
            "allowed_actions": null,
            "policies": null,
            "subscription_id": null,
            "subscription_info": null,
            "subscription_admin_verified_id": null,
        })
    }

    /// The document with all members.
    pub(crate) fn dump(&self, tables: &Tables) -> Value {
        let mut document = self.document();
        document["memberships"] = self.membership_documents(tables, None).into();
        document
    }

    /// The memberships of some identities, or of everybody.
    pub(crate) fn membership_documents(&self, tables: &Tables, of: Option<&[Uuid]>) -> Vec<Value> {
        let document = |one: &Membership| {
            json!({
                "group_id": self.id,
                "identity_id": one.identity,
                "username": tables.identity(one.identity).map(|identity| identity.username),
                "role": one.role,
                "status": "active",
                "membership_fields": {},
            })
        };
        let wanted = |one: &&Membership| of.is_none_or(|identities| identities.contains(&one.identity));
        self.memberships.iter().filter(wanted).map(document).collect()
    }
}

/// All groups.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    by_id: BTreeMap<Uuid, Group>,
}

impl Groups {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Group> {
        self.by_id.get(&id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Group> {
        self.by_id.values()
    }

    /// Adds a group, or replaces the one of the same id.
    pub(crate) fn insert(&mut self, group: Group) {
        self.by_id.insert(group.id, group);
    }

    /// The groups that these identities are in.
    pub(crate) fn of(&self, identities: &[Uuid]) -> Vec<Uuid> {
        self.all().filter(|group| group.membership(identities).is_some()).map(|group| group.id).collect()
    }
}
