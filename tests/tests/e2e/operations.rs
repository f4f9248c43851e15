//! Operations that no story of the other files calls: what the SDK sends, the emulator takes, and the SDK reads the answer.

use globus::{
    auth::AuthClient,
    core::{Service, scope},
    flows::{NewFlow, NewRegisteredApi, NewRun, RegisteredApiUpdate, RunStatus},
    prelude::*,
    transfer::{
        bookmarks::NewBookmark,
        collections::{EndpointUpdate, NewSharedEndpoint, Subscription},
        pause::{NewPauseRule, PauseRuleUpdate},
        roles::{NewRole, RoleType},
        tunnels::{NewTunnel, TunnelState, TunnelUpdate},
    },
};
use serde_json::json;

use crate::lab::{Lab, NOBODY};

/// A task that is not over before it is told to be: the file that it wants is missing.
async fn lasting_task(lab: &Lab) -> TaskId {
    let data = lab.data([("/missing", "/missing")]);
    lab.transfer.submit_transfer(data).send().await.unwrap().task_id
}

async fn share(lab: &Lab) -> CollectionId {
    lab.write("shared/file", "x");
    let new = NewSharedEndpoint::new(lab.laptop(), "/shared/", "results");
    lab.transfer.create_shared_endpoint(new).send().await.unwrap().id
}

#[tokio::test]
async fn a_task_is_changed_and_paused_by_managers() {
    let lab = Lab::open().await;
    let transfer = &lab.transfer;
    let task = lasting_task(&lab).await;
    let deadline: Timestamp = "2031-05-04T15:22:33Z".parse().unwrap();
    transfer.update_task(task).label("new name").deadline(deadline).send().await.unwrap();
    let changed = transfer.get_task(task).send().await.unwrap();
    assert_eq!((changed.label.as_deref(), changed.deadline), (Some("new name"), Some(deadline)));

    transfer.endpoint_manager_pause_tasks([task], "a moment").send().await.unwrap();
    let told = transfer.task_pause_info(task).send().await.unwrap();
    assert_eq!(told.message(), Some("a moment"));
    let told = transfer.endpoint_manager_task_pause_info(task).send().await.unwrap();
    assert_eq!(told.message(), Some("a moment"));
    assert_eq!(transfer.get_task(task).send().await.unwrap().is_paused, Some(true));
    transfer.endpoint_manager_resume_tasks([task]).send().await.unwrap();
    assert_eq!(transfer.get_task(task).send().await.unwrap().is_paused, Some(false));
    assert_eq!(transfer.task_pause_info(task).send().await.unwrap().message(), None);
}

#[tokio::test]
async fn rules_of_pausing_are_listed_and_changed() {
    let lab = Lab::open().await;
    let transfer = &lab.transfer;
    let rule = NewPauseRule::new(lab.laptop(), "maintenance");
    let rule = transfer.endpoint_manager_create_pause_rule(rule).send().await.unwrap().id;
    let update = PauseRuleUpdate::new().message("maintenance until noon");
    transfer.endpoint_manager_update_pause_rule(rule, update).send().await.unwrap();
    let read = transfer.endpoint_manager_get_pause_rule(rule).send().await.unwrap();
    assert_eq!(read.message.as_deref(), Some("maintenance until noon"));
    let listed =
        transfer.endpoint_manager_pause_rule_list().filter_endpoint(lab.laptop()).send().await.unwrap();
    assert_eq!(listed.data.iter().map(|rule| rule.id).collect::<Vec<_>>(), [rule]);
    let mine = transfer.my_effective_pause_rule_list(lab.laptop()).send().await.unwrap();
    assert_eq!(mine.data.iter().map(|rule| rule.id).collect::<Vec<_>>(), [rule]);
    let elsewhere = transfer.my_effective_pause_rule_list(lab.archive()).send().await.unwrap();
    assert!(elsewhere.data.is_empty());
}

