//! Whom a name means: as it was written, by the beginnings of its words, with a mistake mended, or among those who hold what the asker sees.

use habeo_core::access::Action;
use habeo_core::asset::TargetKind;
use habeo_core::asset::search::{self, Filter, Held, Narrow, Quest};
use habeo_core::id::PersonId;
use habeo_core::page::Limit;
use habeo_core::person::{self, PersonStatus};
use habeo_core::store::StoreResult;
use habeo_core::text;
use habeo_core::unit::scope;

use super::memory::Meaning;
use super::turn::{Answer, Stop, Turn};
use crate::intent::Intent;
use crate::reply::Part;

/// The most people that are offered.
const OFFERED: u8 = 5;
/// The most known words that one mistyped word is compared with.
const WORDS_MAX: i64 = 5_000;

/// Somebody who may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub id: PersonId,
    pub name: String,
    /// To tell them apart; none where the asker may not know it.
    pub unit: Option<String>,
}

impl Turn<'_> {
    /// The one person that a name means; otherwise there is something to say. `intent` is what is wanted, for the buttons of a choice.
    pub async fn person(&mut self, name: &str, intent: &Intent) -> Result<Candidate, Stop> {
        let mut found = self.people(name).await?;
        match found.len() {
            0 => Err(Answer::unanswered(format!(
                "I find nobody called \u{201C}{name}\u{201D} among those you can see."
            ))
            .into()),
            1 => Ok(found.remove(0)),
            _ => Err(self.which_person(name, found, intent).into()),
        }
    }

    fn which_person(&mut self, name: &str, found: Vec<Candidate>, intent: &Intent) -> Answer {
        let mut answer = Answer {
            parts: vec![Part::text(format!(
                "Several people could be \u{201C}{name}\u{201D}. Whom do you mean?"
            ))],
            ..Answer::default()
        };
        for candidate in found.into_iter().take(usize::from(OFFERED)) {
            let mut bound = self.bound.clone();
            bound.people.insert(name.to_owned(), candidate.id);
            let meaning = Meaning {
                intent: intent.clone(),
                bound,
                place: None,
                file: None,
            };
            let label = match candidate.unit {
                Some(unit) => format!("{} ({unit})", candidate.name),
                None => candidate.name,
            };
            let button = self.offer(label, meaning);
            answer.buttons.push(button);
        }
        answer
    }

    /// Everybody whom a name may mean.
    pub async fn people(&mut self, name: &str) -> StoreResult<Vec<Candidate>> {
        if let Some(id) = self.bound.people.get(name).copied() {
            return self.bound_person(id, name).await;
        }
        let found = self.people_by_words(name).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        for mended in self.mended(name).await? {
            let found = self.people_by_words(&mended).await?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        self.holders(name).await
    }

    async fn bound_person(&mut self, id: PersonId, name: &str) -> StoreResult<Vec<Candidate>> {
        let access = &self.asker.access;
        let scope = scope::resolve(&mut self.tx, access, Action::ReadPeople).await?;
        let known = person::store::by_id(&mut self.tx, access, &scope, id).await?;
        // Whoever was offered before is still who was meant, also where only their name may be known.
        Ok(vec![known.map_or_else(
            || Candidate {
                id,
                name: name.to_owned(),
                unit: None,
            },
            candidate,
        )])
    }

    async fn people_by_words(&mut self, name: &str) -> StoreResult<Vec<Candidate>> {
        let access = &self.asker.access;
        let scope = scope::resolve(&mut self.tx, access, Action::ReadPeople).await?;
        let filter = person::store::Filter {
            q: Some(name.to_owned()),
            ..person::store::Filter::default()
        };
        let limit = Limit::new(OFFERED + 1).unwrap_or_default();
        let page = person::store::page(&mut self.tx, access, &scope, &filter, 0, limit).await?;
        let mut people = page.rows;
        let wanted: Vec<String> = text::words(name).collect();
        let is_whole = |person: &person::Person| {
            text::words(&person.display_name).collect::<Vec<_>>() == wanted
        };
        if people.iter().any(is_whole) {
            people.retain(is_whole);
        }
        let is_there = |person: &person::Person| person.status != PersonStatus::Separated;
        if people.iter().any(is_there) {
            people.retain(is_there);
        }
        Ok(people.into_iter().map(candidate).collect())
    }

    /// The name with each unknown word replaced by the known one it is nearest to.
    async fn mended(&mut self, name: &str) -> StoreResult<Vec<String>> {
        let access = &self.asker.access;
        let scope = scope::resolve(&mut self.tx, access, Action::ReadPeople).await?;
        let mut names = vec![String::new()];
        for word in text::words(name) {
            let first: String = word.chars().take(1).collect();
            let known =
                person::store::name_words(&mut self.tx, access, &scope, &first, WORDS_MAX).await?;
            let near = nearest(&word, &known);
            if near.is_empty() {
                return Ok(Vec::new());
            }
            names = names
                .iter()
                .flat_map(|name| near.iter().map(move |word| format!("{name} {word}")))
                .take(4)
                .collect();
        }
        Ok(names)
    }

    /// People of this name who hold something that the asker sees: of them the name may be known, wherever they belong.
    async fn holders(&mut self, name: &str) -> StoreResult<Vec<Candidate>> {
        let filter = Filter {
            narrow: Narrow {
                live: true,
                held: Some(Held::Anybody),
                ..Narrow::default()
            },
            ..Filter::default()
        };
        let quest = Quest {
            q: name,
            filter: &filter,
            after: None,
        };
        let access = &self.asker.access;
        let limit = Limit::DEFAULT;
        let page = search::search(&mut self.tx, access, &self.scope, quest, limit).await?;
        let wanted: Vec<String> = text::words(name).collect();
        let mut found: Vec<Candidate> = Vec::new();
        for asset in page.rows {
            let (Some(TargetKind::Person), Some(id), Some(called)) =
                (asset.target_kind, asset.target_id, asset.target_name)
            else {
                continue;
            };
            let words: Vec<String> = text::words(&called).collect();
            let bears =
                |wanted: &String| words.iter().any(|word| word.starts_with(wanted.as_str()));
            let id = PersonId::from_uuid(id);
            if wanted.iter().all(bears) && !found.iter().any(|candidate| candidate.id == id) {
                found.push(Candidate {
                    id,
                    name: called,
                    unit: None,
                });
            }
        }
        Ok(found)
    }
}

