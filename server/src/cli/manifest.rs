//! `habeo manifest`: what Slack and Teams are told of the app, filled in for this installation.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use habeo_bot::manifest::{BaseUrl, slack, teams};

use super::terminal::{Out, say};
use crate::config::Config;

/// App manifests, to be given to the vendor.
#[derive(Debug, Subcommand)]
pub enum Manifest {
    /// Print the manifest of the Slack app: paste it at api.slack.com/apps, "Create New App", "From a manifest".
    Slack(Slack),
    /// Write the package of the Teams app: upload it in the Teams admin center, "Manage apps", "Upload new app".
    Teams(Teams),
}

/// The Slack app.
#[derive(Debug, Args)]
pub struct Slack {
    /// How vendors reach this server, such as <https://habeo.example.edu>; what is configured as `public_url` when left out.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// The Teams app.
#[derive(Debug, Args)]
pub struct Teams {
    /// How vendors reach this server, such as <https://habeo.example.edu>; what is configured as `public_url` when left out.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The Microsoft App ID of the bot, from the Azure portal.
    #[arg(long, value_name = "GUID")]
    bot_id: String,
    /// The id of the app in Teams, where it is to be another than the bot's.
    #[arg(long, value_name = "GUID")]
    app_id: Option<String>,
    /// Where the package goes; an existing file is not replaced.
    #[arg(long, value_name = "FILE", default_value = "habeo-teams.zip")]
    out: PathBuf,
}

impl Manifest {
    pub fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        match self {
            Self::Slack(command) => {
                let manifest = slack::render(&base(command.base_url, config)?);
                say(out, &serde_json::to_string_pretty(&manifest)?);
            }
            Self::Teams(command) => {
                let base = base(command.base_url, config)?;
                let app = teams::App::new(base, &command.bot_id, command.app_id.as_deref())?;
                let path = command.out;
                std::fs::File::create_new(&path)
                    .and_then(|mut file| file.write_all(&app.package()))
                    .with_context(|| format!("{} cannot be written", path.display()))?;
                say(out, &format!("{} is ready to be uploaded.", path.display()));
            }
        }
        Ok(())
    }
}

fn base(given: Option<String>, config: &Config) -> anyhow::Result<BaseUrl> {
    let text = given
        .or_else(|| config.http.public_url.clone())
        .context("give --base-url https://…, or configure http.public_url")?;
    Ok(BaseUrl::parse(&text)?)
}
