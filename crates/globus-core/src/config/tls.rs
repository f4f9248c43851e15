//! How the certificates of servers are checked.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::ConfigError;

/// How the certificates of servers are checked. `true` and `false` convert into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TlsVerify {
    /// Against the certificate authorities that the platform trusts; the default.
    #[default]
    On,
    /// Not at all: whoever is on the line can read the tokens. For tests only.
    Off,
    /// Against the certificate authorities of a file, and no others.
    CaFile(CaBundle),
}

impl TlsVerify {
    /// Reads a file of CA certificates in PEM.
    ///
    /// # Errors
    /// [`ConfigError::CaFile`] if the file cannot be read or holds no certificate, or a broken one.
    pub fn ca_file(path: impl Into<PathBuf>) -> Result<Self, ConfigError> {
        CaBundle::read(path).map(Self::CaFile)
    }
}

impl From<bool> for TlsVerify {
    fn from(verify: bool) -> Self {
        if verify { Self::On } else { Self::Off }
    }
}

/// Certificates of certificate authorities, read from a file. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct CaBundle {
    path: PathBuf,
    pem: Arc<[u8]>,
}

impl CaBundle {
    /// Reads a file of CA certificates in PEM.
    ///
    /// # Errors
    /// As [`TlsVerify::ca_file`].
    pub fn read(path: impl Into<PathBuf>) -> Result<Self, ConfigError> {
        let path = path.into();
        match read(&path) {
            Ok(pem) => Ok(Self { path, pem: pem.into() }),
            Err(problem) => Err(ConfigError::CaFile { path, problem }),
        }
    }

    /// Gives the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the content of the file: at least one certificate in PEM.
    #[must_use]
    pub fn pem(&self) -> &[u8] {
        &self.pem
    }
}

impl fmt::Debug for CaBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaBundle").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Reads certificates, or says what is wrong.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("the CA file cannot be read: {error}");
    // A device or a pipe could block, or never end.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err("the CA file is not a regular file".to_owned());
    }
    let pem = std::fs::read(path).map_err(unreadable)?;
    let mut certificates = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        certificate.map_err(|error| format!("the CA file is not valid PEM: {error}"))?;
        certificates += 1;
    }
    if certificates == 0 {
        return Err("the CA file holds no certificate in PEM (-----BEGIN CERTIFICATE-----)".to_owned());
    }
    Ok(pem)
}
