//! Units of measure: what a supplier's word for one means.

use std::borrow::Cow;
use std::collections::BTreeMap;

use habeo_core::measure;

pub use habeo_core::measure::{TABLE, Unit};

/// A unit as a document says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// The supplier's word, blanks around it left out.
    pub text: String,
    /// What it means; none for a word that nobody knows, which is never taken for a piece.
    pub known: Option<Known>,
}

/// What a word for a unit means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The code of UN/CEFACT recommendations 20 and 21.
    pub code: Cow<'static, str>,
    /// How many pieces one is, where that is certain. A box has as many as the supplier puts into it.
    pub pieces: Option<u32>,
}

/// What words mean to an organization and to a supplier, before what they mean to everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Units {
    organization: BTreeMap<String, Known>,
    supplier: BTreeMap<String, Known>,
}

impl Units {
    /// Words of the organization and of the supplier, in whatever letters.
    #[must_use]
    pub fn new(
        organization: impl IntoIterator<Item = (String, Known)>,
        supplier: impl IntoIterator<Item = (String, Known)>,
    ) -> Self {
        let folded = |(word, known): (String, Known)| (fold(&word).into_owned(), known);
        Self {
            organization: organization.into_iter().map(folded).collect(),
            supplier: supplier.into_iter().map(folded).collect(),
        }
    }

    /// What a word means: to the organization, else to the supplier, else to everybody.
    #[must_use]
    pub fn read(&self, text: &str) -> Measure {
        let text = text.trim();
        let word = fold(text);
        let own = self.organization.get(word.as_ref());
        let own = own.or_else(|| self.supplier.get(word.as_ref())).cloned();
        Measure {
            known: own.or_else(|| measure::find(&word).map(Known::from)),
            text: text.to_owned(),
        }
    }
}

impl From<&'static Unit> for Known {
    fn from(unit: &'static Unit) -> Self {
        Self {
            code: unit.code.into(),
            pieces: unit.pieces,
        }
    }
}

fn fold(word: &str) -> Cow<'_, str> {
    let word = word.trim();
    if word.chars().any(char::is_lowercase) {
        return word.to_uppercase().into();
    }
    word.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_looked_up_and_never_guessed() {
        let units = Units::default();
        for (text, code, pieces) in [
            ("EA", "EA", Some(1)),
            (" Each ", "EA", Some(1)),
            ("PCE", "H87", Some(1)),
            ("pcs", "H87", Some(1)),
            ("DZ", "DZN", Some(12)),
            ("PR", "PR", Some(2)),
            ("BX", "BX", None),
            ("HMT", "HMT", None),
        ] {
            let known = units.read(text).known.expect("a unit");
            assert_eq!(
                (known.code.as_ref(), known.pieces),
                (code, pieces),
                "{text}"
            );
        }
        for text in ["", "100/BX", "STUECKCHEN", "EA EA"] {
            let read = units.read(text);
            assert_eq!((read.text.as_str(), read.known), (text, None));
        }
    }

    #[test]
    fn the_organization_is_asked_before_the_supplier_before_everybody() {
        let known = |pieces| Known {
            code: "BX".into(),
            pieces: Some(pieces),
        };
        let units = Units::new(
            [("bx".to_owned(), known(10))],
            [
                ("BX".to_owned(), known(20)),
                ("100/bx".to_owned(), known(100)),
            ],
        );
        assert_eq!(units.read("Bx").known, Some(known(10)));
        assert_eq!(units.read("100/BX").known, Some(known(100)));
        assert_eq!(units.read("EA").known.and_then(|it| it.pieces), Some(1));
    }

    #[test]
    fn the_table_names_every_word_once() {
        let words = TABLE
            .iter()
            .flat_map(|unit| std::iter::once(&unit.code).chain(unit.words));
        let mut words: Vec<_> = words.collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
        assert!(words.iter().all(|word| fold(word) == **word));
    }
}
