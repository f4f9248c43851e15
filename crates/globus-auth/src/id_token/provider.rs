//! What Globus Auth says of its id tokens, asked once.

use std::{sync::Arc, time::Duration};

use globus_core::{Error, Result, Timestamp};
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    AuthLoginClient,
    api::openid::{JwkSet, OpenIdConfiguration, cannot_be_changed_on_the_way},
};

/// Keys that are no older than this are not asked for again: tokens that are wrong must not make a flood of requests.
const FRESH: Duration = Duration::from_secs(60);

/// Who signs id tokens, how, and with which keys.
pub(super) struct Provider {
    pub(super) configuration: OpenIdConfiguration,
    pub(super) keys: JwkSet,
    asked: Timestamp,
}

/// Keeps what was asked, for all clones of a client.
#[derive(Default)]
pub(crate) struct ProviderCache(Mutex<Option<Arc<Provider>>>);

impl ProviderCache {
    /// Gives what is known, or asks. Whoever comes meanwhile waits for the one request.
    pub(super) async fn get(&self, client: &AuthLoginClient) -> Result<Arc<Provider>> {
        let known = self.0.lock().await;
        match &*known {
            Some(provider) => Ok(Arc::clone(provider)),
            None => ask(known, client).await,
        }
    }

    /// Gives something newer than this. `None` when that is fresh.
    pub(super) async fn newer(
        &self,
        than: &Arc<Provider>,
        client: &AuthLoginClient,
    ) -> Result<Option<Arc<Provider>>> {
        let known = self.0.lock().await;
        match &*known {
            Some(provider) if !Arc::ptr_eq(provider, than) => Ok(Some(Arc::clone(provider))),
            _ if client.base().clock().now().since(than.asked) <= FRESH => Ok(None),
            _ => ask(known, client).await.map(Some),
        }
    }
}

async fn ask(
    mut known: MutexGuard<'_, Option<Arc<Provider>>>,
    client: &AuthLoginClient,
) -> Result<Arc<Provider>> {
    let address = client.base().base_url();
    if !cannot_be_changed_on_the_way(address) {
        return Err(Error::invalid_input(format!(
            "{address} is neither https nor on this machine: what it says about keys proves nothing"
        )));
    }
    let configuration = client.get_openid_configuration().send().await?;
    let keys = client.get_jwk(&configuration).send().await?;
    let provider = Arc::new(Provider { configuration, keys, asked: client.base().clock().now() });
    *known = Some(Arc::clone(&provider));
    Ok(provider)
}
