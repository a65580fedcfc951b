//! What is asked about one asset, now or in its past.

use crate::intent::filter::Filter;
use crate::intent::grammar::decide::{SEARCHED_WORDS_MAX, Senses};
use crate::intent::grammar::draft::Draft;
use crate::intent::grammar::{Ground, Verdict};
use crate::intent::named::{AssetRef, Phrase};
use crate::intent::sort::Dimension;
use crate::intent::synonyms::{Sense, Verb};
use crate::intent::window::DateOf;
use crate::intent::{Aspect, Doubt, Intent, Past};

/// A question about assets that are named or pointed at.
pub(super) fn about_refs(
    senses: Senses<'_>,
    draft: &Draft,
    filter: &Filter,
    ground: &Ground<'_>,
) -> Verdict {
    let rows = ground.context.rows;
    for asset in &draft.refs {
        let beyond = match asset {
            AssetRef::Last | AssetRef::AllRows if rows == 0 => Some(Doubt::NothingBefore),
            AssetRef::Last if rows > 1 => Some(Doubt::WhichAsset),
            AssetRef::Row(row) if *row > rows => Some(if rows == 0 {
                Doubt::NothingBefore
            } else {
                Doubt::WhichAsset
            }),
            _ => None,
        };
        if let Some(doubt) = beyond {
            if rows == 0 && !draft.unknown.is_empty() {
                return Verdict::unclear(Doubt::NotUnderstood, Vec::new());
            }
            let offered = (1..=rows.min(3))
                .map(|row| single(senses, AssetRef::Row(row), filter))
                .collect();
            return Verdict::unclear(doubt, offered);
        }
    }
    if draft.unknown.len() > SEARCHED_WORDS_MAX || draft.negated && senses.any(&[Sense::Beyond]) {
        return Verdict::unclear(
            Doubt::PartlyUnderstood,
            draft
                .refs
                .first()
                .map(|asset| single(senses, asset.clone(), filter))
                .into_iter()
                .collect(),
        );
    }
    let codes: Vec<Phrase> = draft
        .refs
        .iter()
        .filter_map(|asset| match asset {
            AssetRef::Code(code) => Some(code.clone()),
            _ => None,
        })
        .collect();
    let intent = if codes.len() > 1 {
        let filter = Filter {
            codes,
            ..Filter::default()
        };
        if senses.has(Sense::Export) {
            Intent::Export {
                filter,
                sort: draft.sort,
            }
        } else {
            Intent::Find {
                filter,
                sort: draft.sort,
            }
        }
    } else {
        match draft.refs.first() {
            Some(asset) => single(senses, asset.clone(), filter),
            None => Intent::Unclear(Doubt::WhichAsset),
        }
    };
    if draft.guessed || !draft.unknown.is_empty() {
        Verdict::likely(intent)
    } else {
        Verdict::sure(intent)
    }
}

/// What is asked about one asset.
pub(super) fn single(senses: Senses<'_>, asset: AssetRef, filter: &Filter) -> Intent {
    match past(senses, filter) {
        Some(past) => Intent::History { asset, past },
        None => Intent::About {
            asset,
            aspect: aspect(senses, filter),
        },
    }
}

