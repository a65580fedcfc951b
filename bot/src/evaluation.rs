//! Questions with the readings that they must have, and how many of them have it: the measure of the grammar.

mod names;

use std::fmt;
use std::time::{Duration, Instant};

use habeo_core::time::Day;

use crate::intent::{Context, Intent, Vocabulary, read};

/// The day on which all questions are asked: a Wednesday.
const TODAY: &str = "2026-06-17";
/// How many assets are in sight after an answer that lists them.
const ROWS_OF_A_LIST: u16 = 5;
/// What parts the turns of a conversation.
const TURNS: &str = " // ";
/// What parts a question from its reading.
const ANSWER: &str = " => ";

/// The questions on which the grammar was developed.
const DEVELOPMENT: &str = include_str!("../evaluation/development.txt");
/// The questions that were set aside before.
const HELD_OUT: &str = include_str!("../evaluation/held_out.txt");
/// The questions of somebody who had not seen the grammar.
const UNSEEN: &str = include_str!("../evaluation/unseen.txt");
/// The questions of somebody else who had not seen the grammar, when it had learned from the first.
const COLLEAGUES: &str = include_str!("../evaluation/colleagues.txt");
/// The questions in many voices, unseen when they were first run.
const VOICES: &str = include_str!("../evaluation/voices.txt");
/// The questions of somebody who wanted to see it fail.
const HOSTILE: &str = include_str!("../evaluation/hostile.txt");

/// A question with the reading that it must have.
#[derive(Debug, Clone, Copy)]
struct Case {
    question: &'static str,
    expected: &'static str,
}

/// A question that was read otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The conversation, its turns parted by `//`.
    pub question: String,
    /// How its last turn must be read.
    pub expected: String,
    /// How it was.
    pub found: String,
}

/// How one part of the questions was read.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it is called.
    pub name: &'static str,
    /// How many questions it has.
    pub cases: usize,
    /// Those that were misread.
    pub misses: Vec<Miss>,
}

/// Of a thousand questions so many have to be understood.
pub const PER_MILLE_MIN: usize = 950;

/// How all questions were read, and how quickly.
#[derive(Debug, Clone)]
pub struct Score {
    /// The parts.
    pub parts: Vec<Part>,
    /// How long half of the questions took at most.
    pub p50: Duration,
    /// How long 99 of 100 questions took at most.
    pub p99: Duration,
}

impl Score {
    /// How many questions there are.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.parts.iter().map(|part| part.cases).sum()
    }

    /// How many were read as they must be.
    #[must_use]
    pub fn right(&self) -> usize {
        self.cases()
            - self
                .parts
                .iter()
                .map(|part| part.misses.len())
                .sum::<usize>()
    }

    /// Right ones of a thousand.
    #[must_use]
    pub fn per_mille(&self) -> usize {
        self.right() * 1_000 / self.cases().max(1)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            for miss in &part.misses {
                writeln!(
                    f,
                    "{}\n  expected {}\n  found    {}",
                    miss.question, miss.expected, miss.found
                )?;
            }
        }
        for part in &self.parts {
            writeln!(
                f,
                "{}: {} of {}",
                part.name,
                part.cases - part.misses.len(),
                part.cases
            )?;
        }
        let tenths = self.per_mille();
        writeln!(
            f,
            "all: {} of {} ({}.{} %)",
            self.right(),
            self.cases(),
            tenths / 10,
            tenths % 10
        )?;
        write!(
            f,
            "microseconds for a question: p50 {}, p99 {}",
            self.p50.as_micros(),
            self.p99.as_micros()
        )
    }
}

/// Reads all questions.
#[must_use]
pub fn run() -> Score {
    let vocabulary = Vocabulary::build(&names::lists());
    let mut times = Vec::new();
    let parts = [
        ("development", DEVELOPMENT),
        ("held out", HELD_OUT),
        ("hostile", HOSTILE),
        ("unseen", UNSEEN),
        ("colleagues", COLLEAGUES),
        ("voices", VOICES),
    ]
    .into_iter()
    .map(|(name, text)| part(name, text, &vocabulary, &mut times))
    .collect();
    times.sort_unstable();
    let at = |percent: usize| {
        times
            .get(times.len() * percent / 100)
            .copied()
            .unwrap_or_default()
    };
    Score {
        parts,
        p50: at(50),
        p99: at(99),
    }
}

fn part(
    name: &'static str,
    text: &'static str,
    vocabulary: &Vocabulary,
    times: &mut Vec<Duration>,
) -> Part {
    let cases: Vec<Case> = cases(text).collect();
    let misses = cases
        .iter()
        .filter_map(|case| miss(case, vocabulary, times))
        .collect();
    Part {
        name,
        cases: cases.len(),
        misses,
    }
}

fn cases(text: &'static str) -> impl Iterator<Item = Case> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(ANSWER))
        .map(|(question, expected)| Case { question, expected })
}

fn miss(case: &Case, vocabulary: &Vocabulary, times: &mut Vec<Duration>) -> Option<Miss> {
    let today: Day = TODAY.parse().ok()?;
    let view = vocabulary.whole();
    let mut context = Context::new();
    let mut found = Intent::Help;
    for turn in case.question.split(TURNS) {
        let started = Instant::now();
        found = read(turn, &view, &context, today).intent;
        times.push(started.elapsed());
        if let Some(rows) = rows(&found) {
            context = Context::after(found.clone(), rows);
        }
    }
    let found = found.to_string();
    (found != case.expected).then(|| Miss {
        question: case.question.to_owned(),
        expected: case.expected.to_owned(),
        found,
    })
}

/// How many assets are in sight after an answer; none where it leaves the conversation as it was.
fn rows(intent: &Intent) -> Option<u16> {
    match intent {
        Intent::Find { .. } | Intent::Count { .. } | Intent::Export { .. } => Some(ROWS_OF_A_LIST),
        Intent::About { .. } | Intent::History { .. } | Intent::Write(_) => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_nineteen_of_twenty_questions_are_understood() {
        let score = run();
        assert!(score.cases() >= 450, "{} questions", score.cases());
        assert!(score.per_mille() >= PER_MILLE_MIN, "{score}");
    }

    #[test]
    fn every_line_of_the_files_is_a_case() {
        for text in [DEVELOPMENT, HELD_OUT, HOSTILE, UNSEEN, VOICES] {
            let lines = text
                .lines()
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
                .count();
            assert_eq!(cases(text).count(), lines);
        }
    }
}
