//! What is said around the work: greetings, help, digests, accounts, and the wish for a form.

use super::decide::{Senses, finished};
use super::lexeme::{Kind, Lexeme};
use super::{Ground, Verdict, walk};
use crate::intent::synonyms::Sense;
use crate::intent::{Doubt, Intent, Switch};

/// Reads talk; none where something else is wanted.
pub(super) fn read(lexemes: &[Lexeme], ground: &Ground<'_>) -> Option<Verdict> {
    let telling: Vec<&Lexeme> = lexemes
        .iter()
        .filter(|lexeme| {
            !matches!(
                lexeme.kind,
                Kind::Mark(_) | Kind::Sense(Sense::Noise | Sense::The)
            )
        })
        .collect();
    let Some(first) = telling.first() else {
        return Some(Verdict::unclear(Doubt::NotUnderstood, Vec::new()));
    };
    let all = |allowed: &[Sense]| {
        telling
            .iter()
            .all(|lexeme| lexeme.sense().is_some_and(|sense| allowed.contains(&sense)))
    };
    let has = |sense: Sense| telling.iter().any(|lexeme| lexeme.is(sense));
    if has(Sense::Cancel)
        && all(&[
            Sense::Cancel,
            Sense::That,
            Sense::It,
            Sense::Thanks,
            Sense::Hello,
        ])
    {
        return Some(Verdict::sure(Intent::Dismiss));
    }
    if has(Sense::Thanks)
        && all(&[
            Sense::Thanks,
            Sense::Hello,
            Sense::Yes,
            Sense::That,
            Sense::Be,
            Sense::It,
            Sense::Help,
            Sense::For,
        ])
    {
        return Some(Verdict::sure(Intent::Thanks));
    }
    if has(Sense::Help)
        && all(&[
            Sense::Help,
            Sense::Hello,
            Sense::Show,
            Sense::Me,
            Sense::It,
            Sense::That,
            Sense::Be,
        ])
    {
        return Some(Verdict::sure(Intent::Help));
    }
    let company = telling.iter().all(|lexeme| match lexeme.sense() {
        Some(Sense::Hello | Sense::Thanks | Sense::Everybody | Sense::There) => true,
        Some(Sense::Noun(_)) => lexeme.text == "team",
        _ => false,
    });
    if has(Sense::Hello) && company {
        return Some(Verdict::sure(Intent::Greeting));
    }
    let leading = telling
        .iter()
        .find(|lexeme| {
            !matches!(
                lexeme.sense(),
                Some(Sense::Hello | Sense::Thanks | Sense::Me | Sense::Yes)
            )
        })
        .unwrap_or(first);
    match leading.sense() {
        Some(Sense::Subscribe) => digests(lexemes, ground, Switch::On),
        Some(Sense::Unsubscribe) => digests(lexemes, ground, Switch::Off),
        Some(Sense::Link) => account(&telling, Switch::On),
        Some(Sense::Unlink) => account(&telling, Switch::Off),
        Some(Sense::Create) => create(lexemes, ground),
        _ => None,
    }
}

fn digests(lexemes: &[Lexeme], ground: &Ground<'_>, switch: Switch) -> Option<Verdict> {
    let draft = walk::draft(lexemes, ground);
    let subscribed = |unit| Intent::Subscribe { unit, switch };
    let mut units = draft.filter.units.clone();
    if let Some(choice) = draft.choices.first() {
        let offered = choice.iter().filter_map(|part| match part {
            super::draft::Part::Unit(unit) => Some(subscribed(Some(unit.clone()))),
            _ => None,
        });
        return Some(Verdict::unclear(Doubt::UnsureChange, offered.collect()));
    }
    let unit = units.pop();
    let spoken = Senses(lexemes).has(Sense::Account) || unit.is_some() || lexemes.len() <= 2;
    if !spoken {
        return None;
    }
    let several = !units.is_empty() || unit.as_ref().is_some_and(|unit| unit.ids.len() != 1);
    let rest = draft.filter.clone();
    let more = !(rest.places.is_empty()
        && rest.states.is_empty()
        && rest.models.is_empty()
        && rest.holder.is_none());
    if several || more || draft.guessed || !draft.unknown.is_empty() || !draft.refs.is_empty() {
        return Some(Verdict::unclear(
            Doubt::UnsureChange,
            vec![subscribed(unit)],
        ));
    }
    Some(Verdict::sure(subscribed(unit)))
}

fn account(telling: &[&Lexeme], switch: Switch) -> Option<Verdict> {
    let known = telling.iter().all(|lexeme| {
        matches!(
            lexeme.sense(),
            Some(
                Sense::Link
                    | Sense::Unlink
                    | Sense::Account
                    | Sense::My
                    | Sense::Me
                    | Sense::To
                    | Sense::With
                    | Sense::From
                    | Sense::And
                    | Sense::That
                    | Sense::Hello
                    | Sense::In
                    | Sense::Of
                    | Sense::For
            )
        )
    });
    known.then(|| Verdict::sure(Intent::Account(switch)))
}

fn create(lexemes: &[Lexeme], ground: &Ground<'_>) -> Option<Verdict> {
    let draft = walk::draft(lexemes, ground);
    if draft
        .refs
        .iter()
        .any(|asset| !matches!(asset, crate::intent::AssetRef::Code(_)))
        || draft.refs.len() > 1
    {
        return None;
    }
    let mut what = finished(&draft, ground);
    if !draft.refs.is_empty() {
        // "Register 4217" names something that may be there already: not surely a new one.
        return Some(Verdict::unclear(
            Doubt::UnsureChange,
            vec![Intent::Create { what }],
        ));
    }
    let senses = Senses(lexemes);
    let spoken = draft.things
        || !what.is_empty()
        || senses.word(&["new", "asset"])
        || lexemes
            .iter()
            .any(|lexeme| lexeme.raw.contains("new") || lexeme.raw.contains("asset"));
    if !spoken {
        return (draft.unknown.len() <= 2
            && draft.unknown.len() + 1 >= lexemes.len().saturating_sub(1)
            && !draft.unknown.is_empty())
        .then(|| Verdict::unclear(Doubt::UnsureChange, vec![Intent::Create { what }]));
    }
    what.words.extend(
        draft
            .unknown
            .iter()
            .filter_map(|word| crate::intent::Phrase::parse(word).ok())
            .take(
                crate::intent::bounds::LIST_MAX
                    - what.words.len().min(crate::intent::bounds::LIST_MAX),
            ),
    );
    let intent = Intent::Create { what };
    Some(if draft.guessed || !draft.unknown.is_empty() {
        Verdict::likely(intent)
    } else {
        Verdict::sure(intent)
    })
}
