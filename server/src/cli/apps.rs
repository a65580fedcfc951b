//! `habeo app`: apps of the marketplace that an organization publishes, by the operator.

use clap::{Args, Subcommand};
use habeo_core::access::{Access, Surface};
use habeo_core::app::Kind;
use habeo_core::app_client::command::{
    EndSecretRotation, RegisterClient, RotateClientSecret, SetRate, SetStatus,
};
use habeo_core::app_client::{Form, Proof, Scope, Settings, Status, WINDOW_MICROS_MAX, store};
use habeo_core::id::AppClientId;
use habeo_core::time::DAY_MICROS;
use secrecy::ExposeSecret as _;

use super::import::organization;
use super::terminal::{Out, say};
use crate::config::Config;
use crate::node::{Node, Purpose};

/// What can be done with registered apps. A secret is printed once, by the command that makes it.
#[derive(Debug, Subcommand)]
pub enum Apps {
    /// Register an app, and print its client id and its secret.
    Create(Create),
    /// List them.
    List(Whose),
    /// Make another secret, and print it.
    Rotate(Rotate),
    /// Accept the present secret only.
    EndRotation(One),
    /// Set how many requests a minute each installation may make.
    Rate(Rate),
    /// Stop one wherever it is installed.
    Stop(One),
    /// Let it work again.
    Start(One),
}

/// Which organization.
#[derive(Debug, Args)]
pub struct Whose {
    /// The organization's slug; may be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
}

/// One app.
#[derive(Debug, Args)]
pub struct One {
    #[command(flatten)]
    whose: Whose,
    /// Its client id.
    client: AppClientId,
}

/// A new app.
#[derive(Debug, Args)]
pub struct Create {
    #[command(flatten)]
    whose: Whose,
    /// What it is called.
    #[arg(long)]
    name: String,
    /// Who publishes it; the organization itself where nothing is said.
    #[arg(long)]
    publisher: Option<String>,
    /// Where its publisher tells of it.
    #[arg(long)]
    website: Option<String>,
    /// Where people may be sent back to; may be given up to ten times.
    #[arg(long, required = true, value_name = "URI")]
    redirect: Vec<String>,
    /// What it may ask for, such as assets:read; may be given several times. Everything where nothing is said.
    #[arg(long)]
    scope: Vec<Scope>,
    /// It runs on somebody's device: http to a loopback address is a way back as well.
    #[arg(long)]
    native: bool,
    /// It cannot keep a secret.
    #[arg(long)]
    public: bool,
    /// Only this organization can install it.
    #[arg(long)]
    internal: bool,
    /// The color of its logo.
    #[arg(long, default_value = "#1f6feb")]
    color: String,
    /// The letters of its logo; the first of its name where nothing is said.
    #[arg(long)]
    initials: Option<String>,
    /// How many requests a minute each installation may make, if not 120.
    #[arg(long)]
    rate: Option<u32>,
}

/// Another secret.
#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    one: One,
    /// How long the present secret is accepted beside it: now, 24h or 7d.
    #[arg(long, default_value = "7d", value_parser = ["now", "24h", "7d"])]
    window: String,
}

/// Another rate.
#[derive(Debug, Args)]
pub struct Rate {
    #[command(flatten)]
    one: One,
    /// Requests a minute; the usual number where nothing is said.
    #[arg(long)]
    per_minute: Option<u32>,
}

impl Apps {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        let node = Node::open(config, Purpose::Serving).await?;
        let slug = self.whose().org.as_deref();
        let (org, name) = organization(&node.ledger, slug).await?;
        let access = Access::system(org, Surface::System);
        let ledger = &node.ledger;
        match self {
            Self::Create(new) => {
                let registered = ledger.record(&access, new.command(&name)).await?;
                say(out, &format!("client_id {}", registered.client));
                match &registered.secret {
                    Some(secret) => {
                        say(out, &format!("client_secret {}", secret.expose_secret()));
                        say(out, "The secret is shown once, and never again.");
                    }
                    None => say(out, "It is a public client and has no secret."),
                }
            }
            Self::List(_) => {
                let mut tx = ledger.db().read(&access).await?;
                for client in store::list(&mut tx, &access).await? {
                    let scopes = &client.settings.scopes;
                    let line =
                        format!("{} {} {} [{scopes}]", client.id, client.status, client.name);
                    say(out, &line);
                }
            }
            Self::Rotate(rotate) => {
                let command = RotateClientSecret {
                    client: rotate.one.client,
                    window_micros: match rotate.window.as_str() {
                        "now" => 0,
                        "24h" => DAY_MICROS,
                        _ => WINDOW_MICROS_MAX,
                    },
                };
                let secret = ledger.record(&access, command).await?;
                say(out, &format!("client_secret {}", secret.expose_secret()));
                say(out, "The secret is shown once, and never again.");
            }
            Self::EndRotation(one) => {
                let client = one.client;
                ledger.record(&access, EndSecretRotation { client }).await?;
                say(out, "Only the present secret is accepted now.");
            }
            Self::Rate(rate) => {
                let command = SetRate {
                    client: rate.one.client,
                    rate_per_minute: rate.per_minute,
                };
                ledger.record(&access, command).await?;
                say(out, "The rate is set.");
            }
            Self::Stop(one) => {
                let (client, status) = (one.client, Status::Disabled);
                ledger.record(&access, SetStatus { client, status }).await?;
                say(out, "The app is stopped wherever it is installed.");
            }
            Self::Start(one) => {
                let (client, status) = (one.client, Status::Active);
                ledger.record(&access, SetStatus { client, status }).await?;
                say(out, "The app works again.");
            }
        }
        ledger.db().close().await;
        Ok(())
    }

    const fn whose(&self) -> &Whose {
        match self {
            Self::Create(new) => &new.whose,
            Self::List(whose) => whose,
            Self::Rotate(rotate) => &rotate.one.whose,
            Self::Rate(rate) => &rate.one.whose,
            Self::EndRotation(one) | Self::Stop(one) | Self::Start(one) => &one.whose,
        }
    }
}

impl Create {
    fn command(self, organization: &str) -> RegisterClient {
        let initial = self.name.chars().find(|c| c.is_alphanumeric());
        let scopes = if self.scope.is_empty() {
            Scope::ALL.iter().copied().collect()
        } else {
            self.scope.into_iter().collect()
        };
        RegisterClient {
            kind: if self.internal {
                Kind::Internal
            } else {
                Kind::Marketplace
            },
            form: if self.native { Form::Native } else { Form::Web },
            proof: if self.public {
                Proof::Public
            } else {
                Proof::Confidential
            },
            settings: Settings {
                publisher: self.publisher.unwrap_or_else(|| organization.to_owned()),
                website: self.website,
                color: self.color,
                initials: self
                    .initials
                    .unwrap_or_else(|| initial.unwrap_or('A').to_string()),
                redirect_uris: self.redirect,
                scopes,
            },
            name: self.name,
            rate_per_minute: self.rate,
        }
    }
}
