//! Tickets as they are shown: to whoever sees their asset, wants them or does them.

use std::collections::HashMap;

use super::links;
use super::shown::{Named, Party, Reader, Shown};
use crate::access::Access;
use crate::asset::store::COLUMNS;
use crate::connection::Provider;
use crate::id::{AssetId, PersonId, TicketId, UnitId};
use crate::page::{Limit, Page, Position};
use crate::person;
use crate::store::{Query, StoreResult, Tx, fetch_optional};
use crate::ticket::{Link, Priority, Sort, Status, Unlinked};
use crate::time::Timestamp;
use crate::unit;
use crate::unit::scope::{Columns, MERGED_UNITS_MAX, Scope};

/// How the scope applies to where tickets belong.
const LINK_COLUMNS: Columns = Columns {
    unit: "k.unit_id",
    own: None,
};

/// What a list of tickets can be narrowed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// How far they are.
    pub status: StatusFilter,
    /// About this asset, which the reader must see.
    pub asset: Option<AssetId>,
    /// Of the assets of this unit and of everything below it.
    pub unit: Option<UnitId>,
    /// Those that the caller wants, does, or that are about something they have.
    pub mine: bool,
}

/// How far tickets of a list are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StatusFilter {
    /// Wherever they are, but not removed.
    #[default]
    Present,
    /// Somebody still has to do something.
    Active,
    /// Nobody has to do anything any more.
    Ended,
    /// Exactly there.
    At(Status),
}

#[derive(sqlx::FromRow)]
struct Row {
    id: TicketId,
    seq: i64,
    provider: Provider,
    external_id: String,
    external_key: Option<String>,
    title: Option<String>,
    url: Option<String>,
    sort: Sort,
    status: Status,
    status_raw: Option<String>,
    priority: Option<Priority>,
    priority_raw: Option<String>,
    requester_id: Option<PersonId>,
    requester_name: Option<String>,
    assignee_id: Option<PersonId>,
    assignee_name: Option<String>,
    unlinked: Option<Unlinked>,
    opened_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    updated_at: Timestamp,
    created_at: Timestamp,
}

const SHOWN: &str = "SELECT t.id, t.seq, t.provider, t.external_id, t.external_key, p.title, p.url, t.sort, t.status, p.status_raw, t.priority,
        p.priority_raw, t.requester_id, p.requester_name, t.assignee_id, p.assignee_name, t.unlinked, t.opened_at, t.resolved_at,
        p.updated_at, t.created_at
     FROM ticket t CROSS JOIN ticket_private p WHERE p.org_id = t.org_id AND p.id = t.id AND t.org_id = ";

/// A page of the tickets that a reader sees, newest first.
pub async fn page(
    tx: &mut Tx,
    reader: Reader<'_>,
    filter: Filter,
    before: Option<i64>,
    limit: Limit,
) -> StoreResult<Page<Shown>> {
    let span = Span {
        before: before.unwrap_or(i64::MAX),
        rows: limit.plus_one(),
        status: filter.status,
    };
    let mut query = Query::new(SHOWN);
    query
        .bind(reader.access.org())
        .push(" AND t.seq < ")
        .bind(span.before);
    span.status.push(&mut query, false);
    if !push_sight(tx, &mut query, reader, filter, span).await? {
        return shown(tx, reader, Vec::new(), limit).await;
    }
    query.push(" ORDER BY t.seq DESC LIMIT ").bind(span.rows);
    let rows = query.fetch_all(tx).await?;
    shown(tx, reader, rows, limit).await
}

/// How many tickets of a list a reader sees.
pub async fn count(tx: &mut Tx, reader: Reader<'_>, filter: Filter) -> StoreResult<i64> {
    let span = Span {
        before: i64::MAX,
        rows: i64::MAX,
        status: filter.status,
    };
    let mut query = Query::new("SELECT CAST(COUNT(*) AS BIGINT) FROM ticket t WHERE t.org_id = ");
    query.bind(reader.access.org());
    span.status.push(&mut query, false);
    if !push_sight(tx, &mut query, reader, filter, span).await? {
        return Ok(0);
    }
    let rows: Vec<(i64,)> = query.fetch_all(tx).await?;
    Ok(rows.first().map_or(0, |(tickets,)| *tickets))
}

