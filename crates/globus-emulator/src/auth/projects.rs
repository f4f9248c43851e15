//! Projects: what clients and policies are registered in.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::Tables;

/// One project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Project {
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    pub(crate) contact_email: String,
    pub(crate) admin_ids: Option<Vec<Uuid>>,
    pub(crate) admin_group_ids: Option<Vec<Uuid>>,
}

impl Project {
    pub(crate) fn has_admin(&self, identity: Uuid) -> bool {
        self.admin_ids.as_ref().is_some_and(|admins| admins.contains(&identity))
    }

    pub(crate) fn document(&self, tables: &Tables) -> Value {
        let identities: Vec<Value> = self
            .admin_ids
            .iter()
            .flatten()
            .filter_map(|id| tables.identity(*id))
            .map(|identity| identity.document())
            .collect();
        let groups: Vec<Value> = self
            .admin_group_ids
            .iter()
            .flatten()
            .map(|id| json!({"id": id, "name": format!("Group {id}"), "description": "", "organization": ""}))
            .collect();
        json!({
            "id": self.id,
            "display_name": self.display_name,
            "project_name": self.display_name,
            "contact_email": self.contact_email,
            "admin_ids": self.admin_ids,
            "admin_group_ids": self.admin_group_ids,
            "admins": {"identities": identities, "groups": groups},
        })
    }
}

/// All projects.
#[derive(Debug, Default)]
pub(crate) struct Projects {
    by_id: BTreeMap<Uuid, Project>,
}

impl Projects {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Project> {
        self.by_id.get(&id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Project> {
        self.by_id.values()
    }

    pub(crate) fn insert(&mut self, project: Project) {
        self.by_id.insert(project.id, project);
    }

    pub(crate) fn remove(&mut self, id: Uuid) {
        self.by_id.remove(&id);
    }
}
