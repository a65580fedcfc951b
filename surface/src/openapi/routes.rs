//! What is known of the routes: their patterns for the log, their methods for `Allow`, their query parameters for typing errors.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::http::{HeaderValue, Method};
use serde_json::Value;

use super::Document;

/// The methods an operation can have. The edge refuses the others before they are routed.
pub(crate) const METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

/// One operation of a route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operation {
    id: Option<String>,
    secured: bool,
    /// By name. None at all where the query is nobody's business.
    query: Option<BTreeMap<String, Occurs>>,
}

/// How often a query parameter may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occurs {
    Once,
    ManyTimes,
}

impl Operation {
    /// An operation that is open to all and lets every query pass, such as a page: a link to it may carry words that somebody
    /// else added.
    #[must_use]
    pub fn page() -> Self {
        Self::default()
    }

    /// Its id in the document, if it is in one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether it asks for a caller.
    #[must_use]
    pub const fn is_secured(&self) -> bool {
        self.secured
    }

    /// The names of the query parameters it takes, sorted.
    pub fn query_names(&self) -> impl Iterator<Item = &str> {
        self.query.iter().flatten().map(|(name, _)| name.as_str())
    }

    /// Whether it takes a query parameter of this name.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        self.query
            .as_ref()
            .is_none_or(|query| query.contains_key(name))
    }

    /// Whether the parameter may occur several times in one query.
    #[must_use]
    pub fn repeats(&self, name: &str) -> bool {
        self.query
            .as_ref()
            .is_none_or(|query| query.get(name) == Some(&Occurs::ManyTimes))
    }
}

/// One path pattern and its operations.
#[derive(Debug, Clone)]
pub struct RoutePattern {
    pattern: Arc<str>,
    segments: Vec<Segment>,
    operations: BTreeMap<String, Operation>,
}

/// Literal segments sort before parameters, so that `/assets/export` is found before `/assets/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter,
}

impl RoutePattern {
    fn new(pattern: &str) -> Self {
        let segment = |part: &str| match parameter_name(part) {
            Some(_) => Segment::Parameter,
            None => Segment::Literal(part.to_owned()),
        };
        Self {
            pattern: pattern.into(),
            segments: pattern.split('/').map(segment).collect(),
            operations: BTreeMap::new(),
        }
    }

    /// The path with its parameters in braces: `/api/v1/assets/{id}`. Logs and metrics name a route by it.
    #[must_use]
    pub fn pattern(&self) -> &Arc<str> {
        &self.pattern
    }

    /// The names of the path parameters in order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.pattern.split('/').filter_map(parameter_name)
    }

    /// The operation of a method; HEAD is answered by GET.
    #[must_use]
    pub fn operation(&self, method: &Method) -> Option<&Operation> {
        let own = self.operations.get(method.as_str());
        own.or_else(|| {
            self.operations
                .get("GET")
                .filter(|_| *method == Method::HEAD)
        })
    }

    /// The value of `Allow`: the methods, sorted.
    #[must_use]
    pub fn allow(&self) -> Option<HeaderValue> {
        let mut methods: Vec<&str> = self.operations.keys().map(String::as_str).collect();
        if methods.contains(&"GET") && !methods.contains(&"HEAD") {
            methods.push("HEAD");
        }
        methods.sort_unstable();
        HeaderValue::try_from(methods.join(", ")).ok()
    }

    fn matches(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        let fits = self
            .segments
            .iter()
            .all(|segment| match (segment, parts.next()) {
                (Segment::Literal(literal), Some(part)) => literal == part,
                (Segment::Parameter, Some(part)) => !part.is_empty(),
                (_, None) => false,
            });
        fits && parts.next().is_none()
    }
}

/// Every route the server wants to be known, of all its documents and beside them.
///
/// A path that is not in it is served all the same: its 405 lists every method, its query is not checked, and the log has no
/// pattern for it.
#[derive(Debug, Clone, Default)]
pub struct RouteTable {
    /// The more literal of two patterns that match the same path comes first.
    routes: Vec<RoutePattern>,
}

