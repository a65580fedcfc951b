//! Items that go to a supplier: what came from its shop, as it came; or what was put together here.

use habeo_receivers::xml::{Limits, Part, Reader};
use time::OffsetDateTime;

use crate::cxml::address::{Address, Text};
use crate::cxml::item::{Content, Description, ItemId, PriceBasis};
use crate::cxml::line::Line;
use crate::cxml::money::Money;
use crate::exact::Exact;
use crate::moment;

use super::pen::Pen;
use super::{address, money, priced, text};

/// An item that goes to a supplier.
#[derive(Debug, Clone)]
pub struct ItemOut {
    /// How many.
    pub quantity: Exact,
    /// Its number in the order, which confirmations, shipments and invoices name; never changed.
    pub line_number: Option<u32>,
    /// When it is wanted.
    pub requested_delivery: Option<OffsetDateTime>,
    /// What.
    pub what: What,
    /// Where it goes, if not where the order goes.
    pub ship_to: Option<Address>,
    /// Who pays for it.
    pub distributions: Vec<Distribution>,
    /// What the supplier should know.
    pub comments: Option<String>,
}

/// What an item is.
#[derive(Debug, Clone)]
pub enum What {
    /// The element `ItemIn` as it came. `ItemID` and all of `ItemDetail` go back byte for byte, in the order of the definition.
    Kept(String),
    /// The same at another price than it came with.
    Repriced(Box<Repriced>),
    /// Put together here.
    Composed(Box<Composed>),
}

/// A line as it came, but for its price.
#[derive(Debug, Clone)]
pub struct Repriced {
    /// The element `ItemIn` as it came.
    pub raw: String,
    /// What one costs now.
    pub unit_price: Money,
    /// For what the price is, if it is not for one unit.
    pub price_basis: Option<PriceBasis>,
}

impl What {
    /// Whether it can be written, which is so for what was kept of every line that was read.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        match self {
            Self::Kept(raw) => Kept::of(raw).is_some(),
            Self::Repriced(repriced) => Kept::of(&repriced.raw).is_some(),
            Self::Composed(_) => true,
        }
    }
}

impl From<&Line> for What {
    fn from(line: &Line) -> Self {
        if line.raw.is_empty() {
            Self::Composed(Box::new(Composed::from(line)))
        } else {
            Self::Kept(line.raw.clone())
        }
    }
}

/// An item that was put together here.
#[derive(Debug, Clone)]
pub struct Composed {
    /// What the supplier knows it by.
    pub item: ItemId,
    /// What one costs.
    pub unit_price: Money,
    /// For what the price is, if it is not for one unit.
    pub price_basis: Option<PriceBasis>,
    /// Descriptions; the definition wants one at least.
    pub descriptions: Vec<Description>,
    /// The unit.
    pub unit: String,
    /// Domains and codes; the definition wants one at least.
    pub classifications: Vec<(String, String)>,
    /// The manufacturer's number for it.
    pub manufacturer_part: Option<String>,
    /// The manufacturer.
    pub manufacturer: Option<Text>,
    /// What cXML has no element for.
    pub extrinsics: Vec<(String, String)>,
}

impl From<&Line> for Composed {
    fn from(line: &Line) -> Self {
        let classifications = line.classifications.iter();
        let extrinsics = line.extrinsics.iter();
        Self {
            item: line.item.clone(),
            unit_price: line.unit_price.clone(),
            price_basis: line.price_basis.clone(),
            descriptions: line.descriptions.clone(),
            unit: line.unit.text.clone(),
            classifications: classifications
                .map(|it| (it.domain.clone(), it.text.clone()))
                .collect(),
            manufacturer_part: line.manufacturer_part.clone(),
            manufacturer: line.manufacturer.clone(),
            extrinsics: extrinsics
                .filter_map(|it| Some((it.name.clone(), it.content.text()?.to_owned())))
                .collect(),
        }
    }
}

/// Who pays for an item.
#[derive(Debug, Clone)]
pub struct Distribution {
    /// What the account is called.
    pub name: String,
    /// Its parts.
    pub segments: Vec<Segment>,
    /// How much of the item.
    pub charge: Money,
}

/// A part of an account.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Its value.
    pub id: String,
    /// What sort of part it is, such as `CostCenter`.
    pub name: String,
    /// What its value means.
    pub description: String,
}

/// What was kept of a line is no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what was kept of a cart's line is no ItemIn with an ItemID and an ItemDetail")]
pub struct NotKept;

/// An item that can be written.
#[derive(Debug)]
pub(super) enum Prepared<'a> {
    Kept(Kept<'a>, Option<&'a Repriced>),
    Composed(&'a Composed),
}

