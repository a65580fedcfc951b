//! One asset as it is: everything, or the one thing that was asked.

use habeo_core::access::Action;
use habeo_core::asset::store::{self, AssetDetail};
use habeo_core::asset::{State, TargetKind};
use habeo_core::device::{self, Status};
use habeo_core::id::PersonId;
use habeo_core::store::StoreResult;
use habeo_core::unit::scope;

use super::turn::{Answer, Outcome, Stop, Turn};
use super::words::{self, Discretion};
use crate::intent::{Aspect, AssetRef, Intent};
use crate::reply::{Act, Button, FormKind, Part, Style};

impl Turn<'_> {
    /// What was asked about an asset.
    pub async fn about(
        &mut self,
        which: &AssetRef,
        aspect: Aspect,
        intent: &Intent,
    ) -> Result<Outcome, Stop> {
        // Who has something, and what it cost, is not for those who read along.
        if matches!(aspect, Aspect::Holder | Aspect::Cost | Aspect::Due) {
            self.keep_private();
        }
        let asset = self.asset(which, intent).await?;
        let answer = match aspect {
            Aspect::Whole | Aspect::Identity => self.card(&asset).await?,
            _ => {
                let said = self.sentence(&asset, aspect);
                let mut answer = Answer::of(vec![Part::text(said)], 1);
                answer.buttons.push(more_about(&asset));
                answer
            }
        };
        let answer = match aspect {
            Aspect::Holder | Aspect::Cost | Aspect::Due => answer,
            _ => answer.open(),
        };
        Ok(Outcome::Said(Box::new(answer.about(
            intent.clone(),
            vec![asset.id],
            None,
        ))))
    }

    fn sentence(&self, asset: &AssetDetail, aspect: Aspect) -> String {
        let name = words::called(asset);
        let thing = words::thing(asset);
        match aspect {
            Aspect::Holder => match words::holder(asset) {
                Some(holder) => self.held_by(asset, &name, &holder),
                None => format!(
                    "Nobody has {name} ({thing}); it is {}.",
                    words::state(asset.state)
                ),
            },
            Aspect::Place => match &asset.location_path {
                Some(path) => format!("{name} ({thing}) is in {path}."),
                None => format!("No place is recorded for {name} ({thing})."),
            },
            Aspect::Status => {
                let since = self.day(asset.state_since);
                let state = words::state(asset.state);
                format!("{name} ({thing}) has been {state} since {since}.")
            }
            Aspect::Unit => format!("{name} ({thing}) belongs to {}.", asset.owning_unit_name),
            Aspect::Warranty => match asset.warranty_ends_on {
                Some(day) => {
                    let words = super::days::day_in_words(day, self.today);
                    let verb = if day < self.today { "ended" } else { "ends" };
                    format!("The warranty of {name} ({thing}) {verb} on {words}.")
                }
                None => format!("No warranty is recorded for {name} ({thing})."),
            },
            Aspect::Bought => match asset.acquired_on {
                Some(day) => {
                    let words = super::days::day_in_words(day, self.today);
                    format!("{name} ({thing}) was bought on {words}.")
                }
                None => format!("It is not recorded when {name} ({thing}) was bought."),
            },
            Aspect::Cost => match asset.cost_minor {
                Some(minor) => {
                    let currency = asset.currency.as_deref().unwrap_or(&self.lexicon.currency);
                    format!("{name} ({thing}) cost {}.", words::amount(minor, currency))
                }
                None => format!("It is not recorded what {name} ({thing}) cost."),
            },
            Aspect::Due => match words::due(asset, &self.lexicon.calendar, self.today) {
                Some(due) => format!("{name} ({thing}) is {due}."),
                None => format!("{name} ({thing}) has no day on which it is due back."),
            },
            Aspect::Condition => format!(
                "The condition of {name} ({thing}) is {}.",
                words::condition(asset.condition)
            ),
            Aspect::Whole | Aspect::Identity => format!("{name} is {thing}."),
        }
    }

    fn held_by(&self, asset: &AssetDetail, name: &str, holder: &str) -> String {
        let thing = words::thing(asset);
        let mut said = format!("{holder} has {name} ({thing})");
        if let Some(from) = asset.assigned_from {
            said.push_str(" since ");
            said.push_str(&self.day(from));
        }
        if let Some(due) = words::due(asset, &self.lexicon.calendar, self.today) {
            said.push_str(", ");
            said.push_str(&due);
        }
        if asset.suspended == Some(true) {
            said.push_str("; now it is ");
            said.push_str(words::state(asset.state));
        }
        said.push('.');
        said
    }

    /// Everything about an asset that may be told.
    pub async fn card(&mut self, asset: &AssetDetail) -> StoreResult<Answer> {
        let full = self.discretion == Discretion::Full;
        let day = |day| super::days::day_in_words(day, self.today);
        let mut facts: Vec<(&str, String)> = vec![
            ("State", words::state(asset.state).to_owned()),
            ("Unit", asset.owning_unit_name.clone()),
        ];
        if full && let Some(holder) = words::holder(asset) {
            let since = asset
                .assigned_from
                .map(|from| format!(" since {}", self.day(from)));
            facts.push(("With", format!("{holder}{}", since.unwrap_or_default())));
            facts.extend(
                asset
                    .assignment_kind
                    .map(|kind| ("Terms", words::terms(kind).to_owned())),
            );
        }
        let due = words::due(asset, &self.lexicon.calendar, self.today);
        facts.extend(due.map(|due| ("Back", due)));
        facts.extend(asset.location_path.clone().map(|path| ("Place", path)));
        facts.push(("Category", asset.category_name.clone()));
        let serial = asset
            .serial
            .as_ref()
            .map(|serial| serial.as_str().to_owned());
        facts.extend(serial.map(|serial| ("Serial number", serial)));
        facts.push(("Condition", words::condition(asset.condition).to_owned()));
        facts.extend(asset.acquired_on.map(|on| ("Bought", day(on))));
        if full && let Some(minor) = asset.cost_minor {
            let currency = asset.currency.as_deref().unwrap_or(&self.lexicon.currency);
            facts.push(("Cost", words::amount(minor, currency)));
        }
        facts.extend(asset.warranty_ends_on.map(|on| ("Warranty until", day(on))));
        facts.extend(asset.last_verified_at.map(|at| ("Last seen", self.day(at))));
        let tickets = self.open_tickets(asset.id).await?;
        if tickets > 0 {
            facts.push(("Tickets", format!("{tickets} open")));
        }
        facts.extend(self.managed(asset).map(|said| ("Device management", said)));
        if full && let Some(name) = self.proposed(asset).await? {
            facts.push(("Hand-over proposed to", name));
        }
        let facts = facts
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        let mut parts = vec![Part::Heading(words::title(asset))];
        if asset.model_name.is_some() && asset.description != words::thing(asset) {
            parts.push(Part::text(asset.description.clone()));
        }
        parts.push(Part::Facts(facts.collect()));
        let mut answer = Answer::of(parts, 1);
        if full && self.is_to_acknowledge(asset).await? {
            let acknowledge = Self::acknowledge(asset.id).styled(Style::Primary);
            answer.buttons.push(acknowledge);
        }
        answer.buttons.extend(self.what_next(asset));
        answer.buttons.push(Button::open(
            "Open in Habeo",
            self.engine.asset_url(asset.id),
        ));
        Ok(answer)
    }

    /// What device management says of an asset that it knows.
    fn managed(&self, asset: &AssetDetail) -> Option<String> {
        let name = device::show::management(asset.mdm_provider?);
        let said = match asset.mdm_status? {
            Status::PreEnrolled => format!("assigned to {name}, not set up yet"),
            Status::Enrolled => format!("managed by {name}"),
            Status::Unenrolled => format!("not managed by {name} any more"),
        };
        let seen = asset
            .mdm_seen_at
            .map(|at| format!(", last check-in {}", self.day(at)));
        Some(said + &seen.unwrap_or_default())
    }

    /// To whom a hand-over of the asset is proposed, where the asker decides who has it.
    async fn proposed(&mut self, asset: &AssetDetail) -> StoreResult<Option<String>> {
        let access = &self.asker.access;
        if !access.may(Action::Custody) {
            return Ok(None);
        }
        let scope = scope::resolve(&mut self.tx, access, Action::Custody).await?;
        if !scope.contains(asset.owning_unit_id) {
            return Ok(None);
        }
        let open = device::show::open_proposal(&mut self.tx, access, asset.id).await?;
        Ok(open.map(|(_, name)| name))
    }

    /// Whether the asker was given an asset and has not said yet that they have it.
    async fn is_to_acknowledge(&mut self, asset: &AssetDetail) -> StoreResult<bool> {
        let access = &self.asker.access;
        let me = access.person().map(PersonId::uuid);
        let mine = asset.target_kind == Some(TargetKind::Person) && asset.target_id == me;
        Ok(mine && store::is_to_acknowledge(&mut self.tx, access, asset.id).await?)
    }

    /// What is likely wanted next with an asset in this state, as far as the asker's role permits it anywhere.
    fn what_next(&self, asset: &AssetDetail) -> Vec<Button> {
        let access = &self.asker.access;
        let (custody, field) = (access.may(Action::Custody), access.may(Action::Field));
        let forms: &[(FormKind, &str, bool)] = match asset.state {
            State::InStock => &[
                (FormKind::Deploy, "Hand out", true),
                (FormKind::Loan, "Lend", true),
                (FormKind::Move, "Move", false),
            ],
            State::InUse => &[
                (FormKind::Return, "Take back", true),
                (FormKind::Reassign, "Hand on", true),
                (FormKind::Move, "Move", false),
            ],
            State::OnLoan => &[
                (FormKind::Return, "Take back", true),
                (FormKind::Renew, "Extend", true),
                (FormKind::Move, "Move", false),
            ],
            State::InRepair => &[(FormKind::RepairIn, "Back from repair", false)],
            State::Missing => &[(FormKind::Found, "Found it", false)],
            _ => &[],
        };
        let given = [("asset".to_owned(), asset.id.to_string())];
        forms
            .iter()
            .filter(|(_, _, hands)| if *hands { custody } else { field })
            .map(|(form, label, _)| Button {
                label: (*label).to_owned(),
                act: Act::Form(*form, given.clone().into()),
                style: Style::Plain,
            })
            .collect()
    }
}

fn more_about(asset: &AssetDetail) -> Button {
    let press = super::memory::Press::Asset(asset.id).spelled();
    Button::press(format!("All about {}", words::called(asset)), press)
}
