//! Amounts of money.

use std::fmt;

use crate::code::Code;
use crate::exact::{Exact, NotExact};

use super::walk::{Step, Tag, Walk};

/// A currency by its three letters (ISO 4217), in capitals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads three letters, capitals or not.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let letters: [u8; 3] = text.trim().as_bytes().try_into().ok()?;
        let all_letters = letters.iter().all(u8::is_ascii_alphabetic);
        all_letters.then(|| Self(letters.map(|byte| byte.to_ascii_uppercase())))
    }

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Letters of ASCII always are text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount of a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// How much, all its digits kept.
    pub amount: Exact,
    /// Of what.
    pub currency: Currency,
}

/// Whether something follows from an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Without it the document is refused.
    Decides,
    /// It is shown and compared; a wrong one is a warning.
    Informs,
}

impl<'a> Walk<'a> {
    pub fn judge(
        &mut self,
        weight: Weight,
        code: Code,
        spot: crate::finding::Spot,
        says: impl FnOnce() -> String,
    ) {
        match weight {
            Weight::Decides => self.notes.error(code, spot, says),
            Weight::Informs => self.notes.warn(code, spot, says),
        }
    }

    /// The money of an element such as `UnitPrice` that is open. What else is in it is passed over.
    pub fn money_within(&mut self, parent: &Tag<'a>, weight: Weight) -> Step<Option<Money>> {
        let mut money = None;
        let mut seen = false;
        while let Some(tag) = self.child()? {
            match tag.name() {
                "Money" if seen && weight == Weight::Informs => self.skip()?,
                "Money" if self.once(&mut seen, &tag) => money = self.money(&tag, weight)?,
                "Money" | "Description" | "TaxDetail" | "Modifications" => self.skip()?,
                _ => self.unknown(&tag)?,
            }
        }
        if !seen {
            self.judge(weight, Code::MissingElement, parent.spot(), || {
                "has no Money".to_owned()
            });
        }
        Ok(money)
    }

    /// The element `Money` that is open.
    pub fn money(&mut self, tag: &Tag<'a>, weight: Weight) -> Step<Option<Money>> {
        let text = self.text()?;
        let amount = Exact::amount(&text);
        if let Err(wrong) = amount {
            self.judge(weight, Code::BadAmount, tag.spot(), || {
                bad_number(&text, wrong)
            });
        }
        let currency = tag.attribute("currency");
        let read = currency.and_then(Currency::read);
        if read.is_none() {
            self.judge(
                weight,
                Code::BadCurrency,
                tag.spot_of("currency"),
                || match currency {
                    Some(currency) => format!(
                        "is \"{}\"; expected the three letters of a currency",
                        shorten(currency)
                    ),
                    None => "is missing; expected the three letters of a currency".to_owned(),
                },
            );
        }
        let (Ok(amount), Some(currency)) = (amount, read) else {
            return Ok(None);
        };
        Ok(Some(Money { amount, currency }))
    }
}

/// What is said of a text that is no number.
pub(crate) fn bad_number(text: &str, wrong: NotExact) -> String {
    let text = text.trim();
    if wrong == NotExact::Empty {
        return "is empty; expected digits with an optional decimal point".to_owned();
    }
    let says = format!(
        "is \"{}\"; it {wrong}; expected digits with an optional decimal point.",
        shorten(text)
    );
    let plain: String = text.chars().filter(|c| *c != ',').collect();
    if wrong == NotExact::Comma && Exact::amount(&plain).is_ok() {
        return format!("{says} Ask the supplier to send {plain}, if that is meant.");
    }
    says
}

/// As much of a text as is quoted in a message.
pub(crate) fn shorten(text: &str) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(40).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}
