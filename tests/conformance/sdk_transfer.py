"""The official Python SDK's files, tasks and tunnels against the emulator, looking at what arrived. `CONFORMANCE_EMULATOR`
names its ready file."""

import datetime
import hashlib
import json
import os
import urllib.error
import urllib.request

import globus_sdk
from check import check, emulator, end, raises
from driven import watch
from globus_sdk.scopes import GCSCollectionScopes, TransferScopes
from globus_sdk.services.transfer.data import CreateTunnelData

watch()
HERE = emulator()
SOURCE, DESTINATION, VAULT = (HERE["collections"][name] for name in ("lab", "archive", "vault"))
CONTROL = HERE["services"]["transfer"].replace("/transfer/", "/_emulator/")
ODD = ["a b", "it's", '"q"', "\u00e9", "e\u0301", "100%", "#1", "what?", "a+b", "-rf", "漢字"]

account = globus_sdk.ConfidentialAppAuthClient(HERE["client_id"], HERE["client_secret"])
app = globus_sdk.ClientApp("conformance", client_id=HERE["client_id"], client_secret=HERE["client_secret"])
transfer = globus_sdk.TransferClient(app=app)


def path(collection, *names):
    return os.path.join(collection["path"], *names)


def write(name, content, collection=SOURCE):
    os.makedirs(os.path.dirname(path(collection, name)), exist_ok=True)
    with open(path(collection, name), "w", encoding="utf-8") as file:
        file.write(content)


def read(name, collection=DESTINATION):
    with open(path(collection, name), encoding="utf-8") as file:
        return file.read()


def submit(*items, **options):
    data = globus_sdk.TransferData(SOURCE["id"], DESTINATION["id"], **options)
    for item in items:
        data.add_item(*item) if isinstance(item, tuple) else data.add_item(**item)
    return transfer.submit_transfer(data)["task_id"]


def done(task):
    assert transfer.task_wait(task, timeout=30, polling_interval=1), "the task does not end"
    return transfer.get_task(task)


def succeed(*items, **options):
    task = done(submit(*items, **options))
    assert task["status"] == "SUCCEEDED", task.data
    return task


