//! What the supplier sent off: how much of which line, with which serial numbers, and where in the document these stand.

use super::cart::described;
use super::catalogue::{self, Product};
use super::confirm::reference;
use super::decimal::Decimal;
use super::element::Element;
use super::envelope::moment;
use super::order::{Order, OrderLine};
use super::vendor::Vendor;

/// A shipment.
#[derive(Debug, Clone, Default)]
pub struct Shipment {
    /// Its number; the simulator gives one where there is none.
    pub id: Option<String>,
    /// What is to be done with it.
    pub notice: Notice,
    /// What is in it. Nothing means all of the order.
    pub lines: Vec<Packed>,
    /// Where serial numbers stand.
    pub serials_in: SerialPlace,
    /// The carrier's number.
    pub tracking: Option<String>,
}

/// What a notice says of its shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notice {
    /// It set out.
    #[default]
    New,
    /// This is all of it, whatever was said before.
    Update,
    /// It never set out.
    Delete,
}

/// Where a notice has its serial numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SerialPlace {
    /// In `AssetInfo` of the item.
    #[default]
    Asset,
    /// In `AssetInfo` of its packaging.
    Packaging,
    /// In an Extrinsic of the item, as a list.
    Extrinsic,
    /// Nowhere.
    Nowhere,
}

/// What is in a shipment of one line.
#[derive(Debug, Clone, Default)]
pub struct Packed {
    /// The order's number of the line.
    pub line: u32,
    /// How much.
    pub quantity: Decimal,
    /// In another unit than ordered: boxes that are counted in pieces.
    pub unit: Option<String>,
    /// The pieces, as far as they can be told apart.
    pub units: Vec<Piece>,
}

/// One piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Piece {
    /// Its serial number.
    pub serial: Option<String>,
    /// The tag that the supplier put on it.
    pub tag: Option<String>,
    /// What else is known of it, by name.
    pub more: Vec<(String, String)>,
}

impl Piece {
    /// A piece with a serial number.
    #[must_use]
    pub fn serial(serial: &str) -> Self {
        Self {
            serial: Some(serial.to_owned()),
            ..Self::default()
        }
    }

    /// The same with a tag.
    #[must_use]
    pub fn tagged(mut self, tag: &str) -> Self {
        self.tag = Some(tag.to_owned());
        self
    }

    /// The same with something else that is known of it, `MACAddress` for example.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.more.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Shipment {
    /// One that holds the whole order, without naming its lines.
    #[must_use]
    pub fn whole() -> Self {
        Self::default()
    }

    /// The same with so much of a line.
    #[must_use]
    pub fn line(
        mut self,
        line: u32,
        quantity: Decimal,
        units: impl IntoIterator<Item = Piece>,
    ) -> Self {
        self.lines.push(Packed {
            line,
            quantity,
            unit: None,
            units: units.into_iter().collect(),
        });
        self
    }