/// The parts of a kept line, as they are written.
#[derive(Debug, Default)]
pub(super) struct Kept<'a> {
    id: &'a str,
    path: &'a str,
    detail: Vec<(usize, &'a str)>,
    supplier: &'a str,
    spend: &'a str,
}

impl ItemOut {
    /// Takes a kept line apart.
    pub(super) fn prepared(&self) -> Result<Prepared<'_>, NotKept> {
        match &self.what {
            What::Kept(raw) => {
                let kept = Kept::of(raw).ok_or(NotKept)?;
                Ok(Prepared::Kept(kept, None))
            }
            What::Repriced(repriced) => {
                let kept = Kept::of(&repriced.raw).ok_or(NotKept)?;
                Ok(Prepared::Kept(kept, Some(repriced)))
            }
            What::Composed(composed) => Ok(Prepared::Composed(composed)),
        }
    }

    /// The item of an order.
    pub(super) fn write(&self, pen: &mut Pen, prepared: &Prepared<'_>) {
        let line_number = self.line_number.map(|it| it.to_string());
        let wanted = self.requested_delivery.map(moment::write);
        let attributes = [
            ("quantity", Some(self.quantity.as_str())),
            ("lineNumber", line_number.as_deref()),
            ("requestedDeliveryDate", wanted.as_deref()),
        ];
        pen.begin("ItemOut", &attributes);
        prepared.write(pen);
        if let Some(ship_to) = &self.ship_to {
            address(pen, "ShipTo", ship_to);
        }
        prepared.write_spend(pen);
        self.distributions.iter().for_each(|it| it.write(pen));
        if let Some(comments) = &self.comments {
            pen.leaf("Comments", &[("xml:lang", Some(super::LANG))], comments);
        }
        pen.end("ItemOut");
    }
}

impl Prepared<'_> {
    /// From `ItemID` to the supplier.
    pub fn write(&self, pen: &mut Pen) {
        match self {
            Self::Kept(kept, repriced) => {
                pen.raw(kept.id);
                pen.raw(kept.path);
                pen.begin("ItemDetail", &[]);
                kept.write_detail(pen, *repriced);
                pen.end("ItemDetail");
                pen.raw(kept.supplier);
            }
            Self::Composed(composed) => composed.write(pen),
        }
    }

    fn write_spend(&self, pen: &mut Pen) {
        if let Self::Kept(kept, _) = self {
            pen.raw(kept.spend);
        }
    }
}

impl<'a> Kept<'a> {
    fn of(raw: &'a str) -> Option<Self> {
        let limits = Limits {
            document_bytes: raw.len(),
            ..Limits::PROCUREMENT
        };
        let mut reader = Reader::new(raw, limits).ok()?;
        let mut kept = Self::default();
        let mut open: Vec<(&str, usize)> = Vec::new();
        while let Some(part) = reader.next_part().ok()? {
            match part {
                Part::Start(element) => open.push((element.name, reader.at())),
                Part::Text(_) => {}
                Part::End(_) => {
                    let (name, at) = open.pop()?;
                    let whole = raw.get(at..reader.tag_end())?;
                    let parents: Vec<&str> = open.iter().map(|(name, _)| *name).collect();
                    kept.take(&parents, name, whole);
                }
            }
        }
        kept.detail.sort_by_key(|(rank, _)| *rank);
        (!kept.id.is_empty() && !kept.detail.is_empty()).then_some(kept)
    }

    /// What is in `ItemDetail`, with another price in its place where there is one.
    fn write_detail(&self, pen: &mut Pen, repriced: Option<&Repriced>) {
        let Some(repriced) = repriced else {
            self.detail.iter().for_each(|(_, child)| pen.raw(child));
            return;
        };
        let (price, basis) = (rank("UnitPrice"), rank("PriceBasisQuantity"));
        priced(pen, "UnitPrice", &repriced.unit_price);
        let others = self
            .detail
            .iter()
            .filter(|(rank, _)| *rank != price && *rank != basis);
        let (before, after): (Vec<_>, Vec<_>) = others.partition(|(rank, _)| *rank < basis);
        for (_, child) in before {
            pen.raw(child);
        }
        if let Some(basis) = &repriced.price_basis {
            price_basis(pen, basis);
        }
        for (_, child) in after {
            pen.raw(child);
        }
    }

