//! What developers manage, what resource servers get, and what services demand of logins.

use std::time::Duration;

use globus::{
    auth::{
        AuthClient, AuthorizationFlow, OAuthToken, OAuthTokenResponse,
        api::{
            clients::{ClientUpdate, NewClient},
            identities::{IdentityLookup, IdentityProviderLookup},
            policies::{NewPolicy, PolicyUpdate},
            projects::{NewProject, ProjectUpdate},
            scopes::{DependentScope, NewScope, ScopeLookup, ScopeUpdate},
        },
        gare::Gare,
    },
    prelude::*,
};
use globus_emulator::{Account, Requirement};
use serde_json::json;
use url::Url;

use crate::{lab::Lab, login::NATIVE};

const ADA: &str = "ada@uni.example.edu";
const HOME: &str = "ada@home.example.org";
const MANAGE_PROJECTS: &str = "urn:globus:auth:scope:auth.globus.org:manage_projects";

async fn lab() -> Lab {
    Lab::with(|emulator| emulator.account(Account::new(ADA).name("Ada").linked(HOME))).await
}

/// Logs Ada in, with what `change` makes of the login.
async fn log_in(
    lab: &Lab,
    who: &str,
    scopes: &str,
    change: impl FnOnce(AuthorizationFlow) -> AuthorizationFlow,
) -> OAuthTokenResponse {
    let app = NativeAppAuthClient::builder(NATIVE).config(lab.config.clone()).build().unwrap();
    let (url, flow) = change(app.oauth2_start_flow(scopes)).begin().unwrap();
    let callback: Url = lab.emulator.answer_login(url.as_str(), Some(who)).unwrap().parse().unwrap();
    let (_, code) = callback.query_pairs().find(|(name, _)| name == "code").unwrap();
    app.oauth2_exchange_code_for_tokens(flow, code.into_owned()).send().await.unwrap()
}

fn client_of<C: globus::core::ServiceClient>(lab: &Lab, token: Option<&OAuthToken>) -> C {
    lab.client(AccessTokenAuthorizer::new(token.unwrap().access_token.clone()))
}

/// Does what a demand asks for, with one of Ada's identities.
async fn meet(lab: &Lab, who: &str, gare: &Gare) {
    log_in(lab, who, "openid", |flow| {
        let wanted = gare.authorization_parameters.to_authorize_params();
        wanted.into_iter().fold(flow, |flow, (name, value)| flow.query_param(name, value))
    })
    .await;
}

