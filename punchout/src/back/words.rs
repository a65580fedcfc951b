//! What the page says to whoever came back and was not let in with their cart.

use habeo_core::punchout::{Late, Refusal};

use super::turned::{Turned, Why};
use crate::code::{Code, Stage};

/// A heading and a sentence or two: what happened, what was kept, and what to do.
pub(super) fn words(turned: &Turned) -> (&'static str, String) {
    match &turned.why {
        Why::Unknown => (
            "This cart belongs to no visit",
            "The shop sent a cart for a visit that is not known here. Nothing was kept. Go to the shop from Habeo again.".to_owned(),
        ),
        Why::Unread(findings) => unread(findings.first().map(|finding| finding.code)),
        Why::Late(late) => (lateness(*late), later(*late)),
        Why::Refused(Refusal::BadCart(_)) => (
            "The cart cannot be taken",
            "In some of its lines something would have to be guessed, so nothing of it was taken. The document is kept for your administrators.".to_owned(),
        ),
        Why::Refused(refusal) => ("The cart cannot be taken", sentence(&refusal.to_string())),
        Why::TooMany { seconds } => (
            "Too many carts at once",
            format!("Wait {seconds} seconds, then send the cart again from the shop: your browser can repeat the last page."),
        ),
        Why::Ours => (
            "Something failed on our side",
            "Nothing was changed. Send the cart again from the shop in a moment: your browser can repeat the last page.".to_owned(),
        ),
    }
}

fn unread(code: Option<Code>) -> (&'static str, String) {
    let heading = "The cart cannot be read";
    let text = match code {
        Some(Code::BodyTooLarge | Code::LimitExceeded) => {
            "What the shop sent is larger than Habeo takes."
        }
        Some(Code::NoDocumentField | Code::EmptyDocument) => "The shop sent no cart.",
        Some(Code::WrongDocumentType | Code::WrongRoot) => {
            "The shop sent another document than a cart; its settings are probably wrong."
        }
        Some(code) if code.stage() == Stage::Document => {
            "The shop sent a cart of which something would have to be guessed, so nothing of it was taken."
        }
        _ => "What the shop sent is damaged.",
    };
    (
        heading,
        format!(
            "{text} You have ordered nothing. Tell the supplier what stands below, or start again."
        ),
    )
}

const fn lateness(late: Late) -> &'static str {
    match late {
        Late::Expired => "This visit was over",
        Late::AlreadyReturned => "This visit had ended with another cart",
        Late::Locked => "The requisition cannot be changed now",
        Late::Closed => "This visit was called off",
    }
}

fn later(late: Late) -> String {
    match late {
        Late::Expired => "The cart came after the visit's time. It is kept for a day: sign in to Habeo to take it after all.",
        Late::AlreadyReturned => "The first cart stays as it is, and this one was not taken. To change what you chose, begin a new visit.",
        Late::Locked => "It was submitted meanwhile. The cart is kept for a day: withdraw the requisition, and then take the cart in Habeo.",
        Late::Closed => "The cart was not taken. Begin a new visit.",
    }
    .to_owned()
}

/// A refusal as a sentence of its own.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}
