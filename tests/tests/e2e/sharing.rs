//! Sharing and managing: guest collections, permissions, roles, consents, pause rules and the tasks of others.

use std::fs;

use globus::{
    auth::gare::Gare,
    prelude::*,
    transfer::{
        access::{AccessRuleUpdate, NewAccessRule},
        activation::{NewEndpoint, NewServer, ServerUpdate},
        bookmarks::{BookmarkUpdate, NewBookmark},
        collections::{EndpointUpdate, NewSharedEndpoint},
        endpoints::SearchScope,
        pause::NewPauseRule,
        roles::{NewRole, RoleType},
        tasks::TaskStatus,
    },
};
use globus_emulator::{CollectionSetup, RequestFault};
use http::Method;
use serde_json::json;

use crate::lab::Lab;

const BOB: &str = "b0b00000-0000-4000-8000-000000000000";

/// A client of somebody else.
fn bob(lab: &Lab) -> TransferClient {
    lab.emulator.seed(&json!({"clients": [{"id": BOB, "secret": "secret"}]})).unwrap();
    let account =
        ConfidentialAppAuthClient::builder(BOB, "secret").config(lab.config.clone()).build().unwrap();
    lab.client(ClientCredentialsAuthorizer::new(account, scope::transfer::ALL).unwrap())
}

/// A guest collection on the directory `shared` of the laptop.
async fn share(lab: &Lab) -> CollectionId {
    fs::create_dir_all(lab.laptop_path("shared/public")).unwrap();
    let new = NewSharedEndpoint::new(lab.laptop(), "/~/shared/", "results");
    lab.transfer.create_shared_endpoint(new).send().await.unwrap().id
}

#[tokio::test]
async fn a_directory_is_shared_with_one_person() {
    let lab = Lab::open().await;
    let (ada, bob) = (&lab.transfer, bob(&lab));
    let guest = share(&lab).await;
    let error = bob.operation_ls(guest).send().await.unwrap_err();
    assert!(error.is_permission_denied() && !error.needs_consent());
    assert!(error.to_string().contains("No effective ACL rules"), "{error}");

    let rule = NewAccessRule::for_identity(BOB, "/public/", "r");
    let id = ada.add_endpoint_acl_rule(guest, rule.clone()).send().await.unwrap().access_id;
    let again = ada.add_endpoint_acl_rule(guest, rule).send().await.unwrap_err();
    assert!(again.is_code("Exists"));
    assert!(bob.operation_ls(guest).path("/public/").send().await.unwrap().data.is_empty());
    let denied = bob.operation_mkdir(guest, "/public/new").send().await.unwrap_err();
    assert!(denied.is_permission_denied());
    let found = bob.endpoint_search().filter_scope(SearchScope::SharedWithMe).send().await.unwrap();
    assert_eq!(found.data.iter().map(|one| one.id).collect::<Vec<_>>(), [guest]);

    ada.update_endpoint_acl_rule(guest, &id, AccessRuleUpdate::new().permissions("rw")).send().await.unwrap();
    bob.operation_mkdir(guest, "/public/new").send().await.unwrap();
    assert!(lab.laptop_path("shared/public/new").is_dir());
    ada.delete_endpoint_acl_rule(guest, &id).send().await.unwrap();
    assert!(bob.operation_ls(guest).path("/public/").send().await.is_err());
    assert!(ada.get_endpoint_acl_rule(guest, &id).send().await.unwrap_err().is_code("AccessRuleNotFound"));
}

