//! From recognised pieces to one intent: first what is spoken of, then what is wanted of it.

mod dating;
mod decide;
mod draft;
mod follow;
mod lexeme;
mod naming;
mod single;
mod talk;
mod tickets;
mod walk;
mod write;

use habeo_core::time::Day;

use super::bounds::ALTERNATIVES_MAX;
use super::reading::{Reading, Sureness};
use super::token::tokens;
use super::vocabulary::View;
use super::{Context, Doubt, Intent};
use draft::Draft;

/// What a question is read against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    pub question: &'a str,
    pub view: &'a View<'a>,
    pub context: &'a Context,
    pub today: Day,
}

/// What was decided about a question, before its draft is added for the record.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    pub intent: Intent,
    pub sureness: Sureness,
    pub alternatives: Vec<Intent>,
}

impl Verdict {
    fn sure(intent: Intent) -> Self {
        Self {
            intent,
            sureness: Sureness::Sure,
            alternatives: Vec::new(),
        }
    }

    fn likely(intent: Intent) -> Self {
        Self {
            intent,
            sureness: Sureness::Likely,
            alternatives: Vec::new(),
        }
    }

    fn unclear(doubt: Doubt, alternatives: Vec<Intent>) -> Self {
        Self {
            intent: Intent::Unclear(doubt),
            sureness: Sureness::Unsure,
            alternatives,
        }
    }
}

/// Reads a question.
pub(super) fn read(ground: Ground<'_>) -> Reading {
    let Ok(tokens) = tokens(ground.question) else {
        return close(
            Verdict::unclear(Doubt::TooLong, Vec::new()),
            Draft::default(),
        );
    };
    let lexemes = lexeme::lexemes(&tokens, ground.view, ground.today);
    if let Some((verdict, draft)) = tickets::read(&lexemes, &ground) {
        return close(verdict, draft);
    }
    if let Some(verdict) = talk::read(&lexemes, &ground) {
        return close(verdict, Draft::default());
    }
    if let Some((verdict, draft)) = write::read(&lexemes, &ground) {
        return close(verdict, draft);
    }
    let mut draft = walk::draft(&lexemes, &ground);
    draft.without_preface(&lexemes);
    let verdict = follow::read(&lexemes, &draft, &ground)
        .unwrap_or_else(|| decide::read(&lexemes, &draft, &ground));
    close(verdict, draft)
}

fn close(mut verdict: Verdict, draft: Draft) -> Reading {
    let mut alternatives: Vec<Intent> = Vec::new();
    for intent in verdict.alternatives.drain(..) {
        if alternatives.len() < ALTERNATIVES_MAX
            && !alternatives.contains(&intent)
            && intent != verdict.intent
        {
            alternatives.push(intent);
        }
    }
    Reading {
        intent: verdict.intent,
        sureness: verdict.sureness,
        understood: draft.pieces,
        unknown: draft.unknown,
        alternatives,
    }
}
