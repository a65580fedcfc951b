//! Decimals as they stand in documents: quantities and amounts, exact to a millionth.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;

const ONE: i64 = 1_000_000;
const DIGITS: usize = 6;

/// A quantity or an amount, in millionths. What does not fit stays at the end of the range: an invented shop sells nothing of that size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(i64);

/// A text that should have been a decimal of at most twelve digits before the point and six after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a decimal has at most twelve digits before its point and six after it")]
pub struct NotADecimal;

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// A whole number.
    #[must_use]
    pub const fn whole(number: i64) -> Self {
        Self(number.saturating_mul(ONE))
    }

    /// A number of hundredths.
    #[must_use]
    pub const fn cents(number: i64) -> Self {
        Self(number.saturating_mul(ONE / 100))
    }

    /// Whether it is more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The product, rounded towards nothing at the sixth digit.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        let product = i128::from(self.0) * i128::from(other.0) / i128::from(ONE);
        Self(i64::try_from(product).unwrap_or(i64::MAX))
    }

    /// A part of it, rounded towards nothing at the sixth digit.
    #[must_use]
    pub const fn divided_by(self, parts: u32) -> Self {
        Self(self.0 / if parts == 0 { 1 } else { parts as i64 })
    }

    /// How many whole ones it holds; none where it is negative.
    #[must_use]
    pub fn units(self) -> usize {
        usize::try_from(self.0 / ONE).unwrap_or(0)
    }

    /// As an amount: two digits after the point, or as many more as it needs.
    #[must_use]
    pub fn money(self) -> String {
        self.spelled(2)
    }

    fn spelled(self, digits_min: usize) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (
            self.0.unsigned_abs() / ONE.unsigned_abs(),
            self.0.unsigned_abs() % ONE.unsigned_abs(),
        );
        let mut rest = format!("{rest:06}");
        while rest.len() > digits_min && rest.ends_with('0') {
            rest.pop();
        }
        if rest.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{rest}")
        }
    }
}

impl fmt::Display for Decimal {
    /// As a quantity: no more digits than it needs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelled(0))
    }
}

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
        let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || whole.len() > 12
            || rest.len() > DIGITS
            || !numeric(whole)
            || !numeric(rest)
        {
            return Err(NotADecimal);
        }
        let millionths: i64 = format!("{whole}{rest:0<DIGITS$}")
            .parse()
            .map_err(|_| NotADecimal)?;
        Ok(Self(if negative { -millionths } else { millionths }))
    }
}

impl Add for Decimal {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Decimal {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Decimal {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Decimal {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_and_spelled() {
        for (text, quantity, money) in [
            ("3", "3", "3.00"),
            ("2.5", "2.5", "2.50"),
            ("1149.00", "1149", "1149.00"),
            ("-0.0333333", "", ""),
            ("-12.345", "-12.345", "-12.345"),
            (" 5.35 ", "5.35", "5.35"),
            ("1,149", "", ""),
            ("", "", ""),
            (".5", "", ""),
        ] {
            let read: Result<Decimal, _> = text.parse();
            match read {
                Ok(read) => assert_eq!(
                    (read.to_string().as_str(), read.money().as_str()),
                    (quantity, money)
                ),
                Err(NotADecimal) => assert_eq!("", quantity, "{text}"),
            }
        }
    }

    #[test]
    fn a_total_is_exact() {
        let price: Decimal = "110.3".parse().expect("a decimal");
        let quantity: Decimal = "2.5".parse().expect("a decimal");
        assert_eq!(price.times(quantity).money(), "275.75");
        assert_eq!(Decimal::whole(7).divided_by(2).to_string(), "3.5");
    }
}
