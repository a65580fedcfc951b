//! Tickets in SQL: whole for the rules, and written many at a time.

mod read;
mod shown;

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::decide::{Called, Fields, Known, Private};
use super::project::LinkRow;
use super::report::Version;
use super::{Link, Priority, Sort, Status, Ticket, Unlinked};
use crate::access::Access;
use crate::connection::Provider;
use crate::id::{AssetId, ConnectionId, OrgId, PersonId, TicketId, UnitId};
use crate::store::{Query, StoreResult, Tx, Value, execute};
use crate::time::Timestamp;

pub use read::{Filter, StatusFilter, by_id, count, page};
pub(crate) use read::{holders, still_about};
pub use shown::{Named, Party, Reader, Shown};

#[derive(sqlx::FromRow)]
struct TicketRow {
    id: TicketId,
    seq: i64,
    connection_id: ConnectionId,
    provider: Provider,
    external_id: String,
    external_key: Option<String>,
    sort: Sort,
    status: Status,
    priority: Option<Priority>,
    requester_id: Option<PersonId>,
    assignee_id: Option<PersonId>,
    unlinked: Option<Unlinked>,
    opened_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    created_at: Timestamp,
    changed_at: Timestamp,
}

impl TicketRow {
    fn with(self, links: Vec<Link>) -> Ticket {
        Ticket {
            id: self.id,
            seq: self.seq,
            connection: self.connection_id,
            provider: self.provider,
            external_id: self.external_id,
            external_key: self.external_key,
            sort: self.sort,
            status: self.status,
            priority: self.priority,
            requester: self.requester_id,
            assignee: self.assignee_id,
            links,
            unlinked: self.unlinked,
            opened_at: self.opened_at,
            resolved_at: self.resolved_at,
            created_at: self.created_at,
            changed_at: self.changed_at,
        }
    }
}

macro_rules! whole {
    () => {
        "SELECT id, seq, connection_id, provider, external_id, external_key, sort, status, priority, requester_id, assignee_id, unlinked,
             opened_at, resolved_at, created_at, changed_at FROM ticket WHERE org_id = "
    };
}

/// Tickets whole, with what is kept of them, by what they are known by; see [`super::external_ref`].
pub(super) async fn known(
    tx: &mut Tx,
    access: &Access,
    refs: Vec<String>,
) -> StoreResult<Vec<Known>> {
    let org = access.org();
    let rows: Vec<TicketRow> = Query::keyed(tx, whole!(), org, "external_ref", refs).await?;
    let ids: Vec<TicketId> = rows.iter().map(|row| row.id).collect();
    let mut links = links(tx, org, &ids).await?;
    let mut kept = kept(tx, org, &ids).await?;
    let known = rows.into_iter().map(|row| {
        let private = kept.remove(&row.id).unwrap_or_default();
        let links = links.remove(&row.id).unwrap_or_default();
        Known {
            ticket: row.with(links),
            private,
        }
    });
    Ok(known.collect())
}

/// One ticket whole, for projecting what happened to it.
pub(super) async fn by_key(tx: &mut Tx, org: OrgId, id: TicketId) -> StoreResult<Option<Ticket>> {
    let rows: Vec<TicketRow> = Query::keyed(tx, whole!(), org, "id", [id]).await?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let links = links(tx, org, &[id]).await?.remove(&id);
    Ok(Some(row.with(links.unwrap_or_default())))
}

/// Where tickets belong.
async fn links(
    tx: &mut Tx,
    org: OrgId,
    ids: &[TicketId],
) -> StoreResult<HashMap<TicketId, Vec<Link>>> {
    const LINKS: &str =
        "SELECT ticket_id, asset_id, unit_id FROM ticket_link WHERE current AND org_id = ";
    let rows: Vec<(TicketId, Uuid, UnitId)> =
        Query::keyed(tx, LINKS, org, "ticket_id", ids.iter().copied()).await?;
    let mut links: HashMap<TicketId, Vec<Link>> = HashMap::new();
    for (ticket, asset, unit) in rows {
        let asset = (!asset.is_nil()).then(|| AssetId::from_uuid(asset));
        links.entry(ticket).or_default().push(Link { asset, unit });
    }
    for links in links.values_mut() {
        links.sort_unstable();
    }
    Ok(links)
}

#[derive(sqlx::FromRow)]
struct PrivateRow {
    id: TicketId,
    title: Option<String>,
    url: Option<String>,
    status_raw: Option<String>,
    priority_raw: Option<String>,
    requester_name: Option<String>,
    requester_ref: Option<String>,
    assignee_name: Option<String>,
    assignee_ref: Option<String>,
    version_count: Option<i64>,
    version_at: Option<Timestamp>,
    received_at: Option<Timestamp>,
    partial_count: Option<i64>,
    partial_at: Option<Timestamp>,
    partial_received: Option<Timestamp>,
    partial_fields: i64,
    updated_at: Timestamp,
}

