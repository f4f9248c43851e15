//! Calls to Transfer for those who manage collections.

use globus::{
    prelude::*,
    transfer::{
        SubscriptionId,
        access::{AccessRuleUpdate, NewAccessRule},
        bookmarks::{BookmarkUpdate, NewBookmark},
        collections::{EndpointUpdate, NewSharedEndpoint, Subscription},
        endpoints::{NetworkUse, TransferUse},
        pause::{NewPauseRule, PauseRuleUpdate},
        roles::{NewRole, RoleType},
    },
};

use super::{A, B, C, cases};

const MARKER: &str = "a/b+c==";

/// 2026-01-31T12:00:00Z.
fn time() -> Option<Timestamp> {
    Timestamp::from_second(1_769_860_800).ok()
}

fn everything() -> EndpointUpdate {
    EndpointUpdate::new()
        .display_name("größer")
        .description("d")
        .department(None)
        .keywords("a,b")
        .default_directory("/~/")
        .force_encryption(true)
        .public(false)
        .network_use(NetworkUse::Custom)
        .max_concurrency(4)
}

/// All members of a pause rule that can be changed.
macro_rules! pauses {
    ($rule:expr) => {
        $rule
            .pause_ls(false)
            .pause_mkdir(true)
            .pause_symlink(false)
            .pause_rename(true)
            .pause_task_delete(false)
            .pause_task_transfer_write(true)
            .pause_task_transfer_read(false)
    };
}

fn acl_rule() -> NewAccessRule {
    NewAccessRule::for_anonymous("/a/", "r")
        .expiration_date(time())
        .notify_email("ada@example.org")
        .notify_message("Hello")
}

