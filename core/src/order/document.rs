//! Documents of suppliers: taken in first, under the supplier's own name for each, and read afterwards.
//!
//! Taking the same document in again changes nothing; another one under a name that is taken is refused. Reading one is a unit of work of its
//! own, in which all of it is done or none of it; a document that was read is not read again, unless nothing could be done of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::aboard::{Aboard, of_asset};
use super::decide::{self, Code, Decided, Known, finding};
use super::event::{Finding, OrderEvent};
use super::report::{
    Confirmation, Invoice, InvoicedItem, Kind, Operation, OrderRef, Receipt, ReceivedItem, Report,
    ShipNotice, ShippedItem, StatusUpdate,
};
use super::sending::{Meaning, meaning};
use super::store::{self, DocumentRow, DocumentState};
use super::{Refusal as OrderRefusal, Transmission, cleaned, paid, serial};
use crate::access::{Access, Principal};
use crate::explain::{Explain, Kind as Sort};
use crate::id::{
    AssetId, LocationId, ManufacturerId, OrderId, ShipmentId, SupplierDocumentId, SupplierId,
};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Ledger, RecordError, Work};
use crate::punchout::cart::Warning;
use crate::store::StoreResult;
use crate::supplier::{self, Mode, Supplier};
use crate::text;
use crate::time::{DAY_MICROS, Timestamp};
use crate::{asset, location};

/// The most characters of a supplier's name for a document.
pub const PAYLOAD_ID_CHARS_MAX: usize = 255;
/// The most characters of a supplier's number.
pub const REFERENCE_CHARS_MAX: usize = 128;
/// How many orders are named in what came of a document.
const ORDERS_NAMED_MAX: usize = 100;
/// How old a document may say it is when it comes for the first time.
pub const AGE_MICROS_MAX: i64 = 30 * DAY_MICROS;

/// Takes a document in. Whoever hands it over has proven whose it is.
#[derive(Debug, Clone)]
pub struct Take {
    /// Its id, if it is new; what came is sealed for it.
    pub id: SupplierDocumentId,
    /// Whose.
    pub supplier: SupplierId,
    /// What sort.
    pub kind: Kind,
    /// The supplier's name for it. Where it has none, the digest stands for it.
    pub payload_id: String,
    /// When it says it was made.
    pub dated: Option<Timestamp>,
    /// Whether it says that it is meant; a document that does not say is.
    pub mode: Option<Mode>,
    /// SHA-256 of what came, in hexadecimal.
    pub digest: String,
    /// What came, without its secrets, sealed for `supplier_document_body.body_sealed` and the id.
    pub body_sealed: Vec<u8>,
    /// How many bytes came.
    pub bytes: i64,
    /// What was odd about it when it was read; of one that is not taken ([`Kind::NotTaken`]), first why not.
    pub warnings: Vec<Warning>,
}

/// A document that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its id: that of the first time.
    pub id: SupplierDocumentId,
    /// Whether it had come before.
    pub again: bool,
    /// How far it is. What was not applied yet is to be read.
    pub state: DocumentState,
    /// What was found when it was read before.
    pub findings: Vec<Finding>,
}

/// Reads a document that was taken in: does what it says, or says why not.
#[derive(Debug, Clone)]
pub struct Settle {
    /// Which.
    pub id: SupplierDocumentId,
    /// What it says.
    pub report: Report,
}

/// What came of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Whether what it says was done.
    pub applied: bool,
    /// What is odd about it, or why it was refused.
    pub findings: Vec<Finding>,
    /// Whether it had been read before, and nothing was done now.
    pub again: bool,
}

/// Why a document was not taken in, or not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only Habeo itself takes documents, after it has verified who sent them.
    #[error("documents are taken from verified suppliers only")]
    NotPermitted,
    /// No such supplier, or it is paused or removed.
    #[error("this supplier is not active")]
    SupplierUnknown,
    /// No such document, or it is of another sort than what was read.
    #[error("no document with this id was taken in")]
    Unknown,
    /// Another document came under this name before.
    #[error("another document was received under this payload id before")]
    Duplicate,
    /// It says that it is older than is accepted.
    #[error("the document says it was made more than 30 days ago")]
    TooOld,
    /// It is a test and would have to be meant, or the other way round.
    #[error("a test document for an order that is meant, or the other way round")]
    ModeMismatch,
    /// Its name is empty, too long or not printable.
    #[error("the payload id has 1 to {PAYLOAD_ID_CHARS_MAX} printable characters")]
    BadName,
    /// A rule of orders or assets says no.
    #[error("{0}")]
    Order(OrderRefusal),
}

