//! Files shared with the Python SDK, in both directions.
//!
//! `GLOBUS_PYTHON` names a python that has `globus-sdk` 4: `GLOBUS_PYTHON=… cargo test --all-features --test storage
//! -- --ignored python`.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use globus_auth::storage::TokenData;
use globus_core::Secret;
use globus_emulator::Emulator;

use crate::{
    apps::{self, NATIVE},
    child,
    fixture::{IDENTITY, Kind, token},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/storage/python_sdk.py");

fn command(arguments: &[&str]) -> Command {
    let python = std::env::var("GLOBUS_PYTHON")
        .unwrap_or_else(|_| panic!("GLOBUS_PYTHON must name a python that has globus-sdk"));
    let mut command = Command::new(python);
    command.arg(SCRIPT).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the script, which must succeed; gives what it printed.
fn python(arguments: &[&str]) -> String {
    let output = command(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn full(resource_server: &str, number: i64) -> TokenData {
    token(resource_server, number).with_identity_id(Some(IDENTITY.parse().unwrap()))
}

fn folder_and_path(kind: Kind) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("tokens.{}", kind.name()));
    (folder, path)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
#[ignore = "needs GLOBUS_PYTHON"]
async fn python_reads_what_we_write() {
    for &kind in Kind::ALL {
        let (_folder, path) = folder_and_path(kind);
        let ours = [full("a", 1_900_000_000), TokenData::new("käse", "s", "Ag\"ü", 5)];
        for namespace in ["DEFAULT", "user/ada"] {
            kind.open(&path, namespace).store_token_data(ours.to_vec()).await.unwrap();
            let read = python(&["read", kind.name(), text(&path), namespace]);
            let read: Vec<TokenData> = serde_json::from_str(&read).unwrap();
            assert_eq!(read, ours, "{kind:?}");
        }
        // And goes on from there.
        python(&["write", kind.name(), text(&path), "user/ada", &records(&[full("b", 7)])]);
        let stored = kind.open(&path, "user/ada").get_token_data_by_resource_server().await.unwrap();
        assert_eq!(stored["b"], full("b", 7));
        assert_eq!(stored["a"], ours[0]);
        assert_eq!(python(&["remove", kind.name(), text(&path), "user/ada", "a"]).trim(), "True");
        assert_eq!(kind.open(&path, "user/ada").get_token_data("a").await.unwrap(), None);
        assert_eq!(kind.open(&path, "DEFAULT").get_token_data("a").await.unwrap(), Some(ours[0].clone()));
    }
}

/// One login for apps of both SDKs, whoever made it, also after the other one has renewed it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs GLOBUS_PYTHON"]
async fn an_app_goes_on_with_the_login_of_the_other() {
    for ours_first in [true, false] {
        let builder = Emulator::builder().approve_logins(true).rotate_refresh_tokens(true);
        let emulator = builder.token_lifetime(Duration::from_secs(90)).start().await.unwrap();
        let (_folder, path) = folder_and_path(Kind::Json);
        let (auth, transfer) = (emulator.service_url("auth"), emulator.service_url("transfer"));
        let theirs = |manager: &'static str| {
            let mut command = command(&["app-call", NATIVE, manager, text(&path)]);
            command.env("GLOBUS_SDK_SERVICE_URL_AUTH", &auth);
            command.env("GLOBUS_SDK_SERVICE_URL_TRANSFER", &transfer);
            async move {
                let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            }
        };
        let ours = |may_log_in| {
            let (_app, transfer, clock) =
                apps::app(&auth, &transfer, Kind::Json.open(&path, "DEFAULT"), may_log_in);
            async move {
                transfer.call().await;
                // Half a minute before it expires.
                clock.advance(Duration::from_secs(60));
                transfer.call().await;
            }
        };
        if ours_first {
            ours(true).await;
            theirs("nobody").await;
        } else {
            theirs("browser").await;
        }
        ours(false).await;
        theirs("nobody").await;
        ours(false).await;
        emulator.stop().await;
    }
}

fn records(tokens: &[TokenData]) -> String {
    serde_json::to_string(tokens).unwrap()
}

#[tokio::test]
#[ignore = "needs GLOBUS_PYTHON"]
async fn we_read_what_python_writes() {
    for &kind in Kind::ALL {
        let (_folder, path) = folder_and_path(kind);
        let theirs = [full("a", 1_900_000_000), TokenData::new("käse", "s", "Ag\"ü", 5)];
        python(&["write", kind.name(), text(&path), "DEFAULT", &records(&theirs)]);
        let storage = kind.open(&path, "DEFAULT");
        let stored = storage.get_token_data_by_resource_server().await.unwrap();
        assert_eq!(stored.into_values().collect::<Vec<_>>(), theirs, "{kind:?}");

        // And go on from there.
        let mut locked = storage.lock().await.unwrap();
        locked.renew(TokenData::new("a", "scope:a", "new", 1_900_000_001));
        locked.remove("käse");
        locked.commit().await.unwrap();
        let read: Vec<TokenData> =
            serde_json::from_str(&python(&["read", kind.name(), text(&path), "DEFAULT"])).unwrap();
        let expected = TokenData::new("a", "scope:a", "new", 1_900_000_001)
            .with_refresh_token(Secret::new("refresh-a-1900000000"))
            .with_identity_id(Some(IDENTITY.parse().unwrap()));
        assert_eq!(read, [expected]);
    }
}

#[tokio::test]
#[ignore = "needs GLOBUS_PYTHON"]
async fn we_read_what_older_python_programs_wrote() {
    for &kind in Kind::ALL {
        let (_folder, path) = folder_and_path(kind);
        let namespace = if kind == Kind::Json { "DEFAULT" } else { "userprofile/production" };
        python(&["write-legacy", kind.name(), text(&path), namespace, &records(&[full("a", 6)])]);
        let storage = kind.open(&path, namespace);
        let stored = storage.get_token_data("a").await.unwrap().unwrap();
        // They did not keep who logged in.
        assert_eq!(stored, token("a", 6), "{kind:?}");
        storage.store_token_data(vec![token("b", 7)]).await.unwrap();
        let read: Vec<TokenData> =
            serde_json::from_str(&python(&["read", kind.name(), text(&path), namespace])).unwrap();
        assert_eq!(read, [token("a", 6), token("b", 7)]);
    }
}

#[cfg(unix)]
#[test]
#[ignore = "needs GLOBUS_PYTHON"]
fn apps_find_the_same_files() {
    let home = tempfile::tempdir().unwrap();
    let client = "61338d24-54d5-408f-a10d-66c06b59f6d2";
    let names = [
        "My App",
        "a.b c?<>:\"/\\|*",
        "CON",
        "com7",
        "com77",
        "ÄÖÜ ẞ",
        "zero\u{200b}width",
        "nb\u{a0}sp",
        "private\u{e000}",
        "e\u{301}",
        "\u{301}first",
        "it's",
        "コンソール",
        "🦀 crab",
        "tab\tbed",
        "..",
        "\u{7f}",
    ];
    for environment in ["production", "sandbox"] {
        let mut theirs = command(&["app-paths", client, environment, &names.join("\n")]);
        let output = theirs.env("HOME", home.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let theirs = String::from_utf8(output.stdout).unwrap();
        let mut ours = child::command(
            "app-paths",
            &[("CLIENT", client), ("ENVIRONMENT", environment), ("NAMES", &names.join("\n"))],
        );
        let ours = child::finish(ours.env("HOME", home.path()).spawn().unwrap());
        assert_eq!(theirs.lines().collect::<Vec<_>>(), ours);
        assert_eq!(ours.iter().filter(|path| *path == "refused").count(), 3);
    }
}

/// Python writes JSON files in place and without a lock, so that only reading can be safe there.
#[tokio::test]
#[ignore = "needs GLOBUS_PYTHON"]
async fn both_work_at_the_same_time() {
    for &kind in Kind::ALL {
        let (_folder, path) = folder_and_path(kind);
        let storage = kind.open(&path, "DEFAULT");
        let many: Vec<_> = (0..100).map(|n| full(&format!("old-{n}"), n)).collect();
        storage.store_token_data(many).await.unwrap();
        let mut python = command(&["write-often", kind.name(), text(&path), "DEFAULT"]).spawn().unwrap();
        let mut writes = 0;
        while python.try_wait().unwrap().is_none() {
            storage.get_token_data("old-1").await.unwrap();
            if kind != Kind::Json {
                storage.store_token_data(vec![token("ours", writes)]).await.unwrap();
                writes += 1;
            }
            // Whoever writes to an SQLite database without a pause locks others out, whatever they are written in.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let output = python.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let stored = storage.get_token_data_by_resource_server().await.unwrap();
        assert_eq!(stored.keys().filter(|name| name.starts_with("old-")).count(), 100, "{kind:?}");
        assert_eq!(stored["python"].expires_at_seconds, 299);
        assert!(kind == Kind::Json || writes > 0);
        assert_eq!(stored.get("ours").map_or(0, |token| token.expires_at_seconds + 1), writes);
    }
}
