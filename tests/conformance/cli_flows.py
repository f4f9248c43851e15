"""Runs of flows by the official `globus` command. `CONFORMANCE_EMULATOR` names its ready file; `globus` stands beside
this python."""

import json
import os
import subprocess
import sys
import time

from check import check, emulator, end

HERE = emulator()
GLOBUS = os.path.join(os.path.dirname(sys.executable), "globus")


def run(*words):
    return subprocess.run([GLOBUS, *words], capture_output=True, text=True, timeout=60)


def said(*words):
    """Runs a command that must succeed, and gives what it prints."""
    done = run(*words)
    assert done.returncode == 0, f"globus {' '.join(words)} ended with {done.returncode}: {done.stderr or done.stdout}"
    return done.stdout


def document(*words):
    return json.loads(said(*words, "--format", "json"))


def refused(*words):
    done = run(*words)
    assert done.returncode != 0, f"globus {' '.join(words)} succeeded: {done.stdout}"
    return done.stderr


def until(run_id, *statuses):
    for _ in range(60):
        shown = document("flows", "run", "show", run_id)
        if shown["status"] in statuses:
            return shown
        time.sleep(0.2)
    raise AssertionError(shown)


ADD = {
    "StartAt": "Add",
    "States": {
        "Add": {"Type": "ExpressionEval", "Parameters": {"sum.=": "a + b"}, "ResultPath": "$.out", "Next": "Hello"},
        "Hello": {
            "Type": "Action",
            "ActionUrl": "https://actions.globus.org/hello_world",
            "Parameters": {"echo_string.=": "str(out.sum)"},
            "ResultPath": "$.said",
            "End": True,
        },
    },
}

with check("flows validate"):
    assert "hello_world" in said("flows", "validate", json.dumps(ADD))
    assert "StartAt" in refused("flows", "validate", json.dumps({"States": ADD["States"]}))

with check("flows create, start, run show"):
    flow = document("flows", "create", "Add", json.dumps(ADD), "--input-schema", "{}")["id"]
    body = json.dumps({"a": 1, "b": 41})
    started = document("flows", "start", flow, "--input", body, "--label", "by the command", "--tag", "one", "--tag", "two")
    done = until(started["run_id"], "SUCCEEDED", "FAILED")
    assert done["details"]["output"]["said"]["details"]["hello"] == "42", done
    assert (done["label"], done["tags"]) == ("by the command", ["one", "two"]), done

with check("flows run show-logs, show-definition, list"):
    logged = said("flows", "run", "show-logs", started["run_id"])
    assert "FlowSucceeded" in logged and "ExpressionEvalCompleted" in logged, logged
    assert document("flows", "run", "show-definition", started["run_id"])["definition"] == ADD
    listed = document("flows", "run", "list", "--filter-flow-id", flow)["runs"]
    assert [entry["run_id"] for entry in listed] == [started["run_id"]], listed

with check("flows run update, cancel, delete"):
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    waiting = document("flows", "create", "Wait", json.dumps(wait), "--input-schema", "{}")["id"]
    late = document("flows", "start", waiting)["run_id"]
    assert document("flows", "run", "update", late, "--label", "late")["label"] == "late"
    # What the command says of it needs an environment that exists; that it is refused is enough.
    refused("flows", "run", "delete", late)
    said("flows", "run", "cancel", late)
    assert document("flows", "run", "show", late)["details"]["code"] == "FlowCanceled"
    said("flows", "run", "delete", late)
    refused("flows", "run", "show", late)

with check("flows run resume says which consent is missing"):
    flow = document("flows", "create", "Grows", json.dumps(wait), "--input-schema", "{}")["id"]
    first = document("flows", "start", flow)["run_id"]
    said("flows", "run", "cancel", first)
    hello = {
        "StartAt": "A",
        "States": {
            "A": {
                "Type": "Action",
                "ActionUrl": "https://actions.globus.org/hello_world",
                "Parameters": {"echo_string": "x"},
                "End": True,
            }
        },
    }
    said("flows", "update", flow, "--definition", json.dumps(hello))
    stuck = document("flows", "start", flow)["run_id"]
    shown = until(stuck, "INACTIVE", "SUCCEEDED", "FAILED")
    assert shown["status"] == "INACTIVE", shown
    answer = run("flows", "run", "resume", stuck)
    assert "consent" in (answer.stdout + answer.stderr).lower(), (answer.stdout, answer.stderr)

with check("flows registered-api list"):
    assert document("flows", "registered-api", "list")["registered_apis"] == []

with check("flows delete"):
    assert document("flows", "delete", flow)["DELETED"]

end()
