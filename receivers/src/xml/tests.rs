//! What a document owes, and what it may be.

use proptest::prelude::*;

use super::{Code, Error, Limits, Part, Reader, decode};

fn read_with(text: &str, limits: Limits) -> Result<Vec<String>, Error> {
    let mut reader = Reader::new(text, limits)?;
    let mut parts = Vec::new();
    while let Some(part) = reader.next_part()? {
        parts.push(match part {
            Part::Start(element) => {
                let mut words = vec![element.name.to_owned()];
                let attributes = element.attributes.iter();
                words.extend(attributes.map(|it| format!("{}={}", it.name, it.value)));
                format!("<{}>", words.join(" "))
            }
            Part::Text(text) => text.into_owned(),
            Part::End(name) => format!("</{name}>"),
        });
    }
    Ok(parts)
}

fn read(text: &str) -> Result<Vec<String>, Error> {
    read_with(text, Limits::PROCUREMENT)
}

fn code(text: &str) -> Option<Code> {
    read(text).err().map(|error| error.code)
}

#[test]
fn a_document_is_read_part_by_part() {
    let text = "<?xml version=\"1.0\"?>\n<!DOCTYPE a SYSTEM \"http://a.example/a.dtd\">\n<!-- c --><a x='1&#10;&amp;\t2'>t &lt;<!-- c --><![CDATA[<&]]>&#x41;<b/><c>ü</c>\n</a>\n<?pi?>";
    let parts = read(text).expect("a document");
    assert_eq!(
        parts,
        [
            "<a x=1\n& 2>",
            "t <<&A",
            "<b>",
            "</b>",
            "<c>",
            "ü",
            "</c>",
            "\n",
            "</a>"
        ]
    );
}

#[test]
fn nothing_is_declared_expanded_or_fetched() {
    for (text, expected) in [
        (
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            Code::DoctypeInternalSubset,
        ),
        (
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd' [<!ENTITY % p SYSTEM 'http://a.example'>%p;]><a/>",
            Code::DoctypeInternalSubset,
        ),
        (
            "<!DOCTYPE lolz [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><a>&b;</a>",
            Code::DoctypeInternalSubset,
        ),
        ("<a>&x;</a>", Code::UndeclaredEntity),
        ("<a>&nbsp;</a>", Code::UndeclaredEntity),
        ("<a b='&x;'/>", Code::UndeclaredEntity),
        ("<a/><!DOCTYPE a>", Code::DoctypeMisplaced),
        ("<a><!DOCTYPE a></a>", Code::DoctypeMisplaced),
        ("<!DOCTYPE a><!DOCTYPE a><a/>", Code::DoctypeMisplaced),
        ("<!doctype a><a/>", Code::DoctypeMisplaced),
        ("<!DOCTYPE a SYSTEM><a/>", Code::DoctypeMisplaced),
        ("<!DOCTYPE a PUBLIC 'x'><a/>", Code::DoctypeMisplaced),
        ("<!DOCTYPE a SYSTEM 'x' y><a/>", Code::DoctypeMisplaced),
    ] {
        assert_eq!(code(text), Some(expected), "{text}");
    }
    for text in [
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a PUBLIC '-//A' \"b\" ><a/>",
        "<!DOCTYPE a\nSYSTEM\n'x'><a/>",
    ] {
        assert_eq!(code(text), None, "{text}");
    }
}

#[test]
fn what_the_reader_underneath_lets_pass_is_refused() {
    for (text, expected) in [
        ("<a>", Code::UnclosedElement),
        ("<a><b></a>", Code::NotWellFormed),
        ("</a>", Code::NotWellFormed),
        ("<a/><b/>", Code::TrailingContent),
        ("<a/>x", Code::TrailingContent),
        ("<a/>&amp;", Code::TrailingContent),
        ("x<a/>", Code::NotWellFormed),
        ("<![CDATA[x]]><a/>", Code::NotWellFormed),
        (" <?xml version='1.0'?><a/>", Code::NotWellFormed),
        ("<a><?XML x?></a>", Code::NotWellFormed),
        ("<?xml version='2.0'?><a/>", Code::NotWellFormed),
        ("<a>\u{8}</a>", Code::IllegalCharacter),
        ("<a>&#8;</a>", Code::IllegalCharacter),
        ("<a b='&#8;'/>", Code::IllegalCharacter),
        ("<a>&#0;</a>", Code::IllegalCharacter),
        ("<a>&#xD800;</a>", Code::IllegalCharacter),
        ("<a>&#x110000;</a>", Code::IllegalCharacter),
        ("<a>\u{FFFE}</a>", Code::IllegalCharacter),
        ("<1a/>", Code::NotWellFormed),
        ("<a b='<'/>", Code::NotWellFormed),
        ("<a>]]></a>", Code::NotWellFormed),
        ("<a><!-- a -- b --></a>", Code::NotWellFormed),
        ("<a>1 < 2</a>", Code::NotWellFormed),
        ("<a>1 & 2</a>", Code::NotWellFormed),
        ("<a b='1' b='2'/>", Code::DuplicateAttribute),
        ("<a b=1/>", Code::NotWellFormed),
        ("<a b/>", Code::NotWellFormed),
        ("<a", Code::NotWellFormed),
        ("<!-- only -->", Code::NotWellFormed),
        ("<>x</>", Code::NotWellFormed),
    ] {
        assert_eq!(code(text), Some(expected), "{text}");
    }
}

