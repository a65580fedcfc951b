//! Quantities and amounts as documents write them, exactly.

use std::fmt;
use std::hash::{Hash, Hasher};

use rust_decimal::Decimal;

/// The most digits before the point of a quantity or a price.
const WHOLE_DIGITS_MAX: usize = 12;
/// The most digits after it.
const FRACTION_DIGITS_MAX: usize = 6;
/// The same of factors between units, which are often quotients written out.
const FACTOR_WHOLE_DIGITS_MAX: usize = 6;
const FACTOR_FRACTION_DIGITS_MAX: usize = 12;
/// To how many places a quotient is rounded, halves to the even digit; finer than any price that is taken.
const QUOTIENT_PLACES: u32 = 10;

/// A number, beside the text that it was written as.
#[derive(Clone)]
pub struct Exact {
    text: Box<str>,
    value: Decimal,
}

/// Why a text is no number of the kind that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotExact {
    /// It is empty.
    #[error("is empty")]
    Empty,
    /// It has a comma, which may be a point or nothing.
    #[error("has a comma, which may part thousands or decimals")]
    Comma,
    /// It is below zero.
    #[error("is below zero")]
    Negative,
    /// It has too many digits.
    #[error("has too many digits before or after the decimal point")]
    Digits,
    /// It is something else.
    #[error("is not digits with an optional decimal point")]
    Form,
}

impl Exact {
    /// A quantity: at most twelve digits, and six after the point; a plus is let be, a minus never.
    pub fn quantity(text: &str) -> Result<Self, NotExact> {
        let text = text.trim();
        Self::unsigned(text, WHOLE_DIGITS_MAX, FRACTION_DIGITS_MAX)
    }

    /// A factor between two units: fewer digits before the point than a quantity and more after it.
    pub fn factor(text: &str) -> Result<Self, NotExact> {
        let text = text.trim();
        Self::unsigned(text, FACTOR_WHOLE_DIGITS_MAX, FACTOR_FRACTION_DIGITS_MAX)
    }

    fn unsigned(text: &str, whole: usize, fraction: usize) -> Result<Self, NotExact> {
        let below = text.strip_prefix('-');
        if below.is_some_and(|rest| digits(rest, whole, fraction).is_ok()) {
            return Err(NotExact::Negative);
        }
        // A plus says nothing, and is not given on: whoever reads the text later need not know that it may be there.
        let text = text.strip_prefix('+').unwrap_or(text);
        let value = digits(text, whole, fraction)?;
        Ok(Self::kept(text, value))
    }

    /// A price: at most twelve digits, and six after the point; it may be below zero.
    pub fn amount(text: &str) -> Result<Self, NotExact> {
        let text = text.trim();
        let value = match text.strip_prefix('-') {
            Some(rest) => -digits(rest, WHOLE_DIGITS_MAX, FRACTION_DIGITS_MAX)?,
            None => digits(text, WHOLE_DIGITS_MAX, FRACTION_DIGITS_MAX)?,
        };
        Ok(Self::kept(text, value))
    }

    /// A number that was reckoned here, written as it is.
    #[must_use]
    pub fn of(value: Decimal) -> Self {
        Self::kept(&value.to_string(), value)
    }

    fn kept(text: &str, value: Decimal) -> Self {
        Self {
            text: text.into(),
            value,
        }
    }

    /// As it was written, blanks around it and a plus in front left out.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it is worth.
    #[must_use]
    pub const fn value(&self) -> Decimal {
        self.value
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.value.is_zero()
    }
}

/// A product without a digit lost; none if it has more than can be kept.
#[must_use]
pub fn times(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    // The library rounds where a product does not fit, and says so only by the scale of what it returns.
    a.checked_mul(b)
        .filter(|product| product.is_zero() || product.scale() == a.scale() + b.scale())
}

/// A quotient, rounded to ten places; none for a division by nothing.
#[must_use]
pub fn over(a: Decimal, b: Decimal) -> Option<Decimal> {
    a.checked_div(b)
        .map(|quotient| quotient.round_dp(QUOTIENT_PLACES))
}

/// The value of an unsigned decimal text.
fn digits(text: &str, whole_max: usize, fraction_max: usize) -> Result<Decimal, NotExact> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() {
        return Err(NotExact::Empty);
    }
    if text.contains(',') {
        return Err(NotExact::Comma);
    }
    if whole.is_empty() || text.ends_with('.') || !all_digits(whole) || !all_digits(fraction) {
        return Err(NotExact::Form);
    }
    if whole.len() > whole_max || fraction.len() > fraction_max {
        return Err(NotExact::Digits);
    }
    // Eighteen digits fit.
    let digits = whole.bytes().chain(fraction.bytes());
    let mantissa = digits.fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0'));
    let scale = u32::try_from(fraction.len()).map_err(|_| NotExact::Digits)?;
    Ok(Decimal::new(mantissa, scale))
}

/// Two are equal if they are worth the same, however they are written.
impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Exact {}

impl Hash for Exact {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_digits_with_an_optional_point() {
        for (text, expected) in [
            ("3", "3"),
            (" 2.5 ", "2.5"),
            ("+4", "4"),
            ("0", "0"),
            ("0.000001", "0.000001"),
            ("999999999999.999999", "999999999999.999999"),
        ] {
            let read = Exact::quantity(text).expect("a quantity");
            assert_eq!(read.value().to_string(), expected);
            assert_eq!(read.as_str(), text.trim().trim_start_matches('+'));
        }
        for (text, expected) in [
            ("", NotExact::Empty),
            ("1,000", NotExact::Comma),
            ("-1", NotExact::Negative),
            ("1.0000000", NotExact::Digits),
            ("1000000000000", NotExact::Digits),
            ("NaN", NotExact::Form),
            ("Infinity", NotExact::Form),
            ("1e9", NotExact::Form),
            ("0x10", NotExact::Form),
            ("١", NotExact::Form),
            (".5", NotExact::Form),
            ("5.", NotExact::Form),
            ("+-1", NotExact::Form),
            ("1 000", NotExact::Form),
            ("1.2.3", NotExact::Form),
        ] {
            assert_eq!(Exact::quantity(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn amounts_may_be_below_zero_and_keep_their_digits() {
        for text in ["1149.00", "110.3", "0", "0.0000", "-5.35", "1505.0"] {
            let read = Exact::amount(text).expect("an amount");
            assert_eq!(read.as_str(), text);
            assert_eq!(read.value(), text.parse::<Decimal>().expect("a decimal"));
        }
        assert_eq!(Exact::amount("+1"), Err(NotExact::Form));
        assert_eq!(Exact::amount("1,149"), Err(NotExact::Comma));
        assert_eq!(Exact::amount("$1"), Err(NotExact::Form));
    }

    #[test]
    fn a_product_is_exact_or_none() {
        let of = |text: &str| Exact::amount(text).expect("an amount").value();
        assert_eq!(times(of("2.5"), of("110.3")), Some(of("275.75")));
        assert_eq!(
            times(of("999999.999999"), of("0.000001"))
                .map(|it| it.to_string())
                .as_deref(),
            Some("0.999999999999")
        );
        assert_eq!(
            times(of("999999999999.999999"), of("999999999999.999999")),
            None
        );
        assert_eq!(times(of("0.000"), of("12.5")), Some(Decimal::ZERO));
        assert_eq!(over(of("1"), of("0")), None);
        assert_eq!(
            over(of("1"), of("3")).map(|it| it.to_string()).as_deref(),
            Some("0.3333333333")
        );
    }
}
