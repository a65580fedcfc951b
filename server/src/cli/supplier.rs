//! `habeo supplier`: where the organization buys, by the operator.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use clap::{Args, Subcommand};
use habeo_core::access::{Access, Surface};
use habeo_core::id::SupplierId;
use habeo_core::supplier::command::{
    Configure, CreateSupplier, EndRotation, Pause, Remove, Rename, Resume, RotateTheirs, SetOurs,
};
use habeo_core::supplier::{
    self, Credential, Mode, Operation, Protocol, SESSION_HOURS, Settings, Status, Supplier as Shop,
    WINDOW_MICROS_MAX,
};
use habeo_core::time::DAY_MICROS;
use habeo_punchout::probe::probe;
use secrecy::{ExposeSecret as _, SecretString};

use super::import::organization;
use super::terminal::{Out, say};
use crate::app::App;
use crate::config::Config;
use crate::node::{Node, Purpose};

/// What can be done with suppliers. A secret is printed once, by the command that makes it.
#[derive(Debug, Subcommand)]
pub enum Supplier {
    /// List them.
    List(List),
    /// Connect one, and print its address here and the secret by which it proves itself.
    Create(Box<Create>),
    /// Show one, its settings as JSON.
    Show(One),
    /// Replace its settings by those of a file, or its name.
    Settings(Change),
    /// Keep the secret that the supplier gave us, read from standard input.
    Secret(One),
    /// Ask it what it takes, and say what is wrong where something is.
    Test(One),
    /// Make another secret for it to prove itself with, and print it.
    Rotate(Rotate),
    /// Accept its present secret only.
    EndRotation(One),
    /// Buy nothing there for now, and take nothing in from it.
    Pause(One),
    /// Buy there again.
    Resume(One),
    /// End one: its secrets are forgotten, what was bought stays.
    Remove(One),
}

/// Which organization.
#[derive(Debug, Args)]
pub struct Whose {
    /// The organization's slug; may be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
}

/// Suppliers of an organization.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    whose: Whose,
    /// The removed ones too.
    #[arg(long)]
    removed: bool,
}

/// One supplier.
#[derive(Debug, Args)]
pub struct One {
    #[command(flatten)]
    whose: Whose,
    /// Its id.
    supplier: SupplierId,
}

/// A new supplier.
#[derive(Debug, Args)]
pub struct Create {
    #[command(flatten)]
    whose: Whose,
    /// What people call it.
    #[arg(long)]
    name: String,
    /// How its shop is entered: cxml or oci.
    #[arg(long, default_value = "cxml")]
    protocol: Protocol,
    /// Where a visit begins: the address for `PunchOutSetupRequest`, or that of the catalogue.
    #[arg(long, value_name = "URL")]
    setup_url: String,
    /// Where orders go.
    #[arg(long, value_name = "URL")]
    order_url: Option<String>,
    /// Where it is asked what it takes; by default where visits begin.
    #[arg(long, value_name = "URL")]
    profile_url: Option<String>,
    /// Who we are to it, such as `NetworkID:WESTMARK`.
    #[arg(long, value_name = "DOMAIN:IDENTITY")]
    ours: String,
    /// Who it is, such as `DUNS:080000017`; as often as it has names.
    #[arg(long, value_name = "DOMAIN:IDENTITY")]
    theirs: Vec<String>,
    /// In what it is paid.
    #[arg(long, default_value = "USD", value_name = "ISO 4217")]
    currency: String,
    /// What may be done with a cart later, beside ordering it: inspect, edit. As often as needed.
    #[arg(long, value_name = "OPERATION")]
    operation: Vec<Operation>,
    /// Whether documents are meant: production or test.
    #[arg(long, default_value = "production")]
    mode: Mode,
    /// Let its start page be one without TLS.
    #[arg(long)]
    http_start_page: bool,
}

/// Other settings.
#[derive(Debug, Args)]
pub struct Change {
    #[command(flatten)]
    one: One,
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// A file of settings as `show` prints them.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Another secret.
#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    one: One,
    /// How long the present secret is accepted beside it: now, 24h or 7d.
    #[arg(long, default_value = "24h", value_parser = ["now", "24h", "7d"])]
    window: String,
    /// Take the secret that the supplier chose, from standard input, instead of making one.
    #[arg(long)]
    chosen: bool,
}

