//! Catalogue facts into their tables.

use super::event::CatalogueEvent;
use super::store;
use crate::id::{CategoryId, ManufacturerId, ModelId};
use crate::ledger::event::Recorded;
use crate::store::search::Words;
use crate::store::{StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &CatalogueEvent,
) -> StoreResult<()> {
    let org = recorded.org;
    match event {
        CatalogueEvent::ManufacturerAdded { name } => {
            let id = ManufacturerId::from_uuid(recorded.stream.id());
            execute!(
                tx,
                "INSERT INTO manufacturer (org_id, id, seq, name) VALUES ($1, $2, $3, $4)",
                org,
                id,
                recorded.index,
                name
            )?;
            Ok(())
        }
        CatalogueEvent::CategoryAdded { parent, code, name } => {
            let id = CategoryId::from_uuid(recorded.stream.id());
            let above = match parent {
                Some(parent) => store::category_place(tx, org, *parent).await?,
                None => None,
            };
            let own = Words::of(name);
            let (lineage, words) = match &above {
                None => (id.to_string(), own),
                Some((lineage, words)) => (format!("{lineage} {id}"), own.and(words)),
            };
            execute!(
                tx,
                "INSERT INTO category (org_id, id, seq, parent_id, code, name, lineage, words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                org,
                id,
                recorded.index,
                *parent,
                code,
                name,
                lineage,
                words.to_string()
            )?;
            Ok(())
        }
        CatalogueEvent::ModelAdded {
            manufacturer,
            category,
            name,
            model_no,
            bears_data,
            requires_serial,
            useful_life_months,
        } => {
            let id = ModelId::from_uuid(recorded.stream.id());
            execute!(
                tx,
                "INSERT INTO product_model (org_id, id, seq, manufacturer_id, category_id, name, model_no, bears_data, requires_serial,
                     useful_life_months)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                org,
                id,
                recorded.index,
                *manufacturer,
                *category,
                name,
                model_no,
                *bears_data,
                *requires_serial,
                i64::from(*useful_life_months)
            )?;
            Ok(())
        }
    }
}
