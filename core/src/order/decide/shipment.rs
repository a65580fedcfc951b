//! What follows from a ship notice: which pieces come with it, and what it says of them. Nothing that somebody scanned is changed by what
//! somebody says.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::{AssetAct, Code, Decided, Known, finding, unknown_lines};
use crate::asset::command::FieldValue;
use crate::id::{AssetId, LocationId, ShipmentId};
use crate::order::event::{Announced, Finding, OrderEvent, Quantity, Shipped};
use crate::order::report::{Operation, Piece, ShipNotice, ShippedItem, Source};
use crate::order::serial;
use crate::order::{Line, LineState, Order, ShipmentState, Unit, UnitState};
use crate::text::{self, Serial, Tag};
use crate::time::Day;

/// The most characters of a code on a box.
const CONTAINER_CHARS_MAX: usize = 128;

/// Decides what of an order is on its way by a notice, or says why it cannot be taken. Without items it is all that is still to come. `named` are
/// the serial numbers that the document has named so far.
pub(in crate::order) fn shipment(
    order: &Order,
    notice: &ShipNotice,
    (id, reference): (ShipmentId, &str),
    items: &[ShippedItem],
    known: &Known<'_>,
    named: &mut HashSet<String>,
) -> Result<Decided, Vec<Finding>> {
    let unknown = unknown_lines(order, items.iter().map(|item| item.line));
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let whole;
    let (items, is_whole) = if items.is_empty() {
        whole = everything(order);
        (whole.as_slice(), true)
    } else {
        (items, false)
    };
    let mut picking = Picking::new(order, id, known, named);
    let before = order.shipments.get(&id);
    if notice.operation == Operation::New
        && before.is_some_and(|one| one.state == ShipmentState::Announced)
    {
        let repeated = finding(Code::RepeatedShipment, None, reference.to_owned());
        picking.findings.push(repeated);
    }
    if notice.reference.is_none() {
        let unnumbered = finding(Code::UnnumberedShipment, None, None);
        picking.findings.push(unnumbered);
    }
    let wanted: Vec<Wanted<'_>> = items
        .iter()
        .filter_map(|item| picking.wanted(item, is_whole))
        .collect();
    picking.pick(&wanted);
    let shipped = Shipped {
        document: known.document,
        shipment: id,
        reference: reference.to_owned(),
        planned: notice.planned,
        shipped_at: notice.shipped_at,
        expected_at: notice.expected_at,
        carrier: notice.carrier.clone(),
        tracking: notice.tracking.clone(),
        items: items.iter().map(quantity).collect(),
        units: Vec::new(),
        freed: Vec::new(),
        part: 0,
    };
    Ok(picking.decided(shipped))
}

/// Decides that a shipment is taken back: what was not received is expected again, what was is kept and marked.
pub(in crate::order) fn withdrawal(order: &Order, id: ShipmentId, known: &Known<'_>) -> Decided {
    // What is not wanted any more was neither received nor is it expected.
    let with_it = order
        .units
        .values()
        .filter(|unit| unit.shipment == Some(id) && unit.state != UnitState::Cancelled);
    let (received, coming): (Vec<&Unit>, Vec<&Unit>) =
        with_it.partition(|unit| is_here(unit, known));
    let mut decided = Decided::default();
    for unit in &received {
        let serial = unit
            .serial
            .as_ref()
            .map(|serial| serial.as_str().to_owned());
        decided
            .findings
            .push(finding(Code::ReceivedAlready, None, serial));
    }
    let acts = coming.iter().filter_map(|unit| freeing(unit, known));
    decided.acts.extend(acts);
    decided.events.push(OrderEvent::ShipmentWithdrawn {
        document: known.document,
        shipment: id,
        freed: coming.iter().map(|unit| unit.asset).collect(),
        contradicted: received.iter().map(|unit| unit.asset).collect(),
        part: 0,
    });
    decided
}

