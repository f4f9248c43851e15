//! Logins with a code to paste.

use std::{
    io::{self, BufReader, PipeWriter, Write},
    time::Duration,
};

use globus_auth::{
    ErrorKind, LoginError,
    login::{CommandLineLoginFlowManager, LoginFlowManager},
    oauth_error,
};
use globus_core::test_util::{ManualClock, ReplayTransport};
use globus_emulator::Emulator;
use tokio::time::{sleep, timeout};

use super::{Screen, confidential_client, native_client, parameter, run};
use crate::{
    common::{TRANSFER, grants, noon, refuses},
    emulator::{PORTAL, confidential, native, press},
};

/// A manager whose user types into a pipe.
fn terminal() -> (CommandLineLoginFlowManager, Screen, PipeWriter) {
    let (reader, keyboard) = io::pipe().unwrap();
    let screen = Screen::default();
    (CommandLineLoginFlowManager::with_io(BufReader::new(reader), screen.clone()), screen, keyboard)
}

#[tokio::test]
async fn a_user_opens_the_address_and_pastes_the_code() {
    let emulator = Emulator::builder().redirect_uri(PORTAL).start().await.unwrap();
    let native = native(&emulator, &ManualClock::at(noon())).into();
    let confidential = confidential(&emulator).into();
    for (client, redirect_uri) in [(native, None), (confidential, Some(PORTAL))] {
        let (mut manager, screen, mut keyboard) = terminal();
        if let Some(uri) = redirect_uri {
            manager = manager.redirect_uri(uri);
        }
        let user = async {
            let location = press(screen.url().await, "allow").await;
            let code = parameter(&location.parse().unwrap(), "code").unwrap();
            writeln!(keyboard, "\n  {code} ").unwrap();
        };
        // One thread: if reading blocked it, the user could never type.
        let (tokens, ()) = tokio::join!(run(&manager, &client), user);
        assert!(tokens.unwrap().by_resource_server(TRANSFER).is_some());
        assert_eq!(screen.text().matches("Paste the code").count(), 2, "an empty line is no answer");
    }
}

#[tokio::test]
async fn the_end_of_the_input_is_an_error_of_its_own() {
    let replay = ReplayTransport::default();
    for input in ["", "\n \n"] {
        let manager = CommandLineLoginFlowManager::with_io(input.as_bytes(), io::sink());
        let error = run(&manager, &native_client(&replay)).await.unwrap_err();
        assert_eq!(LoginError::from_error(&error), Some(&LoginError::InputEnded));
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(!error.is_retryable());
    }
    assert_eq!(replay.requests().len(), 0);
}

#[tokio::test]
async fn a_terminal_that_breaks_is_told() {
    struct Broken;
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is full"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("hung up"))
        }
    }
    let client = native_client(&ReplayTransport::default());
    let mute = CommandLineLoginFlowManager::with_io("C1\n".as_bytes(), Broken);
    let deaf = CommandLineLoginFlowManager::with_io(BufReader::new(Broken), io::sink());
    let binary = CommandLineLoginFlowManager::with_io(&b"C\xff\n"[..], io::sink());
    for (manager, expected) in [
        (mute, "nobody can be asked to log in: the address cannot be shown: the disk is full"),
        (deaf, "nobody can be asked to log in: the code cannot be read: hung up"),
        (binary, "nobody can be asked to log in: the code cannot be read: it is not valid UTF-8"),
    ] {
        let error = run(&manager, &client).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(matches!(LoginError::from_error(&error), Some(LoginError::Terminal { .. })));
    }
    let confidential = confidential_client(&ReplayTransport::default());
    let error = run(&CommandLineLoginFlowManager::new(), &confidential).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_wrong_code_is_refused_by_globus_auth() {
    let manager = CommandLineLoginFlowManager::with_io("nonsense\n".as_bytes(), io::sink());
    let error = run(&manager, &native_client(&ReplayTransport::new([refuses()]))).await.unwrap_err();
    assert_eq!(oauth_error(&error), Some("invalid_grant"));
}

#[tokio::test]
async fn a_login_that_was_cancelled_takes_nothing_from_the_next_one() {
    let (manager, screen, mut keyboard) = terminal();
    let cancelled = async |manager: &CommandLineLoginFlowManager| {
        let client = native_client(&ReplayTransport::default());
        timeout(Duration::from_millis(50), run(manager, &client)).await.unwrap_err();
    };
    // Typed after the second login began: its answer, though the first one's thread reads it.
    cancelled(&manager).await;
    let replay = ReplayTransport::new([grants("A1"), grants("A2")]);
    let client = native_client(&replay);
    let shown = screen.text().len();
    let user = async {
        while screen.text().len() == shown {
            sleep(Duration::from_millis(5)).await;
        }
        writeln!(keyboard, "C1").unwrap();
    };
    let (tokens, ()) = tokio::join!(run(&manager, &client), user);
    tokens.unwrap();
    assert!(replay.requests()[0].text().contains("code=C1"));

    // Typed between the two: the answer to neither.
    cancelled(&manager).await;
    writeln!(keyboard, "OLD").unwrap();
    sleep(Duration::from_millis(300)).await;
    let shown = screen.text().len();
    let user = async {
        while screen.text().len() == shown {
            sleep(Duration::from_millis(5)).await;
        }
        writeln!(keyboard, "C2").unwrap();
    };
    let (tokens, ()) = tokio::join!(run(&manager, &client), user);
    tokens.unwrap();
    assert!(replay.requests()[1].text().contains("code=C2"));
}

#[tokio::test]
async fn only_a_terminal_is_interactive() {
    assert!(terminal().0.is_interactive());
    let debug = format!("{:?}", terminal().0.redirect_uri("https://portal.example.org/"));
    assert!(debug.contains("portal.example.org"), "{debug}");
}
