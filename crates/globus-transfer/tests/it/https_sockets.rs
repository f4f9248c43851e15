//! Files over HTTPS, on real sockets: what the HTTP client makes of ranges, redirects and connections that break.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use globus_core::{ErrorKind, RetryPolicy};
use globus_transfer::https::{Checksum, CollectionFiles};
use percent_encoding::percent_decode_str;
use serde_json::json;
use wiremock::{
    Mock, MockServer, Request, Respond, ResponseTemplate,
    matchers::{any, method},
};

use crate::{
    common::client_at,
    https::{Token, content, endpoint, left_over, listing},
    sockets::answer_with,
};

/// The files of a collection, and what its server does wrong.
#[derive(Clone, Default)]
struct Files(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    files: BTreeMap<String, Vec<u8>>,
    /// How long each part takes.
    delay: Duration,
    /// What it says the part is, instead of what it is.
    content_range: Option<String>,
    /// How often it refuses what is written first.
    refusals: usize,
}

impl Files {
    fn with(files: &[(&str, Vec<u8>)]) -> Self {
        let here = Self::default();
        here.set(|inside| {
            inside.files =
                files.iter().map(|(path, content)| ((*path).to_owned(), content.clone())).collect();
        });
        here
    }

    fn set(&self, change: impl FnOnce(&mut Inside)) {
        change(&mut self.0.lock().unwrap());
    }

    /// Serves the files, and the service that lists them.
    async fn serve(&self) -> (MockServer, CollectionFiles) {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(self.clone()).mount(&server).await;
        let files = files_at(&server.uri());
        (server, files)
    }
}

fn files_at(url: &str) -> CollectionFiles {
    client_at(url).https(&endpoint(Some(url)), Token).unwrap()
}

impl Respond for Files {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut inside = self.0.lock().unwrap();
        let path = percent_decode_str(request.url.path()).decode_utf8().unwrap().into_owned();
        if path.starts_with("/v0.10/") {
            let asked: BTreeMap<_, _> = request.url.query_pairs().into_owned().collect();
            return ResponseTemplate::new(200).set_body_json(if path.ends_with("/mkdir") {
                json!({"code": "DirectoryCreated"})
            } else {
                listing(&inside.files, &asked["path"])
            });
        }
        let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap());
        if header("authorization") != Some("Bearer the-collections-own") {
            return ResponseTemplate::new(401)
                .set_body_json(json!({"code": "Unauthorized", "message": "no"}));
        }
        match request.method.as_str() {
            "PUT" if inside.refusals > 0 => {
                inside.refusals -= 1;
                return ResponseTemplate::new(503);
            }
            "PUT" => {
                inside.files.insert(path, request.body.clone());
                return ResponseTemplate::new(201);
            }
            _ => {}
        }
        let Some(file) = inside.files.get(&path).cloned() else { return ResponseTemplate::new(404) };
        let whole =
            ResponseTemplate::new(200).insert_header("accept-ranges", "bytes").insert_header("etag", "\"1\"");
        let Some(range) = header("range") else {
            return whole.set_body_raw(file, "application/octet-stream");
        };
        let (start, end) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let start: usize = start.parse().unwrap();
        let end = end.parse().map_or(file.len(), |end: usize| (end + 1).min(file.len()));
        if start >= file.len() {
            return ResponseTemplate::new(416);
        }
        let said = format!("bytes {start}-{}/{}", end - 1, file.len());
        ResponseTemplate::new(206)
            .insert_header("etag", "\"1\"")
            .insert_header("content-range", inside.content_range.clone().unwrap_or(said))
            .set_body_raw(file[start..end].to_vec(), "application/octet-stream")
            .set_delay(inside.delay)
    }
}

fn read(place: &Path) -> Vec<u8> {
    fs::read(place).unwrap()
}