impl Supplier {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        let node = Node::open(config, Purpose::Serving).await?;
        let (org, _) = organization(&node.ledger, self.whose().org.as_deref()).await?;
        let app = App::new(config, node).await?;
        let desk = Desk {
            access: Access::system(org, Surface::System),
            app: &app,
        };
        desk.carry_out(self, out).await?;
        app.node.ledger.db().close().await;
        Ok(())
    }

    const fn whose(&self) -> &Whose {
        match self {
            Self::List(list) => &list.whose,
            Self::Create(create) => &create.whose,
            Self::Settings(change) => &change.one.whose,
            Self::Rotate(rotate) => &rotate.one.whose,
            Self::Show(one)
            | Self::Secret(one)
            | Self::Test(one)
            | Self::EndRotation(one)
            | Self::Pause(one)
            | Self::Resume(one)
            | Self::Remove(one) => &one.whose,
        }
    }
}

/// Where a command is carried out.
struct Desk<'a> {
    app: &'a App,
    access: Access,
}

impl Desk<'_> {
    async fn carry_out(&self, asked: Supplier, out: Out<'_>) -> anyhow::Result<()> {
        let (ledger, access) = (&self.app.node.ledger, &self.access);
        match asked {
            Supplier::List(list) => return self.list(&list, out).await,
            Supplier::Create(create) => return self.create(*create, out).await,
            Supplier::Show(one) => return self.show(one.supplier, out).await,
            Supplier::Settings(change) => return self.settings(change, out).await,
            Supplier::Test(one) => return self.test(one.supplier, out).await,
            Supplier::Rotate(rotate) => return self.rotate(&rotate, out).await,
            Supplier::Secret(One { supplier, .. }) => {
                let command = SetOurs {
                    supplier,
                    secret: typed()?,
                    master_key: Arc::clone(&self.app.node.master_key),
                };
                ledger.record(access, command).await?;
                say(out, "The secret is kept. `habeo supplier test` tries it.");
            }
            Supplier::EndRotation(One { supplier, .. }) => {
                ledger.record(access, EndRotation { supplier }).await?;
                say(out, "Only the present secret is accepted now.");
            }
            Supplier::Pause(One { supplier, .. }) => {
                ledger.record(access, Pause { supplier }).await?;
                say(
                    out,
                    "Nothing is bought there for now, and nothing is taken in.",
                );
            }
            Supplier::Resume(One { supplier, .. }) => {
                ledger.record(access, Resume { supplier }).await?;
                say(out, "Something may be bought there again.");
            }
            Supplier::Remove(One { supplier, .. }) => {
                ledger.record(access, Remove { supplier }).await?;
                say(out, "The supplier is removed. What was bought there stays.");
            }
        }
        Ok(())
    }

    async fn find(&self, id: SupplierId) -> anyhow::Result<Shop> {
        let mut tx = self.app.node.ledger.db().read(&self.access).await?;
        let found = supplier::store::by_id(&mut tx, &self.access, id).await?;
        found.with_context(|| supplier::Refusal::Unknown.to_string())
    }

    async fn list(&self, list: &List, out: Out<'_>) -> anyhow::Result<()> {
        let mut tx = self.app.node.ledger.db().read(&self.access).await?;
        for one in supplier::store::list(&mut tx, &self.access).await? {
            if list.removed || one.status != Status::Removed {
                let (protocol, status) = (one.protocol.as_str(), one.status.as_str());
                say(
                    out,
                    &format!("{}  {protocol:<4}  {status:<7}  {}", one.id, one.name),
                );
            }
        }
        Ok(())
    }

    async fn create(&self, create: Create, out: Out<'_>) -> anyhow::Result<()> {
        let new = CreateSupplier {
            protocol: create.protocol,
            name: create.name.clone(),
            settings: create.settings()?,
            master_key: Arc::clone(&self.app.node.master_key),
        };
        let (id, secret) = self.app.node.ledger.record(&self.access, new).await?;
        say(out, &format!("supplier   {id}"));
        say(
            out,
            &format!("documents  {}", self.app.punchout.documents_url(id)),
        );
        say(
            out,
            &format!("return     {}", self.app.punchout.return_url()),
        );
        say(out, &format!("secret     {}", secret.expose_secret()));
        say(
            out,
            "\nGive the supplier the address for documents and the secret, and enter the secret that it gives you: habeo supplier secret",
        );
        Ok(())
    }

    async fn show(&self, id: SupplierId, out: Out<'_>) -> anyhow::Result<()> {
        let one = self.find(id).await?;
        say(out, &serde_json::to_string_pretty(&one.settings)?);
        Ok(())
    }

    async fn settings(&self, change: Change, out: Out<'_>) -> anyhow::Result<()> {
        let supplier = change.one.supplier;
        let ledger = &self.app.node.ledger;
        ensure!(
            change.file.is_some() || change.name.is_some(),
            "say with --file or --name what changes"
        );
        if let Some(file) = &change.file {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            let settings: Settings = serde_json::from_str(&text)
                .with_context(|| format!("{} holds no settings of a supplier", file.display()))?;
            ledger
                .record(&self.access, Configure { supplier, settings })
                .await?;
        }
        if let Some(name) = change.name {
            ledger
                .record(&self.access, Rename { supplier, name })
                .await?;
        }
        self.show(supplier, out).await
    }

    async fn test(&self, id: SupplierId, out: Out<'_>) -> anyhow::Result<()> {
        let probed = probe(&self.app.punchout, &self.access, id).await?;
        say(out, &format!("asked      {}", probed.url));
        say(out, &format!("result     {}", probed.finding.code()));
        if !probed.finding.is_good() {
            bail!("{}", probed.finding);
        }
        say(out, &format!("           {}", probed.finding));
        Ok(())
    }

    async fn rotate(&self, rotate: &Rotate, out: Out<'_>) -> anyhow::Result<()> {
        let command = RotateTheirs {
            supplier: rotate.one.supplier,
            secret: rotate.chosen.then(typed).transpose()?,
            window_micros: match rotate.window.as_str() {
                "now" => 0,
                "7d" => WINDOW_MICROS_MAX,
                _ => DAY_MICROS,
            },
            master_key: Arc::clone(&self.app.node.master_key),
        };
        let secret = self.app.node.ledger.record(&self.access, command).await?;
        if !rotate.chosen {
            say(out, &format!("secret     {}", secret.expose_secret()));
        }
        let changed = self.find(rotate.one.supplier).await?;
        if let Some(until) = changed.previous_until {
            say(
                out,
                &format!("The secret before is accepted until {until}."),
            );
        }
        Ok(())
    }
}

