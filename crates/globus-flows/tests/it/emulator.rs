//! The client against the emulator, which was written from the same facts by other means.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use globus_core::Authorizer;
use globus_emulator::Emulator;
use globus_flows::{FlowRole, FlowUpdate, FlowsClient, IdentityId, NewFlow, Principal, Result, scopes};
use http::{HeaderValue, Method};
use serde_json::{Value, json};

use crate::common::{definition, new_flow};

#[derive(Debug)]
struct Header(String);

#[async_trait]
impl Authorizer for Header {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        Ok(Some(HeaderValue::from_str(&self.0).unwrap()))
    }
}

const ADA: &str = "1f5d8f3e-6a0b-4c52-9b86-0c3f9d2e7a41";
const BOB: &str = "2a6e9041-7b1c-4d63-8a97-1d40ae3f8b52";

pub(crate) async fn start() -> Emulator {
    Emulator::builder().client(ADA, "adassecret").client(BOB, "bobssecret").start().await.unwrap()
}

/// A client that asks as this application, with a token for `scope`.
async fn client(emulator: &Emulator, id: &str, secret: &str, scope: &str) -> FlowsClient {
    // Any client can send any form; only the address says that it goes to Auth.
    let auth = FlowsClient::builder()
        .base_url(emulator.service_url("auth"))
        .authorizer(Header(format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))))
        .build()
        .unwrap();
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    let token: Value = auth.base().call(Method::POST, "/v2/oauth2/token").form(form).send().await.unwrap();
    let token = token["access_token"].as_str().unwrap();
    FlowsClient::builder()
        .base_url(emulator.service_url("flows"))
        .authorizer(Header(format!("Bearer {token}")))
        .build()
        .unwrap()
}

pub(crate) async fn ada(emulator: &Emulator) -> FlowsClient {
    client(emulator, ADA, "adassecret", scopes::ALL).await
}

fn identity(id: &str) -> IdentityId {
    id.parse().unwrap()
}

#[tokio::test]
async fn a_flow_lives_and_dies() {
    let emulator = start().await;
    let flows = ada(&emulator).await;
    let schema = json!({"type": "object", "required": ["n"]});
    let document = NewFlow::new("Nightly", definition())
        .input_schema(schema.clone())
        .subtitle("s")
        .description("d")
        .keywords(["k"])
        .flow_viewers([Principal::Public])
        .flow_starters([Principal::AllAuthenticatedUsers])
        .flow_administrators([identity(BOB)]);
    let created = flows.create_flow(document).send_full().await.unwrap();
    assert_eq!(created.status().as_u16(), 201);
    assert_eq!(created.input_schema.as_ref(), Some(&schema));
    assert_eq!(created.flow_owner, Some(Principal::Identity(identity(ADA))));
    assert_eq!(created.user_roles, [FlowRole::FlowOwner]);
    assert_eq!(created.globus_auth_scope.as_deref(), Some(created.scope().as_str()));
    assert!(
        created.extra().is_empty(),
        "the emulator writes what the client does not know: {:?}",
        created.extra()
    );

    let got = flows.get_flow(created.id).send().await.unwrap();
    assert_eq!(serde_json::to_value(&got).unwrap(), serde_json::to_value(created.data()).unwrap());

    let update = FlowUpdate::new().title("Hourly").subtitle("").keywords(Vec::<String>::new());
    let updated = flows.update_flow(created.id, update).send().await.unwrap();
    assert_eq!(
        (updated.title.as_str(), updated.subtitle.as_str(), updated.description.as_str()),
        ("Hourly", "", "d")
    );
    assert!(updated.keywords.is_empty() && updated.updated_at >= created.updated_at);
    assert_eq!(updated.flow_administrators, [Principal::Identity(identity(BOB))]);

    let gone = flows.delete_flow(created.id).send().await.unwrap();
    assert!(gone.deleted && gone.deleted_at.is_some());
    assert!(flows.get_flow(created.id).send().await.unwrap_err().is_not_found());
    emulator.stop().await;
}

