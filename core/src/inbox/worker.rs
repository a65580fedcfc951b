//! The loop that works off what came in: so many at once, each for a bounded time, and woken as soon as something is there.

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Inbox, LEASE_MICROS, Received, Verdict};
use crate::id::new_uuid;
use crate::lease;
use crate::store::{StoreResult, chain};
use crate::time::{MINUTE_MICROS, SECOND_MICROS};

/// How long one message may take: below the life of a claim, so that none is ever worked off twice at once.
pub const PATIENCE: Duration = Duration::from_secs(50);
/// How long a claimed message may wait for a place, so that the rest of its claim is enough for it.
const HELD_MAX: Duration = Duration::from_secs(4);
const _: () =
    assert!(PATIENCE.as_micros() + HELD_MAX.as_micros() + 5_000_000 < LEASE_MICROS as u128);

/// How often it is recorded how many messages were taken in.
const TELL_EVERY: Duration = Duration::from_mins(1);
/// How often old messages are removed.
const SWEEP_EVERY: Duration = Duration::from_mins(10);
/// The name of the lease of whoever removes them, and how long it holds.
const SWEEP: &str = "inbox.sweep";
const SWEEP_LEASE_MICROS: i64 = 9 * MINUTE_MICROS + 30 * SECOND_MICROS;

/// Works off messages of one source.
pub trait Handler: Send + Sync + 'static {
    /// The most messages of one organisation and connection that are worked off together.
    const TOGETHER_MAX: usize = 1;

    /// Works off one message, which may have been begun before: what it does must be harmless to do again.
    fn handle(&self, received: &Received) -> impl Future<Output = Verdict> + Send;

    /// Works off several messages of one organisation and connection, the oldest first; a verdict for each, in their order. One that was
    /// begun before is worked off by itself, because it may be what the others failed of.
    fn handle_together(&self, received: &[Received]) -> impl Future<Output = Vec<Verdict>> + Send {
        async move {
            let mut verdicts = Vec::with_capacity(received.len());
            for one in received {
                verdicts.push(self.handle(one).await);
            }
            verdicts
        }
    }
}

/// How a worker works.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The most tasks at once, each of one message or of several that are worked off together.
    pub at_once: usize,
    /// How often to look for what other nodes took in, or gave back.
    pub look_every: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            at_once: 8,
            look_every: Duration::from_secs(1),
        }
    }
}

/// Works off the messages of one source until it is stopped.
#[derive(Debug)]
pub struct Worker<H> {
    inbox: Inbox,
    source: &'static str,
    handler: Arc<H>,
    settings: Settings,
}

impl<H: Handler> Worker<H> {
    /// A worker that has not begun.
    pub fn new(inbox: Inbox, source: &'static str, handler: H, settings: Settings) -> Self {
        Self {
            inbox,
            source,
            handler: Arc::new(handler),
            settings,
        }
    }