impl Refusal {
    /// Whether something about the document itself is the reason, and not who sent it, what came before, or an order.
    #[must_use]
    pub const fn is_of_document(&self) -> bool {
        matches!(self, Self::TooOld | Self::ModeMismatch | Self::BadName)
    }
}

impl Explain for Refusal {
    fn kind(&self) -> Sort {
        match self {
            Self::NotPermitted => Sort::Forbidden,
            Self::SupplierUnknown | Self::Unknown => Sort::NotFound,
            Self::Duplicate | Self::ModeMismatch => Sort::Conflict,
            Self::TooOld | Self::BadName => Sort::Unacceptable,
            Self::Order(refusal) => refusal.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted => "supplier_document_not_permitted",
            Self::SupplierUnknown => "supplier_document_sender_unknown",
            Self::Unknown => "supplier_document_unknown",
            Self::Duplicate => "duplicate_document",
            Self::TooOld => "supplier_document_too_old",
            Self::ModeMismatch => "deployment_mode_mismatch",
            Self::BadName => "supplier_document_name_invalid",
            Self::Order(refusal) => refusal.code(),
        }
    }
}

impl Command for Take {
    type Answer = Taken;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        let refused = Failure::Refused;
        let access = work.access().clone();
        let supplier = sender(work, &access, self.supplier).await?;
        let is_taken = self.kind != Kind::NotTaken;
        let name = self.name().map_err(refused)?;
        let before = store::same(work.tx(), &access, self.supplier, &name).await?;
        let before = match before {
            Some(before) if before.digest == self.digest && before.kind == self.kind => {
                return Ok(again(before));
            }
            // What was not taken may be sent again, mended.
            Some(before) if before.kind == Kind::NotTaken => Some(before.id),
            Some(before) if before.digest == self.digest => return Ok(again(before)),
            Some(_) => return Err(refused(Refusal::Duplicate)),
            None => None,
        };
        if is_taken && self.mode.unwrap_or(Mode::Production) != supplier.settings.mode {
            return Err(refused(Refusal::ModeMismatch));
        }
        let oldest = work.now().plus_micros(-AGE_MICROS_MAX);
        if is_taken && self.dated.is_some_and(|dated| dated < oldest) {
            return Err(refused(Refusal::TooOld));
        }
        let taken = OrderEvent::DocumentTaken {
            supplier: self.supplier,
            kind: self.kind,
            payload_id: name,
            digest: self.digest,
            replaces: before,
        };
        let stream = Stream::SupplierDocument(self.id);
        work.record(Fact::now(stream, Event::Order(taken), Vec::new()))
            .await?;
        if let Some(before) = before {
            store::forget_body(work.tx(), &access, before).await?;
        }
        let keep = store::Keep {
            sealed: &self.body_sealed,
            bytes: self.bytes,
            warnings: &self.warnings,
        };
        store::keep_body(work.tx(), &access, self.id, keep).await?;
        if !is_taken {
            let settled = OrderEvent::DocumentSettled {
                applied: false,
                orders: Vec::new(),
                findings: Vec::new(),
            };
            let stream = Stream::SupplierDocument(self.id);
            work.record(Fact::now(stream, Event::Order(settled), Vec::new()))
                .await?;
        }
        Ok(Taken {
            id: self.id,
            again: false,
            state: if is_taken {
                DocumentState::Taken
            } else {
                DocumentState::Refused
            },
            findings: Vec::new(),
        })
    }
}

impl Take {
    /// Under what it is known: the supplier's name for it, else the digest. A bad name is no reason not to keep what is not taken anyway.
    fn name(&self) -> Result<String, Refusal> {
        if self.payload_id.trim().is_empty() {
            return Ok(self.digest.clone());
        }
        match text::line(&self.payload_id, PAYLOAD_ID_CHARS_MAX) {
            Ok(name) => Ok(name),
            Err(_) if self.kind == Kind::NotTaken => Ok(self.digest.clone()),
            Err(_) => Err(Refusal::BadName),
        }
    }
}

