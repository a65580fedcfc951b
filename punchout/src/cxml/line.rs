//! A line of a cart: typed, and beside that as it came.

use rust_decimal::Decimal;

use crate::code::Code;
use crate::exact::{self, Exact};
use crate::unit::Measure;

use super::address::{Address, Text};
use super::item::{Classification, Description, Extrinsic, ItemId, PriceBasis};
use super::money::{Money, Weight};
use super::walk::{Step, Tag, Walk};

/// What a line is in a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A bundle, whose parts are other lines.
    Composite,
    /// A part of one.
    Item,
    /// A bundle whose parts are not listed.
    Lean,
}

/// At which level of a bundle its price is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceLevel {
    /// The bundle's.
    Group,
    /// The parts'.
    Item,
}

/// A line of a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which of the document's it is, from 1; dropped lines are counted as well.
    pub position: usize,
    /// The number that the supplier gives it. It may be missing, and need not be unique.
    pub line_number: Option<String>,
    /// The number of the bundle's line that it is a part of.
    pub parent_line_number: Option<String>,
    /// What it is in a bundle.
    pub kind: Option<Kind>,
    /// Of a bundle, whose price is meant.
    pub price_level: Option<PriceLevel>,
    /// How many of the unit; more than none.
    pub quantity: Exact,
    /// What the supplier knows it by.
    pub item: ItemId,
    /// The price of one unit, or by [`price_basis`](Self::price_basis).
    pub unit_price: Money,
    /// For what the price is, if it is not for one unit.
    pub price_basis: Option<PriceBasis>,
    /// Descriptions in several languages.
    pub descriptions: Vec<Description>,
    /// The unit. One that is not known holds back assets, not the cart.
    pub unit: Measure,
    /// What sort of thing it is.
    pub classifications: Vec<Classification>,
    /// The manufacturer's number for it.
    pub manufacturer_part: Option<String>,
    /// The manufacturer.
    pub manufacturer: Option<Text>,
    /// A page about it.
    pub url: Option<String>,
    /// Days until it is there; not always a number.
    pub lead_time: Option<String>,
    /// What cXML has no element for.
    pub extrinsics: Vec<Extrinsic>,
    /// The vendor of this line, where it is not the cart's.
    pub supplier: Option<(String, String)>,
    /// Where this line goes.
    pub ship_to: Option<Address>,
    /// What its shipping costs; an estimate.
    pub shipping: Option<Money>,
    /// Its tax; an estimate.
    pub tax: Option<Money>,
    /// Whether its price is one of those that make up the cart's: in a bundle it is the bundle's or the parts'.
    pub counts: bool,
    /// The whole element as it came, secrets taken out.
    pub raw: String,
}

impl Line {
    /// Quantity by price, by the basis of the price if it has one. None if it has more digits than can be kept.
    #[must_use]
    pub fn total(&self) -> Option<Decimal> {
        let (quantity, price) = (self.quantity.value(), self.unit_price.amount.value());
        match &self.price_basis {
            None => exact::times(quantity, price),
            Some(basis) => {
                let units = quantity.checked_mul(basis.conversion_factor.value())?;
                exact::over(units.checked_mul(price)?, basis.quantity.value())
            }
        }
    }

    /// The description for a reader of a language.
    #[must_use]
    pub fn description(&self, lang: &str) -> Option<&str> {
        Description::chosen(&self.descriptions, lang).map(Description::shown)
    }

    /// The first classification by UNSPSC.
    #[must_use]
    pub fn unspsc(&self) -> Option<&str> {
        self.classifications
            .iter()
            .find_map(|it| it.unspsc.as_deref())
    }

    /// How many pieces the line is, if that is certain and whole.
    #[must_use]
    pub fn pieces(&self) -> Option<u32> {
        pieces(&self.quantity, &self.unit)
    }
}

/// How many pieces a quantity of a unit is, if that is certain and whole.
pub(crate) fn pieces(quantity: &Exact, unit: &Measure) -> Option<u32> {
    let each = unit.known.as_ref()?.pieces?;
    let all = quantity.value().checked_mul(Decimal::from(each))?;
    (all.fract().is_zero())
        .then(|| u32::try_from(all).ok())
        .flatten()
}

/// What was read of a line so far.
#[derive(Default)]
struct Draft {
    item: Option<ItemId>,
    detail: Detail,
    supplier: Option<(String, String)>,
    ship_to: Option<Address>,
    shipping: Option<Money>,
    tax: Option<Money>,
    extrinsics: Vec<Extrinsic>,
}

/// What `ItemDetail` says.
#[derive(Default)]
pub(crate) struct Detail {
    pub unit_price: Option<Money>,
    pub price_basis: Option<PriceBasis>,
    pub descriptions: Vec<Description>,
    pub unit: Option<Measure>,
    pub classifications: Vec<Classification>,
    pub manufacturer_part: Option<String>,
    pub manufacturer: Option<Text>,
    pub url: Option<String>,
    pub lead_time: Option<String>,
    pub extrinsics: Vec<Extrinsic>,
}

