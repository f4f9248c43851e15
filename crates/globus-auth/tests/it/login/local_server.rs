//! Logins in the browser of this machine.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use globus_auth::{
    ErrorKind, LoginError,
    login::{LocalServerLoginFlowManager, LoginFlowManager},
    oauth_error,
};
use globus_core::test_util::{ManualClock, ReplayTransport};
use globus_emulator::Emulator;
use tokio::runtime::Handle;
use url::Url;

use super::{Screen, confidential_client, native_client, parameter, run};
use crate::{
    common::{TRANSFER, grants, noon, refuses},
    emulator::{native, press},
};

/// The address of the port that waits for the browser.
fn port(login: &Url) -> String {
    let redirect_uri = parameter(login, "redirect_uri").unwrap();
    redirect_uri.strip_prefix("http://").unwrap().to_owned()
}

/// Sends what nobody says is HTTP, and gives the answer as it came.
fn send(login: &Url, bytes: &[u8]) -> io::Result<String> {
    let mut stream = TcpStream::connect(port(login))?;
    stream.write_all(bytes)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn get(login: &Url, target: &str) -> io::Result<String> {
    send(login, format!("GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", port(login)).as_bytes())
}

/// The target that ends this login.
fn answer(login: &Url, parameters: &str) -> String {
    format!("/?{parameters}&state={}", parameter(login, "state").unwrap())
}

fn manager(browser: impl Fn(&Url) -> io::Result<()> + Send + Sync + 'static) -> LocalServerLoginFlowManager {
    LocalServerLoginFlowManager::new().timeout(Duration::from_secs(60)).browser(browser).notices(io::sink())
}

/// A browser that visits the consent page of the emulator and presses a button; and what it shows in the end.
fn browser(decision: &'static str) -> (LocalServerLoginFlowManager, mpsc::Receiver<String>) {
    let (sender, shown) = mpsc::channel();
    let handle = Handle::current();
    let open = move |login: &Url| {
        let callback: Url = handle.block_on(press(login.clone(), decision)).parse().unwrap();
        sender.send(get(login, &format!("/?{}", callback.query().unwrap()))?).map_err(io::Error::other)
    };
    (manager(open), shown)
}

#[tokio::test]
async fn a_user_agrees_in_the_browser() {
    let emulator = Emulator::builder().start().await.unwrap();
    let (manager, shown) = browser("allow");
    let client = native(&emulator, &ManualClock::at(noon())).into();
    let tokens = run(&manager, &client).await.unwrap();
    assert!(tokens.by_resource_server(TRANSFER).is_some());
    let page = shown.recv().unwrap();
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("<h1>Login successful</h1>"), "{page}");
    for header in ["Cache-Control: no-store", "Referrer-Policy: no-referrer", "default-src 'none'"] {
        assert!(page.contains(header), "{page}");
    }
}

#[tokio::test]
async fn who_sees_no_window_finds_the_address() {
    let screen = Screen::default();
    let manager = manager(|_| Ok(())).notices(screen.clone());
    let client = native_client(&ReplayTransport::new([grants("A1")]));
    let by_hand = async {
        let login = screen.url().await;
        let visited = login.clone();
        let target = answer(&login, "code=C1");
        tokio::task::spawn_blocking(move || get(&visited, &target)).await.unwrap().unwrap();
        login
    };
    let (tokens, login) = tokio::join!(run(&manager, &client), by_hand);
    tokens.unwrap();
    // Nobody is there any more.
    assert!(TcpStream::connect(port(&login)).is_err());
}

#[tokio::test]
async fn a_user_declines_in_the_browser() {
    let emulator = Emulator::builder().start().await.unwrap();
    let (manager, shown) = browser("deny");
    let error = run(&manager, &native(&emulator, &ManualClock::at(noon())).into()).await.unwrap_err();
    let Some(LoginError::Denied { error, .. }) = LoginError::from_error(&error) else { panic!("{error}") };
    assert_eq!(error, "access_denied");
    let page = shown.recv().unwrap();
    assert!(page.contains("<h1>Login failed</h1>") && page.contains("access_denied"), "{page}");
}

#[tokio::test]
async fn the_page_tells_what_globus_auth_says() {
    let (sender, shown) = mpsc::channel();
    let open =
        move |login: &Url| sender.send(get(login, &answer(login, "code=C1"))?).map_err(io::Error::other);
    let client = native_client(&ReplayTransport::new([refuses()]));
    let error = run(&manager(open), &client).await.unwrap_err();
    assert_eq!(oauth_error(&error), Some("invalid_grant"));
    let page = shown.recv().unwrap();
    assert!(page.contains("<h1>Login failed</h1>") && page.contains("invalid_grant"), "{page}");
}

