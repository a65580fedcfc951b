//! Ties between chat users and people in SQL, and the tickets by which they are made.

use secrecy::SecretString;

use super::{ChatUser, How, Linked, LinkedPerson, Platform, Profile, Ticket};
use crate::access::Access;
use crate::chat;
use crate::id::{ChatLinkId, InstallId, PersonId};
use crate::ledger::audit;
use crate::page::{Limit, Page, Position};
use crate::store::{StoreResult, Tx, execute, fetch_all, fetch_optional};
use crate::time::Timestamp;

/// The fact by which a tie ends, unless its installation does.
const UNLINKED: &str = "chat_link.unlinked";

/// A ticket as it is kept.
#[derive(Debug)]
pub(crate) struct NewTicket {
    pub hash: Vec<u8>,
    pub user: ChatUser,
    pub profile: Profile,
    pub expires_at: Timestamp,
}

/// A tie, as far as ending it asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tie {
    pub person: PersonId,
    pub ended: bool,
}

/// Who a chat user is: while the tie holds, the installation is live and the person has not left.
pub async fn person_of(
    tx: &mut Tx,
    access: &Access,
    user: &ChatUser,
) -> StoreResult<Option<(ChatLinkId, PersonId)>> {
    fetch_optional!(
        tx,
        (ChatLinkId, PersonId),
        "SELECT l.id, l.person_id FROM chat_link l
         JOIN install i ON i.org_id = l.org_id AND i.id = l.install_id
         JOIN person p ON p.org_id = l.org_id AND p.id = l.person_id
         WHERE l.org_id = $1 AND l.install_id = $2 AND l.user_digest = $3 AND l.ended_at IS NULL
             AND i.status = 'live' AND p.status <> 'separated'",
        access.org(),
        user.install,
        user.digest()
    )
}

#[derive(sqlx::FromRow)]
struct LinkedRow {
    link: ChatLinkId,
    install: InstallId,
    platform: Platform,
    user: String,
    shown_name: String,
    workspace_name: Option<String>,
    how: How,
    linked_at: Timestamp,
}

/// The chat users that a person is, of installations that are live, in the order of linking.
pub async fn of_person(tx: &mut Tx, access: &Access, person: PersonId) -> StoreResult<Vec<Linked>> {
    let rows: Vec<LinkedRow> = fetch_all!(
        tx,
        LinkedRow,
        "SELECT l.id AS link, l.install_id AS install, i.platform, c.chat_user AS \"user\", c.shown_name, n.name AS workspace_name, l.how,
             l.linked_at
         FROM chat_link l
         JOIN install i ON i.org_id = l.org_id AND i.id = l.install_id
         JOIN chat_identity c ON c.org_id = l.org_id AND c.id = l.id
         LEFT JOIN install_private n ON n.org_id = l.org_id AND n.id = l.install_id
         WHERE l.org_id = $1 AND l.person_id = $2 AND l.ended_at IS NULL AND i.status = 'live' ORDER BY l.seq",
        access.org(),
        person
    )?;
    let linked = rows.into_iter().map(|row| Linked {
        link: row.link,
        install: row.install,
        platform: row.platform,
        user: row.user,
        shown_name: row.shown_name,
        workspace_name: row.workspace_name.unwrap_or_default(),
        how: row.how,
        linked_at: row.linked_at,
    });
    Ok(linked.collect())
}

#[derive(sqlx::FromRow)]
struct TicketRow {
    install: InstallId,
    user: String,
    platform: Platform,
    shown_name: String,
    full_name: Option<String>,
    address: Option<String>,
    workspace_name: Option<String>,
    expires_at: Timestamp,
}

/// The chat user of a tie that holds: for a person their own, for whoever manages installations anybody's.
pub async fn user_of(
    tx: &mut Tx,
    access: &Access,
    id: ChatLinkId,
) -> StoreResult<Option<(Platform, ChatUser)>> {
    type Row = (Platform, InstallId, String, PersonId);
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        "SELECT i.platform, l.install_id, c.chat_user, l.person_id FROM chat_link l
         JOIN install i ON i.org_id = l.org_id AND i.id = l.install_id
         JOIN chat_identity c ON c.org_id = l.org_id AND c.id = l.id
         WHERE l.org_id = $1 AND l.id = $2 AND l.ended_at IS NULL",
        access.org(),
        id
    )?;
    let visible =
        |person| access.person() == Some(person) || crate::install::command::may_manage(access);
    Ok(row
        .filter(|(_, _, _, person)| visible(*person))
        .map(|(platform, install, user, _)| (platform, ChatUser { install, user })))
}

