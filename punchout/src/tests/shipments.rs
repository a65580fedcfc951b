//! Serial numbers, wherever they hide.

use crate::code::Code;
use crate::cxml::request::{self, Body};
use crate::cxml::serial::Source;
use crate::cxml::ship_notice::{Item, ShipNotice};
use crate::finding::Read;
use crate::form::{Opened, Via};
use crate::limits::Tolerance;

use super::request_of;

/// A shipment of one item of so many pieces with this in it.
pub(super) fn notice(within: &str, quantity: &str) -> String {
    format!(
        "<ShipNoticeRequest><ShipNoticeHeader shipmentID=\"S\" noticeDate=\"2026-05-28T14:53:20-05:00\"/><ShipControl><CarrierIdentifier domain=\"SCAC\">UPSN</CarrierIdentifier><ShipmentIdentifier>1Z</ShipmentIdentifier></ShipControl><ShipNoticePortion><OrderReference orderID=\"PO\"><DocumentReference payloadID=\"\"/></OrderReference><ShipNoticeItem quantity=\"{quantity}\" lineNumber=\"1\"><ItemID><SupplierPartID>P1</SupplierPartID></ItemID><UnitOfMeasure>EA</UnitOfMeasure>{within}</ShipNoticeItem></ShipNoticePortion></ShipNoticeRequest>"
    )
}

fn read(body: &str) -> Read<ShipNotice> {
    let read = request::read_text(&request_of(body), &Tolerance::default());
    read.map(|it| match it.body {
        Body::ShipNotice(notice) => notice,
        other => panic!("{}", other.name()),
    })
}

fn item(within: &str, quantity: &str) -> (Item, bool) {
    let read = read(&notice(within, quantity));
    let flagged = read.warned().contains(&Code::SerialCountMismatch);
    let item = read
        .outcome
        .expect("a notice")
        .portions
        .remove(0)
        .items
        .remove(0);
    assert_eq!(item.is_flagged, flagged);
    (item, flagged)
}

fn serials(item: &Item) -> Vec<&str> {
    item.pieces
        .iter()
        .filter_map(|it| it.serial.as_deref())
        .collect()
}

#[test]
fn serial_numbers_are_found_in_every_place() {
    for (within, source) in [
        (
            "<AssetInfo serialNumber=\" A  1 \"/><AssetInfo serialNumber=\"B2\"/>",
            Source::Item,
        ),
        (
            "<Packaging><Foreign/><AssetInfo serialNumber=\"A 1\"/><AssetInfo serialNumber=\"B2\"/></Packaging>",
            Source::Packaging,
        ),
        (
            "<Extrinsic name=\"Serial Numbers\">A 1, B2</Extrinsic>",
            Source::ItemExtrinsic,
        ),
        (
            "<Extrinsic name=\"service-tag\">A 1\nB2</Extrinsic>",
            Source::ItemExtrinsic,
        ),
        (
            "<Extrinsic name=\"SN\">A 1</Extrinsic><Extrinsic name=\"serial_no\">B2</Extrinsic>",
            Source::ItemExtrinsic,
        ),
        (
            "<AssetInfo><Extrinsic name=\"SerialNumber\">A 1</Extrinsic></AssetInfo><AssetInfo serialNumber=\"B2\"/>",
            Source::Item,
        ),
    ] {
        let (item, flagged) = item(within, "2");
        assert_eq!(
            (serials(&item), flagged),
            (vec!["A 1", "B2"], false),
            "{within}"
        );
        assert!(
            item.pieces.iter().all(|it| it.source == Some(source)),
            "{within}"
        );
    }
    for element in ["</ShipNoticePortion>", "</ShipNoticeHeader>"] {
        let text = notice("", "1")
            .replace("14:53:20-05:00\"/>", "14:53:20-05:00\"></ShipNoticeHeader>")
            .replace(
                element,
                &format!("<Extrinsic name=\"serial\">A1</Extrinsic>{element}"),
            );
        let notice = read(&text).outcome.expect("a notice");
        assert_eq!(serials(&notice.portions[0].items[0]), ["A1"], "{element}");
        let start = text.find("<ShipNoticeItem ").expect("an item");
        let end = text.find("</ShipNoticeItem>").expect("an end") + "</ShipNoticeItem>".len();
        let second = text[start..end].replace("lineNumber=\"1\"", "lineNumber=\"2\"");
        let two = format!("{}{second}{}", &text[..end], &text[end..]);
        let notice = read(&two).outcome.expect("a notice");
        assert!(
            notice.portions[0]
                .items
                .iter()
                .all(|it| it.pieces.is_empty())
        );
    }
}

