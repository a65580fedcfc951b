//! Shipments from tables, for suppliers whose systems send no documents: a row per piece, or per line with lists in it.
//!
//! What is read is the same as a ship notice of cXML, by the same checks.

use std::collections::BTreeMap;

use csv::StringRecord;
use encoding_rs::WINDOWS_1252;

use crate::code::Code;
use crate::cxml::address::Text;
use crate::cxml::item::{Content, Extrinsic, ItemId};
use crate::cxml::money::bad_number;
use crate::cxml::order_reference::OrderReference;
use crate::cxml::serial::{Gathering, Source};
use crate::cxml::ship_notice::{
    Draft, Item, Portion, Portioned, ShipControl, ShipNotice, Tracking, settled,
};
use crate::exact::Exact;
use crate::finding::{Finding, Notes, Read, Spot};
use crate::limits::{IDENTIFIER_CHARS_MAX, Tolerance};
use crate::moment::Moment;

/// The columns, and the words by which suppliers head them. Case, blanks and signs do not matter.
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "shipment",
        &[
            "shipment",
            "shipmentid",
            "shipmentnumber",
            "packingslip",
            "asn",
            "asnnumber",
        ],
    ),
    (
        "order",
        &[
            "order",
            "ordernumber",
            "orderid",
            "po",
            "ponumber",
            "purchaseorder",
            "customerpo",
        ],
    ),
    (
        "line",
        &["line", "linenumber", "poline", "orderline", "polinenumber"],
    ),
    (
        "quantity",
        &[
            "quantity",
            "qty",
            "shipped",
            "quantityshipped",
            "qtyshipped",
        ],
    ),
    ("unit", &["unit", "uom", "unitofmeasure"]),
    (
        "part",
        &[
            "part",
            "partnumber",
            "supplierpart",
            "supplierpartid",
            "sku",
            "itemnumber",
        ],
    ),
    ("description", &["description", "itemdescription"]),
    (
        "manufacturer",
        &["manufacturer", "manufacturername", "mfr", "brand"],
    ),
    (
        "manufacturer part",
        &[
            "manufacturerpart",
            "manufacturerpartid",
            "manufacturerpartnumber",
            "mfrpart",
            "mfrpartnumber",
            "mpn",
        ],
    ),
    (
        "serial",
        &[
            "serial",
            "serialnumber",
            "serialnumbers",
            "serials",
            "serialno",
            "sn",
            "servicetag",
        ],
    ),
    (
        "tag",
        &[
            "tag",
            "assettag",
            "assettags",
            "tagnumber",
            "assettagnumber",
        ],
    ),
    ("mac", &["mac", "macaddress", "wifimac"]),
    ("imei", &["imei", "imei1", "imei2"]),
    ("hostname", &["hostname"]),
    ("warranty start", &["warrantystart", "warrantystartdate"]),
    ("warranty end", &["warrantyend", "warrantyenddate"]),
    (
        "container",
        &["container", "carton", "box", "package", "sscc"],
    ),
    ("carrier", &["carrier", "shipvia"]),
    (
        "tracking",
        &["tracking", "trackingnumber", "trackingnumbers"],
    ),
    (
        "shipped on",
        &["shippedon", "shipdate", "shipmentdate", "dateshipped"],
    ),
    (
        "arrives on",
        &["arriveson", "deliverydate", "expecteddate", "eta"],
    ),
];

/// The unit of what is counted one by one.
const PIECE: &str = "EA";

/// Columns that are told like the extrinsics of cXML, by the names of these.
const OF_PIECES: &[(&str, &str)] = &[
    ("serial", "serialnumbers"),
    ("tag", "assettags"),
    ("mac", "macaddress"),
    ("imei", "imei"),
    ("hostname", "hostname"),
    ("warranty start", "warrantystartdate"),
    ("warranty end", "warrantyenddate"),
];

/// Reads a table. Each shipment that is named in it is a notice of its own.
#[must_use]
pub fn read(bytes: &[u8], tolerance: &Tolerance) -> Read<Vec<ShipNotice>> {
    read_parted(bytes, tolerance).map(|parts| parts.into_iter().map(|part| part.notice).collect())
}

