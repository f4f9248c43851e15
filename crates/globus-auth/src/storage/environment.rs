//! Tokens in environment variables.

use std::{collections::BTreeMap, env::VarError};

use async_trait::async_trait;

use super::{
    DEFAULT_NAMESPACE, LockedTokens, Result, StorageError, TokenData, TokenStorage,
    document::{Document, DocumentError, KNOWN_VERSIONS},
};

/// Reads tokens from environment variables, as batch jobs and CI give them; stores nothing.
///
/// A variable holds either one access token, or the whole text of a token file (`tokens.json`). They are read at every
/// call. One that is not set, or is empty, holds no tokens.
///
/// ```
/// use globus_auth::storage::{EnvironmentTokenStorage, TokenStorage};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let storage = EnvironmentTokenStorage::new()
///     .with_document("MY_JOB_TOKENS")
///     .with_token("MY_JOB_TRANSFER_TOKEN", "transfer.api.globus.org", "urn:globus:auth:scope:transfer.api.globus.org:all");
/// assert_eq!(storage.get_token_data("transfer.api.globus.org").await?, None);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default)]
pub struct EnvironmentTokenStorage {
    variables: Vec<Variable>,
}

#[derive(Debug, Clone)]
enum Variable {
    Token { name: String, resource_server: String, scope: String },
    Document { name: String, namespace: String },
}

impl EnvironmentTokenStorage {
    /// Makes a storage that reads no variable yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a variable that holds one access token. What the token is for has to be said, because it does not tell;
    /// when it expires is not known: it counts as valid until the service refuses it.
    ///
    /// `scope` lists the names of the token's scopes, separated by blanks.
    #[must_use]
    pub fn with_token(
        mut self,
        variable: impl Into<String>,
        resource_server: impl Into<String>,
        scope: impl Into<String>,
    ) -> Self {
        self.variables.push(Variable::Token {
            name: variable.into(),
            resource_server: resource_server.into(),
            scope: scope.into(),
        });
        self
    }

    /// Reads a variable that holds the text of a token file, as [`JsonTokenStorage`](super::JsonTokenStorage) or the
    /// Python SDK writes it.
    #[must_use]
    pub fn with_document(self, variable: impl Into<String>) -> Self {
        self.with_document_namespace(variable, DEFAULT_NAMESPACE)
    }

    /// Reads a variable as [`with_document`](Self::with_document) does, but another namespace of it.
    #[must_use]
    pub fn with_document_namespace(
        mut self,
        variable: impl Into<String>,
        namespace: impl Into<String>,
    ) -> Self {
        self.variables.push(Variable::Document { name: variable.into(), namespace: namespace.into() });
        self
    }
}

impl Variable {
    fn tokens(&self) -> Result<BTreeMap<String, TokenData>> {
        let (Self::Token { name, .. } | Self::Document { name, .. }) = self;
        let wrong = |problem: String| StorageError::Variable { name: name.clone(), problem };
        let text = match std::env::var(name) {
            Ok(text) => text,
            Err(VarError::NotPresent) => return Ok(BTreeMap::new()),
            Err(VarError::NotUnicode(_)) => return Err(wrong("is not valid Unicode".to_owned())),
        };
        let text = text.trim();
        if text.is_empty() {
            return Ok(BTreeMap::new());
        }
        match self {
            Self::Token { resource_server, scope, .. } => {
                if text.starts_with('{') {
                    return Err(wrong("holds a document where one access token was expected".to_owned()));
                }
                let token = TokenData::new(resource_server, scope, text, i64::MAX);
                Ok(BTreeMap::from([(resource_server.clone(), token)]))
            }
            Self::Document { namespace, .. } => Document::parse(text.as_bytes())
                .and_then(|document| document.tokens(namespace))
                .map_err(|error| wrong(describe(error))),
        }
    }
}

fn describe(error: DocumentError) -> String {
    match error {
        DocumentError::UnknownVersion(version) => {
            format!("has format version {version}, but only {KNOWN_VERSIONS} are known")
        }
        DocumentError::CutOff(problem) | DocumentError::Malformed(problem) => {
            format!("is not the text of a token file: {problem}")
        }
    }
}

#[async_trait]
impl TokenStorage for EnvironmentTokenStorage {
    /// Where several variables have a token for the same resource server, the one that was named last counts.
    async fn get_token_data_by_resource_server(&self) -> Result<BTreeMap<String, TokenData>> {
        let mut tokens = BTreeMap::new();
        for variable in &self.variables {
            tokens.extend(variable.tokens()?);
        }
        Ok(tokens)
    }

    /// Fails at once, before a token is renewed that could not be kept.
    async fn lock(&self) -> Result<LockedTokens<'_>> {
        Err(StorageError::ReadOnly { what: "the storage of tokens in environment variables" })
    }
}
