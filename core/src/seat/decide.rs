//! The rules of licences: which of two reports is the later one, and what a subscription becomes by one. Pure.

#[cfg(test)]
mod tests;

use super::{State, Step, Subscription, Terms};
use crate::time::Timestamp;

/// What a report says a subscription is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The billing service's own word for how it stands.
    pub status: String,
    /// How many seats.
    pub seats: Seats,
    /// Until when it is paid for, where that is said.
    pub period_end: Option<Timestamp>,
    /// Whether the seats in use are to be reported.
    pub metered: bool,
}

/// How many seats a report speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seats {
    /// So many.
    Known(i64),
    /// No number: what is used is paid for.
    Metered,
    /// It shows a part of the subscription only, so nothing is concluded from it.
    Truncated,
}

/// What a report says that a subscription was before, as far as it changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Previous {
    /// The word for how it stood.
    pub status: Option<String>,
    /// How many seats.
    pub quantity: Option<i64>,
    /// Until when it was paid for.
    pub period_end: Option<Timestamp>,
}

/// A report about a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its key.
    pub event_id: String,
    /// When the billing service made it. Two of one second are common.
    pub at: Timestamp,
    /// What it tells.
    pub step: Step,
    /// The subscription as it was then.
    pub snapshot: Snapshot,
    /// What of it was otherwise before, where it says so.
    pub previous: Previous,
}

/// Up to which report a subscription is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When it was made.
    pub at: Timestamp,
    /// Its key.
    pub event_id: String,
    /// What it told.
    pub step: Step,
}

/// How a report lies to what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It is the later one.
    Later,
    /// It is the earlier one.
    Earlier,
    /// Nobody can say.
    Unclear,
}

/// Which of the two is the later one: the report, or what is known.
#[must_use]
pub fn order(seen: Option<&Seen>, known: Option<&Subscription>, report: &Report) -> Order {
    let Some(seen) = seen else {
        return Order::Later;
    };
    // What ended is never revived, whatever arrives afterwards. An end is an end, however late it arrives.
    if seen.step == Step::Deleted {
        return Order::Earlier;
    }
    if report.step == Step::Deleted || report.at > seen.at {
        return Order::Later;
    }
    if report.at < seen.at || report.step < seen.step {
        return Order::Earlier;
    }
    if report.step > seen.step {
        return Order::Later;
    }
    same_second(known, report)
}

/// Of two changes of one second the later one is that which knows the other as what was before.
fn same_second(known: Option<&Subscription>, report: &Report) -> Order {
    let Some(known) = known else {
        return Order::Later;
    };
    let (terms, previous) = (&known.terms, &report.previous);
    let compared = [
        previous.status.as_ref().map(|was| *was == terms.status),
        previous.quantity.map(|was| terms.quantity == Some(was)),
        previous.period_end.map(|was| terms.period_end == Some(was)),
    ];
    let mut said = compared.into_iter().flatten().peekable();
    if said.peek().is_some() && said.all(|fits| fits) {
        return Order::Later;
    }
    if same_terms(terms, &report.snapshot) {
        Order::Earlier
    } else {
        Order::Unclear
    }
}

fn same_terms(terms: &Terms, snapshot: &Snapshot) -> bool {
    let seats = match snapshot.seats {
        Seats::Known(seats) => terms.quantity == Some(seats),
        Seats::Metered => terms.quantity.is_none(),
        Seats::Truncated => true,
    };
    seats && terms.status == snapshot.status && terms.period_end == snapshot.period_end
}

/// What the billing service's word means; none where it is a word that is still to come.
#[must_use]
pub fn meaning(status: &str) -> Option<State> {
    match status {
        "trialing" | "active" => Some(State::Active),
        "past_due" => Some(State::Grace),
        "incomplete" => Some(State::Pending),
        "unpaid" | "paused" | "incomplete_expired" | "canceled" => Some(State::Suspended),
        _ => None,
    }
}

/// What a subscription becomes by a report that is the later one.
#[must_use]
pub fn after(
    id: &str,
    known: Option<&Subscription>,
    report: &Report,
    grace_micros: i64,
) -> Subscription {
    let snapshot = &report.snapshot;
    let ended = report.step == Step::Deleted;
    let before = known.map(|known| known.terms.state);
    let (state, failed_at, grace_until) = if ended {
        (State::Suspended, None, None)
    } else {
        match meaning(&snapshot.status) {
            Some(State::Grace) => grace(known, report.at, grace_micros),
            // A payment that failed after this was said is not undone by it.
            Some(State::Active) => match known.filter(|known| failed_after(known, report.at)) {
                Some(known) => (known.terms.state, known.failed_at, known.grace_until),
                None => (State::Active, None, None),
            },
            Some(state) => (state, None, None),
            None => (
                before.unwrap_or(State::Pending),
                known.and_then(|known| known.failed_at),
                known.and_then(|known| known.grace_until),
            ),
        }
    };
    let (quantity, unclear) = match snapshot.seats {
        Seats::Known(seats) => (Some(seats), false),
        Seats::Metered => (None, false),
        Seats::Truncated => (known.and_then(|known| known.terms.quantity), true),
    };
    Subscription {
        id: id.to_owned(),
        terms: Terms {
            status: snapshot.status.clone(),
            state,
            quantity,
            period_end: snapshot
                .period_end
                .or_else(|| known.and_then(|known| known.terms.period_end)),
            metered: snapshot.metered,
        },
        failed_at,
        grace_until,
        unclear,
        ended,
    }
}

