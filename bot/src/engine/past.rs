//! What has happened to an asset, as far as its reader may know who did it.

use std::collections::HashMap;

use habeo_core::access::Action;
use habeo_core::asset::store::AssetDetail;
use habeo_core::asset::{Target, TargetKind};
use habeo_core::id::{PersonId, UnitId};
use habeo_core::ledger::audit::{self, Entry};
use habeo_core::ledger::words::{Names, target, told};
use habeo_core::page::Limit;
use habeo_core::person;
use habeo_core::store::StoreResult;
use habeo_core::unit::scope::{self, Scope};

use super::turn::{Answer, Outcome, Stop, Turn};
use super::words;
use crate::intent::{AssetRef, Intent, Past};
use crate::reply::{Part, Row};

/// How many entries of one asset are read back for one answer.
const PAGES: usize = 5;
/// How many of them are shown.
const SHOWN: usize = 10;

/// What a reader may know of an asset's past.
struct Story {
    entries: Vec<Entry>,
    names: HashMap<PersonId, String>,
    scope: Scope,
}

impl Turn<'_> {
    /// What was asked of an asset's past. Only the asker reads it: it names people.
    pub async fn past(
        &mut self,
        which: &AssetRef,
        past: Past,
        intent: &Intent,
    ) -> Result<Outcome, Stop> {
        self.keep_private();
        let asset = self.asset(which, intent).await?;
        let access = &self.asker.access;
        let readers = scope::resolve(&mut self.tx, access, Action::ReadHistory).await?;
        let seen =
            habeo_core::asset::store::by_id(&mut self.tx, access, &readers, asset.id).await?;
        if seen.is_none() {
            return Err(Answer::unanswered(
                "Your role does not permit reading the history of this asset.",
            )
            .into());
        }
        let story = self.story(&asset, readers).await?;
        let parts = self.told(&asset, past, &story);
        let answer = Answer::of(parts, 1).about(intent.clone(), vec![asset.id], None);
        Ok(Outcome::Said(Box::new(answer)))
    }

    async fn story(&mut self, asset: &AssetDetail, scope: Scope) -> StoreResult<Story> {
        let access = &self.asker.access;
        let mut entries: Vec<Entry> = Vec::new();
        let mut before = None;
        for _ in 0..PAGES {
            let limit = Limit::new(Limit::MAX).unwrap_or_default();
            let page = audit::of_asset(&mut self.tx, access, asset.id, before, limit).await?;
            entries.extend(page.rows);
            let Some(next) = page.next else { break };
            before = Some(next.seq);
        }
        let mut people: Vec<PersonId> = entries.iter().filter_map(Entry::person).collect();
        people.extend(
            entries
                .iter()
                .filter_map(target)
                .filter_map(|target| match target {
                    Target::Person(id) => Some(id),
                    _ => None,
                }),
        );
        people.sort_unstable();
        people.dedup();
        let known = scope::resolve(&mut self.tx, access, Action::ReadPeople).await?;
        let names = person::store::names(&mut self.tx, access, &known, &people).await?;
        let mut names: HashMap<PersonId, String> = names.into_iter().collect();
        // Whoever has it now is named to everybody who sees it.
        if let (Some(TargetKind::Person), Some(id), Some(name)) =
            (asset.target_kind, asset.target_id, &asset.target_name)
        {
            names.insert(PersonId::from_uuid(id), name.clone());
        }
        Ok(Story {
            entries,
            names,
            scope,
        })
    }

    fn told(&self, asset: &AssetDetail, past: Past, story: &Story) -> Vec<Part> {
        let name = words::called(asset);
        let said = match past {
            Past::Whole => {
                return self.rows_of(format!("What happened to {name}"), story, |_| true);
            }
            Past::Holders => {
                return self.rows_of(format!("Who has had {name}"), story, |kind| {
                    is_custody(kind) || kind == "asset.returned"
                });
            }
            Past::Places => {
                return self.rows_of(format!("Where {name} has been"), story, |kind| {
                    matches!(
                        kind,
                        "asset.moved"
                            | "asset.arrived"
                            | "asset.dispatched"
                            | "asset.found"
                            | "asset.registered"
                    )
                });
            }
            Past::Repairs => {
                return self.rows_of(format!("Repairs of {name}"), story, |kind| {
                    kind.starts_with("asset.repair_")
                });
            }
            Past::Notes => {
                return self.rows_of(format!("Notes on {name}"), story, |kind| {
                    kind == "asset.noted"
                });
            }
            Past::PreviousHolder => self.previous(asset, &name, story),
            Past::LastSeen => match asset.last_verified_at {
                Some(at) => format!("{name} was last seen on {}.", self.day(at)),
                None => format!("Nobody has recorded seeing {name} yet."),
            },
            Past::LastMove => {
                let moved =
                    |entry: &&Entry| matches!(entry.kind.as_str(), "asset.moved" | "asset.arrived");
                match story.entries.iter().find(moved) {
                    Some(entry) => format!("{name}: {}.", self.line(entry, story)),
                    None => format!("{name} has not been moved since it was entered."),
                }
            }
            Past::HeldSince => match (words::holder(asset), asset.assigned_from) {
                (Some(holder), Some(from)) => {
                    format!("{holder} has had {name} since {}.", self.day(from))
                }
                _ => format!("Nobody has {name} now."),
            },
            Past::StateSince => format!(
                "{name} has been {} since {}.",
                words::state(asset.state),
                self.day(asset.state_since)
            ),
            Past::LastChange => match story.entries.iter().find(|entry| !is_ticket(entry)) {
                Some(entry) => format!("{name}: {}.", self.line(entry, story)),
                None => format!("Nothing has happened to {name} yet."),
            },
        };
        vec![Part::text(said)]
    }

    fn previous(&self, asset: &AssetDetail, name: &str, story: &Story) -> String {
        let mut custodies = story.entries.iter().filter(|entry| is_custody(&entry.kind));
        // Where somebody has it now, the newest custody is theirs.
        if asset.target_kind.is_some() {
            custodies.next();
        }
        let Some(entry) = custodies.next() else {
            return format!("Nobody had {name} before.");
        };
        let had = target(entry).map_or_else(
            || "Somebody".to_owned(),
            |target| self.target_name(target, story),
        );
        let from = self.day(entry.occurred_at);
        let ended = story
            .entries
            .iter()
            .rev()
            .find(|later| {
                later.index > entry.index
                    && (is_custody(&later.kind) || later.kind == "asset.returned")
            })
            .map(|later| format!(" to {}", self.day(later.occurred_at)));
        format!(
            "{had} had {name} before, from {from}{}.",
            ended.unwrap_or_default()
        )
    }

    fn rows_of(&self, title: String, story: &Story, wanted: impl Fn(&str) -> bool) -> Vec<Part> {
        let all: Vec<&Entry> = story
            .entries
            .iter()
            .filter(|entry| wanted(&entry.kind))
            .collect();
        if all.is_empty() {
            return vec![Part::text(format!("{title}: nothing is recorded."))];
        }
        let rows: Vec<Row> = all
            .iter()
            .take(SHOWN)
            .map(|entry| Row {
                title: self.day(entry.occurred_at),
                detail: self.what(entry, story),
                ..Row::default()
            })
            .collect();
        let mut parts = vec![Part::Heading(title), Part::Rows(rows)];
        if all.len() > SHOWN {
            parts.push(Part::Note(format!(
                "These are the last {SHOWN}; earlier ones are in Habeo."
            )));
        }
        parts
    }

    fn line(&self, entry: &Entry, story: &Story) -> String {
        format!(
            "{} on {}",
            self.what(entry, story),
            self.day(entry.occurred_at)
        )
    }

    /// What happened and who did it, as far as that may be known.
    fn what(&self, entry: &Entry, story: &Story) -> String {
        let mut said = told(entry, &Within { turn: self, story });
        if let Some(name) = entry.person().and_then(|id| story.names.get(&id)) {
            said.push_str(" by ");
            said.push_str(name);
        }
        if let Some(remark) = entry.remark_within(&story.scope) {
            said.push_str(": ");
            said.push_str(remark);
        }
        said
    }

    fn target_name(&self, target: Target, story: &Story) -> String {
        let named = |id: uuid::Uuid| self.lexicon.name(id).map(ToOwned::to_owned);
        match target {
            Target::Person(id) => story.names.get(&id).cloned(),
            Target::Unit(id) => self.known_unit(id, &story.scope),
            Target::Location(id) => named(id.uuid()),
            Target::Asset(_) => Some("another asset".to_owned()),
        }
        .unwrap_or_else(|| "somebody in another unit".to_owned())
    }

    fn known_unit(&self, unit: UnitId, scope: &Scope) -> Option<String> {
        if !scope.contains(unit) {
            return None;
        }
        self.lexicon
            .name(unit.uuid())
            .map(|name| format!("the unit {name}"))
    }
}

/// The names that a reader of a story may know.
struct Within<'a> {
    turn: &'a Turn<'a>,
    story: &'a Story,
}

impl Names for Within<'_> {
    fn target(&self, target: Target) -> String {
        self.turn.target_name(target, self.story)
    }

    fn name(&self, id: uuid::Uuid) -> Option<String> {
        self.turn.lexicon.name(id).map(ToOwned::to_owned)
    }
}

fn is_custody(kind: &str) -> bool {
    matches!(kind, "asset.deployed" | "asset.loaned" | "asset.reassigned")
}

fn is_ticket(entry: &Entry) -> bool {
    entry.kind.starts_with("ticket.")
}