#[tokio::test]
async fn other_requests_are_answered_and_change_nothing() {
    let replay = ReplayTransport::new([grants("A1")]);
    let answers = Arc::new(Mutex::new(Vec::new()));
    let statuses = Arc::clone(&answers);
    let open = move |login: &Url| {
        let huge = format!("GET / HTTP/1.1\r\nCookie: {}\r\n\r\n", "x".repeat(100_000));
        let right = answer(login, "code=C1");
        // Clients that say nothing, or begin and stop, and those that go away at once.
        let mut slow = Vec::new();
        for begin in ["", "G", "GET / HTTP/1.1\r\n", &format!("GET {right} HTTP/1.1\r\n\r")].repeat(5) {
            let mut stream = TcpStream::connect(port(login))?;
            stream.write_all(begin.as_bytes())?;
            slow.push(stream);
        }
        drop(TcpStream::connect(port(login))?);
        for (request, status) in [
            ("GET / HTTP/1.1\r\n\r\n", "400"),
            ("GET /?code=C9 HTTP/1.1\r\n\r\n", "400"),
            ("GET /?code=C9&state=guessed HTTP/1.1\r\n\r\n", "400"),
            ("GET /?error=access_denied&state=guessed HTTP/1.1\r\n\r\n", "400"),
            ("GET /favicon.ico HTTP/1.1\r\n\r\n", "404"),
            (&format!("GET /x{right} HTTP/1.1\r\n\r\n"), "404"),
            (&format!("POST {right} HTTP/1.1\r\n\r\n"), "405"),
            (&format!("GET {right} HTTP/2.0\r\n\r\n"), "400"),
            ("GET\r\n\r\n", "400"),
            ("\u{16}\u{3}\u{1}\r\n\r\n", "400"),
        ] {
            let answer = send(login, request.as_bytes())?;
            statuses.lock().unwrap().push((request.to_owned(), status, answer));
        }
        // What is sent beyond the limit may meet a connection that is closed already.
        if let Ok(answer) = send(login, huge.as_bytes()) {
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
        }
        // Byte by byte is slow, but right.
        let mut stream = TcpStream::connect(port(login))?;
        for byte in format!("GET {right} HTTP/1.1\r\nHost: x\r\n\r\n").bytes() {
            stream.write_all(&[byte])?;
        }
        stream.read_to_string(&mut String::new())?;
        Ok(())
    };
    let start = Instant::now();
    run(&manager(open), &native_client(&replay)).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(5), "slow clients held the login up");
    for (request, status, answer) in answers.lock().unwrap().iter() {
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request:?}: {answer}");
        assert!(answer.contains("<html lang=\"en\">") && !answer.contains("C1"), "{request:?}: {answer}");
    }
    assert_eq!(replay.requests().len(), 1);
    assert!(replay.requests()[0].text().contains("code=C1"));
}

#[tokio::test]
async fn clients_that_stay_are_sent_away_in_the_end() {
    let open = move |login: &Url| {
        let idle: Vec<_> =
            (0..40).map(|_| TcpStream::connect(port(login))).collect::<io::Result<Vec<TcpStream>>>()?;
        get(login, &answer(login, "code=C1"))?;
        drop(idle);
        Ok(())
    };
    run(&manager(open), &native_client(&ReplayTransport::new([grants("A1")]))).await.unwrap();
}

#[tokio::test]
async fn a_login_that_nobody_completes_ends() {
    let left = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&left);
    let open = move |login: &Url| {
        *seen.lock().unwrap() = Some(port(login));
        Ok(())
    };
    let manager = manager(open).timeout(Duration::from_millis(200));
    let error = run(&manager, &native_client(&ReplayTransport::default())).await.unwrap_err();
    let Some(LoginError::TimedOut { after }) = LoginError::from_error(&error) else { panic!("{error}") };
    assert_eq!(*after, Duration::from_millis(200));
    assert!(!error.is_retryable() && !error.is_timeout());
    let port = left.lock().unwrap().take().unwrap();
    assert!(TcpStream::connect(port).is_err(), "the port is given back");
}

#[tokio::test]
async fn a_browser_that_does_not_start_is_told() {
    let client = native_client(&ReplayTransport::default());
    let screen = Screen::default();
    let broken = manager(|_| Err(io::Error::other("no such program"))).notices(screen.clone());
    let error = run(&broken, &client).await.unwrap_err();
    assert_eq!(error.to_string(), "no browser can be opened for the login: no such program");
    assert_eq!(screen.text(), "", "an address at which nobody waits is of no use");
    let error = run(&manager(|_| panic!("a bug of the application")), &client).await.unwrap_err();
    assert!(matches!(LoginError::from_error(&error), Some(LoginError::NoBrowser { .. })), "{error}");
}

#[tokio::test]
async fn a_client_with_a_secret_is_refused() {
    let opened = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&opened);
    let manager = manager(move |_| {
        seen.store(true, Ordering::SeqCst);
        Ok(())
    });
    assert!(manager.is_interactive());
    let error = run(&manager, &confidential_client(&ReplayTransport::default())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(!opened.load(Ordering::SeqCst));
}
