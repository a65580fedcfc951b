//! The cart on its way back: the document that the browser carries.

use super::catalogue::{CURRENCY, Product};
use super::decimal::Decimal;
use super::element::{Element, Node};
use super::envelope::{self, Module};
use super::quirk::Quirk;
use super::session::{Line, Origin, Session};
use super::vendor::Vendor;

/// How a visitor leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// With what is in the cart.
    WithCart,
    /// With an empty cart: in a session that edits, this takes the lines away.
    Empty,
    /// With status 204: nothing is to change.
    NoChange,
}

/// The document for a session that was opened by one; nothing for the sessions of open catalogues.
pub(super) fn document(vendor: &Vendor, session: &Session, leaving: Leaving) -> Option<String> {
    let Origin::Cxml {
        cookie,
        buyer,
        mode,
        payload_id,
        ..
    } = &session.origin
    else {
        return None;
    };
    let lines: &[Line] = if leaving == Leaving::WithCart {
        &session.lines
    } else {
        &[]
    };
    let mut message = Element::new("Message")
        .with("deploymentMode", mode.as_str())
        .with("inReplyTo", payload_id.as_str());
    if leaving == Leaving::NoChange {
        message = message.holding(
            Element::new("Status")
                .with("code", "204")
                .with("text", "No Content"),
        );
    }
    let order = Element::new("PunchOutOrderMessage")
        .holding(buyer_cookie(vendor, cookie))
        .holding(header(vendor, lines))
        .holding_all(items(vendor, lines));
    let mut root = envelope::sheet(vendor);
    if !vendor.has(Quirk::NoHeader) {
        let secret = vendor
            .has(Quirk::SecretInCart)
            .then_some(&vendor.settings.secret_to_buyer);
        root = root.holding(envelope::header(vendor, buyer, secret));
    }
    let mut root = root.holding(message.holding(order));
    root.visit(&mut |element| spoil(vendor, element));
    let text = envelope::written(vendor, root, Module::Base);
    Some(damaged(vendor, text))
}

fn buyer_cookie(vendor: &Vendor, cookie: &str) -> Element {
    if vendor.has(Quirk::PaddedCookie) {
        return Element::text("BuyerCookie", format!("\n        {cookie}\n      "));
    }
    Element::text("BuyerCookie", cookie)
}

fn header(vendor: &Vendor, lines: &[Line]) -> Element {
    let total = match lines.first() {
        Some(first) if vendor.has(Quirk::WrongTotal) => {
            first.product.unit_price() + Decimal::cents(1)
        }
        _ => lines.iter().map(Line::price).sum(),
    };
    let header = Element::new("PunchOutOrderMessageHeader");
    let header = if vendor.has(Quirk::NoOperationAllowed) {
        header
    } else {
        header.with("operationAllowed", vendor.settings.allowed.word())
    };
    header.holding(Element::new("Total").holding(money(vendor, total)))
}

fn items(vendor: &Vendor, lines: &[Line]) -> Vec<Element> {
    let numbered = (1_u32..).zip(lines);
    let mut items: Vec<Element> = numbered
        .map(|(number, line)| item(vendor, number, line))
        .collect();
    if vendor.has(Quirk::ZeroQuantity)
        && let Some(line) = lines.first()
    {
        let number = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let nought = Line {
            quantity: Decimal::ZERO,
            ..line.clone()
        };
        items.push(item(vendor, number.saturating_add(1), &nought));
    }
    items
}

fn item(vendor: &Vendor, number: u32, line: &Line) -> Element {
    let product = line.product;
    let id = Element::new("ItemID")
        .holding(Element::text("SupplierPartID", product.part))
        .holding(Element::text(
            "SupplierPartAuxiliaryID",
            line.auxiliary.as_str(),
        ));
    Element::new("ItemIn")
        .with("quantity", line.quantity.to_string())
        .with("lineNumber", number.to_string())
        .holding(id)
        .holding(detail(vendor, product))
}

/// What is said of a product wherever it stands in a document.
fn detail(vendor: &Vendor, product: &Product) -> Element {
    let newer = vendor.has(Quirk::NewerElements);
    let price = if newer {
        Decimal::cents(product.price_cents)
    } else {
        product.unit_price()
    };
    let mut description = described(product.description);
    description
        .nodes
        .insert(0, Node::Element(Element::text("ShortName", product.name)));
    let basis = newer.then(|| price_basis(product));
    let by_maker = product
        .maker
        .map(|maker| Element::text("ManufacturerName", maker).with("xml:lang", "en-US"));
    Element::new("ItemDetail")
        .holding(Element::new("UnitPrice").holding(money(vendor, price)))
        .holding(description)
        .holding(Element::text("UnitOfMeasure", product.unit))
        .holding_all(basis)
        .holding(Element::text("Classification", product.unspsc).with("domain", "UNSPSC"))
        .holding_all(
            product
                .maker_part
                .map(|part| Element::text("ManufacturerPartID", part)),
        )
        .holding_all(by_maker)
        .holding(Element::text("LeadTime", product.lead_days.to_string()))
        .holding_all(warranty(product))
}

/// A description in the supplier's language.
pub(super) fn described(text: &str) -> Element {
    Element::text("Description", text).with("xml:lang", "en-US")
}

fn price_basis(product: &Product) -> Element {
    Element::new("PriceBasisQuantity")
        .with("quantity", product.basis.to_string())
        .with("conversionFactor", "1")
        .holding(Element::text("UnitOfMeasure", product.unit))
}

fn warranty(product: &Product) -> Option<Element> {
    let months = product.warranty_months;
    (months > 0)
        .then(|| Element::text("Extrinsic", months.to_string()).with("name", "warrantyMonths"))
}

fn money(vendor: &Vendor, amount: Decimal) -> Element {
    let mut text = amount.money();
    if vendor.has(Quirk::CommaPrice) {
        text = text.replace('.', ",");
    }
    Element::text("Money", text).with("currency", CURRENCY)
}

/// What is wrong with the elements of carts.
fn spoil(vendor: &Vendor, element: &mut Element) {
    if vendor.has(Quirk::NoClassification) {
        element.without("Classification");
    }
    if vendor.has(Quirk::OutOfOrder) && matches!(element.name.as_str(), "ItemDetail" | "ItemID") {
        element.nodes.reverse();
    }
    if vendor.has(Quirk::NewerElements) && element.name == "ItemID" {
        let number = Element::text("BuyerPartID", "WM-77");
        element.nodes.push(Node::Element(number));
    }
}

/// What no writer of XML does by itself.
fn damaged(vendor: &Vendor, text: String) -> String {
    let in_description =
        |with: &str| text.replacen("</Description>", &format!("{with}</Description>"), 1);
    if vendor.has(Quirk::UndeclaredEntity) {
        return in_description("&reg;");
    }
    if vendor.has(Quirk::RawAmpersand) {
        return in_description(" R&D");
    }
    text
}
