//! The inbox of one database: taking messages in, handing them out, and noting what became of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::ExposeSecret as _;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::told::Untold;
use super::{
    ATTEMPTS_MAX, Arrival, BODY_BYTES_MAX, Dead, Incoming, KEPT_MICROS, KEY_CHARS_MAX, Received,
    Refusal, SOURCE_CHARS_MAX, Verdict, store, writer,
};
use crate::access::{Access, Surface};
use crate::chat;
use crate::id::{OrgId, ReceiptId};
use crate::ledger::{Ledger, tree};
use crate::secret::{MasterKey, Place};
use crate::store::{StoreError, StoreResult, chain};
use crate::text;
use crate::time::{MINUTE_MICROS, SECOND_MICROS, Timestamp};

/// The most characters of what is kept of an error.
const WHY_CHARS_MAX: usize = 300;
/// How long to wait after each attempt but the last.
const PAUSES_MICROS: [i64; 4] = [
    SECOND_MICROS,
    5 * SECOND_MICROS,
    30 * SECOND_MICROS,
    2 * MINUTE_MICROS,
];
/// How many rows one step of tidying removes.
const SWEEP_ROWS: i64 = 500;

/// The inbox of one database. Cloning it gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Inbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ledger: Ledger,
    master_key: Arc<MasterKey>,
    writer: writer::Writer,
    bells: Mutex<HashMap<String, Arc<Notify>>>,
    /// Of each source, the organisation whose turn was last.
    turns: Mutex<HashMap<String, OrgId>>,
    untold: Mutex<Untold>,
}

impl Inbox {
    /// The ledger beside it, whose clock and randomness are the inbox's.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// Opens the inbox of a ledger's database.
    #[must_use]
    pub fn new(ledger: Ledger, master_key: Arc<MasterKey>) -> Self {
        Self(Arc::new(Inner {
            writer: writer::Writer::new(ledger.clone()),
            ledger,
            master_key,
            bells: Mutex::default(),
            turns: Mutex::default(),
            untold: Mutex::default(),
        }))
    }

    /// Takes a message in. When this returns, it is durable, and it is here once however often it comes.
    pub async fn receive(&self, message: Incoming<'_>) -> Result<Arrival, Refusal> {
        if message.body.len() > BODY_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        if !is_key(message.key, KEY_CHARS_MAX) || !is_key(message.source, SOURCE_CHARS_MAX) {
            return Err(Refusal::BadKey);
        }
        let ledger = &self.0.ledger;
        let now = ledger.clock().now();
        let id = ReceiptId::generate(now, ledger.random());
        let row = id.uuid();
        let sealed = self.0.master_key.seal(
            place(message.org, row.as_bytes()),
            message.body,
            ledger.random(),
        );
        let new = store::New {
            org: message.org,
            id,
            source: message.source.to_owned(),
            key: message.key.to_owned(),
            lane: message.lane.map(lane_digest),
            sealed,
            received_at: now,
            connection: message.about.connection,
            kind: message.about.kind.map(cut),
            ignored: message.about.ignored.map(cut),
            keep: message.about.keep,
        };
        let arrival = self.0.writer.receive(new).await?;
        if arrival == Arrival::First {
            if let Some(connection) = message.about.connection {
                self.tell_soon(message.org, connection);
            }
            if message.about.ignored.is_none() {
                self.bell(message.source).notify_one();
            }
        }
        Ok(arrival)
    }

