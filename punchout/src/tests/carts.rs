//! What is read of carts.

use rust_decimal::Decimal;

use crate::code::Code;
use crate::cxml::cart::{self, Allowed, Quote};
use crate::cxml::item::Content;
use crate::form::{Opened, Via};
use crate::limits::Tolerance;

use super::{cart_of, cart_with, line, read, shared};

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

#[test]
fn everything_of_a_cart_is_read() {
    let Some(shared) = shared() else {
        return;
    };
    let text =
        std::fs::read_to_string(shared.join("composed/valid/cart-full.xml")).expect("a document");
    let read = read(&text);
    assert_eq!(read.warned(), []);
    let cart = read.outcome.expect("a cart");
    assert_eq!((cart.allowed, cart.quote), (Allowed::Edit, Quote::Final));
    assert_eq!(cart.envelope.doctype_version.as_deref(), Some("1.2.014"));
    assert_eq!(
        cart.envelope.in_reply_to.as_deref(),
        Some("1779703200.412.7c1f0b@habeo.example.edu")
    );
    assert_eq!(cart.supplier_order.as_deref(), Some("Q88120"));
    assert_eq!(
        cart.ship_to.as_ref().and_then(|it| it.id.as_deref()),
        Some("WM-RCV-01")
    );
    let first = &cart.lines[0];
    assert_eq!(
        first.item.auxiliary,
        Some(Content::Text("quote=88120|cfg=eng\\2".to_owned()))
    );
    assert_eq!(first.description("es-MX"), Some("Portátil de 14 pulgadas"));
    assert_eq!(
        first.description("de"),
        Some("14-inch laptop, 16 GB & 512 GB SSD")
    );
    assert_eq!(first.unspsc(), Some("43211503"));
    assert_eq!(
        first.manufacturer.as_ref().map(|it| it.text.as_str()),
        Some("Example Computers")
    );
    assert_eq!(
        first.extrinsics[1].content,
        Content::Xml("<Money currency=\"USD\">3447.00</Money>".to_owned())
    );
    assert_eq!(
        (first.total(), first.pieces()),
        (Some(decimal("3447")), Some(3))
    );
    let second = &cart.lines[1];
    assert_eq!(
        (second.total(), second.pieces()),
        (Some(decimal("275.75")), None)
    );
    for line in &cart.lines {
        assert!(
            text.contains(&line.raw)
                && line.raw.starts_with("<ItemIn ")
                && line.raw.ends_with("</ItemIn>")
        );
    }
}

#[test]
fn the_order_of_elements_means_nothing() {
    let text = "<cXML payloadID='p' timestamp='2026-05-25T10:00:00-05:00'><Message><PunchOutOrderMessage><ItemIn quantity='2'><ItemDetail><UnitOfMeasure>EA</UnitOfMeasure><Classification domain='UNSPSC'>43211503</Classification><UnitPrice><Money currency='usd'>2</Money></UnitPrice><Description xml:lang='en'>a&amp;<![CDATA[<b>]]>&#33;</Description></ItemDetail><ItemID><SupplierPartID> 3171 04 20 </SupplierPartID></ItemID></ItemIn><PunchOutOrderMessageHeader operationAllowed='create'><Total><Money currency='USD'>4.01</Money></Total></PunchOutOrderMessageHeader><BuyerCookie>\n c \n</BuyerCookie></PunchOutOrderMessage></Message></cXML>";
    let read = read(text);
    assert_eq!(read.warned(), [Code::MissingElement]);
    let cart = read.outcome.expect("a cart");
    assert_eq!(cart.buyer_cookie, "c");
    assert_eq!(cart.lines[0].item.part, "3171 04 20");
    assert_eq!(cart.lines[0].description("en"), Some("a&<b>!"));
    assert_eq!(cart.lines[0].unit_price.currency.as_str(), "USD");
}

#[test]
fn a_price_for_another_quantity_is_reckoned_with() {
    let basis = "<PriceBasisQuantity quantity=\"1\" conversionFactor=\"0.0333333\"><UnitOfMeasure>BX</UnitOfMeasure></PriceBasisQuantity>";
    let text = cart_of(&line("quantity=\"300\"", basis).replace(">1.00<", ">9.99<"));
    let read = read(&text.replace(
        "<Money currency=\"USD\">1.00",
        "<Money currency=\"USD\">99.90",
    ));
    assert_eq!(read.warned(), [Code::PriceBasisUsed, Code::NewerElements]);
    let cart = read.outcome.expect("a cart");
    assert_eq!(
        cart.lines[0].total().map(|it| it.round_dp(2)),
        Some(decimal("99.90"))
    );
    for wrong in ["0", "x", "-1"] {
        let text = text.replace(
            "conversionFactor=\"0.0333333\"",
            &format!("conversionFactor=\"{wrong}\""),
        );
        assert_eq!(
            super::read(&text).refusals(),
            [Code::BadQuantity],
            "{wrong}"
        );
    }
}

