"""Calls to Transfer for those who manage collections."""

from datetime import datetime, timezone

from constants import MARKER, A, B, C

TIME = datetime(2026, 1, 31, 12, 0, 0, tzinfo=timezone.utc)
EVERYTHING = {
    "DATA_TYPE": "endpoint",
    "display_name": "größer",
    "description": "d",
    "department": None,
    "keywords": "a,b",
    "default_directory": "/~/",
    "force_encryption": True,
    "public": False,
    "network_use": "custom",
    "max_concurrency": 4,
}
PAUSES = {
    "pause_ls": False,
    "pause_mkdir": True,
    "pause_symlink": False,
    "pause_rename": True,
    "pause_task_delete": False,
    "pause_task_transfer_write": True,
    "pause_task_transfer_read": False,
}


def acl_rule(**more):
    return {"DATA_TYPE": "access", "path": "/a/", **more}


CASES = {
    "transfer.endpoint_role_list": lambda c: c.transfer.endpoint_role_list(A),
    "transfer.add_endpoint_role": lambda c: c.transfer.add_endpoint_role(
        A, {"DATA_TYPE": "role", "principal": B, "principal_type": "identity", "role": "access_manager"}
    ),
    "transfer.get_endpoint_role": lambda c: c.transfer.get_endpoint_role(A, C),
    "transfer.delete_endpoint_role": lambda c: c.transfer.delete_endpoint_role(A, C),
    "transfer.endpoint_acl_list": lambda c: c.transfer.endpoint_acl_list(A),
    "transfer.get_endpoint_acl_rule": lambda c: c.transfer.get_endpoint_acl_rule(A, C),
    "transfer.add_endpoint_acl_rule": lambda c: c.transfer.add_endpoint_acl_rule(
        A, acl_rule(principal=B, principal_type="identity", permissions="r")
    ),
    "transfer.add_endpoint_acl_rule.everything": lambda c: c.transfer.add_endpoint_acl_rule(
        A,
        acl_rule(
            principal="",
            principal_type="anonymous",
            permissions="r",
            expiration_date="2026-01-31T12:00:00Z",
            notify_email="ada@example.org",
            notify_message="Hello",
        ),
    ),
    "transfer.update_endpoint_acl_rule": lambda c: c.transfer.update_endpoint_acl_rule(
        A, C, {"DATA_TYPE": "access", "permissions": "rw", "expiration_date": None}
    ),
    "transfer.delete_endpoint_acl_rule": lambda c: c.transfer.delete_endpoint_acl_rule(A, C),
    "transfer.bookmark_list": lambda c: c.transfer.bookmark_list(),
    "transfer.create_bookmark": lambda c: c.transfer.create_bookmark(
        {"DATA_TYPE": "bookmark", "name": "größe", "endpoint_id": A, "path": "/~/", "pinned": True}
    ),
    "transfer.get_bookmark": lambda c: c.transfer.get_bookmark(C),
    "transfer.update_bookmark": lambda c: c.transfer.update_bookmark(
        C, {"DATA_TYPE": "bookmark", "name": "b", "pinned": False}
    ),
    "transfer.delete_bookmark": lambda c: c.transfer.delete_bookmark(C),
    "transfer.update_endpoint": lambda c: c.transfer.update_endpoint(A, EVERYTHING),
    "transfer.delete_endpoint": lambda c: c.transfer.delete_endpoint(A),
    "transfer.set_subscription_id": lambda c: c.transfer.set_subscription_id(A, B),
    "transfer.set_subscription_id.default": lambda c: c.transfer.set_subscription_id(A, "DEFAULT"),
    "transfer.set_subscription_id.null": lambda c: c.transfer.set_subscription_id(A, None),
    "transfer.set_subscription_admin_verified": lambda c: c.transfer.set_subscription_admin_verified(A, True),
    "transfer.create_shared_endpoint": lambda c: c.transfer.create_shared_endpoint(
        {"DATA_TYPE": "shared_endpoint", "host_endpoint": A, "host_path": "/~/s/", "display_name": "n", "description": "d"}
    ),
    "transfer.my_shared_endpoint_list": lambda c: c.transfer.my_shared_endpoint_list(A),
    "transfer.get_shared_endpoint_list": lambda c: c.transfer.get_shared_endpoint_list(A),
    "transfer.get_shared_endpoint_list.everything": lambda c: c.transfer.get_shared_endpoint_list(
        A, max_results=5, next_token=MARKER
    ),
    "transfer.my_effective_pause_rule_list": lambda c: c.transfer.my_effective_pause_rule_list(A),
    "transfer.endpoint_server_list": lambda c: c.transfer.endpoint_server_list(A),
    "transfer.get_endpoint_server": lambda c: c.transfer.get_endpoint_server(A, 575),
    "transfer.task_pause_info": lambda c: c.transfer.task_pause_info(A),
    "transfer.endpoint_manager_monitored_endpoints": lambda c: c.transfer.endpoint_manager_monitored_endpoints(),
    "transfer.endpoint_manager_hosted_endpoint_list": lambda c: c.transfer.endpoint_manager_hosted_endpoint_list(A),
    "transfer.endpoint_manager_get_endpoint": lambda c: c.transfer.endpoint_manager_get_endpoint(A),
    "transfer.endpoint_manager_acl_list": lambda c: c.transfer.endpoint_manager_acl_list(A),
    "transfer.endpoint_manager_task_list": lambda c: c.transfer.endpoint_manager_task_list(),
    "transfer.endpoint_manager_task_list.everything": lambda c: c.transfer.endpoint_manager_task_list(
        filter_status=["ACTIVE", "INACTIVE"],
        filter_task_id=[A, B],
        filter_owner_id=C,
        filter_endpoint=A,
        filter_endpoint_use="destination",
        filter_is_paused=True,
        filter_completion_time=(TIME, TIME),
        filter_min_faults=3,
        filter_local_user="ada",
        last_key=MARKER,
        query_params={"limit": 5},
    ),
    "transfer.endpoint_manager_get_task": lambda c: c.transfer.endpoint_manager_get_task(A),
    "transfer.endpoint_manager_task_event_list": lambda c: c.transfer.endpoint_manager_task_event_list(A),
    "transfer.endpoint_manager_task_event_list.everything": lambda c: c.transfer.endpoint_manager_task_event_list(
        A, limit=5, offset=10, filter_is_error=True
    ),
    "transfer.endpoint_manager_task_pause_info": lambda c: c.transfer.endpoint_manager_task_pause_info(A),
    "transfer.endpoint_manager_task_successful_transfers": lambda c: (
        c.transfer.endpoint_manager_task_successful_transfers(A, marker=MARKER)
    ),
    "transfer.endpoint_manager_task_skipped_errors": lambda c: c.transfer.endpoint_manager_task_skipped_errors(
        A, marker=MARKER
    ),
    "transfer.endpoint_manager_cancel_tasks": lambda c: c.transfer.endpoint_manager_cancel_tasks([A, B], "über"),
    "transfer.endpoint_manager_cancel_status": lambda c: c.transfer.endpoint_manager_cancel_status(7),
    "transfer.endpoint_manager_pause_tasks": lambda c: c.transfer.endpoint_manager_pause_tasks([A, B], "m"),
    "transfer.endpoint_manager_resume_tasks": lambda c: c.transfer.endpoint_manager_resume_tasks([A, B]),
    "transfer.endpoint_manager_pause_rule_list": lambda c: c.transfer.endpoint_manager_pause_rule_list(),
    "transfer.endpoint_manager_pause_rule_list.everything": lambda c: c.transfer.endpoint_manager_pause_rule_list(
        filter_endpoint=A, query_params={"filter_host_endpoint": B}
    ),
    "transfer.endpoint_manager_create_pause_rule": lambda c: c.transfer.endpoint_manager_create_pause_rule(
        {"DATA_TYPE": "pause_rule", "endpoint_id": A, "message": "m", "identity_id": B, **PAUSES}
    ),
    "transfer.endpoint_manager_get_pause_rule": lambda c: c.transfer.endpoint_manager_get_pause_rule(C),
    "transfer.endpoint_manager_update_pause_rule": lambda c: c.transfer.endpoint_manager_update_pause_rule(
        C, {"DATA_TYPE": "pause_rule", "message": "n", **PAUSES}
    ),
    "transfer.endpoint_manager_delete_pause_rule": lambda c: c.transfer.endpoint_manager_delete_pause_rule(C),
}
