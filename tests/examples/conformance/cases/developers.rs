//! Calls to Auth about people, and about what developers register.

use globus::{
    auth::api::{
        clients::{ClientType, ClientUpdate, ClientVisibility, NewClient},
        identities::{IdentityLookup, IdentityProviderId, IdentityProviderLookup},
        policies::{NewPolicy, PolicyUpdate},
        projects::{NewProject, ProjectUpdate},
        scopes::{DependentScope, NewScope, ScopeLookup, ScopeUpdate},
    },
    core::Field,
};

use super::{A, B, C, cases};

fn policy() -> NewPolicy {
    NewPolicy::new(A, "Campus", "d")
}

fn client() -> NewClient {
    NewClient::confidential("A", A)
        .visibility(ClientVisibility::Public)
        .redirect_uris(["https://a.example.edu/cb", "http://localhost:8000/"])
        .links("https://a.example.edu/terms", "https://a.example.edu/privacy")
        .required_idp(B)
        .preselect_idp(C)
        .extra("new_member", 7)
}

fn dependents() -> Vec<DependentScope> {
    let dependent = |id: &str| id.parse().ok().map(DependentScope::new);
    let second = dependent(B).map(|scope| scope.optional(true).requires_refresh_token(true));
    [dependent(A), second].into_iter().flatten().collect()
}

/// All members of a scope that both creating and changing one take.
macro_rules! scope_members {
    ($document:expr) => {
        $document
            .advertised(false)
            .allows_refresh_token(true)
            .required_domains(["example.edu"])
            .dependent_scopes(dependents())
    };
}

/// The constraints that both creating and changing a policy take.
macro_rules! constraints {
    ($document:expr) => {
        $document
            .authentication_assurance_timeout(3600)
            .required_mfa(false)
            .domain_constraints_include(vec!["*.example.edu".to_owned()])
            .domain_constraints_exclude(Field::Null)
    };
}

cases! { clients;
    "auth.userinfo" => clients.auth.userinfo(),
    "auth.get_openid_configuration" => clients.auth.get_openid_configuration(),
    "auth.get_identities" => clients.auth.get_identities(IdentityLookup::ids([A, B])),
    "auth.get_identities.usernames" => {
        let people = IdentityLookup::usernames(["ada@example.edu", "bob+1@example.edu"]);
        clients.auth.get_identities(people).include(["identity_provider"])
    },
    "auth.get_identities.provision" => {
        clients.auth.get_identities(IdentityLookup::provisioned_usernames(["ada@example.edu"]))
    },
    "auth.get_identity_providers" => clients.auth.get_identity_providers(IdentityProviderLookup::ids([A])),
    "auth.get_identity_providers.domains" => {
        clients.auth.get_identity_providers(IdentityProviderLookup::domains(["globus.org", "example.edu"]))
    },
    "auth.get_consents" => clients.auth.get_consents(A),
    "auth.get_consents.all" => clients.auth.get_consents(A).all(true),
    "auth.get_project" => clients.auth.get_project(A),
    "auth.get_projects" => clients.auth.get_projects(),
    "auth.create_project" => clients.auth.create_project(NewProject::new("Größe", "ops@example.edu")),
    "auth.create_project.everything" => {
        let project = NewProject::new("Portal", "ops@example.edu").admin_ids([A, B]).admin_group_ids([C]);
        clients.auth.create_project(project)
    },
    "auth.update_project" => {
        let update = ProjectUpdate::new().display_name("Portal").contact_email("ops@example.edu");
        clients.auth.update_project(A, update.admin_ids([A, B]).admin_group_ids([C]))
    },
    "auth.delete_project" => clients.auth.delete_project(A),
    "auth.get_policy" => clients.auth.get_policy(A),
    "auth.get_policies" => clients.auth.get_policies(),
    "auth.create_policy" => clients.auth.create_policy(policy()),
    "auth.create_policy.everything" => clients.auth.create_policy(constraints!(policy().high_assurance(true))),
    "auth.update_policy" => clients.auth.update_policy(A, PolicyUpdate::new()),
    "auth.update_policy.everything" => {
        let update = PolicyUpdate::new().project_id(B).display_name("Campus").description("d");
        clients.auth.update_policy(A, constraints!(update))
    },
    "auth.delete_policy" => clients.auth.delete_policy(A),
    "auth.get_client" => clients.auth.get_client(A),
    "auth.get_client_by_fqdn" => clients.auth.get_client_by_fqdn("service.example.org"),
    "auth.get_clients" => clients.auth.get_clients(),
    "auth.create_client" => clients.auth.create_client(NewClient::new("A", A, ClientType::ClientIdentity)),
    "auth.create_client.public" => clients.auth.create_client(NewClient::public("A", A)),
    "auth.create_client.everything" => clients.auth.create_client(client()),
    "auth.update_client" => clients.auth.update_client(A, ClientUpdate::new()),
    "auth.update_client.everything" => {
        let update = ClientUpdate::new()
            .name("B")
            .visibility(ClientVisibility::Private)
            .redirect_uris(Vec::<String>::new())
            .links("t", "p");
        clients.auth.update_client(A, update.required_idp(B.parse::<IdentityProviderId>().ok()).preselect_idp(Field::Null))
    },
    "auth.update_client.no_links" => clients.auth.update_client(A, ClientUpdate::new().without_links()),
    "auth.delete_client" => clients.auth.delete_client(A),
    "auth.get_client_credentials" => clients.auth.get_client_credentials(A),
    "auth.create_client_credential" => clients.auth.create_client_credential(A, "ci"),
    "auth.delete_client_credential" => clients.auth.delete_client_credential(A, C),
    "auth.get_scope" => clients.auth.get_scope(A),
    "auth.get_scopes" => clients.auth.get_scopes(ScopeLookup::own()),
    "auth.get_scopes.ids" => clients.auth.get_scopes(ScopeLookup::ids([A, B])),
    "auth.get_scopes.strings" => clients.auth.get_scopes(ScopeLookup::scope_strings(["openid", "urn:x:all"])),
    "auth.create_scope" => clients.auth.create_scope(A, NewScope::new("N", "D", "s")),
    "auth.create_scope.everything" => {
        clients.auth.create_scope(A, scope_members!(NewScope::new("N", "D", "s")))
    },
    "auth.update_scope" => clients.auth.update_scope(A, ScopeUpdate::new()),
    "auth.update_scope.everything" => {
        let update = ScopeUpdate::new().name("N").description("D").scope_suffix("s");
        clients.auth.update_scope(A, scope_members!(update))
    },
    "auth.delete_scope" => clients.auth.delete_scope(A),
}
