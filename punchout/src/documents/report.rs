//! What suppliers' documents say, from cXML's form into none. What would have to be guessed is refused, naming it.

use habeo_core::exact::Exact;
use habeo_core::order::report::{
    self as neutral, Answer, ConfirmedItem, InvoicedItem, ItemAnswer, OrderRef, ReceivedItem,
    Report, Said, ShippedItem, Substitute,
};
use habeo_core::time::{Day, Timestamp};

use crate::code::Code;
use crate::cxml::confirmation::{Confirmation, Verdict};
use crate::cxml::invoice::{Invoice, InvoiceItem, Purpose};
use crate::cxml::item::PriceBasis;
use crate::cxml::money::Money;
use crate::cxml::order_reference::OrderReference;
use crate::cxml::receipt::Receipt;
use crate::cxml::request::{Body, StatusUpdate};
use crate::cxml::serial::{Piece, Source};
use crate::cxml::ship_notice::{Item, Operation, Portion, ShipNotice};
use crate::finding::{FINDINGS_MAX, Finding};
use crate::moment::Moment;

/// What a document says, or why nobody can tell.
type Told<T> = Result<T, Finding>;

/// What a document says in no protocol's form, and what of it was left out.
pub(super) struct Reported {
    pub report: Report,
    pub warnings: Vec<Finding>,
}

impl From<Report> for Reported {
    fn from(report: Report) -> Self {
        Self {
            report,
            warnings: Vec::new(),
        }
    }
}

/// What a document says in no protocol's form; none for what is asked and not told.
pub(super) fn report(body: Body) -> Option<Result<Reported, Vec<Finding>>> {
    let report = match body {
        Body::Confirmation(said) => confirmation(said).map(|it| Report::Confirmation(it).into()),
        Body::ShipNotice(said) => ship_notice(&said).map(|it| Report::ShipNotice(it).into()),
        Body::Invoice(said) => invoice(said),
        Body::Receipt(said) => receipt(&said),
        Body::StatusUpdate(said) => status_update(said)
            .map(|it| Report::StatusUpdate(it).into())
            .map_err(|finding| vec![finding]),
        Body::Profile => return None,
    };
    Some(report)
}

fn confirmation(said: Confirmation) -> Result<neutral::Confirmation, Vec<Finding>> {
    let answer = answer(said.verdict).map_err(|finding| vec![finding])?;
    let items = said.items.into_iter().flat_map(|item| {
        let (line, unit) = (item.line_number, item.unit.text);
        item.statuses.into_iter().map(move |status| {
            let own = status.unit.text;
            let own_price = status.price.as_ref().map(|it| (it, &status.price_basis));
            let others = status.substitute.as_ref();
            let others = others.and_then(|it| Some((it.price.as_ref()?, &it.price_basis)));
            let price = own_price.or(others);
            let price = price.map(|(price, basis)| price_of(price, basis.as_ref()));
            Ok(ConfirmedItem {
                line: number(&line)?,
                quantity: quantity(status.quantity.as_str())?,
                unit: if own.is_empty() { unit.clone() } else { own },
                answer: item_answer(status.verdict),
                price: price.transpose()?,
                substitute: status.substitute.map(|it| Substitute {
                    part: it.part,
                    description: it.description,
                    maker_part: it.manufacturer_part,
                    maker: it.manufacturer,
                }),
                ships_on: status.ships.as_ref().and_then(day),
                delivers_on: status.arrives.as_ref().and_then(day),
            })
        })
    });
    Ok(neutral::Confirmation {
        order: order(&said.order),
        reference: said.id,
        answer,
        operation: if said.is_update {
            neutral::Operation::Update
        } else {
            neutral::Operation::New
        },
        supplier_order: None,
        items: all(items)?,
    })
}

