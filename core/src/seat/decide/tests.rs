//! The rules of licences, case by case.

use proptest::prelude::*;

use super::*;
use crate::time::DAY_MICROS;

const GRACE: i64 = 14 * DAY_MICROS;

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(second)
}

fn report(second: i64, step: Step, status: &str, seats: i64) -> Report {
    Report {
        event_id: format!("evt_{second}_{step}_{seats}"),
        at: at(second),
        step,
        snapshot: Snapshot {
            status: status.to_owned(),
            seats: Seats::Known(seats),
            period_end: Some(at(9_000)),
            metered: false,
        },
        previous: Previous::default(),
    }
}

fn seen(report: &Report) -> Seen {
    Seen {
        at: report.at,
        event_id: report.event_id.clone(),
        step: report.step,
    }
}

fn known(report: &Report) -> Subscription {
    after("sub_1", None, report, GRACE)
}

#[test]
fn reports_are_ordered_by_their_time_then_by_their_step() {
    use Order::{Earlier, Later};
    use Step::{Created, Deleted, Updated};
    for (first, then, order_then) in [
        ((10, Updated), (12, Updated), Later),
        ((12, Updated), (10, Updated), Earlier),
        ((10, Created), (10, Updated), Later),
        ((10, Updated), (10, Created), Earlier),
        ((10, Updated), (10, Deleted), Later),
        ((12, Updated), (10, Deleted), Later),
        ((10, Deleted), (12, Updated), Earlier),
        ((10, Deleted), (12, Created), Earlier),
        ((10, Deleted), (12, Deleted), Earlier),
    ] {
        let one = report(first.0, first.1, "active", 10);
        let other = report(then.0, then.1, "active", 12);
        let found = order(Some(&seen(&one)), Some(&known(&one)), &other);
        assert_eq!(found, order_then, "{first:?} then {then:?}");
    }
    assert_eq!(order(None, None, &report(1, Created, "active", 1)), Later);
}

#[test]
fn of_one_second_the_later_is_that_which_knows_the_other() {
    let one = report(10, Step::Updated, "active", 10);
    let mut other = report(10, Step::Updated, "active", 12);
    other.event_id = "evt_other".to_owned();
    let judge = |other: &Report| order(Some(&seen(&one)), Some(&known(&one)), other);
    assert_eq!(judge(&other), Order::Unclear, "it says nothing of before");
    other.previous.quantity = Some(10);
    assert_eq!(judge(&other), Order::Later);
    other.previous.quantity = Some(8);
    assert_eq!(judge(&other), Order::Unclear);
    other.previous = Previous {
        quantity: Some(10),
        status: Some("trialing".to_owned()),
        period_end: None,
    };
    assert_eq!(judge(&other), Order::Unclear, "one of the two does not fit");
    let mut same = one.clone();
    same.event_id = "evt_same".to_owned();
    assert_eq!(judge(&same), Order::Earlier, "nothing new");
}

#[test]
fn words_mean_what_the_sheet_says() {
    for (status, state) in [
        ("trialing", Some(State::Active)),
        ("active", Some(State::Active)),
        ("past_due", Some(State::Grace)),
        ("incomplete", Some(State::Pending)),
        ("unpaid", Some(State::Suspended)),
        ("paused", Some(State::Suspended)),
        ("incomplete_expired", Some(State::Suspended)),
        ("canceled", Some(State::Suspended)),
        ("still_to_come", None),
    ] {
        assert_eq!(meaning(status), state, "{status}");
    }
}

#[test]
fn an_unknown_word_keeps_what_is() {
    let active = known(&report(1, Step::Created, "active", 10));
    let next = after(
        "sub_1",
        Some(&active),
        &report(2, Step::Updated, "frozen_in_time", 11),
        GRACE,
    );
    assert_eq!(next.terms.state, State::Active);
    assert_eq!(next.terms.quantity, Some(11));
    let first = known(&report(1, Step::Created, "frozen_in_time", 11));
    assert_eq!(first.terms.state, State::Pending);
}

#[test]
fn grace_begins_with_the_first_failure_and_ends_once() {
    let active = known(&report(1, Step::Created, "active", 10));
    let failed = after_failure(&active, None, at(5), GRACE).expect("it failed");
    assert_eq!(
        (failed.terms.state, failed.failed_at),
        (State::Grace, Some(at(5)))
    );
    // The word on it follows, and the failure of the next attempt.
    let overdue = after(
        "sub_1",
        Some(&failed),
        &report(7, Step::Updated, "past_due", 10),
        GRACE,
    );
    assert_eq!(overdue.failed_at, Some(at(5)));
    assert_eq!(after_failure(&overdue, None, at(9), GRACE), None);
    // Heard of later, an earlier failure counts.
    let earlier = after_failure(&overdue, None, at(3), GRACE).expect("earlier");
    assert_eq!(earlier.grace_until, Some(at(3).plus_micros(GRACE)));
    // Run out, it stays so while the word stays.
    let mut over = overdue.clone();
    over.terms.state = State::Suspended;
    let still = after(
        "sub_1",
        Some(&over),
        &report(11, Step::Updated, "past_due", 12),
        GRACE,
    );
    assert_eq!(still.terms.state, State::Suspended);
    let paid = after(
        "sub_1",
        Some(&still),
        &report(12, Step::Updated, "active", 12),
        GRACE,
    );
    assert_eq!(
        (paid.terms.state, paid.failed_at, paid.grace_until),
        (State::Active, None, None)
    );
}

