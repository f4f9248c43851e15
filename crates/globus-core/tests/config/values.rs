//! Configuration: which source wins, and what each value means.

use std::path::PathBuf;
use std::time::Duration;

use globus_core::config::{Config, ConfigBuilder, ConfigError, Environment, Service, Sources, TlsVerify};
use tempfile::TempDir;

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBOjCB7aADAgECAhQEVCiippbgmVljC3ekhZGynHRvnTAFBgMrZXAwEjEQMA4G
A1UEAwwHVGVzdCBDQTAgFw0yNjExMjEwNzM2MTNaGA8yMTI2MTAyODA3MzYxM1ow
EjEQMA4GA1UEAwwHVGVzdCBDQTAqMAUGAytlcAMhADCue4ZJ2oCVIsyrTs1hBPmf
xykHFboFrRLvLMVQByKPo1MwUTAdBgNVHQ4EFgQUQdQuGHhS3KdNn97Kjif3+/dY
OzUwHwYDVR0jBBgwFoAUQdQuGHhS3KdNn97Kjif3+/dYOzUwDwYDVR0TAQH/BAUw
AwEB/zAFBgMrZXADQQAhskDCDJUdh54csILunc462dsJYVKEJSDU67eefdF35Oit
pLlRodxx9Dc2eNde6xQt58zPKzJVu4/ORK1GoPEB
-----END CERTIFICATE-----
";

/// A configuration of these variables alone.
fn variables(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let sources = variables.iter().fold(Sources::empty(), |sources, (name, value)| {
        sources.with_variable(format!("GLOBUS_SDK_{name}"), *value)
    });
    Config::builder().sources(sources).build()
}

fn variable(name: &str, value: &str) -> Result<Config, ConfigError> {
    variables(&[(name, value)])
}

/// A configuration of code alone.
fn code() -> ConfigBuilder {
    Config::builder().sources(Sources::empty())
}

fn url(config: &Config, service: Service) -> &str {
    config.service_url(service).unwrap().as_str()
}

#[test]
fn defaults() {
    let config = code().build().unwrap();
    assert_eq!(config.environment().unwrap(), Environment::Production);
    assert_eq!(config.environment_name(), "production");
    assert_eq!(config.tls_verify(), &TlsVerify::On);
    assert_eq!(config.http_timeout(), Some(Duration::from_secs(60)));
    for &service in Service::ALL {
        assert_eq!(config.service_url(service).ok().cloned(), Environment::Production.service_url(service));
    }
}

#[test]
fn code_before_variables_before_user_file_before_system_file() {
    let dir = TempDir::new().unwrap();
    let system_file = dir.path().join("system.cfg");
    let file = |number: u32| {
        let environment = ["production", "sandbox", "test"][number as usize];
        format!(
            "[general]\nenvironment = {environment}\nhttp_timeout = {number}\nverify_ssl = {}\n\
             service_url_flows = http://level{number}/\n",
            number == 1,
        )
    };
    // The level at which each setting must be found, from the one with the least to the one with the most to say.
    let check = |builder: ConfigBuilder, level: u32, environment: Environment, tls_verify: TlsVerify| {
        let config = builder.build().unwrap();
        assert_eq!(config.environment().unwrap(), environment, "level {level}");
        assert_eq!(config.http_timeout(), Some(Duration::from_secs(level.into())), "level {level}");
        assert_eq!(config.tls_verify(), &tls_verify, "level {level}");
        assert_eq!(url(&config, Service::Flows), format!("http://level{level}/"));
    };

    let mut sources = Sources::empty().with_home(dir.path()).with_system_file(&system_file);
    std::fs::write(&system_file, file(1)).unwrap();
    check(Config::builder().sources(sources.clone()), 1, Environment::Sandbox, TlsVerify::On);

    std::fs::write(dir.path().join(".globus.cfg"), file(2)).unwrap();
    check(Config::builder().sources(sources.clone()), 2, Environment::Test, TlsVerify::Off);

    for (name, value) in [
        ("ENVIRONMENT", "staging"),
        ("HTTP_TIMEOUT", "3"),
        ("VERIFY_SSL", "true"),
        ("SERVICE_URL_FLOWS", "http://level3/"),
    ] {
        sources = sources.with_variable(format!("GLOBUS_SDK_{name}"), value);
    }
    check(Config::builder().sources(sources.clone()), 3, Environment::Staging, TlsVerify::On);

    let in_code = Config::builder()
        .sources(sources)
        .environment(Environment::Preview)
        .http_timeout(Duration::from_secs(4))
        .tls_verify(false)
        .service_url(Service::Flows, "http://level4/");
    check(in_code, 4, Environment::Preview, TlsVerify::Off);
}

