//! Placing the order of an approved requisition.

use std::collections::{HashMap, HashSet};

use crate::access::{Access, Action};
use crate::catalogue::event::CatalogueEvent;
use crate::exact::{Exact, NotExact};
use crate::id::{
    CategoryId, LocationId, ManufacturerId, ModelId, OrderId, RequisitionId, new_uuid,
};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::order::aboard::Aboard;
use crate::order::assets::{self, Counted};
use crate::order::event::{Placed, PlacedLine};
use crate::order::report::{Operation, Said};
use crate::order::{LINES_MAX, PIECES_UNASKED_MAX, Refusal, sending, serial, store};
use crate::requisition::{self, Line as WantedLine, Requisition};
use crate::store::{StoreError, StoreResult};
use crate::supplier::Mode;
use crate::unit::scope;
use crate::{catalogue, device, location, org, supplier, text};

/// The category of what is ordered without anybody having said which it has.
pub const CATEGORY_CODE: &str = "ORDERED";
/// By what name it is entered when it is needed for the first time.
const CATEGORY_NAME: &str = "Ordered things";
/// The most characters of a description.
const DESCRIPTION_CHARS_MAX: usize = 500;

/// Places the order of an approved requisition, orders its assets, and sends it. One for each requisition.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Of which.
    pub requisition: RequisitionId,
}

impl Command for Place {
    type Answer = OrderId;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<OrderId, Failure<Refusal>> {
        let access = work.access().clone();
        let (of, wanted) = approved(work, &access, self.requisition).await?;
        let supplier = supplier::store::known(work.tx(), &access, of.supplier).await?;
        let supplier = supplier.ok_or(Failure::Refused(Refusal::SupplierInactive))?;
        if supplier.status != supplier::Status::Active {
            return Err(Failure::Refused(Refusal::SupplierInactive));
        }
        // What is bought for testing is not real, and what is made of it would be.
        let is_test = supplier.settings.mode == Mode::Test;
        if is_test && !org::store::is_sandbox(work.tx(), access.org()).await? {
            return Err(Failure::Refused(Refusal::SupplierTest));
        }
        let id = OrderId::generate(work.now(), work.random().as_ref());
        let (lines, expected) = lines(work, &access, &wanted).await?;
        let site = match of.location {
            Some(location) => site(work, &access, location).await?,
            None => None,
        };
        let placed = Placed {
            number: store::next_number(work.tx(), access.org()).await?,
            requisition: of.id,
            supplier: of.supplier,
            unit: of.unit,
            location: of.location,
            site,
            currency: of.currency.clone(),
            supplier_order: of.supplier_order.clone(),
            lines,
        };
        requisition::command::ordered(work, of.id, id)
            .await
            .map_err(of_requisition)?;
        let mut aboard = Aboard::begin(work, id, placed).await?;
        assets::expect(work, &mut aboard, &expected).await?;
        sending::send_next(work, &mut aboard, Operation::New).await?;
        Ok(id)
    }
}

/// The requisition and its lines, where the caller may order it now.
async fn approved(
    work: &mut Work,
    access: &Access,
    id: RequisitionId,
) -> Result<(Requisition, Vec<WantedLine>), Failure<Refusal>> {
    let refused = Failure::Refused;
    let now = work.now();
    let found = requisition::store::by_id(work.tx(), access, id, now).await?;
    let found = found.ok_or(refused(Refusal::RequisitionUnknown))?;
    let scope = scope::resolve(work.tx(), access, Action::Register).await?;
    if !scope.contains(found.unit) {
        return Err(refused(Refusal::NotPermitted));
    }
    if found.state != requisition::State::Approved {
        return Err(refused(Refusal::NotApproved));
    }
    if found.quote_pending {
        return Err(refused(Refusal::QuotePending));
    }
    let lines = requisition::store::lines(work.tx(), access, id).await?;
    if lines.is_empty() || lines.len() > LINES_MAX {
        return Err(refused(Refusal::BadCount));
    }
    Ok((found, lines))
}

/// That somebody else was faster is the one thing that can have changed since it was looked at.
fn of_requisition(failure: Failure<requisition::Refusal>) -> Failure<Refusal> {
    match failure {
        Failure::Refused(_) => Failure::Refused(Refusal::NotApproved),
        Failure::Store(error) => Failure::Store(error),
    }
}

