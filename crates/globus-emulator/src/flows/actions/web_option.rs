//! The provider that waits until somebody opens one of several links.

use std::sync::Arc;

use axum::extract::{Path, State as Extract};
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::api::names;
use super::hosted::Work;
use super::{Action, Stage};
use crate::auth::verify;
use crate::server::text::in_html;
use crate::state::State;

/// Every suffix is in use by one action at most.
pub(super) fn check(state: &State, action: &Action) -> Result<(), String> {
    if action.hosted.work != Work::WaitForOption {
        return Ok(());
    }
    for option in options(action) {
        let suffix = text(option, "url_suffix");
        if waiting(state, suffix).is_some() {
            return Err(format!("url_suffix {suffix:?} is in use"));
        }
    }
    Ok(())
}

/// Waits: the links do the rest.
pub(super) fn wait(state: &State, action: &Action) -> Stage {
    let base = state.local_url("actions");
    let links: Vec<Value> = options(action)
        .iter()
        .map(|option| {
            let suffix = text(option, "url_suffix");
            json!({"name": option["name"], "url": format!("{base}weboption/option/{suffix}")})
        })
        .collect();
    Stage::Active(
        json!({"code": "WaitingForOption", "description": "Nobody has chosen yet", "options": links}),
    )
}

fn options(action: &Action) -> &[Value] {
    action.body().get("options").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Finds the action that waits for a link, and the option that the link stands for.
fn waiting(state: &State, suffix: &str) -> Option<(Arc<Action>, Value)> {
    let actions = state.flows.actions.actions();
    let open = actions
        .values()
        .filter(|action| action.hosted.work == Work::WaitForOption && !action.progress().stage.is_final());
    open.into_iter().find_map(|action| {
        let option = options(action).iter().find(|option| text(option, "url_suffix") == suffix)?;
        Some((action.clone(), option.clone()))
    })
}

/// Somebody opened a link.
pub(super) async fn choose(
    Extract(state): Extract<Arc<State>>,
    Path(suffix): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some((action, option)) = waiting(&state, &suffix) else {
        return (
            StatusCode::NOT_FOUND,
            Html("<p>There is no such option, or the choice has been made.</p>".to_owned()),
        )
            .into_response();
    };
    // Options without a list of their own have that of their page.
    let page = action.body().get("landing_page").unwrap_or(&Value::Null);
    let of_options = options(&action).iter().any(|option| option.get("selectable_by").is_some());
    if !may_choose(&state, if of_options { &option } else { page }, &headers) {
        return (StatusCode::FORBIDDEN, Html("<p>You cannot choose this option.</p>".to_owned()))
            .into_response();
    }
    let chosen = json!({"name": option["name"], "url_suffix": option["url_suffix"]});
    action.reach(Stage::Succeeded(chosen), state.clock.now());
    let message =
        option.get("completed_message").and_then(Value::as_str).unwrap_or("Your choice was recorded.");
    Html(format!("<p>{}</p>", in_html(message))).into_response()
}

/// Without a list, whoever has the link may choose.
fn may_choose(state: &State, option: &Value, headers: &HeaderMap) -> bool {
    let Some(list) = option.get("selectable_by").and_then(Value::as_array) else { return true };
    if list.iter().any(|entry| entry == "public") {
        return true;
    }
    let caller = verify::bearer(headers).and_then(|token| verify::holder_of(state, token));
    caller.is_some_and(|caller| names(option, "selectable_by", &caller))
}

/// The page with all links of an action.
pub(super) async fn landing_page(
    Extract(state): Extract<Arc<State>>,
    Path(suffix): Path<String>,
    headers: HeaderMap,
) -> Response {
    let actions = state.flows.actions.actions();
    let found = actions.values().find(|action| {
        action.hosted.work == Work::WaitForOption
            && !action.progress().stage.is_final()
            && action.body().get("landing_page").is_some_and(|page| text(page, "url_suffix") == suffix)
    });
    let Some(action) = found else {
        return (StatusCode::NOT_FOUND, Html("<p>There is no such page.</p>".to_owned())).into_response();
    };
    let page = &action.body()["landing_page"];
    if !may_choose(&state, page, &headers) {
        return (StatusCode::FORBIDDEN, Html("<p>You cannot see this page.</p>".to_owned())).into_response();
    }
    let links: Vec<String> = options(action)
        .iter()
        .map(|option| {
            let (suffix, name) = (in_html(text(option, "url_suffix")), in_html(text(option, "name")));
            let description = in_html(text(option, "description"));
            format!("<li><a href=\"../option/{suffix}\">{name}</a> {description}</li>")
        })
        .collect();
    let title = in_html(text(page, "page_title"));
    let header = in_html(text(page, "header_text"));
    let preamble = in_html(text(page, "preamble_text"));
    let list = links.concat();
    Html(format!("<!doctype html><title>{title}</title><h1>{header}</h1><p>{preamble}</p><ul>{list}</ul>"))
        .into_response()
}
