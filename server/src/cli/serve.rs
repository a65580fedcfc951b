//! `habeo serve`: answer requests, from nothing if need be.

use habeo_core::org::store;
use tracing::info;

use super::sandbox::{self, Guide};
use super::terminal::{Out, say};
use crate::app::App;
use crate::config::Config;
use crate::ends::Follower;
use crate::listen::Bound;
use crate::node::{Node, Purpose, ServeLock};

pub async fn run(config: &Config, out: Out<'_>) -> anyhow::Result<()> {
    // Before the database is touched: a newer program must not change the schema under an older one that serves it.
    let _lock = ServeLock::take(config)?;
    let node = Node::open(config, Purpose::Serving).await?;
    let may_invent = config.sandbox.enabled && config.clerk.issuer.is_none();
    if may_invent && store::all(node.ledger.db()).await?.is_empty() {
        sandbox::seed(config, &node, out).await?;
    }
    // Bound before anything is said, so that what is printed works when it is pasted.
    let bound = Bound::to(config.http.listen).await?;
    let address = config
        .http
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", bound.address()));
    let app = App::new(config, node).await?;
    // Before the first request: what was ended while no node ran is ended here as well.
    let follower = Follower::start(&app).await?;
    let endpoint = app.endpoint(config);
    say(
        out,
        &format!("Habeo answers at {address} (reference: {address}/api/v1/docs)"),
    );
    if let Some(issuer) = &app.sandbox
        && let Some(guide) = Guide::of(&app.node.ledger, issuer).await?
    {
        guide.print(out, &address);
    }
    info!(address = %bound.address(), "serving");
    bound.serve(endpoint).await?;
    follower.stop().await;
    app.node.ledger.db().close().await;
    info!("stopped");
    Ok(())
}
