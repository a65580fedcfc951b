//! `habeo connection`: systems that report in, by the operator.

mod settings;

use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use habeo_console::{Templates as _, webhook_url};
use habeo_core::access::{Access, Surface};
use habeo_core::connection::command::{
    CreateConnection, EndRotation, Pause, Remove, Resume, RotateSecret,
};
use habeo_core::connection::{
    self, Algorithm, Connection as System, Proof, Provider, Settings, Status, WINDOW_MICROS,
    WINDOW_MICROS_MAX,
};
use habeo_core::id::{ConnectionId, ReceiptId};
use habeo_core::inbox::{Delivery, Inbox};
use habeo_core::time::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::import::organization;
use super::terminal::{Out, say};
use crate::app::Pasted;
use crate::config::Config;
use crate::node::{Node, Purpose};

/// What stands in a template where the secret belongs, which nobody is told again.
const SECRET_PLACE: &str = "THE-SECRET";

/// What can be done with connections. A secret is printed once, by the command that makes it.
#[derive(Debug, Subcommand)]
pub enum Connection {
    /// List them.
    List(List),
    /// Connect a system, and print its address and its secret.
    Create(Create),
    /// Show one.
    Show(Show),
    /// Print its settings, or change them.
    Settings(Box<settings::Change>),
    /// Take nothing in for now.
    Pause(One),
    /// Take in again.
    Resume(One),
    /// Make another secret, and print it.
    Rotate(Rotate),
    /// Accept the present secret only.
    EndRotation(One),
    /// End one: its secrets are forgotten, what it reported stays.
    Remove(One),
    /// What came in from one, the latest first.
    Deliveries(Deliveries),
    /// Work a delivery off again.
    Replay(Replay),
}

/// Which organization.
#[derive(Debug, Args)]
pub struct Whose {
    /// The organization's slug; may be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
}

/// Connections of an organization.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    whose: Whose,
    /// The removed ones too.
    #[arg(long)]
    removed: bool,
}

/// One connection.
#[derive(Debug, Args)]
pub struct One {
    #[command(flatten)]
    whose: Whose,
    /// Its id.
    connection: ConnectionId,
}

/// One connection, and what is pasted at its other end.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    one: One,
    /// Print what is pasted into the other system as well, with a place for the secret.
    #[arg(long)]
    template: bool,
}

/// A new connection.
#[derive(Debug, Args)]
pub struct Create {
    #[command(flatten)]
    whose: Whose,
    /// Whose product: jamf, intune, kandji, servicenow, freshservice or jira.
    #[arg(long)]
    provider: Provider,
    /// What people call it.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    proof: ProofOptions,
    /// Print what is pasted into the other system as well, with the secret in it.
    #[arg(long)]
    template: bool,
}

/// How it proves itself; what the product usually does where nothing is said.
#[derive(Debug, Args)]
pub struct ProofOptions {
    /// In which way.
    #[arg(long, value_parser = ["header", "hmac", "basic", "client_state"])]
    proof: Option<String>,
    /// The header of the secret, or of the signature.
    #[arg(long)]
    header: Option<String>,
    /// What stands in the header before the secret, such as 'Bearer '.
    #[arg(long)]
    prefix: Option<String>,
    /// The hash of the signature: sha256 or sha512.
    #[arg(long)]
    algorithm: Option<Algorithm>,
    /// The header of the time that is signed with the letter.
    #[arg(long)]
    timestamp_header: Option<String>,
    /// The user.
    #[arg(long)]
    user: Option<String>,
}

/// Another secret.
#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    one: One,
    /// How long the present secret is accepted beside it: now, 24h or 7d.
    #[arg(long, default_value = "24h", value_parser = ["now", "24h", "7d"])]
    window: String,
    /// Print what is pasted into the other system as well, with the secret in it.
    #[arg(long)]
    template: bool,
}

/// What came in.
#[derive(Debug, Args)]
pub struct Deliveries {
    #[command(flatten)]
    one: One,
    /// The most that are printed.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
}

/// One delivery.
#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    whose: Whose,
    /// Its id.
    delivery: ReceiptId,
}

