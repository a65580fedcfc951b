//! What a list of assets is narrowed to, as its address says it.

use std::str::FromStr;

use habeo_core::access::{Access, Action};
use habeo_core::asset::search::Filter;
use habeo_core::id::PersonId;
use habeo_core::page::Limit;
use habeo_core::person;
use habeo_core::store::search::CHARS_MIN;
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope;

use super::columns;
use crate::asked::Asked;

/// The most characters of a search.
const Q_CHARS_MAX: usize = 200;
/// Everything that narrows the list, as `/api/v1/assets` calls it.
const FILTERS: [&str; 9] = [
    "q", "tag", "serial", "state", "category", "model", "unit", "site", "holder",
];
/// How many people of one name are offered.
const PEOPLE: u8 = 10;

/// What is wanted.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub filter: Filter,
    pub q: Option<String>,
    /// What in the address cannot be meant, each with the name of its field.
    pub faults: Vec<(&'static str, String)>,
    /// People of a name that several have.
    pub people: Vec<(PersonId, String)>,
}

impl Wanted {
    /// Reads it from an address.
    pub(super) fn read(asked: &Asked) -> Self {
        let mut wanted = Self::default();
        let faults = &mut wanted.faults;
        let text = |name: &str| asked.one(name).map(ToOwned::to_owned);
        wanted.filter = Filter {
            tag: text("tag"),
            serial: text("serial"),
            state: parsed(asked, "state", "There is no such state.", faults),
            category: parsed(asked, "category", "There is no such category.", faults),
            model: parsed(asked, "model", "There is no such product.", faults),
            unit: parsed(asked, "unit", "There is no such unit.", faults),
            site: parsed(asked, "site", "There is no such site.", faults),
            holder: parsed(asked, "holder", "There is no such person.", faults),
            ..Filter::default()
        };
        wanted.q = text("q");
        let chars = wanted.q.as_ref().map_or(CHARS_MIN, |q| q.chars().count());
        if chars < CHARS_MIN {
            let few = "Type at least two characters: a tag, a serial number, or words.";
            wanted.faults.push(("q", few.to_owned()));
        } else if chars > Q_CHARS_MAX {
            let many = format!("Type at most {Q_CHARS_MAX} characters.");
            wanted.faults.push(("q", many));
        }
        wanted
    }

    /// Finds the person whose name or address was typed, among those the visitor sees.
    pub(super) async fn find_person(
        &mut self,
        tx: &mut Tx,
        access: &Access,
        typed: &str,
    ) -> StoreResult<()> {
        let seen = scope::resolve(tx, access, Action::ReadPeople).await?;
        let filter = person::store::Filter {
            q: Some(typed.to_owned()),
            ..person::store::Filter::default()
        };
        let limit = Limit::new(PEOPLE).unwrap_or_default();
        let found = person::store::page(tx, access, &seen, &filter, -1, limit).await?;
        match found.rows.as_slice() {
            [] => {
                let nobody = "Nobody of this name or address is visible to you.";
                self.faults.push(("person", nobody.to_owned()));
            }
            [one] => self.filter.holder = Some(one.id),
            several => {
                let several = several.iter();
                let named = several.map(|one| {
                    let name = format!("{}, {}", one.display_name, one.home_unit_name);
                    (one.id, name)
                });
                self.people = named.collect();
                let choose = "Several people have this name: choose one of them below.";
                self.faults.push(("person", choose.to_owned()));
            }
        }
        Ok(())
    }

    /// What is wrong with a field.
    pub(super) fn fault(&self, name: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(known, _)| *known == name);
        found.map(|(_, fault)| fault.as_str())
    }

    /// Whether the list is narrowed at all.
    pub(super) fn is_narrowed(&self) -> bool {
        self.q.is_some() || self.filter != Filter::default()
    }
}

/// The part of an address that says which list it is, with its columns.
pub(super) fn kept(asked: &Asked) -> Asked {
    let mut names = FILTERS.to_vec();
    names.push(columns::PARAMETER);
    asked.only(&names)
}

fn parsed<T: FromStr>(
    asked: &Asked,
    name: &'static str,
    fault: &str,
    faults: &mut Vec<(&'static str, String)>,
) -> Option<T> {
    let value = asked.one(name)?.parse().ok();
    if value.is_none() {
        faults.push((name, fault.to_owned()));
    }
    value
}

#[cfg(test)]
mod tests {
    use habeo_core::asset::State;

    use super::*;

    #[test]
    fn what_cannot_be_meant_is_said_and_the_rest_is_kept() {
        let wanted = Wanted::read(&Asked::read("q=x&state=gone&unit=no&tag=WMK-1"));
        let fields: Vec<&str> = wanted.faults.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["state", "unit", "q"]);
        assert_eq!(wanted.filter.tag.as_deref(), Some("WMK-1"));
        let wanted = Wanted::read(&Asked::read("state=in_use&q=two+words"));
        assert!(wanted.faults.is_empty() && wanted.is_narrowed());
        assert_eq!(wanted.filter.state, Some(State::InUse));
        assert!(!Wanted::read(&Asked::read("cursor=x&q=")).is_narrowed());
        let kept = kept(&Asked::read("cursor=x&q=ab&col=state&person=Ada"));
        assert_eq!(kept.query(), "q=ab&col=state");
    }
}
