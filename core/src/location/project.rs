//! Place facts into their tables: the row with its path, its lineage, and the words by which what is in it is found.

use super::event::LocationEvent;
use super::store;
use crate::id::LocationId;
use crate::ledger::event::Recorded;
use crate::store::search::Words;
use crate::store::{StoreError, StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &LocationEvent,
) -> StoreResult<()> {
    let id = LocationId::from_uuid(recorded.stream.id());
    match event {
        LocationEvent::Created {
            parent,
            kind,
            code,
            name,
            room_use,
            timezone,
            controlling_unit,
        } => {
            let above = match parent {
                None => None,
                Some(parent) => Some(store::of_org(tx, recorded.org, *parent).await?.ok_or_else(
                    || StoreError::Inconsistent {
                        table: "location",
                        what: format!("the parent {parent} does not exist"),
                    },
                )?),
            };
            let own = Words::of(&format!("{code} {name}"));
            let (site, path, lineage, words) = match &above {
                None => (id, name.clone(), id.to_string(), own),
                Some(above) => (
                    above.site_id,
                    format!("{} / {name}", above.path),
                    format!("{} {id}", above.lineage),
                    own.and(&above.words),
                ),
            };
            execute!(
                tx,
                "INSERT INTO location (org_id, id, seq, parent_id, site_id, kind, code, name, path, lineage, words, room_use, timezone,
                     controlling_unit_id, active)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                recorded.org,
                id,
                recorded.index,
                *parent,
                site,
                *kind,
                code,
                name,
                path,
                lineage,
                words.to_string(),
                *room_use,
                timezone,
                *controlling_unit,
                true
            )?;
            Ok(())
        }
    }
}
