"""Calls to Auth about people, and about what developers register."""

from constants import A, B, C
from globus_sdk import DependentScopeSpec

CONSTRAINTS = {
    "authentication_assurance_timeout": 3600,
    "required_mfa": False,
    "domain_constraints_include": ["*.example.edu"],
    "domain_constraints_exclude": None,
}


def scope_members():
    return {
        "required_domains": ["example.edu"],
        "dependent_scopes": [DependentScopeSpec(A, False, False), DependentScopeSpec(B, True, True)],
        "advertised": False,
        "allows_refresh_token": True,
    }


CASES = {
    "auth.userinfo": lambda c: c.auth.userinfo(),
    "auth.get_openid_configuration": lambda c: c.auth.get_openid_configuration(),
    "auth.get_identities": lambda c: c.auth.get_identities(ids=[A, B]),
    "auth.get_identities.usernames": lambda c: c.auth.get_identities(
        usernames=["ada@example.edu", "bob+1@example.edu"], query_params={"include": "identity_provider"}
    ),
    "auth.get_identities.provision": lambda c: c.auth.get_identities(usernames=["ada@example.edu"], provision=True),
    "auth.get_identity_providers": lambda c: c.auth.get_identity_providers(ids=[A]),
    "auth.get_identity_providers.domains": lambda c: c.auth.get_identity_providers(
        domains=["globus.org", "example.edu"]
    ),
    "auth.get_consents": lambda c: c.auth.get_consents(A),
    "auth.get_consents.all": lambda c: c.auth.get_consents(A, all=True),
    "auth.get_project": lambda c: c.auth.get_project(A),
    "auth.get_projects": lambda c: c.auth.get_projects(),
    "auth.create_project": lambda c: c.auth.create_project("Größe", "ops@example.edu"),
    "auth.create_project.everything": lambda c: c.auth.create_project(
        "Portal", "ops@example.edu", admin_ids=[A, B], admin_group_ids=[C]
    ),
    "auth.update_project": lambda c: c.auth.update_project(
        A, display_name="Portal", contact_email="ops@example.edu", admin_ids=[A, B], admin_group_ids=[C]
    ),
    "auth.delete_project": lambda c: c.auth.delete_project(A),
    "auth.get_policy": lambda c: c.auth.get_policy(A),
    "auth.get_policies": lambda c: c.auth.get_policies(),
    "auth.create_policy": lambda c: c.auth.create_policy(project_id=A, display_name="Campus", description="d"),
    "auth.create_policy.everything": lambda c: c.auth.create_policy(
        project_id=A, display_name="Campus", description="d", high_assurance=True, **CONSTRAINTS
    ),
    "auth.update_policy": lambda c: c.auth.update_policy(A),
    "auth.update_policy.everything": lambda c: c.auth.update_policy(
        A, project_id=B, display_name="Campus", description="d", **CONSTRAINTS
    ),
    "auth.delete_policy": lambda c: c.auth.delete_policy(A),
    "auth.get_client": lambda c: c.auth.get_client(client_id=A),
    "auth.get_client_by_fqdn": lambda c: c.auth.get_client(fqdn="service.example.org"),
    "auth.get_clients": lambda c: c.auth.get_clients(),
    "auth.create_client": lambda c: c.auth.create_client("A", A, client_type="client_identity"),
    "auth.create_client.public": lambda c: c.auth.create_client("A", A, public_client=True),
    "auth.create_client.everything": lambda c: c.auth.create_client(
        "A",
        A,
        public_client=False,
        visibility="public",
        redirect_uris=["https://a.example.edu/cb", "http://localhost:8000/"],
        terms_and_conditions="https://a.example.edu/terms",
        privacy_policy="https://a.example.edu/privacy",
        required_idp=B,
        preselect_idp=C,
        additional_fields={"new_member": 7},
    ),
    "auth.update_client": lambda c: c.auth.update_client(A),
    "auth.update_client.everything": lambda c: c.auth.update_client(
        A,
        name="B",
        visibility="private",
        redirect_uris=[],
        terms_and_conditions="t",
        privacy_policy="p",
        required_idp=B,
        preselect_idp=None,
    ),
    "auth.update_client.no_links": lambda c: c.auth.update_client(A, terms_and_conditions=None, privacy_policy=None),
    "auth.delete_client": lambda c: c.auth.delete_client(A),
    "auth.get_client_credentials": lambda c: c.auth.get_client_credentials(A),
    "auth.create_client_credential": lambda c: c.auth.create_client_credential(A, "ci"),
    "auth.delete_client_credential": lambda c: c.auth.delete_client_credential(A, C),
    "auth.get_scope": lambda c: c.auth.get_scope(A),
    "auth.get_scopes": lambda c: c.auth.get_scopes(),
    "auth.get_scopes.ids": lambda c: c.auth.get_scopes(ids=[A, B]),
    "auth.get_scopes.strings": lambda c: c.auth.get_scopes(scope_strings=["openid", "urn:x:all"]),
    "auth.create_scope": lambda c: c.auth.create_scope(A, "N", "D", "s"),
    "auth.create_scope.everything": lambda c: c.auth.create_scope(A, "N", "D", "s", **scope_members()),
    "auth.update_scope": lambda c: c.auth.update_scope(A),
    "auth.update_scope.everything": lambda c: c.auth.update_scope(
        A, name="N", description="D", scope_suffix="s", **scope_members()
    ),
    "auth.delete_scope": lambda c: c.auth.delete_scope(A),
}
