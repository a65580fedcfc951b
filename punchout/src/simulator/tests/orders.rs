//! Orders: taken in once, changed and taken back.

use super::super::{Quirk, Running, Settings};
use super::{code, request, started, told};

const PO: &str = "PO-2026-004417";

/// An order of two laptops and three boxes of cables.
pub fn order(payload_id: &str, kind: &str, quantity: u32, earlier: Option<&str>) -> String {
    let line = |number: u32, quantity: u32, part: &str, unit: &str, price: &str| {
        format!(
            "<ItemOut quantity=\"{quantity}\" lineNumber=\"{number}\"><ItemID><SupplierPartID>{part}</SupplierPartID></ItemID><ItemDetail>\
             <UnitPrice><Money currency=\"USD\">{price}</Money></UnitPrice><Description xml:lang=\"en-US\">Ordered &amp; wanted</Description>\
             <UnitOfMeasure>{unit}</UnitOfMeasure><Classification domain=\"UNSPSC\">43211503</Classification></ItemDetail></ItemOut>"
        )
    };
    let reference = earlier.map(|earlier| format!("<DocumentReference payloadID=\"{earlier}\"/>"));
    let content = format!(
        "<OrderRequest><OrderRequestHeader orderID=\"{PO}\" orderDate=\"2026-05-26T10:06:40-05:00\" type=\"{kind}\">\
         <Total><Money currency=\"USD\">2567.70</Money></Total><BillTo><Address><Name xml:lang=\"en-US\">Westmark</Name></Address></BillTo>{}\
         </OrderRequestHeader>{}{}</OrderRequest>",
        reference.unwrap_or_default(),
        line(1, quantity, "QLN-14-16-512", "EA", "1149.00"),
        line(2, 3, "CRB-HDMI-2M-BX", "BX", "89.90"),
    );
    request(payload_id, &content)
}

/// A simulator that has the order.
pub async fn ordered() -> Running {
    let simulator = started(Settings::default()).await;
    let (_, answer) = told(&simulator, order("1.1.a@habeo", "new", 2, None)).await;
    assert_eq!(code(&answer), 200, "{answer}");
    simulator
}

#[tokio::test]
async fn an_order_is_taken_in_once() {
    let simulator = ordered().await;
    let (_, again) = told(&simulator, order("1.1.a@habeo", "new", 2, None)).await;
    assert_eq!(code(&again), 200, "the same document gets the same answer");
    let (_, other) = told(&simulator, order("1.1.a@habeo", "new", 5, None)).await;
    assert_eq!(code(&other), 409, "another document under the same name");
    let (_, twice) = told(&simulator, order("1.2.b@habeo", "new", 2, None)).await;
    assert_eq!(code(&twice), 409, "the same order under another name");
    let orders = simulator.orders();
    assert_eq!(orders.len(), 1);
    let quantities: Vec<String> = orders[0]
        .lines
        .iter()
        .map(|line| line.quantity.to_string())
        .collect();
    assert_eq!(
        (orders[0].id.as_str(), quantities),
        (PO, vec!["2".to_owned(), "3".to_owned()])
    );
}

#[tokio::test]
async fn an_order_is_changed_and_taken_back() {
    let simulator = ordered().await;
    let (_, lost) = told(
        &simulator,
        order("1.2.b@habeo", "update", 4, Some("0.0.z@habeo")),
    )
    .await;
    assert_eq!(code(&lost), 417, "it means a document that never came");
    let (_, nameless) = told(&simulator, order("1.3.c@habeo", "update", 4, None)).await;
    assert_eq!(code(&nameless), 400);
    let (_, changed) = told(
        &simulator,
        order("1.4.d@habeo", "update", 4, Some("1.1.a@habeo")),
    )
    .await;
    assert_eq!(code(&changed), 200, "{changed}");
    let order_now = simulator.order(PO).expect("an order");
    assert_eq!(
        (
            order_now.payload_id.as_str(),
            order_now.lines[0].quantity.to_string().as_str()
        ),
        ("1.4.d@habeo", "4")
    );
    let (_, gone) = told(
        &simulator,
        order("1.5.e@habeo", "delete", 4, Some("1.4.d@habeo")),
    )
    .await;
    assert_eq!(code(&gone), 200, "{gone}");
    assert!(simulator.order(PO).expect("an order").is_cancelled);
    let (_, late) = told(
        &simulator,
        order("1.6.f@habeo", "update", 4, Some("1.5.e@habeo")),
    )
    .await;
    assert_eq!(code(&late), 409, "{late}");
}

#[tokio::test]
async fn orders_are_answered_as_a_test_wants() {
    let simulator = started(Settings::default()).await;
    simulator.answer_orders(Some(560));
    let (_, answer) = told(&simulator, order("1.1.a@habeo", "new", 2, None)).await;
    assert_eq!(code(&answer), 560);
    simulator.answer_orders(Some(201));
    let (_, answer) = told(&simulator, order("1.1.a@habeo", "new", 2, None)).await;
    assert_eq!(code(&answer), 201, "an outage binds nobody");
    simulator.answer_orders(None);
    let (_, answer) = told(&simulator, order("1.1.a@habeo", "new", 2, None)).await;
    assert_eq!(code(&answer), 201, "the answer is kept");
    let refusing = started(Settings::default()).await;
    refusing.answer_orders(Some(400));
    let (_, answer) = told(&refusing, order("1.1.a@habeo", "new", 2, None)).await;
    assert_eq!(code(&answer), 400);
    assert!(refusing.orders().is_empty());
    refusing.misbehave([Quirk::WebPage]);
    let (_, page) = told(&refusing, order("1.2.b@habeo", "new", 2, None)).await;
    assert!(
        page.starts_with("<!doctype html>") && refusing.received().len() == 1,
        "{page}"
    );
}

#[tokio::test]
async fn an_order_that_cannot_be_filled_is_refused() {
    let simulator = started(Settings::default()).await;
    let good = order("1.1.a@habeo", "new", 2, None);
    for (name, wrong) in [
        (
            "b",
            good.replace("<SupplierPartID>QLN-14-16-512", "<SupplierPartID>NOT SOLD"),
        ),
        ("c", good.replace("quantity=\"2\"", "quantity=\"two\"")),
        ("d", good.replace("quantity=\"2\"", "quantity=\"0\"")),
        (
            "e",
            good.replace(
                "<BillTo><Address><Name xml:lang=\"en-US\">Westmark</Name></Address></BillTo>",
                "",
            ),
        ),
        (
            "f",
            good.replace("orderID=\"PO-2026-004417\"", "orderID=\"\""),
        ),
        ("g", good.replace("type=\"new\"", "type=\"odd\"")),
        ("h", good.replace(" lineNumber=\"1\"", "")),
    ] {
        let (_, answer) = told(
            &simulator,
            wrong.replace("1.1.a@habeo", &format!("{name}@habeo")),
        )
        .await;
        assert_eq!(code(&answer), 400, "{name}: {answer}");
    }
    assert!(simulator.orders().is_empty());
}