fn again(before: DocumentRow) -> Taken {
    Taken {
        id: before.id,
        again: true,
        state: before.state,
        findings: before.findings,
    }
}

/// The supplier that sends something, where Habeo itself hands it over.
async fn sender(
    work: &mut Work,
    access: &Access,
    id: SupplierId,
) -> Result<Supplier, Failure<Refusal>> {
    if access.actor().principal != Principal::System {
        return Err(Failure::Refused(Refusal::NotPermitted));
    }
    let supplier = supplier::store::known(work.tx(), access, id).await?;
    let active = supplier.filter(|supplier| supplier.status == supplier::Status::Active);
    active.ok_or(Failure::Refused(Refusal::SupplierUnknown))
}

impl Command for Settle {
    type Answer = Settled;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Settled, Failure<Refusal>> {
        let access = work.access().clone();
        let row = store::document(work.tx(), &access, self.id).await?;
        let row = row.filter(|row| row.kind == self.report.kind());
        let row = row.ok_or(Failure::Refused(Refusal::Unknown))?;
        let supplier = sender(work, &access, row.supplier).await?;
        if row.state == DocumentState::Applied {
            return Ok(done_before(row));
        }
        let reading = Reading {
            document: self.id,
            supplier,
        };
        let read = match cleaned::cleaned(self.report) {
            Report::Confirmation(said) => reading.confirmation(work, &said).await,
            Report::StatusUpdate(said) => reading.status(work, &said).await,
            Report::ShipNotice(said) => reading.ship_notice(work, &said).await,
            Report::Invoice(said) => reading.invoice(work, &said).await,
            Report::Receipt(said) => reading.receipt(work, said).await,
        };
        let read = read.map_err(of_order)?;
        settled(work, &row, read).await
    }
}

/// Records what came of a document, unless that was the same before.
async fn settled(
    work: &mut Work,
    row: &DocumentRow,
    read: Read,
) -> Result<Settled, Failure<Refusal>> {
    let (applied, orders, findings) = match read {
        Ok((orders, findings)) => (true, orders, findings),
        Err(findings) => (false, Vec::new(), findings),
    };
    let findings = cleaned::kept(findings);
    if !applied && row.state == DocumentState::Refused && row.findings == findings {
        return Ok(Settled {
            applied,
            findings,
            again: true,
        });
    }
    let settled = OrderEvent::DocumentSettled {
        applied,
        orders: orders.into_iter().take(ORDERS_NAMED_MAX).collect(),
        findings: findings.clone(),
    };
    let stream = Stream::SupplierDocument(row.id);
    work.record(Fact::now(stream, Event::Order(settled), Vec::new()))
        .await?;
    Ok(Settled {
        applied,
        findings,
        again: false,
    })
}

/// Reads a document that was taken in. Where a rule of assets says no to what follows, nothing of it is done, and that is what came of it: it
/// does not wait for ever, and holds up no other.
pub async fn settle(
    ledger: &Ledger,
    access: &Access,
    settle: Settle,
) -> Result<Settled, RecordError<Refusal>> {
    let id = settle.id;
    match ledger.record(access, settle).await {
        Err(RecordError::Refused(Refusal::Order(OrderRefusal::Asset(why)))) => {
            ledger.record(access, NotDone { id, why }).await
        }
        read => read,
    }
}

/// Notes that nothing could be done of a document, because a rule of assets said no.
struct NotDone {
    id: SupplierDocumentId,
    why: asset::decide::Refusal,
}

impl Command for NotDone {
    type Answer = Settled;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Settled, Failure<Refusal>> {
        let access = work.access().clone();
        let row = store::document(work.tx(), &access, self.id).await?;
        let row = row.ok_or(Failure::Refused(Refusal::Unknown))?;
        sender(work, &access, row.supplier).await?;
        if row.state == DocumentState::Applied {
            return Ok(done_before(row));
        }
        let why = finding(Code::AssetRefused, None, self.why.code().to_owned());
        settled(work, &row, Err(vec![why])).await
    }
}

fn done_before(row: DocumentRow) -> Settled {
    Settled {
        applied: true,
        findings: row.findings,
        again: true,
    }
}