#[test]
fn what_code_sets_is_not_read_elsewhere() {
    let wrong = Sources::empty()
        .with_variable("GLOBUS_SDK_ENVIRONMENT", "")
        .with_variable("GLOBUS_SDK_HTTP_TIMEOUT", "abc")
        .with_variable("GLOBUS_SDK_VERIFY_SSL", "maybe")
        .with_variable("GLOBUS_SDK_SERVICE_URL_AUTH", "nonsense");
    let config = Config::builder()
        .sources(wrong)
        .environment("preview")
        .http_timeout(None)
        .tls_verify(TlsVerify::On)
        .service_url(Service::Auth, url::Url::parse("https://auth.example.org").unwrap())
        .build()
        .unwrap();
    assert_eq!(config.http_timeout(), None);
    assert_eq!(url(&config, Service::Auth), "https://auth.example.org/");
}

#[test]
fn service_urls_of_variables() {
    for &service in Service::ALL {
        let name = service.url_variable();
        assert_eq!(name, format!("GLOBUS_SDK_SERVICE_URL_{}", service.to_string().to_uppercase()));
        let sources = Sources::empty().with_variable(name, "http://127.0.0.1:8765/base");
        let config = Config::builder().sources(sources).environment("sandbox").build().unwrap();
        for &other in Service::ALL {
            if other == service {
                assert_eq!(url(&config, service), "http://127.0.0.1:8765/base/");
            } else {
                assert_eq!(config.service_url(other).ok().cloned(), Environment::Sandbox.service_url(other));
            }
        }
    }
    let empty = variable("SERVICE_URL_AUTH", "").unwrap();
    assert_eq!(url(&empty, Service::Auth), "https://auth.globus.org/");
}

#[test]
fn service_url_forms() {
    for (given, expected) in [
        ("https://example.org", "https://example.org/"),
        ("https://example.org/", "https://example.org/"),
        ("http://localhost:1/a/b", "http://localhost:1/a/b/"),
        ("http://[::1]:80/a/", "http://[::1]/a/"),
        (" https://example.org/ ", "https://example.org/"),
    ] {
        assert_eq!(url(&variable("SERVICE_URL_TRANSFER", given).unwrap(), Service::Transfer), expected);
        let in_code = code().service_url(Service::Transfer, given).build().unwrap();
        assert_eq!(url(&in_code, Service::Transfer), expected);
    }
    for (given, problem) in [
        ("example.org", "is not an absolute URL such as https://example.org/: relative URL without a base"),
        ("/auth/", "is not an absolute URL such as https://example.org/: relative URL without a base"),
        ("https://", "is not an absolute URL such as https://example.org/: empty host"),
        (
            "https://example.org:99999/",
            "is not an absolute URL such as https://example.org/: invalid port number",
        ),
        ("ftp://example.org/", "the URL must begin with https:// or http://"),
        ("localhost:8080", "the URL must begin with https:// or http://"),
        ("https://hunter2@example.org/", "the URL must not hold a user name or password"),
        ("https://:hunter2@example.org/", "the URL must not hold a user name or password"),
        ("https://example.org/?token=hunter2", "the URL must not have a query (`?`) or fragment (`#`)"),
        ("https://example.org/#hunter2", "the URL must not have a query (`?`) or fragment (`#`)"),
        ("https://example.org/?", "the URL must not have a query (`?`) or fragment (`#`)"),
    ] {
        let error = variable("SERVICE_URL_TRANSFER", given).unwrap_err();
        assert_eq!(error.to_string(), format!("GLOBUS_SDK_SERVICE_URL_TRANSFER: {problem}"), "{given}");
        let builder = code().service_url(Service::Transfer, given);
        assert!(!format!("{builder:?}").contains("hunter2"), "{builder:?}");
        let error = builder.build().unwrap_err();
        assert_eq!(error.to_string(), format!("ConfigBuilder::service_url(Service::Transfer): {problem}"));
    }
}

