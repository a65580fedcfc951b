//! Linking a chat account: whoever opens the link shows who they are by signing in, and then says that the chat user is them.

use askama::Template;
use habeo_core::chat::Platform;
use habeo_core::chat_link::command::{TakeTicket, Unlink};
use habeo_core::chat_link::{self, Ticket};
use habeo_core::explain::Explain as _;
use habeo_core::id::ChatLinkId;
use habeo_core::ledger::RecordError;
use poem::http::StatusCode;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use secrecy::SecretString;
use serde::Deserialize;

use super::{failed, platform, word};
use crate::Console;
use crate::page::{Frame, Notice, Page, see_other};
use crate::visitor::{SignedIn, Submitted};

/// The ticket that the chat user was given.
#[derive(Deserialize)]
pub(crate) struct Given {
    #[serde(default)]
    t: String,
}

#[derive(Debug, Template)]
#[template(path = "link.html")]
struct Ask {
    frame: Frame,
    ticket: Ticket,
    /// What speaks against it, so far as addresses tell.
    doubt: Option<String>,
    text: String,
    form_token: String,
}

/// Asks whether the chat user is the visitor.
#[handler]
pub(crate) async fn ask(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(name): Path<String>,
    Query(given): Query<Given>,
) -> Result<Response> {
    let platform = platform(&name)?;
    match find(console, &visitor, platform, &given.t).await? {
        Some(ticket) => Ok(Page::of(&Ask {
            frame: Frame::of(console, &visitor, "Link your chat account"),
            doubt: doubt(&ticket, visitor.address()),
            ticket,
            text: given.t,
            form_token: visitor.who().form_token,
        })
        .into_response()),
        None => Ok(no_ticket(console, &visitor)),
    }
}

/// Links the chat user to the visitor.
#[handler]
pub(crate) async fn confirm(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(name): Path<String>,
    Submitted(given): Submitted<Given>,
) -> Result<Response> {
    let platform = platform(&name)?;
    // A ticket of the other service is none of this page's.
    let Some(ticket) = find(console, &visitor, platform, &given.t).await? else {
        return Ok(no_ticket(console, &visitor));
    };
    let take = TakeTicket {
        ticket: SecretString::from(given.t),
    };
    match console.parts().ledger.record(visitor.access(), take).await {
        Ok(_) => {
            let org = visitor.access().org();
            console.parts().bot.link_changed(org, platform, ticket.user);
            Ok(see_other("/?said=linked"))
        }
        Err(RecordError::Refused(refusal)) => Ok(refused(console, &visitor, refusal)),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// From where a link is ended.
#[derive(Deserialize)]
pub(crate) struct From {
    #[serde(default)]
    from: String,
}

/// Ends a link of the visitor's, or, for an administrator, anybody's.
#[handler]
pub(crate) async fn end(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(link): Path<String>,
    Submitted(given): Submitted<From>,
) -> Result<Response> {
    let link: ChatLinkId = link.parse().map_err(|_| super::absent())?;
    let access = visitor.access();
    let ledger = &console.parts().ledger;
    // Who the chat user is goes with the link.
    let mut tx = ledger.db().read(access).await.map_err(failed)?;
    let user = chat_link::store::user_of(&mut tx, access, link).await;
    let user = user.map_err(failed)?;
    drop(tx);
    match ledger.record(access, Unlink { link }).await {
        Ok(()) => {
            let back = match &user {
                Some((_, user)) if given.from == "integration" => {
                    format!("/admin/integrations/{}?said=unlinked", user.install)
                }
                _ => "/?said=unlinked".to_owned(),
            };
            if let Some((platform, user)) = user {
                console
                    .parts()
                    .bot
                    .link_changed(access.org(), platform, user);
            }
            Ok(see_other(&back))
        }
        Err(RecordError::Refused(refusal)) => Ok(refused(console, &visitor, refusal)),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// What speaks against the two being the same. Names are chosen freely; an address that the service vouches for is not.
fn doubt(ticket: &Ticket, own: Option<&str>) -> Option<String> {
    let service = word(ticket.platform);
    let Some(theirs) = ticket.profile.address.as_deref() else {
        return Some(format!(
            "{service} does not vouch for an address of this user. Look at the user id instead."
        ));
    };
    match own {
        Some(own) if own.eq_ignore_ascii_case(theirs) => None,
        Some(own) => Some(format!(
            "The address of this {service} user is {theirs}, and yours is {own}. That is how it looks when somebody else asks to act as you."
        )),
        None => Some(format!(
            "The address of this {service} user is {theirs}, and Habeo knows none of yours to compare it with."
        )),
    }
}

async fn find(
    console: &Console,
    visitor: &SignedIn,
    platform: Platform,
    text: &str,
) -> Result<Option<Ticket>> {
    let ledger = &console.parts().ledger;
    let access = visitor.access();
    let mut tx = ledger.db().read(access).await.map_err(failed)?;
    let text = SecretString::from(text);
    let ticket = chat_link::store::ticket(&mut tx, access, &text, ledger.clock().now())
        .await
        .map_err(failed)?;
    Ok(ticket.filter(|ticket| ticket.platform == platform))
}

fn no_ticket(console: &Console, visitor: &SignedIn) -> Response {
    refused(console, visitor, chat_link::command::Refusal::TicketUnknown)
}

fn refused(
    console: &Console,
    visitor: &SignedIn,
    refusal: chat_link::command::Refusal,
) -> Response {
    let status = match refusal.kind() {
        habeo_core::explain::Kind::NotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::CONFLICT,
    };
    let frame = Frame::of(console, visitor, "Not linked");
    Notice::framed(
        frame,
        status,
        "That did not work",
        super::sentence(&refusal.to_string()),
    )
    .link("To the start page", "/")
    .into_response()
}
