//! From a row to what is to be done for it: the cells read, the names resolved, the commands put together; or everything that is wrong with it.

use csv::ByteRecord;
use habeo_core::access::Action;
use habeo_core::asset::command::{Act, Command, Register};
use habeo_core::asset::{AssignmentKind, Condition, IdentifierKind, State, Target};
use habeo_core::export::cell::unguarded;
use habeo_core::id::{AssetId, CategoryId, LocationId, ManufacturerId, UnitId};
use habeo_core::random::Random;
use habeo_core::text::{self, Serial, Tag};
use habeo_core::time::Timestamp;
use uuid::Uuid;

mod cell;
mod description;
mod life;
mod name;

use super::fault::Fault;
use super::field::Field;
use super::mapping::Mapping;
use super::seen::Claim;
use super::source::Row;
use super::world::{KnownModel, World};

const NAME_CHARS_MAX: usize = 200;
const CODE_CHARS_MAX: usize = 120;
const IDENTIFIER_CHARS_MAX: usize = 128;

/// What is said once for all rows.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Where things came from whose row does not say, where that is asked.
    pub provenance: Option<String>,
    /// Rows in these states are left out.
    pub skipped: Vec<State>,
}

/// What is to be done for a row. Nothing at all where it is left out.
#[derive(Debug)]
pub struct Entry {
    /// In which line it begins.
    pub line: u64,
    /// The commands, in their order.
    pub commands: Vec<Command>,
    /// What it claims for itself alone.
    pub claims: Vec<Claim>,
}

/// What rows are read with.
#[derive(Debug)]
pub struct Reader<'a> {
    pub mapping: &'a Mapping,
    pub terms: &'a Terms,
    pub world: &'a mut World,
    pub now: Timestamp,
    pub random: &'a dyn Random,
}

/// The address in a row, in the form in which people are looked up.
pub fn address(mapping: &Mapping, cells: &ByteRecord) -> Option<String> {
    let cell = cells.get(mapping.column(Field::HolderEmail)?)?;
    let text = unguarded(std::str::from_utf8(cell).ok()?.trim());
    let line = text::line(text, CODE_CHARS_MAX * 3).ok()?;
    Some(line.to_lowercase())
}

impl Reader<'_> {
    /// Reads one row.
    pub fn entry(&mut self, row: Row<'_>) -> Result<Entry, Vec<Fault>> {
        let mut one = One {
            row,
            mapping: self.mapping,
            terms: self.terms,
            now: self.now,
            faults: Vec::new(),
        };
        let entry = one.read(self.world, self.random);
        match entry {
            Some(entry) if one.faults.is_empty() => Ok(entry),
            _ => Err(one.faults),
        }
    }
}

/// One row while it is read.
struct One<'a> {
    row: Row<'a>,
    mapping: &'a Mapping,
    terms: &'a Terms,
    now: Timestamp,
    faults: Vec<Fault>,
}

/// Where something is, what it is, who owns it.
struct What {
    unit: Option<UnitId>,
    model: Option<KnownModel>,
    maker: Option<ManufacturerId>,
    category: Option<CategoryId>,
    location: Option<LocationId>,
}

/// In whose custody, and on what terms.
struct Custody {
    target: Target,
    kind: AssignmentKind,
    due_at: Option<Timestamp>,
}

impl One<'_> {
    fn read(&mut self, world: &mut World, random: &dyn Random) -> Option<Entry> {
        if self.row.cells.len() != self.mapping.width() {
            let message = format!(
                "the row has {} columns, the first line {}",
                self.row.cells.len(),
                self.mapping.width()
            );
            self.faults.push(Fault {
                line: self.row.line,
                column: "(row)".to_owned(),
                code: "columns",
                message,
            });
            return None;
        }
        let state = self
            .word(Field::State)
            .and_then(|word| self.member(Field::State, &word));
        if state.is_some_and(|state| self.terms.skipped.contains(&state)) {
            return Some(Entry {
                line: self.row.line,
                commands: Vec::new(),
                claims: Vec::new(),
            });
        }
        let tag: Option<Tag> = self.code(Field::Tag, Tag::parse);
        let serial: Option<Serial> = self.code(Field::Serial, Serial::parse);
        let what = self.what(world);
        let custody = self.custody(world, state, what.unit);
        let state = self.state(state, tag.as_ref(), custody.is_some());
        let description = self.description(world, &what)?;
        let condition = self
            .word(Field::Condition)
            .and_then(|word| self.member(Field::Condition, &word))
            .unwrap_or(Condition::Unknown);
        let identifiers = self.identifiers();
        let provenance = self.provenance(&description, what.model, serial.as_ref());
        let remark = self.lines(Field::Remark);
        let asset = AssetId::generate(self.now, random);
        let claims = claims(tag.as_ref(), serial.as_ref(), &identifiers, what.maker);
        let command = |act| Command {
            asset,
            act,
            occurred_at: None,
            remark: None,
        };
        let mut commands = Vec::with_capacity(2);
        let unit = description.unit;
        if state == State::Ordered {
            if tag.is_some()
                || serial.is_some()
                || !identifiers.is_empty()
                || what.location.is_some()
            {
                self.fault(Field::State, "contradiction", "something that is only ordered has no tag, serial number, identifier or place yet".to_owned());
            }
            commands.push(command(Act::Order(Box::new(description))));
        } else {
            commands.push(command(Act::Register(Box::new(Register {
                what: description,
                tag,
                serial,
                location: what.location,
                condition,
                identifiers,
                provenance,
            }))));
        }
        commands[0].remark = remark;
        commands.extend(self.next(state, custody, unit).into_iter().map(command));
        for command in &commands {
            let action = action(&command.act);
            if !world.may(action, unit) {
                let field = self.unit_field();
                self.fault(
                    field,
                    "not_permitted",
                    "your role does not permit this for assets of this unit".to_owned(),
                );
                break;
            }
        }
        Some(Entry {
            line: self.row.line,
            commands,
            claims,
        })
    }
}

fn claims(
    tag: Option<&Tag>,
    serial: Option<&Serial>,
    identifiers: &[(IdentifierKind, String)],
    maker: Option<ManufacturerId>,
) -> Vec<Claim> {
    let tag = tag.map(|tag| Claim::Tag(tag.folded().to_owned()));
    let serial = serial
        .filter(|serial| !serial.is_placeholder())
        .map(|serial| {
            let maker = maker.map_or(Uuid::nil(), ManufacturerId::uuid);
            Claim::Serial(serial.folded().to_owned(), maker)
        });
    let identifiers = identifiers
        .iter()
        // Network adapters move between machines.
        .filter(|(kind, _)| *kind != IdentifierKind::MacWired)
        .map(|(kind, value)| Claim::Identifier(*kind, text::fold_code(value)));
    tag.into_iter().chain(serial).chain(identifiers).collect()
}

/// By which right an act of an import is done.
const fn action(act: &Act) -> Action {
    match act {
        Act::Deploy { .. } | Act::Loan { .. } => Action::Custody,
        Act::RepairOut { .. } | Act::ReportMissing { .. } => Action::Field,
        Act::Retire => Action::Retire,
        _ => Action::Register,
    }
}
