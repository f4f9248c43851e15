//! `GET /runs` and `GET /flows/{id}/runs`: which runs, in which order.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::{RunRole, Shared};
use crate::auth::Caller;
use crate::flows::flow::Flow;
use crate::flows::listing::Listing;

const FIELDS: &[&str] = &["id", "start_time", "completion_time", "status", "label"];
const STATUSES: [&str; 5] = ["ACTIVE", "INACTIVE", "SUCCEEDED", "FAILED", "ENDED"];

/// The page of the runs that the caller may see.
pub(super) fn page(
    listing: &Listing,
    runs: &[Shared],
    flows: &BTreeMap<Uuid, Flow>,
    caller: &Caller,
) -> Result<Value, String> {
    let wanted = wanted_roles(listing)?;
    let is_status = |text: &str| STATUSES.iter().any(|status| status.eq_ignore_ascii_case(text));
    if let Some(unknown) = listing.values("filter_status").find(|text| !is_status(text)) {
        return Err(format!("there is no status {unknown:?}"));
    }
    let mut fitting = Vec::new();
    for run in runs {
        let roles = run.roles(caller.who(), flows.get(&run.flow_id));
        let by_role = roles.iter().any(|role| wanted.contains(role));
        if by_role && fits(listing, run)? {
            fitting.push((run, roles));
        }
    }
    let page = listing
        .page(fitting.into_iter(), FIELDS, ("start_time", true), |(run, _), field| run.sort_key(field))?;
    Ok(page.document("runs", |(run, roles)| {
        let mut document = run.document(roles);
        // Lists do not check sessions, so they do not say what a run of a flow of high assurance did.
        if run.policy(flows.get(&run.flow_id)).is_some() {
            document["details"] = Value::Null;
        }
        document
    }))
}

fn fits(listing: &Listing, run: &Shared) -> Result<bool, String> {
    let (status, label, completed) = {
        let progress = run.progress();
        (progress.status, progress.metadata.label.clone().unwrap_or_default(), progress.completion_time)
    };
    Ok(listing.is_wanted("filter_status", status.as_str())
        && listing.is_wanted("filter_flow_id", &run.flow_id.to_string())
        && listing.text_fits("filter_label", &[&label])
        && listing.text_fits("filter_flow_title", &[&run.flow_title])
        && listing.time_fits("filter_start_time", Some(run.start_time))?
        && listing.time_fits("filter_completion_time", completed)?)
}

fn wanted_roles(listing: &Listing) -> Result<Vec<RunRole>, String> {
    let role = |name: &str| match name.strip_suffix('s').unwrap_or(name) {
        "run_owner" => Ok(RunRole::Owner),
        "run_manager" => Ok(RunRole::Manager),
        "run_monitor" => Ok(RunRole::Monitor),
        "flow_run_manager" => Ok(RunRole::FlowManager),
        "flow_run_monitor" => Ok(RunRole::FlowMonitor),
        _ => Err(format!("there is no role {name:?}")),
    };
    let any_of = listing.values("filter_roles").map(role).collect::<Result<Vec<_>, _>>()?;
    match (any_of.is_empty(), listing.values("filter_role").next()) {
        (false, Some(_)) => Err("filter_role and filter_roles exclude each other".to_owned()),
        (false, None) => Ok(any_of),
        (true, None) => Ok(vec![RunRole::Owner]),
        // The deprecated filter: this role or a higher one.
        (true, Some(least)) => Ok(match role(least)? {
            RunRole::Owner => vec![RunRole::Owner],
            RunRole::Manager | RunRole::FlowManager => {
                vec![RunRole::Owner, RunRole::Manager, RunRole::FlowManager]
            }
            RunRole::Monitor | RunRole::FlowMonitor => {
                vec![
                    RunRole::Owner,
                    RunRole::Manager,
                    RunRole::FlowManager,
                    RunRole::Monitor,
                    RunRole::FlowMonitor,
                ]
            }
        }),
    }
}
