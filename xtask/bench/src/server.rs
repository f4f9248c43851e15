//! A loopback server that costs next to nothing, so that what is measured is the client.
//!
//! Speaks just enough HTTP/1.1 for the requests of the benches, with answers made beforehand.

use std::{
    fmt::Write as _,
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// How many entries the listing has.
pub(crate) const ENTRIES: u32 = 100_000;
/// How many pages of how many tasks the task list has.
pub(crate) const PAGES: u64 = 1_000;
pub(crate) const TASKS_PER_PAGE: u64 = 100;

struct Answers {
    submission_id: Vec<u8>,
    listing: Vec<u8>,
    tasks: Vec<u8>,
    accepted: Vec<u8>,
    token: Vec<u8>,
    not_found: Vec<u8>,
    token_requests: AtomicU64,
    submitted_bytes: AtomicU64,
}

/// A running server; ends with the process.
#[derive(Clone)]
pub(crate) struct Server {
    url: String,
    answers: Arc<Answers>,
}

impl Server {
    /// Starts the server on a thread of its own.
    pub(crate) fn start() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}/", listener.local_addr()?);
        let answers = Arc::new(Answers::make());
        let serving = Arc::clone(&answers);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("server".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                while let Ok((socket, _)) = listener.accept().await {
                    tokio::spawn(serve(socket, Arc::clone(&serving)));
                }
            });
        })?;
        Ok(Self { url, answers })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Counts the token requests so far.
    pub(crate) fn token_requests(&self) -> u64 {
        self.answers.token_requests.load(Ordering::SeqCst)
    }

    /// Counts the bytes of submitted documents so far, without the framing of chunks.
    pub(crate) fn submitted_bytes(&self) -> u64 {
        self.answers.submitted_bytes.load(Ordering::SeqCst)
    }
}

impl Answers {
    fn make() -> Self {
        let mut listing = String::from(
            r#"{"DATA_TYPE":"file_list","endpoint":"9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02","path":"/~/data/","absolute_path":"/home/ada/data/","rename_supported":true,"symlink_supported":false,"DATA":["#,
        );
        for n in 0..ENTRIES {
            let comma = if n == 0 { "" } else { "," };
            let _ = write!(
                listing,
                r#"{comma}{{"DATA_TYPE":"file","name":"sample_{n:07}.fastq.gz","type":"file","size":{size},"last_modified":"2025-03-01 09:15:{second:02}+00:00","permissions":"0644","user":"ada","group":"lab","link_target":null,"link_size":null,"link_user":null,"link_group":null,"link_last_modified":null}}"#,
                size = u64::from(n) * 4_099,
                second = n % 60,
            );
        }
        let _ = write!(listing, r#"],"length":{ENTRIES},"total":{ENTRIES}}}"#);
        let mut tasks = format!(
            r#"{{"DATA_TYPE":"task_list","length":{TASKS_PER_PAGE},"limit":{TASKS_PER_PAGE},"offset":0,"total":{},"DATA":["#,
            PAGES * TASKS_PER_PAGE
        );
        for n in 0..TASKS_PER_PAGE {
            let comma = if n == 0 { "" } else { "," };
            let _ = write!(tasks, "{comma}{}", TASK.trim().replace("0affc0000001", &format!("{n:012}")));
        }
        tasks.push_str("]}");
        let json = |body: &str| answer("200 OK", body);
        Self {
            submission_id: json(
                r#"{"DATA_TYPE":"submission_id","value":"c1f5d7b0-6a61-11f0-9d3e-0242ac120002"}"#,
            ),
            listing: json(&listing),
            tasks: json(&tasks),
            accepted: json(
                r#"{"DATA_TYPE":"transfer_result","code":"Accepted","message":"The transfer has been accepted","request_id":"GFMQzaP0u","resource":"/transfer","submission_id":"c1f5d7b0-6a61-11f0-9d3e-0242ac120002","task_id":"e9d24a40-6a61-11f0-8b6d-0affc0000001"}"#,
            ),
            token: json(
                r#"{"access_token":"Ag123","scope":"urn:globus:auth:scope:transfer.api.globus.org:all","expires_in":172800,"token_type":"Bearer","resource_server":"transfer.api.globus.org","other_tokens":[]}"#,
            ),
            not_found: answer(
                "404 Not Found",
                r#"{"code":"ClientError.NotFound","message":"no such route"}"#,
            ),
            token_requests: AtomicU64::new(0),
            submitted_bytes: AtomicU64::new(0),
        }
    }

    fn to(&self, head: &str) -> &[u8] {
        let target = head.split(' ').nth(1).unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        match path {
            "/v0.10/submission_id" => &self.submission_id,
            "/v0.10/task_list" => &self.tasks,
            "/v0.10/transfer" => &self.accepted,
            "/v2/oauth2/token" => {
                self.token_requests.fetch_add(1, Ordering::SeqCst);
                &self.token
            }
            path if path.ends_with("/ls") => &self.listing,
            _ => &self.not_found,
        }
    }
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

async fn serve(mut socket: TcpStream, answers: Arc<Answers>) {
    let _ = socket.set_nodelay(true);
    let mut buffer = Vec::with_capacity(256 * 1024);
    while let Ok(true) = exchange(&mut socket, &mut buffer, &answers).await {}
}

/// Reads one request and answers it; says whether the connection goes on.
async fn exchange(socket: &mut TcpStream, buffer: &mut Vec<u8>, answers: &Answers) -> io::Result<bool> {
    let end = loop {
        if let Some(position) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break position + 4;
        }
        if socket.read_buf(buffer).await? == 0 {
            return Ok(false);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    buffer.drain(..end);
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    };
    if let Some(length) = header("content-length").and_then(|text| text.parse::<usize>().ok()) {
        answers.submitted_bytes.fetch_add(length as u64, Ordering::SeqCst);
        let mut left = length;
        loop {
            let taken = left.min(buffer.len());
            buffer.drain(..taken);
            left -= taken;
            if left == 0 {
                break;
            }
            if socket.read_buf(buffer).await? == 0 {
                return Ok(false);
            }
        }
    } else if header("transfer-encoding").is_some() {
        read_chunks(socket, buffer, answers).await?;
    }
    socket.write_all(answers.to(&head)).await?;
    Ok(true)
}

async fn read_chunks(socket: &mut TcpStream, buffer: &mut Vec<u8>, answers: &Answers) -> io::Result<()> {
    loop {
        let line_end = loop {
            if let Some(position) = buffer.windows(2).position(|window| window == b"\r\n") {
                break position;
            }
            fill(socket, buffer).await?;
        };
        let size = std::str::from_utf8(&buffer[..line_end])
            .ok()
            .and_then(|text| usize::from_str_radix(text.trim(), 16).ok());
        let size = size.ok_or(io::ErrorKind::InvalidData)?;
        buffer.drain(..line_end + 2);
        let mut left = size + 2;
        while left > 0 {
            if buffer.is_empty() {
                fill(socket, buffer).await?;
            }
            let taken = left.min(buffer.len());
            buffer.drain(..taken);
            left -= taken;
        }
        if size == 0 {
            return Ok(());
        }
        answers.submitted_bytes.fetch_add(size as u64, Ordering::SeqCst);
    }
}

async fn fill(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    match socket.read_buf(buffer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// One finished task, with every member that the service sends.
const TASK: &str = include_str!("../benches/task.json");
