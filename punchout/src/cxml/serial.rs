//! Serial numbers and what else is said of single pieces, wherever suppliers put it.

use std::collections::HashSet;

use crate::moment::Moment;

use super::item::{Content, Extrinsic};

/// What is said instead of a serial number where there is none.
const NOTHING: &[&str] = &[
    "N/A",
    "NA",
    "NONE",
    "TBD",
    "0",
    "-",
    "UNKNOWN",
    "SEE ATTACHED",
];
/// The most characters of a serial number, a tag and the like.
const VALUE_CHARS_MAX: usize = 128;

/// Where something of a piece was said, the most trusted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// `AssetInfo` of the item.
    Item,
    /// `AssetInfo` of its packaging.
    Packaging,
    /// An extrinsic of the item.
    ItemExtrinsic,
    /// An extrinsic of the shipment, which has one item only.
    NoticeExtrinsic,
    /// A line of an invoice.
    Invoice,
    /// A receipt.
    Receipt,
    /// A column of a table.
    Table,
}

/// One piece, as far as a document tells it from others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Piece {
    /// Its serial number, inner blanks collapsed.
    pub serial: Option<String>,
    /// The tag on it.
    pub tag: Option<String>,
    /// Where it is.
    pub location: Option<String>,
    /// The code on the package that it is in.
    pub container: Option<String>,
    /// The supplier's own number for it.
    pub equipment_id: Option<String>,
    /// Addresses of its network interfaces.
    pub macs: Vec<String>,
    /// IMEIs.
    pub imeis: Vec<String>,
    /// Its name in the network.
    pub hostname: Option<String>,
    /// When its warranty begins.
    pub warranty_start: Option<Moment>,
    /// When its warranty ends.
    pub warranty_end: Option<Moment>,
    /// Where that was said; of several the most trusted.
    pub source: Option<Source>,
    /// What else is said of it.
    pub others: Vec<Extrinsic>,
}

/// What an extrinsic is about, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Serial,
    Tag,
    Mac,
    Imei,
    Hostname,
    WarrantyStart,
    WarrantyEnd,
}

impl About {
    /// By the letters and digits of a name, case left out.
    pub fn named(name: &str) -> Option<Self> {
        let plain: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        Some(match plain.as_str() {
            "serialnumber" | "serialnumbers" | "serialno" | "serial" | "serials" | "sn"
            | "servicetag" => Self::Serial,
            "assettag" | "assettags" | "tagnumber" | "assettagnumber" | "assetid" => Self::Tag,
            "macaddress" | "mac" | "wifimac" => Self::Mac,
            "imei" | "imei1" | "imei2" => Self::Imei,
            "hostname" => Self::Hostname,
            "warrantystartdate" => Self::WarrantyStart,
            "warrantyenddate" => Self::WarrantyEnd,
            _ => return None,
        })
    }
}

impl Piece {
    /// Says something of the piece.
    pub(crate) fn say(&mut self, about: About, value: &str) {
        match about {
            About::Serial => self.serial = self.serial.take().or_else(|| usable(value)),
            About::Tag => self.tag = self.tag.take().or_else(|| usable(value)),
            About::Mac => self.macs.extend(usable(value)),
            About::Imei => self.imeis.extend(usable(value)),
            About::Hostname => self.hostname = self.hostname.take().or_else(|| usable(value)),
            About::WarrantyStart => self.warranty_start = date(value),
            About::WarrantyEnd => self.warranty_end = date(value),
        }
    }

    /// Says what an extrinsic of the piece itself says.
    pub(crate) fn hear(&mut self, extrinsic: Extrinsic) {
        match (About::named(&extrinsic.name), extrinsic.content.text()) {
            (Some(about), Some(text)) => {
                for value in listed(text) {
                    self.say(about, value);
                }
            }
            _ => self.others.push(extrinsic),
        }
    }

    /// Whether anything tells it from others.
    pub(crate) fn is_told_apart(&self) -> bool {
        let said = [&self.serial, &self.tag, &self.equipment_id];
        said.iter().any(|it| it.is_some()) || !self.macs.is_empty() || !self.imeis.is_empty()
    }
}

fn date(value: &str) -> Option<Moment> {
    Some(Moment::read(value)).filter(|moment| moment.at.is_some())
}

/// A value with its inner blanks collapsed; none for what says that there is none.
pub(crate) fn usable(value: &str) -> Option<String> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let value = words.join(" ");
    let says_nothing = NOTHING.iter().any(|it| it.eq_ignore_ascii_case(&value));
    let fits = !value.is_empty() && value.chars().count() <= VALUE_CHARS_MAX;
    (fits && !says_nothing && !value.contains(char::is_control)).then_some(value)
}

/// The values of a list. A blank parts nothing.
pub(crate) fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', '|', '\n', '\r'])
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

/// As serial numbers are compared.
fn folded(serial: &str) -> String {
    serial.to_ascii_lowercase()
}

/// What extrinsics say of pieces, by what they are about.
#[derive(Debug, Default)]
struct Heard {
    of: Vec<(About, Vec<String>)>,
}

impl Heard {
    fn from(extrinsics: &[Extrinsic]) -> Self {
        let mut heard = Self::default();
        for extrinsic in extrinsics {
            let (Some(about), Content::Text(text)) =
                (About::named(&extrinsic.name), &extrinsic.content)
            else {
                continue;
            };
            let values = listed(text).map(ToOwned::to_owned);
            match heard.of.iter_mut().find(|(it, _)| *it == about) {
                Some((_, all)) => all.extend(values),
                None => heard.of.push((about, values.collect())),
            }
        }
        heard
    }
}

