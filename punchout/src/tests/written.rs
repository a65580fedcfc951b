//! What is written is valid, and is read as it was meant.

use proptest::prelude::*;
use secrecy::SecretString;
use time::macros::datetime;

use crate::code::Code;
use crate::cxml::address::{Address, Contact, Postal, Text};
use crate::cxml::cart::read_text;
use crate::cxml::envelope::Mode;
use crate::cxml::item::{Content, Description, ItemId};
use crate::cxml::money::{Currency, Money};
use crate::cxml::request::{self, Body};
use crate::cxml::response::{self, Meaning, Payload};
use crate::cxml::write;
use crate::cxml::write::{
    AnswerId, Charge, Composed, Distribution, ItemOut, Operation, Order, OrderKind, Outgoing,
    Repriced, Segment, Setup, What, order, profile_request, profile_response, setup,
};
use crate::exact::Exact;
use crate::finding::Finding;
use crate::limits::Tolerance;

use super::{cart_of, line, xmllint};

fn outgoing() -> Outgoing {
    let name = |domain: &str, identity: &str| (domain.to_owned(), identity.to_owned());
    Outgoing {
        payload_id: "1779703200.412.7c1f0b@habeo.example.edu".to_owned(),
        timestamp: datetime!(2026-05-25 10:00:00 -5),
        from: name("NetworkID", "WESTMARK-UNIV"),
        to: name("DUNS", "012345678"),
        sender: name("NetworkID", "WESTMARK-UNIV"),
        secret: SecretString::from("a secret <&> of two"),
        user_agent: "Habeo".to_owned(),
        mode: Mode::Test,
    }
}

fn text(text: &str) -> Text {
    Text {
        lang: None,
        text: text.to_owned(),
    }
}

fn dollars(amount: &str) -> Money {
    Money {
        amount: Exact::amount(amount).expect("an amount"),
        currency: Currency::read("USD").expect("a currency"),
    }
}

fn address() -> Address {
    Address {
        id: Some("WM-RCV-01".to_owned()),
        name: text("Westmark & Receiving"),
        country_code: Some("US".to_owned()),
        postal: Some(Postal {
            deliver_to: vec!["Dock 2".to_owned()],
            streets: vec!["100 College Way".to_owned()],
            city: "Westmark".to_owned(),
            state: Some("OH".to_owned()),
            postal_code: Some("43001".to_owned()),
            country_code: "US".to_owned(),
            country: "United States".to_owned(),
        }),
        email: Some("dock@westmark.example.edu".to_owned()),
    }
}

fn contact() -> Contact {
    Contact {
        role: Some("endUser".to_owned()),
        address_id: None,
        name: text("Dana Okafor"),
        emails: vec!["dana.okafor@westmark.example.edu".to_owned()],
    }
}

fn composed() -> Composed {
    Composed {
        item: ItemId {
            part: "LT14-G7".to_owned(),
            auxiliary: Some(Content::Text("quote=88120|cfg=eng\\2\r\n\tend ".to_owned())),
            buyer_part: None,
        },
        unit_price: dollars("1149"),
        price_basis: None,
        descriptions: vec![Description {
            lang: None,
            short: Some("14\" laptop".to_owned()),
            text: "a <laptop> & more".to_owned(),
        }],
        unit: "EA".to_owned(),
        classifications: vec![("UNSPSC".to_owned(), "43211503".to_owned())],
        manufacturer_part: Some("20X1".to_owned()),
        manufacturer: Some(text("Example Computers")),
        extrinsics: vec![("warrantyMonths".to_owned(), "36".to_owned())],
    }
}

fn item(what: What) -> ItemOut {
    ItemOut {
        quantity: Exact::quantity("3").expect("a quantity"),
        line_number: Some(1),
        requested_delivery: Some(datetime!(2026-06-05 0:00 -5)),
        what,
        ship_to: Some(address()),
        distributions: vec![Distribution {
            name: "GL".to_owned(),
            segments: vec![Segment {
                id: "4410".to_owned(),
                name: "CostCenter".to_owned(),
                description: "Physics".to_owned(),
            }],
            charge: dollars("3447.125"),
        }],
        comments: Some("gently".to_owned()),
    }
}

fn an_order(kind: OrderKind, items: Vec<ItemOut>) -> Order {
    Order {
        id: "PO-2026-004417".to_owned(),
        date: datetime!(2026-05-26 10:06:40 -5),
        kind,
        version: 1,
        requisition_id: Some("REQ-9902".to_owned()),
        total: dollars("3447"),
        ship_to: Some(address()),
        bill_to: address(),
        shipping: Some(Charge {
            money: dollars("24.5"),
            description: text("Ground"),
        }),
        tax: Some(Charge {
            money: dollars("0"),
            description: text("Exempt"),
        }),
        contacts: vec![contact()],
        comments: Some("Put the number on every carton.".to_owned()),
        supplier_order: Some("Q88120".to_owned()),
        extrinsics: vec![("Approver".to_owned(), "m.reyes".to_owned())],
        items,
    }
}

