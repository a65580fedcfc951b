//! Units of measure that are so many pieces everywhere. Only what cannot mean anything else; the rest is the supplier's own map's.

use crate::exact::Exact;

/// Codes of UN/CEFACT Recommendation 20 for one piece, and the spellings of the same that are no codes.
const PIECES: [&str; 12] = [
    "EA", "C62", "H87", "PCE", "EACH", "PC", "PCS", "PIECE", "PIECES", "STK", "STÜCK", "STUECK",
];
/// A dozen pieces.
const DOZENS: [&str; 4] = ["DZN", "DZ", "DOZ", "DOZEN"];

/// A unit as it is looked up.
pub(super) fn folded(unit: &str) -> String {
    unit.trim().to_uppercase()
}

/// How many pieces a folded code is.
pub(super) fn pieces(code: &str) -> Option<Exact> {
    if PIECES.contains(&code) {
        Some(Exact::ONE)
    } else if DOZENS.contains(&code) {
        Some(Exact::whole(12))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What may be a sheet, a set or a box of anything is not guessed.
    #[test]
    fn nothing_is_taken_for_a_piece_that_may_be_something_else() {
        for (unit, expected) in [
            ("EA", Some(1)),
            (" each ", Some(1)),
            ("Pcs", Some(1)),
            ("DZN", Some(12)),
            ("dz", Some(12)),
            ("Stück", Some(1)),
            ("BX", None),
            ("ST", None),
            ("UN", None),
            ("PR", None),
            ("100/BX", None),
            ("", None),
        ] {
            assert_eq!(pieces(&folded(unit)), expected.map(Exact::whole), "{unit}");
        }
    }
}
