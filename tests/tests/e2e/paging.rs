//! One entry a page gives what one big page gives, in every list.

use globus::{
    flows::{NewFlow, NewRegisteredApi, RunHandle},
    prelude::*,
    transfer::{
        collections::NewSharedEndpoint,
        tunnels::{NewTunnel, TunnelState, TunnelUpdate},
        v2::NewBookmark,
    },
};
use globus_emulator::TransferSettings;
use serde_json::{Value, json};

use crate::lab::{Lab, NOBODY};

/// Reads a list in one page and in pages of one entry, and compares them.
macro_rules! same {
    ($list:expr, $page_size:ident) => {{
        let name = stringify!($list);
        let whole = $list.$page_size(100).items().try_collect().await.unwrap();
        let single = $list.$page_size(1).items().try_collect().await.unwrap();
        assert!(whole.len() > 1, "{name}: {} entries", whole.len());
        let (whole, single): (Vec<Value>, Vec<Value>) =
            (whole.iter().map(|one| json!(one)).collect(), single.iter().map(|one| json!(one)).collect());
        assert_eq!(single, whole, "{name}");
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn in_transfer() {
    let lab = Lab::with(|emulator| {
        emulator.stream_access_point("one").stream_access_point("two").stream_access_point("three")
    })
    .await;
    let transfer = &lab.transfer;
    let mut guests = Vec::new();
    for number in 0..3 {
        lab.write(&format!("shared/{number}/file"), "x");
        let new =
            NewSharedEndpoint::new(lab.laptop(), format!("/shared/{number}/"), format!("guest {number}"));
        guests.push(transfer.create_shared_endpoint(new).send().await.unwrap().id);
        transfer
            .v2()
            .create_bookmark(NewBookmark::new(format!("mark {number}"), lab.laptop(), "/shared/"))
            .send()
            .await
            .unwrap();
    }
    let mut task = None;
    for number in 0..3 {
        let data = lab.data([("/shared/0/file", &*format!("/{number}/file"))]);
        let submitted = transfer.submit_transfer(data).send().await.unwrap();
        lab.wait(submitted.task_id).send().await.unwrap();
        task = Some(submitted.task_id);
    }
    let task = task.unwrap();

    same!(transfer.task_list(), limit);
    same!(transfer.task_event_list(task), limit);
    same!(transfer.endpoint_search().filter_fulltext("guest"), limit);
    same!(transfer.get_shared_endpoint_list(lab.laptop()), max_results);
    same!(transfer.v2().list_bookmarks(), page_limit);
    same!(transfer.endpoint_manager_monitored_endpoints(), limit);
    same!(transfer.endpoint_manager_task_list().filter_endpoint(lab.laptop()), limit);
    same!(transfer.endpoint_manager_task_event_list(task), limit);

    same!(transfer.list_stream_access_points(), page_limit);
    let point = |name: &str| lab.emulator.stream_access_point_id(name).unwrap();
    let id = transfer.get_submission_id().send().await.unwrap().value;
    let tunnel = NewTunnel::new(point("one"), point("two")).submission_id(id);
    let tunnel = transfer.create_tunnel(tunnel).send().await.unwrap().id;
    transfer.update_tunnel(tunnel, TunnelUpdate::new().state(TunnelState::Stopping)).send().await.unwrap();
    same!(transfer.get_tunnel_events(tunnel), page_limit);
}

/// The service alone says how long the pages of these are.
#[tokio::test(flavor = "multi_thread")]
async fn in_lists_by_marker() {
    let lab = Lab::with_transfer(TransferSettings::default().marker_page(1)).await;
    let transfer = &lab.transfer;
    let names = ["/a", "/b", "/c"];
    for name in names {
        lab.write(&name[1..], "x");
    }
    let missing = [("/x", "/x"), ("/y", "/y"), ("/z", "/z")];
    let data = lab.data(names.map(|name| (name, name))).with_items(missing).skip_source_errors(true);
    let task = transfer.submit_transfer(data).send().await.unwrap().task_id;
    lab.wait(task).send().await.unwrap();

    let paths = |mut found: Vec<Option<String>>| {
        found.sort();
        found.into_iter().flatten().collect::<Vec<_>>()
    };
    macro_rules! check {
        ($list:ident, $expected:expr) => {{
            let found = transfer.$list(task).items().try_collect().await.unwrap();
            assert_eq!(paths(found.into_iter().map(|one| one.source_path).collect()), $expected);
        }};
    }
    lab.forget_requests().await;
    check!(task_successful_transfers, names);
    check!(endpoint_manager_task_successful_transfers, names);
    check!(task_skipped_errors, ["/x", "/y", "/z"]);
    check!(endpoint_manager_task_skipped_errors, ["/x", "/y", "/z"]);
    assert_eq!(lab.count("GET /transfer/").await, 4 * 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_flows() {
    let lab = Lab::open().await;
    let flows = lab.flows();
    let definition = json!({"StartAt": "Ask", "States": {
        "Ask": {"Type": "CreateWebInput", "ResultPath": "$.question", "Next": "Done", "Parameters": {
            "InputType": "Selection",
            "RespondentUrns": ["all_authenticated_users"],
            "Context": {"PresentationStyle": "Text", "Title": "Well?", "Text": "Say."},
            "Options": [{"Value": 1, "Label": "One"}, {"Value": 2, "Label": "Two"}]}},
        "Done": {"Type": "Pass", "End": true}}});
    let mut last = None;
    for number in 0..3 {
        let flow = flows.create_flow(NewFlow::new(format!("flow {number}"), definition.clone())).send().await;
        let flow = flow.unwrap().id;
        let account =
            ClientCredentialsAuthorizer::new(lab.account(), globus::flows::scopes::user(flow)).unwrap();
        let client = SpecificFlowClient::builder(flow).config(lab.config.clone()).authorizer(account);
        let run: RunHandle = client.build().unwrap().start(json!({})).await.unwrap();
        run.wait().send().await.unwrap();
        last = Some(run);
        let target = json!({"type": "openapi", "openapi_version": "3.1", "destination": {"method": "get", "url": "https://a.example/"},
            "specification": {"operationId": "get", "responses": {}}});
        flows
            .create_registered_api(NewRegisteredApi::new(
                format!("api {number}"),
                "for paging",
                target,
                NOBODY,
            ))
            .send()
            .await
            .unwrap();
    }
    let run = last.unwrap();

    same!(flows.list_flows(), per_page);
    same!(flows.list_runs(), per_page);
    same!(flows.get_run_logs(run.run_id()), limit);
    same!(flows.list_web_inputs(), per_page);
    same!(flows.list_registered_apis(), per_page);
}
