//! `habeo serve`: answer requests, from nothing if need be, until asked to stop or unable to go on.

use std::process;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use habeo_core::ledger::Ledger;
use habeo_core::org::store;
use habeo_core::secret::{MasterKey, reseal};
use habeo_delivery::{Running, webhook};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

use super::sandbox::{self, Guide};
use super::terminal::{Out, say};
use crate::app::App;
use crate::chat::Chats;
use crate::checkpoints::Checkpoints;
use crate::config::Config;
use crate::ends::Follower;
use crate::figures;
use crate::listen::Bound;
use crate::node::{Node, Purpose, ServeLock};
use crate::reports::Reports;
use crate::signal::Signals;
use crate::stop::{CLOSE_TIMEOUT, FINISH_TIMEOUT, Phase, Stop};

/// What the process says of itself when it was asked twice and left things undone.
const EXIT_INSISTED: i32 = 130;

pub async fn run(config: &Config, out: Out<'_>) -> anyhow::Result<()> {
    // Before the database is touched: a newer program must not change the schema under an older one that serves it.
    let _lock = ServeLock::take(config)?;
    // Before anything is counted.
    let figures = config.metrics.listen.map(|_| figures::collect());
    let node = Node::open(config, Purpose::Serving).await?;
    let may_invent = config.sandbox.enabled && config.clerk.issuer.is_none();
    if may_invent && store::all(node.ledger.db()).await?.is_empty() {
        sandbox::seed(config, &node, out).await?;
    }
    // Bound before anything is said, so that what is printed works when it is pasted.
    let bound = Bound::to(config.http.listen)
        .await?
        .proxies(config.http.trusted_proxies.clone());
    let address = config
        .http
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", bound.address()));
    let app = App::new(config, node).await?;
    // Before the first request: what was ended while no node ran is ended here as well.
    let follower = Follower::start(&app).await?;
    // Whoever has read the address may ask for the end.
    let mut signals = Signals::listen();
    let checkpoints = Checkpoints::open(config, &app.node).await?;
    let signing = tokio::spawn(checkpoints.run());
    tokio::spawn(seal_anew(
        app.node.ledger.clone(),
        Arc::clone(&app.node.master_key),
    ));
    say(
        out,
        &format!("Habeo answers at {address} (reference: {address}/api/v1/docs)"),
    );
    if let Some(issuer) = &app.sandbox
        && let Some(guide) = Guide::of(&app.node.ledger, issuer).await?
    {
        guide.print(out, &address);
    }
    if let (Some(listen), Some(handle)) = (config.metrics.listen, figures.transpose()?) {
        let bound = Bound::to(listen).await?;
        info!(address = %bound.address(), "figures can be read");
        tokio::spawn(bound.serve(figures::endpoint(&app, handle), app.stop.clone()));
    }
    let delivery = app.worker().start();
    app.bot
        .common()
        .parts()
        .egress
        .listening_on(bound.address());
    let webhooks = app.webhooks.clone().start().await?;
    let chats = Chats::start(&app);
    let reports = Reports::start(&app);
    info!(address = %bound.address(), "serving");
    let serving = tokio::spawn(bound.serve(app.endpoint(config), app.stop.clone()));
    let ledger = app.node.ledger.clone();
    let cause = tokio::select! {
        () = signals.next() => None,
        cause = ledger.until_stopped() => Some(cause.to_owned()),
    };
    match &cause {
        None => info!("asked to stop"),
        Some(cause) => error!(cause, "recording has stopped; so does the server"),
    }
    tokio::spawn(async move {
        signals.next().await;
        warn!("asked to stop again; ending at once");
        process::exit(EXIT_INSISTED);
    });
    let delay = Duration::from_millis(config.http.stop_delay_ms);
    let background = Background {
        chats,
        delivery,
        webhooks,
        follower,
        reports,
        signing,
    };
    wind_down(&app.stop, delay, serving, background, &ledger).await;
    info!("stopped");
    match cause {
        None => Ok(()),
        Some(cause) => bail!("recording had to stop: {cause}"),
    }
}

/// What goes on beside the requests.
struct Background {
    chats: Chats,
    delivery: Running,
    webhooks: webhook::Running,
    follower: Follower,
    reports: Reports,
    signing: JoinHandle<()>,
}

/// Ends what is served, in the order in which nobody notices.
async fn wind_down(
    stop: &Stop,
    delay: Duration,
    mut serving: JoinHandle<()>,
    background: Background,
    ledger: &Ledger,
) {
    stop.advance(Phase::Leaving);
    sleep(delay).await;
    stop.advance(Phase::Closing);
    // Requests and parcels come to their ends side by side.
    let (finished, (), (), answered, worked_off) = tokio::join!(
        timeout(FINISH_TIMEOUT, &mut serving),
        background.delivery.stop(),
        background.webhooks.stop(),
        timeout(FINISH_TIMEOUT, background.chats.stop()),
        timeout(FINISH_TIMEOUT, background.reports.stop())
    );
    if worked_off.is_err() {
        // Their claims run out, and they are begun again.
        warn!("reports were still being worked off when their time was up");
    }
    if answered.is_err() {
        warn!("chats were still being answered when their time was up");
    }
    if finished.is_err() {
        warn!("requests were still in flight when their time was up");
    }
    stop.advance(Phase::Ended);
    if !serving.is_finished() {
        drop(timeout(CLOSE_TIMEOUT, serving).await);
    }
    background.follower.stop().await;
    background.signing.abort();
    // What was handed to the ledger is carried through: closing waits for the connection that writes it.
    if timeout(CLOSE_TIMEOUT, ledger.db().close()).await.is_err() {
        warn!("the database was still at work when its time was up");
    }
}

/// After a rotation of the master key, carries over what the previous one sealed. A failure is the operator's to look into; serving goes on,
/// because both keys open.
async fn seal_anew(ledger: Ledger, master_key: Arc<MasterKey>) {
    match reseal::reseal(ledger.db(), &master_key, ledger.random(), &|_| {}).await {
        Ok(0) => {}
        Ok(secrets) => info!(
            secrets,
            "secrets were sealed anew with the current master key"
        ),
        Err(error) => warn!(%error, "secrets cannot be sealed anew"),
    }
}