/// Everything that is still to come, as items.
fn everything(order: &Order) -> Vec<ShippedItem> {
    let wanted = order.lines.iter().filter(|(_, line)| line.is_wanted());
    wanted
        .map(|(number, line)| ShippedItem {
            line: *number,
            quantity: line.quantity,
            unit: line.unit.clone(),
            ..ShippedItem::default()
        })
        .collect()
}

fn quantity(item: &ShippedItem) -> Quantity {
    Quantity {
        line: item.line,
        quantity: item.quantity,
        unit: item.unit.clone(),
        price: None,
    }
}

fn is_here(unit: &Unit, known: &Known<'_>) -> bool {
    unit.state == UnitState::Received || !known.is_ordered(unit.asset)
}

/// Takes an announced serial number away again, unless somebody has written another one since.
fn freeing(unit: &Unit, known: &Known<'_>) -> Option<AssetAct> {
    let serial = unit.serial.as_ref()?;
    let is_its = known.serial(unit.asset) == Some(serial);
    (is_its && known.is_ordered(unit.asset)).then(|| AssetAct {
        asset: unit.asset,
        fields: vec![FieldValue::Serial(None)],
    })
}

/// How many pieces of a line come, and what is said of each.
struct Wanted<'a> {
    number: i64,
    line: &'a Line,
    item: &'a ShippedItem,
    pieces: usize,
    /// All that are still to come, however many those are.
    is_whole: bool,
    said: Vec<SaidPiece<'a>>,
}

/// What is said of one piece, as far as it can be believed.
struct SaidPiece<'a> {
    serial: Option<Serial>,
    source: Source,
    piece: &'a Piece,
}

/// Choosing the pieces that come with a shipment.
struct Picking<'a> {
    order: &'a Order,
    shipment: ShipmentId,
    known: &'a Known<'a>,
    /// Serial numbers that the notice names, folded.
    named: &'a mut HashSet<String>,
    /// The pieces that have a serial number, by line and number.
    by_serial: HashMap<(i64, String), Vec<(i64, i64)>>,
    chosen: BTreeMap<(i64, i64), (Announced, Option<Day>)>,
    /// What does not give up its asset, because it came with this shipment before and may not any more.
    former: HashSet<AssetId>,
    findings: Vec<Finding>,
}

impl<'a> Picking<'a> {
    fn new(
        order: &'a Order,
        shipment: ShipmentId,
        known: &'a Known<'a>,
        named: &'a mut HashSet<String>,
    ) -> Self {
        let units = order.units.values();
        let former = units.filter(|unit| unit.shipment == Some(shipment) && !is_here(unit, known));
        let mut by_serial: HashMap<(i64, String), Vec<(i64, i64)>> = HashMap::new();
        for (place, unit) in &order.units {
            if let Some(serial) = known.serial(unit.asset).or(unit.serial.as_ref()) {
                let key = (place.0, serial.folded().to_owned());
                by_serial.entry(key).or_default().push(*place);
            }
        }
        Self {
            order,
            shipment,
            known,
            named,
            by_serial,
            chosen: BTreeMap::new(),
            former: former.map(|unit| unit.asset).collect(),
            findings: Vec::new(),
        }
    }

    fn find(&mut self, code: Code, line: i64, value: impl Into<Option<String>>) {
        self.findings.push(finding(code, Some(line), value));
    }

