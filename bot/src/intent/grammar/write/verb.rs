//! Whether a change is wanted, and which: a command, or a statement of what has happened.

use habeo_core::asset::State;

use crate::intent::grammar::decide::Senses;
use crate::intent::grammar::lexeme::{Kind, Lexeme};
use crate::intent::synonyms::{Sense, Verb};

/// What is to be done, if anything is: a command, or a statement of what has happened. Questions are neither.
pub(super) fn verb(lexemes: &[Lexeme]) -> Option<Verb> {
    let senses = Senses(lexemes);
    let telling: Vec<&Lexeme> = lexemes
        .iter()
        .filter(|lexeme| {
            !matches!(
                lexeme.kind,
                Kind::Mark(_)
                    | Kind::Sense(
                        Sense::Noise
                            | Sense::The
                            | Sense::Hello
                            | Sense::Thanks
                            | Sense::Yes
                            | Sense::And
                    )
            )
        })
        .collect();
    // "I just moved it": the little word says when, not what.
    let just = telling.first().is_some_and(|first| first.text == "just")
        && telling
            .get(1)
            .is_some_and(|second| matches!(second.sense(), Some(Sense::Done(_))))
        && telling.iter().any(|lexeme| {
            matches!(lexeme.kind, Kind::Code | Kind::Number)
                || matches!(lexeme.sense(), Some(Sense::It | Sense::Them | Sense::My))
        });
    let telling = if just { &telling[1..] } else { &telling[..] };
    let first = telling.first()?.sense();
    // "Do not move it" forbids; a change is spoken of all the same.
    if first == Some(Sense::Do) && telling.get(1).is_some_and(|second| second.is(Sense::Not)) {
        return telling.iter().find_map(|lexeme| match lexeme.sense() {
            Some(Sense::Verb(verb)) => Some(verb),
            _ => None,
        });
    }
    let asks = matches!(
        first,
        Some(
            Sense::Who
                | Sense::Whose
                | Sense::What
                | Sense::Which
                | Sense::Where
                | Sense::When
                | Sense::HowMany
                | Sense::HowLong
                | Sense::HowOld
                | Sense::HowMuch
                | Sense::Do
                | Sense::Have
                | Sense::Show
                | Sense::Export
                | Sense::History
                | Sense::Sort
                | Sense::Only
        )
    );
    let asked = lexemes
        .last()
        .is_some_and(|last| matches!(last.kind, Kind::Mark('?')));
    if asks
        || wonders(lexemes)
        || (first == Some(Sense::Be)
            && (matches!(telling[0].text.as_str(), "is" | "are" | "was" | "were")
                || !matches!(
                    telling.get(1).and_then(|lexeme| lexeme.sense()),
                    Some(Sense::Verb(_))
                )))
    {
        return None;
    }
    if senses.has(Sense::Export) {
        return None;
    }
    if let Some(verb) = parted(lexemes) {
        return Some(verb);
    }
    match first {
        Some(Sense::Verb(verb)) => return command(verb, senses, lexemes),
        Some(Sense::Done(verb)) => return Some(verb),
        Some(Sense::Mark) => return marked(senses),
        // "Loan 4219 to Ana": a noun that is a verb before an asset.
        Some(Sense::Loan)
            if telling[0].text == "loan"
                && telling
                    .get(1)
                    .is_some_and(|next| matches!(next.kind, Kind::Code | Kind::Number)) =>
        {
            return Some(Verb::Give);
        }
        _ => {}
    }
    if asked {
        return None;
    }
    stated(senses, telling)
}

/// Whether it is asked without a question word: "check if it was returned", "anyone seen it".
fn wonders(lexemes: &[Lexeme]) -> bool {
    let named = lexemes
        .iter()
        .position(|lexeme| {
            matches!(lexeme.kind, Kind::Code | Kind::Number)
                || matches!(lexeme.sense(), Some(Sense::It | Sense::That | Sense::Them))
        })
        .unwrap_or(lexemes.len());
    lexemes[..named].iter().any(|lexeme| {
        let written = lexeme.raw.to_lowercase();
        let last = written.rsplit(' ').next().unwrap_or_default();
        lexeme.is(Sense::Noise) && matches!(last, "if" | "whether" | "anyone" | "anybody")
    })
}

/// A statement of what has happened: "I lost 4217", "4217 came back", "it is broken".
fn stated(senses: Senses<'_>, telling: &[&Lexeme]) -> Option<Verb> {
    if senses.any(&[
        Sense::Who,
        Sense::When,
        Sense::Where,
        Sense::What,
        Sense::Which,
        Sense::HowMany,
    ]) {
        return None;
    }
    let spoken = telling.iter().any(|lexeme| {
        matches!(lexeme.kind, Kind::Code | Kind::Number)
            || matches!(
                lexeme.sense(),
                Some(
                    Sense::It
                        | Sense::That
                        | Sense::Nth(_)
                        | Sense::Them
                        | Sense::My
                        | Sense::Me
                        | Sense::NthLast
                )
            )
    });
    if !spoken {
        return None;
    }
    telling
        .iter()
        .enumerate()
        .find_map(|(at, lexeme)| match lexeme.sense() {
            Some(
                Sense::Done(verb)
                | Sense::Verb(
                    verb @ (Verb::Acknowledge
                    | Verb::Renew
                    | Verb::Lose
                    | Verb::Return
                    | Verb::Move
                    | Verb::Transfer
                    | Verb::Repair
                    | Verb::Retire),
                ),
            ) => Some(verb),
            Some(Sense::Verb(verb)) if at <= 1 => Some(verb),
            // "Remind me to return it" speaks of a change that is not wanted now.
            Some(Sense::Due) if senses.has(Sense::Beyond) && lexeme.raw == "to return" => {
                Some(Verb::Return)
            }
            Some(Sense::State([State::Missing])) if said(telling, at) => Some(Verb::Lose),
            Some(Sense::State([State::InRepair])) if said(telling, at) => Some(Verb::Repair),
            _ => None,
        })
}

