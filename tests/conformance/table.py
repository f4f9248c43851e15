"""The table of calls, made with the official SDK. `tests/examples/conformance/cases` has the same, made with ours."""

import os
import urllib.request

import globus_sdk
import table_collections
import table_developers
import table_runs
import table_tunnels
import table_v2
from constants import BACK, MARKER, SCOPES, SECRET, TOKEN, VERIFIER, A, B, C
from globus_sdk.experimental import TransferClientV2
from globus_sdk.transport import RetryConfig

IDENTITY = f"urn:globus:auth:identity:{B}"
GROUP = f"urn:globus:groups:id:{C}"
DEFINITION = {
    "StartAt": "Größe",
    "States": {"Größe": {"Type": "Pass", "End": True, "Parameters": {"n": 1.5, "x": None}}},
}

CASES = {
    **table_collections.CASES,
    **table_tunnels.CASES,
    **table_v2.CASES,
    **table_developers.CASES,
    **table_runs.CASES,
}


def case(name):
    def add(function):
        CASES[name] = function
        return function

    return add


class Clients:
    def __init__(self, url):
        authorizer = globus_sdk.AccessTokenAuthorizer(TOKEN)
        once = {"base_url": url, "retry_config": RetryConfig(max_retries=0)}
        self.transfer = globus_sdk.TransferClient(authorizer=authorizer, **once)
        self.transfer_v2 = TransferClientV2(authorizer=authorizer, **once)
        self.flows = globus_sdk.FlowsClient(authorizer=authorizer, **once)
        # The client of one flow takes no address in every version; all of them read it from here.
        os.environ["GLOBUS_SDK_SERVICE_URL_FLOWS"] = url
        self.flow = globus_sdk.SpecificFlowClient(A, authorizer=authorizer, retry_config=once["retry_config"])
        self.auth = globus_sdk.AuthClient(authorizer=authorizer, **once)
        self.native = globus_sdk.NativeAppAuthClient(A, **once)
        self.confidential = globus_sdk.ConfidentialAppAuthClient(A, SECRET, **once)


def transfer():
    data = globus_sdk.TransferData(A, B)
    data.add_item("/~/a b/", "/ü/")
    return data


def whole_transfer():
    data = globus_sdk.TransferData(
        A,
        B,
        submission_id=C,
        label="run 7",
        sync_level="checksum",
        verify_checksum=True,
        preserve_timestamp=True,
        encrypt_data=True,
        skip_source_errors=False,
        fail_on_quota_errors=True,
        delete_destination_extra=False,
        source_local_user="ada",
        destination_local_user="bob",
        notify_on_succeeded=False,
        notify_on_failed=True,
        notify_on_inactive=True,
        additional_fields={"store_base_path_info": True, "of_tomorrow": {"a": [1, None]}},
    )
    data.add_item("/~/a b/", "/ü/")
    data.add_item("/one", "/two", recursive=False, external_checksum="ab12", checksum_algorithm="SHA256")
    data.add_item("/three/", "/four/", recursive=True)
    data.add_filter_rule("*.tmp")
    data.add_filter_rule("*.h5", method="include", type="file")
    return data


def deletion():
    data = globus_sdk.DeleteData(A)
    data.add_item("/~/runs/6/")
    return data


def whole_deletion():
    data = globus_sdk.DeleteData(
        A,
        submission_id=C,
        label="clean up",
        recursive=True,
        ignore_missing=True,
        interpret_globs=False,
        local_user="ada",
        notify_on_succeeded=False,
        notify_on_failed=False,
        notify_on_inactive=False,
    )
    data.add_item("/~/runs/6/")
    data.add_item("/ü")
    return data


