//! Tunnels and stream access points.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

impl World {
    fn point(&self, name: &str) -> String {
        self.emulator.stream_access_point_id(name).unwrap().to_string()
    }

    fn tunnel(&self, attributes: Value) -> Value {
        let point = |name: &str| json!({"data": {"type": "StreamAccessPoint", "id": self.point(name)}});
        let mut document = json!({"type": "Tunnel", "attributes": {"submission_id": Uuid::new_v4()},
            "relationships": {"initiator": point("cluster"), "listener": point("detector")}});
        merge(&mut document["attributes"], attributes);
        json!({ "data": document })
    }

    async fn update(&self, id: &str, attributes: Value) -> Answer {
        let body = json!({"data": {"type": "Tunnel", "attributes": attributes}});
        self.v2("PATCH", &format!("tunnels/{id}"), body).await
    }

    async fn tunnel_events(&self, id: &str, query: &str) -> Vec<String> {
        let answer = self.v2("GET", &format!("tunnels/{id}/events{query}"), Value::Null).await.ok();
        let data = answer.body["data"].as_array().unwrap();
        assert!(data.iter().all(|event| event["id"].is_u64()), "{data:?}");
        data.iter().map(|event| event["attributes"]["code"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_tunnel_lives_and_carries() {
    let world = World::new().await;
    let document = world.tunnel(json!({"label": "beam", "lifetime_mins": 60}));
    let made = world.v2("POST", "tunnels", document.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let tunnel = &made.body["data"];
    let id = tunnel["id"].as_str().unwrap();
    let attributes = &tunnel["attributes"];
    assert_eq!((&attributes["state"], &attributes["label"]), (&json!("AWAITING_LISTENER"), &json!("beam")));
    assert_eq!(attributes["created_time"].as_str().unwrap().len(), "2025-12-12T21:11:50.525278".len());
    assert_eq!(tunnel["relationships"]["listener"]["data"]["id"], world.point("detector"));
    assert_eq!(made.body["meta"]["request_id"].as_str().unwrap().len(), 9);
    let again = world.v2("POST", "tunnels", document).await.ok();
    assert_eq!(again.body["data"]["id"], id, "one submission makes one tunnel");

    // A program that sends back what it is sent, in capitals.
    let program = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = program.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = program.accept().await.unwrap();
        let mut bytes = [0; 4];
        stream.read_exact(&mut bytes).await.unwrap();
        stream.write_all(&bytes.to_ascii_uppercase()).await.unwrap();
    });
    let started =
        world.update(id, json!({"listener_ip_address": "127.0.0.1", "listener_port": port})).await.ok();
    let attributes = &started.body["data"]["attributes"];
    assert_eq!(attributes["state"], "ACTIVE");
    let entrance = u16::try_from(attributes["initiator_port"].as_u64().unwrap()).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", entrance)).await.unwrap();
    stream.write_all(b"beam").await.unwrap();
    let mut back = String::new();
    stream.read_to_string(&mut back).await.unwrap();
    assert_eq!(back, "BEAM");

    assert_eq!(world.v2("DELETE", &format!("tunnels/{id}"), Value::Null).await.status, StatusCode::CONFLICT);
    let stopping = world.update(id, json!({"state": "STOPPING"})).await.ok();
    assert_eq!(stopping.body["data"]["attributes"]["state"], "STOPPING");
    let stopped = world.v2("GET", &format!("tunnels/{id}"), Value::Null).await.ok();
    assert_eq!(stopped.body["data"]["attributes"]["state"], "STOPPED");
    let closed = async || {
        while TcpStream::connect(("127.0.0.1", entrance)).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), closed()).await.unwrap();

    assert_eq!(world.tunnel_events(id, "").await, ["TUNNEL_STOPPED", "TUNNEL_ACTIVE", "STARTED"]);
    assert_eq!(world.tunnel_events(id, "?code_name=STARTED").await, ["STARTED"]);
    assert!(world.tunnel_events(id, "?is_error=true").await.is_empty());
    let gone = world.v2("DELETE", &format!("tunnels/{id}"), Value::Null).await.ok();
    assert_eq!(gone.body["data"], Value::Null);
    let missing = world.v2("GET", &format!("tunnels/{id}"), Value::Null).await;
    assert_eq!((missing.status, &missing.body["errors"][0]["status"]), (StatusCode::NOT_FOUND, &json!(404)));
}

#[tokio::test]
async fn a_tunnel_ends_when_its_time_is_over() {
    let world = World::new().await;
    let made = world.v2("POST", "tunnels", world.tunnel(json!({"lifetime_mins": 5}))).await.ok();
    let path = format!("tunnels/{}", made.body["data"]["id"].as_str().unwrap());
    world.state().clock.advance(299);
    let state =
        async || world.v2("GET", &path, Value::Null).await.ok().body["data"]["attributes"]["state"].clone();
    assert_eq!(state().await, "AWAITING_LISTENER");
    world.state().clock.advance(2);
    assert_eq!(state().await, "STOPPED");
}

#[tokio::test]
async fn tunnels_belong_to_their_owner_and_come_in_pages() {
    let mut world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let made = world.v2("POST", "tunnels", world.tunnel(json!({"label": number.to_string()}))).await.ok();
        ids.insert(0, made.body["data"]["id"].clone());
    }
    let mut found = Vec::new();
    let mut path = "tunnels?page%5Blimit%5D=2".to_owned();
    loop {
        let page = world.v2("GET", &path, Value::Null).await.ok().body;
        found.extend(page["data"].as_array().unwrap().iter().map(|tunnel| tunnel["id"].clone()));
        match page["links"]["next"].as_str() {
            Some(next) => path = next.strip_prefix("http://localhost/transfer/v2/").unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(found, ids);
    world.token = world.token_of(BOB, super::super::SCOPE).await;
    assert_eq!(world.v2("GET", "tunnels", Value::Null).await.ok().body["data"], json!([]));
    let other = world.v2("GET", &format!("tunnels/{}", ids[0].as_str().unwrap()), Value::Null).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_does_not_fit_is_named() {
    let world = World::new().await;
    let post = async |change: fn(&mut Value)| {
        let mut document = world.tunnel(json!({}));
        change(&mut document);
        world.v2("POST", "tunnels", document).await
    };
    let place = |answer: &Answer| {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        answer.body["detail"][0]["loc"].as_array().unwrap().last().unwrap().as_str().unwrap().to_owned()
    };
    assert_eq!(place(&post(|doc| doc["data"]["type"] = json!("Bookmark")).await), "type");
    assert_eq!(place(&post(|doc| *doc = json!({"tunnel": 1})).await), "data");
    assert_eq!(place(&post(|doc| doc["data"]["relationships"]["listener"] = json!(null)).await), "listener");
    for (name, value) in [
        ("lifetime_mins", json!(0)),
        ("submission_id", json!("x")),
        ("restartable", json!("yes")),
        ("label", json!(7)),
        ("listener_port", json!(70_000)),
    ] {
        let mut document = world.tunnel(json!({}));
        document["data"]["attributes"][name] = value;
        assert_eq!(place(&world.v2("POST", "tunnels", document).await), name);
    }
    let half = world.v2("POST", "tunnels", world.tunnel(json!({"listener_port": 5}))).await;
    assert_eq!(place(&half), "listener_ip_address");
    let unknown = post(|doc| doc["data"]["relationships"]["listener"]["data"]["id"] = json!(ADA)).await;
    assert_eq!(
        (unknown.status, &unknown.body["errors"][0]["code"]),
        (StatusCode::NOT_FOUND, &json!("NotFound"))
    );
    let both = world.v2("GET", &format!("tunnels/{ADA}/events?code_name=A&is_error=1"), Value::Null).await;
    assert_eq!(both.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn stream_access_points_are_found() {
    let mut world = World::new().await;
    let names = async |query: &str| -> Vec<String> {
        let list = world.v2("GET", &format!("stream_access_points{query}"), Value::Null).await.ok().body;
        let name = |point: &Value| point["attributes"]["display_name"].as_str().unwrap().to_owned();
        list["data"].as_array().unwrap().iter().map(name).collect()
    };
    assert_eq!(names("").await, ["cluster", "detector"]);
    assert_eq!(names("?filter%5Bfulltext%5D=Detec").await, ["detector"]);
    assert_eq!(names(&format!("?filter[fulltext]={}", world.point("cluster"))).await, ["cluster"]);
    let one =
        world.v2("GET", &format!("stream_access_points/{}", world.point("detector")), Value::Null).await.ok();
    assert_eq!(one.body["data"]["relationships"]["host_endpoint"]["data"]["type"], "Endpoint");
    assert_eq!(world.v2("GET", "stream_access_points/x", Value::Null).await.status, StatusCode::NOT_FOUND);
    world.token = "wrong".to_owned();
    let refused = world.v2("GET", "stream_access_points", Value::Null).await;
    assert_eq!(
        (refused.status, &refused.body["errors"][0]["code"]),
        (StatusCode::UNAUTHORIZED, &json!("AuthenticationFailed"))
    );
}
