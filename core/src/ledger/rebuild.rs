//! Every projection made again from the entries, and compared with what is there.
//!
//! The comparison happens beside the live tables: temporary tables of the same names stand before them for one connection, so the very code
//! that projects a fact the first time fills these. On PostgreSQL the transaction is made read-only once they stand, which then lets it write
//! to nothing else.

use std::collections::HashSet;

use tokio::sync::mpsc;

use super::append::Head;
use super::audit::{self, Entry};
use super::event::{Event, Recorded, Stream};
use super::project;
use super::tile::signed;
use crate::access::Access;
use crate::asset::event::AssetEvent;
use crate::asset::project::Shelf;
use crate::asset::write::WordBook;
use crate::id::{AssetId, OrgId, PersonId};
use crate::store::{Db, Query, StoreError, StoreResult, Tx, execute, fetch_all, fetch_one, search};

/// How many entries are read and projected at once.
const CHUNK: u64 = 4_000;
/// How many such readings may wait to be projected.
const CHUNKS_AHEAD: usize = 2;

/// A projection that differs from what the entries say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which table.
    pub table: &'static str,
    /// How many rows it has.
    pub live: i64,
    /// How many it should have.
    pub rebuilt: i64,
    /// How many of its rows it should not have.
    pub foreign: i64,
}

/// Compares every projection of an organisation with what its entries say. Nothing is changed.
pub async fn check(db: &Db, access: &Access) -> StoreResult<Vec<Difference>> {
    match compare(db, access, Shadowed::Filled).await {
        // An entry makes a row in a table that has none.
        Err(error) if error.is_read_only() => compare(db, access, Shadowed::All).await,
        compared => compared,
    }
}

/// Which tables get a shadow. On PostgreSQL each is four files, and what has no rows most likely needs none; where it does, writing is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shadowed {
    Filled,
    All,
}

async fn compare(db: &Db, access: &Access, which: Shadowed) -> StoreResult<Vec<Difference>> {
    let org = access.org();
    let mut tx = db.shadow(org).await?;
    let tables = match (&tx, which) {
        (Tx::Postgres(_), Shadowed::Filled) => filled(&mut tx, org).await?,
        _ => TABLES.iter().collect(),
    };
    cast_shadows(&mut tx, &tables).await?;
    replay(db, &mut tx, access).await?;
    let mut differences = Vec::new();
    for table in tables {
        let compare = match tx {
            Tx::Sqlite(_) => table.compare_sqlite,
            Tx::Postgres(_) => table.compare_postgres,
        };
        let (live, rebuilt, foreign): (i64, i64, i64) =
            fetch_one!(&mut tx, (i64, i64, i64), compare, org)?;
        if live != rebuilt || foreign != 0 {
            differences.push(Difference {
                table: table.name,
                live,
                rebuilt,
                foreign,
            });
        }
    }
    let (live, rebuilt, foreign) = search::compare_shadow(&mut tx, org).await?;
    if live != rebuilt || foreign != 0 {
        differences.push(Difference {
            table: "asset_search",
            live,
            rebuilt,
            foreign,
        });
    }
    Ok(differences)
}

/// Takes every projection of an organisation away and makes it again, in one transaction in which nobody else writes.
///
/// On PostgreSQL this is the owner's work: the serving role may not delete what it projected.
pub async fn replace(db: &Db, access: &Access) -> StoreResult<u64> {
    let org = access.org();
    let mut tx = db.write_as_owner(org).await?;
    Head::lock(&mut tx, org).await?;
    search::clear(&mut tx, org).await?;
    for table in TABLES.iter().rev() {
        execute!(&mut tx, table.delete, org)?;
    }
    let entries = replay(db, &mut tx, access).await?;
    tx.commit().await?;
    Ok(entries)
}

/// The tables in which the organisation has rows.
async fn filled(tx: &mut Tx, org: OrgId) -> StoreResult<Vec<&'static Table>> {
    let mut query = Query::new("SELECT name FROM (");
    for (index, table) in TABLES.iter().enumerate() {
        let and = if index == 0 { "" } else { " UNION ALL " };
        query.push(and).push(table.has_rows).bind(org).push(")");
    }
    query.push(") AS filled");
    let names: Vec<(String,)> = query.fetch_all(tx).await?;
    let names: HashSet<String> = names.into_iter().map(|(name,)| name).collect();
    let filled = TABLES.iter().filter(|table| names.contains(table.name));
    Ok(filled.collect())
}

async fn cast_shadows(tx: &mut Tx, tables: &[&Table]) -> StoreResult<()> {
    for table in tables {
        let shadow = match tx {
            Tx::Sqlite(_) => table.shadow_sqlite,
            Tx::Postgres(_) => table.shadow_postgres,
        };
        execute!(tx, shadow)?;
        execute!(tx, table.key)?;
    }
    for (name, index) in LOOKUPS {
        if tables.iter().any(|table| table.name == *name) {
            execute!(tx, *index)?;
        }
    }
    search::cast_shadow(tx).await?;
    if let Tx::Postgres(_) = tx {
        execute!(tx, "SET TRANSACTION READ ONLY")?;
    }
    Ok(())
}

