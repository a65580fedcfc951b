//! The codes of buying in suppliers' shops that are not a noun's: of documents and the ways they come, and of suppliers' answers.

use poem::http::StatusCode;

use super::{Entry, entries};

entries! {
    /// Every code that the doors to suppliers and their shops answer, beside those of core's nouns.
    pub const PURCHASES;

    // What a supplier's document, or the way it came, is refused for. They stand on pages, in statuses of cXML and in traces.
    BODY_TOO_LARGE, "body_too_large", PAYLOAD_TOO_LARGE, "Body too large",
        "The body that carries a document is larger than is taken.";
    NO_DOCUMENT_FIELD, "no_document_field", BAD_REQUEST, "No document",
        "No field of the form holds a document; expected `cXML-urlencoded` or `cXML-base64`.";
    BAD_BASE64, "bad_base64", BAD_REQUEST, "Not base64",
        "The field for base64 holds something else, beyond repair.";
    BAD_ENCODING, "bad_encoding", BAD_REQUEST, "Wrong encoding",
        "The bytes of the document are no text in the encoding that it claims.";
    EMPTY_DOCUMENT, "empty_document", BAD_REQUEST, "Nothing came",
        "There is nothing where a document should be.";
    NOT_WELL_FORMED, "not_well_formed", BAD_REQUEST, "Not well-formed",
        "The document breaks the grammar of XML; the finding says where.";
    DOCTYPE_INTERNAL_SUBSET, "doctype_internal_subset", BAD_REQUEST, "DOCTYPE with declarations",
        "The DOCTYPE declares something itself; nothing is ever expanded or fetched.";
    DOCTYPE_MISPLACED, "doctype_misplaced", BAD_REQUEST, "DOCTYPE misplaced",
        "There are two DOCTYPEs, or one stands where none may.";
    UNDECLARED_ENTITY, "undeclared_entity", BAD_REQUEST, "Undeclared entity",
        "An entity other than the five of XML; names of HTML's characters can be repaired by a setting of the supplier.";
    ILLEGAL_CHARACTER, "illegal_character", BAD_REQUEST, "Illegal character",
        "A character that XML does not have, or one that cannot be shown.";
    DUPLICATE_ATTRIBUTE, "duplicate_attribute", BAD_REQUEST, "Duplicate attribute",
        "A tag has two attributes of one name.";
    LIMIT_EXCEEDED, "limit_exceeded", BAD_REQUEST, "Limit exceeded",
        "Something of the document is larger, deeper or more than is taken; the finding says which.";
    TRAILING_CONTENT, "trailing_content", BAD_REQUEST, "Trailing content",
        "Something stands after the document's root.";
    UNCLOSED_ELEMENT, "unclosed_element", BAD_REQUEST, "Unclosed element",
        "An element of the document does not end.";
    WRONG_ROOT, "wrong_root", BAD_REQUEST, "No cXML",
        "The document is no cXML.";
    WRONG_DOCUMENT_TYPE, "wrong_document_type", BAD_REQUEST, "Another document",
        "It is another document of cXML than the one that belongs there.";
    MISSING_ELEMENT, "missing_element", BAD_REQUEST, "Missing element",
        "An element is missing without which something would have to be guessed.";
    DUPLICATE_ELEMENT, "duplicate_element", BAD_REQUEST, "Duplicate element",
        "An element stands twice where the two may disagree.";
    MISSING_ATTRIBUTE, "missing_attribute", BAD_REQUEST, "Missing attribute",
        "An attribute is missing without which something would have to be guessed.";
    BAD_QUANTITY, "bad_quantity", BAD_REQUEST, "No quantity",
        "A quantity is not digits with an optional decimal point.";
    BAD_AMOUNT, "bad_amount", BAD_REQUEST, "No amount",
        "An amount is not digits with an optional decimal point.";
    BAD_CURRENCY, "bad_currency", BAD_REQUEST, "No currency",
        "A currency is not three letters.";
    MIXED_PRICE_BASIS, "mixed_price_basis", BAD_REQUEST, "Two bases of a price",
        "A price has two bases that disagree.";
    CONTRADICTORY_RESPONSE, "contradictory_response", BAD_GATEWAY, "Contradictory answer",
        "The supplier answered with a refusal and a payload at once; neither is believed.";
    UNUSABLE_URL, "unusable_url", BAD_REQUEST, "Unusable address",
        "An address in a document is none that anybody may be sent to.";
    UNKNOWN_SESSION, "unknown_session", NOT_FOUND, "Unknown visit",
        "The cart names a visit to a shop that is not known, or has been over for long.";
    SESSION_EXPIRED, "session_expired", GONE, "Visit over",
        "The cart came after the visit's time; it is kept for a day, and whoever made the visit may take it after all.";
    SESSION_CLOSED, "session_closed", GONE, "Visit called off",
        "The visit was called off before the cart came.";
    ALREADY_RETURNED, "already_returned", CONFLICT, "Returned before",
        "Another cart came back from the visit before; that one counts.";
    ORGANISATION_MISMATCH, "organisation_mismatch", CONFLICT, "Another organization",
        "The visit is another organization's.";
    UNKNOWN_SENDER, "unknown_sender", UNAUTHORIZED, "Unknown sender",
        "Nobody is known by the Sender credential of the document.";
    BAD_SECRET, "bad_secret", UNAUTHORIZED, "Wrong secret",
        "The secret in the document is not the supplier's.";
    RECIPIENT_MISMATCH, "recipient_mismatch", BAD_REQUEST, "Another recipient",
        "The document is for somebody else.";
    UNKNOWN_ORDER, "unknown_order", UNPROCESSABLE_ENTITY, "Unknown order",
        "The document names an order that is not known of this supplier.";
    UNKNOWN_ORDER_LINE, "unknown_order_line", UNPROCESSABLE_ENTITY, "Unknown line",
        "The document names a line that the order does not have.";
    SERIAL_CONFLICT, "serial_conflict", CONFLICT, "Serial number taken",
        "A serial number is another asset's.";

    // Why no visit to a shop began, or a test of a connection failed.
    SUPPLIER_ADDRESS_REFUSED, "supplier_address_refused", BAD_GATEWAY, "Address refused",
        "The supplier's address may not be reached from here.";
    SUPPLIER_NAME_NOT_FOUND, "supplier_name_not_found", BAD_GATEWAY, "Name not found",
        "The name of the supplier's host means nothing; check it for a misprint.";
    SUPPLIER_CONNECTION_FAILED, "supplier_connection_failed", BAD_GATEWAY, "No connection",
        "The supplier's host does not take the connection.";
    SUPPLIER_TLS_FAILED, "supplier_tls_failed", BAD_GATEWAY, "No trust",
        "The supplier's certificate cannot be trusted.";
    SUPPLIER_SILENT, "supplier_silent", BAD_GATEWAY, "No answer",
        "The supplier has not answered within 30 seconds.";
    SUPPLIER_ANSWER_BROKEN, "supplier_answer_broken", BAD_GATEWAY, "Broken answer",
        "What came back is not an answer of HTTP, or was cut short.";
    SUPPLIER_ANSWER_TOO_LARGE, "supplier_answer_too_large", BAD_GATEWAY, "Answer too large",
        "The supplier's answer is larger than 4 MiB.";
    SUPPLIER_REDIRECTS, "supplier_redirects", BAD_GATEWAY, "Redirected",
        "The supplier's address redirects, which is not followed; enter the address that it leads to.";
    SUPPLIER_HTTP_STATUS, "supplier_http_status", BAD_GATEWAY, "Refused by HTTP",
        "The supplier's address answered with an error of HTTP and no cXML.";
    SUPPLIER_NOT_CXML, "supplier_not_cxml", BAD_GATEWAY, "No cXML",
        "The supplier's address answered with a web page, with nothing, or with another text than cXML; the address is probably another.";
    SUPPLIER_NO_SECRET, "supplier_no_secret", CONFLICT, "No secret",
        "There is nothing by which we prove ourselves to the supplier; enter the secret that it gave us.";
    PUNCHOUT_LINE_UNUSABLE, "punchout_line_unusable", CONFLICT, "Line unusable",
        "What is kept of a cart's line cannot be sent to the supplier again.";
    SUPPLIER_UNAUTHORIZED, "supplier_unauthorized", CONFLICT, "Credential refused",
        "The supplier does not accept our credential; check our identity and the secret.";
    SUPPLIER_CART_GONE, "supplier_cart_gone", CONFLICT, "Cart gone",
        "The supplier does not have the cart any more; begin a new one.";
    SUPPLIER_OPERATION_NOT_OFFERED, "supplier_operation_not_offered", CONFLICT, "Not offered",
        "The supplier does not offer this; it is not offered here any more either.";
    SUPPLIER_UNAVAILABLE, "supplier_unavailable", BAD_GATEWAY, "Supplier out of order",
        "The supplier cannot do this at the moment.";
    SUPPLIER_REFUSED, "supplier_refused", CONFLICT, "Refused by the supplier",
        "The supplier refused; the detail has its words.";
    SUPPLIER_NO_START_PAGE, "supplier_no_start_page", CONFLICT, "No start page",
        "The supplier accepted the request and named no page to go to.";
    SUPPLIER_START_PAGE_NOT_SECURE, "supplier_start_page_not_secure", CONFLICT, "Start page not secure",
        "The page to go to does not begin with https://; an administrator may allow that for the supplier.";
    SUPPLIER_NOT_TESTABLE, "supplier_not_testable", CONFLICT, "Not testable",
        "A catalogue that is called up by browsers answers no questions between servers.";
    PUNCHOUT_TABLE_INVALID, "punchout_table_invalid", UNPROCESSABLE_ENTITY, "Table unusable",
        "A table of shipments cannot be taken; the detail says in which row and why.";
}
