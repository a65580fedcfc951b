//! `habeo approvals`: up to which amounts one person approves what is bought, and who does so in whose place, by the operator.

use anyhow::Context as _;
use clap::{ArgGroup, Args, Subcommand};
use habeo_core::access::{Access, Surface};
use habeo_core::approval::command::{EndDelegation, SetLimits};
use habeo_core::approval::{Limit, store};
use habeo_core::id::DelegationId;
use habeo_core::ledger::Ledger;
use habeo_core::unit::{self, ROOT_CODE};

use super::import::organization;
use super::terminal::{Out, say};
use crate::config::Config;
use crate::node::{Node, Purpose};

/// What can be done with who approves.
#[derive(Debug, Subcommand)]
pub enum Approvals {
    /// List the limits of the units that have some.
    Limits(Whose),
    /// Set the limits of a unit and of what is below it.
    Set(Set),
    /// List who approves in whose place, now or later.
    Delegations(Whose),
    /// End a delegation.
    End(End),
}

/// Which organization.
#[derive(Debug, Args)]
pub struct Whose {
    /// The organization's slug; may be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
}

/// The limits of a unit.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("how").required(true).args(["one_up_to", "two", "inherit"])))]
pub struct Set {
    #[command(flatten)]
    whose: Whose,
    /// The unit's code; the whole organization when none.
    #[arg(long, default_value = ROOT_CODE)]
    unit: String,
    /// One person approves up to this, such as `USD 5000`; as often as there are currencies. What is in another currency takes two.
    #[arg(long, value_name = "CURRENCY AMOUNT")]
    one_up_to: Vec<Limit>,
    /// Two people approve everything.
    #[arg(long)]
    two: bool,
    /// The unit above decides.
    #[arg(long)]
    inherit: bool,
}

/// One delegation.
#[derive(Debug, Args)]
pub struct End {
    #[command(flatten)]
    whose: Whose,
    /// Its id.
    delegation: DelegationId,
}

impl Approvals {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        let node = Node::open(config, Purpose::Serving).await?;
        let ledger = &node.ledger;
        let slug = match &self {
            Self::Limits(whose) | Self::Delegations(whose) => whose.org.as_deref(),
            Self::Set(set) => set.whose.org.as_deref(),
            Self::End(end) => end.whose.org.as_deref(),
        };
        let (org, _) = organization(ledger, slug).await?;
        let access = Access::system(org, Surface::System);
        match self {
            Self::Limits(_) => limits(ledger, &access, out).await,
            Self::Set(set) => set.run(ledger, &access, out).await,
            Self::Delegations(_) => delegations(ledger, &access, out).await,
            Self::End(End { delegation, .. }) => {
                ledger.record(&access, EndDelegation { delegation }).await?;
                say(out, "It is ended.");
                Ok(())
            }
        }
    }
}

async fn limits(ledger: &Ledger, access: &Access, out: Out<'_>) -> anyhow::Result<()> {
    let mut tx = ledger.db().read(access).await?;
    let policies = store::policies(&mut tx, access).await?;
    let ids: Vec<_> = policies.iter().map(|policy| policy.unit).collect();
    let units = unit::store::by_ids(&mut tx, access, &ids).await?;
    for policy in policies {
        let unit = units.iter().find(|unit| unit.id == policy.unit);
        let code = unit.map(|unit| unit.code.as_str()).unwrap_or_default();
        let up_to: Vec<String> = policy.limits.iter().map(ToString::to_string).collect();
        let says = if up_to.is_empty() {
            "two people approve everything".to_owned()
        } else {
            format!("one person up to {}", up_to.join(", "))
        };
        say(out, &format!("{code:<12}  {says}"));
    }
    Ok(())
}

async fn delegations(ledger: &Ledger, access: &Access, out: Out<'_>) -> anyhow::Result<()> {
    let mut tx = ledger.db().read(access).await?;
    for one in store::not_over(&mut tx, access, ledger.clock().now()).await? {
        let line = format!(
            "{}  {} in the place of {}, from {} until {}",
            one.id, one.to, one.from, one.starts_at, one.ends_at
        );
        say(out, &line);
    }
    Ok(())
}

impl Set {
    async fn run(self, ledger: &Ledger, access: &Access, out: Out<'_>) -> anyhow::Result<()> {
        let mut tx = ledger.db().read(access).await?;
        let unit = unit::store::by_code(&mut tx, access, &self.unit).await?;
        let unit = unit.with_context(|| format!("there is no unit {}", self.unit))?;
        drop(tx);
        let set = SetLimits {
            unit: unit.id,
            limits: (!self.inherit).then_some(self.one_up_to),
        };
        ledger.record(access, set).await?;
        limits(ledger, access, out).await
    }
}