#[test]
fn the_more_trusted_place_goes_first() {
    let (item, flagged) = item(
        "<AssetInfo serialNumber=\"A1\"/><Extrinsic name=\"serial\">a1; B2</Extrinsic>",
        "2",
    );
    assert_eq!((serials(&item), flagged), (vec!["A1", "B2"], false));
    let (item, flagged) = self::item(
        "<AssetInfo serialNumber=\"A1\"/><Extrinsic name=\"serial\">C3</Extrinsic>",
        "1",
    );
    assert_eq!(
        (serials(&item), item.unusable.as_slice(), flagged),
        (vec!["A1"], ["C3".to_owned()].as_slice(), true)
    );
}

#[test]
fn what_is_no_serial_number_is_put_aside() {
    for value in [
        "N/A",
        "na",
        "None",
        "TBD",
        "0",
        "-",
        "unknown",
        "see  attached",
        "P1",
    ] {
        let (item, flagged) = item(
            &format!("<Extrinsic name=\"serial\">{value}</Extrinsic>"),
            "1",
        );
        assert!(item.pieces.is_empty() && flagged, "{value}");
    }
    let (item, flagged) = item("<Extrinsic name=\"serial\">A1,A1,a1</Extrinsic>", "3");
    assert_eq!(
        (serials(&item), item.unusable.len(), flagged),
        (vec!["A1"], 2, true)
    );
}

#[test]
fn pieces_and_quantities_are_compared() {
    let two = "<AssetInfo serialNumber=\"A1\"/><AssetInfo serialNumber=\"B2\"/>";
    for (quantity, flagged) in [("2", false), ("3", true), ("1", true), ("2.5", true)] {
        assert_eq!(item(two, quantity).1, flagged, "{quantity}");
    }
    let boxed = read(&notice(two, "2").replace(">EA<", ">BX<"));
    assert!(boxed.warned().contains(&Code::SerialCountMismatch));
    assert!(!item("", "5").1);
}

#[test]
fn what_belongs_to_pieces_is_given_to_them() {
    let (item, _) = item(
        "<AssetInfo serialNumber=\"A1\" tagNumber=\"T1\" location=\"L\"><Extrinsic name=\"MACAddress\">00:1B</Extrinsic></AssetInfo><AssetInfo serialNumber=\"B2\"/><AssetInfo serialNumber=\"C3\" isReferencedAsset=\"yes\"/><Extrinsic name=\"warrantyEndDate\">2029-05-28</Extrinsic><Extrinsic name=\"imei\">1, 2</Extrinsic><Extrinsic name=\"hostname\">h1</Extrinsic>",
        "2",
    );
    assert_eq!(serials(&item), ["A1", "B2"]);
    let first = &item.pieces[0];
    assert_eq!(
        (
            first.tag.as_deref(),
            first.location.as_deref(),
            first.macs.as_slice()
        ),
        (Some("T1"), Some("L"), ["00:1B".to_owned()].as_slice())
    );
    assert_eq!(item.pieces[1].imeis, ["2"]);
    assert!(
        item.pieces
            .iter()
            .all(|it| it.warranty_end.as_ref().is_some_and(|it| it.at.is_some()))
    );
    // One name for two pieces is a guess.
    assert_eq!(item.unusable, ["h1"]);
    let (tags, _) = self::item("<Extrinsic name=\"AssetTags\">T1|T2</Extrinsic>", "2");
    assert_eq!(
        tags.pieces
            .iter()
            .filter_map(|it| it.tag.as_deref())
            .collect::<Vec<_>>(),
        ["T1", "T2"]
    );
}