/// One ticket that a reader sees.
pub async fn by_id(tx: &mut Tx, reader: Reader<'_>, id: TicketId) -> StoreResult<Option<Shown>> {
    let mut query = Query::new(SHOWN);
    query
        .bind(reader.access.org())
        .push(" AND t.id = ")
        .bind(id);
    push_visible(&mut query, reader.access, reader.assets);
    let rows = query.fetch_all(tx).await?;
    let page = shown(tx, reader, rows, Limit::DEFAULT).await?;
    Ok(page.rows.into_iter().next())
}

/// Appends what a reader sees of what the filter names; false where that is nothing.
async fn push_sight(
    tx: &mut Tx,
    query: &mut Query,
    reader: Reader<'_>,
    filter: Filter,
    span: Span,
) -> StoreResult<bool> {
    let access = reader.access;
    let within = match filter.unit {
        None => None,
        Some(unit) if !reader.assets.contains(unit) => return Ok(false),
        Some(unit) => Some((unit, unit::store::descendants(tx, access, unit).await?)),
    };
    if filter.mine && access.person().is_none() {
        return Ok(false);
    }
    if filter.asset.is_some() || filter.mine && within.is_some() {
        // So much is asked at once that few pass: each condition is tested.
        if let Some(asset) = filter.asset {
            // What is about an asset that the reader sees is seen by them.
            if named(tx, reader, vec![asset]).await?.is_empty() {
                return Ok(false);
            }
            push_about(query, access, asset);
        }
        if let Some(own) = access.person().filter(|_| filter.mine) {
            query.push(" AND (");
            push_own(query, access, own);
            query.push(")");
        }
        if let Some((_, below)) = &within {
            push_within(query, access, below);
        }
        return Ok(true);
    }
    match sight(reader, within, filter) {
        Sight::Everything => {}
        Sight::Below(scope) => push_visible(query, access, &scope),
        Sight::Arms(units, None) if units.is_empty() => return Ok(false),
        Sight::Arms(units, own) => push_arms(query, access, (&units, own), span),
    }
    Ok(true)
}

/// How the tickets of a list are come by.
enum Sight {
    /// All there are that pass.
    Everything,
    /// Each is tested.
    Below(Scope),
    /// Those of a few units, and the person's own, each read along an index and merged.
    Arms(Vec<UnitId>, Option<PersonId>),
}

/// How a reader's list is come by.
fn sight(reader: Reader<'_>, within: Option<(UnitId, Vec<UnitId>)>, filter: Filter) -> Sight {
    match (within, reader.assets) {
        _ if filter.mine => Sight::Arms(Vec::new(), reader.access.person()),
        (Some((_, units)), _) if units.len() <= MERGED_UNITS_MAX => Sight::Arms(units, None),
        (Some((root, units)), _) => Sight::Below(Scope::Many {
            roots: vec![root],
            units,
            own: None,
        }),
        (None, Scope::Whole) => Sight::Everything,
        (None, Scope::Few { units, own }) => Sight::Arms(units.clone(), *own),
        (None, scope @ Scope::Many { .. }) => Sight::Below(scope.clone()),
    }
}

/// Appends the condition that a ticket is about an asset.
fn push_about(query: &mut Query, access: &Access, asset: AssetId) {
    query.push(" AND t.seq IN (SELECT k.seq FROM ticket_link k WHERE k.current AND k.org_id = ");
    query
        .bind(access.org())
        .push(" AND k.asset_id = ")
        .bind(asset)
        .push(")");
}

impl StatusFilter {
    /// Appends the condition; where tickets are read along where they belong, with what the index there knows of it.
    fn push(self, query: &mut Query, along_links: bool) {
        let active =
            matches!(self, Self::Active) || matches!(self, Self::At(status) if status.is_active());
        if active && along_links {
            query.push(" AND k.active");
        }
        match self {
            Self::Present => query.push(" AND t.status <> 'deleted'"),
            Self::Active => query.push(" AND t.active"),
            Self::Ended => query.push(" AND NOT t.active AND t.status <> 'deleted'"),
            Self::At(status) => query.push(" AND t.status = ").bind(status.as_str()),
        };
    }
}

/// Which part of a list is read.
#[derive(Debug, Clone, Copy)]
struct Span {
    before: i64,
    rows: i64,
    status: StatusFilter,
}