    /// Claims up to so many messages of a source that are due: of each organisation its share, of each the oldest first, and of each lane at
    /// most one. They are the caller's for a minute, or until they are settled, or its process is known to be dead.
    pub async fn claim(&self, source: &str, most: usize) -> StoreResult<Vec<Received>> {
        let ledger = &self.0.ledger;
        let lease = chat::one_time(ledger.random());
        let lease = tree::hex(&chat::hash(&lease));
        let now = ledger.clock().now();
        let after = self.turns().get(source).copied();
        let claimed = store::claim(
            ledger.db(),
            source,
            (&lease, ledger.run(), most),
            after,
            now,
        )
        .await?;
        if let Some(last) = claimed.last() {
            self.turns().insert(source.to_owned(), last.org);
        }
        let mut received = Vec::with_capacity(claimed.len());
        for (org, claims) in by_org(claimed) {
            let access = Access::system(org, Surface::System);
            let mut tx = ledger.db().read(&access).await?;
            let mut rows = store::bodies(&mut tx, &access, &claims).await?;
            drop(tx);
            for claim in claims {
                let row = rows.remove(&claim.id);
                let row = row.ok_or_else(|| inconsistent("a claimed message is not there"));
                let opened = row.and_then(|row| self.opened(org, source, &lease, &claim, row));
                let message = match opened {
                    Ok(message) => message,
                    // It would keep its lane waiting for as long as it is remembered.
                    Err(error) if claim.attempts > ATTEMPTS_MAX => {
                        tracing::error!(error = %chain(&error), org.id = %org, receipt.id = %claim.id, "a message that cannot be opened is given up");
                        let why =
                            "what it says cannot be opened: its key is gone, or it was altered"
                                .to_owned();
                        let end = store::End::Dead(why);
                        self.end(org, (claim.id, claim.attempts), &lease, (end, now))
                            .await?;
                        continue;
                    }
                    // The others go on. This one is due again when the claim runs out: by then its key may be back.
                    Err(error) => {
                        tracing::error!(error = %chain(&error), org.id = %org, receipt.id = %claim.id, "a message that came in cannot be opened");
                        continue;
                    }
                };
                if claim.attempts <= ATTEMPTS_MAX {
                    received.push((claim.place, message));
                } else {
                    // Whoever began it never came to its end: it may be what ends them.
                    let why = "begun again and again, and never finished".to_owned();
                    self.settle(&message, Verdict::Dead { why }).await?;
                }
            }
        }
        received.sort_unstable_by_key(|(place, _)| *place);
        Ok(received.into_iter().map(|(_, message)| message).collect())
    }

    /// Says what became of a claimed message. False where the claim was lost in the meantime: then it is another's, and nothing was noted.
    pub async fn settle(&self, received: &Received, verdict: Verdict) -> StoreResult<bool> {
        let now = self.0.ledger.clock().now();
        self.settle_at(now, received, verdict).await
    }

    async fn settle_at(
        &self,
        now: Timestamp,
        received: &Received,
        verdict: Verdict,
    ) -> StoreResult<bool> {
        let end = match verdict {
            Verdict::Done => store::End::Done(None),
            Verdict::Noted { outcome, why } => {
                store::End::Done(Some((outcome, why.as_deref().map(cut))))
            }
            Verdict::Dead { why } => store::End::Dead(cut(&why)),
            Verdict::Again { why, .. } if received.attempt >= ATTEMPTS_MAX => {
                store::End::Dead(cut(&why))
            }
            Verdict::Again { at, why } => {
                let at = at.unwrap_or_else(|| now.plus_micros(pause_micros(received.attempt)));
                store::End::Again(at, cut(&why))
            }
        };
        if let store::End::Dead(why) = &end {
            tracing::error!(
                org.id = %received.org, receipt.id = %received.id, receipt.source = received.source, receipt.attempt = received.attempt,
                "a message that came in was given up: {why}"
            );
        }
        let of = (received.id, received.attempt);
        let settled = self
            .end(received.org, of, &received.lease, (end, now))
            .await?;
        // The next of its lane may be begun.
        self.bell(&received.source).notify_one();
        Ok(settled)
    }

    /// Gives back claimed messages that were not begun: they are due, and it does not count as an attempt.
    pub(super) async fn give_back(&self, received: Vec<Received>) -> StoreResult<()> {
        let now = self.0.ledger.clock().now();
        let ends = received.into_iter().map(|one| async move {
            let of = (one.id, one.attempt);
            let end = self.end(one.org, of, &one.lease, (store::End::Back, now));
            // A claim that has run out in the meantime is another's.
            end.await.map(drop)
        });
        futures_util::future::try_join_all(ends).await.map(drop)
    }

    async fn end(
        &self,
        org: OrgId,
        (id, attempts): (ReceiptId, i64),
        lease: &str,
        (end, now): (store::End, Timestamp),
    ) -> StoreResult<bool> {
        let settlement = store::Settlement {
            org,
            id,
            lease: lease.to_owned(),
            attempts,
            end,
            now,
        };
        self.0.writer.settle(settlement).await
    }

    /// Returns when something may have become due that was not before, in this process.
    pub async fn rung(&self, source: &str) {
        self.bell(source).notified().await;
    }

    /// The messages of an organisation that could not be worked off, the latest first.
    pub async fn dead(&self, access: &Access, limit: i64) -> StoreResult<Vec<Dead>> {
        let mut tx = self.0.ledger.db().read(access).await?;
        store::dead(&mut tx, access, limit).await
    }

    /// How many messages of a source wait or are being worked off, in all organisations.
    pub async fn backlog(&self, source: &str) -> StoreResult<i64> {
        let mut tx = self.0.ledger.db().read_directory().await?;
        store::backlog(&mut tx, source).await
    }