/// A secret from standard input: on a command line it would stand in the shell's history, and in the list of processes.
fn typed() -> anyhow::Result<SecretString> {
    let mut text = String::new();
    std::io::stdin()
        .take(4_096)
        .read_to_string(&mut text)
        .context("standard input cannot be read")?;
    let text = text.trim_end_matches(['\r', '\n']);
    ensure!(!text.is_empty(), "give the secret on standard input");
    Ok(SecretString::from(text.to_owned()))
}

fn credential(text: &str) -> anyhow::Result<Credential> {
    let (domain, identity) = text
        .split_once(':')
        .with_context(|| format!("{text} has no colon between domain and identity"))?;
    Ok(Credential {
        domain: domain.to_owned(),
        identity: identity.to_owned(),
    })
}

impl Create {
    fn settings(self) -> anyhow::Result<Settings> {
        let theirs: anyhow::Result<Vec<Credential>> =
            self.theirs.iter().map(|text| credential(text)).collect();
        Ok(Settings {
            ours: credential(&self.ours)?,
            theirs: theirs?,
            setup_url: self.setup_url,
            order_url: self.order_url,
            profile_url: self.profile_url,
            http_start_page: self.http_start_page,
            repair_entities: false,
            operations: self.operation,
            mode: self.mode,
            hook_field: None,
            units: BTreeMap::new(),
            rules: Vec::new(),
            tolerance_percent: None,
            tolerance_absolute: None,
            currency: self.currency,
            session_hours: SESSION_HOURS,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::credential;

    #[test]
    fn credentials_have_a_domain_and_an_identity() {
        let one = credential("NetworkID:AN01:x").expect("a credential");
        assert_eq!(
            (one.domain.as_str(), one.identity.as_str()),
            ("NetworkID", "AN01:x")
        );
        assert_eq!(credential(":x").expect("an empty domain").domain, "");
        assert!(credential("x").is_err());
    }
}
