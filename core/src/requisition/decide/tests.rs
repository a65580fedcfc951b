use uuid::Uuid;

use super::*;
use crate::exact::Exact;
use crate::id::{PunchoutId, RequisitionId, SupplierId, UnitId};
use crate::supplier::Operation;
use crate::time::Timestamp;

fn person(n: u128) -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(n))
}

fn waiting(needed: i64) -> Requisition {
    let at = Timestamp::from_seconds(0);
    Requisition {
        id: RequisitionId::from_uuid(Uuid::nil()),
        seq: 1,
        number: 1,
        supplier: SupplierId::from_uuid(Uuid::nil()),
        session: PunchoutId::from_uuid(Uuid::nil()),
        requester: person(1),
        unit: UnitId::from_uuid(Uuid::nil()),
        location: None,
        cost_centre: None,
        currency: "USD".to_owned(),
        state: State::Submitted,
        allowed: Operation::Edit,
        quote_pending: false,
        supplier_order: None,
        lines: 1,
        total: Exact::ONE,
        digest: "d".to_owned(),
        round: 2,
        approvals_needed: needed,
        created_at: at,
        changed_at: at,
        submitted_at: Some(at),
        decided_at: None,
        decided_index: None,
        order: None,
    }
}

fn by(n: u128, on_behalf_of: Option<u128>) -> Decider {
    Decider {
        person: person(n),
        on_behalf_of: on_behalf_of.map(person),
    }
}

fn said(decider: Decider, round: i64, digest: &str) -> Decided {
    Decided {
        round,
        person: decider.person,
        on_behalf_of: decider.on_behalf_of,
        decision: Decision::Approved,
        digest: digest.to_owned(),
        at: Timestamp::from_seconds(0),
    }
}

/// How many are needed, who said yes before, who says it now, and what follows.
type Case = (i64, Vec<Decided>, Decider, Result<bool, Refusal>);

#[test]
fn two_different_people_approve_by_two_different_rights() {
    let first = said(by(2, None), 2, "d");
    let stand_in = said(by(3, Some(2)), 2, "d");
    let cases: Vec<Case> = vec![
        (1, vec![], by(2, None), Ok(true)),
        (2, vec![], by(2, None), Ok(false)),
        (2, vec![first.clone()], by(3, None), Ok(true)),
        (2, vec![first.clone()], by(3, Some(4)), Ok(true)),
        (
            2,
            vec![first.clone()],
            by(2, None),
            Err(Refusal::AlreadyApproved),
        ),
        // The same person by another's right, and another person by the same right.
        (
            2,
            vec![first.clone()],
            by(2, Some(4)),
            Err(Refusal::AlreadyApproved),
        ),
        (
            2,
            vec![first.clone()],
            by(3, Some(2)),
            Err(Refusal::AlreadyApproved),
        ),
        // Whoever was stood in for, and whoever stood in.
        (
            2,
            vec![stand_in.clone()],
            by(2, None),
            Err(Refusal::AlreadyApproved),
        ),
        (
            2,
            vec![stand_in],
            by(3, None),
            Err(Refusal::AlreadyApproved),
        ),
        // What was said of something else counts no more.
        (2, vec![said(by(2, None), 1, "d")], by(2, None), Ok(false)),
        (2, vec![said(by(2, None), 2, "c")], by(3, None), Ok(false)),
    ];
    for (needed, before, decider, expected) in cases {
        let outcome = approve(&waiting(needed), &[], &before, decider, "d");
        assert_eq!(outcome, expected, "{needed} {before:?} {decider:?}");
    }
}

#[test]
fn nobody_approves_their_own_by_anybodys_hand() {
    for decider in [by(1, None), by(1, Some(2)), by(2, Some(1))] {
        assert_eq!(
            approve(&waiting(1), &[], &[], decider, "d"),
            Err(Refusal::Own)
        );
        assert_eq!(reject(&waiting(1), &[], decider, "d"), Err(Refusal::Own));
    }
}

#[test]
fn what_somebody_changed_or_handed_in_is_their_own() {
    let own = [person(1), person(5)];
    for decider in [by(5, None), by(5, Some(2)), by(2, Some(5))] {
        assert_eq!(
            approve(&waiting(1), &own, &[], decider, "d"),
            Err(Refusal::Own)
        );
        assert_eq!(reject(&waiting(1), &own, decider, "d"), Err(Refusal::Own));
    }
    assert_eq!(approve(&waiting(1), &own, &[], by(2, None), "d"), Ok(true));
}

#[test]
fn only_what_was_shown_is_approved() {
    let decider = by(2, None);
    assert_eq!(
        approve(&waiting(1), &[], &[], decider, "e"),
        Err(Refusal::Changed)
    );
    assert_eq!(
        reject(&waiting(1), &[], decider, "e"),
        Err(Refusal::Changed)
    );
    let mut pending = waiting(1);
    pending.quote_pending = true;
    assert_eq!(
        approve(&pending, &[], &[], decider, "d"),
        Err(Refusal::QuotePending)
    );
    assert_eq!(reject(&pending, &[], decider, "d"), Ok(()));
}

#[test]
fn decisions_are_for_what_waits() {
    for state in State::ALL {
        let mut requisition = waiting(1);
        requisition.state = *state;
        let decided = approve(&requisition, &[], &[], by(2, None), "d");
        let handed_in = submit(&requisition, "d");
        match state {
            State::Submitted => assert_eq!(decided, Ok(true)),
            _ => assert_eq!(decided, Err(Refusal::WrongState(*state))),
        }
        match state {
            State::Draft => assert_eq!(handed_in, Ok(())),
            _ => assert_eq!(handed_in, Err(Refusal::WrongState(*state))),
        }
    }
}

#[test]
fn nothing_empty_or_unfinished_is_handed_in() {
    let mut draft = waiting(0);
    draft.state = State::Draft;
    assert_eq!(submit(&draft, "e"), Err(Refusal::Changed));
    draft.quote_pending = true;
    assert_eq!(submit(&draft, "d"), Err(Refusal::QuotePending));
    draft.lines = 0;
    assert_eq!(submit(&draft, "d"), Err(Refusal::Empty));
}