async fn kept(
    tx: &mut Tx,
    org: OrgId,
    ids: &[TicketId],
) -> StoreResult<HashMap<TicketId, Private>> {
    const KEPT: &str = "SELECT id, title, url, status_raw, priority_raw, requester_name, requester_ref, assignee_name, assignee_ref,
             version_count, version_at, received_at, partial_count, partial_at, partial_received, partial_fields, updated_at
         FROM ticket_private WHERE org_id = ";
    let rows: Vec<PrivateRow> = Query::keyed(tx, KEPT, org, "id", ids.iter().copied()).await?;
    let kept = rows.into_iter().map(|row| {
        let partial = version(row.partial_count, row.partial_at, row.partial_received);
        let private = Private {
            title: row.title,
            url: row.url,
            status_raw: row.status_raw,
            priority_raw: row.priority_raw,
            requester: Called {
                name: row.requester_name,
                external_id: row.requester_ref,
            },
            assignee: Called {
                name: row.assignee_name,
                external_id: row.assignee_ref,
            },
            version: version(row.version_count, row.version_at, row.received_at),
            partial: partial.map(|version| (version, Fields::from_bits(row.partial_fields))),
            updated_at: row.updated_at,
        };
        (row.id, private)
    });
    Ok(kept.collect())
}

/// A version by its three columns, of which one says of what kind it is.
fn version(
    count: Option<i64>,
    at: Option<Timestamp>,
    received: Option<Timestamp>,
) -> Option<Version> {
    match (count, at, received) {
        (Some(count), at, _) => Some(Version::Counter(count, at)),
        (None, Some(at), _) => Some(Version::UpdatedAt(at)),
        (None, None, received) => received.map(Version::ReceivedAt),
    }
}

fn columns(version: Option<Version>) -> [Value; 3] {
    let (count, at, received) = match version {
        None => (None, None, None),
        Some(Version::Counter(count, at)) => (Some(count), at, None),
        Some(Version::UpdatedAt(at)) => (None, Some(at), None),
        Some(Version::ReceivedAt(received)) => (None, None, Some(received)),
    };
    [count.into(), at.into(), received.into()]
}

const TICKET_HEAD: &str = "INSERT INTO ticket (org_id, id, seq, external_ref, connection_id, provider, external_id, external_key, sort, status,
    active, priority, requester_id, assignee_id, unlinked, opened_at, resolved_at, created_at, changed_at) VALUES";
const TICKET_TAIL: &str = " ON CONFLICT (org_id, id) DO UPDATE SET external_key = excluded.external_key, sort = excluded.sort,
    status = excluded.status, active = excluded.active, priority = excluded.priority, requester_id = excluded.requester_id,
    assignee_id = excluded.assignee_id, unlinked = excluded.unlinked, opened_at = excluded.opened_at, resolved_at = excluded.resolved_at,
    changed_at = excluded.changed_at";
const LINK_HEAD: &str =
    "INSERT INTO ticket_link (org_id, ticket_id, asset_id, unit_id, seq, active, current) VALUES";
const LINK_TAIL: &str = " ON CONFLICT (org_id, ticket_id, asset_id) DO UPDATE SET unit_id = excluded.unit_id, active = excluded.active,
    current = excluded.current";
const ENTRY_HEAD: &str = "INSERT INTO ticket_entry (org_id, asset_id, log_index) VALUES";
const PRIVATE_HEAD: &str = "INSERT INTO ticket_private (org_id, id, title, url, status_raw, priority_raw, requester_name, requester_ref,
    assignee_name, assignee_ref, version_count, version_at, received_at, partial_count, partial_at, partial_received, partial_fields,
    updated_at) VALUES";
const PRIVATE_TAIL: &str = " ON CONFLICT (org_id, id) DO UPDATE SET title = excluded.title, url = excluded.url,
    status_raw = excluded.status_raw, priority_raw = excluded.priority_raw, requester_name = excluded.requester_name,
    requester_ref = excluded.requester_ref, assignee_name = excluded.assignee_name, assignee_ref = excluded.assignee_ref,
    version_count = excluded.version_count, version_at = excluded.version_at, received_at = excluded.received_at,
    partial_count = excluded.partial_count, partial_at = excluded.partial_at, partial_received = excluded.partial_received,
    partial_fields = excluded.partial_fields, updated_at = excluded.updated_at";

