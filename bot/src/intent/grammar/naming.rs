//! Which of the things a name can stand for is meant, by what stands around it.

use habeo_core::location::LocationKind;

use super::draft::Part;
use super::lexeme::{Kind, Lexeme};
use crate::intent::named::Phrase;
use crate::intent::sort::Dimension;
use crate::intent::synonyms::Sense;
use crate::intent::vocabulary::{Hit, Rank, Thing, View};

/// What a name turned out to be.
#[derive(Debug, Clone)]
pub(super) enum Resolved {
    /// One thing, and how many pieces of the question it takes.
    One(Part, usize),
    /// One of several.
    Several(Vec<Part>, usize),
}

/// Resolves the name that begins these pieces; `joint` is the preposition before it.
pub(super) fn resolve(
    rest: &[Lexeme],
    hits: &[Hit],
    joint: Option<Sense>,
    view: &View<'_>,
) -> Option<Resolved> {
    let lexeme = &rest[0];
    let best = best(hits, joint, &rest[1..])?;
    if let Thing::Place(_) = best.thing {
        return place(rest, best, joint, view);
    }
    let mut taken = 1;
    if best.thing == Thing::Unit && rest.get(1).is_some_and(is_unit_noun) {
        taken = 2;
    }
    let rivals: Vec<&Hit> = hits
        .iter()
        .filter(|hit| hit.thing != best.thing && hit.rank == best.rank)
        .collect();
    let part = Part::of(best)?;
    let settled = taken == 2
        || joint.is_some()
        || lexeme.words > 1
        || matches!(best.thing, Thing::Category | Thing::Model | Thing::Maker);
    if settled || rivals.is_empty() {
        return Some(Resolved::One(part, taken));
    }
    let mut parts = vec![part];
    parts.extend(rivals.into_iter().filter_map(Part::of));
    Some(Resolved::Several(parts, taken))
}

pub(super) fn is_unit_noun(lexeme: &Lexeme) -> bool {
    matches!(
        lexeme.sense(),
        Some(Sense::Noun(Dimension::Unit | Dimension::College))
    )
}

/// The hit that is meant: the best spelled, and of equals the one that fits the preposition or the noun behind it.
fn best<'a>(hits: &'a [Hit], joint: Option<Sense>, behind: &[Lexeme]) -> Option<&'a Hit> {
    let top = hits.first()?.rank;
    let place_noun = behind.first().is_some_and(is_place_noun);
    let unit_noun = behind.first().is_some_and(is_unit_noun);
    let fits = |hit: &&Hit| match hit.thing {
        Thing::Place(_) => place_noun,
        Thing::Unit => unit_noun,
        _ => false,
    };
    if let Some(fitting) = hits.iter().find(fits) {
        return Some(fitting);
    }
    let equals = || hits.iter().filter(|hit| hit.rank == top);
    let wanted = |hit: &&Hit| match joint {
        Some(Sense::In) => matches!(hit.thing, Thing::Place(_)),
        Some(Sense::Of | Sense::For | Sense::From) => hit.thing == Thing::Unit,
        _ => false,
    };
    equals().find(wanted).or_else(|| equals().next())
}

fn is_place_noun(lexeme: &Lexeme) -> bool {
    matches!(
        lexeme.sense(),
        Some(Sense::Noun(Dimension::Building | Dimension::Site))
    ) || matches!(
        lexeme.text.as_str(),
        "center"
            | "centre"
            | "station"
            | "annex"
            | "library"
            | "clinic"
            | "house"
            | "tower"
            | "hub"
    )
}