fn a_setup(operation: Operation, items: Vec<ItemOut>) -> Setup {
    Setup {
        operation,
        buyer_cookie: "pbJ1x0y8m3s5Zk2Qw9Rt7A".to_owned(),
        extrinsics: vec![(
            "UserEmail".to_owned(),
            "dana.okafor@westmark.example.edu".to_owned(),
        )],
        return_url: "https://habeo.example.edu/api/punchout/return?a=1&b=2".to_owned(),
        contact: Some(contact()),
        supplier_url: Some("https://punchout.vendor.example.com/cxml/setup".to_owned()),
        ship_to: Some(address()),
        selected: (operation == Operation::Create).then(|| composed().item),
        items,
    }
}

/// Checks a document by the definition, which is named here and not fetched.
fn valid(document: &str) {
    let (before, after) = document.split_once("<!DOCTYPE").expect("a DOCTYPE");
    let (_, after) = after.split_once('>').expect("its end");
    if let Some(said) = xmllint(&format!("{before}{after}"), Some("cXML-1.2.014.dtd")) {
        assert_eq!(said, Ok(()), "{document}");
    }
}

#[test]
fn what_is_written_is_valid() {
    let composed = || item(What::Composed(Box::new(composed())));
    let disordered = line(
        "quantity=\"1\"",
        "<URL>https://a.example/</URL><ManufacturerPartID>M</ManufacturerPartID><LeadTime>5</LeadTime>",
    );
    let kept = || item(What::Kept(disordered.clone()));
    let replaces = || "1779790000.100@habeo.example.edu".to_owned();
    for kind in [
        OrderKind::New,
        OrderKind::Update {
            replaces: replaces(),
        },
        OrderKind::Delete {
            replaces: replaces(),
        },
    ] {
        valid(&order(&outgoing(), &an_order(kind, vec![composed(), kept()])).expect("an order"));
    }
    for operation in [Operation::Create, Operation::Edit, Operation::Inspect] {
        valid(
            &setup(&outgoing(), &a_setup(operation, vec![composed(), kept()])).expect("a request"),
        );
    }
    valid(&profile_request(&outgoing()));
    let id = AnswerId {
        payload_id: "p@habeo.example.edu".to_owned(),
        timestamp: datetime!(2026-05-25 10:00 UTC),
    };
    valid(&profile_response(
        &id,
        datetime!(2026-01-01 0:00 UTC),
        &["ShipNoticeRequest"],
        "https://habeo.example.edu/cxml",
    ));
    valid(&write::response(
        &id,
        400,
        "Bad Request",
        &[Finding::nowhere(Code::BadQuantity, "is \"<1,000>\" & more")],
    ));
    valid(&write::response(&id, 200, "OK", &[]));
}

#[test]
fn kept_lines_go_back_byte_for_byte() {
    let id = "<ItemID><SupplierPartID> P </SupplierPartID><SupplierPartAuxiliaryID a='1'><x:y>&#65;<![CDATA[&]]></x:y>\r\n|\\</SupplierPartAuxiliaryID><BuyerPartID>b</BuyerPartID></ItemID>";
    let children = [
        "<UnitPrice ><Money currency='USD'>1.00</Money></UnitPrice>",
        "<UnitOfMeasure>EA</UnitOfMeasure>",
        "<Unheard z=\"1\"/>",
        "<Extrinsic name='n'><a/>&lt;</Extrinsic>",
    ];
    let raw = format!(
        "<ItemIn quantity='1'><ItemDetail>{}{}{}{}</ItemDetail>{id}</ItemIn>",
        children[3], children[2], children[1], children[0]
    );
    let cart = read_text(&cart_of(&raw), &Tolerance::default())
        .outcome
        .expect("a cart");
    assert_eq!(cart.lines[0].raw, raw);
    let document = order(
        &outgoing(),
        &an_order(OrderKind::New, vec![item(What::from(&cart.lines[0]))]),
    )
    .expect("an order");
    assert!(
        document.contains(&format!(
            "{id}<ItemDetail>{}</ItemDetail>",
            children.concat()
        )),
        "{document}"
    );
    let broken = item(What::Kept("<ItemIn/>".to_owned()));
    assert!(order(&outgoing(), &an_order(OrderKind::New, vec![broken])).is_err());
}

