//! What the machine has to ask somebody with: a browser, a terminal.

use std::{
    ffi::OsString,
    io::{IsTerminal, stderr, stdin},
    path::Path,
};

/// Browsers that take the terminal for themselves: the login could go on in them, but the program could not.
const TEXT_BROWSERS: [&str; 6] = ["lynx", "www-browser", "links", "elinks", "links2", "w3m"];

/// Says why there is no browser to open, or `None` when there may be one.
pub(super) fn no_browser() -> Option<String> {
    // Elsewhere there is a desktop, or the system says so when it is asked.
    let needs_display = cfg!(all(unix, not(target_vendor = "apple"), not(target_os = "android")));
    no_browser_in(|name| std::env::var_os(name), needs_display)
}

fn no_browser_in(variable: impl Fn(&str) -> Option<OsString>, needs_display: bool) -> Option<String> {
    let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    if let Some(name) = ["SSH_TTY", "SSH_CONNECTION"].iter().find(|name| is_set(name)) {
        return Some(format!("{name} is set: a browser here is not where the user sits"));
    }
    // The Windows beneath WSL has browsers, and no display of X or Wayland.
    if needs_display && !["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].iter().any(is_set) {
        return Some("neither DISPLAY nor WAYLAND_DISPLAY is set".to_owned());
    }
    let text = text_browser(&variable("BROWSER")?)?;
    Some(format!("BROWSER is {text}, which works in the terminal"))
}

/// Gives the name of the browser that `BROWSER` names first, if it is one for terminals.
fn text_browser(browser: &OsString) -> Option<String> {
    let browser = browser.to_string_lossy();
    let command = browser.split(':').find(|command| !command.trim().is_empty())?;
    let program = Path::new(command.split_whitespace().next()?).file_name()?.to_str()?;
    TEXT_BROWSERS.contains(&program).then(|| program.to_owned())
}

/// Says what is missing of a terminal, or `None` when somebody can read and answer there.
pub(super) fn no_terminal() -> Option<String> {
    if !stdin().is_terminal() {
        return Some("standard input is none".to_owned());
    }
    (!stderr().is_terminal()).then(|| "standard error is none".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(variables: &[(&str, &str)], needs_display: bool) -> Option<String> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        no_browser_in(variable, needs_display)
    }

    #[test]
    fn a_browser_needs_a_display_and_no_ssh() {
        assert_eq!(reason(&[("DISPLAY", ":0")], true), None);
        assert_eq!(reason(&[("WAYLAND_DISPLAY", "wayland-0")], true), None);
        assert_eq!(reason(&[("WSL_DISTRO_NAME", "Debian")], true), None);
        assert_eq!(reason(&[], false), None);
        assert_eq!(reason(&[], true).unwrap(), "neither DISPLAY nor WAYLAND_DISPLAY is set");
        assert!(reason(&[("DISPLAY", "")], true).is_some());
        for name in ["SSH_TTY", "SSH_CONNECTION"] {
            let reason = reason(&[("DISPLAY", "localhost:10.0"), (name, "x")], false).unwrap();
            assert!(reason.starts_with(&format!("{name} is set")), "{reason}");
        }
        assert_eq!(reason(&[("DISPLAY", ":0"), ("SSH_TTY", "")], true), None);
    }

    #[test]
    fn a_text_browser_is_none() {
        for browser in ["lynx", "/usr/bin/w3m -o x=y %s", ":elinks:firefox"] {
            let reason = reason(&[("DISPLAY", ":0"), ("BROWSER", browser)], true).unwrap();
            assert!(reason.ends_with("which works in the terminal"), "{reason}");
        }
        for browser in ["firefox", "firefox:lynx", "/opt/lynx/chromium", "", ":"] {
            assert_eq!(reason(&[("DISPLAY", ":0"), ("BROWSER", browser)], true), None, "{browser}");
        }
    }
}
