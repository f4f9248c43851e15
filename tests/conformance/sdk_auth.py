"""Globus Auth by the official Python SDK. `CONFORMANCE_EMULATOR` names the ready file of an emulator."""

import threading
import urllib.error
import urllib.request
import webbrowser

import globus_sdk
from browser import answer, control, press_allow, shown_code
from check import check, emulator, end, note, raises
from globus_sdk import gare
from globus_sdk.scopes import AuthScopes, FlowsScopes, GCSCollectionScopes, TransferScopes

NATIVE = "61338d24-54d5-408f-a10d-66c06b59f6d2"
HERE = emulator()
ADA, HOME = "ada@uni.example.edu", "ada@home.example.org"
control("seed", {"accounts": [{"username": ADA, "name": "Ada", "linked": [HOME]}]})

account = globus_sdk.ConfidentialAppAuthClient(HERE["client_id"], HERE["client_secret"])
native = globus_sdk.NativeAppAuthClient(NATIVE)
DATA_ACCESS = GCSCollectionScopes(HERE["collections"]["vault"]["id"]).data_access


def log_in(scopes, who=ADA, refresh_tokens=False, **parameters):
    """Logs Ada in by the page and a code."""
    native.oauth2_start_flow(scopes, refresh_tokens=refresh_tokens)
    return native.oauth2_exchange_code_for_tokens(press_allow(native.oauth2_get_authorize_url(**parameters), who=who)["code"])


def auth_client(tokens):
    access = tokens.by_resource_server["auth.globus.org"]["access_token"]
    return globus_sdk.AuthClient(authorizer=globus_sdk.AccessTokenAuthorizer(access))


with check("client credentials give one token for each resource server"):
    tokens = account.oauth2_client_credentials_tokens([TransferScopes.all, FlowsScopes.all])
    assert set(tokens.by_resource_server) == {"transfer.api.globus.org", "flows.globus.org"}, tokens.by_resource_server
    token = tokens.by_resource_server["transfer.api.globus.org"]
    assert token["token_type"] == "Bearer" and token["refresh_token"] is None

with check("a wrong secret is refused"):
    impostor = globus_sdk.ConfidentialAppAuthClient(HERE["client_id"], "wrong")
    raises(globus_sdk.AuthAPIError, lambda: impostor.oauth2_client_credentials_tokens("openid"), http_status=401)

with check("a token can be introspected and revoked"):
    access = token["access_token"]
    seen = account.oauth2_token_introspect(access, include="identity_set,session_info")
    assert seen["active"] and seen["client_id"] == HERE["client_id"] and seen["sub"] in seen["identity_set"]
    assert account.oauth2_revoke_token(access)["active"] is False
    assert account.oauth2_token_introspect(access)["active"] is False
    assert account.oauth2_revoke_token("unheard of")["active"] is False

with check("a native application logs in with a code and PKCE"):
    native.oauth2_start_flow(["openid", "email", "profile", TransferScopes.all], refresh_tokens=True)
    back = press_allow(native.oauth2_get_authorize_url(), who=ADA)
    login = native.oauth2_exchange_code_for_tokens(back["code"])
    assert set(login.by_resource_server) == {"auth.globus.org", "transfer.api.globus.org"}
    user_token = login.by_resource_server["transfer.api.globus.org"]
    assert user_token["refresh_token"]

with check("the code can be copied from the page that shows it"):
    native.oauth2_start_flow("openid")
    assert native.oauth2_exchange_code_for_tokens(shown_code(native.oauth2_get_authorize_url(), who=ADA))["id_token"]

with check("the id token is signed and says who it is"):
    who = login.decode_id_token()
    assert who["aud"] == NATIVE and who["email"] == ADA and who["sub"], who
    userinfo = auth_client(login).userinfo()
    assert userinfo["sub"] == who["sub"] and userinfo["preferred_username"] == ADA

with check("a code is good for one login"):
    raises(globus_sdk.AuthAPIError, lambda: native.oauth2_exchange_code_for_tokens(back["code"]))

