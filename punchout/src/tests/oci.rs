//! Carts by OCI.

use rust_decimal::Decimal;

use crate::code::Code;
use crate::cxml::cart::Cart;
use crate::finding::Read;
use crate::limits::Tolerance;
use crate::oci;

fn read(body: &[u8]) -> Read<Cart> {
    let tolerance = Tolerance::default();
    let returned = oci::open(
        body,
        Some("application/x-www-form-urlencoded"),
        &tolerance.limits,
    )
    .expect("a form");
    oci::read(&returned, "key", &tolerance)
}

const ITEM: &str = "NEW_ITEM-DESCRIPTION[1]=Cable&NEW_ITEM-QUANTITY[1]=250.000&NEW_ITEM-UNIT[1]=EA&NEW_ITEM-PRICE[1]=12.50&NEW_ITEM-CURRENCY[1]=EUR&NEW_ITEM-PRICEUNIT[1]=100&NEW_ITEM-VENDORMAT[1]=K-1&NEW_ITEM-EXT_PRODUCT_ID[1]=x1&NEW_ITEM-LONGTEXT_1:132[]=A+long+text&NEW_ITEM-MANUFACTMAT[1]=M1&NEW_ITEM-MATGROUP[1]=07&NEW_ITEM-EXT_SCHEMA_TYPE[1]=UNSPSC&NEW_ITEM-EXT_CATEGORY_ID[1]=26121609&NEW_ITEM-CUST_FIELD1[1]=z&~OkCode=ADDI";

#[test]
fn an_item_is_read_by_its_price_unit() {
    let read = read(ITEM.as_bytes());
    assert_eq!(read.warned(), [Code::PriceBasisUsed]);
    let cart = read.outcome.expect("a cart");
    assert_eq!(cart.buyer_cookie, "key");
    let line = &cart.lines[0];
    assert_eq!(
        line.total().map(|it| it.normalize()),
        Some(Decimal::new(3125, 2))
    );
    assert_eq!(
        (
            line.item.part.as_str(),
            line.description("en"),
            line.unspsc()
        ),
        ("K-1", Some("A long text"), Some("26121609"))
    );
    assert_eq!(line.extrinsics.len(), 2);
}

#[test]
fn indexes_are_read_in_their_order_whatever_is_between() {
    let of = |index: u32| {
        ITEM.replace("[1]", &format!("[{index}]"))
            .replace("_1:", &format!("_{index}:"))
            .replace("K-1", &format!("K-{index}"))
    };
    let cart = read(format!("{}&{}&{}", of(10), of(2), of(7)).as_bytes())
        .outcome
        .expect("a cart");
    let parts: Vec<&str> = cart.lines.iter().map(|it| it.item.part.as_str()).collect();
    assert_eq!(parts, ["K-2", "K-7", "K-10"]);
    assert!(
        read(b"~OkCode=ADDI")
            .outcome
            .expect("a cart")
            .lines
            .is_empty()
    );
}

#[test]
fn texts_are_in_the_old_encoding_unless_they_say_otherwise() {
    let described = |text: &[u8], more: &str| {
        let (before, after) = ITEM
            .replace("&NEW_ITEM-LONGTEXT_1:132[]=A+long+text", "")
            .split_once("Cable")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .expect("two halves");
        let read = read(&[before.as_bytes(), text, after.as_bytes(), more.as_bytes()].concat());
        read.outcome.expect("a cart").lines[0]
            .description("de")
            .map(ToOwned::to_owned)
    };
    assert_eq!(described(b"K%FChler", "").as_deref(), Some("Kühler"));
    assert_eq!(described(b"K%C3%BChler", "").as_deref(), Some("Kühler"));
    assert_eq!(
        described(b"K%FChler", "&http_content_charset=ISO-8859-1").as_deref(),
        Some("Kühler")
    );
    assert_eq!(
        described(b"%83%4A", "&http_content_charset=Shift_JIS").as_deref(),
        Some("カ")
    );
}

