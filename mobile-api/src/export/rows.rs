//! The rows of a table, page by page.

use std::collections::HashMap;

use habeo_core::access::Access;
use habeo_core::asset::TargetKind;
use habeo_core::asset::search::{self, Quest};
use habeo_core::asset::store::AssetDetail;
use habeo_core::export::Format;
use habeo_core::id::{CategoryId, LocationId, PersonId, UnitId};
use habeo_core::ledger::{audit, trail, tree};
use habeo_core::page::{Limit, Page, Position};
use habeo_core::store::{StoreResult, Tx};
use habeo_core::unit::scope::Scope;
use habeo_core::{catalogue, location, money, person, unit};

use super::Selection;
use crate::history;

const ASSETS: &[&str] = &[
    "id",
    "tag",
    "serial",
    "manufacturer",
    "model",
    "modelNo",
    "category",
    "categoryCode",
    "description",
    "unit",
    "unitCode",
    "location",
    "state",
    "stateSince",
    "condition",
    "acquisition",
    "acquiredOn",
    "cost",
    "currency",
    "warrantyEndsOn",
    "holderType",
    "holder",
    "holderEmail",
    "assignmentKind",
    "assignedFrom",
    "dueAt",
    "lastVerifiedAt",
    "createdAt",
    "updatedAt",
];
const HISTORY: &[&str] = &[
    "id",
    "type",
    "occurredAt",
    "recordedAt",
    "actorPersonId",
    "actorName",
    "role",
    "surface",
    "requestId",
    "remark",
    "payload",
];
const PEOPLE: &[&str] = &[
    "id",
    "name",
    "email",
    "affiliation",
    "status",
    "unit",
    "unitCode",
];
const SITES: &[&str] = &[
    "id",
    "code",
    "name",
    "kind",
    "timezone",
    "buildings",
    "rooms",
    "assets",
];
const UNITS: &[&str] = &["id", "code", "name", "kind", "parentId", "depth"];

const LEDGER: &[&str] = &[
    "index",
    "recordedAt",
    "occurredAt",
    "type",
    "stream",
    "actor",
    "actorName",
    "role",
    "surface",
    "requestId",
    "eventId",
    "remark",
    "leafHash",
    "entry",
];

type Rows = Vec<Vec<String>>;

/// A walk along a list.
pub struct Walk {
    selection: Selection,
    at: Option<Position>,
    ended: bool,
    unit_codes: HashMap<UnitId, String>,
    category_codes: HashMap<CategoryId, String>,
}

impl Walk {
    pub fn new(selection: Selection) -> Self {
        Self {
            selection,
            at: None,
            ended: false,
            unit_codes: HashMap::new(),
            category_codes: HashMap::new(),
        }
    }