/// Appends ` AND (…)`, true for what belongs to the scope and for the person's own.
fn push_visible(query: &mut Query, access: &Access, scope: &Scope) {
    if *scope == Scope::Whole {
        return;
    }
    let org = access.org();
    query.push(" AND (EXISTS (SELECT 1 FROM ticket_link k WHERE k.current AND k.ticket_id = t.id AND k.org_id = ");
    query.bind(org);
    scope.push_condition(query, org, LINK_COLUMNS);
    query.push(")");
    if let Some(own) = scope.own() {
        query.push(" OR ");
        push_own(query, access, own);
    }
    query.push(")");
}

/// Appends what is true for what a person wants or does, and for what is about something they have.
fn push_own(query: &mut Query, access: &Access, own: PersonId) {
    query.push("t.requester_id = ").bind(own);
    query.push(" OR t.assignee_id = ").bind(own);
    query.push(
        " OR EXISTS (SELECT 1 FROM ticket_link k JOIN asset a ON a.org_id = k.org_id AND a.id = k.asset_id
             WHERE k.current AND k.ticket_id = t.id AND k.org_id = ",
    );
    query
        .bind(access.org())
        .push(" AND a.holder_id = ")
        .bind(own)
        .push(")");
}

/// Appends the condition that a ticket belongs to one of these units.
fn push_within(query: &mut Query, access: &Access, units: &[UnitId]) {
    query.push(" AND EXISTS (SELECT 1 FROM ticket_link k WHERE k.current AND k.ticket_id = t.id AND k.org_id = ");
    query
        .bind(access.org())
        .push(" AND k.unit_id IN ")
        .bind_list(units.iter().copied())
        .push(")");
}

/// Appends the condition that a ticket is among the next ones of these units and of this person.
fn push_arms(
    query: &mut Query,
    access: &Access,
    (units, own): (&[UnitId], Option<PersonId>),
    span: Span,
) {
    const OF_UNIT: &str = "SELECT k.seq FROM ticket_link k CROSS JOIN ticket t
        WHERE t.org_id = k.org_id AND t.id = k.ticket_id AND k.current AND k.org_id = ";
    const HELD: &str = "SELECT k.seq FROM asset a CROSS JOIN ticket_link k CROSS JOIN ticket t
        WHERE k.org_id = a.org_id AND k.asset_id = a.id AND t.org_id = k.org_id AND t.id = k.ticket_id AND k.current AND a.org_id = ";
    const PLAIN: &str = "SELECT t.seq FROM ticket t WHERE t.org_id = ";
    query.push(" AND t.seq IN (SELECT arm.seq FROM (");
    let mut any = false;
    for unit in units {
        push_arm(query, access, (OF_UNIT, any), span, |query| {
            query.push(" AND k.unit_id = ").bind(*unit);
        });
        any = true;
    }
    if let Some(own) = own {
        push_arm(query, access, (PLAIN, any), span, |query| {
            query.push(" AND t.requester_id = ").bind(own);
        });
        push_arm(query, access, (PLAIN, true), span, |query| {
            query.push(" AND t.assignee_id = ").bind(own);
        });
        push_arm(query, access, (HELD, true), span, |query| {
            query.push(" AND a.holder_id = ").bind(own);
        });
    }
    query
        .push(") arm ORDER BY arm.seq DESC LIMIT ")
        .bind(span.rows)
        .push(")");
}