/// Projects every entry. What it writes to is decided by what stands before the names of the tables.
async fn replay(db: &Db, tx: &mut Tx, access: &Access) -> StoreResult<u64> {
    let size = audit::size(tx, access).await?;
    let (sender, mut chunks) = mpsc::channel(CHUNKS_AHEAD);
    // Entries never change, so another transaction may read them ahead.
    let reading = tokio::spawn(read(db.clone(), access.clone(), size, sender));
    let (mut assets, mut words) = (Shelf::default(), WordBook::default());
    while let Some(facts) = chunks.recv().await {
        project_all(tx, access.org(), &mut assets, &facts?).await?;
        assets.take_all().write(tx, &mut words).await?;
        assets.put_back();
    }
    reading
        .await
        .map_err(|error| inconsistent(error.to_string()))??;
    Ok(size)
}

type Facts = Vec<(Recorded, Event)>;

async fn project_all(
    tx: &mut Tx,
    org: OrgId,
    assets: &mut Shelf,
    facts: &Facts,
) -> StoreResult<()> {
    let mut begun = std::collections::HashSet::new();
    let mut older = Vec::new();
    for (recorded, event) in facts {
        if let Event::Asset(event) = event {
            let first = begun.insert(recorded.stream.id());
            let creates = matches!(
                event,
                AssetEvent::Ordered(_) | AssetEvent::Registered { .. }
            );
            if first && !creates {
                older.push(AssetId::from_uuid(recorded.stream.id()));
            }
        }
    }
    assets.load(tx, org, older).await?;
    for (recorded, event) in facts {
        project::apply(tx, assets, recorded, event).await?;
    }
    Ok(())
}

async fn read(
    db: Db,
    access: Access,
    size: u64,
    chunks: mpsc::Sender<StoreResult<Facts>>,
) -> StoreResult<()> {
    let mut tx = db.read(&access).await?;
    let mut begin = 0;
    while begin < size {
        let end = (begin + CHUNK).min(size);
        let rows: Vec<(String,)> = fetch_all!(
            &mut tx,
            (String,),
            "SELECT bytes FROM ledger_entry WHERE org_id = $1 AND log_index >= $2 AND log_index < $3 ORDER BY log_index",
            access.org(),
            signed(begin),
            signed(end)
        )?;
        if rows.len() as u64 != end - begin {
            return Err(inconsistent(format!(
                "entries are missing between {begin} and {end}"
            )));
        }
        let org = access.org();
        let facts = tokio::task::spawn_blocking(move || {
            rows.iter().map(|(bytes,)| fact(org, bytes)).collect()
        });
        let facts: StoreResult<Facts> = facts
            .await
            .map_err(|error| inconsistent(error.to_string()))?;
        if chunks.send(facts).await.is_err() {
            return Ok(());
        }
        begin = end;
    }
    Ok(())
}

/// What an entry says, as it was when it was recorded.
fn fact(org: OrgId, bytes: &str) -> StoreResult<(Recorded, Event)> {
    let entry: Entry = audit::parse(bytes, None)?;
    let stream = Stream::parse(&entry.stream)
        .ok_or_else(|| inconsistent(format!("entry {} is about nothing", entry.index)))?;
    let person: Option<PersonId> = entry
        .actor
        .principal
        .strip_prefix("person:")
        .and_then(|id| id.parse().ok());
    let recorded = Recorded {
        org,
        index: entry.index,
        event: entry.event_id,
        occurred_at: entry.occurred_at,
        recorded_at: entry.recorded_at,
        person,
        stream,
    };
    Ok((recorded, Event::from_stored(&entry.kind, entry.payload)?))
}

fn inconsistent(what: String) -> StoreError {
    StoreError::Inconsistent {
        table: "ledger_entry",
        what,
    }
}

/// A projection, and the statements that concern it.
struct Table {
    name: &'static str,
    shadow_sqlite: &'static str,
    shadow_postgres: &'static str,
    key: &'static str,
    compare_sqlite: &'static str,
    compare_postgres: &'static str,
    delete: &'static str,
    has_rows: &'static str,
}

