//! `habeo person`: what the operator does for people.

use anyhow::{Context as _, ensure};
use clap::{Args, Subcommand};
use habeo_core::access::{Access, Surface};
use habeo_core::person;
use habeo_core::person::erase::ErasePerson;

use super::import::organization;
use super::terminal::{Out, say};
use crate::config::Config;
use crate::issuer;
use crate::node::{Node, Purpose};

/// What can be done for people.
#[derive(Debug, Subcommand)]
pub enum Person {
    /// Erase who somebody was who is gone: their name and addresses, and what names them beside devices and tickets. The ledger stays as it is.
    Erase(Erase),
}

/// Whom.
#[derive(Debug, Args)]
pub struct Erase {
    /// Their id, their address, or their name at the issuer.
    who: String,
    /// The organization's slug; may be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
    /// It cannot be undone; say so.
    #[arg(long)]
    for_good: bool,
}

impl Person {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        let Self::Erase(erase) = self;
        ensure!(
            erase.for_good,
            "erasing cannot be undone; say --for-good if it is meant"
        );
        let node = Node::open(config, Purpose::Serving).await?;
        let (org, _) = organization(&node.ledger, erase.org.as_deref()).await?;
        let access = Access::system(org, Surface::System);
        let who = erase.who.as_str();
        let person = if let Ok(person) = who.parse() {
            person
        } else {
            let issuer = config.clerk.issuer.as_deref().unwrap_or(issuer::ISSUER);
            let mut tx = node.ledger.db().read(&access).await?;
            let named = person::store::named(&mut tx, &access, issuer, who).await?;
            named.with_context(|| format!("nobody is known as {who}"))?
        };
        let erased = node.ledger.record(&access, ErasePerson { person }).await?;
        say(
            out,
            if erased {
                "What named them is erased. Letters of connections that name them go within thirty days; backups keep it for as long as they are kept."
            } else {
                "There was nothing left to erase."
            },
        );
        node.ledger.db().close().await;
        Ok(())
    }
}
