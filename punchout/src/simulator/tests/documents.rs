//! What the supplier tells the buyer: valid, signed with the secret, and about the right lines.

use super::super::confirm::{Confirmation, Fate};
use super::super::invoice::Purpose;
use super::super::ship::{Notice, Piece, SerialPlace, Shipment};
use super::super::{Decimal, NotSent, Outcome, Running, catalogue};
use super::buyer::{Buyer, OK};
use super::dtd::assert_valid;
use super::orders::ordered;

const PO: &str = "PO-2026-004417";
const FULFILL: &str = "Fulfill-1.2.050.dtd";

async fn both() -> (Running, Buyer) {
    let (simulator, buyer) = (ordered().await, Buyer::answering(OK).await);
    simulator.documents_to(buyer.url.clone());
    (simulator, buyer)
}

fn has(document: &str, parts: &[&str]) {
    for part in parts {
        assert!(document.contains(part), "{part}\n{document}");
    }
}

#[tokio::test]
async fn confirmations_say_all_that_can_be_said() {
    let (simulator, buyer) = both().await;
    let accepted = simulator
        .confirm(PO, Confirmation::accept())
        .await
        .expect("sent");
    let status = Outcome::Status {
        code: 200,
        text: "OK: taken in".to_owned(),
    };
    assert_eq!(
        (&accepted.body, accepted.outcome),
        (&buyer.kept()[0], status)
    );
    has(
        &accepted.body,
        &[
            "<Sender><Credential domain=\"DUNS\"><Identity>080000017</Identity><SharedSecret>larkmoor-to-buyer</SharedSecret>",
            "<To><Credential domain=\"NetworkID\"><Identity>WESTMARK</Identity>",
            "<Request deploymentMode=\"test\">",
            "type=\"accept\"",
            "<OrderReference orderID=\"PO-2026-004417\" orderDate=\"2026-05-26T10:06:40-05:00\"><DocumentReference payloadID=\"1.1.a@habeo\"/>",
        ],
    );
    assert_valid(&accepted.body, FULFILL);
    let other = catalogue::by_part("QLN-16-32-1T").expect("it is sold");
    let mixed = Confirmation::by_line()
        .numbered("C-771")
        .line(
            1,
            Decimal::whole(1),
            Fate::Priced("1199.5".parse().expect("a decimal")),
        )
        .line(1, Decimal::whole(1), Fate::Replaced(other))
        .line(2, Decimal::whole(1), Fate::Accepted)
        .line(2, Decimal::whole(1), Fate::BackOrdered(21))
        .line(2, Decimal::whole(1), Fate::Rejected);
    let mixed = simulator.confirm(PO, mixed).await.expect("sent").body;
    has(
        &mixed,
        &[
            "confirmID=\"C-771\"",
            "<Money currency=\"USD\">1199.50<",
            "<SupplierPartID>QLN-16-32-1T<",
            "type=\"backordered\" shipmentDate=",
            "type=\"reject\"",
        ],
    );
    assert_valid(&mixed, FULFILL);
    let rejected = simulator
        .confirm(PO, Confirmation::reject().numbered("C-771").updating())
        .await
        .expect("sent");
    has(&rejected.body, &["operation=\"update\"", "type=\"reject\""]);
    assert_valid(&rejected.body, FULFILL);
}