    /// How many pieces an item is; none where nobody knows, which is noted.
    fn wanted(&mut self, item: &'a ShippedItem, is_whole: bool) -> Option<Wanted<'a>> {
        let line = self.order.lines.get(&item.line)?;
        if matches!(line.state, LineState::Cancelled | LineState::Rejected) {
            self.find(Code::NotWanted, item.line, None);
        }
        let pieces = self.known.pieces(item.quantity, &item.unit, line);
        if line.pieces.is_none() {
            self.find(Code::PiecesUnknown, item.line, item.unit.clone());
            return None;
        }
        let Some(pieces) = pieces.and_then(|pieces| usize::try_from(pieces).ok()) else {
            let said = format!("{} {}", item.quantity, item.unit);
            self.find(Code::UnitDiffers, item.line, said);
            return None;
        };
        let said = self.believable(item, line, pieces);
        Some(Wanted {
            number: item.line,
            line,
            item,
            pieces,
            is_whole,
            said,
        })
    }

    /// What is said of single pieces, without serial numbers that are none, or stand there twice, or are more than the pieces.
    fn believable(
        &mut self,
        item: &'a ShippedItem,
        line: &Line,
        pieces: usize,
    ) -> Vec<SaidPiece<'a>> {
        let mut said = Vec::new();
        let mut serials = 0;
        for piece in &item.pieces {
            let parts = [&item.part, &item.maker_part].into_iter().flatten();
            let parts = line.part_numbers().chain(parts.map(String::as_str));
            let read = piece
                .serial
                .as_deref()
                .map(|text| serial::usable(text, parts));
            let serial = match read {
                None => None,
                Some(Err(_)) => {
                    self.find(Code::SerialUnusable, item.line, piece.serial.clone());
                    None
                }
                Some(Ok(serial)) if !self.named.insert(serial.folded().to_owned()) => {
                    self.find(Code::SerialRepeated, item.line, serial.as_str().to_owned());
                    continue;
                }
                Some(Ok(serial)) => Some(serial),
            };
            serials += usize::from(serial.is_some());
            said.push(SaidPiece {
                serial,
                source: piece.source.unwrap_or(Source::Item),
                piece,
            });
        }
        if !item.pieces.is_empty() && serials != pieces {
            self.find(
                Code::SerialCount,
                item.line,
                format!("{serials} of {pieces}"),
            );
        }
        // The most trusted first: when there are too many, the others are left out.
        said.sort_by_key(|one| (one.serial.is_none(), one.source));
        said.truncate(pieces);
        said
    }

