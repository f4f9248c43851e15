//! Configuration files: format, sections, errors; and the variables and files of a real process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use globus_core::config::{Config, ConfigError, Service, Sources, TlsVerify};
use tempfile::TempDir;

/// A home directory with a `.globus.cfg` in it.
struct Home(TempDir);

impl Home {
    fn with(text: impl AsRef<[u8]>) -> Self {
        let home = Self(TempDir::new().unwrap());
        std::fs::write(home.file(), text).unwrap();
        home
    }

    fn file(&self) -> PathBuf {
        self.0.path().join(".globus.cfg")
    }

    fn sources(&self) -> Sources {
        Sources::empty().with_home(self.0.path())
    }

    fn build(&self) -> Result<Config, ConfigError> {
        Config::builder().sources(self.sources()).build()
    }

    /// The error of the file, without its path.
    fn error(&self) -> String {
        let error = self.build().unwrap_err().to_string();
        error.strip_prefix(&self.file().display().to_string()).unwrap_or(&error).to_owned()
    }
}

fn url(config: &Config, service: Service) -> &str {
    config.service_url(service).unwrap().as_str()
}

fn timeout(home: &Home) -> u64 {
    home.build().unwrap().http_timeout().unwrap().as_secs()
}

#[test]
fn the_spellings_of_python_sdk_1() {
    let home = Home::with(
        "[general]\nhttp_timeout = 120\n\n[environment default]\nssl_verify = no\n\
         auth_service = https://auth.example.org/\nnexus_service = https://nexus.example.org/\n\
         [environment preview]\ntransfer_service = https://preview.example.org/\n",
    );
    let production = home.build().unwrap();
    assert_eq!(production.http_timeout(), Some(Duration::from_secs(120)));
    assert_eq!(production.tls_verify(), &TlsVerify::Off);
    assert_eq!(url(&production, Service::Auth), "https://auth.example.org/");
    assert_eq!(url(&production, Service::Nexus), "https://nexus.example.org/");
    assert_eq!(url(&production, Service::Transfer), "https://transfer.api.globus.org/");

    let preview = Config::builder().sources(home.sources()).environment("preview").build().unwrap();
    assert_eq!(preview.tls_verify(), &TlsVerify::On);
    assert_eq!(url(&preview, Service::Auth), "https://auth.preview.globus.org/");
    assert_eq!(url(&preview, Service::Transfer), "https://preview.example.org/");
}

#[test]
fn the_spellings_of_variables() {
    let home = Home::with(
        "[general]\nenvironment = sandbox\nverify_ssl = off\nhttp_timeout = -1\n\
         service_url_globus_connect_server = https://gcs.example.org/api\n\
         [environment sandbox]\nservice_url_flows = https://flows.example.org\n\
         [environment production]\nservice_url_auth = https://other.example.org\n",
    );
    let config = home.build().unwrap();
    assert_eq!(config.environment_name(), "sandbox");
    assert_eq!(config.tls_verify(), &TlsVerify::Off);
    assert_eq!(config.http_timeout(), None);
    assert_eq!(url(&config, Service::GlobusConnectServer), "https://gcs.example.org/api/");
    assert_eq!(url(&config, Service::Flows), "https://flows.example.org/");
    assert_eq!(url(&config, Service::Auth), "https://auth.sandbox.globuscs.info/");
}

#[test]
fn sections_of_environments_may_be_of_unknown_ones() {
    let home = Home::with(
        "[general]\nenvironment = local\n[environment local]\nauth_service = http://127.0.0.1:1/auth/\n",
    );
    let config = home.build().unwrap();
    assert_eq!(url(&config, Service::Auth), "http://127.0.0.1:1/auth/");
    let error = config.service_url(Service::Groups).unwrap_err().to_string();
    let place = format!("{}:2: environment: unknown environment \"local\"", home.file().display());
    assert!(error.contains(&place), "{error}");
}

#[test]
fn a_section_of_an_environment_comes_before_general_and_the_user_before_the_system() {
    let home = Home::with("[environment production]\nhttp_timeout = 1\n[general]\nhttp_timeout = 2\n");
    assert_eq!(timeout(&home), 1);

    let home = Home::with("[general]\nhttp_timeout = 2\n");
    let system = Home::with("[environment production]\nhttp_timeout = 3\nssl_verify = false\n");
    let sources = home.sources().with_system_file(system.file());
    let config = Config::builder().sources(sources).build().unwrap();
    assert_eq!(config.http_timeout(), Some(Duration::from_secs(2)));
    assert_eq!(config.tls_verify(), &TlsVerify::Off, "what the user does not set is the system's");
}

#[test]
fn empty_values_are_passed_over() {
    let home = Home::with("[general]\nhttp_timeout =\nauth_service=\n");
    let system = Home::with("[general]\nhttp_timeout = 5\nauth_service = https://auth.example.org/\n");
    let sources = home
        .sources()
        .with_system_file(system.file())
        .with_variable("GLOBUS_SDK_HTTP_TIMEOUT", "")
        .with_variable("GLOBUS_SDK_SERVICE_URL_AUTH", "");
    let config = Config::builder().sources(sources).build().unwrap();
    assert_eq!(config.http_timeout(), Some(Duration::from_secs(5)));
    assert_eq!(url(&config, Service::Auth), "https://auth.example.org/");
}

