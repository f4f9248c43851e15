//! Where each service is, in each environment.

use globus_core::config::{Environment, Service};

#[test]
fn every_service_in_every_environment() {
    use Environment::{Integration, Preview, Production, Sandbox, Staging, Test};
    let rows = [
        (
            Production,
            "https://auth.globus.org/
             https://transfer.api.globus.org/
             https://flows.automate.globus.org/
             https://timer.automate.globus.org/
             https://groups.api.globus.org/
             https://search.api.globus.org/
             https://compute.api.globus.org/
             https://app.globus.org/
             https://nexus.api.globusonline.org/
             https://actions.automate.globus.org/",
        ),
        (
            Preview,
            "https://auth.preview.globus.org/
             https://transfer.api.preview.globus.org/
             https://preview.flows.automate.globus.org/
             https://preview.timer.automate.globus.org/
             https://groups.api.preview.globus.org/
             https://search.api.preview.globus.org/
             https://compute.api.preview.globus.org/
             https://app.preview.globus.org/
             https://nexus.api.preview.globus.org/
             https://preview.actions.automate.globus.org/",
        ),
        (
            Sandbox,
            "https://auth.sandbox.globuscs.info/
             https://transfer.api.sandbox.globuscs.info/
             https://sandbox.flows.automate.globus.org/
             https://sandbox.timer.automate.globus.org/
             https://groups.api.sandbox.globuscs.info/
             https://search.api.sandbox.globuscs.info/
             https://compute.api.sandbox.globuscs.info/
             https://app.sandbox.globuscs.info/
             https://nexus.api.sandbox.globuscs.info/
             https://sandbox.actions.automate.globus.org/",
        ),
        (
            Integration,
            "https://auth.integration.globuscs.info/
             https://transfer.api.integration.globuscs.info/
             https://integration.flows.automate.globus.org/
             https://integration.timer.automate.globus.org/
             https://groups.api.integration.globuscs.info/
             https://search.api.integration.globuscs.info/
             https://compute.api.integration.globuscs.info/
             https://app.integration.globuscs.info/
             https://nexus.api.integration.globuscs.info/
             https://integration.actions.automate.globus.org/",
        ),
        (
            Test,
            "https://auth.test.globuscs.info/
             https://transfer.api.test.globuscs.info/
             https://test.flows.automate.globus.org/
             https://test.timer.automate.globus.org/
             https://groups.api.test.globuscs.info/
             https://search.api.test.globuscs.info/
             https://compute.api.test.globuscs.info/
             https://app.test.globuscs.info/
             https://nexus.api.test.globuscs.info/
             https://test.actions.automate.globus.org/",
        ),
        (
            Staging,
            "https://auth.staging.globuscs.info/
             https://transfer.api.staging.globuscs.info/
             https://staging.flows.automate.globus.org/
             https://staging.timer.automate.globus.org/
             https://groups.api.staging.globuscs.info/
             https://search.api.staging.globuscs.info/
             https://compute.api.staging.globuscs.info/
             https://app.staging.globuscs.info/
             https://nexus.api.staging.globuscs.info/
             https://staging.actions.automate.globus.org/",
        ),
    ];
    assert_eq!(rows.each_ref().map(|(environment, _)| *environment), Environment::ALL);
    for (environment, urls) in rows {
        let actual: Vec<_> = Service::ALL
            .iter()
            .filter_map(|service| environment.service_url(*service))
            .map(String::from)
            .collect();
        assert_eq!(actual, urls.split_whitespace().collect::<Vec<_>>(), "{environment}");
        assert_eq!(environment.service_url(Service::GlobusConnectServer), None);
    }
}

#[test]
fn names() {
    let environments: Vec<_> = Environment::ALL.iter().map(|known| known.as_str()).collect();
    assert_eq!(environments.join(" "), "production preview sandbox integration test staging");
    for environment in Environment::ALL {
        assert_eq!(environment.to_string().parse(), Ok(*environment));
    }
    assert_eq!(Environment::default(), Environment::Production);
    assert_eq!(
        "prod".parse::<Environment>().unwrap_err().to_string(),
        "unknown environment \"prod\" (known are production, preview, sandbox, integration, test, staging)"
    );
    let services: Vec<_> = Service::ALL.iter().map(ToString::to_string).collect();
    let expected = "auth transfer flows timer groups search compute app nexus actions globus_connect_server";
    assert_eq!(services.join(" "), expected);
}
