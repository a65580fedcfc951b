//! Exact decimals of documents: quantities and prices, from text to text, every digit kept. What does not fit is refused, never rounded.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most digits before the point.
const WHOLE_DIGITS_MAX: usize = 12;
/// The most digits after it.
const PLACES_MAX: usize = 6;
/// The most digits after the point of a factor between two units, such as a thirtieth.
const FACTOR_PLACES_MAX: usize = 12;

/// An exact decimal. Its text is the one it was read from, without a sign that says nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Exact(Decimal);

/// Why a text is no decimal of a document's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotExact {
    /// Something other than digits with a point.
    #[error("expected digits with an optional decimal point")]
    Form,
    /// More digits than are kept.
    #[error(
        "has more than {WHOLE_DIGITS_MAX} digits before the decimal point or {PLACES_MAX} after it"
    )]
    Digits,
    /// A quantity below nought.
    #[error("must not be negative")]
    Negative,
}

/// A result has more digits than can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the result has more digits than can be kept")]
pub struct TooLarge;

impl Exact {
    /// Nought.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// One.
    pub const ONE: Self = Self(Decimal::ONE);

    /// A whole number.
    #[must_use]
    pub fn whole(number: u32) -> Self {
        Self(Decimal::from(number))
    }

    /// Reads a quantity: never negative; one plus in front is let be.
    pub fn quantity(text: &str) -> Result<Self, NotExact> {
        let text = text.trim();
        match text.strip_prefix('-') {
            Some(rest) if digits(rest, PLACES_MAX).is_ok() => Err(NotExact::Negative),
            _ => digits(text.strip_prefix('+').unwrap_or(text), PLACES_MAX),
        }
    }

    /// Reads a factor between two units; one plus in front is let be, as in a quantity.
    pub fn factor(text: &str) -> Result<Self, NotExact> {
        let text = text.trim();
        digits(text.strip_prefix('+').unwrap_or(text), FACTOR_PLACES_MAX)
    }

