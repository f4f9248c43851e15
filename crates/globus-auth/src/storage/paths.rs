//! Where an app's tokens are kept by default: the same places as in the Python SDK.

use std::path::PathBuf;

use globus_core::ClientId;

use super::{Result, StorageError};

/// Gives `…/app/<client id>/<slug>/[<environment>-]tokens.<extension>`.
pub(super) fn for_globus_app(
    client_id: ClientId,
    app_name: &str,
    environment: &str,
    extension: &str,
) -> Result<PathBuf> {
    let slug = slug(app_name)?;
    let file_name = file_name(environment, extension)?;
    Ok(data_directory()?.join("app").join(client_id.to_string()).join(slug).join(file_name))
}

fn file_name(environment: &str, extension: &str) -> Result<String> {
    // It becomes part of a path, and may come from a variable.
    if environment.is_empty() || !environment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    {
        return Err(wrong(format!("{environment:?} is no environment: it cannot be part of a file's name")));
    }
    Ok(match environment {
        "production" => format!("tokens.{extension}"),
        _ => format!("{environment}-tokens.{extension}"),
    })
}

fn wrong(problem: String) -> StorageError {
    StorageError::Path { problem }
}

fn home() -> Result<PathBuf> {
    std::env::home_dir()
        .filter(|home| !home.as_os_str().is_empty())
        .ok_or_else(|| wrong("there is no home directory to keep tokens in: give a path".to_owned()))
}

#[cfg(not(windows))]
fn data_directory() -> Result<PathBuf> {
    Ok(home()?.join(".globus"))
}

#[cfg(windows)]
fn data_directory() -> Result<PathBuf> {
    let variable = |name| std::env::var_os(name);
    windows_data_directory(variable("LOCALAPPDATA"), variable("APPDATA"), home)
}

/// An empty variable that is set hides the next one, as in the Python SDK.
#[cfg(any(windows, test))]
fn windows_data_directory(
    local: Option<std::ffi::OsString>,
    roaming: Option<std::ffi::OsString>,
    home: impl FnOnce() -> Result<PathBuf>,
) -> Result<PathBuf> {
    let directory = match local.or(roaming).filter(|directory| !directory.is_empty()) {
        Some(directory) => directory.into(),
        None => home()?.join("AppData").join("Local"),
    };
    Ok(directory.join("globus"))
}

/// Makes an app's name into the name of a folder that every file system takes.
fn slug(app_name: &str) -> Result<String> {
    let replaced = app_name.chars().map(|character| match character {
        '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => '+',
        '.' | ' ' => '-',
        other => other,
    });
    let slug = replaced.filter(|character| is_printable(*character)).collect::<String>().to_lowercase();
    if slug.is_empty() {
        return Err(wrong(format!("nothing is left of the app name {app_name:?} for the name of a folder")));
    }
    if is_reserved(&slug) {
        return Err(wrong(format!("the app name {app_name:?} is reserved by Windows: choose another one")));
    }
    Ok(slug)
}

fn is_reserved(slug: &str) -> bool {
    let numbered = |device| {
        slug.strip_prefix(device)
            .is_some_and(|rest: &str| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    matches!(slug, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// True for what Unicode counts neither as a control, format, private or unassigned character nor as a separator.
fn is_printable(character: char) -> bool {
    // Escaping knows these; of others it touches a few in quotes, and a combining mark only at the very beginning.
    matches!(character, '\'' | '"' | '\\')
        || ['a', character].iter().collect::<String>().escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_those_of_the_python_sdk() {
        for (name, expected) in [
            ("My App", "my-app"),
            ("a? b.c", "a+-b-c"),
            (r#"<>:"/\|?*"#, "+++++++++"),
            ("../../etc", "--+--+etc"),
            ("it's", "it's"),
            ("a\0b\tc\u{7f}", "abc"),
            ("zero\u{200b}width\u{a0}nbsp\u{e000}private\u{378}none", "zerowidthnbspprivatenone"),
            ("É\u{301}ÀΣ", "é\u{301}àς"),
            ("コンソール", "コンソール"),
            ("console", "console"),
            ("com10", "com10"),
        ] {
            assert_eq!(slug(name).unwrap(), expected, "{name:?}");
        }
    }

    #[test]
    fn refuses_names_that_are_none() {
        for name in ["", "\0", "CON", "nul", "Com1", "LPT9", "aux", "prn"] {
            let error = slug(name).unwrap_err().to_string();
            assert!(error.contains(&format!("{name:?}")), "{error}");
        }
    }

    #[test]
    fn only_other_environments_have_a_prefix() {
        assert_eq!(file_name("production", "json").unwrap(), "tokens.json");
        assert_eq!(file_name("sandbox", "db").unwrap(), "sandbox-tokens.db");
        for environment in ["", "../x", "a/b", "a\\b"] {
            assert!(file_name(environment, "json").is_err(), "{environment:?}");
        }
    }

    #[test]
    fn windows_prefers_the_local_folder() {
        let directory = |local: Option<&str>, roaming: Option<&str>| {
            windows_data_directory(local.map(Into::into), roaming.map(Into::into), || Ok("home".into()))
                .unwrap()
        };
        assert_eq!(directory(Some("local"), Some("roaming")), PathBuf::from("local/globus"));
        assert_eq!(directory(None, Some("roaming")), PathBuf::from("roaming/globus"));
        assert_eq!(directory(None, None), PathBuf::from("home/AppData/Local/globus"));
        assert_eq!(directory(Some(""), Some("roaming")), PathBuf::from("home/AppData/Local/globus"));
    }

    #[cfg(not(windows))]
    #[test]
    fn an_app_has_its_folder_beneath_the_home_directory() {
        let client: ClientId = "61338d24-54d5-408f-a10d-66c06b59f6d2".parse().unwrap();
        let path = for_globus_app(client, "My App", "preview", "json").unwrap();
        let end = ".globus/app/61338d24-54d5-408f-a10d-66c06b59f6d2/my-app/preview-tokens.json";
        assert_eq!(path, home().unwrap().join(end));
    }
}
