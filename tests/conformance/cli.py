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


def batch_of_paths(*paths):
    """A file with a path in each line."""
    name = os.path.join(os.path.dirname(SOURCE["path"]), "paths.txt")
    with open(name, "w", encoding="utf-8") as file:
        file.write("\n".join(paths) + "\n")
    return name


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

with check("transfer of one file, and of a batch"):
    one = document("transfer", "--verify-checksum", source("/cli/1.csv"), destination("/single/1.csv"))["task_id"]
    said("task", "wait", "--timeout", "20", "--polling-interval", "1", one)
    with open(at(DESTINATION, "single", "1.csv"), encoding="utf-8") as file:
        assert file.read() == "cli/1.csv"
    batch = os.path.join(os.path.dirname(SOURCE["path"]), "batch.txt")
    with open(batch, "w", encoding="utf-8") as file:
        file.write("# two lines\n1.csv batch/1.csv\n--recursive deep 'batch/so deep'\n'größe 2.txt' batch/2.txt\n")
    two = document("transfer", "--batch", batch, source("/cli/"), destination("/"))["task_id"]
    said("task", "wait", "--timeout", "20", "--polling-interval", "1", two)
    arrived = sorted(os.listdir(at(DESTINATION, "batch"))), os.listdir(at(DESTINATION, "batch", "so deep"))
    assert arrived == (["1.csv", "2.txt", "so deep"], ["3"]), arrived

with check("transfer --sync-level, --delete-destination-extra, --exclude"):
    for level, copied in (("exists", 0), ("size", 1), ("mtime", 1), ("checksum", 2)):
        for name, here, there in (("same", "1", "1"), ("longer", "22", "1"), ("other", "3", "1")):
            for collection, content in ((SOURCE, here), (DESTINATION, there)):
                os.makedirs(at(collection, "sync"), exist_ok=True)
                with open(at(collection, "sync", name), "w", encoding="utf-8") as file:
                    file.write(content)
                os.utime(at(collection, "sync", name), (1_000_000_000, 1_000_000_000))
        task = document("transfer", "--recursive", "--sync-level", level, source("/sync/"), destination("/sync/"))["task_id"]
        said("task", "wait", "--timeout", "20", "--polling-interval", "1", task)
        shown = document("task", "show", task)
        assert shown["files_transferred"] == copied, (level, shown)
    with open(at(DESTINATION, "sync", "extra"), "w", encoding="utf-8") as file:
        file.write("x")
    options = ("--recursive", "--delete-destination-extra", "--exclude", "oth*", "--sync-level", "checksum")
    task = document("transfer", *options, source("/sync/"), destination("/sync/"))["task_id"]
    said("task", "wait", "--timeout", "20", "--polling-interval", "1", task)
    assert sorted(os.listdir(at(DESTINATION, "sync"))) == ["longer", "other", "same"]

with check("task update, task pause-info"):
    waiting = document("transfer", "--label", "first", source("/gone"), destination("/gone2"))["task_id"]
    said("task", "update", "--label", "second", waiting)
    assert document("task", "show", waiting)["label"] == "second"
    assert document("task", "pause-info", waiting)["pause_rules"] == []
    said("task", "cancel", waiting)

with check("transfer --skip-source-errors, task show --skipped-errors"):
    skipping = document("transfer", "--skip-source-errors", source("/gone"), destination("/gone3"))["task_id"]
    said("task", "wait", "--timeout", "20", "--polling-interval", "1", skipping)
    assert "/gone" in said("task", "show", "--skipped-errors", skipping)

with check("the same submission id is the same task"):
    number = said("task", "generate-submission-id").strip()
    first = document("transfer", "--submission-id", number, source("/cli/1.csv"), destination("/again.csv"))
    second = document("transfer", "--submission-id", number, source("/cli/1.csv"), destination("/again.csv"))
    assert (first["task_id"], second["code"]) == (second["task_id"], "Duplicate"), (first, second)

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

with check("delete --ignore-missing, and of a batch"):
    missing = document("delete", "--ignore-missing", destination("/gone"))["task_id"]
    said("task", "wait", "--timeout", "20", "--polling-interval", "1", missing)
    assert document("task", "show", missing)["status"] == "SUCCEEDED"
    many = document("delete", "--recursive", "--batch", batch_of_paths("batch", "single"), destination("/"))["task_id"]
    said("task", "wait", "--timeout", "20", "--polling-interval", "1", many)
    assert not os.path.exists(at(DESTINATION, "batch")) and not os.path.exists(at(DESTINATION, "single"))

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

with check("streams access-point show, streams tunnel create, list, show, update, events, stop, delete"):
    points = HERE["stream_access_points"]
    assert document("streams", "access-point", "show", points["detector"])["data"]["attributes"]["display_name"] == "detector"
    ends = (points["cluster"], points["detector"])
    tunnel = document("streams", "tunnel", "create", *ends, "--label", "beam")["data"]["id"]
    assert tunnel in said("streams", "tunnel", "list")
    said("streams", "tunnel", "update", tunnel, "--label", "other beam")
    assert document("streams", "tunnel", "show", tunnel)["data"]["attributes"]["label"] == "other beam"
    said("streams", "tunnel", "stop", tunnel)
    assert "STARTED" in said("streams", "tunnel", "events", tunnel)
    said("streams", "tunnel", "delete", tunnel)
    assert "404" in refused("streams", "tunnel", "show", tunnel)

with check("api"):
    assert json.loads(said("api", "transfer", "GET", "/v0.10/endpoint/" + SOURCE["id"]))["display_name"] == "lab"

end()
