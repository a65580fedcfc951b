//! What the pages of buying say, by what it means.

use habeo_core::exact::Exact;
use habeo_core::punchout::{self, Late, Outcome};
use habeo_core::requisition::State;

use crate::pages::connections::words::Mark;

/// How far a requisition is.
pub(super) const fn state(state: State) -> Mark {
    match state {
        State::Draft => ("draft", ""),
        State::Submitted => ("waits for approval", "warn"),
        State::Approved => ("approved", "good"),
        State::Rejected => ("rejected", "bad"),
        State::Withdrawn => ("withdrawn", ""),
        State::Ordered => ("ordered", "good"),
    }
}

/// What came of a visit.
pub(super) const fn outcome(outcome: Option<Outcome>, state: punchout::State) -> &'static str {
    match (outcome, state) {
        (None, punchout::State::Open) => {
            "Nothing has come back from the shop yet. Finish there, and press its button to return the cart."
        }
        (None, punchout::State::Returned | punchout::State::Closed) => {
            "This visit came to nothing. You can go to the shop again."
        }
        (Some(Outcome::Cart), _) => {
            "Your cart is here. Look it over, then hand it in for approval."
        }
        (Some(Outcome::Empty), _) => {
            "The shop sent an empty cart: nothing was chosen, and nothing follows."
        }
        (Some(Outcome::Unchanged), _) => "The shop said that nothing was changed.",
        (Some(Outcome::Looked), _) => "You only looked; nothing was changed.",
        (Some(Outcome::Asking), _) => {
            "The shop sent the cart back empty. Are the lines of your requisition to be removed?"
        }
        (Some(Outcome::Emptied), _) => "The lines of the requisition were removed.",
        (Some(Outcome::Preserved), _) => "The requisition keeps its lines.",
    }
}

/// Why a document was not taken.
pub(super) const fn late(late: Late) -> &'static str {
    match late {
        Late::Expired => "It came after the visit was over.",
        Late::AlreadyReturned => "Another cart had come before it.",
        Late::Locked => "The requisition was no draft any more.",
        Late::Closed => "The visit had been called off.",
    }
}

/// An amount with its currency: two places, or as many as it has.
pub(super) fn money(amount: Exact, currency: &str) -> String {
    let plain = amount.plain().to_string();
    let places = plain.rsplit_once('.').map_or(0, |(_, after)| after.len());
    let padded = match places {
        0 => format!("{plain}.00"),
        1 => format!("{plain}0"),
        _ => plain,
    };
    format!("{padded} {currency}")
}

/// How many of what.
pub(super) fn many(count: i64, one: &str, more: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {more}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_places_or_more() {
        for (given, shown) in [
            ("1149", "1149.00 USD"),
            ("5.3", "5.30 USD"),
            ("0.0333", "0.0333 USD"),
            ("-2.50", "-2.50 USD"),
        ] {
            let amount = Exact::amount(given).expect("an amount");
            assert_eq!(money(amount, "USD"), shown);
        }
    }
}
