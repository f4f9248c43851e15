//! A flow, who may do what with it, and how it is shown to them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::parameters;
use crate::auth::principals::{Who, identity_urn};
use crate::auth::scopes::flow_user;
use crate::time;

/// A stored flow.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub(crate) id: Uuid,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) description: String,
    pub(crate) keywords: Vec<String>,
    pub(crate) definition: Value,
    pub(crate) input_schema: Value,
    /// The URN of the identity that owns the flow.
    pub(crate) owner: String,
    pub(crate) viewers: Vec<String>,
    pub(crate) starters: Vec<String>,
    pub(crate) administrators: Vec<String>,
    pub(crate) run_managers: Vec<String>,
    pub(crate) run_monitors: Vec<String>,
    pub(crate) subscription_id: Option<Uuid>,
    pub(crate) authentication_policy_id: Option<Uuid>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What somebody is to a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Viewer,
    Starter,
    Administrator,
    Owner,
    RunMonitor,
    RunManager,
}

impl Role {
    /// Reads a role in any of the spellings that clients use: `flow_viewer`, `flow_viewers`, `run_manager`,
    /// `flow_run_manager` …
    pub(crate) fn parse(name: &str) -> Option<Role> {
        match name.strip_suffix('s').unwrap_or(name) {
            "flow_viewer" => Some(Role::Viewer),
            "flow_starter" => Some(Role::Starter),
            "flow_administrator" => Some(Role::Administrator),
            "flow_owner" => Some(Role::Owner),
            "run_monitor" | "flow_run_monitor" => Some(Role::RunMonitor),
            "run_manager" | "flow_run_manager" => Some(Role::RunManager),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Role::Viewer => "flow_viewer",
            Role::Starter => "flow_starter",
            Role::Administrator => "flow_administrator",
            Role::Owner => "flow_owner",
            Role::RunMonitor => "flow_run_monitor",
            Role::RunManager => "flow_run_manager",
        }
    }
}

impl Flow {
    /// Returns every role that somebody holds, also through a group, lowest first.
    pub(crate) fn roles(&self, who: Who<'_>) -> Vec<Role> {
        let urns = who.urns();
        let among = |list: &[String], everybody: &str| {
            list.iter().any(|entry| urns.contains(entry) || (entry == everybody && !everybody.is_empty()))
        };
        let everybody = if who.is_somebody() { "all_authenticated_users" } else { "" };
        let mut roles = Vec::new();
        let mut add = |held: bool, role| {
            if held {
                roles.push(role);
            }
        };
        add(among(&self.viewers, "public"), Role::Viewer);
        add(among(&self.starters, everybody), Role::Starter);
        add(among(&self.administrators, ""), Role::Administrator);
        add(urns.contains(&self.owner), Role::Owner);
        add(among(&self.run_monitors, ""), Role::RunMonitor);
        add(among(&self.run_managers, ""), Role::RunManager);
        roles
    }

    /// Tells whether somebody may change and delete the flow.
    pub(crate) fn is_administered_by(&self, who: Who<'_>) -> bool {
        self.roles(who).iter().any(|role| matches!(role, Role::Administrator | Role::Owner))
    }

    pub(crate) fn scope(&self) -> String {
        flow_user(self.id)
    }

    /// Returns the roles that actions run as, with the scope of each, except the user and the flow itself.
    pub(crate) fn role_scopes(&self) -> BTreeMap<String, String> {
        let states = self.definition["States"].as_object();
        let roles =
            states.into_iter().flat_map(serde_json::Map::values).filter_map(|state| state["RunAs"].as_str());
        let named = roles.filter(|role| !matches!(*role, "User" | "Flow"));
        let id = self.id.to_string();
        let plain = id.replace('-', "_");
        named
            .map(|role| {
                let word: String = role
                    .to_lowercase()
                    .chars()
                    .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                    .collect();
                (role.to_owned(), format!("https://auth.globus.org/scopes/{id}/flow_{plain}_{word}"))
            })
            .collect()
    }

