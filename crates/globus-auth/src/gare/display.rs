//! One line for people.

use std::fmt::{self, Write};

use super::{AuthorizationParameters, Gare};

/// `ConsentRequired: Please consent (needs consent to urn:…:all[*https://…/data_access])`.
impl fmt::Display for Gare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_on_one_line(f, &self.code)?;
        if let Some(message) = &self.authorization_parameters.session_message {
            f.write_str(": ")?;
            write_on_one_line(f, message)?;
        }
        f.write_str(" (needs ")?;
        write_on_one_line(f, &needs(&self.authorization_parameters))?;
        f.write_char(')')
    }
}

fn needs(parameters: &AuthorizationParameters) -> String {
    let mut needs: Vec<String> = [
        ("consent to ", &parameters.required_scopes, " and "),
        ("a login as ", &parameters.session_required_identities, " and "),
        ("a login that meets policy ", &parameters.session_required_policies, " and "),
        ("a login with an identity of ", &parameters.session_required_single_domain, " or "),
    ]
    .into_iter()
    .filter_map(|(what, list, between)| match list.as_deref() {
        None | Some([]) => None,
        Some(items) => Some(format!("{what}{}", items.join(between))),
    })
    .collect();
    if parameters.session_required_mfa == Some(true) {
        needs.push("a second factor".to_owned());
    }
    if needs.is_empty() { "a new login".to_owned() } else { needs.join(", ") }
}

/// Text from outside: it must neither break the line nor steer the terminal.
fn write_on_one_line(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.chars().try_for_each(|c| f.write_char(if c.is_control() { ' ' } else { c }))
}
