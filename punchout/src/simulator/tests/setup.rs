//! Opening sessions, and what stands in the way.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::vendor::Vendor;
use super::super::{Decimal, Operation, Quirk, Settings, receive};
use super::dtd::assert_valid;
use super::{code, opened, setup, started, told};

#[tokio::test]
async fn a_session_opens_with_a_start_page() {
    let simulator = started(Settings::default()).await;
    let (status, answer) = told(&simulator, setup("create", "")).await;
    assert_eq!(status.as_u16(), 200);
    assert_valid(&answer, "cXML-1.2.014.dtd");
    let session = simulator.last_session().expect("a session");
    assert!(
        answer.contains(&format!(
            "<URL>{}/shop/{}</URL>",
            simulator.url(),
            session.id
        )),
        "{answer}"
    );
    assert_eq!(session.user.as_deref(), Some("dokafor"));
    assert_eq!(
        session.origin.address().map(url::Url::as_str),
        Some("https://habeo.example.edu/api/punchout/return?a=1&b=2")
    );
}

#[tokio::test]
async fn the_profile_names_what_is_taken() {
    let simulator = started(Settings::default()).await;
    let (_, answer) = told(
        &simulator,
        super::request("1.1.a@habeo", "<ProfileRequest/>"),
    )
    .await;
    assert_valid(&answer, "cXML-1.2.014.dtd");
    assert!(answer.contains("requestName=\"OrderRequest\""), "{answer}");
}

/// Each is refused under HTTP 200, without a payload, and opens nothing.
#[tokio::test]
async fn refusals_are_answers_of_the_protocol() {
    let simulator = started(Settings::default()).await;
    let good = setup("create", "");
    let cases = [
        (401, good.replace("buyer-to-larkmoor", "guessed")),
        (
            401,
            good.replace("WESTMARK</Identity><Shared", "OTHER</Identity><Shared"),
        ),
        (400, good.replace("080000017", "999999999")),
        (400, setup("destroy", "")),
        (400, setup("edit", "")),
        (450, setup("source", "")),
        (
            450,
            super::request("1.1.a@habeo", "<CatalogUploadRequest/>"),
        ),
        (
            400,
            good.replace("BuyerCookie>", "Cookie>")
                .replace("<Cookie>", "<Extrinsic name=\"x\">")
                .replace("</Cookie>", "</Extrinsic>"),
        ),
        (406, good.replace("</cXML>", "")),
        (406, good.replace("pbJ1x0y8m3s5Zk2Qw9Rt7A", "&nbsp;")),
        (406, String::new()),
        (406, "{\"not\": \"XML\"}".to_owned()),
        (499, good.replace("dokafor", &"x".repeat(1024 * 1024))),
    ];
    for (wanted, document) in cases {
        let (status, answer) = told(&simulator, document.clone()).await;
        assert_eq!(
            (status.as_u16(), code(&answer)),
            (200, wanted),
            "{answer}\n{}",
            document.get(..2000).unwrap_or(&document)
        );
        assert!(!answer.contains("StartPage"), "{answer}");
        assert_valid(&answer, "cXML-1.2.014.dtd");
    }
    assert!(simulator.sessions().is_empty());
}

/// Our own mistakes are to be found by somebody who looks for them.
#[tokio::test]
async fn a_strict_supplier_refuses_what_the_guide_forbids() {
    let strict = started(Settings::default()).await;
    let lenient = started(Settings {
        strict: false,
        ..Settings::default()
    })
    .await;
    let good = setup(
        "create",
        "<Contact role=\"endUser\"><Name xml:lang=\"en\">Dana</Name></Contact>",
    );
    let contact = "<Contact role=\"endUser\"><Name xml:lang=\"en\">Dana</Name></Contact>";
    for (mistake, document) in [
        (
            "no DOCTYPE",
            good.replace(
                "<!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd\">",
                "",
            ),
        ),
        ("a date with Z", good.replace("-05:00\"", "Z\"")),
        (
            "an empty name",
            good.replace("1779703200.1.a@habeo.example.edu", ""),
        ),
        (
            "the form after the contact",
            good.replace(contact, "")
                .replace("<BrowserFormPost>", &format!("{contact}<BrowserFormPost>")),
        ),
        (
            "a newer element",
            good.replace(
                "</PunchOutSetupRequest>",
                "<Indicator/></PunchOutSetupRequest>",
            ),
        ),
    ] {
        let (_, answer) = told(&strict, document.clone()).await;
        assert_eq!(code(&answer), 406, "{mistake}: {answer}");
        let (_, answer) = told(&lenient, document).await;
        assert_eq!(code(&answer), 200, "{mistake}: {answer}");
    }
}