fn push_arm(
    query: &mut Query,
    access: &Access,
    (select, follows): (&'static str, bool),
    span: Span,
    belongs: impl FnOnce(&mut Query),
) {
    let plain = !select.contains("ticket_link");
    query.push(if follows { " UNION " } else { "" });
    query
        .push("SELECT one.seq FROM (")
        .push(select)
        .bind(access.org());
    belongs(query);
    query
        .push(if plain {
            " AND t.seq < "
        } else {
            " AND k.seq < "
        })
        .bind(span.before);
    span.status.push(query, !plain);
    query
        .push(if plain {
            " ORDER BY t.seq DESC LIMIT "
        } else {
            " ORDER BY k.seq DESC LIMIT "
        })
        .bind(span.rows)
        .push(") one");
}

/// Rows with what the reader may know of whom and what they name.
async fn shown(
    tx: &mut Tx,
    reader: Reader<'_>,
    rows: Vec<Row>,
    limit: Limit,
) -> StoreResult<Page<Shown>> {
    let page = Page::cut(rows, limit, |row: &Row| Position::after(row.seq));
    let org = reader.access.org();
    let ids: Vec<TicketId> = page.rows.iter().map(|row| row.id).collect();
    let links = links(tx, org, &ids).await?;
    let assets = links.values().flatten().filter_map(|link| link.asset);
    let assets = named(tx, reader, assets.collect()).await?;
    let mut people: Vec<PersonId> = page
        .rows
        .iter()
        .flat_map(|row| [row.requester_id, row.assignee_id])
        .flatten()
        .collect();
    people.sort_unstable();
    people.dedup();
    let names = person::store::names(tx, reader.access, reader.people, &people).await?;
    let names: HashMap<PersonId, String> = names.into_iter().collect();
    Ok(page.map(|row| {
        let links = links.get(&row.id).map_or(&[][..], Vec::as_slice);
        row.shown(reader, links, &assets, &names)
    }))
}

/// Those of these assets that the reader sees.
async fn named(
    tx: &mut Tx,
    reader: Reader<'_>,
    mut ids: Vec<AssetId>,
) -> StoreResult<HashMap<AssetId, Named>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    ids.sort_unstable();
    ids.dedup();
    let mut query = Query::new("SELECT a.id, a.tag, a.description FROM asset a WHERE a.org_id = ");
    query
        .bind(reader.access.org())
        .push(" AND a.id IN ")
        .bind_list(ids);
    reader
        .assets
        .push_condition(&mut query, reader.access.org(), COLUMNS);
    let rows: Vec<Named> = query.fetch_all(tx).await?;
    Ok(rows.into_iter().map(|asset| (asset.id, asset)).collect())
}

impl Row {
    fn shown(
        self,
        reader: Reader<'_>,
        links: &[Link],
        assets: &HashMap<AssetId, Named>,
        names: &HashMap<PersonId, String>,
    ) -> Shown {
        // Somebody who is only a name to the help desk belongs to no unit: their name is for those who see the people of the ticket's own.
        let sees_people = links.iter().any(|link| reader.people.contains(link.unit));
        let party = |person: Option<PersonId>, called: Option<String>| match person {
            Some(id) => Some(Party {
                person,
                name: names.get(&id).cloned(),
            }),
            None => called.filter(|_| sees_people).map(|name| Party {
                person: None,
                name: Some(name),
            }),
        };
        let seen = links.iter().filter_map(|link| assets.get(&link.asset?));
        Shown {
            id: self.id,
            seq: self.seq,
            provider: self.provider,
            key: self.external_key.unwrap_or(self.external_id),
            title: self.title,
            url: self.url,
            sort: self.sort,
            status: self.status,
            status_raw: self.status_raw,
            priority: self.priority,
            priority_raw: self.priority_raw,
            requester: party(self.requester_id, self.requester_name),
            assignee: party(self.assignee_id, self.assignee_name),
            assets: seen.cloned().collect(),
            unlinked: self.unlinked,
            opened_at: self.opened_at,
            resolved_at: self.resolved_at,
            updated_at: self.updated_at,
            created_at: self.created_at,
        }
    }
}

/// Who has these assets, where somebody does.
pub(crate) async fn holders(
    tx: &mut Tx,
    access: &Access,
    assets: Vec<AssetId>,
) -> StoreResult<HashMap<AssetId, PersonId>> {
    const HOLDERS: &str =
        "SELECT id, holder_id FROM asset WHERE holder_id IS NOT NULL AND org_id = ";
    let rows: Vec<(AssetId, PersonId)> =
        Query::keyed(tx, HOLDERS, access.org(), "id", assets).await?;
    Ok(rows.into_iter().collect())
}

/// Whether a ticket is to be done still, and about an asset that this person has.
pub(crate) async fn still_about(
    tx: &mut Tx,
    access: &Access,
    ticket: TicketId,
    (asset, person): (AssetId, PersonId),
) -> StoreResult<bool> {
    let found: Option<(TicketId,)> = fetch_optional!(
        tx,
        (TicketId,),
        "SELECT t.id FROM ticket t JOIN ticket_link k ON k.org_id = t.org_id AND k.ticket_id = t.id
         JOIN asset a ON a.org_id = k.org_id AND a.id = k.asset_id
         WHERE t.org_id = $1 AND t.id = $2 AND t.active AND k.current AND a.id = $3 AND a.holder_id = $4",
        access.org(),
        ticket,
        asset,
        person
    )?;
    Ok(found.is_some())
}
