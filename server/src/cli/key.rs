//! `habeo key`: apps of an organization and the keys with which they ask, by the operator.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use habeo_core::access::{Access, Surface};
use habeo_core::api_key::command::{CreateKey, RevokeKey};
use habeo_core::api_key::{self, Scope};
use habeo_core::app::command::CreateApp;
use habeo_core::app::{self, Kind};
use habeo_core::id::{ApiKeyId, AppId};
use habeo_core::ledger::Ledger;
use secrecy::ExposeSecret as _;

use super::import::organization;
use super::terminal::{Out, say};
use crate::config::Config;
use crate::node::{Node, Purpose};

/// What can be done with keys. A key is printed once, by the command that makes it.
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key, and print it with the id of its app.
    Create(Create),
    /// List the keys.
    List(List),
    /// Let a key open nothing any more.
    Revoke(Revoke),
}

/// A new key.
#[derive(Debug, Args)]
pub struct Create {
    /// The organization's slug; may be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
    /// What it is good for: events:write, control:webhooks; may be repeated.
    #[arg(long = "scope", required = true)]
    scopes: Vec<Scope>,
    /// What people call the key.
    #[arg(long, default_value = "Key of the operator")]
    name: String,
    /// The name of the app that it belongs to; made where there is none of this name.
    #[arg(long, default_value = "Command line")]
    app: String,
}

/// The keys of an organization.
#[derive(Debug, Args)]
pub struct List {
    /// The organization's slug; may be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
}

/// One key.
#[derive(Debug, Args)]
pub struct Revoke {
    /// The organization's slug; may be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
    /// Its id.
    key: ApiKeyId,
}

impl Key {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        let node = Node::open(config, Purpose::Serving).await?;
        let ledger = &node.ledger;
        match self {
            Self::Create(command) => command.run(ledger, out).await,
            Self::List(command) => command.run(ledger, out).await,
            Self::Revoke(command) => command.run(ledger, out).await,
        }
    }
}

async fn access(ledger: &Ledger, slug: Option<&str>) -> anyhow::Result<Access> {
    let (org, _) = organization(ledger, slug).await?;
    Ok(Access::system(org, Surface::System))
}

impl Create {
    async fn run(self, ledger: &Ledger, out: Out<'_>) -> anyhow::Result<()> {
        let access = access(ledger, self.org.as_deref()).await?;
        let app = app_called(ledger, &access, &self.app).await?;
        let command = CreateKey {
            app,
            name: self.name,
            scopes: self.scopes,
        };
        let (id, key) = ledger.record(&access, command).await?;
        say(out, &format!("key     {}", key.expose_secret()));
        say(out, &format!("key id  {id}"));
        say(out, &format!("app id  {}", ulid::Ulid::from(app.uuid())));
        say(out, "The key is not shown again.");
        Ok(())
    }
}

/// The app of this name, made where there is none.
async fn app_called(ledger: &Ledger, access: &Access, name: &str) -> anyhow::Result<AppId> {
    let mut tx = ledger.db().read(access).await?;
    let apps = app::store::list(&mut tx, access).await?;
    drop(tx);
    let known = apps.into_iter().find(|app| app.name == name);
    if let Some(app) = known {
        Ok(app.id)
    } else {
        let command = CreateApp {
            name: name.to_owned(),
            kind: Kind::Internal,
        };
        let made = ledger.record(access, command).await;
        made.context("the app cannot be made")
    }
}

impl List {
    async fn run(self, ledger: &Ledger, out: Out<'_>) -> anyhow::Result<()> {
        let access = access(ledger, self.org.as_deref()).await?;
        let mut tx = ledger.db().read(&access).await?;
        for key in api_key::store::list(&mut tx, &access).await? {
            let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
            let used = key
                .last_used_at
                .map_or("never".to_owned(), |at| at.to_string());
            let line = format!(
                "{}  {}…{}  {}  {}  last used {used}  {}",
                key.id,
                key.mode.prefix(),
                key.hint,
                key.status,
                scopes.join(","),
                key.name
            );
            say(out, &line);
        }
        Ok(())
    }
}

impl Revoke {
    async fn run(self, ledger: &Ledger, out: Out<'_>) -> anyhow::Result<()> {
        let access = access(ledger, self.org.as_deref()).await?;
        ledger.record(&access, RevokeKey { key: self.key }).await?;
        say(out, "revoked");
        Ok(())
    }
}
