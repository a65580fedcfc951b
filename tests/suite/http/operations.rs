//! Every operation of the published document, and how its parameters are filled in. A new route is met by the generated suites without a
//! word here, unless it has a parameter of a new sort: then they fail until this file says what it names.

use std::collections::BTreeSet;

use poem::http::Method;
use serde_json::Value;

/// What a parameter names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Asset,
    Person,
    Site,
    Unit,
    Category,
    Model,
    Ticket,
    Push,
    Tag,
    Serial,
    Text,
    Instant,
    Number,
    Limit,
    Cursor,
    Closed,
}

impl Kind {
    /// The sorts that name something of an organisation.
    pub const REFERENCES: [Self; 11] = [
        Self::Asset,
        Self::Person,
        Self::Site,
        Self::Unit,
        Self::Category,
        Self::Model,
        Self::Ticket,
        Self::Push,
        Self::Tag,
        Self::Serial,
        Self::Text,
    ];

    /// Whether it is spelled as a UUID.
    pub fn is_id(self) -> bool {
        self <= Self::Push
    }
}

/// A parameter of an operation.
#[derive(Debug, Clone)]
pub struct Parameter {
    pub name: String,
    pub kind: Kind,
    /// Whether it cannot be left out.
    pub required: bool,
    /// The members of a closed set.
    pub words: Vec<String>,
}

/// An operation.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    pub method: Method,
    pub pattern: String,
    pub path: Vec<Parameter>,
    pub query: Vec<Parameter>,
    pub takes_body: bool,
    /// Statuses the document declares, by reference or not.
    pub statuses: BTreeSet<u16>,
    /// Those of its own: the successes.
    pub own_statuses: BTreeSet<u16>,
}

impl Operation {
    /// The path with its parameters filled in and percent-encoded.
    pub fn path_with(&self, value: impl Fn(&Parameter) -> String) -> String {
        self.path
            .iter()
            .fold(self.pattern.clone(), |path, parameter| {
                let placeholder = format!("{{{}}}", parameter.name);
                path.replace(&placeholder, &encode(&value(parameter)))
            })
    }

    /// The parameter that takes a cursor.
    pub fn cursor(&self) -> Option<&Parameter> {
        self.query
            .iter()
            .find(|parameter| parameter.kind == Kind::Cursor)
    }

    /// The query without which it is not answered.
    pub fn needs(&self) -> String {
        let needed = self.query.iter().find(|parameter| parameter.required);
        needed
            .map(|parameter| format!("?{}=1", parameter.name))
            .unwrap_or_default()
    }

    /// Whether it changes nothing.
    pub fn reads(&self) -> bool {
        self.method == Method::GET
    }
}

/// Every operation of a document.
pub fn all(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations: Vec<Operation> = paths
        .flat_map(|(pattern, item)| {
            item.as_object()
                .into_iter()
                .flatten()
                .map(move |(method, operation)| (pattern, method, operation))
        })
        .filter(|(_, method, _)| *method != "parameters")
        .map(|(pattern, method, operation)| read(document, pattern, method, operation))
        .collect();
    assert!(operations.len() >= 12, "the document has shrunk");
    operations
}

fn read(document: &Value, pattern: &str, method: &str, operation: &Value) -> Operation {
    let id = operation["operationId"].as_str().expect("an operationId");
    let parameters = |place: &str| -> Vec<Parameter> {
        operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|parameter| resolved(document, parameter))
            .filter(|parameter| parameter["in"] == place)
            .map(|parameter| read_parameter(document, id, parameter))
            .collect()
    };
    let responses = operation["responses"].as_object().expect("responses");
    let status = |(status, _): (&String, &Value)| status.parse::<u16>().ok();
    let method = method.to_uppercase();
    Operation {
        id: id.to_owned(),
        method: Method::from_bytes(method.as_bytes()).expect("a method"),
        pattern: pattern.to_owned(),
        path: parameters("path"),
        query: parameters("query"),
        takes_body: !operation["requestBody"].is_null(),
        statuses: responses.iter().filter_map(status).collect(),
        own_statuses: responses
            .iter()
            .filter(|(_, response)| response["$ref"].is_null())
            .filter_map(status)
            .collect(),
    }
}

fn read_parameter(document: &Value, operation: &str, parameter: &Value) -> Parameter {
    let name = parameter["name"].as_str().expect("a name");
    let words: Vec<String> = resolved(document, &parameter["schema"])["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|word| word.as_str().map(ToOwned::to_owned))
        .collect();
    let kind = match (operation, name) {
        ("getAsset" | "getAssetHistory" | "listAssetTickets", "id") | (_, "asset") => Kind::Asset,
        ("getTicket", "id") => Kind::Ticket,
        ("getPerson", "id") | (_, "holder") => Kind::Person,
        ("getSite", "id") | (_, "site") => Kind::Site,
        ("unregisterPush", "id") => Kind::Push,
        (_, "tag") => Kind::Tag,
        (_, "serial") => Kind::Serial,
        (_, "unit") => Kind::Unit,
        (_, "category") => Kind::Category,
        (_, "model") => Kind::Model,
        (_, "q") => Kind::Text,
        ("listChanges", "after") | (_, "cursor") => Kind::Cursor,
        (_, "after" | "from" | "to" | "index" | "size") => Kind::Number,
        (_, "asOf" | "updatedSince") => Kind::Instant,
        (_, "limit") => Kind::Limit,
        _ if !words.is_empty() => Kind::Closed,
        _ => panic!(
            "nothing says what `{name}` of {operation} names: tell tests/suite/http/operations.rs"
        ),
    };
    Parameter {
        name: name.to_owned(),
        kind,
        required: parameter["required"] == true && parameter["in"] == "query",
        words,
    }
}

/// Follows a reference within the document.
pub fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix('#'));
    match pointer {
        Some(pointer) => document
            .pointer(pointer)
            .expect("a reference that leads somewhere"),
        // A described reference of a schema that may be null.
        None => value["anyOf"]
            .as_array()
            .and_then(|members| members.first())
            .filter(|member| !member["$ref"].is_null())
            .map_or(value, |member| resolved(document, member)),
    }
}

/// Percent-encodes everything that is not unreserved.
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