    /// Works until `stop` is ready; then claims nothing more, and returns when what was begun has ended.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        let mut stop = std::pin::pin!(stop);
        let mut running = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        let mut tell = tokio::time::interval(TELL_EVERY);
        let holder = self.holder();
        let mut more = true;
        // What was claimed may be of more connections than there are places.
        let mut held = VecDeque::new();
        let mut claimed_at = Instant::now();
        loop {
            if !held.is_empty() && claimed_at.elapsed() >= HELD_MAX {
                self.give_back(&mut held).await;
                more = true;
            }
            self.begin(&mut running, &mut held);
            let free = self.settings.at_once.saturating_sub(running.len());
            if more && free > 0 {
                claimed_at = Instant::now();
                more = self.claim(&mut held, free).await;
                self.begin(&mut running, &mut held);
            }
            let free = running.len() < self.settings.at_once;
            tokio::select! {
                () = &mut stop => break,
                Some(_) = running.join_next() => while running.try_join_next().is_some() {},
                () = self.inbox.rung(self.source), if free => more = true,
                () = tokio::time::sleep(self.settings.look_every), if free => more = true,
                () = tokio::time::sleep_until(claimed_at + HELD_MAX), if !held.is_empty() => {}
                _ = tell.tick() => {
                    let inbox = self.inbox.clone();
                    tokio::spawn(async move { told(&inbox).await });
                }
                _ = sweep.tick() => {
                    let (inbox, holder) = (self.inbox.clone(), holder.clone());
                    tokio::spawn(async move { tidy(&inbox, &holder).await });
                }
            }
        }
        self.give_back(&mut held).await;
        while running.join_next().await.is_some() {}
    }

    /// Works off what is due now, and what becomes due by that; for tests and for the command line. Says how many messages it was.
    pub async fn run_until_idle(&self) -> StoreResult<usize> {
        let mut done = 0;
        loop {
            let most = self.settings.at_once * H::TOGETHER_MAX;
            let claimed = self.inbox.claim(self.source, most).await?;
            if claimed.is_empty() {
                return Ok(done);
            }
            for together in shares(claimed, H::TOGETHER_MAX) {
                done += together.len();
                work_off(&self.inbox, self.handler.as_ref(), together).await?;
            }
        }
    }

    /// Claims what is due for so many places. Whether there may be more.
    async fn claim(&self, held: &mut VecDeque<Vec<Received>>, free: usize) -> bool {
        let most = free * H::TOGETHER_MAX;
        let claimed = match self.inbox.claim(self.source, most).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(error = %chain(&error), source = self.source, "messages that came in cannot be claimed");
                return false;
            }
        };
        let more = claimed.len() == most;
        held.extend(shares(claimed, H::TOGETHER_MAX));
        more
    }

    /// Gives back what found no place in time: others may have one.
    async fn give_back(&self, held: &mut VecDeque<Vec<Received>>) {
        let held: Vec<Received> = held.drain(..).flatten().collect();
        if let Err(error) = self.inbox.give_back(held).await {
            // The claims run out.
            tracing::error!(error = %chain(&error), source = self.source, "claimed messages were not given back");
        }
    }

    /// Begins what was claimed, as far as there is a place for it.
    fn begin(&self, running: &mut JoinSet<()>, held: &mut VecDeque<Vec<Received>>) {
        while running.len() < self.settings.at_once
            && let Some(together) = held.pop_front()
        {
            let (inbox, handler) = (self.inbox.clone(), Arc::clone(&self.handler));
            running.spawn(async move {
                let ids: Vec<String> = together.iter().map(|one| one.id.to_string()).collect();
                if let Err(error) = work_off(&inbox, handler.as_ref(), together).await {
                    // The claims run out, and the messages are begun again.
                    tracing::error!(error = %chain(&error), receipt.ids = ids.join(" "), "what became of messages was not noted");
                }
            });
        }
    }

    fn holder(&self) -> String {
        let ledger = self.inbox.ledger();
        new_uuid(ledger.clock().now(), ledger.random()).to_string()
    }
}

/// Messages that are worked off together: of one organisation and connection, up to so many, and one by itself that was begun before.
fn shares(claimed: Vec<Received>, together_max: usize) -> Vec<Vec<Received>> {
    let mut shares: Vec<Vec<Received>> = Vec::new();
    let mut open: HashMap<_, usize> = HashMap::new();
    for received in claimed {
        let alone = received.attempt > 1;
        let of = (received.org, received.connection);
        match open.get(&of) {
            Some(index) if !alone && shares[*index].len() < together_max => {
                shares[*index].push(received);
            }
            _ => {
                if !alone {
                    open.insert(of, shares.len());
                }
                shares.push(vec![received]);
            }
        }
    }
    shares
}

async fn work_off<H: Handler>(
    inbox: &Inbox,
    handler: &H,
    received: Vec<Received>,
) -> StoreResult<()> {
    let handling = async {
        match received.as_slice() {
            [one] => vec![handler.handle(one).await],
            several => handler.handle_together(several).await,
        }
    };
    let again = |why: &str| {
        let why = why.to_owned();
        vec![Verdict::Again { at: None, why }; received.len()]
    };
    let handling = AssertUnwindSafe(handling).catch_unwind();
    let verdicts = match tokio::time::timeout(PATIENCE, handling).await {
        Ok(Ok(verdicts)) if verdicts.len() == received.len() => verdicts,
        Ok(_) => again("the program failed on it"),
        Err(_) => again("it took too long"),
    };
    let settled = received.into_iter().zip(verdicts).collect();
    inbox.settle_all(settled).await
}

/// Records how many messages were taken in.
async fn told(inbox: &Inbox) {
    if let Err(error) = inbox.tell_accepted().await {
        // They are still counted, and told of the next time.
        tracing::error!(error = %chain(&error), "it was not recorded how many messages were taken in");
    }
}

/// Removes old messages, on one node at a time, and finds what nodes that are gone left untold.
async fn tidy(inbox: &Inbox, holder: &str) {
    let ledger = inbox.ledger();
    let now = ledger.clock().now();
    let until = now.plus_micros(SWEEP_LEASE_MICROS);
    let outcome = async {
        if lease::take(ledger.db(), SWEEP, holder, now, until).await? {
            inbox.sweep().await?;
            inbox.find_untold().await?;
        }
        Ok(())
    };
    let outcome: StoreResult<()> = outcome.await;
    if let Err(error) = outcome {
        tracing::error!(error = %chain(&error), "old messages were not removed");
    }
}
