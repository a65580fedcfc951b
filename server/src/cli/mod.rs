//! The command line: one file per command.

mod check;
mod doctor;
mod grant;
mod migrate;
mod openapi;
mod org;
mod sandbox;
mod serve;
mod terminal;
mod token;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, LogFormat};

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
    /// Print a session token of the sandbox issuer.
    Token(token::Token),
    /// The invented university.
    #[command(subcommand)]
    Sandbox(sandbox::Sandbox),
    /// Print the `OpenAPI` document of /api/v1.
    Openapi,
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
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            terminal::complain(&format!("habeo: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = Config::load(arguments.config.as_deref(), std::env::vars())?;
    log_to_stderr(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match arguments.command.unwrap_or(CommandLine::Serve) {
            CommandLine::Serve => serve::run(&config).await?,
            CommandLine::Migrate(command) => command.run(&config).await?,
            CommandLine::Org(command) => command.run(&config).await?,
            CommandLine::Grant(command) => command.run(&config).await?,
            CommandLine::Token(command) => command.run(&config).await?,
            CommandLine::Sandbox(command) => command.run(&config).await?,
            CommandLine::Openapi => openapi::run().await?,
            CommandLine::Config(command) => command.run(&config)?,
            CommandLine::Doctor => return doctor::run(&config).await,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Standard output belongs to what a command answers.
fn log_to_stderr(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second initialisation, in a test, changes nothing.
    drop(match config.log.format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        LogFormat::Text => lines.try_init(),
    });
}