#[tokio::test]
async fn shipments_carry_serial_numbers_where_they_are_told_to() {
    let (simulator, _buyer) = both().await;
    let pieces = || {
        [
            Piece::serial("PF3A7K21")
                .tagged("WM-104551")
                .with("MACAddress", "00:1B:44:11:3A:B7"),
            Piece::serial("PF3A7K22"),
        ]
    };
    for (place, parts) in [
        (
            SerialPlace::Asset,
            vec![
                "<AssetInfo serialNumber=\"PF3A7K21\" tagNumber=\"WM-104551\"><Extrinsic name=\"MACAddress\">",
                "<AssetInfo serialNumber=\"PF3A7K22\"/>",
            ],
        ),
        (
            SerialPlace::Packaging,
            vec!["</PackagingCode><AssetInfo serialNumber=\"PF3A7K21\""],
        ),
        (
            SerialPlace::Extrinsic,
            vec![
                "<Extrinsic name=\"Serial Numbers\">PF3A7K21, PF3A7K22<",
                "<Extrinsic name=\"assetTags\">WM-104551<",
            ],
        ),
        (
            SerialPlace::Nowhere,
            vec!["<ShipNoticeItem quantity=\"2\" lineNumber=\"1\""],
        ),
    ] {
        let shipment = Shipment::whole()
            .numbered("SHP-1")
            .line(1, Decimal::whole(2), pieces())
            .serials_in(place);
        let sent = simulator
            .ship(PO, shipment.again_as(Notice::Update))
            .await
            .expect("sent");
        has(&sent.body, &parts);
        has(
            &sent.body,
            &[
                "shipmentID=\"SHP-1\"",
                "operation=\"update\"",
                "fulfillmentType=\"partial\"",
            ],
        );
        assert_eq!(
            sent.body.contains("PF3A7K21"),
            place != SerialPlace::Nowhere
        );
        assert_valid(&sent.body, FULFILL);
    }
    assert_eq!(
        simulator.order(PO).expect("an order").shipments.len(),
        1,
        "one shipment, told four times"
    );
}

#[tokio::test]
async fn an_order_is_sent_in_parts_and_withdrawn() {
    let (simulator, _buyer) = both().await;
    let first =
        Shipment::whole()
            .numbered("SHP-1")
            .line(1, Decimal::whole(1), [Piece::serial("A1")]);
    let first = simulator.ship(PO, first).await.expect("sent").body;
    has(
        &first,
        &["fulfillmentType=\"partial\"", "operation=\"new\""],
    );
    let rest = simulator.ship_rest(PO).await.expect("sent").body;
    has(
        &rest,
        &[
            "<ShipNoticeItem quantity=\"1\" lineNumber=\"1\"",
            "<ShipNoticeItem quantity=\"3\" lineNumber=\"2\"",
            "fulfillmentType=\"complete\"",
        ],
    );
    assert_eq!(
        rest.matches("<AssetInfo").count(),
        1,
        "cables have no serial numbers"
    );
    let withdrawn = Shipment::whole()
        .numbered("SHP-1")
        .line(1, Decimal::whole(1), [])
        .again_as(Notice::Delete);
    let withdrawn = simulator.ship(PO, withdrawn).await.expect("sent").body;
    has(&withdrawn, &["operation=\"delete\""]);
    for document in [&first, &rest, &withdrawn] {
        assert_valid(document, FULFILL);
    }
    let order = simulator.order(PO).expect("an order");
    assert_eq!(order.open_quantity(&order.lines[0]).to_string(), "1");
}

/// Boxes are ordered, and pieces counted.
#[tokio::test]
async fn a_shipment_may_count_otherwise_than_the_order() {
    let (simulator, _buyer) = both().await;
    let mut pieces = Shipment::whole().line(2, Decimal::whole(20), []);
    pieces.lines[0].unit = Some("EA".to_owned());
    let sent = simulator.ship(PO, pieces).await.expect("sent");
    has(
        &sent.body,
        &[
            "<ShipNoticeItem quantity=\"20\" lineNumber=\"2\"",
            "<UnitOfMeasure>EA</UnitOfMeasure>",
        ],
    );
    let order = simulator.order(PO).expect("an order");
    assert_eq!(
        order.open_quantity(&order.lines[1]).to_string(),
        "1",
        "two boxes of three are gone"
    );
    let whole = simulator
        .ship(PO, Shipment::whole())
        .await
        .expect("sent")
        .body;
    assert!(
        !whole.contains("ShipNoticeItem"),
        "a portion without items means all of it"
    );
    assert_valid(&whole, FULFILL);
}

