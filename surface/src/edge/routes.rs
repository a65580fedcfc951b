//! What the edge knows of the routes: their patterns for the log, their methods for `Allow`, their parameters for typos.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use poem::http::{HeaderValue, Method};
use serde_json::Value;

/// One operation of a route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operation {
    /// The names of its query parameters.
    pub query: BTreeSet<String>,
    /// Whether it asks for a caller.
    pub secured: bool,
}

/// One path pattern and its operations.
#[derive(Debug, Clone)]
pub(super) struct RoutePattern {
    pub(super) pattern: Arc<str>,
    operations: BTreeMap<String, Operation>,
}

/// Every documented route. Paths that are not in it are served all the same; they are merely not known here.
#[derive(Debug, Clone, Default)]
pub struct RouteTable {
    routes: Vec<RoutePattern>,
}

impl RouteTable {
    /// Adds the operations of an `OpenAPI` document, whose paths are complete or begin below `prefix`.
    #[must_use]
    pub fn document(mut self, document: &Value, prefix: &str) -> Self {
        let paths = document.get("paths").and_then(Value::as_object);
        for (path, item) in paths.into_iter().flatten() {
            let pattern = if path.starts_with(prefix) {
                path.clone()
            } else {
                format!("{}{path}", prefix.trim_end_matches('/'))
            };
            let shared = item.get("parameters");
            for (method, operation) in item.as_object().into_iter().flatten() {
                if let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes())
                    && super::METHODS.contains(&method)
                {
                    self = self.operation(&pattern, &method, read(operation, shared, document));
                }
            }
        }
        self
    }

    /// Adds one operation; the pattern is written `/assets/{id}`.
    #[must_use]
    pub fn operation(mut self, pattern: &str, method: &Method, operation: Operation) -> Self {
        let known = self
            .routes
            .iter()
            .position(|route| *route.pattern == *pattern);
        let index = known.unwrap_or_else(|| {
            self.routes.push(RoutePattern {
                pattern: pattern.into(),
                operations: BTreeMap::new(),
            });
            self.routes.len() - 1
        });
        self.routes[index]
            .operations
            .insert(method.to_string(), operation);
        self
    }

    /// The route of a path; literal segments win over parameters.
    pub(super) fn find(&self, path: &str) -> Option<&RoutePattern> {
        self.routes
            .iter()
            .filter(|route| route.matches(path))
            .min_by_key(|route| route.parameters().count())
    }
}

impl RoutePattern {
    fn matches(&self, path: &str) -> bool {
        let mut segments = path.split('/');
        let fits = self.pattern.split('/').all(|part| {
            segments.next().is_some_and(|segment| {
                part == segment || (is_parameter(part) && !segment.is_empty())
            })
        });
        fits && segments.next().is_none()
    }

    /// The names of the path parameters in order.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.pattern
            .split('/')
            .filter(|part| is_parameter(part))
            .map(|part| &part[1..part.len() - 1])
    }

    pub(super) fn operation(&self, method: &Method) -> Option<&Operation> {
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        self.operations.get(method.as_str())
    }

    /// The value of `Allow`.
    pub(super) fn allow(&self) -> Option<HeaderValue> {
        let mut methods: Vec<&str> = self.operations.keys().map(String::as_str).collect();
        if methods.contains(&"GET") && !methods.contains(&"HEAD") {
            methods.push("HEAD");
        }
        methods.sort_unstable();
        HeaderValue::try_from(methods.join(", ")).ok()
    }
}

fn is_parameter(part: &str) -> bool {
    part.len() > 2 && part.starts_with('{') && part.ends_with('}')
}

fn read(operation: &Value, shared: Option<&Value>, document: &Value) -> Operation {
    let own = operation.get("parameters");
    let query = [shared, own]
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
        .map(|parameter| resolved(parameter, document))
        .filter(|parameter| parameter["in"] == "query")
        .filter_map(|parameter| parameter["name"].as_str())
        .map(ToOwned::to_owned)
        .collect();
    let security = operation
        .get("security")
        .or_else(|| document.get("security"));
    let secured = security
        .and_then(Value::as_array)
        .is_some_and(|schemes| !schemes.is_empty());
    Operation { query, secured }
}

fn resolved<'a>(parameter: &'a Value, document: &'a Value) -> &'a Value {
    parameter["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix('#'))
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(parameter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> RouteTable {
        RouteTable::default().document(
            &serde_json::json!({
                "components": {"parameters": {"q": {"name": "q", "in": "query"}}},
                "paths": {
                    "/assets": {
                        "parameters": [{"name": "limit", "in": "query"}, {"name": "X-A", "in": "header"}],
                        "get": {
                            "security": [{"bearerAuth": []}],
                            "parameters": [{"$ref": "#/components/parameters/q"}],
                        },
                    },
                    "/assets/{id}": {"get": {"security": []}, "delete": {}},
                    "/assets/lost": {"post": {}},
                },
            }),
            "/api/v1",
        )
    }

    #[test]
    fn a_document_is_read() {
        let table = table();
        let route = table.find("/api/v1/assets").expect("the list");
        let list = route.operation(&Method::HEAD).expect("GET serves HEAD");
        assert!(list.secured);
        assert_eq!(list.query.iter().collect::<Vec<_>>(), ["limit", "q"]);
        assert_eq!(route.allow().expect("methods"), "GET, HEAD");
        let one = table.find("/api/v1/assets/7").expect("one");
        assert_eq!(&*one.pattern, "/api/v1/assets/{id}");
        assert_eq!(one.parameters().collect::<Vec<_>>(), ["id"]);
        assert_eq!(one.allow().expect("methods"), "DELETE, GET, HEAD");
    }

    #[test]
    fn literal_segments_win_and_lengths_count() {
        let table = table();
        let lost = table.find("/api/v1/assets/lost").expect("the literal");
        assert_eq!(&*lost.pattern, "/api/v1/assets/lost");
        for path in ["/api/v1/assets/", "/api/v1/assets/7/x", "/assets", ""] {
            assert!(table.find(path).is_none(), "{path}");
        }
    }
}