fn answer(verdict: Verdict) -> Told<Answer> {
    Ok(match verdict {
        Verdict::Accept => Answer::Accept,
        Verdict::Except => Answer::Except,
        Verdict::Reject => Answer::Reject,
        Verdict::AllDetail => Answer::AllDetail,
        Verdict::Detail => Answer::Detail,
        Verdict::Backordered => Answer::Backordered,
        Verdict::RequestToPay => Answer::RequestToPay,
        Verdict::Replace => Answer::Replace,
        Verdict::Unknown => {
            let says = "ConfirmationHeader/@type is unknown, which says nothing of the order";
            return Err(Finding::nowhere(Code::MissingAttribute, says));
        }
    })
}

const fn item_answer(verdict: Verdict) -> ItemAnswer {
    match verdict {
        Verdict::Accept => ItemAnswer::Accept,
        Verdict::AllDetail => ItemAnswer::AllDetail,
        Verdict::Detail => ItemAnswer::Detail,
        Verdict::Backordered => ItemAnswer::Backordered,
        Verdict::Reject => ItemAnswer::Reject,
        Verdict::RequestToPay => ItemAnswer::RequestToPay,
        Verdict::Except | Verdict::Replace | Verdict::Unknown => ItemAnswer::Unknown,
    }
}

/// A notice of a shipment, from a document or from a table.
pub(super) fn ship_notice(said: &ShipNotice) -> Result<neutral::ShipNotice, Vec<Finding>> {
    if said.is_return {
        let says = "the notice is of goods that go back to the supplier, which is not taken here";
        return Err(vec![Finding::nowhere(Code::WrongDocumentType, says)]);
    }
    let carriers = || said.controls.iter().flat_map(|control| &control.carriers);
    let named = carriers().find(|(domain, _)| domain.eq_ignore_ascii_case("companyName"));
    let carrier = named.or_else(|| carriers().next());
    let tracking = said.controls.iter().flat_map(|control| &control.tracking);
    let (mut portions, mut findings) = (Vec::new(), Vec::new());
    for portion in &said.portions {
        match shipped(portion) {
            Ok(portion) => portions.push(portion),
            Err(more) => findings.extend(more),
        }
    }
    if !findings.is_empty() {
        findings.truncate(FINDINGS_MAX);
        return Err(findings);
    }
    Ok(neutral::ShipNotice {
        reference: said.shipment_id.clone(),
        operation: match said.operation {
            Operation::New => neutral::Operation::New,
            Operation::Update => neutral::Operation::Update,
            Operation::Delete => neutral::Operation::Delete,
        },
        planned: said.is_planned,
        shipped_at: said.ships.as_ref().and_then(at),
        expected_at: said.arrives.as_ref().and_then(at),
        carrier: carrier.map(|(_, name)| name.clone()),
        tracking: tracking.map(|one| one.number.clone()).collect(),
        portions,
    })
}

fn shipped(portion: &Portion) -> Result<neutral::Portion, Vec<Finding>> {
    Ok(neutral::Portion {
        order: order(&portion.order),
        items: all(portion.items.iter().map(shipped_item))?,
    })
}

fn shipped_item(item: &Item) -> Told<ShippedItem> {
    Ok(ShippedItem {
        line: number(&item.line_number)?,
        quantity: quantity(item.quantity.as_str())?,
        unit: item.unit.text.clone(),
        part: item.item.as_ref().map(|item| item.part.clone()),
        maker_part: item.manufacturer_part.clone(),
        maker: item.manufacturer.as_ref().map(|it| it.text.clone()),
        container: item.container.clone(),
        warranty_starts_on: item.warranty_start.as_ref().and_then(day),
        warranty_ends_on: item.warranty_end.as_ref().and_then(day),
        pieces: item.pieces.iter().map(piece).collect(),
    })
}

fn piece(piece: &Piece) -> neutral::Piece {
    neutral::Piece {
        serial: piece.serial.clone(),
        source: piece.source.map(source),
        tag: piece.tag.clone(),
        place: piece.location.clone(),
        container: piece.container.clone(),
        warranty_starts_on: piece.warranty_start.as_ref().and_then(day),
        warranty_ends_on: piece.warranty_end.as_ref().and_then(day),
        macs: piece.macs.clone(),
        imeis: piece.imeis.clone(),
        hostname: piece.hostname.clone(),
    }
}