#[tokio::test]
async fn a_file_is_read_as_it_comes() {
    let (server, files) = Files::with(&[("/d/ä b.bin", content(3_000_000))]).serve().await;
    let head = files.head("/d/ä b.bin").await.unwrap();
    assert_eq!(
        (head.size, head.etag.as_deref(), head.accepts_ranges),
        (Some(3_000_000), Some("\"1\""), true)
    );
    let mut body = files.get("/d/ä b.bin").send().await.unwrap();
    let mut pieces = Vec::new();
    while let Some(piece) = body.chunk().await.unwrap() {
        pieces.push(piece);
    }
    assert!(pieces.len() > 1, "it came at once");
    assert_eq!(pieces.concat(), content(3_000_000));
    for request in server.received_requests().await.unwrap() {
        assert_eq!(request.headers["authorization"], "Bearer the-collections-own");
        assert_eq!(request.headers["accept-encoding"], "identity");
        assert_eq!(request.url.path(), "/d/%C3%A4%20b.bin");
    }
}

#[tokio::test]
async fn parts_are_what_was_asked_for() {
    let here = Files::with(&[("/x", content(100))]);
    let (_server, files) = here.serve().await;
    let part = |start, length: u64| {
        let files = files.clone();
        async move { files.get("/x").range(start, length).with_retry(RetryPolicy::never()).send().await }
    };
    assert_eq!(part(7, 5).await.unwrap().bytes().await.unwrap(), content(100)[7..12]);
    assert_eq!(part(90, 500).await.unwrap().bytes().await.unwrap(), content(100)[90..]);
    assert_eq!(part(100, 1).await.unwrap_err().status().unwrap(), 416);
    for wrong in ["bytes 8-12/100", "bytes */100", "7-11", ""] {
        here.set(|inside| inside.content_range = Some(wrong.to_owned()));
        let error = part(7, 5).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{wrong}");
        assert!(error.to_string().contains("from 7 on"), "{error}");
    }
}

#[tokio::test]
async fn a_part_of_another_file_is_none_of_this() {
    let here = Files::with(&[("/x", content(5_000))]);
    here.set(|inside| inside.content_range = Some("bytes 0-4999/6000".to_owned()));
    let (server, files) = here.serve().await;
    let room = tempfile::tempdir().unwrap();
    // It is as it was at the second look: the whole of it is taken instead.
    files.download("/x", room.path().join("x")).send().await.unwrap();
    assert_eq!(read(&room.path().join("x")), content(5_000));
    let asked: Vec<_> = server.received_requests().await.unwrap();
    let ranged: Vec<bool> = asked.iter().map(|request| request.headers.contains_key("range")).collect();
    assert_eq!(ranged, [false, true, false, false]);
}

#[tokio::test]
async fn parts_come_side_by_side() {
    let here = Files::with(&[("/x", content(8 * 2048))]);
    here.set(|inside| inside.delay = Duration::from_millis(500));
    let (_server, files) = here.serve().await;
    let room = tempfile::tempdir().unwrap();
    let place = room.path().join("x");
    let start = Instant::now();
    files.download("/x", &place).part_size(2048).parts(8).send().await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(4), "one after the other: {:?}", start.elapsed());
    assert_eq!(read(&place), content(8 * 2048));
    assert_eq!(left_over(room.path()), 0);
}

#[tokio::test]
async fn what_is_wrong_does_not_replace_what_is_there() {
    let (_server, files) = Files::with(&[("/x", content(5_000))]).serve().await;
    let room = tempfile::tempdir().unwrap();
    let place = room.path().join("x");
    fs::write(&place, "of yesterday").unwrap();
    let wrong = Checksum::Md5("0".repeat(32));
    let error = files.download("/x", &place).checksum(wrong).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Outcome);
    assert_eq!(read(&place), b"of yesterday");
    assert_eq!(left_over(room.path()), 0);
    files.download("/x", &place).send().await.unwrap();
    assert_eq!(read(&place), content(5_000));
}

/// The head of an answer, and as much of its body as there is.
fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {head}\r\nETag: \"1\"\r\nAccept-Ranges: bytes\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn a_download_goes_on_where_the_connection_broke() {
    let file = content(5_000);
    let (url, served) = answer_with(vec![
        answer("200 OK\r\nContent-Length: 5000", b""),
        answer(
            "206 Partial Content\r\nContent-Length: 5000\r\nContent-Range: bytes 0-4999/5000",
            &file[..1_700],
        ),
        answer(
            "206 Partial Content\r\nContent-Length: 3300\r\nContent-Range: bytes 1700-4999/5000",
            &file[1_700..],
        ),
    ])
    .await;
    let room = tempfile::tempdir().unwrap();
    let place = room.path().join("x");
    files_at(&url).download("/x", &place).send().await.unwrap();
    assert_eq!(read(&place), file);
    let requests = served.await.unwrap();
    assert!(requests[1].0.contains("range: bytes=0-4999\r\n"), "{}", requests[1].0);
    // Only if the file is still the same.
    assert!(requests[2].0.contains("range: bytes=1700-4999\r\n"), "{}", requests[2].0);
    assert!(requests[2].0.contains("if-range: \"1\"\r\n"), "{}", requests[2].0);
}

