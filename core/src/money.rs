//! Amounts as people write them: decimal texts to minor units and back, exactly.

/// The most digits of an amount; more do not fit what is kept.
const DIGITS_MAX: usize = 15;

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAmount {
    /// Something other than digits and one point.
    #[error("must be digits with at most one decimal point, such as 1299.90")]
    Form,
    /// More places than the currency has.
    #[error("has more than {0} decimal places, which its currency does not have")]
    Places(usize),
    /// Too many digits.
    #[error("has more than {DIGITS_MAX} digits")]
    TooLarge,
}

/// How many decimal places a currency has (ISO 4217).
#[must_use]
pub fn places(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// Reads an amount into minor units. Zeros that the currency has no place for are let be.
pub fn minor(text: &str, currency: &str) -> Result<i64, BadAmount> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return Err(BadAmount::Form);
    }
    let places = places(currency);
    let fraction = match fraction.split_at_checked(places) {
        Some((kept, rest)) if rest.bytes().all(|b| b == b'0') => kept,
        Some(_) => return Err(BadAmount::Places(places)),
        None => fraction,
    };
    let all = format!("{whole}{fraction:0<places$}");
    let significant = all.trim_start_matches('0');
    if significant.len() > DIGITS_MAX {
        return Err(BadAmount::TooLarge);
    }
    if significant.is_empty() {
        return Ok(0);
    }
    significant.parse().map_err(|_| BadAmount::Form)
}

/// Writes minor units as a decimal text.
#[must_use]
pub fn decimal(minor: i64, currency: &str) -> String {
    let places = places(currency);
    let sign = if minor < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    if places == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly() {
        for (text, currency, expected) in [
            ("0", "USD", 0),
            ("12", "USD", 1_200),
            ("12.5", "USD", 1_250),
            ("1299.90", "USD", 129_990),
            ("0.07", "EUR", 7),
            ("007.00", "EUR", 700),
            ("1200", "JPY", 1_200),
            ("1200.00", "JPY", 1_200),
            ("1.234", "KWD", 1_234),
            ("9999999999999.99", "USD", 999_999_999_999_999),
        ] {
            assert_eq!(minor(text, currency), Ok(expected), "{text} {currency}");
            let written = decimal(expected, currency);
            assert_eq!(minor(&written, currency), Ok(expected), "{written}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "", ".", "1.", ".5", "-1", "+1", "1,299.90", "1 299", "$12", "1e3", "0x10", "١٢",
            "NaN", "1.2.3",
        ] {
            assert_eq!(minor(text, "USD"), Err(BadAmount::Form), "{text}");
        }
        assert_eq!(minor("1.999", "USD"), Err(BadAmount::Places(2)));
        assert_eq!(minor("1.5", "JPY"), Err(BadAmount::Places(0)));
        assert_eq!(minor(&"9".repeat(20), "USD"), Err(BadAmount::TooLarge));
    }
}