fn past(senses: Senses<'_>, filter: &Filter) -> Option<Past> {
    let has = |sense| senses.has(sense);
    let held = has(Sense::Have)
        || has(Sense::With)
        || has(Sense::Holder)
        || has(Sense::Noun(Dimension::Holder));
    let who = has(Sense::Who) || has(Sense::Holder) || has(Sense::Whose);
    // "Who had it last year": the present holder need not have.
    if has(Sense::Everybody) || who && !filter.windows.is_empty() && !has(Sense::Due) {
        return Some(Past::Holders);
    }
    let in_repair = has(Sense::State(&[habeo_core::asset::State::InRepair]));
    if (has(Sense::Previous) || has(Sense::Before)) && in_repair && !who {
        return Some(Past::Repairs);
    }
    if (has(Sense::Previous) || has(Sense::Before)) && has(Sense::Where) && !who {
        return Some(Past::Places);
    }
    if (has(Sense::Previous) || has(Sense::Before)) && (who || held || !has(Sense::Where)) {
        return Some(Past::PreviousHolder);
    }
    if has(Sense::Date(DateOf::Seen)) {
        return Some(Past::LastSeen);
    }
    if has(Sense::Changed) {
        return Some(Past::LastChange);
    }
    if has(Sense::Verb(Verb::Note)) {
        return Some(Past::Notes);
    }
    let rooms = [Dimension::Room, Dimension::Building, Dimension::Site];
    if has(Sense::Have)
        && senses.word(&["been"])
        && (has(Sense::Place) || rooms.iter().any(|noun| has(Sense::Noun(*noun))))
    {
        return Some(Past::Places);
    }
    let moved = has(Sense::Done(Verb::Move)) || has(Sense::Verb(Verb::Move));
    if moved {
        return Some(Past::LastMove);
    }
    let repaired = has(Sense::Done(Verb::Repaired))
        || has(Sense::State(&[habeo_core::asset::State::InRepair]));
    if repaired && (has(Sense::History) || senses.word(&["ever", "times", "often", "repairs"]))
        || has(Sense::Done(Verb::Repaired))
    {
        return Some(Past::Repairs);
    }
    let state = senses.0.iter().any(|lexeme| {
        matches!(
            lexeme.sense(),
            Some(Sense::State(_) | Sense::Done(Verb::Lose | Verb::Steal))
        )
    });
    if state && (has(Sense::HowLong) || has(Sense::When)) {
        return Some(Past::StateSince);
    }
    let got = held
        || senses.word(&["get", "got", "received", "receive"])
        || has(Sense::Done(Verb::Give))
        || has(Sense::Assigned);
    if has(Sense::HowLong)
        || (has(Sense::When) && got && !has(Sense::Due) && !has(Sense::Date(DateOf::Bought)))
    {
        return Some(Past::HeldSince);
    }
    if has(Sense::History) || has(Sense::Happened) {
        return Some(if who { Past::Holders } else { Past::Whole });
    }
    if has(Sense::Where) && senses.word(&["been", "has been"])
        || senses
            .0
            .iter()
            .any(|lexeme| lexeme.raw == "has been" || lexeme.raw == "been")
            && has(Sense::Where)
    {
        return Some(Past::Places);
    }
    if who && (senses.word(&["had"]) || has(Sense::Last)) {
        return Some(Past::PreviousHolder);
    }
    if who && has(Sense::Done(Verb::Return)) {
        return Some(Past::LastChange);
    }
    None
}

fn aspect(senses: Senses<'_>, filter: &Filter) -> Aspect {
    let has = |sense| senses.has(sense);
    let any = |wanted: &[Sense]| senses.any(wanted);
    if any(&[Sense::Warranty, Sense::OutOfWarranty, Sense::UnderWarranty]) {
        return Aspect::Warranty;
    }
    let done = senses.0.iter().any(|lexeme| {
        matches!(lexeme.sense(), Some(Sense::Done(Verb::Return | Verb::Find)))
            || lexeme.text == "find"
    }) || has(Sense::Verb(Verb::Give)) && senses.word(&["back"]);
    if done && matches!(senses.first(), Some(Sense::Be | Sense::Do | Sense::Have)) {
        return Aspect::Status;
    }
    if any(&[Sense::Due, Sense::Overdue])
        || has(Sense::Loan) && any(&[Sense::When, Sense::Ends])
        || any(&[Sense::When])
            && senses.0.iter().any(|lexeme| {
                matches!(
                    lexeme.sense(),
                    Some(Sense::Verb(Verb::Return) | Sense::Done(Verb::Return))
                )
            })
    {
        return Aspect::Due;
    }
    if any(&[Sense::Cost, Sense::HowMuch]) {
        return Aspect::Cost;
    }
    if any(&[Sense::Date(DateOf::Bought), Sense::HowOld, Sense::Old]) {
        return Aspect::Bought;
    }
    if has(Sense::Condition) {
        return Aspect::Condition;
    }
    let unit = any(&[
        Sense::Noun(Dimension::Unit),
        Sense::Noun(Dimension::College),
    ]);
    if unit || !filter.units.is_empty() {
        return Aspect::Unit;
    }
    let place = any(&[
        Sense::Where,
        Sense::Place,
        Sense::Noun(Dimension::Room),
        Sense::Noun(Dimension::Building),
        Sense::Noun(Dimension::Site),
        Sense::Floor,
    ]);
    if any(&[
        Sense::Who,
        Sense::Whose,
        Sense::Holder,
        Sense::Noun(Dimension::Holder),
        Sense::Assigned,
        Sense::Unassigned,
    ]) || filter.holder.is_some()
    {
        return Aspect::Holder;
    }
    if place || !filter.places.is_empty() {
        return Aspect::Place;
    }
    if !filter.states.is_empty() || any(&[Sense::Status, Sense::Still]) {
        return Aspect::Status;
    }
    if any(&[
        Sense::Serial,
        Sense::Noun(Dimension::Model),
        Sense::Noun(Dimension::Maker),
        Sense::Noun(Dimension::Category),
        Sense::Tag,
    ]) && any(&[Sense::What, Sense::Which, Sense::Of, Sense::For])
    {
        return Aspect::Identity;
    }
    if has(Sense::What) && senses.word(&["is"]) && senses.0.len() <= 5 {
        return Aspect::Identity;
    }
    if !filter.categories.is_empty() || !filter.models.is_empty() {
        return if senses.first() == Some(Sense::Be) {
            Aspect::Identity
        } else {
            Aspect::Whole
        };
    }
    Aspect::Whole
}
