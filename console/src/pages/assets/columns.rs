//! The columns of the list of assets, and which of them are shown.

use habeo_core::asset::store::AssetDetail;

use crate::asked::Asked;
use crate::pages::{instant, words};

/// The parameter that names a column.
pub(super) const PARAMETER: &str = "col";

/// Something that the list can show of each asset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// Its name in addresses.
    pub key: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Whether it is shown where nobody chose.
    usual: bool,
    of: fn(&AssetDetail) -> String,
}

const fn column(
    key: &'static str,
    title: &'static str,
    usual: bool,
    of: fn(&AssetDetail) -> String,
) -> Column {
    Column {
        key,
        title,
        usual,
        of,
    }
}

/// Every column, in the order in which they are shown.
const ALL: [Column; 17] = [
    column("description", "What it is", true, |asset| {
        asset.description.clone()
    }),
    column("product", "Product", false, |asset| {
        words::product(asset).unwrap_or_default()
    }),
    column("serial", "Serial number", true, |asset| {
        let serial = asset.serial.as_ref();
        serial.map(ToString::to_string).unwrap_or_default()
    }),
    column("category", "Category", false, |asset| {
        asset.category_name.clone()
    }),
    column("state", "State", true, |asset| words::state(asset.state)),
    column("condition", "Condition", false, |asset| {
        words::plain(asset.condition.as_str())
    }),
    column("holder", "With", true, |asset| {
        words::holder(asset).unwrap_or_default()
    }),
    column("since", "With them since", false, |asset| {
        day(asset.assigned_from)
    }),
    column("due", "Due back", false, |asset| day(asset.due_at)),
    column("place", "Place", true, |asset| {
        words::place(asset).unwrap_or_default()
    }),
    column("unit", "Owned by", true, |asset| {
        asset.owning_unit_name.clone()
    }),
    column("acquired", "Bought on", false, |asset| {
        let on = asset.acquired_on;
        on.map(|day| day.to_string()).unwrap_or_default()
    }),
    column("warranty", "Warranty until", false, |asset| {
        let until = asset.warranty_ends_on;
        until.map(|day| day.to_string()).unwrap_or_default()
    }),
    column("managed", "Device management", false, |asset| {
        words::managed(asset).unwrap_or_default()
    }),
    column("seen", "Last seen", false, |asset| {
        day(asset.last_verified_at)
    }),
    column("entered", "Entered", false, |asset| {
        day(Some(asset.created_at))
    }),
    column("changed", "Changed", false, |asset| {
        instant(Some(asset.updated_at))
    }),
];

fn day(at: Option<habeo_core::time::Timestamp>) -> String {
    at.map(|at| at.day().to_string()).unwrap_or_default()
}

/// The columns that an address names; the usual ones where it names none that there is.
pub(super) fn chosen(asked: &Asked) -> Vec<Column> {
    let named = |column: &Column| asked.all(PARAMETER).any(|key| key == column.key);
    let chosen: Vec<Column> = ALL.into_iter().filter(|one| named(one)).collect();
    if chosen.is_empty() {
        return ALL.into_iter().filter(|column| column.usual).collect();
    }
    chosen
}

/// Every column, and whether it is among the chosen.
pub(super) fn choices(chosen: &[Column]) -> Vec<(Column, bool)> {
    let is_chosen = |column: &Column| chosen.iter().any(|one| one.key == column.key);
    ALL.into_iter().map(|one| (one, is_chosen(&one))).collect()
}

impl Column {
    /// What it says of an asset.
    pub(super) fn of(&self, asset: &AssetDetail) -> String {
        (self.of)(asset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_that_were_chosen() {
        let keys = |query: &str| -> Vec<&str> {
            let chosen = chosen(&Asked::read(query));
            chosen.iter().map(|column| column.key).collect()
        };
        assert_eq!(keys("col=unit&col=state&col=nothing"), ["state", "unit"]);
        let usual = keys("");
        assert!(usual.contains(&"serial") && !usual.contains(&"changed"));
        assert_eq!(keys("col=nothing&col="), usual);
        let all: std::collections::HashSet<&str> = ALL.iter().map(|one| one.key).collect();
        assert_eq!(all.len(), ALL.len());
    }
}