fn of_order(failure: Failure<OrderRefusal>) -> Failure<Refusal> {
    match failure {
        Failure::Refused(refusal) => Failure::Refused(Refusal::Order(refusal)),
        Failure::Store(error) => Failure::Store(error),
    }
}

/// The orders that a document is about with what is odd, or why nothing of it was done.
type Read = Result<(Vec<OrderId>, Vec<Finding>), Vec<Finding>>;

/// A document while it is read.
struct Reading {
    document: SupplierDocumentId,
    supplier: Supplier,
}

impl Reading {
    async fn confirmation(
        &self,
        work: &mut Work,
        said: &Confirmation,
    ) -> Result<Read, Failure<OrderRefusal>> {
        let found = self.find(work, &said.order).await?;
        let Some(mut aboard) = found else {
            return Ok(Err(vec![unknown(&said.order)]));
        };
        let (owners, places) = (HashMap::new(), HashMap::new());
        let known = self.known(&aboard, &owners, &places);
        match decide::confirmation(&aboard.order, said, &known) {
            Ok(decided) => self.follow(work, vec![(&mut aboard, decided)]).await,
            Err(findings) => Ok(Err(findings)),
        }
    }

    async fn status(
        &self,
        work: &mut Work,
        said: &StatusUpdate,
    ) -> Result<Read, Failure<OrderRefusal>> {
        let found = self.find(work, &said.order).await?;
        let Some(mut aboard) = found else {
            return Ok(Err(vec![unknown(&said.order)]));
        };
        // It is about the version that it names, else about the one that holds.
        let named = said.order.payload_id.as_deref().map(str::trim);
        let versions = aboard.order.versions.iter();
        let named = versions
            .filter(|(_, one)| Some(one.payload_id.as_str()) == named)
            .map(|(version, _)| *version)
            .next();
        let transmission = match meaning(said.code) {
            Meaning::Settled(transmission) => transmission,
            // Whoever passes it on could not: that nobody sends it again is what matters.
            Meaning::Transient => Transmission::Refused,
        };
        let event = OrderEvent::StatusSaid {
            document: self.document,
            version: named.unwrap_or_else(|| aboard.order.version()),
            code: said.code,
            transmission,
        };
        let decided = Decided {
            events: vec![event],
            ..Decided::default()
        };
        self.follow(work, vec![(&mut aboard, decided)]).await
    }

    async fn ship_notice(
        &self,
        work: &mut Work,
        said: &ShipNotice,
    ) -> Result<Read, Failure<OrderRefusal>> {
        let reference = said.reference.as_deref();
        let reference = reference.and_then(|text| text::line(text, REFERENCE_CHARS_MAX).ok());
        // Without a number it is the document's own.
        let reference = reference.unwrap_or_else(|| self.document.to_string());
        let mut portions: BTreeMap<OrderId, Vec<ShippedItem>> = BTreeMap::new();
        let mut whole = Vec::new();
        let mut missing = Vec::new();
        for portion in &said.portions {
            match self.order(work, &portion.order).await? {
                None => missing.push(unknown(&portion.order)),
                Some(id) => {
                    whole.extend(portion.items.is_empty().then_some(id));
                    let items = portions.entry(id).or_default();
                    items.extend(portion.items.iter().cloned());
                }
            }
        }
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        let org = work.access().org();
        let before = store::shipment_of(work.tx(), org, self.supplier.id, &reference).await?;
        let mut decided = Vec::new();
        let mut refused = Vec::new();
        if said.operation == Operation::Delete {
            if before.is_empty() {
                let what = finding(Code::UnknownShipment, None, reference);
                return Ok(Err(vec![what]));
            }
            for id in before {
                decided.extend(self.withdrawn(work, id, &reference).await?);
            }
            return self.follow_all(work, decided).await;
        }
        // An update is complete: what it names no more does not come with it.
        if said.operation == Operation::Update {
            for id in before.into_iter().filter(|id| !portions.contains_key(id)) {
                decided.extend(self.withdrawn(work, id, &reference).await?);
            }
        }
        let mut named = HashSet::new();
        for (id, items) in portions {
            let Some(aboard) = Aboard::load(work, id).await? else {
                continue;
            };
            let items = if whole.contains(&id) {
                Vec::new()
            } else {
                items
            };
            let shipment = announced(&aboard, &reference)
                .unwrap_or_else(|| ShipmentId::generate(work.now(), work.random().as_ref()));
            let owners = owners(work, &items).await?;
            let places = places(work, &items).await?;
            let known = self.known(&aboard, &owners, &places);
            let name = (shipment, reference.as_str());
            match decide::shipment(&aboard.order, said, name, &items, &known, &mut named) {
                Ok(follows) => decided.push((aboard, follows)),
                Err(findings) => refused.extend(findings),
            }
        }
        if !refused.is_empty() {
            return Ok(Err(refused));
        }
        self.follow_all(work, decided).await
    }

