//! The command: what it prints, what it writes, how it ends. It is ended by signals, so these are for Unix.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use crate::client::{CLIENT, SECRET, authorize_path, basic, bearer, encode, send, value};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_globus-emulator"));
    command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn ready(file: &Path) -> Value {
    let wait = async {
        loop {
            match std::fs::read(file) {
                // It is renamed into place, so it is whole as soon as it is there.
                Ok(bytes) => return serde_json::from_slice(&bytes).unwrap(),
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the emulator did not get ready")
}

async fn end(mut child: Child, signal: &str) -> (i32, String) {
    let id = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    let status = tokio::time::timeout(Duration::from_secs(10), child.wait()).await.unwrap().unwrap();
    let mut printed = String::new();
    child.stdout.take().unwrap().read_to_string(&mut printed).await.unwrap();
    (status.code().unwrap(), printed)
}

#[tokio::test]
async fn it_runs_serves_and_ends_when_told() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ready.json");
    std::fs::write(&file, "stale").unwrap();
    std::fs::remove_file(&file).unwrap();
    for signal in ["INT", "TERM"] {
        let lab = format!("lab={}", directory.path().display());
        let client = format!("{CLIENT}:{SECRET}");
        let child = command()
            .args(["--collection", &lab, "--client", &client, "--token-lifetime", "77", "--ready-file"])
            .arg(&file)
            .spawn()
            .unwrap();
        let document = ready(&file).await;
        assert_eq!((&document["client_id"], &document["client_secret"]), (&CLIENT.into(), &SECRET.into()));
        let root = directory.path().canonicalize().unwrap();
        assert_eq!(document["collections"]["lab"]["path"], root.to_str().unwrap());
        assert!(document["collections"]["lab"]["id"].is_string());

        let auth = document["services"]["auth"].as_str().unwrap();
        let address = auth.strip_prefix("http://").unwrap().strip_suffix("/auth/").unwrap();
        let form = encode(&[("grant_type", "client_credentials"), ("scope", "openid")]);
        let headers = [
            ("Authorization", &*basic(CLIENT, SECRET)),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let reply =
            send(address.parse().unwrap(), "POST", "/auth/v2/oauth2/token", &headers, form.as_bytes());
        assert_eq!(reply.await.unwrap().expect(200)["expires_in"], 77);

        let (code, printed) = end(child, signal).await;
        assert_eq!(code, 0, "{signal}");
        assert_eq!(
            printed,
            format!(
                "export GLOBUS_SDK_SERVICE_URL_AUTH={auth}\n\
                 export GLOBUS_SDK_SERVICE_URL_TRANSFER=http://{address}/transfer/\n\
                 export GLOBUS_SDK_SERVICE_URL_FLOWS=http://{address}/flows/\n\
                 export GLOBUS_SDK_SERVICE_URL_GROUPS=http://{address}/groups/\n\
                 export GLOBUS_CLIENT_ID={CLIENT}\n\
                 export GLOBUS_CLIENT_SECRET={SECRET}\n\
                 export GLOBUS_CLI_CLIENT_ID={CLIENT}\n\
                 export GLOBUS_CLI_CLIENT_SECRET={SECRET}\n\
                 export GLOBUS_COLLECTION_LAB={}\n",
                document["collections"]["lab"]["id"].as_str().unwrap()
            )
        );
        assert!(!file.exists(), "the ready file outlived the emulator");
    }
}

#[tokio::test]
async fn only_the_owner_reads_the_ready_file_and_a_stale_one_goes() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ready.json");
    std::fs::write(&file, "{\"stale\": true}").unwrap();
    let child = command().arg("--ready-file").arg(&file).spawn().unwrap();
    let fresh = async {
        loop {
            let document = ready(&file).await;
            if document.get("stale").is_none() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), fresh).await.unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    assert_eq!(end(child, "TERM").await.0, 0);
}

#[tokio::test]
async fn every_option_reaches_the_emulator() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ready.json");
    let uri = "https://portal.example.org/cb";
    let mut child = command()
        .args(["--client", &format!("{CLIENT}:{SECRET}"), "--redirect-uri", uri, "--user", "ada@example.org"])
        .args(["--group", "Lab=ada@example.org,bob@example.org"])
        .args([
            "--approve-logins",
            "--rotate-refresh-tokens",
            "--listen",
            "0.0.0.0:0",
            "--allow-non-loopback",
        ])
        .args(["--verbose", "--ready-file"])
        .arg(&file)
        .spawn()
        .unwrap();
    let document = ready(&file).await;
    let address = document["services"]["auth"].as_str().unwrap();
    let address = address.strip_prefix("http://").unwrap().strip_suffix("/auth/").unwrap().parse().unwrap();
    let pkce = [("code_challenge", ""), ("code_challenge_method", ""), ("access_type", "offline")];
    let request =
        [&pkce[..], &[("client_id", CLIENT), ("redirect_uri", uri), ("scope", "openid profile")]].concat();
    let reply = send(address, "GET", &authorize_path(&request), &[], b"").await.unwrap();
    let (_, parameters) = reply.redirect();

    let authorization = basic(CLIENT, SECRET);
    let headers = [("Authorization", &*authorization), ("Content-Type", "application/x-www-form-urlencoded")];
    let token = async |fields: &[(&str, &str)]| {
        let form = encode(fields);
        send(address, "POST", "/auth/v2/oauth2/token", &headers, form.as_bytes()).await.unwrap().expect(200)
    };
    let code = ("code", value(&parameters, "code").unwrap());
    let login = token(&[("grant_type", "authorization_code"), code, ("redirect_uri", uri)]).await;
    let access = bearer(login["access_token"].as_str().unwrap());
    let userinfo = send(address, "GET", "/auth/v2/oauth2/userinfo", &[("Authorization", &access)], b"").await;
    assert_eq!(userinfo.unwrap().expect(200)["preferred_username"], "ada@example.org");
    let refresh = login["refresh_token"].as_str().unwrap();
    let refreshed = token(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_ne!(refreshed["refresh_token"], refresh);

    let state = send(address, "GET", "/_emulator/state", &[], b"").await.unwrap().expect(200);
    let group = &state["auth"]["groups"][0];
    assert_eq!((&group["name"], group["memberships"].as_array().unwrap().len()), (&json!("Lab"), 2));

    let mut stderr = child.stderr.take().unwrap();
    assert_eq!(end(child, "TERM").await.0, 0);
    let mut log = String::new();
    stderr.read_to_string(&mut log).await.unwrap();
    assert_eq!(log.lines().filter(|line| line.contains(" request ")).count(), 5, "{log}");
    assert!(!log.contains(refresh) && !log.contains(SECRET) && !log.contains(code.1), "{log}");
}

#[tokio::test]
async fn the_shell_reads_back_what_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ready.json");
    let secret = "a'b$HOME\"c;d";
    let child = command()
        .args(["--client", &format!("{CLIENT}:{secret}"), "--ready-file"])
        .arg(&file)
        .spawn()
        .unwrap();
    ready(&file).await;
    let (_, printed) = end(child, "INT").await;
    let script = format!("{printed}\nprintf %s \"$GLOBUS_CLIENT_SECRET\"");
    let shell = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8(shell.stdout).unwrap(), secret);
}

