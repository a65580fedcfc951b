//! How many people have to approve an amount. Pure.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{APPROVALS_MAX, Refusal};
use crate::exact::Exact;

/// Up to which amount one person approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limit {
    /// In what (ISO 4217).
    pub currency: String,
    /// Up to this amount, and with it.
    pub one_up_to: Exact,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.one_up_to.plain())
    }
}

impl FromStr for Limit {
    type Err = Refusal;

    /// Reads `USD 5000.00`.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let (currency, amount) = text.trim().split_once(' ').ok_or(Refusal::BadLimits)?;
        let amount = Exact::amount(amount.trim());
        Ok(Self {
            currency: currency.to_owned(),
            one_up_to: amount.map_err(|_| Refusal::BadLimits)?,
        })
    }
}

/// How many different people have to approve an amount. Where no limits were ever set, one; where some were and none is of this currency, as
/// many as above a limit, because nobody said what the currency is worth.
#[must_use]
pub fn needed(limits: Option<&[Limit]>, currency: &str, total: Exact) -> i64 {
    let Some(limits) = limits else { return 1 };
    let limit = limits.iter().find(|limit| limit.currency == currency);
    match limit {
        Some(limit) if total <= limit.one_up_to => 1,
        _ => APPROVALS_MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_they_are_written() {
        let limit: Limit = " USD  5000.50 ".parse().expect("a limit");
        assert_eq!(limit.to_string(), "USD 5000.5");
        for bad in ["", "USD", "USD five", "5000", "USD 5,000"] {
            assert_eq!(bad.parse::<Limit>(), Err(Refusal::BadLimits), "{bad}");
        }
    }

    #[test]
    fn one_person_approves_up_to_the_limit() {
        let amount = |text| Exact::amount(text).expect("an amount");
        let limits = [Limit {
            currency: "USD".to_owned(),
            one_up_to: amount("5000.00"),
        }];
        for (limits, currency, total, expected) in [
            (None, "USD", "999999", 1),
            (Some(&limits[..]), "USD", "5000", 1),
            (Some(&limits[..]), "USD", "5000.000001", 2),
            (Some(&limits[..]), "EUR", "0.01", 2),
            (Some(&[][..]), "USD", "1", 2),
        ] {
            assert_eq!(
                needed(limits, currency, amount(total)),
                expected,
                "{total} {currency}"
            );
        }
    }
}