#[test]
fn what_is_not_clear_is_refused_and_the_rest_is_not() {
    let text = notice("", "1");
    for (from, to, code) in [
        ("lineNumber=\"1\"", "", Code::MissingAttribute),
        ("quantity=\"1\"", "quantity=\"many\"", Code::BadQuantity),
        (" orderID=\"PO\"", "", Code::MissingElement),
    ] {
        assert_eq!(read(&text.replace(from, to)).refusals(), [code], "{to}");
    }
    let odd = read(
        &text
            .replace(" shipmentID=\"S\"", "")
            .replace("20-05:00", "20"),
    );
    assert_eq!(
        odd.warned(),
        [Code::MissingAttribute, Code::NonstandardTimestamp]
    );
    let whole = text
        .find("<ShipNoticeItem ")
        .zip(text.find("</ShipNoticePortion>"))
        .expect("an item");
    let all = read(&format!("{}{}", &text[..whole.0], &text[whole.1..]))
        .outcome
        .expect("a notice");
    assert!(all.portions[0].is_whole_order());
}

#[test]
fn a_sender_is_known_before_anything_else_is_read() {
    let opened = |text: String| Opened::of(text, Via::Bare, Vec::new());
    let text = request_of("<ShipNoticeRequest><broken").replace(
        "</Identity></Credential><UserAgent>",
        "</Identity><SharedSecret> s </SharedSecret></Credential><UserAgent>",
    );
    let envelope = request::peek(&opened(text), &Tolerance::default())
        .outcome
        .expect("an envelope");
    let sender = &envelope.header.expect("a header").sender[0];
    assert!(sender.names("duns", "1") && sender.secret.is_some());
    assert!(!format!("{sender:?}").contains(" s "));
    let none = request::peek(
        &opened("<cXML payloadID='p' timestamp=''><Request/></cXML>".to_owned()),
        &Tolerance::default(),
    );
    assert_eq!(none.refusals(), [Code::MissingElement]);
    let receipt = "<ReceiptRequest><ReceiptRequestHeader receiptID=\"R\"/><ReceiptOrder><ReceiptOrderInfo><OrderReference orderID=\"PO\"><DocumentReference payloadID=\"d\"/></OrderReference></ReceiptOrderInfo><ReceiptItem quantity=\"1\"><ReceiptItemReference lineNumber=\"1\"/><AssetInfo serialNumber=\"A1\"/></ReceiptItem></ReceiptOrder></ReceiptRequest>";
    let Body::Receipt(receipt) = request::read_text(&request_of(receipt), &Tolerance::default())
        .outcome
        .expect("a receipt")
        .body
    else {
        panic!("no receipt");
    };
    assert_eq!(receipt.items[0].pieces[0].serial.as_deref(), Some("A1"));
    assert_eq!(receipt.items[0].order.order_id.as_deref(), Some("PO"));
}

/// A thousand pieces of one item are compared with one another no more often than once.
#[test]
fn many_pieces_are_read_and_too_many_are_not() {
    let pieces = |of: usize| -> String {
        (0..of).fold(String::new(), |text, n| {
            text + "<AssetInfo serialNumber=\"S" + n.to_string().as_str() + "\"/>"
        })
    };
    let (item, flagged) = item(&pieces(9_000), "9000");
    assert_eq!((item.pieces.len(), flagged), (9_000, false));
    let (more, flagged) = self::item(&pieces(10_001), "10001");
    assert_eq!(
        (more.pieces.len(), more.unusable.len(), flagged),
        (10_000, 1, true)
    );
}

