//! What the push service answers, read without believing that it is what it should be. Pure.
//!
//! A word that is not known, a member that is missing or is of another sort spoils nothing but itself: one phone of a hundred must not hide what
//! was said of the others.

use std::collections::BTreeMap;

use serde_json::Value;

/// What was said of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ticket {
    /// It was taken, under this name; none where it was given none.
    Taken(Option<String>),
    /// It was not, for this reason.
    Refused(Option<String>),
}

/// What was said of one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Receipt {
    /// The phone's maker took it.
    Delivered,
    /// It did not, for this reason.
    Failed(Option<String>),
}

/// Why a request was refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The service's word for it.
    pub code: Option<String>,
    /// Which tokens are of which project, where that is the reason.
    pub projects: BTreeMap<String, Vec<String>>,
}

/// An answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said<T> {
    /// What was asked for.
    Data(T),
    /// Why it was refused.
    Fault(Fault),
    /// Nothing that can be read.
    Nothing,
}

/// Reads the answer to messages. One object stands for a list of one.
pub(crate) fn tickets(body: &[u8]) -> Said<Vec<Ticket>> {
    read(body, |data| match data {
        Value::Array(tickets) => Some(tickets.iter().map(ticket).collect()),
        Value::Object(_) => Some(vec![ticket(data)]),
        _ => None,
    })
}

/// Reads the answer to a question after tickets: what was said of those of which anything was.
pub(crate) fn receipts(body: &[u8]) -> Said<BTreeMap<String, Receipt>> {
    read(body, |data| {
        let said = data.as_object()?.iter();
        Some(
            said.map(|(ticket, said)| (ticket.clone(), receipt(said)))
                .collect(),
        )
    })
}

fn read<T>(body: &[u8], data: impl Fn(&Value) -> Option<T>) -> Said<T> {
    let Ok(whole) = serde_json::from_slice::<Value>(body) else {
        return Said::Nothing;
    };
    let first = whole["errors"].as_array().and_then(|errors| errors.first());
    let read = whole.get("data").and_then(data);
    match (first, read) {
        (Some(first), _) => Said::Fault(fault(first)),
        (None, Some(read)) => Said::Data(read),
        (None, None) => Said::Nothing,
    }
}

fn ticket(said: &Value) -> Ticket {
    if said["status"].as_str() == Some("ok") {
        return Ticket::Taken(text(&said["id"]));
    }
    Ticket::Refused(code(said))
}

fn receipt(said: &Value) -> Receipt {
    if said["status"].as_str() == Some("ok") {
        return Receipt::Delivered;
    }
    Receipt::Failed(code(said))
}

fn code(said: &Value) -> Option<String> {
    text(&said["details"]["error"])
}

fn text(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(ToOwned::to_owned)
}

fn fault(first: &Value) -> Fault {
    let details = first["details"].as_object();
    let projects = details.into_iter().flatten().filter_map(|(project, of)| {
        let tokens = of.as_array()?.iter();
        let tokens = tokens.filter_map(|token| token.as_str().map(ToOwned::to_owned));
        Some((project.clone(), tokens.collect()))
    });
    Fault {
        code: text(&first["code"]),
        projects: projects.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(id: &str) -> Ticket {
        Ticket::Taken(Some(id.to_owned()))
    }

    fn refused(code: Option<&str>) -> Ticket {
        Ticket::Refused(code.map(ToOwned::to_owned))
    }

    #[test]
    fn one_odd_ticket_spoils_no_other() {
        let body = br#"{"data":[{"status":"ok","id":"a"},
            {"status":"error","message":"gone","details":{"error":"DeviceNotRegistered","expoPushToken":"x"}},
            {"status":"error","details":{"error":"InventedYesterday"}},
            {"status":"error","message":"no details"},{"status":"error","details":null},{"status":7},null,"x",
            {"status":"ok"},{"status":"ok","id":12},{"status":"ok","id":"b","more":{}}],"more":true}"#;
        let expected = vec![
            taken("a"),
            refused(Some("DeviceNotRegistered")),
            refused(Some("InventedYesterday")),
            refused(None),
            refused(None),
            refused(None),
            refused(None),
            refused(None),
            Ticket::Taken(None),
            Ticket::Taken(None),
            taken("b"),
        ];
        assert_eq!(tickets(body), Said::Data(expected));
    }

    #[test]
    fn an_object_is_a_list_of_one() {
        let body = br#"{"data":{"status":"ok","id":"a"}}"#;
        assert_eq!(tickets(body), Said::Data(vec![taken("a")]));
    }

    #[test]
    fn errors_count_whatever_else_is_said() {
        for body in [
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"m"}]}"#,
            r#"{"data":[],"errors":[{"code":"UNAUTHORIZED"}]}"#,
        ] {
            let fault = Fault {
                code: Some("UNAUTHORIZED".to_owned()),
                projects: BTreeMap::new(),
            };
            assert_eq!(tickets(body.as_bytes()), Said::Fault(fault));
        }
        let body = br#"{"errors":[{"code":"PUSH_TOO_MANY_EXPERIENCE_IDS","details":{"@a/one":["t1","t2"],"@b/two":["t3",4],"c":"odd"}}]}"#;
        let Said::Fault(fault) = tickets(body) else {
            panic!("a fault");
        };
        let tokens = |list: &[&str]| {
            list.iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(fault.projects.len(), 2);
        assert_eq!(fault.projects["@a/one"], tokens(&["t1", "t2"]));
        assert_eq!(fault.projects["@b/two"], tokens(&["t3"]));
        let nameless = tickets(br#"{"errors":[7]}"#);
        assert!(matches!(nameless, Said::Fault(Fault { code: None, .. })));
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for body in [
            "",
            "<html>",
            "null",
            "[]",
            "{}",
            r#"{"data":7}"#,
            r#"{"errors":[]}"#,
            r#"{"data":"x","errors":{}}"#,
        ] {
            assert_eq!(tickets(body.as_bytes()), Said::Nothing, "{body}");
        }
        assert_eq!(receipts(br#"{"data":[]}"#), Said::Nothing);
    }

    #[test]
    fn receipts_are_of_those_that_are_known() {
        let body = br#"{"data":{"a":{"status":"ok"},"b":{"status":"error","details":{"error":"MismatchSenderId"}},"c":{}}}"#;
        let Said::Data(said) = receipts(body) else {
            panic!("data");
        };
        assert_eq!(said["a"], Receipt::Delivered);
        assert_eq!(
            said["b"],
            Receipt::Failed(Some("MismatchSenderId".to_owned()))
        );
        assert_eq!(said["c"], Receipt::Failed(None));
        assert!(!said.contains_key("d"));
    }
}
