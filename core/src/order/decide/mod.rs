//! What follows from what suppliers say: from an order, a report and what is known besides to facts, acts to assets and findings. Pure.

mod confirmation;
mod invoice;
mod receipt;
mod shipment;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

pub(super) use confirmation::confirmation;
use confirmation::says_no_basis;
pub(super) use invoice::invoice;
pub(super) use receipt::receipt;
pub(super) use shipment::{shipment, withdrawal};

use super::event::{Finding, OrderEvent};
use super::price;
use super::report::Said;
use super::{Line, Order};
use crate::asset::State;
use crate::asset::command::{Act, FieldValue};
use crate::closed_set::closed_set;
use crate::exact::Exact;
use crate::id::{AssetId, LocationId, ManufacturerId, SupplierDocumentId};
use crate::measure;
use crate::supplier::Settings;
use crate::text::Serial;

closed_set! {
    /// What is odd about a document, or why it was refused.
    Code {
        /// It names an order that is not this supplier's.
        UnknownOrder = "unknown_order",
        /// It names a line that the order does not have.
        UnknownLine = "unknown_order_line",
        /// It takes back a shipment of which nothing was said.
        UnknownShipment = "unknown_shipment",
        /// Its shipment has no number.
        UnnumberedShipment = "unnumbered_shipment",
        /// Its shipment was new before: it is complete, and in the other's place.
        RepeatedShipment = "repeated_shipment",
        /// More is on its way than is still to come.
        OverShipped = "over_shipped",
        /// More stands on it than was ordered.
        OverInvoiced = "over_invoiced",
        /// It counts in a unit that cannot be brought to the order's.
        UnitDiffers = "unit_differs",
        /// Nobody has said how many pieces the line is.
        PiecesUnknown = "pieces_unknown",
        /// A serial number is another asset's.
        SerialConflict = "serial_conflict",
        /// There are not as many serial numbers as pieces.
        SerialCount = "serial_count_mismatch",
        /// What stands for a serial number is none.
        SerialUnusable = "serial_unusable",
        /// A serial number stands there twice.
        SerialRepeated = "serial_repeated",
        /// What it takes back was received.
        ReceivedAlready = "received_already",
        /// Another price than is tolerated: the line waits for somebody.
        PriceOverTolerance = "price_over_tolerance",
        /// Something else than was ordered: the line waits for somebody.
        Substitution = "substitution",
        /// Another currency than was ordered in: the line waits for somebody.
        CurrencyDiffers = "currency_differs",
        /// Some of a line is not sent.
        PartlyRejected = "partly_rejected",
        /// It is about something that is not wanted any more.
        NotWanted = "not_wanted",
        /// What it says could not be done, and cannot be.
        NotDone = "not_done",
        /// A rule of assets says no to what follows from it.
        AssetRefused = "asset_refused",
    }
}

impl Code {
    /// Whether a document of which this is said was refused because of it.
    #[must_use]
    pub const fn refuses(self) -> bool {
        matches!(
            self,
            Self::UnknownOrder
                | Self::UnknownLine
                | Self::UnknownShipment
                | Self::NotDone
                | Self::AssetRefused
        )
    }

    /// What it means, in words for whoever reads it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::UnknownOrder => "names an order that is not one of this supplier's",
            Self::UnknownLine => "names a line that the order does not have",
            Self::UnknownShipment => "takes back a shipment of which nothing was said",
            Self::UnnumberedShipment => "its shipment has no number",
            Self::RepeatedShipment => {
                "this shipment was announced before; this notice is in the other's place"
            }
            Self::OverShipped => "more is on its way than is still to come",
            Self::OverInvoiced => "more stands on it than was ordered",
            Self::UnitDiffers => "counts in a unit that cannot be brought to the order's",
            Self::PiecesUnknown => "nobody has said yet how many pieces the line is",
            Self::SerialConflict => "a serial number is already recorded for another asset",
            Self::SerialCount => "there are not as many serial numbers as pieces",
            Self::SerialUnusable => "what stands for a serial number is none",
            Self::SerialRepeated => "a serial number stands there twice",
            Self::ReceivedAlready => "something that it takes back was received",
            Self::PriceOverTolerance => {
                "the price is not the one ordered at; somebody has to decide"
            }
            Self::Substitution => "something else is to be sent; somebody has to decide",
            Self::CurrencyDiffers => {
                "the currency is not the one ordered in; somebody has to decide"
            }
            Self::PartlyRejected => "some of a line is not sent",
            Self::NotWanted => "is about something that is not wanted any more",
            Self::NotDone => "what it says could not be done",
            Self::AssetRefused => "a rule of assets says no to what follows from it",
        }
    }
}

/// One with what it is about.
pub(super) fn finding(code: Code, line: Option<i64>, value: impl Into<Option<String>>) -> Finding {
    Finding {
        code,
        line,
        value: value.into(),
    }
}

/// What is decided.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Decided {
    /// The facts, in their order.
    pub events: Vec<OrderEvent>,
    /// What changes of assets, in their order. What gives something up comes before what takes it.
    pub acts: Vec<AssetAct>,
    /// What is odd.
    pub findings: Vec<Finding>,
    /// The lines whose price the supplier has stood by.
    pub vouched: BTreeSet<i64>,
}

/// What changes of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AssetAct {
    pub asset: AssetId,
    pub fields: Vec<FieldValue>,
}

impl AssetAct {
    pub fn act(&self) -> Act {
        Act::ChangeFields(self.fields.clone())
    }