#[test]
fn packages_say_in_which_box_a_piece_is() {
    let (of_two, _) = item(
        "<Packaging><ShippingContainerSerialCode>BOX-1</ShippingContainerSerialCode><AssetInfo serialNumber=\"A1\"/></Packaging>\
         <Packaging><AssetInfo serialNumber=\"A2\"/><PackageID><PackageTrackingID>BOX-2</PackageTrackingID></PackageID></Packaging>",
        "2",
    );
    let boxes: Vec<_> = of_two
        .pieces
        .iter()
        .map(|it| it.container.as_deref())
        .collect();
    assert_eq!(boxes, [Some("BOX-1"), Some("BOX-2")]);
    assert_eq!(of_two.container, None);
    let (of_one, _) = item(
        "<Packaging><ShippingContainerSerialCode>PALLET</ShippingContainerSerialCode><Packaging><ShippingContainerSerialCode>BOX</ShippingContainerSerialCode></Packaging></Packaging>",
        "2",
    );
    assert_eq!(of_one.container.as_deref(), Some("BOX"));
}

#[test]
fn a_warranty_is_that_of_pieces_that_nothing_tells_apart() {
    let (item, _) = item(
        "<Extrinsic name=\"warrantyEndDate\">2029-05-28</Extrinsic>",
        "2",
    );
    assert!(item.pieces.is_empty());
    let end = item.warranty_end.and_then(|it| it.date());
    assert_eq!(end.map(|it| it.to_string()).as_deref(), Some("2029-05-28"));
}

/// A price that cannot be read is not the price that was ordered at.
#[test]
fn a_price_that_cannot_be_read_refuses_the_document() {
    let confirmation = |price: &str| {
        format!(
            "<ConfirmationRequest><ConfirmationHeader type=\"detail\" noticeDate=\"2026-05-28T14:53:20-05:00\"/><OrderReference orderID=\"PO\"/><ConfirmationItem quantity=\"1\" lineNumber=\"1\"><UnitOfMeasure>EA</UnitOfMeasure><ConfirmationStatus quantity=\"1\" type=\"detail\"><UnitOfMeasure>EA</UnitOfMeasure>{price}</ConfirmationStatus></ConfirmationItem></ConfirmationRequest>"
        )
    };
    let invoice = |price: &str| {
        format!(
            "<InvoiceDetailRequest><InvoiceDetailRequestHeader invoiceID=\"I\" invoiceDate=\"2026-05-28T14:53:20-05:00\"/><InvoiceDetailOrder><InvoiceDetailOrderInfo><OrderReference orderID=\"PO\"/></InvoiceDetailOrderInfo><InvoiceDetailItem invoiceLineNumber=\"1\" quantity=\"1\"><UnitOfMeasure>EA</UnitOfMeasure>{price}<InvoiceDetailItemReference lineNumber=\"1\"/></InvoiceDetailItem></InvoiceDetailOrder></InvoiceDetailRequest>"
        )
    };
    let refusals =
        |body: String| request::read_text(&request_of(&body), &Tolerance::default()).refusals();
    let good = "<UnitPrice><Money currency=\"USD\">1149.00</Money></UnitPrice>";
    for (price, code) in [
        (
            "<UnitPrice><Money currency=\"USD\">1,149.00</Money></UnitPrice>",
            Code::BadAmount,
        ),
        (
            "<UnitPrice><Money currency=\"Dollar\">1149.00</Money></UnitPrice>",
            Code::BadCurrency,
        ),
        ("<UnitPrice/>", Code::MissingElement),
    ] {
        assert_eq!(refusals(confirmation(price)), [code]);
        assert_eq!(refusals(invoice(price)), [code]);
    }
    for price in ["", good] {
        assert_eq!(refusals(confirmation(price)), []);
        // Nothing is paid by it here, so it need not say what it comes to.
        assert_eq!(refusals(invoice(price)), []);
    }
}