/// Verbs in two parts, with what is said between them: "check 4217 back in".
const PARTED: &[(&str, &[&str], Verb)] = &[
    ("check", &["in", "back"], Verb::Return),
    ("check", &["out"], Verb::Give),
    ("hand", &["in", "back"], Verb::Return),
    ("hand", &["out", "over"], Verb::Give),
    ("give", &["back"], Verb::Return),
    ("take", &["back"], Verb::Return),
    ("bring", &["back"], Verb::Return),
    ("turn", &["in"], Verb::Return),
    ("book", &["in"], Verb::Return),
    ("book", &["out"], Verb::Give),
    ("sign", &["in"], Verb::Return),
    ("sign", &["out"], Verb::Give),
];

/// The verb whose first part begins the command and whose second part ends it or stands before "to" or "for".
pub(super) fn parted(lexemes: &[Lexeme]) -> Option<Verb> {
    let begins = |lexeme: &&Lexeme| {
        let filler = lexeme.is(Sense::Noise)
            && !PARTED
                .iter()
                .any(|(first, ..)| *first == lexeme.raw.to_lowercase());
        !filler
            && !matches!(
                lexeme.sense(),
                Some(Sense::Hello | Sense::Thanks | Sense::Yes)
            )
    };
    let at = lexemes.iter().position(|lexeme| begins(&lexeme))?;
    let first = lexemes[at].raw.to_lowercase();
    let named = lexemes[at..].iter().any(|lexeme| {
        matches!(lexeme.kind, Kind::Code | Kind::Number)
            || matches!(
                lexeme.sense(),
                Some(Sense::It | Sense::That | Sense::Them | Sense::Nth(_) | Sense::My)
            )
    });
    if !named {
        return None;
    }
    PARTED
        .iter()
        .filter(|(begin, ..)| *begin == first)
        .find_map(|(_, ends, verb)| {
            let mut rest = lexemes[at + 1..].iter().enumerate();
            rest.any(|(ahead, lexeme)| {
                let last = lexemes[at + 2 + ahead..].iter().all(|after| {
                    matches!(after.kind, Kind::Mark(_))
                        || after.is(Sense::Noise)
                        || matches!(after.text.as_str(), "in" | "back")
                });
                let before_joint = lexemes.get(at + 2 + ahead).is_some_and(|after| {
                    matches!(
                        after.sense(),
                        Some(Sense::To | Sense::For | Sense::Until | Sense::From)
                    )
                });
                ends.contains(&lexeme.text.as_str())
                    && (last || before_joint || lexeme.text == "back" || lexeme.words > 1)
            })
            .then_some(*verb)
        })
}

/// "4217 is missing": the state is said of the asset.
fn said(telling: &[&Lexeme], at: usize) -> bool {
    at > 0
        && telling[..at].iter().any(|lexeme| lexeme.is(Sense::Be))
        && telling.first().is_some_and(|first| {
            matches!(first.kind, Kind::Code | Kind::Number)
                || matches!(
                    first.sense(),
                    Some(Sense::It | Sense::That | Sense::My | Sense::Nth(_) | Sense::CodeNoun)
                )
        })
}

/// A command by its first word; "put" and "send" mean what stands behind them.
fn command(verb: Verb, senses: Senses<'_>, lexemes: &[Lexeme]) -> Option<Verb> {
    if senses
        .0
        .iter()
        .any(|lexeme| lexeme.is(Sense::Done(Verb::Repaired)))
        && matches!(verb, Verb::Put | Verb::Return)
    {
        return Some(Verb::Repaired);
    }
    let repair = lexemes
        .iter()
        .any(|lexeme| lexeme.is(Sense::State(&[State::InRepair])));
    match verb {
        Verb::Put | Verb::Move | Verb::Give if repair => Some(Verb::Repair),
        Verb::Put
            if lexemes
                .iter()
                .any(|lexeme| matches!(lexeme.sense(), Some(Sense::State([State::InStock])))) =>
        {
            Some(Verb::Return)
        }
        Verb::Put
            if lexemes
                .iter()
                .any(|lexeme| lexeme.is(Sense::Done(Verb::Return))) =>
        {
            Some(Verb::Return)
        }
        // "Notes on 4217" asks for them.
        Verb::Note
            if lexemes
                .iter()
                .any(|lexeme| matches!(lexeme.text.as_str(), "notes" | "comments" | "remarks")) =>
        {
            None
        }
        _ => Some(verb),
    }
}

/// "Mark 4217 as missing".
fn marked(senses: Senses<'_>) -> Option<Verb> {
    senses.0.iter().find_map(|lexeme| match lexeme.sense()? {
        Sense::Done(verb) => Some(verb),
        Sense::State([State::Missing]) if lexeme.raw.contains("stolen") => Some(Verb::Steal),
        Sense::State([State::Missing]) => Some(Verb::Lose),
        Sense::State([State::InRepair]) => Some(Verb::Repair),
        Sense::State([State::InStock]) => Some(Verb::Return),
        Sense::State([State::Retired]) => Some(Verb::Retire),
        Sense::Verb(Verb::Steal) => Some(Verb::Steal),
        _ => None,
    })
}
