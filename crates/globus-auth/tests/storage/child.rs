//! Processes of their own: this test program, run again for one of the roles here.

use std::{
    env,
    fs::{self, OpenOptions},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use globus_auth::storage::{
    EnvironmentTokenStorage, JsonTokenStorage, StorageError, TokenData, TokenStorage, TokenValidationError,
};
use globus_core::{Secret, Timestamp};

use crate::{
    apps,
    fixture::{Kind, token},
    processes::ENTRIES,
};

const ROLE: &str = "STORAGE_TEST_ROLE";

/// Gives the command that runs a role; `arguments` are read by [`argument`].
pub(crate) fn command(role: &str, arguments: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["child::run", "--exact", "--ignored", "--nocapture", "--quiet"]);
    for (name, value) in arguments {
        command.env(variable(name), value);
    }
    command.env(ROLE, role).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn spawn(role: &str, arguments: &[(&str, &str)]) -> Child {
    command(role, arguments).spawn().unwrap()
}

/// Waits for a process that must succeed; gives what it said in lines that begin with `says `.
pub(crate) fn finish(child: Child) -> Vec<String> {
    let output = child.wait_with_output().unwrap();
    let (said, complaints) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "a process failed: {}\n{said}\n{complaints}", output.status);
    said.lines().filter_map(|line| Some(line.split_once("says ")?.1.to_owned())).collect()
}

fn variable(name: &str) -> String {
    format!("STORAGE_TEST_{name}")
}

pub(crate) fn argument(name: &str) -> String {
    env::var(variable(name)).unwrap_or_else(|_| panic!("no argument {name}"))
}

pub(crate) fn number(name: &str) -> i64 {
    argument(name).parse().unwrap()
}

/// Is no test, but where processes of other tests begin.
#[test]
#[ignore = "is run by other tests, in a process of its own"]
fn run() {
    let Ok(role) = env::var(ROLE) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match role.as_str() {
            "writer" => writer().await,
            "endless-writer" => endless_writer().await,
            "renewer" => renewer().await,
            "store" => store().await,
            "environment" => environment().await,
            "app-paths" => app_paths(),
            "app" => apps::run().await,
            other => panic!("no role {other:?}"),
        }
    });
}

pub(crate) fn open() -> std::sync::Arc<dyn TokenStorage> {
    Kind::named(&argument("KIND")).open(Path::new(&argument("PATH")), "DEFAULT")
}

/// Writes each of its resource servers several times.
async fn writer() {
    let (storage, process) = (open(), argument("PROCESS"));
    for write in 0..number("WRITES") {
        let resource_server = format!("{process}-{}", write % ENTRIES);
        storage.store_token_data(vec![token(&resource_server, write)]).await.unwrap();
    }
}

/// Writes until it is killed, and says after each write what is stored now.
async fn endless_writer() {
    let (storage, mut number) = (open(), number("FROM"));
    loop {
        number += 1;
        let resource_server = format!("rs-{}", number % 10);
        storage.store_token_data(vec![token(&resource_server, number)]).await.unwrap();
        println!("says {number}");
    }
}

/// Lives through a number of seconds of a clock of its own, and renews the token at each, unless another process has.
async fn renewer() {
    let storage = open();
    let endpoint = TokenEndpoint { folder: PathBuf::from(argument("ENDPOINT")) };
    let mut newest = 0;
    for second in 1..=number("SECONDS") {
        let now = Timestamp::from_second(second).unwrap();
        let mut token = storage.get_token_data("rs").await.unwrap().unwrap();
        if token.is_expired(now) {
            let mut locked = storage.lock().await.unwrap();
            let stored = locked.get("rs").unwrap();
            if stored.is_expired(now) {
                let renewed = endpoint.renew(stored).await;
                locked.renew(renewed);
                token = locked.get("rs").unwrap().clone();
                locked.commit().await.unwrap();
            } else {
                token = stored.clone();
            }
        }
        assert!(token.expires_at_seconds >= newest, "an older token came back");
        newest = token.expires_at_seconds;
    }
}

/// A token endpoint for many processes. It replaces the refresh token each time, and takes each but once.
pub(crate) struct TokenEndpoint {
    pub(crate) folder: PathBuf,
}

impl TokenEndpoint {
    async fn renew(&self, token: &TokenData) -> TokenData {
        tokio::time::sleep(Duration::from_millis(3)).await;
        let generation = self.next(token.refresh_token.as_ref().unwrap().expose());
        tokio::time::sleep(Duration::from_millis(3)).await;
        TokenData::new("rs", "scope:a", format!("access-{generation}"), generation)
            .with_refresh_token(Secret::new(format!("refresh-{generation}")))
    }

    fn next(&self, refresh_token: &str) -> i64 {
        let path = self.folder.join("generation");
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).unwrap();
        file.lock().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let generation: i64 = text.parse().unwrap_or(1);
        if refresh_token != format!("refresh-{generation}") {
            fs::write(self.folder.join("refused"), format!("{refresh_token} at {generation}")).unwrap();
            panic!("invalid_grant: {refresh_token} was replaced");
        }
        file.rewind().unwrap();
        write!(file, "{}", generation + 1).unwrap();
        generation + 1
    }

    pub(crate) fn generation(&self) -> i64 {
        assert!(!self.folder.join("refused").exists(), "a refresh token was used twice");
        fs::read_to_string(self.folder.join("generation")).unwrap().parse().unwrap()
    }
}

/// Stores one token of some size, and says how it went.
async fn store() {
    let size = usize::try_from(number("SIZE")).unwrap();
    let token = TokenData::new("new", "scope:a", "A".repeat(size), 1);
    match open().store_token_data(vec![token]).await {
        Ok(()) => println!("says ok"),
        Err(error) => println!("says {error}"),
    }
}

/// Looks at the storage in variables from all sides.
async fn environment() {
    let storage = EnvironmentTokenStorage::new()
        .with_document("STORAGE_TEST_DOCUMENT")
        .with_document_namespace("STORAGE_TEST_DOCUMENT", "other")
        .with_token("STORAGE_TEST_TOKEN", "a", "scope:a scope:b");
    match storage.get_token_data_by_resource_server().await {
        Err(error) => println!("says {error}"),
        Ok(tokens) => {
            for (resource_server, token) in tokens {
                println!("says {resource_server} {} {}", token.access_token.expose(), token.scope);
            }
        }
    }
    for result in [
        storage.store_token_data(vec![token("a", 1)]).await.map(drop),
        storage.remove_token_data("a").await.map(drop),
        storage.lock().await.map(drop),
    ] {
        assert!(matches!(result, Err(StorageError::ReadOnly { .. })), "{result:?}");
    }
    if env::var(variable("TOKEN")).is_ok_and(|token| token.starts_with("Ag")) {
        let token = storage.get_token_data("a").await.unwrap().unwrap();
        let far = Timestamp::from_second(200_000_000_000).unwrap();
        assert_eq!(token.validate_unexpired_or_refreshable(far), Ok(()));
        assert!(matches!(
            token.validate_refresh_token(),
            Err(TokenValidationError::MissingRefreshToken { .. })
        ));
    }
}

/// Says the default paths of apps, whose names come in lines.
fn app_paths() {
    let client_id = argument("CLIENT").parse().unwrap();
    for name in argument("NAMES").lines() {
        match JsonTokenStorage::for_globus_app(client_id, name, &argument("ENVIRONMENT")) {
            Ok(storage) => println!("says {}", storage.path().display()),
            Err(_) => println!("says refused"),
        }
    }
}