#[test]
fn what_would_be_guessed_is_refused() {
    for (from, to, code) in [
        ("PRICE[1]=12.50", "PRICE[1]=12,50", Code::BadAmount),
        (
            "QUANTITY[1]=250.000",
            "QUANTITY[1]=1.000,5",
            Code::BadQuantity,
        ),
        ("QUANTITY[1]=250.000", "QUANTITY[1]=-1", Code::BadQuantity),
        ("QUANTITY[1]=250.000", "QUANTITY[1]=", Code::MissingElement),
        ("PRICEUNIT[1]=100", "PRICEUNIT[1]=0", Code::BadQuantity),
        ("CURRENCY[1]=EUR", "CURRENCY[1]=", Code::BadCurrency),
        (
            "PRICE[1]=12.50",
            "PRICE[1]=12.50&NEW_ITEM-PRICE[1]=13",
            Code::DuplicateElement,
        ),
    ] {
        assert_eq!(
            read(ITEM.replace(from, to).as_bytes()).refusals(),
            [code],
            "{to}"
        );
    }
    let nothing = ITEM
        .replace("VENDORMAT[1]=K-1", "VENDORMAT[1]=")
        .replace("EXT_PRODUCT_ID[1]=x1", "EXT_PRODUCT_ID[1]=");
    assert_eq!(read(nothing.as_bytes()).refusals(), [Code::MissingElement]);
    let zero = read(ITEM.replace("250.000", "0").as_bytes());
    assert!(
        zero.warned().contains(&Code::LineDroppedZeroQuantity)
            && zero.outcome.is_ok_and(|it| it.lines.is_empty())
    );
}

#[test]
fn the_same_form_is_known_again() {
    let limits = Tolerance::default().limits;
    let hash = |body: &str| {
        oci::open(body.as_bytes(), None, &limits)
            .expect("a form")
            .hash
    };
    assert_eq!(hash(ITEM), hash(ITEM));
    assert_ne!(hash("a=bc"), hash("ab=c"));
    let returned = oci::open(b"KEY=k&x=1", None, &limits).expect("a form");
    assert_eq!(returned.field("key"), Some("k"));
}

#[test]
fn a_field_that_stands_twice_refuses_only_where_somebody_would_have_to_guess() {
    let with = |more: &str| read(format!("{ITEM}&{more}").as_bytes());
    for decisive in [
        "NEW_ITEM-QUANTITY[1]=251",
        "NEW_ITEM-PRICE[1]=13",
        "NEW_ITEM-PRICEUNIT[1]=1",
        "NEW_ITEM-CURRENCY[1]=USD",
        "NEW_ITEM-UNIT[1]=BX",
        "NEW_ITEM-VENDORMAT[1]=K-2",
        "NEW_ITEM-EXT_PRODUCT_ID[1]=x2",
    ] {
        assert_eq!(
            with(decisive).refusals(),
            [Code::DuplicateElement],
            "{decisive}"
        );
    }
    let other = with("NEW_ITEM-CUST_FIELD1[1]=y");
    assert!(other.warned().contains(&Code::DuplicateElement));
    let line = &other.outcome.expect("a cart").lines[0];
    let kept = line.extrinsics.iter().find(|it| it.name == "CUST_FIELD1");
    assert_eq!(kept.and_then(|it| it.content.text()), Some("z"));
    let long = with("NEW_ITEM-LONGTEXT_1:132[]=of+two+rows");
    assert!(!long.warned().contains(&Code::DuplicateElement));
    let cart = long.outcome.expect("a cart");
    assert_eq!(
        cart.lines[0].description("en"),
        Some("A long text\nof two rows")
    );
}

/// A plus says nothing, and is given on to nobody.
#[test]
fn a_price_unit_may_have_a_plus() {
    let text = ITEM.replace("PRICEUNIT[1]=100", "PRICEUNIT[1]=%2B100");
    let cart = read(text.as_bytes()).outcome.expect("a cart");
    let basis = cart.lines[0].price_basis.as_ref().expect("a basis");
    assert_eq!(basis.quantity.as_str(), "100");
}