#[tokio::test]
async fn a_developer_registers_a_service_that_acts_for_its_users() {
    let lab = lab().await;
    let login = log_in(&lab, ADA, &format!("openid profile {MANAGE_PROJECTS}"), |flow| flow).await;
    let auth: AuthClient = client_of(&lab, login.by_resource_server("auth.globus.org"));
    let me = auth.userinfo().send().await.unwrap().sub;

    let found = auth.get_identities(IdentityLookup::usernames([ADA, "nobody@uni.example.edu"])).send().await;
    assert_eq!(found.unwrap().identities.iter().map(|identity| identity.id).collect::<Vec<_>>(), [me]);
    let providers = auth.get_identity_providers(IdentityProviderLookup::domains(["uni.example.edu"]));
    assert_eq!(providers.send().await.unwrap().len(), 1);

    let project = NewProject::new("Portal", "ops@uni.example.edu").admin_ids([me]);
    let project = auth.create_project(project).send().await.unwrap();
    let update = ProjectUpdate::new().contact_email("portal@uni.example.edu");
    let project = auth.update_project(project.id, update).send().await.unwrap();
    assert_eq!(project.contact_email.as_deref(), Some("portal@uni.example.edu"));
    assert_eq!(auth.get_projects().send().await.unwrap().len(), 1);
    assert_eq!(auth.get_project(project.id).send().await.unwrap().admins.unwrap().identities[0].id, me);

    let policy = NewPolicy::new(project.id, "Campus", "People of the university");
    let policy =
        auth.create_policy(policy.domain_constraints_include(vec!["*.edu".to_owned()])).send().await.unwrap();
    let anybody = PolicyUpdate::new().domain_constraints_include(globus::core::Field::Null);
    assert_eq!(auth.update_policy(policy.id, anybody).send().await.unwrap().domain_constraints_include, None);
    assert_eq!(auth.get_policies().send().await.unwrap().len(), 1);
    auth.delete_policy(policy.id).send().await.unwrap();
    assert!(auth.get_policy(policy.id).send().await.unwrap_err().is_not_found());

    let service = auth.create_client(NewClient::confidential("Service", project.id)).send().await.unwrap();
    let update = ClientUpdate::new().redirect_uris(["https://portal.example.org/callback"]);
    let service = auth.update_client(service.id, update).send().await.unwrap();
    assert_eq!(service.redirect_uris, ["https://portal.example.org/callback"]);
    assert_eq!(auth.get_client(service.id).send().await.unwrap().id, service.id);
    let credential = auth.create_client_credential(service.id, "ci").send().await.unwrap();
    let secret = credential.secret.unwrap();
    assert!(auth.get_client_credentials(service.id).send().await.unwrap()[0].secret.is_none());

    let transfer = auth.get_scopes(ScopeLookup::scope_strings([scope::transfer::ALL])).send().await.unwrap();
    let new = NewScope::new("Run", "Run things for you", "run").advertised(true);
    let run = auth.create_scope(service.id, new).send().await.unwrap().scopes.remove(0);
    let update = ScopeUpdate::new().dependent_scopes([DependentScope::new(transfer[0].id)]);
    let run = auth.update_scope(run.id, update).send().await.unwrap();
    assert_eq!(auth.get_scope(run.id).send().await.unwrap().dependent_scopes.len(), 1);

    // A user of the service: it may act at Transfer, and nowhere else.
    let user = log_in(&lab, HOME, &format!("openid {}", run.scope_string), |flow| flow).await;
    let token = user.by_scopes(&*run.scope_string).unwrap().access_token.clone();
    let server =
        ConfidentialAppAuthClient::builder(service.id, secret).config(lab.config.clone()).build().unwrap();
    let seen = server.oauth2_token_introspect(token.clone()).include(["identity_set"]).send().await.unwrap();
    assert!(seen.active && seen.username.as_deref() == Some(ADA));
    let dependent = server.oauth2_get_dependent_tokens(token.clone()).send().await.unwrap();
    let at_transfer: TransferClient =
        client_of(&lab, dependent.by_resource_server(scope::transfer::RESOURCE_SERVER));
    at_transfer.task_list().send().await.unwrap();
    let more = server.oauth2_get_dependent_tokens(token).scope(scope::flows::ALL).send().await.unwrap_err();
    let gare = Gare::from_error(&more).unwrap();
    assert_eq!(gare.authorization_parameters.required_scopes, Some(vec![scope::flows::ALL.to_owned()]));

    let consents: AuthClient = client_of(&lab, user.by_resource_server("auth.globus.org"));
    let forest = consents.get_consents(me).send().await.unwrap();
    let tree = Scope::new(&run.scope_string)
        .unwrap()
        .with_dependency(Scope::new(scope::transfer::ALL).unwrap())
        .unwrap();
    assert!(forest.meets_scope_requirements(&[tree]), "{forest:?}");

    // What the user takes back ends at once.
    let body = json!({"identity": ADA, "scope": run.scope_string});
    assert_eq!(lab.control("DELETE", "consents", Some(&body)).await["rescinded"], 2);
    assert!(at_transfer.task_list().send().await.unwrap_err().is_unauthorized());

    auth.delete_scope(run.id).send().await.unwrap();
    auth.delete_client_credential(service.id, credential.id).send().await.unwrap();
    let refused = server.oauth2_client_credentials_tokens("openid").send().await.unwrap_err();
    assert!(refused.is_unauthorized());
    auth.delete_client(service.id).send().await.unwrap();
    auth.delete_project(project.id).send().await.unwrap();
}

#[tokio::test]
async fn what_a_service_demands_can_be_read_and_done() {
    let lab = lab().await;
    let login = log_in(&lab, ADA, &format!("openid {}", scope::transfer::ALL), |flow| flow).await;
    let transfer: TransferClient =
        client_of(&lab, login.by_resource_server(scope::transfer::RESOURCE_SERVER));
    transfer.task_list().send().await.unwrap();

    let wishes: [(Requirement, &str); 3] = [
        (Requirement::new().domain("home.example.org").message("From home"), HOME),
        (Requirement::new().identity(HOME).mfa(), HOME),
        (Requirement::new(), ADA),
    ];
    for (wish, who) in wishes {
        lab.emulator.require(wish.path_prefix("/transfer/")).unwrap();
        let refused = transfer.task_list().send().await.unwrap_err();
        let gare = Gare::from_error(&refused).unwrap();
        assert_eq!(gare.authorization_parameters.prompt.as_deref(), Some("login"));
        meet(&lab, who, &gare).await;
        transfer.task_list().send().await.unwrap();
    }

    lab.emulator.require(Requirement::new().path_prefix("/transfer/").scope("email")).unwrap();
    let gare = Gare::from_error(&transfer.task_list().send().await.unwrap_err()).unwrap();
    assert_eq!(gare.code, "ConsentRequired");
    log_in(&lab, ADA, "openid email", |flow| flow).await;
    transfer.task_list().send().await.unwrap();
}

#[tokio::test]
async fn managing_a_project_wants_a_login_of_the_last_half_hour() {
    let lab = lab().await;
    let login = log_in(&lab, ADA, &format!("openid {MANAGE_PROJECTS}"), |flow| flow).await;
    let auth: AuthClient = client_of(&lab, login.by_resource_server("auth.globus.org"));
    let me = auth.userinfo().send().await.unwrap().sub;
    let project = NewProject::new("Portal", "ops@uni.example.edu").admin_ids([me]);
    let project = auth.create_project(project).send().await.unwrap();
    lab.emulator.advance_clock(Duration::from_secs(31 * 60));
    let refused = auth.get_project(project.id).send().await.unwrap_err();
    let gare = Gare::from_error(&refused).unwrap();
    assert_eq!(gare.authorization_parameters.session_required_identities, Some(vec![me.to_string()]));
    meet(&lab, ADA, &gare).await;
    auth.get_project(project.id).send().await.unwrap();
}
