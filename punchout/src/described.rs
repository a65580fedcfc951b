//! The description of the doors (`OpenAPI` 3.1), by hand: what browsers post by forms of others, and what is answered by redirects, pages and
//! documents, no framework derives.

use serde_json::{Value, json};

use crate::desk::{DOCUMENTS_PATH, RETURN_PATH, START_PATH};
use crate::{back, documents};

/// Where the description is.
pub const PATH: &str = "/api/punchout/openapi.json";

/// The description.
#[must_use]
pub fn document() -> Value {
    let keyed = format!("{RETURN_PATH}/{{{}}}", back::door::KEY);
    let sent = format!("{DOCUMENTS_PATH}/{{{}}}", documents::door::SUPPLIER);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Habeo at suppliers' shops",
            "version": "1.0.0",
            "description": "How somebody goes to a supplier's shop, how the cart comes back, and how suppliers send documents. The two last are called by others: by \
                their shops' pages and by their servers."
        },
        "paths": {
            START_PATH: { "post": started() },
            RETURN_PATH: { "post": returned("returnCart", None) },
            keyed: { "post": returned("returnOciCart", Some(back::door::KEY)) },
            sent: { "post": received() },
        },
        "components": {
            "securitySchemes": {
                "bearerAuth": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A session token of the signed-in person, with an active organization."
                }
            },
            "schemas": schemas(),
        }
    })
}

fn started() -> Value {
    let asked = json!({"$ref": "#/components/schemas/Start"});
    let problem = |description: &str| {
        json!({
            "description": description,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        })
    };
    json!({
        "operationId": "startPunchout",
        "summary": "Go to a supplier's shop.",
        "security": [{"bearerAuth": []}],
        "requestBody": {
            "required": true,
            "content": {
                "application/json": {"schema": asked},
                "application/x-www-form-urlencoded": {"schema": asked}
            }
        },
        "responses": {
            "200": {
                "description": "JSON was asked by: where the browser goes, in its top window. For a catalogue by OCI and a form: a page that posts the call-up.",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Started"}},
                    "text/html": {"schema": {"type": "string"}}
                }
            },
            "303": {"description": "A form was posted: `Location` is the shop's page."},
            "400": problem("The body cannot be read."),
            "401": problem("There is no good token."),
            "403": problem("The caller orders nothing for this unit."),
            "404": problem("The supplier is not known."),
            "409": problem("The supplier is paused or refused, or the requisition is no draft."),
            "413": problem("The body is too large."),
            "415": problem("The body is neither JSON nor a form."),
            "422": problem("A field is not one that is known."),
            "429": problem("The rate is used up."),
            "502": problem("No usable answer came from the supplier; the code says what came instead.")
        }
    })
}

fn returned(operation: &str, key: Option<&str>) -> Value {
    let page = |description: &str| json!({"description": description, "content": {"text/html": {"schema": {"type": "string"}}}});
    let form = json!({
        "type": "object",
        "description": "Names of fields are compared whatever their case. A cart by OCI has fields `NEW_ITEM-…[n]` instead.",
        "properties": {
            "cXML-base64": {"type": "string", "description": "The document in base64; looked for first."},
            "cXML-urlencoded": {"type": "string", "description": "The document as text."},
            "key": {"type": "string", "description": "OCI: the key of the visit, where the shop took the address apart."}
        },
        "additionalProperties": true
    });
    let mut operation = json!({
        "operationId": operation,
        "summary": "Bring a cart back.",
        "description": "Called by the user's browser, from a page of the supplier. No cookie and no token is looked at: the visit's own key routes. The same \
            document again is the same return. What was posted as a bare document, by a program, is answered in cXML and always by 200.",
        "security": [],
        "requestBody": {
            "required": true,
            "content": {
                "application/x-www-form-urlencoded": {"schema": form},
                "multipart/form-data": {"schema": form},
                "text/xml": {"schema": {"type": "string", "description": "A `PunchOutOrderMessage`."}}
            }
        },
        "responses": {
            "200": {
                "description": "To a program: a `Response` with a `Status` of 200, 400, 406, 409, 412, 499, 500 or 560.",
                "content": {"text/xml": {"schema": {"type": "string"}}}
            },
            "303": {"description": "To a browser: the cart was taken, now or before. `Location` is the console's page of the visit."},
            "400": page("The cart cannot be read; the page has code, place and what to tell the supplier."),
            "404": page("No visit is known by this key."),
            "409": page("Another cart came before, the requisition is no draft, or the document is a test."),
            "410": page("The visit was over; its owner may take the cart after all for a day."),
            "413": page("The body is larger than is taken."),
            "422": page("In some lines something would have to be guessed."),
            "429": page("Too many carts came."),
            "503": page("Something failed on our side.")
        }
    });
    if let Some(key) = key {
        operation["parameters"] = json!([path_parameter(key, "The key of the visit.")]);
    }
    operation
}

fn received() -> Value {
    json!({
        "operationId": "sendSupplierDocument",
        "summary": "Send a confirmation, a ship notice, an invoice, a receipt, an update of a status, or a question for the profile.",
        "description": "Called by the supplier. The `Sender` credential of the document proves it: one of the supplier's names, and the secret that it was given here.",
        "security": [],
        "parameters": [path_parameter(documents::door::SUPPLIER, "The supplier's id here.")],
        "requestBody": {
            "required": true,
            "content": {"text/xml": {"schema": {"type": "string", "description": "A `Request` of cXML."}}}
        },
        "responses": {
            "200": {
                "description": "A `Response` with a `Status`, whatever it says: 200 taken in; 400 not to be taken; 401 not proven; 406 not readable; 409 another \
                    document of this payload id; 412 unknown order; 499 too large; 500 our fault; 560 too much at once, to be sent again.",
                "content": {"text/xml": {"schema": {"type": "string"}}}
            }
        }
    })
}

fn path_parameter(name: &str, description: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": description, "schema": {"type": "string"}})
}

fn schemas() -> Value {
    let id =
        |description: &str| json!({"type": "string", "format": "uuid", "description": description});
    json!({
        "Start": {
            "type": "object",
            "required": ["supplier"],
            "properties": {
                "supplier": id("To whose shop."),
                "operation": {"type": "string", "enum": ["create", "edit", "inspect"], "default": "create"},
                "requisition": id("Which cart is changed or looked at."),
                "unit": id("For which unit something new is bought."),
                "location": id("Where it is to be sent."),
                "costCentre": {"type": "string", "description": "Who pays."}
            }
        },
        "Started": {
            "type": "object",
            "required": ["session", "expiresAt"],
            "properties": {
                "session": id("The visit."),
                "location": {"type": "string", "format": "uri", "description": "Where the browser goes; for cXML."},
                "form": {
                    "type": "object",
                    "description": "What the browser posts; for OCI.",
                    "required": ["action", "fields"],
                    "properties": {
                        "action": {"type": "string", "format": "uri"},
                        "fields": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["name", "value"],
                                "properties": {"name": {"type": "string"}, "value": {"type": "string"}}
                            }
                        }
                    }
                },
                "expiresAt": {"type": "string", "format": "date-time", "description": "Until when a cart is taken by itself."}
            }
        },
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "code", "requestId"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "code": {"type": "string"},
                "requestId": {"type": "string"}
            }
        }
    })
}
