//! What is refused before anything is sent, and how it is said.

use globus_core::test_util::ReplayTransport;
use globus_flows::{ErrorKind, FlowUpdate, IdentityId, NewFlow, Principal};
use serde_json::json;

use crate::common::{ADA, FLOW, GROUP, definition, idle, new_flow, replayed};

fn people(count: u128) -> Vec<Principal> {
    (0..count).map(|number| IdentityId::from(uuid::Uuid::from_u128(number)).into()).collect()
}

#[test]
fn each_limit_is_one_clear_line() {
    let rows: [(NewFlow, &str); 15] = [
        (NewFlow::new("", definition()), "title is empty"),
        (
            NewFlow::new("é".repeat(129), definition()),
            "title has 129 characters, and at most 128 are allowed",
        ),
        (NewFlow::new("t", json!("x")), "definition must be a JSON object, and is a text"),
        (new_flow().input_schema(json!(true)), "input_schema must be a JSON object, and is a boolean"),
        (new_flow().subtitle("x".repeat(129)), "subtitle has 129 characters, and at most 128 are allowed"),
        (
            new_flow().description("x".repeat(4097)),
            "description has 4097 characters, and at most 4096 are allowed",
        ),
        (new_flow().flow_viewers(people(17)), "flow_viewers has 17 principals, and at most 16 are allowed"),
        (
            new_flow().flow_viewers([Principal::AllAuthenticatedUsers]),
            "flow_viewers[0]: \"all_authenticated_users\" cannot have this role",
        ),
        (new_flow().flow_starters(["public"]), "flow_starters[0]: \"public\" cannot have this role"),
        (
            new_flow().flow_administrators([Principal::Public]),
            "flow_administrators[0]: \"public\" cannot have this role",
        ),
        (
            new_flow().run_managers([format!("urn:globus:groups:id:{GROUP}"), "ada@example.org".to_owned()]),
            "run_managers[1]: \"ada@example.org\" is not a principal: expected urn:globus:auth:identity:… or \
             urn:globus:groups:id:… with a UUID",
        ),
        (
            new_flow().run_monitors([
                Principal::Identity(ADA.parse().unwrap()),
                Principal::Identity(ADA.parse().unwrap()),
            ]),
            "run_monitors[1]: \"urn:globus:auth:identity:7a1e0c9c-2f4a-4f0e-8f0c-0d9b1a2c3d4e\" is there twice",
        ),
        (
            new_flow().subscription_id("mine"),
            "subscription_id: \"mine\" is not a subscription id: expected a UUID such as ddb59aef-6d04-11e5-ba46-22000b92c6ec",
        ),
        (
            new_flow().authentication_policy_id(""),
            "authentication_policy_id: \"\" is not a policy id: expected a UUID such as ddb59aef-6d04-11e5-ba46-22000b92c6ec",
        ),
        (
            NewFlow::new("", definition()).flow_starters(["public"]),
            "flow_starters[0]: \"public\" cannot have this role; title is empty",
        ),
    ];
    for (document, problem) in rows {
        let error = idle().create_flow(document).to_request().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), format!("POST /flows: the document cannot be sent: {problem}"));
    }
}

#[test]
fn updates_have_the_same_limits() {
    for (update, problem) in [
        (FlowUpdate::new().title(""), "title is empty"),
        (FlowUpdate::new().definition(json!([])), "definition must be a JSON object, and is a list"),
        (FlowUpdate::new().flow_owner("ada"), "identity id: expected a UUID"),
        (FlowUpdate::new().keywords(["k"]).run_managers(["public"]), "run_managers[0]: \"public\" cannot"),
    ] {
        let line = idle().update_flow(FLOW, update).to_request().unwrap_err().to_string();
        assert!(line.starts_with("PUT /flows/{flow_id}: ") && line.contains(problem), "{line}");
    }
}

#[test]
fn the_limits_themselves_are_allowed() {
    let document = NewFlow::new("é".repeat(128), definition())
        .subtitle("x".repeat(128))
        .description("x".repeat(4096))
        .flow_viewers(people(16))
        .flow_starters(["urn:globus:newkind:7"]);
    idle().create_flow(document).to_request().unwrap();
}

#[test]
fn a_better_value_heals_and_extra_is_unchecked() {
    let healed = FlowUpdate::new().title("").title("t").subscription_id("mine").default_subscription();
    idle().update_flow(FLOW, healed).to_request().unwrap();
    let forced = FlowUpdate::new().flow_starters(["members"]).extra("flow_starters", json!(["members"]));
    let request = idle().update_flow(FLOW, forced).to_request();
    assert_eq!(
        globus_core::test_util::shape(request),
        format!(r#"PUT /flows/{FLOW} {{"flow_starters":["members"]}}"#)
    );
}

#[tokio::test]
async fn nothing_is_sent() {
    let replay = ReplayTransport::default();
    let flows = replayed(&replay);
    flows.create_flow(NewFlow::new("", definition())).send().await.unwrap_err();
    flows.get_flow("my flow").send().await.unwrap_err();
    flows.list_flows().filter_fulltext("").send().await.unwrap_err();
    assert!(replay.requests().is_empty());
}

#[test]
fn debug_shows_no_values() {
    let text = format!("{:?}", new_flow().description("s3cret"));
    assert!(!text.contains("s3cret") && text.contains("description"), "{text}");
}