/// What was agreed to since is the price, and nothing else: what the shop wants back comes back, whatever it costs.
#[test]
fn a_line_at_another_price_is_otherwise_as_it_came() {
    let raw = "<ItemIn quantity='1'><ItemID><SupplierPartID>P</SupplierPartID><SupplierPartAuxiliaryID><x>&#65;</x></SupplierPartAuxiliaryID></ItemID><ItemDetail><UnitPrice><Money currency='USD'>250</Money></UnitPrice><Description xml:lang='en'>a</Description><UnitOfMeasure>EA</UnitOfMeasure><PriceBasisQuantity quantity='100' conversionFactor='1'><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity><Classification domain='UNSPSC'>43211503</Classification><LeadTime>5</LeadTime><Extrinsic name='n'><a/></Extrinsic></ItemDetail></ItemIn>";
    let before = "<PriceBasisQuantity quantity='100' conversionFactor='1'><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity>";
    let cart = read_text(&cart_of(raw), &Tolerance::default())
        .outcome
        .expect("a cart");
    let basis = cart.lines[0].price_basis.clone();
    for (price_basis, written) in [
        (None, ""),
        (
            basis,
            "<PriceBasisQuantity quantity=\"100\" conversionFactor=\"1\"><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity>",
        ),
    ] {
        let repriced = What::Repriced(Box::new(Repriced {
            raw: raw.to_owned(),
            unit_price: dollars("2.60"),
            price_basis,
        }));
        let document = order(&outgoing(), &an_order(OrderKind::New, vec![item(repriced)]));
        let document = document.expect("an order");
        let expected = raw
            .replace(
                "<UnitPrice><Money currency='USD'>250</Money></UnitPrice>",
                "<UnitPrice><Money currency=\"USD\">2.60</Money></UnitPrice>",
            )
            .replace(before, written);
        let (_, inner) = expected.split_once("<ItemID>").expect("an item");
        let inner = inner.strip_suffix("</ItemIn>").expect("its end");
        assert!(document.contains(inner), "{inner}\n{document}");
    }
}

#[test]
fn what_proves_us_is_put_in_where_it_was_left_out() {
    let with = outgoing();
    let without = Outgoing {
        secret: write::without_secret(),
        ..outgoing()
    };
    let of = |outgoing: &Outgoing| {
        let items = vec![item(What::Composed(Box::new(composed())))];
        order(outgoing, &an_order(OrderKind::New, items)).expect("an order")
    };
    let kept = of(&without);
    assert!(!kept.contains("a secret"));
    assert_eq!(write::with_secret(&kept, &with.secret), of(&with));
}

#[test]
fn money_has_two_places_or_more() {
    let document = order(
        &outgoing(),
        &an_order(
            OrderKind::New,
            vec![item(What::Composed(Box::new(composed())))],
        ),
    )
    .expect("an order");
    for amount in [">3447.00<", ">24.50<", ">3447.125<", ">1149.00<"] {
        assert!(document.contains(amount), "{amount}");
    }
}

#[test]
fn answers_are_read_as_they_are_written() {
    let id = AnswerId {
        payload_id: "p".to_owned(),
        timestamp: datetime!(2026-05-25 10:00 UTC),
    };
    let tolerance = Tolerance::default();
    let read = response::read(
        write::response(&id, 412, "a \"b\" <c>", &[]).as_bytes(),
        &tolerance,
    );
    assert_eq!(read.warned(), []);
    let answer = read.outcome.expect("an answer");
    assert_eq!(
        (
            answer.status.code,
            answer.status.text.as_str(),
            answer.payload
        ),
        (412, "a \"b\" <c>", Payload::None)
    );
    let profile = profile_response(
        &id,
        id.timestamp,
        &["ShipNoticeRequest", "StatusUpdateRequest"],
        "https://a.example/",
    );
    let Payload::Profile(profile) = response::read(profile.as_bytes(), &tolerance)
        .outcome
        .expect("an answer")
        .payload
    else {
        panic!("no profile");
    };
    assert_eq!(profile.transactions[1].request, "StatusUpdateRequest");
    assert_eq!(
        profile.transactions[1].url.as_deref(),
        Some("https://a.example/")
    );
    let request = request::read_text(&profile_request(&outgoing()), &tolerance)
        .outcome
        .expect("a request");
    assert_eq!(
        (request.body, request.envelope.mode),
        (Body::Profile, Mode::Test)
    );
}

#[test]
fn statuses_mean_what_the_first_of_their_hundred_means() {
    for (code, meaning) in [
        (200, Meaning::Done),
        (201, Meaning::Queued),
        (204, Meaning::Nothing),
        (280, Meaning::Forwarded),
        (299, Meaning::Done),
        (400, Meaning::Refused),
        (401, Meaning::Unauthorized),
        (412, Meaning::Gone),
        (450, Meaning::NotOffered),
        (499, Meaning::Refused),
        (477, Meaning::Refused),
        (500, Meaning::Later),
        (560, Meaning::Later),
    ] {
        let status = response::Status {
            code,
            text: String::new(),
            detail: None,
        };
        assert_eq!(status.meaning(), meaning, "{code}");
    }
}

