//! How many notices a second are put into the outbox by the commands from which they follow, and how many are delivered.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::Args;
use habeo_core::access::{Access, Role, Surface};
use habeo_core::asset::command::{Act, Command, Description, Register};
use habeo_core::asset::steps::{Step, Steps};
use habeo_core::asset::{Acquisition, AssignmentKind, Condition, Target};
use habeo_core::catalogue::command::Add;
use habeo_core::chat_link::command::Link;
use habeo_core::chat_link::{ChatUser, How};
use habeo_core::grant::command::GiveGrant;
use habeo_core::id::{AssetId, CategoryId, PersonId, UnitId};
use habeo_core::install::command::Connect;
use habeo_core::install::{Platform, Workspace};
use habeo_core::ledger::{All, Ledger};
use habeo_core::org::command::CreateOrg;
use habeo_core::outbox::lease::Outbox;
use habeo_core::outbox::{Channel, Courier, Leased, Outcome};
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::session::Sessions;
use habeo_core::text::Tag;
use habeo_delivery::{Settings, Worker};
use habeo_server::node::{Node, Purpose};
use tokio::task::JoinSet;

use super::evidence::Database;
use crate::terminal::say;

#[derive(Debug, Args)]
pub struct OutboxDrill {
    #[command(flatten)]
    database: Database,
    /// Notices, each for somebody else.
    #[arg(long, default_value_t = 5_000)]
    parcels: u32,
    /// How many hand over at once.
    #[arg(long, default_value_t = 64)]
    writers: usize,
}

/// Delivers everything at once.
struct Null;

impl Courier for Null {
    fn channel(&self) -> Channel {
        Channel::Slack
    }

    async fn deliver(&self, _: &Leased) -> Outcome {
        Outcome::Delivered {
            detail: String::new(),
        }
    }
}

/// An organization made for this, with as many assets as people.
struct Invented {
    access: Access,
    root: UnitId,
    people: Vec<PersonId>,
    assets: Vec<AssetId>,
}

impl OutboxDrill {
    pub async fn run(self) -> anyhow::Result<()> {
        let (node, _) = self.database.open(Purpose::Serving).await?;
        let ledger = &node.ledger;
        let invented = Invented::make(ledger, self.parcels).await?;
        let without = invented.hand_over(ledger, self.writers).await?;
        invented.take_back(ledger).await?;
        invented.connect(&node).await?;
        let with = invented.hand_over(ledger, self.writers).await?;
        let worker = Worker::new(Outbox::new(ledger.clone()), Settings::default()).courier(Null);
        let begun = Instant::now();
        let attempts = worker.deliver_due().await?;
        let delivered = f64::from(u32::try_from(attempts)?) / begun.elapsed().as_secs_f64();
        ledger.db().close().await;
        let report = format!(
            "handed over where nobody is told: {without:.0}/s; with a notice each: {with:.0}/s; delivered to a courier that does nothing: \
             {delivered:.0}/s ({attempts} parcels)"
        );
        if attempts < usize::try_from(self.parcels)? {
            bail!("parcels are missing: {report}");
        }
        say(&report);
        Ok(())
    }
}

impl Invented {
    async fn make(ledger: &Ledger, count: u32) -> anyhow::Result<Self> {
        let (now, random) = (ledger.clock().now(), ledger.random());
        let category = CategoryId::generate(now, random);
        let new = CreateOrg {
            name: "Outbox College".to_owned(),
            slug: format!("outbox-{}", now.micros()),
            timezone: "UTC".to_owned(),
            currency: "USD".to_owned(),
            sandbox: true,
            external: Vec::new(),
            tag_namespaces: Vec::new(),
            units: None,
        };
        let created = new.carry_out(ledger).await?;
        let access = Access::system(created.org, Surface::System);
        let things = Add::Category {
            id: Some(category),
            parent: None,
            code: "THING".to_owned(),
            name: "Things".to_owned(),
        };
        ledger.record(&access, things).await?;
        let mut people = Vec::new();
        for numbers in (0..count).collect::<Vec<_>>().chunks(500) {
            let new = numbers
                .iter()
                .map(|number| person(&format!("Person {number}"), created.root));
            people.extend(ledger.record(&access, All(new.collect())).await?);
        }
        let assets: Vec<AssetId> = (0..count).map(|_| AssetId::generate(now, random)).collect();
        let register = assets
            .iter()
            .zip(0..count)
            .map(|(asset, number)| register(*asset, number, category, created.root));
        all(ledger, &access, register.collect::<anyhow::Result<_>>()?).await?;
        Ok(Self {
            access,
            root: created.root,
            people,
            assets,
        })
    }

