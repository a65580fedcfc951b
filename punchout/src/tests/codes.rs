//! Every code has a document that gets it.

use crate::code::{Code, Stage};
use crate::cxml::cart;
use crate::cxml::request;
use crate::cxml::response;
use crate::finding::{EXCERPT_CHARS_MAX, FINDINGS_MAX, Finding};
use crate::form;
use crate::limits::{Limits, Tolerance};

use super::{cart_of, cart_with, line, read, request_of};

/// What expects more than it lets pass.
fn strict() -> Tolerance {
    Tolerance {
        currency: Some("EUR".to_owned()),
        ship_to: Some("WM-1".to_owned()),
        supplier: vec![("DUNS".to_owned(), "9".to_owned())],
        ..Tolerance::default()
    }
}

fn of_cart(text: &str) -> Vec<Finding> {
    let read = cart::read_text(text, &strict());
    let errors = read.outcome.err().unwrap_or_default();
    errors.into_iter().chain(read.warnings).collect()
}

fn of_request(body: &str) -> Vec<Finding> {
    let read = request::read_text(&request_of(body), &Tolerance::default());
    let errors = read.outcome.err().unwrap_or_default();
    errors.into_iter().chain(read.warnings).collect()
}

fn of_answer(text: &str) -> Vec<Finding> {
    let read = response::read(text.as_bytes(), &Tolerance::default());
    read.outcome.err().unwrap_or_default()
}

fn of_form(body: &[u8]) -> Vec<Finding> {
    let limits = Limits::of(1_000, 10);
    match form::open(body, Some("application/x-www-form-urlencoded"), &limits) {
        Ok(opened) => opened.warnings,
        Err(trouble) => vec![trouble],
    }
}

fn answer(status: &str, payload: &str) -> String {
    format!(
        "<cXML payloadID=\"p\" timestamp=\"2026-05-25T10:00:00-05:00\"><Response><Status code=\"{status}\" text=\"t\"/>{payload}</Response></cXML>"
    )
}

fn whole(root: &str) -> Vec<Finding> {
    of_cart(root)
}

