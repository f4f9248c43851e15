//! Globus Connect on this machine: which collection it is, and whose.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use globus_core::{CollectionId, Error, ErrorKind, IdentityId, Result};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Finds the Globus Connect Personal that is installed on this machine for the user.
///
/// ```no_run
/// # fn example() -> globus_transfer::Result<()> {
/// use globus_transfer::local::LocalGlobusConnectPersonal;
///
/// let installed = LocalGlobusConnectPersonal::new()?;
/// if let Some(collection) = installed.endpoint_id()? {
///     println!("{collection} is this machine");
/// }
/// # Ok(()) }
/// ```
///
/// Reads its files, and asks nobody.
#[derive(Debug, Clone)]
pub struct LocalGlobusConnectPersonal {
    directory: PathBuf,
}

/// Says whose a Globus Connect Personal is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LocalOwner {
    /// An identity.
    Identity(IdentityId),
    /// A user name at Globus ID.
    Username(String),
}

impl LocalGlobusConnectPersonal {
    /// Looks where it is installed: `~/.globusonline`, on Windows `Globus Connect` in the local application data.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is no home directory to look in.
    pub fn new() -> Result<Self> {
        let (variable, below) =
            if cfg!(windows) { ("LOCALAPPDATA", "Globus Connect") } else { ("HOME", ".globusonline") };
        let home = std::env::var_os(variable).filter(|home| !home.is_empty()).ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                format!("{variable} is not set, so nobody knows where Globus Connect Personal is"),
            )
        })?;
        Ok(Self::at(Path::new(&home).join(below)))
    }

    /// Looks in this directory, for an installation that was told to keep its files elsewhere.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Gives the collection; `None` when none is set up.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the file is there and cannot be read.
    pub fn endpoint_id(&self) -> Result<Option<CollectionId>> {
        let file = self.file("client-id.txt");
        let Some(text) = read(&file)? else { return Ok(None) };
        text.trim().parse().map(Some).map_err(|error| wrong(&file, &error))
    }

    /// Gives whose it is; `None` when none is set up.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the file is there and does not say it.
    pub fn owner(&self) -> Result<Option<LocalOwner>> {
        let file = self.file("gridmap");
        let Some(text) = read(&file)? else { return Ok(None) };
        // `"/C=US/O=Globus Consortium/OU=Globus Connect User/CN=ada" ada`
        let name = text.lines().find_map(|line| {
            let subject = line.trim().strip_prefix('"')?.split_once('"')?.0;
            subject.rsplit_once("/CN=").map(|(_, name)| name)
        });
        let name = name.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| wrong(&file, &"no line names an owner"))?;
        Ok(Some(match name.strip_prefix("u_") {
            Some(encoded) => LocalOwner::Identity(
                base32_uuid(encoded).ok_or_else(|| wrong(&file, &format!("{name:?} is no identity")))?,
            ),
            None => LocalOwner::Username(format!("{name}@globusid.org")),
        }))
    }

    /// Gives the path on the collection of a file on this machine: the same, and for `C:\data` it is `/C/data`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the path is not absolute or no UTF-8.
    pub fn path_of(local: impl AsRef<Path>) -> Result<String> {
        let local = local.as_ref();
        let text =
            local.to_str().ok_or_else(|| Error::invalid_input(format!("{} is no UTF-8", local.display())))?;
        let drive = match text.as_bytes() {
            [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic() => Some(&text[..1]),
            _ => None,
        };
        match drive {
            Some(drive) => Ok(format!("/{}/{}", drive.to_ascii_uppercase(), text[3..].replace('\\', "/"))),
            None if text.starts_with('/') => Ok(text.to_owned()),
            None => Err(Error::invalid_input(format!("{text:?} is not an absolute path"))),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.join("lta").join(name)
    }
}

/// Finds the Globus Connect Server whose data transfer node this machine is.
///
/// ```no_run
/// # fn example() -> globus_transfer::Result<()> {
/// use globus_transfer::local::LocalGlobusConnectServer;
///
/// let installed = LocalGlobusConnectServer::new();
/// println!("{:?} at {:?}", installed.endpoint_id()?, installed.domain_name()?);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct LocalGlobusConnectServer {
    info: PathBuf,
}

impl Default for LocalGlobusConnectServer {
    fn default() -> Self {
        Self::new()
    }
}

impl LocalGlobusConnectServer {
    /// Reads `/var/lib/globus-connect-server/info.json`.
    #[must_use]
    pub fn new() -> Self {
        Self::at("/var/lib/globus-connect-server/info.json")
    }

    /// Reads this file.
    pub fn at(info: impl Into<PathBuf>) -> Self {
        Self { info: info.into() }
    }

