//! What a test wants to be there: accounts, clients, groups, projects and policies, in one JSON document.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::clients::{Client, ClientType, Credential};
use super::groups::{Group, GroupSetup};
use super::identities::{Identity, is_username};
use super::policies::Policy;
use super::projects::Project;
use super::redirect;
use super::{Store, Tables};

/// The document. Everything in it is added to what is there; what has the same id is replaced.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Seed {
    accounts: Vec<SeedAccount>,
    clients: Vec<SeedClient>,
    groups: Vec<GroupSetup>,
    projects: Vec<SeedProject>,
    policies: Vec<SeedPolicy>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedAccount {
    username: String,
    name: Option<String>,
    organization: Option<String>,
    /// Usernames of further identities.
    #[serde(default)]
    linked: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedClient {
    id: Uuid,
    name: Option<String>,
    secret: Option<String>,
    client_type: Option<ClientType>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    project: Option<Uuid>,
    required_idp: Option<Uuid>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedProject {
    id: Option<Uuid>,
    display_name: String,
    contact_email: String,
    /// Ids or usernames.
    admins: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedPolicy {
    id: Option<Uuid>,
    project_id: Option<Uuid>,
    display_name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    high_assurance: bool,
    authentication_assurance_timeout: Option<i64>,
    #[serde(default)]
    required_mfa: bool,
    domain_constraints_include: Option<Vec<String>>,
    domain_constraints_exclude: Option<Vec<String>>,
}

/// The ids of what was added, in the order of the document.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub(crate) struct Sown {
    /// The primary identities.
    accounts: Vec<Uuid>,
    clients: Vec<Uuid>,
    groups: Vec<Uuid>,
    projects: Vec<Uuid>,
    policies: Vec<Uuid>,
}

impl Seed {
    pub(crate) fn read(document: &Value) -> Result<Seed, String> {
        Seed::deserialize(document).map_err(|fault| fault.to_string())
    }

    /// Makes the groups, which are added with the rest.
    pub(crate) fn groups(&self, auth: &Store) -> Result<Vec<Group>, String> {
        let groups = self.groups.iter().cloned();
        groups
            .map(|group| group.into_group(|name| auth.identity_of(name)))
            .collect::<Result<_, _>>()
            .map_err(|why| format!("groups: {why}"))
    }

    /// Adds everything, or nothing if something in it is wrong.
    pub(crate) fn sow(self, tables: &mut Tables, groups: Vec<Group>, now: Timestamp) -> Result<Sown, String> {
        let accounts: Vec<Vec<Identity>> =
            self.accounts.into_iter().map(SeedAccount::into_identities).collect::<Result<_, _>>()?;
        let mut seen = HashSet::new();
        if let Some(twice) = accounts.iter().flatten().find(|identity| !seen.insert(identity.id)) {
            return Err(format!("accounts: {:?} is given twice", twice.username));
        }
        let clients: Vec<Client> =
            self.clients.into_iter().map(|client| client.into_client(now)).collect::<Result<_, _>>()?;
        let known = |wanted: &str| {
            let given = accounts.iter().flatten().find(|identity| {
                identity.username.eq_ignore_ascii_case(wanted) || identity.id.to_string() == wanted
            });
            let client =
                || clients.iter().find(|client| client.id.to_string() == wanted).map(|client| client.id);
            given
                .map(|identity| identity.id)
                .or_else(client)
                .or_else(|| tables.find_identity(wanted).map(|identity| identity.id))
                .ok_or_else(|| format!("projects: there is no identity {wanted:?}"))
        };
        let mut projects = Vec::new();
        for project in self.projects {
            let admins = project.admins.iter().map(|admin| known(admin)).collect::<Result<Vec<_>, _>>()?;
            projects.push(Project {
                id: project.id.unwrap_or_else(Uuid::new_v4),
                display_name: project.display_name,
                contact_email: project.contact_email,
                admin_ids: Some(admins),
                admin_group_ids: None,
            });
        }
        let policies: Vec<Policy> =
            self.policies.into_iter().map(SeedPolicy::into_policy).collect::<Result<_, _>>()?;

        let sown = Sown {
            accounts: accounts.iter().filter_map(|set| set.first()).map(|identity| identity.id).collect(),
            clients: clients.iter().map(|client| client.id).collect(),
            groups: groups.iter().map(|group| group.id).collect(),
            projects: projects.iter().map(|project| project.id).collect(),
            policies: policies.iter().map(|policy| policy.id).collect(),
        };
        for account in accounts {
            tables.accounts.add(account);
        }
        for client in clients {
            tables.clients.insert(client);
        }
        for group in groups {
            tables.groups.insert(group);
        }
        for project in projects {
            tables.projects.insert(project);
        }
        for policy in policies {
            tables.policies.insert(policy);
        }
        Ok(sown)
    }
}

impl SeedAccount {
    fn into_identities(self) -> Result<Vec<Identity>, String> {
        let name =
            self.name.unwrap_or_else(|| self.username.split('@').next().unwrap_or_default().to_owned());
        std::iter::once(self.username)
            .chain(self.linked)
            .map(|username| {
                if !is_username(&username) {
                    return Err(format!("accounts: {username:?} does not look like name@domain"));
                }
                let person = Identity::person(&username, &name);
                let organization = self.organization.clone().or_else(|| person.organization.clone());
                Ok(Identity { organization, ..person })
            })
            .collect()
    }
}

impl SeedClient {
    fn into_client(self, now: Timestamp) -> Result<Client, String> {
        let id = self.id;
        let fault = |why: String| format!("clients: {id}: {why}");
        let usual = match self.secret {
            Some(_) => ClientType::HybridConfidentialClientResourceServer,
            None => ClientType::PublicInstalledClient,
        };
        let kind = self.client_type.unwrap_or(usual);
        let mut client = Client::new(id, self.name.unwrap_or_else(|| format!("Client {id}")), kind);
        match self.secret {
            Some(_) if client.is_public() => return Err(fault("a public client has no secret".to_owned())),
            Some(secret) if secret.is_empty() || !secret.chars().all(|c| c.is_ascii_graphic()) => {
                return Err(fault("the secret must be printable ASCII, and not empty".to_owned()));
            }
            Some(secret) => client.credentials.push(Credential::new("Given at the start", secret, now)),
            None => {}
        }
        if let Some(bad) = self.redirect_uris.iter().find(|uri| redirect::parse(uri).is_none()) {
            return Err(fault(format!("{bad:?} is not an absolute URI without a fragment")));
        }
        client.redirect_uris = self.redirect_uris;
        client.project = self.project;
        client.required_idp = self.required_idp;
        Ok(client)
    }
}

impl SeedPolicy {
    fn into_policy(self) -> Result<Policy, String> {
        let policy = Policy {
            id: self.id.unwrap_or_else(Uuid::new_v4),
            project: self.project_id.unwrap_or_default(),
            display_name: self.display_name,
            description: self.description,
            high_assurance: self.high_assurance,
            assurance_timeout: self.authentication_assurance_timeout,
            required_mfa: self.required_mfa,
            include: self.domain_constraints_include,
            exclude: self.domain_constraints_exclude,
        };
        policy.check().map_err(|why| format!("policies: {:?}: {why}", policy.display_name))?;
        Ok(policy)
    }
}
