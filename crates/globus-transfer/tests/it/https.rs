//! Files over HTTPS: ranges, resuming, broken connections, whole directories.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bytes::Bytes;
use globus_core::{
    Authorizer, ErrorKind, Result,
    transport::{Request, Response, ResponseBody, Transport, TransportError, TransportErrorKind},
};
use globus_transfer::{
    Endpoint, TransferClient,
    https::{Checksum, CollectionFiles},
};
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::common::SOURCE;

#[derive(Debug)]
pub(crate) struct Token;

#[async_trait]
impl Authorizer for Token {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        Ok(Some(HeaderValue::from_static("Bearer the-collections-own")))
    }
}

/// A collection with an HTTPS server, and the service that lists it.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    files: BTreeMap<String, Vec<u8>>,
    version: u32,
    no_ranges: bool,
    /// Whether it says that it gives parts, although it does not.
    promises: bool,
    no_marks: bool,
    /// After how many bytes the next answers break off.
    cuts: VecDeque<usize>,
    log: Vec<String>,
    made: Vec<String>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server")
    }
}

pub(crate) fn content(size: usize) -> Vec<u8> {
    (0..size).map(|byte| u8::try_from((byte * 7 + byte / 256) % 251).unwrap()).collect()
}

impl Server {
    fn with(files: &[(&str, Vec<u8>)]) -> Self {
        let server = Self::default();
        server.0.lock().unwrap().files =
            files.iter().map(|(path, content)| ((*path).to_owned(), content.clone())).collect();
        server
    }

    fn files(&self) -> CollectionFiles {
        let transfer = TransferClient::builder()
            .base_url("https://transfer.example.org/")
            .transport(self.clone())
            .build()
            .unwrap();
        transfer.https(&endpoint(Some("https://m-1.data.example.org")), Token).unwrap()
    }

    fn set(&self, change: impl FnOnce(&mut Inside)) {
        change(&mut self.0.lock().unwrap());
    }

    fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().log)
    }

    fn answer(&self, request: &Request, body: &Bytes) -> (u16, HeaderMap, ResponseBody) {
        let mut inside = self.0.lock().unwrap();
        let method = request.method.as_str();
        let path = percent_decode_str(request.url.path()).decode_utf8().unwrap().into_owned();
        let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap());
        let mut headers = HeaderMap::new();
        let mut set =
            |name: &'static str, value: String| headers.insert(name, HeaderValue::from_str(&value).unwrap());
        if request.url.host_str() == Some("transfer.example.org") {
            set("content-type", "application/json".to_owned());
            let answer = if path.ends_with("/mkdir") {
                let body: Value = serde_json::from_slice(body).unwrap();
                inside.made.push(body["path"].as_str().unwrap().to_owned());
                json!({"code": "DirectoryCreated"})
            } else {
                let asked: BTreeMap<_, _> = request.url.query_pairs().into_owned().collect();
                listing(&inside.files, &asked["path"])
            };
            return (200, headers, Bytes::from(answer.to_string()).into());
        }
        assert_eq!(header("authorization"), Some("Bearer the-collections-own"));
        let range = header("range").map(str::to_owned);
        inside.log.push(format!(
            "{method} {path}{}",
            range.as_ref().map_or(String::new(), |range| format!(" {range}"))
        ));
        if method == "DELETE" {
            let status = if inside.files.remove(&path).is_some() { 204 } else { 404 };
            return (status, headers, Bytes::new().into());
        }
        if method == "PUT" {
            inside.files.insert(path, body.to_vec());
            return (201, headers, Bytes::new().into());
        }
        assert_eq!(header("accept-encoding"), Some("identity"), "a compressed file has other ranges");
        if path == "/login" {
            set("location", "https://auth.example.org/".to_owned());
            return (302, headers, Bytes::new().into());
        }
        let Some(file) = inside.files.get(&path).cloned() else {
            set("content-type", "application/json".to_owned());
            return (404, headers, Bytes::from_static(b"{\"code\":\"NotFound\",\"message\":\"no\"}").into());
        };
        let mark = format!("\"{}\"", inside.version);
        if !inside.no_marks {
            set("etag", mark.clone());
        }
        if !inside.no_ranges || inside.promises {
            set("accept-ranges", "bytes".to_owned());
        }
        let still = header("if-range").is_none_or(|asked| asked == mark);
        let (status, part) = match range.filter(|_| still && !inside.no_ranges) {
            Some(range) => {
                let (start, end) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
                let start: usize = start.parse().unwrap();
                let end = end.parse().map_or(file.len(), |end: usize| (end + 1).min(file.len()));
                if start >= file.len() {
                    return (416, headers, Bytes::new().into());
                }
                set("content-range", format!("bytes {start}-{}/{}", end - 1, file.len()));
                (206, file[start..end].to_vec())
            }
            None => (200, file),
        };
        set("content-length", part.len().to_string());
        if method == "HEAD" {
            return (200, headers, Bytes::new().into());
        }
        let body = match inside.cuts.pop_front() {
            Some(cut) if cut < part.len() => {
                let broken = TransportError::new(TransportErrorKind::Io, "cut");
                let pieces = [Ok(Bytes::from(part[..cut].to_vec())), Err(broken)];
                ResponseBody::from_stream(futures_util::stream::iter(pieces))
            }
            _ => Bytes::from(part).into(),
        };
        (status, headers, body)
    }
}

