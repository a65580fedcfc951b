//! Catalogue facts into their tables, with the words by which they are found.

use super::event::CatalogueEvent;
use super::store;
use crate::id::{CategoryId, ManufacturerId, ModelId};
use crate::ledger::event::Recorded;
use crate::store::search::{self, Token};
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
            search::name(tx, org, Token::Manufacturer(id), name).await
        }
        CatalogueEvent::CategoryAdded { parent, code, name } => {
            let id = CategoryId::from_uuid(recorded.stream.id());
            let above = match parent {
                Some(parent) => store::category_lineage(tx, org, *parent).await?,
                None => None,
            };
            let lineage = above.map_or_else(|| id.to_string(), |above| format!("{above} {id}"));
            execute!(
                tx,
                "INSERT INTO category (org_id, id, seq, parent_id, code, name, lineage) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                org,
                id,
                recorded.index,
                *parent,
                code,
                name,
                lineage
            )?;
            search::name(tx, org, Token::Category(id), name).await
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
            let words = format!("{name} {}", model_no.as_deref().unwrap_or_default());
            search::name(tx, org, Token::Model(id), &words).await
        }
    }
}