    /// What the columns are called.
    pub const fn head(&self) -> &'static [&'static str] {
        match self.selection {
            Selection::Assets(..) => ASSETS,
            Selection::History(_) => HISTORY,
            Selection::People(_) => PEOPLE,
            Selection::Sites => SITES,
            Selection::Units => UNITS,
            Selection::Ledger(..) => LEDGER,
        }
    }

    /// In which form they leave.
    pub const fn format(&self) -> Format {
        self.selection.format()
    }

    /// The next rows; none at the end.
    pub async fn next(
        &mut self,
        tx: &mut Tx,
        access: &Access,
        scope: &Scope,
        people: &Scope,
    ) -> StoreResult<Option<Rows>> {
        if self.ended {
            return Ok(None);
        }
        let after = self.at.as_ref().map_or(-1, |position| position.seq);
        let limit = Limit::WALK;
        let selection = self.selection.clone();
        let page = match &selection {
            Selection::Assets(filter, None) => {
                let page = search::page(tx, access, scope, filter, after, limit).await?;
                self.assets(tx, access, people, page).await?
            }
            Selection::Assets(filter, Some(q)) => {
                let quest = Quest {
                    q,
                    filter,
                    after: self.at.as_ref(),
                };
                let page = search::search(tx, access, scope, quest, limit).await?;
                self.assets(tx, access, people, page).await?
            }
            Selection::History(asset) => {
                let before = self.at.as_ref().map(|position| position.seq);
                let page = audit::of_asset(tx, access, *asset, before, limit).await?;
                history_rows(tx, access, scope, people, page).await?
            }
            Selection::People(filter) => {
                let page = person::store::page(tx, access, scope, filter, after, limit).await?;
                self.learn_codes(tx, access).await?;
                let code = |id: UnitId| self.unit_codes.get(&id).cloned().unwrap_or_default();
                page.map(|person| {
                    vec![
                        person.id.to_string(),
                        person.display_name,
                        person.email.unwrap_or_default(),
                        person.affiliation.to_string(),
                        person.status.to_string(),
                        person.home_unit_name,
                        code(person.home_unit_id),
                    ]
                })
            }
            Selection::Sites => {
                let page = location::store::sites(tx, access, after, limit).await?;
                let ids: Vec<LocationId> = page.rows.iter().map(|site| site.id).collect();
                let counts = location::store::counts(tx, access, scope, &ids).await?;
                page.map(|site| {
                    let count = counts.get(&site.id).copied().unwrap_or_default();
                    vec![
                        site.id.to_string(),
                        site.code,
                        site.name,
                        site.kind.to_string(),
                        site.timezone.unwrap_or_default(),
                        count.buildings.to_string(),
                        count.rooms.to_string(),
                        count.assets.to_string(),
                    ]
                })
            }
            Selection::Ledger(filter, format) => {
                let before = self.at.as_ref().map(|position| position.seq);
                let trail = trail::page(tx, access, filter, before, limit).await?;
                let next = trail.next.map(Position::after);
                let rows = match format {
                    Format::Csv => ledger_rows(tx, access, people, &trail.rows).await?,
                    Format::JsonLines => trail
                        .rows
                        .into_iter()
                        .map(|one| vec![one.stored.bytes])
                        .collect(),
                };
                Page { rows, next }
            }
            Selection::Units => {
                let page = unit::store::page(tx, access, scope, after, limit).await?;
                page.map(|unit| {
                    vec![
                        unit.id.to_string(),
                        unit.code,
                        unit.name,
                        unit.kind.to_string(),
                        optional(unit.parent_id),
                        unit.depth.to_string(),
                    ]
                })
            }
        };
        self.ended = page.next.is_none();
        self.at = page.next;
        Ok(Some(page.rows))
    }

    /// The codes of units and categories: names need not be unique, and an import asks for what is.
    async fn learn_codes(&mut self, tx: &mut Tx, access: &Access) -> StoreResult<()> {
        if self.unit_codes.is_empty() {
            let units = unit::store::all(tx, access).await?;
            self.unit_codes = units.into_iter().map(|unit| (unit.id, unit.code)).collect();
            let categories = catalogue::store::categories(tx, access).await?;
            self.category_codes = categories
                .into_iter()
                .map(|category| (category.id, category.code))
                .collect();
        }
        Ok(())
    }

    async fn assets(
        &mut self,
        tx: &mut Tx,
        access: &Access,
        people: &Scope,
        page: Page<AssetDetail>,
    ) -> StoreResult<Page<Vec<String>>> {
        self.learn_codes(tx, access).await?;
        let mut holders: Vec<PersonId> = page.rows.iter().filter_map(holder).collect();
        holders.sort_unstable();
        holders.dedup();
        // A holder's name belongs to the asset; their address only to those who may see the person.
        let addresses = person::store::addresses(tx, access, people, &holders).await?;
        let addresses: HashMap<PersonId, String> = addresses.into_iter().collect();
        Ok(page.map(|asset| self.asset(asset, &addresses)))
    }

    fn asset(&self, asset: AssetDetail, addresses: &HashMap<PersonId, String>) -> Vec<String> {
        let address = holder(&asset).and_then(|holder| addresses.get(&holder).cloned());
        let category = self.category_codes.get(&asset.category_id).cloned();
        let unit = self.unit_codes.get(&asset.owning_unit_id).cloned();
        let currency = asset.currency.unwrap_or_default();
        let cost = asset
            .cost_minor
            .map(|minor| money::decimal(minor, &currency));
        vec![
            asset.id.to_string(),
            asset.tag.unwrap_or_default(),
            optional(asset.serial),
            asset.manufacturer_name.unwrap_or_default(),
            asset.model_name.unwrap_or_default(),
            asset.model_no.unwrap_or_default(),
            asset.category_name,
            category.unwrap_or_default(),
            asset.description,
            asset.owning_unit_name,
            unit.unwrap_or_default(),
            asset.location_path.unwrap_or_default(),
            asset.state.to_string(),
            asset.state_since.to_string(),
            asset.condition.to_string(),
            asset.acquisition.to_string(),
            optional(asset.acquired_on),
            cost.unwrap_or_default(),
            currency,
            optional(asset.warranty_ends_on),
            optional(asset.target_kind),
            asset.target_name.unwrap_or_default(),
            address.unwrap_or_default(),
            optional(asset.assignment_kind),
            optional(asset.assigned_from),
            optional(asset.due_at),
            optional(asset.last_verified_at),
            asset.created_at.to_string(),
            asset.updated_at.to_string(),
        ]
    }
}

