//! What a caller gets to see: every list walked, and what it names followed.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use serde_json::Value;

use super::document::Operation;
use crate::client::Client;
use crate::server::Server;

/// Pages of one list; more would name no more kinds of things.
const PAGES_MAX: usize = 40;
/// Things of one kind that are looked at in detail.
const DETAILS_MAX: usize = 20;

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
    Tag,
    Serial,
    Text,
    Cursor,
}

impl Kind {
    /// Whether a value of this kind is by itself a fact about its owner; words are anybody's.
    pub const fn is_telling(self) -> bool {
        !matches!(self, Self::Text)
    }
}

/// Somebody with what they have seen.
#[derive(Debug)]
pub struct Caller {
    pub slug: &'static str,
    pub person: &'static str,
    pub token: String,
    pub seen: Seen,
}

/// Everything that somebody has been answered with.
#[derive(Debug, Default)]
pub struct Seen {
    /// By what it names.
    pub names: BTreeMap<Kind, BTreeSet<String>>,
    /// Every text.
    pub texts: BTreeSet<String>,
}

/// Walks every list and looks at some of what is in it.
pub fn crawl(server: &Server, token: &str, operations: &[Operation]) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    let mut client = Client::connect(server.address)?;
    let (lists, details): (Vec<_>, Vec<_>) = operations
        .iter()
        .partition(|operation| !operation.has_path_parameter());
    for operation in lists {
        seen.walk(&mut client, token, &operation.id, &operation.pattern)?;
    }
    for operation in details {
        let Some(parameter) = operation
            .parameters
            .iter()
            .find(|parameter| parameter.in_path)
        else {
            continue;
        };
        let values: Vec<String> = seen
            .names
            .get(&parameter.kind)
            .into_iter()
            .flatten()
            .take(DETAILS_MAX)
            .cloned()
            .collect();
        for value in values {
            let target = operation.target(parameter, &value, &BTreeMap::new());
            seen.walk(&mut client, token, &operation.id, &target)?;
        }
    }
    Ok(seen)
}

impl Seen {
    fn walk(
        &mut self,
        client: &mut Client,
        token: &str,
        operation: &str,
        target: &str,
    ) -> anyhow::Result<()> {
        let mut page = format!("{target}?limit=100");
        for _ in 0..PAGES_MAX {
            let mut answer = client.get(&page, Some(token))?;
            if answer.status == 400 && page != target {
                // Not a list.
                target.clone_into(&mut page);
                answer = client.get(&page, Some(token))?;
            }
            if answer.status != 200 {
                // An operation for other roles, or for what this caller has none of.
                return if answer.status < 500 {
                    Ok(())
                } else {
                    bail!("{page} answers {}", answer.status)
                };
            }
            let Ok(body) = serde_json::from_slice::<Value>(answer.body) else {
                return Ok(());
            };
            self.take(operation, &body["data"]);
            let Some(cursor) = body["meta"]["nextCursor"].as_str() else {
                return Ok(());
            };
            self.note(Kind::Cursor, &body["meta"]["nextCursor"]);
            page = format!("{target}?limit=100&cursor={cursor}");
        }
        Ok(())
    }

    fn take(&mut self, operation: &str, data: &Value) {
        self.take_texts(data);
        for row in data.as_array().into_iter().flatten() {
            let kind = match operation {
                "listAssets" => Kind::Asset,
                "listPeople" => Kind::Person,
                "listSites" => Kind::Site,
                "listUnits" => Kind::Unit,
                "listTickets" => Kind::Ticket,
                _ => continue,
            };
            self.note(kind, &row["id"]);
            self.note(Kind::Tag, &row["tag"]);
            self.note(Kind::Serial, &row["serial"]);
            self.note(Kind::Category, &row["category"]["id"]);
            self.note(Kind::Model, &row["model"]["id"]);
            for name in ["name", "description", "tag", "serial"] {
                let words = row[name].as_str().unwrap_or_default().split(' ');
                for word in words.filter(|word| word.len() > 3) {
                    self.note(Kind::Text, &Value::from(word));
                }
            }
        }
    }

    fn take_texts(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                self.texts.insert(text.clone());
            }
            Value::Array(items) => items.iter().for_each(|item| self.take_texts(item)),
            Value::Object(members) => members.values().for_each(|member| self.take_texts(member)),
            _ => {}
        }
    }

    fn note(&mut self, kind: Kind, value: &Value) {
        if let Some(text) = value.as_str() {
            self.names.entry(kind).or_default().insert(text.to_owned());
        }
    }
}
