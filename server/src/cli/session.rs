//! `habeo session`: sessions of people, by the operator.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use habeo_core::access::{Access, Surface};
use habeo_core::session::ended::{self, Ended};
use habeo_core::{org, person};

use super::terminal::{Out, say};
use crate::config::Config;
use crate::issuer;
use crate::node::{Node, Purpose};

/// What can be done with sessions.
#[derive(Debug, Subcommand)]
pub enum Session {
    /// Refuse the remaining tokens of a session, of a person, or of a person in one organization, on every node within five seconds.
    Revoke(Revoke),
}

/// Whose tokens are refused.
#[derive(Debug, Args)]
pub struct Revoke {
    /// One session, by the issuer's id for it, such as `sess_2abc`.
    #[arg(long, value_name = "ID", required_unless_present = "person", conflicts_with_all = ["person", "org"])]
    session: Option<String>,
    /// Everything of one person: the issuer's name for them, such as `user_2abc`. With --org a mail address is known too.
    #[arg(long, value_name = "WHO")]
    person: Option<String>,
    /// Only what they do in this organization, by its slug.
    #[arg(long, value_name = "SLUG", requires = "person")]
    org: Option<String>,
}

impl Session {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        let Self::Revoke(revoke) = self;
        let node = Node::open(config, Purpose::Serving).await?;
        let issuer = config.clerk.issuer.as_deref().unwrap_or(issuer::ISSUER);
        let end = async |ended: &[Ended<'_>]| {
            let ledger = &node.ledger;
            ended::note(ledger, ended, ledger.clock().now()).await
        };
        let notes = match (&revoke.session, &revoke.person, &revoke.org) {
            (Some(session_id), _, _) => end(&[Ended::Session { issuer, session_id }]).await?,
            (None, Some(subject), None) => {
                if subject.contains('@') {
                    bail!("whose address this is depends on the organization; name it with --org");
                }
                end(&[Ended::Subject { issuer, subject }]).await?
            }
            (None, Some(who), Some(slug)) => {
                let (subject, organizations) = member(&node, issuer, slug, who).await?;
                let memberships: Vec<Ended<'_>> = organizations
                    .iter()
                    .map(|organization| Ended::Membership {
                        issuer,
                        subject: &subject,
                        organization,
                    })
                    .collect();
                end(&memberships).await?
            }
            (None, None, _) => bail!("name a session or a person"),
        };
        if notes.is_empty() {
            bail!("the issuer has no name for this organization, so it has no tokens for it");
        }
        say(
            out,
            "The tokens are refused from now on, by every running node within five seconds.",
        );
        Ok(())
    }
}

/// The issuer's names for a person and for their organisation.
async fn member(
    node: &Node,
    issuer: &str,
    slug: &str,
    who: &str,
) -> anyhow::Result<(String, Vec<String>)> {
    let db = node.ledger.db();
    let org = org::store::by_slug(db, slug)
        .await?
        .with_context(|| format!("there is no organization {slug}"))?;
    let access = Access::system(org, Surface::System);
    let mut tx = db.read(&access).await?;
    let known = person::store::named(&mut tx, &access, issuer, who).await?;
    let known = known.with_context(|| format!("nobody is known as {who}"))?;
    let subject = person::store::subject(&mut tx, &access, known, issuer)
        .await?
        .with_context(|| format!("{who} has no identity at {issuer}"))?;
    let organizations = org::store::external_ids(&mut tx, &access, issuer).await?;
    Ok((subject, organizations))
}