    /// Removes what came in more than thirty days ago, a little at a time. Says how many messages it was.
    pub async fn sweep(&self) -> StoreResult<u64> {
        let ledger = &self.0.ledger;
        let before = ledger.clock().now().plus_micros(-KEPT_MICROS);
        let mut swept = 0;
        for (org, _) in crate::org::store::all(ledger.db()).await? {
            loop {
                let removed = store::sweep(ledger.db(), org, before, SWEEP_ROWS).await?;
                swept += removed;
                if i64::try_from(removed).unwrap_or(0) < SWEEP_ROWS {
                    break;
                }
                // Others write in between.
                tokio::task::yield_now().await;
            }
        }
        Ok(swept)
    }

    /// The master key, which seals what comes in.
    pub(super) fn master_key(&self) -> &MasterKey {
        &self.0.master_key
    }

    /// Says what became of several claimed messages, durably together where they come together.
    pub async fn settle_all(&self, settled: Vec<(Received, Verdict)>) -> StoreResult<()> {
        // One moment for all of them: only what ended alike, the moment included, is written by one statement.
        let now = self.0.ledger.clock().now();
        let ends = settled.into_iter().map(|(received, verdict)| async move {
            if !self.settle_at(now, &received, verdict).await? {
                tracing::warn!(receipt.id = %received.id, "a message was worked off after its claim had run out");
            }
            Ok(())
        });
        futures_util::future::try_join_all(ends).await.map(drop)
    }

    fn opened(
        &self,
        org: OrgId,
        source: &str,
        lease: &str,
        claim: &store::Claim,
        row: store::Body,
    ) -> StoreResult<Received> {
        let id = claim.id.uuid();
        let sealed = row
            .sealed
            .ok_or_else(|| inconsistent("a claimed message has no body"))?;
        let opened = self.0.master_key.open(place(org, id.as_bytes()), &sealed);
        let body = opened.map_err(|error| inconsistent(&error.to_string()))?;
        Ok(Received {
            id: claim.id,
            org,
            source: source.to_owned(),
            key: row.key,
            body: body.expose_secret().clone(),
            attempt: claim.attempts,
            received_at: row.received_at,
            connection: row.connection,
            lease: lease.to_owned(),
        })
    }

    pub(super) fn untold(&self) -> &Mutex<Untold> {
        &self.0.untold
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<String, OrgId>> {
        self.0.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bell(&self, source: &str) -> Arc<Notify> {
        let mut bells = self.0.bells.lock().unwrap_or_else(PoisonError::into_inner);
        match bells.get(source) {
            Some(bell) => Arc::clone(bell),
            None => Arc::clone(bells.entry(source.to_owned()).or_default()),
        }
    }
}

/// How long to wait after an attempt.
const fn pause_micros(attempt: i64) -> i64 {
    match attempt {
        ..=1 => PAUSES_MICROS[0],
        2 => PAUSES_MICROS[1],
        3 => PAUSES_MICROS[2],
        _ => PAUSES_MICROS[3],
    }
}

pub(super) fn place(org: OrgId, row: &[u8]) -> Place<'_> {
    Place {
        column: "inbox.body_sealed",
        org: Some(org),
        row,
    }
}

/// A lane's name may hold keys of conversations, which the directory is not to know.
fn lane_digest(lane: &str) -> String {
    tree::hex(&Sha256::digest(lane.as_bytes())[..16])
}

fn is_key(text: &str, chars_max: usize) -> bool {
    (1..=chars_max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

fn cut(why: &str) -> String {
    why.chars()
        .filter(|c| text::is_printable(*c))
        .take(WHY_CHARS_MAX)
        .collect()
}

fn by_org(claims: Vec<store::Claim>) -> HashMap<OrgId, Vec<store::Claim>> {
    let mut all: HashMap<OrgId, Vec<store::Claim>> = HashMap::new();
    for claim in claims {
        all.entry(claim.org).or_default().push(claim);
    }
    all
}

fn inconsistent(what: &str) -> StoreError {
    StoreError::Inconsistent {
        table: "inbox",
        what: what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let pauses: Vec<i64> = (1..ATTEMPTS_MAX).map(pause_micros).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses.len(), PAUSES_MICROS.len());
        assert_eq!(pause_micros(9), PAUSES_MICROS[3]);
    }

    #[test]
    fn lanes_are_not_spelled_out() {
        assert_eq!(lane_digest("C1/U2").len(), 32);
        assert_ne!(lane_digest("C1/U2"), lane_digest("C1/U3"));
    }
}
