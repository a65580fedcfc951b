//! `habeo doctor`: looks for what is wrong with this installation, and mends nothing.

use std::process::ExitCode;

use habeo_core::access::{Access, Surface};
use habeo_core::ledger::audit::{self, Verdict};
use habeo_core::org::store;
use habeo_core::store::Engine;

use super::terminal::{Out, say};
use crate::app::App;
use crate::config::Config;
use crate::node::{Node, Purpose};

struct Report<'a> {
    healthy: bool,
    out: Out<'a>,
}

impl Report<'_> {
    fn line(&mut self, good: bool, what: &str) {
        self.healthy &= good;
        say(
            self.out,
            &format!("{} {what}", if good { "ok   " } else { "FAULT" }),
        );
    }
}

pub async fn run(config: &Config, out: Out<'_>) -> anyhow::Result<ExitCode> {
    let mut report = Report { healthy: true, out };
    report.line(true, "the configuration can be read");
    let node = match Node::open(config, Purpose::Inspecting).await {
        Ok(node) => node,
        Err(error) => {
            report.line(false, &format!("{error:#}"));
            return Ok(ExitCode::FAILURE);
        }
    };
    let engine = match node.ledger.db().engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    report.line(
        true,
        &format!("the database ({engine}) has the present schema and safe settings"),
    );
    let orgs = store::all(node.ledger.db()).await?;
    report.line(true, &format!("{} organizations", orgs.len()));
    for (org, slug) in orgs {
        let access = Access::system(org, Surface::System);
        let mut tx = node.ledger.db().read(&access).await?;
        match audit::verify(&mut tx, &access).await? {
            Verdict::Whole { size } => report.line(
                true,
                &format!("{slug}: the ledger of {size} entries is whole"),
            ),
            Verdict::Broken { index } => report.line(
                false,
                &format!("{slug}: entry {index} of the ledger was altered"),
            ),
            Verdict::HeadDiffers => report.line(
                false,
                &format!("{slug}: the head of the ledger does not belong to its entries"),
            ),
        }
    }
    match App::new(config, node).await {
        Ok(app) => report.line(
            true,
            if app.sandbox.is_some() {
                "the sandbox issuer is on"
            } else {
                "Clerk issues the tokens"
            },
        ),
        Err(error) => report.line(false, &format!("{error:#}")),
    }
    Ok(if report.healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
