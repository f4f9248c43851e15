//! Of the command: the environment that points clients at the emulator, printed for a shell or given to a program.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use globus_emulator::Emulator;

pub(crate) const SERVICES: [&str; 4] = ["auth", "transfer", "flows", "groups"];

/// Names and values of the variables, in the order in which people read them.
pub(crate) fn variables(emulator: &Emulator) -> Vec<(String, String)> {
    let urls = SERVICES.iter().map(|service| {
        (format!("GLOBUS_SDK_SERVICE_URL_{}", service.to_uppercase()), emulator.service_url(service))
    });
    // The official command has variables of its own.
    let clients = ["GLOBUS", "GLOBUS_CLI"].into_iter().flat_map(|prefix| {
        [
            (format!("{prefix}_CLIENT_ID"), emulator.client_id()),
            (format!("{prefix}_CLIENT_SECRET"), emulator.client_secret().to_owned()),
        ]
    });
    let collections = emulator.collections();
    let ids = collections.iter().map(|collection| (collection.name.as_str(), collection.id.to_string()));
    urls.chain(clients).chain(collection_variables(ids)).collect()
}

/// The variables of collections: `my-lab` is `GLOBUS_COLLECTION_MY_LAB`. Names that are the same then have none.
fn collection_variables<'a>(ids: impl Iterator<Item = (&'a str, String)>) -> Vec<(String, String)> {
    let mut variables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, id) in ids {
        let name: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
            .collect();
        variables.entry(format!("GLOBUS_COLLECTION_{name}")).or_default().push(id);
    }
    variables
        .into_iter()
        .filter_map(|(name, ids)| match <[String; 1]>::try_from(ids) {
            Ok([id]) => Some((name, id)),
            Err(_) => None,
        })
        .collect()
}

/// Writes variables as lines that a POSIX shell reads.
pub(crate) fn exports(variables: &[(String, String)]) -> String {
    variables.iter().fold(String::new(), |mut lines, (name, value)| {
        let _ = writeln!(lines, "export {name}={}", shell_word(value));
        lines
    })
}

/// Writes a value so that a POSIX shell reads it back as it is.
fn shell_word(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@%+=,[]".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        assert_eq!(shell_word("http://127.0.0.1:1/auth/"), "http://127.0.0.1:1/auth/");
        assert_eq!(shell_word("a'b $c"), r"'a'\''b $c'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn collections_have_variables_unless_they_would_share_one() {
        let ids = [("lab", "1"), ("my lab", "2"), ("my-lab", "3"), ("größe 2", "4")];
        let variables = collection_variables(ids.into_iter().map(|(name, id)| (name, id.to_owned())));
        let lines = exports(&variables);
        assert_eq!(lines, "export GLOBUS_COLLECTION_GR__E_2=4\nexport GLOBUS_COLLECTION_LAB=1\n");
    }
}
