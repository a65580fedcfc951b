//! What a notice says, as an answer that nobody asked for.

use habeo_core::endpoint::Because;
use habeo_core::notice::Notice;
use habeo_core::notice::present::{OfEndpoint, ToAdministrator, ToApprover, ToChannel, ToPerson};
use habeo_core::ticket::store::Shown;

use crate::engine::tickets;
use crate::purchase;
use crate::reply::{Button, Part, Reply, Span, Style};

/// What a button of a notice begins with that says something in its reader's name; what it says follows.
const SAYS: &str = "say:";

/// What a button says in its reader's name, where it is one of a notice.
#[must_use]
pub fn says(press: &str) -> Option<&str> {
    press.strip_prefix(SAYS)
}

/// To somebody about something they have. `address` makes an address of ours from a path.
#[must_use]
pub fn to_person(told: &ToPerson, address: impl Fn(&str) -> String) -> Reply {
    if let Some(ticket) = &told.ticket {
        return of_ticket(told, ticket, address);
    }
    let asset = &told.asset;
    let code = asset
        .tag
        .clone()
        .unwrap_or_else(|| asset.description.clone());
    let until = told.due_at.map(|at| at.day().to_string());
    let seen_at = asset.location_name.as_deref();
    let (before, after) = match (&told.notice, &until) {
        (Notice::SeenElsewhere { .. }, _) => (
            "",
            format!(
                ", which you have, was scanned at another place than the one on record: {}.",
                seen_at.unwrap_or("one that has no name")
            ),
        ),
        (Notice::DueSoon { .. }, Some(day)) => ("", format!(" is due back on {day}.")),
        (Notice::DueSoon { .. }, None) => ("", " is due back soon.".to_owned()),
        (_, Some(day)) => ("You now have ", format!(", until {day}.")),
        (_, None) => ("You now have ", ".".to_owned()),
    };
    let parts = vec![
        Part::Text(vec![
            Span::Plain(before.to_owned()),
            Span::Strong(code.clone()),
            Span::Plain(after),
        ]),
        Part::Note(asset.description.clone()),
    ];
    let mut buttons = Vec::new();
    if asset.tag.is_some() && matches!(told.notice, Notice::HandedToYou { .. }) {
        let acknowledge = format!("{SAYS}acknowledge {code}");
        buttons.push(Button::press("Acknowledge", acknowledge).styled(Style::Primary));
    }
    buttons.push(Button::open(
        "Open in Habeo",
        address(&format!("/assets/{}", asset.id)),
    ));
    Reply::new(parts, buttons)
}

/// To somebody who has something that a ticket is about.
fn of_ticket(told: &ToPerson, ticket: &Shown, address: impl Fn(&str) -> String) -> Reply {
    let asset = &told.asset;
    let code = asset
        .tag
        .clone()
        .unwrap_or_else(|| asset.description.clone());
    // What it is about is said already.
    let alone = Shown {
        assets: Vec::new(),
        ..ticket.clone()
    };
    let parts = vec![
        Part::Text(vec![
            Span::Plain("There is a ticket about ".to_owned()),
            Span::Strong(code),
            Span::Plain(", which you have.".to_owned()),
        ]),
        Part::Rows(vec![tickets::row(&alone)]),
    ];
    let mut buttons: Vec<Button> = ticket
        .url
        .iter()
        .map(|url| Button::open("Open the ticket", url.clone()).styled(Style::Primary))
        .collect();
    buttons.push(Button::open(
        "Open in Habeo",
        address(&format!("/assets/{}", asset.id)),
    ));
    Reply::new(parts, buttons)
}

/// To an administrator of an organization that has fewer seats than people.
#[must_use]
pub fn to_administrator(told: &ToAdministrator, address: impl Fn(&str) -> String) -> Reply {
    let seats = told.standing.seat.quantity.unwrap_or_default();
    let parts = vec![
        Part::Text(vec![
            Span::Strong(told.standing.in_use.to_string()),
            Span::Plain(" people may sign in, and there are ".to_owned()),
            Span::Strong(seats.to_string()),
            Span::Plain(" seats.".to_owned()),
        ]),
        Part::Note(
            "Nobody is turned away; add seats, or end memberships that are not needed.".to_owned(),
        ),
    ];
    let open = Button::open("Open the licence", address("/admin/billing"));
    Reply::new(parts, vec![open])
}

/// To somebody who manages endpoints, about one that is told of nothing more. Its address may hold a secret, so only its origin is said.
#[must_use]
pub fn of_endpoint(told: &OfEndpoint, address: impl Fn(&str) -> String) -> Reply {
    let endpoint = &told.endpoint;
    let because = match endpoint.because {
        Some(Because::Gone) => "It answered three times over an hour that it is gone.",
        // Nobody is told of one that rests with its app.
        Some(Because::Silent | Because::Suspended) | None => "It accepted nothing for five days.",
    };
    let parts = vec![
        Part::Text(vec![
            Span::Plain("The webhook endpoint ".to_owned()),
            Span::Strong(endpoint.origin().to_owned()),
            Span::Plain(" is disabled. ".to_owned()),
            Span::Plain(because.to_owned()),
        ]),
        Part::Note(
            "What happens from now on is not sent there, and not made up for. Resume it once it answers again; what was given up can be \
             replayed."
                .to_owned(),
        ),
    ];
    let path = format!("/admin/integrations/webhooks/{}", endpoint.id);
    let open = Button::open("Open the endpoint", address(&path));
    Reply::new(parts, vec![open])
}

/// To somebody whose approval a requisition waits for, who can give it there or say no.
#[must_use]
pub fn to_approver(told: &ToApprover, address: impl Fn(&str) -> String) -> Reply {
    let requisition = &told.wanted.requisition;
    let mut parts = vec![purchase::waits(requisition)];
    parts.extend(purchase::parts(&told.wanted));
    let page = address(&purchase::path(requisition.id));
    Reply::new(parts, purchase::buttons(requisition, page))
}

/// To a channel about a unit: counts, and never a name.
#[must_use]
pub fn to_channel(told: &ToChannel) -> Reply {
    let facts = told
        .counts
        .iter()
        .map(|(kind, count)| (words(kind), count.to_string()))
        .collect();
    let heading = format!("What changed in {}", told.unit_name);
    Reply::new(vec![Part::Heading(heading), Part::Facts(facts)], Vec::new()).shared()
}

/// `asset.moved` as a heading: `Moved`.
fn words(kind: &str) -> String {
    let (family, verb) = kind.rsplit_once('.').unwrap_or(("", kind));
    let verb = verb.replace('_', " ");
    if family == "ticket" {
        return format!("Tickets {verb}");
    }
    let mut letters = verb.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_facts_are_words() {
        assert_eq!(words("asset.moved"), "Moved");
        assert_eq!(words("custody.ack_accepted"), "Ack accepted");
        assert_eq!(words("ticket.opened"), "Tickets opened");
        assert_eq!(words(""), "");
        assert_eq!(says("say:acknowledge WMK-1"), Some("acknowledge WMK-1"));
        assert_eq!(says("acknowledge"), None);
    }
}
