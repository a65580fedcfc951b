//! The names of characters that HTML 4 has, replaced by numbers for suppliers whose shop writes HTML into XML.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// U+00A0 to U+00FF, in their order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// The others, with their numbers.
const OTHERS: &[(&str, u32)] = &[
    ("OElig", 338),
    ("oelig", 339),
    ("Scaron", 352),
    ("scaron", 353),
    ("Yuml", 376),
    ("fnof", 402),
    ("circ", 710),
    ("tilde", 732),
    ("Alpha", 913),
    ("Beta", 914),
    ("Gamma", 915),
    ("Delta", 916),
    ("Epsilon", 917),
    ("Zeta", 918),
    ("Eta", 919),
    ("Theta", 920),
    ("Iota", 921),
    ("Kappa", 922),
    ("Lambda", 923),
    ("Mu", 924),
    ("Nu", 925),
    ("Xi", 926),
    ("Omicron", 927),
    ("Pi", 928),
    ("Rho", 929),
    ("Sigma", 931),
    ("Tau", 932),
    ("Upsilon", 933),
    ("Phi", 934),
    ("Chi", 935),
    ("Psi", 936),
    ("Omega", 937),
    ("alpha", 945),
    ("beta", 946),
    ("gamma", 947),
    ("delta", 948),
    ("epsilon", 949),
    ("zeta", 950),
    ("eta", 951),
    ("theta", 952),
    ("iota", 953),
    ("kappa", 954),
    ("lambda", 955),
    ("mu", 956),
    ("nu", 957),
    ("xi", 958),
    ("omicron", 959),
    ("pi", 960),
    ("rho", 961),
    ("sigmaf", 962),
    ("sigma", 963),
    ("tau", 964),
    ("upsilon", 965),
    ("phi", 966),
    ("chi", 967),
    ("psi", 968),
    ("omega", 969),
    ("thetasym", 977),
    ("upsih", 978),
    ("piv", 982),
    ("ensp", 8194),
    ("emsp", 8195),
    ("thinsp", 8201),
    ("zwnj", 8204),
    ("zwj", 8205),
    ("lrm", 8206),
    ("rlm", 8207),
    ("ndash", 8211),
    ("mdash", 8212),
    ("lsquo", 8216),
    ("rsquo", 8217),
    ("sbquo", 8218),
    ("ldquo", 8220),
    ("rdquo", 8221),
    ("bdquo", 8222),
    ("dagger", 8224),
    ("Dagger", 8225),
    ("bull", 8226),
    ("hellip", 8230),
    ("permil", 8240),
    ("prime", 8242),
    ("Prime", 8243),
    ("lsaquo", 8249),
    ("rsaquo", 8250),
    ("oline", 8254),
    ("frasl", 8260),
    ("euro", 8364),
    ("image", 8465),
    ("weierp", 8472),
    ("real", 8476),
    ("trade", 8482),
    ("alefsym", 8501),
    ("larr", 8592),
    ("uarr", 8593),
    ("rarr", 8594),
    ("darr", 8595),
    ("harr", 8596),
    ("crarr", 8629),
    ("lArr", 8656),
    ("uArr", 8657),
    ("rArr", 8658),
    ("dArr", 8659),
    ("hArr", 8660),
    ("forall", 8704),
    ("part", 8706),
    ("exist", 8707),
    ("empty", 8709),
    ("nabla", 8711),
    ("isin", 8712),
    ("notin", 8713),
    ("ni", 8715),
    ("prod", 8719),
    ("sum", 8721),
    ("minus", 8722),
    ("lowast", 8727),
    ("radic", 8730),
    ("prop", 8733),
    ("infin", 8734),
    ("ang", 8736),
    ("and", 8743),
    ("or", 8744),
    ("cap", 8745),
    ("cup", 8746),
    ("int", 8747),
    ("there4", 8756),
    ("sim", 8764),
    ("cong", 8773),
    ("asymp", 8776),
    ("ne", 8800),
    ("equiv", 8801),
    ("le", 8804),
    ("ge", 8805),
    ("sub", 8834),
    ("sup", 8835),
    ("nsub", 8836),
    ("sube", 8838),
    ("supe", 8839),
    ("oplus", 8853),
    ("otimes", 8855),
    ("perp", 8869),
    ("sdot", 8901),
    ("lceil", 8968),
    ("rceil", 8969),
    ("lfloor", 8970),
    ("rfloor", 8971),
    ("lang", 9001),
    ("rang", 9002),
    ("loz", 9674),
    ("spades", 9824),
    ("clubs", 9827),
    ("hearts", 9829),
    ("diams", 9830),
];