CASES.update(
    {
        "transfer.get_endpoint": lambda c: c.transfer.get_endpoint(A),
        "transfer.endpoint_search": lambda c: c.transfer.endpoint_search("genome lab"),
        "transfer.endpoint_search.everything": lambda c: c.transfer.endpoint_search(
            "a+b&c=ü",
            filter_scope="administered-by-me",
            filter_owner_id=B,
            filter_host_endpoint=C,
            filter_non_functional=False,
            filter_entity_type="GCSv5_mapped_collection",
            limit=5,
            offset=10,
        ),
        "transfer.operation_ls": lambda c: c.transfer.operation_ls(A),
        "transfer.operation_ls.everything": lambda c: c.transfer.operation_ls(
            A,
            path="/~/größe 1/100%/a+b",
            show_hidden=False,
            orderby=["size DESC", "name"],
            limit=5,
            offset=10,
            filter={"name": "~*.csv", "size": ">4"},
            local_user="ada",
        ),
        "transfer.operation_ls.filters": lambda c: c.transfer.operation_ls(A, filter=["name:a.txt", "type:dir"]),
        "transfer.operation_stat": lambda c: c.transfer.operation_stat(A, "/~/größe 1/"),
        "transfer.operation_stat.everything": lambda c: c.transfer.operation_stat(A, "/", local_user="ada"),
        "transfer.operation_mkdir": lambda c: c.transfer.operation_mkdir(A, "/~/größe 1/"),
        "transfer.operation_mkdir.everything": lambda c: c.transfer.operation_mkdir(A, "/new", local_user="ada"),
        "transfer.operation_rename": lambda c: c.transfer.operation_rename(A, "/~/a b", '/~/"c"'),
        "transfer.operation_rename.everything": lambda c: c.transfer.operation_rename(A, "/a", "/b", local_user="ada"),
        "transfer.get_submission_id": lambda c: c.transfer.get_submission_id(),
        "transfer.submit_transfer": lambda c: c.transfer.submit_transfer(transfer()),
        "transfer.submit_transfer.everything": lambda c: c.transfer.submit_transfer(whole_transfer()),
        "transfer.submit_delete": lambda c: c.transfer.submit_delete(deletion()),
        "transfer.submit_delete.everything": lambda c: c.transfer.submit_delete(whole_deletion()),
        "transfer.get_task": lambda c: c.transfer.get_task(A),
        "transfer.task_list": lambda c: c.transfer.task_list(),
        "transfer.task_list.everything": lambda c: c.transfer.task_list(
            limit=5,
            offset=10,
            orderby=["request_time DESC", "label"],
            filter={"status": ["ACTIVE", "INACTIVE"], "label": "run 7"},
        ),
        "transfer.task_event_list": lambda c: c.transfer.task_event_list(A),
        "transfer.task_event_list.everything": lambda c: c.transfer.task_event_list(
            A, limit=5, offset=10, query_params={"filter": "is_error:1"}
        ),
        "transfer.cancel_task": lambda c: c.transfer.cancel_task(A),
        "transfer.update_task": lambda c: c.transfer.update_task(A, {"DATA_TYPE": "task", "label": "größer"}),
        "transfer.task_successful_transfers": lambda c: c.transfer.task_successful_transfers(A),
        "transfer.task_successful_transfers.marker": lambda c: c.transfer.task_successful_transfers(A, marker=MARKER),
        "transfer.task_skipped_errors": lambda c: c.transfer.task_skipped_errors(A),
        "transfer.task_skipped_errors.marker": lambda c: c.transfer.task_skipped_errors(A, marker=MARKER),
    }
)

CASES.update(
    {
        "flows.create_flow": lambda c: c.flows.create_flow("Nap", DEFINITION, {}),
        "flows.create_flow.everything": lambda c: c.flows.create_flow(
            "Nap",
            DEFINITION,
            {"type": "object"},
            subtitle="s",
            description="d",
            keywords=["k", "ü"],
            flow_viewers=["public"],
            flow_starters=["all_authenticated_users"],
            flow_administrators=[IDENTITY, GROUP],
            run_managers=[IDENTITY],
            run_monitors=[GROUP],
            subscription_id=A,
            authentication_policy_id=B,
        ),
        "flows.get_flow": lambda c: c.flows.get_flow(A),
        "flows.list_flows": lambda c: c.flows.list_flows(),
        "flows.list_flows.everything": lambda c: c.flows.list_flows(
            filter_roles=["flow_owner", "run_manager"],
            filter_fulltext="a b,c&d",
            orderby=["title ASC", "created_at DESC"],
            marker=MARKER,
        ),
        "flows.update_flow": lambda c: c.flows.update_flow(A),
        "flows.update_flow.everything": lambda c: c.flows.update_flow(
            A,
            title="Nap",
            definition=DEFINITION,
            input_schema={},
            subtitle="",
            description="d",
            flow_owner=IDENTITY,
            keywords=["k"],
            flow_viewers=[],
            flow_starters=[IDENTITY],
            flow_administrators=[GROUP],
            run_managers=[IDENTITY],
            run_monitors=[GROUP],
            subscription_id="DEFAULT",
            authentication_policy_id=B,
        ),
        "flows.delete_flow": lambda c: c.flows.delete_flow(A),
    }
)