    /// Returns the document that somebody sees. `base` is the public URL of the service.
    pub(crate) fn document(&self, who: Who<'_>, base: &str) -> Value {
        let administers = self.is_administered_by(who);
        let roles = self.roles(who);
        let highest = roles.iter().filter(|role| **role <= Role::Owner).max();
        let run_roles = roles.iter().filter(|role| **role > Role::Owner);
        let user_roles: Vec<&str> = highest.into_iter().chain(run_roles).map(|role| role.name()).collect();
        let for_administrators = |list: &Vec<String>| if administers { list.clone() } else { Vec::new() };
        let definition =
            if administers { self.definition.clone() } else { parameters::without_private(&self.definition) };
        let url = format!("{base}flows/{}", self.id);
        json!({
            "id": self.id,
            "title": self.title,
            "subtitle": self.subtitle,
            "description": self.description,
            "keywords": self.keywords,
            "definition": definition,
            "input_schema": self.input_schema,
            "globus_auth_scope": self.scope(),
            "globus_auth_scopes_by_RunAs": self.role_scopes(),
            "globus_auth_username": format!("{}@clients.auth.globus.org", self.id),
            "principal_urn": identity_urn(self.id),
            "flow_owner": self.owner,
            "flow_viewers": for_administrators(&self.viewers),
            "flow_starters": for_administrators(&self.starters),
            "flow_administrators": for_administrators(&self.administrators),
            "run_managers": for_administrators(&self.run_managers),
            "run_monitors": for_administrators(&self.run_monitors),
            "user_role": user_roles.first(),
            "user_roles": user_roles,
            "created_at": time::micros(self.created_at),
            "updated_at": time::micros(self.updated_at),
            "created_by": self.owner,
            "visible_to": [],
            "runnable_by": [],
            "administered_by": [],
            "flow_url": url,
            "action_url": url,
            "subscription_id": self.subscription_id,
            "authentication_policy_id": self.authentication_policy_id,
            "is_high_assurance": self.authentication_policy_id.is_some(),
            "synchronous": false,
            "log_supported": true,
            "types": ["Action"],
            "api_version": "1.0",
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const OWNER: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    pub(crate) fn flow() -> Flow {
        Flow {
            id: Uuid::from_u128(7),
            title: "Title".to_owned(),
            subtitle: String::new(),
            description: String::new(),
            keywords: Vec::new(),
            definition: json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}),
            input_schema: json!({}),
            owner: identity_urn(OWNER),
            viewers: Vec::new(),
            starters: Vec::new(),
            administrators: Vec::new(),
            run_managers: Vec::new(),
            run_monitors: Vec::new(),
            subscription_id: None,
            authentication_policy_id: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn person(identities: &[Uuid]) -> Who<'_> {
        Who { identities, groups: &[] }
    }

    #[test]
    fn whoever_is_in_a_group_has_its_roles() {
        let group = Uuid::from_u128(7);
        let mut flow = flow();
        flow.administrators = vec![format!("urn:globus:groups:id:{group}")];
        flow.run_monitors = flow.administrators.clone();
        let member = Who { identities: &[OTHER], groups: &[group] };
        assert_eq!(flow.roles(member), [Role::Administrator, Role::RunMonitor]);
        assert!(flow.is_administered_by(member) && flow.roles(person(&[OTHER])).is_empty());
    }

    #[test]
    fn a_new_flow_is_its_owners_alone() {
        assert_eq!(flow().roles(person(&[OWNER])), [Role::Owner]);
        assert_eq!(flow().roles(person(&[OTHER])), []);
        assert_eq!(flow().roles(Who::default()), []);
    }

    #[test]
    fn public_is_everybody_and_authenticated_is_everybody_with_a_token() {
        let mut flow = flow();
        flow.viewers = vec!["public".to_owned()];
        flow.starters = vec!["all_authenticated_users".to_owned()];
        assert_eq!(flow.roles(Who::default()), [Role::Viewer]);
        assert_eq!(flow.roles(person(&[OTHER])), [Role::Viewer, Role::Starter]);
        assert!(!flow.is_administered_by(person(&[OTHER])));
    }

    #[test]
    fn only_administrators_see_who_else_has_a_role() {
        let mut flow = flow();
        flow.viewers = vec!["public".to_owned()];
        flow.run_monitors = vec![identity_urn(OTHER)];
        let owner = flow.document(person(&[OWNER]), "http://h/flows/");
        assert_eq!(owner["flow_viewers"], json!(["public"]));
        assert_eq!(owner["user_roles"], json!(["flow_owner"]));
        let other = flow.document(person(&[OTHER]), "http://h/flows/");
        assert_eq!(other["flow_viewers"], json!([]));
        assert_eq!(other["user_roles"], json!(["flow_viewer", "flow_run_monitor"]));
        assert_eq!(other["flow_url"], format!("http://h/flows/flows/{}", flow.id));
    }
}