fn failed_after(known: &Subscription, at: Timestamp) -> bool {
    known.failed_at.is_some_and(|failed| failed > at)
}

type Borne = (State, Option<Timestamp>, Option<Timestamp>);

/// Grace begins with the first failure, and what has run out does not begin anew.
fn grace(known: Option<&Subscription>, at: Timestamp, grace_micros: i64) -> Borne {
    if let Some(known) = known
        && let (Some(failed), Some(until)) = (known.failed_at, known.grace_until)
    {
        return (known.terms.state, Some(failed), Some(until));
    }
    (
        State::Grace,
        Some(at),
        Some(at.plus_micros(grace_micros.max(0))),
    )
}

/// What a subscription becomes when a payment failed; nothing where that changes nothing.
#[must_use]
pub fn after_failure(
    known: &Subscription,
    seen: Option<&Seen>,
    at: Timestamp,
    grace_micros: i64,
) -> Option<Subscription> {
    let begun = |state| {
        let mut next = known.clone();
        next.terms.state = state;
        next.failed_at = Some(at);
        next.grace_until = Some(at.plus_micros(grace_micros.max(0)));
        Some(next)
    };
    match known.terms.state {
        _ if known.ended => None,
        // The subscription was said to be well after that.
        State::Active if seen.is_some_and(|seen| seen.at > at) => None,
        State::Active => begun(State::Grace),
        // An earlier failure was heard of later.
        State::Grace if known.failed_at.is_some_and(|failed| at < failed) => begun(State::Grace),
        State::Grace | State::Pending | State::Suspended => None,
    }
}

/// What a subscription becomes when an invoice was paid; nothing where that changes nothing.
#[must_use]
pub fn after_payment(known: &Subscription, at: Timestamp) -> Option<Subscription> {
    let bears = matches!(known.terms.state, State::Grace | State::Suspended) && !known.ended;
    // Where the subscription itself is said to be overdue, the next word on it ends that.
    let by_word = meaning(&known.terms.status) != Some(State::Active);
    if !bears || by_word || known.failed_at.is_none_or(|failed| at < failed) {
        return None;
    }
    let mut next = known.clone();
    next.terms.state = State::Active;
    next.failed_at = None;
    next.grace_until = None;
    Some(next)
}

/// What a licence is, of all that its subscriptions are: the best of their states, and the seats of those that are in it or better off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// What it lets people do.
    pub state: State,
    /// How many seats.
    pub quantity: Option<i64>,
    /// Until when it is paid for.
    pub period_end: Option<Timestamp>,
    /// Until when a missing payment is borne.
    pub grace_until: Option<Timestamp>,
    /// Whether the seats in use are to be reported.
    pub metered: bool,
    /// Whether two reports contradict each other.
    pub unclear: bool,
}

/// Adds the subscriptions of an organisation up.
#[must_use]
pub fn sum(subscriptions: &[Subscription], detached: bool) -> Sum {
    let all = || subscriptions.iter();
    let any = |state| all().any(|one| one.terms.state == state);
    let best = [
        State::Active,
        State::Grace,
        State::Pending,
        State::Suspended,
    ]
    .into_iter()
    .find(|state| any(*state))
    .unwrap_or(State::Pending);
    let state = if detached { State::Suspended } else { best };
    let counts = |one: &&Subscription| match best {
        State::Active | State::Grace => {
            matches!(one.terms.state, State::Active | State::Grace)
        }
        other => one.terms.state == other,
    };
    let quantities = all().filter(counts).filter_map(|one| one.terms.quantity);
    let quantity = quantities.fold(None, |sum: Option<i64>, seats| {
        Some(sum.unwrap_or(0).saturating_add(seats))
    });
    Sum {
        state,
        quantity,
        period_end: all()
            .filter(counts)
            .filter_map(|one| one.terms.period_end)
            .max(),
        grace_until: match state {
            State::Grace => all().filter(counts).filter_map(|one| one.grace_until).max(),
            _ => None,
        },
        metered: all().any(|one| one.terms.metered && !one.ended),
        unclear: all().any(|one| one.unclear && !one.ended),
    }
}
