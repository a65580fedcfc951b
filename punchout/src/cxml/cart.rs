//! The cart that a supplier's shop gives back: `PunchOutOrderMessage`.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use crate::code::Code;
use crate::exact::Exact;
use crate::finding::{Finding, Notes, Read, Spot};
use crate::form::Opened;
use crate::limits::Tolerance;

use super::address::Address;
use super::envelope::{self, Envelope};
use super::line::{self, Line};
use super::money::{Currency, Money, Weight};
use super::response::{Status, status};
use super::walk::{Step, Tag, Walk, some};
use super::{bundle, repaired};

/// How much the stated total may differ, for each line, before that is told: what rounding of lines makes.
const ROUNDING: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// What may be done with a cart later, each including those before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allowed {
    /// It may be ordered, and nothing else.
    #[default]
    Create,
    /// It may be looked at in the shop.
    Inspect,
    /// It may be changed in the shop.
    Edit,
}

/// Whether the prices hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Quote {
    /// It may be ordered.
    #[default]
    Final,
    /// It may not be ordered before a final one comes.
    Pending,
}

/// What became of a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourcing {
    /// `approve`, `cancel` or `deny`.
    pub action: Option<String>,
    /// What the supplier says about it.
    pub text: String,
}

/// A cart. What it says was in the hands of a browser: prices are stated, not proven.
#[derive(Debug, Clone)]
pub struct Cart {
    /// What is around it.
    pub envelope: Envelope,
    /// Which session of shopping it is of; nothing else routes it.
    pub buyer_cookie: String,
    /// What the shop says of the session; nothing means 200. With 204 nothing changes.
    pub status: Option<Status>,
    /// What may be done with it later.
    pub allowed: Allowed,
    /// Whether it may be ordered.
    pub quote: Quote,
    /// What became of a quote.
    pub sourcing: Option<Sourcing>,
    /// The supplier's number for the quote or order.
    pub supplier_order: Option<String>,
    /// The total that the shop states: shown and compared, never more.
    pub total: Option<Money>,
    /// The address that was chosen in the shop. It replaces nothing.
    pub ship_to: Option<Address>,
    /// What shipping costs.
    pub shipping: Option<Money>,
    /// Tax.
    pub tax: Option<Money>,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Cart {
    /// Whether the shop says that the session ended and nothing changed.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.status
            .as_ref()
            .is_some_and(|status| status.code == 204)
    }

    /// What the lines come to, by currency. Parts of bundles are counted once.
    #[must_use]
    pub fn subtotals(&self) -> BTreeMap<Currency, Decimal> {
        let mut sums = BTreeMap::new();
        for line in self.lines.iter().filter(|line| line.counts) {
            let sum: &mut Decimal = sums.entry(line.unit_price.currency).or_default();
            // Lines whose total cannot be kept were refused.
            *sum = sum.saturating_add(line.total().unwrap_or_default());
        }
        sums
    }
}

/// Reads the cart in a document.
#[must_use]
pub fn read(opened: &Opened, tolerance: &Tolerance) -> Read<Cart> {
    read_text(&opened.text, tolerance)
}

/// The same of a text that did not come by a form.
#[must_use]
pub fn read_text(text: &str, tolerance: &Tolerance) -> Read<Cart> {
    let text = repaired(text, tolerance);
    let mut walk = match Walk::new(&text, tolerance) {
        Ok(walk) => walk,
        Err(error) => return Read::refused(Finding::of_xml(&text, &error)),
    };
    let read = document(&mut walk);
    walk.finish(read)
}

