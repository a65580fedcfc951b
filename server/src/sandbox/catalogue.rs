//! Categories, makers and models with their ids, and the choice of a model as a buyer would make it.

use habeo_core::id::{CategoryId, ManufacturerId, ModelId};
use habeo_core::time::Timestamp;

use super::dice::Dice;
use super::models::{CATEGORIES, MAKERS, MODELS};
use super::plan::{Category, Manufacturer, Model};

/// The catalogue with look-ups by position.
#[derive(Debug)]
pub struct Catalogue {
    pub categories: Vec<Category>,
    pub manufacturers: Vec<Manufacturer>,
    pub models: Vec<Model>,
    /// What the histories need of each model, in the order of `models`.
    pub facts: Vec<Facts>,
}

/// What the histories need of a model.
#[derive(Debug)]
pub struct Facts {
    pub maker: usize,
    pub category: &'static str,
    pub group: &'static str,
    pub life_days: i64,
    pub warranty_months: i64,
    years: (i64, i64),
}

impl Catalogue {
    /// Gives everything in the tables an id.
    pub fn build(dice: &Dice, founded: Timestamp) -> Self {
        let ids: Vec<CategoryId> = CATEGORIES
            .iter()
            .map(|_| CategoryId::generate(founded, dice.random()))
            .collect();
        let categories = CATEGORIES
            .iter()
            .zip(&ids)
            .map(|(row, id)| Category {
                id: *id,
                parent: row.2.map(|code| ids[category(code)]),
                code: row.0,
                name: row.1,
            })
            .collect();
        let manufacturers: Vec<Manufacturer> = MAKERS
            .iter()
            .map(|row| Manufacturer {
                id: ManufacturerId::generate(founded, dice.random()),
                name: row.0,
            })
            .collect();
        let mut models = Vec::with_capacity(MODELS.len());
        let mut facts = Vec::with_capacity(MODELS.len());
        for row in &MODELS {
            let of = category(row.category);
            let maker = maker(row.maker);
            let kind = &CATEGORIES[of];
            models.push(Model {
                id: ModelId::generate(founded, dice.random()),
                manufacturer: manufacturers[maker].id,
                category: ids[of],
                name: row.name,
                model_no: row.model_no,
                bears_data: kind.4,
                requires_serial: !SERIAL_OPTIONAL.contains(&row.category),
                requires_imei: row.category == "smartphone",
                useful_life_months: row.life,
                price_minor: (row.usd.0 * 100, row.usd.1 * 100),
                liked_by: row.liked_by,
            });
            facts.push(Facts {
                maker,
                category: row.category,
                group: kind.2.unwrap_or(row.category),
                life_days: i64::from(row.life) * 365 / 12,
                warranty_months: kind.3,
                years: row.years,
            });
        }
        Self {
            categories,
            manufacturers,
            models,
            facts,
        }
    }

    /// A model of a category that was sold in a year and that a unit likes; each wish is dropped in turn where nothing fulfils it.
    pub fn choose(&self, dice: &Dice, category: &str, codes: &[&str], year: i64) -> usize {
        let of_category: Vec<usize> = (0..self.models.len())
            .filter(|at| self.facts[*at].category == category)
            .collect();
        let sold = |at: &usize| {
            let (from, until) = self.facts[*at].years;
            (from..=until).contains(&year)
        };
        let liked = |at: &usize| {
            let by = self.models[*at].liked_by;
            by.is_empty() || codes.iter().any(|code| by.contains(code))
        };
        let both: Vec<usize> = of_category
            .iter()
            .copied()
            .filter(|at| sold(at) && liked(at))
            .collect();
        if !both.is_empty() {
            return dice.pick(&both);
        }
        let offered: Vec<usize> = of_category.iter().copied().filter(sold).collect();
        dice.pick(if offered.is_empty() {
            &of_category
        } else {
            &offered
        })
    }
}

/// Categories whose things often carry no serial number that anybody can find.
const SERIAL_OPTIONAL: [&str; 8] = [
    "dock",
    "av_rack",
    "microphone",
    "orchestral",
    "keyboard",
    "studio",
    "bench_instrument",
    "machine_tool",
];

fn category(code: &str) -> usize {
    CATEGORIES
        .iter()
        .position(|row| row.0 == code)
        .expect("the tables name only categories that are in them; a test builds them all")
}

fn maker(name: &str) -> usize {
    MAKERS
        .iter()
        .position(|row| row.0 == name)
        .expect("the tables name only makers that are in them; a test builds them all")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_fit_together_and_every_year_can_be_served() {
        let dice = Dice::stream(1, 0);
        let catalogue = Catalogue::build(&dice, Timestamp::from_seconds(0));
        assert!(catalogue.models.len() >= 160);
        assert!((40..=50).contains(&catalogue.categories.len()));
        for year in [2010, 2019, 2026, 2040] {
            for row in CATEGORIES.iter().filter(|row| row.2.is_some()) {
                let chosen = catalogue.choose(&dice, row.0, &["BIO", "SCI"], year);
                assert_eq!(catalogue.facts[chosen].category, row.0);
            }
        }
        for model in &catalogue.models {
            assert!(model.price_minor.0 <= model.price_minor.1);
        }
    }
}
