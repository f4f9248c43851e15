//! The environment that points clients at the emulator.

use std::collections::BTreeMap;

use crate::Emulator;

const SERVICES: [&str; 4] = ["auth", "transfer", "flows", "groups"];

impl Emulator {
    /// Returns the names and values of the environment variables that point clients at the emulator, this SDK and the
    /// official ones: the addresses of the services, the id and the secret of the (first) confidential client, and the
    /// ids of the collections by name, `GLOBUS_COLLECTION_MY_LAB` for the collection `my lab`. Collections whose names
    /// are the same then have none.
    ///
    /// For a program that is to run on the emulator:
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let emulator = globus_emulator::Emulator::builder().collection("my lab", "/data/lab").start().await?;
    /// let mut program = tokio::process::Command::new("globus");
    /// let status = program.args(["endpoint", "search", "lab"]).envs(emulator.variables()).status().await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let urls = SERVICES.iter().map(|service| {
            (format!("GLOBUS_SDK_SERVICE_URL_{}", service.to_uppercase()), self.service_url(service))
        });
        // The official command has variables of its own.
        let clients = ["GLOBUS", "GLOBUS_CLI"].into_iter().flat_map(|prefix| {
            [
                (format!("{prefix}_CLIENT_ID"), self.client_id()),
                (format!("{prefix}_CLIENT_SECRET"), self.client_secret().to_owned()),
            ]
        });
        let collections = self.collections();
        let ids = collections.iter().map(|collection| (collection.name.as_str(), collection.id.to_string()));
        urls.chain(clients).chain(collection_variables(ids)).collect()
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_have_variables_unless_they_would_share_one() {
        let ids = [("lab", "1"), ("my lab", "2"), ("my-lab", "3"), ("größe 2", "4")];
        let variables = collection_variables(ids.into_iter().map(|(name, id)| (name, id.to_owned())));
        let expected = [("GLOBUS_COLLECTION_GR__E_2", "4"), ("GLOBUS_COLLECTION_LAB", "1")];
        assert_eq!(variables, expected.map(|(name, id)| (name.to_owned(), id.to_owned())));
    }
}