fn holder(asset: &AssetDetail) -> Option<PersonId> {
    match asset.target_kind {
        Some(TargetKind::Person) => asset.target_id.map(PersonId::from_uuid),
        _ => None,
    }
}

fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Entries of the ledger in cells, the last of which is the entry to the byte.
async fn ledger_rows(
    tx: &mut Tx,
    access: &Access,
    people: &Scope,
    found: &[trail::Found],
) -> StoreResult<Rows> {
    let entries = found
        .iter()
        .map(trail::Found::entry)
        .collect::<StoreResult<Vec<_>>>()?;
    let actors: Vec<PersonId> = entries.iter().filter_map(history::actor).collect();
    let names = person::store::names(tx, access, people, &actors).await?;
    let names: HashMap<PersonId, String> = names.into_iter().collect();
    let row = |(entry, found): (audit::Entry, &trail::Found)| {
        let name = history::actor(&entry).and_then(|actor| names.get(&actor).cloned());
        let surface = serde_json::to_value(entry.surface).unwrap_or_default();
        vec![
            entry.index.to_string(),
            entry.recorded_at.to_string(),
            entry.occurred_at.to_string(),
            entry.kind,
            entry.stream,
            entry.actor.principal,
            name.unwrap_or_default(),
            entry.actor.role.to_string(),
            surface.as_str().unwrap_or_default().to_owned(),
            entry.request_id.unwrap_or_default(),
            entry.event_id.to_string(),
            entry.remark_text.unwrap_or_default(),
            tree::hex(&found.stored.leaf_hash),
            found.stored.bytes.clone(),
        ]
    };
    Ok(entries.into_iter().zip(found).map(row).collect())
}

/// Entries with what their reader may know of them, by the rules of the history itself.
async fn history_rows(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    people: &Scope,
    page: Page<audit::Entry>,
) -> StoreResult<Page<Vec<String>>> {
    let actors: Vec<PersonId> = page.rows.iter().filter_map(history::actor).collect();
    let names = person::store::names(tx, access, people, &actors).await?;
    let names: HashMap<PersonId, String> = names.into_iter().collect();
    Ok(page.map(|entry| {
        let entry = history::within(entry, scope);
        let actor = history::actor(&entry);
        let name = actor.and_then(|actor| names.get(&actor).cloned());
        let surface = serde_json::to_value(entry.surface).unwrap_or_default();
        vec![
            entry.event_id.to_string(),
            entry.kind,
            entry.occurred_at.to_string(),
            entry.recorded_at.to_string(),
            optional(actor),
            name.unwrap_or_default(),
            entry.actor.role.to_string(),
            surface.as_str().unwrap_or_default().to_owned(),
            entry.request_id.unwrap_or_default(),
            entry.remark_text.unwrap_or_default(),
            entry.payload.to_string(),
        ]
    }))
}
