"""Runs of flows by the official Python SDK. `CONFORMANCE_EMULATOR` names its ready file."""

import functools
import json
import os
import subprocess
import sys
import time
import urllib.request

import globus_sdk
from check import check, emulator, end, raises
from definitions import question_flow

HERE = emulator()
SOURCE, DESTINATION, VAULT = (HERE["collections"][name] for name in ("lab", "archive", "vault"))
TERMINAL = ("SUCCEEDED", "FAILED")


def methods(kind):
    """Names what a client can do, beyond what every client can."""
    return [name for name, value in vars(kind).items() if not name.startswith("_") and callable(value)]


CLIENTS = (globus_sdk.FlowsClient, globus_sdk.SpecificFlowClient)
EVERY = {f"{kind.__name__}.{name}" for kind in CLIENTS for name in methods(kind)} - {
    f"{kind.__name__}.error_class" for kind in CLIENTS
}
CALLED = set()


def note_calls(kind):
    """Lets each method of a client note that it was called, and did what it was asked for."""
    for name in methods(kind):
        if name == "error_class":
            continue
        method = getattr(kind, name)

        @functools.wraps(method)
        def noted(*args, _method=method, _name=f"{kind.__name__}.{name}", **more):
            answer = _method(*args, **more)
            CALLED.add(_name)
            return answer

        setattr(kind, name, noted)


for kind in CLIENTS:
    note_calls(kind)

app = globus_sdk.ClientApp(
    "conformance",
    client_id=HERE["client_id"],
    client_secret=HERE["client_secret"],
    config=globus_sdk.GlobusAppConfig(token_storage="memory"),
)
flows = globus_sdk.FlowsClient(app=app)


def pass_flow(**more):
    return {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True, **more}}}


def until(run_id, statuses=TERMINAL):
    """Watches a run, as a program has to."""
    deadline = time.monotonic() + 30
    while True:
        run = flows.get_run(run_id)
        if run["status"] in statuses:
            return run
        assert time.monotonic() < deadline, run.data
        time.sleep(0.05)


TRANSFER = {
    "StartAt": "Copy",
    "States": {
        "Copy": {
            "Type": "Action",
            "ActionUrl": "https://transfer.actions.globus.org/transfer",
            "Parameters": {
                "source_endpoint.$": "$.source.id",
                "destination_endpoint.$": "$.destination.id",
                "DATA": [{"source_path.$": "$.source.path", "destination_path.$": "$.destination.path"}],
            },
            "ResultPath": "$.copied",
            "Next": "Name",
        },
        "Name": {
            "Type": "ExpressionEval",
            "Parameters": {"name.=": "pathsplit(destination.path)[1].upper()"},
            "ResultPath": "$.made",
            "End": True,
        },
    },
}
SCHEMA = {"type": "object", "required": ["source", "destination"]}

with check("a definition is validated, and its scopes are found"):
    found = flows.validate_flow(TRANSFER, SCHEMA)
    assert found["scopes"] == {"User": ["urn:globus:auth:scope:transfer.api.globus.org:all"]}, found.data
    assert found["analysis"] == {"number_of_possibilities": 1}, found.data
    wrong = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"x.=": "1 +"}}}}
    error = raises(globus_sdk.FlowsAPIError, lambda: flows.validate_flow(wrong), http_status=422)
    assert len(error.messages) == 2, error.messages

with check("a flow is started, watched, and moves a file"):
    os.makedirs(os.path.join(SOURCE["path"], "flows"), exist_ok=True)
    with open(os.path.join(SOURCE["path"], "flows", "in.txt"), "w", encoding="utf-8") as file:
        file.write("by flow")
    flow = flows.create_flow("Copy", TRANSFER, SCHEMA)["id"]
    mine = globus_sdk.SpecificFlowClient(flow, app=app)
    body = {
        "source": {"id": SOURCE["id"], "path": "/flows/in.txt"},
        "destination": {"id": DESTINATION["id"], "path": "/flows/out.txt"},
    }
    assert mine.validate_run(body)["message"] == "validation successful"
    run = mine.run_flow(body, label="by the sdk", tags=["  a   tag "])
    assert (run["status"], run["label"], run["tags"]) == ("ACTIVE", "by the sdk", ["a tag"]), run.data
    done = until(run["run_id"])
    assert done["status"] == "SUCCEEDED", done.data
    assert done["details"]["output"]["made"] == {"name": "OUT.TXT"}, done.data
    with open(os.path.join(DESTINATION["path"], "flows", "out.txt"), encoding="utf-8") as file:
        assert file.read() == "by flow"

