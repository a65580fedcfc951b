//! The stable names of everything that can be wrong with a document, or odd about it.

use habeo_receivers::xml;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $stage:ident;)*) => {
        /// What is wrong with a document, or odd about it. Its spelling is stable: it stands in answers, on pages and in the ledger.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its stable spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Where it is found.
            #[must_use]
            pub const fn stage(self) -> Stage {
                match self { $(Self::$name => Stage::$stage,)* }
            }
        }
    };
}

/// The stages of taking a document in. A document fails at the first that it does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// How the bytes arrived.
    Transport,
    /// Whether they are XML.
    Xml,
    /// Whether the XML is the document that is meant.
    Document,
    /// Whether it belongs to a session of shopping.
    Session,
    /// Whether its sender is known.
    Authentication,
    /// Whether it agrees with what is known of the order.
    Business,
    /// Nothing is refused because of it.
    Warning,
}

codes! {
    /// The body is larger than may be.
    BodyTooLarge = "body_too_large", Transport;
    /// No field of the form holds a document.
    NoDocumentField = "no_document_field", Transport;
    /// A field should be base64 and is not.
    BadBase64 = "bad_base64", Transport;
    /// The bytes are no text in the encoding that they claim.
    BadEncoding = "bad_encoding", Transport;
    /// There is nothing.
    EmptyDocument = "empty_document", Transport;

    /// The grammar of XML is broken.
    NotWellFormed = "not_well_formed", Xml;
    /// A DOCTYPE declares something itself.
    DoctypeInternalSubset = "doctype_internal_subset", Xml;
    /// A DOCTYPE stands where none may.
    DoctypeMisplaced = "doctype_misplaced", Xml;
    /// An entity other than the five of XML.
    UndeclaredEntity = "undeclared_entity", Xml;
    /// A character that XML does not have.
    IllegalCharacter = "illegal_character", Xml;
    /// Two attributes of one name.
    DuplicateAttribute = "duplicate_attribute", Xml;
    /// Something is larger, deeper or more than it may be.
    LimitExceeded = "limit_exceeded", Xml;
    /// Something stands after the root.
    TrailingContent = "trailing_content", Xml;
    /// An element does not end.
    UnclosedElement = "unclosed_element", Xml;

    /// It is no cXML.
    WrongRoot = "wrong_root", Document;
    /// It is another document of cXML than the one that is meant.
    WrongDocumentType = "wrong_document_type", Document;
    /// An element is missing; a warning where nothing has to be guessed without it.
    MissingElement = "missing_element", Document;
    /// An element stands twice where the two may disagree.
    DuplicateElement = "duplicate_element", Document;
    /// An attribute is missing; a warning where nothing has to be guessed without it.
    MissingAttribute = "missing_attribute", Document;
    /// No quantity.
    BadQuantity = "bad_quantity", Document;
    /// No amount of money; a warning where the amount decides nothing.
    BadAmount = "bad_amount", Document;
    /// No currency.
    BadCurrency = "bad_currency", Document;
    /// Two bases for one price; a warning where a bundle and its parts both bear prices.
    MixedPriceBasis = "mixed_price_basis", Document;
    /// A payload together with a status that says there is none.
    ContradictoryResponse = "contradictory_response", Document;
    /// An address that nobody may be sent to; a warning where it is only shown.
    UnusableUrl = "unusable_url", Document;

    /// No session has this cookie.
    UnknownSession = "unknown_session", Session;
    /// The session is over.
    SessionExpired = "session_expired", Session;
    /// Another document came back for the session before.
    AlreadyReturned = "already_returned", Session;
    /// The session is another organization's.
    OrganisationMismatch = "organisation_mismatch", Session;
    /// The requisition left draft meanwhile.
    RequisitionLocked = "requisition_locked", Session;
    /// The supplier does not allow the operation.
    OperationNotAllowed = "operation_not_allowed", Session;

    /// Nobody is known by the credentials of the sender.
    UnknownSender = "unknown_sender", Authentication;
    /// The secret is not the supplier's.
    BadSecret = "bad_secret", Authentication;
    /// The document is for somebody else.
    RecipientMismatch = "recipient_mismatch", Authentication;

    /// No order of this number.
    UnknownOrder = "unknown_order", Business;
    /// The order has no such line.
    UnknownOrderLine = "unknown_order_line", Business;
    /// Another document of this payload id was taken in before.
    DuplicateDocument = "duplicate_document", Business;
    /// A serial number is another asset's already.
    SerialConflict = "serial_conflict", Business;
    /// A test in production, or the reverse.
    DeploymentModeMismatch = "deployment_mode_mismatch", Business;

    /// A time that is not written as cXML wants it.
    NonstandardTimestamp = "nonstandard_timestamp", Warning;
    /// The root is `cXML` in other letters.
    NonstandardRootCase = "nonstandard_root_case", Warning;
    /// The field of the form has another name than the two that are meant.
    NonstandardFieldName = "nonstandard_field_name", Warning;
    /// The document was encoded twice, or in the other field's way.
    DoubleEncoded = "double_encoded", Warning;
    /// The field for plain text has more than ASCII in it.
    NonAsciiInUrlencoded = "non_ascii_in_urlencoded", Warning;
    /// The base64 was read after a repair.
    Base64Repaired = "base64_repaired", Warning;
    /// A secret in a document that went through a browser.
    SecretInBrowserDocument = "secret_in_browser_document", Warning;
    /// The header names others than those of the session.
    HeaderMismatch = "header_mismatch", Warning;
    /// The total is not that of the lines.
    TotalMismatch = "total_mismatch", Warning;
    /// A unit of measure that is not known.
    UnknownUnit = "unknown_unit", Warning;
    /// A classification from which no category follows.
    UnusableClassification = "unusable_classification", Warning;
    /// A text does not say its language.
    MissingLang = "missing_lang", Warning;
    /// Another currency than the supplier's usual one.
    CurrencyDiffers = "currency_differs", Warning;
    /// Another address than the requisition's.
    ShipToDiffers = "ship_to_differs", Warning;
    /// Two lines of one part and one auxiliary id.
    DuplicateLineIdentity = "duplicate_line_identity", Warning;
    /// The price is for another quantity than one.
    PriceBasisUsed = "price_basis_used", Warning;
    /// Elements that came after cXML 1.2.014.
    NewerElements = "newer_elements", Warning;
    /// Elements that no cXML has at their place, or that are not read.
    UnknownElements = "unknown_elements", Warning;
    /// A line of quantity zero was dropped.
    LineDroppedZeroQuantity = "line_dropped_zero_quantity", Warning;
    /// More or fewer serial numbers than pieces.
    SerialCountMismatch = "serial_count_mismatch", Warning;
}

impl From<xml::Code> for Code {
    fn from(code: xml::Code) -> Self {
        match code {
            xml::Code::BadEncoding => Self::BadEncoding,
            xml::Code::EmptyDocument => Self::EmptyDocument,
            xml::Code::NotWellFormed => Self::NotWellFormed,
            xml::Code::DoctypeInternalSubset => Self::DoctypeInternalSubset,
            xml::Code::DoctypeMisplaced => Self::DoctypeMisplaced,
            xml::Code::UndeclaredEntity => Self::UndeclaredEntity,
            xml::Code::IllegalCharacter => Self::IllegalCharacter,
            xml::Code::DuplicateAttribute => Self::DuplicateAttribute,
            xml::Code::LimitExceeded => Self::LimitExceeded,
            xml::Code::TrailingContent => Self::TrailingContent,
            xml::Code::UnclosedElement => Self::UnclosedElement,
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
