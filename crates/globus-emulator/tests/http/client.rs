//! A small HTTP client, and an emulator to talk to.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use globus_emulator::{CollectionSetup, Emulator, EmulatorBuilder};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const CLIENT: &str = "1b2c3d4e-0000-4000-8000-000000000001";
pub(crate) const SECRET: &str = "the-secret-of-the-client";
pub(crate) const NATIVE: &str = "61338d24-54d5-408f-a10d-66c06b59f6d2";
pub(crate) const TRANSFER: &str = "urn:globus:auth:scope:transfer.api.globus.org:all";
pub(crate) const FLOWS: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/all";
pub(crate) const VERIFIER: &str = "0123456789-0123456789-0123456789-0123456789";

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The document, which must be labelled as JSON.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"), "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The document of an answer that must have this status.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// The parameters of the redirect that the answer must be.
    pub(crate) fn redirect(&self) -> (String, Vec<(String, String)>) {
        assert_eq!(self.status, 302, "{}", self.text());
        let location = self.header("location").unwrap();
        let (target, query) = location.split_once('?').unwrap();
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
        (target.to_owned(), pairs.map(|(name, value)| (name.to_owned(), unescape(value))).collect())
    }
}

pub(crate) fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

pub(crate) fn encode(pairs: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        let escape_byte = |byte: u8| {
            if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        };
        text.bytes().map(escape_byte).collect::<Vec<_>>().concat()
    };
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    pairs.join("&")
}

/// Sends one request on a connection of its own. An answer that does not come is an error.
pub(crate) async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Reply> {
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        let _ = write!(head, "Host: {address}\r\n");
    }
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(head.as_bytes()).await?;
    // The server may answer and hang up before it has taken a body that is too large.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer).await;
    if answer.is_empty() {
        read?;
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Reply { status, head, body: answer[end + 4..].to_vec() })
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// A running emulator with one known client.
pub(crate) struct Server {
    pub(crate) emulator: Emulator,
}

impl Server {
    pub(crate) async fn start() -> Server {
        Server::with(|builder| builder).await
    }

    pub(crate) async fn with(change: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder) -> Server {
        let builder = change(Emulator::builder().client(CLIENT, SECRET));
        Server { emulator: builder.start().await.unwrap() }
    }

    pub(crate) async fn with_collection(directory: &Path) -> Server {
        Server::with(|builder| builder.collection_with(CollectionSetup::mapped("lab", directory))).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        send(self.emulator.address(), method, path, headers, body).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], b"").await
    }

    pub(crate) async fn get_with(&self, path: &str, authorization: &str) -> Reply {
        self.send("GET", path, &[("Authorization", authorization)], b"").await
    }

    /// Posts a form, authenticated if `authorization` is not empty.
    pub(crate) async fn form(&self, path: &str, authorization: &str, fields: &[(&str, &str)]) -> Reply {
        let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded")];
        if !authorization.is_empty() {
            headers.push(("Authorization", authorization));
        }
        self.send("POST", path, &headers, encode(fields).as_bytes()).await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, authorization: &str, body: &Value) -> Reply {
        let mut headers = vec![("Content-Type", "application/json")];
        if !authorization.is_empty() {
            headers.push(("Authorization", authorization));
        }
        self.send(method, path, &headers, body.to_string().as_bytes()).await
    }

    pub(crate) async fn token(&self, authorization: &str, fields: &[(&str, &str)]) -> Reply {
        self.form("/auth/v2/oauth2/token", authorization, fields).await
    }

    /// Gets an access token in the client's own name.
    pub(crate) async fn own_token(&self, scope: &str) -> String {
        let fields = [("grant_type", "client_credentials"), ("scope", scope)];
        let document = self.token(&basic(CLIENT, SECRET), &fields).await.expect(200);
        document["access_token"].as_str().unwrap().to_owned()
    }

    /// Opens the consent page as the native client and presses Allow.
    pub(crate) async fn allow(&self, more: &[(&str, &str)]) -> Reply {
        let page = self.get(&authorize_path(more)).await;
        self.decide(&page, "allow").await
    }

    /// Presses a button of a consent page, with the choice that it offers first.
    pub(crate) async fn decide(&self, page: &Reply, decision: &str) -> Reply {
        assert_eq!(page.status, 200, "{}", page.text());
        let html = page.text();
        let fields = [
            ("request", attribute(&html, "name=\"request\" value=\"")),
            ("identity", attribute(&html, "name=\"identity\" value=\"")),
            ("decision", decision),
        ];
        self.form("/auth/v2/oauth2/authorize", "", &fields).await
    }

    /// Logs the demo user in with the native client and returns the token response.
    pub(crate) async fn login(&self, scope: &str, access_type: &str) -> Value {
        let reply = self.allow(&[("scope", scope), ("access_type", access_type)]).await;
        let (_, parameters) = reply.redirect();
        self.exchange(value(&parameters, "code").unwrap()).await.expect(200)
    }

    pub(crate) async fn exchange(&self, code: &str) -> Reply {
        let fields = [
            ("client_id", NATIVE),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", "http://localhost:7777/done"),
        ];
        self.token("", &fields).await
    }
}

/// The path of an authorization request of the native client. What is in `more` replaces or joins the usual
/// parameters; an empty value takes one away.
pub(crate) fn authorize_path(more: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let mut fields = vec![
        ("client_id", NATIVE),
        ("redirect_uri", "http://localhost:7777/done"),
        ("scope", "openid"),
        ("state", "some state"),
        ("response_type", "code"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    format!("/auth/v2/oauth2/authorize?{}", encode(&fields))
}

/// What stands between `before` and the next quotation mark.
pub(crate) fn attribute<'a>(html: &'a str, before: &str) -> &'a str {
    let start = html.find(before).unwrap_or_else(|| panic!("no {before} in {html}")) + before.len();
    &html[start..][..html[start..].find('"').unwrap()]
}
