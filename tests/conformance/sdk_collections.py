"""Sharing and managing with the official Python SDK. `CONFORMANCE_EMULATOR` names the ready file of an emulator."""

import os

import globus_sdk
from browser import control
from check import check, emulator, end, raises
from driven import watch

watch()
HERE = emulator()
LAB, ARCHIVE, VAULT = (HERE["collections"][name] for name in ("lab", "archive", "vault"))
BOB = "b0b00000-0000-4000-8000-000000000000"
control("seed", {"clients": [{"id": BOB, "secret": "the-secret-of-bob"}]})
Refused = globus_sdk.TransferAPIError


def client(client_id, secret):
    config = globus_sdk.GlobusAppConfig(token_storage="memory")
    app = globus_sdk.ClientApp("conformance", client_id=client_id, client_secret=secret, config=config)
    return globus_sdk.TransferClient(app=app)


ada, bob = client(HERE["client_id"], HERE["client_secret"]), client(BOB, "the-secret-of-bob")
ME = HERE["client_id"]
os.makedirs(os.path.join(LAB["path"], "shared", "public"))


def rule(path, permissions, **more):
    return {"DATA_TYPE": "access", "path": path, "permissions": permissions, **more}


with check("a directory is shared, found and described"):
    document = {"DATA_TYPE": "shared_endpoint", "display_name": "results", "host_endpoint": LAB["id"], "host_path": "/~/shared/"}
    made = ada.create_shared_endpoint(document)
    assert (made.http_status, made["code"]) == (201, "Created"), made.data
    guest = made["id"]
    shown = ada.get_endpoint(guest)
    assert (shown["entity_type"], shown["host_endpoint_id"], shown["owner_id"]) == ("GCP_guest_collection", LAB["id"], ME)
    raises(Refused, lambda: ada.create_shared_endpoint(document), http_status=409)
    assert [one["id"] for one in ada.my_shared_endpoint_list(LAB["id"])] == [guest]
    assert [one["id"] for one in ada.paginated.get_shared_endpoint_list(LAB["id"], max_results=1).items()] == [guest]
    assert [one["id"] for one in ada.endpoint_search(filter_scope="shared-by-me")] == [guest]
    assert [one["id"] for one in ada.paginated.endpoint_search(filter_host_endpoint=LAB["id"], filter_fulltext="res").items()] == [guest]

with check("a collection is changed"):
    assert ada.update_endpoint(guest, {"description": "of the lab"})["code"] == "Updated"
    assert ada.get_endpoint(guest)["description"] == "of the lab"
    assert ada.set_subscription_admin_verified(guest, True)["code"] == "Updated"
    raises(Refused, lambda: ada.set_subscription_id(guest, "DEFAULT"), http_status=400)
    subscription = ada.get_endpoint(LAB["id"])["subscription_id"]
    assert ada.set_subscription_id(LAB["id"], subscription)["code"] == "Updated"
    assert ada.get_endpoint(LAB["id"])["subscription_id"] == subscription
    raises(Refused, lambda: bob.update_endpoint(guest, {"description": "x"}), http_status=403, code="PermissionDenied")

with check("servers are listed"):
    server = ada.endpoint_server_list(guest)["DATA"][0]
    assert ada.get_endpoint_server(guest, server["id"])["id"] == server["id"]

with check("permissions decide who gets in"):
    error = raises(Refused, lambda: bob.operation_ls(guest), http_status=403, code="PermissionDenied")
    assert "No effective ACL rules" in error.message
    identity = {"principal_type": "identity", "principal": BOB}
    made = ada.add_endpoint_acl_rule(guest, rule("/public/", "r", **identity))
    assert made.http_status == 201 and made["code"] == "Created"
    raises(Refused, lambda: ada.add_endpoint_acl_rule(guest, rule("/public/", "r", **identity)), http_status=409, code="Exists")
    assert bob.operation_ls(guest, "/public/")["DATA"] == []
    raises(Refused, lambda: bob.operation_mkdir(guest, "/public/new"), http_status=403)
    assert [one["id"] for one in bob.endpoint_search(filter_scope="shared-with-me")] == [guest]
    assert ada.update_endpoint_acl_rule(guest, made["access_id"], {"permissions": "rw"})["code"] == "Updated"
    bob.operation_mkdir(guest, "/public/new")
    assert os.path.isdir(os.path.join(LAB["path"], "shared", "public", "new"))
    assert ada.get_endpoint_acl_rule(guest, made["access_id"])["permissions"] == "rw"
    assert [one["role_type"] for one in ada.endpoint_acl_list(guest)] == ["administrator", None]
    assert ada.delete_endpoint_acl_rule(guest, made["access_id"])["code"] == "Deleted"
    gone = lambda: ada.get_endpoint_acl_rule(guest, made["access_id"])
    raises(Refused, gone, http_status=404, code="AccessRuleNotFound")