#[tokio::test]
async fn an_earlier_cart_can_be_edited_and_looked_at() {
    let simulator = started(Settings::default()).await;
    let first = opened(&simulator).await;
    simulator
        .put(&first.id, "ANG 40 B", Decimal::whole(2))
        .expect("it is sold");
    let line = simulator.last_session().expect("a session").lines.remove(0);
    let item = format!(
        "<ItemOut quantity=\"2\"><ItemID><SupplierPartID>ANG 40 B</SupplierPartID>\
         <SupplierPartAuxiliaryID>{}</SupplierPartAuxiliaryID></ItemID></ItemOut>",
        line.auxiliary
    );
    for (operation, is_read_only) in [("edit", false), ("inspect", true)] {
        let (_, answer) = told(&simulator, setup(operation, &item)).await;
        assert_eq!(code(&answer), 200, "{answer}");
        let session = simulator.last_session().expect("a session");
        assert_eq!(session.lines, std::slice::from_ref(&line), "{operation}");
        assert_eq!(session.is_read_only(), is_read_only);
        assert_eq!(
            simulator
                .put(&session.id, "SVC-SETUP-HR", Decimal::whole(1))
                .is_err(),
            is_read_only
        );
    }
    let forgotten = item.replace(&first.id, "another");
    let (_, answer) = told(&simulator, setup("edit", &forgotten)).await;
    assert_eq!(code(&answer), 412, "{answer}");
    let unknown = item.replace("ANG 40 B", "NOT SOLD");
    let (_, answer) = told(&simulator, setup("edit", &unknown)).await;
    assert_eq!(code(&answer), 400, "{answer}");
}

#[tokio::test]
async fn what_is_not_offered_and_what_is_not_allowed_differ() {
    let item = "<ItemOut quantity=\"1\"><ItemID><SupplierPartID>CRB-CAT6-M</SupplierPartID></ItemID></ItemOut>";
    let settings = Settings {
        operations: BTreeSet::from([Operation::Create]),
        ..Settings::default()
    };
    let simulator = started(settings).await;
    let (_, answer) = told(&simulator, setup("inspect", item)).await;
    assert_eq!(code(&answer), 450, "{answer}");
    let simulator = started(Settings {
        allowed: Operation::Inspect,
        ..Settings::default()
    })
    .await;
    let (_, answer) = told(&simulator, setup("edit", item)).await;
    assert_eq!(code(&answer), 412, "{answer}");
}

/// The oldest visits are forgotten: whoever opens sessions without end fills no memory.
#[tokio::test]
async fn what_is_remembered_is_bounded() {
    let vendor = Vendor::new(Settings::default(), String::new(), Vec::new()).expect("a client");
    let document = setup("create", "");
    for _ in 0..600 {
        receive::answer(&vendor, Some("text/xml"), document.as_bytes());
    }
    let state = vendor.state();
    assert_eq!((state.sessions.len(), state.received.len()), (500, 100));
}

#[tokio::test]
async fn wrong_answers_are_given_on_demand() {
    let simulator = started(Settings::default()).await;
    let answer_with = async |quirk: Quirk| {
        simulator.misbehave([quirk]);
        told(&simulator, setup("create", "")).await
    };
    let (status, page) = answer_with(Quirk::WebPage).await;
    assert!(
        status.is_success() && page.starts_with("<!doctype html>"),
        "{page}"
    );
    assert_eq!(answer_with(Quirk::EmptyAnswer).await.1, "");
    assert_eq!(answer_with(Quirk::Redirect).await.0.as_u16(), 307);
    assert_eq!(answer_with(Quirk::ServerError).await.0.as_u16(), 500);
    let (_, contradiction) = answer_with(Quirk::Contradiction).await;
    assert!(
        code(&contradiction) == 400 && contradiction.contains("<StartPage>"),
        "{contradiction}"
    );
    let (_, padded) = answer_with(Quirk::PaddedUrl).await;
    assert!(padded.contains("<URL>\n      http://"), "{padded}");
    let (_, sections) = answer_with(Quirk::Cdata).await;
    assert!(sections.contains("<URL><![CDATA[http://"), "{sections}");
    simulator.misbehave([]);
    simulator.delay(Duration::from_mins(10));
    let slow = tokio::time::timeout(
        Duration::from_millis(300),
        told(&simulator, setup("create", "")),
    )
    .await;
    assert!(slow.is_err(), "it takes its time");
}