#[test]
fn what_is_no_answer_is_told_by_what_it_is() {
    let told = |body: &str| {
        let read = response::read(body.as_bytes(), &Tolerance::default());
        read.outcome.expect_err("an error").remove(0).message
    };
    assert!(told("<!DOCTYPE html><p>").contains("a web page, not cXML"));
    assert!(told("<HTML>").contains("a web page, not cXML"));
    assert!(told("{\"error\":1}").contains("JSON"));
    assert!(told(" ").contains("nothing"));
    assert!(told("Not found").contains("a text"));
    let page = |url: &str| {
        format!(
            "<cXML payloadID='p' timestamp='2026-05-25T10:00:00-05:00'><Response><Status code='200' text='OK'/><PunchOutSetupResponse><StartPage><URL> <![CDATA[{url}]]> </URL></StartPage></PunchOutSetupResponse></Response></cXML>"
        )
    };
    let read = |url: &str, tolerance: &Tolerance| response::read(page(url).as_bytes(), tolerance);
    let strict = Tolerance::default();
    let start = read("https://a.example/s?a=1&b=2", &strict)
        .outcome
        .expect("an answer")
        .payload;
    assert_eq!(
        start,
        Payload::StartPage("https://a.example/s?a=1&b=2".to_owned())
    );
    for url in [
        "http://a.example/",
        "javascript:alert(1)",
        "/start",
        "",
        "https://",
    ] {
        assert_eq!(read(url, &strict).refusals(), [Code::UnusableUrl], "{url}");
    }
    let lenient = Tolerance {
        allows_http: true,
        ..Tolerance::default()
    };
    assert!(read("http://a.example/", &lenient).outcome.is_ok());
}

/// The item of an order as a line of a cart: only its name is another.
fn as_line(document: &str) -> String {
    let start = document.find("<ItemOut").expect("an item") + "<ItemOut".len();
    let end = document.find("<ShipTo><Address isoCountryCode=\"US\" addressID=\"WM-RCV-01\"><Name xml:lang=\"en-US\">Westmark &amp; Receiving</Name>");
    let end = document[start..]
        .find("</ItemDetail>")
        .map(|at| start + at)
        .or(end)
        .expect("an end")
        + "</ItemDetail>".len();
    format!("<ItemIn{}</ItemIn>", &document[start..end])
}

proptest! {
    /// Whatever is written of an item is read as it was.
    #[test]
    fn items_are_read_as_they_are_written(
        part in "[!-~äß€][ -~äß€]{0,20}[!-~]", auxiliary in "[ -~\\n\\r\\t€]{1,40}", description in "[!-~]{1,20}", price in 0_i64..1_000_000_000, quantity in 1_u32..100_000,
        name in "[!-~]{1,10}", value in "[ -~\\n]{0,20}",
    ) {
        let mut composed = composed();
        composed.item = ItemId { part: part.clone(), auxiliary: Some(Content::Text(auxiliary)), buyer_part: None };
        composed.descriptions = vec![Description { lang: Some("en".to_owned()), short: None, text: description }];
        composed.unit_price.amount = Exact::of(rust_decimal::Decimal::new(price, 4));
        composed.extrinsics = vec![(name.clone(), value.clone())];
        let mut out = item(What::Composed(Box::new(composed.clone())));
        out.quantity = Exact::of(quantity.into());
        let document = order(&outgoing(), &an_order(OrderKind::New, vec![out])).expect("an order");
        let read = read_text(&cart_of(&as_line(&document)), &Tolerance::default());
        let cart = read.outcome.map_err(|it| TestCaseError::fail(format!("{it:?}")))?;
        let line = &cart.lines[0];
        prop_assert_eq!(&line.item, &composed.item);
        prop_assert_eq!(&line.descriptions, &composed.descriptions);
        prop_assert_eq!(&line.unit_price, &composed.unit_price);
        prop_assert_eq!(line.quantity.value(), quantity.into());
        prop_assert_eq!(&line.extrinsics[0].name, &name);
        prop_assert_eq!(line.extrinsics[0].content.text(), Some(value.as_str()));
        // What was read goes back as it came.
        let again = order(&outgoing(), &an_order(OrderKind::New, vec![item(What::from(line))])).expect("an order");
        let both = (as_line(&document), as_line(&again));
        let of_item = |line: &str| line[line.find("<ItemID>").unwrap_or_default()..].to_owned();
        prop_assert_eq!(of_item(&both.0), of_item(&both.1));
    }
}
