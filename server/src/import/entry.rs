//! From a row to what is to be done for it: the cells read, the names resolved, the commands put together; or everything that is wrong with it.

use csv::ByteRecord;
use habeo_core::access::Action;
use habeo_core::asset::command::{Act, Command, Description, Register};
use habeo_core::asset::decide::{DESCRIPTION_CHARS_MAX, NUMBER_CHARS_MAX, REMARK_CHARS_MAX};
use habeo_core::asset::{
    Acquisition, AssignmentKind, Condition, IdentifierKind, LossKind, RepairBy, State, Target,
    TargetKind,
};
use habeo_core::export::cell::unguarded;
use habeo_core::id::{AssetId, CategoryId, LocationId, ManufacturerId, UnitId};
use habeo_core::money;
use habeo_core::person::PersonStatus;
use habeo_core::random::Random;
use habeo_core::text::{self, Serial, Tag};
use habeo_core::time::{Day, Timestamp};
use uuid::Uuid;

use super::fault::{Fault, shown};
use super::field::Field;
use super::mapping::Mapping;
use super::seen::Claim;
use super::source::Row;
use super::world::{KnownModel, Unclear, World};

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

    // ------------------------------------------------------------------------------------------------------------- cells

    fn fault(&mut self, field: Field, code: &'static str, message: String) {
        self.faults.push(Fault {
            line: self.row.line,
            column: self.mapping.header(field).to_owned(),
            code,
            message,
        });
    }

    /// A cell as text; none where it is empty, or no text.
    fn cell(&mut self, field: Field) -> Option<String> {
        let bytes = self.row.cells.get(self.mapping.column(field)?)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                let text = unguarded(text.trim()).trim();
                (!text.is_empty()).then(|| text.to_owned())
            }
            Err(error) => {
                let at = error.valid_up_to() + 1;
                self.fault(
                    field,
                    "not_utf8",
                    format!(
                        "is not UTF-8 from its byte {at} on; was the file saved as Windows-1252?"
                    ),
                );
                None
            }
        }
    }

    fn line(&mut self, field: Field, chars_max: usize) -> Option<String> {
        let text = self.cell(field)?;
        match text::line(&text, chars_max) {
            Ok(line) => Some(line),
            Err(error) => {
                self.fault(field, "text", error.to_string());
                None
            }
        }
    }

    fn lines(&mut self, field: Field) -> Option<String> {
        let text = self.cell(field)?.replace("\r\n", "\n").replace('\r', "\n");
        match text::lines(&text, REMARK_CHARS_MAX) {
            Ok(lines) => Some(lines),
            Err(error) => {
                self.fault(field, "text", error.to_string());
                None
            }
        }
    }

    fn code<T>(
        &mut self,
        field: Field,
        parse: impl Fn(&str) -> Result<T, text::BadText>,
    ) -> Option<T> {
        let text = self.cell(field)?;
        match parse(&text) {
            Ok(code) => Some(code),
            Err(error) => {
                self.fault(field, "text", error.to_string());
                None
            }
        }
    }

    /// A word of a closed set as the sets spell it: `In stock` is `in_stock`.
    fn word(&mut self, field: Field) -> Option<String> {
        let text = self.line(field, CODE_CHARS_MAX)?;
        Some(text.to_lowercase().replace([' ', '-'], "_"))
    }

    fn member<T: std::str::FromStr + Copy>(&mut self, field: Field, word: &str) -> Option<T> {
        let member = word.parse().ok();
        if member.is_none() {
            self.fault(
                field,
                "not_a_member",
                format!("{} is none of the words that this can be", shown(word)),
            );
        }
        member
    }

    fn day(&mut self, field: Field) -> Option<Day> {
        let text = self.cell(field)?;
        let day = text.parse().ok();
        if day.is_none() {
            self.fault(
                field,
                "date",
                format!("{} is not a day as in 2026-03-02", shown(&text)),
            );
        }
        day
    }

    fn unclear(&mut self, field: Field, unclear: Unclear, what: &str, name: &str) {
        let name = shown(name);
        match unclear {
            Unclear::Unknown => self.fault(field, "unknown", format!("no {what} is called {name}")),
            Unclear::Ambiguous => self.fault(
                field,
                "ambiguous",
                format!("more than one {what} is called {name}"),
            ),
        }
    }

    fn found<T>(
        &mut self,
        field: Field,
        found: Result<T, Unclear>,
        what: &str,
        name: &str,
    ) -> Option<T> {
        found
            .map_err(|unclear| self.unclear(field, unclear, what, name))
            .ok()
    }

    // ------------------------------------------------------------------------------------------------------------- names

    fn unit_field(&self) -> Field {
        if self.mapping.column(Field::UnitCode).is_some() {
            Field::UnitCode
        } else {
            Field::Unit
        }
    }

    fn what(&mut self, world: &mut World) -> What {
        let unit = self.unit(world);
        let named_maker = self.line(Field::Manufacturer, CODE_CHARS_MAX);
        let maker = named_maker.as_deref().and_then(|name| {
            let found = world.maker(name);
            self.found(Field::Manufacturer, found, "manufacturer", name)
        });
        let category = self.category(world);
        let model = if named_maker.is_some() && maker.is_none() {
            None
        } else {
            self.model(world, maker, category)
        };
        if category.is_none() && model.is_none() && self.faults.is_empty() {
            self.fault(
                Field::Category,
                "required",
                "is required where no model says what sort of thing it is".to_owned(),
            );
        }
        What {
            unit,
            model,
            // A model says who made it.
            maker: model.map(|model| model.manufacturer).or(maker),
            category: category.or(model.map(|model| model.category)),
            location: self.place(world),
        }
    }

    fn unit(&mut self, world: &World) -> Option<UnitId> {
        if let Some(code) = self.line(Field::UnitCode, CODE_CHARS_MAX) {
            let found = world.unit_code(&code);
            return self.found(Field::UnitCode, found, "unit", &code);
        }
        let Some(name) = self.line(Field::Unit, NAME_CHARS_MAX) else {
            let field = self.unit_field();
            if self
                .faults
                .iter()
                .all(|fault| fault.column != self.mapping.header(field))
            {
                self.fault(
                    field,
                    "required",
                    "every asset has an owning unit: its code or its name".to_owned(),
                );
            }
            return None;
        };
        let found = world.unit(&name);
        self.found(Field::Unit, found, "unit", &name)
    }

    fn category(&mut self, world: &mut World) -> Option<CategoryId> {
        let code = self.line(Field::CategoryCode, CODE_CHARS_MAX);
        let name = self.line(Field::Category, CODE_CHARS_MAX);
        if let Some(code) = &code {
            match (world.category_code(code), &name) {
                (Ok(id), _) => return Some(id),
                (Err(unclear), None) => {
                    self.unclear(Field::CategoryCode, unclear, "category", code);
                    return None;
                }
                // The name may still tell, or be made one of.
                (Err(_), Some(_)) => {}
            }
        }
        let name = name?;
        let found = world.category(&name);
        self.found(Field::Category, found, "category", &name)
    }

    fn model(
        &mut self,
        world: &mut World,
        maker: Option<ManufacturerId>,
        category: Option<CategoryId>,
    ) -> Option<KnownModel> {
        let name = self.line(Field::Model, NAME_CHARS_MAX);
        let number = self.line(Field::ModelNo, NUMBER_CHARS_MAX);
        let (field, wanted) = match (&name, &number) {
            (Some(name), _) => (Field::Model, name),
            (None, Some(number)) => (Field::ModelNo, number),
            (None, None) => return None,
        };
        let mut found = world.model(maker, wanted);
        if let (Err(Unclear::Ambiguous), Some(number)) = (&found, &number) {
            found = world.model(maker, number);
        }
        if let (Err(Unclear::Unknown), Some(maker), Some(category)) = (&found, maker, category) {
            found = world.new_model(maker, category, wanted, number.as_deref());
        }
        let wanted = wanted.clone();
        self.found(field, found, "model", &wanted)
    }

    fn place(&mut self, world: &mut World) -> Option<LocationId> {
        if let Some(path) = self.line(Field::Location, 7 * NAME_CHARS_MAX) {
            let found = world.path(&path);
            return self.found(Field::Location, found, "place", &path);
        }
        let levels = [Field::Site, Field::Building, Field::Room]
            .map(|field| (field, self.line(field, NAME_CHARS_MAX)));
        let mut names = Vec::new();
        let mut last = None;
        let mut gap = None;
        for (field, name) in &levels {
            match name {
                Some(name) => {
                    if let Some(gap) = gap {
                        self.fault(
                            gap,
                            "required",
                            "is required where a place within it is named".to_owned(),
                        );
                        return None;
                    }
                    names.push(name.as_str());
                    last = Some(*field);
                }
                None => gap = gap.or(Some(*field)),
            }
        }
        let last = last?;
        let found = world.steps(&names);
        self.found(last, found, "place", &names.join(" / "))
    }

    // ----------------------------------------------------------------------------------------------------------- custody

    fn custody(
        &mut self,
        world: &World,
        state: Option<State>,
        unit: Option<UnitId>,
    ) -> Option<Custody> {
        let target = self.target(world, state, unit)?;
        let kind = self
            .word(Field::AssignmentKind)
            .and_then(|word| self.member(Field::AssignmentKind, &word))
            .unwrap_or(AssignmentKind::Permanent);
        Some(Custody {
            target,
            kind,
            due_at: self.due(),
        })
    }

    fn target(
        &mut self,
        world: &World,
        state: Option<State>,
        unit: Option<UnitId>,
    ) -> Option<Target> {
        let kind = self
            .word(Field::HolderType)
            .and_then(|word| self.member::<TargetKind>(Field::HolderType, &word));
        if let Some(address) = self.line(Field::HolderEmail, 3 * CODE_CHARS_MAX) {
            let found = world.person(&address.to_lowercase());
            let (person, status) =
                self.found(Field::HolderEmail, found, "person's address", &address)?;
            if status == PersonStatus::Separated {
                self.fault(
                    Field::HolderEmail,
                    "separated",
                    "this person has left and can hold nothing".to_owned(),
                );
            }
            return Some(Target::Person(person));
        }
        let name = self.line(Field::Holder, 7 * NAME_CHARS_MAX);
        match (kind, name) {
            (Some(TargetKind::Unit), Some(name)) => {
                let found = world.unit(&name);
                self.found(Field::Holder, found, "unit", &name)
                    .map(Target::Unit)
            }
            (Some(TargetKind::Location), Some(name)) => {
                let found = world.known_path(&name);
                self.found(Field::Holder, found, "place", &name)
                    .map(Target::Location)
            }
            (Some(TargetKind::Asset), _) => {
                self.fault(
                    Field::HolderType,
                    "not_importable",
                    "custody of another asset cannot be imported".to_owned(),
                );
                None
            }
            (Some(TargetKind::Person) | None, Some(_)) => {
                let field = Field::HolderEmail;
                self.fault(field, "required", "people are recognised by their address; a name alone does not say who holds it".to_owned());
                None
            }
            // In use, and nobody is named: then its unit answers for it.
            (_, None) if matches!(state, Some(State::InUse)) => unit.map(Target::Unit),
            (_, None) => None,
        }
    }

    fn due(&mut self) -> Option<Timestamp> {
        let text = self.cell(Field::DueAt)?;
        // A day means until its end.
        let day = text.parse::<Day>().map(|day| day.plus_days(1).start());
        let due = day.ok().or_else(|| text.parse::<Timestamp>().ok());
        match due {
            Some(due) if due <= self.now => {
                self.fault(
                    Field::DueAt,
                    "past",
                    "lies in the past; a loan cannot begin overdue".to_owned(),
                );
                None
            }
            Some(due) => Some(due),
            None => {
                self.fault(
                    Field::DueAt,
                    "date",
                    format!(
                        "{} is neither a day as in 2026-03-02 nor an instant of RFC 3339",
                        shown(&text)
                    ),
                );
                None
            }
        }
    }

    /// The state as it will be: what the row says, or what follows from label and custody.
    fn state(&mut self, said: Option<State>, tag: Option<&Tag>, held: bool) -> State {
        let state = said.unwrap_or(match (tag, held) {
            (_, true) => State::InUse,
            (Some(_), false) => State::InStock,
            (None, false) => State::Received,
        });
        // Repair and loss keep custody, and only what has a tag gets into somebody's.
        let needs_tag = held
            || matches!(
                state,
                State::InStock | State::InUse | State::OnLoan | State::InRepair
            );
        if needs_tag && tag.is_none() && self.faults.is_empty() {
            self.fault(
                Field::Tag,
                "required",
                format!("an asset that is {state} has a tag"),
            );
        }
        if state == State::Received && tag.is_some() {
            self.fault(
                Field::State,
                "contradiction",
                "an asset with a tag is in stock, not only received".to_owned(),
            );
        }
        let holds = matches!(
            state,
            State::InUse | State::OnLoan | State::InRepair | State::Missing
        );
        if held && !holds {
            self.fault(
                Field::State,
                "contradiction",
                format!("an asset that is {state} is in nobody's custody; leave its holder out"),
            );
        }
        if matches!(
            state,
            State::InTransit | State::Surplus | State::Disposed | State::Void
        ) {
            let message = format!(
                "assets that are {state} cannot be imported: that takes persons who approve; --skip-state {state} leaves them out"
            );
            self.fault(Field::State, "not_importable", message);
        }
        state
    }

    /// What follows the registration.
    fn next(&mut self, state: State, custody: Option<Custody>, unit: UnitId) -> Vec<Act> {
        if state == State::OnLoan {
            return self.lend(custody).into_iter().collect();
        }
        let deploy = |custody: Custody| Act::Deploy {
            target: custody.target,
            kind: custody.kind,
            location: None,
        };
        let own_unit = Custody {
            target: Target::Unit(unit),
            kind: AssignmentKind::Permanent,
            due_at: None,
        };
        let held = match state {
            State::InUse => Some(deploy(custody.unwrap_or(own_unit))),
            _ => custody.map(deploy),
        };
        let then = match state {
            State::InRepair => Some(Act::RepairOut {
                by: RepairBy::Bench,
                rma_no: None,
            }),
            State::Missing => Some(Act::ReportMissing {
                kind: LossKind::Lost,
                discovered_on: self.now.day(),
                police_no: None,
            }),
            State::Retired => Some(Act::Retire),
            _ => None,
        };
        held.into_iter().chain(then).collect()
    }

    fn lend(&mut self, custody: Option<Custody>) -> Option<Act> {
        let Some(custody) = custody else {
            if self.faults.is_empty() {
                let message = "what is on loan is lent to somebody".to_owned();
                self.fault(Field::HolderEmail, "required", message);
            }
            return None;
        };
        let Some(due_at) = custody.due_at else {
            if self.faults.is_empty() {
                let message = "what is on loan is lent until some day".to_owned();
                self.fault(Field::DueAt, "required", message);
            }
            return None;
        };
        Some(Act::Loan {
            target: custody.target,
            due_at,
        })
    }

    // ------------------------------------------------------------------------------------------------------- description

    fn description(&mut self, world: &World, what: &What) -> Option<Description> {
        let description = self.described();
        let acquisition = self
            .word(Field::Acquisition)
            .and_then(|word| self.member(Field::Acquisition, &word))
            .unwrap_or(Acquisition::Purchase);
        let (cost_minor, currency) = self.cost(&world.currency);
        let description = Description {
            description: description.unwrap_or_default(),
            category: what.category.unwrap_or(CategoryId::from_uuid(Uuid::nil())),
            model: what.model.map(|model| model.id),
            manufacturer: what.maker,
            unit: what.unit.unwrap_or(UnitId::from_uuid(Uuid::nil())),
            acquisition,
            cost_minor,
            currency,
            po_no: self.line(Field::PoNo, NUMBER_CHARS_MAX),
            invoice_no: self.line(Field::InvoiceNo, NUMBER_CHARS_MAX),
            acquired_on: self.day(Field::AcquiredOn),
            warranty_ends_on: self.day(Field::WarrantyEndsOn),
        };
        // The placeholders above stand only beside a fault.
        (what.unit.is_some() && what.category.is_some()).then_some(description)
    }

    /// The description, or what maker and model are called.
    fn described(&mut self) -> Option<String> {
        if let Some(text) = self.line(Field::Description, DESCRIPTION_CHARS_MAX) {
            return Some(text);
        }
        let names = [Field::Manufacturer, Field::Model].map(|field| self.cell(field));
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            if self.faults.is_empty() {
                self.fault(
                    Field::Description,
                    "required",
                    "is required where no model is named".to_owned(),
                );
            }
            return None;
        }
        text::line(&name, DESCRIPTION_CHARS_MAX).ok()
    }

    fn cost(&mut self, default: &str) -> (Option<i64>, Option<String>) {
        let currency = self
            .line(Field::Currency, CODE_CHARS_MAX)
            .map(|code| code.to_uppercase());
        if let Some(code) = &currency
            && !(code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()))
        {
            self.fault(
                Field::Currency,
                "currency",
                "must be three letters (ISO 4217)".to_owned(),
            );
            return (None, None);
        }
        let Some(text) = self.cell(Field::Cost) else {
            return (None, None);
        };
        let currency = currency.unwrap_or_else(|| default.to_owned());
        match money::minor(&text, &currency) {
            Ok(minor) => (Some(minor), Some(currency)),
            Err(error) => {
                self.fault(Field::Cost, "amount", error.to_string());
                (None, None)
            }
        }
    }

    fn identifiers(&mut self) -> Vec<(IdentifierKind, String)> {
        let mut all = Vec::new();
        for kind in Field::identifiers() {
            let field = Field::Identifier(kind);
            let Some(value) = self.line(field, IDENTIFIER_CHARS_MAX) else {
                continue;
            };
            if text::fold_code(&value).is_empty() {
                self.fault(field, "text", text::BadText::Alphabet.to_string());
            } else {
                all.push((kind, value));
            }
        }
        all
    }

    /// Where it came from, where that is asked: of what was not bought, and of what should have a serial number and has none.
    fn provenance(
        &mut self,
        what: &Description,
        model: Option<KnownModel>,
        serial: Option<&Serial>,
    ) -> Option<String> {
        let said = self.lines(Field::Provenance);
        let bought = matches!(
            what.acquisition,
            Acquisition::Purchase | Acquisition::Punchout
        );
        let no_serial = model.is_some_and(|model| model.requires_serial) && serial.is_none();
        let told = said.is_some() || self.cell(Field::Remark).is_some();
        if told || (bought && !no_serial) {
            return said;
        }
        if self.terms.provenance.is_none() {
            let (field, message) = if no_serial {
                (
                    Field::Serial,
                    "this model requires a serial number, or a word on why there is none (--provenance)",
                )
            } else {
                (
                    Field::Provenance,
                    "an asset that was not bought needs a word on where it came from (--provenance)",
                )
            };
            self.fault(field, "required", message.to_owned());
        }
        self.terms.provenance.clone()
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
