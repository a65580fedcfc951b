//! The pages for the supplier's staff, by plain forms.

use super::super::Running;
use super::buyer::{Buyer, OK};
use super::client;
use super::orders::ordered;

const PO: &str = "PO-2026-004417";

async fn pressed(simulator: &Running, act: &str, fields: &[(&str, &str)]) -> u16 {
    pressed_on(simulator, simulator.url(), act, fields).await
}

async fn pressed_on(simulator: &Running, origin: &str, act: &str, fields: &[(&str, &str)]) -> u16 {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    let request = client()
        .post(format!("{}/office/{act}", simulator.url()))
        .header("origin", origin)
        .body(form.finish());
    request.send().await.expect("an answer").status().as_u16()
}

async fn page(simulator: &Running) -> String {
    let page = client()
        .get(simulator.office_url())
        .send()
        .await
        .expect("an answer");
    page.text().await.expect("a page")
}

#[tokio::test]
async fn every_button_sends_its_document() {
    let (simulator, buyer) = (ordered().await, Buyer::answering(OK).await);
    assert_eq!(
        pressed(
            &simulator,
            "confirm",
            &[("order", PO), ("answer", "accept")]
        )
        .await,
        400,
        "nobody said where to"
    );
    assert_eq!(
        pressed(&simulator, "documents", &[("address", buyer.url.as_str())]).await,
        303
    );
    for (act, fields) in [
        ("confirm", vec![("answer", "accept")]),
        (
            "confirm",
            vec![("answer", "price"), ("line", "1"), ("price", "1199.00")],
        ),
        (
            "confirm",
            vec![
                ("answer", "substitute"),
                ("line", "1"),
                ("part", "QLN-16-32-1T"),
            ],
        ),
        ("confirm", vec![("answer", "back-order"), ("line", "2")]),
        ("confirm", vec![("answer", "reject-line"), ("line", "2")]),
        ("confirm", vec![("answer", "reject")]),
        (
            "ship",
            vec![("line-1", "1"), ("line-2", "0"), ("serials", "packaging")],
        ),
        (
            "ship",
            vec![
                ("line-1", "2"),
                ("line-2", "1"),
                ("serials", "extrinsic"),
                ("notice", "update"),
            ],
        ),
        ("invoice", vec![("purpose", "standard")]),
        ("invoice", vec![("purpose", "credit")]),
        ("ship", vec![("notice", "delete")]),
        ("status", vec![("code", "201")]),
    ] {
        let fields = [&[("order", PO)], &fields[..]].concat();
        assert_eq!(
            pressed(&simulator, act, &fields).await,
            303,
            "{act} {fields:?}"
        );
    }
    assert_eq!(buyer.kept().len(), 12);
    let again = simulator
        .sent()
        .first()
        .map(|sent| sent.payload_id.clone())
        .expect("something");
    assert_eq!(
        pressed(&simulator, "again", &[("payload_id", &again)]).await,
        303
    );
    let page = page(&simulator).await;
    assert!(
        page.contains("200 OK: taken in") && page.contains("(the secret)"),
        "{page}"
    );
    assert!(
        !page.contains("larkmoor-to-buyer"),
        "pages are shown to others"
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let (simulator, buyer) = (ordered().await, Buyer::answering(OK).await);
    simulator.documents_to(buyer.url.clone());
    for (wanted, act, fields) in [
        (400, "documents", vec![("address", "ftp://habeo")]),
        (400, "confirm", vec![("order", PO), ("answer", "odd")]),
        (
            400,
            "confirm",
            vec![
                ("order", PO),
                ("answer", "price"),
                ("line", "9"),
                ("price", "1"),
            ],
        ),
        (400, "ship", vec![("order", PO), ("line-1", "0")]),
        (400, "ship", vec![("order", PO), ("notice", "delete")]),
        (400, "invoice", vec![("order", PO)]),
        (404, "status", vec![("order", "PO-1")]),
        (404, "again", vec![("payload_id", "never")]),
        (404, "burn", vec![]),
    ] {
        assert_eq!(
            pressed(&simulator, act, &fields).await,
            wanted,
            "{act} {fields:?}"
        );
    }
    assert!(buyer.kept().is_empty());
}

/// A page of somebody else must not press the buttons of whoever runs this on their own machine.
#[tokio::test]
async fn other_sites_press_no_buttons() {
    let (simulator, buyer) = (ordered().await, Buyer::answering(OK).await);
    simulator.documents_to(buyer.url.clone());
    let fields = [("order", PO), ("answer", "accept")];
    for origin in ["https://elsewhere.example", "null", "http://localhost:1"] {
        assert_eq!(
            pressed_on(&simulator, origin, "confirm", &fields).await,
            403,
            "{origin}"
        );
    }
    let renamed = client()
        .get(simulator.office_url())
        .header("host", "elsewhere.example");
    assert_eq!(
        renamed.send().await.expect("an answer").status().as_u16(),
        403
    );
    assert!(buyer.kept().is_empty());
}
