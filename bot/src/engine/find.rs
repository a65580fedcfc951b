//! Which asset is meant, by a code, by the last answer or by a description.

use habeo_core::asset::search::{self, Filter as CoreFilter, Quest, Scanned};
use habeo_core::asset::store::{self, AssetDetail};
use habeo_core::id::AssetId;
use habeo_core::org;
use habeo_core::page::Limit;
use habeo_core::store::StoreResult;
use habeo_core::text::Tag;

use super::memory::Meaning;
use super::turn::{Answer, Stop, Turn};
use super::words;
use crate::intent::{AssetRef, Intent};
use crate::reply::Part;

/// The most assets that are offered where several could be meant.
const OFFERED: usize = 5;

impl Turn<'_> {
    /// The assets that a reference means, at least one. `intent` is what is wanted, for the buttons of a choice.
    pub async fn assets(
        &mut self,
        which: &AssetRef,
        intent: &Intent,
    ) -> Result<Vec<AssetDetail>, Stop> {
        let key = which.to_string();
        if let Some(ids) = self.bound.assets.get(&key).cloned() {
            return self.shown(&ids, which).await;
        }
        match which {
            AssetRef::Code(code) => {
                let found = self.by_code(code.as_str()).await?;
                self.one(found, which, intent)
            }
            AssetRef::Last => {
                let ids: Vec<AssetId> = self.memory.assets.clone();
                if ids.len() == 1 {
                    self.shown(&ids, which).await
                } else {
                    Err(nothing_before())
                }
            }
            AssetRef::Row(row) => {
                let row = usize::from(*row).saturating_sub(1);
                let Some(id) = self.memory.assets.get(row).copied() else {
                    return Err(nothing_before());
                };
                self.shown(&[id], which).await
            }
            AssetRef::AllRows => {
                let ids = self.memory.assets.clone();
                if ids.is_empty() {
                    return Err(nothing_before());
                }
                self.shown(&ids, which).await
            }
            AssetRef::Described(filter) => {
                let sought = self.sought(filter, intent).await?;
                let found = self.first(&sought, OFFERED + 1).await?;
                self.one(found, which, intent)
            }
        }
    }

    /// The one asset that a reference means.
    pub async fn asset(&mut self, which: &AssetRef, intent: &Intent) -> Result<AssetDetail, Stop> {
        let mut found = self.assets(which, intent).await?;
        if found.len() == 1 {
            return Ok(found.remove(0));
        }
        Err(self.which_asset(found, which, intent).into())
    }

    fn one(
        &mut self,
        found: Vec<AssetDetail>,
        which: &AssetRef,
        intent: &Intent,
    ) -> Result<Vec<AssetDetail>, Stop> {
        match found.len() {
            0 => Err(unknown(which).into()),
            1 => Ok(found),
            _ => Err(self.which_asset(found, which, intent).into()),
        }
    }

    /// Those of these assets that are in sight, in the order of the list.
    async fn shown(&mut self, ids: &[AssetId], which: &AssetRef) -> Result<Vec<AssetDetail>, Stop> {
        let access = &self.asker.access;
        let mut found = store::by_ids(&mut self.tx, access, &self.scope, ids).await?;
        found.sort_by_key(|asset| ids.iter().position(|id| *id == asset.id));
        if found.is_empty() {
            return Err(unknown(which).into());
        }
        Ok(found)
    }

    fn which_asset(
        &mut self,
        found: Vec<AssetDetail>,
        which: &AssetRef,
        intent: &Intent,
    ) -> Answer {
        let more = found.len() > OFFERED;
        let mut answer = Answer {
            parts: vec![Part::text(format!(
                "Several assets could be meant by {}. Which one?",
                quoted(which)
            ))],
            ..Answer::default()
        };
        for asset in found.into_iter().take(OFFERED) {
            let mut bound = self.bound.clone();
            bound.assets.insert(which.to_string(), vec![asset.id]);
            let meaning = Meaning {
                intent: intent.clone(),
                bound,
                place: None,
                file: None,
            };
            let button = self.offer(words::title(&asset), meaning);
            answer.buttons.push(button);
        }
        if more {
            answer.parts.push(Part::Note(
                "There are more; a tag or serial number tells them apart.".to_owned(),
            ));
        }
        answer
    }

    /// The assets that a code means: exactly, by the number of its label, by a beginning, or by the end of a serial number.
    pub async fn by_code(&mut self, code: &str) -> StoreResult<Vec<AssetDetail>> {
        let access = &self.asker.access;
        match search::scan(&mut self.tx, access, &self.scope, code).await? {
            Scanned::One(found) => return Ok(vec![found.asset]),
            Scanned::Several(found) => return Ok(found),
            Scanned::Misread | Scanned::Nothing => {}
        }
        let issued = self.by_number(code).await?;
        if !issued.is_empty() {
            return Ok(issued);
        }
        let filter = CoreFilter::default();
        let quest = Quest {
            q: code,
            filter: &filter,
            after: None,
        };
        let limit = Limit::new(6).unwrap_or_default();
        let page = search::search(&mut self.tx, access, &self.scope, quest, limit).await?;
        Ok(page.rows)
    }

    /// The assets whose labels have this number: people leave out the namespace, the noughts and the check character.
    async fn by_number(&mut self, code: &str) -> StoreResult<Vec<AssetDetail>> {
        let digits = code.trim();
        if !digits.bytes().all(|b| b.is_ascii_digit()) || digits.len() > 9 {
            return Ok(Vec::new());
        }
        let Ok(number) = digits.parse::<u32>() else {
            return Ok(Vec::new());
        };
        let access = &self.asker.access;
        let mut found = Vec::new();
        for namespace in org::store::tag_namespaces(&mut self.tx, access).await? {
            let tag = Tag::issue(&namespace, number);
            match search::scan(&mut self.tx, access, &self.scope, tag.as_str()).await? {
                Scanned::One(one) => found.push(one.asset),
                Scanned::Several(several) => found.extend(several),
                Scanned::Misread | Scanned::Nothing => {}
            }
        }
        Ok(found)
    }
}

fn nothing_before() -> Stop {
    Answer::unanswered(
        "I do not know which asset you mean: the last answer does not say. Name its tag, or ask for a list first.",
    )
    .into()
}

/// The same whether there is no such asset or only none that the asker sees.
pub(super) fn unknown(which: &AssetRef) -> Answer {
    Answer::unanswered(format!(
        "I find no asset for {} among those you can see.",
        quoted(which)
    ))
}

fn quoted(which: &AssetRef) -> String {
    match which {
        AssetRef::Code(code) => format!("\u{201C}{code}\u{201D}"),
        _ => which.in_words(),
    }
}