cases! { clients;
    "transfer.endpoint_role_list" => clients.transfer.endpoint_role_list(A),
    "transfer.add_endpoint_role" => {
        clients.transfer.add_endpoint_role(A, NewRole::for_identity(B, RoleType::AccessManager))
    },
    "transfer.get_endpoint_role" => clients.transfer.get_endpoint_role(A, C),
    "transfer.delete_endpoint_role" => clients.transfer.delete_endpoint_role(A, C),
    "transfer.endpoint_acl_list" => clients.transfer.endpoint_acl_list(A),
    "transfer.get_endpoint_acl_rule" => clients.transfer.get_endpoint_acl_rule(A, C),
    "transfer.add_endpoint_acl_rule" => {
        clients.transfer.add_endpoint_acl_rule(A, NewAccessRule::for_identity(B, "/a/", "r"))
    },
    "transfer.add_endpoint_acl_rule.everything" => clients.transfer.add_endpoint_acl_rule(A, acl_rule()),
    "transfer.update_endpoint_acl_rule" => {
        let update = AccessRuleUpdate::new().permissions("rw").expiration_date(None);
        clients.transfer.update_endpoint_acl_rule(A, C, update)
    },
    "transfer.delete_endpoint_acl_rule" => clients.transfer.delete_endpoint_acl_rule(A, C),
    "transfer.bookmark_list" => clients.transfer.bookmark_list(),
    "transfer.create_bookmark" => {
        clients.transfer.create_bookmark(NewBookmark::new("größe", A, "/~/").pinned(true))
    },
    "transfer.get_bookmark" => clients.transfer.get_bookmark(C),
    "transfer.update_bookmark" => clients.transfer.update_bookmark(C, BookmarkUpdate::new("b").pinned(false)),
    "transfer.delete_bookmark" => clients.transfer.delete_bookmark(C),
    "transfer.update_endpoint" => clients.transfer.update_endpoint(A, everything()),
    "transfer.delete_endpoint" => clients.transfer.delete_endpoint(A),
    "transfer.set_subscription_id" => clients.transfer.set_subscription_id(A, B.parse::<SubscriptionId>().ok()),
    "transfer.set_subscription_id.default" => clients.transfer.set_subscription_id(A, Subscription::Default),
    "transfer.set_subscription_id.null" => clients.transfer.set_subscription_id(A, None::<SubscriptionId>),
    "transfer.set_subscription_admin_verified" => clients.transfer.set_subscription_admin_verified(A, true),
    "transfer.create_shared_endpoint" => {
        clients.transfer.create_shared_endpoint(NewSharedEndpoint::new(A, "/~/s/", "n").description("d"))
    },
    "transfer.my_shared_endpoint_list" => clients.transfer.my_shared_endpoint_list(A),
    "transfer.get_shared_endpoint_list" => clients.transfer.get_shared_endpoint_list(A),
    "transfer.get_shared_endpoint_list.everything" => {
        clients.transfer.get_shared_endpoint_list(A).max_results(5).next_token(MARKER)
    },
    "transfer.my_effective_pause_rule_list" => clients.transfer.my_effective_pause_rule_list(A),
    "transfer.endpoint_server_list" => clients.transfer.endpoint_server_list(A),
    "transfer.get_endpoint_server" => clients.transfer.get_endpoint_server(A, 575_u64),
    "transfer.task_pause_info" => clients.transfer.task_pause_info(A),
    "transfer.endpoint_manager_monitored_endpoints" => clients.transfer.endpoint_manager_monitored_endpoints(),
    "transfer.endpoint_manager_hosted_endpoint_list" => clients.transfer.endpoint_manager_hosted_endpoint_list(A),
    "transfer.endpoint_manager_get_endpoint" => clients.transfer.endpoint_manager_get_endpoint(A),
    "transfer.endpoint_manager_acl_list" => clients.transfer.endpoint_manager_acl_list(A),
    "transfer.endpoint_manager_task_list" => clients.transfer.endpoint_manager_task_list(),
    "transfer.endpoint_manager_task_list.everything" => clients
        .transfer
        .endpoint_manager_task_list()
        .filter_status(["ACTIVE", "INACTIVE"])
        .filter_task_id([A, B])
        .filter_owner_id(C)
        .filter_endpoint(A)
        .filter_endpoint_use(TransferUse::Destination)
        .filter_is_paused(true)
        .filter_completion_time(time(), time())
        .filter_min_faults(3)
        .filter_local_user("ada")
        .limit(5)
        .last_key(MARKER),
    "transfer.endpoint_manager_get_task" => clients.transfer.endpoint_manager_get_task(A),
    "transfer.endpoint_manager_task_event_list" => clients.transfer.endpoint_manager_task_event_list(A),
    "transfer.endpoint_manager_task_event_list.everything" => {
        clients.transfer.endpoint_manager_task_event_list(A).limit(5).offset(10).filter_is_error(true)
    },
    "transfer.endpoint_manager_task_pause_info" => clients.transfer.endpoint_manager_task_pause_info(A),
    "transfer.endpoint_manager_task_successful_transfers" => {
        clients.transfer.endpoint_manager_task_successful_transfers(A).marker(MARKER)
    },
    "transfer.endpoint_manager_task_skipped_errors" => {
        clients.transfer.endpoint_manager_task_skipped_errors(A).marker(MARKER)
    },
    "transfer.endpoint_manager_cancel_tasks" => clients.transfer.endpoint_manager_cancel_tasks([A, B], "über"),
    "transfer.endpoint_manager_cancel_status" => clients.transfer.endpoint_manager_cancel_status(7_u64),
    "transfer.endpoint_manager_pause_tasks" => clients.transfer.endpoint_manager_pause_tasks([A, B], "m"),
    "transfer.endpoint_manager_resume_tasks" => clients.transfer.endpoint_manager_resume_tasks([A, B]),
    "transfer.endpoint_manager_pause_rule_list" => clients.transfer.endpoint_manager_pause_rule_list(),
    "transfer.endpoint_manager_pause_rule_list.everything" => {
        clients.transfer.endpoint_manager_pause_rule_list().filter_endpoint(A).filter_host_endpoint(B)
    },
    "transfer.endpoint_manager_create_pause_rule" => {
        clients.transfer.endpoint_manager_create_pause_rule(pauses!(NewPauseRule::new(A, "m")).identity_id(B))
    },
    "transfer.endpoint_manager_get_pause_rule" => clients.transfer.endpoint_manager_get_pause_rule(C),
    "transfer.endpoint_manager_update_pause_rule" => {
        clients.transfer.endpoint_manager_update_pause_rule(C, pauses!(PauseRuleUpdate::new().message("n")))
    },
    "transfer.endpoint_manager_delete_pause_rule" => clients.transfer.endpoint_manager_delete_pause_rule(C),
}
