//! What is kept of carts and orders, as documents of ours say it: lines as they came, as long as nothing of them was changed.

use habeo_core::exact::Exact as Kept;
use habeo_core::location::Location;
use habeo_core::order::report::Said;
use habeo_core::order::{Order, SentLine};
use habeo_core::punchout::cart::Sent;
use habeo_core::requisition::Line;

use crate::cxml::address::{Address, Text};
use crate::cxml::item::{Content, Description, ItemId, PriceBasis};
use crate::cxml::money::{Currency, Money};
use crate::cxml::write::{Composed, ItemOut, NotKept, Repriced, What};
use crate::exact::Exact;
use crate::unit::Units;

/// A line with the text that it came as.
pub(crate) type Texted = (Line, Option<String>);

/// A line of a cart that is changed or looked at in the shop again.
pub(crate) fn of_cart((line, raw): &Texted) -> Result<ItemOut, NotKept> {
    let what = match raw.as_ref().filter(|raw| !raw.is_empty()) {
        Some(raw) => What::Kept(raw.clone()),
        None => composed(&line.sent, &line.sent.part, &as_sent(line)?)?,
    };
    item(line.stored.quantity, None, what)
}

/// A line of an order: as it came from the shop, at another price where one was agreed to since, unless another product was.
pub(crate) fn of_order(sent: &SentLine, (line, raw): &Texted) -> Result<ItemOut, NotKept> {
    let is_same = sent.part == line.sent.part && sent.unit == line.sent.unit;
    let raw = raw.as_ref().filter(|raw| is_same && !raw.is_empty());
    let what = match raw {
        Some(raw) if is_as_it_came(sent, line)? => What::Kept(raw.clone()),
        Some(raw) => What::Repriced(Box::new(Repriced {
            raw: raw.clone(),
            unit_price: unit_price(&sent.price)?,
            price_basis: price_basis(&line.sent, &sent.price)?,
        })),
        None => composed(&line.sent, &sent.part, &sent.price)?,
    };
    item(sent.quantity, u32::try_from(sent.line).ok(), what)
}

/// Whether the price is the one that came. What is counted with another line of its bundle came with a price of its own and is ordered at
/// nothing: what an order's lines come to is what it comes to.
fn is_as_it_came(sent: &SentLine, line: &Line) -> Result<bool, NotKept> {
    let came = as_sent(line)?;
    let price = &sent.price;
    Ok(price.amount == came.amount
        && price.currency == came.currency
        && price.factor == came.factor
        && price.basis == came.basis)
}

/// What an order comes to.
pub(crate) fn total(order: &Order, lines: &[SentLine]) -> Result<Money, NotKept> {
    let mut sum = Kept::ZERO;
    for line in lines {
        sum = sum.plus(amount(line)?).map_err(|_| NotKept)?;
    }
    Ok(Money {
        amount: number(sum.to_places(6))?,
        currency: Currency::read(&order.currency).ok_or(NotKept)?,
    })
}

/// What a line comes to, by the basis of its price where it has one.
fn amount(line: &SentLine) -> Result<Kept, NotKept> {
    let Said {
        amount,
        factor,
        basis,
        ..
    } = &line.price;
    let times = line.quantity.times(factor.unwrap_or(Kept::ONE));
    let paid = times.and_then(|times| times.times(*amount));
    let paid = paid.map_err(|_| NotKept)?;
    match basis {
        Some(basis) if *basis != Kept::ONE => paid.over(*basis).map_err(|_| NotKept),
        _ => Ok(paid),
    }
}

/// A place of ours. What suppliers deliver by is the number under which they know it; that is our code for it.
pub(crate) fn address(place: Location) -> Address {
    Address {
        id: Some(place.code),
        name: Text {
            lang: None,
            text: if place.path.is_empty() {
                place.name
            } else {
                place.path
            },
        },
        ..Address::default()
    }
}

fn item(quantity: Kept, line_number: Option<u32>, what: What) -> Result<ItemOut, NotKept> {
    Ok(ItemOut {
        quantity: number(quantity)?,
        line_number,
        requested_delivery: None,
        what,
        ship_to: None,
        distributions: Vec::new(),
        comments: None,
    })
}

fn number(kept: Kept) -> Result<Exact, NotKept> {
    Exact::amount(&kept.plain().to_string()).map_err(|_| NotKept)
}

/// The price of a line as it was sent.
fn as_sent(line: &Line) -> Result<Said, NotKept> {
    let basis = line.sent.basis.as_ref();
    let factor = basis.map(|basis| Kept::factor(&basis.factor));
    let of = basis.map(|basis| Kept::quantity(&basis.quantity));
    Ok(Said {
        amount: line.stored.price,
        currency: line.stored.currency.clone(),
        factor: factor.transpose().map_err(|_| NotKept)?,
        basis: of.transpose().map_err(|_| NotKept)?,
    })
}

fn unit_price(price: &Said) -> Result<Money, NotKept> {
    Ok(Money {
        amount: number(price.amount)?,
        currency: Currency::read(&price.currency).ok_or(NotKept)?,
    })
}

/// For what a price is, where that is not one of the unit; in the unit that the shop said, else in that of the line.
fn price_basis(sent: &Sent, price: &Said) -> Result<Option<PriceBasis>, NotKept> {
    if price.basis.is_none() && price.factor.is_none() {
        return Ok(None);
    }
    let of = price.basis.unwrap_or(Kept::ONE);
    let factor = price.factor.unwrap_or(Kept::ONE).plain().to_string();
    let unit = sent.basis.as_ref().and_then(|told| told.unit.as_deref());
    Ok(Some(PriceBasis {
        quantity: number(of)?,
        conversion_factor: Exact::factor(&factor).map_err(|_| NotKept)?,
        unit: Units::default().read(unit.unwrap_or(&sent.unit)),
    }))
}

fn composed(sent: &Sent, part: &str, price: &Said) -> Result<What, NotKept> {
    let same_part = sent.part == part;
    // What else the supplier knows a product by is nothing of another product's.
    let auxiliary = sent.aux.clone().filter(|_| same_part).map(Content::Text);
    let descriptions = sent.descriptions.iter().map(|text| Description {
        lang: Some(text.lang.clone()).filter(|lang| !lang.is_empty()),
        short: text.short.clone(),
        text: text.text.clone(),
    });
    let classifications = sent.classifications.iter();
    Ok(What::Composed(Box::new(Composed {
        item: ItemId {
            part: part.to_owned(),
            auxiliary,
            buyer_part: None,
        },
        unit_price: unit_price(price)?,
        price_basis: price_basis(sent, price)?,
        descriptions: descriptions.filter(|_| same_part).collect(),
        unit: sent.unit.clone(),
        classifications: classifications
            .map(|one| (one.domain.clone(), one.code.clone()))
            .collect(),
        manufacturer_part: sent.manufacturer_part.clone().filter(|_| same_part),
        manufacturer: sent
            .manufacturer
            .clone()
            .map(|text| Text { lang: None, text }),
        extrinsics: Vec::new(),
    })))
}
