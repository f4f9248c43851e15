"""The table of calls about runs, web inputs and registered APIs, made with the official SDK."""

from constants import MARKER, A, B, C

IDENTITY = f"urn:globus:auth:identity:{B}"
GROUP = f"urn:globus:groups:id:{C}"
DEFINITION = {
    "StartAt": "Größe",
    "States": {"Größe": {"Type": "Pass", "End": True, "Parameters": {"n": 1.5, "x": None}}},
}
PEOPLE = {"run_monitors": [GROUP], "run_managers": [IDENTITY]}

CASES = {
    "flows.validate_flow": lambda c: c.flows.validate_flow(DEFINITION),
    "flows.validate_flow.everything": lambda c: c.flows.validate_flow(DEFINITION, {"type": "object"}),
    "flows.list_runs": lambda c: c.flows.list_runs(),
    "flows.list_runs.everything": lambda c: c.flows.list_runs(
        filter_flow_id=[A, B], filter_roles=["run_owner", "flow_run_monitor"], marker=MARKER
    ),
    "flows.get_run": lambda c: c.flows.get_run(A),
    "flows.get_run.everything": lambda c: c.flows.get_run(A, include_flow_description=True),
    "flows.get_run_logs": lambda c: c.flows.get_run_logs(A),
    "flows.get_run_logs.everything": lambda c: c.flows.get_run_logs(A, limit=100, reverse_order=True, marker=MARKER),
    "flows.get_run_definition": lambda c: c.flows.get_run_definition(A),
    "flows.cancel_run": lambda c: c.flows.cancel_run(A),
    "flows.update_run": lambda c: c.flows.update_run(A),
    "flows.update_run.everything": lambda c: c.flows.update_run(A, label="ü", tags=["a", "b c"], **PEOPLE),
    "flows.delete_run": lambda c: c.flows.delete_run(A),
    "flows.list_registered_apis": lambda c: c.flows.list_registered_apis(),
    "flows.list_registered_apis.everything": lambda c: c.flows.list_registered_apis(
        filter_roles=["owner", "viewer"], orderby=["name ASC", "id DESC"], per_page=7, marker=MARKER
    ),
    "flows.get_registered_api": lambda c: c.flows.get_registered_api(A),
    "flows.list_web_inputs": lambda c: c.flows.list_web_inputs(),
    "flows.list_web_inputs.everything": lambda c: c.flows.list_web_inputs(
        filter_roles=["viewer", "respondent"],
        filter_states=["open", "closed"],
        filter_flow_ids=[A, B],
        filter_run_ids=[C],
        orderby=["created_timestamp ASC", "closed_timestamp DESC"],
        per_page=7,
        marker=MARKER,
    ),
    "flows.get_web_input": lambda c: c.flows.get_web_input(A),
    "flows.respond_to_web_input": lambda c: c.flows.respond_to_web_input(A, B),
    "flow.run_flow": lambda c: c.flow.run_flow({"n": 1}),
    "flow.run_flow.everything": lambda c: c.flow.run_flow(
        {"größe": [1.5, None]},
        label="ü",
        tags=["a", "b c"],
        activity_notification_policy={"status": ["INACTIVE", "FAILED"]},
        **PEOPLE,
    ),
    "flow.validate_run": lambda c: c.flow.validate_run({"n": 1}),
    "flow.validate_run.everything": lambda c: c.flow.validate_run(
        {"n": 1}, label="ü", tags=["a"], activity_notification_policy={"status": ["SUCCEEDED"]}, **PEOPLE
    ),
    "flow.resume_run": lambda c: c.flow.resume_run(B),
}