#[tokio::test]
async fn a_mapped_collection_asks_for_a_consent() {
    let storage = tempfile::tempdir().unwrap();
    let lab =
        Lab::with(|emulator| emulator.collection_with(CollectionSetup::mapped("storage", storage.path())))
            .await;
    let id: CollectionId = lab.emulator.collection_id("storage").unwrap().into();
    let error = lab.transfer.operation_ls(id).send().await.unwrap_err();
    assert!(error.needs_consent());
    // What is missing is in the error, and asking for it is enough.
    let wanted = Gare::from_error(&error).unwrap().authorization_parameters.required_scopes.unwrap();
    assert_eq!(wanted, [scope::transfer::all_with_data_access([id]).to_string()]);
    let account = lab.account();
    let consented =
        ClientCredentialsAuthorizer::new(account, scope::transfer::all_with_data_access([id])).unwrap();
    let transfer: TransferClient = lab.client(consented);
    assert!(transfer.operation_ls(id).send().await.unwrap().data.is_empty());
}

#[tokio::test]
async fn collections_change_and_go() {
    let lab = Lab::open().await;
    let (ada, guest) = (&lab.transfer, share(&lab).await);
    ada.update_endpoint(guest, EndpointUpdate::new().description("of the lab")).send().await.unwrap();
    assert_eq!(ada.get_endpoint(guest).send().await.unwrap().description.as_deref(), Some("of the lab"));
    let mark = ada.create_bookmark(NewBookmark::new("results", guest, "/public/")).send().await.unwrap().id;
    let renamed = ada.update_bookmark(mark, BookmarkUpdate::new("good")).send().await.unwrap();
    assert_eq!(renamed.name.as_deref(), Some("good"));
    ada.delete_endpoint(guest).send().await.unwrap();
    assert!(ada.get_endpoint(guest).send().await.unwrap_err().is_code("EndpointDeleted"));
    assert_eq!(ada.bookmark_list().send().await.unwrap().data.len(), 1, "bookmarks outlive their collection");
}

#[tokio::test]
async fn a_manager_watches_and_cancels() {
    let lab = Lab::open().await;
    let (ada, bob) = (&lab.transfer, bob(&lab));
    let guest = share(&lab).await;
    ada.add_endpoint_role(guest, NewRole::for_identity(BOB, RoleType::ActivityManager)).send().await.unwrap();
    let rule =
        bob.endpoint_manager_create_pause_rule(NewPauseRule::new(guest, "maintenance")).send().await.unwrap();
    let paused = ada.operation_ls(guest).send().await.unwrap_err();
    assert!(paused.is_code("OperationPaused") && paused.to_string().contains("maintenance"), "{paused}");
    bob.endpoint_manager_delete_pause_rule(rule.id).send().await.unwrap();
    ada.operation_ls(guest).send().await.unwrap();

    let data = TransferData::new(guest, lab.archive()).with_items([("/missing", "/missing")]);
    let task = ada.submit_transfer(data).send().await.unwrap().task_id;
    let seen = bob.endpoint_manager_get_task(task).send().await.unwrap();
    assert_eq!(seen.task_id, task);
    let mut cancel = bob.endpoint_manager_cancel_tasks([task], "no such data").send().await.unwrap();
    while !cancel.done {
        cancel = bob.endpoint_manager_cancel_status(cancel.id).send().await.unwrap();
    }
    let ended = ada.get_task(task).send().await.unwrap();
    assert_eq!(ended.status, TaskStatus::Failed);
    let error = lab.wait(task).send().await.unwrap_err();
    assert!(error.to_string().contains("CANCELED"), "{error}");
}

