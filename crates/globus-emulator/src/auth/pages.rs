//! The pages that a person sees. Plain HTML, no script; whatever came from outside is escaped.

pub(crate) mod manage;

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use uuid::Uuid;

use super::Tables;
use super::authorize::PageError;
use super::consents::Granted;
use super::fields::Fields;
use super::logins::Login;
use super::redirect;
use crate::server::text::in_html;
use crate::state::State;
use crate::time;

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:40em;margin:3em auto;padding:0 1em;color:#222}\
    code{background:#eee;padding:.1em .3em;overflow-wrap:anywhere}\
    button{font:inherit;padding:.4em 1.2em;margin-right:.6em}fieldset{border:1px solid #bbb;margin:1em 0}";

/// The page that asks for consent.
pub(crate) fn consent(tables: &Tables, login: &Login, request: &str) -> Response {
    let name = tables.clients.get(login.client).map_or("An application", |client| &client.name);
    let mut body = format!(
        "<p><b>{}</b> (<code>{}</code>) would like to act for you:</p>{}",
        in_html(name),
        login.client,
        scope_list(&login.granted)
    );
    if let Some(label) = &login.label {
        let _ = write!(body, "<p>It calls this grant <i>{}</i>.</p>", in_html(label));
    }
    if login.offline {
        body.push_str("<p>It may do so while you are away, until you withdraw your consent.</p>");
    }
    if let Some(message) = &login.requirement.message {
        let _ = write!(body, "<p>{}</p>", in_html(message));
    }
    body.push_str("<form method=\"post\" action=\"authorize\"><fieldset><legend>Continue as</legend>");
    let people = login.choices.iter().filter_map(|id| tables.accounts.person(*id));
    for (index, person) in people.enumerate() {
        let primary = tables.accounts.primary_of(person.id);
        let linked = tables.accounts.person(primary).filter(|primary| primary.id != person.id);
        let linked = linked.map(|primary| format!(", linked to {}", in_html(&primary.username)));
        let _ = write!(
            body,
            "<label><input type=\"radio\" name=\"identity\" value=\"{}\"{}> {} ({}{})</label><br>",
            person.id,
            if index == 0 { " checked" } else { "" },
            in_html(person.name.as_deref().unwrap_or_default()),
            in_html(&person.username),
            linked.unwrap_or_default(),
        );
    }
    let checked = if login.requirement.mfa { " checked" } else { "" };
    let _ = write!(
        body,
        "</fieldset><p><label><input type=\"checkbox\" name=\"mfa\" value=\"yes\"{checked}> \
         Log in with more than one factor</label></p>\
         <input type=\"hidden\" name=\"request\" value=\"{}\">\
         <button name=\"decision\" value=\"allow\">Allow</button>\
         <button name=\"decision\" value=\"deny\">Deny</button></form>",
        in_html(request)
    );
    page(StatusCode::OK, "Allow access?", &body)
}

fn scope_list(granted: &[Granted]) -> String {
    let mut list = String::from("<ul>");
    for one in granted {
        let optional = if one.scope.optional { " (optional)" } else { "" };
        let _ = write!(list, "<li><code>{}</code>{optional}", in_html(&one.scope.name));
        if !one.dependencies.is_empty() {
            list.push_str(&scope_list(&one.dependencies));
        }
        list.push_str("</li>");
    }
    list.push_str("</ul>");
    list
}

/// The page for a request that cannot be sent back to anybody.
pub(crate) fn error(state: &State, error: &PageError) -> Response {
    let body = format!(
        "<h2>Error processing OAuth2 request</h2><p>{}</p>\
         <dl><dt>Occurred at time</dt><dd>{}</dd><dt>Error ID</dt><dd>{}</dd><dt>Error code</dt><dd>{}</dd></dl>",
        in_html(&error.message),
        time::micros(state.clock.now()),
        Uuid::new_v4().simple(),
        error.code,
    );
    page(StatusCode::BAD_REQUEST, "Unable to Fulfill Your Request", &body)
}

/// `GET /v2/web/auth-code`: shows the code to be copied, or why there is none.
pub(crate) async fn auth_code(fields: Fields) -> Response {
    if let Some(code) = fields.get("code") {
        let body = format!(
            "<p>Copy this code into the application:</p><p><code id=\"code\">{}</code></p>",
            in_html(code)
        );
        return page(StatusCode::OK, "Authorization Code", &body);
    }
    let why = fields.get("error_description").or_else(|| fields.get("error"));
    let body = format!("<p>{}</p>", in_html(why.unwrap_or("There is no code in this address.")));
    page(StatusCode::BAD_REQUEST, "No Authorization Code", &body)
}

/// `GET /v2/web/logout`: the next login to any application authenticates anew.
pub(crate) async fn logout(extract::State(state): extract::State<Arc<State>>, fields: Fields) -> Response {
    let mut body =
        String::from("<p>You are logged out. Tokens stay valid until they expire or are revoked.</p>");
    let mut tables = state.auth.tables();
    tables.sessions.log_out();
    body.push_str(&back_link(&tables, &fields));
    page(StatusCode::OK, "Logged Out", &body)
}

/// The link back to the application. It leads only where codes may be sent, so that no page can be used to lure
/// people away.
fn back_link(tables: &Tables, fields: &Fields) -> String {
    let client = fields.get("client_id").or_else(|| fields.get("client"));
    let client = client.and_then(|id| Uuid::parse_str(id).ok()).and_then(|id| tables.clients.get(id));
    match (client, fields.get("redirect_uri")) {
        (Some(client), Some(uri)) if redirect::is_allowed(client, uri, "") => {
            let name = fields.get("redirect_name").unwrap_or(uri);
            format!("<p><a href=\"{}\">Continue to {}</a></p>", in_html(uri), in_html(name))
        }
        _ => String::new(),
    }
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{title}</h1>{body}\
         <p><small>Globus Emulator: not the real service, no real accounts.</small></p></body></html>"
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers.map(|(name, value)| (name, HeaderValue::from_static(value))), Html(html)).into_response()
}
