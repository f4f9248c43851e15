//! As much of an HTTP server as one answer of a browser needs.
//!
//! Anybody on this machine, and any web page in its browsers, may send requests to the port: what they send is small,
//! is read within seconds, and changes nothing without the state of the login.

use std::{
    fmt::Write as _,
    future::Future,
    io,
    net::Ipv4Addr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use globus_core::{Error, Secret};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::page::page;
use crate::{LoginError, flow::callback};

/// The most that a request may hold before its body. The answer of Globus Auth is far smaller.
const LONGEST_HEAD: usize = 16 * 1024;

/// The time that a client has for its request, and again for taking the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The time for a client that has its answer to close the connection.
const LINGER: Duration = Duration::from_secs(1);

/// The most connections at once; further ones wait. Browsers open several, some of which they never use.
const CONNECTIONS: usize = 32;

/// Waits for the browser at a port of this machine.
pub(super) struct Listener {
    socket: TcpListener,
    redirect_uri: String,
    connections: Vec<Connection>,
}

type Connection = Pin<Box<dyn Future<Output = Option<Visit>> + Send>>;

/// The browser that came back, and waits for a page.
pub(super) struct Visit {
    pub(super) callback: Secret,
    stream: TcpStream,
}

impl Listener {
    pub(super) async fn bind() -> Result<Self, LoginError> {
        let bound = async {
            let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let port = socket.local_addr()?.port();
            Ok(Self { socket, redirect_uri: format!("http://127.0.0.1:{port}"), connections: Vec::new() })
        };
        bound.await.map_err(|error: io::Error| LoginError::Listen { problem: error.to_string() })
    }

    pub(super) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Serves whoever comes, until it is the browser with the answer to the login that has this state. All
    /// connections are worked on in the caller's task, so that nothing is left of them when it goes.
    pub(super) fn poll_visit(
        &mut self,
        state: &Secret,
        context: &mut Context<'_>,
    ) -> Poll<Result<Visit, LoginError>> {
        loop {
            let mut index = 0;
            while let Some(connection) = self.connections.get_mut(index) {
                match connection.as_mut().poll(context) {
                    Poll::Pending => index += 1,
                    Poll::Ready(visit) => {
                        drop(self.connections.swap_remove(index));
                        if let Some(visit) = visit {
                            return Poll::Ready(Ok(visit));
                        }
                    }
                }
            }
            if self.connections.len() == CONNECTIONS {
                return Poll::Pending;
            }
            match self.socket.poll_accept(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok((stream, _))) => {
                    self.connections.push(Box::pin(serve(stream, state.clone())));
                }
                // Who went away again before they were let in.
                Poll::Ready(Err(error)) if is_of_the_peer(&error) => {}
                Poll::Ready(Err(error)) => {
                    return Poll::Ready(Err(LoginError::Listen { problem: error.to_string() }));
                }
            }
        }
    }
}

fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

impl Visit {
    /// Shows how the login ended.
    pub(super) async fn tell(mut self, result: Result<(), &Error>) {
        let page = match result {
            Ok(()) => page(
                "Login successful",
                "You can close this page now, and go back to the program that asked for it.",
            ),
            Err(error) => page("Login failed", &format!("{error}.")),
        };
        respond(&mut self.stream, "200 OK", &page).await;
    }
}

/// Reads one request. Gives it back when it is the answer to the login, and answers it otherwise.
async fn serve(mut stream: TcpStream, state: Secret) -> Option<Visit> {
    let (status, message) = match timeout(PATIENCE, read_target(&mut stream)).await {
        Ok(Ok(target)) => match callback::code(&target, &state) {
            Ok(_) | Err(LoginError::Denied { .. }) => {
                return Some(Visit { callback: Secret::new(target), stream });
            }
            Err(error) => ("400 Bad Request", format!("This is not what the program waits for: {error}.")),
        },
        Ok(Err(Refusal::Gone)) => return None,
        Ok(Err(Refusal::Status(status))) => (status, "There is nothing else here.".to_owned()),
        Err(_) => ("408 Request Timeout", "The request did not come to an end.".to_owned()),
    };
    respond(&mut stream, status, &page("Not the answer to a login", &message)).await;
    None
}

