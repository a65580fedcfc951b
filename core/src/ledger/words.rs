//! What facts say in words: what happened, and what was before and is after, as far as a reader may know the names in it.

use serde_json::Value;
use uuid::Uuid;

use super::audit::Entry;
use crate::asset::Target;
use crate::id::LocationId;
use crate::time::Timestamp;

/// What a reader may know of whom and what a fact names.
pub trait Names {
    /// Who or what has custody.
    fn target(&self, target: Target) -> String;
    /// A unit, place, category, product, maker or person by its id; none where it is not to be named.
    fn name(&self, id: Uuid) -> Option<String>;
}

/// What happened, without who did it: `handed out to Ada Example`, `moved to Library`.
#[must_use]
pub fn told(entry: &Entry, names: &impl Names) -> String {
    let place = |key: &str| place(&entry.payload[key], names);
    let to = |place: Option<String>| {
        place
            .map(|place| format!(" to {place}"))
            .unwrap_or_default()
    };
    let kind = entry.kind.as_str();
    match kind {
        "asset.deployed" | "asset.loaned" | "asset.reassigned" => {
            let whom = target(entry).map(|target| names.target(target));
            let whom = whom.unwrap_or_else(|| "somebody".to_owned());
            match kind {
                "asset.loaned" => format!("lent to {whom}"),
                "asset.reassigned" => format!("handed on to {whom}"),
                _ => format!("handed out to {whom}"),
            }
        }
        "asset.returned" => format!("taken back{}", to(place("location"))),
        "asset.dispatched" => format!("sent{}", to(place("to"))),
        "asset.moved" => format!("moved{}", to(place("to"))),
        "asset.arrived" => {
            let at = place("location").map(|at| format!(" in {at}"));
            format!("arrived{}", at.unwrap_or_default())
        }
        "asset.missing" => match entry.payload["kind"].as_str() {
            Some("stolen") => "reported stolen".to_owned(),
            Some("damaged") => "reported destroyed".to_owned(),
            _ => "reported missing".to_owned(),
        },
        "ticket.changed" => changed_ticket(&entry.payload).to_owned(),
        _ => phrase(kind).map_or_else(|| spelled(kind), ToOwned::to_owned),
    }
}

/// To whom or what a fact gives custody.
#[must_use]
pub fn target(entry: &Entry) -> Option<Target> {
    match &entry.payload["target"] {
        Value::Null => None,
        target => serde_json::from_value(target.clone()).ok(),
    }
}

/// A ticket may have come to an asset, or left it, only then.
fn changed_ticket(payload: &Value) -> &'static str {
    let (from, to) = (&payload["links"]["from"], &payload["links"]["to"]);
    let some = |links: &Value| links.as_array().is_some_and(|links| !links.is_empty());
    match (some(from), some(to)) {
        (false, true) => "ticket linked to it",
        (true, false) => "ticket no longer about it",
        _ => "ticket changed",
    }
}

/// Something that a fact changed, in words; empty where there was nothing before, or is nothing after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub what: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// What a fact changed, where it says what was before.
#[must_use]
pub fn differences(entry: &Entry, names: &impl Names) -> Vec<Difference> {
    let payload = &entry.payload;
    let mut all = Vec::new();
    let mut add = |what: &str, before: &Value, after: &Value| {
        all.push(Difference {
            what: what.to_owned(),
            before: shown(before, names),
            after: shown(after, names),
        });
    };
    if let Some(changes) = payload["changes"].as_array() {
        for change in changes {
            let (from, to) = (&change["from"], &change["to"]);
            let field = to["field"].as_str().unwrap_or("field");
            add(&field_name(field), &from["value"], &to["value"]);
        }
    }
    match entry.kind.as_str() {
        "asset.moved" | "asset.dispatched" => add("place", &payload["from"], &payload["to"]),
        "asset.retagged" => add("tag", &payload["from"], &payload["to"]),
        "asset.renewed" => add(
            "due",
            &instant(&payload["dueFrom"]),
            &instant(&payload["dueAt"]),
        ),
        _ => {
            // Numbers are the times between which something happened, and lists are in the entry itself.
            let (from, to) = (&payload["from"], &payload["to"]);
            let texts = |value: &Value| matches!(value, Value::String(_) | Value::Null);
            let both = payload.get("from").and(payload.get("to")).is_some();
            if both && texts(from) && texts(to) {
                add("", from, to);
            }
        }
    }
    for (key, left) in [("fromState", true), ("toState", false)] {
        let Some(state) = payload.get(key) else {
            continue;
        };
        let other = state_of(&entry.kind).map_or(Value::Null, Value::from);
        if left {
            add("state", state, &other);
        } else {
            add("state", &other, state);
        }
    }
    all
}

