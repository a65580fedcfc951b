//! The command line: one file per command.

mod approvals;
mod apps;
mod audit;
mod backup;
mod check;
mod connection;
mod copilot;
mod doctor;
mod export;
mod grant;
mod import;
mod key;
mod keys;
mod ledger;
mod manifest;
mod migrate;
mod openapi;
mod org;
mod person;
mod punchout;
mod sandbox;
mod serve;
mod session;
mod supplier;
mod terminal;
mod token;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::log;

/// Habeo: the record of what a college owns, kept so that it can be proved.
#[derive(Debug, Parser)]
#[command(name = "habeo", version)]
struct Arguments {
    /// Another file than ./habeo.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<CommandLine>,
}

#[derive(Debug, Subcommand)]
enum CommandLine {
    /// Answer requests (what happens when no command is given).
    Serve,
    /// Bring the database to the schema of this program.
    Migrate(migrate::Migrate),
    /// Organizations.
    #[command(subcommand)]
    Org(org::Org),
    /// Give somebody a role.
    Grant(grant::Grant),
    /// People.
    #[command(subcommand)]
    Person(person::Person),
    /// Systems that report in: device managements and help desks.
    #[command(subcommand)]
    Connection(connection::Connection),
    /// Suppliers whose shops are bought in.
    #[command(subcommand)]
    Supplier(supplier::Supplier),
    /// Who approves what is bought: limits of units, and who approves in whose place.
    #[command(subcommand)]
    Approvals(approvals::Approvals),
    /// Apps of an organization, and the keys with which they ask.
    #[command(subcommand)]
    Key(key::Key),
    /// Sessions of people.
    #[command(subcommand)]
    Session(session::Session),
    /// Print a session token of the sandbox issuer.
    Token(token::Token),
    /// The invented university.
    #[command(subcommand)]
    Sandbox(sandbox::Sandbox),
    /// Whether ledgers are whole.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The tables that follow from the entries, and the ledger's keys and names.
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// Print the `OpenAPI` document of /api/v1, or of /public/v1.
    Openapi(openapi::Openapi),
    /// Apps of the marketplace that an organization publishes.
    #[command(subcommand)]
    App(apps::Apps),
    /// How well questions in chat are understood.
    #[command(subcommand)]
    Copilot(copilot::Copilot),
    /// Buying at suppliers' shops.
    #[command(subcommand)]
    Punchout(punchout::Punchout),
    /// What Slack and Teams are told of the app.
    #[command(subcommand)]
    Manifest(manifest::Manifest),
    /// Enter what there is already.
    #[command(subcommand)]
    Import(import::Import),
    /// Write whole lists as CSV.
    #[command(subcommand)]
    Export(export::Export),
    /// Copy the whole installation, while it serves, into a new folder. The master key is not in it.
    Backup(backup::Backup),
    /// Bring a backup back, into an empty place.
    Restore(backup::Restore),
    /// The master key.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// The configuration.
    #[command(subcommand)]
    Config(check::Check),
    /// Look for what is wrong with this installation.
    Doctor,
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match carry_out(arguments, std::env::vars(), &mut io::stdout()) {
        Ok(code) => code,
        Err(error) => {
            terminal::complain(&format!("habeo: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs a command line, its first word the program's name, with these variables. What it answers goes to `out`.
pub fn run(
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    environment: impl IntoIterator<Item = (String, String)>,
    out: terminal::Out<'_>,
) -> anyhow::Result<ExitCode> {
    carry_out(Arguments::try_parse_from(words)?, environment, out)
}

fn carry_out(
    arguments: Arguments,
    environment: impl IntoIterator<Item = (String, String)>,
    out: terminal::Out<'_>,
) -> anyhow::Result<ExitCode> {
    let config = Config::load(arguments.config.as_deref(), environment)?;
    log::begin(&config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match arguments.command.unwrap_or(CommandLine::Serve) {
            CommandLine::Serve => serve::run(&config, out).await?,
            CommandLine::Migrate(command) => command.run(&config, out).await?,
            CommandLine::Org(command) => command.run(&config, out).await?,
            CommandLine::Grant(command) => command.run(&config, out).await?,
            CommandLine::Connection(command) => command.run(&config, out).await?,
            CommandLine::Supplier(command) => command.run(&config, out).await?,
            CommandLine::Approvals(command) => command.run(&config, out).await?,
            CommandLine::Key(command) => command.run(&config, out).await?,
            CommandLine::Person(command) => command.run(&config, out).await?,
            CommandLine::Session(command) => command.run(&config, out).await?,
            CommandLine::Token(command) => command.run(&config, out).await?,
            CommandLine::Sandbox(command) => command.run(&config, out).await?,
            CommandLine::Audit(command) => return command.run(&config, out).await,
            CommandLine::Ledger(command) => return command.run(&config, out).await,
            CommandLine::Openapi(wanted) => openapi::run(&wanted, out).await?,
            CommandLine::App(command) => command.run(&config, out).await?,
            CommandLine::Copilot(command) => return Ok(command.run(out)),
            CommandLine::Punchout(command) => command.run(out).await?,
            CommandLine::Manifest(command) => command.run(&config, out)?,
            CommandLine::Import(command) => return command.run(&config, out).await,
            CommandLine::Export(command) => command.run(&config, out).await?,
            CommandLine::Backup(command) => command.run(&config, out).await?,
            CommandLine::Restore(command) => command.run(&config, out).await?,
            CommandLine::Keys(command) => command.run(&config, out).await?,
            CommandLine::Config(command) => command.run(&config, out)?,
            CommandLine::Doctor => return doctor::run(&config, out).await,
        }
        Ok(ExitCode::SUCCESS)
    })
}
