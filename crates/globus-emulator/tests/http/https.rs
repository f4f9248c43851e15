//! Files of a collection by URL.

use std::fs;
use std::time::Duration;

use globus_emulator::{CollectionSetup, PathFault};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{CLIENT, Reply, Server, TRANSFER, bearer};

/// The collections `storage`, `open` (of which everybody may read `/public/`), `vault` (high assurance) and `laptop`.
struct World {
    server: Server,
    directory: TempDir,
}

impl World {
    async fn new() -> World {
        let directory = tempfile::tempdir().unwrap();
        for name in ["storage/shared/public", "vault", "laptop"] {
            fs::create_dir_all(directory.path().join(name)).unwrap();
        }
        let at = |name: &str| directory.path().join(name);
        let server = Server::with(|builder| {
            builder
                .collection_with(CollectionSetup::mapped("storage", at("storage")))
                .collection_with(
                    CollectionSetup::guest("open", "storage", "/shared/")
                        .owner("ada@example.org")
                        .permission("anonymous", "/public/", "r")
                        .permission(CLIENT, "/mine/", "rw"),
                )
                .collection_with(CollectionSetup::mapped("vault", at("vault")).high_assurance(30))
                .collection_with(CollectionSetup::personal("laptop", at("laptop")))
                .account(globus_emulator::Account::new("ada@example.org"))
        })
        .await;
        World { server, directory }
    }

    fn id(&self, collection: &str) -> String {
        self.server.emulator.collection_id(collection).unwrap().to_string()
    }

    async fn token(&self, collection: &str) -> String {
        let scope = format!("https://auth.globus.org/scopes/{}/https", self.id(collection));
        bearer(&self.server.own_token(&scope).await)
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        fs::write(self.directory.path().join(path), content).unwrap();
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.directory.path().join(path)).ok()
    }

    async fn ask(
        &self,
        method: &str,
        collection: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        self.server.send(method, &format!("/https/{}{path}", self.id(collection)), headers, body).await
    }
}

fn code(reply: &Reply, status: u16) -> String {
    let document = reply.expect(status);
    assert_eq!(document["DATA_TYPE"], "result#1.0.0");
    assert_eq!(document["http_response_code"], status);
    document["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_document_of_the_collection_says_where_it_is() {
    let world = World::new().await;
    let token = bearer(&world.server.own_token(TRANSFER).await);
    let server = async |collection: &str| {
        let path = format!("/transfer/v0.10/endpoint/{}", world.id(collection));
        world.server.get_with(&path, &token).await.expect(200)["https_server"].clone()
    };
    let address = world.server.emulator.address();
    assert_eq!(server("storage").await, format!("http://{address}/https/{}", world.id("storage")));
    assert_eq!(server("laptop").await, Value::Null);
    assert_eq!(code(&world.ask("GET", "laptop", "/a", &[], b"").await, 404), "not_found");
}

#[tokio::test]
async fn files_are_read_whole_and_in_parts() {
    let world = World::new().await;
    let content: Vec<u8> = (0..1_000_000_u32).map(|number| (number % 251) as u8).collect();
    world.write("storage/big.bin", &content);
    let token = world.token("storage").await;
    let auth = ("Authorization", token.as_str());
    let whole = world.ask("GET", "storage", "/big.bin", &[auth], b"").await;
    assert_eq!((whole.status, whole.header("content-length")), (200, Some("1000000")));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("content-type"), Some("application/octet-stream"));
    assert!(whole.body == content, "the content differs");

    let head = world.ask("HEAD", "storage", "/big.bin", &[auth], b"").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("1000000"), 0));
    let part = world.ask("GET", "storage", "/big.bin", &[auth, ("Range", "bytes=999990-")], b"").await;
    assert_eq!((part.status, part.header("content-range")), (206, Some("bytes 999990-999999/1000000")));
    assert!(part.body == content[999_990..]);
    let beyond = world.ask("GET", "storage", "/big.bin", &[auth, ("Range", "bytes=1000000-")], b"").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */1000000")));

    let tag = whole.header("etag").unwrap();
    let same = world.ask("GET", "storage", "/big.bin", &[auth, ("If-None-Match", tag)], b"").await;
    assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, Some(tag)));
    let other = world.ask("GET", "storage", "/big.bin", &[auth, ("If-Match", "\"x\"")], b"").await;
    assert_eq!(code(&other, 412), "precondition_failed");
    world.write("storage/big.bin", "another");
    let resumed = [auth, ("If-Range", tag), ("Range", "bytes=5-")];
    let changed = world.ask("GET", "storage", "/big.bin", &resumed, b"").await;
    assert_eq!((changed.status, changed.text().as_str()), (200, "another"));

    world.write("storage/empty.txt", "");
    let empty = world.ask("GET", "storage", "/empty.txt?download", &[auth], b"").await;
    assert_eq!((empty.status, empty.body.len(), empty.header("content-type")), (200, 0, Some("text/plain")));
    assert_eq!(empty.header("content-disposition"), Some("attachment"));
}