with check("a denied login comes back with the reason"):
    native.oauth2_start_flow("openid")
    assert "error=access_denied" in answer(native.oauth2_get_authorize_url(), decision="deny")

with check("an address and a scope that nobody registered are refused on the page"):
    for uri, scope, words in [
        ("https://evil.example.org/", "openid", "Mismatching redirect URI."),
        (None, "urn:nobody:knows", "UNKNOWN_SCOPE_ERROR"),
    ]:
        native.oauth2_start_flow(scope, redirect_uri=uri)
        try:
            urllib.request.urlopen(native.oauth2_get_authorize_url())
        except urllib.error.HTTPError as error:
            page = error.read().decode()
            assert words in page, page
        else:
            raise AssertionError(f"{uri} {scope} was allowed")

with check("a refresh token gives another access token"):
    again = native.oauth2_refresh_token(user_token["refresh_token"]).by_resource_server["transfer.api.globus.org"]
    assert again["access_token"] != user_token["access_token"] and again["refresh_token"]

with check("an authorizer renews its token by itself, also when it ends early"):
    renewing = globus_sdk.RefreshTokenAuthorizer(user_token["refresh_token"], native)
    client = globus_sdk.TransferClient(authorizer=renewing)
    assert client.task_list()["DATA"] == []
    assert control("tokens/expire", {})["expired"] > 0
    assert client.task_list()["DATA"] == []

with check("refresh tokens rotate, and the authorizer follows"):
    control("settings", {"rotate_refresh_tokens": True})
    renewed = []
    renewing = globus_sdk.RefreshTokenAuthorizer(user_token["refresh_token"], native, on_refresh=renewed.append)
    raises(globus_sdk.AuthAPIError, lambda: native.oauth2_refresh_token(user_token["refresh_token"]))
    user_token = renewed[0].by_resource_server["transfer.api.globus.org"]
    control("settings", {"rotate_refresh_tokens": False})

with check("a revoked refresh token is worth nothing"):
    native.oauth2_revoke_token(user_token["refresh_token"])
    raises(globus_sdk.AuthAPIError, lambda: native.oauth2_refresh_token(user_token["refresh_token"]))

with check("an app logs in with a browser on this machine"):
    class Browser(webbrowser.BaseBrowser):
        """Presses Allow and goes where the page sends it."""

        def open(self, url, new=0, autoraise=True):
            target = answer(url, who=ADA)
            threading.Thread(target=urllib.request.urlopen, args=[target], daemon=True).start()
            return True

    webbrowser.register("driven", None, Browser("driven"), preferred=True)
    config = globus_sdk.GlobusAppConfig(
        token_storage="memory", login_flow_manager="local-server", request_refresh_tokens=True
    )
    requirements = {"transfer.api.globus.org": TransferScopes.all.with_dependency(DATA_ACCESS)}
    app = globus_sdk.UserApp("conformance", client_id=NATIVE, scope_requirements=requirements, config=config)
    app.login()
    with globus_sdk.TransferClient(app=app) as client:
        assert client.task_list()["DATA"] == []
    app.logout()
    assert app.login_required()

with check("consents are a tree that covers what was asked for"):
    scopes = [AuthScopes.openid, AuthScopes.view_consents, TransferScopes.all.with_dependency(DATA_ACCESS)]
    consents_client = auth_client(log_in(scopes))
    forest = consents_client.get_consents(who["sub"]).to_forest()
    assert forest.meets_scope_requirements(TransferScopes.all.with_dependency(DATA_ACCESS))
    assert not forest.meets_scope_requirements(FlowsScopes.all)
    assert len(consents_client.get_consents(who["sub"], all=True)["consents"]) >= len(forest.nodes)

with check("a session gathers authentications"):
    stepped = log_in(
        [AuthScopes.openid, AuthScopes.profile, AuthScopes.view_identity_set],
        who=HOME,
        session_required_identities=[ADA, HOME],
        session_required_mfa=True,
        session_message="Both, please",
        prompt="login",
    )
    userinfo = auth_client(stepped).userinfo()
    assert userinfo["sub"] == who["sub"], "the account stays the same"
    assert all(entry["last_authentication"] for entry in userinfo["identity_set"]), userinfo["identity_set"]

