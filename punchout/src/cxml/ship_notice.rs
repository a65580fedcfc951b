//! What is on its way: `ShipNoticeRequest`. Where pieces are named by their serial numbers, nobody has to type them.

use std::collections::HashSet;

use crate::code::Code;
use crate::exact::Exact;
use crate::finding::{Notes, Spot};
use crate::moment::Moment;
use crate::unit::Measure;

use super::address::Text;
use super::envelope::moment;
use super::item::{Extrinsic, ItemId};
use super::line;
use super::money::Weight;
use super::order_reference::{OrderReference, order_id_info, order_reference};
use super::serial::{Gathering, PIECES_MAX, Piece, Source, usable};
use super::walk::{Step, Tag, Walk};

/// What a notice is to earlier ones of its number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Operation {
    /// There was none.
    #[default]
    New,
    /// It is whole, and replaces what was said.
    Update,
    /// It takes back what was said.
    Delete,
}

/// A shipment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShipNotice {
    /// The supplier's number for it; it may be missing.
    pub shipment_id: Option<String>,
    /// What it is to earlier ones of its number.
    pub operation: Operation,
    /// When it was said.
    pub noticed: Option<Moment>,
    /// When it left, or will.
    pub ships: Option<Moment>,
    /// When it arrives.
    pub arrives: Option<Moment>,
    /// Whether it has not left yet.
    pub is_planned: bool,
    /// Whether it is all that was ordered, where that is said.
    pub is_complete: Option<bool>,
    /// Whether it goes back to the supplier.
    pub is_return: bool,
    /// Who carries it, and by which numbers.
    pub controls: Vec<ShipControl>,
    /// What is in it, by order.
    pub portions: Vec<Portion>,
    /// What cXML has no element for.
    pub extrinsics: Vec<Extrinsic>,
}

/// Who carries a shipment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShipControl {
    /// The carrier, by sort of name (`SCAC`, `companyName`) and name.
    pub carriers: Vec<(String, String)>,
    /// By which numbers.
    pub tracking: Vec<Tracking>,
}

/// A number that a carrier knows a shipment by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tracking {
    /// The number.
    pub number: String,
    /// What sort of number.
    pub domain: Option<String>,
    /// Since when.
    pub date: Option<Moment>,
    /// A page that says where it is.
    pub url: Option<String>,
}

/// What is in a shipment of one order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Portion {
    /// The order.
    pub order: OrderReference,
    /// The items. None at all means the whole order.
    pub items: Vec<Item>,
    /// What cXML has no element for.
    pub extrinsics: Vec<Extrinsic>,
}

/// An item of a shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The number of the order's line.
    pub line_number: String,
    /// Its own number in the notice.
    pub notice_line_number: Option<String>,
    /// Of a part, the order's line of the bundle.
    pub parent_line_number: Option<String>,
    /// How many.
    pub quantity: Exact,
    /// Of what unit; it may be another than the order's.
    pub unit: Measure,
    /// What the supplier knows it by.
    pub item: Option<ItemId>,
    /// What it is.
    pub description: Option<String>,
    /// The manufacturer's number for it.
    pub manufacturer_part: Option<String>,
    /// The manufacturer.
    pub manufacturer: Option<Text>,
    /// The pieces that are told apart. They may be fewer than the item has.
    pub pieces: Vec<Piece>,
    /// The code on the package, where there is one only.
    pub container: Option<String>,
    /// When the warranty of all pieces begins, where one day is said.
    pub warranty_start: Option<Moment>,
    /// When it ends.
    pub warranty_end: Option<Moment>,
    /// What was said of pieces and cannot be used.
    pub unusable: Vec<String>,
    /// Whether pieces and quantity do not go together, so that a person should look.
    pub is_flagged: bool,
    /// What cXML has no element for.
    pub extrinsics: Vec<Extrinsic>,
}

impl Portion {
    /// Whether the whole order is on its way.
    #[must_use]
    pub const fn is_whole_order(&self) -> bool {
        self.items.is_empty()
    }
}

impl Item {
    /// How many pieces it is, if that is certain and whole.
    #[must_use]
    pub fn count(&self) -> Option<u32> {
        line::pieces(&self.quantity, &self.unit)
    }
}

/// What was read of an item, before what is said elsewhere is known.
#[derive(Debug)]
pub(crate) struct Draft {
    pub item: Item,
    pub gathering: Gathering,
    pub spot: Spot,
}

