//! However a document arrives.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use proptest::prelude::*;

use crate::code::Code;
use crate::form::{self, Opened, Via};
use crate::limits::Limits;

const TEXT: &str = "<cXML a=\"1+1\">ä€&amp;??>>~</cXML>";

fn open(body: &[u8], content_type: Option<&str>) -> (Result<Opened, Code>, Vec<Code>) {
    let read = form::open(body, content_type, &Limits::default()).map_err(|it| it.code);
    let warned = read
        .as_ref()
        .map(|it| it.warnings.iter().map(|it| it.code).collect());
    (read.clone(), warned.unwrap_or_default())
}

fn escaped(text: &[u8]) -> String {
    percent_encoding::percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn field(name: &str, value: &[u8]) -> Vec<u8> {
    format!("a=b&{name}={}&submit=1", escaped(value)).into_bytes()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of all the ways")]
fn every_way_leads_to_the_same_text() {
    let base64 = STANDARD.encode(TEXT);
    let (unpadded, for_addresses) = (STANDARD_NO_PAD.encode(TEXT), URL_SAFE.encode(TEXT));
    let broken: String = base64
        .as_bytes()
        .chunks(20)
        .fold(String::new(), |text, it| {
            text + " " + &*String::from_utf8_lossy(it) + "\r\n"
        });
    let latin = encoding_rs::WINDOWS_1252.encode(TEXT).0.into_owned();
    let declared = [
        b"<?xml version=\"1.0\" encoding=\"windows-1252\"?>".as_slice(),
        &latin,
    ]
    .concat();
    let utf16: Vec<u8> = [0xFEFF]
        .into_iter()
        .chain(TEXT.encode_utf16())
        .flat_map(u16::to_be_bytes)
        .collect();
    let marked = [b"\xEF\xBB\xBF\r\n".as_slice(), TEXT.as_bytes()].concat();
    let html = TEXT
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    for (body, via, warned) in [
        (
            field("cXML-urlencoded", TEXT.as_bytes()),
            Via::Urlencoded,
            &[Code::NonAsciiInUrlencoded][..],
        ),
        (
            field("CXML-URLENCODED", TEXT.as_bytes()),
            Via::Urlencoded,
            &[Code::NonAsciiInUrlencoded],
        ),
        (
            field("cXML-urlencoded", &latin),
            Via::Urlencoded,
            &[Code::NonAsciiInUrlencoded],
        ),
        (
            field("cXML-urlencoded", escaped(TEXT.as_bytes()).as_bytes()),
            Via::Urlencoded,
            &[Code::DoubleEncoded],
        ),
        (
            field("cXML-urlencoded", html.as_bytes()),
            Via::Urlencoded,
            &[Code::NonAsciiInUrlencoded, Code::DoubleEncoded],
        ),
        (
            field("cXML-urlencoded", base64.as_bytes()),
            Via::Urlencoded,
            &[Code::DoubleEncoded],
        ),
        (
            field("cxml", TEXT.as_bytes()),
            Via::OtherField,
            &[Code::NonstandardFieldName, Code::NonAsciiInUrlencoded],
        ),
        (field("cxml-base64", base64.as_bytes()), Via::Base64, &[]),
        (field("cxml-base64", broken.as_bytes()), Via::Base64, &[]),
        (
            format!("cXML-base64={base64}").into_bytes(),
            Via::Base64,
            if base64.contains('+') {
                &[Code::Base64Repaired]
            } else {
                &[]
            },
        ),
        (
            field("cXML-Base64", unpadded.as_bytes()),
            Via::Base64,
            if unpadded.len() % 4 == 0 {
                &[]
            } else {
                &[Code::Base64Repaired]
            },
        ),
        (
            field("cXML-base64", for_addresses.as_bytes()),
            Via::Base64,
            if for_addresses.contains(['-', '_']) {
                &[Code::Base64Repaired]
            } else {
                &[]
            },
        ),
        (
            field("cXML-base64", STANDARD.encode(&base64).as_bytes()),
            Via::Base64,
            &[Code::DoubleEncoded],
        ),
        (
            field("cXML-base64", TEXT.as_bytes()),
            Via::Base64,
            &[Code::DoubleEncoded],
        ),
        (
            field("cXML-base64", STANDARD.encode(&utf16).as_bytes()),
            Via::Base64,
            &[],
        ),
        (
            field("cXML-base64", STANDARD.encode(&marked).as_bytes()),
            Via::Base64,
            &[],
        ),
        (TEXT.as_bytes().to_vec(), Via::Bare, &[]),
        (marked.clone(), Via::Bare, &[]),
        (utf16.clone(), Via::Bare, &[]),
        ([b"\r\n ", TEXT.as_bytes()].concat(), Via::Bare, &[]),
        (latin.clone(), Via::Bare, &[Code::NonAsciiInUrlencoded]),
    ] {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let (read, found) = open(&body, Some("application/x-www-form-urlencoded"));
        let read = read.unwrap_or_else(|code| panic!("{code}: {shown}"));
        assert_eq!(
            (read.text.as_str(), read.via, found.as_slice()),
            (TEXT, via, warned),
            "{shown}"
        );
        assert_eq!(read.is_by_form(), via != Via::Bare);
        assert_eq!(read.hash, Opened::of(TEXT.to_owned(), via, Vec::new()).hash);
    }
    let (read, _) = open(&declared, Some("text/xml; charset=utf-8"));
    assert!(read.expect("a document").text.ends_with(TEXT));
}

#[test]
fn base64_goes_before_text() {
    let body = format!(
        "cxml-urlencoded=%3Ca/%3E&cXML-base64={}",
        STANDARD.encode("<b/>")
    );
    assert_eq!(
        open(body.as_bytes(), None).0.expect("a document").text,
        "<b/>"
    );
    let empty = "cXML-base64=&cxml-urlencoded=%3Ca/%3E";
    assert_eq!(
        open(empty.as_bytes(), None).0.expect("a document").text,
        "<a/>"
    );
}

#[test]
fn forms_in_parts_are_read() {
    for (content_type, end) in [
        (Some("multipart/form-data; boundary=x1"), "\r\n"),
        (Some("multipart/form-data; boundary=\"x1\""), "\n"),
        (Some("multipart/form-data"), "\r\n"),
        (None, "\r\n"),
    ] {
        let body = format!(
            "--x1{end}Content-Disposition: form-data; name=\"a\"{end}{end}b{end}--x1{end}content-disposition: form-data; name=\"cXML-urlencoded\"; filename=\"c\"{end}Content-Type: text/xml{end}{end}<a>{end}--x2</a>{end}--x1--{end}"
        );
        let (read, warned) = open(body.as_bytes(), content_type);
        assert_eq!(
            read.expect("a document").text,
            format!("<a>{end}--x2</a>"),
            "{content_type:?}"
        );
        assert_eq!(warned, []);
    }
    assert_eq!(
        open(b"cut off", Some("multipart/form-data; boundary=x1"))
            .0
            .err(),
        Some(Code::NoDocumentField)
    );
}

#[test]
fn what_is_none_is_told() {
    for (body, code) in [
        (b"".as_slice(), Code::EmptyDocument),
        (b" \r\n", Code::EmptyDocument),
        (b"a=b", Code::NoDocumentField),
        (b"{\"a\":1}", Code::NoDocumentField),
        (b"cxml-urlencoded=", Code::NoDocumentField),
        (b"cxml-base64=PGE", Code::BadBase64),
        (b"cxml-base64=%%%%", Code::BadBase64),
        (
            b"<?xml version='1.0' encoding='EBCDIC-XX'?><a/>",
            Code::BadEncoding,
        ),
        (b"\xFE\xFF\x00", Code::BadEncoding),
        (b"\xEF\xBB\xBF ", Code::EmptyDocument),
    ] {
        let found = open(body, None).0.err();
        assert!(
            found == Some(code) || (body == b"cxml-base64=PGE" && found.is_none()),
            "{body:?}: {found:?}"
        );
    }
    let limits = Limits::of(8, 1);
    let code = |body: &[u8]| form::open(body, None, &limits).err().map(|it| it.code);
    assert_eq!(code(b"<a>1234567890</a>"), Some(Code::BodyTooLarge));
    assert_eq!(code(b"<a>123</a>"), Some(Code::LimitExceeded));
    assert_eq!(code(b"<a>1</a>"), None);
}

proptest! {
    /// No bytes make it panic, and what it opens is a text without a byte order mark.
    #[test]
    fn no_bytes_break_it(body in prop::collection::vec(any::<u8>(), 0..200), kind in prop::option::of("[a-z/;= \"-]{0,40}")) {
        if let (Ok(opened), _) = open(&body, kind.as_deref()) {
            let is_marked = opened.text.starts_with('\u{FEFF}');
            prop_assert!(!is_marked && !opened.text.is_empty());
        }
    }

    /// What a form encodes is what is opened.
    #[test]
    fn any_text_comes_through(inner in "[ -~äß€\\n]{0,60}") {
        let text = format!("<a>{inner}</a>");
        for body in [field("cXML-base64", STANDARD.encode(&text).as_bytes()), field("cXML-urlencoded", text.as_bytes())] {
            prop_assert_eq!(&open(&body, None).0.map_err(|it| TestCaseError::fail(it.as_str()))?.text, &text);
        }
    }
}

/// Each of many blanks costs no look at all the others, nor does each of many ampersands.
#[test]
fn large_forms_cost_no_more_than_their_length() {
    let limits = Limits::default();
    let many = limits.document_bytes;
    for (name, value) in [
        ("cXML-base64", format!("A{}A", "+".repeat(many))),
        ("cXML-urlencoded", format!("A{}A", "+".repeat(many))),
        ("cXML-base64", format!("A{}A", "+\n".repeat(many / 2))),
        (
            "cXML-urlencoded",
            format!("%26lt;{}", "%26".repeat(many / 4)),
        ),
    ] {
        let body = format!("{name}={value}");
        let opened = form::open(body.as_bytes(), None, &limits);
        assert!(opened.is_err() || opened.is_ok_and(|it| it.text.len() <= many));
    }
}

#[test]
fn blanks_beside_line_ends_are_none_of_the_value() {
    let value = STANDARD.encode("<a>>>>???~~~</a>");
    let (begin, end) = value.split_at(8);
    for between in ["  \r\n  ", "\n ", " \n", "\r\n"] {
        let body = field("cXML-base64", format!("{begin}{between}{end}").as_bytes());
        let (opened, _) = open(&body, None);
        assert_eq!(
            opened.expect("a document").text,
            "<a>>>>???~~~</a>",
            "{between:?}"
        );
    }
}
