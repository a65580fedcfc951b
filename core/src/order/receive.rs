//! Receiving by scan: pieces of an order are found by what is read from them, and become assets that are here.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::aboard::{Aboard, of_asset};
use super::event::{OrderEvent, ReceivedUnit};
use super::{Order, Refusal, Unit, UnitState, serial};
use crate::access::Action;
use crate::asset::State;
use crate::asset::command::{Act, FieldValue};
use crate::id::{AssetId, LocationId, OrderId, ShipmentId};
use crate::ledger::{Command, Failure, Work};
use crate::text::{Serial, Tag, fold_code};

/// The most pieces that are received at once.
pub const UNITS_MAX: usize = 200;

/// Receives pieces of an order, all of them or none. With [`crate::idempotency::Once`] a repetition gives the first answer again.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receive {
    /// Of which order.
    pub order: OrderId,
    /// With which shipment they came, where that was scanned.
    pub shipment: Option<ShipmentId>,
    /// Where they were put, where nothing else is said of a piece.
    pub location: Option<LocationId>,
    /// The pieces, in the order in which they were scanned.
    pub units: Vec<Scanned>,
}

/// What was scanned of one piece.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Scanned {
    /// Of which line it is; needed only where nothing else tells.
    pub line: Option<i64>,
    /// The serial number that was read from it.
    pub serial: Option<String>,
    /// Whether it is to be taken although the supplier announced other serial numbers, or nothing more with this shipment.
    pub instead: bool,
    /// What is said where no serial number was read.
    pub unread: Option<Unread>,
    /// Why it has no serial number, for models that must have one.
    pub reason: Option<String>,
    /// The label that was fixed to it, as it was scanned back. With one it is in stock.
    pub tag: Option<Tag>,
    /// Where it was put.
    pub location: Option<LocationId>,
}

/// What somebody says of a piece of which they read no serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unread {
    /// It is one of those that were announced, and has the number that was.
    AsAnnounced,
    /// It has none.
    NoSerial,
}

/// What was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The pieces, in the order in which they were scanned.
    pub units: Vec<Taken>,
    /// How many pieces of the order are still to be received.
    pub left: i64,
}

/// A piece that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// Of which line.
    pub line: i64,
    /// Which asset it is.
    pub asset: AssetId,
}

impl Command for Receive {
    type Answer = Receipt;
    type Refusal = Refusal;

    fn weight(&self) -> usize {
        self.units.len().max(1)
    }

    async fn execute(self, work: &mut Work) -> Result<Receipt, Failure<Refusal>> {
        let mut aboard = Aboard::permitted(work, self.order, Action::Register).await?;
        let picked = Picking::all(&aboard, &self).map_err(Failure::Refused)?;
        let units = picked.iter().map(|one| ReceivedUnit {
            asset: one.asset,
            serial: one.serial.clone().filter(|_| one.is_read),
            serial_waived: one.is_waived,
        });
        let event = OrderEvent::Received {
            units: units.collect(),
        };
        aboard.record(work, event).await?;
        // What has no number gives up the one that was announced for it.
        let freed = picked
            .iter()
            .filter(|one| one.is_waived && aboard.has_serial(one.asset));
        let freed = freed.map(|one| {
            let act = Act::ChangeFields(vec![FieldValue::Serial(None)]);
            (one.asset, act)
        });
        aboard.act(work, freed.collect()).await.map_err(of_asset)?;
        let access = work.access().clone();
        let (given, ordered) = (self.location, aboard.order.location);
        let acts = picked.iter().zip(&self.units).flat_map(|(one, scanned)| {
            let said = scanned.location.or(given).or(one.place);
            let receive = Act::Receive {
                serial: one.serial.clone(),
                serial_waived: one.is_waived,
                location: said.or(ordered),
            };
            let remark = scanned.reason.clone().filter(|_| one.is_waived);
            let tag = scanned.tag.as_ref().map(|tag| Act::Tag {
                tag: tag.clone(),
                scanned_back: tag.as_str().to_owned(),
            });
            let receive = (one.asset, receive, remark);
            let tag = tag.map(|act| (one.asset, act, None));
            std::iter::once(receive).chain(tag)
        });
        let acts: Vec<(AssetId, Act, Option<String>)> = acts.collect();
        aboard.act_as(work, &access, acts).await.map_err(of_asset)?;
        let taken = picked.iter().map(|one| Taken {
            line: one.line,
            asset: one.asset,
        });
        Ok(Receipt {
            units: taken.collect(),
            left: left(&aboard.order),
        })
    }
}

/// How many pieces of an order are still to come.
fn left(order: &Order) -> i64 {
    let units = order.units.values();
    let coming = units.filter(|unit| unit.is_coming()).count();
    i64::try_from(coming).unwrap_or(i64::MAX)
}

/// A piece that was found for what was scanned.
#[derive(Debug)]
struct Picked {
    line: i64,
    asset: AssetId,
    /// The number that it has from now on.
    serial: Option<Serial>,
    /// Whether somebody has read that from it.
    is_read: bool,
    /// Whether somebody says that it has none.
    is_waived: bool,
    place: Option<LocationId>,
}

