//! What is told once a day, at nine where the organisation is: to each borrower, once, of a loan that ends soon; and to administrators, as long
//! as it is so, that more people may sign in than there are seats.

use super::Notice;
use super::managers::tell_managers;
use super::send::{Readers, tell};
use super::store::{self, Loan};
use crate::access::{Access, Action, Surface};
use crate::explain::{Explain, Kind};
use crate::id::{AssignmentId, OrgId};
use crate::ledger::{Command, Failure, Ledger, RecordError, Work};
use crate::org;
use crate::seat;
use crate::store::{StoreError, StoreResult};
use crate::time::{DAY_MICROS, Day, Timestamp};
use crate::zone::{self, Local};

/// The hour at which borrowers are told.
pub const HOUR: u8 = 9;
/// How long before its end a loan is near it.
pub const NEAR_MICROS: i64 = 2 * DAY_MICROS;
/// How long it is remembered who was told.
const REMEMBERED_MICROS: i64 = 30 * DAY_MICROS;
/// Loans of one unit of work.
const LOANS_MAX: i64 = 500;

/// The day whose round is due: today's from nine on, before that yesterday's. None once it was made; an organisation that never had one waits
/// for its first nine o'clock.
#[must_use]
pub fn round_due(local: Local, last: Option<Day>) -> Option<Day> {
    let reached = local.hour >= HOUR;
    let day = if reached {
        local.day
    } else {
        local.day.plus_days(-1)
    };
    match last {
        None => reached.then_some(day),
        Some(last) => (last < day).then_some(day),
    }
}

/// Whether it is time to tell the borrowers of an organisation, and nobody has done so.
pub async fn is_due(ledger: &Ledger, org: OrgId) -> StoreResult<bool> {
    Ok(day_due(ledger, &Access::system(org, Surface::System))
        .await?
        .is_some())
}

async fn day_due(ledger: &Ledger, access: &Access) -> StoreResult<Option<Day>> {
    let mut tx = ledger.db().read(access).await?;
    let timezone = org::store::own(&mut tx, access).await?.timezone;
    let last = store::last_day(&mut tx, access).await?;
    let local = zone::local(&timezone, ledger.clock().now());
    Ok(round_due(local, last))
}

/// Tells the borrowers of an organisation, if it is time and nobody has done so. How many were told.
pub async fn remind(ledger: &Ledger, org: OrgId) -> StoreResult<usize> {
    let access = Access::system(org, Surface::System);
    let Some(day) = day_due(ledger, &access).await? else {
        return Ok(0);
    };
    let (mut told, mut after) = (0, None);
    loop {
        let done = ledger
            .record(&access, Remind { day, after })
            .await
            .map_err(|error| match error {
                RecordError::Store(error) => error,
                RecordError::Refused(never) => match never {},
            })?;
        told += done.told;
        match done.next {
            Some(next) => after = Some(next),
            None => return Ok(told),
        }
    }
}

/// No rule speaks against it.
#[derive(Debug, thiserror::Error)]
pub enum Never {}

impl Explain for Never {
    fn kind(&self) -> Kind {
        match *self {}
    }

    fn code(&self) -> &'static str {
        match *self {}
    }
}

type Place = (Timestamp, AssignmentId);

/// A part of a day's round.
#[derive(Debug)]
struct Remind {
    day: Day,
    after: Option<Place>,
}

/// What a part of a round did.
#[derive(Debug)]
struct Reminded {
    told: usize,
    /// Where the next part begins; none after the last.
    next: Option<Place>,
}

impl Command for Remind {
    type Answer = Reminded;
    type Refusal = Never;

    async fn execute(self, work: &mut Work) -> Result<Reminded, Failure<Never>> {
        let access = work.access().clone();
        let now = work.now();
        // Another node may have come first; it and this one have waited for each other at the head.
        let last = store::last_day(work.tx(), &access).await?;
        if last.is_some_and(|last| last >= self.day) {
            return Ok(Reminded {
                told: 0,
                next: None,
            });
        }
        let near = (now, now.plus_micros(NEAR_MICROS));
        let loans = store::loans_ending(work.tx(), &access, near, self.after, LOANS_MAX).await?;
        let told = tell_borrowers(work, &access, &loans).await?;
        let whole = i64::try_from(loans.len()).is_ok_and(|loans| loans < LOANS_MAX);
        if whole {
            tell_administrators(work, &access).await?;
            store::keep_day(work.tx(), &access, self.day).await?;
            store::forget(work.tx(), &access, now.plus_micros(-REMEMBERED_MICROS)).await?;
        }
        let next = loans.last().filter(|_| !whole);
        Ok(Reminded {
            told,
            next: next.map(|loan| (loan.due_at, loan.id)),
        })
    }
}

/// Tells the administrators of the whole that more people may sign in than there are seats. Where something else is the matter with the licence,
/// that comes first, and stands in the console.
async fn tell_administrators(work: &mut Work, access: &Access) -> StoreResult<()> {
    let now = work.now();
    let standing = seat::store::standing(work.tx(), access, now).await?;
    if !standing.is_some_and(|standing| standing.exceeds_seats()) {
        return Ok(());
    }
    let notice = Notice::SeatsExceeded;
    tell_managers(work, access, Action::Configure, notice, None).await
}

/// Whoever is known in no chat and has no phone was not told, and will be once they are or have.
async fn tell_borrowers(
    work: &mut Work,
    access: &Access,
    loans: &[Loan],
) -> Result<usize, StoreError> {
    let Some(mut readers) = Readers::of(work, access).await? else {
        return Ok(0);
    };
    let mut told = 0;
    for loan in loans {
        let notice = Notice::DueSoon {
            asset: loan.asset_id,
            assignment: loan.id,
            due_at: loan.due_at,
        };
        if tell(work, access, &mut readers, loan.person_id, notice, None).await? > 0 {
            store::remember(work.tx(), access, loan).await?;
            told += 1;
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_made_once_a_day_from_nine_on() {
        let day = |text: &str| text.parse::<Day>().expect("a day");
        let (sunday, monday, tuesday) = (day("2026-03-01"), day("2026-03-02"), day("2026-03-03"));
        for (hour, last, due) in [
            (8, None, None),
            (9, None, Some(tuesday)),
            (23, None, Some(tuesday)),
            (9, Some(monday), Some(tuesday)),
            (23, Some(tuesday), None),
            (9, Some(tuesday), None),
            (8, Some(monday), None),
            // Nothing ran yesterday: what was due then is due still.
            (0, Some(sunday), Some(monday)),
            // Whoever moves west has yesterday again.
            (9, Some(day("2026-03-04")), None),
        ] {
            let local = Local { day: tuesday, hour };
            assert_eq!(round_due(local, last), due, "{hour} {last:?}");
        }
    }
}
