//! What an outside model calls things, in the terms of the record: its words go through the grammar, with the names that the asker sees.

use habeo_core::time::Day;

use crate::intent::{self, AssetRef, Change, Context, Filter, Intent, Phrase, TicketsOf, View};

/// The same intent, with words that name a kind of thing, a maker, a model, a unit or a place in the place where such names stand.
pub(super) fn grounded(mut intent: Intent, view: &View<'_>, today: Day) -> Intent {
    for filter in filters(&mut intent) {
        let words = std::mem::take(&mut filter.words);
        for word in words {
            match named(&word, view, today) {
                Some(names) => add(filter, names),
                None => filter.words.push(word),
            }
        }
    }
    intent
}

/// What the grammar takes the words for, when that is names and nothing else.
fn named(words: &Phrase, view: &View<'_>, today: Day) -> Option<Filter> {
    // Asked for, so that a bare name is read as what is to be listed.
    let question = format!("show me everything of {words}");
    let reading = intent::read(&question, view, &Context::new(), today);
    let Intent::Find { filter, sort: None } = reading.intent else {
        return None;
    };
    let names = Filter {
        categories: filter.categories.clone(),
        makers: filter.makers.clone(),
        models: filter.models.clone(),
        units: filter.units.clone(),
        places: filter.places.clone(),
        ..Filter::default()
    };
    (names == filter && !names.is_empty() && reading.unknown.is_empty()).then_some(names)
}

fn add(filter: &mut Filter, names: Filter) {
    filter.categories.extend(names.categories);
    filter.makers.extend(names.makers);
    filter.models.extend(names.models);
    filter.units.extend(names.units);
    filter.places.extend(names.places);
}

/// Every description of assets within an intent.
fn filters(intent: &mut Intent) -> Vec<&mut Filter> {
    match intent {
        Intent::Find { filter, .. }
        | Intent::Count { filter, .. }
        | Intent::Export { filter, .. }
        | Intent::Create { what: filter } => vec![filter],
        Intent::About { asset, .. } | Intent::History { asset, .. } => {
            described(asset).into_iter().collect()
        }
        Intent::Tickets {
            of: TicketsOf::Asset(asset),
            ..
        } => described(asset).into_iter().collect(),
        Intent::Write(Change { assets, .. }) => assets.iter_mut().filter_map(described).collect(),
        _ => Vec::new(),
    }
}

fn described(asset: &mut AssetRef) -> Option<&mut Filter> {
    match asset {
        AssetRef::Described(filter) => Some(filter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use habeo_core::id::{CategoryId, UnitId};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::intent::Vocabulary;
    use crate::intent::vocabulary::{CategoryName, Lists, UnitName};

    fn read(intent: serde_json::Value) -> Intent {
        let vocabulary = Vocabulary::build(&Lists {
            units: vec![UnitName {
                id: UnitId::from_uuid(Uuid::from_u128(1)),
                name: "Physics".to_owned(),
                code: "PHY".to_owned(),
                aliases: Vec::new(),
            }],
            categories: vec![CategoryName {
                id: CategoryId::from_uuid(Uuid::from_u128(3)),
                name: "Laptops".to_owned(),
                code: "laptop".to_owned(),
            }],
            ..Lists::default()
        });
        let intent = serde_json::from_value(intent).expect("an intent");
        let today = "2026-06-17".parse().expect("a day");
        grounded(intent, &vocabulary.whole(), today)
    }

    #[test]
    fn words_that_are_names_become_names_and_others_stay() {
        let intent = read(json!({"count": {"filter": {"words": ["physics", "laptop", "blue"]}}}));
        assert_eq!(
            intent.to_string(),
            "count category=Laptops unit=Physics word=blue"
        );
        let asset = json!({"described": {"words": ["laptop"], "holder": "me"}});
        let intent = read(json!({"about": {"asset": asset, "aspect": "due"}}));
        assert_eq!(intent.to_string(), "about [category=Laptops holder=me] due");
    }

    #[test]
    fn words_that_ask_for_more_than_a_name_stay_words() {
        let intent = read(json!({"find": {"filter": {"words": ["missing laptops"]}}}));
        assert_eq!(intent.to_string(), "find word=\"missing laptops\"");
    }
}