/// For each code what gets it.
fn found(code: Code) -> Vec<Finding> {
    let one = |detail: &str| of_cart(&cart_of(&line("quantity=\"1\"", detail)));
    let with =
        |from: &str, to: &str| of_cart(&cart_of(&line("quantity=\"1\"", "")).replace(from, to));
    match code {
        Code::BodyTooLarge => of_form(&[b'x'; 2_001]),
        Code::NoDocumentField => of_form(b"a=b"),
        Code::BadBase64 => of_form(b"cxml-base64=***"),
        Code::BadEncoding => of_form(b"<?xml version='1.0' encoding='x-none'?><a/>"),
        Code::EmptyDocument => of_form(b"  "),
        Code::NotWellFormed => with("<BuyerCookie>", "<BuyerCookie & >"),
        Code::DoctypeInternalSubset => whole("<!DOCTYPE cXML [<!ENTITY a 'b'>]><cXML/>"),
        Code::DoctypeMisplaced => whole("<cXML/><!DOCTYPE cXML>"),
        Code::UndeclaredEntity => with(">d<", ">&reg;<"),
        Code::IllegalCharacter => with(">d<", ">&#8;<"),
        Code::DuplicateAttribute => with("quantity=\"1\"", "quantity=\"1\" quantity=\"1\""),
        Code::LimitExceeded => of_cart(&cart_of(&line(
            "quantity=\"1\"",
            &"<Extrinsic name=\"a\">b</Extrinsic>".repeat(101),
        ))),
        Code::TrailingContent => with("</cXML>", "</cXML>x"),
        Code::UnclosedElement => with("</cXML>", ""),
        Code::WrongRoot => whole("<Index/>"),
        Code::WrongDocumentType => of_request("<OrderRequest/>"),
        Code::MissingElement => with("<SupplierPartID>P</SupplierPartID>", ""),
        Code::DuplicateElement => {
            with("<BuyerCookie>", "<BuyerCookie>d</BuyerCookie><BuyerCookie>")
        }
        Code::MissingAttribute => with("quantity=\"1\"", ""),
        Code::BadQuantity => with("quantity=\"1\"", "quantity=\"1,000\""),
        Code::BadAmount => with(">1.00</Money></UnitPrice>", ">1,000</Money></UnitPrice>"),
        Code::BadCurrency => with(
            "<UnitPrice><Money currency=\"USD\">",
            "<UnitPrice><Money currency=\"$\">",
        ),
        Code::MixedPriceBasis => one(
            "<PriceBasisQuantity quantity=\"1\" conversionFactor=\"1\"><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity><PriceBasisQuantity quantity=\"2\" conversionFactor=\"1\"><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity>",
        ),
        Code::ContradictoryResponse => of_answer(&answer(
            "400",
            "<PunchOutSetupResponse><StartPage><URL>https://a.example/</URL></StartPage></PunchOutSetupResponse>",
        )),
        Code::UnusableUrl => one("<URL>javascript:alert(1)</URL>"),
        Code::NonstandardTimestamp => with("-05:00", "Z"),
        Code::NonstandardRootCase => of_cart(&cart_of("").replace("cXML", "cxml")),
        Code::NonstandardFieldName => of_form(b"xml=%3Ca/%3E"),
        Code::DoubleEncoded => of_form(b"cxml-urlencoded=%253Ca/%253E"),
        Code::NonAsciiInUrlencoded => of_form("cxml-urlencoded=<a>ü</a>".as_bytes()),
        Code::Base64Repaired => of_form(b"cxml-base64=PGEvPg="),
        Code::SecretInBrowserDocument => with(
            "</Identity>",
            "</Identity><SharedSecret>s3cr3t</SharedSecret>",
        ),
        Code::HeaderMismatch | Code::CurrencyDiffers => one(""),
        Code::TotalMismatch => with("quantity=\"1\"", "quantity=\"3\""),
        Code::UnknownUnit => with(">EA<", ">100/BX<"),
        Code::UnusableClassification => with(">43211503<", ">unknown<"),
        Code::MissingLang => with(" xml:lang=\"en\"", ""),
        Code::ShipToDiffers => of_cart(&cart_with(
            "<Total><Money currency=\"USD\">0</Money></Total><ShipTo><Address addressID=\"WM-2\"><Name xml:lang=\"en\">n</Name></Address></ShipTo>",
            "",
        )),
        Code::DuplicateLineIdentity => of_cart(&cart_of(&line("quantity=\"1\"", "").repeat(2))),
        Code::PriceBasisUsed => one(
            "<PriceBasisQuantity quantity=\"100\" conversionFactor=\"1\"><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity>",
        ),
        Code::NewerElements => with("</ItemID>", "<BuyerPartID>b</BuyerPartID></ItemID>"),
        Code::UnknownElements => with("</ItemID>", "<Unheard>b</Unheard></ItemID>"),
        Code::LineDroppedZeroQuantity => with("quantity=\"1\"", "quantity=\"0\""),
        Code::SerialCountMismatch => of_request(&super::shipments::notice(
            "<AssetInfo serialNumber=\"A1\"/>",
            "2",
        )),
        Code::SerialConflict => {
            let two = super::shipments::notice("<AssetInfo serialNumber=\"A1\"/>", "1");
            let item = &two[two.find("<ShipNoticeItem ").expect("an item")
                ..two.find("</ShipNoticePortion>").expect("an end")];
            of_request(&two.replace(item, &item.repeat(2)))
        }
        // What belongs to sessions, senders and orders is told by whoever knows these.
        _ => Vec::new(),
    }
}

