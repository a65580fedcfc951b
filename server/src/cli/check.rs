//! `habeo config`: what is configured.

use clap::Subcommand;

use super::terminal::{Out, say};
use crate::config::{Config, DEFAULTS};

/// What can be asked of the configuration.
#[derive(Debug, Subcommand)]
pub enum Check {
    /// Print every setting with its value, secrets hidden.
    Check,
    /// Print the commented defaults, to begin a habeo.toml with.
    Defaults,
}

impl Check {
    #[expect(clippy::unnecessary_wraps, reason = "every command has one shape")]
    pub fn run(self, config: &Config, out: Out<'_>) -> anyhow::Result<()> {
        match self {
            Self::Defaults => say(out, DEFAULTS),
            Self::Check => {
                for (setting, value) in config.shown() {
                    say(
                        out,
                        &format!("{:<34} {:<28} {value}", setting.variable, setting.key),
                    );
                }
            }
        }
        Ok(())
    }
}
