//! What a document says about paths: the operation behind a method and a path, and the query parameters it takes.

use std::collections::{BTreeMap, BTreeSet};

use poem::http::Method;
use serde_json::Value;

use super::Document;

/// One operation as a router sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its path with the parameters in braces: `/api/v1/assets/{id}`. Metrics label by it.
    pub template: String,
    /// Its operation id.
    pub id: String,
    /// Its query parameters by name, and whether each may be repeated.
    query: BTreeMap<String, Repeats>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeats {
    Once,
    ManyTimes,
}

impl Operation {
    /// The names of the query parameters this operation takes, sorted.
    pub fn query_names(&self) -> impl Iterator<Item = &str> {
        self.query.keys().map(String::as_str)
    }

    /// Whether this operation takes a query parameter of this name.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        self.query.contains_key(name)
    }

    /// Whether the parameter may occur several times in one query.
    #[must_use]
    pub fn repeats(&self, name: &str) -> bool {
        self.query.get(name) == Some(&Repeats::ManyTimes)
    }
}

/// Every operation of a document, found by method and path.
#[derive(Debug, Default)]
pub struct RouteTable {
    /// The more literal of two templates that match the same path comes first.
    paths: Vec<PathEntry>,
}

#[derive(Debug)]
struct PathEntry {
    segments: Vec<Segment>,
    operations: BTreeMap<String, Operation>,
}

/// Literal segments sort before parameters, so that `/assets/export` is found before `/assets/{id}`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter,
}

impl RouteTable {
    /// Reads the table from a lifted document.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let paths = document.value()["paths"].as_object().into_iter().flatten();
        let mut paths: Vec<_> = paths
            .map(|(template, item)| PathEntry::read(template, item))
            .collect();
        paths.sort_by(|one, other| one.segments.cmp(&other.segments));
        Self { paths }
    }

    /// The operation that answers, or none if the path or the method is unknown. HEAD is answered by GET.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<&Operation> {
        let operations = &self.entry(path)?.operations;
        let own = operations.get(method.as_str());
        own.or_else(|| operations.get("GET").filter(|_| *method == Method::HEAD))
    }

    /// The methods a path has, sorted, for the `Allow` header of a 405. Empty if there is no such path.
    #[must_use]
    pub fn allowed_methods(&self, path: &str) -> Vec<&str> {
        let mut methods: BTreeSet<&str> = self
            .entry(path)
            .into_iter()
            .flat_map(|entry| entry.operations.keys())
            .map(String::as_str)
            .collect();
        if methods.contains("GET") {
            methods.insert("HEAD");
        }
        methods.into_iter().collect()
    }

    /// Every operation with its method.
    pub fn operations(&self) -> impl Iterator<Item = (&str, &Operation)> {
        self.paths
            .iter()
            .flat_map(|entry| &entry.operations)
            .map(|(method, operation)| (method.as_str(), operation))
    }

    fn entry(&self, path: &str) -> Option<&PathEntry> {
        self.paths.iter().find(|entry| entry.matches(path))
    }
}

impl PathEntry {
    fn read(template: &str, item: &Value) -> Self {
        let methods = item
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| value.get("responses").is_some());
        let operations = methods
            .map(|(method, value)| (method.to_uppercase(), Operation::read(template, value)))
            .collect();
        let segments = template
            .split('/')
            .map(|part| {
                if part.starts_with('{') {
                    Segment::Parameter
                } else {
                    Segment::Literal(part.to_owned())
                }
            })
            .collect();
        Self {
            segments,
            operations,
        }
    }

    fn matches(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        let all = self
            .segments
            .iter()
            .all(|segment| match (segment, parts.next()) {
                (Segment::Literal(literal), Some(part)) => literal == part,
                (Segment::Parameter, Some(part)) => !part.is_empty(),
                (_, None) => false,
            });
        all && parts.next().is_none()
    }
}

impl Operation {
    fn read(template: &str, operation: &Value) -> Self {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let query = parameters
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| {
                let list = parameter["schema"]["type"] == "array" && parameter["explode"] != false;
                let repeats = if list {
                    Repeats::ManyTimes
                } else {
                    Repeats::Once
                };
                Some((parameter["name"].as_str()?.to_owned(), repeats))
            })
            .collect();
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Self {
            template: template.to_owned(),
            id,
            query,
        }
    }
}
