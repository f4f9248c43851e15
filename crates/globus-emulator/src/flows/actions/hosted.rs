//! The action providers that Globus has, and what they take.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth;
use crate::auth::scopes::ScopeRecord;

/// One action provider of the emulator.
#[derive(Debug)]
pub(crate) struct Hosted {
    /// Where the emulator has it, below `/actions/`.
    pub(crate) path: &'static str,
    /// Where Globus has it.
    pub(crate) url: &'static str,
    pub(crate) scope: &'static str,
    pub(crate) title: &'static str,
    pub(crate) synchronous: bool,
    pub(super) work: Work,
}

/// What a provider does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Hello,
    Expression,
    WaitForOption,
    Notify,
    SearchIngest,
    SearchDelete,
    Transfer(Operation),
    ServerGuest,
    PersonalGuest,
    Compute,
    MintDoi,
}

/// What a provider of Transfer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Transfer,
    Delete,
    Ls,
    Stat,
    Mkdir,
    CollectionInfo,
    ManagePermission,
}

pub(super) const TRANSFER: &str = "urn:globus:auth:scope:transfer.api.globus.org:all";
const COMPUTE: &str = "https://auth.globus.org/scopes/facd7ccc-c5f4-42aa-916b-a0e270e2c2a9/all";
const SEARCH_INGEST: &str = "https://auth.globus.org/scopes/actions.globus.org/search/ingest";
const HELLO: &str = "https://auth.globus.org/scopes/actions.globus.org/hello_world";
const GUEST: &str = "urn:globus:auth:scope:transfer.actions.globus.org:create_guest_collection";

macro_rules! of_actions {
    ($name:literal) => {
        concat!("https://auth.globus.org/scopes/5fac2e64-c734-4e6b-90ea-ff12ddbf9653/", $name)
    };
}

const fn transfer(
    path: &'static str,
    url: &'static str,
    title: &'static str,
    operation: Operation,
) -> Hosted {
    let synchronous = !matches!(operation, Operation::Transfer | Operation::Delete);
    Hosted { path, url, scope: TRANSFER, title, synchronous, work: Work::Transfer(operation) }
}

const fn action(
    path: &'static str,
    url: &'static str,
    scope: &'static str,
    title: &'static str,
    work: Work,
) -> Hosted {
    let synchronous = matches!(
        work,
        Work::Expression | Work::Notify | Work::ServerGuest | Work::PersonalGuest | Work::MintDoi
    );
    Hosted { path, url, scope, title, synchronous, work }
}

