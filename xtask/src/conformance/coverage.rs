//! Every operation of the SDK is compared that the official SDK has too.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, Result};

use super::programs::Programs;
use super::python::Python;
use super::report::Report;
use crate::ci::shape;
use crate::workspace::{Workspace, has_extension};

/// The crates whose operations have to be in the table.
const SERVICES: [&str; 3] = ["auth", "flows", "transfer"];

const AREA: &str = "coverage";

pub(super) fn check(
    workspace: &Workspace,
    programs: &Programs,
    python: &Python,
    report: &mut Report,
) -> Result<()> {
    let output = Command::new(&programs.ours).arg("cases").output().context("cannot list the cases")?;
    let cases = String::from_utf8(output.stdout).context("the cases are not UTF-8")?;
    let compared = methods(&cases);
    for service in SERVICES {
        let mut operations = BTreeSet::new();
        let directory = format!("crates/globus-{service}/src/");
        for file in
            workspace.files()?.iter().filter(|file| file.starts_with(&directory) && has_extension(file, "rs"))
        {
            operations.extend(shape::operations(&workspace.read(file)?));
        }
        let missing = python.has(service, &missing(service, &operations, &compared))?;
        if missing.is_empty() {
            let count = operations.len();
            report.pass(
                AREA,
                &format!("of the {count} operations of {service}, all that both have are compared"),
            );
        } else {
            report.fail(AREA, service, &format!("not compared: {}", missing.join(", ")));
        }
    }
    Ok(())
}

/// `service.method` of each case.
fn methods(cases: &str) -> BTreeSet<String> {
    let method = |name: &str| name.split('.').take(2).collect::<Vec<_>>().join(".");
    cases.lines().map(method).collect()
}

fn missing(service: &str, operations: &BTreeSet<String>, compared: &BTreeSet<String>) -> Vec<String> {
    operations.iter().filter(|method| !compared.contains(&format!("{service}.{method}"))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_without_a_case_is_named() {
        let compared = methods("transfer.get_task\ntransfer.task_list.everything\nflows.get_flow\n");
        let operations = ["get_task", "task_list", "get_flow"].map(str::to_owned).into();
        assert_eq!(missing("transfer", &operations, &compared), ["get_flow"]);
    }
}