/// The ticket with this text, if it can still be taken.
pub async fn ticket(
    tx: &mut Tx,
    access: &Access,
    text: &SecretString,
    now: Timestamp,
) -> StoreResult<Option<Ticket>> {
    let row: Option<TicketRow> = fetch_optional!(
        tx,
        TicketRow,
        "SELECT t.install_id AS install, t.chat_user AS \"user\", i.platform, t.shown_name, t.full_name, t.address, n.name AS workspace_name,
             t.expires_at FROM chat_ticket t
         JOIN install i ON i.org_id = t.org_id AND i.id = t.install_id
         LEFT JOIN install_private n ON n.org_id = t.org_id AND n.id = t.install_id
         WHERE t.org_id = $1 AND t.ticket_hash = $2 AND t.expires_at > $3",
        access.org(),
        chat::hash(text),
        now
    )?;
    Ok(row.map(|row| Ticket {
        user: ChatUser {
            install: row.install,
            user: row.user,
        },
        platform: row.platform,
        profile: Profile {
            shown_name: row.shown_name,
            full_name: row.full_name,
            address: row.address,
        },
        workspace_name: row.workspace_name.unwrap_or_default(),
        expires_at: row.expires_at,
    }))
}

/// Who is linked through an installation.
pub(crate) async fn of_install(
    tx: &mut Tx,
    access: &Access,
    install: InstallId,
    after: i64,
    limit: Limit,
) -> StoreResult<Page<LinkedPerson>> {
    type Row = (ChatLinkId, i64, PersonId, String, String, How, Timestamp);
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        "SELECT l.id, l.seq, l.person_id, c.chat_user, c.shown_name, l.how, l.linked_at FROM chat_link l
         JOIN chat_identity c ON c.org_id = l.org_id AND c.id = l.id
         WHERE l.org_id = $1 AND l.install_id = $2 AND l.ended_at IS NULL AND l.seq > $3 ORDER BY l.seq LIMIT $4",
        access.org(),
        install,
        after,
        limit.plus_one()
    )?;
    let people = rows
        .into_iter()
        .map(
            |(link, seq, person, user, shown_name, how, linked_at)| LinkedPerson {
                link,
                seq,
                person,
                user,
                shown_name,
                how,
                linked_at,
            },
        )
        .collect();
    Ok(Page::cut(people, limit, |row| Position::after(row.seq)))
}

/// The open tie of a chat user, whatever the installation and the person are.
pub(crate) async fn live(
    tx: &mut Tx,
    access: &Access,
    user: &ChatUser,
) -> StoreResult<Option<(ChatLinkId, PersonId)>> {
    fetch_optional!(
        tx,
        (ChatLinkId, PersonId),
        "SELECT id, person_id FROM chat_link WHERE org_id = $1 AND install_id = $2 AND user_digest = $3 AND ended_at IS NULL",
        access.org(),
        user.install,
        user.digest()
    )
}

/// Whether a person is some chat user of an installation.
pub(crate) async fn has_link(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
    install: InstallId,
) -> StoreResult<bool> {
    let row: Option<(ChatLinkId,)> = fetch_optional!(
        tx,
        (ChatLinkId,),
        "SELECT id FROM chat_link WHERE org_id = $1 AND person_id = $2 AND install_id = $3 AND ended_at IS NULL LIMIT 1",
        access.org(),
        person,
        install
    )?;
    Ok(row.is_some())
}

