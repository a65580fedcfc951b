//! A requisition as it is shown to somebody who decides on it, or wants it, in a chat.

use crate::access::{Access, Action};
use crate::requisition::store::Compared;
use crate::requisition::{self, Requisition};
use crate::store::{StoreResult, Tx};
use crate::unit::scope;
use crate::{person, supplier, unit};

/// How many of its lines are shown.
pub const LINES_SHOWN: usize = 10;

/// What somebody wants to be bought.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What it is, as of now; its digest is what an approval is of.
    pub requisition: Requisition,
    /// What the supplier is called here.
    pub supplier: String,
    /// The name of whoever wants it, where the reader may know it.
    pub requester: Option<String>,
    /// The name of the unit that it is for.
    pub unit_name: String,
    /// Its first lines, each beside what was last paid.
    pub lines: Vec<Compared>,
}

/// A requisition that the reader sees, as it is shown to them; none where the supplier is not known any more.
pub async fn wanted(
    tx: &mut Tx,
    access: &Access,
    found: Requisition,
) -> StoreResult<Option<Wanted>> {
    let Some(supplier) = supplier::store::known(tx, access, found.supplier).await? else {
        return Ok(None);
    };
    let people = scope::resolve(tx, access, Action::ReadPeople).await?;
    let names = person::store::names(tx, access, &people, &[found.requester]).await?;
    let unit = unit::store::by_id(tx, access, found.unit).await?;
    let mut lines = requisition::store::compared(tx, access, &found, &supplier.settings).await?;
    lines.truncate(LINES_SHOWN);
    Ok(Some(Wanted {
        requisition: found,
        supplier: supplier.name,
        requester: names.into_iter().next().map(|(_, name)| name),
        unit_name: unit.map(|unit| unit.name).unwrap_or_default(),
        lines,
    }))
}