def open_url(url):
    urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": "*/*"})).read()


def begin_native(c, **more):
    c.native.oauth2_start_flow(SCOPES, verifier=VERIFIER, state="s", prefill_named_grant="a on b", **more)


def begin_confidential(c, **more):
    c.confidential.oauth2_start_flow(BACK, SCOPES, state="s", **more)


def everything(client):
    return client.oauth2_get_authorize_url(
        session_message="Größe & so",
        session_required_identities=["ada@example.org", "bob@example.org"],
        session_required_single_domain=["example.org"],
        session_required_policies=["p1", "p2"],
        session_required_mfa=True,
        prompt="login",
        query_params={"future": "1"},
    )


@case("auth.oauth2_start_flow.native")
def _(c):
    begin_native(c)
    open_url(c.native.oauth2_get_authorize_url())


@case("auth.oauth2_start_flow.native_everything")
def _(c):
    begin_native(c, redirect_uri=BACK, refresh_tokens=True)
    open_url(everything(c.native))


@case("auth.oauth2_start_flow.confidential")
def _(c):
    begin_confidential(c)
    open_url(c.confidential.oauth2_get_authorize_url())


@case("auth.oauth2_start_flow.confidential_everything")
def _(c):
    begin_confidential(c, refresh_tokens=True)
    open_url(everything(c.confidential))


@case("auth.oauth2_exchange_code_for_tokens.native")
def _(c):
    begin_native(c)
    c.native.oauth2_exchange_code_for_tokens("the-code")


@case("auth.oauth2_exchange_code_for_tokens.confidential")
def _(c):
    begin_confidential(c)
    c.confidential.oauth2_exchange_code_for_tokens("the-code")


CASES.update(
    {
        "auth.oauth2_client_credentials_tokens": lambda c: c.confidential.oauth2_client_credentials_tokens(SCOPES),
        "auth.oauth2_refresh_token.native": lambda c: c.native.oauth2_refresh_token(TOKEN),
        "auth.oauth2_refresh_token.confidential": lambda c: c.confidential.oauth2_refresh_token(TOKEN),
        "auth.oauth2_revoke_token.native": lambda c: c.native.oauth2_revoke_token(TOKEN),
        "auth.oauth2_revoke_token.confidential": lambda c: c.confidential.oauth2_revoke_token(TOKEN),
        "auth.oauth2_token_introspect": lambda c: c.confidential.oauth2_token_introspect(TOKEN),
        "auth.oauth2_token_introspect.include": lambda c: c.confidential.oauth2_token_introspect(
            TOKEN, include="identity_set,session_info"
        ),
        "auth.oauth2_get_dependent_tokens": lambda c: c.confidential.oauth2_get_dependent_tokens(TOKEN),
        "auth.oauth2_get_dependent_tokens.everything": lambda c: c.confidential.oauth2_get_dependent_tokens(
            TOKEN, refresh_tokens=True, scope=SCOPES
        ),
        # The official SDK has dropped the method; its command line still asks this by hand.
        "auth.oauth2_validate_token.native": lambda c: c.native.post(
            "/v2/oauth2/token/validate", data={"token": TOKEN, "client_id": A}, encoding="form"
        ),
        "auth.oauth2_validate_token.confidential": lambda c: c.confidential.post(
            "/v2/oauth2/token/validate", data={"token": TOKEN}, encoding="form"
        ),
        "auth.get_openid_configuration.native": lambda c: c.native.get_openid_configuration(),
        "auth.get_openid_configuration.confidential": lambda c: c.confidential.get_openid_configuration(),
        "auth.get_jwk": lambda c: c.auth.get_jwk(),
        "auth.get_jwk.native": lambda c: c.native.get_jwk(),
        "auth.get_jwk.confidential": lambda c: c.confidential.get_jwk(),
        "auth.create_native_app_instance": lambda c: c.native.create_native_app_instance(B, "Größe on b"),
        "auth.create_child_client": lambda c: c.confidential.create_child_client("A", client_type="client_identity"),
        "auth.create_child_client.public": lambda c: c.confidential.create_child_client("A", public_client=True),
        "auth.create_child_client.everything": lambda c: c.confidential.create_child_client(
            "A",
            public_client=False,
            visibility="public",
            redirect_uris=["https://a.example.edu/cb", "http://localhost:8000/"],
            terms_and_conditions="https://a.example.edu/terms",
            privacy_policy="https://a.example.edu/privacy",
            required_idp=B,
            preselect_idp=C,
            additional_fields={"new_member": 7},
        ),
        "auth.oauth2_token": lambda c: c.native.oauth2_token({"grant_type": "future", "a": "b c"}),
    }
)