/// A shipment of a table, and the table without the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What is said of it.
    pub notice: ShipNotice,
    /// Its rows below the header, as a table of their own that is read as the same.
    pub table: Vec<u8>,
}

/// The same with the rows of each notice.
#[must_use]
pub fn read_parted(bytes: &[u8], tolerance: &Tolerance) -> Read<Vec<Part>> {
    if bytes.len() > tolerance.limits.document_bytes {
        let says = format!(
            "the table is larger than {} bytes",
            tolerance.limits.document_bytes
        );
        return Read::refused(Finding::nowhere(Code::BodyTooLarge, says));
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    if text.trim().is_empty() {
        return Read::refused(Finding::nowhere(
            Code::EmptyDocument,
            "there is nothing in the table",
        ));
    }
    let mut notes = Notes::default();
    let rows = rows(&text, tolerance, &mut notes);
    let parts = rows.and_then(|(header, rows)| {
        let notices = notices(rows, tolerance, &mut notes);
        let parts = notices.into_iter().map(|(notice, rows)| {
            let table = table(&header, &rows)?;
            Some(Part { notice, table })
        });
        parts.collect::<Option<Vec<Part>>>()
    });
    notes.finish_table(parts)
}

/// Rows below their header, as a table. None if that cannot be written, which memory has no reason for.
fn table(header: &StringRecord, rows: &[StringRecord]) -> Option<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for record in std::iter::once(header).chain(rows) {
        writer.write_record(record).ok()?;
    }
    writer.into_inner().ok()
}

/// A row, by the names of its columns.
struct Row {
    line: usize,
    /// As it came.
    record: StringRecord,
    values: BTreeMap<&'static str, String>,
}

impl Row {
    fn some(&self, column: &str) -> Option<String> {
        let value = self.values.get(column)?.trim();
        (!value.is_empty()).then(|| value.chars().take(IDENTIFIER_CHARS_MAX * 8).collect())
    }

    fn spot(&self, column: &'static str) -> Spot {
        Spot::attribute(self.line, column)
    }
}

fn rows(text: &str, tolerance: &Tolerance, notes: &mut Notes) -> Option<(StringRecord, Vec<Row>)> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .from_reader(text.as_bytes());
    let named = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            notes.error_of_all(Code::NotWellFormed, || {
                format!("the table cannot be read: {error}")
            });
            return None;
        }
    };
    let header = columns(&named);
    for owed in ["order", "line"] {
        if !header.contains(&Some(owed)) {
            notes.error_of_all(Code::MissingElement, || {
                format!("the table has no column {owed}")
            });
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                notes.error_of_all(Code::NotWellFormed, || {
                    format!("the table cannot be read: {error}")
                });
                return None;
            }
        };
        if record.iter().all(|value| value.trim().is_empty()) {
            continue;
        }
        let most = tolerance.limits.lines;
        if rows.len() >= most {
            notes.error_of_all(Code::LimitExceeded, || {
                format!("the table has more than the {most} rows that are taken")
            });
            return None;
        }
        let line = record
            .position()
            .map_or(0, |at| usize::try_from(at.line()).unwrap_or(0));
        let said = header.iter().zip(record.iter());
        let values = said.filter_map(|(name, value)| Some(((*name)?, value.to_owned())));
        rows.push(Row {
            line,
            values: values.collect(),
            record,
        });
    }
    if rows.is_empty() {
        notes.error_of_all(Code::EmptyDocument, || "the table has no rows".to_owned());
    }
    (!notes.refuses()).then_some((named, rows))
}

/// What parts the columns: what the first line has most of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |wanted: u8| first.bytes().filter(|byte| *byte == wanted).count();
    let candidates = [b',', b';', b'\t', b'|'];
    candidates
        .into_iter()
        .rev()
        .max_by_key(|it| count(*it))
        .unwrap_or(b',')
}

fn columns(header: &StringRecord) -> Vec<Option<&'static str>> {
    let named = |text: &str| {
        let plain: String = text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let mut columns = COLUMNS.iter();
        columns
            .find(|(_, words)| words.contains(&plain.as_str()))
            .map(|(name, _)| *name)
    };
    let mut seen = Vec::new();
    header
        .iter()
        .map(|text| {
            let name = named(text).filter(|name| !seen.contains(name));
            seen.extend(name);
            name
        })
        .collect()
}