fn document(walk: &mut Walk<'_>) -> Step<Option<Cart>> {
    let Some(mut envelope) = envelope::root(walk)? else {
        return Ok(None);
    };
    let secrets = walk.secrets;
    let mut message = Message::default();
    let mut seen = [false; 2];
    while let Some(tag) = walk.child()? {
        match tag.name() {
            "Header" if walk.once(&mut seen[0], &tag) => {
                envelope.header = Some(envelope::header(walk, &tag)?);
            }
            "Message" if walk.once(&mut seen[1], &tag) => {
                envelope.mode = envelope::mode(&tag);
                envelope.in_reply_to = tag.some("inReplyTo");
                message = self::message(walk, &tag)?;
            }
            "Request" | "Response" => wrong(walk, &tag)?,
            "Header" | "Message" | "ds:Signature" | "Signature" => walk.skip()?,
            _ => walk.unknown(&tag)?,
        }
    }
    walk.end()?;
    if walk.secrets > secrets {
        walk.notes.warn_of_all(Code::SecretInBrowserDocument, || {
            "the document has a secret in it, and went through a browser".to_owned()
        });
    }
    if !seen[0] {
        walk.notes.warn_of_all(Code::MissingElement, || {
            "the document has no Header".to_owned()
        });
    }
    if !seen[1] && !walk.notes.refuses() {
        walk.notes.error_of_all(Code::MissingElement, || {
            "the document has no Message".to_owned()
        });
    }
    compare_header(walk, &envelope);
    Ok(message.into_cart(envelope))
}

/// What a `Message` holds.
#[derive(Default)]
struct Message {
    status: Option<Status>,
    order: Option<Order>,
}

/// What a `PunchOutOrderMessage` holds.
#[derive(Default)]
struct Order {
    cookie: Option<String>,
    header: Option<OrderHeader>,
    lines: Vec<Line>,
}

#[derive(Default)]
struct OrderHeader {
    allowed: Allowed,
    quote: Quote,
    sourcing: Option<Sourcing>,
    supplier_order: Option<String>,
    total: Option<Money>,
    ship_to: Option<Address>,
    shipping: Option<Money>,
    tax: Option<Money>,
}

impl Message {
    fn into_cart(self, envelope: Envelope) -> Option<Cart> {
        let order = self.order?;
        let header = order.header.unwrap_or_default();
        Some(Cart {
            envelope,
            buyer_cookie: order.cookie?,
            status: self.status,
            allowed: header.allowed,
            quote: header.quote,
            sourcing: header.sourcing,
            supplier_order: header.supplier_order,
            total: header.total,
            ship_to: header.ship_to,
            shipping: header.shipping,
            tax: header.tax,
            lines: order.lines,
        })
    }
}

/// A request or a response where a message is due: which one is told.
fn wrong<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<()> {
    let mut inner = None;
    while let Some(child) = walk.child()? {
        if child.name() != "Status" || inner.is_none() {
            inner = Some(child.name());
        }
        walk.skip()?;
    }
    let what = inner.unwrap_or("nothing");
    walk.notes.error(Code::WrongDocumentType, tag.spot(), || {
        format!("with {what} came; expected Message with PunchOutOrderMessage")
    });
    Ok(())
}

fn message<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Message> {
    let mut message = Message::default();
    let mut seen = [false; 2];
    let mut other = None;
    while let Some(child) = walk.child()? {
        match child.name() {
            "Status" if walk.once(&mut seen[0], &child) => message.status = status(walk, &child)?,
            "PunchOutOrderMessage" if walk.once(&mut seen[1], &child) => {
                message.order = Some(order(walk, &child)?);
            }
            "Status" | "PunchOutOrderMessage" => walk.skip()?,
            name => {
                other.get_or_insert(name);
                walk.unknown(&child)?;
            }
        }
    }
    match other {
        _ if seen[1] => {}
        Some(name) => walk.notes.error(Code::WrongDocumentType, tag.spot(), || {
            format!("with {name} came; expected PunchOutOrderMessage")
        }),
        None => walk.notes.error(Code::MissingElement, tag.spot(), || {
            "has no PunchOutOrderMessage".to_owned()
        }),
    }
    Ok(message)
}