#[tokio::test]
async fn managers_see_collections_and_their_tasks() {
    let lab = Lab::open().await;
    let transfer = &lab.transfer;
    let guest = share(&lab).await;
    let seen = transfer.endpoint_manager_get_endpoint(lab.laptop()).send().await.unwrap();
    assert_eq!(seen.id, lab.laptop());
    let hosted = transfer.endpoint_manager_hosted_endpoint_list(lab.laptop()).send().await.unwrap();
    assert_eq!(hosted.data.iter().map(|one| one.id).collect::<Vec<_>>(), [guest]);
    let mine = transfer.my_shared_endpoint_list(lab.laptop()).send().await.unwrap();
    assert_eq!(mine.data.iter().map(|one| one.id).collect::<Vec<_>>(), [guest]);
    let rules = transfer.endpoint_manager_acl_list(guest).send().await.unwrap();
    assert_eq!(
        rules.data.len(),
        transfer.endpoint_acl_list(guest).send().await.unwrap().data.len(),
        "{rules:?}"
    );

    lab.write("file", "x");
    let data = lab.data([("/file", "/file"), ("/missing", "/missing")]).skip_source_errors(true);
    let task = transfer.submit_transfer(data).send().await.unwrap().task_id;
    lab.wait(task).send().await.unwrap();
    let copied = transfer.endpoint_manager_task_successful_transfers(task).send().await.unwrap();
    assert_eq!(copied.data[0].source_path.as_deref(), Some("/file"));
    let skipped = transfer.endpoint_manager_task_skipped_errors(task).send().await.unwrap();
    assert_eq!(skipped.data[0].source_path.as_deref(), Some("/missing"));
}

#[tokio::test]
async fn roles_and_subscriptions_come_and_go() {
    let lab = Lab::open().await;
    let transfer = &lab.transfer;
    let role = NewRole::for_identity(NOBODY, RoleType::ActivityMonitor);
    let role = transfer.add_endpoint_role(lab.laptop(), role).send().await.unwrap().id;
    let read = transfer.get_endpoint_role(lab.laptop(), &role).send().await.unwrap();
    assert_eq!((read.principal.as_deref(), read.role), (Some(NOBODY), Some(RoleType::ActivityMonitor)));
    let listed = transfer.endpoint_role_list(lab.laptop()).send().await.unwrap();
    assert!(listed.data.iter().any(|one| one.id == role), "{listed:?}");
    transfer.delete_endpoint_role(lab.laptop(), &role).send().await.unwrap();
    assert!(transfer.get_endpoint_role(lab.laptop(), &role).send().await.unwrap_err().is_not_found());

    transfer.set_subscription_id(lab.laptop(), Subscription::Default).send().await.unwrap();
    assert!(transfer.get_endpoint(lab.laptop()).send().await.unwrap().subscription_id.is_some());
    transfer.set_subscription_admin_verified(lab.laptop(), true).send().await.unwrap();
    let verified = transfer.get_endpoint(lab.laptop()).send().await.unwrap();
    assert_eq!(verified.subscription_admin_verified, Some(true));
    transfer.set_subscription_id(lab.laptop(), Subscription::None).send().await.unwrap();
    assert_eq!(transfer.get_endpoint(lab.laptop()).send().await.unwrap().subscription_id, None);
}

#[tokio::test]
#[expect(deprecated, reason = "these are offered still")]
async fn what_sdk_1_had_still_works() {
    use globus::transfer::activation::{NewEndpoint, NewServer, ServerUpdate};

    let lab = Lab::open().await;
    let transfer = &lab.transfer;
    let auto = transfer.endpoint_autoactivate(lab.laptop()).send().await.unwrap();
    assert!(auto.is_activated(), "{auto:?}");
    let requirements = transfer.endpoint_get_activation_requirements(lab.laptop()).send().await.unwrap();
    assert!(requirements.always_activated(), "{requirements:?}");
    transfer.endpoint_deactivate(lab.laptop()).send().await.unwrap();
    transfer.endpoint_activate(lab.laptop(), requirements).send().await.unwrap();

    let made = transfer.create_endpoint(NewEndpoint::new("old cluster")).send().await.unwrap().id;
    transfer.update_endpoint(made, EndpointUpdate::new().description("gone soon")).send().await.unwrap();
    let server = NewServer::new("dtn.example.org");
    let server = transfer.add_endpoint_server(made, server).send().await.unwrap().id;
    transfer.update_endpoint_server(made, server, ServerUpdate::new().port(2812)).send().await.unwrap();
    let read = transfer.get_endpoint_server(made, server).send().await.unwrap();
    assert_eq!((read.hostname.as_deref(), read.port), (Some("dtn.example.org"), Some(2812)));
    let listed = transfer.endpoint_server_list(made).send().await.unwrap();
    assert_eq!(listed.data.iter().map(|one| one.id).collect::<Vec<_>>(), [Some(server)]);
    transfer.delete_endpoint_server(made, server).send().await.unwrap();
    assert!(transfer.endpoint_server_list(made).send().await.unwrap().data.is_empty());

    lab.write("runs/1", "x");
    let link = transfer.operation_symlink(lab.laptop(), "/runs", "/latest").send().await.unwrap_err();
    assert!(link.is_code("NotSupported"), "{link}");
}

