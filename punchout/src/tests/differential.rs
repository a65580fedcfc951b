//! Whether a text is well-formed: the same is said by another parser, libxml2, of texts whole and damaged.

use habeo_receivers::xml::{Code, Limits, Reader};

use super::{cart_of, line, request_of, xmllint};

/// A small generator of numbers, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }
}

/// What is put into texts to damage them.
const BITS: &[&str] = &[
    "<",
    ">",
    "&",
    "\"",
    "'",
    "/",
    "=",
    "]]>",
    "--",
    "<!--",
    "-->",
    "<?",
    "?>",
    "<![CDATA[",
    "&amp;",
    "&#65;",
    "&#x41;",
    "&#0;",
    "&#8;",
    "&#xD800;",
    "&lt",
    "&reg;",
    " ",
    "\n",
    "a",
    "1",
    "<a>",
    "</a>",
    "<a/>",
    "<1/>",
    "<a b='1' b='2'/>",
    "<a b=1/>",
    "<a b/>",
    "\u{8}",
    "ü",
    "\u{FFFE}",
    "<!DOCTYPE a>",
    "<?xml version='1.0'?>",
    "</cXML>",
    "<!-- a -- b -->",
    "<?a b?>",
    "<a b='<'/>",
    "<a\tb='1'\n/>",
    "</a >",
    "< a/>",
];

fn damaged(text: &str, dice: &mut Dice) -> String {
    let mut text = text.to_owned();
    for _ in 0..=dice.below(2) {
        let mut at = dice.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        // Half of the time nothing is taken away.
        let taken = dice.below(2) * dice.below(4);
        let mut end = (at + taken).min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        text.replace_range(at..end, BITS[dice.below(BITS.len())]);
    }
    text
}

/// Whether it is well-formed to us; none where we refuse by a rule of our own.
fn ours(text: &str) -> Option<bool> {
    let read = Reader::new(text, Limits::PROCUREMENT).and_then(|mut reader| {
        while reader.next_part()?.is_some() {}
        Ok(())
    });
    match read {
        Ok(()) => Some(true),
        Err(error)
            if matches!(
                error.code,
                Code::DoctypeInternalSubset | Code::LimitExceeded
            ) =>
        {
            None
        }
        Err(_) => Some(false),
    }
}

#[test]
fn two_parsers_say_the_same() {
    let bases = [
        cart_of(&line(
            "quantity=\"1\"",
            "<Extrinsic name='a'><![CDATA[b]]>&amp;</Extrinsic><!-- c -->",
        ))
        .replace("<?xml version=\"1.0\"?>\n", ""),
        request_of("<ProfileRequest/>"),
        "<a b='c'>d<e/>&#65;<f>ü</f></a>".to_owned(),
        "<a/>".to_owned(),
    ];
    let mut dice = Dice(20_260_525);
    let mut compared = (0, 0);
    for round in 0..400 {
        let base = &bases[round % bases.len()];
        let text = if round < bases.len() {
            base.clone()
        } else {
            damaged(base, &mut dice)
        };
        let Some(ours) = ours(&text) else {
            continue;
        };
        let Some(theirs) = xmllint(&text, None) else {
            return;
        };
        assert_eq!(ours, theirs.is_ok(), "{text:?}: {theirs:?}");
        if ours {
            compared.0 += 1;
        } else {
            compared.1 += 1;
        }
    }
    assert!(compared.0 > 10 && compared.1 > 100, "{compared:?}");
}