fn order<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Order> {
    let mut order = Order::default();
    let mut seen = [false; 2];
    let mut spots = Vec::new();
    let mut total_spot = tag.spot();
    let mut position = 0;
    while let Some(child) = walk.child()? {
        match child.name() {
            "BuyerCookie" if walk.once(&mut seen[0], &child) => {
                order.cookie = some(&walk.any()?.text);
            }
            "PunchOutOrderMessageHeader" if walk.once(&mut seen[1], &child) => {
                total_spot = child.spot();
                order.header = Some(order_header(walk, &child)?);
            }
            "BuyerCookie" | "PunchOutOrderMessageHeader" => walk.skip()?,
            "ItemIn" => {
                position += 1;
                if position > walk.tolerance.limits.lines {
                    too_many(walk, &child);
                    walk.skip()?;
                } else if let Some(line) = line::line(walk, &child, position)? {
                    order.lines.push(line);
                    spots.push(child.spot());
                }
            }
            _ => walk.unknown(&child)?,
        }
    }
    if order.cookie.is_none() {
        walk.notes.error(Code::MissingElement, tag.spot(), || {
            "has no BuyerCookie; the cart cannot be told from others".to_owned()
        });
    }
    if !seen[1] {
        walk.notes.warn(Code::MissingElement, tag.spot(), || {
            "has no PunchOutOrderMessageHeader".to_owned()
        });
    }
    bundle::count(&mut order.lines, &spots, &mut walk.notes);
    check_lines(&mut walk.notes, walk.tolerance, &order.lines, &spots);
    if let Some(header) = &order.header {
        check_header(walk, header, &order.lines, total_spot);
    }
    Ok(order)
}

fn too_many(walk: &mut Walk<'_>, tag: &Tag<'_>) {
    let most = walk.tolerance.limits.lines;
    // One is enough to be told of.
    walk.notes.error_once(Code::LimitExceeded, tag.spot(), || {
        format!("is one line more than the {most} that are taken")
    });
}

fn order_header<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<OrderHeader> {
    let mut header = OrderHeader {
        allowed: allowed(walk, tag),
        quote: quote(tag),
        ..OrderHeader::default()
    };
    let mut seen = [false; 3];
    while let Some(child) = walk.child()? {
        match child.name() {
            "Total" if walk.once(&mut seen[0], &child) => {
                header.total = walk.money_within(&child, Weight::Informs)?;
            }
            "Shipping" if walk.once(&mut seen[1], &child) => {
                header.shipping = walk.money_within(&child, Weight::Informs)?;
            }
            "Tax" if walk.once(&mut seen[2], &child) => {
                header.tax = walk.money_within(&child, Weight::Informs)?;
            }
            "Total" | "Shipping" | "Tax" => walk.skip()?,
            "ShipTo" => header.ship_to = walk.address_within()?,
            "SourcingStatus" => {
                let action = child.some("action");
                let text = walk.text()?.trim().to_owned();
                header.sourcing = Some(Sourcing { action, text });
            }
            "SupplierOrderInfo" => {
                header.supplier_order = child.some("orderID");
                walk.skip()?;
            }
            _ => walk.unknown(&child)?,
        }
    }
    if !seen[0] {
        walk.notes.warn(Code::MissingElement, tag.spot(), || {
            "has no Total".to_owned()
        });
    }
    Ok(header)
}

fn allowed(walk: &mut Walk<'_>, tag: &Tag<'_>) -> Allowed {
    match tag.attribute("operationAllowed").map(str::trim) {
        Some("create") => Allowed::Create,
        Some("inspect") => Allowed::Inspect,
        Some("edit") => Allowed::Edit,
        said => {
            let says = said.map_or(
                "is missing; taken for create",
                |_| "is none that is known; taken for create",
            );
            let spot = tag.spot_of("operationAllowed");
            walk.notes
                .warn(Code::MissingAttribute, spot, || says.to_owned());
            Allowed::Create
        }
    }
}

fn quote(tag: &Tag<'_>) -> Quote {
    if tag.attribute("quoteStatus").map(str::trim) == Some("pending") {
        Quote::Pending
    } else {
        Quote::Final
    }
}

/// What lines say beside one another.
pub(crate) fn check_lines(
    notes: &mut Notes,
    tolerance: &Tolerance,
    lines: &[Line],
    spots: &[Spot],
) {
    let mut identities: HashMap<_, usize> = HashMap::with_capacity(lines.len());
    let expected = tolerance.currency.as_deref().and_then(Currency::read);
    for (line, spot) in lines.iter().zip(spots) {
        let identity = (
            &line.item.part,
            line.item.auxiliary.as_ref().map(|it| match it {
                super::item::Content::Text(text) | super::item::Content::Xml(text) => text,
            }),
        );
        if let Some(first) = identities.insert(identity, line.position) {
            notes.warn(Code::DuplicateLineIdentity, *spot, || {
                format!("has the part and the auxiliary id of line {first}")
            });
        }
        if expected.is_some_and(|expected| expected != line.unit_price.currency) {
            let currency = line.unit_price.currency;
            notes.warn(Code::CurrencyDiffers, *spot, || {
                format!("is priced in {currency}, which is not the supplier's usual currency")
            });
        }
    }
}

