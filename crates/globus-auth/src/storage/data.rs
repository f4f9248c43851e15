//! One stored token, in the record that the Python SDK writes.

use std::fmt;

use globus_core::{Extra, IdentityId, Secret, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value};

use crate::OAuthToken;

/// Holds one token with what has to be known to use and renew it.
///
/// Its serialised form is the record that the Python SDK writes, so that one's own storage can keep that. It holds the
/// tokens in the clear: it belongs where only their owner can read it.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct TokenData {
    /// Names the service that takes the token, e.g. `transfer.api.globus.org`.
    pub resource_server: String,
    /// Says who logged in, where it is known: after a login that asked for `openid`.
    pub identity_id: Option<IdentityId>,
    /// Lists the names of the granted scopes, separated by blanks, without their dependencies.
    pub scope: String,
    /// Is the token itself.
    pub access_token: Secret,
    /// Gets further tokens when this one has expired.
    pub refresh_token: Option<Secret>,
    /// Says until when the access token is valid, in seconds since 1970-01-01T00:00:00Z.
    pub expires_at_seconds: i64,
    /// Says how the token is sent; `Bearer` where it is known.
    pub token_type: Option<String>,
    extra: Extra,
}

/// Says which member of a record is wrong; never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("member {member:?} {problem}")]
pub(super) struct RecordError {
    member: &'static str,
    problem: &'static str,
}

impl TokenData {
    /// Makes the record of a bearer token without refresh token.
    #[must_use]
    pub fn new(
        resource_server: impl Into<String>,
        scope: impl Into<String>,
        access_token: impl Into<Secret>,
        expires_at_seconds: i64,
    ) -> Self {
        Self {
            resource_server: resource_server.into(),
            identity_id: None,
            scope: scope.into(),
            access_token: access_token.into(),
            refresh_token: None,
            expires_at_seconds,
            token_type: Some("Bearer".to_owned()),
            extra: Extra::default(),
        }
    }

    /// Sets the refresh token.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: impl Into<Option<Secret>>) -> Self {
        self.refresh_token = refresh_token.into();
        self
    }

    /// Sets who logged in.
    #[must_use]
    pub fn with_identity_id(mut self, identity_id: impl Into<Option<IdentityId>>) -> Self {
        self.identity_id = identity_id.into();
        self
    }

    /// True when the access token is not valid any more: at and after its last second.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now.as_second() >= self.expires_at_seconds
    }

    /// Gives until when the access token is valid; `None` when that is in no year from −9999 to 9999.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.expires_at_seconds).ok()
    }

    /// True when the token has this scope. Takes its name, without dependencies.
    #[must_use]
    pub fn has_scope(&self, name: &str) -> bool {
        self.scope.split_whitespace().any(|scope| scope == name)
    }

    /// Gives the members of the record that this version of the SDK does not know. They are kept when others change.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }

    /// Takes over what a renewal does not say again: who logged in, and the refresh token when it stays the same.
    pub(crate) fn fill_from(&mut self, previous: &Self) {
        if self.identity_id.is_none() {
            self.identity_id = previous.identity_id;
        }
        if self.refresh_token.is_none() {
            self.refresh_token.clone_from(&previous.refresh_token);
        }
        for (name, value) in previous.extra.iter() {
            if self.extra.get(name).is_none() {
                self.extra.insert(name, value.clone());
            }
        }
    }
}

/// Makes the record of a token that Globus Auth gave. It does not say who logged in: see
/// [`TokenData::with_identity_id`].
impl From<&OAuthToken> for TokenData {
    fn from(token: &OAuthToken) -> Self {
        Self {
            resource_server: token.resource_server.clone(),
            identity_id: None,
            scope: token.scope.clone(),
            access_token: token.access_token.clone(),
            refresh_token: token.refresh_token.clone(),
            expires_at_seconds: token.expires_at.as_second(),
            token_type: Some(token.token_type.clone()),
            extra: Extra::default(),
        }
    }
}

impl TokenData {
    pub(super) fn from_record(record: Map<String, Value>) -> Result<Self, RecordError> {
        let mut members = Members(record);
        Ok(Self {
            resource_server: members.required("resource_server")?,
            identity_id: members
                .text("identity_id")?
                .map(|text| text.parse())
                .transpose()
                .map_err(|_| RecordError { member: "identity_id", problem: "is not a UUID" })?,
            scope: members.required("scope")?,
            access_token: members.required("access_token")?.into(),
            refresh_token: members.text("refresh_token")?.map(Secret::from),
            expires_at_seconds: members
                .take("expires_at_seconds")
                .ok_or(RecordError { member: "expires_at_seconds", problem: "is missing" })?
                .as_i64()
                .ok_or(RecordError { member: "expires_at_seconds", problem: "is not a whole number" })?,
            token_type: members.text("token_type")?,
            extra: members.rest(),
        })
    }
}

/// The members of a record that have not been read yet. `null` is the same as absent: older files have both.
struct Members(Map<String, Value>);

impl Members {
    fn take(&mut self, member: &str) -> Option<Value> {
        self.0.remove(member).filter(|value| !value.is_null())
    }

    fn text(&mut self, member: &'static str) -> Result<Option<String>, RecordError> {
        match self.take(member) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(RecordError { member, problem: "is not a string" }),
        }
    }

    fn required(&mut self, member: &'static str) -> Result<String, RecordError> {
        self.text(member)?.ok_or(RecordError { member, problem: "is missing" })
    }

    fn rest(self) -> Extra {
        let mut extra = Extra::default();
        for (name, value) in self.0 {
            extra.insert(name, value);
        }
        extra
    }
}

