//! What a question speaks of, before it is decided what is wanted of it.

use habeo_core::id::{CategoryId, LocationId, ManufacturerId, ModelId, UnitId};

use crate::intent::change::Recipient;
use crate::intent::filter::{Filter, Holder};
use crate::intent::named::{AssetRef, Named, Phrase};
use crate::intent::reading::{Piece, Taken};
use crate::intent::sort::{Dimension, Extreme, Sort};
use crate::intent::synonyms::Sense;
use crate::intent::vocabulary::{Hit, Thing};

use super::dating::Dating;
use super::lexeme::{Kind, Lexeme};

/// What a question speaks of.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each notes one thing that was said, independent of the others"
)]
pub(super) struct Draft {
    /// What narrows.
    pub filter: Filter,
    /// Assets that are named or pointed at.
    pub refs: Vec<AssetRef>,
    /// Who or what something goes to.
    pub to: Vec<Part>,
    /// What a number is broken down by.
    pub by: Option<Dimension>,
    /// Which group of it.
    pub extreme: Option<Extreme>,
    /// The order that is asked for.
    pub sort: Option<Sort>,
    /// Dates on their way to becoming windows.
    pub dating: Dating,
    /// Names that mean several things, each with what they can mean.
    pub choices: Vec<Vec<Part>>,
    /// What was recognised.
    pub pieces: Vec<Piece>,
    /// Words that were not.
    pub unknown: Vec<String>,
    /// Whether something was guessed: a mistyped word, a name by its position.
    pub guessed: bool,
    /// Whether a "not" found nothing to belong to.
    pub negated: bool,
    /// Whether the things spoken of are one: "Keller's laptop".
    pub singular: bool,
    /// Whether things are spoken of at all.
    pub things: bool,
    /// Whether it begins with what can only go on from before: "in Chemistry".
    pub fragment: bool,
}

/// What a name was resolved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Unit(Named<UnitId>),
    Place(Named<LocationId>),
    Category(Named<CategoryId>),
    Maker(Named<ManufacturerId>),
    Model(Named<ModelId>),
    Person(Phrase),
    Me,
}

impl Part {
    /// What the vocabulary knows; none where its name is longer than names may be.
    pub(super) fn of(hit: &Hit) -> Option<Self> {
        let name = Phrase::parse(&hit.name).ok()?;
        Some(match hit.thing {
            Thing::Unit => Self::Unit(named(name, hit, UnitId::from_uuid)),
            Thing::Place(_) => Self::Place(named(name, hit, LocationId::from_uuid)),
            Thing::Category => Self::Category(named(name, hit, CategoryId::from_uuid)),
            Thing::Maker => Self::Maker(named(name, hit, ManufacturerId::from_uuid)),
            Thing::Model => Self::Model(named(name, hit, ModelId::from_uuid)),
        })
    }

    /// For the record.
    pub(super) fn taken(&self) -> Taken {
        match self {
            Self::Unit(named) => Taken::Unit(named.name.to_string()),
            Self::Place(named) => Taken::Place(named.name.to_string()),
            Self::Category(named) => Taken::Category(named.name.to_string()),
            Self::Maker(named) => Taken::Maker(named.name.to_string()),
            Self::Model(named) => Taken::Model(named.name.to_string()),
            Self::Person(name) => Taken::Person(name.to_string()),
            Self::Me => Taken::Person("you".to_owned()),
        }
    }

    /// As somebody who gets something.
    pub(super) fn recipient(&self) -> Option<Recipient> {
        Some(match self {
            Self::Unit(unit) => Recipient::Unit(unit.clone()),
            Self::Place(place) => Recipient::Place(place.clone()),
            Self::Person(name) => Recipient::Person(name.clone()),
            Self::Me => Recipient::Me,
            Self::Category(_) | Self::Maker(_) | Self::Model(_) => return None,
        })
    }
}

fn named<Id>(name: Phrase, hit: &Hit, id: impl Fn(uuid::Uuid) -> Id) -> Named<Id> {
    Named {
        name,
        ids: hit.ids.iter().map(|uuid| id(*uuid)).collect(),
    }
}

impl Filter {
    /// Narrows by a part; members of one kind stand beside each other.
    pub(super) fn add(&mut self, part: Part) {
        fn put<T: PartialEq>(list: &mut Vec<T>, one: T) {
            if !list.contains(&one) && list.len() < crate::intent::bounds::LIST_MAX {
                list.push(one);
            }
        }
        match part {
            Part::Unit(unit) => put(&mut self.units, unit),
            Part::Place(place) => put(&mut self.places, place),
            Part::Category(category) => put(&mut self.categories, category),
            Part::Maker(maker) => put(&mut self.makers, maker),
            Part::Model(model) => put(&mut self.models, model),
            Part::Person(name) => self.holder = Some(Holder::Named(name)),
            Part::Me => self.holder = Some(Holder::Me),
        }
    }
}

impl Draft {
    /// Notes what a stretch of the question was taken for.
    pub(super) fn note(&mut self, lexemes: &[Lexeme], taken: Taken) {
        if let (Some(first), Some(last)) = (lexemes.first(), lexemes.last()) {
            let text = lexemes
                .iter()
                .map(|lexeme| lexeme.raw.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            self.guessed |= lexemes.iter().any(|lexeme| lexeme.typo);
            self.pieces.push(Piece {
                from: first.from,
                until: last.until,
                text,
                taken,
            });
        }
    }

    /// "We are clearing out the annex, what have we got in there?": words of the sentence before the question that nobody
    /// knows are not searched for.
    pub(super) fn without_preface(&mut self, lexemes: &[Lexeme]) {
        let tells = lexemes
            .iter()
            .find(|lexeme| !lexeme.is(Sense::Hello) && !matches!(lexeme.kind, Kind::Mark(_)))
            .is_some_and(|first| matches!(first.text.as_str(), "i" | "we" | "our"));
        let asks = (1..lexemes.len()).rfind(|at| {
            let asked = lexemes[*at..]
                .iter()
                .map(Lexeme::sense)
                .find(|sense| !matches!(sense, Some(Sense::Noise)))
                .flatten();
            matches!(lexemes[at - 1].kind, Kind::Mark(_))
                && matches!(
                    asked,
                    Some(
                        Sense::What
                            | Sense::Which
                            | Sense::Who
                            | Sense::Where
                            | Sense::When
                            | Sense::HowMany
                            | Sense::Show
                            | Sense::Export
                    )
                )
        });
        let Some(asks) = asks.filter(|_| tells) else {
            return;
        };
        let preface: Vec<&str> = lexemes[..asks]
            .iter()
            .filter(|lexeme| matches!(lexeme.kind, Kind::Unknown) && !lexeme.capital)
            .map(|lexeme| lexeme.raw.as_str())
            .collect();
        let before = self.unknown.len();
        self.unknown
            .retain(|word| !preface.contains(&word.as_str()));
        self.guessed |= self.unknown.len() < before;
    }

    /// Points at an asset.
    pub(super) fn point(&mut self, asset: AssetRef) {
        if !self.refs.contains(&asset) && self.refs.len() < crate::intent::bounds::LIST_MAX {
            self.refs.push(asset);
        }
    }
}