impl RouteTable {
    /// The operations of a document.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        Self::default().document(document)
    }

    /// Adds the operations of a document, whose paths are whole.
    #[must_use]
    pub fn document(mut self, document: &Document) -> Self {
        let document = document.value();
        for (pattern, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                // Beside its methods a path has what they share.
                if let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes())
                    && METHODS.contains(&method)
                {
                    let operation = Operation::read(operation, &item["parameters"], document);
                    self = self.operation(pattern, &method, operation);
                }
            }
        }
        self
    }

    /// Adds one operation; the pattern is written `/assets/{id}`.
    #[must_use]
    pub fn operation(mut self, pattern: &str, method: &Method, operation: Operation) -> Self {
        let new = RoutePattern::new(pattern);
        let place = self
            .routes
            .binary_search_by(|route| route.segments.cmp(&new.segments));
        let index = place.unwrap_or_else(|index| {
            self.routes.insert(index, new);
            index
        });
        self.routes[index]
            .operations
            .insert(method.to_string(), operation);
        self
    }

    /// Adds pages: paths with a GET that is open to all.
    #[must_use]
    pub fn pages<P: AsRef<str>>(self, patterns: impl IntoIterator<Item = P>) -> Self {
        patterns.into_iter().fold(self, |table, pattern| {
            table.operation(pattern.as_ref(), &Method::GET, Operation::page())
        })
    }

    /// Adds paths with a POST that its sender signs; there is no query, and no document describes them.
    #[must_use]
    pub fn signed<P: AsRef<str>>(self, patterns: impl IntoIterator<Item = P>) -> Self {
        patterns.into_iter().fold(self, |table, pattern| {
            table.operation(pattern.as_ref(), &Method::POST, Operation::page())
        })
    }

    /// The route of a path; literal segments win over parameters.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&RoutePattern> {
        self.routes.iter().find(|route| route.matches(path))
    }

    /// Every operation with its pattern and its method.
    pub fn operations(&self) -> impl Iterator<Item = (&str, &str, &Operation)> {
        self.routes.iter().flat_map(|route| {
            route
                .operations
                .iter()
                .map(|(method, operation)| (&*route.pattern, method.as_str(), operation))
        })
    }
}

/// The name in a segment such as `{id}`.
fn parameter_name(part: &str) -> Option<&str> {
    part.strip_prefix('{')?
        .strip_suffix('}')
        .filter(|name| !name.is_empty())
}

impl Operation {
    fn read(operation: &Value, shared: &Value, document: &Value) -> Self {
        let query = [shared, &operation["parameters"]]
            .into_iter()
            .filter_map(Value::as_array)
            .flatten()
            .map(|parameter| resolved(parameter, document))
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| {
                let name = parameter["name"].as_str()?.to_owned();
                Some((name, Occurs::read(parameter, document)))
            })
            .collect();
        let security = operation.get("security").unwrap_or(&document["security"]);
        Self {
            id: operation["operationId"].as_str().map(ToOwned::to_owned),
            secured: security
                .as_array()
                .is_some_and(|schemes| !schemes.is_empty()),
            query: Some(query),
        }
    }
}

impl Occurs {
    fn read(parameter: &Value, document: &Value) -> Self {
        let schema = resolved(&parameter["schema"], document);
        if schema["type"] == "array" && parameter["explode"] != false {
            Self::ManyTimes
        } else {
            Self::Once
        }
    }
}