/// Whether the last tie of a chat user, or of a person in their workspace, was ended because somebody wanted it. Only the fact says why a
/// tie ended: one that ended with its installation, or because the user was shown to be somebody else, has no such will behind it.
pub(crate) async fn was_ended_by_choice(
    tx: &mut Tx,
    access: &Access,
    user: &ChatUser,
    person: PersonId,
) -> StoreResult<bool> {
    let of_user: Option<(ChatLinkId,)> = fetch_optional!(
        tx,
        (ChatLinkId,),
        "SELECT id FROM chat_link WHERE org_id = $1 AND install_id = $2 AND user_digest = $3 AND ended_at IS NOT NULL
         ORDER BY seq DESC LIMIT 1",
        access.org(),
        user.install,
        user.digest()
    )?;
    let of_person: Option<(ChatLinkId,)> = fetch_optional!(
        tx,
        (ChatLinkId,),
        "SELECT id FROM chat_link WHERE org_id = $1 AND install_id = $2 AND person_id = $3 AND ended_at IS NOT NULL
         ORDER BY seq DESC LIMIT 1",
        access.org(),
        user.install,
        person
    )?;
    let chosen = |fact: &audit::Entry| fact.kind == UNLINKED && fact.payload["displaced"] == false;
    for (id,) in of_user.into_iter().chain(of_person) {
        let facts = audit::history(tx, access, id.uuid(), None, Limit::default()).await?;
        if facts.rows.iter().any(chosen) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A tie, ended or not.
pub(crate) async fn by_id(
    tx: &mut Tx,
    access: &Access,
    id: ChatLinkId,
) -> StoreResult<Option<Tie>> {
    let row: Option<(PersonId, Option<Timestamp>)> = fetch_optional!(
        tx,
        (PersonId, Option<Timestamp>),
        "SELECT person_id, ended_at FROM chat_link WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(row.map(|(person, ended_at)| Tie {
        person,
        ended: ended_at.is_some(),
    }))
}

/// Keeps who the chat user is on the service.
pub(crate) async fn keep_identity(
    tx: &mut Tx,
    access: &Access,
    id: ChatLinkId,
    user: &ChatUser,
    shown_name: &str,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO chat_identity (org_id, id, install_id, chat_user, shown_name) VALUES ($1, $2, $3, $4, $5)",
        access.org(),
        id,
        user.install,
        &user.user,
        shown_name
    )?;
    Ok(())
}

/// Forgets who a chat user was.
pub(crate) async fn forget_identity(
    tx: &mut Tx,
    access: &Access,
    id: ChatLinkId,
) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM chat_identity WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(())
}

/// Forgets everybody of an installation, and its tickets.
pub(crate) async fn forget_all(
    tx: &mut Tx,
    access: &Access,
    install: InstallId,
) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM chat_identity WHERE org_id = $1 AND install_id = $2",
        access.org(),
        install
    )?;
    execute!(
        tx,
        "DELETE FROM chat_ticket WHERE org_id = $1 AND install_id = $2",
        access.org(),
        install
    )?;
    Ok(())
}

/// Keeps a ticket.
pub(crate) async fn keep_ticket(
    tx: &mut Tx,
    access: &Access,
    ticket: NewTicket,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO chat_ticket (org_id, ticket_hash, install_id, chat_user, shown_name, full_name, address, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        access.org(),
        ticket.hash.clone(),
        ticket.user.install,
        &ticket.user.user,
        &ticket.profile.shown_name,
        ticket.profile.full_name.as_deref(),
        ticket.profile.address.as_deref(),
        ticket.expires_at
    )?;
    Ok(())
}

/// Takes a ticket away, if it is there and has not expired: who it was given to, and what they show as their name.
pub(crate) async fn take_ticket(
    tx: &mut Tx,
    access: &Access,
    hash: &[u8],
    now: Timestamp,
) -> StoreResult<Option<(ChatUser, String)>> {
    let row: Option<(InstallId, String, String)> = fetch_optional!(
        tx,
        (InstallId, String, String),
        "DELETE FROM chat_ticket WHERE org_id = $1 AND ticket_hash = $2 AND expires_at > $3 RETURNING install_id, chat_user, shown_name",
        access.org(),
        hash,
        now
    )?;
    Ok(row.map(|(install, user, shown_name)| (ChatUser { install, user }, shown_name)))
}

/// Forgets the tickets that have expired, and those of a chat user who is given another.
pub(crate) async fn forget_tickets(
    tx: &mut Tx,
    access: &Access,
    user: &ChatUser,
    now: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM chat_ticket WHERE org_id = $1 AND install_id = $2 AND chat_user = $3",
        access.org(),
        user.install,
        &user.user
    )?;
    execute!(
        tx,
        "DELETE FROM chat_ticket WHERE org_id = $1 AND expires_at <= $2",
        access.org(),
        now
    )?;
    Ok(())
}