#[test]
fn http_timeouts() {
    let seconds = |seconds| Some(Duration::from_secs_f64(seconds));
    for (given, expected) in [
        ("60", seconds(60.0)),
        ("0.25", seconds(0.25)),
        (" 30 ", seconds(30.0)),
        ("1e2", seconds(100.0)),
        ("-1", None),
        ("-1.0", None),
        ("", seconds(60.0)),
    ] {
        assert_eq!(variable("HTTP_TIMEOUT", given).unwrap().http_timeout(), expected, "{given:?}");
    }
    for (given, problem) in [
        ("abc", "not a number of seconds"),
        ("60s", "not a number of seconds"),
        ("1_0", "not a number of seconds"),
        ("-2", "not a possible number of seconds"),
        ("-0.5", "not a possible number of seconds"),
        ("0", "not a possible number of seconds"),
        ("1e-12", "not a possible number of seconds"),
        ("1e30", "not a possible number of seconds"),
        ("inf", "not a possible number of seconds"),
        ("nan", "not a possible number of seconds"),
    ] {
        assert_eq!(
            variable("HTTP_TIMEOUT", given).unwrap_err().to_string(),
            format!("GLOBUS_SDK_HTTP_TIMEOUT: {given:?} is {problem} (use e.g. 60, or -1 for no timeout)")
        );
    }
    assert_eq!(code().http_timeout(Duration::from_millis(1)).build().unwrap().http_timeout(), seconds(0.001));
    assert_eq!(
        code().http_timeout(Duration::ZERO).build().unwrap_err().to_string(),
        "ConfigBuilder::http_timeout: a timeout of zero lets no request succeed (use None for no timeout)"
    );
}

#[test]
fn tls_verification() {
    for on in ["y", "yes", "t", "true", "on", "1", "Y", "TRUE", "oN"] {
        assert_eq!(variable("VERIFY_SSL", on).unwrap().tls_verify(), &TlsVerify::On, "{on}");
    }
    for off in ["n", "no", "f", "false", "off", "0", "N", "False", "OFF"] {
        assert_eq!(variable("VERIFY_SSL", off).unwrap().tls_verify(), &TlsVerify::Off, "{off}");
    }
    for wrong in ["", "2", "maybe", "/nowhere/ca.pem"] {
        assert_eq!(
            variable("VERIFY_SSL", wrong).unwrap_err().to_string(),
            format!(
                "GLOBUS_SDK_VERIFY_SSL: {wrong:?} is neither a boolean (y, yes, t, true, on, 1, n, no, f, false, off, 0) \
                 nor the path of a file"
            )
        );
    }
}

