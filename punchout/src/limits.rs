//! How much is taken, and what is let pass.

use habeo_receivers::xml;

use crate::stop::Stop;
use crate::unit::Units;

/// The bytes of a document that are taken unless an organization wants otherwise.
pub const DOCUMENT_BYTES: usize = 4 * 1024 * 1024;
/// The lines of a document that are taken unless an organization wants otherwise.
pub const LINES: usize = 5_000;
/// The most extrinsics of one element.
pub(crate) const EXTRINSICS_MAX: usize = 100;
/// The most bytes of an auxiliary id, markup within counted.
pub(crate) const AUXILIARY_BYTES_MAX: usize = 2_048;
/// The most characters of an identifier: of a part, a payload, an order, a serial number.
pub(crate) const IDENTIFIER_CHARS_MAX: usize = 255;
/// A line has about sixty tags and texts at most that are read; documents of more lines may have more of them.
const EVENTS_PER_LINE: usize = 200;

/// How large documents, and the bodies that bring them, may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body, encoded as it comes.
    pub body_bytes: usize,
    /// Bytes of the document in it.
    pub document_bytes: usize,
    /// Lines of a document.
    pub lines: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(DOCUMENT_BYTES, LINES)
    }
}

impl Limits {
    /// Those of documents of so many bytes and lines. A body may be twice as large: a form adds a third to a document by base64, and more where
    /// characters are escaped one by one.
    #[must_use]
    pub const fn of(document_bytes: usize, lines: usize) -> Self {
        Self {
            body_bytes: document_bytes * 2,
            document_bytes,
            lines,
        }
    }

    /// Those of the XML.
    #[must_use]
    pub fn xml(&self) -> xml::Limits {
        xml::Limits {
            document_bytes: self.document_bytes,
            events: xml::Limits::PROCUREMENT
                .events
                .max(self.lines.saturating_mul(EVENTS_PER_LINE)),
            ..xml::Limits::PROCUREMENT
        }
    }
}

/// What a supplier is let pass, and what is expected of its documents. Expectations that are not met are warnings.
#[derive(Debug, Clone, Default)]
pub struct Tolerance {
    /// How much is taken.
    pub limits: Limits,
    /// Whether names of characters that HTML has and XML has not (`&reg;`) are replaced before reading.
    pub repairs_html_entities: bool,
    /// Whether the user may be sent to addresses without TLS.
    pub allows_http: bool,
    /// What units of measure mean to the organization and to the supplier.
    pub units: Units,
    /// The currency that the supplier is paid in, in capitals.
    pub currency: Option<String>,
    /// The `addressID` of the requisition's ship-to.
    pub ship_to: Option<String>,
    /// The identities by which the supplier is known, as domain and identity; none of them: nothing is compared.
    pub supplier: Vec<(String, String)>,
    /// Whether anybody waits for what is read.
    pub stop: Stop,
}