pub(crate) fn listing(files: &BTreeMap<String, Vec<u8>>, directory: &str) -> Value {
    let directory = format!("{}/", directory.trim_end_matches('/'));
    let mut entries = BTreeMap::new();
    for (path, content) in files {
        if let Some(below) = path.strip_prefix(&directory) {
            match below.split_once('/') {
                Some((name, _)) => entries.insert(name, json!({"name": name, "type": "dir"})),
                None => entries.insert(below, json!({"name": below, "type": "file", "size": content.len()})),
            };
        }
    }
    let entries: Vec<Value> = entries.into_values().collect();
    json!({"DATA": entries, "total": entries.len()})
}

#[async_trait]
impl Transport for Server {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let body = request.body.to_bytes().await.map_err(|error| {
            TransportError::new(TransportErrorKind::Request, "no body").with_source(error)
        })?;
        let (status, headers, body) = self.answer(&request, &body);
        let mut response = Response::new(StatusCode::from_u16(status).unwrap(), headers, Bytes::new());
        response.body = body;
        Ok(response)
    }
}

pub(crate) fn endpoint(server: Option<&str>) -> Endpoint {
    serde_json::from_value(json!({"id": SOURCE, "https_server": server})).unwrap()
}

pub(crate) fn left_over(directory: &Path) -> usize {
    fs::read_dir(directory)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with('.'))
        .count()
}