/// Finding pieces for what was scanned, one after the other.
struct Picking<'a> {
    aboard: &'a Aboard,
    shipment: Option<ShipmentId>,
    taken: HashSet<AssetId>,
}

impl<'a> Picking<'a> {
    fn all(aboard: &'a Aboard, receive: &Receive) -> Result<Vec<Picked>, Refusal> {
        if receive.units.is_empty() || receive.units.len() > UNITS_MAX {
            return Err(Refusal::BadReceipt);
        }
        if let Some(shipment) = receive.shipment
            && !aboard.order.shipments.contains_key(&shipment)
        {
            return Err(Refusal::ShipmentUnknown);
        }
        let mut picking = Self {
            aboard,
            shipment: receive.shipment,
            taken: HashSet::new(),
        };
        let mut serials = HashSet::new();
        let mut read = Vec::with_capacity(receive.units.len());
        for scanned in &receive.units {
            let serial = picking.serial(scanned)?;
            if let Some(serial) = &serial
                && !serials.insert(serial.folded().to_owned())
            {
                return Err(Refusal::SerialTwice(serial.clone()));
            }
            read.push(serial);
        }
        // What is known exactly is not given away to what is not.
        let mut picked: Vec<Option<Picked>> = receive
            .units
            .iter()
            .zip(&read)
            .map(|(scanned, serial)| picking.exactly(scanned, serial.as_ref()))
            .collect();
        for ((slot, scanned), serial) in picked.iter_mut().zip(&receive.units).zip(read) {
            if slot.is_none() {
                *slot = Some(picking.next(scanned, serial)?);
            }
        }
        Ok(picked.into_iter().flatten().collect())
    }

    /// Reads a serial number as it was scanned. A part number is a barcode as well, and the one most often taken for it.
    fn serial(&self, scanned: &Scanned) -> Result<Option<Serial>, Refusal> {
        let Some(said) = &scanned.serial else {
            return Ok(None);
        };
        let lines = self.aboard.order.lines.values();
        let parts = lines.flat_map(super::Line::part_numbers);
        match serial::usable(said, parts) {
            Ok(serial) => Ok(Some(serial)),
            Err(_) => Err(Refusal::SerialUnusable(serial::collapsed(said))),
        }
    }