/// A place, with the room number and the outer place that may follow it.
fn place(rest: &[Lexeme], hit: &Hit, joint: Option<Sense>, view: &View<'_>) -> Option<Resolved> {
    let mut taken = 1;
    let mut hit = hit.clone();
    let mut certain = hit.rank == Rank::Exact || rest[0].words > 1 || hit.rank == Rank::Code;
    if rest.get(taken).is_some_and(is_place_noun) {
        taken += 1;
        certain = true;
    }
    if let Some((count, room)) = room_behind(&rest[taken..], &hit, view) {
        taken += count;
        hit = room;
        certain = true;
    }
    // "Clinic in Riverside": the inner one of both.
    if let Some((count, outer)) = outer_place(&rest[taken..]) {
        if let Some(inner) = view.within(&hit, &outer) {
            taken += count;
            hit = inner;
            certain = true;
        } else if let Some(inner) = view.within(&outer, &hit) {
            taken += count;
            hit = inner;
            certain = true;
        }
    }
    let part = Part::of(&hit)?;
    let person = Phrase::parse(&rest[0].raw).ok().map(Part::Person);
    let nameable = !certain && rest[0].words == 1;
    match (joint, person) {
        (Some(Sense::With | Sense::By), Some(person)) if nameable => {
            Some(Resolved::One(person, taken))
        }
        (Some(Sense::In | Sense::From), _) if !rest[0].possessive => {
            Some(Resolved::One(part, taken))
        }
        (_, Some(person)) if nameable => Some(Resolved::Several(vec![part, person], taken)),
        _ => Some(Resolved::One(part, taken)),
    }
}

/// "204", "room 204", ", 204", "2nd floor" behind a building.
fn room_behind(rest: &[Lexeme], building: &Hit, view: &View<'_>) -> Option<(usize, Hit)> {
    let mut at = 0;
    if rest
        .get(at)
        .is_some_and(|lexeme| matches!(lexeme.kind, Kind::Mark(',')))
    {
        at += 1;
    }
    if let Some((count, hit)) = room(&rest[at..], Some(building), view) {
        return Some((at + count, hit));
    }
    let number = rest
        .get(at)
        .filter(|lexeme| matches!(lexeme.kind, Kind::Number | Kind::Code))?;
    view.numbered(&number.text, LocationKind::Room, Some(building))
        .map(|hit| (at + 1, hit))
}

/// "room 204", "floor 2", "second floor", within a building or anywhere.
pub(super) fn room(rest: &[Lexeme], within: Option<&Hit>, view: &View<'_>) -> Option<(usize, Hit)> {
    let first = rest.first()?;
    let second = rest.get(1);
    let number = |lexeme: &Lexeme| {
        lexeme
            .text
            .chars()
            .all(|c| c.is_ascii_alphanumeric())
            .then(|| lexeme.text.clone())
    };
    if first.is(Sense::Noun(Dimension::Room)) {
        let skip = usize::from(second.is_some_and(|lexeme| lexeme.is(Sense::CodeNoun)));
        let door = rest
            .get(1 + skip)
            .filter(|lexeme| matches!(lexeme.kind, Kind::Number | Kind::Code | Kind::Unknown))?;
        return view
            .numbered(&number(door)?, LocationKind::Room, within)
            .map(|hit| (2 + skip, hit));
    }
    if first.is(Sense::Floor) {
        let level = second.filter(|lexeme| matches!(lexeme.kind, Kind::Number))?;
        return view
            .numbered(&number(level)?, LocationKind::Floor, within)
            .map(|hit| (2, hit));
    }
    if let Some(Sense::Nth(level)) = first.sense()
        && second.is_some_and(|lexeme| lexeme.is(Sense::Floor))
    {
        return view
            .numbered(&level.to_string(), LocationKind::Floor, within)
            .map(|hit| (2, hit));
    }
    None
}

/// "of Alder Hall", "in the Alder building" behind a room.
pub(super) fn outer_place(rest: &[Lexeme]) -> Option<(usize, Hit)> {
    let mut at = 0;
    let joined = |lexeme: &Lexeme| {
        matches!(lexeme.sense(), Some(Sense::In | Sense::Of | Sense::On))
            || matches!(lexeme.kind, Kind::Mark(','))
    };
    while rest.get(at).is_some_and(joined) {
        at += 1;
    }
    while rest.get(at).is_some_and(|lexeme| lexeme.is(Sense::The)) {
        at += 1;
    }
    let lexeme = rest.get(at)?;
    let Kind::Names(hits) = &lexeme.kind else {
        return None;
    };
    let hit = hits
        .iter()
        .find(|hit| matches!(hit.thing, Thing::Place(_)))?;
    let noun = usize::from(rest.get(at + 1).is_some_and(is_place_noun));
    Some((at + 1 + noun, hit.clone()))
}