    async fn withdrawn(
        &self,
        work: &mut Work,
        id: OrderId,
        reference: &str,
    ) -> StoreResult<Option<(Aboard, Decided)>> {
        let Some(aboard) = Aboard::load(work, id).await? else {
            return Ok(None);
        };
        let Some(shipment) = announced(&aboard, reference) else {
            return Ok(None);
        };
        let (owners, places) = (HashMap::new(), HashMap::new());
        let known = self.known(&aboard, &owners, &places);
        let decided = decide::withdrawal(&aboard.order, shipment, &known);
        Ok(Some((aboard, decided)))
    }

    async fn invoice(
        &self,
        work: &mut Work,
        said: &Invoice,
    ) -> Result<Read, Failure<OrderRefusal>> {
        let mut orders: BTreeMap<OrderId, Vec<InvoicedItem>> = BTreeMap::new();
        let mut missing = Vec::new();
        for item in &said.items {
            match self.order(work, &item.order).await? {
                None => missing.push(unknown(&item.order)),
                Some(id) => orders.entry(id).or_default().push(item.clone()),
            }
        }
        for order in &said.orders {
            match self.order(work, order).await? {
                None => missing.push(unknown(order)),
                Some(id) => drop(orders.entry(id).or_default()),
            }
        }
        missing.dedup();
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        let (mut decided, mut refused) = (Vec::new(), Vec::new());
        let mut named = HashSet::new();
        for (id, items) in orders {
            let Some(aboard) = Aboard::load(work, id).await? else {
                continue;
            };
            let serials = items.iter().flat_map(|item| &item.serials);
            let owners = serial_owners(work, serials.map(String::as_str)).await?;
            let places = HashMap::new();
            let known = self.known(&aboard, &owners, &places);
            match decide::invoice(&aboard.order, said, &items, &known, &mut named) {
                Ok(follows) => decided.push((aboard, follows)),
                Err(findings) => refused.extend(findings),
            }
        }
        if !refused.is_empty() {
            return Ok(Err(refused));
        }
        self.follow_all(work, decided).await
    }

    async fn receipt(&self, work: &mut Work, said: Receipt) -> Result<Read, Failure<OrderRefusal>> {
        let mut orders: BTreeMap<OrderId, Vec<ReceivedItem>> = BTreeMap::new();
        let mut missing = Vec::new();
        for item in said.items {
            match self.order(work, &item.order).await? {
                None => missing.push(unknown(&item.order)),
                Some(id) => orders.entry(id).or_default().push(item),
            }
        }
        missing.dedup();
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        let (mut decided, mut refused) = (Vec::new(), Vec::new());
        for (id, items) in orders {
            let Some(aboard) = Aboard::load(work, id).await? else {
                continue;
            };
            let serials = items.iter().flat_map(|item| &item.serials);
            let owners = serial_owners(work, serials.map(String::as_str)).await?;
            let places = HashMap::new();
            let known = self.known(&aboard, &owners, &places);
            match decide::receipt(&aboard.order, &items, &known) {
                Ok(follows) => decided.push((aboard, follows)),
                Err(findings) => refused.extend(findings),
            }
        }
        if !refused.is_empty() {
            return Ok(Err(refused));
        }
        self.follow_all(work, decided).await
    }

    async fn follow_all(
        &self,
        work: &mut Work,
        mut decided: Vec<(Aboard, Decided)>,
    ) -> Result<Read, Failure<OrderRefusal>> {
        let all = decided
            .iter_mut()
            .map(|(aboard, decided)| (aboard, std::mem::take(decided)));
        self.follow(work, all.collect()).await
    }

