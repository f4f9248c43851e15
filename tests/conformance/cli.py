"""The official `globus` command against the emulator. `CONFORMANCE_EMULATOR` names its ready file; `globus` stands
beside this python."""

import json
import os

from check import check, emulator, end
from command import document, refused, run, said

HERE = emulator()
SOURCE, DESTINATION = (HERE["collections"][name] for name in ("lab", "archive"))


def source(path):
    return f"{SOURCE['id']}:{path}"


def destination(path):
    return f"{DESTINATION['id']}:{path}"


def at(collection, *names):
    return os.path.join(collection["path"], *names)


with check("whoami"):
    assert said("whoami").strip() == f"{HERE['client_id']}@clients.auth.globus.org"

with check("session show"):
    # A service account has no session: nobody logged in.
    assert said("session", "show").splitlines()[0] == "Username | ID | Auth Time"

with check("ls"):
    os.makedirs(at(SOURCE, "cli", "deep"))
    for name in ("cli/1.csv", "cli/größe 2.txt", "cli/deep/3"):
        with open(at(SOURCE, name), "w", encoding="utf-8") as file:
            file.write(name)
    assert said("ls", source("/cli/")).splitlines() == ["1.csv", "deep/", "größe 2.txt"]

with check("ls --recursive --filter"):
    # Directories are always shown, as the command has to go through them.
    assert said("ls", "--recursive", "--filter", "3", source("/cli/")).splitlines() == ["deep/", "deep/3"]

with check("ls of what is not there"):
    assert "404" in refused("ls", source("/nowhere/"))

with check("stat"):
    assert document("stat", source("/cli/1.csv"))["size"] == 9

with check("mkdir"):
    said("mkdir", source("/cli/new"))
    assert os.path.isdir(at(SOURCE, "cli", "new"))
    assert "Exists" in refused("mkdir", source("/cli/new"))

with check("rename"):
    said("rename", SOURCE["id"], "/cli/new", "/cli/newer")
    assert os.path.isdir(at(SOURCE, "cli", "newer"))

with check("transfer --recursive, task wait, task show"):
    submitted = document("transfer", "--recursive", "--label", "cli 7", source("/cli/"), destination("/cli/"))
    task = submitted["task_id"]
    said("task", "wait", "--timeout", "20", "--polling-interval", "1", task)
    shown = document("task", "show", task)
    assert (shown["status"], shown["files_transferred"], shown["label"]) == ("SUCCEEDED", 3, "cli 7"), shown
    with open(at(DESTINATION, "cli", "größe 2.txt"), encoding="utf-8") as file:
        assert file.read() == "cli/größe 2.txt"

with check("task show --successful-transfers"):
    assert "/cli/deep/3" in said("task", "show", "--successful-transfers", task)

with check("task list"):
    assert task in [entry["task_id"] for entry in document("task", "list", "--filter-status", "SUCCEEDED")["DATA"]]

with check("task event-list"):
    codes = [event["code"] for event in document("task", "event-list", task)["DATA"]]
    assert codes[0] == "SUCCEEDED" and codes[-1] == "STARTED", codes

with check("task cancel"):
    hopeless = document("transfer", source("/gone"), destination("/gone"))["task_id"]
    assert document("task", "cancel", hopeless)["code"] == "Canceled"
    assert document("task", "show", hopeless)["fatal_error"]["code"] == "CANCELED"

with check("task wait of a failed task"):
    assert run("task", "wait", "--timeout", "20", hopeless).returncode in (0, 1)
    assert document("task", "show", hopeless)["status"] == "FAILED"

with check("delete"):
    deletion = document("delete", "--recursive", destination("/cli/deep"))["task_id"]
    said("task", "wait", "--timeout", "20", "--polling-interval", "1", deletion)
    assert not os.path.exists(at(DESTINATION, "cli", "deep"))

with check("rm"):
    said("rm", destination("/cli/1.csv"))
    assert not os.path.exists(at(DESTINATION, "cli", "1.csv"))

with check("rm of what is not there"):
    refused("rm", destination("/cli/1.csv"))

with check("endpoint search"):
    assert DESTINATION["id"] in said("endpoint", "search", "archive")

with check("flows create, list, show, update, delete"):
    definition = json.dumps({"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 60, "End": True}}})
    flow = document("flows", "create", "Nap", definition, "--input-schema", "{}")["id"]
    assert [entry["id"] for entry in document("flows", "list")["flows"]] == [flow]
    assert document("flows", "show", flow)["title"] == "Nap"
    assert document("flows", "update", flow, "--title", "Siesta")["title"] == "Siesta"
    assert document("flows", "delete", flow)["DELETED"]
    assert "NOT_FOUND" in refused("flows", "show", flow)

with check("api"):
    assert json.loads(said("api", "transfer", "GET", "/v0.10/endpoint/" + SOURCE["id"]))["display_name"] == "lab"

end()