    /// Reads an amount of money, which may be negative.
    pub fn amount(text: &str) -> Result<Self, NotExact> {
        let text = text.trim();
        match text.strip_prefix('-') {
            Some(rest) => digits(rest, PLACES_MAX).map(|exact| {
                if exact.is_zero() {
                    exact
                } else {
                    Self(-exact.0)
                }
            }),
            None => digits(text, PLACES_MAX),
        }
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Result<Self, TooLarge> {
        // Nought adds nothing, and no places either: the library gives the other number back as it is.
        if other.is_zero() {
            return Ok(self);
        }
        if self.is_zero() {
            return Ok(other);
        }
        let sum = self.0.checked_add(other.0).ok_or(TooLarge)?;
        let scale = self.0.scale().max(other.0.scale());
        kept(sum, scale)
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Result<Self, TooLarge> {
        self.plus(Self(-other.0))
    }

    /// The product.
    pub fn times(self, other: Self) -> Result<Self, TooLarge> {
        let product = self.0.checked_mul(other.0).ok_or(TooLarge)?;
        kept(product, self.0.scale() + other.0.scale())
    }

    /// The quotient, to the places of a factor: the one operation that may leave a remainder.
    pub fn over(self, other: Self) -> Result<Self, TooLarge> {
        let quotient = self.0.checked_div(other.0).ok_or(TooLarge)?;
        Ok(rounded(quotient, FACTOR_PLACES_MAX))
    }

    /// Rounded half away from nought to so many places.
    #[must_use]
    pub fn to_places(self, places: usize) -> Self {
        rounded(self.0, places)
    }

    /// The number, where it is whole and not too large.
    #[must_use]
    pub fn as_whole(self) -> Option<u32> {
        self.0.is_integer().then(|| u32::try_from(self.0).ok())?
    }

    /// Whether it is nought.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is below nought.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// How far it is from nought.
    #[must_use]
    pub fn magnitude(self) -> Self {
        Self(self.0.abs())
    }

    /// Without zeros at its end: equal numbers have equal texts.
    #[must_use]
    pub fn plain(self) -> Self {
        Self(self.0.normalize())
    }
}

/// The library rounds what does not fit; a result with fewer places than it must have was rounded.
fn kept(result: Decimal, scale: u32) -> Result<Exact, TooLarge> {
    if result.is_zero() || result.scale() == scale {
        Ok(Exact(result))
    } else {
        Err(TooLarge)
    }
}

fn rounded(number: Decimal, places: usize) -> Exact {
    let places = u32::try_from(places).unwrap_or(u32::MAX);
    Exact(number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
}

fn digits(text: &str, places_max: usize) -> Result<Exact, NotExact> {
    let (whole, fraction) = match text.split_once('.') {
        Some((_, "")) => return Err(NotExact::Form),
        Some(parts) => parts,
        None => (text, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(NotExact::Form);
    }
    if whole.len() > WHOLE_DIGITS_MAX || fraction.len() > places_max {
        return Err(NotExact::Digits);
    }
    Decimal::from_str_exact(text)
        .map(Exact)
        .map_err(|_| NotExact::Digits)
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads what [`fmt::Display`] wrote; sums and products have more digits than a document may.
impl FromStr for Exact {
    type Err = NotExact;

    fn from_str(text: &str) -> Result<Self, NotExact> {
        Decimal::from_str_exact(text)
            .map(Self)
            .map_err(|_| NotExact::Form)
    }
}

crate::store::text_column!(Exact);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Exact {
        Exact::amount(text).expect("an amount")
    }

    #[test]
    fn every_digit_is_kept() {
        for text in [
            "0",
            "50",
            "110.3",
            "0.0000",
            "1149.00",
            "-3.10",
            "999999999999.999999",
        ] {
            assert_eq!(
                Exact::amount(text).map(|it| it.to_string()),
                Ok(text.to_owned())
            );
        }
        assert_eq!(
            Exact::amount(" 5.35 ").map(|it| it.to_string()),
            Ok("5.35".to_owned())
        );
        for read in [Exact::quantity, Exact::factor] {
            assert_eq!(read("+3").map(|it| it.to_string()), Ok("3".to_owned()));
        }
    }

    #[test]
    fn what_would_have_to_be_guessed_is_refused() {
        for text in [
            "", ".", "1.", ".5", "1,149", "1 149", "1e3", "--1", "+-1", "٣", "0x1", "NaN", "1.2.3",
        ] {
            assert_eq!(Exact::amount(text), Err(NotExact::Form), "{text}");
            assert_eq!(Exact::quantity(text), Err(NotExact::Form), "{text}");
        }
        assert_eq!(Exact::quantity("-1"), Err(NotExact::Negative));
        assert_eq!(Exact::amount("+1"), Err(NotExact::Form));
        assert_eq!(Exact::amount("1234567890123"), Err(NotExact::Digits));
        assert_eq!(Exact::amount("1.1234567"), Err(NotExact::Digits));
    }

    #[test]
    fn results_are_exact_or_refused() {
        assert_eq!(
            amount("0.1").plus(amount("0.2")).map(|it| it.to_string()),
            Ok("0.3".to_owned())
        );
        for (one, other, sum) in [
            ("0.00", "5", "5"),
            ("5", "0.00", "5"),
            ("0", "0.00", "0"),
            ("1.50", "-1.5", "0.00"),
        ] {
            let whole = amount(one).plus(amount(other));
            assert_eq!(
                whole.map(|it| it.to_string()),
                Ok(sum.to_owned()),
                "{one} and {other}"
            );
        }
        assert_eq!(amount("0.00").minus(amount("10")), Ok(amount("-10")));
        assert_eq!(amount("10").minus(amount("0.00")), Ok(amount("10")));
        let large = amount("999999999999.999999");
        assert_eq!(large.times(large), Err(TooLarge));
        let product = amount("1149.00").times(amount("3"));
        assert_eq!(product.map(|it| it.to_string()), Ok("3447.00".to_owned()));
        assert_eq!(amount("1").over(Exact::ZERO), Err(TooLarge));
        // Three hundred pieces, thirty to a box, at a price for the box.
        let boxes = Exact::factor("0.0333333")
            .expect("a factor")
            .times(amount("300"));
        let paid = boxes.and_then(|boxes| boxes.times(amount("9.99")));
        assert_eq!(
            paid.map(|it| it.to_places(2).to_string()),
            Ok("99.90".to_owned())
        );
    }

    #[test]
    fn only_whole_numbers_are_counts() {
        assert_eq!(amount("3.000").as_whole(), Some(3));
        assert_eq!(amount("3.5").as_whole(), None);
        assert_eq!(amount("-1").as_whole(), None);
        assert_eq!(amount("99999999999").as_whole(), None);
    }

    #[test]
    fn texts_of_results_are_read_again() {
        let product = amount("0.333333")
            .times(amount("0.000001"))
            .expect("it fits");
        assert_eq!(product.to_string().parse(), Ok(product));
    }
}