impl Connection {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        let node = Node::open(config, Purpose::Serving).await?;
        let slug = self.whose().org.as_deref();
        let (org, _) = organization(&node.ledger, slug).await?;
        let desk = Desk {
            access: Access::system(org, Surface::System),
            public_url: config.public_url()?,
            node: &node,
        };
        match self {
            Self::List(list) => desk.list(&list, out).await?,
            Self::Create(create) => desk.create(create, out).await?,
            Self::Show(show) => desk.show(&show, out).await?,
            Self::Settings(change) => desk.settings(*change, out).await?,
            Self::Pause(one) => {
                let connection = one.connection;
                node.ledger
                    .record(&desk.access, Pause { connection })
                    .await?;
                say(
                    out,
                    "The connection is paused: nothing that is sent to it is taken in.",
                );
            }
            Self::Resume(one) => {
                let connection = one.connection;
                node.ledger
                    .record(&desk.access, Resume { connection })
                    .await?;
                say(out, "The connection takes in again what is sent to it.");
            }
            Self::Rotate(rotate) => desk.rotate(&rotate, out).await?,
            Self::EndRotation(one) => {
                let connection = one.connection;
                node.ledger
                    .record(&desk.access, EndRotation { connection })
                    .await?;
                say(out, "Only the present secret is accepted now.");
            }
            Self::Remove(one) => {
                let connection = one.connection;
                node.ledger
                    .record(&desk.access, Remove { connection })
                    .await?;
                say(out, "The connection is removed. What it reported stays.");
            }
            Self::Deliveries(wanted) => desk.deliveries(&wanted, out).await?,
            Self::Replay(replay) => {
                desk.inbox().replay(&desk.access, replay.delivery).await?;
                say(
                    out,
                    "The delivery is worked off again as soon as a server runs.",
                );
            }
        }
        node.ledger.db().close().await;
        Ok(())
    }

    const fn whose(&self) -> &Whose {
        match self {
            Self::List(list) => &list.whose,
            Self::Create(create) => &create.whose,
            Self::Replay(replay) => &replay.whose,
            Self::Show(show) => &show.one.whose,
            Self::Settings(change) => &change.one.whose,
            Self::Rotate(rotate) => &rotate.one.whose,
            Self::Deliveries(wanted) => &wanted.one.whose,
            Self::Pause(one) | Self::Resume(one) | Self::EndRotation(one) | Self::Remove(one) => {
                &one.whose
            }
        }
    }
}

/// Where a command is carried out.
struct Desk<'a> {
    node: &'a Node,
    access: Access,
    public_url: url::Url,
}

impl Desk<'_> {
    fn inbox(&self) -> Inbox {
        Inbox::new(self.node.ledger.clone(), Arc::clone(&self.node.master_key))
    }

    async fn find(&self, id: ConnectionId) -> anyhow::Result<System> {
        let mut tx = self.node.ledger.db().read(&self.access).await?;
        let found = connection::store::by_id(&mut tx, &self.access, id).await?;
        found.with_context(|| connection::Refusal::Unknown.to_string())
    }

    async fn list(&self, list: &List, out: Out<'_>) -> anyhow::Result<()> {
        let mut tx = self.node.ledger.db().read(&self.access).await?;
        for one in connection::store::list(&mut tx, &self.access).await? {
            if list.removed || one.status != Status::Removed {
                let (id, name) = (one.id, &one.name);
                let (provider, status) = (one.provider.as_str(), one.status.as_str());
                say(out, &format!("{id}  {provider:<12}  {status:<7}  {name}"));
            }
        }
        Ok(())
    }

    async fn create(&self, create: Create, out: Out<'_>) -> anyhow::Result<()> {
        let new = CreateConnection {
            provider: create.provider,
            settings: Settings::proven_by(create.proof.of(create.provider)?),
            name: create.name,
            master_key: Arc::clone(&self.node.master_key),
        };
        let (id, secret) = self.node.ledger.record(&self.access, new).await?;
        let made = self.find(id).await?;
        say(out, &format!("connection  {id}"));
        self.tell(&made, &secret, create.template, out);
        Ok(())
    }

    async fn rotate(&self, rotate: &Rotate, out: Out<'_>) -> anyhow::Result<()> {
        let command = RotateSecret {
            connection: rotate.one.connection,
            window_micros: match rotate.window.as_str() {
                "now" => 0,
                "7d" => WINDOW_MICROS_MAX,
                _ => WINDOW_MICROS,
            },
            master_key: Arc::clone(&self.node.master_key),
        };
        let secret = self.node.ledger.record(&self.access, command).await?;
        let changed = self.find(rotate.one.connection).await?;
        self.tell(&changed, &secret, rotate.template, out);
        if let Some(until) = changed.previous_until {
            say(
                out,
                &format!("The secret before is accepted until {until}."),
            );
        }
        Ok(())
    }

    /// Prints where to send and with what.
    fn tell(&self, connection: &System, secret: &SecretString, template: bool, out: Out<'_>) {
        let secret = secret.expose_secret();
        let url = webhook_url(&self.public_url, connection.provider, connection.id);
        say(out, &format!("url         {url}"));
        say(out, &format!("secret      {secret}"));
        if template {
            paste(connection, &url, secret, out);
        }
    }

    async fn show(&self, show: &Show, out: Out<'_>) -> anyhow::Result<()> {
        let one = self.find(show.one.connection).await?;
        let url = webhook_url(&self.public_url, one.provider, one.id);
        let latest = self.inbox().latest(&self.access, &[one.id]).await?;
        let mut tx = self.node.ledger.db().read(&self.access).await?;
        let refused = connection::store::refused(&mut tx, &self.access, one.id, 1).await?;
        drop(tx);
        let settings = serde_json::to_string(&one.settings)?;
        let never = || "never".to_owned();
        let letter = latest.first().copied().flatten();
        let refusal = refused.first();
        let lines = [
            ("connection", one.id.to_string()),
            ("provider", one.provider.to_string()),
            ("name", one.name.clone()),
            ("status", one.status.to_string()),
            ("url", url.clone()),
            ("settings", settings),
            ("created", one.created_at.to_string()),
            ("letter", letter.map_or_else(never, |at| at.to_string())),
            ("accepted", one.accepted.to_string()),
            (
                "refusal",
                refusal.map_or_else(never, |refused| {
                    format!("{} {}", refused.at, refused.reason)
                }),
            ),
        ];
        for (name, value) in lines {
            say(out, &format!("{name:<10}  {value}"));
        }
        let now = self.node.ledger.clock().now();
        if let Some(until) = one.previous_until.filter(|until| now < *until) {
            say(
                out,
                &format!("The secret before is accepted until {until}."),
            );
        }
        if show.template {
            paste(&one, &url, SECRET_PLACE, out);
        }
        Ok(())
    }

    async fn deliveries(&self, wanted: &Deliveries, out: Out<'_>) -> anyhow::Result<()> {
        let id = self.find(wanted.one.connection).await?.id;
        let taken = self
            .inbox()
            .deliveries(&self.access, id, wanted.limit)
            .await?;
        let mut tx = self.node.ledger.db().read(&self.access).await?;
        let refused = connection::store::refused(&mut tx, &self.access, id, wanted.limit).await?;
        drop(tx);
        let refused = refused.iter().map(|refused| {
            let (at, status, why) = (refused.at, refused.status, &refused.reason);
            (
                at,
                format!(
                    "{at}  {:<36}  refused {status}  {}x  {why}",
                    "-", refused.times
                ),
            )
        });
        let mut lines: Vec<(Timestamp, String)> = taken.iter().map(line).chain(refused).collect();
        lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        lines.truncate(usize::try_from(wanted.limit).unwrap_or(usize::MAX));
        for (_, line) in lines {
            say(out, &line);
        }
        Ok(())
    }
}

