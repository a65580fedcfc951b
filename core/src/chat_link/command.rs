//! What can be asked of the ties between chat users and people.

use secrecy::SecretString;

use super::event::ChatLinkEvent;
use super::{ChatUser, How, NAME_CHARS_MAX, Profile, TICKET_LIFE_MICROS, store};
use crate::access::{Access, Action, Principal, Reach};
use crate::chat;
use crate::explain::{Explain, Kind};
use crate::id::{ChatLinkId, PersonId};
use crate::install::{self, Status};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::person::{self, PersonStatus};
use crate::text;

/// What is shown where a chat user shows no name that can be shown.
const NAMELESS: &str = "Unnamed user";

/// Ties a chat user to a person. Habeo itself may, for an address that the service vouches for; a person may for themselves.
#[derive(Debug, Clone)]
pub struct Link {
    /// The chat user.
    pub user: ChatUser,
    /// What they show as their name.
    pub shown_name: String,
    /// Who they are.
    pub person: PersonId,
    /// How that was shown.
    pub how: How,
}

/// Ends a tie: whose it is, an administrator, or Habeo itself. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Unlink {
    /// Which.
    pub link: ChatLinkId,
}

/// Makes a ticket for a chat user, by which whoever signs in is tied to them, in place of those they have. The answer is shown once, and to
/// that user only.
#[derive(Debug, Clone)]
pub struct IssueTicket {
    /// The chat user.
    pub user: ChatUser,
    /// Who that is, as far as the service says.
    pub profile: Profile,
}

/// Takes a ticket, once: the chat user is whoever asks.
#[derive(Debug)]
pub struct TakeTicket {
    /// What the chat user was given.
    pub ticket: SecretString,
}

/// Why something about a tie was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such tie.
    #[error("no chat link with this id is yours to end")]
    Unknown,
    /// Not the caller's to make.
    #[error("you can only link a chat user to yourself")]
    NotPermitted,
    /// The ticket is none, was taken, or has expired.
    #[error(
        "this link was used already, is older than ten minutes, or is not for your organization; ask for another in the chat"
    )]
    TicketUnknown,
    /// The installation does not answer.
    #[error("the app is not connected to this workspace")]
    NotConnected,
    /// The chat user is somebody else.
    #[error("this chat user is linked to somebody else")]
    UserTaken,
    /// The person is another chat user of the same workspace.
    #[error("you are linked to another user of this workspace; end that link first")]
    PersonTaken,
    /// Somebody ended the tie.
    #[error("somebody ended this link; only signing in makes it anew")]
    EndedByChoice,
    /// The person has left, or is none.
    #[error("this person is not an active member of the organization")]
    NotAMember,
    /// The chat user's key is none.
    #[error("this is not a user of a chat service")]
    BadUser,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::NotPermitted | Self::NotAMember => Kind::Forbidden,
            Self::NotConnected | Self::UserTaken | Self::PersonTaken | Self::EndedByChoice => {
                Kind::Conflict
            }
            Self::TicketUnknown | Self::BadUser => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "chat_link_unknown",
            Self::NotPermitted => "chat_link_not_permitted",
            Self::TicketUnknown => "chat_ticket_unknown",
            Self::NotConnected => "chat_not_connected",
            Self::UserTaken => "chat_user_taken",
            Self::PersonTaken => "chat_person_taken",
            Self::EndedByChoice => "chat_link_ended_by_choice",
            Self::NotAMember => "chat_person_not_a_member",
            Self::BadUser => "chat_user_invalid",
        }
    }
}

const fn is_system(access: &Access) -> bool {
    matches!(access.actor().principal, Principal::System)
}