/// All of them.
pub(super) static ALL: [Hosted; 18] = [
    transfer(
        "transfer/transfer",
        "https://transfer.actions.globus.org/transfer",
        "Transfer files",
        Operation::Transfer,
    ),
    transfer(
        "transfer/delete",
        "https://transfer.actions.globus.org/delete",
        "Delete files",
        Operation::Delete,
    ),
    transfer("transfer/ls", "https://transfer.actions.globus.org/ls", "List a directory", Operation::Ls),
    transfer("transfer/stat", "https://transfer.actions.globus.org/stat", "Look at a path", Operation::Stat),
    transfer(
        "transfer/mkdir",
        "https://transfer.actions.globus.org/mkdir",
        "Make a directory",
        Operation::Mkdir,
    ),
    transfer(
        "transfer/collection_info",
        "https://transfer.actions.globus.org/collection_info",
        "Look at a collection",
        Operation::CollectionInfo,
    ),
    transfer(
        "transfer/manage_permission",
        "https://transfer.actions.globus.org/manage_permission",
        "Manage the permissions of a collection",
        Operation::ManagePermission,
    ),
    action("hello_world", "https://actions.globus.org/hello_world", HELLO, "Hello world", Work::Hello),
    action(
        "expression_eval",
        "https://actions.globus.org/expression_eval",
        of_actions!("expression"),
        "Evaluate expressions",
        Work::Expression,
    ),
    action(
        "weboption/wait_for_option",
        "https://actions.globus.org/weboption/wait_for_option",
        of_actions!("weboption_wait_for_option"),
        "Wait for somebody to choose",
        Work::WaitForOption,
    ),
    action(
        "notification/notify",
        "https://actions.globus.org/notification/notify",
        of_actions!("notification_notify"),
        "Send mail",
        Work::Notify,
    ),
    action(
        "search/ingest",
        "https://actions.globus.org/search/ingest",
        SEARCH_INGEST,
        "Ingest into Search",
        Work::SearchIngest,
    ),
    action(
        "search/delete",
        "https://actions.globus.org/search/delete",
        of_actions!("search_delete"),
        "Delete from Search",
        Work::SearchDelete,
    ),
    action("compute/v3", "https://compute.actions.globus.org/v3", COMPUTE, "Run functions", Work::Compute),
    action("compute", "https://compute.actions.globus.org", COMPUTE, "Run functions", Work::Compute),
    action(
        "transfer/gcsv5/create_guest_collection",
        "https://transfer.actions.globus.org/gcsv5/create_guest_collection",
        GUEST,
        "Create a guest collection of a Globus Connect Server",
        Work::ServerGuest,
    ),
    action(
        "transfer/gcp/create_guest_collection",
        "https://transfer.actions.globus.org/gcp/create_guest_collection",
        GUEST,
        "Create a guest collection of a Globus Connect Personal",
        Work::PersonalGuest,
    ),
    action(
        "datacite/mint/basic_auth",
        "https://actions.globus.org/datacite/mint/basic_auth",
        of_actions!("datacite_mint_basic_auth_action_all"),
        "Mint a DOI",
        Work::MintDoi,
    ),
];

/// The client that the action providers of Globus belong to.
const OWNER: Uuid = Uuid::from_u128(0x5fac_2e64_c734_4e6b_90ea_ff12_ddbf_9653);

/// Makes the scopes of the action providers known.
pub(crate) fn register_scopes(auth: &auth::Store) {
    for hosted in &ALL {
        let known = auth.tables().scopes.find(hosted.scope).is_some();
        if !known {
            let scope = ScopeRecord::new(OWNER, "actions.globus.org", hosted.scope).advertised();
            // Who creates collections for somebody works at Transfer for them.
            let scope = if hosted.scope == GUEST { scope.depends_on(TRANSFER, false) } else { scope };
            auth.register_scope(scope);
        }
    }
}

