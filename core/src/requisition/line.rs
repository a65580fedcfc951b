//! A line of a requisition: what the supplier sent, what is made of it here, and what will be ordered.

use serde::{Deserialize, Serialize};

use crate::exact::Exact;
use crate::id::{CategoryId, ModelId, RequisitionLineId};
use crate::punchout::cart::{Sent, Warning};

/// What is made of a line here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    /// How many.
    pub quantity: Exact,
    /// How many pieces one of its unit is; none where nobody said.
    pub pieces: Option<Exact>,
    /// Whether somebody here said so, for this line.
    #[serde(default)]
    pub pieces_answered: bool,
    /// What one costs, or as many as the basis says.
    pub price: Exact,
    /// In what, three letters.
    pub currency: String,
    /// What the whole line costs: nought where its price is counted with another line of its bundle.
    pub amount: Exact,
    /// What it is, in the language of whoever reads it.
    pub description: String,
    /// Its eight digits in the UNSPSC, where they are not guessed.
    pub unspsc: Option<String>,
    /// The product, if it is known.
    pub model: Option<ModelId>,
    /// The category of the assets, if it is known.
    pub category: Option<CategoryId>,
    /// Where it can be looked at; an absolute address or none.
    pub url: Option<String>,
    /// What sending it and the tax on it are estimated at.
    pub extra: Exact,
}

/// What will be ordered by a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ordered<'a> {
    /// The supplier's number for the product, exactly as it came.
    pub part: &'a str,
    /// The rest of that number, exactly as it came.
    pub aux: Option<&'a str>,
    /// How many.
    pub quantity: Exact,
    /// Of what, in the supplier's spelling.
    pub unit: &'a str,
    /// What one costs, or as many as the basis says.
    pub price: Exact,
    /// In what.
    pub currency: &'a str,
    /// How many single things that is; none where it is not known, or not whole.
    pub assets: Option<u32>,
}

/// A line of a requisition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its id; a line that came back changed from the shop keeps it.
    pub id: RequisitionLineId,
    /// Its place, from 1.
    pub position: i64,
    /// What the supplier sent.
    pub sent: Sent,
    /// What is made of it here.
    pub stored: Stored,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
    /// SHA-256 of the text that it came as, in hexadecimal.
    pub raw_hash: Option<String>,
}

impl Line {
    /// What will be ordered by it.
    #[must_use]
    pub fn ordered(&self) -> Ordered<'_> {
        let Stored {
            quantity, pieces, ..
        } = self.stored;
        let assets = pieces.and_then(|pieces| quantity.times(pieces).ok());
        Ordered {
            part: &self.sent.part,
            aux: self.sent.aux.as_deref(),
            quantity,
            unit: &self.sent.unit,
            price: self.stored.price,
            currency: &self.stored.currency,
            assets: assets.and_then(Exact::as_whole),
        }
    }

    /// Takes somebody's word for how many pieces one of its unit is.
    pub(crate) fn answer(&mut self, pieces: Option<Exact>) {
        self.stored.pieces = pieces;
        self.stored.pieces_answered = true;
        self.warnings
            .retain(|warning| warning.code != "unknown_unit");
    }

    /// Whether something odd of this code was found about it.
    #[must_use]
    pub fn warns(&self, code: &str) -> bool {
        self.warnings.iter().any(|warning| warning.code == code)
    }
}

/// By what a part is known within its supplier: number and the rest of it, as they came.
#[must_use]
pub(crate) fn part_key(sent: &Sent) -> String {
    sent.part.trim().to_owned()
}
