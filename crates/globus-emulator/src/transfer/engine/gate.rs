//! What a task may do while it runs: rules, rights, consents and logins change under it.

use std::time::Instant;

use uuid::Uuid;

use super::{Runner, TICK, Trouble, read_path};
use crate::auth::principals::Who;
use crate::fs::CollectionPath;
use crate::transfer::access::{self, Permission};
use crate::transfer::collections::Collection;
use crate::transfer::pause_rules::Action;
use crate::transfer::task::{Job, Lapse, lock};

/// How a task hears that its user has to do something.
const LAPSED: &str = "NO_CREDENTIALS";

impl Runner {
    /// Whether the task must not go on for now.
    pub(super) fn is_held(&self) -> bool {
        self.look_around();
        self.task.read(self.state.clock.now()).is_held()
    }

    /// Reads a path of the task, as far as its owner may do that there.
    pub(super) fn path(
        &self,
        collection: &Collection,
        path: &str,
        permission: Permission,
    ) -> Result<CollectionPath, Trouble> {
        let parsed = read_path(collection, path)?;
        let groups = self.groups();
        let who = Who { identities: &self.task.caller.identity_set, groups: &groups };
        if access::allows(collection, who, &parsed, permission, self.state.clock.now()) {
            return Ok(parsed);
        }
        Err(Trouble::new(
            "PERMISSION_DENIED",
            "path",
            collection,
            path,
            &"no rule of the collection allows it",
        ))
    }

    /// Looks for pause rules and for what the user lost, but not all the time.
    fn look_around(&self) {
        {
            let mut looked = lock(&self.looked);
            if looked.is_some_and(|looked| looked.elapsed() < TICK) {
                return;
            }
            *looked = Some(Instant::now());
        }
        let now = self.state.clock.now();
        self.task.follow_rules(self.pausing_rule(), now);
        let lapse = self.task.read(now).lapse.clone();
        match (lapse, self.login_problem()) {
            (None, Some(problem)) => {
                self.task.lapse(LAPSED, &problem, Lapse::Login, now);
            }
            (Some(Lapse::Login), None) => {
                self.task.revive(now);
            }
            (Some(Lapse::Path(path)), _) if !self.state.transfer.faults.strikes(&path) => {
                self.task.revive(now);
            }
            _ => {}
        }
    }

    /// The collections of the task, and what it does to each.
    fn sides(&self) -> Vec<(&Collection, Action)> {
        match &self.task.job {
            Job::Transfer(job) => vec![
                (&*self.task.source, Action::TaskTransferRead),
                (&*job.destination, Action::TaskTransferWrite),
            ],
            Job::Delete(_) => vec![(&*self.task.source, Action::TaskDelete)],
        }
    }

    /// The groups that the task's owner is in by now.
    fn groups(&self) -> Vec<Uuid> {
        self.state.auth.tables().groups.of(&self.task.caller.identity_set)
    }

    /// The message of a rule that pauses the task.
    fn pausing_rule(&self) -> Option<String> {
        let (groups, now) = (self.groups(), self.state.clock.now());
        let who = Who { identities: &self.task.caller.identity_set, groups: &groups };
        let rules = &self.state.transfer.pause_rules;
        self.sides()
            .into_iter()
            .find_map(|(collection, action)| rules.effective(collection, who, Some(action), now).pop())
            .map(|rule| rule.message.clone())
    }

    /// What the user has to consent to, or to log in for, before the task can go on.
    fn login_problem(&self) -> Option<String> {
        self.sides().into_iter().find_map(|(collection, _)| {
            let refused = access::enter(&self.state, &self.task.caller, collection).err()?;
            // Everything else is trouble that the storage meets at each path.
            refused.extra.contains_key("authorization_parameters").then_some(refused.message)
        })
    }
}