/// The element `ShipNoticeRequest` that is open.
pub(crate) fn ship_notice<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<ShipNotice>> {
    let mut notice = ShipNotice::default();
    let mut portions = Vec::new();
    let mut seen = false;
    let mut lines = 0;
    while let Some(child) = walk.child()? {
        match child.name() {
            "ShipNoticeHeader" if walk.once(&mut seen, &child) => {
                header(walk, &child, &mut notice)?;
            }
            "ShipNoticeHeader" => walk.skip()?,
            "ShipControl" => notice.controls.push(control(walk)?),
            "ShipNoticePortion" => portions.push(portion(walk, &child, &mut lines)?),
            _ => walk.unknown(&child)?,
        }
    }
    if !seen {
        walk.notes.error(Code::MissingElement, tag.spot(), || {
            "has no ShipNoticeHeader".to_owned()
        });
    }
    if portions.is_empty() && notice.operation != Operation::Delete {
        walk.notes.error(Code::MissingElement, tag.spot(), || {
            "has no ShipNoticePortion: nothing says what is on its way".to_owned()
        });
    }
    notice.portions = settled(&mut walk.notes, portions, &notice.extrinsics);
    Ok(Some(notice))
}

/// What was read of a portion.
pub(crate) type Portioned = (Portion, Vec<Draft>);

/// Puts together what is said of pieces in all places, and compares it with quantities.
pub(crate) fn settled(
    notes: &mut Notes,
    portions: Vec<Portioned>,
    of_notice: &[Extrinsic],
) -> Vec<Portion> {
    let items: usize = portions.iter().map(|(_, drafts)| drafts.len()).sum();
    let mut serials = HashSet::new();
    let mut settled = Vec::with_capacity(portions.len());
    for (mut portion, drafts) in portions {
        for Draft {
            mut item,
            mut gathering,
            spot,
        } in drafts
        {
            let expected = item.count();
            gathering.hear(&item.extrinsics, Source::ItemExtrinsic, expected);
            if items == 1 {
                gathering.hear(&portion.extrinsics, Source::NoticeExtrinsic, expected);
                gathering.hear(of_notice, Source::NoticeExtrinsic, expected);
            }
            let part = item.item.as_ref().map(|it| it.part.as_str());
            let parts: Vec<&str> = part
                .into_iter()
                .chain(item.manufacturer_part.as_deref())
                .collect();
            gathering.drop_parts(&parts);
            check_count(notes, &mut item, &gathering, spot);
            for serial in gathering.pieces.iter().filter_map(|it| it.serial.as_ref()) {
                let maker = item.manufacturer.as_ref().map(|it| it.text.to_lowercase());
                if !serials.insert((maker, serial.to_lowercase())) {
                    notes.warn(Code::SerialConflict, spot, || {
                        "has a serial number that another item of the document has as well"
                            .to_owned()
                    });
                }
            }
            item.pieces = gathering.pieces;
            item.unusable = gathering.unusable;
            item.warranty_start = gathering.warranty_start;
            item.warranty_end = gathering.warranty_end;
            portion.items.push(item);
        }
        settled.push(portion);
    }
    settled
}

fn check_count(notes: &mut Notes, item: &mut Item, gathering: &Gathering, spot: Spot) {
    let told = gathering.pieces.len();
    let expected = item.count().map(|count| count as usize);
    item.is_flagged = !gathering.unusable.is_empty() || (told > 0 && expected != Some(told));
    if !item.is_flagged {
        return;
    }
    let unusable = gathering.unusable.len();
    notes.warn(Code::SerialCountMismatch, spot, || {
        let of = expected.map_or("a number of pieces that is not certain".to_owned(), |it| {
            format!("{it} pieces")
        });
        format!("names {told} of {of}, and {unusable} values that cannot be used")
    });
}

fn header<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>, notice: &mut ShipNotice) -> Step<()> {
    notice.shipment_id = tag.some("shipmentID");
    if notice.shipment_id.is_none() {
        walk.notes
            .warn(Code::MissingAttribute, tag.spot_of("shipmentID"), || {
                "is missing".to_owned()
            });
    }
    notice.operation = match tag.attribute("operation").map(str::trim) {
        Some("update") => Operation::Update,
        Some("delete") => Operation::Delete,
        _ => Operation::New,
    };
    notice.noticed = moment(walk, tag, "noticeDate", true);
    notice.ships = moment(walk, tag, "shipmentDate", false);
    notice.arrives = moment(walk, tag, "deliveryDate", false);
    notice.is_planned = tag.attribute("shipmentType").map(str::trim) == Some("planned");
    notice.is_complete = tag
        .attribute("fulfillmentType")
        .map(|it| it.trim() == "complete");
    notice.is_return = tag.attribute("reason").map(str::trim) == Some("return");
    while let Some(child) = walk.child()? {
        match child.name() {
            "Extrinsic" => walk.extrinsic(&child, &mut notice.extrinsics)?,
            "ServiceLevel" | "DocumentReference" | "Contact" | "Hazard" | "Comments"
            | "TermsOfDelivery" | "TermsOfTransport" | "Packaging" => {
                walk.skip()?;
            }
            _ => walk.unknown(&child)?,
        }
    }
    Ok(())
}

