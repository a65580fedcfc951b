//! Carts on their way back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::{Decimal, Encoding, Leaving, Posted, Quirk, Running, Settings};
use super::dtd::assert_valid;
use super::{opened, started};

/// A cart with one of everything that goes wrong in practice.
async fn filled(settings: Settings) -> (Running, String) {
    let simulator = started(settings).await;
    let session = opened(&simulator).await;
    for (part, quantity) in [
        ("ANG 40 B", "2"),
        ("CRB-CAT6-M", "2.5"),
        ("CRB-HDMI-2M-BX", "3"),
        ("SVC-SETUP-HR", "1"),
    ] {
        let quantity = quantity.parse().expect("a decimal");
        simulator
            .put(&session.id, part, quantity)
            .expect("it is sold");
    }
    (simulator, session.id)
}

/// What the browser posts when the visitor leaves.
fn posted(simulator: &Running, session: &str, leaving: Leaving) -> Posted {
    simulator.cart_form(session, leaving).expect("a way back")
}

/// The one field of a form, decoded as every reader of forms does.
pub fn value(posted: &Posted) -> (String, String) {
    let mut pairs = url::form_urlencoded::parse(&posted.body);
    let (name, value) = pairs.next().expect("a field");
    (name.into_owned(), value.into_owned())
}

#[tokio::test]
async fn a_cart_goes_back_in_ascii() {
    let (simulator, session) = filled(Settings::default()).await;
    let posted = posted(&simulator, &session, Leaving::WithCart);
    assert_eq!(
        posted.url.as_str(),
        "https://habeo.example.edu/api/punchout/return?a=1&b=2"
    );
    assert_eq!(posted.content_type, "application/x-www-form-urlencoded");
    let (name, document) = value(&posted);
    assert_eq!(name, "cXML-urlencoded");
    assert!(document.is_ascii());
    assert_valid(&document, "cXML-1.2.014.dtd");
    for part in [
        "<BuyerCookie>pbJ1x0y8m3s5Zk2Qw9Rt7A</BuyerCookie>",
        "inReplyTo=\"1779703200.1.a@habeo.example.edu\"",
        "deploymentMode=\"test\"",
        "operationAllowed=\"edit\"",
        "<SupplierPartID>ANG 40 B</SupplierPartID>",
        "&#197;ngvik F&#246;rstoring 40",
        "quantity=\"2.5\"",
        "<Money currency=\"USD\">1.103</Money>",
        // 2 × 624.50 + 2.5 × 1.103 + 3 × 89.90 + 95.00
        "<Total><Money currency=\"USD\">1616.4575</Money></Total>",
        "|line=L\\",
    ] {
        assert!(document.contains(part), "{part}\n{document}");
    }
    assert!(!document.contains("SharedSecret"), "{document}");
}

#[tokio::test]
async fn a_cart_goes_back_in_base64() {
    let (simulator, session) = filled(Settings {
        encoding: Encoding::Base64,
        ..Settings::default()
    })
    .await;
    let (name, encoded) = value(&posted(&simulator, &session, Leaving::WithCart));
    assert_eq!(name, "cXML-base64");
    let document = String::from_utf8(STANDARD.decode(encoded).expect("base64")).expect("UTF-8");
    assert!(document.contains("Ångvik Förstoring 40"), "{document}");
    assert_valid(&document, "cXML-1.2.014.dtd");
}

#[tokio::test]
async fn leaving_without_a_cart_has_two_meanings() {
    let (simulator, session) = filled(Settings::default()).await;
    let (_, empty) = value(&posted(&simulator, &session, Leaving::Empty));
    assert!(
        !empty.contains("ItemIn") && !empty.contains("<Status"),
        "{empty}"
    );
    let (_, unchanged) = value(&posted(&simulator, &session, Leaving::NoChange));
    assert!(unchanged.contains("<Status code=\"204\""), "{unchanged}");
    assert_valid(&empty, "cXML-1.2.014.dtd");
    assert_valid(&unchanged, "cXML-1.2.014.dtd");
}

#[tokio::test]
async fn a_cart_can_be_changed_until_it_is_returned() {
    let (simulator, session) = filled(Settings::default()).await;
    simulator
        .change(&session, 0, Decimal::whole(7))
        .expect("a line");
    simulator.remove(&session, 1).expect("a line");
    assert!(simulator.change(&session, 0, Decimal::ZERO).is_err());
    assert!(simulator.remove(&session, 9).is_err());
    assert!(
        simulator
            .put(&session, "NOT SOLD", Decimal::whole(1))
            .is_err()
    );
    let (_, document) = value(&posted(&simulator, &session, Leaving::WithCart));
    assert!(
        document.contains("<ItemIn quantity=\"7\" lineNumber=\"1\">"),
        "{document}"
    );
    assert_eq!(document.matches("<ItemIn ").count(), 3);
}

/// What a browser makes of the form is what a page of ours shows it: the page is the only other way to a cart.
#[tokio::test]
async fn the_page_holds_the_same_form() {
    let (simulator, session) = filled(Settings::default().quirks([Quirk::ExtraFields])).await;
    let form = simulator
        .buyer_form(&session, Leaving::WithCart)
        .expect("a way back");
    let names: Vec<&str> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["oracleCart", "cXML-urlencoded", "submit"]);
    let page = super::client()
        .get(format!("{}/shop/{session}", simulator.url()))
        .send()
        .await;
    let page = page.expect("an answer").text().await.expect("a page");
    assert!(
        page.contains("action=\"https://habeo.example.edu/api/punchout/return?a=1&#38;b=2\""),
        "{page}"
    );
    assert!(page.contains("name=\"cXML-urlencoded\""), "{page}");
    assert!(!page.contains("<script"), "{page}");
}
