//! Writing the planned university, through the same door as everything else.
//!
//! The plan lies in the past, so the ledger that writes it is given a clock that is set along with it. Commands of about the same time go
//! into one transaction; each is decided against the state that the ones before it left, exactly as it would be today.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;
use habeo_core::access::{Access, Actor, Principal, Role, Surface};
use habeo_core::asset::steps::{Step, Steps};
use habeo_core::catalogue::command::{Add, NewModel};
use habeo_core::connection::Provider;
use habeo_core::grant::command::GiveGrant;
use habeo_core::id::{OrgId, PersonId, UnitId};
use habeo_core::ledger::{All, Command, Ledger};
use habeo_core::location::command::CreateLocation;
use habeo_core::org::command::CreateOrg;
use habeo_core::person::PersonStatus;
use habeo_core::person::command::{ChangeStatus, RegisterPerson};
use habeo_core::random::SeededRandom;
use habeo_core::store::Db;
use habeo_core::ticket::command::{REPORTS_MAX, TakeReports};
use habeo_core::ticket::report::Report;
use habeo_core::time::{Clock as _, Day, SetClock, Timestamp};
use habeo_core::unit::command::CreateUnit;

use super::{University, university};
use crate::issuer;

/// How many commands go into one transaction.
const STEPS_PER_UNIT: usize = 1_000;
/// Sets the randomness of ids apart from that of the plan.
const ID_SEED: u64 = 0x4841_4245_4F00;

/// Who the university's people are to the sandbox issuer.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The organisation.
    pub org: OrgId,
    /// Its slug.
    pub slug: &'static str,
    /// Its administrator at the issuer.
    pub admin_subject: String,
    /// A technician at the issuer.
    pub technician_subject: String,
    /// The name of the college the technician works for.
    pub technician_college: &'static str,
}

/// Told how far the work is: done of all.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// Writes the university that this seed and day determine.
pub async fn seed(
    db: &Db,
    seed: u64,
    today: Day,
    progress: Progress<'_>,
) -> anyhow::Result<Seeded> {
    let plan = university(seed, today);
    let clock = Arc::new(SetClock::at(plan.founded));
    let random = Arc::new(SeededRandom::new(seed ^ ID_SEED));
    let ledger = Ledger::new(db.clone(), clock.clone(), random);
    let root = plan
        .units
        .iter()
        .find(|unit| unit.parent.is_none())
        .context("the plan has no root")?
        .id;
    let new = CreateOrg {
        name: plan.name.to_owned(),
        slug: plan.slug.to_owned(),
        timezone: plan.timezone.to_owned(),
        currency: plan.currency.to_owned(),
        sandbox: true,
        external: vec![(issuer::ISSUER.to_owned(), issuer::external_id(plan.slug))],
        tag_namespaces: vec![plan.tag_namespace.to_owned()],
        units: Some((root, plan.unassigned)),
    };
    let org = new.carry_out(&ledger).await?.org;
    let access = Access::system(org, Surface::System);
    let writer = Writer {
        ledger: &ledger,
        access: &access,
    };
    writer.furnish(&plan, root).await?;
    history(&writer, &plan, &clock, progress).await?;
    writer.tickets(&plan, &clock, today).await?;
    let subject = |id: PersonId| {
        let person = plan.people.iter().find(|person| person.id == id);
        person
            .map(|person| person.subject.clone())
            .context("the plan names an unknown person")
    };
    let college = plan
        .units
        .iter()
        .find(|unit| unit.id == plan.technician_college);
    Ok(Seeded {
        org,
        slug: plan.slug,
        admin_subject: subject(plan.admin)?,
        technician_subject: subject(plan.technician)?,
        technician_college: college.map_or("", |unit| unit.name),
    })
}

struct Writer<'a> {
    ledger: &'a Ledger,
    access: &'a Access,
}

