//! `habeo audit`: whether ledgers are whole, and their export for whoever wants to find out without Habeo.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use habeo_core::access::{Access, Surface};
use habeo_core::id::OrgId;
use habeo_core::ledger::checkpoint::Witness as _;
use habeo_core::ledger::note::Verifier;
use habeo_core::ledger::verify::{Finding, Whole};
use habeo_core::ledger::{export, tree, verify};
use habeo_core::org::export::NoteExport;
use habeo_core::org::store;
use habeo_core::store::{Db, lint};

use super::terminal::{Out, complain, say};
use crate::checkpoints::Folder;
use crate::config::Config;
use crate::node::{Node, Purpose, open_evidence};

/// What can be asked about ledgers.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Recompute every hash and check every signature; ends with 0 when all is whole, 1 when something is not, 2 when it could not be asked.
    Verify(Verify),
    /// Write a ledger to a file, with everything that is needed to verify it elsewhere.
    Export(Export),
}

/// What is verified.
#[derive(Debug, Args)]
pub struct Verify {
    /// Only the ledger of this organization.
    #[arg(long, value_name = "SLUG", conflicts_with = "export")]
    org: Option<String>,
    /// An export instead of the database. No database is opened.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// A public key that is trusted, as name+id+key; may be repeated. Without one an export's own keys are taken.
    #[arg(long, value_name = "KEY", requires = "export")]
    key: Vec<String>,
}

/// What is exported.
#[derive(Debug, Args)]
pub struct Export {
    /// Which organization's ledger.
    #[arg(long, value_name = "SLUG")]
    org: String,
    /// Where to.
    file: PathBuf,
}

/// The exit code of what could not be asked.
const NOT_ASKED: u8 = 2;

impl Audit {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<ExitCode> {
        let outcome = match self {
            Self::Verify(Verify {
                export: Some(file),
                key,
                ..
            }) => verify_export(&file, &key, out),
            Self::Verify(Verify { org, .. }) => verify_ledgers(config, org.as_deref(), out).await,
            Self::Export(Export { org, file }) => return write(config, &org, &file, out).await,
        };
        // A failure to ask is no answer: it must not be taken for a finding.
        Ok(outcome.unwrap_or_else(|error| {
            complain(&format!("habeo: {error:#}"));
            ExitCode::from(NOT_ASKED)
        }))
    }
}

async fn verify_ledgers(
    config: &Config,
    only: Option<&str>,
    out: Out<'_>,
) -> anyhow::Result<ExitCode> {
    let db = open_evidence(config).await?;
    let orgs = selected(&db, only).await?;
    let folder = Folder::configured(&config.database);
    let mut code = ExitCode::SUCCESS;
    // Whoever altered entries may have taken down what refuses it; that is a finding as well.
    for fault in lint::faults(&db).await? {
        say(out, &format!("FAULT {fault}"));
        code = ExitCode::FAILURE;
    }
    for (org, slug) in orgs {
        let access = Access::system(org, Surface::System);
        let outside = folder
            .as_ref()
            .map(|folder| folder.last(org))
            .transpose()?
            .flatten();
        let begun = Instant::now();
        let verdict = verify::whole(&db, &access, outside).await?;
        if !report(&slug, verdict, begun, out) {
            code = ExitCode::FAILURE;
        }
    }
    db.close().await;
    Ok(code)
}

fn verify_export(file: &Path, keys: &[String], out: Out<'_>) -> anyhow::Result<ExitCode> {
    let trusted: Vec<Verifier> = keys
        .iter()
        .map(|key| {
            Verifier::parse(key)
                .with_context(|| format!("{key} is not a public key, which is written name+id+key"))
        })
        .collect::<anyhow::Result<_>>()?;
    let opened = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    if trusted.is_empty() {
        say(
            out,
            "The keys are those of the file itself: compare them with ones you trust, or give those with --key.",
        );
    }
    let begun = Instant::now();
    let verdict = match export::check(&mut BufReader::with_capacity(1 << 20, opened), &trusted) {
        Ok(verdict) => verdict,
        Err(export::ExportError::Malformed { line }) => {
            say(
                out,
                &format!(
                    "FAULT {}: line {line} is not what an export has there",
                    file.display()
                ),
            );
            return Ok(ExitCode::FAILURE);
        }
        Err(error) => return Err(error.into()),
    };
    let whole = report(&file.display().to_string(), verdict, begun, out);
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Says what was found, and returns whether it is good.
fn report(what: &str, verdict: Result<Whole, Finding>, begun: Instant, out: Out<'_>) -> bool {
    match verdict {
        Ok(whole) => {
            let taken = begun.elapsed();
            let rate = u128::from(whole.size) * 1_000_000 / taken.as_micros().max(1);
            say(
                out,
                &format!(
                    "ok    {what}: {} entries, root {}; {} checkpoints and {} tiles belong to them ({taken:.1?}, {rate} entries/s)",
                    whole.size,
                    tree::hex(&whole.root),
                    whole.checkpoints,
                    whole.tiles
                ),
            );
            true
        }
        Err(finding) => {
            say(out, &format!("FAULT {what}: {finding}"));
            false
        }
    }
}

async fn write(config: &Config, slug: &str, path: &Path, out: Out<'_>) -> anyhow::Result<ExitCode> {
    let node = Node::open(config, Purpose::Serving).await?;
    let orgs = selected(node.ledger.db(), Some(slug)).await?;
    for (org, slug) in orgs {
        let access = Access::system(org, Surface::System);
        let file =
            File::create(path).with_context(|| format!("{} cannot be made", path.display()))?;
        let mut file = BufWriter::with_capacity(1 << 20, file);
        let size = export::write(node.ledger.db(), &access, &mut file).await?;
        file.flush()?;
        node.ledger.record(&access, NoteExport { size }).await?;
        say(
            out,
            &format!("{size} entries of {slug} are in {}", path.display()),
        );
    }
    node.ledger.db().close().await;
    Ok(ExitCode::SUCCESS)
}

/// The organization with this slug, or all of them.
pub(super) async fn selected(db: &Db, only: Option<&str>) -> anyhow::Result<Vec<(OrgId, String)>> {
    let mut orgs = store::all(db).await?;
    if let Some(only) = only {
        orgs.retain(|(_, slug)| slug == only);
        if orgs.is_empty() {
            bail!("there is no organization {only}");
        }
    }
    Ok(orgs)
}