with check("its log is read page by page, in both directions"):
    entries = list(flows.paginated.get_run_logs(run["run_id"], limit=2).items())
    codes = [entry["code"] for entry in entries]
    assert codes == [
        "FlowStarted", "ActionStarted", "ActionPolled", "ActionCompleted", "ExpressionEvalStarted",
        "ExpressionEvalCompleted", "FlowSucceeded",
    ], codes
    backwards = list(flows.paginated.get_run_logs(run["run_id"], limit=2, reverse_order=True).items())
    assert [entry["code"] for entry in backwards] == codes[::-1]

with check("its definition is the one that it started with"):
    flows.update_flow(flow, definition=pass_flow())
    assert flows.get_run_definition(run["run_id"])["definition"] == TRANSFER
    described = flows.get_run(run["run_id"], include_flow_description=True)
    assert described["flow_description"]["title"] == "Copy"

with check("an input that breaks the schema is told where"):
    error = raises(globus_sdk.FlowsAPIError, lambda: mine.run_flow({}), http_status=400, code="FLOW_INPUT_ERROR")
    assert error.messages[0] == "'source' is a required property", error.messages

with check("runs are listed, filtered and ordered"):
    quiet = flows.create_flow("Quiet", pass_flow(), {})["id"]
    quiet_client = globus_sdk.SpecificFlowClient(quiet, app=app)
    made = [quiet_client.run_flow({}, label=f"quiet {number:02}")["run_id"] for number in range(21)]
    for run_id in made:
        until(run_id)
    listed = list(flows.paginated.list_runs(filter_flow_id=quiet, filter_roles="run_owner").items())
    assert sorted(entry["run_id"] for entry in listed) == sorted(made), len(listed)
    assert {entry["status"] for entry in listed} == {"SUCCEEDED"}

with check("a run is changed, canceled and deleted"):
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    waiting = globus_sdk.SpecificFlowClient(flows.create_flow("Wait", wait, {})["id"], app=app)
    run = waiting.run_flow({})
    assert flows.update_run(run["run_id"], label="late", tags=["x"])["tags"] == ["x"]
    raises(globus_sdk.FlowsAPIError, lambda: flows.delete_run(run["run_id"]), http_status=409, code="STATE_CONFLICT")
    canceled = flows.cancel_run(run["run_id"])
    assert (canceled["status"], canceled["details"]["code"]) == ("FAILED", "FlowCanceled"), canceled.data
    assert flows.delete_run(run["run_id"])["run_id"] == run["run_id"]
    raises(globus_sdk.FlowsAPIError, lambda: flows.get_run(run["run_id"]), http_status=404, code="NOT_FOUND")

with check("a run that lacks a consent waits, and is resumed"):
    flow = flows.create_flow("Grows", pass_flow(), {})["id"]
    growing = globus_sdk.SpecificFlowClient(flow, app=app)
    growing.run_flow({})
    hello = pass_flow()
    hello["States"]["A"] = {
        "Type": "Action",
        "ActionUrl": "https://actions.globus.org/hello_world",
        "Parameters": {"echo_string": "again"},
        "End": True,
    }
    flows.update_flow(flow, definition=hello)
    run = growing.run_flow({})
    inactive = until(run["run_id"], ("INACTIVE", *TERMINAL))
    details = inactive["details"]
    assert (inactive["status"], details["code"]) == ("INACTIVE", "ConsentRequired"), inactive.data
    client = globus_sdk.ConfidentialAppAuthClient(HERE["client_id"], HERE["client_secret"])
    tokens = client.oauth2_client_credentials_tokens(requested_scopes=details["required_scope"])
    token = tokens.by_resource_server[flow]["access_token"]
    consented = globus_sdk.SpecificFlowClient(flow, authorizer=globus_sdk.AccessTokenAuthorizer(token))
    consented.resume_run(run["run_id"])
    done = until(run["run_id"])
    assert done["details"]["output"]["details"]["hello"] == "again", done.data

