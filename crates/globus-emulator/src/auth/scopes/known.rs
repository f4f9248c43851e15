//! The scopes of the services themselves, which every emulator has.
//!
//! The resource server cannot be told from the text of a scope (Flows and Compute differ), so it is a table.

use uuid::Uuid;

use super::ScopeRecord;

/// The scopes of one service: `prefix` + one of `names`.
struct Service {
    resource_server: &'static str,
    owner: Uuid,
    prefix: &'static str,
    names: &'static [&'static str],
}

const AUTH: Uuid = Uuid::from_u128(0x5f0c_9a3e_2d57_5c0e_8a4f_61d8_0b7c_1a01);
const TRANSFER: Uuid = Uuid::from_u128(0x2fbd_da78_a599_4cb5_ac3d_1fbc_fbc6_a754);
const GROUPS: Uuid = Uuid::from_u128(0x5f0c_9a3e_2d57_5c0e_8a4f_61d8_0b7c_1a02);
const SEARCH: Uuid = Uuid::from_u128(0x5f0c_9a3e_2d57_5c0e_8a4f_61d8_0b7c_1a03);
const TIMERS: Uuid = Uuid::from_u128(0x5242_30d7_ea86_4a52_8312_8606_5a9e_0417);
const FLOWS: Uuid = Uuid::from_u128(0xeec9_b274_0c81_4334_bdc2_54e9_0e68_9b9a);
const COMPUTE: Uuid = Uuid::from_u128(0xfacd_7ccc_c5f4_42aa_916b_a0e2_70e2_c2a9);
const ACTIONS: Uuid = Uuid::from_u128(0x5f0c_9a3e_2d57_5c0e_8a4f_61d8_0b7c_1a04);
const NEXUS: Uuid = Uuid::from_u128(0x5f0c_9a3e_2d57_5c0e_8a4f_61d8_0b7c_1a05);

const SERVICES: &[Service] = &[
    Service {
        resource_server: "auth.globus.org",
        owner: AUTH,
        prefix: "",
        names: &["openid", "profile", "email"],
    },
    Service {
        resource_server: "auth.globus.org",
        owner: AUTH,
        prefix: "urn:globus:auth:scope:auth.globus.org:",
        names: &[
            "manage_projects",
            "view_authentications",
            "view_clients",
            "view_clients_and_scopes",
            "view_consents",
            "view_identities",
            "view_identity_set",
        ],
    },
    Service {
        resource_server: "transfer.api.globus.org",
        owner: TRANSFER,
        prefix: "urn:globus:auth:scope:transfer.api.globus.org:",
        names: &["all", "gcp_install"],
    },
    Service {
        resource_server: "groups.api.globus.org",
        owner: GROUPS,
        prefix: "urn:globus:auth:scope:groups.api.globus.org:",
        names: &["all", "view_my_groups_and_memberships"],
    },
    Service {
        resource_server: "search.api.globus.org",
        owner: SEARCH,
        prefix: "urn:globus:auth:scope:search.api.globus.org:",
        names: &["all", "globus_connect_server", "ingest", "search"],
    },
    Service {
        resource_server: "524230d7-ea86-4a52-8312-86065a9e0417",
        owner: TIMERS,
        prefix: "https://auth.globus.org/scopes/524230d7-ea86-4a52-8312-86065a9e0417/",
        names: &["timer"],
    },
    Service {
        resource_server: "flows.globus.org",
        owner: FLOWS,
        prefix: "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/",
        names: &[
            "all",
            "manage_flows",
            "view_flows",
            "run",
            "run_status",
            "run_manage",
            "web_input_view",
            "web_input_respond",
        ],
    },
    Service {
        resource_server: "funcx_service",
        owner: COMPUTE,
        prefix: "https://auth.globus.org/scopes/facd7ccc-c5f4-42aa-916b-a0e270e2c2a9/",
        names: &["all"],
    },
    Service {
        resource_server: "actions.globus.org",
        owner: ACTIONS,
        prefix: "https://auth.globus.org/scopes/actions.globus.org/",
        names: &["transfer/transfer"],
    },
    Service {
        resource_server: "nexus.api.globus.org",
        owner: NEXUS,
        prefix: "urn:globus:auth:scope:nexus.api.globus.org:",
        names: &["groups"],
    },
];

/// Scopes whose real id is known; the others get one that follows from their text.
const IDS: &[(&str, Uuid)] = &[
    (
        "urn:globus:auth:scope:transfer.api.globus.org:all",
        Uuid::from_u128(0x89ec_abba_4acf_4e2e_a98d_ce59_2ccc_2818),
    ),
    (
        "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships",
        Uuid::from_u128(0x7332_0ffe_4cb4_4b25_a0a3_83d5_3d59_ce4f),
    ),
    (
        "urn:globus:auth:scope:nexus.api.globus.org:groups",
        Uuid::from_u128(0x69a7_3d8f_cd45_4e37_bb3b_4367_8424_aeb7),
    ),
];

/// Returns the id of a scope: the real one where it is known, else one that follows from the text.
pub(crate) fn id_of(scope: &str) -> Uuid {
    IDS.iter()
        .find(|(name, _)| *name == scope)
        .map_or_else(|| Uuid::new_v5(&Uuid::NAMESPACE_URL, scope.as_bytes()), |(_, id)| *id)
}

/// Returns the scopes that exist from the start.
pub(super) fn of_services() -> impl Iterator<Item = ScopeRecord> {
    SERVICES.iter().flat_map(|service| {
        service.names.iter().map(|name| {
            let scope = format!("{}{name}", service.prefix);
            ScopeRecord::new(service.owner, service.resource_server, scope).advertised()
        })
    })
}