fn check_header(walk: &mut Walk<'_>, header: &OrderHeader, lines: &[Line], spot: Spot) {
    // Of lines that were refused the total says nothing.
    if let Some(total) = &header.total
        && !walk.notes.refuses()
        && !is_total(total, header, lines)
    {
        walk.notes.warn(Code::TotalMismatch, spot, || {
            format!("has the total {} {}, which is not that of the lines, with or without shipping and tax", total.amount, total.currency)
        });
    }
    let expected = walk.tolerance.ship_to.as_deref();
    let stated = header.ship_to.as_ref().map(|it| it.id.as_deref());
    if let (Some(expected), Some(stated)) = (expected, stated)
        && stated != Some(expected)
    {
        walk.notes.warn(Code::ShipToDiffers, spot, || {
            "names another address than the requisition, which keeps its own".to_owned()
        });
    }
}

/// Whether a total is that of the lines, with or without shipping and tax, but for what rounding may make. Of several currencies nothing can be
/// said.
fn is_total(total: &Money, header: &OrderHeader, lines: &[Line]) -> bool {
    if lines
        .iter()
        .any(|line| line.unit_price.currency != total.currency)
    {
        return true;
    }
    let counted = lines.iter().filter(|line| line.counts);
    let sum = counted.fold(Decimal::ZERO, |sum, line| {
        sum.saturating_add(line.total().unwrap_or_default())
    });
    let extra = |money: &Option<Money>| {
        money
            .as_ref()
            .map_or(Decimal::ZERO, |money| Exact::value(&money.amount))
    };
    let (shipping, tax) = (extra(&header.shipping), extra(&header.tax));
    let near = ROUNDING.saturating_mul(Decimal::from(lines.len()));
    [Decimal::ZERO, shipping, tax, shipping.saturating_add(tax)]
        .into_iter()
        .any(|extra| {
            let difference = total
                .amount
                .value()
                .saturating_sub(sum.saturating_add(extra));
            difference.abs() <= near
        })
}

/// A cart is not known by its header; but whoever looks after the supplier should know that it names others.
fn compare_header(walk: &mut Walk<'_>, envelope: &Envelope) {
    let Some(header) = &envelope.header else {
        return;
    };
    let known = &walk.tolerance.supplier;
    if known.is_empty() {
        return;
    }
    let mut credentials = header.from.iter().chain(&header.sender);
    let matches = credentials.any(|it| {
        known
            .iter()
            .any(|(domain, identity)| it.names(domain, identity))
    });
    if !matches {
        walk.notes.warn_of_all(Code::HeaderMismatch, || {
            "the header names another supplier than that of the session".to_owned()
        });
    }
}

/// The cookie of a cart, by which its session is found before the supplier is known and the cart can be read: the first one, whatever else is
/// wrong after it. Two of them are an error when the cart is read.
#[must_use]
pub fn peek_buyer_cookie(opened: &Opened, tolerance: &Tolerance) -> Option<String> {
    let text = crate::entities::repair(&opened.text);
    let mut walk = Walk::new(&text, tolerance).ok()?;
    envelope::root(&mut walk).ok()??;
    descend(
        &mut walk,
        &["Message", "PunchOutOrderMessage", "BuyerCookie"],
    )?;
    some(&walk.any().ok()?.text)
}

/// Goes to the first element of each name in turn.
fn descend(walk: &mut Walk<'_>, names: &[&str]) -> Option<()> {
    for name in names {
        loop {
            let tag = walk.child().ok()??;
            if tag.name() == *name {
                break;
            }
            walk.skip().ok()?;
        }
    }
    Some(())
}
