//! Tunnels and stream access points: requests and documents.

use globus_core::test_util::shape;
use globus_transfer::tunnels::{
    NewTunnel, StreamAccessPoint, Tunnel, TunnelEventCode, TunnelEventPage, TunnelPage, TunnelState,
    TunnelUpdate,
};
use serde_json::{Value, json};

use crate::{
    common::{DESTINATION, SOURCE, SUBMISSION, TASK as TUNNEL, client, error, ok, replay, silent},
    mutation::check,
};

const IDENTITY: &str = "25de0aed-aa83-4600-a1be-a62a910af116";

fn rows(rows: impl IntoIterator<Item = (String, String)>) {
    for (actual, expected) in rows {
        assert_eq!(actual, expected);
    }
}

fn new_tunnel() -> NewTunnel {
    NewTunnel::new(SOURCE, DESTINATION).submission_id(SUBMISSION)
}

#[test]
fn requests() {
    let client = silent();
    let path = format!("/v2/tunnels/{TUNNEL}");
    let relationships = format!(
        r#""relationships":{{"initiator":{{"data":{{"id":"{SOURCE}","type":"StreamAccessPoint"}}}},"listener":{{"data":{{"id":"{DESTINATION}","type":"StreamAccessPoint"}}}}}},"type":"Tunnel""#
    );
    let all = new_tunnel()
        .label("detector")
        .listener_ip_address("10.0.0.7")
        .listener_port(5000)
        .lifetime_mins(60)
        .restartable(true)
        .extra("x", 1);
    let update = TunnelUpdate::new()
        .label(None)
        .listener_ip_address("10.0.0.7")
        .listener_port(5000)
        .state(TunnelState::Stopping)
        .extra("x", 1);
    rows([
        (
            shape(client.create_tunnel(new_tunnel()).to_request()),
            format!(
                r#"POST /v2/tunnels {{"data":{{"attributes":{{"submission_id":"{SUBMISSION}"}},{relationships}}}}}"#
            ),
        ),
        (
            shape(client.create_tunnel(all).to_request()),
            format!(
                r#"POST /v2/tunnels {{"data":{{"attributes":{{"label":"detector","lifetime_mins":60,"listener_ip_address":"10.0.0.7","listener_port":5000,"restartable":true,"submission_id":"{SUBMISSION}","x":1}},{relationships}}}}}"#
            ),
        ),
        (
            shape(client.create_tunnel(NewTunnel::new("here", DESTINATION)).to_request()),
            "error: POST /v2/tunnels: data cannot be written as JSON: initiator: \"here\" is not a stream access point id: \
             expected a UUID such as ddb59aef-6d04-11e5-ba46-22000b92c6ec"
                .to_owned(),
        ),
        (
            shape(client.update_tunnel(TUNNEL, TunnelUpdate::new()).to_request()),
            format!(r#"PATCH {path} {{"data":{{"attributes":{{}},"type":"Tunnel"}}}}"#),
        ),
        (
            shape(client.update_tunnel(TUNNEL, update).to_request()),
            format!(
                r#"PATCH {path} {{"data":{{"attributes":{{"label":null,"listener_ip_address":"10.0.0.7","listener_port":5000,"state":"STOPPING","x":1}},"type":"Tunnel"}}}}"#
            ),
        ),
        (shape(client.get_tunnel(TUNNEL).to_request()), format!("GET {path}")),
        (shape(client.delete_tunnel(TUNNEL).to_request()), format!("DELETE {path}")),
        (shape(client.list_tunnels().to_request()), "GET /v2/tunnels".to_owned()),
        (shape(client.get_tunnel_events(TUNNEL).to_request()), format!("GET {path}/events")),
        (
            shape(
                client
                    .get_tunnel_events(TUNNEL)
                    .code_name(TunnelEventCode::Active)
                    .is_error(true)
                    .page_limit(5)
                    .page_marker("m")
                    .to_request(),
            ),
            format!(
                "GET {path}/events?code_name=TUNNEL_ACTIVE&is_error=true&page[limit]=5&page[marker]=m"
            ),
        ),
        (
            shape(client.get_stream_access_point(SOURCE).to_request()),
            format!("GET /v2/stream_access_points/{SOURCE}"),
        ),
        (
            shape(client.list_stream_access_points().to_request()),
            "GET /v2/stream_access_points".to_owned(),
        ),
        (
            shape(
                client
                    .list_stream_access_points()
                    .filter_fulltext("a b")
                    .filter_endpoint_admin(false)
                    .page_limit(5)
                    .page_marker("m")
                    .to_request(),
            ),
            "GET /v2/stream_access_points?filter[fulltext]=a b&filter[endpoint_admin]=false&page[limit]=5&page[marker]=m"
                .to_owned(),
        ),
    ]);
}

fn tunnel() -> Value {
    json!({
        "type": "Tunnel", "id": TUNNEL,
        "attributes": {
            "label": "detector", "state": "AWAITING_LISTENER", "status": "The tunnel waits for its listener",
            "initiator_ip_address": "10.0.0.8", "initiator_port": 5001, "listener_ip_address": "10.0.0.7",
            "listener_port": 5000, "lifetime_mins": 360, "restartable": false,
            "created_time": "2025-12-12T21:11:50.525278", "submission_id": SUBMISSION,
        },
        "relationships": {
            "listener": {"data": {"type": "StreamAccessPoint", "id": DESTINATION}},
            "initiator": {"data": {"type": "StreamAccessPoint", "id": SOURCE}},
            "owner": {"data": {"type": "Identity", "id": IDENTITY}},
        },
    })
}

fn read<T: serde::de::DeserializeOwned>(document: &Value) -> T {
    serde_json::from_str(&document.to_string()).unwrap()
}

#[test]
fn tunnel_document() {
    check::<Tunnel>(&tunnel(), &["/id"], &["/id", "/attributes/created_time", "/attributes/submission_id"]);
    let tunnel: Tunnel = read(&tunnel());
    assert!(tunnel.extra().is_empty());
    assert!(tunnel.attributes.extra().is_empty(), "{:?}", tunnel.attributes.extra());
    assert!(tunnel.relationships.extra().is_empty());
    assert_eq!(tunnel.attributes.state, Some(TunnelState::AwaitingListener));
    assert_eq!(tunnel.attributes.created_time.unwrap().to_string(), "2025-12-12T21:11:50.525278Z");
    assert_eq!(tunnel.relationships.listener.as_ref().unwrap().id(), Some(DESTINATION));
    assert_eq!(tunnel.relationships.owner_id().unwrap().to_string(), IDENTITY);
}

/// The schema of the service allows one related resource or several.
#[test]
fn related_resources() {
    let mut several = tunnel();
    several["relationships"]["listener"]["data"] = json!([{"type": "StreamAccessPoint", "id": SOURCE}, {"type": "StreamAccessPoint", "id": DESTINATION}]);
    several["relationships"]["initiator"]["data"] = json!([]);
    several["relationships"]["owner"] = json!({"data": null});
    check::<Tunnel>(&several, &["/id"], &["/id", "/attributes/created_time", "/attributes/submission_id"]);
    let relationships = read::<Tunnel>(&several).relationships;
    assert_eq!(relationships.listener.as_ref().unwrap().id(), Some(SOURCE));
    assert_eq!(relationships.initiator.as_ref().unwrap().id(), None);
    assert_eq!(relationships.owner_id(), None);
    assert!(read::<Tunnel>(&json!({"id": TUNNEL, "relationships": null})).relationships.owner.is_none());
}

#[test]
fn stream_access_point_document() {
    let point = json!({
        "type": "StreamAccessPoint", "id": SOURCE,
        "attributes": {
            "display_name": "listener", "tlsftp_server": "tlsftp://s-1.example.org:443",
            "advertised_owner": "ada@example.org", "contact_email": "ada@example.org", "contact_info": "c",
            "department": "d", "description": "e", "info_link": "https://example.org", "keywords": "a,b",
            "organization": "o",
        },
        "relationships": {"host_endpoint": {"data": {"type": "Endpoint", "id": DESTINATION}}},
    });
    check::<StreamAccessPoint>(&point, &["/id"], &["/id"]);
    let point: StreamAccessPoint = read(&point);
    assert!(point.attributes.extra().is_empty() && point.relationships.extra().is_empty());
    assert_eq!(point.relationships.host_endpoint.unwrap().id(), Some(DESTINATION));
}

#[test]
fn pages() {
    let events = json!({
        "data": [{
            "type": "TunnelEvent", "id": 2769, "attributes": {
                "code": "TUNNEL_ACTIVE", "is_error": false, "description": "tunnel is active", "details": "made",
                "time": "2026-02-12T21:59:02.876253",
            },
        }],
        "links": {"next": "/v2/x?page%5Bmarker%5D=m"}, "meta": {"request_id": "655TZe5vm"},
    });
    check::<TunnelEventPage>(&events, &["/data/0/id"], &["/data/0/attributes/time"]);
    let page: TunnelEventPage = read(&events);
    assert!(page.extra().is_empty() && page.data[0].attributes.extra().is_empty());
    assert_eq!(page.data[0].attributes.code, Some(TunnelEventCode::Active));

    let linked = json!({"data": [], "links": {"next": {"href": "/v2/x?a=b"}}, "meta": {}});
    check::<TunnelPage>(&linked, &[], &[]);
    assert_eq!(read::<TunnelPage>(&linked).links.unwrap().next.unwrap().href(), Some("/v2/x?a=b"));
}

#[tokio::test]
async fn walks_along_the_links() {
    let events = |id: u64, links: Value| ok(&json!({"data": [{"id": id}], "links": links, "meta": {}}));
    let transport = replay([
        events(
            1,
            json!({"next": "https://x.example.org/v2/tunnels/y/events?page%5Bmarker%5D=m1&is_error=true"}),
        ),
        events(2, json!({"next": {"href": "/v2/z?page[marker]=m2&is_error=true"}})),
        events(3, Value::Null),
    ]);
    let events =
        client(&transport).get_tunnel_events(TUNNEL).is_error(true).items().try_collect().await.unwrap();
    assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), [1, 2, 3]);
    let asked: Vec<_> = transport.requests().iter().map(|request| request.url.to_string()).collect();
    let base = format!("https://transfer.example.org/v2/tunnels/{TUNNEL}/events");
    assert_eq!(
        asked,
        [
            format!("{base}?is_error=true"),
            format!("{base}?page%5Bmarker%5D=m1&is_error=true"),
            format!("{base}?page%5Bmarker%5D=m2&is_error=true"),
        ]
    );
}