#[test]
fn bundles_are_counted_once() {
    let bundle = |parent: &str, price: &str| {
        let line = |attributes: &str, price: &str| {
            line(attributes, "").replace(">1.00<", &format!(">{price}<"))
        };
        let parent = line(
            &format!("quantity=\"1\" lineNumber=\"1\" itemType=\"composite\" {parent}"),
            price,
        );
        let part = |number: u32| {
            line(
                &format!(
                    "quantity=\"2\" lineNumber=\"{number}\" parentLineNumber=\"1\" itemType=\"item\""
                ),
                "10",
            )
        };
        let read = read(&cart_of(&format!("{parent}{}{}", part(2), part(3))));
        let warned = read.warned().contains(&Code::MixedPriceBasis);
        let cart = read.outcome.expect("a cart");
        let sums: Vec<String> = cart
            .subtotals()
            .values()
            .map(|it| it.normalize().to_string())
            .collect();
        (sums.join(" "), warned)
    };
    assert_eq!(
        bundle("compositeItemType=\"groupLevel\"", "35"),
        ("35".to_owned(), false)
    );
    assert_eq!(
        bundle("compositeItemType=\"itemLevel\"", "35"),
        ("40".to_owned(), false)
    );
    assert_eq!(bundle("", "35"), ("35".to_owned(), true));
    assert_eq!(bundle("", "0"), ("40".to_owned(), false));
}

#[test]
fn totals_are_compared_in_four_ways() {
    let mismatch = |total: &str| {
        let header = format!(
            "<Total><Money currency=\"USD\">{total}</Money></Total><Shipping><Money currency=\"USD\">5</Money><Description xml:lang=\"en\">s</Description></Shipping><Tax><Money currency=\"USD\">0.50</Money><Description xml:lang=\"en\">t</Description></Tax>"
        );
        let read = read(&cart_with(&header, &line("quantity=\"2\"", "")));
        assert!(read.outcome.is_ok());
        read.warned().contains(&Code::TotalMismatch)
    };
    for total in ["2", "7.00", "2.5", "7.50", "7.51"] {
        assert!(!mismatch(total), "{total}");
    }
    for total in ["1", "7.52", "0", "1,000", ""] {
        assert_eq!(mismatch(total), !matches!(total, "1,000" | ""), "{total}");
    }
}

#[test]
fn secrets_of_a_line_are_not_kept() {
    let text = cart_of(&line(
        "quantity=\"1\"",
        "<Extrinsic name=\"a\"><SharedSecret>s3cr3t</SharedSecret></Extrinsic>",
    ));
    let read = read(&text);
    assert!(read.warned().contains(&Code::SecretInBrowserDocument));
    let cart = read.outcome.expect("a cart");
    assert!(!format!("{cart:?}").contains("s3cr3t"));
    assert!(
        cart.lines[0]
            .raw
            .contains("<SharedSecret>[redacted]</SharedSecret>")
    );
}

#[test]
fn names_of_html_are_read_for_suppliers_that_write_them() {
    let text = cart_of(&line("quantity=\"1\"", "").replace(">d<", ">Core&reg;<"));
    let errors = read(&text).outcome.expect_err("an error");
    assert_eq!(errors[0].code, Code::UndeclaredEntity);
    assert!(errors[0].message.contains("&reg;"), "{}", errors[0]);
    assert!(errors[0].place.is_some());
    let tolerance = Tolerance {
        repairs_html_entities: true,
        ..Tolerance::default()
    };
    let cart = cart::read_text(&text, &tolerance).outcome.expect("a cart");
    assert_eq!(cart.lines[0].description("en"), Some("Core®"));
}

#[test]
fn a_cookie_is_found_before_the_cart_is_read() {
    let peek = |text: &str| {
        let opened = Opened::of(text.to_owned(), Via::Urlencoded, Vec::new());
        cart::peek_buyer_cookie(&opened, &Tolerance::default())
    };
    let text = cart_of(&line("quantity=\"x\"", "&reg;"));
    assert_eq!(peek(&text).as_deref(), Some("c"));
    assert_eq!(
        peek(&text.replace("<BuyerCookie>c</BuyerCookie>", "")),
        None
    );
    assert_eq!(
        peek(&text.replace("<BuyerCookie>c<", "<BuyerCookie> <")),
        None
    );
    assert_eq!(peek("<html/>"), None);
    // One that lies elsewhere is none.
    assert_eq!(
        peek(
            "<cXML><Header><BuyerCookie>x</BuyerCookie></Header><Message><BuyerCookie>y</BuyerCookie></Message></cXML>"
        ),
        None
    );
}