with check("a demand can be read and met"):
    tokens = log_in([AuthScopes.openid, TransferScopes.all])
    transfer = globus_sdk.TransferClient(
        authorizer=globus_sdk.AccessTokenAuthorizer(tokens.by_resource_server["transfer.api.globus.org"]["access_token"])
    )
    demand = {"path_prefix": "/transfer/", "session_required_single_domain": ["home.example.org"]}
    control("requirements", {**demand, "session_message": "From home, please"})
    error = raises(globus_sdk.TransferAPIError, transfer.task_list, http_status=403)
    wanted = gare.to_gare(error).authorization_parameters
    assert wanted.session_message == "From home, please", wanted
    assert error.info.authorization_parameters.session_required_single_domain == ["home.example.org"]
    log_in(
        [AuthScopes.openid],
        who=HOME,
        session_required_single_domain=wanted.session_required_single_domain,
        prompt=wanted.prompt,
    )
    transfer.task_list()
    control("requirements", {"path_prefix": "/transfer/", "required_scopes": [str(FlowsScopes.all)]})
    error = raises(globus_sdk.TransferAPIError, transfer.task_list, http_status=403, code="ConsentRequired")
    assert error.info.consent_required.required_scopes == [str(FlowsScopes.all)]
    log_in([AuthScopes.openid, FlowsScopes.all])
    transfer.task_list()

auth = auth_client(log_in([AuthScopes.openid, AuthScopes.manage_projects], prompt="login"))

with check("the service describes itself"):
    assert auth.get_openid_configuration()["issuer"]
    assert "RS512" in str(auth.get_jwk())
    assert auth.get_jwk(openid_configuration=auth.get_openid_configuration(), as_pem=True).key_size >= 2048

with check("identities and their providers"):
    found = auth.get_identities(usernames=[ADA, "nobody@uni.example.edu"], query_params={"include": "identity_provider"})
    assert [entry["id"] for entry in found] == [who["sub"]]
    provider = found["included"]["identity_providers"][0]
    assert [entry["id"] for entry in auth.get_identity_providers(domains="uni.example.edu")] == [provider["id"]]
    assert auth.get_identity_providers(ids=provider["id"])["identity_providers"] == [provider]
    made = auth.get_identities(usernames="new@uni.example.edu", provision=True)
    assert [entry["status"] for entry in made] == ["unused"]
    names = globus_sdk.IdentityMap(auth, [ADA, HERE["client_id"]])
    assert names[ADA]["id"] == who["sub"] and names[HERE["client_id"]]["username"].endswith("@clients.auth.globus.org")

with check("projects"):
    project = auth.create_project("Portal", "ops@example.edu", admin_ids=[who["sub"]])["project"]["id"]
    assert auth.get_project(project)["project"]["admins"]["identities"][0]["username"] == ADA
    assert auth.update_project(project, display_name="Gate")["project"]["display_name"] == "Gate"
    assert [entry["id"] for entry in auth.get_projects()] == [project]

with check("policies"):
    policy = auth.create_policy(
        project_id=project,
        display_name="HA",
        description="d",
        high_assurance=True,
        authentication_assurance_timeout=60,
        domain_constraints_include=["*.edu"],
    )["policy"]["id"]
    assert auth.get_policy(policy)["policy"]["high_assurance"]
    changed = auth.update_policy(policy, domain_constraints_include=None, required_mfa=True)["policy"]
    assert changed["domain_constraints_include"] is None and changed["authentication_assurance_timeout"] == 60
    assert [entry["id"] for entry in auth.get_policies()] == [policy]
    assert auth.delete_policy(policy)["policy"]["id"] == policy
    raises(globus_sdk.AuthAPIError, lambda: auth.get_policy(policy), http_status=404)