with check("a question is listed, read and answered"):
    ask = question_flow(HERE["client_id"])
    asking = globus_sdk.SpecificFlowClient(flows.create_flow("Ask", ask, {})["id"], app=app)
    run = asking.run_flow({})
    while not flows.get_run(run["run_id"])["blocking_web_input_id"]:
        time.sleep(0.05)
    listed = list(flows.paginated.list_web_inputs(filter_run_ids=run["run_id"]).items())
    assert [entry["title"] for entry in listed] == ["Well?"], listed
    question = flows.get_web_input(listed[0]["id"])
    flows.respond_to_web_input(question["id"], question["options"][1]["option_id"])
    assert until(run["run_id"])["details"]["output"]["answer"]["response"] == 2

with check("registered APIs are listed and read"):
    target = {
        "type": "openapi",
        "destination": {"method": "get", "url": "https://samples.example.org/"},
        "specification": {},
    }
    subscription = "1b2c3d4e-0000-4000-8000-000000000009"
    document = {"name": "Samples", "description": "d", "target": target, "subscription_id": subscription}
    made = flows.post("/registered_apis", data=document)
    assert [entry["id"] for entry in flows.paginated.list_registered_apis().items()] == [made["id"]]
    assert flows.get_registered_api(made["id"])["target"] == target

with check("flows are listed, changed and deleted"):
    noted = flows.create_flow("Zebra", pass_flow(), {}, subtitle="first", keywords=["k"])
    listed = list(flows.paginated.list_flows(filter_roles="flow_owner", orderby="title DESC").items())
    assert [entry["id"] for entry in listed][0] == noted["id"], [entry["title"] for entry in listed]
    assert [entry["id"] for entry in flows.list_flows(filter_fulltext="zebra")] == [noted["id"]]
    changed = flows.update_flow(noted["id"], subtitle="second", keywords=[])
    assert (changed["title"], changed["subtitle"], changed["keywords"]) == ("Zebra", "second", []), changed.data
    assert flows.get_flow(noted["id"])["globus_auth_scope"].endswith("_user")
    assert flows.delete_flow(noted["id"])["DELETED"] is True
    raises(globus_sdk.FlowsAPIError, lambda: flows.get_flow(noted["id"]), http_status=404, code="NOT_FOUND")

with check("a flow moves files of a mapped collection, asked for beforehand"):
    with open(os.path.join(VAULT["path"], "kept.txt"), "w", encoding="utf-8") as file:
        file.write("by flow")
    look = pass_flow()
    look["States"]["A"] = {
        "Type": "Action",
        "ActionUrl": "https://transfer.actions.globus.org/ls",
        "Parameters": {"endpoint_id": VAULT["id"], "path": "/"},
        "End": True,
    }
    looking = flows.create_flow("Look", look, {})["id"]
    ready = globus_sdk.SpecificFlowClient(looking, app=app)
    ready.add_app_transfer_data_access_scope(VAULT["id"])
    done = until(ready.run_flow({})["run_id"], ("INACTIVE", *TERMINAL))
    assert done["status"] == "SUCCEEDED", done.data
    assert [entry["name"] for entry in done["details"]["output"]["details"]["DATA"]] == ["kept.txt"], done.data

with check("every method of both clients was called"):
    assert CALLED == EVERY, sorted(EVERY - CALLED)

with check("mail of flows is in the outbox"):
    url = os.environ["GLOBUS_SDK_SERVICE_URL_FLOWS"].replace("/flows/", "/_emulator/outbox")
    with urllib.request.urlopen(url) as answer:
        mails = json.load(answer)["mails"]
    assert any(mail["subject"].endswith("is INACTIVE") for mail in mails), mails

with check("expressions are those of this Python"):
    here = os.path.dirname(os.path.abspath(__file__))
    table = os.path.join(here, "..", "..", "crates", "globus-emulator", "tests", "expressions", "cpython.py")
    done = subprocess.run([sys.executable, table], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

end()