impl Writer<'_> {
    /// Writes commands a thousand at a time.
    async fn all<C>(&self, commands: impl IntoIterator<Item = C>) -> anyhow::Result<()>
    where
        C: Command,
        C::Refusal: std::error::Error + Sync,
    {
        let mut commands = commands.into_iter().peekable();
        while commands.peek().is_some() {
            let chunk: Vec<C> = commands.by_ref().take(STEPS_PER_UNIT).collect();
            self.ledger.record(self.access, All(chunk)).await?;
        }
        Ok(())
    }

    /// What the help desk has, as if it had been connected this morning.
    async fn tickets(&self, plan: &University, clock: &SetClock, today: Day) -> anyhow::Result<()> {
        clock.set(today.start().max(clock.now()));
        let access = Access::system(self.access.org(), Surface::Webhook);
        for chunk in plan.tickets.chunks(REPORTS_MAX) {
            let keyed =
                |report: &Report| (format!("sandbox:{}", report.external_id), report.clone());
            let reports = TakeReports {
                connection: plan.help_desk,
                provider: Provider::Jira,
                reports: chunk.iter().map(keyed).collect(),
            };
            self.ledger.record(&access, reports).await?;
        }
        Ok(())
    }

    /// Units, places, catalogue, people and their roles, as on the first day.
    async fn furnish(&self, plan: &University, root: UnitId) -> anyhow::Result<()> {
        let units = plan
            .units
            .iter()
            .filter(|unit| unit.id != root && unit.id != plan.unassigned);
        self.all(units.map(|unit| CreateUnit {
            id: Some(unit.id),
            parent: unit.parent.unwrap_or(root),
            kind: unit.kind,
            code: unit.code.to_owned(),
            name: unit.name.to_owned(),
        }))
        .await?;
        self.all(plan.locations.iter().map(|place| CreateLocation {
            id: Some(place.id),
            parent: place.parent,
            kind: place.kind,
            code: place.code.clone(),
            name: place.name.clone(),
            room_use: place.room_use,
            timezone: place.timezone.map(ToOwned::to_owned),
            controlling_unit: place.controlling_unit,
        }))
        .await?;
        self.all(catalogue(plan)).await?;
        self.all(plan.people.iter().map(|person| RegisterPerson {
            id: Some(person.id),
            display_name: person.name.clone(),
            email: Some(person.email.clone()),
            hr_id: person.hr_id.clone(),
            home_unit: person.unit,
            affiliation: person.affiliation,
            // Whoever has left by now was there once, and held things.
            status: if person.status == PersonStatus::Separated {
                PersonStatus::Active
            } else {
                person.status
            },
            separated_on: None,
            identities: vec![(issuer::ISSUER.to_owned(), person.subject.clone())],
        }))
        .await?;
        self.all(plan.grants.iter().map(|grant| GiveGrant {
            person: grant.person,
            role: grant.role,
            root_unit: grant.unit,
            valid_to: None,
            remark: Some(grant.reason.to_owned()),
        }))
        .await
    }
}

fn catalogue(plan: &University) -> impl Iterator<Item = Add> {
    let makers = plan.manufacturers.iter().map(|maker| Add::Manufacturer {
        id: Some(maker.id),
        name: maker.name.to_owned(),
    });
    let categories = plan.categories.iter().map(|category| Add::Category {
        id: Some(category.id),
        parent: category.parent,
        code: category.code.to_owned(),
        name: category.name.to_owned(),
    });
    let models = plan.models.iter().map(|model| {
        Add::Model(NewModel {
            id: Some(model.id),
            manufacturer: model.manufacturer,
            category: model.category,
            name: model.name.to_owned(),
            model_no: (!model.model_no.is_empty()).then(|| model.model_no.to_owned()),
            bears_data: model.bears_data,
            requires_serial: model.requires_serial,
            useful_life_months: model.useful_life_months,
        })
    });
    makers.chain(categories).chain(models)
}

/// Writes the years, in their order. Those who left are recorded as gone with the first transaction after their day: the personnel
/// system reports it late, as they do.
async fn history(
    writer: &Writer<'_>,
    plan: &University,
    clock: &SetClock,
    progress: Progress<'_>,
) -> anyhow::Result<()> {
    let roles: BTreeMap<PersonId, Role> = plan
        .grants
        .iter()
        .map(|grant| (grant.person, grant.role))
        .collect();
    let mut leavers: Vec<(Day, PersonId)> = plan
        .people
        .iter()
        .filter_map(|person| person.separated_on.map(|day| (day, person.id)))
        .collect();
    leavers.sort_unstable();
    let mut leavers = leavers.into_iter().peekable();
    let total = plan.steps.len() as u64;
    let mut done = 0;
    for chunk in plan.steps.chunks(STEPS_PER_UNIT) {
        let first = chunk.first().map_or(plan.founded, |step| step.at);
        clock.set(first);
        let mut gone = Vec::new();
        while let Some((day, person)) = leavers.next_if(|(day, _)| day.start() <= first) {
            gone.push(ChangeStatus {
                person,
                status: PersonStatus::Separated,
                separated_on: Some(day),
            });
        }
        writer.all(gone).await?;
        let step = |step: &super::Step| {
            let role = roles.get(&step.actor).copied().unwrap_or(Role::Requester);
            let actor = Actor {
                principal: Principal::Person(step.actor),
                role,
                surface: Surface::Web,
                request_id: None,
                cause: None,
            };
            Step {
                command: step.command.clone(),
                past: Some((actor, step.at)),
            }
        };
        let steps: Vec<Step> = chunk.iter().map(step).collect();
        let last: Timestamp = chunk.last().map_or(first, |step| step.at);
        writer
            .ledger
            .record(writer.access, Steps(Arc::new(steps)))
            .await?;
        clock.set(last);
        done += chunk.len() as u64;
        progress(done, total);
    }
    let rest = leavers.map(|(day, person)| ChangeStatus {
        person,
        status: PersonStatus::Separated,
        separated_on: Some(day),
    });
    writer.all(rest).await
}