fn control(walk: &mut Walk<'_>) -> Step<ShipControl> {
    let mut control = ShipControl::default();
    while let Some(child) = walk.child()? {
        match child.name() {
            "CarrierIdentifier" => {
                let domain = child.some("domain").unwrap_or_default();
                let name = walk.some_text()?;
                control.carriers.extend(name.map(|name| (domain, name)));
            }
            "ShipmentIdentifier" => {
                let domain = child.some("domain");
                let date = moment(walk, &child, "trackingNumberDate", false);
                let url = child
                    .some("trackingURL")
                    .and_then(|it| super::item::web(&it));
                let number = walk.some_text()?;
                control.tracking.extend(number.map(|number| Tracking {
                    number,
                    domain,
                    date,
                    url,
                }));
            }
            "PackageIdentification"
            | "Route"
            | "TransportInformation"
            | "Contact"
            | "Comments"
            | "Extrinsic" => walk.skip()?,
            _ => walk.unknown(&child)?,
        }
    }
    Ok(control)
}

fn portion<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>, lines: &mut usize) -> Step<Portioned> {
    let mut portion = Portion::default();
    let mut drafts = Vec::new();
    let mut seen = false;
    while let Some(child) = walk.child()? {
        match child.name() {
            "OrderReference" if walk.once(&mut seen, &child) => {
                portion.order.filled_by(order_reference(walk, &child)?);
            }
            "OrderIDInfo" => portion.order.filled_by(order_id_info(walk, &child)?),
            "ShipNoticeItem" if walk.has_room(*lines, &child) => {
                *lines += 1;
                drafts.extend(item(walk, &child)?);
            }
            "OrderReference" | "ShipNoticeItem" => walk.skip()?,
            "Extrinsic" => walk.extrinsic(&child, &mut portion.extrinsics)?,
            "MasterAgreementReference" | "MasterAgreementIDInfo" | "Contact" | "Comments" => {
                walk.skip()?;
            }
            _ => walk.unknown(&child)?,
        }
    }
    walk.require_order(&portion.order, tag);
    Ok((portion, drafts))
}

fn item<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<Draft>> {
    let (quantity, line_number) = (walk.quantity(tag, "quantity"), walk.order_line(tag));
    let (mut id, mut unit, mut detail) = (None, None, line::Detail::default());
    let (mut gathering, mut packed, mut extrinsics) =
        (Gathering::default(), Packed::default(), Vec::new());
    while let Some(child) = walk.child()? {
        match child.name() {
            "ItemID" => id = Some(walk.item_id(&child, Weight::Informs)?),
            "ShipNoticeItemDetail" => detail = item_detail(walk)?,
            "UnitOfMeasure" => unit = Some(walk.measure(&child)?),
            "AssetInfo" => piece(walk, &child, Source::Item)?
                .into_iter()
                .for_each(|it| gathering.add(it)),
            "Packaging" => packaging(walk, &mut packed, None, 0)?,
            "Extrinsic" => walk.extrinsic(&child, &mut extrinsics)?,
            "Hazard"
            | "Batch"
            | "SupplierBatchID"
            | "TermsOfDelivery"
            | "OrderedQuantity"
            | "ShipNoticeItemIndustry"
            | "ComponentConsumptionDetails"
            | "Comments" => walk.skip()?,
            _ => walk.unknown(&child)?,
        }
    }
    // What is in packages is said of the item as well; what is new there is added.
    for piece in packed.pieces {
        gathering.add_new(piece);
    }
    let container = packed
        .containers
        .pop()
        .filter(|_| packed.containers.is_empty());
    let (Some(quantity), Some(line_number)) = (quantity, line_number) else {
        return Ok(None);
    };
    let unit = unit.or(detail.unit);
    let unit = walk.unit_or_none(unit, tag);
    Ok(Some(Draft {
        item: Item {
            line_number,
            notice_line_number: tag.some("shipNoticeLineNumber"),
            parent_line_number: tag.some("parentLineNumber"),
            quantity,
            unit,
            item: id,
            description: detail.descriptions.first().map(|it| it.shown().to_owned()),
            manufacturer_part: detail.manufacturer_part,
            manufacturer: detail.manufacturer,
            pieces: Vec::new(),
            container,
            warranty_start: None,
            warranty_end: None,
            unusable: Vec::new(),
            is_flagged: false,
            extrinsics,
        },
        gathering,
        spot: tag.spot(),
    }))
}

