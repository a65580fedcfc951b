//! The names an organisation uses: built once, shared, and looked up with plurals, abbreviations, parts of names and typing mistakes.

mod general;
mod index;
mod nearest;
mod spelling;

use std::fmt;

use habeo_core::id::{CategoryId, LocationId, ManufacturerId, ModelId, UnitId};
use habeo_core::location::LocationKind;

pub(super) use index::{Hit, Rank, Thing};
pub(super) use spelling::{number_of, stem};

use index::Index;

/// The names of an organisation, as its tables list them. People are not among them: there are too many, and seeing them takes rights.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    /// Colleges, schools, departments.
    pub units: Vec<UnitName>,
    /// Sites, buildings, floors and rooms.
    pub places: Vec<PlaceName>,
    /// Makers.
    pub makers: Vec<MakerName>,
    /// Categories.
    pub categories: Vec<CategoryName>,
    /// Models.
    pub models: Vec<ModelName>,
}

/// How a unit is called.
#[derive(Debug, Clone)]
pub struct UnitName {
    /// Which.
    pub id: UnitId,
    /// Its name.
    pub name: String,
    /// Its short name.
    pub code: String,
    /// Other names for it.
    pub aliases: Vec<String>,
}

/// How a place is called.
#[derive(Debug, Clone)]
pub struct PlaceName {
    /// Which.
    pub id: LocationId,
    /// Its name.
    pub name: String,
    /// Its short name.
    pub code: String,
    /// The place it is in; none for a site.
    pub parent: Option<LocationId>,
    /// What sort it is.
    pub kind: LocationKind,
}

/// How a maker is called.
#[derive(Debug, Clone)]
pub struct MakerName {
    /// Which.
    pub id: ManufacturerId,
    /// Its name.
    pub name: String,
}

/// How a category is called.
#[derive(Debug, Clone)]
pub struct CategoryName {
    /// Which.
    pub id: CategoryId,
    /// Its name.
    pub name: String,
    /// Its short name.
    pub code: String,
}

/// How a model is called.
#[derive(Debug, Clone)]
pub struct ModelName {
    /// Which.
    pub id: ModelId,
    /// Its name.
    pub name: String,
    /// The maker's number for it.
    pub number: Option<String>,
    /// Who makes it.
    pub maker: Option<ManufacturerId>,
    /// What sort of thing it is.
    pub category: CategoryId,
}

/// The names of an organisation, ready to be looked up. Built once and shared; it knows nothing of rights.
#[derive(Debug)]
pub struct Vocabulary {
    index: Index,
}

impl Vocabulary {
    /// Builds it. Every spelling is worked out here, so it is done once for the names as they stand and then shared.
    #[must_use]
    pub fn build(lists: &Lists) -> Self {
        Self {
            index: Index::build(lists),
        }
    }

    /// With all units.
    #[must_use]
    pub fn whole(&self) -> View<'_> {
        self.seen_by(&|_| true)
    }

    /// With the units that a caller can see: the name of another is a word like any other to them. Places, models, makers and categories
    /// belong to the whole organisation.
    #[must_use]
    pub fn seen_by<'a>(&'a self, sees: &'a (dyn Fn(UnitId) -> bool + Sync)) -> View<'a> {
        View {
            vocabulary: self,
            sees,
        }
    }
}

/// A vocabulary as one caller sees it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    vocabulary: &'a Vocabulary,
    sees: &'a (dyn Fn(UnitId) -> bool + Sync),
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").finish_non_exhaustive()
    }
}

impl View<'_> {
    /// The longest name that begins these words, given as stems: how many words it takes and what it can stand for, the best first.
    pub(super) fn longest(&self, stems: &[&str]) -> Option<(usize, Vec<Hit>)> {
        self.vocabulary.index.longest(stems, self.sees)
    }

    /// The models of a family that also have this word.
    pub(super) fn narrowed(&self, family: &Hit, stem: &str) -> Option<Hit> {
        self.vocabulary.index.narrowed(family, stem)
    }

    /// The rooms, or floors, of this number within one of these places, or anywhere.
    pub(super) fn numbered(
        &self,
        number: &str,
        kind: LocationKind,
        within: Option<&Hit>,
    ) -> Option<Hit> {
        self.vocabulary.index.numbered(number, kind, within)
    }

    /// The places among these that lie within one of those.
    pub(super) fn within(&self, inner: &Hit, outer: &Hit) -> Option<Hit> {
        self.vocabulary.index.within(inner, outer)
    }

    /// The known word that a mistyped one is nearest to.
    pub(super) fn nearest(&self, word: &str) -> Option<&str> {
        self.vocabulary.index.nearest(word)
    }

    /// Whether a word occurs in any name.
    pub(super) fn knows(&self, stem: &str) -> bool {
        self.vocabulary.index.knows(stem)
    }
}
