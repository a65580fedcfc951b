//! `habeo token`: a session token of the sandbox issuer.

use anyhow::{Context as _, bail};
use clap::Args;
use habeo_core::access::{Access, Surface};
use habeo_core::{org, person};

use super::terminal::{Out, say};
use crate::config::Config;
use crate::issuer::{ISSUER, SandboxIssuer, Subject, external_id};
use crate::node::{Node, Purpose};
use crate::sandbox::{SLUG, cast};

/// Whose token.
#[derive(Debug, Args)]
pub struct Token {
    /// The organization's slug.
    #[arg(long, default_value = SLUG)]
    org: String,
    /// Who: a mail address, the issuer's name for them, or `admin` or `technician` in the sandbox.
    #[arg(long, default_value = "admin")]
    person: String,
}

impl Token {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        if config.clerk.issuer.is_some() {
            bail!("Clerk issues the tokens here; the sandbox issuer is off");
        }
        let node = Node::open(config, Purpose::Serving).await?;
        let ledger = &node.ledger;
        let org = org::store::by_slug(ledger.db(), &self.org)
            .await?
            .with_context(|| format!("there is no organization {}", self.org))?;
        let access = Access::system(org, Surface::System);
        let cast = cast::find(ledger, &access).await?;
        let (subject, admin) = match (self.person.as_str(), cast) {
            ("admin", Some(cast)) => (cast.admin, true),
            ("technician", Some(cast)) => (cast.technician, false),
            (who, _) => {
                let mut tx = ledger.db().read(&access).await?;
                let person = person::store::named(&mut tx, &access, ISSUER, who).await?;
                let person = person.with_context(|| format!("nobody is known as {who}"))?;
                let subject = person::store::subject(&mut tx, &access, person, ISSUER).await?;
                (
                    subject
                        .with_context(|| format!("{who} has no identity at the sandbox issuer"))?,
                    false,
                )
            }
        };
        let issuer = SandboxIssuer::open(ledger, &node.master_key).await?;
        let organization = external_id(&self.org);
        let subject = Subject {
            subject: &subject,
            organization: &organization,
            slug: &self.org,
            admin,
        };
        say(
            out,
            &issuer.token(subject, ledger.clock().now(), ledger.random())?,
        );
        Ok(())
    }
}