impl Command for Link {
    type Answer = ChatLinkId;
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<ChatLinkId, Failure<Refusal>> {
        let access = work.access().clone();
        // Vouching is the service's; a person can only say who they are themselves.
        let permitted = match self.how {
            How::Email => is_system(&access),
            How::Page => access.person() == Some(self.person),
        };
        if !permitted {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        link(work, self).await
    }
}

impl Command for TakeTicket {
    type Answer = ChatLinkId;
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<ChatLinkId, Failure<Refusal>> {
        let access = work.access().clone();
        let person = access
            .person()
            .ok_or(Failure::Refused(Refusal::NotPermitted))?;
        let (hash, now) = (chat::hash(&self.ticket), work.now());
        let taken = store::take_ticket(work.tx(), &access, &hash, now).await?;
        let (user, shown_name) = taken.ok_or(Failure::Refused(Refusal::TicketUnknown))?;
        let how = How::Page;
        let new = Link {
            user,
            shown_name,
            person,
            how,
        };
        link(work, new).await
    }
}

impl Command for IssueTicket {
    type Answer = SecretString;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<SecretString, Failure<Refusal>> {
        let access = work.access().clone();
        if !is_system(&access) {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let user = checked(self.user).map_err(Failure::Refused)?;
        connected(work, &user).await?;
        let (now, random) = (work.now(), work.random());
        store::forget_tickets(work.tx(), &access, &user, now).await?;
        let ticket = chat::one_time(random.as_ref());
        let row = store::NewTicket {
            hash: chat::hash(&ticket),
            user,
            profile: cleaned(&self.profile),
            expires_at: now.plus_micros(TICKET_LIFE_MICROS),
        };
        store::keep_ticket(work.tx(), &access, row).await?;
        Ok(ticket)
    }
}

impl Command for Unlink {
    type Answer = ();
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let found = store::by_id(work.tx(), &access, self.link).await?;
        let found = found.ok_or(Failure::Refused(Refusal::Unknown))?;
        let permitted = access.person() == Some(found.person)
            || access.reach(Action::Configure) == Reach::Whole;
        if !permitted {
            return Err(Failure::Refused(Refusal::Unknown));
        }
        if found.ended {
            return Ok(());
        }
        end(work, self.link, found.person, false).await
    }
}

/// Somebody may already be that chat user, or another one.
async fn link(work: &mut Work, new: Link) -> Result<ChatLinkId, Failure<Refusal>> {
    let access = work.access().clone();
    let user = checked(new.user).map_err(Failure::Refused)?;
    connected(work, &user).await?;
    let standing = person::store::standing(work.tx(), &access, new.person).await?;
    if standing.is_none_or(|(_, status)| status == PersonStatus::Separated) {
        return Err(Failure::Refused(Refusal::NotAMember));
    }
    if let Some((id, person)) = store::live(work.tx(), &access, &user).await? {
        if person == new.person {
            return Ok(id);
        }
        // Whoever holds the ticket showed that the chat user is theirs; an address shows less than that.
        if new.how == How::Email {
            return Err(Failure::Refused(Refusal::UserTaken));
        }
        end(work, id, person, true).await?;
    }
    // A second chat user of the same workspace may be somebody else's, whose ticket the person was made to take.
    if store::has_link(work.tx(), &access, new.person, user.install).await? {
        return Err(Failure::Refused(Refusal::PersonTaken));
    }
    // Whoever ended a tie meant it to stay so: an address that is still the same does not bring it back.
    if new.how == How::Email
        && store::was_ended_by_choice(work.tx(), &access, &user, new.person).await?
    {
        return Err(Failure::Refused(Refusal::EndedByChoice));
    }
    let (now, random) = (work.now(), work.random());
    let id = ChatLinkId::generate(now, random.as_ref());
    let event = ChatLinkEvent::Linked {
        install: user.install,
        user: user.digest(),
        person: new.person,
        how: new.how,
    };
    record(work, id, event).await?;
    store::keep_identity(work.tx(), &access, id, &user, &shown(&new.shown_name)).await?;
    Ok(id)
}

/// The workspace may still be pending: that somebody of it is linked can be what shows whose it is.
async fn connected(work: &mut Work, user: &ChatUser) -> Result<(), Failure<Refusal>> {
    let access = work.access().clone();
    let install = install::store::by_id(work.tx(), &access, user.install).await?;
    match install.map(|install| install.status) {
        Some(Status::Live | Status::Pending) => Ok(()),
        _ => Err(Failure::Refused(Refusal::NotConnected)),
    }
}

async fn end(
    work: &mut Work,
    id: ChatLinkId,
    person: PersonId,
    displaced: bool,
) -> Result<(), Failure<Refusal>> {
    let access = work.access().clone();
    record(work, id, ChatLinkEvent::Unlinked { person, displaced }).await?;
    store::forget_identity(work.tx(), &access, id).await?;
    Ok(())
}

async fn record(
    work: &mut Work,
    id: ChatLinkId,
    event: ChatLinkEvent,
) -> Result<(), Failure<Refusal>> {
    let fact = Fact::now(Stream::ChatLink(id), Event::ChatLink(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}

fn checked(user: ChatUser) -> Result<ChatUser, Refusal> {
    match chat::key(&user.user) {
        Ok(_) => Ok(user),
        Err(_) => Err(Refusal::BadUser),
    }
}

fn cleaned(profile: &Profile) -> Profile {
    let line = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        printable(text).ok()
    };
    Profile {
        shown_name: shown(&profile.shown_name),
        full_name: line(&profile.full_name),
        address: line(&profile.address),
    }
}

/// What a chat user calls themselves is up to them: whatever cannot be shown is left out, and nobody is refused for it.
fn shown(name: &str) -> String {
    printable(name).unwrap_or_else(|_| NAMELESS.to_owned())
}

fn printable(name: &str) -> Result<String, text::BadText> {
    let printable: String = name
        .chars()
        .filter(|c| text::is_printable(*c))
        .take(NAME_CHARS_MAX)
        .collect();
    text::line(&printable, NAME_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::{NAMELESS, shown};

    #[test]
    fn whatever_somebody_calls_themselves_can_be_shown() {
        assert_eq!(shown(" Ada\u{202e} "), "Ada");
        assert_eq!(shown("\u{200b}"), NAMELESS);
        assert_eq!(shown(&"a".repeat(500)).len(), 200);
    }
}
