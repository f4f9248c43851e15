"""Transfer and Flows by the official Python SDK. `CONFORMANCE_EMULATOR` names its ready file."""

import os

import globus_sdk
from check import check, emulator, end, note, raises
from driven import watch

watch()
HERE = emulator()
SOURCE, DESTINATION = (HERE["collections"][name] for name in ("lab", "archive"))


def write(collection, name, content):
    path = os.path.join(collection["path"], name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


def read(collection, name):
    with open(os.path.join(collection["path"], name), encoding="utf-8") as file:
        return file.read()


def transfer_data(*items, **options):
    data = globus_sdk.TransferData(SOURCE["id"], DESTINATION["id"], **options)
    for item in items:
        data.add_item(*item)
    return data


app = globus_sdk.ClientApp(
    "conformance",
    client_id=HERE["client_id"],
    client_secret=HERE["client_secret"],
    config=globus_sdk.GlobusAppConfig(token_storage="memory"),
)
transfer = globus_sdk.TransferClient(app=app)

with check("a file is listed, with filter and order"):
    write(SOURCE, "runs/1.csv", "12345")
    write(SOURCE, "runs/größe 2.txt", "")
    write(SOURCE, "runs/.hidden", "")
    names = [entry["name"] for entry in transfer.operation_ls(SOURCE["id"], "/runs/", show_hidden=False)]
    assert names == ["1.csv", "größe 2.txt"], names
    some = transfer.operation_ls(SOURCE["id"], "/runs/", filter={"name": "~*.csv"}, orderby="size DESC", limit=5)
    assert [(entry["name"], entry["size"], entry["type"]) for entry in some] == [("1.csv", 5, "file")]

with check("a directory is made, and not twice"):
    assert transfer.operation_mkdir(SOURCE["id"], "/new")["code"] == "DirectoryCreated"
    raises(
        globus_sdk.TransferAPIError,
        lambda: transfer.operation_mkdir(SOURCE["id"], "/new"),
        http_status=502,
        code="ExternalError.MkdirFailed.Exists",
    )

with check("a directory is renamed"):
    assert transfer.operation_rename(SOURCE["id"], "/new", "/old")["code"] == "FileRenamed"
    assert os.path.isdir(os.path.join(SOURCE["path"], "old"))

with check("a path is described, or said not to be there"):
    assert transfer.operation_stat(SOURCE["id"], "/old")["type"] == "dir"
    assert transfer.operation_stat(SOURCE["id"], "/runs/1.csv")["size"] == 5
    raises(globus_sdk.TransferAPIError, lambda: transfer.operation_stat(SOURCE["id"], "/gone"), http_status=404)

with check("a collection is described and found"):
    assert transfer.get_endpoint(SOURCE["id"])["display_name"] == "lab"
    found = [entry["id"] for entry in transfer.paginated.endpoint_search("archive", filter_scope="all").items()]
    assert found == [DESTINATION["id"]], found

with check("a transfer copies, and task_wait sees its end"):
    data = transfer_data(("/runs/", "/backup/"), label="run 7", sync_level="checksum", verify_checksum=True)
    submitted = transfer.submit_transfer(data)
    task_id = submitted["task_id"]
    assert submitted["code"] == "Accepted" and submitted["submission_id"] == data["submission_id"]
    assert transfer.task_wait(task_id, timeout=20, polling_interval=1)
    task = transfer.get_task(task_id)
    assert (task["status"], task["files_transferred"], task["label"]) == ("SUCCEEDED", 3, "run 7"), task.data
    assert read(DESTINATION, "backup/1.csv") == "12345"

with check("the same document again is the same task"):
    assert transfer.submit_transfer(data)["code"] == "Duplicate"

with check("its events are listed, newest first"):
    events = [event["code"] for event in transfer.paginated.task_event_list(task_id).items()]
    assert events[0] == "SUCCEEDED" and events[-1] == "STARTED", events

with check("its files are listed"):
    copied = transfer.paginated.task_successful_transfers(task_id).items()
    paths = sorted(entry["destination_path"] for entry in copied)
    assert paths == ["/backup/.hidden", "/backup/1.csv", "/backup/größe 2.txt"], paths

with check("tasks are listed with filter and order"):
    listed = transfer.paginated.task_list(filter={"type": ["TRANSFER"], "status": "SUCCEEDED"}, orderby="request_time DESC")
    assert [entry["task_id"] for entry in listed.items()] == [task_id]

with check("a skipped error is counted and listed"):
    skipping = transfer_data(("/runs/1.csv", "/s/1.csv"), ("/gone", "/s/gone"), skip_source_errors=True)
    skipped_id = transfer.submit_transfer(skipping)["task_id"]
    assert transfer.task_wait(skipped_id, timeout=20, polling_interval=1)
    errors = list(transfer.paginated.task_skipped_errors(skipped_id).items())
    assert [error["source_path"] for error in errors] == ["/gone"], errors

with check("a task is changed and cancelled"):
    hopeless = transfer.submit_transfer(transfer_data(("/gone", "/gone")))["task_id"]
    assert not transfer.task_wait(hopeless, timeout=1, polling_interval=1)
    transfer.update_task(hopeless, {"DATA_TYPE": "task", "label": "hopeless"})
    assert transfer.cancel_task(hopeless)["code"] == "Canceled"
    task = transfer.get_task(hopeless)
    assert (task["status"], task["label"], task["fatal_error"]["code"]) == ("FAILED", "hopeless", "CANCELED"), task.data

with check("a deletion deletes"):
    deletion = globus_sdk.DeleteData(DESTINATION["id"], recursive=True)
    deletion.add_item("/backup")
    deleted = transfer.submit_delete(deletion)["task_id"]
    assert transfer.task_wait(deleted, timeout=20, polling_interval=1)
    assert not os.path.exists(os.path.join(DESTINATION["path"], "backup"))

with check("deleting what is not there fails the task"):
    deletion = globus_sdk.DeleteData(DESTINATION["id"])
    deletion.add_item("/backup")
    failing = transfer.submit_delete(deletion)["task_id"]
    assert transfer.task_wait(failing, timeout=20, polling_interval=1)
    assert transfer.get_task(failing)["fatal_error"]["code"] == "FILE_NOT_FOUND"

flows = globus_sdk.FlowsClient(app=app)
definition = {"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 60, "End": True}}}

with check("a flow is created, read, listed page by page and deleted"):
    made = [flows.create_flow(f"flow {number}", definition, {})["id"] for number in range(25)]
    first = flows.get_flow(made[0])
    assert first["definition"] == definition and first["user_roles"] == ["flow_owner"], first.data
    assert first["globus_auth_scope"].endswith(f"/flow_{made[0].replace('-', '_')}_user")
    listed = [flow["id"] for flow in flows.paginated.list_flows(orderby="created_at ASC").items()]
    assert listed == made, f"{len(listed)} of {len(made)}"
    updated = flows.update_flow(made[0], title="another", flow_viewers=["public"])
    assert (updated["title"], updated["flow_viewers"]) == ("another", ["public"])
    for flow in made:
        assert flows.delete_flow(flow)["DELETED"]

with check("a flow that is not there is an error of Flows"):
    error = raises(globus_sdk.FlowsAPIError, lambda: flows.get_flow(made[0]), http_status=404, code="NOT_FOUND")
    assert error.messages

with check("a flow with a wrong definition is told where"):
    error = raises(globus_sdk.FlowsAPIError, lambda: flows.create_flow("x", {"States": {}}, {}), http_status=422)
    assert "field required" in error.messages, error.messages

note(f"globus-sdk {globus_sdk.__version__}")
end()
