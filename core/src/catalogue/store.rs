//! The catalogue in SQL. The whole organisation sees it.

use crate::access::Access;
use crate::id::{CategoryId, ManufacturerId, ModelId, OrgId};
use crate::store::{Query, StoreResult, Tx, fetch_all, fetch_optional};

/// What rules ask of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct ModelFacts {
    /// Its id.
    pub id: ModelId,
    /// Who makes it.
    pub manufacturer_id: ManufacturerId,
    /// Whether it stores data that must be removed before it leaves.
    pub bears_data: bool,
    /// Whether each one has a serial number that must be recorded.
    pub requires_serial: bool,
}

/// The ids from the topmost category down to this one, separated by spaces, and the words of their names.
pub(crate) async fn category_place(
    tx: &mut Tx,
    org: OrgId,
    id: CategoryId,
) -> StoreResult<Option<(String, String)>> {
    fetch_optional!(
        tx,
        (String, String),
        "SELECT lineage, words FROM category WHERE org_id = $1 AND id = $2",
        org,
        id
    )
}

/// The category with this code.
pub async fn category_by_code(
    tx: &mut Tx,
    access: &Access,
    code: &str,
) -> StoreResult<Option<CategoryId>> {
    let row: Option<(CategoryId,)> = fetch_optional!(
        tx,
        (CategoryId,),
        "SELECT id FROM category WHERE org_id = $1 AND code = $2",
        access.org(),
        code
    )?;
    Ok(row.map(|(id,)| id))
}

/// A category and everything below it.
pub async fn category_descendants(
    tx: &mut Tx,
    access: &Access,
    id: CategoryId,
) -> StoreResult<Vec<CategoryId>> {
    // The tree has tens of nodes: reading it whole is one look-up, and no closure table has to be kept true.
    let rows: Vec<(CategoryId, String)> = fetch_all!(
        tx,
        (CategoryId, String),
        "SELECT id, lineage FROM category WHERE org_id = $1",
        access.org()
    )?;
    let wanted = id.to_string();
    Ok(rows
        .into_iter()
        .filter(|(_, lineage)| lineage.split(' ').any(|above| above == wanted))
        .map(|(id, _)| id)
        .collect())
}

/// A maker by name.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NamedManufacturer {
    /// Its id.
    pub id: ManufacturerId,
    /// Its name.
    pub name: String,
}

/// A category by code and name.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NamedCategory {
    /// Its id.
    pub id: CategoryId,
    /// Its code, unique in the organisation.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A model by name.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NamedModel {
    /// Its id.
    pub id: ModelId,
    /// Who makes it.
    pub manufacturer_id: ManufacturerId,
    /// What sort it is.
    pub category_id: CategoryId,
    /// Its name.
    pub name: String,
    /// Its maker's number for it.
    pub model_no: Option<String>,
    /// Whether each one has a serial number that must be recorded.
    pub requires_serial: bool,
}

/// Every maker, in the order of entry.
pub async fn manufacturers(tx: &mut Tx, access: &Access) -> StoreResult<Vec<NamedManufacturer>> {
    fetch_all!(
        tx,
        NamedManufacturer,
        "SELECT id, name FROM manufacturer WHERE org_id = $1 ORDER BY seq",
        access.org()
    )
}

/// Every category, in the order of entry.
pub async fn categories(tx: &mut Tx, access: &Access) -> StoreResult<Vec<NamedCategory>> {
    fetch_all!(
        tx,
        NamedCategory,
        "SELECT id, code, name FROM category WHERE org_id = $1 ORDER BY seq",
        access.org()
    )
}

/// Every model, in the order of entry.
pub async fn named_models(tx: &mut Tx, access: &Access) -> StoreResult<Vec<NamedModel>> {
    fetch_all!(
        tx,
        NamedModel,
        "SELECT id, manufacturer_id, category_id, name, model_no, requires_serial FROM product_model WHERE org_id = $1 ORDER BY seq",
        access.org()
    )
}

/// Whether a maker exists.
pub(crate) async fn manufacturer_exists(
    tx: &mut Tx,
    access: &Access,
    id: ManufacturerId,
) -> StoreResult<bool> {
    let row: Option<(ManufacturerId,)> = fetch_optional!(
        tx,
        (ManufacturerId,),
        "SELECT id FROM manufacturer WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(row.is_some())
}

/// What rules ask of several models.
pub(crate) async fn models(
    tx: &mut Tx,
    org: OrgId,
    ids: &[ModelId],
) -> StoreResult<Vec<ModelFacts>> {
    const FACTS: &str = "SELECT id, manufacturer_id, bears_data, requires_serial FROM product_model WHERE org_id = ";
    Query::keyed(tx, FACTS, org, "id", ids.iter().copied()).await
}
