//! The pages on which people look after their account: consents and linked identities.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract;
use axum::response::Response;
use http::StatusCode;
use uuid::Uuid;

use super::super::Tables;
use super::super::fields::Fields;
use super::super::identities::{Identity, is_username};
use super::super::input::query_ids;
use super::{back_link, page};
use crate::server::text::in_html;
use crate::state::State;

/// `GET /v2/web/consents`: what everybody allowed, to be taken back.
pub(crate) async fn consents(extract::State(state): extract::State<Arc<State>>, fields: Fields) -> Response {
    let tables = state.auth.tables();
    page(StatusCode::OK, "Consents", &consents_body(&tables, &fields))
}

/// `POST /v2/web/consents`: takes one back, with everything below it and the tokens that stand on it.
pub(crate) async fn rescind(extract::State(state): extract::State<Arc<State>>, fields: Fields) -> Response {
    let mut tables = state.auth.tables();
    let consent = fields.get("consent").and_then(|id| id.parse().ok());
    let identity = fields.get("identity").and_then(|id| Uuid::parse_str(id).ok());
    let (Some(consent), Some(identity), true) = (consent, identity, tables.is_own_form(&fields)) else {
        return page(StatusCode::BAD_REQUEST, "Consents", "<p>Use a button of this page.</p>");
    };
    let gone = tables.consents.rescind(identity, consent);
    tables.tokens.revoke_consents(&gone);
    page(StatusCode::OK, "Consents", &consents_body(&tables, &fields))
}

fn consents_body(tables: &Tables, fields: &Fields) -> String {
    let mut body = String::new();
    for account in tables.accounts.accounts() {
        for identity in account {
            let _ = write!(body, "<h2>{}</h2><ul>", in_html(&identity.username));
            for node in tables.consents.nodes(identity.id) {
                let indent = "&nbsp;&nbsp;".repeat(node.depth - 1);
                let of = tables.clients.get(node.client).map(|client| in_html(&client.name));
                let _ = write!(
                    body,
                    "<li>{indent}<code>{}</code> for {} <form method=\"post\" action=\"consents\">\
                     <input type=\"hidden\" name=\"form_key\" value=\"{}\">\
                     <input type=\"hidden\" name=\"identity\" value=\"{}\">\
                     <button name=\"consent\" value=\"{}\">Rescind</button></form></li>",
                    in_html(&node.scope_name),
                    of.unwrap_or_else(|| node.client.to_string()),
                    tables.form_key,
                    identity.id,
                    node.id,
                );
            }
            body.push_str("</ul>");
        }
    }
    body.push_str(&back_link(tables, fields));
    body
}

/// `GET /v2/web/identities`: who belongs to whom.
pub(crate) async fn identities(
    extract::State(state): extract::State<Arc<State>>,
    fields: Fields,
) -> Response {
    let tables = state.auth.tables();
    page(StatusCode::OK, "Identities", &identities_body(&tables, &fields))
}

/// `POST /v2/web/identities`: links another identity to an account.
pub(crate) async fn link(extract::State(state): extract::State<Arc<State>>, fields: Fields) -> Response {
    let mut tables = state.auth.tables();
    let primary = query_ids(&fields.list("account")).ok().and_then(|ids| ids.first().copied());
    let primary = primary.filter(|id| tables.accounts.person(*id).is_some());
    let username = fields.get("username").filter(|name| is_username(name));
    let (Some(primary), Some(username), true) = (primary, username, tables.is_own_form(&fields)) else {
        let why = "<p>An identity looks like name@domain.</p>";
        return page(StatusCode::BAD_REQUEST, "Identities", why);
    };
    let name = tables.accounts.person(primary).and_then(|person| person.name.clone()).unwrap_or_default();
    let identity = match tables.accounts.named(username) {
        Some(known) => Identity { status: super::super::identities::Status::Used, ..known.clone() },
        None => Identity::person(username, &name),
    };
    tables.accounts.link(primary, identity);
    page(StatusCode::OK, "Identities", &identities_body(&tables, &fields))
}

fn identities_body(tables: &Tables, fields: &Fields) -> String {
    let mut body = String::new();
    for account in tables.accounts.accounts() {
        let Some(primary) = account.first() else { continue };
        let _ = write!(body, "<h2>{}</h2><ul>", in_html(primary.name.as_deref().unwrap_or_default()));
        for (index, identity) in account.iter().enumerate() {
            let what = if index == 0 { " (primary)" } else { "" };
            let _ =
                write!(body, "<li>{} <code>{}</code>{what}</li>", in_html(&identity.username), identity.id);
        }
        let _ = write!(
            body,
            "</ul><form method=\"post\" action=\"identities\">\
             <input type=\"hidden\" name=\"form_key\" value=\"{}\">\
             <input name=\"username\" placeholder=\"name@domain\">\
             <button name=\"account\" value=\"{}\">Link another identity</button></form>",
            tables.form_key, primary.id,
        );
    }
    body.push_str(&back_link(tables, fields));
    body
}
