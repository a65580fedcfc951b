//! How quickly a large cart is read: 20,000 lines in 17 MB, by the typed reader, by the safe reader alone, by the parser under it, and by that
//! parser's own deserializer into the same shape. Ratios within one run belong to the program, times to the machine.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use habeo_punchout::cxml::cart;
use habeo_punchout::limits::{Limits, Tolerance};
use habeo_receivers::xml::Reader;
use serde::Deserialize;

/// Lines of the cart.
const LINES: usize = 20_000;
/// How often each is measured; the best is told.
const ROUNDS: usize = 9;

fn document() -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd\">\n<cXML payloadID=\"1@vendor.example.com\" timestamp=\"2026-05-25T10:20:00-05:00\">\n<Header><From><Credential domain=\"DUNS\"><Identity>1</Identity></Credential></From><To><Credential domain=\"DUNS\"><Identity>2</Identity></Credential></To><Sender><Credential domain=\"DUNS\"><Identity>1</Identity></Credential><UserAgent>x</UserAgent></Sender></Header>\n<Message><PunchOutOrderMessage><BuyerCookie>c</BuyerCookie><PunchOutOrderMessageHeader operationAllowed=\"edit\"><Total><Money currency=\"USD\">0.00</Money></Total></PunchOutOrderMessageHeader>\n",
    );
    for at in 0..LINES {
        let (quantity, price) = (at % 7 + 1, at % 900 + 10);
        write!(
            text,
            "      <ItemIn quantity=\"{quantity}\" lineNumber=\"{at}\">\n        <ItemID>\n          <SupplierPartID>LT14-{at:08}</SupplierPartID>\n          <SupplierPartAuxiliaryID>quote=88120|cfg={at}\\2</SupplierPartAuxiliaryID>\n        </ItemID>\n        <ItemDetail>\n          <UnitPrice><Money currency=\"USD\">{price}.50</Money></UnitPrice>\n          <Description xml:lang=\"en-US\">14-inch laptop, 16 GB &amp; 512 GB SSD, number {at}</Description>\n          <UnitOfMeasure>EA</UnitOfMeasure>\n          <Classification domain=\"UNSPSC\">43211503</Classification>\n          <ManufacturerPartID>20X1S0AB{at:06}</ManufacturerPartID>\n          <ManufacturerName>Example Computers</ManufacturerName>\n          <LeadTime>5</LeadTime>\n          <Extrinsic name=\"warrantyMonths\">36</Extrinsic>\n        </ItemDetail>\n      </ItemIn>\n"
        )
        .expect("a text takes everything");
    }
    text.push_str("</PunchOutOrderMessage></Message></cXML>");
    text
}

/// The shape of the cart, as far as the deserializer of the parser reads it.
#[derive(Deserialize)]
struct Root {
    #[serde(rename = "Message")]
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "PunchOutOrderMessage")]
    order: Order,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is read is what is measured")]
struct Order {
    #[serde(rename = "BuyerCookie")]
    cookie: String,
    #[serde(rename = "ItemIn")]
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is read is what is measured")]
struct Item {
    #[serde(rename = "@quantity")]
    quantity: String,
    #[serde(rename = "@lineNumber")]
    line: String,
    #[serde(rename = "ItemID")]
    id: Id,
    #[serde(rename = "ItemDetail")]
    detail: Detail,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is read is what is measured")]
struct Id {
    #[serde(rename = "SupplierPartID")]
    part: String,
    #[serde(rename = "SupplierPartAuxiliaryID")]
    auxiliary: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is read is what is measured")]
struct Detail {
    #[serde(rename = "UnitPrice")]
    price: Price,
    #[serde(rename = "Description")]
    description: Named,
    #[serde(rename = "UnitOfMeasure")]
    unit: String,
    #[serde(rename = "Classification")]
    classification: Named,
    #[serde(rename = "ManufacturerPartID")]
    part: String,
    #[serde(rename = "ManufacturerName")]
    maker: String,
    #[serde(rename = "LeadTime")]
    days: String,
    #[serde(rename = "Extrinsic")]
    extrinsic: Named,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is read is what is measured")]
struct Price {
    #[serde(rename = "Money")]
    money: Named,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is read is what is measured")]
struct Named {
    #[serde(rename = "$text")]
    text: String,
}

fn best(mut act: impl FnMut() -> usize) -> Duration {
    let once = |_| {
        let begun = Instant::now();
        assert!(black_box(act()) >= LINES);
        begun.elapsed()
    };
    (0..ROUNDS).map(once).min().unwrap_or_default()
}

#[expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "what was measured is told, roughly"
)]
fn main() {
    let text = document();
    let tolerance = Tolerance {
        limits: Limits::of(64 * 1024 * 1024, LINES),
        ..Tolerance::default()
    };
    let typed = best(|| {
        let read = cart::read_text(&text, &tolerance);
        read.outcome.map_or(0, |cart| cart.lines.len())
    });
    let safe = best(|| {
        let mut reader = Reader::new(&text, tolerance.limits.xml()).expect("a document");
        std::iter::from_fn(|| reader.next_part().expect("a part")).count()
    });
    let bare = best(|| {
        let mut reader = quick_xml::Reader::from_str(&text);
        let next = || {
            Some(reader.read_event().expect("an event"))
                .filter(|it| !matches!(it, quick_xml::events::Event::Eof))
        };
        std::iter::from_fn(next).count()
    });
    let serde = best(|| {
        quick_xml::de::from_str::<Root>(&text)
            .expect("a document")
            .message
            .order
            .items
            .len()
    });
    let megabytes = text.len() as f64 / 1e6;
    println!("{LINES} lines, {megabytes:.1} MB");
    for (name, took) in [
        ("typed reader", typed),
        ("safe reader", safe),
        ("quick-xml events", bare),
        ("quick-xml serde", serde),
    ] {
        let seconds = took.as_secs_f64();
        println!(
            "{name:18} {:7.1} ms {:7.1} MB/s  {:4.2} of serde's time",
            seconds * 1e3,
            megabytes / seconds,
            seconds / serde.as_secs_f64()
        );
    }
}
