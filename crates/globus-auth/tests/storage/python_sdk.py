"""Does with the Python SDK's token storages what the tests in python.rs ask for.

The older programs are there in the SDK's legacy adapters, which its 4.x still has.
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

import globus_sdk
from globus_sdk.login_flows import LoginFlowManager
from globus_sdk.token_storage import JSONTokenStorage, SQLiteTokenStorage, TokenStorageData
from globus_sdk.token_storage.legacy import SimpleJSONFileAdapter, SQLiteAdapter


def storage(kind, path, namespace):
    cls = {"json": JSONTokenStorage, "db": SQLiteTokenStorage}[kind]
    return cls(path, namespace=namespace)


def read(kind, path, namespace):
    tokens = storage(kind, path, namespace).get_token_data_by_resource_server()
    print(json.dumps([tokens[name].to_dict() for name in sorted(tokens)]))


def write(kind, path, namespace, records):
    tokens = [TokenStorageData.from_dict(record) for record in json.loads(records)]
    storage(kind, path, namespace).store_token_data_by_resource_server(
        {token.resource_server: token for token in tokens}
    )


def remove(kind, path, namespace, resource_server):
    print(storage(kind, path, namespace).remove_token_data(resource_server))


class Answer:
    """As much of an answer of Globus Auth as the legacy adapters look at."""

    def __init__(self, records):
        names = ("scope", "access_token", "refresh_token", "token_type", "expires_at_seconds", "resource_server")
        self.by_resource_server = {
            record["resource_server"]: {name: record.get(name) for name in names} for record in json.loads(records)
        }


def write_legacy(kind, path, namespace, records):
    if kind == "json":
        adapter = SimpleJSONFileAdapter(path)
    else:
        adapter = SQLiteAdapter(path, namespace=namespace)
        adapter.store_config("auth_user_data", {"sub": "me"})
    adapter.store(Answer(records))


def write_often(kind, path, namespace):
    ours = storage(kind, path, namespace)
    for number in range(300):
        token = TokenStorageData("python", None, "scope", "access", None, number, "Bearer")
        ours.store_token_data_by_resource_server({"python": token})


def app_paths(client_id, environment, names):
    config = globus_sdk.GlobusAppConfig(environment=environment)
    for name in names.split("\n"):
        try:
            print(JSONTokenStorage.for_globus_app(client_id, name, config, "DEFAULT").filepath)
        except globus_sdk.GlobusSDKUsageError:
            print("refused")


class Browser(LoginFlowManager):
    """Opens the address of the login; the emulator approves at once."""

    def run_login_flow(self, auth_parameters):
        self.login_client.oauth2_start_flow(
            auth_parameters.required_scopes,
            redirect_uri="http://127.0.0.1:8910/",
            refresh_tokens=True,
        )

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        try:
            urllib.request.build_opener(Stay).open(self.login_client.oauth2_get_authorize_url())
            raise AssertionError("the emulator did not redirect")
        except urllib.error.HTTPError as answer:
            callback = urllib.parse.urlparse(answer.headers["location"])
        code = urllib.parse.parse_qs(callback.query)["code"][0]
        return self.login_client.oauth2_exchange_code_for_tokens(code)


class Nobody(LoginFlowManager):
    def run_login_flow(self, auth_parameters):
        raise AssertionError("the stored login is not good enough")


def app_call(client_id, manager, path):
    """Makes a call as an app; GLOBUS_SDK_SERVICE_URL_* say where."""
    native = globus_sdk.NativeAppAuthClient(client_id)
    config = globus_sdk.GlobusAppConfig(
        token_storage=JSONTokenStorage(path),
        request_refresh_tokens=True,
        login_flow_manager={"browser": Browser, "nobody": Nobody}[manager](native, request_refresh_tokens=True),
    )
    app = globus_sdk.UserApp("shared", login_client=native, config=config)
    transfer = globus_sdk.TransferClient(app=app)
    print(json.dumps(transfer.task_list().data))


COMMANDS = {
    "app-call": app_call,
    "read": read,
    "write": write,
    "remove": remove,
    "write-legacy": write_legacy,
    "write-often": write_often,
    "app-paths": app_paths,
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