#[test]
fn what_is_said_later_of_earlier_times_undoes_nothing() {
    let said = report(10, Step::Updated, "active", 10);
    let active = known(&said);
    assert_eq!(
        after_failure(&active, Some(&seen(&said)), at(9), GRACE),
        None
    );
    let failed = after_failure(&active, Some(&seen(&said)), at(12), GRACE).expect("it failed");
    let told = after(
        "sub_1",
        Some(&failed),
        &report(11, Step::Updated, "active", 11),
        GRACE,
    );
    assert_eq!(
        told.terms.state,
        State::Grace,
        "the failure came after that word"
    );
    assert_eq!(after_payment(&failed, at(11)), None);
    assert_eq!(
        after_payment(&failed, at(13)).expect("paid").terms.state,
        State::Active
    );
    let overdue = known(&report(10, Step::Updated, "past_due", 10));
    assert_eq!(
        after_payment(&overdue, at(20)),
        None,
        "the next word says so"
    );
}

#[test]
fn a_part_of_a_subscription_says_no_number() {
    let active = known(&report(1, Step::Created, "active", 10));
    let mut part = report(2, Step::Updated, "active", 3);
    part.snapshot.seats = Seats::Truncated;
    let next = after("sub_1", Some(&active), &part, GRACE);
    assert_eq!((next.terms.quantity, next.unclear), (Some(10), true));
    let whole = after(
        "sub_1",
        Some(&next),
        &report(3, Step::Updated, "active", 30),
        GRACE,
    );
    assert_eq!((whole.terms.quantity, whole.unclear), (Some(30), false));
}

#[test]
fn a_licence_is_the_best_of_its_subscriptions() {
    let one = |state: &str, seats| known(&report(1, Step::Created, state, seats));
    let ended = after(
        "sub_0",
        None,
        &report(1, Step::Deleted, "canceled", 99),
        GRACE,
    );
    for (all, state, seats) in [
        (vec![], State::Pending, None),
        (vec![one("active", 10)], State::Active, Some(10)),
        (
            vec![one("active", 10), one("past_due", 5)],
            State::Active,
            Some(15),
        ),
        (
            vec![one("active", 10), one("incomplete", 5)],
            State::Active,
            Some(10),
        ),
        (
            vec![one("unpaid", 10), one("incomplete", 5)],
            State::Pending,
            Some(5),
        ),
        (
            vec![ended.clone(), one("active", 10)],
            State::Active,
            Some(10),
        ),
        (vec![ended.clone()], State::Suspended, Some(99)),
        (vec![one("past_due", 7)], State::Grace, Some(7)),
    ] {
        let sum = sum(&all, false);
        assert_eq!((sum.state, sum.quantity), (state, seats), "{all:?}");
        assert_eq!(sum.grace_until.is_some(), state == State::Grace);
    }
    assert_eq!(sum(&[one("active", 10)], true).state, State::Suspended);
}

proptest! {
    /// Reports of different seconds end in what the last of them says, in whatever order and however often they come.
    #[test]
    fn any_order_ends_in_the_last(
        mut reports in proptest::collection::btree_map(1_i64..60, (0_usize..4, 0_i64..50), 1..8)
            .prop_map(|all| all.into_iter().collect::<Vec<_>>())
            .prop_shuffle(),
        again in proptest::collection::vec(0_usize..8, 0..6),
        ends in proptest::option::of(1_i64..60),
    ) {
        const WORDS: [&str; 4] = ["active", "trialing", "unpaid", "incomplete"];
        let told = |(second, (word, seats)): &(i64, (usize, i64))| report(*second, Step::Updated, WORDS[*word], *seats);
        let last = reports.iter().max_by_key(|(second, _)| *second).map(&told).expect("one at least");
        for place in again {
            let one = reports[place % reports.len()];
            reports.push(one);
        }
        let mut stream: Vec<Report> = reports.iter().map(&told).collect();
        if let Some(second) = ends {
            stream.insert(stream.len() / 2, report(second, Step::Deleted, "canceled", 7));
        }
        let (mut now, mut upto): (Option<Subscription>, Option<Seen>) = (None, None);
        for report in &stream {
            if order(upto.as_ref(), now.as_ref(), report) == Order::Later {
                now = Some(after("sub_1", now.as_ref(), report, GRACE));
                upto = Some(seen(report));
            }
        }
        let now = now.expect("one was taken");
        if ends.is_some() {
            prop_assert!(now.ended);
            prop_assert_eq!((now.terms.state, now.terms.quantity), (State::Suspended, Some(7)));
        } else {
            prop_assert_eq!(&now.terms.status, &last.snapshot.status);
            prop_assert_eq!(now.terms.quantity, match last.snapshot.seats { Seats::Known(seats) => Some(seats), Seats::Metered | Seats::Truncated => None });
        }
    }
}
