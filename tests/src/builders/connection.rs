//! A connected system in one line.

use std::sync::Arc;

use habeo_core::connection::command::CreateConnection;
use habeo_core::connection::{Provider, Settings};
use habeo_core::secret::MasterKey;

/// A connection that is about to be made, with the product's usual proof.
#[must_use]
pub fn new_connection(
    provider: Provider,
    name: &str,
    master_key: Arc<MasterKey>,
) -> CreateConnection {
    CreateConnection {
        provider,
        name: name.to_owned(),
        settings: Settings::proven_by(provider.usual_proof()),
        master_key,
    }
}
