//! Lists: ten rows, how many there are, and where they go on.

use habeo_core::asset::search::{self, Quest, page_sorted};
use habeo_core::asset::store::AssetDetail;
use habeo_core::id::AssetId;
use habeo_core::page::{Limit, Page};
use habeo_core::store::StoreResult;

use super::memory::{Meaning, Place};
use super::narrow::{Sought, order};
use super::turn::{Answer, Outcome, Stop, Turn};
use super::words;
use crate::intent::{Filter, Intent, Sort};
use crate::reply::{Part, Row, Style};

/// The rows of a list that are shown at once.
pub(super) const ROWS: u8 = 10;

impl Turn<'_> {
    /// A list, from its beginning or from where it was left.
    pub async fn list(
        &mut self,
        (filter, sort): (&Filter, Option<Sort>),
        intent: &Intent,
        place: Option<&Place>,
    ) -> Result<Outcome, Stop> {
        let sought = self.sought(filter, intent).await?;
        let limit = Limit::new(ROWS).unwrap_or_default();
        let (page, entered) = self.page(&sought, (filter, sort), place, limit).await?;
        let total = if sought.words.is_some() {
            // How many have a word is known only by looking at all of them.
            None
        } else {
            let access = &self.asker.access;
            let scope = &self.scope;
            Some(search::count(&mut self.tx, access, scope, &sought.filter).await?)
        };
        let before = place.map_or(0, |place| place.shown);
        if page.rows.is_empty() {
            return Ok(Outcome::Said(Box::new(none(filter, intent, before))));
        }
        if page.rows.len() == 1 && before == 0 && page.next.is_none() {
            return Ok(self.only(&page.rows[0], filter, intent).await?);
        }
        Ok(self.rows(page, (filter, intent), (total, before, entered)))
    }

    /// The first assets of what is sought.
    pub async fn first(&mut self, sought: &Sought, rows: usize) -> StoreResult<Vec<AssetDetail>> {
        let limit = u8::try_from(rows).ok().and_then(Limit::new);
        let filter = Filter::default();
        let limit = limit.unwrap_or_default();
        let (page, _) = self.page(sought, (&filter, None), None, limit).await?;
        Ok(page.rows)
    }

    async fn page(
        &mut self,
        sought: &Sought,
        (filter, sort): (&Filter, Option<Sort>),
        place: Option<&Place>,
        limit: Limit,
    ) -> StoreResult<(Page<AssetDetail>, bool)> {
        let position = place.map(Place::position);
        let access = &self.asker.access;
        if let Some(words) = &sought.words {
            let quest = Quest {
                q: words,
                filter: &sought.filter,
                after: position.as_ref(),
            };
            let page = search::search(&mut self.tx, access, &self.scope, quest, limit).await?;
            return Ok((page, sort.is_some()));
        }
        let order = (order(filter, sort), position.as_ref());
        let sorted = page_sorted(
            &mut self.tx,
            access,
            &self.scope,
            &sought.filter,
            order,
            limit,
        )
        .await?;
        Ok((sorted.page, sorted.in_order_of_entry))
    }

    fn rows(
        &mut self,
        page: Page<AssetDetail>,
        (filter, intent): (&Filter, &Intent),
        (total, before, entered): (Option<i64>, u32, bool),
    ) -> Outcome {
        let shown = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        let until = before.saturating_add(shown);
        let what = capitalised(&filter.in_words());
        let said = match (total, before) {
            (Some(total), 0) if total == i64::from(shown) => format!("{what}: {total}."),
            (Some(total), _) => {
                let total = words::thousands(total.max(0).unsigned_abs());
                format!("{what}: {total}. These are {} to {until}.", before + 1)
            }
            (None, 0) if page.next.is_none() => format!("{what}: {shown}."),
            (None, _) => format!("{what}. These are {} to {until}.", before + 1),
        };
        let rows: Vec<Row> = page.rows.iter().map(|asset| self.row(asset)).collect();
        let assets: Vec<AssetId> = page.rows.iter().map(|asset| asset.id).collect();
        let mut parts = vec![Part::text(said), Part::Rows(rows)];
        if entered {
            parts.push(Part::Note(
                "The list is too long for that order, so it is in the order of entry.".to_owned(),
            ));
        }
        let next = page.next.map(|position| Place::new(position, until));
        let mut answer = Answer::of(parts, assets.len()).open();
        if let Some(next) = &next {
            let meaning = Meaning {
                intent: intent.clone(),
                bound: self.bound.clone(),
                place: Some(next.clone()),
                file: None,
            };
            let more = self.offer("Show more", meaning);
            answer.buttons.push(more.styled(Style::Primary));
        }
        Outcome::Said(Box::new(answer.about(intent.clone(), assets, next)))
    }

    async fn only(
        &mut self,
        asset: &AssetDetail,
        filter: &Filter,
        intent: &Intent,
    ) -> StoreResult<Outcome> {
        let mut answer = self.card(asset).await?;
        let what = capitalised(&filter.in_words());
        answer
            .parts
            .insert(0, Part::text(format!("{what}: only this one.")));
        let answer = answer.about(intent.clone(), vec![asset.id], None);
        Ok(Outcome::Said(Box::new(answer)))
    }
}

fn none(filter: &Filter, intent: &Intent, before: u32) -> Answer {
    if before > 0 {
        return Answer::of(vec![Part::text("That was all of it.")], 0).open();
    }
    let looked = format!(
        "I looked for {} among what you can see, and found nothing.",
        filter.in_words()
    );
    Answer::of(vec![Part::text(looked)], 0)
        .open()
        .about(intent.clone(), Vec::new(), None)
}

pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}
