//! What is delivered, for the document: every event with its schema and an example.

use habeo_core::endpoint::topic::{Record, TEST, TOPICS};
use serde_json::{Map, Value, json};

const EVENT_ID: &str = "01932c5e-7b1a-7c3d-8e4f-000000000001";
const OBJECT_ID: &str = "01932c5e-7b1a-7c3d-8e4f-000000000002";
const UNIT_ID: &str = "01932c5e-7b1a-7c3d-8e4f-000000000003";

/// The `webhooks` of the document: one request for each name under which something is delivered.
#[must_use]
pub fn webhooks() -> Value {
    let mut webhooks = Map::new();
    let mut named = |name: &str, about: &str, kind: &str, generic: bool, change: &str| {
        webhooks.insert(
            name.to_owned(),
            operation(name, about, kind, generic, change),
        );
    };
    for topic in TOPICS {
        if let Some(name) = topic.name {
            let kind = match name.split('.').next() {
                Some("ticket") => "ticket",
                Some("mdm") => "device",
                Some("billing") => "org",
                _ => "asset",
            };
            named(name, topic.about, kind, false, topic.fact);
        }
    }
    for (record, about, change) in [
        (
            Record::Created,
            "Something entered the record.",
            "asset.registered",
        ),
        (
            Record::Updated,
            "Something about a record changed.",
            "asset.moved",
        ),
        (
            Record::Deleted,
            "Something was disposed of, or should never have been recorded.",
            "asset.disposed",
        ),
        (
            Record::BulkCreated,
            "A file of assets was entered.",
            "import.completed",
        ),
        (
            Record::SchemaUpdated,
            "What can be recorded changed: a category, a model, a maker.",
            "catalogue.model_added",
        ),
    ] {
        named(record.as_str(), about, "asset", true, change);
    }
    named(
        TEST,
        "Somebody wants to see whether the endpoint hears.",
        "endpoint",
        false,
        TEST,
    );
    webhooks.into()
}

fn operation(name: &str, about: &str, kind: &str, generic: bool, change: &str) -> Value {
    let mut id = String::from("on");
    for part in name.split(['.', '_']) {
        let mut letters = part.chars();
        id.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        id.push_str(letters.as_str());
    }
    let header = |name: &str, about: &str, example: &str| {
        json!({
            "name": name, "in": "header", "required": true, "description": about,
            "schema": {"type": "string"}, "example": example,
        })
    };
    json!({
        "post": {
            "operationId": id,
            "summary": about,
            "tags": ["events"],
            "security": [],
            "parameters": [
                header("X-Habeo-Event-Id", "The event's id; the same in every attempt.", EVENT_ID),
                header("X-Habeo-Delivery-Attempt", "Which attempt this is, from 1.", "1"),
                header("X-Habeo-Signature", "HMAC-SHA-256 of the exact body under the secret's text, in lower-case hexadecimal.",
                    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
                header("webhook-id", "The event's id (Standard Webhooks 1.0.0).", EVENT_ID),
                header("webhook-timestamp", "When the attempt was made, in Unix seconds.", "1780000000"),
                header("webhook-signature", "One or two signatures `v1,…`, separated by a space.",
                    "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="),
            ],
            "requestBody": {
                "required": true,
                "content": {"application/json": {"schema": schema(name, generic), "example": example(name, kind, generic, change)}},
            },
            "responses": {"200": {"description": "Any status of 200 to 299 accepts the delivery; every other is tried again for a day."}},
        },
    })
}

fn schema(name: &str, generic: bool) -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    let object = json!({
        "type": "object",
        "description": "What it is about.",
        "required": ["kind", "id"],
        "properties": {
            "kind": text("What sort of thing."),
            "id": {"type": "string", "format": "uuid", "description": "Which."},
            "tag": text("Its label, where it is an asset that has one."),
        },
    });
    let mut data = json!({
        "units": {"type": "array", "items": {"type": "string", "format": "uuid"}, "description": "The units that it concerns."},
        "actor": text("Who did it: `person:`, `key:` or `install:` with an id, or `system`."),
        "surface": text("How it came in."),
        "details": {"type": "object", "description": "What happened, as it is in the ledger. Fields are only ever added."},
    });
    let required = if generic {
        data["record"] = object;
        data["change"] = text("The name of what happened.");
        json!(["record", "change"])
    } else {
        data["object"] = object;
        json!(["object"])
    };
    json!({
        "type": "object",
        "required": ["id", "type", "timestamp", "sequence", "version", "data"],
        "properties": {
            "id": {"type": "string", "format": "uuid", "description": "The event's id; the same in every attempt and for every endpoint."},
            "type": {"type": "string", "const": name, "description": "The event's name."},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
            "sequence": {"type": "integer", "format": "int64", "minimum": 1,
                "description": "Counts the events that were announced of the object: the higher is the later."},
            "version": {"type": "integer", "format": "int32", "const": 1, "description": "The version of payloads that the endpoint is told in."},
            "data": {"type": "object", "required": required, "properties": data},
        },
    })
}

fn example(name: &str, kind: &str, generic: bool, change: &str) -> Value {
    let object = json!({"kind": kind, "id": OBJECT_ID});
    let mut data =
        json!({"units": [UNIT_ID], "actor": "system", "surface": "system", "details": {}});
    if generic {
        data["record"] = object;
        data["change"] = change.into();
    } else {
        data["object"] = object;
    }
    json!({
        "id": EVENT_ID,
        "type": name,
        "timestamp": "2026-05-01T10:00:00.000000Z",
        "sequence": 1,
        "version": 1,
        "data": data,
    })
}
