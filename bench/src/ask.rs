//! Questions as a chat asks them, without the chat: the whole answer, read, looked up, put into words and recorded.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use habeo_bot::engine::{Asker, Engine, Place as Reader, Settings};
use habeo_core::access::Surface;
use habeo_core::chat::Platform;
use habeo_core::chat_link::ChatUser;
use habeo_core::id::InstallId;
use habeo_core::session::Sessions;
use habeo_core::{access::Access, org, person};
use habeo_server::issuer;
use habeo_server::node::{Node, Purpose};

use crate::load::{Samples, micros};
use crate::place::Place;
use crate::plan;

/// What is asked, and who asks: the administrator, who sees all, or the technician of the tiny unit.
const QUESTIONS: [(&str, &str); 18] = [
    (plan::ADMIN, "how many assets are there?"),
    (plan::ADMIN, "how many laptops are in stock?"),
    (plan::ADMIN, "how many laptops by unit?"),
    (plan::ADMIN, "how many assets by site?"),
    (plan::ADMIN, "assets by category"),
    (plan::ADMIN, "assets by building"),
    (plan::ADMIN, "assets by year"),
    (plan::ADMIN, "who has the most laptops?"),
    (plan::ADMIN, "list laptops"),
    (plan::ADMIN, "list missing laptops"),
    (plan::ADMIN, "laptops bought last year"),
    (plan::ADMIN, "oldest microscopes"),
    (plan::ADMIN, "most expensive assets"),
    (plan::ADMIN, "which warranties end this month?"),
    (plan::ADMIN, "what is due back this week?"),
    (plan::ADMIN, "who has BEN-004217?"),
    (plan::TECHNICIAN, "how many assets are there?"),
    (plan::TECHNICIAN, "list laptops"),
];

/// Asks every question so many times, one after the other, and says how long the answers took.
pub async fn ask(place: &Place, times: usize) -> anyhow::Result<String> {
    let node = Node::open(&place.config()?, Purpose::Serving).await?;
    let db = node.ledger.db().clone();
    let org = org::store::by_slug(&db, plan::SLUG)
        .await?
        .context("the organization is missing")?;
    let settings = Settings {
        public_url: url::Url::parse("https://habeo.example.edu/")?,
    };
    let engine = Engine::new(node.ledger.clone(), node.master_key.clone(), settings);
    let mut table =
        String::from("| asked by | question | p50 | p99 | answer |\n|---|---|--:|--:|---|\n");
    for (subject, question) in QUESTIONS {
        let system = Access::system(org, Surface::System);
        let mut tx = db.read(&system).await?;
        let found = person::store::named(&mut tx, &system, issuer::ISSUER, subject).await?;
        let person = found.context("nobody has this name")?;
        drop(tx);
        let session = Sessions::new(node.ledger.clone())
            .of_person(org, person)
            .await?;
        let asker = Asker {
            access: session.access.within(Surface::Slack, "bench".to_owned()),
            user: ChatUser {
                install: InstallId::from_uuid(person.uuid()),
                user: "U0BENCH".to_owned(),
            },
            platform: Platform::Slack,
            conversation: format!("bench {question}"),
            place: Reader::Private,
        };
        let mut taken = Vec::with_capacity(times);
        let mut answer = String::new();
        let begun = Instant::now();
        for _ in 0..times {
            let sent = Instant::now();
            answer = engine.ask(&asker, question).await.text;
            taken.push(micros(sent.elapsed()));
        }
        let elapsed: Duration = begun.elapsed();
        let samples = Samples::new(taken, elapsed);
        let first: String = answer
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(80)
            .collect();
        writeln!(
            table,
            "| {subject} | {question} | {:.1} ms | {:.1} ms | {first} |",
            samples.percentile(50) / 1_000.0,
            samples.percentile(99) / 1_000.0
        )?;
    }
    db.close().await;
    Ok(table)
}
