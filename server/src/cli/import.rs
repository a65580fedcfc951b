//! `habeo import`: tables of what there is already.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use habeo_core::access::{Access, Surface};
use habeo_core::asset::State;
use habeo_core::id::{OrgId, new_uuid};
use habeo_core::ledger::Ledger;
use habeo_core::session::Sessions;
use habeo_core::{org, person};

use super::terminal::{Out, Progress, complain, say};
use crate::config::Config;
use crate::import::{self, Creating, Faults, Field, Request, Said, Terms};
use crate::issuer;
use crate::node::{Node, Purpose};

/// What can be imported.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Enter the assets of a CSV file.
    ///
    /// Every row is checked before the first is entered. An import that was stopped continues where it was when the same file is imported again
    /// with the same options.
    Assets(Assets),
}

/// Assets of a CSV file.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct Assets {
    /// The file: UTF-8, its first line names the columns.
    file: PathBuf,
    /// The organization's slug; may be left out where there is only one.
    #[arg(long)]
    org: Option<String>,
    /// In whose name and with whose rights: a mail address or the issuer's name for them. The operator's where it is left out.
    #[arg(long = "as", value_name = "WHO")]
    actor: Option<String>,
    /// What a column means, as in "Inventory no=tag"; without a field it is left out. May be repeated.
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = import::said)]
    map: Vec<(String, Option<Field>)>,
    /// A file of such lines.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Check, and enter nothing.
    #[arg(long)]
    dry_run: bool,
    /// Make the manufacturers, categories and models that are not known yet.
    #[arg(long)]
    create_models: bool,
    /// Models that are made bear no data, so that nobody has to prove its removal later.
    #[arg(long, requires = "create_models")]
    models_bear_no_data: bool,
    /// Make the sites, buildings and rooms that are not known yet.
    #[arg(long)]
    create_places: bool,
    /// Leave out rows in these states, such as disposed,void.
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    skip_state: Vec<State>,
    /// Where things came from whose row does not say, where that has to be said.
    #[arg(long, value_name = "TEXT")]
    provenance: Option<String>,
    /// Write everything that is wrong into a file, one line of JSON each.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// What separates the columns.
    #[arg(long, default_value = ",", value_parser = delimiter)]
    delimiter: u8,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" | "\t" => Ok(b'\t'),
        _ => match text.as_bytes() {
            [one @ (b',' | b';' | b'|')] => Ok(*one),
            _ => Err("a delimiter is one of , ; | and tab".to_owned()),
        },
    }
}

impl Import {
    pub async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<ExitCode> {
        match self {
            Self::Assets(assets) => assets.run(config, out).await,
        }
    }
}

impl Assets {
    async fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<ExitCode> {
        let said = self.said()?;
        let node = Node::open(config, Purpose::Bulk).await?;
        let ledger = &node.ledger;
        let (org, _) = organization(ledger, self.org.as_deref()).await?;
        let access = self.access(config, ledger, org).await?;
        let request = Request {
            file: self.file.clone(),
            delimiter: self.delimiter,
            said,
            terms: Terms {
                provenance: self.provenance.clone(),
                skipped: self.skip_state.clone(),
            },
            creating: Creating {
                models: self.create_models,
                models_bear_data: !self.models_bear_no_data,
                places: self.create_places,
            },
        };
        let mut faults = Faults::new(self.errors.as_deref())?;
        let progress = Progress::new("checked (bytes)");
        let checked = import::check(ledger, &access, request, &mut faults, &|done, all| {
            progress.at(done, all);
        })
        .await
        .with_context(|| self.file.display().to_string())?;
        progress.done();
        if checked.completed {
            let rows = checked.rows;
            say(
                out,
                &format!("This file is imported already: {rows} rows. Nothing is to be done."),
            );
            return Ok(ExitCode::SUCCESS);
        }
        let left_out = checked.left_out();
        if !left_out.is_empty() {
            say(out, &format!("Columns left out: {}", left_out.join(", ")));
        }
        if faults.count() > 0 {
            refuse(&mut faults, checked.rows, self.errors.as_deref(), out);
            return Ok(ExitCode::FAILURE);
        }
        let (catalogue, places) = checked.to_be_made();
        say(
            out,
            &format!(
                "{} rows are good. To be made first: {catalogue} entries of the catalogue, {places} places.",
                checked.rows
            ),
        );
        if self.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        if checked.entered > 0 {
            let entered = checked.entered;
            say(
                out,
                &format!(
                    "An import of this file was stopped after {entered} rows; it continues there."
                ),
            );
        }
        let progress = Progress::new("entered");
        let import = checked
            .apply(ledger, &access, &|import| {
                let number = |n: i64| u64::try_from(n).unwrap_or(0);
                progress.at(number(import.rows_done), number(import.rows_total));
                ControlFlow::Continue(())
            })
            .await?;
        progress.done();
        say(out, &format!("{} rows are entered.", import.rows_done));
        ledger.db().close().await;
        Ok(ExitCode::SUCCESS)
    }

    fn said(&self) -> anyhow::Result<Said> {
        let mut said = match &self.mapping {
            None => Said::new(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
                import::said_in_file(&text).with_context(|| path.display().to_string())?
            }
        };
        said.extend(self.map.iter().cloned());
        Ok(said)
    }

    async fn access(&self, config: &Config, ledger: &Ledger, org: OrgId) -> anyhow::Result<Access> {
        let system = Access::system(org, Surface::Import);
        let Some(who) = &self.actor else {
            return Ok(system);
        };
        let issuer = config.clerk.issuer.as_deref().unwrap_or(issuer::ISSUER);
        let mut tx = ledger.db().read(&system).await?;
        let person = person::store::named(&mut tx, &system, issuer, who)
            .await?
            .with_context(|| format!("nobody is known as {who}"))?;
        drop(tx);
        let session = Sessions::new(ledger.clone()).of_person(org, person).await?;
        let request = new_uuid(ledger.clock().now(), ledger.random());
        Ok(session.access.within(Surface::Import, request.to_string()))
    }
}

/// The organization of this slug, or the only one.
pub async fn organization(ledger: &Ledger, slug: Option<&str>) -> anyhow::Result<(OrgId, String)> {
    if let Some(slug) = slug {
        let org = org::store::by_slug(ledger.db(), slug).await?;
        let org = org.with_context(|| format!("there is no organization {slug}"))?;
        return Ok((org, slug.to_owned()));
    }
    let mut all = org::store::all(ledger.db()).await?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => bail!("there is no organization; `habeo org create` makes one"),
        (Some(_), false) => bail!("there are several organizations; say which with --org"),
    }
}

fn refuse(faults: &mut Faults, rows: u64, file: Option<&Path>, out: Out<'_>) {
    let count = faults.count();
    let shown = faults.first();
    for fault in shown {
        complain(&fault.to_string());
    }
    let more = count - shown.len() as u64;
    if more > 0 {
        complain(&match file {
            Some(file) => format!("and {more} more, all of them in {}", file.display()),
            None => format!("and {more} more; --errors FILE writes them all"),
        });
    }
    say(
        out,
        &format!("{count} faults in {rows} rows. Nothing is entered."),
    );
}