    /// Gives the endpoint; `None` when none is set up.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the file is there and cannot be read.
    pub fn endpoint_id(&self) -> Result<Option<CollectionId>> {
        match self.member("endpoint_id")? {
            Some(text) => text.parse().map(Some).map_err(|error| wrong(&self.info, &error)),
            None => Ok(None),
        }
    }

    /// Gives the domain name of the endpoint; `None` when none is set up.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the file is there and cannot be read.
    pub fn domain_name(&self) -> Result<Option<String>> {
        self.member("domain_name")
    }

    fn member(&self, name: &str) -> Result<Option<String>> {
        let Some(text) = read(&self.info)? else { return Ok(None) };
        let info: Map<String, Value> =
            serde_json::from_str(&text).map_err(|error| wrong(&self.info, &error))?;
        match info.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong(&self.info, &format!("{name} is no text"))),
        }
    }
}

/// Reads a file; `None` when it is not there.
fn read(file: &Path) -> Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(file, &error)),
    }
}

fn wrong(file: &Path, problem: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Config, format!("{}: {problem}", file.display()))
}

/// Reads 16 bytes in base 32, as in the names that Globus gives to identities.
fn base32_uuid(text: &str) -> Option<IdentityId> {
    let mut value: u128 = 0;
    let digits = text.trim_end_matches('=');
    if digits.len() != 26 {
        return None;
    }
    for (position, letter) in digits.bytes().enumerate() {
        let digit = match letter.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        // 26 digits are 130 bits: the last one has two to spare.
        value = if position == 25 {
            (value << 3) | u128::from(digit >> 2)
        } else {
            (value << 5) | u128::from(digit)
        };
    }
    Some(IdentityId::new(Uuid::from_u128(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";

    #[test]
    fn personal() {
        let home = tempfile::tempdir().unwrap();
        let installed = LocalGlobusConnectPersonal::at(home.path());
        assert_eq!((installed.endpoint_id().unwrap(), installed.owner().unwrap()), (None, None));
        let lta = home.path().join("lta");
        fs::create_dir(&lta).unwrap();
        let write = |name: &str, text: &str| fs::write(lta.join(name), text).unwrap();

        write("client-id.txt", &format!("{ID}\n"));
        assert_eq!(installed.endpoint_id().unwrap().unwrap().to_string(), ID);
        write("client-id.txt", "none");
        let error = installed.endpoint_id().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("client-id.txt: \"none\" is not a collection id"), "{error}");

        let subject =
            |name: &str| format!("\"/C=US/O=Globus Consortium/OU=Globus Connect User/CN={name}\" ada\n");
        write("gridmap", &subject("ada"));
        assert_eq!(installed.owner().unwrap(), Some(LocalOwner::Username("ada@globusid.org".to_owned())));
        // What the emulator calls efc7fb09-4c26-41fb-ad12-6add483d1c01.
        write("gridmap", &subject("u_57d7wckmeza7xlisnlouqpi4ae"));
        let owner = installed.owner().unwrap();
        assert_eq!(
            owner,
            Some(LocalOwner::Identity("efc7fb09-4c26-41fb-ad12-6add483d1c01".parse().unwrap()))
        );
        for bad in [subject("u_x"), subject(""), "nothing".to_owned()] {
            write("gridmap", &bad);
            assert_eq!(installed.owner().unwrap_err().kind(), ErrorKind::Config, "{bad}");
        }
    }

    #[test]
    fn server() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("info.json");
        let installed = LocalGlobusConnectServer::at(&file);
        assert_eq!((installed.endpoint_id().unwrap(), installed.domain_name().unwrap()), (None, None));
        fs::write(&file, format!(r#"{{"endpoint_id": "{ID}", "domain_name": "abc.xyz.data.globus.org"}}"#))
            .unwrap();
        assert_eq!(installed.endpoint_id().unwrap().unwrap().to_string(), ID);
        assert_eq!(installed.domain_name().unwrap().as_deref(), Some("abc.xyz.data.globus.org"));
        for bad in ["{", "[]", r#"{"endpoint_id": 7}"#, r#"{"endpoint_id": "x"}"#] {
            fs::write(&file, bad).unwrap();
            assert_eq!(installed.endpoint_id().unwrap_err().kind(), ErrorKind::Config, "{bad}");
        }
    }

    #[test]
    fn paths_of_this_machine() {
        let path =
            |local: &str| LocalGlobusConnectPersonal::path_of(local).map_err(|error| error.to_string());
        assert_eq!(path("/data/x"), Ok("/data/x".to_owned()));
        assert_eq!(path(r"c:\Users\ada\x y"), Ok("/C/Users/ada/x y".to_owned()));
        assert_eq!(path("D:/x"), Ok("/D/x".to_owned()));
        assert!(path("x/y").unwrap_err().contains("not an absolute path"));
    }
}
