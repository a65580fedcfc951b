//! What a scanner may have read: our labels, addresses printed on older ones, and the data identifiers of vendors' labels.

use crate::text;

/// The most characters of a code that is looked at.
pub const CHARS_MAX: usize = 512;
/// A maker's serial number at the end of a `1S` label has this many characters, more often than not.
const SERIAL_TAILS: [usize; 2] = [8, 7];

/// The codes to look for, folded, in the order in which they are tried. The first that finds something wins.
#[must_use]
pub fn candidates(raw: &str) -> Vec<String> {
    let raw = raw.trim();
    if raw.chars().count() > CHARS_MAX || !raw.chars().all(text::is_printable) {
        return Vec::new();
    }
    let mut codes = Vec::new();
    let mut add = |code: &str| {
        let folded = text::fold_code(code);
        if folded.chars().count() >= 2 && !codes.contains(&folded) {
            codes.push(folded);
        }
    };
    if strip_scheme(raw).is_some() {
        // An address is never a code itself, also where it names none.
        if let Some(code) = from_address(raw) {
            add(&code);
        }
        return codes;
    }
    add(raw);
    // ANSI MH10.8.2 data identifiers: S and 1S precede a serial number, 1P a product number, which names no single thing.
    let upper = raw.to_uppercase();
    if let Some(rest) = upper.strip_prefix("1S") {
        add(rest);
        let folded = text::fold_code(rest);
        let count = folded.chars().count();
        for tail in SERIAL_TAILS {
            if count > tail {
                add(&folded.chars().skip(count - tail).collect::<String>());
            }
        }
    } else if let Some(rest) = upper.strip_prefix('S') {
        add(rest);
    }
    codes
}

/// The code in an address of any host: `/t/<tag>`, `/ht/<tag>`, `/hardware/<code>`, `/hardware/bytag?assetTag=<tag>`.
fn from_address(raw: &str) -> Option<String> {
    let rest = strip_scheme(raw)?;
    let path_at = rest.find('/')?;
    let (path, query) = match rest[path_at..].split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (&rest[path_at..], None),
    };
    if let Some(tag) = query.and_then(|query| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix("assetTag="))
    }) {
        return Some(decoded(tag));
    }
    let path = path.split('#').next().unwrap_or(path);
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    while let Some(segment) = segments.next() {
        if matches!(segment, "t" | "ht" | "hardware") {
            return segments.next_back().map(decoded);
        }
    }
    None
}

fn strip_scheme(raw: &str) -> Option<&str> {
    ["https://", "http://"].iter().find_map(|scheme| {
        let head = raw.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme)
            .then(|| &raw[scheme.len()..])
    })
}

/// Undoes percent-encoding; what is not valid stays as it is and will find nothing.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex
            .filter(|_| *first == b'%')
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = byte {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::candidates;

    #[test]
    fn codes_are_found_in_what_scanners_read() {
        for (raw, first) in [
            ("WMK-004217-S", "WMK004217S"),
            (" wmk004217s ", "WMK004217S"),
            ("https://old.example.edu/t/WMK-004217-S", "WMK004217S"),
            ("HTTP://assets.example/ht/LIB%2020391", "LIB20391"),
            ("https://inventory.example/hardware/4711", "4711"),
            (
                "https://inventory.example/hardware/bytag?assetTag=MED-0442",
                "MED0442",
            ),
            ("https://inventory.example/hardware/4711/#details", "4711"),
        ] {
            assert_eq!(
                candidates(raw).first().map(String::as_str),
                Some(first),
                "{raw}"
            );
        }
    }

    #[test]
    fn vendor_prefixes_are_tried_after_the_code_itself() {
        assert_eq!(
            candidates("SC02XG0FDJGH5"),
            ["SC02XG0FDJGH5", "C02XG0FDJGH5"]
        );
        assert_eq!(
            candidates("1S20XW004AUSPF2ABCDE"),
            [
                "1S20XW004AUSPF2ABCDE",
                "20XW004AUSPF2ABCDE",
                "PF2ABCDE",
                "F2ABCDE"
            ]
        );
    }

    #[test]
    fn what_cannot_be_a_code_has_no_candidates() {
        for raw in [
            "",
            " ",
            "-",
            "a\u{0}b",
            "https://example.edu/nothing/here",
            "https://example.edu",
            &"A".repeat(600),
        ] {
            assert_eq!(candidates(raw), Vec::<String>::new(), "{raw:?}");
        }
    }
}