#[tokio::test]
async fn reads_the_resource_out_of_its_envelope() {
    let transport = replay([ok(&json!({"data": tunnel(), "meta": {"request_id": "r"}}))]);
    let answer = client(&transport).get_tunnel(TUNNEL).send_full().await.unwrap();
    assert_eq!(answer.id.to_string(), TUNNEL);
}

#[tokio::test]
async fn a_deletion_says_nothing() {
    let transport =
        replay([ok(&json!({"meta": {"request_id": "r"}})), ok(&json!({"data": null, "meta": {}}))]);
    for _ in 0..2 {
        client(&transport).delete_tunnel(TUNNEL).send().await.unwrap();
    }
}

/// The service makes one tunnel for one submission id: a retry has to send the same.
#[tokio::test(start_paused = true)]
async fn a_retry_makes_no_second_tunnel() {
    let transport = replay([error(500, "InternalError"), ok(&json!({"data": tunnel()}))]);
    client(&transport).create_tunnel(NewTunnel::new(SOURCE, DESTINATION)).send().await.unwrap();
    let requests = transport.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].text(), requests[1].text());

    let document = |tunnel: &NewTunnel| serde_json::to_value(tunnel).unwrap();
    let tunnel = NewTunnel::new(SOURCE, DESTINATION);
    assert_eq!(document(&tunnel), document(&tunnel.clone()));
    assert_ne!(document(&tunnel), document(&NewTunnel::new(SOURCE, DESTINATION)));
}