#[tokio::test]
async fn files_are_written_and_removed() {
    let world = World::new().await;
    let token = world.token("storage").await;
    let auth = ("Authorization", token.as_str());
    let put = async |path: &str, more: &[(&str, &str)], body: &[u8]| {
        let headers: Vec<_> = [auth].iter().chain(more).copied().collect();
        world.ask("PUT", "storage", path, &headers, body).await
    };
    put("/new.txt", &[], b"one").await.expect(201);
    assert_eq!(world.read("storage/new.txt").as_deref(), Some("one"));
    put("/new.txt", &[], b"two").await.expect(200);
    assert_eq!(world.read("storage/new.txt").as_deref(), Some("two"));
    assert_eq!(code(&put("/new.txt", &[("If-None-Match", "*")], b"three").await, 412), "precondition_failed");
    assert_eq!(code(&put("/none/new.txt", &[], b"x").await, 404), "not_found");
    assert_eq!(code(&put("/shared", &[], b"x").await, 404), "not_found");
    assert_eq!(code(&put("/dir/", &[], b"x").await, 400), "bad_request");
    assert_eq!(code(&put("/new.txt", &[("Content-Range", "bytes 0-1/2")], b"x").await, 400), "bad_request");
    put("/empty", &[], b"").await.expect(201);
    assert_eq!(world.read("storage/empty").as_deref(), Some(""));
    let big = vec![b'x'; 3_000_000];
    put("/big", &[], &big).await.expect(201);
    assert_eq!(world.read("storage/big").map(|text| text.len()), Some(3_000_000));

    let delete = async |path: &str| world.ask("DELETE", "storage", path, &[auth], b"").await;
    assert_eq!(delete("/new.txt").await.status, 204);
    assert_eq!(world.read("storage/new.txt"), None);
    assert_eq!(code(&delete("/new.txt").await, 404), "not_found");
    assert_eq!(code(&delete("/shared").await, 404), "not_found");
    let post = world.ask("POST", "storage", "/a", &[auth], b"").await;
    assert_eq!(
        (code(&post, 405).as_str(), post.header("allow")),
        ("method_not_allowed", Some("GET, HEAD, PUT, DELETE"))
    );
}