#[tokio::test]
async fn bookmarks_and_tunnels_go() {
    let lab = Lab::with(|emulator| emulator.stream_access_point("one").stream_access_point("two")).await;
    let transfer = &lab.transfer;
    let mark = transfer.create_bookmark(NewBookmark::new("data", lab.laptop(), "/")).send().await.unwrap().id;
    transfer.delete_bookmark(mark).send().await.unwrap();
    assert!(transfer.get_bookmark(mark).send().await.unwrap_err().is_not_found());
    let newer = transfer.v2();
    let mark = globus::transfer::v2::NewBookmark::new("data", lab.laptop(), "/");
    let mark = newer.create_bookmark(mark).send().await.unwrap().id;
    let update = globus::transfer::v2::BookmarkUpdate::new("/runs/").name("runs");
    newer.update_bookmark(mark, update).send().await.unwrap();
    let changed = newer.get_bookmark(mark).send().await.unwrap().attributes;
    assert_eq!((changed.name.as_deref(), changed.path.as_deref()), (Some("runs"), Some("/runs/")));
    newer.delete_bookmark(mark).send().await.unwrap();
    assert!(newer.get_bookmark(mark).send().await.unwrap_err().is_not_found());

    let point = |name: &str| lab.emulator.stream_access_point_id(name).unwrap();
    let seen = transfer.get_stream_access_point(point("one")).send().await.unwrap();
    assert_eq!(seen.attributes.display_name.as_deref(), Some("one"));
    let id = transfer.get_submission_id().send().await.unwrap().value;
    let tunnel = NewTunnel::new(point("one"), point("two")).submission_id(id);
    let tunnel = transfer.create_tunnel(tunnel).send().await.unwrap().id;
    let seen = transfer.get_tunnel(tunnel).send().await.unwrap();
    assert_eq!(seen.attributes.state, Some(TunnelState::AwaitingListener));
    assert_eq!(transfer.list_tunnels().items().try_collect().await.unwrap().len(), 1);
    transfer.update_tunnel(tunnel, TunnelUpdate::new().state(TunnelState::Stopping)).send().await.unwrap();
    transfer.delete_tunnel(tunnel).send().await.unwrap();
    assert!(transfer.get_tunnel(tunnel).send().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn runs_are_called_off_and_apis_change() {
    let lab = Lab::open().await;
    let flows = lab.flows();
    let nap = json!({"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 600, "End": true}}});
    let flow = flows.create_flow(NewFlow::new("Nap", nap)).send().await.unwrap().id;
    let authorizer =
        ClientCredentialsAuthorizer::new(lab.account(), globus::flows::scopes::user(flow)).unwrap();
    let client =
        SpecificFlowClient::builder(flow).config(lab.config.clone()).authorizer(authorizer).build().unwrap();
    let run = client.run_flow(NewRun::new(&json!({})).label("short")).send().await.unwrap().run_id;
    // A run that waits for nobody goes on as it did.
    assert_eq!(client.resume_run(run).send().await.unwrap().status, RunStatus::Active);
    flows.cancel_run(run).send().await.unwrap();
    assert_eq!(flows.get_run(run).send().await.unwrap().status, RunStatus::Failed);
    flows.delete_run(run).send().await.unwrap();
    assert!(flows.get_run(run).send().await.unwrap_err().is_not_found());

    let target = json!({"type": "openapi", "openapi_version": "3.1",
        "destination": {"method": "get", "url": "https://lab.example.org/samples/{id}"},
        "specification": {"operationId": "sample", "responses": {}}});
    let api = NewRegisteredApi::new("Samples", "", target, NOBODY);
    let api = flows.create_registered_api(api).send().await.unwrap().id;
    flows.update_registered_api(api, RegisteredApiUpdate::new().name("All samples")).send().await.unwrap();
    assert_eq!(flows.get_registered_api(api).send().await.unwrap().name, "All samples");
    flows.delete_registered_api(api).send().await.unwrap();
    assert!(flows.get_registered_api(api).send().await.is_err());
}

#[tokio::test]
async fn a_service_account_looks_itself_up() {
    let lab = Lab::open().await;
    let authorizer = ClientCredentialsAuthorizer::new(lab.account(), scope::auth::MANAGE_PROJECTS).unwrap();
    let auth: AuthClient = lab.client(authorizer);
    let clients = auth.get_clients().send().await.unwrap();
    assert!(clients.iter().any(|one| one.id.to_string() == lab.emulator.client_id()), "{clients:?}");
    let unknown = auth.get_client_by_fqdn("service.example.org").send().await.unwrap_err();
    assert!(unknown.is_not_found(), "{unknown}");
    let configuration = auth.get_openid_configuration().send().await.unwrap();
    assert!(configuration.jwks_uri.as_str().starts_with(&lab.emulator.service_url(Service::Auth.as_str())));
}
