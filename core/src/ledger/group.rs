//! One group: begun, carried out, committed.
//!
//! What is wanted by commands that are decided at the desk is loaded for all that stand beside each other, each is decided after the one
//! before with the rights of whoever gave it, and what they leave is written at once: a refused one has left nothing, because nothing was
//! written yet. Every other command is carried out by itself, between savepoints.

use std::sync::Arc;

use super::Wanted;
use super::append::Head;
use super::begin::begin;
use super::figures;
use super::recording::{Undo, Unit};
use super::work::{Desk, Listeners, Work};
use super::writer::Context;
use crate::access::{Access, Surface};
use crate::asset::write::WordBook;
use crate::endpoint::handing::Ready;
use crate::id::OrgId;
use crate::outbox::tray::Tray;
use crate::seat;
use crate::store::{StoreError, StoreResult, chain, execute};

/// Carries out every unit and commits. Returns whether rights were touched. On error nothing was committed.
pub(super) async fn carry_out(
    context: &Context,
    org: OrgId,
    units: &mut [Box<dyn Unit>],
) -> StoreResult<bool> {
    let mut group = Group::begin(context, org).await?;
    if units.len() == 1 {
        group.apart(units).await?;
    } else if !units.iter().all(|unit| unit.is_at_desk()) {
        group.savepoints = true;
        group.in_turn(units).await?;
    } else if let Err(error) = group.together(units).await {
        if error.ends_transaction() {
            return Err(error);
        }
        told_apart(&error, units);
        drop(group);
        group = Group::begin(context, org).await?;
        group.savepoints = true;
        group.apart(units).await?;
    }
    group.commit().await
}

/// One of them cannot be written, and so none was: by themselves it is seen which.
fn told_apart(error: &StoreError, units: &[Box<dyn Unit>]) {
    let error = chain(error);
    tracing::warn!(%error, units = units.len(), "commands are carried out one by one");
}

/// A group within its transaction.
struct Group<'a> {
    context: &'a Context,
    /// Whether parts of it may have to be undone. The whole is, by rolling back: a savepoint costs a copy of every page that is changed.
    savepoints: bool,
    work: Work,
    outcome: Outcome,
}

/// What has come of a group so far, for those who wait for its commit.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something that others wait to hear of"
)]
struct Outcome {
    any_kept: bool,
    rights_touched: bool,
    /// Whether anything was put into the outbox.
    enqueued: bool,
    /// Deliveries that can set out.
    ready: Vec<Ready>,
    /// Whether there are others that wait to be claimed.
    waiting: bool,
}

impl Outcome {
    /// Takes over what has to be sent, now that it will be part of what is committed.
    fn keep(&mut self, tray: &mut Tray) {
        self.enqueued |= tray.enqueued;
        self.ready.append(&mut tray.announced.ready);
        self.waiting |= std::mem::take(&mut tray.announced.waiting);
    }
}

impl<'a> Group<'a> {
    async fn begin(context: &'a Context, org: OrgId) -> StoreResult<Self> {
        let (mut tx, head) = begin(&context.db, context.random.as_ref(), org).await?;
        let nobody_yet = Access::system(org, Surface::System);
        let random = Arc::clone(&context.random);
        let now = context.clock.now();
        let read_only = seat::store::is_read_only(&mut tx, org, now).await?;
        let version = head.as_ref().map_or(0, Head::endpoints_version);
        let subscriptions = context.remembered.at(&mut tx, org, version).await?;
        let mut desk = Desk::new(nobody_yet, head, now, random);
        desk.read_only = read_only;
        desk.listeners = Listeners {
            hand: subscriptions.as_ref().and_then(|_| context.listener.hand()),
            subscriptions,
        };
        Ok(Self {
            context,
            savepoints: false,
            work: Work {
                tx,
                words: WordBook::default(),
                desk,
            },
            outcome: Outcome::default(),
        })
    }

    /// Carries out units of both kinds: what stands together at the desk together, the others each by itself.
    async fn in_turn(&mut self, units: &mut [Box<dyn Unit>]) -> StoreResult<()> {
        let mut rest = units;
        while !rest.is_empty() {
            let at_desk = rest.iter().take_while(|unit| unit.is_at_desk()).count();
            let (part, after) = rest.split_at_mut(at_desk.max(1));
            if part.len() == 1 {
                self.apart(part).await?;
            } else {
                self.stretch(part).await?;
            }
            rest = after;
        }
        Ok(())
    }