/// The state that a fact leads to, or that it ends.
fn state_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "asset.dispatched" | "asset.arrived" => "in_transit",
        "asset.repair_started" | "asset.repair_ended" => "in_repair",
        "asset.missing" => "missing",
        "asset.retired" => "retired",
        _ => return None,
    })
}

/// An instant of a payload, to the minute.
fn instant(value: &Value) -> Value {
    let Some(micros) = value.as_i64() else {
        return Value::Null;
    };
    let text = Timestamp::from_micros(micros).to_string();
    let minute = text.get(..16).unwrap_or_default().replace('T', " ");
    Value::String(format!("{minute} UTC"))
}

fn place(value: &Value, names: &impl Names) -> Option<String> {
    let id = value["id"].as_str().or_else(|| value.as_str())?;
    let id: LocationId = id.parse().ok()?;
    Some(
        names
            .name(id.uuid())
            .unwrap_or_else(|| "a place".to_owned()),
    )
}

/// A value for people: names for ids, dates without their fractions, words without underscores.
fn shown(value: &Value, names: &impl Names) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => {
            if let Ok(id) = text.parse::<Uuid>() {
                return names.name(id).unwrap_or_else(|| text.clone());
            }
            let is_word = text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if is_word {
                text.replace('_', " ")
            } else {
                text.clone()
            }
        }
        Value::Object(members) if members.contains_key("id") => shown(&value["id"], names),
        other => other.to_string(),
    }
}

fn field_name(field: &str) -> String {
    match field {
        "cost_minor" => "cost in minor units".to_owned(),
        "acquired_on" => "bought on".to_owned(),
        "warranty_ends_on" => "warranty until".to_owned(),
        "po_no" => "purchase order".to_owned(),
        "invoice_no" => "invoice".to_owned(),
        "unit" => "owner".to_owned(),
        other => other.replace('_', " "),
    }
}

/// A kind nobody has words for: `chat_link.linked` becomes `chat link linked`.
fn spelled(kind: &str) -> String {
    kind.replace(['.', '_'], " ")
}

/// What a kind of fact says, without what it is about.
#[must_use]
pub fn phrase(kind: &str) -> Option<&'static str> {
    let found = KINDS.iter().find(|(known, _)| *known == kind);
    found.map(|(_, phrase)| *phrase)
}

