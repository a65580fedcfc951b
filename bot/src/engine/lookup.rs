//! Looking things up while somebody types, and what is behind a link.

use habeo_core::access::Action;
use habeo_core::asset::search::{self, Filter, Quest, Scanned};
use habeo_core::asset::store;
use habeo_core::id::{AssetId, PersonId, UnitId};
use habeo_core::page::Limit;
use habeo_core::person;
use habeo_core::store::StoreResult;
use habeo_core::text;
use habeo_core::unit::scope;
use url::Url;
use uuid::Uuid;

use super::memory::File;
use super::turn::{Answer, Outcome, Stop, Turn, shares};
use super::words;
use crate::intent::{Filter as Asked, Intent};
use crate::reply::{Choice, ChoiceOf, Part, ROWS_MAX, Row, shortened};

/// The most choices that are offered at once.
const CHOICES_MAX: usize = 20;
/// The most rows that are passed over: somebody who types on finds sooner.
const SKIP_MAX: usize = 75;

impl Turn<'_> {
    /// Assets for words, as rows.
    pub async fn looked_up(
        &mut self,
        words: &str,
        skip: usize,
        limit: usize,
    ) -> StoreResult<Vec<Row>> {
        let limit = limit.min(ROWS_MAX);
        let wanted = skip.min(SKIP_MAX) + limit;
        let assets = self.words_of(words, wanted).await?;
        Ok(assets
            .iter()
            .skip(skip)
            .take(limit)
            .map(|asset| self.row(asset))
            .collect())
    }

    async fn words_of(&mut self, words: &str, rows: usize) -> StoreResult<Vec<store::AssetDetail>> {
        let limit = u8::try_from(rows).ok().and_then(Limit::new);
        let limit = limit.unwrap_or_default();
        let access = &self.asker.access;
        let filter = Filter::default();
        if words.trim().is_empty() {
            let page = search::page(&mut self.tx, access, &self.scope, &filter, 0, limit).await?;
            return Ok(page.rows);
        }
        let by_number = if words.trim().bytes().all(|b| b.is_ascii_digit()) {
            self.by_code(words).await?
        } else {
            Vec::new()
        };
        let quest = Quest {
            q: words,
            filter: &filter,
            after: None,
        };
        let page = search::search(&mut self.tx, access, &self.scope, quest, limit).await?;
        let mut found = by_number;
        for asset in page.rows {
            if !found.iter().any(|known| known.id == asset.id) {
                found.push(asset);
            }
        }
        Ok(found)
    }

    /// What a field can be filled with.
    pub async fn choices(&mut self, of: ChoiceOf, words: &str) -> StoreResult<Vec<Choice>> {
        let words = shortened(words.trim(), 100);
        if let Ok(id) = words.parse() {
            return Ok(self.chosen(of, id).await?.into_iter().collect());
        }
        match of {
            ChoiceOf::Asset => {
                let assets = self.words_of(&words, CHOICES_MAX).await?;
                Ok(assets
                    .iter()
                    .take(CHOICES_MAX)
                    .map(|asset| choice(asset.id.uuid(), &words::title(asset)))
                    .collect())
            }
            ChoiceOf::Person => self.people_like(&words).await,
            ChoiceOf::Unit => {
                let units = self.lexicon.lists().units.iter();
                let seen = units.filter(|unit| self.scope.contains(unit.id));
                Ok(named(
                    &words,
                    seen.map(|unit| (unit.id.uuid(), unit.name.as_str(), unit.code.as_str())),
                ))
            }
            ChoiceOf::Place => {
                let places = self.lexicon.lists().places.iter();
                let places = places.map(|place| {
                    let path = self.lexicon.name(place.id.uuid()).unwrap_or(&place.name);
                    (place.id.uuid(), path, place.code.as_str())
                });
                Ok(named(&words, places))
            }
            ChoiceOf::Model => {
                let models = self.lexicon.lists().models.iter();
                let models = models.map(|model| {
                    let number = model.number.as_deref().unwrap_or_default();
                    (model.id.uuid(), model.name.as_str(), number)
                });
                Ok(named(&words, models))
            }
            ChoiceOf::Category => {
                let sorts = self.lexicon.lists().categories.iter();
                let sorts =
                    sorts.map(|sort| (sort.id.uuid(), sort.name.as_str(), sort.code.as_str()));
                Ok(named(&words, sorts))
            }
        }
    }

    /// What was chosen before, under its name.
    async fn chosen(&mut self, of: ChoiceOf, id: Uuid) -> StoreResult<Option<Choice>> {
        let access = &self.asker.access;
        let label = match of {
            ChoiceOf::Asset => {
                let id = AssetId::from_uuid(id);
                let found = store::by_id(&mut self.tx, access, &self.scope, id).await?;
                found.map(|asset| words::title(&asset))
            }
            ChoiceOf::Person => {
                let known = scope::resolve(&mut self.tx, access, Action::ReadPeople).await?;
                let id = PersonId::from_uuid(id);
                let found = person::store::by_id(&mut self.tx, access, &known, id).await?;
                found.map(|person| called(&person))
            }
            ChoiceOf::Unit if !self.scope.contains(UnitId::from_uuid(id)) => None,
            ChoiceOf::Unit | ChoiceOf::Place | ChoiceOf::Model | ChoiceOf::Category => {
                self.lexicon.name(id).map(ToOwned::to_owned)
            }
        };
        Ok(label.map(|label| choice(id, &label)))
    }

    async fn people_like(&mut self, words: &str) -> StoreResult<Vec<Choice>> {
        let access = &self.asker.access;
        let known = scope::resolve(&mut self.tx, access, Action::ReadPeople).await?;
        let filter = person::store::Filter {
            q: (!words.is_empty()).then(|| words.to_owned()),
            status: Some(person::PersonStatus::Active),
            ..person::store::Filter::default()
        };
        let limit = Limit::new(20).unwrap_or_default();
        let page = person::store::page(&mut self.tx, access, &known, &filter, 0, limit).await?;
        Ok(page
            .rows
            .iter()
            .map(|person| choice(person.id.uuid(), &called(person)))
            .collect())
    }

    /// What is behind a link to an asset, for everybody to see: what it is, never how it is nor who has it; and nothing at all where answers
    /// are for their askers alone.
    pub async fn unfurled(&mut self, url: &Url) -> StoreResult<Option<Row>> {
        if !shares(&mut self.tx, self.asker).await? {
            return Ok(None);
        }
        let Some(segments) = url.path_segments() else {
            return Ok(None);
        };
        let segments: Vec<&str> = segments.collect();
        let access = &self.asker.access;
        let asset = match segments.as_slice() {
            ["assets", id] => match id.parse() {
                Ok(id) => store::by_id(&mut self.tx, access, &self.scope, id).await?,
                Err(_) => None,
            },
            ["t", code] => match search::scan(&mut self.tx, access, &self.scope, code).await? {
                Scanned::One(found) => Some(found.asset),
                _ => None,
            },
            _ => None,
        };
        Ok(asset.map(|asset| Row {
            title: words::title(&asset),
            detail: String::new(),
            url: Some(self.engine.asset_url(asset.id)),
            buttons: Vec::new(),
        }))
    }

    /// A list as a file: what is in it, and the address at which whoever asked can fetch it. A chat answer carries none: the file is for those
    /// who are signed in, whoever else reads along.
    pub async fn export(&mut self, filter: &Asked, intent: &Intent) -> Result<Outcome, Stop> {
        let sought = self.sought(filter, intent).await?;
        let access = &self.asker.access;
        let what = filter.in_words();
        let size = if sought.words.is_some() {
            format!("The file: {what}.")
        } else {
            let number = search::count(&mut self.tx, access, &self.scope, &sought.filter).await?;
            if number == 0 {
                let none = format!("There is nothing to put into a file: {what}.");
                let answer = Answer::of(vec![Part::text(none)], 0);
                let answer = answer.about(intent.clone(), Vec::new(), None);
                return Ok(Outcome::Said(Box::new(answer)));
            }
            format!("A file of {}: {what}.", words::assets(number))
        };
        let parts = vec![
            Part::text(size),
            Part::Note(
                "It opens in your browser, where you sign in to Habeo. The link is for you alone, and for a day."
                    .to_owned(),
            ),
        ];
        let file = File {
            filter: sought.filter,
            words: sought.words,
        };
        let button = self.offer_file("Download (CSV)", intent, file);
        let answer = Answer::of(parts, 0).with(button);
        let answer = answer.about(intent.clone(), Vec::new(), None);
        Ok(Outcome::Said(Box::new(answer)))
    }
}

fn called(person: &person::Person) -> String {
    format!("{} ({})", person.display_name, person.home_unit_name)
}

fn choice(id: Uuid, label: &str) -> Choice {
    Choice {
        value: id.to_string(),
        label: shortened(label, crate::reply::LABEL_CHARS_MAX),
    }
}

/// Those whose name has a word that begins with each of the words, the shortest first.
fn named<'a>(words: &str, all: impl Iterator<Item = (Uuid, &'a str, &'a str)>) -> Vec<Choice> {
    let wanted: Vec<String> = text::words(words).collect();
    let mut found: Vec<(Uuid, &str)> = all
        .filter(|(_, name, code)| {
            let known: Vec<String> = text::words(name).chain(text::words(code)).collect();
            let begins =
                |wanted: &String| known.iter().any(|word| word.starts_with(wanted.as_str()));
            wanted.iter().all(begins)
        })
        .map(|(id, name, _)| (id, name))
        .collect();
    found.sort_by_key(|(_, name)| (name.chars().count(), *name));
    found
        .into_iter()
        .take(CHOICES_MAX)
        .map(|(id, name)| choice(id, name))
        .collect()
}
