//! What a supplier's shop sends back, in no protocol's form. Numbers are texts as they were sent; they are read in one place, for every protocol.

use serde::{Deserialize, Serialize};

use crate::supplier::{Credential, Mode, Operation};

/// The most lines of a cart.
pub const LINES_MAX: usize = 5_000;

/// Something odd that was let pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// The stable code, such as `total_mismatch`.
    pub code: String,
    /// What it is about, in words.
    pub detail: String,
}

impl Warning {
    /// One with its words.
    #[must_use]
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            detail: detail.into(),
        }
    }
}

/// An amount as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// The number, as a text.
    pub amount: String,
    /// The currency, as a text.
    pub currency: String,
}

/// Words in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Text {
    /// The language, if it was named: `en-US`, `en_US`.
    pub lang: String,
    /// The words.
    pub text: String,
    /// The short form, if there is one.
    pub short: Option<String>,
}

/// What sort of thing it is, by somebody's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Classification {
    /// Whose list.
    pub domain: String,
    /// The place in it.
    pub code: String,
}

/// For how much of what the price is, where it is not for one of the ordered unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct PriceBasis {
    /// For how many of the price's unit.
    pub quantity: String,
    /// How many of the price's unit one ordered unit is.
    pub factor: String,
    /// The price's unit.
    pub unit: Option<String>,
}

/// What a line is within a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    /// The number of the line that it belongs to.
    pub parent: Option<String>,
    /// `composite`, `item` or `lean`.
    pub item_type: Option<String>,
    /// At which level the price is meant: `groupLevel` or `itemLevel`.
    pub price_level: Option<String>,
}

/// Something more that the supplier says, by a name of its own: text, or elements as they came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Extrinsic {
    /// The supplier's name for it.
    pub name: String,
    /// What it says.
    pub value: String,
}

/// A line as the supplier sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// The supplier's number for the line, if there is one.
    pub line: Option<String>,
    /// How many.
    pub quantity: String,
    /// Of what.
    pub unit: String,
    /// The supplier's number for the product.
    pub part: String,
    /// The rest of that number, given back exactly as it came: markup, line breaks and all.
    pub aux: Option<String>,
    /// What one costs.
    pub price: Money,
    /// For how much that is, where it is not for one.
    pub basis: Option<PriceBasis>,
    /// What it is.
    pub descriptions: Vec<Text>,
    /// What sort of thing.
    pub classifications: Vec<Classification>,
    /// The maker's number for it.
    pub manufacturer_part: Option<String>,
    /// The maker.
    pub manufacturer: Option<String>,
    /// Where it can be looked at.
    pub url: Option<String>,
    /// In how many days it comes; not always a number.
    pub lead_time: Option<String>,
    /// Who sells it, where that is another than the supplier.
    pub seller: Option<Credential>,
    /// What sending it costs.
    pub shipping: Option<Money>,
    /// What the tax on it is.
    pub tax: Option<Money>,
    /// Its place in a bundle.
    #[serde(default)]
    pub bundle: Bundle,
    /// What else the supplier says.
    pub extrinsics: Vec<Extrinsic>,
}

/// A line with the text that it came as, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SentLine {
    /// What it says.
    pub sent: Sent,
    /// The text, byte for byte.
    pub raw: String,
    /// What was odd about it when it was read.
    pub warnings: Vec<Warning>,
}

/// What a shop sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    /// Whether the supplier said that nothing changed (204).
    pub unchanged: bool,
    /// What may be done with the cart later.
    pub allowed: Operation,
    /// Whether prices are a draft, by which nothing can be ordered yet.
    pub quote_pending: bool,
    /// Whether the document is meant; none where it does not say.
    pub mode: Option<Mode>,
    /// Who sent it, as it says itself: compared, never believed.
    pub from: Vec<Credential>,
    /// What it costs, as the supplier adds it up: compared, never believed.
    pub total: Option<Money>,
    /// What sending costs.
    pub shipping: Option<Money>,
    /// What the tax is.
    pub tax: Option<Money>,
    /// The supplier's number for the quote.
    pub supplier_order: Option<String>,
    /// The number of the place that was chosen in the shop.
    pub ship_to: Option<String>,
    /// What was chosen.
    pub lines: Vec<SentLine>,
}

impl Default for Cart {
    fn default() -> Self {
        Self {
            unchanged: false,
            allowed: Operation::Create,
            quote_pending: false,
            mode: None,
            from: Vec::new(),
            total: None,
            shipping: None,
            tax: None,
            supplier_order: None,
            ship_to: None,
            lines: Vec::new(),
        }
    }
}