#[tokio::test]
async fn parts_and_wholes_are_read() {
    let server = Server::with(&[("/a b/ü%.txt", content(1000))]);
    let files = server.files();
    let head = files.head("/a b/ü%.txt").await.unwrap();
    assert_eq!((head.size, head.accepts_ranges, head.etag.as_deref()), (Some(1000), true, Some("\"0\"")));
    assert_eq!(files.get("a b/ü%.txt").send().await.unwrap().bytes().await.unwrap(), content(1000));
    let part = files.get("/a b/ü%.txt").range(10, 5).send().await.unwrap();
    assert_eq!(part.bytes().await.unwrap(), content(1000)[10..15]);
    let rest = files.get("/a b/ü%.txt").range(990, None).send().await.unwrap();
    assert_eq!(rest.bytes().await.unwrap(), content(1000)[990..]);
    assert_eq!(files.get("/a b/ü%.txt").range(2000, 5).send().await.unwrap_err().status().unwrap(), 416);
    assert_eq!(files.get("/x").range(0, 0).send().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(files.get("/gone").send().await.unwrap_err().is_not_found());
    assert!(files.head("/gone").await.unwrap_err().is_not_found());
    server.log();
    for wrong in ["/a/../b", "/a//b", "", "/", "/a/."] {
        assert_eq!(files.get(wrong).send().await.unwrap_err().kind(), ErrorKind::InvalidInput, "{wrong}");
    }
    assert!(server.log().is_empty());
    server.set(|inside| inside.no_ranges = true);
    assert_eq!(files.get("/a b/ü%.txt").range(10, 5).send().await.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn a_page_for_logging_in_is_no_file() {
    let error = Server::default().files().get("/login").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("leads elsewhere"), "{error}");
}

#[tokio::test]
async fn not_every_collection_has_a_server() {
    let transfer = crate::common::silent();
    for server in [None, Some(""), Some("http://[")] {
        let error = transfer.https(&endpoint(server), Token).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{server:?}");
    }
    assert_eq!(
        endpoint(None).https_scope().to_string(),
        format!("https://auth.globus.org/scopes/{SOURCE}/https")
    );
    // The token does not go over plain HTTP.
    let files = transfer.https(&endpoint(Some("http://example.org")), Token).unwrap();
    assert_eq!(files.get("/a").send().await.unwrap_err().kind(), ErrorKind::Auth);
}

#[tokio::test(start_paused = true)]
async fn a_download_is_whole_and_right_or_not_there() {
    let server = Server::with(&[("/d/x.bin", content(50_000)), ("/empty", Vec::new())]);
    let here = tempfile::tempdir().unwrap();
    let place = here.path().join("new/dir/x.bin");
    let sha = "dcf7a8d9d93b6d8fcb9e3a4ba97ba2bb8ad4b1a8b8d7b0fc9a0f9bd2a1c77a51";
    let wrong = Checksum::Sha256(sha.to_owned());
    let error = server.files().download("/d/x.bin", &place).checksum(wrong).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Outcome);
    assert!(!place.exists() && left_over(place.parent().unwrap()) == 0);

    // What the error says the file has is what it has.
    let text = error.to_string();
    let found = text
        .split_whitespace()
        .find(|word| word.trim_end_matches(',').len() == 64)
        .unwrap()
        .trim_end_matches(',');
    let right = Checksum::new("sha-256", found.to_uppercase()).unwrap();
    server.log();
    let done =
        server.files().download("/d/x.bin", &place).part_size(10_000).checksum(right).send().await.unwrap();
    assert_eq!((done.bytes, done.resumed), (50_000, 0));
    assert_eq!(fs::read(&place).unwrap(), content(50_000));
    assert_eq!(left_over(place.parent().unwrap()), 0);
    let mut log = server.log();
    log.sort();
    assert_eq!(log.len(), 6);
    assert_eq!(
        (log[0].as_str(), log[1].as_str()),
        ("GET /d/x.bin bytes=0-9999", "GET /d/x.bin bytes=10000-19999")
    );

    server.files().download("/empty", here.path().join("empty")).send().await.unwrap();
    assert_eq!(fs::metadata(here.path().join("empty")).unwrap().len(), 0);
    let md5 = Checksum::Md5("d41d8cd98f00b204e9800998ecf8427e".to_owned());
    server.files().download("/empty", here.path().join("empty")).checksum(md5).send().await.unwrap();
    assert_eq!(Checksum::new("CRC32", "00").unwrap_err().kind(), ErrorKind::InvalidInput);
    server.log();
    for (checksum, says) in [
        (Checksum::Md5(sha.to_owned()), "is no MD5 checksum, which has 32 hexadecimal digits"),
        (Checksum::Sha512("z".repeat(128)), "is no SHA-512 checksum, which has 128 hexadecimal digits"),
        (Checksum::Sha256(String::new()), "\"\" is no SHA-256 checksum"),
    ] {
        let error = server.files().download("/d/x.bin", &place).checksum(checksum).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(says), "{error}");
    }
    assert!(server.log().is_empty(), "nothing is downloaded for what cannot be");
    let error = server.files().download("/d/x.bin", here.path()).send().await.unwrap_err();
    assert!(error.to_string().contains("is a directory"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn broken_connections_are_lived_through() {
    let server = Server::with(&[("/x", content(40_000))]);
    server.set(|inside| inside.cuts = [100, 0, 3000, 9_999, 5].into());
    let here = tempfile::tempdir().unwrap();
    let place = here.path().join("x");
    server.files().download("/x", &place).part_size(10_000).parts(2).send().await.unwrap();
    assert_eq!(fs::read(&place).unwrap(), content(40_000));
    // Each goes on where it broke, and takes nothing twice.
    assert!(server.log().contains(&"GET /x bytes=100-9999".to_owned()));

    server.set(|inside| inside.cuts = std::iter::repeat_n(0, 100).collect());
    let error = server.files().download("/x", here.path().join("y")).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(!here.path().join("y").exists());
}

#[tokio::test(start_paused = true)]
async fn a_download_goes_on_where_it_was_left() {
    let server = Server::with(&[("/x", content(40_000))]);
    let here = tempfile::tempdir().unwrap();
    let place = here.path().join("x");
    let download = || server.files().download("/x", &place).part_size(10_000).parts(1);
    // Two pieces come, the third never does.
    let broken = |inside: &mut Inside| {
        inside.cuts = [10_000, 10_000].into_iter().chain(std::iter::repeat_n(0, 6)).collect();
    };
    server.set(broken);
    assert!(download().send().await.is_err());
    assert!(!place.exists() && left_over(here.path()) == 2);
    server.log();
    server.set(|inside| inside.cuts.clear());
    let done = download().send().await.unwrap();
    assert_eq!(done.resumed, 20_000);
    assert_eq!(server.log(), ["HEAD /x", "GET /x bytes=20000-29999", "GET /x bytes=30000-39999"]);
    assert_eq!(fs::read(&place).unwrap(), content(40_000));
    assert_eq!(left_over(here.path()), 0);

    // Another version of the file, as large: nothing of the old one is used.
    server.set(broken);
    assert!(download().send().await.is_err());
    let other: Vec<u8> = content(40_000).into_iter().rev().collect();
    server.set(|inside| {
        inside.cuts.clear();
        inside.version = 1;
        inside.files.insert("/x".to_owned(), other.clone());
    });
    let done = download().send().await.unwrap();
    assert_eq!((done.resumed, fs::read(&place).unwrap() == other), (0, true));

    // Without a mark of the version nothing is taken up again.
    server.set(|inside| inside.no_marks = true);
    server.set(broken);
    assert!(download().send().await.is_err());
    server.set(|inside| inside.cuts.clear());
    assert_eq!(download().send().await.unwrap().resumed, 0);
}

/// The file changes between the first and the second piece.
#[tokio::test(start_paused = true)]
async fn a_file_that_changes_under_way_is_no_file() {
    #[derive(Debug, Clone)]
    struct Changing(Server);
    #[async_trait]
    impl Transport for Changing {
        async fn send(&self, request: Request) -> Result<Response, TransportError> {
            let answer = self.0.send(request).await;
            if self.0.0.lock().unwrap().log.len() == 2 {
                self.0.set(|inside| inside.version = 7);
            }
            answer
        }
    }
    let server = Server::with(&[("/x", content(40_000))]);
    let transfer = TransferClient::builder()
        .base_url("https://transfer.example.org/")
        .transport(Changing(server))
        .build()
        .unwrap();
    let files = transfer.https(&endpoint(Some("m-1.data.example.org")), Token).unwrap();
    let here = tempfile::tempdir().unwrap();
    let error =
        files.download("/x", here.path().join("x")).part_size(10_000).parts(1).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Outcome);
    assert!(error.to_string().starts_with("the file changed while it was downloaded"), "{error}");
    assert_eq!(fs::read_dir(here.path()).unwrap().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_server_without_parts_gives_the_whole() {
    let server = Server::with(&[("/x", content(40_000))]);
    server.set(|inside| inside.no_ranges = true);
    let here = tempfile::tempdir().unwrap();
    server.files().download("/x", here.path().join("x")).part_size(10_000).send().await.unwrap();
    assert_eq!(fs::read(here.path().join("x")).unwrap(), content(40_000));
    assert_eq!(server.log(), ["HEAD /x", "GET /x"]);
    // Nor does it matter what the server says about it.
    server.set(|inside| inside.promises = true);
    server.files().download("/x", here.path().join("z")).part_size(10_000).parts(1).send().await.unwrap();
    assert_eq!(fs::read(here.path().join("z")).unwrap(), content(40_000));
    assert_eq!(server.log(), ["HEAD /x", "GET /x bytes=0-9999", "HEAD /x", "GET /x"]);
    assert_eq!(left_over(here.path()), 0);
    server.set(|inside| inside.promises = false);
    server.set(|inside| inside.cuts = [7, 30_000].into());
    server.files().download("/x", here.path().join("y")).send().await.unwrap();
    assert_eq!(fs::read(here.path().join("y")).unwrap(), content(40_000));
    assert_eq!(server.log(), ["HEAD /x", "GET /x", "GET /x", "GET /x"]);
}

#[tokio::test(start_paused = true)]
async fn files_are_uploaded() {
    let server = Server::default();
    let here = tempfile::tempdir().unwrap();
    let place = here.path().join("x");
    fs::write(&place, content(500_000)).unwrap();
    assert_eq!(server.files().upload(&place, "/d/x").send().await.unwrap(), 500_000);
    server.files().put("/d/y", "hello".to_owned()).await.unwrap();
    fs::write(&place, "").unwrap();
    server.files().upload(&place, "/d/z").send().await.unwrap();
    server.set(|inside| {
        assert_eq!(inside.files["/d/x"], content(500_000));
        assert_eq!(inside.files["/d/y"], b"hello");
        assert_eq!(inside.files["/d/z"], b"");
    });
    server.files().delete("/d/z").await.unwrap();
    assert!(server.files().delete("/d/z").await.unwrap_err().is_not_found());
    let missing = server.files().upload(here.path().join("gone"), "/d/x").send().await.unwrap_err();
    assert!(missing.to_string().contains("cannot read"), "{missing}");
    assert!(server.files().upload(here.path(), "/d/x").send().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn whole_directories_come_and_go() {
    let server = Server::with(&[
        ("/r/a.txt", content(10)),
        ("/r/sub/b 1.txt", content(20)),
        ("/r/sub/deep/c", content(30)),
        ("/elsewhere", content(1)),
    ]);
    let here = tempfile::tempdir().unwrap();
    let report = server.files().download_tree("/r", here.path().join("r")).send().await.unwrap();
    assert_eq!((report.files, report.bytes, report.failed.len()), (3, 60, 0));
    assert_eq!(fs::read(here.path().join("r/sub/deep/c")).unwrap(), content(30));

    fs::write(here.path().join("r/new"), "n").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", here.path().join("r/link")).unwrap();
    let report = server.files().upload_tree(here.path().join("r"), "/up/").send().await.unwrap();
    assert_eq!((report.files, report.bytes, report.failed.len()), (4, 61, 0));
    server.set(|inside| {
        assert_eq!(inside.made, ["/up/", "/up/sub", "/up/sub/deep"]);
        assert_eq!(inside.files["/up/sub/b 1.txt"], content(20));
        assert!(!inside.files.contains_key("/up/link"));
    });

    // One that fails stops nothing else, and is told.
    fs::create_dir(here.path().join("r/a.txt.d")).unwrap();
    fs::remove_file(here.path().join("r/a.txt")).unwrap();
    fs::create_dir(here.path().join("r/a.txt")).unwrap();
    let report =
        server.files().download_tree("/r/", here.path().join("r")).files_at_a_time(1).send().await.unwrap();
    assert_eq!((report.files, report.failed.len()), (2, 1));
    assert_eq!(report.failed[0].path, "/r/a.txt");
}

/// A server may call a file what it likes.
#[tokio::test(start_paused = true)]
async fn a_name_leads_nowhere_else() {
    for name in ["..", "a/../../x", "/etc/x", "."] {
        let service = crate::common::Answers::new(move |_| {
            (200, json!({"DATA": [{"name": name, "type": "file"}], "total": 1}))
        });
        let here = tempfile::tempdir().unwrap();
        let files = service.client().https(&endpoint(Some("https://m-1.data.example.org")), Token).unwrap();
        let report = files.download_tree("/r/", here.path().join("in")).send().await.unwrap();
        assert_eq!((report.files, report.failed.len()), (0, 1), "{name}");
        assert_eq!(fs::read_dir(here.path()).unwrap().count(), 1, "{name}");
    }
}
