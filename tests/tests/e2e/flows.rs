//! Flows from birth to death.

use globus::{
    flows::{FlowRole, FlowUpdate, NewFlow, Principal},
    prelude::*,
};
use serde_json::json;

use crate::lab::Lab;

fn nap(title: &str) -> NewFlow {
    let definition =
        json!({"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 60, "End": true}}});
    NewFlow::new(title, definition)
}

#[tokio::test]
async fn a_flow_is_created_found_changed_and_deleted() {
    let lab = Lab::open().await;
    let flows = lab.flows();
    let created = flows.create_flow(nap("Nap").flow_viewers([Principal::Public])).send().await.unwrap();
    assert_eq!((created.title.as_str(), created.user_roles.as_slice()), ("Nap", &[FlowRole::FlowOwner][..]));
    let got = flows.get_flow(created.id).send().await.unwrap();
    assert_eq!(got.definition, created.definition);
    assert_eq!(got.globus_auth_scope.as_deref(), Some(got.scope().as_str()));
    let updated = flows.update_flow(created.id, FlowUpdate::new().title("Siesta")).send().await.unwrap();
    assert_eq!((updated.title.as_str(), updated.flow_viewers), ("Siesta", vec![Principal::Public]));
    assert!(flows.delete_flow(created.id).send().await.unwrap().deleted);
    assert!(flows.get_flow(created.id).send().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn one_flow_a_page_gives_what_one_big_page_gives() {
    let lab = Lab::open().await;
    let flows = lab.flows();
    for number in 0..6 {
        flows.create_flow(nap(&format!("flow {number}"))).send().await.unwrap();
    }
    let list = || flows.list_flows().filter_roles([FlowRole::FlowOwner]).orderby(["title DESC"]);
    let titles =
        |found: Vec<globus::flows::Flow>| found.into_iter().map(|flow| flow.title).collect::<Vec<_>>();
    let big = titles(list().per_page(100).items().try_collect().await.unwrap());
    lab.forget_requests().await;
    let small = titles(list().per_page(1).items().try_collect().await.unwrap());
    assert_eq!(big, ["flow 5", "flow 4", "flow 3", "flow 2", "flow 1", "flow 0"]);
    assert_eq!(small, big);
    assert_eq!(lab.count("GET /flows/flows 200").await, 6);

    // A place in the list can be kept, and gone on from with another client.
    let mut walk = list().per_page(2).items();
    for _ in 0..3 {
        walk.try_next().await.unwrap().unwrap();
    }
    let place = serde_json::to_string(&walk.cursor()).unwrap();
    let cursor: Option<globus::core::Cursor> = serde_json::from_str(&place).unwrap();
    let other = lab.flows();
    let rest = other.list_flows().filter_roles([FlowRole::FlowOwner]).orderby(["title DESC"]).per_page(2);
    assert_eq!(titles(rest.items().resume_from(cursor.unwrap()).try_collect().await.unwrap()), big[3..]);
}

#[tokio::test]
async fn a_token_for_another_service_is_refused() {
    let lab = Lab::open().await;
    let wrong = ClientCredentialsAuthorizer::new(lab.account(), scope::transfer::ALL).unwrap();
    let flows: globus::flows::FlowsClient = lab.client(wrong);
    assert!(flows.list_flows().send().await.unwrap_err().is_unauthorized());
}