    /// Carries out units that are decided at the desk between two savepoints.
    async fn stretch(&mut self, units: &mut [Box<dyn Unit>]) -> StoreResult<()> {
        let before = self.mark().await?;
        match self.together(units).await {
            Ok(()) => self.keep().await,
            Err(error) if error.ends_transaction() => Err(error),
            Err(error) => {
                told_apart(&error, units);
                self.undo(before).await?;
                self.apart(units).await
            }
        }
    }

    /// Loads for all, decides each, writes once; and again, where what is loaded no longer says what is there.
    async fn together(&mut self, units: &mut [Box<dyn Unit>]) -> StoreResult<()> {
        let mut rest = units;
        while !rest.is_empty() {
            let mut wanted = Wanted::default();
            for unit in rest.iter() {
                unit.want(&mut wanted);
            }
            self.work.load(wanted).await?;
            let mut decided = 0;
            for unit in rest.iter_mut() {
                self.seat(unit.access());
                self.outcome.any_kept |= unit.decide(&mut self.work.desk)?;
                decided += 1;
                if self.work.desk.world.is_outdated() {
                    break;
                }
            }
            self.work.flush().await?;
            rest = &mut rest[decided..];
        }
        Ok(())
    }

    /// Carries out units each by itself.
    async fn apart(&mut self, units: &mut [Box<dyn Unit>]) -> StoreResult<()> {
        for unit in units {
            let before = self.mark().await?;
            self.seat(unit.access());
            match unit.run(&mut self.work).await {
                Ok(()) => {
                    self.outcome.any_kept = true;
                    self.keep().await?;
                }
                Err(Undo::Unit) => self.undo(before).await?,
                Err(Undo::Group(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// Lets the next command be that of whoever has this access, and of this moment.
    fn seat(&mut self, access: &Access) {
        let now = self.context.clock.now();
        let desk = &mut self.work.desk;
        desk.access = access.clone();
        desk.now = match &desk.head {
            Some(head) => head.not_before_the_last(now),
            None => now,
        };
    }

    /// Remembers what is, for [`Self::undo`].
    async fn mark(&mut self) -> StoreResult<Option<Head>> {
        if self.savepoints {
            execute!(&mut self.work.tx, "SAVEPOINT unit_of_work")?;
        }
        let head = self.work.desk.head.clone();
        self.clear(head.clone());
        Ok(head)
    }

    /// A desk with nothing on it, and words looked up anew: what was remembered may have been changed, or undone.
    fn clear(&mut self, head: Option<Head>) {
        let desk = &self.work.desk;
        let mut cleared = Desk::new(
            desk.access.clone(),
            head,
            desk.now,
            Arc::clone(&self.context.random),
        );
        cleared.read_only = desk.read_only;
        cleared.listeners = desk.listeners.clone();
        self.work.desk = cleared;
        self.work.words = WordBook::default();
    }

    async fn keep(&mut self) -> StoreResult<()> {
        if self.savepoints {
            execute!(&mut self.work.tx, "RELEASE SAVEPOINT unit_of_work")?;
        }
        self.outcome.rights_touched |= self.work.desk.rights_touched;
        self.outcome.keep(&mut self.work.desk.tray);
        Ok(())
    }

    async fn undo(&mut self, before: Option<Head>) -> StoreResult<()> {
        if self.savepoints {
            execute!(&mut self.work.tx, "ROLLBACK TO SAVEPOINT unit_of_work")?;
            execute!(&mut self.work.tx, "RELEASE SAVEPOINT unit_of_work")?;
        }
        self.clear(before);
        Ok(())
    }

    async fn commit(mut self) -> StoreResult<bool> {
        if !self.outcome.any_kept {
            return Ok(false);
        }
        self.outcome.keep(&mut self.work.desk.tray);
        let Work { mut tx, desk, .. } = self.work;
        let growth = desk.head.as_ref().map_or(0, Head::growth);
        if let Some(mut head) = desk.head {
            head.store(&mut tx).await?;
        }
        let committing = std::time::Instant::now();
        tx.commit().await.map_err(StoreError::at_commit)?;
        figures::commit(committing.elapsed());
        if self.outcome.enqueued {
            self.context.listener.parcels_enqueued();
        }
        if let Some(hand) = self.context.listener.hand() {
            if !self.outcome.ready.is_empty() {
                hand.take(self.outcome.ready);
            }
            if self.outcome.waiting {
                hand.look();
            }
        }
        figures::entries(growth);
        Ok(self.outcome.rights_touched || desk.rights_touched)
    }
}