/// A delivery in one line.
fn line(delivery: &Delivery) -> (Timestamp, String) {
    let at = delivery.received_at;
    let came_of_it = delivery.outcome.map_or(
        delivery.progress.as_str(),
        habeo_core::inbox::Outcome::as_str,
    );
    let kind = delivery.kind.as_deref().unwrap_or("-");
    let why = delivery.why.as_deref().unwrap_or_default();
    let times = delivery.repeats + 1;
    let text = format!(
        "{at}  {}  {came_of_it}  {times}x  {kind}  {why}",
        delivery.id
    );
    (at, text.trim_end().to_owned())
}

/// Prints what is pasted into the other system.
fn paste(connection: &System, url: &str, secret: &str, out: Out<'_>) {
    let templates = Pasted.of(connection.provider, url, secret);
    if connection.settings.proof != connection.provider.usual_proof() && !templates.is_empty() {
        say(
            out,
            "\nThese texts are for the usual proof of this product, and this connection has another one: change them accordingly.",
        );
    }
    for template in templates {
        say(
            out,
            &format!("\n# {}\n{}", template.title, template.text.trim_end()),
        );
    }
}

impl ProofOptions {
    /// What was chosen, or what the product usually does.
    fn of(self, provider: Provider) -> anyhow::Result<Proof> {
        let chosen = self.chosen()?;
        Ok(chosen.unwrap_or_else(|| provider.usual_proof()))
    }

    /// What was chosen, if anything was.
    fn chosen(self) -> anyhow::Result<Option<Proof>> {
        let Some(mode) = self.proof else {
            let nothing = self.header.is_none()
                && self.prefix.is_none()
                && self.algorithm.is_none()
                && self.timestamp_header.is_none()
                && self.user.is_none();
            anyhow::ensure!(nothing, "say with --proof in which way it proves itself");
            return Ok(None);
        };
        Ok(Some(match mode.as_str() {
            "header" => Proof::Header {
                header: self.header.context("--proof header needs --header")?,
                prefix: self.prefix.unwrap_or_default(),
            },
            "hmac" => Proof::Hmac {
                header: self.header.context("--proof hmac needs --header")?,
                algorithm: self.algorithm.unwrap_or(Algorithm::Sha256),
                timestamp_header: self.timestamp_header,
            },
            "basic" => Proof::Basic {
                user: self.user.context("--proof basic needs --user")?,
            },
            _ => Proof::ClientState,
        }))
    }
}
