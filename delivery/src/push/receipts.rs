//! What became of what the push service took: asked by the hour, for all organisations together.

use std::collections::BTreeMap;
use std::time::Duration;

use habeo_core::id::OrgId;
use habeo_core::push_device::ticket::store as tickets;
use habeo_core::push_device::ticket::{Due, Ticket, TicketStatus};
use habeo_core::push_device::{Platform, evidence, stop};
use habeo_core::store::StoreResult;
use habeo_core::time::Timestamp;
use serde_json::json;

use super::code::{Meaning, meaning, plain};
use super::courier::{Inner, Refused, system};
use super::transport::{PushTransport, Route};
use super::wire::{Receipt, Said, receipts};
use super::{QUESTIONS_MAX, figures};

/// The most questions of one round: the next comes soon.
const ROUND_MAX: usize = 20;
/// How long tickets wait of which could not be asked, at least.
const PAUSE: Duration = Duration::from_mins(1);

impl<T: PushTransport> Inner<T> {
    /// Asks of every ticket whose time has come.
    pub async fn ask_for_receipts(&self) -> StoreResult<()> {
        let ledger = &self.parts.ledger;
        let db = ledger.db();
        figures::stops(&stop::stopped(db, ledger.clock().now()).await?);
        if ledger.stopped_because().is_some() {
            return Ok(());
        }
        let limit = i64::try_from(QUESTIONS_MAX).unwrap_or(i64::MAX);
        for _ in 0..ROUND_MAX {
            let due = tickets::claim(db, ledger.clock().now(), limit).await?;
            if due.is_empty() {
                break;
            }
            match self.ask_of(&due).await {
                Ok(said) => self.take(&due, &said).await?,
                Err(pause) => {
                    let pause = i64::try_from(pause.max(PAUSE).as_micros()).unwrap_or(i64::MAX);
                    let until = ledger.clock().now().plus_micros(pause);
                    tickets::postpone(db, &due, until).await?;
                    break;
                }
            }
            if due.len() < QUESTIONS_MAX {
                break;
            }
        }
        Ok(())
    }

    /// What the service says of tickets; or how long to wait before it is asked again.
    async fn ask_of(&self, due: &[Due]) -> Result<BTreeMap<String, Receipt>, Duration> {
        let ids: Vec<&str> = due.iter().map(|one| one.ticket.as_str()).collect();
        let body = json!({"ids": ids}).to_string().into_bytes();
        let reply = match self.sender.ask(Route::Receipts, body).await {
            Ok(reply) => reply,
            Err(unanswered) => {
                tracing::warn!(
                    why = unanswered.why,
                    tickets = due.len(),
                    "the push service does not say what became of notices; it is asked later"
                );
                return Err(PAUSE);
            }
        };
        let status = reply.status;
        let why = match receipts(&reply.body) {
            Said::Data(said) if (200..=299).contains(&status) => return Ok(said),
            Said::Fault(fault) => fault.code.as_deref().map(plain).unwrap_or_default(),
            Said::Data(_) | Said::Nothing => String::new(),
        };
        tracing::warn!(
            status,
            why,
            tickets = due.len(),
            "the push service does not say what became of notices; it is asked later"
        );
        Err(reply.retry_after.unwrap_or(PAUSE))
    }

    async fn take(&self, due: &[Due], said: &BTreeMap<String, Receipt>) -> StoreResult<()> {
        let ledger = &self.parts.ledger;
        let db = ledger.db();
        let mut silent: BTreeMap<OrgId, Vec<&Due>> = BTreeMap::new();
        let mut refused = Refused::default();
        let mut through: BTreeMap<Platform, Timestamp> = BTreeMap::new();
        let failed = |receipt: &Receipt| matches!(receipt, Receipt::Failed(_));
        let suspected = said.values().any(failed) || evidence::is_any(db).await?;
        for one in due {
            let now = ledger.clock().now();
            match said.get(&one.ticket) {
                None => silent.entry(one.org).or_default().push(one),
                Some(Receipt::Delivered) => {
                    if suspected && let Some(platform) = self.platform(one).await? {
                        let last = through.entry(platform).or_insert(one.sent_at);
                        *last = one.sent_at.max(*last);
                    }
                    let became = (TicketStatus::Delivered, None);
                    if tickets::settle(db, one.org, &one.ticket, became, now).await? {
                        figures::receipts("delivered", 1);
                    }
                }
                Some(Receipt::Failed(code)) => {
                    self.failed(one, code.as_deref(), &mut refused).await?;
                    let became = (TicketStatus::Failed, code.as_deref().map(plain));
                    if tickets::settle(db, one.org, &one.ticket, became, now).await? {
                        figures::receipts("failed", 1);
                    }
                }
            }
        }
        // What got through shows that what was refused up to then was not refused because of us.
        for (platform, last) in &through {
            evidence::got_through(db, *platform, *last).await?;
        }
        refused.without(&through);
        self.weigh(refused).await;
        for (org, due) in silent {
            let unknown = tickets::not_yet(db, org, &due, ledger.clock().now()).await?;
            figures::receipts("unknown", unknown);
        }
        Ok(())
    }

    /// What follows for a notice that was taken and did not get there. It comes before the ticket is settled: what is asked twice finds the parcel
    /// on its way already.
    async fn failed(
        &self,
        due: &Due,
        code: Option<&str>,
        refused: &mut Refused,
    ) -> StoreResult<()> {
        let access = system(due.org);
        let mut tx = self.parts.ledger.db().read(&access).await?;
        let Some(ticket) = tickets::by_name(&mut tx, &access, &due.ticket).await? else {
            return Ok(());
        };
        let times = tickets::times_sent(&mut tx, &access, ticket.parcel).await?;
        drop(tx);
        let shown = code.map(plain).unwrap_or_default();
        match meaning(code, ticket.platform) {
            Meaning::Gone => {
                self.disable(due.org, ticket.device, ticket.sent_at).await;
                Ok(())
            }
            Meaning::Ours => {
                tracing::error!(org.id = %due.org, parcel.id = %ticket.parcel, code = shown, "the push service finds fault with what it was sent");
                Ok(())
            }
            Meaning::Passing => self.send_again(due.org, &ticket).await,
            Meaning::Stop(platform) => {
                let phone = evidence::Phone {
                    org: due.org,
                    device: ticket.device,
                    at: ticket.sent_at,
                };
                refused.note(platform, &shown, phone);
                self.send_again(due.org, &ticket).await
            }
            Meaning::Odd if times < 2 => self.send_again(due.org, &ticket).await,
            Meaning::Odd => Ok(()),
        }
    }

    async fn platform(&self, due: &Due) -> StoreResult<Option<Platform>> {
        let access = system(due.org);
        let mut tx = self.parts.ledger.db().read(&access).await?;
        let ticket = tickets::by_name(&mut tx, &access, &due.ticket).await?;
        Ok(ticket.map(|ticket| ticket.platform))
    }

    /// Back into the outbox, which knows when.
    async fn send_again(&self, org: OrgId, ticket: &Ticket) -> StoreResult<()> {
        if self.outbox().reopen(org, ticket.parcel).await?.is_some() {
            figures::receipts("sent_again", 1);
        }
        Ok(())
    }
}