with check("roles are given and taken"):
    role = ada.add_endpoint_role(guest, {"principal_type": "identity", "principal": BOB, "role": "activity_monitor"})
    assert bob.get_endpoint(guest)["my_effective_roles"] == ["activity_monitor"]
    assert [one["id"] for one in ada.endpoint_role_list(guest)] == [role["id"]]
    assert ada.get_endpoint_role(guest, role["id"])["principal"] == BOB
    assert ada.delete_endpoint_role(guest, role["id"])["code"] == "Deleted"
    raises(Refused, lambda: ada.get_endpoint_role(guest, role["id"]), http_status=404, code="RoleNotFound")

with check("bookmarks are kept"):
    mark = ada.create_bookmark({"name": "results", "endpoint_id": guest, "path": "/public/"})
    assert ada.update_bookmark(mark["id"], {"name": "good"})["name"] == "good"
    assert [(one["name"], one["path"]) for one in ada.bookmark_list()] == [("good", "/public/")]
    assert ada.get_bookmark(mark["id"])["endpoint_id"] == guest
    assert ada.delete_bookmark(mark["id"])["code"] == "Deleted"
    raises(Refused, lambda: ada.get_bookmark(mark["id"]), http_status=404, code="BookmarkNotFound")

with check("a mapped collection asks for a consent"):
    error = raises(Refused, lambda: ada.operation_ls(VAULT["id"]), http_status=403, code="ConsentRequired")
    assert error.info.consent_required.required_scopes[0].endswith("/data_access]"), error.raw_json
    ada.add_app_data_access_scope(VAULT["id"])
    ada = client(HERE["client_id"], HERE["client_secret"]).add_app_data_access_scope(VAULT["id"])
    assert ada.operation_ls(VAULT["id"])["endpoint"] == VAULT["id"]

with check("a pause rule stops operations and shows to whom it stops"):
    paused = ada.endpoint_manager_create_pause_rule({"DATA_TYPE": "pause_rule", "endpoint_id": guest, "message": "maintenance"})
    assert paused["pause_ls"] and paused["editable"] and not paused["created_by_host_manager"], paused.data
    error = raises(Refused, lambda: ada.operation_ls(guest), http_status=409, code="OperationPaused")
    assert "maintenance" in error.message
    assert [one["id"] for one in ada.my_effective_pause_rule_list(guest)] == [paused["id"]]
    assert ada.endpoint_manager_update_pause_rule(paused["id"], {"pause_ls": False})["pause_ls"] is False
    ada.operation_ls(guest)
    assert [one["id"] for one in ada.endpoint_manager_pause_rule_list(filter_endpoint=guest)] == [paused["id"]]
    assert ada.endpoint_manager_get_pause_rule(paused["id"])["message"] == "maintenance"
    assert ada.endpoint_manager_delete_pause_rule(paused["id"])["code"] == "Deleted"

with check("a manager sees, pauses, resumes and cancels"):
    assert guest in [one["id"] for one in ada.endpoint_manager_monitored_endpoints()]
    assert ada.endpoint_manager_get_endpoint(guest)["in_use"] is None
    assert [one["id"] for one in ada.endpoint_manager_hosted_endpoint_list(LAB["id"])] == [guest]
    raises(Refused, lambda: ada.endpoint_manager_hosted_endpoint_list(guest), http_status=409, code="Conflict")
    assert ada.endpoint_manager_acl_list(guest)["DATA"][0]["principal"] == ME
    data = globus_sdk.TransferData(LAB["id"], ARCHIVE["id"])
    data.add_item("/missing", "/missing")
    task = ada.submit_transfer(data)["task_id"]
    listed = ada.paginated.endpoint_manager_task_list(filter_status="ACTIVE", filter_endpoint=LAB["id"]).items()
    assert [one["task_id"] for one in listed] == [task]
    assert ada.endpoint_manager_pause_tasks([task], "not now")["code"] == "PauseAccepted"
    assert ada.endpoint_manager_get_task(task)["is_paused"]
    assert ada.endpoint_manager_task_pause_info(task)["source_pause_message"] == "not now"
    assert ada.endpoint_manager_resume_tasks([task])["code"] == "ResumeAccepted"
    cancel = ada.endpoint_manager_cancel_tasks([task], "no such data")
    while not cancel["done"]:
        cancel = ada.endpoint_manager_cancel_status(cancel["id"])
    ended = ada.get_task(task)
    assert (ended["status"], ended["canceled_by_admin"]) == ("FAILED", "BOTH"), ended.data
    assert ended["canceled_by_admin_message"] == "no such data"
    codes = [event["code"] for event in ada.endpoint_manager_task_event_list(task)]
    assert codes[0] == "CANCELED", codes
    assert list(ada.endpoint_manager_task_successful_transfers(task)) == []
    assert list(ada.endpoint_manager_task_skipped_errors(task)) == []

with check("a collection is deleted"):
    assert ada.delete_endpoint(guest)["code"] == "Deleted"
    raises(Refused, lambda: ada.get_endpoint(guest), http_status=404, code="EndpointDeleted")

end()
