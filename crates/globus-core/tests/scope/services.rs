//! The scopes of the services, against the strings that the services use.

use globus_core::scope::{
    self, Scope, actions, auth, compute, flows, gcs, groups, nexus, search, timers, transfer,
};
use uuid::{Uuid, uuid};

const A: Uuid = uuid!("aaaaaaaa-0000-4000-8000-00000000000a");
const B: Uuid = uuid!("bbbbbbbb-0000-4000-8000-00000000000b");

/// An id newtype, such as the SDK's own.
#[derive(Clone, Copy)]
struct CollectionId(Uuid);

impl From<CollectionId> for Uuid {
    fn from(id: CollectionId) -> Self {
        id.0
    }
}

#[test]
fn constants_are_plain_names() {
    let all = [
        auth::OPENID,
        auth::PROFILE,
        auth::EMAIL,
        auth::MANAGE_PROJECTS,
        auth::VIEW_AUTHENTICATIONS,
        auth::VIEW_CLIENTS,
        auth::VIEW_CLIENTS_AND_SCOPES,
        auth::VIEW_CONSENTS,
        auth::VIEW_IDENTITIES,
        auth::VIEW_IDENTITY_SET,
        transfer::ALL,
        transfer::GCP_INSTALL,
        groups::ALL,
        groups::VIEW_MY_GROUPS_AND_MEMBERSHIPS,
        search::ALL,
        search::GLOBUS_CONNECT_SERVER,
        search::INGEST,
        search::SEARCH,
        timers::TIMER,
        flows::ALL,
        flows::MANAGE_FLOWS,
        flows::VIEW_FLOWS,
        flows::RUN,
        flows::RUN_STATUS,
        flows::RUN_MANAGE,
        flows::WEB_INPUT_VIEW,
        flows::WEB_INPUT_RESPOND,
        compute::ALL,
        actions::TRANSFER,
        nexus::GROUPS,
    ];
    for name in all {
        assert_eq!(Scope::new(name).unwrap().as_str(), name);
    }
    assert_eq!(scope::parse(all.join(" ")).unwrap().len(), all.len(), "all differ");
}

#[test]
fn urn_scopes_hold_their_resource_server() {
    let rows: [(&str, &[(&str, &str)]); 5] = [
        (
            auth::RESOURCE_SERVER,
            &[
                (auth::MANAGE_PROJECTS, "manage_projects"),
                (auth::VIEW_AUTHENTICATIONS, "view_authentications"),
                (auth::VIEW_CLIENTS, "view_clients"),
                (auth::VIEW_CLIENTS_AND_SCOPES, "view_clients_and_scopes"),
                (auth::VIEW_CONSENTS, "view_consents"),
                (auth::VIEW_IDENTITIES, "view_identities"),
                (auth::VIEW_IDENTITY_SET, "view_identity_set"),
            ],
        ),
        (transfer::RESOURCE_SERVER, &[(transfer::ALL, "all"), (transfer::GCP_INSTALL, "gcp_install")]),
        (
            groups::RESOURCE_SERVER,
            &[
                (groups::ALL, "all"),
                (groups::VIEW_MY_GROUPS_AND_MEMBERSHIPS, "view_my_groups_and_memberships"),
            ],
        ),
        (
            search::RESOURCE_SERVER,
            &[
                (search::ALL, "all"),
                (search::GLOBUS_CONNECT_SERVER, "globus_connect_server"),
                (search::INGEST, "ingest"),
                (search::SEARCH, "search"),
            ],
        ),
        (nexus::RESOURCE_SERVER, &[(nexus::GROUPS, "groups")]),
    ];
    for (resource_server, scopes) in rows {
        for (scope, name) in scopes {
            assert_eq!(*scope, format!("urn:globus:auth:scope:{resource_server}:{name}"));
        }
    }
    assert_eq!(auth::RESOURCE_SERVER, "auth.globus.org");
    for (resource_server, service) in [
        (transfer::RESOURCE_SERVER, "transfer"),
        (groups::RESOURCE_SERVER, "groups"),
        (search::RESOURCE_SERVER, "search"),
        (nexus::RESOURCE_SERVER, "nexus"),
    ] {
        assert_eq!(resource_server, format!("{service}.api.globus.org"));
    }
}

#[test]
fn url_scopes_hold_their_client_id() {
    let flows = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/";
    for (scope, name) in [
        (flows::ALL, "all"),
        (flows::MANAGE_FLOWS, "manage_flows"),
        (flows::VIEW_FLOWS, "view_flows"),
        (flows::RUN, "run"),
        (flows::RUN_STATUS, "run_status"),
        (flows::RUN_MANAGE, "run_manage"),
        (flows::WEB_INPUT_VIEW, "web_input_view"),
        (flows::WEB_INPUT_RESPOND, "web_input_respond"),
    ] {
        assert_eq!(scope, format!("{flows}{name}"));
    }
    assert_eq!(timers::TIMER, format!("https://auth.globus.org/scopes/{}/timer", timers::RESOURCE_SERVER));
    assert_eq!(flows::RESOURCE_SERVER, "flows.globus.org");
    assert_eq!(compute::RESOURCE_SERVER, "funcx_service");
    assert_eq!(compute::ALL, "https://auth.globus.org/scopes/facd7ccc-c5f4-42aa-916b-a0e270e2c2a9/all");
}

#[test]
fn computed_scopes() {
    let a = "https://auth.globus.org/scopes/aaaaaaaa-0000-4000-8000-00000000000a";
    let b = "https://auth.globus.org/scopes/bbbbbbbb-0000-4000-8000-00000000000b";
    let user_a = format!("{a}/flow_aaaaaaaa_0000_4000_8000_00000000000a_user");
    let user_b = format!("{b}/flow_bbbbbbbb_0000_4000_8000_00000000000b_user");
    let t = "urn:globus:auth:scope:transfer.api.globus.org:all";
    let timer = timers::TIMER;
    let manage = "urn:globus:auth:scope:aaaaaaaa-0000-4000-8000-00000000000a:manage_collections";
    let none = std::iter::empty::<Uuid>;
    let rows = [
        (gcs::data_access(A), format!("{a}/data_access")),
        (gcs::https(A), format!("{a}/https")),
        (gcs::manage_collections(A), manage.to_owned()),
        (gcs::manage_collections_with_data_access(A, [B]), format!("{manage}[*{b}/data_access]")),
        (transfer::all_with_data_access([A]), format!("{t}[*{a}/data_access]")),
        (transfer::all_with_data_access([B, A, B]), format!("{t}[*{a}/data_access *{b}/data_access]")),
        (transfer::all_with_data_access(none()), t.to_owned()),
        (flows::user(A), user_a.clone()),
        (flows::user_with_data_access(A, [B]), format!("{user_a}[*{t}[*{b}/data_access]]")),
        (flows::user_with_data_access(A, none()), format!("{user_a}[*{t}]")),
        (timers::timer_for_transfer([A]), format!("{timer}[{t}[*{a}/data_access]]")),
        (timers::timer_for_transfer(none()), format!("{timer}[{t}]")),
        (timers::timer_for_flows([B, A]), format!("{timer}[{user_a} {user_b}]")),
    ];
    for (scope, expected) in rows {
        assert_eq!(scope.as_str(), expected);
        assert_eq!(Scope::parse(&expected).unwrap(), scope, "already in canonical form");
    }
    assert_eq!(gcs::https(CollectionId(A)), gcs::https(A));
    assert_eq!(transfer::all_with_data_access(vec![CollectionId(A)]), transfer::all_with_data_access([A]));
}