    fn take(&mut self, parents: &[&str], name: &str, whole: &'a str) {
        match (parents, name) {
            (["ItemIn"], "ItemID") => self.id = whole,
            (["ItemIn"], "Path") => self.path = whole,
            (["ItemIn"], "SupplierID") => self.supplier = whole,
            (["ItemIn"], "SpendDetail") => self.spend = whole,
            (["ItemIn", "ItemDetail"], name) => self.detail.push((rank(name), whole)),
            _ => {}
        }
    }
}

/// The order of the definition, with what came after 1.2.014 where it came.
fn rank(name: &str) -> usize {
    const ORDER: &[&str] = &[
        "UnitPrice",
        "Description",
        "OverallLimit",
        "ExpectedLimit",
        "UnitOfMeasure",
        "PriceBasisQuantity",
        "Classification",
        "ManufacturerPartID",
        "ManufacturerName",
        "URL",
        "LeadTime",
        "Dimension",
        "ItemDetailIndustry",
        "AttachmentReference",
        "PlannedAcceptanceDays",
    ];
    match ORDER.iter().position(|it| *it == name) {
        Some(rank) => rank,
        None if name == "Extrinsic" => ORDER.len() + 1,
        None => ORDER.len(),
    }
}

impl Composed {
    fn write(&self, pen: &mut Pen) {
        item_id(pen, &self.item);
        pen.begin("ItemDetail", &[]);
        priced(pen, "UnitPrice", &self.unit_price);
        for description in &self.descriptions {
            self::description(pen, description);
        }
        if self.descriptions.is_empty() {
            let part = Text {
                lang: None,
                text: self.item.part.clone(),
            };
            text(pen, "Description", &part);
        }
        pen.leaf("UnitOfMeasure", &[], &self.unit);
        if let Some(basis) = &self.price_basis {
            price_basis(pen, basis);
        }
        for (domain, code) in &self.classifications {
            pen.leaf("Classification", &[("domain", Some(domain))], code);
        }
        if self.classifications.is_empty() {
            pen.leaf("Classification", &[("domain", Some("UNSPSC"))], "");
        }
        if let Some(part) = &self.manufacturer_part {
            pen.leaf("ManufacturerPartID", &[], part);
        }
        if let Some(maker) = &self.manufacturer {
            let lang = [("xml:lang", maker.lang.as_deref())];
            pen.leaf("ManufacturerName", &lang, &maker.text);
        }
        super::extrinsics(pen, &self.extrinsics);
        pen.end("ItemDetail");
    }
}

fn price_basis(pen: &mut Pen, basis: &PriceBasis) {
    let attributes = [
        ("quantity", Some(basis.quantity.as_str())),
        ("conversionFactor", Some(basis.conversion_factor.as_str())),
    ];
    pen.begin("PriceBasisQuantity", &attributes);
    pen.leaf("UnitOfMeasure", &[], &basis.unit.text);
    pen.end("PriceBasisQuantity");
}

fn description(pen: &mut Pen, description: &Description) {
    let lang = description.lang.as_deref().unwrap_or(super::LANG);
    let Some(short) = &description.short else {
        pen.leaf(
            "Description",
            &[("xml:lang", Some(lang))],
            &description.text,
        );
        return;
    };
    pen.begin("Description", &[("xml:lang", Some(lang))]);
    pen.leaf("ShortName", &[], short);
    pen.text(&description.text);
    pen.end("Description");
}

/// What a supplier knows an item by, of an item without its line.
pub(super) fn item_id(pen: &mut Pen, item: &ItemId) {
    pen.begin("ItemID", &[]);
    pen.leaf("SupplierPartID", &[], &item.part);
    match &item.auxiliary {
        Some(Content::Text(text)) => pen.leaf("SupplierPartAuxiliaryID", &[], text),
        Some(Content::Xml(raw)) => {
            pen.begin("SupplierPartAuxiliaryID", &[]);
            pen.raw(raw);
            pen.end("SupplierPartAuxiliaryID");
        }
        None => {}
    }
    pen.end("ItemID");
}

impl Distribution {
    fn write(&self, pen: &mut Pen) {
        pen.begin("Distribution", &[]);
        pen.begin("Accounting", &[("name", Some(&self.name))]);
        for segment in &self.segments {
            pen.begin("AccountingSegment", &[("id", Some(&segment.id))]);
            for (element, value) in [
                ("Name", &segment.name),
                ("Description", &segment.description),
            ] {
                pen.leaf(element, &[("xml:lang", Some(super::LANG))], value);
            }
            pen.end("AccountingSegment");
        }
        pen.end("Accounting");
        pen.begin("Charge", &[]);
        money(pen, &self.charge);
        pen.end("Charge");
        pen.end("Distribution");
    }
}