/// Counts on both sides; with keys that are unique, equal counts and no row that is only on one side are equal tables.
macro_rules! compare {
    ($live:literal, $shadow:literal, $table:literal, $rows:literal) => {
        concat!(
            "SELECT (SELECT COUNT(*) FROM ",
            $live,
            ".",
            $table,
            " WHERE org_id = $1",
            $rows,
            "),
                (SELECT COUNT(*) FROM ",
            $shadow,
            ".",
            $table,
            " WHERE org_id = $1",
            $rows,
            "),
                (SELECT COUNT(*) FROM (SELECT * FROM ",
            $live,
            ".",
            $table,
            " WHERE org_id = $1",
            $rows,
            "
                    EXCEPT SELECT * FROM ",
            $shadow,
            ".",
            $table,
            ") other)"
        )
    };
}

macro_rules! projections {
    ($($table:literal ($key:literal) $rows:literal;)*) => {
        /// Every projection but the search index, each after those that it refers to.
        const TABLES: &[Table] = &[$(Table {
            name: $table,
            shadow_sqlite: concat!("CREATE TEMP TABLE ", $table, " AS SELECT * FROM main.", $table, " WHERE FALSE"),
            shadow_postgres: concat!("CREATE TEMP TABLE ", $table, " (LIKE public.", $table, " INCLUDING DEFAULTS) ON COMMIT DROP"),
            key: concat!("CREATE UNIQUE INDEX shadow_", $table, " ON ", $table, " (", $key, ")"),
            compare_sqlite: compare!("main", "temp", $table, $rows),
            compare_postgres: compare!("public", "pg_temp", $table, $rows),
            delete: concat!("DELETE FROM ", $table, " WHERE org_id = $1"),
            has_rows: concat!("SELECT '", $table, "' AS name WHERE EXISTS (SELECT 1 FROM public.", $table, " WHERE org_id = "),
        }),*];

        /// The names of the tables that are made again from the entries.
        pub const REBUILT: &[&str] = &[$($table,)* "asset_search"];
    };
}

projections! {
    "org" ("org_id") "";
    "ledger_epoch" ("org_id, epoch") "";
    "tag_namespace" ("org_id, namespace") "";
    "unit" ("org_id, id") "";
    "unit_closure" ("org_id, ancestor_id, descendant_id") "";
    "location" ("org_id, id") "";
    "person" ("org_id, id") "";
    "role_grant" ("org_id, id") "";
    "manufacturer" ("org_id, id") "";
    "category" ("org_id, id") "";
    "product_model" ("org_id, id") "";
    "asset" ("org_id, id") "";
    "asset_version" ("org_id, id, from_index") "";
    "asset_tag" ("org_id, tag_norm") "";
    "asset_identifier" ("org_id, kind, value_norm, asset_id") "";
    "assignment" ("org_id, id") "";
    "hold" ("org_id, id") "";
    "observation" ("org_id, id") "";
    // A count that came back to nought may have left its row.
    "asset_tally" ("org_id, unit_id, site_id") " AND assets <> 0";
    "asset_group" ("org_id, unit_id, state, held, category_id, model_id, manufacturer_id, site_id") " AND assets <> 0";
    "push_device" ("org_id, id") "";
    "notice_preference" ("org_id, person_id, sort") "";
    "digest" ("org_id, id") "";
    "install" ("org_id, id") "";
    "chat_link" ("org_id, id") "";
    "connection" ("org_id, id") "";
    "app" ("org_id, id") "";
    "api_key" ("org_id, id") "";
    "endpoint" ("org_id, id") "";
    "ticket" ("org_id, id") "";
    "ticket_link" ("org_id, ticket_id, asset_id") "";
    "ticket_entry" ("org_id, asset_id, log_index") "";
    "supplier" ("org_id, id") "";
    "punchout_session" ("org_id, id") "";
    "requisition" ("org_id, id") "";
    "requisition_hand" ("org_id, requisition_id, person_id") "";
    "requisition_decision" ("org_id, requisition_id, round, person_id") "";
    "purchase_order" ("org_id, id") "";
    "order_line" ("org_id, order_id, line") "";
    "order_unit" ("org_id, order_id, line, place") "";
    "order_shipment" ("org_id, id") "";
    "order_arrival_code" ("org_id, code_norm, shipment_id") "";
    "order_version" ("org_id, order_id, version") "";
    "order_said" ("org_id, order_id, log_index, item") "";
    "supplier_document" ("org_id, id") "";
    "approval_policy" ("org_id, unit_id") "";
    "approval_delegation" ("org_id, id") "";
    "seat" ("org_id") "";
    "seat_subscription" ("org_id, id") "";
    "external_ref" ("org_id, connection_id, external_id") "";
    "device" ("org_id, asset_id, connection_id") "";
    "duplicate_case" ("org_id, id") "";
    "duplicate_member" ("org_id, case_id, asset_id") "";
    "hand_over" ("org_id, id") "";
    "app_client" ("org_id, id") "";
    "app_install" ("org_id, id") "";
}

/// By what else the projecting code looks rows up.
const LOOKUPS: &[(&str, &str)] = &[
    (
        "unit_closure",
        "CREATE INDEX shadow_unit_closure_descendant ON unit_closure (org_id, descendant_id)",
    ),
    (
        "assignment",
        "CREATE INDEX shadow_assignment_asset ON assignment (org_id, asset_id)",
    ),
    (
        "hold",
        "CREATE INDEX shadow_hold_asset ON hold (org_id, asset_id)",
    ),
    (
        "ticket_link",
        "CREATE INDEX shadow_ticket_link_asset ON ticket_link (org_id, asset_id)",
    ),
];