fn resolved<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    value["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix('#'))
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::openapi::{FailureShape, Lift};

    fn document(paths: &Value) -> Document {
        let spec = json!({
            "openapi": "3.0.0",
            "info": {"title": "t", "version": "1"},
            "components": {
                "parameters": {"q": {"name": "q", "in": "query", "schema": {"type": "string"}}},
                "schemas": {"States": {"type": "array", "items": {"type": "string"}}},
            },
            "paths": paths,
        });
        let lift = Lift {
            public: &["getAsset"],
            failure: FailureShape::problem(),
        };
        Document::lift(&spec.to_string(), &lift).expect("a document")
    }

    fn operation(id: &str) -> Value {
        json!({"operationId": id, "summary": id, "security": [{"S": []}], "responses": {}})
    }

    fn table() -> RouteTable {
        let mut list = operation("listAssets");
        list["parameters"] = json!([
            {"$ref": "#/components/parameters/q"},
            {"name": "unit", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
            {"name": "state", "in": "query", "schema": {"$ref": "#/components/schemas/States"}},
            {"name": "sort", "in": "query", "explode": false, "schema": {"type": "array"}},
        ]);
        let mut get = operation("getAsset");
        get.as_object_mut().expect("an object").remove("security");
        let one = document(&json!({
            "/api/v1/assets": {
                "parameters": [{"name": "limit", "in": "query"}, {"name": "X-A", "in": "header"}],
                "get": list,
            },
            "/api/v1/assets/{id}": {"get": get, "delete": operation("deleteAsset")},
            "/api/v1/assets/lost": {"post": operation("reportLost")},
        }));
        let mut other = operation("getAsset");
        other.as_object_mut().expect("an object").remove("security");
        let other = document(&json!({"/public/v1/me": {"get": other}}));
        RouteTable::of(&one)
            .document(&other)
            .pages(["/healthz", "/api/v1/docs/{file}"])
    }

    #[test]
    fn a_document_is_read() {
        let table = table();
        let route = table.find("/api/v1/assets").expect("the list");
        let list = route.operation(&Method::HEAD).expect("GET serves HEAD");
        assert!(list.is_secured());
        assert_eq!(list.id(), Some("listAssets"));
        assert_eq!(
            list.query_names().collect::<Vec<_>>(),
            ["limit", "q", "sort", "state", "unit"]
        );
        assert!(list.takes("q") && !list.takes("X-A"));
        for (name, repeats) in [
            ("limit", false),
            ("q", false),
            ("sort", false),
            ("state", true),
            ("unit", true),
        ] {
            assert_eq!(list.repeats(name), repeats, "{name}");
        }
        assert_eq!(route.allow().expect("methods"), "GET, HEAD");
        let one = table.find("/api/v1/assets/7").expect("one");
        assert_eq!(&**one.pattern(), "/api/v1/assets/{id}");
        assert_eq!(one.parameters().collect::<Vec<_>>(), ["id"]);
        assert_eq!(one.allow().expect("methods"), "DELETE, GET, HEAD");
        assert!(!one.operation(&Method::GET).expect("open").is_secured());
        assert_eq!(one.operation(&Method::PUT), None);
    }

    #[test]
    fn literal_segments_win_and_lengths_count() {
        let table = table();
        let lost = table.find("/api/v1/assets/lost").expect("the literal");
        assert_eq!(&**lost.pattern(), "/api/v1/assets/lost");
        for path in ["/api/v1/assets/", "/api/v1/assets/7/x", "/assets", ""] {
            assert!(table.find(path).is_none(), "{path}");
        }
        let table = RouteTable::default().pages(["/{a}/c", "/b/{a}"]);
        let found = table.find("/b/c").expect("both match");
        assert_eq!(&**found.pattern(), "/b/{a}", "the first segment decides");
    }

    #[test]
    fn documents_and_pages_are_one_table() {
        let table = table();
        assert!(table.find("/public/v1/me").is_some());
        let page = table.find("/api/v1/docs/x.js").expect("a page");
        assert_eq!(page.allow().expect("methods"), "GET, HEAD");
        let page = page.operation(&Method::GET).expect("GET");
        assert!(page.takes("anything") && page.repeats("anything") && !page.is_secured());
        let all: Vec<_> = table
            .operations()
            .map(|(pattern, method, _)| format!("{method} {pattern}"))
            .collect();
        assert_eq!(
            all,
            [
                "GET /api/v1/assets",
                "POST /api/v1/assets/lost",
                "DELETE /api/v1/assets/{id}",
                "GET /api/v1/assets/{id}",
                "GET /api/v1/docs/{file}",
                "GET /healthz",
                "GET /public/v1/me",
            ]
        );
    }
}
