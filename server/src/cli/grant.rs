//! `habeo grant`: a role for somebody, given by the operator.

use anyhow::{Context as _, bail};
use clap::Args;
use habeo_core::access::{Access, Role, Surface};
use habeo_core::grant::command::GiveGrant;
use habeo_core::id::PersonId;
use habeo_core::ledger::Ledger;
use habeo_core::org;
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{self, Affiliation, PersonStatus};
use habeo_core::unit::{self, ROOT_CODE, UNASSIGNED_CODE};

use super::terminal::say;
use crate::config::Config;
use crate::issuer;
use crate::node::{Node, Purpose};

/// A role for somebody.
#[derive(Debug, Args)]
pub struct Grant {
    /// The organization's slug.
    #[arg(long)]
    org: String,
    /// Who: a mail address, or the issuer's name for them such as `user_2abc`.
    #[arg(long)]
    person: String,
    /// Which role.
    #[arg(long, value_parser = parse_role)]
    role: Role,
    /// The code of the unit where it holds, with everything below; the whole organization when none.
    #[arg(long, default_value = ROOT_CODE)]
    unit: String,
    /// Make them known under this name first, where the issuer's report of them has not come yet.
    #[arg(long, value_name = "NAME")]
    create: Option<String>,
    /// Why; kept with the grant.
    #[arg(long)]
    remark: Option<String>,
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::ALL
        .into_iter()
        .find(|role| role.as_str() == text)
        .ok_or_else(|| {
            let names: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
            format!("a role is one of {}", names.join(", "))
        })
}

impl Grant {
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let node = Node::open(config, Purpose::Serving).await?;
        let ledger = &node.ledger;
        let org = org::store::by_slug(ledger.db(), &self.org)
            .await?
            .with_context(|| format!("there is no organization {}", self.org))?;
        let access = Access::system(org, Surface::System);
        let issuer = config.clerk.issuer.as_deref().unwrap_or(issuer::ISSUER);
        let mut tx = ledger.db().read(&access).await?;
        let unit = unit::store::by_code(&mut tx, &access, &self.unit)
            .await?
            .with_context(|| format!("there is no unit {}", self.unit))?;
        let known = person::store::named(&mut tx, &access, issuer, &self.person).await?;
        drop(tx);
        let person = match (known, &self.create) {
            (Some(person), _) => person,
            (None, Some(name)) => register(ledger, &access, issuer, &self.person, name).await?,
            (None, None) => bail!(
                "nobody is known as {}; --create NAME makes them known",
                self.person
            ),
        };
        let grant = GiveGrant {
            person,
            role: self.role,
            root_unit: unit.id,
            valid_to: None,
            remark: self.remark,
        };
        let id = ledger.record(&access, grant).await?;
        say(&format!("{id}"));
        Ok(())
    }
}

async fn register(
    ledger: &Ledger,
    access: &Access,
    issuer: &str,
    who: &str,
    name: &str,
) -> anyhow::Result<PersonId> {
    let mut tx = ledger.db().read(access).await?;
    let home = unit::store::by_code(&mut tx, access, UNASSIGNED_CODE)
        .await?
        .context("the organization has no intake unit")?;
    drop(tx);
    let is_address = who.contains('@');
    let new = RegisterPerson {
        id: None,
        display_name: name.to_owned(),
        email: is_address.then(|| who.to_owned()),
        hr_id: None,
        home_unit: home.id,
        affiliation: Affiliation::Staff,
        status: PersonStatus::Active,
        separated_on: None,
        identities: if is_address {
            Vec::new()
        } else {
            vec![(issuer.to_owned(), who.to_owned())]
        },
    };
    Ok(ledger.record(access, new).await?)
}