const fn source(source: Source) -> neutral::Source {
    match source {
        Source::Item => neutral::Source::Item,
        Source::Packaging => neutral::Source::Packaging,
        Source::ItemExtrinsic | Source::Table => neutral::Source::ItemWords,
        Source::NoticeExtrinsic => neutral::Source::NoticeWords,
        Source::Invoice => neutral::Source::Invoice,
        Source::Receipt => neutral::Source::Receipt,
    }
}

/// An invoice. Freight and the like stand on it without a line of the order; they are left out, and the others stay.
fn invoice(said: Invoice) -> Result<Reported, Vec<Finding>> {
    if said.is_withdrawal {
        return withdrawn_invoice(said);
    }
    let mut warnings = Vec::new();
    let (mut items, mut bad) = (Vec::new(), Vec::new());
    for of in &said.orders {
        for item in &of.items {
            let Some(line) = named_line(item.line_number.as_deref(), &of.order) else {
                warnings.push(nameless(
                    "an item of the invoice names no line of an order and was left out",
                ));
                continue;
            };
            match invoiced(&of.order, line, item) {
                Ok(item) => items.push(item),
                Err(finding) => bad.push(finding),
            }
        }
    }
    if items.is_empty() && bad.is_empty() && !warnings.is_empty() {
        bad.push(nameless("no item of the invoice names a line of an order"));
    }
    warnings.truncate(FINDINGS_MAX);
    bad.truncate(FINDINGS_MAX);
    if !bad.is_empty() {
        return Err(bad);
    }
    let invoice = neutral::Invoice {
        items,
        orders: Vec::new(),
        reference: said.id,
        purpose: purpose(said.purpose),
        operation: neutral::Operation::New,
    };
    Ok(Reported {
        report: Report::Invoice(invoice),
        warnings,
    })
}

/// An invoice that is taken back is so for its orders, whatever it says of their lines.
fn withdrawn_invoice(said: Invoice) -> Result<Reported, Vec<Finding>> {
    let named = said.orders.iter().filter(|of| !of.order.is_empty());
    let mut orders: Vec<neutral::OrderRef> = named.map(|of| order(&of.order)).collect();
    orders.dedup();
    if orders.is_empty() {
        return Err(vec![nameless("the invoice names no order")]);
    }
    let invoice = neutral::Invoice {
        items: Vec::new(),
        orders,
        reference: said.id,
        purpose: purpose(said.purpose),
        operation: neutral::Operation::Delete,
    };
    Ok(Reported {
        report: Report::Invoice(invoice),
        warnings: Vec::new(),
    })
}

const fn purpose(said: Purpose) -> neutral::Purpose {
    match said {
        Purpose::Standard => neutral::Purpose::Standard,
        Purpose::CreditMemo => neutral::Purpose::CreditMemo,
        Purpose::DebitMemo => neutral::Purpose::DebitMemo,
        Purpose::LineLevelCreditMemo => neutral::Purpose::LineLevelCreditMemo,
        Purpose::LineLevelDebitMemo => neutral::Purpose::LineLevelDebitMemo,
    }
}

/// The number of a line of an order that is named; none where either is not.
fn named_line<'a>(line: Option<&'a str>, order: &OrderReference) -> Option<&'a str> {
    line.filter(|_| !order.is_empty())
}

fn invoiced(of: &OrderReference, line: &str, item: &InvoiceItem) -> Told<InvoicedItem> {
    let price = item.unit_price.as_ref();
    let price = price.map(|price| price_of(price, item.price_basis.as_ref()));
    Ok(InvoicedItem {
        order: order(of),
        line: number(line)?,
        quantity: signed(item.quantity.as_str())?,
        unit: item.unit.text.clone(),
        price: price.transpose()?,
        serials: item.serials.clone(),
    })
}

