//! Numbers: how many there are, and how they divide.

use std::collections::HashMap;

use habeo_core::asset::search::{self, Group, Key};
use habeo_core::id::PersonId;
use habeo_core::person;
use habeo_core::store::StoreResult;
use habeo_core::unit::scope::Scope;
use uuid::Uuid;

use super::list::capitalised;
use super::memory::Meaning;
use super::narrow::dimension;
use super::turn::{Answer, Outcome, Stop, Turn};
use super::words;
use crate::intent::{Dimension, Extreme, Filter, Intent};
use crate::reply::{Part, Row};

/// The groups of a breakdown that are shown.
const GROUPS: usize = 15;
/// The rows that are counted by words before the rest are only "more".
const WORDS_COUNTED: usize = 1_000;

impl Turn<'_> {
    /// A number, or how it divides.
    pub async fn tally(
        &mut self,
        filter: &Filter,
        (by, extreme): (Option<Dimension>, Option<Extreme>),
        intent: &Intent,
    ) -> Result<Outcome, Stop> {
        let sought = self.sought(filter, intent).await?;
        if let Some(words) = sought.words.clone() {
            return self
                .tally_words(&sought.filter, &words, (filter, by), intent)
                .await;
        }
        let access = &self.asker.access;
        let answer = match by {
            None => {
                let number =
                    search::count(&mut self.tx, access, &self.scope, &sought.filter).await?;
                let what = filter.in_words();
                let said = format!("{}: {}.", capitalised(&what), thousands(number));
                let mut answer = Answer::of(vec![Part::text(said)], 0);
                if number > 0 {
                    let list = Intent::Find {
                        filter: filter.clone(),
                        sort: None,
                    };
                    let mut meaning = Meaning::of(list);
                    meaning.bound = self.bound.clone();
                    let button = self.offer("Show them", meaning);
                    answer.buttons.push(button);
                }
                answer
            }
            Some(by) => {
                if by == Dimension::Holder {
                    self.keep_private();
                }
                let by_core = dimension(by);
                let groups =
                    search::count_by(&mut self.tx, access, &self.scope, &sought.filter, by_core)
                        .await?;
                self.breakdown(filter, (by, extreme), groups).await?
            }
        };
        let answer = answer.open();
        Ok(Outcome::Said(Box::new(answer.about(
            intent.clone(),
            Vec::new(),
            None,
        ))))
    }

    async fn breakdown(
        &mut self,
        filter: &Filter,
        (by, extreme): (Dimension, Option<Extreme>),
        mut groups: Vec<Group>,
    ) -> StoreResult<Answer> {
        let total: i64 = groups.iter().map(|group| group.assets).sum();
        let what = capitalised(&filter.in_words());
        if total == 0 {
            return Ok(Answer::of(vec![Part::text(format!("{what}: none."))], 0));
        }
        let all = groups.len();
        match extreme {
            Some(Extreme::Most) => groups.truncate(1),
            Some(Extreme::Fewest) => groups = groups.split_off(all - 1),
            None if by == Dimension::Year => {
                groups.sort_unstable_by_key(|group| std::cmp::Reverse(group.key));
                groups.truncate(GROUPS);
            }
            None => groups.truncate(GROUPS),
        }
        let people = self.holders_named(by, &groups).await?;
        let rows: Vec<Row> = groups
            .iter()
            .map(|group| Row {
                title: self.group_name(by, group.key, &people),
                detail: thousands(group.assets),
                ..Row::default()
            })
            .collect();
        let said = match extreme {
            Some(extreme) => {
                let word = match extreme {
                    Extreme::Most => "most",
                    Extreme::Fewest => "fewest",
                };
                let name = rows.first().map_or("", |row| row.title.as_str());
                let number = groups.first().map_or(0, |group| group.assets);
                format!(
                    "{name} has the {word}: {} of {} ({}).",
                    thousands(number),
                    thousands(total),
                    filter.in_words()
                )
            }
            None => format!("{what}: {}.", thousands(total)),
        };
        let mut parts = vec![Part::text(said)];
        let shown = rows.len();
        if extreme.is_none() {
            parts.push(Part::Rows(rows));
        }
        if extreme.is_none() && all > shown {
            let rest: i64 = total - groups.iter().map(|group| group.assets).sum::<i64>();
            parts.push(Part::Note(format!(
                "And {} more groups with {} together.",
                all - shown,
                words::assets(rest)
            )));
        }
        Ok(Answer::of(parts, shown))
    }

    /// The names of those who hold assets that the asker sees, which may be known wherever they belong.
    async fn holders_named(
        &mut self,
        by: Dimension,
        groups: &[Group],
    ) -> StoreResult<HashMap<Uuid, String>> {
        if by != Dimension::Holder {
            return Ok(HashMap::new());
        }
        let ids: Vec<PersonId> = groups
            .iter()
            .filter_map(|group| match group.key {
                Key::Id(id) => Some(PersonId::from_uuid(id)),
                _ => None,
            })
            .collect();
        let access = &self.asker.access;
        let names = person::store::names(&mut self.tx, access, &Scope::Whole, &ids).await?;
        Ok(names
            .into_iter()
            .map(|(id, name)| (id.uuid(), name))
            .collect())
    }

    fn group_name(&self, by: Dimension, key: Key, people: &HashMap<Uuid, String>) -> String {
        match key {
            Key::Id(id) if by == Dimension::Holder => people
                .get(&id)
                .cloned()
                .unwrap_or_else(|| "Somebody".to_owned()),
            Key::Id(id) => self.lexicon.name(id).unwrap_or("Something").to_owned(),
            Key::State(state) => capitalised(words::state(state)),
            Key::Year(year) => year.to_string(),
            Key::None => match by {
                Dimension::Site | Dimension::Building | Dimension::Room => "No place".to_owned(),
                Dimension::Maker => "No maker".to_owned(),
                Dimension::Model => "No model".to_owned(),
                Dimension::Year => "No day of purchase".to_owned(),
                _ => "None".to_owned(),
            },
        }
    }

    /// How many have words: by looking at them, as far as that is done.
    async fn tally_words(
        &mut self,
        filter: &search::Filter,
        words: &str,
        (asked, by): (&Filter, Option<Dimension>),
        intent: &Intent,
    ) -> Result<Outcome, Stop> {
        let quest = search::Quest {
            q: words,
            filter,
            after: None,
        };
        let access = &self.asker.access;
        let limit = habeo_core::page::Limit::WALK;
        let page = search::search(&mut self.tx, access, &self.scope, quest, limit).await?;
        let what = capitalised(&asked.in_words());
        let said = if page.next.is_some() {
            format!(
                "{what}: more than {}.",
                thousands(i64::try_from(WORDS_COUNTED).unwrap_or(0))
            )
        } else {
            let number = i64::try_from(page.rows.len()).unwrap_or(i64::MAX);
            format!("{what}: {}.", thousands(number))
        };
        let mut parts = vec![Part::text(said)];
        if by.is_some() {
            parts.push(Part::Note(
                "I can break numbers down by unit, place, category, model, maker, state or holder, but not those of words.".to_owned(),
            ));
        }
        Ok(Outcome::Said(Box::new(Answer::of(parts, 0).open().about(
            intent.clone(),
            Vec::new(),
            None,
        ))))
    }
}

fn thousands(number: i64) -> String {
    words::thousands(number.max(0).unsigned_abs())
}