#[tokio::test]
async fn a_command_runs_on_it_and_says_how_it_ends() {
    let directory = tempfile::tempdir().unwrap();
    let run = async |script: &str| {
        let lab = format!("the lab={}", directory.path().display());
        let arguments = ["--collection", &lab, "--client", &format!("{CLIENT}:{SECRET}"), "--"];
        let child = command().args(arguments).args(["sh", "-c", script, "sh", "a b"]).output();
        let output = tokio::time::timeout(Duration::from_secs(20), child).await.unwrap().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, printed) = run(
        "echo $1 $GLOBUS_CLIENT_ID $GLOBUS_CLI_CLIENT_SECRET ${GLOBUS_SDK_SERVICE_URL_FLOWS%%:*} ${#GLOBUS_COLLECTION_THE_LAB}
         exit 7",
    )
    .await;
    assert_eq!((code, printed), (7, format!("a b {CLIENT} {SECRET} http 36\n")));
    assert_eq!(run("kill -9 $$").await.0, 128 + 9);

    let child = command()
        .args(["--", "sh", "-c", "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done"])
        .spawn();
    let mut child = child.unwrap();
    let mut first = [0; 6];
    child.stdout.as_mut().unwrap().read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"ready\n");
    assert_eq!(end(child, "TERM").await, (3, "bye\n".to_owned()));
}

#[tokio::test]
async fn what_cannot_work_is_one_line_and_exit_code_two() {
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = busy.local_addr().unwrap().to_string();
    let cases: [(&[&str], &str); 13] = [
        (&["--collection", "lab=/no/such/directory"], "cannot use directory /no/such/directory"),
        (&["--collection", "lab"], "--collection \"lab\": write NAME=DIR"),
        (&["--collection", "=/tmp"], "write NAME=DIR"),
        (&["--listen", &port], "cannot listen on"),
        (&["--listen", "nowhere"], "--listen \"nowhere\""),
        (&["--listen", "0.0.0.0:0"], "not a loopback address"),
        (&["--client", "hush"], "--client: write ID:SECRET"),
        (&["--client", ":hush"], "--client: write ID:SECRET"),
        (&["--client", "not-a-uuid:hush"], "the id is not a UUID"),
        (&["--group", "Lab"], "--group \"Lab\": write NAME=USERNAME"),
        (&["--token-lifetime", "soon"], "--token-lifetime \"soon\""),
        (&["--", "/no/such/program", "hush"], "cannot run /no/such/program: No such file"),
        (&["--ready-file", "/no/such/directory/ready"], "cannot write ready file"),
    ];
    for (arguments, part) in cases {
        let output: Output = command().args(arguments).output().await.unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(message.starts_with("globus-emulator: ") && message.contains(part), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(!message.contains("hush"), "{message}");
    }
    let unknown = command().arg("--no-such-option").output().await.unwrap();
    assert_eq!(unknown.status.code(), Some(2));
}