#[tokio::test]
async fn a_file_that_breaks_off_is_an_error_to_who_reads_it() {
    let (url, _served) = answer_with(vec![answer("200 OK\r\nContent-Length: 5000", &content(1_700))]).await;
    let mut body = files_at(&url).get("/x").send().await.unwrap();
    let mut came = 0;
    let error = loop {
        match body.chunk().await {
            Ok(Some(piece)) => came += piece.len(),
            Ok(None) => panic!("{came} bytes are taken for the whole file"),
            Err(error) => break error,
        }
    };
    assert_eq!((came, error.kind()), (1_700, ErrorKind::Io));
}

#[tokio::test]
async fn files_are_written_whole_and_again_after_a_failure() {
    let here = Files::default();
    here.set(|inside| inside.refusals = 1);
    let (server, files) = here.serve().await;
    let room = tempfile::tempdir().unwrap();
    let place = room.path().join("x");
    fs::write(&place, content(400_000)).unwrap();
    assert_eq!(files.upload(&place, "/d/x").send().await.unwrap(), 400_000);
    files.put("/d/y", "short".to_owned()).await.unwrap();
    here.set(|inside| {
        assert_eq!(inside.files["/d/x"], content(400_000));
        assert_eq!(inside.files["/d/y"], b"short");
    });
    let methods: Vec<_> =
        server.received_requests().await.unwrap().iter().map(|request| request.method.to_string()).collect();
    assert_eq!(methods, ["PUT", "PUT", "HEAD", "PUT"]);
}

#[tokio::test]
async fn a_token_goes_nowhere_else() {
    let elsewhere = MockServer::start().await;
    for status in [301, 302, 303, 307, 308] {
        let server = MockServer::start().await;
        let location = format!("{}/x", elsewhere.uri());
        Mock::given(any())
            .respond_with(ResponseTemplate::new(status).insert_header("location", location.as_str()))
            .mount(&server)
            .await;
        let files = files_at(&server.uri());
        let error = files.get("/x").send().await.unwrap_err();
        assert!(error.to_string().contains("leads elsewhere"), "{error}");
        assert!(!format!("{error:?} {error}").contains("the-collections-own"), "{error:?}");
        assert!(files.put("/x", "content".to_owned()).await.is_err());
        assert!(files.head("/x").await.is_err());
        let room = tempfile::tempdir().unwrap();
        assert!(files.download("/x", room.path().join("x")).send().await.is_err());
        assert_eq!(left_over(room.path()), 0);
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_token_for_another_collection_is_refused() {
    let server = MockServer::start().await;
    let refused = ResponseTemplate::new(401).set_body_json(json!({"code": "Unauthorized", "message": "no"}));
    Mock::given(method("GET")).respond_with(refused).mount(&server).await;
    let error = files_at(&server.uri()).get("/x").send().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
}

#[tokio::test]
async fn directories_come_and_go() {
    let here =
        Files::with(&[("/r/a", content(10)), ("/r/sub/b 1", content(20)), ("/r/sub/deep/ü", content(30))]);
    let (_server, files) = here.serve().await;
    let room = tempfile::tempdir().unwrap();
    let report = files.download_tree("/r", room.path().join("r")).send().await.unwrap();
    assert_eq!((report.files, report.bytes, report.failed.len()), (3, 60, 0), "{:?}", report.failed);
    assert_eq!(read(&room.path().join("r/sub/deep/ü")), content(30));
    let report = files.upload_tree(room.path().join("r"), "/up").send().await.unwrap();
    assert_eq!((report.files, report.bytes, report.failed.len()), (3, 60, 0), "{:?}", report.failed);
    here.set(|inside| assert_eq!(inside.files["/up/sub/b 1"], content(20)));
}
