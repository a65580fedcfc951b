//! `habeo sandbox`: the invented university, made and made again.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use habeo_core::access::{Access, Surface};
use habeo_core::ledger::Ledger;
use habeo_core::org::{command, store};

use super::terminal::{Out, Progress, say};
use crate::config::Config;
use crate::issuer::{SandboxIssuer, Subject, external_id};
use crate::node::{Node, Purpose};
use crate::sandbox::SLUG;
use crate::sandbox::cast::{self, Cast};
use crate::sandbox::seed as write;

/// What can be done with the invented university.
#[derive(Debug, Subcommand)]
pub enum Sandbox {
    /// Make it, where there is none.
    Seed,
    /// Begin it anew, as another organization: a ledger is never shortened. The former one keeps its records under another slug.
    Reset,
}

impl Sandbox {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        let node = Node::open(config, Purpose::Bulk).await?;
        let db = node.ledger.db();
        let present = store::by_slug(db, SLUG).await?;
        match (self, present) {
            (Self::Seed, Some(_)) => {
                bail!("the sandbox exists; `habeo sandbox reset` begins it anew")
            }
            (Self::Reset, Some(org)) => {
                let mut tx = db.read(&Access::system(org, Surface::System)).await?;
                let own = store::own(&mut tx, &Access::system(org, Surface::System)).await?;
                drop(tx);
                if !own.is_sandbox {
                    bail!("the organization {SLUG} is not a sandbox");
                }
                command::step_aside(&node.ledger, org).await?;
            }
            (_, None) => {}
        }
        seed(config, &node, out).await
    }
}

/// Makes the university, showing how far it is.
pub async fn seed(config: &Config, node: &Node, out: Out<'_>) -> anyhow::Result<()> {
    let today = node.ledger.clock().now().day();
    let progress = Progress::new("Writing seven years of Westmark University");
    let written = write::seed(
        node.ledger.db(),
        config.sandbox.seed,
        today,
        &|done, total| progress.at(done, total),
    )
    .await;
    progress.done();
    let seeded = written.context("the sandbox cannot be written")?;
    say(
        out,
        &format!(
            "Westmark University is ready (organization {}).",
            seeded.org
        ),
    );
    Ok(())
}

/// What somebody needs who has just started Habeo.
#[derive(Debug)]
pub struct Guide {
    admin: String,
    technician: String,
    college: String,
}

impl Guide {
    /// Tokens for the sandbox's people, where there is a sandbox.
    pub async fn of(ledger: &Ledger, issuer: &SandboxIssuer) -> anyhow::Result<Option<Self>> {
        let Some(org) = store::by_slug(ledger.db(), SLUG).await? else {
            return Ok(None);
        };
        let access = Access::system(org, Surface::System);
        let Some(Cast {
            admin,
            technician,
            college,
        }) = cast::find(ledger, &access).await?
        else {
            return Ok(None);
        };
        let organization = external_id(SLUG);
        let token = |subject: &str, admin| {
            let subject = Subject {
                subject,
                organization: &organization,
                slug: SLUG,
                admin,
            };
            issuer.token(subject, ledger.clock().now(), ledger.random())
        };
        Ok(Some(Self {
            admin: token(&admin, true)?,
            technician: token(&technician, false)?,
            college,
        }))
    }

    /// Prints the tokens and a line to paste.
    pub fn print(&self, out: Out<'_>, address: &str) {
        say(out, "");
        say(
            out,
            "Administrator's token (one hour; `habeo token` prints another):",
        );
        say(out, &self.admin);
        say(out, "");
        say(
            out,
            &format!("Token of a technician who sees {} only:", self.college),
        );
        say(out, &self.technician);
        say(out, "");
        say(out, "Read the first assets:");
        say(
            out,
            &format!(
                "curl -s '{address}/api/v1/assets?limit=3' -H 'Authorization: Bearer {}'",
                self.admin
            ),
        );
        say(out, "");
    }
}
