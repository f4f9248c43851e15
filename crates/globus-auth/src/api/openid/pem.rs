//! A public key in the form that most other programs read.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use globus_core::{Error, Result};

use super::Jwk;

/// `rsaEncryption` with no parameters, as in RFC 8017.
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

impl Jwk {
    /// Writes an RSA key in PEM: `-----BEGIN PUBLIC KEY-----`, which openssl and other languages' libraries read.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use globus_auth::api::openid::Jwk;
    ///
    /// let key: Jwk = serde_json::from_str(r#"{"kty": "RSA", "n": "3ZWrUY0Y6IKN1qI4BhxR2C7oHVFgGPYkd38uGq1jQNSqEvJFcN93CYm16_G78FAFKWqwsJb3Wx-nbxDn6LtP4AhULB1H0K0g7_jLklDAHvI8yhOKlvoyvsUFPWtNxlJyh5JJXvkNKV_4Oo12e69f8QCuQ6NpEPl-cSvXIqUYBCs", "e": "AQAB"}"#)?;
    /// assert!(key.to_pem()?.starts_with("-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKB"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when it is no RSA key, or its numbers are missing or
    /// not base64url.
    #[doc(alias = "as_pem")]
    pub fn to_pem(&self) -> Result<String> {
        let (modulus, exponent) = self.rsa_numbers().ok_or_else(|| {
            Error::invalid_input("the key is not a whole RSA key: it needs kty RSA, n and e")
        })?;
        let numbers = [integer(&modulus), integer(&exponent)].concat();
        // The leading zero counts the bits that are left over.
        let bits = [vec![0], tagged(SEQUENCE, &numbers)].concat();
        let document = tagged(SEQUENCE, &[RSA_ENCRYPTION.to_vec(), tagged(BIT_STRING, &bits)].concat());
        let text = STANDARD.encode(document);
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for (position, character) in text.chars().enumerate() {
            if position > 0 && position % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        Ok(pem)
    }

    /// Gives modulus and exponent, most significant byte first.
    pub(crate) fn rsa_numbers(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let number = |text: &Option<String>| {
            URL_SAFE_NO_PAD.decode(text.as_deref()?).ok().filter(|bytes| !bytes.is_empty())
        };
        (self.kty == "RSA").then_some(())?;
        Some((number(&self.n)?, number(&self.e)?))
    }
}

/// A number without sign: one with the highest bit set would read as negative.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(bytes.len() - 1);
    let bytes = &bytes[zeros..];
    let padding = if bytes[0] >= 0x80 { vec![0] } else { Vec::new() };
    tagged(INTEGER, &[padding.as_slice(), bytes].concat())
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    let mut written = vec![tag];
    match significant {
        [] => written.push(0),
        [short] if *short < 0x80 => written.push(*short),
        long => {
            // At most eight bytes.
            written.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            written.extend(long);
        }
    }
    written.extend(content);
    written
}
