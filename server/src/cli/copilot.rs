//! `habeo copilot`: how well questions are understood.

use std::process::ExitCode;

use clap::Subcommand;
use habeo_bot::evaluation;

use super::terminal::{Out, say};

/// The language half of Habeo Copilot.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Copilot {
    /// Read every question of the evaluation, and say how many were understood, which were not, and how long one takes.
    Evaluate,
}

impl Copilot {
    pub fn run(self, out: Out<'_>) -> ExitCode {
        match self {
            Self::Evaluate => {
                let score = evaluation::run();
                say(out, &score.to_string());
                if score.per_mille() >= evaluation::PER_MILLE_MIN {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::FAILURE
                }
            }
        }
    }
}