def control(method, room, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(CONTROL + room, data=data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


with check("odd names are made, found, renamed, copied and deleted"):
    for number, name in enumerate(ODD):
        os.makedirs(path(SOURCE, "odd", str(number)))
        made, renamed = f"/odd/{number}/{name}", f"/odd/{number}/{name}.2"
        transfer.operation_mkdir(SOURCE["id"], made)
        assert transfer.operation_stat(SOURCE["id"], made)["name"] == name
        transfer.operation_rename(SOURCE["id"], made, renamed)
        write(f"odd/{number}/{name}.2/{name}", name)
        assert [entry["name"] for entry in transfer.operation_ls(SOURCE["id"], path=renamed)] == [name]
    succeed({"source_path": "/odd/", "destination_path": "/odd/", "recursive": True})
    for number, name in enumerate(ODD):
        assert read(f"odd/{number}/{name}.2/{name}") == name
    deletion = globus_sdk.DeleteData(SOURCE["id"], recursive=True)
    for number, name in enumerate(ODD):
        deletion.add_item(f"/odd/{number}/{name}.2")
    assert done(transfer.submit_delete(deletion)["task_id"])["status"] == "SUCCEEDED"
    assert [os.listdir(path(SOURCE, "odd", str(number))) for number in range(len(ODD))] == [[]] * len(ODD)

with check("ls filters, orders and hides"):
    for name in ("a.txt", "b.txt", "c.csv", ".hidden"):
        write(f"list/{name}", name * 3)
    names = lambda **more: [entry["name"] for entry in transfer.operation_ls(SOURCE["id"], path="/list/", **more)]
    assert names(filter="name:~*.txt") == ["a.txt", "b.txt"]
    assert names(filter={"name": ["a.txt", "c.csv"]}) == ["a.txt", "c.csv"]
    assert names(filter=[{"name": "~*.csv"}, {"name": "b.txt"}]) == ["b.txt", "c.csv"]
    assert names(orderby="name DESC", show_hidden=False) == ["c.csv", "b.txt", "a.txt"]
    assert names(limit=1, offset=1, orderby=["size", "name"]) == ["b.txt"]

with check("what cannot be listed or looked at is an error"):
    ls = lambda where: transfer.operation_ls(SOURCE["id"], path=where)
    raises(globus_sdk.TransferAPIError, lambda: ls("/nowhere/"), http_status=404, code="ClientError.NotFound")
    code = "ExternalError.DirListingFailed.NotDirectory"
    raises(globus_sdk.TransferAPIError, lambda: ls("/list/a.txt"), http_status=502, code=code)
    stat = lambda: transfer.operation_stat(SOURCE["id"], "/nowhere")
    raises(globus_sdk.TransferAPIError, stat, http_status=404, code="NotFound")
    mkdir = lambda: transfer.operation_mkdir(SOURCE["id"], "/list")
    raises(globus_sdk.TransferAPIError, mkdir, http_status=502, code="ExternalError.MkdirFailed.Exists")

with check("each sync level copies what it should"):
    for level, (copied, skipped) in {"exists": (0, 3), "size": (1, 2), "mtime": (2, 1), "checksum": (2, 1)}.items():
        for name in ("same", "longer", "newer"):
            write(f"sync/{name}", "12345")
            write(f"sync-{level}/{name}", "12345", DESTINATION)
            os.utime(path(SOURCE, "sync", name), (1_000_000_000, 1_000_000_000))
            os.utime(path(DESTINATION, f"sync-{level}", name), (1_100_000_000, 1_100_000_000))
        write("sync/longer", "123456")
        write("sync/newer", "54321")
        os.utime(path(SOURCE, "sync", "newer"), (1_200_000_000, 1_200_000_000))
        task = succeed(("/sync/", f"/sync-{level}/"), sync_level=level)
        assert (task["files_transferred"], task["files_skipped"]) == (copied, skipped), (level, task.data)
        assert read(f"sync-{level}/longer") == ("12345" if level == "exists" else "123456")
        assert read(f"sync-{level}/newer") == ("54321" if level in ("mtime", "checksum") else "12345")

with check("timestamps are kept, extra files deleted, filters followed"):
    for name in ("keep.txt", "drop.tmp", "deep/keep.txt"):
        write(f"mirror/{name}", name)
    write("mirror/extra.txt", "x", DESTINATION)
    os.utime(path(SOURCE, "mirror", "keep.txt"), (1_000_000_000, 1_000_000_000))
    data = globus_sdk.TransferData(SOURCE["id"], DESTINATION["id"], preserve_timestamp=True, delete_destination_extra=True)
    data.add_item("/mirror/", "/mirror/", recursive=True)
    data.add_filter_rule("*.tmp", type="file")
    assert done(transfer.submit_transfer(data)["task_id"])["status"] == "SUCCEEDED"
    assert sorted(os.listdir(path(DESTINATION, "mirror"))) == ["deep", "keep.txt"]
    assert os.stat(path(DESTINATION, "mirror", "keep.txt")).st_mtime == 1_000_000_000

with check("checksums are compared with what the client says"):
    write("sum", "content")
    right = hashlib.sha256(b"content").hexdigest()
    item = {"source_path": "/sum", "destination_path": "/sum", "checksum_algorithm": "SHA256"}
    task = succeed({**item, "external_checksum": right}, verify_checksum=True)
    listed = list(transfer.task_successful_transfers(task["task_id"]))
    assert (listed[0]["checksum"], listed[0]["checksum_algorithm"]) == (right, "SHA256"), listed
    wrong = done(submit({**item, "destination_path": "/sum2", "external_checksum": "0" * 64}))
    assert wrong["fatal_error"]["code"] == "EXTERNAL_CHECKSUM_MISMATCH", wrong.data
    assert not os.path.exists(path(DESTINATION, "sum2"))

with check("a past deadline ends a task"):
    task = submit(("/never", "/never"))
    past = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)).isoformat()
    transfer.update_task(task, {"DATA_TYPE": "task", "label": "late", "deadline": past})
    assert transfer.get_task(task)["fatal_error"]["code"] == "EXPIRED"
    update = lambda: transfer.update_task(task, {"DATA_TYPE": "task", "label": "later"})
    raises(globus_sdk.TransferAPIError, update, http_status=409, code="Conflict")
    assert transfer.cancel_task(task)["code"] == "TaskComplete"

