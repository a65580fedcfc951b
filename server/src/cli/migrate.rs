//! `habeo migrate`: the database's schema.

use anyhow::Context as _;
use clap::Args;
use habeo_core::store::{Db, PostgresRole, migrate};
use secrecy::ExposeSecret;

use super::terminal::say;
use crate::config::Config;
use crate::node::{Node, Purpose};

/// How the schema is brought up to date.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Create the PostgreSQL roles `habeo_owner` and `habeo_app` first. The password in `HABEO_DATABASE_URL` becomes the latter's.
    #[arg(long)]
    create_roles: bool,
}

impl Migrate {
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let Some(url) = &config.database.url else {
            Node::open(config, Purpose::Serving).await?;
            say("The SQLite database has the present schema.");
            return Ok(());
        };
        let owner = config.database.owner_url.as_ref().context(
            "set HABEO_DATABASE_OWNER_URL to a role that may create tables (and, with --create-roles, roles)",
        )?;
        if self.create_roles {
            let password = password_of(url.expose_secret());
            migrate::create_roles(owner.expose_secret(), password.as_deref())
                .await
                .context("the roles cannot be made")?;
            say("The roles habeo_owner and habeo_app exist.");
        }
        let db = Db::open_postgres(owner.expose_secret(), PostgresRole::Owner, 1).await?;
        migrate::migrate(&db)
            .await
            .context("the schema cannot be brought up to date")?;
        db.close().await;
        say("The PostgreSQL database has the present schema.");
        Ok(())
    }
}

/// The password in a `postgres://user:password@host/database` address, percent-decoded.
fn password_of(url: &str) -> Option<String> {
    url::Url::parse(url).ok()?.password().map(|password| {
        percent_encoding::percent_decode_str(password)
            .decode_utf8_lossy()
            .into_owned()
    })
}