#[tokio::test]
async fn invoices_and_credits_follow_what_was_sent() {
    let (simulator, _buyer) = both().await;
    let shipped = Shipment::whole().line(
        1,
        Decimal::whole(2),
        [Piece::serial("A1"), Piece::serial("A2")],
    );
    simulator.ship(PO, shipped).await.expect("sent");
    let invoice = simulator
        .invoice_shipped(PO, Purpose::Standard)
        .await
        .expect("sent");
    has(
        &invoice.body,
        &[
            "purpose=\"standard\"",
            "<SerialNumber>A1</SerialNumber><SerialNumber>A2</SerialNumber>",
            "<NetAmount><Money currency=\"USD\">2298.00<",
        ],
    );
    let credit = simulator
        .invoice_shipped(PO, Purpose::CreditMemo)
        .await
        .expect("sent")
        .body;
    let named = format!("<DocumentReference payloadID=\"{}\"/>", invoice.payload_id);
    has(
        &credit,
        &[
            "purpose=\"creditMemo\"",
            "quantity=\"2\"",
            "<NetAmount><Money currency=\"USD\">-2298.00<",
            &named,
        ],
    );
    let goods = simulator
        .invoice_shipped(PO, Purpose::LineCredit)
        .await
        .expect("sent")
        .body;
    has(
        &goods,
        &[
            "purpose=\"lineLevelCreditMemo\"",
            "quantity=\"-2\"",
            "<SubtotalAmount><Money currency=\"USD\">-2298.00<",
        ],
    );
    for document in [&invoice.body, &credit, &goods] {
        assert_valid(document, "InvoiceDetail-1.2.020.dtd");
    }
}

#[tokio::test]
async fn an_update_of_status_names_its_order() {
    let (simulator, _buyer) = both().await;
    let update = simulator
        .status(PO, 200, "in the warehouse")
        .await
        .expect("sent");
    has(
        &update.body,
        &[
            "<StatusUpdateRequest><DocumentReference payloadID=\"1.1.a@habeo\"/><Status code=\"200\" text=\"OK\"",
        ],
    );
    assert_valid(&update.body, "cXML-1.2.014.dtd");
}

#[tokio::test]
async fn the_same_bytes_go_once_more() {
    let (simulator, buyer) = both().await;
    let first = simulator
        .confirm(PO, Confirmation::accept())
        .await
        .expect("sent");
    simulator.send_again(&first.payload_id).await.expect("sent");
    assert_eq!(buyer.kept(), [first.body.clone(), first.body]);
    assert_eq!(
        simulator.send_again("never").await,
        Err(NotSent::UnknownDocument)
    );
}

#[tokio::test]
async fn what_cannot_be_sent_is_told() {
    let simulator = ordered().await;
    assert_eq!(
        simulator.confirm(PO, Confirmation::accept()).await,
        Err(NotSent::NoAddress)
    );
    let page = Buyer::answering("<!doctype html><title>Sign in</title>").await;
    simulator.documents_to(page.url.clone());
    assert_eq!(
        simulator.confirm("PO-1", Confirmation::accept()).await,
        Err(NotSent::UnknownOrder)
    );
    let nine = Shipment::whole().line(9, Decimal::whole(1), []);
    assert_eq!(simulator.ship(PO, nine).await, Err(NotSent::UnknownLine(9)));
    let sent = simulator
        .confirm(PO, Confirmation::accept())
        .await
        .expect("sent");
    assert_eq!(sent.outcome, Outcome::NotCxml { http: 200 });
    drop(page);
    simulator.documents_to(url::Url::parse("http://127.0.0.1:1/").expect("an address"));
    let sent = simulator
        .confirm(PO, Confirmation::accept())
        .await
        .expect("tried");
    assert!(
        matches!(sent.outcome, Outcome::Unreachable(_)),
        "{:?}",
        sent.outcome
    );
    assert_eq!(simulator.sent().len(), 2, "attempts are kept");
}