impl TokenData {
    pub(super) fn to_record(&self) -> Map<String, Value> {
        let mut record = Map::new();
        for (name, value) in self.extra.iter() {
            record.insert(name.to_owned(), value.clone());
        }
        let identity_id = self.identity_id.map(|id| id.to_string());
        let texts = [
            ("resource_server", Some(self.resource_server.as_str())),
            ("identity_id", identity_id.as_deref()),
            ("scope", Some(self.scope.as_str())),
            ("access_token", Some(self.access_token.expose())),
            ("refresh_token", self.refresh_token.as_ref().map(Secret::expose)),
            ("token_type", self.token_type.as_deref()),
        ];
        for (member, text) in texts {
            if let Some(text) = text {
                record.insert(member.to_owned(), text.into());
            }
        }
        record.insert("expires_at_seconds".to_owned(), self.expires_at_seconds.into());
        record
    }
}

impl Serialize for TokenData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_record().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TokenData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Through a `Value`, because what serde says of another type shows it.
        match Value::deserialize(deserializer)? {
            Value::Object(record) => Self::from_record(record).map_err(D::Error::custom),
            _ => Err(D::Error::custom("the record is not an object")),
        }
    }
}

/// Shows no token, and of members that are not known only the names: they may be tokens too.
impl fmt::Debug for TokenData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenData")
            .field("resource_server", &self.resource_server)
            .field("identity_id", &self.identity_id)
            .field("scope", &self.scope)
            .field("access_token", &self.access_token)
            .field("refresh_token", &self.refresh_token)
            .field("expires_at_seconds", &self.expires_at_seconds)
            .field("token_type", &self.token_type)
            .field("extra", &self.extra.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDENTITY: &str = "ae341a98-d274-11e5-b888-dbae3a8ba545";

    fn read(json: &str) -> Result<TokenData, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn round_trips_the_record_of_the_python_sdk() {
        let json = format!(
            r#"{{"access_token":"Ag1","expires_at_seconds":1767400000,"identity_id":"{IDENTITY}","refresh_token":"Ag2","resource_server":"transfer.api.globus.org","scope":"a b","token_type":"Bearer"}}"#
        );
        let token = read(&json).unwrap();
        assert_eq!(token.identity_id, Some(IDENTITY.parse().unwrap()));
        assert_eq!(token.refresh_token, Some(Secret::new("Ag2")));
        assert_eq!(serde_json::to_string(&token).unwrap(), json);
    }

    #[test]
    fn leaves_out_what_is_not_there_and_reads_nulls_as_such() {
        let token = read(
            r#"{"access_token":"Ag1","expires_at_seconds":1,"identity_id":null,"refresh_token":null,"resource_server":"x","scope":"s","token_type":null}"#,
        );
        assert_eq!(
            serde_json::to_string(&token.unwrap()).unwrap(),
            r#"{"access_token":"Ag1","expires_at_seconds":1,"resource_server":"x","scope":"s"}"#
        );
    }

    #[test]
    fn keeps_members_that_it_does_not_know() {
        let json = r#"{"access_token":"Ag1","expires_at_seconds":1,"new":{"x":[1]},"resource_server":"x","scope":"s"}"#;
        let token = read(json).unwrap();
        assert_eq!(token.extra().get("new").unwrap()["x"][0], 1);
        assert_eq!(serde_json::to_string(&token).unwrap(), json);
    }

    #[test]
    fn says_which_member_is_wrong_and_not_what_it_holds() {
        let good = r#"{"access_token":"SECRET","expires_at_seconds":1,"resource_server":"x","scope":"s"}"#;
        for (from, to, expected) in [
            (r#""access_token":"SECRET","#, "", r#"member "access_token" is missing"#),
            (r#""SECRET""#, r#"["SECRET"]"#, r#"member "access_token" is not a string"#),
            (":1,", r#":"SECRET","#, r#"member "expires_at_seconds" is not a whole number"#),
            (":1,", ":1.5,", r#"member "expires_at_seconds" is not a whole number"#),
            (":1,", ":null,", r#"member "expires_at_seconds" is missing"#),
            (":1,", r#":1,"identity_id":"SECRET","#, r#"member "identity_id" is not a UUID"#),
        ] {
            let changed = good.replace(from, to);
            assert_ne!(changed, good);
            assert_eq!(read(&changed).unwrap_err().to_string(), expected);
        }
        assert_eq!(read(r#""SECRET""#).unwrap_err().to_string(), "the record is not an object");
    }

    #[test]
    fn debug_shows_no_secret() {
        let json = r#"{"access_token":"SECRET","refresh_token":"SECRET","expires_at_seconds":1,"resource_server":"x","scope":"s","id_token":"SECRET"}"#;
        let shown = format!("{:?}", read(json).unwrap());
        assert!(!shown.contains("SECRET") && shown.contains("id_token"), "{shown}");
    }

    #[test]
    fn expires_at_its_last_second() {
        let token = TokenData::new("x", "s", "Ag1", 100);
        let at = |second| Timestamp::from_second(second).unwrap();
        assert!(!token.is_expired(at(99)));
        assert!(token.is_expired(at(100)));
    }
}