#[test]
fn forms_of_lines() {
    for text in [
        "[general]\nhttp_timeout=5",
        "[general]\r\nhttp_timeout = 5\r\n",
        "\u{feff}[general]\nhttp_timeout = 5\n",
        "# a\n; b\n\n[general]\n  http_timeout : 5  \n",
        "[ general ]\nHTTP_Timeout\t=\t5\n",
        "[cli]\nhttp_timeout = 7\nlist = a,\n  b\nflag\n'''x\n[[deep]]\n[general]\nhttp_timeout = 5\n",
        "[general]\nunknown = 1\nhttp_timeout = 5\n[General]\nhttp_timeout = 6\n[environment]\nhttp_timeout = 7\n",
        "[general]\n[other]\nx\n[general]\nhttp_timeout = 5\n",
    ] {
        assert_eq!(timeout(&Home::with(text)), 5, "{text:?}");
    }
    assert_eq!(timeout(&Home::with("")), 60);
    assert_eq!(timeout(&Home::with("[cli]\ndefault_endpoint = x\n")), 60);
    let with_equals = Home::with("[general]\nauth_service = https://example.org/a=b\n");
    assert_eq!(url(&with_equals.build().unwrap(), Service::Auth), "https://example.org/a=b/");
}

#[test]
fn errors_name_file_and_line() {
    for (text, error) in [
        ("http_timeout = 5\n", ":1: an option before the first section; write `[general]` above it"),
        ("\n[general\nx=1", ":2: a section header must end with `]`"),
        ("[cli]\n[general", ":2: a section header must end with `]`"),
        ("[general]\n\nhttp_timeout\n", ":3: neither `option = value` nor `[section]`"),
        ("[general]\n= 5\n", ":2: neither `option = value` nor `[section]`"),
        ("[general]\nhttp_timeout = 5\n# x\nHTTP_TIMEOUT = 6\n", ":4: HTTP_TIMEOUT is already set in line 2"),
        ("[general]\nverify_ssl = 1\nssl_verify = 0\n", ":3: ssl_verify is already set in line 2"),
        (
            "[environment default]\nauth_service = http://a/\n[environment production]\nauth_service = http://b/\n",
            ":4: auth_service is already set in line 2",
        ),
        (
            "[general]\nhttp_timeout = abc\n",
            ":2: http_timeout: \"abc\" is not a number of seconds (use e.g. 60, or -1 for no timeout)",
        ),
        (
            "[general]\n\nssl_verify = perhaps\n",
            ":3: ssl_verify: \"perhaps\" is neither a boolean (y, yes, t, true, on, 1, n, no, f, false, off, 0) nor \
             the path of a file",
        ),
        (
            "[environment default]\nauth_service = ftp://h/\n",
            ":2: auth_service: the URL must begin with https:// or http://",
        ),
        (
            "[general]\nenvironment =\n",
            ":2: environment: is empty (use production, preview, sandbox, integration, test, staging)",
        ),
    ] {
        assert_eq!(Home::with(text).error(), error, "{text:?}");
    }
}

#[test]
fn unreadable_files_are_errors_and_missing_ones_are_not() {
    assert_eq!(Home::with(b"[general]\nx = \xff\n").error(), ": is not valid UTF-8");

    let home = TempDir::new().unwrap();
    let sources =
        Sources::empty().with_home(home.path()).with_system_file(home.path().join("none/globus.cfg"));
    assert!(Config::builder().sources(sources.clone()).build().is_ok());
    let below_a_file = Home::with("[general]\n");
    assert!(Config::builder().sources(Sources::empty().with_home(below_a_file.file())).build().is_ok());

    std::fs::create_dir(home.path().join(".globus.cfg")).unwrap();
    let error = Config::builder().sources(sources).build().unwrap_err();
    assert!(matches!(error, ConfigError::File { .. }));
    assert!(error.to_string().contains(".globus.cfg: cannot be read: "), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

/// Runs a test of this program in a process with these variables only.
fn run(test: &str, home: &Path, variables: &[(&str, &std::ffi::OsStr)]) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored"])
        .env_clear()
        .env("HOME", home)
        .env("USERPROFILE", home)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
fn variables_and_home_of_the_process() {
    let home = Home::with("[general]\nhttp_timeout = 7\n");
    run("files::in_a_process_of_its_own", home.0.path(), &[("GLOBUS_SDK_ENVIRONMENT", "preview".as_ref())]);
}

#[test]
#[ignore = "runs in the process of the test above"]
fn in_a_process_of_its_own() {
    let config = Config::from_env().unwrap();
    assert_eq!(config.environment_name(), "preview");
    assert_eq!(config.http_timeout(), Some(Duration::from_secs(7)));
    let hidden = Sources::process().with_variable("GLOBUS_SDK_ENVIRONMENT", "sandbox");
    assert_eq!(Config::builder().sources(hidden).build().unwrap().environment_name(), "sandbox");
    assert!(Config::builder().sources(Sources::empty()).build().unwrap().environment_name() == "production");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode() {
    use std::os::unix::ffi::OsStrExt as _;
    let home = TempDir::new().unwrap();
    let value = std::ffi::OsStr::from_bytes(b"\xff");
    run("files::with_a_variable_that_is_not_unicode", home.path(), &[("GLOBUS_SDK_HTTP_TIMEOUT", value)]);
}

#[cfg(unix)]
#[test]
#[ignore = "runs in the process of the test above"]
fn with_a_variable_that_is_not_unicode() {
    let error = Config::from_env().unwrap_err();
    assert_eq!(error.to_string(), "GLOBUS_SDK_HTTP_TIMEOUT: is not valid Unicode");
}