#[test]
fn ca_files() {
    let dir = TempDir::new().unwrap();
    let write = |name: &str, content: &str| -> PathBuf {
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };

    let good = write("good.pem", &format!("# Our own\n{CERTIFICATE}{CERTIFICATE}"));
    let by_variable = variable("VERIFY_SSL", good.to_str().unwrap()).unwrap();
    let TlsVerify::CaFile(bundle) = by_variable.tls_verify() else { panic!("{by_variable:?}") };
    assert_eq!(bundle.path(), good);
    assert_eq!(bundle.pem(), std::fs::read(&good).unwrap());
    assert!(!format!("{by_variable:?}").contains("45, 45, 45"), "the bytes are no use in a log");
    let by_code = code().tls_verify(TlsVerify::ca_file(&good).unwrap()).build().unwrap();
    assert_eq!(by_code.tls_verify(), by_variable.tls_verify());

    let broken = CERTIFICATE.replace("MIIB", "####");
    let truncated = CERTIFICATE.replace("-----END CERTIFICATE-----", "");
    let second_broken = format!("{CERTIFICATE}{broken}");
    let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----\n";
    let none = "the CA file holds no certificate in PEM (-----BEGIN CERTIFICATE-----)";
    for (path, problem) in [
        (write("empty.pem", ""), none),
        (write("text.pem", "hello"), none),
        (write("key.pem", key), none),
        (write("broken.pem", &broken), "the CA file is not valid PEM: "),
        (write("truncated.pem", &truncated), "the CA file is not valid PEM: "),
        (write("second.pem", &second_broken), "the CA file is not valid PEM: "),
        (dir.path().to_owned(), "the CA file is not a regular file"),
    ] {
        let error = variable("VERIFY_SSL", path.to_str().unwrap()).unwrap_err().to_string();
        let expected = format!("GLOBUS_SDK_VERIFY_SSL: {}: {problem}", path.display());
        assert!(error.starts_with(&expected), "{error}\n{expected}");
        let error = TlsVerify::ca_file(&path).unwrap_err();
        assert!(matches!(&error, ConfigError::CaFile { path: named, .. } if *named == path));
        assert!(error.to_string().starts_with(&format!("{}: {problem}", path.display())), "{error}");
    }
    let missing = dir.path().join("missing.pem");
    let error = TlsVerify::ca_file(&missing).unwrap_err().to_string();
    let expected = format!("{}: the CA file cannot be read: ", missing.display());
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn an_environment_of_unknown_name() {
    for config in [
        variables(&[("ENVIRONMENT", "local"), ("SERVICE_URL_AUTH", "http://127.0.0.1:1/")]).unwrap(),
        code().environment("local").service_url(Service::Auth, "http://127.0.0.1:1/").build().unwrap(),
    ] {
        assert_eq!(config.environment_name(), "local");
        assert_eq!(url(&config, Service::Auth), "http://127.0.0.1:1/");
    }
    let config = variable("ENVIRONMENT", "local").unwrap();
    let known = "(known are production, preview, sandbox, integration, test, staging)";
    assert_eq!(
        config.environment().unwrap_err().to_string(),
        format!("GLOBUS_SDK_ENVIRONMENT: unknown environment \"local\" {known}")
    );
    assert_eq!(
        config.service_url(Service::Search).unwrap_err().to_string(),
        format!(
            "no URL for the service search: GLOBUS_SDK_ENVIRONMENT: unknown environment \"local\" {known}; \
             set GLOBUS_SDK_SERVICE_URL_SEARCH to use the service in this environment"
        )
    );
    let in_code = code().environment("Preview").build().unwrap();
    assert_eq!(
        in_code.environment().unwrap_err().to_string(),
        format!("ConfigBuilder::environment: unknown environment \"Preview\" {known}")
    );
}

#[test]
fn an_empty_environment() {
    let problem = "is empty (use production, preview, sandbox, integration, test, staging)";
    for empty in ["", "  "] {
        assert_eq!(
            variable("ENVIRONMENT", empty).unwrap_err().to_string(),
            format!("GLOBUS_SDK_ENVIRONMENT: {problem}")
        );
    }
    assert_eq!(
        code().environment("").build().unwrap_err().to_string(),
        format!("ConfigBuilder::environment: {problem}")
    );
}

#[test]
fn globus_connect_server_has_no_common_url() {
    let error = code().build().unwrap().service_url(Service::GlobusConnectServer).cloned().unwrap_err();
    assert_eq!(
        error.to_string(),
        "no URL for the service globus_connect_server: every endpoint has its own; give the client the endpoint's \
         address, or set GLOBUS_SDK_SERVICE_URL_GLOBUS_CONNECT_SERVER"
    );
    let config = variable("SERVICE_URL_GLOBUS_CONNECT_SERVER", "https://a.data.globus.org/api").unwrap();
    assert_eq!(url(&config, Service::GlobusConnectServer), "https://a.data.globus.org/api/");
}

#[test]
fn debug_tells_no_values_of_variables() {
    let sources = Sources::empty().with_variable("GLOBUS_SDK_SERVICE_URL_AUTH", "https://u:hunter2@h/");
    let debug = format!("{sources:?} {:?}", Config::builder().sources(sources.clone()));
    assert!(debug.contains("GLOBUS_SDK_SERVICE_URL_AUTH") && !debug.contains("hunter2"), "{debug}");
    let error = Config::builder().sources(sources).build().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn shared_and_sent() {
    fn check<T: Clone + std::fmt::Debug + Send + Sync + 'static>() {}
    check::<Config>();
    check::<ConfigBuilder>();
    check::<ConfigError>();
}
