//! The names that a reader of facts may know: those of people and units within their reach, and of everything that has no owner.

use std::collections::HashMap;

use habeo_bot::engine::OrgNames;
use habeo_core::access::{Access, Action};
use habeo_core::asset::store::AssetDetail;
use habeo_core::asset::{Target, TargetKind};
use habeo_core::id::PersonId;
use habeo_core::ledger::audit::Entry;
use habeo_core::ledger::words::{self, Names};
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope::{self, Scope};
use habeo_core::{api_key, person};
use uuid::Uuid;

/// The names in some facts.
#[derive(Debug)]
pub(super) struct Known {
    org: OrgNames,
    people: HashMap<PersonId, String>,
    /// Keys of programs, by what entries call them.
    keys: HashMap<String, String>,
    scope: Scope,
}

impl Known {
    /// Looks up who is named in these entries, as far as the caller sees them; units only within a scope.
    pub(super) async fn look_up(
        tx: &mut Tx,
        access: &Access,
        org: OrgNames,
        scope: Scope,
        entries: &[Entry],
    ) -> StoreResult<Self> {
        let mut people: Vec<PersonId> = entries.iter().filter_map(Entry::person).collect();
        people.extend(
            entries
                .iter()
                .filter_map(words::target)
                .filter_map(person_of),
        );
        people.sort_unstable();
        people.dedup();
        let seen = scope::resolve(tx, access, Action::ReadPeople).await?;
        let names = person::store::names(tx, access, &seen, &people).await?;
        let by_key = |entry: &Entry| entry.actor.principal.starts_with("key:");
        let keys = if entries.iter().any(by_key) {
            api_key::store::list(tx, access).await?
        } else {
            Vec::new()
        };
        let keys = keys.into_iter();
        let keys = keys.map(|key| (format!("key:{}", key.id), format!("the key {}", key.name)));
        Ok(Self {
            org,
            people: names.into_iter().collect(),
            keys: keys.collect(),
            scope,
        })
    }

    /// With the name of whoever has an asset now: they are named to everybody who sees it.
    pub(super) fn holder_of(mut self, asset: &AssetDetail) -> Self {
        if let (Some(TargetKind::Person), Some(id), Some(name)) =
            (asset.target_kind, asset.target_id, &asset.target_name)
        {
            self.people.insert(PersonId::from_uuid(id), name.clone());
        }
        self
    }

    /// A person's name, where it may be known.
    pub(super) fn person(&self, id: PersonId) -> Option<&str> {
        self.people.get(&id).map(String::as_str)
    }

    /// Who did something, in words.
    pub(super) fn actor(&self, entry: &Entry) -> String {
        let principal = &entry.actor.principal;
        let Some(person) = entry.person() else {
            return match principal.split_once(':') {
                Some(("key", id)) => {
                    let named = self.keys.get(principal).cloned();
                    named.unwrap_or_else(|| format!("the key {id}"))
                }
                Some(("install", id)) => format!("the installed app {id}"),
                _ => "Habeo".to_owned(),
            };
        };
        let name = self.person(person).map(ToOwned::to_owned);
        name.unwrap_or_else(|| "somebody in another unit".to_owned())
    }
}

const fn person_of(target: Target) -> Option<PersonId> {
    match target {
        Target::Person(id) => Some(id),
        _ => None,
    }
}

impl Names for Known {
    fn target(&self, target: Target) -> String {
        let named = match target {
            Target::Person(id) => self.person(id).map(ToOwned::to_owned),
            Target::Unit(id) if self.scope.contains(id) => self
                .org
                .name(id.uuid())
                .map(|name| format!("the unit {name}")),
            Target::Unit(_) => None,
            Target::Location(id) => self.org.name(id.uuid()).map(ToOwned::to_owned),
            Target::Asset(_) => Some("another asset".to_owned()),
        };
        named.unwrap_or_else(|| "somebody in another unit".to_owned())
    }

    fn name(&self, id: Uuid) -> Option<String> {
        let unit = self
            .org
            .lists()
            .units
            .iter()
            .find(|unit| unit.id.uuid() == id);
        if unit.is_some_and(|unit| !self.scope.contains(unit.id)) {
            return Some("another unit".to_owned());
        }
        let person = self
            .people
            .get(&PersonId::from_uuid(id))
            .map(String::as_str);
        self.org.name(id).or(person).map(ToOwned::to_owned)
    }
}
