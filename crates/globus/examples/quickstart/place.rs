//! Where the quickstart works: on an emulator over directories of this machine, or on the real service.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fmt::Write as _,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use globus::prelude::*;
use globus_emulator::Emulator;
use sha2::{Digest, Sha256};

/// Directories that are not worth copying: build results, and the repository's history.
pub(crate) const LEFT_OUT: [&str; 2] = ["target", ".git"];

/// A directory of a collection.
pub(crate) struct End {
    pub(crate) name: String,
    pub(crate) collection: CollectionId,
    pub(crate) path: String,
}

/// The two ends of the transfer, and who makes it.
pub(crate) struct Place {
    pub(crate) source: End,
    pub(crate) destination: End,
    local: Option<Local>,
}

/// An emulator inside this process, over two directories.
struct Local {
    emulator: Emulator,
    source: PathBuf,
    destination: PathBuf,
    is_temporary: bool,
}

impl Place {
    /// Takes the real service when the environment names collections there, and else two local directories.
    pub(crate) async fn choose(arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let directories: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
        let collections = (variable("GLOBUS_SOURCE_COLLECTION"), variable("GLOBUS_DESTINATION_COLLECTION"));
        match (directories.as_slice(), collections) {
            ([], (Some(source), Some(destination))) => Self::remote(&source, &destination),
            ([], (None, None)) => {
                let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
                let destination = env::temp_dir().join(format!("globus-quickstart-{}", std::process::id()));
                Self::local(source, destination, true).await
            }
            ([], _) => {
                Err("set both GLOBUS_SOURCE_COLLECTION and GLOBUS_DESTINATION_COLLECTION, or neither".into())
            }
            ([source, destination], _) => {
                let source =
                    source.canonicalize().map_err(|error| format!("{}: {error}", source.display()))?;
                Self::local(source, destination.clone(), false).await
            }
            _ => Err("give two directories, SRC_DIR and DST_DIR, or none".into()),
        }
    }

    fn remote(source: &str, destination: &str) -> Result<Self, Box<dyn Error>> {
        let end = |id: &str, path: &str, default: &str| {
            let path = variable(path).unwrap_or_else(|| default.to_owned());
            Ok::<_, Box<dyn Error>>(End { name: format!("{id}:{path}"), collection: id.parse()?, path })
        };
        Ok(Self {
            source: end(source, "GLOBUS_SOURCE_PATH", "/~/")?,
            destination: end(destination, "GLOBUS_DESTINATION_PATH", "/~/quickstart/")?,
            local: None,
        })
    }

    async fn local(
        source: PathBuf,
        destination: PathBuf,
        is_temporary: bool,
    ) -> Result<Self, Box<dyn Error>> {
        if !source.is_dir() {
            return Err(format!("{}: not a directory", source.display()).into());
        }
        fs::create_dir_all(&destination).map_err(|error| format!("{}: {error}", destination.display()))?;
        let destination = destination.canonicalize()?;
        let emulator = Emulator::builder()
            .collection("source", &source)
            .collection("destination", &destination)
            .start()
            .await?;
        println!("emulator at {}", emulator.service_url("transfer"));
        let end = |name: &str, directory: &Path| {
            let collection = emulator.collection_id(name).ok_or("the emulator lost a collection")?;
            let name = format!("{name} ({})", directory.display());
            Ok::<_, Box<dyn Error>>(End { name, collection: collection.into(), path: "/".to_owned() })
        };
        let (from, to) = (end("source", &source)?, end("destination", &destination)?);
        Ok(Self {
            source: from,
            destination: to,
            local: Some(Local { emulator, source, destination, is_temporary }),
        })
    }

    /// Gives the client of Globus Auth that logs in: the emulator's own service account, or the environment's.
    pub(crate) fn auth_client(&self) -> Result<ConfidentialAppAuthClient, Box<dyn Error>> {
        let credentials = match &self.local {
            Some(local) => {
                ClientCredentials::new(local.emulator.client_id(), local.emulator.client_secret())?
            }
            None => ClientCredentials::from_env()?,
        };
        println!("service account {} ({})", credentials.client_id(), credentials.source());
        let (id, secret) = (credentials.client_id(), credentials.client_secret().clone());
        Ok(ConfidentialAppAuthClient::builder(id, secret).config(self.config()?).build()?)
    }

    /// Gives the configuration: the emulator's addresses, or the environment's.
    pub(crate) fn config(&self) -> globus::Result<Config> {
        let mut config = Config::builder();
        if let Some(local) = &self.local {
            for service in [Service::Auth, Service::Transfer] {
                config = config.service_url(service, local.emulator.service_url(service.as_str()));
            }
        }
        Ok(config.build()?)
    }

    /// Compares both ends file by file: by SHA-256 where the files are at hand, by name and size where they are not.
    pub(crate) async fn compare(&self, transfer: &TransferClient) -> Result<String, Box<dyn Error>> {
        let (source, destination, by) = match &self.local {
            Some(local) => (digests(&local.source)?, digests(&local.destination)?, "SHA-256"),
            None => (
                listed(transfer, &self.source).await?,
                listed(transfer, &self.destination).await?,
                "name and size",
            ),
        };
        let mut report = String::new();
        let mut same = 0;
        for (file, digest) in &source {
            match destination.get(file) {
                Some(copy) if copy == digest => same += 1,
                Some(_) => writeln!(report, "  differs: {file}")?,
                None => writeln!(report, "  missing: {file}")?,
            }
        }
        if report.is_empty() {
            Ok(format!("compared {same} files by {by}: all are the same"))
        } else {
            Err(format!("the copy is not the same:\n{report}").into())
        }
    }

    /// Stops the emulator, and removes what the quickstart made up a place for.
    pub(crate) async fn close(self) -> io::Result<()> {
        let Some(local) = self.local else { return Ok(()) };
        local.emulator.stop().await;
        if local.is_temporary {
            fs::remove_dir_all(&local.destination)?;
        }
        Ok(())
    }
}

/// Hashes every file below a directory, by its path from there; leaves out what is not transferred.
fn digests(root: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut digests = BTreeMap::new();
    let mut left = vec![root.to_owned()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() && !LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
                left.push(path);
            } else if kind.is_file() {
                let mut hash = Sha256::new();
                io::copy(&mut File::open(&path)?, &mut hash)?;
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                digests.insert(name, format!("{:x}", hash.finalize()));
            }
        }
    }
    Ok(digests)
}

/// Lists every file below a directory of a collection with its size.
async fn listed(transfer: &TransferClient, end: &End) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let mut files = BTreeMap::new();
    let mut left = vec![String::new()];
    while let Some(directory) = left.pop() {
        let path = format!("{}{directory}", end.path);
        for entry in transfer.operation_ls(end.collection).path(path).send().await?.data {
            let name = format!("{directory}{}", entry.name);
            match entry.file_type {
                FileType::Dir if !LEFT_OUT.contains(&entry.name.as_str()) => left.push(format!("{name}/")),
                FileType::File => {
                    files.insert(name, format!("{} bytes", entry.size.unwrap_or(0)));
                }
                _ => {}
            }
        }
    }
    Ok(files)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
