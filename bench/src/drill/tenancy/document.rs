//! What can be asked, read from the published description: a new operation is tried without a word here.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::crawl::Kind;
use crate::client::Client;
use crate::server::Server;
use crate::terminal::complain;

/// A parameter that names something.
#[derive(Debug, Clone)]
pub struct Parameter {
    pub name: String,
    pub kind: Kind,
    pub in_path: bool,
}

/// An operation that reads.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    pub pattern: String,
    pub parameters: Vec<Parameter>,
}

impl Operation {
    pub fn has_path_parameter(&self) -> bool {
        self.pattern.contains('{')
    }

    /// The address with one parameter set; the others of the path from what the caller has, those of the query left out.
    pub fn target(
        &self,
        parameter: &Parameter,
        value: &str,
        own: &BTreeMap<Kind, String>,
    ) -> String {
        let mut path = self.pattern.clone();
        for other in self.parameters.iter().filter(|other| other.in_path) {
            let filled = if other.name == parameter.name {
                value
            } else {
                own.get(&other.kind).map_or("x", String::as_str)
            };
            path = path.replace(&format!("{{{}}}", other.name), &encode(filled));
        }
        if parameter.in_path {
            path
        } else {
            format!("{path}?{}={}", parameter.name, encode(value))
        }
    }
}

/// Every operation of the server that reads and takes a name of something.
pub fn operations(server: &Server) -> anyhow::Result<Vec<Operation>> {
    let mut client = Client::connect(server.address)?;
    let answer = client.get("/api/v1/openapi.json", None)?;
    let document: Value = serde_json::from_slice(answer.body).context("no description")?;
    let paths = document["paths"].as_object().context("no paths")?;
    let mut operations = Vec::new();
    for (pattern, item) in paths {
        let operation = &item["get"];
        let Some(id) = operation["operationId"].as_str() else {
            continue;
        };
        let mut parameters = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(&document, parameter);
            let (name, place) = (
                parameter["name"].as_str().unwrap_or_default(),
                &parameter["in"],
            );
            let in_path = place == "path";
            if !in_path && place != "query" {
                continue;
            }
            match kind_of(id, name) {
                Some(kind) => parameters.push(Parameter {
                    name: name.to_owned(),
                    kind,
                    in_path,
                }),
                None if in_path => complain(&format!(
                    "nothing says what {name} of {id} names; it is not tried"
                )),
                None => {}
            }
        }
        operations.push(Operation {
            id: id.to_owned(),
            pattern: pattern.clone(),
            parameters,
        });
    }
    ensure!(operations.len() >= 10, "the description has shrunk");
    Ok(operations)
}

fn kind_of(operation: &str, name: &str) -> Option<Kind> {
    Some(match (operation, name) {
        ("getAsset" | "getAssetHistory" | "listAssetTickets", "id") | (_, "asset") => Kind::Asset,
        ("getTicket", "id") => Kind::Ticket,
        ("getPerson", "id") | (_, "holder") => Kind::Person,
        ("getSite", "id") | (_, "site") => Kind::Site,
        (_, "unit") => Kind::Unit,
        (_, "category") => Kind::Category,
        (_, "model") => Kind::Model,
        (_, "tag") => Kind::Tag,
        (_, "serial") => Kind::Serial,
        (_, "q") => Kind::Text,
        (_, "cursor") => Kind::Cursor,
        _ => return None,
    })
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix('#'));
    pointer
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(value)
}

fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
