//! The form of a signed token (RFC 7515), and whether its signature holds.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
    RsaPublicKeyComponents,
};
use serde::Deserialize;

use super::IdTokenError;
use crate::api::openid::{Jwk, JwkSet};

/// What can be checked. Globus Auth uses RS512.
static ALGORITHMS: [(&str, &RsaParameters); 3] = [
    ("RS256", &RSA_PKCS1_2048_8192_SHA256),
    ("RS384", &RSA_PKCS1_2048_8192_SHA384),
    ("RS512", &RSA_PKCS1_2048_8192_SHA512),
];

/// A token in its parts, of which nothing has been checked.
pub(super) struct SignedToken<'a> {
    header: Header,
    /// What the signature is over.
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    /// Extensions that must be understood.
    #[serde(default)]
    crit: Option<serde::de::IgnoredAny>,
}

impl<'a> SignedToken<'a> {
    pub(super) fn read(token: &'a str) -> Result<Self, IdTokenError> {
        let malformed = |problem: &str| IdTokenError::malformed(problem);
        let (signed, signature) = token.rsplit_once('.').ok_or_else(|| malformed("it has no dots"))?;
        let (header, payload) = signed.split_once('.').ok_or_else(|| malformed("it has one dot, not two"))?;
        let part = |name: &str, text: &str| {
            URL_SAFE_NO_PAD
                .decode(text)
                .map_err(|_| IdTokenError::malformed(format!("its {name} is not base64url")))
        };
        let header: Header = serde_json::from_slice(&part("header", header)?)
            .map_err(|_| malformed("its header is no JSON object with an algorithm"))?;
        if header.crit.is_some() {
            return Err(malformed("its header demands extensions that are not known"));
        }
        let (payload, signature) = (part("payload", payload)?, part("signature", signature)?);
        Ok(Self { header, signed, payload, signature })
    }

    /// Gives the content, if one of the keys has signed it with one of the announced algorithms.
    ///
    /// A token that names its key must be signed with that one; otherwise the first key of its kind counts.
    pub(super) fn verified(&self, keys: &JwkSet, announced: &[String]) -> Result<&[u8], IdTokenError> {
        let algorithm = self.header.alg.as_str();
        let known = ALGORITHMS.iter().filter(|(name, _)| announced.iter().any(|other| other == name));
        let Some((_, parameters)) = known.clone().find(|(name, _)| *name == algorithm) else {
            return Err(IdTokenError::Algorithm {
                algorithm: algorithm.to_owned(),
                supported: known.map(|(name, _)| (*name).to_owned()).collect(),
            });
        };
        let (n, e) = self.key(keys)?;
        RsaPublicKeyComponents { n, e }
            .verify(parameters, self.signed.as_bytes(), &self.signature)
            .map_err(|_| IdTokenError::Signature)?;
        Ok(&self.payload)
    }

    fn key(&self, keys: &JwkSet) -> Result<(Vec<u8>, Vec<u8>), IdTokenError> {
        let algorithm = &self.header.alg;
        let usable = |key: &&Jwk| {
            key.key_use.as_deref().is_none_or(|purpose| purpose == "sig")
                && key.alg.as_ref().is_none_or(|other| other == algorithm)
        };
        let named = |key: &&Jwk| self.header.kid.is_none() || key.kid == self.header.kid;
        let found = keys.keys.iter().filter(usable).filter(named).find_map(Jwk::rsa_numbers);
        found.ok_or_else(|| match &self.header.kid {
            Some(kid) => IdTokenError::UnknownKey { kid: kid.clone() },
            None => IdTokenError::NoKey { algorithm: algorithm.clone() },
        })
    }
}