#[derive(Debug, PartialEq)]
enum Refusal {
    /// Nobody is there any more.
    Gone,
    Status(&'static str),
}

/// Reads as far as the body, and gives the target of a request for the one page that there is.
async fn read_target(mut stream: impl AsyncRead + Unpin) -> Result<String, Refusal> {
    let mut head = Vec::with_capacity(1024);
    loop {
        let before = head.len();
        match stream.read_buf(&mut head).await {
            Ok(0) | Err(_) => return Err(Refusal::Gone),
            Ok(_) => {}
        }
        // The end may be split over two reads.
        if head[before.saturating_sub(3)..].windows(4).any(|end| end == b"\r\n\r\n") {
            break;
        }
        if head.len() >= LONGEST_HEAD {
            return Err(Refusal::Status("431 Request Header Fields Too Large"));
        }
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = std::str::from_utf8(line).map_err(|_| Refusal::Status("400 Bad Request"))?;
    let mut words = line.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("GET"), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) => {
            let path = target.split('?').next();
            if path == Some("/") { Ok(target.to_owned()) } else { Err(Refusal::Status("404 Not Found")) }
        }
        (Some(_), Some(_), Some("HTTP/1.1" | "HTTP/1.0"), None) => {
            Err(Refusal::Status("405 Method Not Allowed"))
        }
        _ => Err(Refusal::Status("400 Bad Request")),
    }
}

/// Sends a page, and waits until it was taken. Whether it was makes no difference to the login.
async fn respond(stream: &mut TcpStream, status: &str, page: &str) {
    let mut answer = format!("HTTP/1.1 {status}\r\n");
    let _ = write!(answer, "Content-Length: {}\r\n", page.len());
    answer.push_str(
        "Content-Type: text/html; charset=utf-8\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
         Cache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\n\
         Allow: GET\r\n\
         Connection: close\r\n\r\n",
    );
    answer.push_str(page);
    let send = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    };
    if !matches!(timeout(PATIENCE, send).await, Ok(Ok(()))) {
        return;
    }
    // To close with bytes unread would take the page back.
    let drain = async {
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
    };
    let _ = timeout(LINGER, drain).await;
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use proptest::prelude::*;

    use super::*;

    /// Reads what comes in these pieces; nothing has to be waited for.
    fn read(pieces: &[&[u8]]) -> Result<String, Refusal> {
        let stream = pieces.iter().fold(Box::new(&b""[..]) as Box<dyn AsyncRead + Unpin>, |before, piece| {
            Box::new(before.chain(std::io::Cursor::new(piece.to_vec())))
        });
        let mut reading = Box::pin(read_target(stream));
        match reading.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(read) => read,
            Poll::Pending => panic!("there is nothing to wait for"),
        }
    }

    #[test]
    fn a_request_may_come_in_pieces() {
        let request = b"GET /?code=C1&state=S1 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n";
        for middle in 0..=request.len() {
            let (first, second) = request.split_at(middle);
            assert_eq!(read(&[first, second]), Ok("/?code=C1&state=S1".to_owned()), "cut at {middle}");
            if !second.is_empty() {
                assert_eq!(read(&[first]), Err(Refusal::Gone), "ends at {middle}");
            }
        }
    }

    #[test]
    fn a_request_has_an_end_in_time() {
        let header = format!("X: {}", "x".repeat(LONGEST_HEAD));
        let request = format!("GET / HTTP/1.1\r\n{header}\r\n\r\n");
        let too_long = Err(Refusal::Status("431 Request Header Fields Too Large"));
        let pieces: Vec<&[u8]> = request.as_bytes().chunks(1000).collect();
        assert_eq!(read(&pieces), too_long);
        // What fits may be as large as it likes behind its head.
        let body = [b"GET / HTTP/1.1\r\n\r\n".as_slice(), &vec![b'x'; 2 * LONGEST_HEAD]].concat();
        assert_eq!(read(&[&body]), Ok("/".to_owned()));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_refused_or_a_target(
            line in "[ -~]{0,40}", rest in proptest::collection::vec(any::<u8>(), 0..60), cut in 0..60_usize
        ) {
            let request = [line.as_bytes(), b"\r\n", &rest, b"\r\n\r\n"].concat();
            let (first, second) = request.split_at(cut.min(request.len()));
            if let Ok(target) = read(&[first, second]) {
                prop_assert!(target == "/" || target.starts_with("/?"), "{target}");
                prop_assert!(line.starts_with("GET /"), "{line}");
            }
        }
    }
}
