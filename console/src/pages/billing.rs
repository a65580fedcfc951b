//! The licence: how it stands, how many seats are used, and what has become of it so far.

use askama::Template;
use habeo_core::page::Limit;
use habeo_core::seat::event::SeatEvent;
use habeo_core::seat::{self, Past, Standing, State, Terms};
use habeo_core::time::Timestamp;
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::{failed, instant};
use crate::Console;
use crate::page::{Frame, Page};
use crate::visitor::SignedIn;

#[derive(Debug, Template)]
#[template(path = "billing.html")]
struct Billing {
    frame: Frame,
    licence: Option<Licence>,
    history: Vec<Line>,
    more: Option<i64>,
}

/// The licence as the page shows it.
#[derive(Debug)]
struct Licence {
    state: (&'static str, &'static str),
    notice: Option<String>,
    seats: String,
    in_use: i64,
    period_end: Option<String>,
    grace_until: Option<String>,
    customer: String,
    test: bool,
    unclear: bool,
}

/// Something that has become of it.
#[derive(Debug)]
struct Line {
    at: String,
    text: String,
    entry: i64,
}

/// From where on the history is shown.
#[derive(Debug, Deserialize)]
pub(crate) struct Since {
    before: Option<i64>,
}

/// The page of the licence.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(since): Query<Since>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let access = visitor.access();
    let ledger = &console.parts().ledger;
    let mut tx = ledger.db().read(access).await.map_err(failed)?;
    let now = ledger.clock().now();
    let standing = seat::store::standing(&mut tx, access, now)
        .await
        .map_err(failed)?;
    let limit = Limit::default();
    let history = seat::store::history(&mut tx, access, since.before, limit)
        .await
        .map_err(failed)?;
    let last = history.rows.last().filter(|_| history.next.is_some());
    let page = Billing {
        frame: Frame::of(console, &visitor, "Billing"),
        licence: standing.as_ref().map(licence),
        more: last.map(|past| past.index),
        history: history.rows.iter().map(line).collect(),
    };
    Ok(Page::of(&page).into_response())
}

fn licence(standing: &Standing) -> Licence {
    let seat = &standing.seat;
    Licence {
        state: word(standing.state),
        notice: notice(standing),
        seats: number(seat.quantity),
        in_use: standing.in_use,
        period_end: seat.period_end.map(|at| instant(Some(at))),
        grace_until: seat.grace_until.map(|at| instant(Some(at))),
        customer: seat.customer.clone(),
        test: !seat.livemode,
        unclear: seat.unclear,
    }
}

/// What an administrator has to know of the licence, if anything.
pub(crate) fn notice(standing: &Standing) -> Option<String> {
    let until = |at: Option<Timestamp>| instant(at);
    match standing.state {
        State::Suspended => Some(
            "The licence is suspended: people read, and change nothing, until it is paid for again. Nothing is lost."
                .to_owned(),
        ),
        State::Grace => Some(format!(
            "A payment is missing. Until {} all is as before; after that people can only read.",
            until(standing.seat.grace_until)
        )),
        State::Pending | State::Active if standing.exceeds_seats() => Some(format!(
            "{} people may sign in, and there are {} seats. Nobody is turned away; add seats, or end memberships that are not needed.",
            standing.in_use,
            number(standing.seat.quantity)
        )),
        State::Pending | State::Active if standing.is_full() => Some(
            "Every seat is taken: the next person who joins is one more than there are seats."
                .to_owned(),
        ),
        State::Pending | State::Active => None,
    }
}

const fn word(state: State) -> (&'static str, &'static str) {
    match state {
        State::Pending => ("Waiting for payment", "warn"),
        State::Active => ("Active", "good"),
        State::Grace => ("Payment missing", "warn"),
        State::Suspended => ("Suspended", "bad"),
    }
}

fn number(seats: Option<i64>) -> String {
    seats.map_or_else(
        || "an unknown number of".to_owned(),
        |seats| seats.to_string(),
    )
}

fn line(past: &Past) -> Line {
    Line {
        at: instant(Some(past.recorded_at)),
        text: sentence(&past.event),
        entry: past.index,
    }
}

fn sentence(event: &SeatEvent) -> String {
    match event {
        SeatEvent::CustomerLinked { customer, .. } => {
            format!("The customer {customer} pays from now on.")
        }
        SeatEvent::CustomerDetached { customer, .. } => {
            format!("The customer {customer} was deleted at Stripe.")
        }
        SeatEvent::SeatsChanged {
            before,
            after,
            ended,
            unclear,
            in_use,
            over_limit,
            ..
        } => {
            let mut sentences = vec![changed(before.as_ref(), after, *ended)];
            if *over_limit {
                sentences.push(format!("{in_use} were in use, which is more."));
            }
            if *unclear {
                sentences.push("What Stripe reported is not clear; look there.".to_owned());
            }
            sentences.join(" ")
        }
        SeatEvent::GraceEntered { until, .. } => format!(
            "A payment is missing; it is borne until {}.",
            instant(Some(*until))
        ),
        SeatEvent::GraceLeft { event_id: None, .. } => {
            "The missing payment was not borne any longer.".to_owned()
        }
        SeatEvent::GraceLeft { to, .. } => {
            format!("No payment is borne with any more: {}.", word(*to).0)
        }
    }
}

fn changed(before: Option<&Terms>, after: &Terms, ended: bool) -> String {
    let seats = number(after.quantity);
    if ended {
        return format!("The subscription of {seats} seats ended.");
    }
    let Some(before) = before else {
        return format!("A subscription of {seats} seats began ({}).", after.status);
    };
    let mut parts = Vec::new();
    if before.quantity != after.quantity {
        parts.push(format!("{} seats became {seats}", number(before.quantity)));
    }
    if before.status != after.status {
        parts.push(format!("{} became {}", before.status, after.status));
    }
    if before.period_end != after.period_end {
        parts.push(format!("paid for until {}", instant(after.period_end)));
    }
    if parts.is_empty() {
        return "The subscription changed.".to_owned();
    }
    format!("The subscription changed: {}.", parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(status: &str, quantity: i64) -> Terms {
        Terms {
            status: status.to_owned(),
            state: State::Active,
            quantity: Some(quantity),
            period_end: None,
            metered: false,
        }
    }

    #[test]
    fn changes_are_told_in_words() {
        let (ten, twelve) = (terms("active", 10), terms("past_due", 12));
        assert_eq!(
            changed(Some(&ten), &twelve, false),
            "The subscription changed: 10 seats became 12; active became past_due."
        );
        assert_eq!(
            changed(None, &ten, false),
            "A subscription of 10 seats began (active)."
        );
        assert_eq!(
            changed(Some(&ten), &ten, true),
            "The subscription of 10 seats ended."
        );
    }
}