/// A receipt of somebody between, as far as it names pieces; what it says of others is nothing that is asked here.
fn receipt(said: &Receipt) -> Result<Reported, Vec<Finding>> {
    let mut warnings = Vec::new();
    let told = said.items.iter().filter(|item| !item.pieces.is_empty());
    let named = told.filter_map(|item| {
        let line = named_line(item.line_number.as_deref(), &item.order);
        if line.is_none() && warnings.len() < FINDINGS_MAX {
            warnings.push(nameless(
                "an item of the receipt names no line of an order and was left out",
            ));
        }
        Some((line?, item))
    });
    let items = all(named.map(|(line, item)| {
        let serials = item.pieces.iter();
        Ok(ReceivedItem {
            order: order(&item.order),
            line: number(line)?,
            serials: serials.filter_map(|it| it.serial.clone()).collect(),
        })
    }))?;
    Ok(Reported {
        report: Report::Receipt(neutral::Receipt { items }),
        warnings,
    })
}

fn nameless(says: &str) -> Finding {
    Finding::nowhere(Code::MissingElement, says)
}

fn status_update(said: StatusUpdate) -> Told<neutral::StatusUpdate> {
    if said.payload_id.is_none() {
        return Err(nameless(
            "the update of a status names no document: DocumentReference/@payloadID is missing",
        ));
    }
    Ok(neutral::StatusUpdate {
        order: OrderRef {
            po_no: None,
            payload_id: said.payload_id,
        },
        code: said.status.code.into(),
    })
}

fn order(reference: &OrderReference) -> OrderRef {
    OrderRef {
        po_no: reference.order_id.clone(),
        payload_id: reference.payload_id.clone(),
    }
}

/// All of them, or everything that is wrong with any.
fn all<T>(items: impl Iterator<Item = Told<T>>) -> Result<Vec<T>, Vec<Finding>> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Ok(item) => good.push(item),
            Err(finding) if bad.len() < FINDINGS_MAX => bad.push(finding),
            Err(_) => {}
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
}

/// The number of a line of ours.
fn number(text: &str) -> Told<i64> {
    let number = text.trim().parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| {
        let says = format!(
            "{} is no line number of an order",
            crate::cxml::quoted(text)
        );
        Finding::nowhere(Code::UnknownOrderLine, says)
    })
}

fn quantity(text: &str) -> Told<Exact> {
    Exact::quantity(text).map_err(|_| bad(Code::BadQuantity, "quantity", text))
}

/// A quantity that may be below nothing, where something is given back.
fn signed(text: &str) -> Told<Exact> {
    Exact::amount(text).map_err(|_| bad(Code::BadQuantity, "quantity", text))
}

fn bad(code: Code, what: &str, text: &str) -> Finding {
    Finding::nowhere(code, format!("{} is no {what}", crate::cxml::quoted(text)))
}

fn price_of(money: &Money, basis: Option<&PriceBasis>) -> Told<Said> {
    let amount = money.amount.as_str();
    let wrong = |text: &str| bad(Code::BadAmount, "basis of a price", text);
    let factor = |text: &str| Exact::factor(text).map_err(|_| wrong(text));
    let quantity = |text: &str| Exact::quantity(text).map_err(|_| wrong(text));
    Ok(Said {
        amount: Exact::amount(amount).map_err(|_| bad(Code::BadAmount, "price", amount))?,
        currency: money.currency.as_str().to_owned(),
        factor: basis
            .map(|basis| factor(basis.conversion_factor.as_str()))
            .transpose()?,
        basis: basis
            .map(|basis| quantity(basis.quantity.as_str()))
            .transpose()?,
    })
}

fn at(moment: &Moment) -> Option<Timestamp> {
    moment.micros().map(Timestamp::from_micros)
}

/// The day as it was written, wherever it was written.
fn day(moment: &Moment) -> Option<Day> {
    moment.date()?.to_string().parse().ok()
}