fn candidate(person: person::Person) -> Candidate {
    Candidate {
        id: person.id,
        name: person.display_name,
        unit: Some(person.home_unit_name),
    }
}

/// The known words that are nearest to one, the same first: at most three, and at most as far away as its length allows.
fn nearest(word: &str, known: &[String]) -> Vec<String> {
    let allowed = match word.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    let mut near: Vec<(usize, &String)> = known
        .iter()
        .map(|known| (strsim::osa_distance(word, known), known))
        .filter(|(distance, _)| *distance <= allowed)
        .collect();
    near.sort();
    let best = near.first().map(|(distance, _)| *distance);
    near.into_iter()
        .filter(|(distance, _)| Some(*distance) == best)
        .take(3)
        .map(|(_, word)| word.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_mistyped_name_is_nearest_to_the_right_one_and_short_names_are_not_guessed() {
        let known: Vec<String> = ["keller", "kelly", "kepler", "kim", "kit"]
            .map(String::from)
            .into();
        assert_eq!(nearest("keler", &known), ["keller", "kepler"]);
        assert_eq!(nearest("kellre", &known), ["keller"]);
        assert_eq!(nearest("kim", &known), ["kim"]);
        assert!(nearest("ka", &known).is_empty());
        assert!(nearest("zzz", &known).is_empty());
    }
}