impl Hosted {
    /// Finds the provider that Globus has at a URL.
    pub(super) fn at_url(url: &str) -> Option<&'static Hosted> {
        let url = url.trim_end_matches('/');
        ALL.iter().find(|hosted| hosted.url == url)
    }

    /// Finds the provider that a path below `/actions/` belongs to, and what of the path is left.
    pub(super) fn at_path(path: &str) -> Option<(&'static Hosted, &str)> {
        let fits = |hosted: &'static Hosted| {
            let rest = path.strip_prefix(hosted.path)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| (hosted, rest.trim_matches('/')))
        };
        ALL.iter().filter_map(fits).max_by_key(|(hosted, _)| hosted.path.len())
    }

    /// The JSON Schema of the body of a request.
    pub(super) fn input_schema(&self) -> Value {
        let id = json!({"type": "string", "format": "uuid"});
        let text = json!({"type": "string"});
        let flag = json!({"type": "boolean"});
        let (required, properties) = match self.work {
            Work::Hello => (
                vec![],
                json!({"echo_string": text, "sleep_time": {"type": "integer", "minimum": 0},
                    "required_dependent_scope": text}),
            ),
            Work::Expression => (
                vec![],
                json!({"expression": text, "arguments": {"type": "object"}, "result_path": text,
                    "expressions": {"type": "array", "items": {"type": "object", "required": ["expression"],
                        "properties": {"expression": text, "arguments": {"type": "object"}, "result_path": text}}}}),
            ),
            Work::WaitForOption => (
                vec!["options"],
                json!({"options": {"type": "array", "minItems": 1, "items": {"type": "object",
                    "required": ["name", "url_suffix"], "properties": {"name": text, "url_suffix": text}}},
                    "landing_page": {"type": "object", "required": ["url_suffix"]}}),
            ),
            Work::Notify => (
                vec!["destination", "subject", "body_template"],
                json!({"destination": text, "sender": text, "subject": text, "body_template": text,
                    "body_variables": {"type": "object"}, "body_mimetype": text, "notification_method": text,
                    "notification_priority": text, "send_credentials": {"type": "array"}}),
            ),
            Work::SearchIngest => (vec!["search_index"], json!({"search_index": id})),
            Work::SearchDelete => (
                vec!["search_index", "delete_by"],
                json!({"search_index": id, "delete_by": {"enum": ["subject", "entry", "query"]}}),
            ),
            Work::Transfer(Operation::Transfer) => (
                vec!["source_endpoint", "destination_endpoint", "DATA"],
                json!({"source_endpoint": id, "destination_endpoint": id, "label": {"type": ["string", "null"]},
                    "DATA": {"type": "array", "minItems": 1, "items": {"type": "object",
                        "required": ["source_path", "destination_path"],
                        "properties": {"source_path": text, "destination_path": text,
                            "recursive": {"type": ["boolean", "null"]}}}}}),
            ),
            Work::Transfer(Operation::Delete) => (
                vec!["endpoint", "DATA"],
                json!({"endpoint": id, "recursive": flag, "DATA": {"type": "array", "minItems": 1,
                    "items": {"type": "object", "required": ["path"], "properties": {"path": text}}}}),
            ),
            Work::Transfer(Operation::Ls) => (
                vec!["endpoint_id"],
                json!({"endpoint_id": id, "path": text, "limit": {"type": "integer"}, "offset": {"type": "integer"},
                    "show_hidden": flag}),
            ),
            Work::Transfer(Operation::Stat | Operation::Mkdir) => {
                (vec!["endpoint_id", "path"], json!({"endpoint_id": id, "path": text}))
            }
            Work::Transfer(Operation::CollectionInfo) => (vec!["endpoint_id"], json!({"endpoint_id": id})),
            Work::Transfer(Operation::ManagePermission) => (
                vec!["operation", "endpoint_id"],
                json!({"operation": {"enum": ["CREATE", "UPDATE", "DELETE", "LIST", "GET"]}, "endpoint_id": id,
                    "path": text, "principal_type": text, "principal": text, "permissions": {"enum": ["r", "rw"]},
                    "rule_id": text}),
            ),
            Work::ServerGuest => (
                vec!["mapped_collection_id", "collection_base_path", "display_name"],
                json!({"mapped_collection_id": id, "collection_base_path": text, "display_name": text}),
            ),
            Work::PersonalGuest => (vec!["display_name"], json!({"display_name": text})),
            Work::Compute => (
                vec!["tasks"],
                json!({"endpoint_id": id, "task_group_id": id, "tasks": {"type": "array", "minItems": 1,
                    "items": {"type": "object", "properties": {"args": {"type": "array"}, "kwargs": {"type": "object"}}}}}),
            ),
            Work::MintDoi => (
                vec!["username", "password", "Doi"],
                json!({"as_test": flag, "username": text, "password": text, "Doi": {"type": "object",
                    "required": ["attributes"], "properties": {"attributes": {"type": "object"}}}}),
            ),
        };
        json!({"type": "object", "required": required, "properties": properties})
    }

    /// The document that describes the provider.
    pub(super) fn description(&self) -> Value {
        json!({
            "types": ["Action"],
            "api_version": "1.0",
            "globus_auth_scope": self.scope,
            "title": self.title,
            "subtitle": format!("The emulator's stand-in for {}", self.url),
            "description": null,
            "keywords": [],
            "visible_to": ["public"],
            "runnable_by": ["all_authenticated_users"],
            "administered_by": [],
            "admin_contact": "nobody@localhost",
            "synchronous": self.synchronous,
            "log_supported": false,
            "maximum_deadline": "P30D",
            "input_schema": self.input_schema(),
            "event_types": null,
        })
    }
}