with check("clients and their credentials"):
    client = auth.create_client("App", project=project, public_client=False)["client"]["id"]
    assert auth.update_client(client, name="Application", redirect_uris=["https://app.example.org/cb"])["client"]["name"]
    assert auth.get_client(client_id=client)["client"]["redirect_uris"] == ["https://app.example.org/cb"]
    assert [entry["id"] for entry in auth.get_clients()] == [client]
    credential = auth.create_client_credential(client, "ci")["credential"]
    assert [entry["secret"] for entry in auth.get_client_credentials(client)] == [None]
    robot = globus_sdk.ConfidentialAppAuthClient(client, credential["secret"])
    robot.oauth2_client_credentials_tokens("openid")
    assert robot.create_child_client("Child", public_client=True)["client"]["parent_client"] == client

with check("scopes, and tokens for the services that a service uses"):
    transfer_id = "89ecabba-4acf-4e2e-a98d-ce592ccc2818"
    uses = [globus_sdk.DependentScopeSpec(transfer_id, False, False)]
    scope = auth.create_scope(client, "Run", "d", "run", dependent_scopes=uses, advertised=True)["scopes"][0]
    assert auth.get_scope(scope["id"])["scope"]["scope_string"] == scope["scope_string"]
    assert [entry["id"] for entry in auth.get_scopes(scope_strings=[scope["scope_string"]])] == [scope["id"]]
    assert auth.update_scope(scope["id"], name="Start")["scope"]["name"] == "Start"
    called_with = log_in([AuthScopes.openid, scope["scope_string"]]).by_resource_server[client]["access_token"]
    seen = robot.oauth2_token_introspect(called_with, include="identity_set,session_info")
    assert seen["username"] == ADA and len(seen["identity_set"]) == 2
    assert who["sub"] in seen["session_info"]["authentications"]
    dependent = robot.oauth2_get_dependent_tokens(called_with, refresh_tokens=True)
    dependent = dependent.by_resource_server["transfer.api.globus.org"]
    assert dependent["refresh_token"]
    authorizer = globus_sdk.AccessTokenAuthorizer(dependent["access_token"])
    globus_sdk.TransferClient(authorizer=authorizer).task_list()
    error = raises(
        globus_sdk.AuthAPIError,
        lambda: robot.oauth2_get_dependent_tokens(called_with, scope=str(FlowsScopes.all)),
        http_status=403,
    )
    assert gare.to_gare(error).authorization_parameters.required_scopes == [str(FlowsScopes.all)]
    assert auth.delete_scope(scope["id"])["scope"]["id"] == scope["id"]

with check("what was made is taken away"):
    raises(globus_sdk.AuthAPIError, lambda: auth.delete_project(project), http_status=409)
    auth.delete_client_credential(client, credential["id"])
    raises(globus_sdk.AuthAPIError, lambda: robot.oauth2_client_credentials_tokens("openid"), http_status=401)
    auth.delete_client(client)
    auth.delete_project(project)

with check("managing needs a login of the last half hour"):
    project = auth.create_project("Portal", "ops@example.edu", admin_ids=[who["sub"]])["project"]["id"]
    control("clock", {"advance_seconds": 1860})
    error = raises(globus_sdk.AuthAPIError, lambda: auth.get_project(project), http_status=403, code="FORBIDDEN")
    wanted = gare.to_gare(error).authorization_parameters
    assert wanted.session_required_identities == [who["sub"]], wanted
    log_in([AuthScopes.openid], session_required_identities=wanted.session_required_identities, prompt="login")
    auth.delete_project(project)

with check("an instance of a template is a client of its own"):
    template = globus_sdk.NativeAppAuthClient("95fdeba8-fac2-42bd-a357-e068d82ff78e")
    made = template.create_native_app_instance(template.client_id, "CLI")
    credential = made["included"]["client_credential"]
    instance = globus_sdk.ConfidentialAppAuthClient(credential["client"], credential["secret"])
    assert instance.oauth2_client_credentials_tokens("openid").by_resource_server["auth.globus.org"]

note(f"globus-sdk {globus_sdk.__version__}")
end()