fn item_detail(walk: &mut Walk<'_>) -> Step<line::Detail> {
    let mut detail = line::Detail::default();
    while let Some(child) = walk.child()? {
        match child.name() {
            "Description" => detail.descriptions.push(walk.description(&child)?),
            "ManufacturerPartID" => detail.manufacturer_part = walk.some_text()?,
            "ManufacturerName" => detail.manufacturer = walk.some_named(&child)?,
            "UnitOfMeasure" => detail.unit = Some(walk.measure(&child)?),
            "UnitPrice" | "PriceBasisQuantity" | "Classification" | "Extrinsic" | "ImportInfo" => {
                walk.skip()?;
            }
            _ => walk.unknown(&child)?,
        }
    }
    Ok(detail)
}

/// The element `AssetInfo` that is open. None for one that is only referred to.
pub(crate) fn piece<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>, source: Source) -> Step<Option<Piece>> {
    walk.newer(tag);
    let value = |name: &str| tag.attribute(name).and_then(usable);
    let mut piece = Piece {
        serial: value("serialNumber"),
        tag: value("tagNumber"),
        location: tag.some("location"),
        equipment_id: value("equipmentId"),
        source: Some(source),
        ..Piece::default()
    };
    let mut extrinsics = Vec::new();
    while let Some(child) = walk.child()? {
        match child.name() {
            "Extrinsic" => walk.extrinsic(&child, &mut extrinsics)?,
            _ => walk.unknown(&child)?,
        }
    }
    for extrinsic in extrinsics {
        piece.hear(extrinsic);
    }
    let is_only_referred_to = tag.attribute("isReferencedAsset").map(str::trim) == Some("yes");
    Ok((piece.is_told_apart() && !is_only_referred_to).then_some(piece))
}

/// How deep packages may lie in one another, where a supplier writes them so.
const PACKAGES_DEEP_MAX: usize = 8;

/// What is said of packages.
#[derive(Debug, Default)]
struct Packed {
    pieces: Vec<Piece>,
    /// The codes on those in which no other is, or none with a code.
    containers: Vec<String>,
}

/// The element `Packaging` that is open. A piece is in the innermost package that has a code.
fn packaging(
    walk: &mut Walk<'_>,
    into: &mut Packed,
    outer: Option<&str>,
    depth: usize,
) -> Step<()> {
    let (first, codes) = (into.pieces.len(), into.containers.len());
    let mut code = None;
    while let Some(child) = walk.child()? {
        match child.name() {
            "AssetInfo" if into.pieces.len() < PIECES_MAX => {
                into.pieces.extend(piece(walk, &child, Source::Packaging)?);
            }
            "Packaging" if depth < PACKAGES_DEEP_MAX => {
                packaging(walk, into, code.as_deref().or(outer), depth + 1)?;
            }
            "ShippingContainerSerialCode" => code = walk.some_text()?.or(code),
            "PackageID" => code = package_id(walk)?.or(code),
            // Whatever else describes a package, foreign elements too.
            _ => walk.skip()?,
        }
    }
    for piece in &mut into.pieces[first..] {
        let code = code.as_deref().or(outer);
        piece.container = piece.container.take().or_else(|| code.map(str::to_owned));
    }
    if into.containers.len() == codes {
        into.containers
            .extend(code.or_else(|| outer.map(str::to_owned)));
    }
    Ok(())
}

/// The element `PackageID` that is open: what is scanned on the package, by whatever sort of number.
fn package_id(walk: &mut Walk<'_>) -> Step<Option<String>> {
    let mut code = None;
    while let Some(child) = walk.child()? {
        match child.name() {
            "GlobalIndividualAssetID" | "ReturnablePackageID" | "PackageTrackingID" => {
                code = code.or(walk.some_text()?);
            }
            _ => walk.skip()?,
        }
    }
    Ok(code)
}
