//! What the audit page is narrowed to, as its address says it in the words of people.

use habeo_core::access::{Access, Action};
use habeo_core::asset::search::{Scanned, scan};
use habeo_core::id::PersonId;
use habeo_core::ledger::event::Stream;
use habeo_core::ledger::trail::{About, Filter, Kind, is_principal};
use habeo_core::ledger::words::KINDS;
use habeo_core::page::Limit;
use habeo_core::person;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::time::{Day, Timestamp};
use habeo_core::unit::scope;
use habeo_core::zone;
use uuid::Uuid;

use crate::asked::Asked;

/// Everything that narrows the page.
const FILTERS: [&str; 5] = ["actor", "type", "target", "from", "until"];
/// How many people of one name are offered.
const PEOPLE: u8 = 10;
/// The most characters of a field.
const CHARS_MAX: usize = 200;

/// What is wanted.
#[derive(Debug, Default)]
pub(super) struct Narrow {
    pub filter: Filter,
    /// Who is meant, where that was typed as an id.
    pub actor: Option<PersonId>,
    /// People of a name that several have.
    pub people: Vec<(PersonId, String)>,
    /// What in the address cannot be meant, each with the name of its field.
    pub faults: Vec<(&'static str, String)>,
}

/// The part of an address that says what the page is narrowed to.
pub(super) fn kept(asked: &Asked) -> Asked {
    asked.only(&FILTERS)
}

impl Narrow {
    /// Reads it from an address. Days are those of the organization's own clocks; names and tags are looked up.
    pub(super) async fn read(
        tx: &mut Tx,
        access: &Access,
        asked: &Asked,
        timezone: &str,
    ) -> StoreResult<Self> {
        let mut narrow = Self::default();
        for name in FILTERS {
            if asked
                .one(name)
                .is_some_and(|value| value.chars().count() > CHARS_MAX)
            {
                narrow.fault(name, "This is too long.");
                return Ok(narrow);
            }
        }
        if let Some(typed) = asked.one("actor") {
            narrow.find_actor(tx, access, typed).await?;
        }
        if let Some(typed) = asked.one("type") {
            match kind(typed) {
                Some(kind) => narrow.filter.kind = Some(kind),
                None => narrow.fault(
                    "type",
                    "Nothing is called so. Choose one of the list, or a family such as asset.",
                ),
            }
        }
        if let Some(typed) = asked.one("target") {
            narrow.find_target(tx, access, typed).await?;
        }
        narrow.filter.from = narrow.day(asked, "from", timezone, 0);
        narrow.filter.until = narrow.day(asked, "until", timezone, 1);
        if let (Some(from), Some(until)) = (narrow.filter.from, narrow.filter.until)
            && from >= until
        {
            narrow.fault("until", "This is before the day from which you look.");
        }
        Ok(narrow)
    }

    fn fault(&mut self, field: &'static str, fault: &str) {
        self.faults.push((field, fault.to_owned()));
    }

    /// What is wrong with a field.
    pub(super) fn fault_of(&self, name: &str) -> Option<String> {
        let found = self.faults.iter().find(|(known, _)| *known == name);
        found.map(|(_, fault)| fault.clone())
    }

    fn day(
        &mut self,
        asked: &Asked,
        name: &'static str,
        timezone: &str,
        later: i64,
    ) -> Option<Timestamp> {
        let typed = asked.one(name)?;
        let Ok(day) = typed.parse::<Day>() else {
            self.fault(name, "Write the day like 2026-01-31.");
            return None;
        };
        Some(zone::start(timezone, day.plus_days(later)))
    }

    async fn find_actor(&mut self, tx: &mut Tx, access: &Access, typed: &str) -> StoreResult<()> {
        if typed.eq_ignore_ascii_case("habeo") {
            self.filter.actor = Some("system".to_owned());
            return Ok(());
        }
        if let Ok(id) = typed.parse::<PersonId>() {
            self.is_person(id);
            return Ok(());
        }
        let is_id = typed.contains(':') || typed == "system";
        if is_id && is_principal(typed) {
            self.filter.actor = Some(typed.to_owned());
            self.actor = typed.strip_prefix("person:").and_then(|id| id.parse().ok());
            return Ok(());
        }
        let seen = scope::resolve(tx, access, Action::ReadPeople).await?;
        let filter = person::store::Filter {
            q: Some(typed.to_owned()),
            ..person::store::Filter::default()
        };
        let limit = Limit::new(PEOPLE).unwrap_or_default();
        let found = person::store::page(tx, access, &seen, &filter, -1, limit).await?;
        match found.rows.as_slice() {
            [] => self.fault("actor", "Nobody has this name or address. What Habeo itself did is found by the word Habeo."),
            [one] => self.is_person(one.id),
            several => {
                let several = several.iter();
                let named = several.map(|one| {
                    let name = format!("{}, {}", one.display_name, one.home_unit_name);
                    (one.id, name)
                });
                self.people = named.collect();
                self.fault("actor", "Several people have this name: choose one of them below.");
            }
        }
        Ok(())
    }

    fn is_person(&mut self, id: PersonId) {
        self.actor = Some(id);
        self.filter.actor = Some(format!("person:{id}"));
    }

    /// A thing by `sort:id`, by its id, a sort of things, or an asset by its tag.
    async fn find_target(&mut self, tx: &mut Tx, access: &Access, typed: &str) -> StoreResult<()> {
        if let Some(stream) = Stream::parse(typed) {
            self.filter.about = Some(About::Thing(stream.kind().to_owned(), stream.id()));
            return Ok(());
        }
        if let Ok(id) = typed.parse::<Uuid>() {
            self.filter.about = Some(About::Id(id));
            return Ok(());
        }
        // A sort is one that a thing of could be named by.
        if Stream::parse(&format!("{typed}:{}", Uuid::nil())).is_some() {
            self.filter.about = Some(About::Sort(typed.to_owned()));
            return Ok(());
        }
        let scope = scope::resolve(tx, access, Action::ReadAssets).await?;
        match scan(tx, access, &scope, typed).await? {
            Scanned::One(found) => {
                self.filter.about = Some(About::Id(found.asset.id.uuid()));
            }
            _ => self.fault("target", "No asset has this tag. Otherwise write what the entry is about like asset:id, an id, or a sort of things such as person."),
        }
        Ok(())
    }
}

/// What happened, where there is such a kind or family.
fn kind(typed: &str) -> Option<Kind> {
    if KINDS.iter().any(|(kind, _)| *kind == typed) {
        return Some(Kind::Exactly(typed.to_owned()));
    }
    let family = typed.trim_end_matches('.');
    let known = KINDS.iter().filter_map(|(kind, _)| kind.split_once('.'));
    let mut known = known.map(|(family, _)| family);
    known
        .any(|known| known == family)
        .then(|| Kind::Family(family.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_families_are_told_apart() {
        assert_eq!(
            kind("asset.deployed"),
            Some(Kind::Exactly("asset.deployed".to_owned()))
        );
        for typed in ["asset", "asset."] {
            assert_eq!(kind(typed), Some(Kind::Family("asset".to_owned())));
        }
        for typed in ["", "ass", "asset.unheard_of", "asset%"] {
            assert_eq!(kind(typed), None, "{typed}");
        }
    }
}