    /// The pieces that are still to come, those of the scanned shipment first.
    fn open(&self) -> impl Iterator<Item = ((i64, i64), &'a Unit)> + '_ {
        let order: &'a Order = &self.aboard.order;
        order.units.iter().filter_map(move |(place, unit)| {
            let now = self.aboard.assets.get(&unit.asset);
            let ordered = now.is_some_and(|now| now.state == State::Ordered && !now.is_merged);
            let free = unit.is_coming() && ordered && !self.taken.contains(&unit.asset);
            free.then_some((*place, unit))
        })
    }

    /// The serial number of a piece: as it stands in the record, where somebody may have corrected what was announced.
    fn now(&self, unit: &'a Unit) -> Option<&'a Serial> {
        let now = self.aboard.assets.get(&unit.asset);
        now.and_then(|now| now.serial.as_ref())
            .or(unit.serial.as_ref())
    }

    /// The piece that was announced with this serial number, else with this label.
    fn exactly(&mut self, scanned: &Scanned, serial: Option<&Serial>) -> Option<Picked> {
        let fits = |line: i64| scanned.line.is_none_or(|wanted| wanted == line);
        let has_serial = |unit: &'a Unit| {
            let now = self.now(unit);
            serial.is_some_and(|serial| now.is_some_and(|now| now.folded() == serial.folded()))
        };
        let has_tag = |unit: &Unit| {
            let (tag, announced) = (scanned.tag.as_ref(), unit.tag.as_deref());
            tag.is_some_and(|tag| announced.is_some_and(|said| fold_code(said) == tag.folded()))
        };
        let same_serial = |unit: &'a Unit| serial.is_none() || self.now(unit).is_none();
        let found = self
            .open()
            .find(|((line, _), unit)| fits(*line) && has_serial(unit))
            .or_else(|| {
                self.open()
                    .find(|((line, _), unit)| fits(*line) && has_tag(unit) && same_serial(unit))
            });
        let ((line, _), unit) = found?;
        // Spelt as it stands in the record, where it is the same.
        let same = |now: &&Serial| serial.is_none_or(|serial| now.folded() == serial.folded());
        let known = self.now(unit).filter(same).cloned();
        let number = known.or_else(|| serial.cloned());
        // By its label a piece is known, and what was announced for it stands, although nobody has read it.
        let is_read = serial.is_some();
        Some(self.take(line, unit, (number, is_read)))
    }

    /// The piece of the line that is meant, where neither its number nor its label was announced.
    fn next(&mut self, scanned: &Scanned, serial: Option<Serial>) -> Result<Picked, Refusal> {
        let line = self.line(scanned)?;
        let of_line: Vec<(i64, &'a Unit)> = self
            .open()
            .filter(|((of, _), _)| *of == line)
            .map(|((_, place), unit)| (place, unit))
            .collect();
        if of_line.is_empty() {
            return Err(self.none_left(line));
        }
        let with_it: Vec<(i64, &'a Unit)> = of_line
            .iter()
            .copied()
            .filter(|(_, unit)| self.shipment.is_none() || unit.shipment == self.shipment)
            .collect();
        // What came in a box is one of those that were announced with it, as long as nobody says otherwise.
        let from = match (with_it.is_empty(), scanned.instead) {
            (false, _) => with_it,
            (true, true) => of_line,
            (true, false) => return Err(Refusal::NotInShipment(line)),
        };
        match (serial, scanned.unread) {
            (Some(serial), _) => self.numbered(line, &from, serial, scanned.instead),
            (None, Some(Unread::AsAnnounced)) => {
                let unit = best(&from, |_| false);
                let unit = unit.ok_or_else(|| self.none_left(line))?;
                let announced = self.now(unit).cloned();
                Ok(self.take(line, unit, (announced, false)))
            }
            (None, Some(Unread::NoSerial)) => {
                let unit = self.without_serial(line, &from)?;
                if self.now(unit).is_some() && !scanned.instead {
                    return Err(Refusal::SerialNeeded(line));
                }
                let picked = self.take(line, unit, (None, false));
                Ok(Picked {
                    is_waived: true,
                    ..picked
                })
            }
            (None, None) => {
                let unit = self.without_serial(line, &from)?;
                // Its label tells it from others from now on; which of the announced numbers it has, it does not tell.
                if scanned.tag.is_none() || self.now(unit).is_some() {
                    return Err(Refusal::SerialNeeded(line));
                }
                Ok(self.take(line, unit, (None, false)))
            }
        }
    }

    /// The piece for a serial number that was not announced. Where numbers were announced, that may be one of them misread: so it is taken for a
    /// piece without one only where that may have come with it, or somebody has confirmed it.
    fn numbered(
        &mut self,
        line: i64,
        from: &[(i64, &'a Unit)],
        serial: Serial,
        instead: bool,
    ) -> Result<Picked, Refusal> {
        let is_numbered = |unit: &'a Unit| self.now(unit).is_some();
        let all = from.iter().all(|(_, unit)| is_numbered(unit));
        let mut shipped = from
            .iter()
            .filter(|(_, unit)| unit.state == UnitState::Shipped);
        let is_doubtful =
            all || self.shipment.is_none() && shipped.any(|(_, unit)| is_numbered(unit));
        if is_doubtful && !instead {
            return Err(Refusal::NotAnnounced { line, serial });
        }
        let unit = self.without_serial(line, from)?;
        Ok(self.take(line, unit, (Some(serial), true)))
    }

    /// The best piece for one of which the announced numbers are not: one without before one with.
    fn without_serial(&self, line: i64, from: &[(i64, &'a Unit)]) -> Result<&'a Unit, Refusal> {
        let best = best(from, |unit| self.now(unit).is_some());
        best.ok_or_else(|| self.none_left(line))
    }

    /// Of which line something is.
    fn line(&self, scanned: &Scanned) -> Result<i64, Refusal> {
        if let Some(line) = scanned.line {
            let known = self.aboard.order.lines.contains_key(&line);
            return known.then_some(line).ok_or(Refusal::LineUnknown(line));
        }
        let lines = |with_it: &dyn Fn(&Unit) -> bool| {
            let units = self.open().filter(|(_, unit)| with_it(unit));
            let mut lines: Vec<i64> = units.map(|((line, _), _)| line).collect();
            lines.dedup();
            lines
        };
        let with_it = |unit: &Unit| self.shipment.is_none() || unit.shipment == self.shipment;
        let mut open = lines(&with_it);
        if open.is_empty() {
            // Something of another line may be in the box all the same.
            open = lines(&|_| true);
        }
        match open.as_slice() {
            [one] => Ok(*one),
            [] => Err(Refusal::NothingExpected),
            _ => Err(Refusal::LineNeeded),
        }
    }

    fn none_left(&self, number: i64) -> Refusal {
        match self
            .aboard
            .order
            .lines
            .get(&number)
            .and_then(|line| line.pieces)
        {
            Some(ordered) => Refusal::OverReceipt {
                line: number,
                ordered,
            },
            None => Refusal::PiecesUnknown(number),
        }
    }

    fn take(
        &mut self,
        line: i64,
        unit: &Unit,
        (serial, is_read): (Option<Serial>, bool),
    ) -> Picked {
        self.taken.insert(unit.asset);
        Picked {
            line,
            asset: unit.asset,
            serial,
            is_read,
            is_waived: false,
            place: unit.place,
        }
    }
}

/// The piece that has most likely come: what is on its way before what is not.
fn best<'a>(from: &[(i64, &'a Unit)], is_worse: impl Fn(&'a Unit) -> bool) -> Option<&'a Unit> {
    let rank = |place: i64, unit: &'a Unit| {
        let is_coming = unit.state == UnitState::Shipped;
        (is_worse(unit), !is_coming, place)
    };
    let best = from.iter().min_by_key(|(place, unit)| rank(*place, unit));
    best.map(|(_, unit)| *unit)
}
