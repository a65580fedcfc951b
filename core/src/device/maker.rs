//! Who made a device: many spellings of one maker's name brought together.

use std::collections::HashMap;

use crate::catalogue::store::{NamedManufacturer, NamedModel};
use crate::id::ManufacturerId;
use crate::text;

/// What the firm of a maker may end in.
const FIRMS: [&str; 18] = [
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "company",
    "ltd",
    "limited",
    "llc",
    "gmbh",
    "ag",
    "computer",
    "computers",
    "electronics",
    "international",
    "technologies",
    "technology",
    "group",
];

/// What makers call themselves in firmware, and who that is.
const ALIASES: [(&str, &str); 12] = [
    ("hewlett packard", "hp"),
    ("hewlettpackard", "hp"),
    ("hp development", "hp"),
    ("dell emc", "dell"),
    ("asustek", "asus"),
    ("asus tek", "asus"),
    ("lge", "lg"),
    ("samsung electronics co", "samsung"),
    ("microsoft surface", "microsoft"),
    ("toshiba dynabook", "dynabook"),
    ("ibm lenovo", "lenovo"),
    ("motorola mobility", "motorola"),
];

/// The form in which makers' names are compared: words without case, accents, signs and legal form, and one word for each of the well known.
#[must_use]
pub fn folded(name: &str) -> String {
    let mut words: Vec<String> = text::words(name).collect();
    while words.len() > 1
        && words
            .last()
            .is_some_and(|word| FIRMS.contains(&word.as_str()))
    {
        words.pop();
    }
    let name = words.join(" ");
    let known = ALIASES.iter().find(|(alias, _)| *alias == name);
    known.map_or(name, |(_, maker)| (*maker).to_owned())
}

/// The makers and models of an organisation by what reports call them.
#[derive(Debug, Default)]
pub struct Products {
    makers: HashMap<String, Vec<ManufacturerId>>,
    models: HashMap<(ManufacturerId, String), Vec<NamedModel>>,
}

impl Products {
    /// Takes in the catalogue.
    #[must_use]
    pub fn new(makers: Vec<NamedManufacturer>) -> Self {
        let mut products = Self::default();
        for maker in makers {
            let all = products.makers.entry(folded(&maker.name)).or_default();
            all.push(maker.id);
        }
        products
    }

    /// Takes in the models.
    pub fn learn(&mut self, models: Vec<NamedModel>) {
        for model in models {
            let mut names: Vec<String> = std::iter::once(&model.name)
                .chain(&model.model_no)
                .map(|name| text::fold_code(name))
                .collect();
            names.dedup();
            for name in names {
                let all = self.models.entry((model.manufacturer_id, name));
                all.or_default().push(model.clone());
            }
        }
    }

    /// The one maker of this name, if the organisation knows exactly one.
    #[must_use]
    pub fn maker(&self, name: &str) -> Option<ManufacturerId> {
        match self.makers.get(&folded(name)).map(Vec::as_slice) {
            Some([one]) => Some(*one),
            _ => None,
        }
    }

    /// The one model of a maker that has one of these names, tried in their order: by program first, because people's names are shared.
    #[must_use]
    pub fn model<'a>(
        &self,
        maker: ManufacturerId,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Option<&NamedModel> {
        names.into_iter().find_map(|name| {
            let found = self.models.get(&(maker, text::fold_code(name)));
            match found.map(Vec::as_slice) {
                Some([one]) => Some(one),
                _ => None,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn one_maker_has_many_names() {
        for (one, other) in [
            ("Apple", "Apple Inc."),
            ("Apple", "APPLE COMPUTER, INC."),
            ("Dell", "Dell Inc."),
            ("HP", "Hewlett-Packard"),
            ("HP", "HP Inc."),
            ("HP", "Hewlett-Packard Company"),
            ("LENOVO", "Lenovo Group Ltd."),
            ("ASUS", "ASUSTeK COMPUTER INC."),
            ("Microsoft", "Microsoft Corporation"),
            ("Samsung", "SAMSUNG ELECTRONICS CO., LTD."),
        ] {
            assert_eq!(folded(one), folded(other), "{one} and {other}");
        }
        assert_ne!(folded("HP"), folded("HPE"));
        assert_ne!(folded("Dell"), folded("Acer"));
        assert_eq!(folded("Computer"), "computer");
    }
}
