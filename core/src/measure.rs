//! Units that everybody knows: codes of UN/CEFACT recommendations 20 (units) and 21 (packages), and words that suppliers write for them.

/// A unit of measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How many pieces one is, where that is certain.
    pub pieces: Option<u32>,
    /// Other words for it, in capitals.
    pub words: &'static [&'static str],
}

const fn unit(
    code: &'static str,
    name: &'static str,
    pieces: Option<u32>,
    words: &'static [&'static str],
) -> Unit {
    Unit {
        code,
        name,
        pieces,
        words,
    }
}

/// The unit of a word that is in capitals.
#[must_use]
pub fn find(word: &str) -> Option<&'static Unit> {
    TABLE
        .iter()
        .find(|unit| unit.code == word || unit.words.contains(&word))
}

/// Whether two words are one unit: the same, whatever their case and the space around them, or both known for it.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    let folded = |word: &str| word.trim().to_uppercase();
    let (one, other) = (folded(one), folded(other));
    one == other || find(&one).is_some_and(|one| find(&other) == Some(one))
}

/// The units. A code that means something else to many suppliers than to the recommendation (`ST`: a sheet, and a piece in German) is known, but
/// not for how many pieces it is.
pub const TABLE: &[Unit] = &[
    unit("EA", "each", Some(1), &["EACH"]),
    unit("C62", "one", Some(1), &["ONE", "UN", "UNIT", "UNITS"]),
    unit(
        "H87",
        "piece",
        Some(1),
        &[
            "PCE", "PC", "PCS", "PIECE", "PIECES", "STK", "STÜCK", "STUECK",
        ],
    ),
    unit("PR", "pair", Some(2), &["PAIR", "PAIRS"]),
    unit("NPR", "number of pairs", Some(2), &[]),
    unit("DZN", "dozen", Some(12), &["DZ", "DOZ", "DOZEN"]),
    unit("DPC", "dozen pieces", Some(12), &[]),
    unit("DPR", "dozen pairs", Some(24), &[]),
    unit("GRO", "gross", Some(144), &["GR", "GROSS"]),
    unit("CEN", "hundred", Some(100), &["HUNDRED"]),
    unit("CNP", "hundred packs", None, &[]),
    unit("MIL", "thousand", Some(1_000), &["THOUSAND"]),
    unit("SET", "set", None, &["SETS"]),
    unit("KT", "kit", None, &["KIT", "KITS"]),
    unit("BX", "box", None, &["BOX", "BOXES", "XBX"]),
    unit("PK", "pack", None, &["PACK", "PKG", "PACKAGE", "XPK"]),
    unit("PA", "packet", None, &["PACKET", "XPA"]),
    unit("CS", "case", None, &["CASE", "CASES", "XCS"]),
    unit("CT", "carton", None, &["CARTON", "CTN", "XCT"]),
    unit("BG", "bag", None, &["BAG", "BAGS", "XBG"]),
    unit("BO", "bottle", None, &["BOTTLE", "XBO"]),
    unit("CA", "can", None, &["CAN", "XCA"]),
    unit("DR", "drum", None, &["DRUM", "XDR"]),
    unit("JR", "jar", None, &["JAR", "XJR"]),
    unit("PL", "pail", None, &["PAIL", "XPL"]),
    unit("PX", "pallet", None, &["PALLET", "XPX"]),
    unit("TU", "tube", None, &["TUBE", "XTU"]),
    unit("TY", "tray", None, &["TRAY"]),
    unit("RO", "roll", None, &["RL", "ROLL", "ROLLS", "XRO"]),
    unit("RM", "ream", None, &["REAM", "REAMS"]),
    unit("ST", "sheet", None, &["SHEET", "SHEETS"]),
    unit("PD", "pad", None, &["PAD", "PADS"]),
    unit("BD", "bundle", None, &["BE", "BUNDLE", "XBE"]),
    unit("LO", "lot", None, &["LOT"]),
    unit("JOB", "job", None, &[]),
    unit("E48", "service unit", None, &["SVC", "SERVICE"]),
    unit("E49", "working day", None, &[]),
    unit("E51", "job", None, &[]),
    unit("NMP", "number of packs", None, &[]),
    unit("AS", "assortment", None, &["ASSORTMENT"]),
    unit("LC", "linear centimetre", None, &[]),
    unit("MMT", "millimetre", None, &["MM"]),
    unit("CMT", "centimetre", None, &["CM"]),
    unit("MTR", "metre", None, &["M", "METER", "METRE"]),
    unit("HMT", "hundred metres", None, &[]),
    unit("KMT", "kilometre", None, &["KMTR"]),
    unit("INH", "inch", None, &["IN", "INCH"]),
    unit("FOT", "foot", None, &["FT", "FOOT", "FEET"]),
    unit("LF", "linear foot", None, &[]),
    unit("YRD", "yard", None, &["YD", "YARD"]),
    unit("MTK", "square metre", None, &["M2"]),
    unit("FTK", "square foot", None, &["SF"]),
    unit("MTQ", "cubic metre", None, &["M3"]),
    unit("GRM", "gram", None, &["GRAM"]),
    unit("KGM", "kilogram", None, &["KG", "KILOGRAM"]),
    unit("TNE", "tonne", None, &["TONNE"]),
    unit("LBR", "pound", None, &["LB", "LBS", "POUND"]),
    unit("ONZ", "ounce", None, &["OZ", "OUNCE"]),
    unit("STN", "short ton", None, &[]),
    unit("MLT", "millilitre", None, &["ML"]),
    unit("LTR", "litre", None, &["L", "LT", "LITER", "LITRE"]),
    unit("GLL", "gallon", None, &["GAL", "GA", "GALLON"]),
    unit("QTL", "quart", None, &["QT", "QUART"]),
    unit("PTL", "pint", None, &["PINT"]),
    unit("OZA", "fluid ounce", None, &["FL OZ"]),
    unit("SEC", "second", None, &[]),
    unit("MIN", "minute", None, &["MINUTE"]),
    unit("HUR", "hour", None, &["HR", "HRS", "HOUR", "HOURS"]),
    unit("DAY", "day", None, &["DAYS"]),
    unit("WEE", "week", None, &["WK", "WEEK"]),
    unit("MON", "month", None, &["MO", "MONTH", "MONTHS"]),
    unit("QAN", "quarter of a year", None, &[]),
    unit("ANN", "year", None, &["YR", "YEAR", "YEARS"]),
    unit("KWH", "kilowatt hour", None, &[]),
    unit("AMP", "ampere", None, &[]),
    unit("P1", "per cent", None, &["%"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_one_unit_are_the_same() {
        for (one, other, expected) in [
            ("RL", "RO", true),
            ("PK", " pkg ", true),
            ("DZ", "DZN", true),
            ("ea", "EA", true),
            ("XYZ", "xyz", true),
            ("EA", "BX", false),
            ("XYZ", "EA", false),
            ("", "EA", false),
        ] {
            assert_eq!(is_same(one, other), expected, "{one} {other}");
            assert_eq!(is_same(other, one), expected, "{other} {one}");
        }
    }
}
