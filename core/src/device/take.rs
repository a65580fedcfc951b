//! Reports taken in: many of one connection in one unit of work, with about as few statements as one takes.

use std::collections::{HashMap, HashSet};

use super::batch::{Batch, Plan};
use super::hand_over::{People, Users};
use super::identity::{EXTERNAL_ID_CHARS_MAX, Identity};
use super::intake::Intake;
use super::known::Known;
use super::matching::{self, Match};
use super::project::Rows;
use super::refusal;
use super::report::{Kind, Report};
use super::store::{self, Private};
use crate::asset::steps;
use crate::connection::reported::permitted;
pub use crate::connection::reported::{REPORTS_MAX, Refusal};
use crate::connection::{Provider, accepted};
use crate::id::{AssetId, ConnectionId, DuplicateCaseId, UnitId};
use crate::ledger::{Command, Failure, Wanted, Work};
use crate::store::StoreResult;
use crate::text;

/// Reports of one connection, in the order in which they came in, each with a key by which its outcome is told.
#[derive(Debug, Clone)]
pub struct TakeReports {
    /// Which connection.
    pub connection: ConnectionId,
    /// Whose product it is.
    pub provider: Provider,
    /// What it reported.
    pub reports: Vec<(String, Report)>,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The key it came with.
    pub key: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What becomes of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It left facts about this asset.
    Applied {
        /// Which.
        asset: AssetId,
        /// Whether the asset was entered because of it.
        entered: bool,
    },
    /// It says what is known: that the device was heard of is kept.
    Unchanged {
        /// Which asset it is.
        asset: AssetId,
    },
    /// It is older than what is known.
    Stale {
        /// Which asset it is.
        asset: AssetId,
    },
    /// Somebody has to decide which asset it is; nothing else follows.
    Case {
        /// The case.
        case: DuplicateCaseId,
        /// Whether it was opened because of this report.
        opened: bool,
    },
    /// Nothing in it tells which device it is.
    NoIdentity,
    /// A rule says no.
    Refused(refusal::NotTaken),
}

impl Outcome {
    /// The word for it, for logs and counts.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Applied { .. } => "applied",
            Self::Unchanged { .. } => "unchanged",
            Self::Stale { .. } => "stale",
            Self::Case { .. } => "case",
            Self::NoIdentity => "no_identity",
            Self::Refused(_) => "refused",
        }
    }
}

impl Command for TakeReports {
    type Answer = Vec<Taken>;
    type Refusal = Refusal;

    fn weight(&self) -> usize {
        self.reports.len()
    }

    async fn execute(self, work: &mut Work) -> Result<Vec<Taken>, Failure<Refusal>> {
        let access = work.access().clone();
        permitted(&access, self.reports.len())?;
        let identities = self.identities();
        let connection = self.connection;
        let mut known = Known::load(work.tx(), &access, connection, &identities).await?;
        let unknown = identities.iter().any(|identity| {
            !identity.is_empty() && matching::find(identity, &known) == Match::None
        });
        let intake = if unknown {
            Some(Intake::prepare(work, &mut known.products).await?)
        } else {
            None
        };
        let users = self.reports.iter().filter_map(|(_, report)| {
            let tells = matches!(report.kind, Kind::Login | Kind::Enrolled | Kind::Inventory);
            report.user.as_ref().filter(|_| tells)
        });
        let units = known.assets.values().map(|asset| asset.owning_unit_id);
        let units: HashSet<UnitId> = units.collect();
        let people = People::load(work.tx(), &access, units, Users::of(users)).await?;
        let random = work.random();
        let mut batch = Batch {
            take: &self,
            now: work.now(),
            random: random.as_ref(),
            known,
            intake,
            people,
        };
        let plans = self.reports.iter().zip(&identities);
        let plans: Vec<Plan> = plans
            .map(|((_, report), identity)| batch.plan(report, identity))
            .collect();
        let outcomes = carry_out(work, plans).await?;
        accepted::tell(work, connection).await?;
        let keys = self.reports.into_iter().map(|(key, _)| key);
        let taken = keys.zip(outcomes);
        Ok(taken.map(|(key, outcome)| Taken { key, outcome }).collect())
    }
}

impl TakeReports {
    fn identities(&self) -> Vec<Identity> {
        let identity = |report: &Report| {
            let id = report.external_id.as_deref();
            let id = id.and_then(|id| text::line(id, EXTERNAL_ID_CHARS_MAX).ok());
            Identity::of(self.provider, id, &report.device)
        };
        self.reports
            .iter()
            .map(|(_, report)| identity(report))
            .collect()
    }
}

/// Records what was planned. What a rule of assets refuses, and what rests on it, is left out.
async fn carry_out(work: &mut Work, plans: Vec<Plan>) -> StoreResult<Vec<Outcome>> {
    let access = work.access().clone();
    let actor = access.actor().clone();
    let mut wanted = Wanted::default();
    for command in plans.iter().filter_map(|plan| plan.register.as_ref()) {
        wanted.assets.command(&access, command);
    }
    if plans.iter().any(|plan| plan.register.is_some()) {
        work.load(wanted).await?;
    }
    let mut rows = Rows::default();
    let mut kept: HashMap<AssetId, Private> = HashMap::new();
    let mut named = Vec::new();
    let mut failed: HashMap<AssetId, refusal::NotTaken> = HashMap::new();
    let mut outcomes = Vec::with_capacity(plans.len());
    let desk = work.desk();
    for plan in plans {
        if let Some(command) = &plan.register
            && let Err(failure) = steps::carry_out(desk, command, &actor)
        {
            match failure {
                Failure::Refused(refusal) => {
                    failed.insert(command.asset, refusal::NotTaken::Asset(refusal));
                }
                Failure::Store(error) => return Err(error),
            }
        }
        if let Some(reason) = plan.about.and_then(|(asset, _)| failed.get(&asset)) {
            outcomes.push(Outcome::Refused(reason.clone()));
            continue;
        }
        let facts = plan.facts();
        for fact in facts {
            let (recorded, event) = desk.note_of_device(&actor, fact)?;
            rows.fold(&recorded, &event);
        }
        if let Some(one) = plan.kept {
            kept.insert(one.asset_id, one);
        }
        named.extend(plan.named);
        outcomes.push(plan.outcome);
    }
    rows.write(work.tx()).await?;
    let mut kept: Vec<Private> = kept.into_values().collect();
    kept.sort_unstable_by_key(|one| one.asset_id);
    store::keep_privates(work.tx(), access.org(), kept).await?;
    store::keep_named(work.tx(), access.org(), named).await?;
    Ok(outcomes)
}