    /// Whether it gives a serial number up.
    pub fn frees(&self) -> bool {
        self.fields.contains(&FieldValue::Serial(None))
    }
}

/// What is known besides the order.
pub(super) struct Known<'a> {
    pub settings: &'a Settings,
    /// The order's assets as they are now, whoever has changed them.
    pub assets: &'a HashMap<AssetId, AssetNow>,
    /// To whom serial numbers belong, folded.
    pub owners: &'a HashMap<String, Vec<(AssetId, Option<ManufacturerId>)>>,
    /// Places by what suppliers call them.
    pub places: &'a HashMap<String, LocationId>,
    pub document: SupplierDocumentId,
}

/// An asset of an order as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AssetNow {
    pub state: State,
    pub serial: Option<Serial>,
    /// Whether its record leads to another.
    pub is_merged: bool,
}

impl Known<'_> {
    /// Whether a serial number of the line's maker is that of an asset other than those that may give it up.
    pub fn is_taken(&self, serial: &Serial, line: &Line, but: impl Fn(AssetId) -> bool) -> bool {
        let owners = self.owners.get(serial.folded());
        owners.into_iter().flatten().any(|(asset, maker)| {
            !but(*asset) && (*maker == line.maker || maker.is_none() || line.maker.is_none())
        })
    }

    /// The state of an asset of the order.
    pub fn is_ordered(&self, asset: AssetId) -> bool {
        self.assets
            .get(&asset)
            .is_some_and(|now| now.state == State::Ordered)
    }

    /// Whether fields of an asset can still be changed.
    pub fn is_live(&self, asset: AssetId) -> bool {
        self.assets.get(&asset).is_some_and(|now| {
            !now.is_merged && !matches!(now.state, State::Void | State::Disposed)
        })
    }

    pub fn serial(&self, asset: AssetId) -> Option<&Serial> {
        self.assets.get(&asset)?.serial.as_ref()
    }

    /// So much of a unit in pieces, where that is a whole number that somebody has vouched for: by what the line is in all, because three units
    /// that are one piece together are no whole third each; or by the supplier's map.
    pub fn pieces(&self, quantity: Exact, unit: &str, line: &Line) -> Option<i64> {
        if !measure::is_same(unit, &line.unit) {
            let of_unit = self.settings.pieces(unit)?;
            return quantity.times(of_unit).ok()?.as_whole().map(i64::from);
        }
        let times = quantity.times(line.all_pieces()?).ok()?;
        let pieces = times.over(line.quantity).ok()?.as_whole()?;
        let is_exact = Exact::whole(pieces).times(line.quantity).ok()?.plain() == times.plain();
        is_exact.then(|| i64::from(pieces))
    }

    /// Another price as it would stand in the order's place: in its unit and its currency; none where it cannot, or where nobody knows for how much
    /// of it the price is.
    pub fn in_its_terms(
        &self,
        order: &Order,
        said: &Said,
        unit: &str,
        line: &Line,
    ) -> Option<Said> {
        let is_other = !said.currency.eq_ignore_ascii_case(&order.currency);
        if is_other || says_no_basis(said, &line.price) {
            return None;
        }
        if measure::is_same(unit, &line.unit) {
            return Some(said.clone());
        }
        let (amount, _) = self.prices(said, unit, line)?;
        Some(Said {
            amount,
            currency: order.currency.clone(),
            factor: None,
            basis: None,
        })
    }

    /// A price for one of the line's unit, and the one that somebody agreed to; none where they cannot be compared.
    pub fn prices(&self, said: &Said, unit: &str, line: &Line) -> Option<(Exact, Exact)> {
        let agreed = price::per_unit(&line.agreed)?;
        let said = price::per_unit(said)?;
        if measure::is_same(unit, &line.unit) {
            return Some((said, agreed));
        }
        let theirs = self.settings.pieces(unit)?;
        let ours = line.all_pieces().filter(|pieces| !pieces.is_zero())?;
        let units = theirs.times(line.quantity).ok()?;
        let said = said.times(ours).ok()?.over(units).ok()?;
        Some((said, agreed))
    }
}

/// Whether a price takes the place of the line's: one for its own unit that is not the same. One that does not say for how much it is never does.
pub(super) fn is_another(said: &Said, unit: &str, line: &Line) -> bool {
    if says_no_basis(said, &line.price) {
        return false;
    }
    let (said, now) = (price::per_unit(said), price::per_unit(&line.price));
    measure::is_same(unit, &line.unit) && said.map(Exact::plain) != now.map(Exact::plain)
}

/// The lines that are named and not there.
pub(super) fn unknown_lines(order: &Order, named: impl Iterator<Item = i64>) -> Vec<Finding> {
    let unknown = named.filter(|line| !order.lines.contains_key(line));
    let mut unknown: Vec<i64> = unknown.collect();
    unknown.sort_unstable();
    unknown.dedup();
    let name = |line| finding(Code::UnknownLine, Some(line), order.po_no.clone());
    unknown.into_iter().map(name).collect()
}

/// What another price means for what the pieces of a line cost.
pub(super) fn cost_acts(
    order: &Order,
    line: i64,
    cost_minor: Option<i64>,
    known: &Known<'_>,
) -> Vec<AssetAct> {
    let assets = order
        .units_of(line)
        .map(|(_, unit)| unit.asset)
        .filter(|asset| known.is_live(*asset));
    assets
        .map(|asset| AssetAct {
            asset,
            fields: vec![FieldValue::CostMinor(cost_minor.filter(|cost| *cost >= 0))],
        })
        .collect()
}