with check("a paused task says so, and goes on"):
    task = submit(("/late", "/late"))
    control("POST", f"tasks/{task}/pause", {"message": "new disks"})
    assert transfer.get_task(task)["is_paused"]
    info = transfer.task_pause_info(task)
    assert info["source_pause_message"] == "new disks" and info["pause_rules"] == [], info.data
    write("late", "at last")
    control("POST", f"tasks/{task}/resume", {})
    assert done(task)["status"] == "SUCCEEDED"
    codes = [event["code"] for event in transfer.paginated.task_event_list(task).items()]
    assert codes[0] == "SUCCEEDED" and "PAUSED" in codes and "UNPAUSED" in codes, codes

with check("an inactive task ends the wait"):
    control("POST", "path_faults", {"path": "/login", "code": "NO_CREDENTIALS"})
    task = submit(("/login", "/login"))
    assert transfer.task_wait(task, timeout=20, polling_interval=1)
    assert transfer.get_task(task)["status"] == "INACTIVE"
    control("DELETE", "path_faults")
    write("login", "again")
    while transfer.get_task(task)["status"] == "INACTIVE":
        pass
    assert done(task)["status"] == "SUCCEEDED"

with check("error events can be told from the others"):
    failing = submit(("/never", "/never2"))
    while transfer.get_task(failing)["faults"] == 0:
        pass
    errors = list(transfer.task_event_list(failing, query_params={"filter": "is_error:1"}))
    assert errors and all(event["code"] == "FILE_NOT_FOUND" for event in errors), errors
    assert transfer.cancel_task(failing)["code"] == "Canceled"

with check("a lost answer makes one task"):
    write("once", "x")
    before = len(list(transfer.paginated.task_list(filter="type:TRANSFER,DELETE").items()))
    control("POST", "faults", {"method": "POST", "path_prefix": "/transfer/v0.10/transfer", "status": 500, "after_handling": True})
    task = submit(("/once", "/once"))
    after = len(list(transfer.paginated.task_list(filter="type:TRANSFER,DELETE").items()))
    assert (after - before, control("GET", "faults")["faults"]) == (1, []), (before, after)
    assert done(task)["status"] == "SUCCEEDED"

with check("a file is written and read by URL"):
    scope = GCSCollectionScopes(VAULT["id"]).https
    tokens = account.oauth2_client_credentials_tokens([scope, TransferScopes.all])
    token = tokens.by_resource_server[VAULT["id"]]["access_token"]
    base = transfer.get_endpoint(VAULT["id"])["https_server"]

    def ask(method, body=None, **headers):
        headers = {"Authorization": f"Bearer {token}", **headers}
        request = urllib.request.Request(f"{base}/by%20URL.txt", data=body, method=method, headers=headers)
        return urllib.request.urlopen(request)

    assert ask("PUT", b"over the web").status == 201
    assert read("by URL.txt", VAULT) == "over the web"
    part = ask("GET", Range="bytes=5-7")
    assert (part.status, part.read()) == (206, b"the")
    try:
        ask("GET", Authorization="Bearer wrong")
        raise AssertionError("a wrong token is taken")
    except urllib.error.HTTPError as error:
        assert error.code == 401, error.code

with check("a tunnel is made, started, stopped and deleted"):
    points = HERE["stream_access_points"]
    made = transfer.create_tunnel(CreateTunnelData(points["cluster"], points["detector"], label="beam"))
    tunnel = made["data"]["id"]
    assert made["data"]["attributes"]["state"] == "AWAITING_LISTENER", made.data
    assert [one["id"] for one in transfer.list_tunnels()] == [tunnel]
    change = lambda **attributes: transfer.update_tunnel(tunnel, {"data": {"type": "Tunnel", "attributes": attributes}})
    started = change(listener_ip_address="127.0.0.1", listener_port=9)
    assert started["data"]["attributes"]["initiator_port"], started.data
    assert change(state="STOPPING")["data"]["attributes"]["state"] == "STOPPING"
    assert transfer.get_tunnel(tunnel)["data"]["attributes"]["state"] == "STOPPED"
    codes = [event["attributes"]["code"] for event in transfer.get_tunnel_events(tunnel)["data"]]
    assert codes == ["TUNNEL_STOPPED", "TUNNEL_ACTIVE", "STARTED"], codes
    transfer.delete_tunnel(tunnel)
    raises(globus_sdk.TransferAPIError, lambda: transfer.get_tunnel(tunnel), http_status=404)
    assert transfer.get_stream_access_point(points["detector"])["data"]["attributes"]["display_name"] == "detector"

end()