#[test]
fn everything_is_bounded() {
    let limits = Limits {
        document_bytes: 200,
        depth: 3,
        attributes: 2,
        attribute_bytes: 5,
        text_bytes: 6,
        events: 12,
    };
    for (text, fits) in [
        ("<a><b><c/></b></a>".to_owned(), true),
        ("<a><b><c><d/></c></b></a>".to_owned(), false),
        ("<a x='1' y='2'/>".to_owned(), true),
        ("<a x='1' y='2' z='3'/>".to_owned(), false),
        ("<a x='12345'/>".to_owned(), true),
        ("<a x='123456'/>".to_owned(), false),
        ("<a>123<b>4</b>456</a>".to_owned(), true),
        ("<a>123<b>4</b>4567</a>".to_owned(), false),
        (format!("<a>{}</a>", "<b/>".repeat(4)), true),
        (format!("<a>{}</a>", "<b/>".repeat(6)), false),
        (format!("<{0}/>", "n".repeat(100)), true),
        (format!("<{0}/>", "n".repeat(250)), false),
    ] {
        let refused = read_with(&text, limits).err().map(|error| error.code);
        assert_eq!(refused, (!fits).then_some(Code::LimitExceeded), "{text}");
    }
    assert_eq!(
        code(&format!("<{}/>", "n".repeat(257))),
        Some(Code::LimitExceeded)
    );
    assert_eq!(code(&"<a>".repeat(1_000_000)), Some(Code::LimitExceeded));
}

#[test]
fn faults_have_a_place() {
    let text = "<cXML>\n <Message>\n  <ItemIn/>\n  <ItemIn>ü&bad;</ItemIn>\n </Message>\n</cXML>";
    let error = read(text).expect_err("an entity");
    assert_eq!(
        error.to_string(),
        "an entity that XML does not have at line 4, column 12, in /cXML/Message/ItemIn[2]"
    );
    assert_eq!(error.code.as_str(), "undeclared_entity");
    let mut reader = Reader::new(text, Limits::PROCUREMENT).expect("a reader");
    let mut paths = Vec::new();
    while let Ok(Some(part)) = reader.next_part() {
        if matches!(part, Part::Start(_)) {
            paths.push(reader.place().path);
        }
    }
    assert_eq!(
        paths,
        [
            "/cXML",
            "/cXML/Message",
            "/cXML/Message/ItemIn",
            "/cXML/Message/ItemIn[2]"
        ]
    );
}

#[test]
fn bytes_become_text_by_what_they_say() {
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        let units = text.encode_utf16();
        units
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    let latin = |declared: &str, byte: u8| {
        let mut bytes = format!("<?xml version=\"1.0\" encoding='{declared}'?><a>").into_bytes();
        bytes.push(byte);
        bytes.extend(b"</a>");
        bytes
    };
    for (bytes, last) in [
        ("<a>ü</a>".as_bytes().to_vec(), Some("<a>ü</a>")),
        (
            "\u{FEFF}\r\n <a>ü</a>".as_bytes().to_vec(),
            Some("<a>ü</a>"),
        ),
        (utf16("\u{FEFF}<a>ü𝄞</a>", true), Some("<a>ü𝄞</a>")),
        (utf16("\u{FEFF}<a>ü𝄞</a>", false), Some("<a>ü𝄞</a>")),
        (utf16("<a>ü</a>", true), Some("<a>ü</a>")),
        (utf16("<a>ü</a>", false), Some("<a>ü</a>")),
        (latin("ISO-8859-1", 0xFC), Some("<a>ü</a>")),
        (latin("windows-1252", 0x80), Some("<a>€</a>")),
        (latin("UTF-16", b'u'), Some("<a>u</a>")),
        (latin("UTF8", b'u'), Some("<a>u</a>")),
        (latin("UTF-8", 0xFC), None),
        (latin("EBCDIC", b'u'), None),
        (vec![0xFE, 0xFF, 0, b'<', 0], None),
        (vec![0xFE, 0xFF, 0xD8, 0], None),
        (b" \n".to_vec(), None),
        (Vec::new(), None),
    ] {
        let text = decode(&bytes).ok();
        assert_eq!(
            text.as_deref()
                .is_some_and(|text| text.ends_with(last.unwrap_or("never"))),
            last.is_some(),
            "{bytes:?}"
        );
    }
}

proptest! {
    /// No text makes the reader panic, and its place can always be told.
    #[test]
    fn no_text_breaks_the_reader(text in "([<>/&;!?\\[\\]'\"= a-cA\u{FEFF}ü-]|<a>|</a>|<!--|-->|<!DOCTYPE a|<!\\[CDATA\\[|\\]\\]>|&#x?[0-9a-f]{1,4};){0,40}") {
        let _ = read(&text);
    }

    /// No bytes make the decoder panic.
    #[test]
    fn no_bytes_break_the_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(text) = decode(&bytes) {
            let _ = read(&text);
        }
    }
}
