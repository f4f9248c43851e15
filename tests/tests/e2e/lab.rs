//! An emulator with two collections, and the clients of a service account.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use globus::{
    core::{Authorizer, ServiceClient, config::Sources, test_util::ManualClock},
    flows::FlowsClient,
    prelude::*,
};
use globus_emulator::{Emulator, EmulatorBuilder, TransferSettings};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A collection, a flow and a task that nobody has.
pub(crate) const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Tries again at once: what is retried matters here, not how long it takes.
pub(crate) fn swift() -> RetryPolicy {
    RetryPolicy::default().with_max_delay(Duration::ZERO)
}

/// A configuration of which nothing comes from this machine.
pub(crate) fn config_at(urls: &[(Service, String)]) -> Config {
    let mut config = Config::builder().sources(Sources::empty());
    for (service, url) in urls {
        config = config.service_url(*service, url.clone());
    }
    config.build().unwrap()
}

pub(crate) struct Lab {
    pub(crate) emulator: Emulator,
    pub(crate) config: Config,
    pub(crate) clock: ManualClock,
    pub(crate) transfer: TransferClient,
    laptop: TempDir,
    archive: TempDir,
}

impl Lab {
    pub(crate) async fn open() -> Self {
        Self::with(|emulator| emulator).await
    }

    pub(crate) async fn with_transfer(settings: TransferSettings) -> Self {
        Self::with(|emulator| emulator.transfer_settings(settings)).await
    }

    pub(crate) async fn with(settings: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder) -> Self {
        let (laptop, archive) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let emulator =
            Emulator::builder().collection("laptop", laptop.path()).collection("archive", archive.path());
        let emulator = settings(emulator).start().await.unwrap();
        let services = [Service::Auth, Service::Transfer, Service::Flows];
        let config = config_at(&services.map(|service| (service, emulator.service_url(service.as_str()))));
        let clock = ManualClock::at("2026-01-31T12:00:00Z".parse().unwrap());
        let account = account(&emulator, &config, &clock);
        let transfer =
            client(&config, ClientCredentialsAuthorizer::new(account, scope::transfer::ALL).unwrap());
        Self { emulator, config, clock, transfer, laptop, archive }
    }

    /// The service account as a client of Globus Auth.
    pub(crate) fn account(&self) -> ConfidentialAppAuthClient {
        account(&self.emulator, &self.config, &self.clock)
    }

    /// A client that asks as `authorizer` says.
    pub(crate) fn client<C: ServiceClient>(&self, authorizer: impl Authorizer + 'static) -> C {
        client(&self.config, authorizer)
    }

    /// Flows, in the name of the service account.
    pub(crate) fn flows(&self) -> FlowsClient {
        self.client(ClientCredentialsAuthorizer::new(self.account(), scope::flows::ALL).unwrap())
    }

    pub(crate) fn laptop(&self) -> CollectionId {
        self.emulator.collection_id("laptop").unwrap().into()
    }

    pub(crate) fn archive(&self) -> CollectionId {
        self.emulator.collection_id("archive").unwrap().into()
    }

    pub(crate) fn laptop_path(&self, path: &str) -> PathBuf {
        self.laptop.path().join(path)
    }

    pub(crate) fn archive_path(&self, path: &str) -> PathBuf {
        self.archive.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.laptop_path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A transfer from the laptop to the archive.
    pub(crate) fn data<const N: usize>(&self, items: [(&str, &str); N]) -> TransferData {
        TransferData::new(self.laptop(), self.archive()).with_items(items)
    }

    /// Waits for a task with short pauses, and not for ever.
    pub(crate) fn wait(&self, task_id: TaskId) -> globus::transfer::tasks::TaskWait {
        let often = Duration::from_millis(100);
        self.transfer.task_wait(task_id).poll_interval(often, often).timeout(Duration::from_secs(20))
    }

    /// Asks something of the emulator itself.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let url = format!("http://{}/_emulator/", self.emulator.address());
        let control: TransferClient =
            TransferClient::builder().config(self.config.clone()).base_url(url).build().unwrap();
        let call = control.base().call(method.parse().unwrap(), path);
        match body {
            Some(body) => call.json(body),
            None => call,
        }
        .send()
        .await
        .unwrap()
    }

    /// Lets requests go wrong.
    pub(crate) async fn fault(&self, rules: Value) {
        self.control("POST", "faults", Some(&rules)).await;
    }

    /// Says how many faults are still due.
    pub(crate) async fn faults_left(&self) -> usize {
        self.control("GET", "faults", None).await["faults"].as_array().unwrap().len()
    }

    /// Lets time pass, for the service and for the program.
    pub(crate) async fn let_pass(&self, time: Duration) {
        self.control("POST", "clock", Some(&json!({"advance_seconds": time.as_secs()}))).await;
        self.clock.advance(time);
    }

    pub(crate) async fn forget_requests(&self) {
        self.control("DELETE", "journal", None).await;
    }

    /// The requests so far, as `GET /path 200`.
    pub(crate) async fn requests(&self) -> Vec<String> {
        let journal = self.control("GET", "journal", None).await;
        let line = |entry: &Value| {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            format!("{} {} {}", text("method"), text("path"), entry["status"])
        };
        journal["requests"].as_array().unwrap().iter().map(line).collect()
    }

    /// Counts the requests whose line begins so.
    pub(crate) async fn count(&self, prefix: &str) -> usize {
        self.requests().await.iter().filter(|line| line.starts_with(prefix)).count()
    }
}

fn account(emulator: &Emulator, config: &Config, clock: &ManualClock) -> ConfidentialAppAuthClient {
    ConfidentialAppAuthClient::builder(emulator.client_id(), emulator.client_secret())
        .config(config.clone())
        .clock(clock.clone())
        .retry(swift())
        .build()
        .unwrap()
}

fn client<C: ServiceClient>(config: &Config, authorizer: impl Authorizer + 'static) -> C {
    C::builder().config(config.clone()).authorizer(authorizer).retry(swift()).build().unwrap()
}

/// Every file below a directory, with its content, sorted.
pub(crate) fn tree(root: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(root: &Path, directory: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(root, root, &mut found);
    found.sort();
    found
}