/// Writes tickets, where they belong, and of which assets' histories what happened to them is part.
pub(super) async fn write(
    tx: &mut Tx,
    org: OrgId,
    tickets: impl Iterator<Item = &Ticket> + Send,
    links: &BTreeMap<(TicketId, Uuid), LinkRow>,
    entries: Vec<(AssetId, i64)>,
) -> StoreResult<()> {
    let tickets = tickets.map(|ticket| row(org, ticket)).collect();
    Query::insert_rows(tx, TICKET_HEAD, tickets, TICKET_TAIL).await?;
    let links = links.iter().map(|((ticket, asset), row)| {
        [
            org.into(),
            (*ticket).into(),
            (*asset).into(),
            row.unit.into(),
            row.seq.into(),
            row.active.into(),
            row.current.into(),
        ]
    });
    Query::insert_rows(tx, LINK_HEAD, links.collect(), LINK_TAIL).await?;
    let entries = entries
        .into_iter()
        .map(|(asset, index)| [org.into(), asset.into(), index.into()]);
    Query::insert_rows(tx, ENTRY_HEAD, entries.collect(), "").await?;
    Ok(())
}

fn row(org: OrgId, ticket: &Ticket) -> [Value; 19] {
    let word = |word: &'static str| Value::from(word);
    let some = |word: Option<&'static str>| Value::Text(word.map(ToOwned::to_owned));
    [
        org.into(),
        ticket.id.into(),
        ticket.seq.into(),
        super::external_ref(ticket.connection, &ticket.external_id).into(),
        ticket.connection.into(),
        word(ticket.provider.as_str()),
        ticket.external_id.as_str().into(),
        ticket.external_key.clone().into(),
        word(ticket.sort.as_str()),
        word(ticket.status.as_str()),
        ticket.status.is_active().into(),
        some(ticket.priority.map(Priority::as_str)),
        ticket.requester.into(),
        ticket.assignee.into(),
        some(ticket.unlinked.map(Unlinked::as_str)),
        ticket.opened_at.into(),
        ticket.resolved_at.into(),
        ticket.created_at.into(),
        ticket.changed_at.into(),
    ]
}

/// Keeps what must not be in the ledger.
pub(super) async fn keep(
    tx: &mut Tx,
    access: &Access,
    kept: impl Iterator<Item = (TicketId, &Private)> + Send,
) -> StoreResult<()> {
    let rows = kept.map(|(id, private)| {
        let [count, at, received] = columns(private.version);
        let partial = private.partial.map(|(version, _)| version);
        let [partial_count, partial_at, partial_received] = columns(partial);
        let fields = private.partial.map(|(_, fields)| fields.bits());
        [
            access.org().into(),
            id.into(),
            private.title.clone().into(),
            private.url.clone().into(),
            private.status_raw.clone().into(),
            private.priority_raw.clone().into(),
            private.requester.name.clone().into(),
            private.requester.external_id.clone().into(),
            private.assignee.name.clone().into(),
            private.assignee.external_id.clone().into(),
            count,
            at,
            received,
            partial_count,
            partial_at,
            partial_received,
            fields.unwrap_or_default().into(),
            private.updated_at.into(),
        ]
    });
    Query::insert_rows(tx, PRIVATE_HEAD, rows.collect(), PRIVATE_TAIL).await?;
    Ok(())
}

/// Lets tickets follow assets that now belong to other units.
pub(crate) async fn rehome(tx: &mut Tx, org: OrgId, assets: &[AssetId]) -> StoreResult<()> {
    for assets in assets.chunks(crate::page::Limit::WALK.rows()) {
        let mut query = Query::new(
            "UPDATE ticket_link SET unit_id = (SELECT a.owning_unit_id FROM asset a
                 WHERE a.org_id = ticket_link.org_id AND a.id = ticket_link.asset_id)
             WHERE org_id = ",
        );
        query
            .bind(org)
            .push(" AND asset_id IN ")
            .bind_list(assets.iter().copied());
        query.execute(tx).await?;
    }
    Ok(())
}

/// Forgets what tickets call a person who asked for them or works on them. How many tickets it was.
pub(crate) async fn erase_names(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
) -> StoreResult<u64> {
    let asked = execute!(
        tx,
        "UPDATE ticket_private SET requester_name = NULL, requester_ref = NULL
         WHERE org_id = $1 AND id IN (SELECT id FROM ticket WHERE org_id = $1 AND requester_id = $2)
           AND (requester_name IS NOT NULL OR requester_ref IS NOT NULL)",
        access.org(),
        person
    )?;
    let worked = execute!(
        tx,
        "UPDATE ticket_private SET assignee_name = NULL, assignee_ref = NULL
         WHERE org_id = $1 AND id IN (SELECT id FROM ticket WHERE org_id = $1 AND assignee_id = $2)
           AND (assignee_name IS NOT NULL OR assignee_ref IS NOT NULL)",
        access.org(),
        person
    )?;
    Ok(asked + worked)
}