    /// Records what was decided of each order.
    async fn follow(
        &self,
        work: &mut Work,
        decided: Vec<(&mut Aboard, Decided)>,
    ) -> Result<Read, Failure<OrderRefusal>> {
        let (mut orders, mut findings) = (Vec::new(), Vec::new());
        for (aboard, mut decided) in decided {
            orders.push(aboard.order.id);
            findings.append(&mut decided.findings);
            let vouched = std::mem::take(&mut decided.vouched);
            aboard.carry_out(work, decided).await.map_err(of_asset)?;
            paid::note(work, &aboard.order, &vouched).await?;
        }
        Ok(Ok((orders, findings)))
    }

    fn known<'a>(
        &'a self,
        aboard: &'a Aboard,
        owners: &'a HashMap<String, Vec<(AssetId, Option<ManufacturerId>)>>,
        places: &'a HashMap<String, LocationId>,
    ) -> Known<'a> {
        Known {
            settings: &self.supplier.settings,
            assets: &aboard.assets,
            owners,
            places,
            document: self.document,
        }
    }

    async fn find(&self, work: &mut Work, order: &OrderRef) -> StoreResult<Option<Aboard>> {
        match self.order(work, order).await? {
            Some(id) => Aboard::load(work, id).await,
            None => Ok(None),
        }
    }

    /// Which of this supplier's orders is meant: by our number, else by the document in which it was sent.
    async fn order(&self, work: &mut Work, order: &OrderRef) -> StoreResult<Option<OrderId>> {
        let (org, supplier) = (work.access().org(), self.supplier.id);
        if let Some(po_no) = &order.po_no
            && let Some(id) = store::by_po_no(work.tx(), org, supplier, po_no).await?
        {
            return Ok(Some(id));
        }
        match &order.payload_id {
            Some(name) => store::by_payload_id(work.tx(), org, supplier, name).await,
            None => Ok(None),
        }
    }
}

fn unknown(order: &OrderRef) -> Finding {
    let named = order.po_no.clone().or_else(|| order.payload_id.clone());
    finding(Code::UnknownOrder, None, named)
}

/// The shipment of an order that was announced under this number.
fn announced(aboard: &Aboard, reference: &str) -> Option<ShipmentId> {
    let mut shipments = aboard.order.shipments.iter();
    let found = shipments.find(|(_, shipment)| shipment.reference == reference);
    found.map(|(id, _)| *id)
}

async fn owners(
    work: &mut Work,
    items: &[ShippedItem],
) -> StoreResult<HashMap<String, Vec<(AssetId, Option<ManufacturerId>)>>> {
    let pieces = items.iter().flat_map(|item| &item.pieces);
    let serials = pieces.filter_map(|piece| piece.serial.as_deref());
    serial_owners(work, serials).await
}

async fn serial_owners<'a>(
    work: &mut Work,
    said: impl Iterator<Item = &'a str> + Send,
) -> StoreResult<HashMap<String, Vec<(AssetId, Option<ManufacturerId>)>>> {
    let mut serials: Vec<String> = said
        .filter_map(|said| serial::usable(said, []).ok())
        .map(|serial| serial.folded().to_owned())
        .collect();
    serials.sort_unstable();
    serials.dedup();
    let org = work.access().org();
    store::serial_owners(work.tx(), org, serials).await
}

/// Places by what the supplier calls them: their codes and names, whatever the case. What two are called is none.
async fn places(
    work: &mut Work,
    items: &[ShippedItem],
) -> StoreResult<HashMap<String, LocationId>> {
    let mut pieces = items.iter().flat_map(|item| &item.pieces);
    if !pieces.any(|piece| piece.place.is_some()) {
        return Ok(HashMap::new());
    }
    let access = work.access().clone();
    let mut all: HashMap<String, Option<LocationId>> = HashMap::new();
    for (id, code, name) in location::store::called(work.tx(), &access).await? {
        for called in [code, name] {
            let called = serial::collapsed(&called).to_lowercase();
            all.entry(called)
                .and_modify(|one| *one = one.filter(|one| *one == id))
                .or_insert(Some(id));
        }
    }
    let one = |(called, id): (String, Option<LocationId>)| Some((called, id?));
    Ok(all.into_iter().filter_map(one).collect())
}