/// Every kind of fact in words, by families.
pub const KINDS: &[(&str, &str)] = &[
    ("asset.ordered", "ordered"),
    ("asset.registered", "entered in the record"),
    ("asset.received", "received"),
    ("asset.tagged", "labelled"),
    ("asset.retagged", "labelled anew"),
    ("asset.deployed", "handed out"),
    ("asset.loaned", "lent"),
    ("asset.renewed", "loan extended"),
    ("asset.reassigned", "handed on"),
    ("asset.returned", "taken back"),
    ("asset.dispatched", "sent"),
    ("asset.arrived", "arrived"),
    ("asset.repair_started", "sent to repair"),
    ("asset.repair_ended", "back from repair"),
    ("asset.missing", "reported missing"),
    ("asset.found", "found"),
    ("asset.written_off", "written off"),
    ("asset.retired", "retired"),
    ("asset.reinstated", "in use again"),
    ("asset.surplused", "passed to surplus"),
    ("asset.disposed", "disposed of"),
    ("asset.cancelled", "order cancelled"),
    ("asset.voided", "voided"),
    ("asset.moved", "moved"),
    ("asset.noted", "note"),
    ("asset.field_changed", "record changed"),
    ("asset.corrected", "record corrected"),
    ("asset.merged", "merged into another record"),
    ("asset.absorbed", "another record was merged into it"),
    ("asset.unmerged", "parted from the other record"),
    ("asset.parted", "the other record was parted from it"),
    ("hold.placed", "hold placed"),
    ("hold.released", "hold released"),
    ("custody.ack_accepted", "receipt acknowledged"),
    ("mdm.enrolled", "came under device management"),
    ("mdm.checked_in", "heard of by device management"),
    ("mdm.unenrolled", "left device management"),
    ("mdm.proposed", "hand-over proposed"),
    ("mdm.accepted", "proposed hand-over accepted"),
    ("mdm.declined", "proposed hand-over declined"),
    ("identity.ref_linked", "linked to its device"),
    (
        "identity.ref_superseded",
        "an earlier enrollment of its device was noted",
    ),
    ("identity.re_enrolled", "its device was enrolled anew"),
    ("identity.case_opened", "case opened"),
    ("identity.merged", "case decided: merged"),
    ("identity.unmerged", "case decided anew: parted"),
    ("identity.kept_apart", "case decided: kept apart"),
    ("identity.ignored", "case decided: ignored"),
    ("identity.reopened", "case opened again"),
    ("ticket.opened", "ticket opened"),
    ("ticket.changed", "ticket changed"),
    ("ticket.resolved", "ticket resolved"),
    ("ticket.reopened", "ticket opened again"),
    ("ticket.deleted", "ticket removed"),
    ("supplier.created", "supplier connected"),
    ("supplier.configured", "settings of a supplier changed"),
    ("supplier.paused", "supplier paused"),
    ("supplier.resumed", "supplier resumed"),
    ("supplier.secret_set", "secret of a supplier set"),
    (
        "supplier.rotation_ended",
        "earlier secret of a supplier not accepted any more",
    ),
    ("supplier.removed", "supplier removed"),
    ("punchout.started", "went to a supplier's shop"),
    ("punchout.returned", "came back from a supplier's shop"),
    (
        "punchout.not_taken",
        "document from a supplier's shop not taken",
    ),
    ("punchout.answered", "empty cart answered"),
    ("punchout.closed", "visit to a supplier's shop ended"),
    ("requisition.created", "requisition made"),
    ("requisition.edited", "requisition changed in the shop"),
    (
        "requisition.lines_changed",
        "lines of a requisition changed",
    ),
    ("requisition.assigned", "requisition assigned"),
    ("requisition.submitted", "requisition submitted"),
    ("requisition.approved", "requisition approved"),
    ("requisition.rejected", "requisition rejected"),
    ("requisition.withdrawn", "requisition withdrawn"),
    ("requisition.reopened", "requisition opened again"),
    ("requisition.ordered", "requisition ordered"),
    ("approval.policy_set", "limits of approval set"),
    ("approval.delegated", "approval delegated"),
    ("approval.delegation_ended", "delegation of approval ended"),
    ("order.placed", "purchase order placed"),
    ("order.lines_added", "further lines of a purchase order"),
    ("order.versioned", "purchase order made ready to be sent"),
    ("order.sent", "purchase order answered by the supplier"),
    ("order.expected", "pieces of a purchase order expected"),
    (
        "order.lines_expected",
        "pieces of a purchase order expected",
    ),
    (
        "order.confirmed",
        "purchase order confirmed by the supplier",
    ),
    ("order.status_said", "status of a purchase order reported"),
    ("order.shipped", "shipment announced"),
    ("order.shipment_withdrawn", "shipment withdrawn"),
    ("order.invoiced", "purchase order invoiced"),
    (
        "order.line_stopped",
        "line of a purchase order waits for a decision",
    ),
    (
        "order.line_released",
        "line of a purchase order goes on as agreed",
    ),
    (
        "order.line_approved",
        "change of a purchase order's line accepted by the first of two",
    ),
    (
        "order.line_accepted",
        "change of a purchase order's line accepted",
    ),
    (
        "order.line_repriced",
        "price of a purchase order's line changed",
    ),
    ("order.line_cancelled", "line of a purchase order cancelled"),
    ("order.received", "pieces of a purchase order received"),
    ("order.document_taken", "document of a supplier taken in"),
    ("order.document_settled", "document of a supplier read"),
    ("person.registered", "person entered"),
    ("person.status_changed", "status of a person changed"),
    ("person.identity_linked", "account of a person linked"),
    ("person.identity_ended", "account of a person ended"),
    ("person.identity_barred", "account of a person barred"),
    ("person.identity_restored", "account of a person restored"),
    ("person.profile_changed", "profile of a person changed"),
    ("grant.given", "role given"),
    ("grant.ended", "role ended"),
    ("auth.login", "signed in"),
    ("auth.logout", "signed out"),
    ("auth.session_ended", "session ended by the issuer"),
    ("org.created", "organization founded"),
    ("org.renamed", "organization renamed"),
    ("org.closed", "organization closed"),
    ("org.opened", "organization opened again"),
    ("org.log_reopened", "ledger reopened after a restore"),
    ("audit.exported", "ledger exported"),
    ("unit.created", "unit added"),
    ("unit.policy_set", "policy of a unit set"),
    ("location.created", "place added"),
    ("catalogue.manufacturer_added", "maker added"),
    ("catalogue.category_added", "category added"),
    ("catalogue.model_added", "product added"),
    ("push_device.registered", "phone registered"),
    ("push_device.removed", "phone removed"),
    ("push_device.disabled", "phone not reached any more"),
    ("push_device.signed_out", "phone signed out"),
    ("notice.preferred", "notices chosen"),
    ("person.erased", "names erased"),
    ("webhook.in.accepted", "reports taken in"),
    ("app_client.registered", "app registered for others"),
    ("app_client.configured", "registration of an app changed"),
    ("app_client.rate_set", "rate of an app set"),
    ("app_client.secret_rotated", "secret of an app replaced"),
    ("app_client.rotation_ended", "former secret of an app ended"),
    ("app_client.status_set", "app stopped or started"),
    ("app_install.consented", "app installed"),
    ("app_install.suspended", "installed app suspended"),
    ("app_install.resumed", "installed app resumed"),
    ("app_install.uninstalled", "app uninstalled"),
    (
        "app_install.family_revoked",
        "tokens of an app revoked: one was used twice",
    ),
    ("import.begun", "import begun"),
    ("import.completed", "import completed"),
    ("export.begun", "export begun"),
    ("export.completed", "export completed"),
    ("install.connected", "workspace connected"),
    ("install.reconnected", "workspace connected again"),
    ("install.activated", "workspace in working order"),
    (
        "install.reinstall_needed",
        "workspace has to be connected again",
    ),
    ("install.configured", "settings of a workspace changed"),
    ("install.disconnected", "workspace disconnected"),
    ("chat_link.linked", "chat account linked"),
    ("chat_link.unlinked", "chat account unlinked"),
    ("bot.asked", "question asked"),
    ("bot.answered", "question answered"),
    ("bot.intent_created", "change proposed in a chat"),
    ("bot.intent_confirmed", "proposed change confirmed"),
    ("bot.intent_cancelled", "proposed change cancelled"),
    ("bot.intent_expired", "proposed change expired"),
    ("digest.subscribed", "channel subscribed to a digest"),
    ("digest.unsubscribed", "digest of a channel ended"),
    ("connection.created", "system connected"),
    ("connection.configured", "settings of a connection changed"),
    ("connection.paused", "connection paused"),
    ("connection.resumed", "connection resumed"),
    (
        "connection.secret_rotated",
        "secret of a connection replaced",
    ),
    (
        "connection.rotation_ended",
        "former secret of a connection ended",
    ),
    (
        "connection.delivery_used",
        "delivery of a connection worked off again",
    ),
    ("connection.removed", "connection removed"),
    ("app.created", "app entered"),
    ("app.renamed", "app renamed"),
    ("app.removed", "app removed"),
    ("api_key.created", "key of a program made"),
    ("api_key.revoked", "key of a program revoked"),
    ("webhook.endpoint_created", "endpoint added"),
    ("webhook.endpoint_changed", "endpoint changed"),
    ("webhook.endpoint_paused", "endpoint paused"),
    ("webhook.endpoint_resumed", "endpoint resumed"),
    ("webhook.endpoint_disabled", "endpoint disabled"),
    ("webhook.endpoint_removed", "endpoint removed"),
    ("webhook.secret_rotated", "secret of an endpoint replaced"),
    (
        "webhook.rotation_ended",
        "former secret of an endpoint ended",
    ),
    ("webhook.delivered", "deliveries accepted"),
    ("webhook.exhausted", "delivery given up"),
    ("webhook.test", "test event sent"),
    ("webhook.redelivered", "deliveries made once more"),
    ("event.emitted", "event said by a program"),
    (
        "billing.customer_linked",
        "customer of the billing service linked",
    ),
    (
        "billing.customer_detached",
        "customer of the billing service detached",
    ),
    ("billing.seats_changed", "licence changed"),
    ("billing.grace_entered", "licence ended, grace begun"),
    ("billing.grace_left", "grace ended"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::json;

    use super::*;

    /// Every kind that a fact can have is the name of a member of an enum in a noun's `event.rs`.
    fn kinds_in(folder: &Path, found: &mut BTreeSet<String>) {
        for item in std::fs::read_dir(folder).expect("a folder of the sources") {
            let path = item.expect("an item of it").path();
            if path.is_dir() {
                kinds_in(&path, found);
            } else if path
                .file_name()
                .is_some_and(|name| name == "event.rs" || name == "emitted.rs")
            {
                let text = std::fs::read_to_string(&path).expect("a source");
                let names = text.split("#[serde(rename = \"").skip(1);
                let names = names.filter_map(|rest| rest.split('"').next());
                found.extend(
                    names
                        .filter(|name| name.contains('.'))
                        .map(ToOwned::to_owned),
                );
            }
        }
    }

    #[test]
    fn every_kind_of_fact_has_words() {
        let mut kinds = BTreeSet::new();
        kinds_in(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut kinds,
        );
        assert!(kinds.len() > 100, "{kinds:?}");
        let told: BTreeSet<String> = KINDS.iter().map(|(kind, _)| (*kind).to_owned()).collect();
        assert_eq!(told, kinds);
        assert_eq!(told.len(), KINDS.len(), "none has words twice");
    }

    struct Nobody;

    impl Names for Nobody {
        fn target(&self, _: Target) -> String {
            "somebody".to_owned()
        }

        fn name(&self, id: Uuid) -> Option<String> {
            (id == Uuid::from_u128(1)).then(|| "Library".to_owned())
        }
    }

    fn entry(kind: &str, payload: &Value) -> Entry {
        let entry = json!({
            "index": 0, "eventId": Uuid::from_u128(9), "type": kind, "stream": "asset:x", "occurredAt": 0, "recordedAt": 0,
            "actor": {"principal": "system", "role": "org_admin"}, "surface": "system", "units": [], "payload": payload,
        });
        serde_json::from_value(entry).expect("an entry")
    }

    #[test]
    fn what_was_before_is_told() {
        let library = Uuid::from_u128(1);
        let cases = [
            (
                "asset.field_changed",
                json!({"changes": [{"from": {"field": "po_no", "value": null}, "to": {"field": "po_no", "value": "PO 7"}}]}),
                vec![("purchase order", "", "PO 7")],
            ),
            (
                "asset.moved",
                json!({"from": null, "to": {"id": library, "site": library}}),
                vec![("place", "", "Library")],
            ),
            (
                "asset.renewed",
                json!({"dueFrom": null, "dueAt": 86_400_000_000_i64}),
                vec![("due", "", "1970-01-02 00:00 UTC")],
            ),
            (
                "asset.retired",
                json!({"fromState": "in_use"}),
                vec![("state", "in use", "retired")],
            ),
            (
                "org.renamed",
                json!({"from": "A", "to": "B"}),
                vec![("", "A", "B")],
            ),
            (
                "ticket.changed",
                json!({"links": {"from": [], "to": []}}),
                vec![],
            ),
            ("webhook.delivered", json!({"from": 1, "to": 2}), vec![]),
            ("asset.unmerged", json!({"from": library}), vec![]),
            ("asset.noted", Value::Null, vec![]),
        ];
        for (kind, payload, expected) in cases {
            let told = differences(&entry(kind, &payload), &Nobody);
            let told: Vec<(&str, &str, &str)> = told
                .iter()
                .map(|one| (one.what.as_str(), one.before.as_str(), one.after.as_str()))
                .collect();
            assert_eq!(told, expected, "{kind}");
        }
        assert_eq!(
            told(
                &entry("asset.moved", &json!({"to": {"id": library}})),
                &Nobody
            ),
            "moved to Library"
        );
        assert_eq!(
            told(&entry("new.kind_of", &Value::Null), &Nobody),
            "new kind of"
        );
    }
}