    /// The same under a number.
    #[must_use]
    pub fn numbered(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// The same with its serial numbers somewhere else.
    #[must_use]
    pub const fn serials_in(mut self, place: SerialPlace) -> Self {
        self.serials_in = place;
        self
    }

    /// The same as another notice of the same shipment.
    #[must_use]
    pub const fn again_as(mut self, notice: Notice) -> Self {
        self.notice = notice;
        self
    }
}

/// Everything of an order that was not sent yet, with invented serial numbers.
pub(super) fn rest(vendor: &Vendor, order: &Order) -> Shipment {
    let wanted = order
        .lines
        .iter()
        .map(|line| (line, order.open_quantity(line)));
    let lines = wanted.filter(|(_, quantity)| quantity.is_positive());
    Shipment {
        lines: lines
            .map(|(line, quantity)| packed(vendor, line, quantity))
            .collect(),
        ..Shipment::default()
    }
}

/// So much of a line, with invented serial numbers where its product has any.
pub(super) fn packed(vendor: &Vendor, line: &OrderLine, quantity: Decimal) -> Packed {
    let count = if line.has_serials() {
        quantity.units()
    } else {
        0
    };
    let piece = || {
        Piece::serial(&format!(
            "LKM{}{:04}",
            &vendor.token()[..6].to_uppercase(),
            vendor.next()
        ))
    };
    Packed {
        line: line.number,
        quantity,
        unit: None,
        units: (0..count).map(|_| piece()).collect(),
    }
}

/// The document. The shipment has its number by now.
pub(super) fn document(vendor: &Vendor, order: &Order, shipment: &Shipment) -> Element {
    let portion = Element::new("ShipNoticePortion").holding(reference(order));
    let numbered = (1_u32..).zip(&shipment.lines);
    let items = numbered.filter_map(|(number, packed)| {
        Some(item(
            number,
            shipment.serials_in,
            order.line(packed.line)?,
            packed,
        ))
    });
    Element::new("ShipNoticeRequest")
        .holding(header(vendor, order, shipment))
        .holding(control(vendor, shipment))
        .holding(portion.holding_all(items))
}

fn header(vendor: &Vendor, order: &Order, shipment: &Shipment) -> Element {
    let now = vendor.settings.clock.now();
    let operation = match shipment.notice {
        Notice::New => "new",
        Notice::Update => "update",
        Notice::Delete => "delete",
    };
    let is_whole = shipment.lines.is_empty()
        || order
            .lines
            .iter()
            .all(|line| !left(order, shipment, line).is_positive());
    Element::new("ShipNoticeHeader")
        .with("shipmentID", shipment.id.as_deref().unwrap_or_default())
        .with("operation", operation)
        .with("noticeDate", moment(now))
        .with("shipmentDate", moment(now))
        .with("deliveryDate", moment(now.plus_days(4)))
        .with("shipmentType", "actual")
        .with(
            "fulfillmentType",
            if is_whole { "complete" } else { "partial" },
        )
}

/// What is left of a line once this shipment has set out as well.
fn left(order: &Order, shipment: &Shipment, line: &OrderLine) -> Decimal {
    let others = order
        .shipments
        .iter()
        .filter(|other| other.id != shipment.id);
    let sent = others
        .chain([shipment])
        .flat_map(|shipment| &shipment.lines);
    let sent: Decimal = sent
        .filter(|packed| packed.line == line.number)
        .map(|packed| in_ordered_unit(line, packed))
        .sum();
    line.quantity - sent
}

/// Pieces become boxes again.
pub(super) fn in_ordered_unit(line: &OrderLine, packed: &Packed) -> Decimal {
    let pieces = catalogue::by_part(&line.part).map_or(1, |product| product.pieces);
    match &packed.unit {
        Some(unit) if *unit != line.unit => packed.quantity.divided_by(pieces),
        _ => packed.quantity,
    }
}

fn control(vendor: &Vendor, shipment: &Shipment) -> Element {
    let now = moment(vendor.settings.clock.now());
    let tracking = shipment
        .tracking
        .clone()
        .unwrap_or_else(|| format!("LKM{:012}", vendor.next()));
    let identifier = Element::text("ShipmentIdentifier", tracking)
        .with("domain", "trackingNumber")
        .with("trackingNumberDate", now);
    Element::new("ShipControl")
        .holding(Element::text("CarrierIdentifier", "Larkmoor Vans").with("domain", "companyName"))
        .holding(identifier)
}

fn item(number: u32, place: SerialPlace, line: &OrderLine, packed: &Packed) -> Element {
    let product = catalogue::by_part(&line.part);
    let unit = packed.unit.as_deref().unwrap_or(&line.unit);
    let assets = || packed.units.iter().map(asset);
    let item = Element::new("ShipNoticeItem")
        .with("quantity", packed.quantity.to_string())
        .with("lineNumber", line.number.to_string())
        .with("shipNoticeLineNumber", number.to_string())
        .holding(
            Element::new("ItemID").holding(Element::text("SupplierPartID", line.part.as_str())),
        )
        .holding_all(product.map(detail))
        .holding(Element::text("UnitOfMeasure", unit));
    let item = match place {
        SerialPlace::Asset => item.holding_all(assets()),
        SerialPlace::Packaging => item.holding(packaging().holding_all(assets())),
        SerialPlace::Extrinsic => item.holding_all(lists(&packed.units)),
        SerialPlace::Nowhere => item,
    };
    item.holding_all(product.and_then(warranty))
}

fn detail(product: &'static Product) -> Element {
    Element::new("ShipNoticeItemDetail")
        .holding(described(product.description))
        .holding_all(
            product
                .maker_part
                .map(|part| Element::text("ManufacturerPartID", part)),
        )
        .holding_all(
            product
                .maker
                .map(|maker| Element::text("ManufacturerName", maker)),
        )
}

fn asset(piece: &Piece) -> Element {
    let mut asset = Element::new("AssetInfo");
    if let Some(serial) = &piece.serial {
        asset = asset.with("serialNumber", serial.as_str());
    }
    if let Some(tag) = &piece.tag {
        asset = asset.with("tagNumber", tag.as_str());
    }
    let more = piece
        .more
        .iter()
        .map(|(name, value)| extrinsic(name, value.as_str()));
    asset.holding_all(more)
}

fn packaging() -> Element {
    Element::new("Packaging")
        .holding(Element::text("PackagingCode", "CARTON").with("xml:lang", "en-US"))
}

/// Serial numbers and tags as lists, the way of suppliers whose documents have no better place.
fn lists(units: &[Piece]) -> Vec<Element> {
    let joined = |values: Vec<&str>, by: &str| (!values.is_empty()).then(|| values.join(by));
    let serials = joined(
        units
            .iter()
            .filter_map(|piece| piece.serial.as_deref())
            .collect(),
        ", ",
    );
    let tags = joined(
        units
            .iter()
            .filter_map(|piece| piece.tag.as_deref())
            .collect(),
        ";",
    );
    let serials = serials.map(|list| extrinsic("Serial Numbers", list));
    serials
        .into_iter()
        .chain(tags.map(|list| extrinsic("assetTags", list)))
        .collect()
}

fn warranty(product: &'static Product) -> Option<Element> {
    let months = product.warranty_months;
    (months > 0).then(|| extrinsic("warrantyMonths", months.to_string()))
}

fn extrinsic(name: &str, value: impl Into<String>) -> Element {
    Element::text("Extrinsic", value).with("name", name)
}
