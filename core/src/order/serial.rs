//! Which of the texts that suppliers give as serial numbers are any. Pure.

use crate::text::{self, Serial};

/// What suppliers write where they know none, as codes are compared.
const NONE_KNOWN: [&str; 8] = [
    "N/A",
    "NA",
    "NONE",
    "TBD",
    "0",
    "-",
    "UNKNOWN",
    "SEE ATTACHED",
];

/// Why a text is no serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// A word that says that there is none.
    #[error("says that there is none")]
    NoneKnown,
    /// The number of the product, which all of them have in common.
    #[error("is the part number")]
    PartNumber,
    /// Empty, too long, or not printable.
    #[error("is empty, too long or not printable")]
    Form,
}

/// Reads what a supplier gives as a serial number of a product with these part numbers: trimmed, white space inside brought together.
pub fn usable<'a>(
    said: &str,
    part_numbers: impl IntoIterator<Item = &'a str>,
) -> Result<Serial, Unusable> {
    let said = collapsed(said);
    let upper = said.to_uppercase();
    if NONE_KNOWN.contains(&upper.as_str()) {
        return Err(Unusable::NoneKnown);
    }
    let serial = Serial::parse(&said).map_err(|_| Unusable::Form)?;
    let mut numbers = part_numbers.into_iter().map(text::fold_code);
    if numbers.any(|number| number == serial.folded()) {
        return Err(Unusable::PartNumber);
    }
    Ok(serial)
}

/// A text without white space at its ends and with single spaces inside.
#[must_use]
pub fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_serial_number_is_refused() {
        let parts = ["LT14-G7-16-512", "20X1S0AB00"];
        for none in [
            "N/A",
            " n/a ",
            "NA",
            "none",
            "TBD",
            "0",
            "-",
            "unknown",
            "See   attached",
        ] {
            assert_eq!(usable(none, parts), Err(Unusable::NoneKnown), "{none}");
        }
        for part in ["LT14-G7-16-512", "lt14g7 16512", "20x1s0ab00"] {
            assert_eq!(usable(part, parts), Err(Unusable::PartNumber), "{part}");
        }
        for form in ["", "   ", "***", &"9".repeat(129)] {
            assert_eq!(usable(form, parts), Err(Unusable::Form), "{form}");
        }
    }

    #[test]
    fn serial_numbers_are_trimmed_and_keep_their_spelling() {
        let serial = usable("  PF3A\n 7K21 ", ["X"]).expect("a serial number");
        assert_eq!(
            (serial.as_str(), serial.folded()),
            ("PF3A 7K21", "PF3A7K21")
        );
    }
}