    /// Chooses a piece for everything that is said: first where the serial number is known already, then where there is none yet, then the rest.
    fn pick(&mut self, wanted: &[Wanted<'_>]) {
        let mut left: Vec<Vec<&SaidPiece<'_>>> = Vec::with_capacity(wanted.len());
        for one in wanted {
            let mut unmatched = Vec::new();
            for said in &one.said {
                let exact = said
                    .serial
                    .as_ref()
                    .and_then(|serial| self.exactly(one.number, serial));
                match exact {
                    Some(place) => self.choose(place, one, Some(said)),
                    None => unmatched.push(said),
                }
            }
            left.push(unmatched);
        }
        let mut queues = Queues::new();
        for (one, said) in wanted.iter().zip(left) {
            let missing = self.fill(one, said, &mut queues);
            if missing > 0 && !one.is_whole {
                self.find(Code::OverShipped, one.number, missing.to_string());
            }
        }
    }

    /// Chooses pieces of a line for what is said and has none yet, and for as many more as there are to be. How many there were not.
    fn fill(&mut self, one: &Wanted<'_>, said: Vec<&SaidPiece<'_>>, queues: &mut Queues) -> usize {
        let mut left = one.pieces - (one.said.len() - said.len());
        let (with, without): (Vec<_>, Vec<_>) =
            said.into_iter().partition(|said| said.serial.is_some());
        let mut missing = 0;
        for said in with {
            let queue = queues.entry((one.number, Some(said.source)));
            let places = queue.or_insert_with(|| {
                self.ranked(one, |unit| self.rank_for_serial(unit, said.source))
            });
            let place = next(places, &self.chosen);
            left -= 1;
            match place {
                Some(place) => self.choose(place, one, Some(said)),
                None => missing += 1,
            }
        }
        if left == 0 {
            return missing;
        }
        let places = queues
            .entry((one.number, None))
            .or_insert_with(|| self.ranked(one, |unit| Some(self.rank_without(unit))));
        let mut without = without.into_iter();
        while left > 0 {
            // However many more are said to come, there are no more.
            let Some(place) = next(places, &self.chosen) else {
                return missing + left;
            };
            left -= 1;
            self.choose(place, one, without.next());
        }
        missing
    }

    /// The pieces of a line that may come with the shipment and were not chosen yet.
    fn open(&self, line: i64) -> impl Iterator<Item = ((i64, i64), &'a Unit)> + '_ {
        self.order
            .units_of(line)
            .filter(|(place, unit)| self.is_open(*place, unit))
    }

    fn is_open(&self, place: (i64, i64), unit: &Unit) -> bool {
        let free = unit.shipment.is_none() || unit.shipment == Some(self.shipment);
        free && unit.state != UnitState::Cancelled && !self.chosen.contains_key(&place)
    }

    /// The piece of a line that has this serial number.
    fn exactly(&self, line: i64, serial: &Serial) -> Option<(i64, i64)> {
        let places = self.by_serial.get(&(line, serial.folded().to_owned()))?;
        let is_open = |place: &(i64, i64)| {
            let unit = self.order.units.get(place);
            unit.is_some_and(|unit| self.is_open(*place, unit))
        };
        places.iter().copied().find(is_open)
    }

    /// The open pieces of a line that come into question, the best first.
    fn ranked(&self, one: &Wanted<'_>, rank: impl Fn(&Unit) -> Option<u8>) -> VecDeque<(i64, i64)> {
        let ranked = self
            .open(one.number)
            .filter_map(|(place, unit)| Some((rank(unit)?, place)));
        let mut ranked: Vec<(u8, (i64, i64))> = ranked.collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(_, place)| place).collect()
    }

    /// How well a piece suits a serial number that none has; none where it has another that must not be changed.
    fn rank_for_serial(&self, unit: &Unit, source: Source) -> Option<u8> {
        let now = self.known.serial(unit.asset).or(unit.serial.as_ref());
        let is_named = now.is_some_and(|now| self.named.contains(now.folded()));
        let here = is_here(unit, self.known);
        match (now, here) {
            (Some(_), true) => None,
            (None, true) => self.known.is_live(unit.asset).then_some(3),
            (None, false) => Some(u8::from(unit.shipment.is_none())),
            (Some(_), false) if is_named => None,
            (Some(_), false) if self.former.contains(&unit.asset) => Some(0),
            (Some(_), false) => unit
                .source
                .is_some_and(|before| source < before)
                .then_some(2),
        }
    }

    /// How well a piece suits one of which nothing is said: what came with the shipment before, what is here without one, what has no number.
    fn rank_without(&self, unit: &Unit) -> u8 {
        if unit.shipment == Some(self.shipment) {
            0
        } else if is_here(unit, self.known) {
            1
        } else {
            2 + u8::from(unit.serial.is_some())
        }
    }

    fn choose(&mut self, place: (i64, i64), one: &Wanted<'_>, said: Option<&SaidPiece<'_>>) {
        let Some(unit) = self.order.units.get(&place) else {
            return;
        };
        let now = self.known.serial(unit.asset).or(unit.serial.as_ref());
        let named = said.and_then(|said| said.serial.clone());
        // What came with this shipment before gives its number up first.
        let gives_up = |asset| asset == unit.asset || self.former.contains(&asset);
        let is_taken = named
            .as_ref()
            .is_some_and(|serial| self.known.is_taken(serial, one.line, gives_up));
        let conflict = named.clone().filter(|_| is_taken);
        if let Some(serial) = &conflict {
            self.find(Code::SerialConflict, one.number, serial.as_str().to_owned());
        }
        // Of what came with this shipment before, only what is said again holds.
        let is_former = self.former.contains(&unit.asset);
        let keeps = now.filter(|_| !is_former || unit.source == Some(Source::Invoice));
        let is_same = |one: &Serial, other: &Serial| one.folded() == other.folded();
        let (serial, source) = match named.filter(|_| !is_taken) {
            Some(serial) if now.is_some_and(|now| is_same(now, &serial)) => {
                let said = said.map(|said| said.source);
                (now.cloned(), unit.source.min(said).or(unit.source).or(said))
            }
            Some(serial) => (Some(serial), said.map(|said| said.source)),
            None => (keeps.cloned(), unit.source.filter(|_| keeps.is_some())),
        };
        let announced = Announced {
            asset: unit.asset,
            serial,
            source,
            conflict: conflict.map(|serial| serial.as_str().to_owned()),
            tag: said.and_then(|said| tag(said.piece)),
            place: said.and_then(|said| self.place(said.piece)),
            container: container(said.map(|said| said.piece), one.item),
        };
        let warranty = said.and_then(|said| said.piece.warranty_ends_on);
        let warranty = warranty.or(one.item.warranty_ends_on);
        self.chosen.insert(place, (announced, warranty));
    }

    fn place(&self, piece: &Piece) -> Option<LocationId> {
        let said = serial::collapsed(piece.place.as_deref()?);
        self.known.places.get(&said.to_lowercase()).copied()
    }

    /// What follows for the order and its assets. What gives a serial number up comes first.
    fn decided(self, shipped: Shipped) -> Decided {
        let chosen: HashSet<AssetId> = self.chosen.values().map(|(one, _)| one.asset).collect();
        let freed = self.order.units.values();
        let freed: Vec<&Unit> = freed
            .filter(|unit| self.former.contains(&unit.asset) && !chosen.contains(&unit.asset))
            .collect();
        let mut acts: Vec<AssetAct> = freed
            .iter()
            .filter_map(|unit| freeing(unit, self.known))
            .collect();
        let mut takes = Vec::new();
        for (said, warranty) in self.chosen.values() {
            let act = self.act(said, *warranty);
            let list = if act.frees() { &mut acts } else { &mut takes };
            list.extend((!act.fields.is_empty()).then_some(act));
        }
        acts.extend(takes);
        let shipped = Shipped {
            units: self.chosen.into_values().map(|(said, _)| said).collect(),
            freed: freed.iter().map(|unit| unit.asset).collect(),
            ..shipped
        };
        Decided {
            events: vec![OrderEvent::Shipped(Box::new(shipped))],
            acts,
            findings: self.findings,
            ..Decided::default()
        }
    }

    /// What changes of an asset by what is said of it.
    fn act(&self, said: &Announced, warranty: Option<Day>) -> AssetAct {
        let now = self.known.serial(said.asset);
        let ordered = self.known.is_ordered(said.asset);
        let adds = now.is_none() && self.known.is_live(said.asset);
        let mut fields = Vec::new();
        if now != said.serial.as_ref() && (ordered || adds) {
            fields.push(FieldValue::Serial(said.serial.clone()));
        }
        if ordered && warranty.is_some() {
            fields.push(FieldValue::WarrantyEndsOn(warranty));
        }
        AssetAct {
            asset: said.asset,
            fields,
        }
    }
}

/// The open pieces of a line, the best first: for what has no serial number, and for one from each sort of place. How well they suit changes with none
/// that is chosen, so they are put in their order once, also where there is an item for each piece.
type Queues = BTreeMap<(i64, Option<Source>), VecDeque<(i64, i64)>>;

/// The next place that was not chosen meanwhile.
fn next(
    places: &mut VecDeque<(i64, i64)>,
    chosen: &BTreeMap<(i64, i64), (Announced, Option<Day>)>,
) -> Option<(i64, i64)> {
    loop {
        let place = places.pop_front()?;
        if !chosen.contains_key(&place) {
            return Some(place);
        }
    }
}

/// A label as the supplier says it was fixed.
fn tag(piece: &Piece) -> Option<String> {
    let tag = Tag::parse(&serial::collapsed(piece.tag.as_deref()?)).ok()?;
    Some(tag.as_str().to_owned())
}

/// The code on the box of a piece, else on that of all of them.
fn container(piece: Option<&Piece>, item: &ShippedItem) -> Option<String> {
    let own = piece.and_then(|piece| piece.container.as_deref());
    text::line(own.or(item.container.as_deref())?, CONTAINER_CHARS_MAX).ok()
}