    /// Hands every asset to somebody else, many at once. How many a second.
    async fn hand_over(&self, ledger: &Ledger, writers: usize) -> anyhow::Result<f64> {
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        let pairs: Vec<_> = self
            .assets
            .iter()
            .copied()
            .zip(self.people.iter().copied())
            .collect();
        for pairs in pairs.chunks(pairs.len().div_ceil(writers.max(1)).max(1)) {
            let (ledger, access, pairs) = (ledger.clone(), self.access.clone(), pairs.to_vec());
            tasks.spawn(async move {
                for (asset, person) in pairs {
                    let act = Act::Deploy {
                        target: Target::Person(person),
                        kind: AssignmentKind::Permanent,
                        location: None,
                    };
                    ledger.record(&access, command(asset, act)).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        Ok(f64::from(u32::try_from(self.assets.len())?) / begun.elapsed().as_secs_f64())
    }

    async fn take_back(&self, ledger: &Ledger) -> anyhow::Result<()> {
        let back = self.assets.iter().map(|asset| {
            let act = Act::Return {
                condition: Condition::Good,
                location: None,
            };
            command(*asset, act)
        });
        all(ledger, &self.access, back.collect()).await
    }

    /// A workspace in which everybody is known.
    async fn connect(&self, node: &Node) -> anyhow::Result<()> {
        let ledger = &node.ledger;
        let admin = *self.people.first().context("nobody is there")?;
        let grant = GiveGrant {
            person: admin,
            role: Role::OrgAdmin,
            root_unit: self.root,
            valid_to: None,
            remark: None,
        };
        ledger.record(&self.access, grant).await?;
        let session = Sessions::new(ledger.clone())
            .of_person(self.access.org(), admin)
            .await?;
        let connect = Connect {
            workspace: Workspace {
                platform: Platform::Slack,
                key: format!("T{}", ledger.clock().now().micros()),
            },
            name: "Outbox".to_owned(),
            bot_user: "U0".to_owned(),
            app_id: "A0".to_owned(),
            scopes: Vec::new(),
            tokens: None,
            pending: false,
            master_key: Arc::clone(&node.master_key),
        };
        let install = ledger.record(&session.access, connect).await?;
        for people in self.people.chunks(500) {
            let links = people.iter().map(|person| Link {
                user: ChatUser {
                    install,
                    user: format!("U{person}"),
                },
                shown_name: "Somebody".to_owned(),
                person: *person,
                how: How::Email,
            });
            ledger.record(&self.access, All(links.collect())).await?;
        }
        Ok(())
    }
}

async fn all(ledger: &Ledger, access: &Access, commands: Vec<Command>) -> anyhow::Result<()> {
    for commands in commands.chunks(1_000) {
        let steps = commands.iter().map(|command| Step {
            command: command.clone(),
            past: None,
        });
        ledger
            .record(access, Steps(Arc::new(steps.collect())))
            .await?;
    }
    Ok(())
}

fn command(asset: AssetId, act: Act) -> Command {
    Command {
        asset,
        act,
        occurred_at: None,
        remark: None,
    }
}

fn person(name: &str, home_unit: UnitId) -> RegisterPerson {
    RegisterPerson {
        id: None,
        display_name: name.to_owned(),
        email: None,
        hr_id: None,
        home_unit,
        affiliation: Affiliation::Staff,
        status: PersonStatus::Active,
        separated_on: None,
        identities: Vec::new(),
    }
}

fn register(
    asset: AssetId,
    number: u32,
    category: CategoryId,
    unit: UnitId,
) -> anyhow::Result<Command> {
    let what = Description {
        description: format!("Thing {number}"),
        category,
        model: None,
        manufacturer: None,
        unit,
        acquisition: Acquisition::Purchase,
        cost_minor: None,
        currency: None,
        po_no: None,
        invoice_no: None,
        acquired_on: None,
        warranty_ends_on: None,
    };
    let act = Act::Register(Box::new(Register {
        what,
        tag: Some(Tag::parse(&format!("OBX-{number:06}"))?),
        serial: None,
        location: None,
        condition: Condition::Good,
        identifiers: Vec::new(),
        provenance: None,
    }));
    Ok(command(asset, act))
}
