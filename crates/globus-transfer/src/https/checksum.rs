//! Checksums of files on this machine.

use std::{fmt, fs::File, io::Read, path::Path};

use globus_core::{Error, ErrorKind, Result};
use md5::Md5;
use sha2::{Digest, Sha256, Sha512};

use super::local;

/// Is the checksum that a file has to have, in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checksum {
    /// MD5, which Globus uses unless told otherwise.
    Md5(String),
    /// SHA-256.
    Sha256(String),
    /// SHA-512.
    Sha512(String),
}

impl Checksum {
    /// Reads the algorithm by its name, as in [`SuccessfulTransfer::checksum_algorithm`](crate::tasks::SuccessfulTransfer):
    /// `MD5`, `SHA256` or `SHA512`, however it is written.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when it is another.
    pub fn new(algorithm: &str, digits: impl Into<String>) -> Result<Self> {
        let digits = digits.into();
        match algorithm.to_ascii_uppercase().replace('-', "").as_str() {
            "MD5" => Ok(Self::Md5(digits)),
            "SHA256" => Ok(Self::Sha256(digits)),
            "SHA512" => Ok(Self::Sha512(digits)),
            _ => Err(Error::invalid_input(format!(
                "{algorithm:?} is no checksum that is known: MD5, SHA256, SHA512"
            ))),
        }
    }

    /// Says what is wrong with it, before anything is compared.
    pub(super) fn validate(&self) -> Result<()> {
        let (algorithm, digits, length) = match self {
            Self::Md5(digits) => ("MD5", digits, 32),
            Self::Sha256(digits) => ("SHA-256", digits, 64),
            Self::Sha512(digits) => ("SHA-512", digits, 128),
        };
        if digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(());
        }
        Err(Error::invalid_input(format!(
            "{digits:?} is no {algorithm} checksum, which has {length} hexadecimal digits"
        )))
    }

    /// Compares with a file.
    pub(super) fn check(&self, path: &Path) -> Result<()> {
        let (expected, found) = match self {
            Self::Md5(expected) => (expected, digits::<Md5>(path)?),
            Self::Sha256(expected) => (expected, digits::<Sha256>(path)?),
            Self::Sha512(expected) => (expected, digits::<Sha512>(path)?),
        };
        if expected.eq_ignore_ascii_case(&found) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Outcome, format!("the file has the checksum {found}, and not {expected}")))
    }
}

fn digits<D: Digest>(path: &Path) -> Result<String> {
    let unreadable = |error| local("read", path, error);
    let mut file = File::open(path).map_err(unreadable)?;
    let mut hasher = D::new();
    let mut piece = vec![0; 128 * 1024];
    loop {
        match file.read(&mut piece).map_err(unreadable)? {
            0 => break,
            read => hasher.update(&piece[..read]),
        }
    }
    let mut text = String::new();
    for byte in hasher.finalize() {
        // Writing to a text cannot fail.
        let _ = fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
    }
    Ok(text)
}
