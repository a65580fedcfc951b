//! Questions about tickets of help desks: of an asset, of a unit, of the asker. They are read here and worked on there, so that nothing but a
//! list comes of them.

use super::decide::Senses;
use super::draft::{Draft, Part};
use super::lexeme::{Kind, Lexeme};
use super::{Ground, Verdict, walk};
use crate::intent::filter::{Filter, Holder};
use crate::intent::named::AssetRef;
use crate::intent::synonyms::Sense;
use crate::intent::{Doubt, Intent, Progress, TicketsOf};

/// What is said of tickets with which somebody has something to do still.
const OPEN: &[&str] = &[
    "open",
    "opened",
    "unresolved",
    "unsolved",
    "outstanding",
    "pending",
    "active",
    "ongoing",
    "current",
    "progress",
    "hold",
    "waiting",
    "live",
    "unfinished",
    "still",
    "new",
];
/// What is said of tickets with which nobody has.
const ENDED: &[&str] = &[
    "closed",
    "resolved",
    "solved",
    "finished",
    "done",
    "completed",
    "past",
    "previous",
    "former",
    "old",
    "ended",
    "fixed",
];
/// What is said of tickets wherever they are.
const BESIDE: &[&str] = &[
    "any",
    "raised",
    "filed",
    "logged",
    "reported",
    "submitted",
    "created",
    "about",
    "regarding",
    "concerning",
    "related",
    "linked",
    "there",
    "have",
    "has",
    "had",
    "got",
    "exist",
    "against",
    "affecting",
    "involving",
    "history",
    "state",
    "status",
    "every",
    "each",
    "waiting",
    "see",
    "view",
    "look",
];
/// What begins a wish that only the help desk itself fulfils.
const WISHES: &[&str] = &[
    "open", "create", "raise", "file", "log", "submit", "make", "start", "close", "resolve",
    "reopen", "escalate", "assign", "cancel", "update", "delete", "write", "report", "add",
    "register", "enter", "send", "reply", "comment",
];

/// Reads a question about tickets; none where it is about something else.
pub(super) fn read(lexemes: &[Lexeme], ground: &Ground<'_>) -> Option<(Verdict, Draft)> {
    let senses = Senses(lexemes);
    if !senses.has(Sense::Ticket) {
        return None;
    }
    let mut draft = walk::draft(lexemes, ground);
    draft.without_preface(lexemes);
    draft.unknown.retain(|word| !is_known(word));
    let progress = progress(lexemes, &draft);
    let verdict = verdict(senses, &draft, progress, ground);
    Some((verdict, draft))
}

fn verdict(
    senses: Senses<'_>,
    draft: &Draft,
    progress: Option<Progress>,
    ground: &Ground<'_>,
) -> Verdict {
    let wanted = |of: TicketsOf| {
        let usual = match of {
            TicketsOf::Asset(_) => Progress::Any,
            _ => Progress::Open,
        };
        Intent::Tickets {
            of,
            progress: progress.unwrap_or(usual),
        }
    };
    if is_wish(senses) {
        let offered = of(senses, draft).into_iter().map(wanted).collect();
        return Verdict::unclear(Doubt::NotUnderstood, offered);
    }
    if let Some(choice) = draft.choices.first() {
        return of_choice(choice, draft, wanted);
    }
    if let [asset] = draft.refs.as_slice()
        && let Some(doubt) = pointless(asset, ground.context.rows)
    {
        return Verdict::unclear(doubt, Vec::new());
    }
    let Some(of) = of(senses, draft) else {
        return Verdict::unclear(Doubt::PartlyUnderstood, vec![wanted(TicketsOf::Mine)]);
    };
    let intent = wanted(of);
    let beyond = draft.negated
        || draft.by.is_some()
        || draft.extreme.is_some()
        || draft.dating.is_dated()
        || senses.any(&[Sense::Beyond, Sense::Export]);
    if beyond || !draft.unknown.is_empty() {
        return Verdict::unclear(Doubt::PartlyUnderstood, vec![intent]);
    }
    if draft.guessed {
        Verdict::likely(intent)
    } else {
        Verdict::sure(intent)
    }
}

