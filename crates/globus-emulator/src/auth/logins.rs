//! What a login has to be, who may make it, and what comes of it.

use jiff::Timestamp;
use uuid::Uuid;

use super::Tables;
use super::caller::SessionRequirement;
use super::clients::Client;
use super::consents::Granted;
use super::identities::Identity;
use super::sessions::{Authentication, Session};

/// A request to log in that was checked and awaits a decision.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) client: Uuid,
    pub(crate) redirect_uri: String,
    pub(crate) granted: Vec<Granted>,
    /// Whether refresh tokens are wanted.
    pub(crate) offline: bool,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    /// The S256 code challenge.
    pub(crate) challenge: Option<String>,
    /// What the session has to be afterwards.
    pub(crate) requirement: SessionRequirement,
    /// Whether people must prove who they are even if they did so before.
    pub(crate) anew: bool,
    /// What the application calls this grant.
    pub(crate) label: Option<String>,
    /// The identities that this login may be made with, best first.
    pub(crate) choices: Vec<Uuid>,
}

/// A login that was approved.
#[derive(Debug, Clone)]
pub(crate) struct Approved {
    pub(crate) login: Login,
    /// The effective identity.
    pub(crate) identity: Uuid,
    pub(crate) session: Uuid,
}

/// Returns the identities that a login to this client may be made with, best first.
pub(crate) fn choices(
    tables: &Tables,
    client: &Client,
    granted: &[Granted],
    requirement: &SessionRequirement,
) -> Vec<Uuid> {
    let mut choices: Vec<&Identity> = tables
        .accounts
        .accounts()
        .filter(|set| {
            requirement.identities.iter().all(|wanted| set.iter().any(|identity| identity.id == *wanted))
        })
        .flatten()
        .filter(|identity| may_choose(tables, client, granted, requirement, identity))
        .collect();
    // The order of the accounts stays within each half.
    choices.sort_by_key(|identity| client.preselect_idp.is_some_and(|wanted| identity.provider != wanted));
    choices.into_iter().map(|identity| identity.id).collect()
}

fn may_choose(
    tables: &Tables,
    client: &Client,
    granted: &[Granted],
    requirement: &SessionRequirement,
    identity: &Identity,
) -> bool {
    let is_in = |domains: &[String]| {
        domains.is_empty() || domains.iter().any(|domain| domain.eq_ignore_ascii_case(identity.domain()))
    };
    let policies = requirement.policies.iter().filter_map(|id| tables.policies.get(*id));
    client.required_idp.is_none_or(|wanted| identity.provider == wanted)
        && (requirement.identities.is_empty() || requirement.identities.contains(&identity.id))
        && is_in(&requirement.domains)
        && policies.clone().all(|policy| policy.admits_domain(identity.domain()))
        && granted.iter().all(|root| {
            tables.scopes.find(&root.scope.name).is_none_or(|scope| is_in(&scope.required_domains))
        })
}

impl Login {
    /// Lets one of the choices log in: notes in the session what was proved.
    pub(crate) fn approve(self, tables: &mut Tables, chosen: Uuid, mfa: bool, now: Timestamp) -> Approved {
        let primary = tables.accounts.primary_of(chosen);
        let identity = match tables.clients.get(self.client) {
            Some(client) if client.required_idp.is_some() => chosen,
            _ => primary,
        };
        let policies = self.requirement.policies.iter().filter_map(|id| tables.policies.get(*id));
        let mfa = mfa || self.requirement.mfa || policies.clone().any(|policy| policy.required_mfa);

        let set = tables.accounts.set_of(chosen);
        let before = tables.sessions.current(self.client, primary).map_or_else(Vec::new, Session::list);
        let enough = !self.anew
            && before.iter().any(|(who, done)| *who == chosen && (done.mfa || !mfa))
            && self.requirement.is_met(tables, &set, &before, now);
        let mut proved = Vec::new();
        if !enough {
            proved.push(chosen);
            proved.extend(self.requirement.identities.iter().filter(|other| **other != chosen));
        }
        let done: Vec<(Uuid, Authentication)> = proved
            .into_iter()
            .filter_map(|id| tables.accounts.person(id))
            .map(|person| (person.id, Authentication { provider: person.provider, time: now, mfa }))
            .collect();
        let session = tables.sessions.authenticate(self.client, primary, done);
        Approved { login: self, identity, session }
    }

    /// Returns a choice that needs no person any more: somebody who logged in before, well enough, and allowed
    /// all of it.
    pub(crate) fn silent_choice(&self, tables: &Tables, now: Timestamp) -> Option<Uuid> {
        let scopes: Vec<_> = self.granted.iter().map(Granted::as_scope).collect();
        self.choices.iter().copied().find(|choice| {
            let primary = tables.accounts.primary_of(*choice);
            tables.sessions.current(self.client, primary).is_some_and(|session| {
                let done = session.list();
                done.iter().any(|(who, _)| who == choice)
                    && self.requirement.is_met(tables, &tables.accounts.set_of(*choice), &done, now)
                    && tables.consents.cover(self.client, primary, &scopes, Timestamp::MIN)
            })
        })
    }
}
