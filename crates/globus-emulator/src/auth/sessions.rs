//! Sessions: with which identities somebody logged in to an application, when and how.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// That somebody proved to be an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Authentication {
    pub(crate) provider: Uuid,
    pub(crate) time: Timestamp,
    /// Whether more than one factor was used.
    pub(crate) mfa: bool,
}

/// The authentications of one account for one application. All tokens of the session share it, so that a later
/// step-up counts for tokens that were issued before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: Uuid,
    pub(crate) authentications: BTreeMap<Uuid, Authentication>,
}

/// All sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    by_id: HashMap<Uuid, Session>,
    /// The session that a login of this account (its primary identity) to this client goes on with.
    current: HashMap<(Uuid, Uuid), Uuid>,
}

impl Sessions {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Session> {
        self.by_id.get(&id)
    }

    /// Returns the session that a login of the account with this primary identity goes on with.
    pub(crate) fn current(&self, client: Uuid, primary: Uuid) -> Option<&Session> {
        self.current.get(&(client, primary)).and_then(|id| self.by_id.get(id))
    }

    /// Notes authentications in the current session, which is begun if there is none. Returns its id.
    pub(crate) fn authenticate(
        &mut self,
        client: Uuid,
        primary: Uuid,
        done: impl IntoIterator<Item = (Uuid, Authentication)>,
    ) -> Uuid {
        let id = *self.current.entry((client, primary)).or_insert_with(Uuid::new_v4);
        let fresh = || Session { id, authentications: BTreeMap::new() };
        self.by_id.entry(id).or_insert_with(fresh).authentications.extend(done);
        id
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Session> {
        self.by_id.values()
    }

    /// Forgets every authentication. Tokens stay, but nothing is known any more of the logins behind them.
    pub(crate) fn clear(&mut self) {
        self.current.clear();
        self.by_id.clear();
    }

    /// Ends the browser's memory: the next login authenticates anew. Tokens keep the session that they have.
    pub(crate) fn log_out(&mut self) {
        self.current.clear();
    }
}

impl Session {
    /// Returns who was proved, and how.
    pub(crate) fn list(&self) -> Vec<(Uuid, Authentication)> {
        self.authentications.iter().map(|(identity, done)| (*identity, *done)).collect()
    }

    /// The `session_info` of introspection.
    pub(crate) fn document(&self) -> Value {
        let authentications: serde_json::Map<String, Value> = self
            .authentications
            .iter()
            .map(|(identity, done)| {
                let (acr, amr) = if done.mfa {
                    (json!("https://refeds.org/profile/mfa"), json!(["mfa"]))
                } else {
                    (Value::Null, Value::Null)
                };
                let document = json!({
                    "idp": done.provider,
                    "auth_time": done.time.as_second(),
                    "acr": acr,
                    "amr": amr,
                    "custom_claims": {},
                });
                (identity.to_string(), document)
            })
            .collect();
        json!({"session_id": self.id, "authentications": authentications})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_login_adds_to_the_session_until_logout() {
        let mut sessions = Sessions::default();
        let (client, ada, home) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let done = |mfa| Authentication { provider: Uuid::nil(), time: Timestamp::UNIX_EPOCH, mfa };
        let first = sessions.authenticate(client, ada, [(ada, done(false))]);
        assert_eq!(sessions.authenticate(client, ada, [(home, done(true))]), first);
        let document = sessions.get(first).unwrap().document();
        assert_eq!(document["authentications"][ada.to_string()]["amr"], Value::Null);
        assert_eq!(document["authentications"][home.to_string()]["amr"], json!(["mfa"]));
        sessions.log_out();
        assert!(sessions.current(client, ada).is_none());
        assert_ne!(sessions.authenticate(client, ada, []), first);
        assert!(sessions.get(first).is_some());
    }
}
