//! What people, units and suppliers are called that a page names.

use std::collections::HashMap;

use habeo_core::access::{Access, Action};
use habeo_core::id::{PersonId, SupplierId, UnitId};
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope::{self, Scope};
use habeo_core::{person, supplier, unit};

/// The names of a page.
#[derive(Debug, Default)]
pub(in crate::pages) struct Names {
    people: HashMap<PersonId, String>,
    units: HashMap<UnitId, String>,
    suppliers: HashMap<SupplierId, String>,
}

impl Names {
    /// Looks them up, each once; of people as far as the visitor sees them.
    pub async fn of(
        tx: &mut Tx,
        access: &Access,
        people: &[PersonId],
        units: &[UnitId],
        suppliers: &[SupplierId],
    ) -> StoreResult<Self> {
        let scope = scope::resolve(tx, access, Action::ReadPeople).await?;
        let seen = person::store::names(tx, access, &scope, people).await?;
        let mut named: HashMap<PersonId, String> = seen.into_iter().collect();
        if let Some(own) = person::store::own(tx, access).await? {
            named.insert(own.id, own.display_name);
        }
        let mut ids = units.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let found = unit::store::by_ids(tx, access, &ids).await?;
        let mut sellers = HashMap::new();
        for id in suppliers {
            if !sellers.contains_key(id)
                && let Some(name) = supplier::store::name(tx, access, *id).await?
            {
                sellers.insert(*id, name);
            }
        }
        Ok(Self {
            people: named,
            units: found.into_iter().map(|unit| (unit.id, unit.name)).collect(),
            suppliers: sellers,
        })
    }

    /// The names of people whom the visitor knows by what is shown of them, whatever they see otherwise.
    pub async fn of_known(tx: &mut Tx, access: &Access, people: &[PersonId]) -> StoreResult<Self> {
        let known = person::store::names(tx, access, &Scope::Whole, people).await?;
        Ok(Self {
            people: known.into_iter().collect(),
            ..Self::default()
        })
    }

    /// Somebody.
    pub fn person(&self, id: PersonId) -> String {
        let name = self.people.get(&id).cloned();
        name.unwrap_or_else(|| "somebody of another unit".to_owned())
    }

    /// A unit.
    pub fn unit(&self, id: UnitId) -> String {
        let name = self.units.get(&id).cloned();
        name.unwrap_or_else(|| "a unit that is not visible to you".to_owned())
    }

    /// A supplier.
    pub fn supplier(&self, id: SupplierId) -> String {
        let name = self.suppliers.get(&id).cloned();
        name.unwrap_or_else(|| "a supplier that was removed".to_owned())
    }
}