/// Which item of which order in which shipment.
type Key = (Option<String>, String, String);

fn notices(
    rows: Vec<Row>,
    tolerance: &Tolerance,
    notes: &mut Notes,
) -> Vec<(ShipNotice, Vec<StringRecord>)> {
    let mut order: Vec<Key> = Vec::new();
    let mut groups: BTreeMap<Key, Vec<Row>> = BTreeMap::new();
    for row in rows {
        let owed = [("order", row.some("order")), ("line", row.some("line"))];
        for (name, _) in owed.iter().filter(|(_, value)| value.is_none()) {
            notes.error(Code::MissingElement, row.spot(name), || {
                "is empty".to_owned()
            });
        }
        if let [(_, Some(po)), (_, Some(line))] = owed {
            let key = (row.some("shipment"), po, line);
            if !groups.contains_key(&key) {
                order.push(key.clone());
            }
            groups.entry(key).or_default().push(row);
        }
    }
    let mut shipments: Vec<(ShipNotice, Vec<Portioned>, Vec<StringRecord>)> = Vec::new();
    for key in order {
        let Some(rows) = groups.remove(&key) else {
            continue;
        };
        let at = shipments
            .iter()
            .position(|(notice, ..)| notice.shipment_id == key.0);
        let at = at.unwrap_or_else(|| {
            shipments.push((notice(key.0.clone()), Vec::new(), Vec::new()));
            shipments.len() - 1
        });
        let (notice, portions, records) = &mut shipments[at];
        for row in &rows {
            carried(notice, row);
        }
        if let Some(draft) = item(&key.2, &rows, tolerance, notes) {
            portion(portions, &key.1).push(draft);
        }
        records.extend(rows.into_iter().map(|row| row.record));
    }
    let mut settle = |(notice, portions, records): (ShipNotice, Vec<Portioned>, _)| {
        let portions = settled(notes, portions, &[]);
        (ShipNotice { portions, ..notice }, records)
    };
    shipments.into_iter().map(&mut settle).collect()
}

fn notice(shipment_id: Option<String>) -> ShipNotice {
    ShipNotice {
        shipment_id,
        ..ShipNotice::default()
    }
}

fn portion<'a>(portions: &'a mut Vec<Portioned>, po: &str) -> &'a mut Vec<Draft> {
    let at = portions
        .iter()
        .position(|(portion, _)| portion.order.order_id.as_deref() == Some(po));
    let at = at.unwrap_or_else(|| {
        let order = OrderReference {
            order_id: Some(po.to_owned()),
            ..OrderReference::default()
        };
        portions.push((
            Portion {
                order,
                ..Portion::default()
            },
            Vec::new(),
        ));
        portions.len() - 1
    });
    &mut portions[at].1
}

/// Who carries the shipment, and when, as a row says it.
fn carried(notice: &mut ShipNotice, row: &Row) {
    let moment = |column: &str| {
        row.some(column)
            .map(|it| Moment::read(&it))
            .filter(|it| it.at.is_some())
    };
    notice.ships = notice.ships.take().or_else(|| moment("shipped on"));
    notice.arrives = notice.arrives.take().or_else(|| moment("arrives on"));
    let Some(numbers) = row.some("tracking") else {
        return;
    };
    let carriers: Vec<(String, String)> = row
        .some("carrier")
        .map(|name| ("companyName".to_owned(), name))
        .into_iter()
        .collect();
    for number in crate::cxml::serial::listed(&numbers) {
        let tracking = Tracking {
            number: number.to_owned(),
            ..Tracking::default()
        };
        let known = notice
            .controls
            .iter()
            .any(|it| it.tracking.contains(&tracking));
        if known {
            continue;
        }
        match notice
            .controls
            .iter_mut()
            .find(|it| it.carriers == carriers)
        {
            Some(control) => control.tracking.push(tracking),
            None => notice.controls.push(ShipControl {
                carriers: carriers.clone(),
                tracking: vec![tracking],
            }),
        }
    }
}

