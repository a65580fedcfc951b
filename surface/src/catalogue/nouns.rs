//! The codes of core's nouns, and those that only asking for a noun can be answered with.

#[cfg(test)]
mod tests;

use poem::http::StatusCode;

use super::{Entry, entries};

entries! {
    /// Every code that stands for a rule of a noun.
    pub const NOUNS;

    // Assets: finding one.
    ASSET_UNKNOWN, "asset_unknown", NOT_FOUND, "Unknown asset",
        "There is no such asset, or it belongs to a unit that the caller may not see.";
    AMBIGUOUS_CODE, "ambiguous_code", CONFLICT, "Ambiguous code",
        "The code that was read names several assets that the caller may see; ask the person which one it is.";
    TAG_MISREAD, "tag_misread", UNPROCESSABLE_ENTITY, "Tag misread",
        "The check character of the tag does not fit the rest of it; scan the label again.";

    // Assets: changing one.
    ASSET_EXISTS, "asset_exists", CONFLICT, "Asset exists",
        "The id of the new asset is in use; an earlier attempt may have registered it.";
    ASSET_NOT_PERMITTED, "asset_not_permitted", FORBIDDEN, "Not permitted for this asset",
        "The caller sees the asset, and no role of theirs permits this for assets of its unit.";
    INVALID_TRANSITION, "invalid_transition", CONFLICT, "Invalid transition",
        "The asset's present state does not allow the command; the detail names those that it allows.";
    ASSET_TAG_TAKEN, "asset_tag_taken", CONFLICT, "Tag taken",
        "The tag is, or was, another asset's; tags are never given again.";
    ASSET_SCAN_BACK_DIFFERS, "asset_scan_back_differs", UNPROCESSABLE_ENTITY, "Another label was scanned",
        "The label that was scanned back is not the one that was to be attached.";
    ASSET_SERIAL_TAKEN, "asset_serial_taken", CONFLICT, "Serial number taken",
        "Another asset of the same manufacturer has this serial number.";
    ASSET_IDENTIFIER_TAKEN, "asset_identifier_taken", CONFLICT, "Identifier taken",
        "One of the further identifiers is recorded for another asset.";
    ASSET_SERIAL_REQUIRED, "asset_serial_required", UNPROCESSABLE_ENTITY, "Serial number required",
        "The model asks for a serial number; give one, or a remark that says why there is none.";
    ASSET_HELD, "asset_held", CONFLICT, "Asset held",
        "A hold is placed on the asset that forbids this until it is released.";
    ASSET_HOLD_UNKNOWN, "asset_hold_unknown", UNPROCESSABLE_ENTITY, "Unknown hold",
        "No open hold with this id is placed on the asset.";
    ASSET_NO_RENEWALS_LEFT, "asset_no_renewals_left", CONFLICT, "No renewals left",
        "The loan was renewed as often as it may be.";
    ASSET_DUE_DATE_NOT_LATER, "asset_due_date_not_later", UNPROCESSABLE_ENTITY, "Due date not later",
        "The new due date must lie in the future and after the present one.";
    ASSET_TWO_PERSONS_REQUIRED, "asset_two_persons_required", UNPROCESSABLE_ENTITY, "Two persons required",
        "Two different persons must approve this.";
    ASSET_INVESTIGATION_OPEN, "asset_investigation_open", UNPROCESSABLE_ENTITY, "Investigation open",
        "The investigation must be closed first.";
    ASSET_SANITIZATION_REQUIRED, "asset_sanitization_required", UNPROCESSABLE_ENTITY, "Sanitization required",
        "The data on the asset must be removed first, by one person and checked by another.";
    ASSET_TAG_NOT_REMOVED, "asset_tag_not_removed", UNPROCESSABLE_ENTITY, "Tag not removed",
        "The tag must be taken off first.";
    ASSET_TAG_NOT_ATTACHED, "asset_tag_not_attached", UNPROCESSABLE_ENTITY, "Tag not attached",
        "The tag must still be on the asset.";
    ASSET_PROVENANCE_REQUIRED, "asset_provenance_required", UNPROCESSABLE_ENTITY, "Provenance required",
        "An asset that was not bought needs a word on where it came from.";
    ASSET_HAS_HISTORY, "asset_has_history", CONFLICT, "Asset has a history",
        "The asset has been in somebody's custody, so it cannot be voided any more.";
    ASSET_NOT_HOLDER, "asset_not_holder", FORBIDDEN, "Not the holder",
        "Only the person who has the asset can acknowledge that they have it.";
    ASSET_ALREADY_ACKNOWLEDGED, "asset_already_acknowledged", CONFLICT, "Acknowledged already",
        "The person who has the asset has acknowledged it before.";
    ASSET_MERGED, "asset_merged", CONFLICT, "Asset merged",
        "The record was merged into another one of the same asset, which goes on; act on that one, or undo the merge.";
    ASSET_REMARK_REQUIRED, "asset_remark_required", UNPROCESSABLE_ENTITY, "Remark required",
        "A note needs a remark.";
    ASSET_TIME_OUT_OF_ORDER, "asset_time_out_of_order", CONFLICT, "Time out of order",
        "The time given lies before the present state began, or in the future.";
    ASSET_REFERENCE_UNKNOWN, "asset_reference_unknown", UNPROCESSABLE_ENTITY, "Unknown reference",
        "Something that the command names does not exist; the detail says what.";
    ASSET_TARGET_IS_SELF, "asset_target_is_self", UNPROCESSABLE_ENTITY, "Assigned to itself",
        "An asset cannot be assigned to itself.";
    ASSET_TEXT_INVALID, "asset_text_invalid", UNPROCESSABLE_ENTITY, "Invalid text",
        "A text is empty, too long, or has characters that are not allowed; the detail names the field.";
    ASSET_COUNT_INVALID, "asset_count_invalid", UNPROCESSABLE_ENTITY, "Invalid count",
        "A list has too many members, or none; the detail names it.";
    ASSET_AMOUNT_INVALID, "asset_amount_invalid", UNPROCESSABLE_ENTITY, "Invalid amount",
        "An amount is below zero, or larger than can be exact; the detail names the field.";
    NOT_A_SANDBOX, "not_a_sandbox", FORBIDDEN, "Not a sandbox",
        "Only an organization in which everything is invented can be given a history.";

    // People.
    PERSON_UNKNOWN, "person_unknown", NOT_FOUND, "Unknown person",
        "There is no such person, or they belong to a unit that the caller may not see.";
    PERSON_UNIT_UNKNOWN, "person_unit_unknown", UNPROCESSABLE_ENTITY, "Unknown unit of a person",
        "The unit that the person is to belong to does not exist.";
    PERSON_NOT_PERMITTED, "person_not_permitted", FORBIDDEN, "Not permitted for people of this unit",
        "No role of the caller permits managing the people of this unit.";
    PERSON_IDENTITY_TAKEN, "person_identity_taken", CONFLICT, "Identity taken",
        "The sign-in identity belongs to another person.";
    PERSON_STILL_HERE, "person_still_here", CONFLICT, "Still here",
        "Only who has left can be erased.";
    PERSON_TEXT_INVALID, "person_text_invalid", UNPROCESSABLE_ENTITY, "Invalid text of a person",
        "A text is empty, too long, or has characters that are not allowed; the detail names the field.";

    // Grants.
    GRANT_UNKNOWN, "grant_unknown", NOT_FOUND, "Unknown grant",
        "There is no such grant, as far as the caller may know.";
    GRANT_PERSON_UNKNOWN, "grant_person_unknown", UNPROCESSABLE_ENTITY, "Unknown person of a grant",
        "The person who is to be given the role does not exist.";
    GRANT_UNIT_UNKNOWN, "grant_unit_unknown", UNPROCESSABLE_ENTITY, "Unknown unit of a grant",
        "The unit in which the role is to be given does not exist.";
    GRANT_NOT_PERMITTED, "grant_not_permitted", FORBIDDEN, "Grant not permitted",
        "Roles are given by those who hold them, within their own units.";
    GRANT_NOT_AT_ROOT, "grant_not_at_root", UNPROCESSABLE_ENTITY, "Grant not at the root",
        "An administrator of the organization is one of the whole organization: give the role at the root unit.";
    GRANT_REMARK_INVALID, "grant_remark_invalid", UNPROCESSABLE_ENTITY, "Invalid remark",
        "The reason of a grant is a printable text of at most 2,000 characters.";

    // Units and places.
    UNIT_UNKNOWN, "unit_unknown", NOT_FOUND, "Unknown unit",
        "There is no such unit, as far as the caller may know.";
    UNIT_NOT_PERMITTED, "unit_not_permitted", FORBIDDEN, "Units not permitted",
        "The caller may not change the tree of units.";
    UNIT_CODE_TAKEN, "unit_code_taken", CONFLICT, "Unit code taken",
        "Another unit has this code.";
    UNIT_TOO_DEEP, "unit_too_deep", UNPROCESSABLE_ENTITY, "Unit too deep",
        "The unit would be nested deeper than units can be.";
    UNIT_TEXT_INVALID, "unit_text_invalid", UNPROCESSABLE_ENTITY, "Invalid text of a unit",
        "The code or the name is empty, too long, or has characters that are not allowed.";
    SITE_UNKNOWN, "site_unknown", NOT_FOUND, "Unknown site",
        "There is no such site, as far as the caller may know.";
    LOCATION_UNKNOWN, "location_unknown", NOT_FOUND, "Unknown place",
        "There is no such place, as far as the caller may know.";
    LOCATION_NOT_PERMITTED, "location_not_permitted", FORBIDDEN, "Places not permitted",
        "The caller may not change the places.";
    LOCATION_TOO_DEEP, "location_too_deep", UNPROCESSABLE_ENTITY, "Place too deep",
        "The place would be nested deeper than places can be.";
    LOCATION_TEXT_INVALID, "location_text_invalid", UNPROCESSABLE_ENTITY, "Invalid text of a place",
        "The code or the name is empty, too long, or has characters that are not allowed.";

    // The catalogue of models.
    CATALOGUE_NOT_PERMITTED, "catalogue_not_permitted", FORBIDDEN, "Catalogue not permitted",
        "The caller may not change the catalogue of manufacturers, categories and models.";
    CATALOGUE_MANUFACTURER_UNKNOWN, "catalogue_manufacturer_unknown", UNPROCESSABLE_ENTITY, "Unknown manufacturer",
        "The manufacturer that was named does not exist.";
    CATALOGUE_CATEGORY_UNKNOWN, "catalogue_category_unknown", UNPROCESSABLE_ENTITY, "Unknown category",
        "The category that was named does not exist.";
    CATALOGUE_CODE_TAKEN, "catalogue_code_taken", CONFLICT, "Category code taken",
        "Another category has this code.";
    CATALOGUE_TEXT_INVALID, "catalogue_text_invalid", UNPROCESSABLE_ENTITY, "Invalid text in the catalogue",
        "The code or the name is empty, too long, or has characters that are not allowed.";

    // Organizations.
    ORG_SLUG_INVALID, "org_slug_invalid", UNPROCESSABLE_ENTITY, "Invalid slug",
        "A slug has 2 to 40 of a-z, 0-9 and -, and begins with a letter.";
    ORG_SLUG_TAKEN, "org_slug_taken", CONFLICT, "Slug taken",
        "Another organization has this slug.";
    ORG_EXTERNAL_TAKEN, "org_external_taken", CONFLICT, "Organization linked already",
        "The issuer's organization is linked to an organization here already.";
    ORG_NAMESPACE_INVALID, "org_namespace_invalid", UNPROCESSABLE_ENTITY, "Invalid tag namespace",
        "A tag namespace has 2 to 8 of A-Z and 0-9.";
    ORG_NAME_INVALID, "org_name_invalid", UNPROCESSABLE_ENTITY, "Invalid name of an organization",
        "The name is empty, longer than 200 characters, or has characters that are not allowed.";
    ORG_CURRENCY_INVALID, "org_currency_invalid", UNPROCESSABLE_ENTITY, "Invalid currency",
        "A currency is three capital letters of ISO 4217.";
    ORG_TIMEZONE_INVALID, "org_timezone_invalid", UNPROCESSABLE_ENTITY, "Invalid time zone",
        "A time zone is a name of the IANA database.";

    // Seats and sign-ins, as they are reported.
    BILLING_CUSTOMER_TAKEN, "billing_customer_taken", CONFLICT, "Customer taken",
        "The customer of the billing service is linked to another organization.";
    BILLING_ORGANIZATION_TAKEN, "billing_organization_taken", CONFLICT, "Organization paid for",
        "The organization is linked to another customer, whose subscription is not over.";
    BILLING_MODE_MISMATCH, "billing_mode_mismatch", CONFLICT, "Other mode",
        "A sandbox takes purchases of the billing service's test mode only.";
    BILLING_KEY_INVALID, "billing_key_invalid", UNPROCESSABLE_ENTITY, "Invalid key",
        "This is not a key of the billing service.";
    IDENTITY_NOT_PERMITTED, "identity_not_permitted", FORBIDDEN, "Report not permitted",
        "Only the token issuer's own reports change sign-ins.";
    IDENTITY_NO_UNIT, "identity_no_unit", CONFLICT, "No unit",
        "The organization has no unit for people without one.";

    ORG_LOG_NOT_PERMITTED, "log_not_permitted", FORBIDDEN, "New epoch not permitted",
        "Only administrators of the whole organization begin a new epoch of its ledger.";
    ORG_LOG_NOTHING_LOST, "log_nothing_lost", CONFLICT, "Nothing was lost",
        "The ledger contains the checkpoint, so there is no head to give up.";
    ORG_LOG_CHECKPOINT_FOREIGN, "log_checkpoint_foreign", UNPROCESSABLE_ENTITY, "Checkpoint of another ledger",
        "The checkpoint was signed for another ledger.";

    // The ledger.
    LEDGER_NOT_PERMITTED, "ledger_not_permitted", FORBIDDEN, "Ledger not permitted",
        "Entries, checkpoints and proofs are for auditors and administrators of the whole organization.";
    LEDGER_EXPORT_NOT_PERMITTED, "ledger_export_not_permitted", FORBIDDEN, "Export not permitted",
        "Only auditors and administrators of the whole organization export its ledger.";
    LEDGER_CHECKPOINT_UNKNOWN, "ledger_checkpoint_unknown", NOT_FOUND, "No checkpoint yet",
        "No checkpoint of the ledger was signed yet; one follows within seconds of the first entry.";
    CHECKPOINT_OVERTAKEN, "checkpoint_overtaken", CONFLICT, "Checkpoint overtaken",
        "A later checkpoint was signed in the meantime.";

    // Imports.
    IMPORT_NOT_PERMITTED, "import_not_permitted", FORBIDDEN, "Import not permitted",
        "The caller may register assets nowhere.";
    IMPORT_OUT_OF_TURN, "import_out_of_turn", CONFLICT, "Import out of turn",
        "Another part of this import comes first, or this one is entered already.";

    // Phones.
    PUSH_DEVICE_UNKNOWN, "push_device_unknown", NOT_FOUND, "Unknown push device",
        "The caller has no registered device with this id.";
    PUSH_TOKEN_INVALID, "push_token_invalid", UNPROCESSABLE_ENTITY, "Invalid push token",
        "The token is not one of the Expo push service.";
    PUSH_DEVICE_NAME_INVALID, "push_device_name_invalid", UNPROCESSABLE_ENTITY, "Invalid device name",
        "The name of the device is empty, too long, or has characters that are not allowed.";
    PUSH_DEVICE_NOT_A_PERSON, "push_device_not_a_person", FORBIDDEN, "Not a person",
        "Only a signed-in person can register a device.";
    PUSH_DEVICE_SESSION_ENDED, "push_device_session_ended", UNAUTHORIZED, "Session ended",
        "The session in which the device was to be registered has ended.";
    PUSH_DEVICE_LIMIT_REACHED, "push_device_limit_reached", CONFLICT, "Too many devices",
        "The caller has as many registered devices as a person can have; remove one first.";

    // What people are told.
    NOTICE_NOT_A_PERSON, "notice_not_a_person", FORBIDDEN, "Not a person",
        "Only a signed-in person receives notices.";
    NOTICE_NAMED_TWICE, "notice_named_twice", UNPROCESSABLE_ENTITY, "Notice named twice",
        "A sort of notice is named more than once, so that it is not clear what is wanted.";

    // Installations in workspaces of chat services.
    INSTALL_UNKNOWN, "install_unknown", NOT_FOUND, "Unknown installation",
        "The organization has no installation with this id.";
    INSTALL_NOT_PERMITTED, "install_not_permitted", FORBIDDEN, "Installation not permitted",
        "Only administrators of the whole organization connect and manage workspaces.";
    INSTALL_STATE_UNKNOWN, "install_state_unknown", UNPROCESSABLE_ENTITY, "Installation not begun here",
        "The installation was begun by somebody else, in another browser, more than ten minutes ago, or was finished before; begin it again.";
    INSTALL_BOUND_ELSEWHERE, "install_bound_elsewhere", CONFLICT, "Workspace of another organization",
        "The workspace is connected to another organization, which has to disconnect it first.";
    INSTALL_ENDED, "install_ended", CONFLICT, "Installation ended",
        "The installation is over; connect the workspace again.";
    INSTALL_NOT_LIVE, "install_not_live", CONFLICT, "Installation not in working order",
        "The service does not accept the app's tokens any more; connect the workspace again.";
    INSTALL_KEY_INVALID, "install_key_invalid", UNPROCESSABLE_ENTITY, "Invalid key",
        "A key of the workspace, the app or its user, or a scope, is not one of the service's.";
    INSTALL_NAME_INVALID, "install_name_invalid", UNPROCESSABLE_ENTITY, "Invalid workspace name",
        "The workspace's name is empty, too long, or has characters that are not allowed.";
    INSTALL_DOMAIN_INVALID, "install_domain_invalid", UNPROCESSABLE_ENTITY, "Invalid domain",
        "A trusted domain is a host name, and there are at most twenty of them.";

    // Connections of systems that report in.
    CONNECTION_UNKNOWN, "connection_unknown", NOT_FOUND, "Unknown connection",
        "The organization has no connection with this id.";
    CONNECTION_NOT_PERMITTED, "connection_not_permitted", FORBIDDEN, "Connection not permitted",
        "Only administrators of the whole organization manage connections.";
    CONNECTION_REMOVED, "connection_removed", CONFLICT, "Connection removed",
        "The connection was removed; make a new one.";
    CONNECTION_TOO_MANY, "connection_too_many", CONFLICT, "Too many connections",
        "The organization has as many connections as it can have; remove one that is not used.";
    CONNECTION_ROTATING, "connection_rotating", CONFLICT, "Rotation under way",
        "The secret before the present one is still accepted; end that rotation before beginning another.";
    CONNECTION_NAME_INVALID, "connection_name_invalid", UNPROCESSABLE_ENTITY, "Invalid connection name",
        "The connection's name is empty, too long, or has characters that are not allowed.";
    CONNECTION_PROOF_INVALID, "connection_proof_invalid", UNPROCESSABLE_ENTITY, "Invalid proof",
        "The product does not prove itself in this way, or a header or user in it is unusable.";
    CONNECTION_SETTING_INVALID, "connection_setting_invalid", UNPROCESSABLE_ENTITY, "Invalid setting",
        "The product has no such setting, or its value is unusable.";
    CONNECTION_WINDOW_INVALID, "connection_window_invalid", UNPROCESSABLE_ENTITY, "Invalid window",
        "Two secrets are accepted side by side for at most seven days.";

    // What came in from connections.
    DELIVERY_UNKNOWN, "delivery_unknown", NOT_FOUND, "Unknown delivery",
        "The organization has no delivery with this id.";
    DELIVERY_WAITING, "delivery_waiting", CONFLICT, "Delivery waiting",
        "The delivery has not been worked off yet.";
    DELIVERY_GONE, "delivery_gone", CONFLICT, "Delivery gone",
        "What the delivery said is no longer kept.";

    // Who chat users are.
    CHAT_LINK_UNKNOWN, "chat_link_unknown", NOT_FOUND, "Unknown chat link",
        "There is no such link, or it is not the caller's to end.";
    CHAT_LINK_NOT_PERMITTED, "chat_link_not_permitted", FORBIDDEN, "Chat link not permitted",
        "People link chat users to themselves only.";
    CHAT_TICKET_UNKNOWN, "chat_ticket_unknown", UNPROCESSABLE_ENTITY, "Ticket not valid",
        "The ticket was taken, has expired, or is another organization's; ask for another in the chat.";
    CHAT_NOT_CONNECTED, "chat_not_connected", CONFLICT, "Workspace not connected",
        "The app is not connected to the workspace of this chat user.";
    CHAT_USER_TAKEN, "chat_user_taken", CONFLICT, "Chat user taken",
        "The chat user is linked to somebody else.";
    CHAT_PERSON_TAKEN, "chat_person_taken", CONFLICT, "Linked to another chat user",
        "The person is linked to another user of the same workspace; that link has to end first.";
    CHAT_LINK_ENDED_BY_CHOICE, "chat_link_ended_by_choice", CONFLICT, "Link ended",
        "Somebody ended this link. It is made anew by signing in, not by an address.";
    CHAT_PERSON_NOT_A_MEMBER, "chat_person_not_a_member", FORBIDDEN, "Not a member",
        "The person is not, or is no longer, a member of the organization.";
    CHAT_USER_INVALID, "chat_user_invalid", UNPROCESSABLE_ENTITY, "Invalid chat user",
        "This is not the key of a user of a chat service.";

    // What connected systems report.
    REPORTS_NOT_PERMITTED, "reports_not_permitted", FORBIDDEN, "Reports not permitted",
        "Reports are taken from verified connections only.";
    REPORTS_TOO_MANY, "reports_too_many", UNPROCESSABLE_ENTITY, "Too many reports",
        "At most 256 reports are taken at once.";

    // Tickets of help desks.
    TICKET_UNKNOWN, "ticket_unknown", NOT_FOUND, "Unknown ticket",
        "There is no such ticket, or neither its assets nor the ticket itself are the caller's to see.";

    // Suppliers.
    SUPPLIER_UNKNOWN, "supplier_unknown", NOT_FOUND, "Unknown supplier",
        "The organization has no supplier with this id.";
    SUPPLIER_NOT_PERMITTED, "supplier_not_permitted", FORBIDDEN, "Supplier not permitted",
        "Only administrators of the whole organization manage suppliers.";
    SUPPLIER_REMOVED, "supplier_removed", CONFLICT, "Supplier removed",
        "The supplier was removed; connect it anew.";
    SUPPLIER_TOO_MANY, "supplier_too_many", CONFLICT, "Too many suppliers",
        "The organization has as many suppliers as it can have; remove one that is not used.";
    SUPPLIER_NAME_INVALID, "supplier_name_invalid", UNPROCESSABLE_ENTITY, "Invalid supplier name",
        "The supplier's name is empty, too long, or has characters that are not allowed.";
    SUPPLIER_SETTING_INVALID, "supplier_setting_invalid", UNPROCESSABLE_ENTITY, "Invalid supplier setting",
        "A setting of the supplier is unusable; the detail says which.";
    SUPPLIER_SECRET_INVALID, "supplier_secret_invalid", UNPROCESSABLE_ENTITY, "Invalid secret",
        "The secret is too short, too long, or has characters that cannot be sent.";
    SUPPLIER_SECRET_SAME, "supplier_secret_same", UNPROCESSABLE_ENTITY, "Same secret on both sides",
        "The supplier would prove itself with the secret that we prove ourselves with; each side has one of its own.";
    SUPPLIER_WINDOW_INVALID, "supplier_window_invalid", UNPROCESSABLE_ENTITY, "Invalid window of a supplier",
        "Two secrets of a supplier are accepted side by side for at most seven days.";
    SUPPLIER_ROTATING, "supplier_rotating", CONFLICT, "Rotation of a supplier under way",
        "The secret before the present one is still accepted; end that rotation before beginning another.";

    // Visits to suppliers' shops.
    PUNCHOUT_UNKNOWN, "punchout_unknown", NOT_FOUND, "Unknown visit",
        "There is no such visit to a shop, or it is not the caller's to see.";
    PUNCHOUT_NOT_A_PERSON, "punchout_not_a_person", FORBIDDEN, "Only people shop",
        "Only a signed-in person goes to a supplier's shop.";
    PUNCHOUT_NOT_PERMITTED, "punchout_not_permitted", FORBIDDEN, "Visit not permitted",
        "The caller may not order anything for this unit.";
    PUNCHOUT_SUPPLIER_UNKNOWN, "punchout_supplier_unknown", NOT_FOUND, "Unknown shop",
        "The organization has no supplier with this id, or not any more.";
    PUNCHOUT_SUPPLIER_PAUSED, "punchout_supplier_paused", CONFLICT, "Supplier paused",
        "Nothing is bought from the supplier at present.";
    OPERATION_NOT_ALLOWED, "operation_not_allowed", CONFLICT, "Operation not allowed",
        "The supplier does not allow this for the cart.";
    PUNCHOUT_REQUISITION_INVALID, "punchout_requisition_invalid", UNPROCESSABLE_ENTITY, "Invalid requisition for a visit",
        "A cart is changed or looked at with a requisition of the same supplier, and something new is bought with none.";
    PUNCHOUT_COST_CENTRE_INVALID, "punchout_cost_centre_invalid", UNPROCESSABLE_ENTITY, "Invalid cost center of a visit",
        "The cost center is too long, or has characters that are not allowed.";
    PUNCHOUT_LOCATION_UNKNOWN, "punchout_location_unknown", UNPROCESSABLE_ENTITY, "Unknown place of a visit",
        "The organization has no place with this id.";
    REQUISITION_LOCKED, "requisition_locked", CONFLICT, "Requisition locked",
        "The requisition is no draft any more, so nothing in the shop changes it.";
    DEPLOYMENT_MODE_MISMATCH, "deployment_mode_mismatch", CONFLICT, "Document not meant",
        "The document says that it is a test where the supplier is used in earnest, or the reverse.";
    PUNCHOUT_CART_INVALID, "punchout_cart_invalid", UNPROCESSABLE_ENTITY, "Cart at fault",
        "Some lines of the cart would have to be guessed; the detail names each with what is wrong.";
    PUNCHOUT_NOTHING_ASKED, "punchout_nothing_asked", CONFLICT, "Nothing to answer",
        "No empty cart of this visit waits for an answer.";
    PUNCHOUT_NOT_RECOVERABLE, "punchout_not_recoverable", NOT_FOUND, "Nothing to recover",
        "No document of this visit came too late and is still there, or it cannot be taken after all.";
    PUNCHOUT_TOO_MANY_DOCUMENTS, "punchout_too_many_documents", TOO_MANY_REQUESTS, "Too many documents",
        "As many documents of this visit are kept as can be.";

    // Purchase orders, and what suppliers say of them.
    ORDER_UNKNOWN, "order_unknown", NOT_FOUND, "Unknown purchase order",
        "There is no such purchase order, or it is not the caller's to see.";
    ORDER_NOT_PERMITTED, "order_not_permitted", FORBIDDEN, "Not permitted for this purchase order",
        "The caller may not do this for purchase orders of this unit.";
    ORDER_REQUISITION_UNKNOWN, "order_requisition_unknown", NOT_FOUND, "Unknown requisition of an order",
        "There is no such requisition, or it is not the caller's to see.";
    ORDER_NOT_APPROVED, "order_not_approved", CONFLICT, "Requisition not approved",
        "Only an approved requisition is ordered, and only once.";
    ORDER_QUOTE_PENDING, "order_quote_pending", CONFLICT, "Offer is a draft",
        "The supplier's offer is a draft; it has to come back from the shop as final first.";
    ORDER_COUNT_INVALID, "order_count_invalid", UNPROCESSABLE_ENTITY, "Invalid number of lines",
        "A purchase order has 1 to 5,000 lines.";
    ORDER_SUPPLIER_INACTIVE, "order_supplier_inactive", CONFLICT, "Supplier not active",
        "The supplier is paused or removed.";
    ORDER_SUPPLIER_TEST, "order_supplier_test", CONFLICT, "Supplier for testing",
        "Nothing real is ordered from a supplier that is set up for testing; only a sandbox does so.";
    ORDER_OWN, "order_own", FORBIDDEN, "Somebody else accepts",
        "Nobody accepts another price or another product for what they wanted, changed, handed in or ordered themselves.";
    ORDER_ALREADY_ACCEPTED, "order_already_accepted", CONFLICT, "Accepted already",
        "The second person who accepts is another one, by another's right.";
    ORDER_PRICE_NEEDED, "order_price_needed", UNPROCESSABLE_ENTITY, "Price needed",
        "The supplier's price cannot be compared with the order's; what one of the ordered unit costs has to be entered.";
    ORDER_LINE_UNKNOWN, "order_line_unknown", UNPROCESSABLE_ENTITY, "Unknown line of an order",
        "The purchase order has no line of this number.";
    ORDER_LINE_NOT_STOPPED, "order_line_not_stopped", CONFLICT, "Nothing to decide",
        "The line does not wait for a decision.";
    ORDER_PIECES_KNOWN, "order_pieces_known", CONFLICT, "Pieces known already",
        "It is known already how many pieces the line is.";
    ORDER_PIECES_INVALID, "order_pieces_invalid", UNPROCESSABLE_ENTITY, "Invalid number of pieces",
        "A line is a whole number of at most 10,000 pieces.";
    ORDER_ALREADY_RECEIVED, "order_already_received", CONFLICT, "Received already",
        "All that was to come of the line was received, so it cannot be taken back.";
    ORDER_OVER_RECEIPT, "order_over_receipt", CONFLICT, "More than was ordered",
        "Every piece of the line was received; more than was ordered is not.";
    ORDER_PIECES_UNKNOWN, "order_pieces_unknown", CONFLICT, "Pieces not known",
        "Somebody has to say first how many pieces the line is.";
    ORDER_LINE_NEEDED, "order_line_needed", UNPROCESSABLE_ENTITY, "Line needed",
        "Pieces of several lines are expected, and nothing that was scanned says of which one this is.";
    ORDER_NOTHING_EXPECTED, "order_nothing_expected", CONFLICT, "Nothing expected",
        "Nothing of the purchase order is still to be received.";
    ORDER_SERIAL_NOT_ANNOUNCED, "order_serial_not_announced", CONFLICT, "Serial number not announced",
        "What is still to come was announced with other serial numbers; confirm that this came instead of one of them.";
    ORDER_NOT_IN_SHIPMENT, "order_not_in_shipment", CONFLICT, "Not in this shipment",
        "Nothing more of the line was announced with the shipment that was scanned; confirm that it came with it all the same.";
    ORDER_SERIAL_NEEDED, "order_serial_needed", UNPROCESSABLE_ENTITY, "Serial number needed",
        "Nothing that was scanned tells which piece it is: scan its serial number, or say that it has none or is as announced.";
    ORDER_SERIAL_UNUSABLE, "order_serial_unusable", UNPROCESSABLE_ENTITY, "No serial number",
        "What was scanned as a serial number is none.";
    ORDER_SERIAL_TWICE, "order_serial_twice", UNPROCESSABLE_ENTITY, "Serial number scanned twice",
        "One serial number was scanned for two pieces.";
    ORDER_RECEIPT_INVALID, "order_receipt_invalid", UNPROCESSABLE_ENTITY, "Invalid receipt",
        "1 to 200 pieces are received at once.";
    ORDER_SHIPMENT_UNKNOWN, "order_shipment_unknown", NOT_FOUND, "Unknown shipment",
        "The purchase order has no such shipment.";
    ORDER_NOT_WAITING, "order_not_waiting", CONFLICT, "Not on its way",
        "This version of the purchase order is not on its way to the supplier.";
    ORDER_NOT_FAILED, "order_not_failed", CONFLICT, "Nothing to send again",
        "Only what the supplier refused, or could not be reached with, is sent again.";
    SUPPLIER_DOCUMENT_NOT_PERMITTED, "supplier_document_not_permitted", FORBIDDEN, "Document not permitted",
        "Documents are taken from suppliers that have proven who they are.";
    SUPPLIER_DOCUMENT_SENDER_UNKNOWN, "supplier_document_sender_unknown", NOT_FOUND, "Unknown sender of a document",
        "The supplier is not there, paused or removed.";
    SUPPLIER_DOCUMENT_UNKNOWN, "supplier_document_unknown", NOT_FOUND, "Unknown document",
        "No document with this id was taken in.";
    DUPLICATE_DOCUMENT, "duplicate_document", CONFLICT, "Duplicate document",
        "Another document came under this payload id before.";
    SUPPLIER_DOCUMENT_TOO_OLD, "supplier_document_too_old", UNPROCESSABLE_ENTITY, "Document too old",
        "The document says that it was made more than 30 days ago.";
    SUPPLIER_DOCUMENT_NAME_INVALID, "supplier_document_name_invalid", UNPROCESSABLE_ENTITY, "Invalid payload id",
        "A payload id has 1 to 255 printable characters.";

    // Requisitions, and who approves them.
    REQUISITION_UNKNOWN, "requisition_unknown", NOT_FOUND, "Unknown requisition",
        "There is no such requisition, or it is not the caller's to see.";
    REQUISITION_NOT_PERMITTED, "requisition_not_permitted", FORBIDDEN, "Not permitted for this requisition",
        "The caller sees the requisition, and this is not theirs to do.";
    REQUISITION_NOT_A_PERSON, "requisition_not_a_person", FORBIDDEN, "Only people decide",
        "Only a signed-in person decides on a requisition.";
    REQUISITION_WRONG_STATE, "requisition_wrong_state", CONFLICT, "Not at this stage",
        "The requisition is not at a stage at which this is done; the detail names the one it is at.";
    REQUISITION_CHANGED, "requisition_changed", CONFLICT, "Requisition changed",
        "The requisition is not what was shown any more; look at it again.";
    REQUISITION_OWN, "requisition_own", FORBIDDEN, "Own requisition",
        "Somebody else approves what the caller wants to be bought.";
    REQUISITION_ALREADY_APPROVED, "requisition_already_approved", CONFLICT, "Approved already",
        "The caller approved it already, or somebody whose right they would use; another person has to.";
    REQUISITION_QUOTE_PENDING, "requisition_quote_pending", CONFLICT, "Prices not final",
        "The supplier's prices are a draft; wait for its final ones.";
    REQUISITION_EMPTY, "requisition_empty", CONFLICT, "Empty requisition",
        "The requisition has no lines.";
    REQUISITION_LINE_UNKNOWN, "requisition_line_unknown", NOT_FOUND, "Unknown line",
        "No line with this id belongs to the requisition.";
    REQUISITION_UNIT_UNKNOWN, "requisition_unit_unknown", NOT_FOUND, "Unknown unit of a requisition",
        "There is no such unit, or it is not the caller's to order or approve for.";
    REQUISITION_LOCATION_UNKNOWN, "requisition_location_unknown", UNPROCESSABLE_ENTITY, "Unknown place of a requisition",
        "The organization has no place with this id.";
    REQUISITION_COST_CENTRE_INVALID, "requisition_cost_centre_invalid", UNPROCESSABLE_ENTITY, "Invalid cost center",
        "The cost center is empty, too long, or has characters that are not allowed.";
    REQUISITION_REASON_INVALID, "requisition_reason_invalid", UNPROCESSABLE_ENTITY, "Invalid reason",
        "The reason is empty, too long, or has characters that are not allowed.";
    REQUISITION_PIECES_INVALID, "requisition_pieces_invalid", UNPROCESSABLE_ENTITY, "Invalid number of pieces",
        "How many pieces one unit is, is no number below nought.";
    REQUISITION_TOO_LARGE, "requisition_too_large", UNPROCESSABLE_ENTITY, "Too large an amount",
        "What the lines cost together has more digits than can be kept.";
    APPROVAL_UNIT_UNKNOWN, "approval_unit_unknown", NOT_FOUND, "Unknown unit of a limit",
        "There is no such unit.";
    APPROVAL_NOT_PERMITTED, "approval_not_permitted", FORBIDDEN, "Limits not permitted",
        "Only administrators of the whole organization set limits of approval.";
    APPROVAL_LIMITS_INVALID, "approval_limits_invalid", UNPROCESSABLE_ENTITY, "Invalid limits",
        "Limits are one for each currency of three letters, at most fifty, none of them negative.";
    APPROVAL_NOT_A_PERSON, "approval_not_a_person", FORBIDDEN, "Only people stand in",
        "Only a signed-in person lets another approve in their place.";
    APPROVAL_NOTHING_TO_DELEGATE, "approval_nothing_to_delegate", FORBIDDEN, "Nothing to delegate",
        "The caller approves nothing that somebody could approve in their place.";
    APPROVAL_DELEGATE_INVALID, "approval_delegate_invalid", UNPROCESSABLE_ENTITY, "Invalid stand-in",
        "Somebody else who is a member of the organization stands in.";
    APPROVAL_TIME_INVALID, "approval_time_invalid", UNPROCESSABLE_ENTITY, "Invalid time of a delegation",
        "A delegation lasts from one moment to a later one, which is still to come, for at most 180 days.";
    APPROVAL_DELEGATION_UNKNOWN, "approval_delegation_unknown", NOT_FOUND, "Unknown delegation",
        "There is no such delegation, or it is not the caller's to end.";

    // Changes that are proposed and confirmed.
    CONFIRM_UNKNOWN, "confirm_unknown", NOT_FOUND, "Nothing to confirm",
        "There is no such proposal, it is long settled, or it is somebody else's: only whoever asked for a change confirms it, by the same chat user.";
    CONFIRM_ALREADY_USED, "confirm_already_used", CONFLICT, "Settled already",
        "The proposal was confirmed, cancelled or became impossible before; nothing was done again.";
    CONFIRM_EXPIRED, "confirm_expired", CONFLICT, "Proposal expired",
        "The proposal is older than ten minutes; ask again.";
    CONFIRM_ASSET_CHANGED, "confirm_asset_changed", CONFLICT, "Asset changed",
        "An asset is not what it was when the change was proposed; ask again.";
    CONFIRM_NOT_LINKED, "confirm_not_linked", FORBIDDEN, "Not linked",
        "The chat user is not linked to whoever asks, or their membership has ended.";
    CONFIRM_NOT_CONNECTED, "confirm_not_connected", CONFLICT, "Workspace not connected",
        "The app is not connected to the workspace any more.";
    CONFIRM_NOT_A_PERSON, "confirm_not_a_person", FORBIDDEN, "Not a person",
        "Only a signed-in person proposes and confirms changes.";
    CONFIRM_COUNT_INVALID, "confirm_count_invalid", UNPROCESSABLE_ENTITY, "Too many assets",
        "A proposal is about one to a hundred assets.";
    CONFIRM_ASSET_TWICE, "confirm_asset_twice", UNPROCESSABLE_ENTITY, "Asset named twice",
        "A proposal names each asset once.";
    CONFIRM_TOO_LARGE, "confirm_too_large", UNPROCESSABLE_ENTITY, "Proposal too large",
        "The proposal with everything that it changes is more than can be kept; split it.";

    // Devices: what a device management reports, and what people decide of it.
    DEVICE_CASE_UNKNOWN, "device_case_unknown", NOT_FOUND, "Unknown case",
        "There is no such case, or it is about assets whose records the caller does not correct.";
    DEVICE_CASE_DECIDED, "device_case_decided", CONFLICT, "Case decided",
        "The case was decided before; that decision has to be undone first.";
    DEVICE_CASE_OPEN, "device_case_open", CONFLICT, "Case open",
        "The case is open; there is no decision to undo.";
    DEVICE_CASE_NOT_A_MEMBER, "device_case_not_a_member", UNPROCESSABLE_ENTITY, "Asset of another case",
        "The asset that is to stay is not one of the case.";
    DEVICE_CASE_NOTHING_TO_MERGE, "device_case_nothing_to_merge", UNPROCESSABLE_ENTITY, "Nothing to merge",
        "The case is about one asset.";
    DEVICE_CASE_ASSET_IN_USE, "device_case_asset_in_use", CONFLICT, "Asset in use",
        "An asset that is in somebody's custody or has an open hold cannot be merged into another.";
    DEVICE_CASE_ASSET_NOT_STANDING, "device_case_asset_not_standing", CONFLICT, "Asset not standing",
        "One of the assets was merged before, has others that were merged into it, or is void.";
    HAND_OVER_UNKNOWN, "hand_over_unknown", NOT_FOUND, "Unknown hand-over",
        "There is no such proposed hand-over, or the caller does not decide over the custody of its asset.";
    HAND_OVER_DECIDED, "hand_over_decided", CONFLICT, "Hand-over decided",
        "The proposed hand-over was decided before.";

    // Conversations.
    CONVERSATION_NOT_A_PERSON, "conversation_not_a_person", FORBIDDEN, "Not a person",
        "Only a signed-in person can ask in a chat.";
    CONVERSATION_TOO_LONG, "conversation_too_long", UNPROCESSABLE_ENTITY, "Conversation too long",
        "This is more of a conversation than is remembered; begin another.";

    // Digests for channels.
    DIGEST_UNKNOWN, "digest_unknown", NOT_FOUND, "Digest not found",
        "There is no such digest among those of the units that you administer.";
    DIGEST_INSTALL_UNKNOWN, "digest_install_unknown", UNPROCESSABLE_ENTITY, "Unknown installation",
        "The app is not connected to this workspace, or not any more.";
    DIGEST_UNIT_UNKNOWN, "digest_unit_unknown", UNPROCESSABLE_ENTITY, "Unknown unit",
        "There is no such unit among those that you administer.";
    DIGEST_CHANNEL_INVALID, "digest_channel_invalid", UNPROCESSABLE_ENTITY, "Invalid channel",
        "This is not the key of a channel of a chat service.";
    DIGEST_HOUR_INVALID, "digest_hour_invalid", UNPROCESSABLE_ENTITY, "Invalid hour",
        "A digest is sent from an hour of 0 to 23 on.";
    DIGEST_ALREADY_SUBSCRIBED, "digest_already_subscribed", CONFLICT, "Subscribed already",
        "The channel receives the digest of this unit already.";
    DIGEST_LIMIT_REACHED, "digest_limit_reached", CONFLICT, "Too many digests",
        "The organization has as many digests as it can; end one first.";

    // Apps of the marketplace: their owners' side.
    APP_CLIENT_UNKNOWN, "app_client_unknown", NOT_FOUND, "Unknown app",
        "The organization has registered no such app.";
    APP_CLIENT_TEXT_INVALID, "app_client_text_invalid", UNPROCESSABLE_ENTITY, "Invalid text",
        "A text of the app is empty, too long, or has characters that are not printed.";
    APP_CLIENT_WEBSITE_INVALID, "app_client_website_invalid", UNPROCESSABLE_ENTITY, "Invalid website",
        "A website is an https address of at most 512 characters.";
    APP_CLIENT_LOGO_INVALID, "app_client_logo_invalid", UNPROCESSABLE_ENTITY, "Invalid logo",
        "A logo is a color of six hexadecimal digits and one or two letters.";
    APP_CLIENT_REDIRECT_INVALID, "app_client_redirect_invalid", UNPROCESSABLE_ENTITY, "Invalid redirect URI",
        "A redirect URI is an https address without a fragment; a native app may also have one at a loopback address.";
    APP_CLIENT_REDIRECT_COUNT_INVALID, "app_client_redirect_count_invalid", UNPROCESSABLE_ENTITY, "Invalid number of redirect URIs",
        "An app has one to ten redirect URIs, each once.";
    APP_CLIENT_SCOPES_MISSING, "app_client_scopes_missing", UNPROCESSABLE_ENTITY, "Scopes missing",
        "An app asks for one scope at least.";
    APP_CLIENT_RATE_INVALID, "app_client_rate_invalid", UNPROCESSABLE_ENTITY, "Invalid rate",
        "A rate is 1 to 100000 requests a minute, and more than 120 only by the operator.";
    APP_CLIENT_LIMIT_REACHED, "app_client_limit_reached", CONFLICT, "Too many apps",
        "The organization has registered as many apps as it can.";
    APP_CLIENT_HAS_NO_SECRET, "app_client_has_no_secret", CONFLICT, "No secret",
        "The app is a public client, which has no secret.";
    APP_CLIENT_SECRET_ROTATING, "app_client_secret_rotating", CONFLICT, "Two secrets",
        "The secret before this one is still accepted; end that first.";
    APP_CLIENT_WINDOW_INVALID, "app_client_window_invalid", UNPROCESSABLE_ENTITY, "Invalid window",
        "The secret before is accepted for at most seven days.";

    // Apps of the marketplace: where they are installed.
    APP_INSTALL_UNKNOWN, "app_install_unknown", NOT_FOUND, "Unknown installed app",
        "There is no such installed app among those of the units that the caller administers.";
    APP_INSTALL_NOT_PERMITTED, "app_install_not_permitted", FORBIDDEN, "Not permitted to install",
        "Only administrators of a unit install apps for it and uninstall them.";
    APP_INSTALL_UNIT_UNKNOWN, "app_install_unit_unknown", UNPROCESSABLE_ENTITY, "Unknown unit",
        "There is no such unit among those that the caller administers.";
    APP_INSTALL_APP_INTERNAL, "app_install_app_internal", FORBIDDEN, "Internal app",
        "The app is for the organization that made it and cannot be installed elsewhere.";
    APP_INSTALL_APP_DISABLED, "app_install_app_disabled", CONFLICT, "App stopped",
        "The app was stopped by whoever publishes it.";
    APP_INSTALL_SCOPES_INVALID, "app_install_scopes_invalid", UNPROCESSABLE_ENTITY, "Invalid scopes",
        "The app asks for something that it is not registered for.";
    APP_INSTALL_SUSPENDED, "app_install_suspended", CONFLICT, "App suspended",
        "The app is installed for the unit and suspended; it has to be resumed first.";
    APP_INSTALL_ENDED, "app_install_ended", CONFLICT, "App uninstalled",
        "The app was uninstalled; it can be installed again.";
    APP_INSTALL_LIMIT_REACHED, "app_install_limit_reached", CONFLICT, "Too many installed apps",
        "The organization has as many apps installed as it can; uninstall one first.";

    // Apps, their keys, and endpoints.
    APP_UNKNOWN, "app_unknown", NOT_FOUND, "Unknown app",
        "The organization has no such app.";
    APP_NOT_PERMITTED, "app_not_permitted", FORBIDDEN, "Not permitted for apps",
        "Only administrators of the whole organization manage its apps.";
    APP_TOO_MANY, "app_too_many", CONFLICT, "Too many apps",
        "The organization has as many apps as it can; remove one first.";
    APP_NAME_INVALID, "app_name_invalid", UNPROCESSABLE_ENTITY, "Invalid name of an app",
        "The name of an app is one line of at most 100 characters.";
    API_KEY_UNKNOWN, "api_key_unknown", NOT_FOUND, "Unknown key",
        "The organization has no such key.";
    API_KEY_TOO_MANY, "api_key_too_many", CONFLICT, "Too many keys",
        "The organization has as many keys as it can; revoke one first.";
    API_KEY_NAME_INVALID, "api_key_name_invalid", UNPROCESSABLE_ENTITY, "Invalid name of a key",
        "The name of a key is one line of at most 100 characters.";
    API_KEY_SCOPE_REQUIRED, "api_key_scope_required", UNPROCESSABLE_ENTITY, "Scope required",
        "A key is good for one thing at least.";
    ENDPOINT_UNKNOWN, "endpoint_unknown", NOT_FOUND, "Unknown endpoint",
        "There is no such endpoint among those that the caller manages.";
    ENDPOINT_DELIVERY_UNKNOWN, "endpoint_delivery_unknown", NOT_FOUND, "Unknown delivery",
        "There is no such delivery to the endpoint.";
    ENDPOINT_APP_UNKNOWN, "endpoint_app_unknown", NOT_FOUND, "Unknown app",
        "The organization has no such app.";
    ENDPOINT_NOT_PERMITTED, "endpoint_not_permitted", FORBIDDEN, "Not permitted for endpoints",
        "Only administrators of the whole organization, and programs that were allowed to, manage endpoints.";
    ENDPOINT_REMOVED, "endpoint_removed", CONFLICT, "Endpoint removed",
        "The endpoint is over; make a new one.";
    ENDPOINT_TOO_MANY, "endpoint_too_many", CONFLICT, "Too many endpoints",
        "The organization has as many endpoints as it can; remove one first.";
    ENDPOINT_URL_INVALID, "endpoint_url_invalid", UNPROCESSABLE_ENTITY, "Invalid address",
        "An address is https, has at most 2,048 characters, and is on the public Internet.";
    ENDPOINT_DESCRIPTION_INVALID, "endpoint_description_invalid", UNPROCESSABLE_ENTITY, "Invalid description",
        "A description is one line of at most 255 characters.";
    ENDPOINT_EVENTS_INVALID, "endpoint_events_invalid", UNPROCESSABLE_ENTITY, "Invalid events",
        "An endpoint is told of one sort of events at least.";
    ENDPOINT_EVENT_UNKNOWN, "endpoint_event_unknown", UNPROCESSABLE_ENTITY, "Unknown event",
        "Nothing is announced under one of the names.";
    ENDPOINT_UNIT_UNKNOWN, "endpoint_unit_unknown", UNPROCESSABLE_ENTITY, "Unknown unit",
        "One of the units is not there, or not one that the endpoint may be limited to.";
    ENDPOINT_UNITS_TOO_MANY, "endpoint_units_too_many", UNPROCESSABLE_ENTITY, "Too many units",
        "An endpoint is limited to at most 100 units.";
    ENDPOINT_FILTER_INVALID, "endpoint_filter_invalid", UNPROCESSABLE_ENTITY, "Invalid filter",
        "A filter is a JSON pointer and a value of at most 1 KiB.";
    ENDPOINT_RATE_INVALID, "endpoint_rate_invalid", UNPROCESSABLE_ENTITY, "Invalid rate",
        "1 to 1,000 requests a second and 1 to 256 at once can be chosen.";
    ENDPOINT_VERSION_UNKNOWN, "endpoint_version_unknown", UNPROCESSABLE_ENTITY, "Unknown version",
        "There is no such version of payloads.";
    ENDPOINT_WINDOW_INVALID, "endpoint_window_invalid", UNPROCESSABLE_ENTITY, "Invalid window",
        "Two secrets sign side by side for at most seven days.";
    ENDPOINT_INSTALL_NOT_ACTIVE, "endpoint_install_not_active", CONFLICT, "App not active",
        "The installed app whose endpoint it is is suspended or was uninstalled.";
    ENDPOINT_EVENTS_NOT_PERMITTED, "endpoint_events_not_permitted", FORBIDDEN, "Not permitted for these events",
        "The installed app was not permitted what it takes to be told of one of the events.";
    ENDPOINT_ROTATING, "endpoint_rotating", CONFLICT, "Rotation under way",
        "The secret before this one still signs; end that first.";
    ENDPOINT_SECRET_FORGOTTEN, "endpoint_secret_forgotten", CONFLICT, "Secret not kept any more",
        "The secret of the answer that is asked for once more does not sign any more, and is not kept.";
    DELIVERY_FORGOTTEN, "delivery_forgotten", CONFLICT, "Not kept any more",
        "What the delivery said is not kept any more.";
    DELIVERY_NOT_PERMITTED, "delivery_not_permitted", FORBIDDEN, "Not permitted for deliveries",
        "Only the server itself records deliveries.";
    EVENT_DATA_INVALID, "event_data_invalid", UNPROCESSABLE_ENTITY, "Invalid data",
        "The data of an event is an object of at most 48 KiB, without fractions.";
    EVENT_SANDBOX_ONLY, "event_sandbox_only", UNPROCESSABLE_ENTITY, "In a sandbox only",
        "Outside a sandbox a program emits events of type `webhook.test` only.";

    // What comes in from outside.
    INBOX_TOO_LARGE, "inbox_too_large", UNPROCESSABLE_ENTITY, "Message too large",
        "A message that comes in has at most a megabyte.";
    INBOX_KEY_INVALID, "inbox_key_invalid", UNPROCESSABLE_ENTITY, "Invalid message key",
        "A message that comes in needs a key of printable characters by which it is known when it comes again.";
    IDEMPOTENCY_KEY_REUSED, "idempotency_key_reused", CONFLICT, "Idempotency key reused",
        "The key was used within 24 hours for a request with another body; take another key.";
}