/// A name that can be several things: tickets belong to units, and only to these.
fn of_choice(choice: &[Part], draft: &Draft, wanted: impl Fn(TicketsOf) -> Intent) -> Verdict {
    let units: Vec<TicketsOf> = choice
        .iter()
        .filter_map(|part| match part {
            Part::Unit(unit) => Some(TicketsOf::Unit(unit.clone())),
            _ => None,
        })
        .collect();
    let alone = draft.choices.len() == 1 && draft.filter == Filter::default();
    match units.as_slice() {
        [one] if alone && draft.refs.is_empty() && draft.unknown.is_empty() => {
            Verdict::likely(wanted(one.clone()))
        }
        _ => Verdict::unclear(Doubt::Ambiguous, units.into_iter().map(wanted).collect()),
    }
}

/// Whether a reference to the last answer points at nothing, or at too much.
fn pointless(asset: &AssetRef, rows: u16) -> Option<Doubt> {
    match asset {
        AssetRef::Last | AssetRef::AllRows if rows == 0 => Some(Doubt::NothingBefore),
        AssetRef::Last | AssetRef::AllRows if rows > 1 => Some(Doubt::WhichAsset),
        AssetRef::Row(row) if *row > rows => Some(Doubt::NothingBefore),
        _ => None,
    }
}

/// Which tickets are meant; none where that cannot be told, or cannot be asked.
fn of(senses: Senses<'_>, draft: &Draft) -> Option<TicketsOf> {
    let mut filter = draft.filter.clone();
    // "Active" and "waiting" are said of assets as well.
    filter.states.clear();
    filter.windows.clear();
    let mine = senses.any(&[Sense::My, Sense::Me])
        || filter.holder == Some(Holder::Me)
        || senses
            .0
            .iter()
            .any(|lexeme| lexeme.raw.eq_ignore_ascii_case("for me"));
    match draft.refs.as_slice() {
        [] => {}
        [asset] => return Some(TicketsOf::Asset(asset.clone())),
        _ => return None,
    }
    if mine || filter.holder == Some(Holder::Anyone) {
        filter.holder = None;
    }
    if filter.is_empty() {
        return Some(if mine {
            TicketsOf::Mine
        } else {
            TicketsOf::Everything
        });
    }
    if let [unit] = filter.units.as_slice()
        && !mine
    {
        let rest = Filter {
            units: Vec::new(),
            ..filter.clone()
        };
        if rest.is_empty() {
            return Some(TicketsOf::Unit(unit.clone()));
        }
    }
    let thing = !(filter.categories.is_empty()
        && filter.models.is_empty()
        && filter.makers.is_empty()
        && filter.codes.is_empty());
    if thing && (draft.singular || mine) {
        filter.holder = mine.then_some(Holder::Me).or(draft.filter.holder.clone());
        return Some(TicketsOf::Asset(AssetRef::Described(Box::new(filter))));
    }
    None
}

/// How far the tickets are that are asked for, if that is said.
fn progress(lexemes: &[Lexeme], draft: &Draft) -> Option<Progress> {
    let said = |words: &[&str]| {
        lexemes
            .iter()
            .filter(|lexeme| !matches!(lexeme.kind, Kind::Names(_) | Kind::Code))
            .flat_map(|lexeme| lexeme.raw.split_whitespace())
            .any(|word| words.contains(&word.to_lowercase().as_str()))
    };
    let all = said(&["all", "every", "history", "ever"]);
    match (said(OPEN), said(ENDED)) {
        _ if draft.negated => None,
        (true, false) => Some(Progress::Open),
        (false, true) => Some(Progress::Ended),
        (true, true) => Some(Progress::Any),
        (false, false) => all.then_some(Progress::Any),
    }
}

fn is_known(word: &str) -> bool {
    let word = word.to_lowercase();
    [OPEN, ENDED, BESIDE]
        .iter()
        .any(|words| words.contains(&word.as_str()))
}

/// Whether something is to be done to one ticket: "open a ticket", "close that ticket". "An open ticket" is none.
fn is_wish(senses: Senses<'_>) -> bool {
    let telling = senses.0.iter().position(|lexeme| {
        !matches!(lexeme.kind, Kind::Mark(_))
            && !matches!(
                lexeme.sense(),
                Some(Sense::Noise | Sense::The | Sense::Hello | Sense::Thanks | Sense::Me)
            )
    });
    let Some(at) = telling else { return false };
    let word = senses.0[at].raw.split_whitespace().next();
    let word = word.unwrap_or_default().to_lowercase();
    let tells_which = word == "open"
        && senses
            .0
            .get(at + 1)
            .is_some_and(|next| next.is(Sense::Ticket));
    let one = senses
        .0
        .iter()
        .any(|lexeme| lexeme.is(Sense::Ticket) && !lexeme.plural);
    one && !tells_which && WISHES.contains(&word.as_str())
}