fn item(
    line_number: &str,
    rows: &[Row],
    tolerance: &Tolerance,
    notes: &mut Notes,
) -> Option<Draft> {
    let first = rows.first()?;
    let some = |column: &str| rows.iter().find_map(|row| row.some(column));
    let quantity = quantity(rows, notes)?;
    let said = some("unit").or_else(|| {
        let are_pieces = rows.iter().all(names_one_piece);
        are_pieces.then(|| PIECE.to_owned())
    });
    let unit = tolerance.units.read(&said.unwrap_or_default());
    if unit.known.is_none() {
        notes.warn(Code::UnknownUnit, first.spot("unit"), || {
            "is no unit that is known".to_owned()
        });
    }
    let extrinsics = OF_PIECES
        .iter()
        .filter_map(|(column, name)| {
            let values: Vec<String> = rows.iter().filter_map(|row| row.some(column)).collect();
            (!values.is_empty()).then(|| Extrinsic {
                name: (*name).to_owned(),
                content: Content::Text(values.join("\n")),
            })
        })
        .collect();
    let item = Item {
        line_number: line_number.to_owned(),
        notice_line_number: None,
        parent_line_number: None,
        quantity,
        unit,
        item: some("part").map(|part| ItemId {
            part,
            ..ItemId::default()
        }),
        description: some("description"),
        manufacturer_part: some("manufacturer part"),
        manufacturer: some("manufacturer").map(|text| Text { lang: None, text }),
        pieces: Vec::new(),
        container: some("container"),
        warranty_start: None,
        warranty_end: None,
        unusable: Vec::new(),
        is_flagged: false,
        extrinsics: Vec::new(),
    };
    let mut gathering = Gathering::default();
    let extrinsics: Vec<Extrinsic> = extrinsics;
    gathering.hear(&extrinsics, Source::Table, item.count());
    Some(Draft {
        item,
        gathering,
        spot: Spot::new(first.line),
    })
}

/// Whether a row is one piece, named by its serial number or its tag: what it is counted in need not be said.
fn names_one_piece(row: &Row) -> bool {
    let pieces = row.some("serial").or_else(|| row.some("tag"));
    let is_one = pieces.is_some_and(|it| crate::cxml::serial::listed(&it).count() == 1);
    let quantity = row.some("quantity").map(|text| Exact::quantity(&text));
    let one = rust_decimal::Decimal::ONE;
    is_one && quantity.is_none_or(|read| read.is_ok_and(|it| it.value() == one))
}

