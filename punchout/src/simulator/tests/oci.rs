//! The other protocol.

use super::super::{Decimal, Leaving, Running, Settings};
use super::{client, started};

const HOOK: &str = "https://habeo.example.edu/api/punchout/oci/k3y?x=1";

/// Calls the catalogue up, and takes where that leads, or the page.
async fn called(simulator: &Running, fields: &[(&str, &str)]) -> (u16, String) {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    let request = client()
        .post(simulator.oci_url())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://habeo.example.edu")
        .body(form.finish());
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let location = response
        .headers()
        .get("location")
        .map(|to| to.to_str().expect("text").to_owned());
    (
        status,
        location.unwrap_or(response.text().await.expect("a page")),
    )
}

const CALL: [(&str, &str); 4] = [
    ("username", "westmark"),
    ("PASSWORD", "catalogue"),
    ("HOOK_URL", HOOK),
    ("~TARGET", "_top"),
];

#[tokio::test]
async fn a_cart_goes_back_as_fields() {
    let simulator = started(Settings::default()).await;
    let (status, location) = called(&simulator, &CALL).await;
    let session = simulator.last_session().expect("a session").id;
    assert_eq!((status, location), (303, format!("/shop/{session}")));
    simulator
        .put(&session, "CRB-CAT6-M", "2.5".parse().expect("a decimal"))
        .expect("it is sold");
    simulator
        .put(&session, "QLN-14-16-512", Decimal::whole(3))
        .expect("it is sold");
    let form = simulator
        .buyer_form(&session, Leaving::WithCart)
        .expect("a way back");
    assert_eq!(
        (form.action.as_str(), form.target.as_deref()),
        (HOOK, Some("_top"))
    );
    for (name, value) in [
        ("NEW_ITEM-VENDORMAT[1]", "CRB-CAT6-M"),
        ("NEW_ITEM-QUANTITY[1]", "2.5"),
        ("NEW_ITEM-PRICE[1]", "110.30"),
        ("NEW_ITEM-PRICEUNIT[1]", "100"),
        ("NEW_ITEM-PRICEUNIT[2]", ""),
        ("NEW_ITEM-UNIT[2]", "EA"),
        ("NEW_ITEM-MANUFACTMAT[2]", "FB14-G3-1651"),
        (
            "NEW_ITEM-LONGTEXT_2:132[]",
            "14-inch laptop, 16 GB & 512 GB SSD",
        ),
    ] {
        assert!(
            form.fields.contains(&(name.to_owned(), value.to_owned())),
            "{name}: {:?}",
            form.fields
        );
    }
    let empty = simulator
        .cart_form(&session, Leaving::Empty)
        .expect("a way back");
    assert!(empty.body.is_empty(), "an empty cart and none look alike");
}

#[tokio::test]
async fn the_catalogue_answers_by_itself() {
    let simulator = started(Settings::default()).await;
    let with = |more: &[(&'static str, &'static str)]| [&CALL[..], more].concat();
    let (status, page) = called(
        &simulator,
        &with(&[
            ("FUNCTION", "VALIDATE"),
            ("PRODUCTID", "QLN-14-16-512"),
            ("QUANTITY", "4"),
        ]),
    )
    .await;
    assert_eq!(status, 200);
    assert!(
        page.contains("name=\"NEW_ITEM-QUANTITY[1]\" value=\"4\""),
        "{page}"
    );
    let (_, page) = called(
        &simulator,
        &with(&[
            ("FUNCTION", "BACKGROUND_SEARCH"),
            ("SEARCHSTRING", "corbel"),
        ]),
    )
    .await;
    assert!(
        page.contains("NEW_ITEM-VENDORMAT[2]") && !page.contains("NEW_ITEM-VENDORMAT[3]"),
        "{page}"
    );
    let (status, _) = called(
        &simulator,
        &with(&[("FUNCTION", "DETAIL"), ("PRODUCTID", "SVC-SETUP-HR")]),
    )
    .await;
    assert_eq!(status, 303);
    assert_eq!(
        simulator
            .last_session()
            .expect("a session")
            .selected
            .as_deref(),
        Some("SVC-SETUP-HR")
    );
}

#[tokio::test]
async fn a_wrong_call_opens_nothing() {
    let simulator = started(Settings::default()).await;
    let without = |name: &str| {
        CALL.iter()
            .copied()
            .filter(|(known, _)| *known != name)
            .collect::<Vec<_>>()
    };
    for (wanted, fields) in [
        (401, without("PASSWORD")),
        (
            401,
            [&without("PASSWORD")[..], &[("PASSWORD", "guessed")]].concat(),
        ),
        (400, without("HOOK_URL")),
        (
            400,
            [
                &without("HOOK_URL")[..],
                &[("HOOK_URL", "javascript:alert(1)")],
            ]
            .concat(),
        ),
        (400, [&CALL[..], &[("FUNCTION", "SOURCING")]].concat()),
        (
            400,
            [
                &CALL[..],
                &[("FUNCTION", "VALIDATE"), ("PRODUCTID", "NOT SOLD")],
            ]
            .concat(),
        ),
        (413, [&CALL[..], &[("more", &"x".repeat(70_000))]].concat()),
    ] {
        assert_eq!(called(&simulator, &fields).await.0, wanted);
    }
    assert!(simulator.sessions().is_empty());
}