/// Permissions of every kind, made what they should be again and again, while answers are lost on the way.
#[tokio::test]
async fn permissions_are_kept_as_they_should_be() {
    let lab = Lab::open().await;
    let (ada, guest) = (&lab.transfer, share(&lab).await);
    let group = "3a1c1c5e-7d0b-4f3a-9b8e-2a6f0f6c1f2a";
    let desired = |week: &str| {
        let end: globus::transfer::Timestamp = format!("2099-01-{week}T00:00:00Z").parse().unwrap();
        vec![
            NewAccessRule::for_identity(BOB.to_uppercase().as_str(), "/public", "r").expiration_date(end),
            NewAccessRule::for_group(group, "/", "rw"),
            NewAccessRule::for_all_authenticated_users("/public/", "r"),
            NewAccessRule::for_anonymous("/public/open/", "r"),
        ]
    };
    let stale = ada.add_endpoint_acl_rule(guest, NewAccessRule::for_identity(BOB, "/old/", "rw")).send();
    let stale = stale.await.unwrap().access_id;

    let plan = ada.sync_acl_rules(guest, desired("01")).plan().await.unwrap();
    assert_eq!((plan.created, plan.deleted.as_slice()), (4, [stale].as_slice()));
    lab.emulator.add_fault(
        RequestFault::drop_connection()
            .after_handling()
            .method(Method::POST)
            .path("/transfer/v0.10/endpoint")
            .times(2),
    );
    assert_eq!(ada.sync_acl_rules(guest, desired("01")).send().await.unwrap(), plan);
    let rules = async || {
        let mut all = ada.endpoint_acl_list(guest).send().await.unwrap().data;
        all.retain(|rule| rule.id.is_some());
        all
    };
    assert_eq!(rules().await.len(), 4, "none is made twice");
    assert_eq!(ada.sync_acl_rules(guest, desired("01")).send().await.unwrap().unchanged.len(), 4);

    let later = ada.sync_acl_rules(guest, desired("02")).send().await.unwrap();
    assert_eq!((later.updated.len(), later.unchanged.len()), (1, 3));
    let bobs = rules().await.into_iter().find(|rule| rule.principal.as_deref() == Some(BOB)).unwrap();
    assert_eq!(bobs.expiration_date.unwrap().to_string(), "2099-01-02T00:00:00Z");

    let both = || ada.ensure_acl_rule(guest, NewAccessRule::for_identity(BOB, "/both/", "r"));
    let (one, other) = tokio::join!(both(), both());
    assert_eq!(one.unwrap().access_id, other.unwrap().access_id);
    assert_eq!(ada.sync_acl_rules(guest, Vec::<NewAccessRule>::new()).send().await.unwrap().deleted.len(), 5);
    assert!(rules().await.is_empty());
    assert!(ada.operation_ls(guest).send().await.is_ok(), "the owner needs no permission");
}

/// What programs of old still call.
#[tokio::test]
#[expect(deprecated, reason = "they still may")]
async fn legacy_endpoints_have_servers_and_no_activation() {
    let lab = Lab::open().await;
    let ada = &lab.transfer;
    let made = ada.create_endpoint(NewEndpoint::new("cluster")).send().await.unwrap();
    let server = ada.add_endpoint_server(made.id, NewServer::new("gridftp.example.org").port(2811)).send();
    let server = server.await.unwrap().id;
    ada.update_endpoint_server(made.id, server, ServerUpdate::new().port(2812)).send().await.unwrap();
    let list = ada.endpoint_server_list(made.id).send().await.unwrap().data;
    assert_eq!((list.len(), list[0].port), (1, Some(2812)));
    let wrong =
        ada.add_endpoint_server(made.id, NewServer::new("h").scheme("https")).send().await.unwrap_err();
    assert!(wrong.to_string().contains("scheme"), "{wrong}");
    ada.delete_endpoint_server(made.id, server).send().await.unwrap();

    let requirements = ada.endpoint_get_activation_requirements(made.id).send().await.unwrap();
    assert!(!requirements.always_activated() && !requirements.supports_auto_activation());
    let failed = ada.endpoint_autoactivate(made.id).if_expires_in(3600).send().await.unwrap();
    assert!(!failed.is_activated(), "{failed:?}");
    assert!(ada.operation_ls(made.id).send().await.unwrap_err().is_code("ClientError.ActivationRequired"));

    let laptop = lab.laptop();
    let requirements = ada.endpoint_get_activation_requirements(laptop).send().await.unwrap();
    assert!(requirements.always_activated() && requirements.supports_web_activation());
    ada.endpoint_deactivate(laptop).send().await.unwrap();
    assert!(ada.endpoint_activate(laptop, requirements).send().await.unwrap().is_activated());
}
