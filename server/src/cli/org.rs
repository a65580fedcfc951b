//! `habeo org`: organizations.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use habeo_core::access::{Access, Surface};
use habeo_core::identity::OpenOrganization;
use habeo_core::org::{command, store};

use super::terminal::{Out, say};
use crate::config::Config;
use crate::issuer;
use crate::node::{Node, Purpose};

/// What can be done with organizations.
#[derive(Debug, Subcommand)]
pub enum Org {
    /// Create one.
    Create(Create),
    /// List them.
    List,
    /// Open one again that was closed because Clerk's was deleted.
    Open(Open),
}

/// An organization that is to be open again.
#[derive(Debug, Args)]
pub struct Open {
    /// Its name on the command line.
    slug: String,
    /// The organization of Clerk whose members are its members from now on, such as `org_2abc`.
    #[arg(long, value_name = "ID")]
    clerk_org: Option<String>,
}

/// A new organization.
#[derive(Debug, Args)]
pub struct Create {
    /// Its name.
    #[arg(long)]
    name: String,
    /// Its name in addresses and on the command line: a-z, 0-9 and -.
    #[arg(long)]
    slug: String,
    /// Clerk's id for it, such as `org_2abc`. Without Clerk the sandbox issuer knows it as `org_sbx_<slug>`.
    #[arg(long, value_name = "ID")]
    clerk_org: Option<String>,
    /// IANA time zone.
    #[arg(long, default_value = "UTC")]
    timezone: String,
    /// ISO 4217.
    #[arg(long, default_value = "USD")]
    currency: String,
    /// Where it issues tags with a check character, such as WMK; may be repeated.
    #[arg(long, value_name = "NAMESPACE")]
    tag_namespace: Vec<String>,
}

impl Org {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        let node = Node::open(config, Purpose::Serving).await?;
        match self {
            Self::List => {
                for (id, slug) in store::all(node.ledger.db()).await? {
                    say(out, &format!("{id}  {slug}"));
                }
            }
            Self::Open(open) => reopen(config, &node, open).await?,
            Self::Create(new) => {
                let external = match (&config.clerk.issuer, new.clerk_org) {
                    (Some(issuer), Some(id)) => vec![(issuer.clone(), id)],
                    (Some(_), None) => {
                        anyhow::bail!("Clerk is configured: name its organization with --clerk-org")
                    }
                    (None, Some(_)) => anyhow::bail!("--clerk-org needs HABEO_CLERK_ISSUER"),
                    (None, None) => {
                        vec![(issuer::ISSUER.to_owned(), issuer::external_id(&new.slug))]
                    }
                };
                let create = command::CreateOrg {
                    name: new.name,
                    slug: new.slug,
                    timezone: new.timezone,
                    currency: new.currency,
                    sandbox: false,
                    external,
                    tag_namespaces: new.tag_namespace,
                    units: None,
                };
                let created = create.carry_out(&node.ledger).await?;
                say(out, &format!("{}", created.org));
            }
        }
        Ok(())
    }
}

async fn reopen(config: &Config, node: &Node, open: Open) -> anyhow::Result<()> {
    let org = store::by_slug(node.ledger.db(), &open.slug).await?;
    let org = org.with_context(|| format!("there is no organization {}", open.slug))?;
    if let Some(id) = open.clerk_org {
        let issuer = config.clerk.issuer.as_deref();
        let issuer = issuer.context("--clerk-org needs HABEO_CLERK_ISSUER")?;
        command::link_issuer(&node.ledger, org, issuer, &id).await?;
    }
    let access = Access::system(org, Surface::System);
    node.ledger.record(&access, OpenOrganization).await?;
    Ok(())
}