/// The lines as they are ordered: with a category each, and the maker where it is known. Beside them the pieces of those of which it is known what
/// becomes of them.
async fn lines(
    work: &mut Work,
    access: &Access,
    wanted: &[WantedLine],
) -> StoreResult<(Vec<PlacedLine>, Vec<Counted>)> {
    let makers = catalogue::store::manufacturers(work.tx(), access).await?;
    let models = catalogue::store::named_models(work.tx(), access).await?;
    let products = device::maker::Products::new(makers);
    let models: HashMap<ModelId, _> = models.iter().map(|model| (model.id, model)).collect();
    let parents = requisition::parents(wanted.iter().map(|line| &line.sent));
    let heads: HashSet<usize> = parents.into_iter().flatten().collect();
    let mut lines = Vec::with_capacity(wanted.len());
    let mut counted = Vec::new();
    let mut other = None;
    for (index, line) in wanted.iter().enumerate() {
        let model = line.stored.model.and_then(|id| models.get(&id));
        let category = line
            .stored
            .category
            .or(model.map(|model| model.category_id));
        // The head of a bundle, a discount, and what nobody knows the category of (a warranty, the carriage) are no things to be labelled
        // before somebody has said so.
        let is_thing =
            category.is_some() && !heads.contains(&index) && !line.stored.price.is_negative();
        let number = i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1);
        counted.extend(self::counted(number, line, is_thing));
        let category = match (category, other) {
            (Some(category), _) | (None, Some(category)) => category,
            (None, None) => *other.insert(category_of_others(work, access).await?),
        };
        let said: Option<ManufacturerId> = line
            .sent
            .manufacturer
            .as_deref()
            .and_then(|name| products.maker(name));
        lines.push(PlacedLine {
            of: line.id,
            part: line.sent.part.clone(),
            maker_part: line.sent.manufacturer_part.clone(),
            description: described(&line.stored.description, &line.sent.part),
            quantity: line.stored.quantity,
            unit: line.sent.unit.clone(),
            price: stated(line)?,
            category,
            model: model.map(|model| model.id),
            maker: model.map(|model| model.manufacturer_id).or(said),
        });
    }
    Ok((lines, counted))
}

/// The pieces of a line; none where somebody has to say first.
fn counted(number: i64, line: &WantedLine, is_thing: bool) -> Option<Counted> {
    let of_unit = line.stored.pieces?;
    let pieces = assets::pieces(line.stored.quantity, of_unit)?;
    // What is bought by the thousand waits for somebody, unless they have said so already.
    let is_known = line.stored.pieces_answered || (is_thing && pieces <= PIECES_UNASKED_MAX);
    is_known.then_some(Counted {
        line: number,
        pieces_per_unit: Some(of_unit),
        pieces,
    })
}

/// The price as a line states it, for as much as it is for. What it is for was read before: a line of which it cannot be read is none that this
/// program has written, and a price without it would be another.
fn stated(line: &WantedLine) -> StoreResult<Said> {
    let inconsistent = |error: NotExact| StoreError::Inconsistent {
        table: "requisition_line",
        what: error.to_string(),
    };
    let basis = line.sent.basis.as_ref();
    // What is counted with another line of its bundle costs nothing by itself.
    let amount = if line.stored.amount.is_zero() {
        Exact::ZERO
    } else {
        line.stored.price
    };
    Ok(Said {
        amount,
        currency: line.stored.currency.clone(),
        factor: basis
            .map(|basis| Exact::factor(&basis.factor))
            .transpose()
            .map_err(inconsistent)?,
        basis: basis
            .map(|basis| Exact::quantity(&basis.quantity))
            .transpose()
            .map_err(inconsistent)?,
    })
}

/// A description as assets have them: one line, not too long.
pub(super) fn described(description: &str, part: &str) -> String {
    let short: String = serial::collapsed(description)
        .chars()
        .filter(|c| text::is_printable(*c))
        .take(DESCRIPTION_CHARS_MAX)
        .collect();
    let line = |words: &str| text::line(words, DESCRIPTION_CHARS_MAX).ok();
    line(&short)
        .or_else(|| line(part))
        .unwrap_or_else(|| CATEGORY_NAME.to_owned())
}

async fn category_of_others(work: &mut Work, access: &Access) -> StoreResult<CategoryId> {
    let known = catalogue::store::category_by_code(work.tx(), access, CATEGORY_CODE).await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let id = CategoryId::from_uuid(new_uuid(work.now(), work.random().as_ref()));
    let event = CatalogueEvent::CategoryAdded {
        parent: None,
        code: CATEGORY_CODE.to_owned(),
        name: CATEGORY_NAME.to_owned(),
    };
    let stream = Stream::Catalogue(id.uuid());
    work.record(Fact::now(stream, Event::Catalogue(event), Vec::new()))
        .await?;
    Ok(id)
}

async fn site(
    work: &mut Work,
    access: &Access,
    location: LocationId,
) -> StoreResult<Option<LocationId>> {
    let found = location::store::by_ids(work.tx(), access.org(), &[location]).await?;
    Ok(found.into_iter().next().map(|place| place.site_id))
}