#[test]
fn every_code_of_documents_is_told() {
    for code in Code::ALL.iter().copied() {
        let is_of_documents = !matches!(
            code.stage(),
            Stage::Session | Stage::Authentication | Stage::Business
        );
        let findings = found(code);
        let told: Vec<Code> = findings.iter().map(|it| it.code).collect();
        assert_eq!(
            told.contains(&code),
            is_of_documents || code == Code::SerialConflict,
            "{code}: {told:?}"
        );
        for finding in findings {
            assert!(
                finding
                    .excerpt
                    .as_ref()
                    .is_none_or(|it| it.chars().count() <= EXCERPT_CHARS_MAX)
            );
            assert!(
                !finding.message.is_empty() && !finding.message.contains("s3cr3t"),
                "{finding}"
            );
            assert!(!finding.excerpt.is_some_and(|it| it.contains("s3cr3t")));
        }
    }
}

#[test]
fn codes_are_spelled_once() {
    let mut spelled: Vec<&str> = Code::ALL.iter().map(|it| it.as_str()).collect();
    spelled.sort_unstable();
    spelled.dedup();
    assert_eq!(spelled.len(), Code::ALL.len());
}

#[test]
fn a_fault_is_told_with_its_place() {
    let lines = format!(
        "\n{}\n{}\n  {}",
        line("quantity=\"1\"", ""),
        line("quantity=\"2\"", ""),
        line("quantity=\"1,000\"", "")
    );
    let errors = read(&cart_of(&lines)).outcome.expect_err("an error");
    assert_eq!(
        errors[0].to_string(),
        "bad_quantity: line 5, column 11: ItemIn[3]/@quantity is \"1,000\"; it has a comma, which may part thousands or decimals; expected digits with an optional decimal point. Ask the supplier to send 1000, if that is meant."
    );
    let place = errors[0].place.as_ref().expect("a place");
    assert_eq!(
        place.path,
        "/cXML/Message/PunchOutOrderMessage/ItemIn[3]/@quantity"
    );
    assert!(
        errors[0]
            .excerpt
            .as_deref()
            .is_some_and(|it| it.starts_with("quantity=\"1,000\""))
    );
}

#[test]
fn all_faults_are_told_up_to_a_limit() {
    let read = read(&cart_of(&line("quantity=\"x\"", "").repeat(60)));
    assert_eq!(read.refusals(), vec![Code::BadQuantity; FINDINGS_MAX]);
    let odd = super::read(&cart_of(
        &line("quantity=\"1\"", "").replace(">EA<", "><").repeat(60),
    ));
    let mut units = odd
        .warnings
        .iter()
        .filter(|it| it.code == Code::UnknownUnit);
    assert!(
        units
            .next_back()
            .is_some_and(|it| it.message.ends_with("the same 52 times more"))
    );
    assert!(odd.warnings.len() <= FINDINGS_MAX && odd.warned().contains(&Code::TotalMismatch));
}

#[test]
fn limits_are_those_that_are_set() {
    let tolerance = Tolerance {
        limits: Limits::of(10_000, 2),
        ..Tolerance::default()
    };
    let lines = |count: usize| cart_of(&line("quantity=\"1\"", "").repeat(count));
    assert!(cart::read_text(&lines(2), &tolerance).outcome.is_ok());
    assert_eq!(
        cart::read_text(&lines(3), &tolerance).refusals(),
        [Code::LimitExceeded]
    );
    let large = cart::read_text(&format!("{}{}", lines(1), " ".repeat(10_000)), &tolerance);
    assert_eq!(large.refusals(), [Code::LimitExceeded]);
    let deep = cart_of(&line(
        "quantity=\"1\"",
        &format!(
            "<Extrinsic name=\"a\">{}{}</Extrinsic>",
            "<a>".repeat(80),
            "</a>".repeat(80)
        ),
    ));
    assert_eq!(read(&deep).refusals(), [Code::LimitExceeded]);
    let auxiliary = |length: usize| {
        cart_of(&line("quantity=\"1\"", "").replace(
            "</ItemID>",
            &format!(
                "<SupplierPartAuxiliaryID>{}</SupplierPartAuxiliaryID></ItemID>",
                "a".repeat(length)
            ),
        ))
    };
    assert!(read(&auxiliary(2_048)).outcome.is_ok());
    assert_eq!(read(&auxiliary(2_049)).refusals(), [Code::LimitExceeded]);
}