/// The longest that a name is, or the number of a character with zeros in front.
const NAME_BYTES_MAX: usize = 12;

static NUMBERS: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
    let latin = LATIN.split(' ').zip(0xA0..);
    latin.chain(OTHERS.iter().copied()).collect()
});

/// The character of a name that HTML 4 has and XML has not.
fn number(name: &str) -> Option<u32> {
    NUMBERS.get(name).copied()
}

/// The name between an ampersand, after which this text begins, and its semicolon. That is looked for no further than a name is long: a text of
/// ampersands without one would be read to its end for each of them.
fn named(after: &str) -> Option<&str> {
    let within = after.as_bytes().iter().take(NAME_BYTES_MAX + 1);
    let end = within.into_iter().position(|byte| *byte == b';')?;
    after.get(..end)
}

/// The document with these names as numbers. Sections of CDATA, comments and instructions are let be: nothing is a name in them.
#[must_use]
pub fn repair(text: &str) -> Cow<'_, str> {
    let mut repaired = String::new();
    let (mut at, mut copied) = (0, 0);
    while let Some(found) = text[at..].find(['&', '<']) {
        at += found;
        let rest = &text[at..];
        if let Some(end) = passed_over(rest) {
            at += end;
            continue;
        }
        at += 1;
        let name = rest.strip_prefix('&').and_then(named);
        let Some((name, number)) = name.and_then(|name| Some((name, number(name)?))) else {
            continue;
        };
        repaired.push_str(&text[copied..at]);
        repaired.push('#');
        repaired.push_str(&number.to_string());
        at += name.len();
        copied = at;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    repaired.push_str(&text[copied..]);
    Cow::Owned(repaired)
}

/// How much is to be passed over where a section begins in which nothing is a name.
fn passed_over(rest: &str) -> Option<usize> {
    for (begin, end) in [("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>")] {
        if rest.starts_with(begin) {
            return Some(rest.find(end).map_or(rest.len(), |at| at + end.len()));
        }
    }
    None
}

/// A text whose markup was escaped twice, once too seldom read: for showing only, since what came is what is kept.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        shown.push_str(before);
        let read = named(after).and_then(|name| Some((character(name)?, name.len())));
        rest = if let Some((c, length)) = read {
            shown.push(c);
            &after[length + 1..]
        } else {
            shown.push('&');
            after
        };
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

fn character(name: &str) -> Option<char> {
    let named = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    };
    let numbered = || {
        let digits = name.strip_prefix('#')?;
        match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        }
    };
    let other = || numbered().or_else(|| number(name)).and_then(char::from_u32);
    named.or_else(|| other().filter(|c| habeo_receivers::xml::is_legal(*c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_html_become_numbers() {
        for (text, expected) in [
            ("a&reg;b", "a&#174;b"),
            ("&nbsp;&euro;&diams;", "&#160;&#8364;&#9830;"),
            ("<a b='&Auml;'>&yuml;</a>", "<a b='&#196;'>&#255;</a>"),
            ("&amp;&lt;&#65;&unheard;&", "&amp;&lt;&#65;&unheard;&"),
            ("<![CDATA[&reg;]]>&reg;", "<![CDATA[&reg;]]>&#174;"),
            (
                "<!--&reg;-->&reg;<?x &reg;?>",
                "<!--&reg;-->&#174;<?x &reg;?>",
            ),
            ("&reg", "&reg"),
            ("R&D; &ampreg;", "R&D; &ampreg;"),
        ] {
            assert_eq!(repair(text), expected);
        }
        // The 252 of HTML 4 are these and the four that XML has as well.
        assert_eq!(LATIN.split(' ').count() + OTHERS.len(), 248);
        assert_eq!(number("divide"), Some(247));
    }

    /// What costs a look to the end of the text for each character would take minutes here.
    #[test]
    fn many_ampersands_cost_no_more_than_other_text() {
        let many = "&<".repeat(2 * 1024 * 1024);
        assert_eq!(repair(&many), many);
        assert_eq!(shown(&many), many);
    }

    #[test]
    fn a_text_is_shown_as_it_was_meant() {
        assert_eq!(
            shown("Core&amp;trade; &reg; R&D &#8482; &#0; &"),
            "Core&trade; ® R&D ™ &#0; &"
        );
        assert_eq!(shown("plain"), "plain");
    }
}