#[tokio::test]
async fn roles_decide_who_may_do_what() {
    let emulator = start().await;
    let (ada, bob) = (ada(&emulator).await, client(&emulator, BOB, "bobssecret", scopes::ALL).await);
    let secret = ada.create_flow(new_flow()).send().await.unwrap();
    let shared = ada.create_flow(new_flow().flow_viewers([identity(BOB)])).send().await.unwrap();

    assert!(bob.get_flow(secret.id).send().await.unwrap_err().is_not_found());
    let seen = bob.get_flow(shared.id).send().await.unwrap();
    assert!(seen.flow_viewers.is_empty() && seen.user_roles == [FlowRole::FlowViewer]);
    let refused = bob.delete_flow(shared.id).send().await.unwrap_err();
    assert!(refused.is_permission_denied() && refused.is_code("FORBIDDEN"), "{refused}");

    let listed = |role: FlowRole| bob.list_flows().filter_roles([role]).items().try_collect();
    assert_eq!(listed(FlowRole::FlowViewer).await.unwrap()[0].id, shared.id);
    assert!(listed(FlowRole::FlowOwner).await.unwrap().is_empty());

    let viewer = client(&emulator, ADA, "adassecret", scopes::VIEW_FLOWS).await;
    assert!(viewer.create_flow(new_flow()).send().await.unwrap_err().is_code("MISSING_SCOPE"));
    let stranger = FlowsClient::builder()
        .base_url(emulator.service_url("flows"))
        .authorizer(Header("Bearer nonsense".to_owned()))
        .build()
        .unwrap();
    assert!(stranger.list_flows().send().await.unwrap_err().is_unauthorized());
    emulator.stop().await;
}

#[tokio::test]
async fn one_flow_a_page_gives_what_one_big_page_gives() {
    let emulator = start().await;
    let flows = ada(&emulator).await;
    for number in 0..7 {
        let document =
            NewFlow::new(format!("flow {}", number % 3), definition()).keywords([format!("k{number}")]);
        flows.create_flow(document).send().await.unwrap();
    }
    let request = || {
        flows
            .list_flows()
            .orderby(["title DESC", "created_at ASC"])
            .filter_keywords(["k1", "k2", "k3", "k4", "k6"])
    };
    let big = request().per_page(100).items().try_collect().await.unwrap();
    let small = request().per_page(1).items().try_collect().await.unwrap();
    let titles: Vec<_> = big.iter().map(|flow| flow.title.as_str()).collect();
    assert_eq!(titles, ["flow 2", "flow 1", "flow 1", "flow 0", "flow 0"]);
    assert_eq!(
        big.iter().map(|flow| flow.id).collect::<Vec<_>>(),
        small.iter().map(|flow| flow.id).collect::<Vec<_>>()
    );
    emulator.stop().await;
}

/// What the client refuses, the service refuses too: each limit is sent past the check.
#[tokio::test]
async fn the_limits_are_those_of_the_service() {
    let emulator = start().await;
    let flows = ada(&emulator).await;
    let people: Vec<String> =
        (0..17).map(|n| format!("urn:globus:auth:identity:{}", uuid::Uuid::from_u128(n))).collect();
    for (name, value) in [
        ("title", json!("")),
        ("title", json!("é".repeat(129))),
        ("subtitle", json!("x".repeat(129))),
        ("description", json!("x".repeat(4097))),
        ("definition", json!("x")),
        ("input_schema", json!(true)),
        ("flow_viewers", json!(["all_authenticated_users"])),
        ("flow_starters", json!(["public"])),
        ("flow_administrators", json!(["public"])),
        ("run_managers", json!(people)),
        ("run_monitors", json!([people[0], people[0]])),
        ("flow_viewers", json!(["ada@example.org"])),
    ] {
        let error = flows.create_flow(new_flow().extra(name, value.clone())).send().await.unwrap_err();
        assert_eq!(error.status().map(|status| status.as_u16()), Some(422), "{name} {value}: {error}");
        assert!(error.api().unwrap().messages()[0].contains(name), "{error}");
    }
    emulator.stop().await;
}