/// The most pieces of an item that are told apart: more than a person receives at once, and less than a document can hold.
pub(crate) const PIECES_MAX: usize = 10_000;

/// The pieces of an item, gathered from the most trusted place to the least.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    pub pieces: Vec<Piece>,
    /// What was said and cannot be used: no serial numbers, repeated ones, or as many as there are no pieces for.
    pub unusable: Vec<String>,
    /// When the warranty of all of them begins, where one day is said.
    pub warranty_start: Option<Moment>,
    /// When it ends.
    pub warranty_end: Option<Moment>,
    /// The serial numbers of the pieces, folded.
    serials: HashSet<String>,
}

impl Gathering {
    /// Adds a piece, unless it is one that is known.
    pub fn add(&mut self, piece: Piece) {
        let fits = self.pieces.len() < PIECES_MAX;
        if fits && piece.serial.as_deref().is_none_or(|it| self.notes(it)) {
            self.pieces.push(piece);
        } else if self.unusable.len() < PIECES_MAX {
            self.unusable.extend(piece.serial);
        }
    }

    /// Adds a piece of a less trusted place, where what is known is only said again.
    pub fn add_new(&mut self, piece: Piece) {
        let is_known = piece.serial.as_deref().is_some_and(|it| self.knows(it));
        if !is_known {
            self.add(piece);
        }
    }

    fn knows(&self, serial: &str) -> bool {
        self.serials.contains(&folded(serial))
    }

    /// Notes a serial number; false if it is known.
    fn notes(&mut self, serial: &str) -> bool {
        self.serials.insert(folded(serial))
    }

    /// Adds what extrinsics say. Values are given to pieces only where there are as many as pieces, or one piece.
    pub fn hear(&mut self, extrinsics: &[Extrinsic], source: Source, expected: Option<u32>) {
        let heard = Heard::from(extrinsics);
        for (about, values) in &heard.of {
            if *about == About::Serial {
                self.hear_serials(values, source, expected);
            }
        }
        for (about, values) in heard.of {
            if about != About::Serial {
                self.pair(about, values, source, expected);
            }
        }
    }

    /// Serial numbers are given to pieces without one only where there are as many; else each is a piece.
    fn hear_serials(&mut self, values: &[String], source: Source, expected: Option<u32>) {
        let mut heard = HashSet::new();
        let mut fresh = Vec::new();
        for value in values {
            let is_first = heard.insert(value.to_ascii_lowercase());
            match usable(value).filter(|_| is_first) {
                // What a more trusted place said is said again.
                Some(serial) if self.knows(&serial) => {}
                Some(serial) if fresh.len() < PIECES_MAX => fresh.push(serial),
                Some(serial) => self.unusable.push(serial),
                None => self.unusable.push(value.clone()),
            }
        }
        let unnamed = self
            .pieces
            .iter_mut()
            .filter(|piece| piece.serial.is_none());
        if unnamed.count() == fresh.len() {
            let unnamed = self
                .pieces
                .iter_mut()
                .filter(|piece| piece.serial.is_none());
            self.serials.extend(fresh.iter().map(|it| folded(it)));
            for (piece, serial) in unnamed.zip(fresh) {
                piece.serial = Some(serial);
            }
            return;
        }
        let is_more_trusted = self.pieces.iter().any(|piece| piece.source < Some(source));
        for serial in fresh {
            let is_full = expected.is_some_and(|expected| self.pieces.len() >= expected as usize);
            if is_full && is_more_trusted {
                self.unusable.push(serial);
                continue;
            }
            self.add(Piece {
                serial: Some(serial),
                source: Some(source),
                ..Piece::default()
            });
        }
    }

    fn pair(&mut self, about: About, values: Vec<String>, source: Source, expected: Option<u32>) {
        let is_of_all = matches!(about, About::WarrantyStart | About::WarrantyEnd);
        let has_room = expected.is_none_or(|expected| values.len() <= expected as usize);
        // One day is that of all pieces, also of those that nothing tells apart.
        if let ([value], true) = (values.as_slice(), is_of_all) {
            let of_all = match about {
                About::WarrantyStart => &mut self.warranty_start,
                _ => &mut self.warranty_end,
            };
            *of_all = of_all.take().or_else(|| date(value));
        }
        if self.pieces.is_empty() && about == About::Tag && has_room {
            self.pieces = values
                .iter()
                .filter_map(|value| usable(value))
                .take(PIECES_MAX)
                .map(|tag| Piece {
                    tag: Some(tag),
                    source: Some(source),
                    ..Piece::default()
                })
                .collect();
        } else if values.len() == self.pieces.len() {
            for (piece, value) in self.pieces.iter_mut().zip(&values) {
                piece.say(about, value);
            }
        } else if let ([piece], false) = (self.pieces.as_mut_slice(), is_of_all) {
            for value in &values {
                piece.say(about, value);
            }
        } else if let ([value], true) = (values.as_slice(), is_of_all) {
            for piece in &mut self.pieces {
                piece.say(about, value);
            }
        } else if !is_of_all {
            self.unusable.extend(values);
        }
    }

    /// Takes serial numbers back that are the number of the part.
    pub fn drop_parts(&mut self, parts: &[&str]) {
        for piece in &mut self.pieces {
            let is_part =
                |serial: &String| parts.iter().any(|part| part.eq_ignore_ascii_case(serial));
            if let Some(part) = piece.serial.take_if(|serial| is_part(serial)) {
                self.unusable.push(part);
            }
        }
        self.pieces.retain(Piece::is_told_apart);
    }
}
