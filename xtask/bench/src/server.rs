//! A loopback server that costs next to nothing, so that what is measured is the client.
//!
//! Speaks just enough HTTP/1.1 for the requests of the benches, with answers made beforehand.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
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

/// How many pages of how many events a task has.
pub(crate) const EVENT_PAGES: u64 = 100;
pub(crate) const EVENTS_PER_PAGE: u64 = 1_000;

/// How long a listing takes in the tree that is far away.
pub(crate) const FAR_AWAY: Duration = Duration::from_millis(150);

/// The tree that is walked: so many directories in each, so deep, with so many in all.
const TREE_WIDTH: usize = 6;
const TREE_DEPTH: usize = 3;
pub(crate) const TREE_DIRECTORIES: u64 = 1 + 6 + 36 + 216;

struct Answers {
    branch: Vec<u8>,
    leaf: Vec<u8>,
    tree_requests: AtomicU64,
    task_looks: AtomicU64,
    submission_id: Vec<u8>,
    listing: Vec<u8>,
    tasks: Vec<u8>,
    events: Vec<u8>,
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

    /// Counts the listings of directories of the tree so far.
    pub(crate) fn tree_requests(&self) -> u64 {
        self.answers.tree_requests.load(Ordering::SeqCst)
    }

    /// Counts the looks at tasks by their ids so far.
    pub(crate) fn task_looks(&self) -> u64 {
        self.answers.task_looks.load(Ordering::SeqCst)
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
        let mut events = format!(
            r#"{{"DATA_TYPE":"event_list","length":{EVENTS_PER_PAGE},"limit":{EVENTS_PER_PAGE},"offset":0,"total":{},"DATA":["#,
            EVENT_PAGES * EVENTS_PER_PAGE
        );
        for n in 0..EVENTS_PER_PAGE {
            let comma = if n == 0 { "" } else { "," };
            let _ = write!(
                events,
                r#"{comma}{{"DATA_TYPE":"event","code":"PROGRESS","description":"progress","details":"{{\"bytes_transferred\": {bytes}, \"duration\": 60.5}}","is_error":false,"time":"2026-01-31 12:00:{second:02}+00:00"}}"#,
                bytes = n * 4_099,
                second = n % 60,
            );
        }
        events.push_str("]}");
        let json = |body: &str| answer("200 OK", body);
        let files = r#"{"name":"a","type":"file","size":1},{"name":"b","type":"file","size":1}"#;
        let mut directories = String::new();
        for n in 0..TREE_WIDTH {
            let _ = write!(directories, r#",{{"name":"d{n}","type":"dir"}}"#);
        }
        let branch = format!(r#"{{"DATA":[{files}{directories}],"total":{}}}"#, 2 + TREE_WIDTH);
        Self {
            branch: json(&branch),
            leaf: json(&format!(r#"{{"DATA":[{files}],"total":2}}"#)),
            tree_requests: AtomicU64::new(0),
            task_looks: AtomicU64::new(0),
            submission_id: json(
                r#"{"DATA_TYPE":"submission_id","value":"c1f5d7b0-6a61-11f0-9d3e-0242ac120002"}"#,
            ),
            listing: json(&listing),
            tasks: json(&tasks),
            events: json(&events),
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

    fn to(&self, head: &str) -> Cow<'_, [u8]> {
        let target = head.split(' ').nth(1).unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Cow::Borrowed(match path {
            "/v0.10/submission_id" => &self.submission_id,
            "/v0.10/task_list" if query.contains("filter=task_id") => return self.states(query).into(),
            "/v0.10/task_list" => &self.tasks,
            "/v0.10/transfer" => &self.accepted,
            "/v2/oauth2/token" => {
                self.token_requests.fetch_add(1, Ordering::SeqCst);
                &self.token
            }
            path if path.ends_with("/event_list") => &self.events,
            path if path.ends_with("/ls") => match tree_depth(query) {
                Some(depth) => {
                    self.tree_requests.fetch_add(1, Ordering::SeqCst);
                    if depth < TREE_DEPTH { &self.branch } else { &self.leaf }
                }
                None => &self.listing,
            },
            _ => &self.not_found,
        })
    }

    /// The tasks that were asked for by id, each of which ends after some looks at all of them.
    fn states(&self, query: &str) -> Vec<u8> {
        let looks = self.task_looks.fetch_add(1, Ordering::SeqCst);
        let ids = query.split_once("filter=task_id%3A").map_or("", |(_, rest)| rest);
        let ids = ids.split('&').next().unwrap_or_default().split("%2F").next().unwrap_or_default();
        let task = |id: &str| {
            let number: u64 = id.rsplit('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(0);
            let status = if looks / 10 > number % 6 { "SUCCEEDED" } else { "ACTIVE" };
            format!(
                r#"{{"DATA_TYPE":"task","task_id":"{id}","status":"{status}","type":"TRANSFER","faults":0}}"#
            )
        };
        let tasks: Vec<String> = ids.split("%2C").map(task).collect();
        let body =
            format!(r#"{{"DATA_TYPE":"task_list","total":{},"DATA":[{}]}}"#, tasks.len(), tasks.join(","));
        answer("200 OK", &body)
    }
}

/// How deep a directory of the tree lies; `None` for what is not in it.
fn tree_depth(query: &str) -> Option<usize> {
    let path = query.split('&').find_map(|pair| pair.strip_prefix("path="))?;
    path.strip_prefix("%2Ftree")
        .or_else(|| path.strip_prefix("%2Ffar"))
        .map(|below| below.matches("%2F").count())
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
    if head.contains("path=%2Ffar") {
        tokio::time::sleep(FAR_AWAY).await;
    }
    socket.write_all(&answers.to(&head)).await?;
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