/// The element `ItemIn` that is open. None for one of quantity zero, and for one with errors.
pub(crate) fn line<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>, position: usize) -> Step<Option<Line>> {
    let secrets = walk.secrets;
    let quantity = walk.quantity(tag, "quantity");
    let draft = draft(walk, tag)?;
    let quantity = match quantity {
        Some(quantity) if quantity.is_zero() => {
            let spot = tag.spot_of("quantity");
            walk.notes.warn(Code::LineDroppedZeroQuantity, spot, || {
                "is nothing; the line was left out".to_owned()
            });
            return Ok(None);
        }
        other => other,
    };
    let raw = walk.raw(tag);
    let raw = if walk.secrets == secrets {
        raw.to_owned()
    } else {
        crate::redact::redact(raw).into_owned()
    };
    let Draft {
        item,
        detail,
        supplier,
        ship_to,
        shipping,
        tax,
        mut extrinsics,
    } = draft;
    let (Some(quantity), Some(item), Some(unit_price)) = (quantity, item, detail.unit_price) else {
        return Ok(None);
    };
    extrinsics.splice(..0, detail.extrinsics);
    let line = Line {
        position,
        line_number: tag.some("lineNumber"),
        parent_line_number: tag.some("parentLineNumber"),
        kind: kind(tag),
        price_level: price_level(tag),
        quantity,
        item,
        unit_price,
        price_basis: detail.price_basis,
        descriptions: detail.descriptions,
        unit: detail.unit.unwrap_or_else(|| walk.tolerance.units.read("")),
        classifications: detail.classifications,
        manufacturer_part: detail.manufacturer_part,
        manufacturer: detail.manufacturer,
        url: detail.url,
        lead_time: detail.lead_time,
        extrinsics,
        supplier,
        ship_to,
        shipping,
        tax,
        counts: true,
        raw,
    };
    if line.total().is_none() {
        walk.notes.error(Code::BadAmount, tag.spot(), || {
            "has a quantity and a price whose product has more digits than can be kept".to_owned()
        });
    }
    Ok(Some(line))
}

fn kind(tag: &Tag<'_>) -> Option<Kind> {
    match tag.attribute("itemType")?.trim() {
        "composite" => Some(Kind::Composite),
        "item" => Some(Kind::Item),
        "lean" => Some(Kind::Lean),
        _ => None,
    }
}

fn price_level(tag: &Tag<'_>) -> Option<PriceLevel> {
    match tag.attribute("compositeItemType")?.trim() {
        "groupLevel" => Some(PriceLevel::Group),
        "itemLevel" => Some(PriceLevel::Item),
        _ => None,
    }
}

fn draft<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Draft> {
    let mut draft = Draft::default();
    let mut seen = [false; 2];
    while let Some(child) = walk.child()? {
        match child.name() {
            "ItemID" if walk.once(&mut seen[0], &child) => {
                draft.item = Some(walk.item_id(&child, Weight::Decides)?);
            }
            "ItemDetail" if walk.once(&mut seen[1], &child) => draft.detail = detail(walk, &child)?,
            "ItemID" | "ItemDetail" => walk.skip()?,
            "SupplierID" => {
                let domain = child.attribute("domain").unwrap_or_default().to_owned();
                draft.supplier = walk.some_text()?.map(|id| (domain, id));
            }
            "ShipTo" => draft.ship_to = walk.address_within()?,
            "Shipping" => draft.shipping = walk.money_within(&child, Weight::Informs)?,
            "Tax" => draft.tax = walk.money_within(&child, Weight::Informs)?,
            "Extrinsic" => walk.extrinsic(&child, &mut draft.extrinsics)?,
            // Not needed here; the line is kept as it came.
            "Path" | "SpendDetail" | "Distribution" | "Contact" | "Comments" | "SupplierList" => {
                walk.skip()?;
            }
            _ => walk.unknown(&child)?,
        }
    }
    for (seen, name) in seen.into_iter().zip(["ItemID", "ItemDetail"]) {
        if !seen {
            walk.notes.error(Code::MissingElement, tag.spot(), || {
                format!("has no {name}")
            });
        }
    }
    Ok(draft)
}

/// The element `ItemDetail` that is open.
pub(crate) fn detail<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Detail> {
    let mut detail = Detail::default();
    let (mut priced, mut based, mut measured) = (false, false, false);
    while let Some(child) = walk.child()? {
        match child.name() {
            "UnitPrice" if walk.once(&mut priced, &child) => {
                detail.unit_price = walk.money_within(&child, Weight::Decides)?;
            }
            "UnitOfMeasure" if walk.once(&mut measured, &child) => {
                detail.unit = Some(walk.measure(&child)?);
            }
            "UnitPrice" | "UnitOfMeasure" => walk.skip()?,
            "PriceBasisQuantity" => basis(walk, &child, &mut based, &mut detail.price_basis)?,
            "Description" => detail.descriptions.push(walk.description(&child)?),
            "Classification" => detail.classifications.push(walk.classification(&child)?),
            "ManufacturerPartID" => detail.manufacturer_part = walk.some_text()?,
            "ManufacturerName" => detail.manufacturer = walk.some_named(&child)?,
            "URL" => detail.url = walk.web_address(&child)?,
            "LeadTime" => detail.lead_time = walk.some_text()?,
            "Extrinsic" => walk.extrinsic(&child, &mut detail.extrinsics)?,
            _ => walk.unknown(&child)?,
        }
    }
    if !priced {
        walk.notes.error(Code::MissingElement, tag.spot(), || {
            "has no UnitPrice; a price is never guessed".to_owned()
        });
    }
    if !measured {
        walk.notes.warn(Code::MissingElement, tag.spot(), || {
            "has no UnitOfMeasure".to_owned()
        });
    }
    if detail.classifications.is_empty() {
        walk.notes.warn(Code::MissingElement, tag.spot(), || {
            "has no Classification".to_owned()
        });
    }
    Ok(detail)
}

fn basis<'a>(
    walk: &mut Walk<'a>,
    tag: &Tag<'a>,
    seen: &mut bool,
    into: &mut Option<PriceBasis>,
) -> Step<()> {
    let read = walk.price_basis(tag)?;
    if std::mem::replace(seen, true) && read != *into {
        walk.notes.error(Code::MixedPriceBasis, tag.spot(), || {
            "is the second basis of one price, and another than the first".to_owned()
        });
    }
    *into = read;
    Ok(())
}
