"""Runs of flows by the official `globus` command. `CONFORMANCE_EMULATOR` names its ready file; `globus` stands beside
this python."""

import json
import time

from check import check, emulator, end
from command import document, refused, run, said
from definitions import question_flow

HERE = emulator()


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

with check("flows list, show"):
    zebra = document("flows", "create", "Zebra", json.dumps(ADD), "--input-schema", "{}", "--subtitle", "striped")["id"]
    listed = document("flows", "list", "--orderby", "title:DESC", "--limit", "1")["flows"]
    assert [entry["id"] for entry in listed] == [zebra], listed
    assert document("flows", "show", zebra)["subtitle"] == "striped"
    assert "striped" in said("flows", "show", zebra)
    assert document("flows", "update", zebra, "--subtitle", "plain")["subtitle"] == "plain"
    said("flows", "delete", zebra)
    refused("flows", "show", zebra)

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
    told = answer.stdout + answer.stderr
    assert answer.returncode != 0 and "consent" in told.lower(), told

with check("flows web-input list, show, respond"):
    ask = question_flow(HERE["client_id"])
    asking = document("flows", "create", "Ask", json.dumps(ask), "--input-schema", "{}")["id"]
    asked = document("flows", "start", asking)["run_id"]
    while not document("flows", "run", "show", asked)["blocking_web_input_id"]:
        time.sleep(0.2)
    listed = document("flows", "web-input", "list", "--filter-run-id", asked)["web_input_summaries"]
    assert [entry["title"] for entry in listed] == ["Well?"], listed
    question = document("flows", "web-input", "show", listed[0]["id"])
    said("flows", "web-input", "respond", question["id"], question["options"][1]["option_id"])
    done = until(asked, "SUCCEEDED", "FAILED")
    assert done["details"]["output"]["answer"]["response"] == 2, done

with check("flows registered-api list"):
    assert document("flows", "registered-api", "list")["registered_apis"] == []

with check("flows delete"):
    assert document("flows", "delete", flow)["DELETED"]

end()