/// The quantities of all rows of an item. A row without one is one piece if it names one, and no guess else.
fn quantity(rows: &[Row], notes: &mut Notes) -> Option<Exact> {
    let mut sum = rust_decimal::Decimal::ZERO;
    for row in rows {
        let read = match (
            row.some("quantity"),
            row.some("serial").or_else(|| row.some("tag")),
        ) {
            (Some(text), _) => Exact::quantity(&text).map_err(|wrong| bad_number(&text, wrong)),
            (None, Some(pieces)) if crate::cxml::serial::listed(&pieces).count() == 1 => {
                Ok(Exact::of(rust_decimal::Decimal::ONE))
            }
            (None, _) => Err("is empty; a quantity is never guessed".to_owned()),
        };
        match read {
            Ok(quantity) => sum = sum.checked_add(quantity.value())?,
            Err(says) => {
                notes.error(Code::BadQuantity, row.spot("quantity"), || says);
                return None;
            }
        }
    }
    Some(Exact::of(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notices(text: &str) -> Read<Vec<ShipNotice>> {
        read(text.as_bytes(), &Tolerance::default())
    }

    #[test]
    fn rows_of_one_line_are_one_item() {
        let text = "PO Number;Line;Qty;UoM;Serial Number;Asset Tag;Manufacturer;Mfr Part Number;Tracking Number;Carrier;Shipment\n\
            PO-1;1;1;EA;AB12;WM-1;Example Computers;20X1;1Z9;UPS;S1\n\
            PO-1;1;1;EA;AB13;WM-2;Example Computers;20X1;1Z9;UPS;S1\n\
            PO-1;2;3;EA;\"C1, C2, C3\";;;;1Z8;UPS;S1\n\
            PO-2;1;;EA;D1;;;;;;S2\n";
        let read = notices(text);
        assert_eq!(read.warned(), []);
        let notices = read.outcome.expect("notices");
        assert_eq!(notices.len(), 2);
        let items = &notices[0].portions[0].items;
        let serials = |item: &Item| -> Vec<String> {
            item.pieces
                .iter()
                .filter_map(|it| it.serial.clone())
                .collect()
        };
        assert_eq!(serials(&items[0]), ["AB12", "AB13"]);
        assert_eq!(items[0].pieces[1].tag.as_deref(), Some("WM-2"));
        assert_eq!(items[0].quantity.as_str(), "2");
        assert_eq!(serials(&items[1]), ["C1", "C2", "C3"]);
        let tracking: Vec<&str> = notices[0].controls[0]
            .tracking
            .iter()
            .map(|it| it.number.as_str())
            .collect();
        assert_eq!(tracking, ["1Z9", "1Z8"]);
        assert_eq!(
            notices[1].portions[0].order.order_id.as_deref(),
            Some("PO-2")
        );
        assert_eq!(notices[1].portions[0].items[0].quantity.as_str(), "1");
    }

    #[test]
    fn the_same_checks_as_of_documents() {
        let read = notices(
            "order,line,quantity,unit,serial,part\nPO-1,1,2,EA,\"N/A, X1\",P\nPO-1,2,1,EA,P,P\n",
        );
        assert_eq!(
            read.warned(),
            [Code::SerialCountMismatch, Code::SerialCountMismatch]
        );
        let items = &read.outcome.expect("notices")[0].portions[0].items;
        assert_eq!((items[0].pieces.len(), items[0].unusable.len()), (1, 1));
        assert_eq!(
            (items[1].pieces.len(), items[1].unusable.as_slice()),
            (0, ["P".to_owned()].as_slice())
        );
    }

    #[test]
    fn what_would_be_guessed_is_refused_with_its_row() {
        let read = notices(
            "order,line,quantity,unit\nPO-1,1,\"1,000\",EA\n,2,1,EA\nPO-1,,1,EA\nPO-1,3,,EA\n",
        );
        assert_eq!(
            read.refusals(),
            [
                Code::MissingElement,
                Code::MissingElement,
                Code::BadQuantity,
                Code::BadQuantity
            ]
        );
        let errors = read.outcome.expect_err("errors");
        let lines: Vec<_> = errors
            .iter()
            .filter_map(|it| it.place.as_ref())
            .map(|it| it.line)
            .collect();
        assert_eq!(lines, [3, 4, 2, 5]);
        assert_eq!(
            notices("order,quantity\nPO-1,1\n").refusals(),
            [Code::MissingElement]
        );
        assert_eq!(notices(" \n").refusals(), [Code::EmptyDocument]);
        assert_eq!(notices("order,line\n").refusals(), [Code::EmptyDocument]);
        let long = "PO-1,1,1,EA\n".repeat(5_001);
        assert_eq!(
            notices(&format!("order,line,quantity,unit\n{long}")).refusals(),
            [Code::LimitExceeded]
        );
    }

    #[test]
    fn the_rows_of_a_shipment_are_a_table_that_says_the_same() {
        let text = "PO Number;Line;Qty;UoM;Serial Number;Shipment;Note\n\
            PO-1;1;1;EA;\"AB;12\";S1;a, b\n\
            PO-1;2;1;EA;AB13;S2;\n\
            PO-1;3;1;EA;AB14;S1;c\n";
        let parts = read_parted(text.as_bytes(), &Tolerance::default());
        let parts = parts.outcome.expect("a table");
        assert_eq!(parts.len(), 2);
        for part in parts {
            let again = read(&part.table, &Tolerance::default()).outcome;
            assert_eq!(again.expect("a table"), [part.notice]);
            assert!(part.table.len() < text.len());
        }
    }

    #[test]
    fn rows_that_name_a_piece_each_count_pieces() {
        let read = notices("order,line,qty,serial\nPO-1,1,1,A1\nPO-1,1,,A2\nPO-1,2,2,\"B1, B2\"\n");
        let items = &read.outcome.expect("notices")[0].portions[0].items;
        assert_eq!((items[0].count(), items[1].count()), (Some(2), None));
    }
}