#[tokio::test]
async fn half_an_upload_changes_nothing() {
    let world = World::new().await;
    world.write("storage/a", "before");
    let token = world.token("storage").await;
    let mut stream = TcpStream::connect(world.server.emulator.address()).await.unwrap();
    let head = format!(
        "PUT /https/{}/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\nContent-Length: 100\r\n\r\nhalf",
        world.id("storage")
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    drop(stream);
    let only_a = async || loop {
        let names = fs::read_dir(world.directory.path().join("storage")).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        if names == ["a", "shared"] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    tokio::time::timeout(Duration::from_secs(5), only_a()).await.unwrap();
    assert_eq!(world.read("storage/a").as_deref(), Some("before"));
}

#[tokio::test]
async fn only_who_may_gets_in() {
    let world = World::new().await;
    world.write("storage/a", "x");
    world.write("storage/shared/public/a", "for all");
    world.write("storage/shared/a", "not for all");
    let nobody = world.ask("GET", "storage", "/a", &[], b"").await;
    assert_eq!(
        (code(&nobody, 401).as_str(), nobody.header("www-authenticate")),
        ("authentication_required", Some("Bearer"))
    );
    let wrong = bearer(&world.server.own_token(TRANSFER).await);
    let wrong = world.ask("GET", "storage", "/a", &[("Authorization", &wrong)], b"").await;
    assert_eq!(code(&wrong, 401), "invalid_token");
    let other = world.token("open").await;
    let other = world.ask("GET", "storage", "/a", &[("Authorization", &other)], b"").await;
    assert_eq!(code(&other, 401), "invalid_token");

    // What is for everybody needs no token.
    assert_eq!(world.ask("GET", "open", "/public/a", &[], b"").await.text(), "for all");
    assert_eq!(code(&world.ask("GET", "open", "/a", &[], b"").await, 401), "authentication_required");
    assert_eq!(code(&world.ask("PUT", "open", "/public/b", &[], b"x").await, 401), "authentication_required");
    let token = world.token("open").await;
    let auth = ("Authorization", token.as_str());
    assert_eq!(code(&world.ask("GET", "open", "/a", &[auth], b"").await, 403), "permission_denied");
    assert_eq!(code(&world.ask("PUT", "open", "/public/b", &[auth], b"x").await, 403), "permission_denied");
    fs::create_dir(world.directory.path().join("storage/shared/mine")).unwrap();
    world.ask("PUT", "open", "/mine/b", &[auth], b"x").await.expect(201);
    assert_eq!(code(&world.ask("GET", "open", "/../a", &[auth], b"").await, 400), "bad_request");

    // A login that is too old.
    world.write("vault/a", "secret");
    let token = world.token("vault").await;
    let auth = ("Authorization", token.as_str());
    assert_eq!(world.ask("GET", "vault", "/a", &[auth], b"").await.text(), "secret");
    world.server.emulator.advance_clock(Duration::from_secs(31 * 60));
    let old = world.ask("GET", "vault", "/a", &[auth], b"").await.expect(403);
    assert!(old["authorization_parameters"].is_object(), "{old}");
}

#[tokio::test]
async fn names_are_as_they_are() {
    let world = World::new().await;
    let token = world.token("storage").await;
    let auth = ("Authorization", token.as_str());
    for (written, name) in [
        ("/a%20b", "a b"),
        ("/a+b", "a+b"),
        ("/%25%23%3F", "%#?"),
        ("/%22'%5C", "\"'\\"),
        ("/gr%C3%B6%C3%9Fe", "größe"),
        ("/e%CC%81", "e\u{301}"),
        ("/-rf", "-rf"),
        ("/a%0Ab", "a\nb"),
        ("/%7E", "~x"),
    ] {
        let written = if name == "~x" { "/x/%7Ex" } else { written };
        let name = if name == "~x" { "x/~x" } else { name };
        fs::create_dir_all(world.directory.path().join("storage/x")).unwrap();
        world.ask("PUT", "storage", written, &[auth], name.as_bytes()).await.expect(201);
        assert_eq!(world.read(&format!("storage/{name}")).as_deref(), Some(name));
        assert_eq!(world.ask("GET", "storage", written, &[auth], b"").await.text(), name);
    }
    for bad in ["/a%2Fb", "/%ff", "/%zz", "/a%0D%0Ab", "/a%00b"] {
        assert_eq!(code(&world.ask("GET", "storage", bad, &[auth], b"").await, 400), "bad_request", "{bad}");
    }
}

#[tokio::test]
async fn faults_and_machines_that_are_off() {
    let world = World::new().await;
    world.write("storage/a", "x");
    let token = world.token("storage").await;
    let auth = ("Authorization", token.as_str());
    let get = async || world.ask("GET", "storage", "/a", &[auth], b"").await;
    world.server.emulator.add_path_fault(PathFault::new("/a", "PERMISSION_DENIED").times(1)).unwrap();
    world.server.emulator.add_path_fault(PathFault::new("/a", "QUOTA_EXCEEDED").times(1)).unwrap();
    assert_eq!(code(&get().await, 403), "permission_denied");
    assert_eq!(code(&get().await, 507), "no_space_left");
    let id = world.server.emulator.collection_id("storage").unwrap();
    assert!(world.server.emulator.set_connected(id, false));
    assert_eq!(code(&get().await, 502), "not_connected");
    assert!(world.server.emulator.set_connected(id, true));
    assert_eq!(get().await.status, 200);
}
