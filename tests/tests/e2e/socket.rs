//! A service that answers what the test says, byte by byte.

use std::sync::{Arc, Mutex};

use globus::{core::ServiceClient, prelude::*};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::lab::{config_at, swift};

/// What becomes of a request.
#[derive(Clone)]
pub(crate) enum Manner {
    /// These bytes, then the connection is closed.
    Say(Vec<u8>),
    /// The connection is reset.
    Reset,
    /// Nothing, ever.
    Silence,
}

/// An address, and the heads of the requests that came to it.
pub(crate) struct Socket {
    pub(crate) place: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Socket {
    pub(crate) async fn open(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap().to_string();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let heads = Arc::clone(&seen);
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let head = head(&mut socket).await;
                heads.lock().unwrap().push(head);
                match &manner {
                    Manner::Say(bytes) => {
                        let _ = socket.write_all(bytes).await;
                        let _ = socket.shutdown().await;
                    }
                    Manner::Reset => socket.set_zero_linger().unwrap(),
                    Manner::Silence => silent.push(socket),
                }
            }
        });
        Self { place, seen }
    }

    /// An address where nobody listens.
    pub(crate) async fn nobody() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { place: listener.local_addr().unwrap().to_string(), seen: Arc::default() }
    }

    /// Answers with a status line, headers and a body.
    pub(crate) async fn saying(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}");
        Self::open(Manner::Say(text.into_bytes())).await
    }

    pub(crate) async fn json(body: &str) -> Self {
        Self::saying("200 OK", "content-type: application/json\r\n", body).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.place)
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// A client that sends a token there.
    pub(crate) fn client<C: ServiceClient>(&self) -> C {
        C::builder()
            .config(config_at(&[(C::SERVICE, self.url())]))
            .authorizer(AccessTokenAuthorizer::new("AgSecretToken"))
            .retry(swift())
            .build()
            .unwrap()
    }

    pub(crate) fn transfer(&self) -> TransferClient {
        self.client()
    }
}

/// Reads a request up to the end of its head.
async fn head(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
        if socket.read_buf(&mut bytes).await.unwrap() == 0 {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
