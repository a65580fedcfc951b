//! Lifts a whole document: the root, the components and every operation, and refuses one that is not fit to publish.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::shared::{FailureShape, header_components, response_components};
use super::{operation, schema};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Names that generators take for their own types and silently change.
const UNFIT_NAMES: [&str; 4] = ["Error", "Object", "Map", "Response"];

/// What the lifter has to know besides the document.
#[derive(Debug, Clone)]
pub struct Lift<'a> {
    /// The operation ids that need no credentials. poem cannot write an empty `security`, so forgetting the caller and
    /// meaning to have none would look alike; only operations listed here may have none.
    pub public: &'a [&'a str],
    /// How failures are spelled on this surface.
    pub failure: FailureShape,
}

impl Lift<'_> {
    /// Lifts a document in place. Returns what is wrong with it: one line for each offender.
    pub(super) fn apply(&self, document: &mut Value) -> Vec<String> {
        let mut offenders = Vec::new();
        let Some(root) = document.as_object_mut() else {
            return vec!["the document is not an object".into()];
        };
        lift_root(root);
        self.lift_components(operation::object(root, "components"), &mut offenders);

        let mut seen = BTreeSet::new();
        for (place, operation) in operations(root, "webhooks") {
            // We are the client here: the answer and its headers are the receiver's, and so are the credentials.
            operation.entry("security").or_insert_with(|| json!([]));
            operation::lift(operation);
            check_words(&place, operation, &mut seen, &mut offenders);
        }
        for (place, operation) in operations(root, "paths") {
            operation::lift(operation);
            check_words(&place, operation, &mut seen, &mut offenders);
            self.settle_security(&place, operation, &mut offenders);
            operation::share(operation);
        }
        let unknown = self.public.iter().filter(|id| !seen.contains(**id));
        offenders.extend(
            unknown.map(|id| format!("{id}: listed as public, but there is no such operation")),
        );
        offenders
    }

    fn lift_components(&self, components: &mut Map<String, Value>, offenders: &mut Vec<String>) {
        let schemas = operation::object(components, "schemas");
        for (name, value) in schemas.iter_mut() {
            if UNFIT_NAMES.contains(&name.as_str()) {
                offenders.push(format!(
                    "schema {name}: generators rename a schema of this name"
                ));
            }
            if !name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter))
            {
                offenders.push(format!(
                    "schema {name}: the name has characters that OpenAPI does not allow"
                ));
            }
            if let Some(map) = value.as_object_mut()
                && map.get("title").and_then(Value::as_str) == Some(name)
            {
                map.remove("title");
            }
            schema::lift(value);
        }
        schemas
            .entry(self.failure.name)
            .or_insert_with(|| self.failure.schema.clone());
        components.insert(
            "responses".into(),
            response_components(&self.failure).into(),
        );
        components.insert("headers".into(), header_components().into());

        let authentications = components
            .get_mut("securitySchemes")
            .and_then(Value::as_object_mut);
        let flows = authentications
            .into_iter()
            .flat_map(Map::values_mut)
            .filter_map(|scheme| scheme.get_mut("flows")?.as_object_mut());
        for flow in flows
            .flat_map(Map::values_mut)
            .filter_map(Value::as_object_mut)
        {
            operation::object(flow, "scopes");
        }
    }

    fn settle_security(
        &self,
        place: &str,
        operation: &mut Map<String, Value>,
        offenders: &mut Vec<String>,
    ) {
        let id = operation
            .get("operationId")
            .and_then(Value::as_str)
            .unwrap_or_default();
        match (
            self.public.contains(&id),
            operation.contains_key("security"),
        ) {
            (true, false) => drop(operation.insert("security".into(), json!([]))),
            (false, true) => {}
            (true, true) => offenders.push(format!(
                "{place}: listed as public, but it has a security scheme"
            )),
            (false, false) => offenders.push(format!(
                "{place}: no security scheme, and not listed as public"
            )),
        }
    }
}

fn lift_root(root: &mut Map<String, Value>) {
    root.insert("openapi".into(), "3.1.0".into());
    root.insert(
        "jsonSchemaDialect".into(),
        "https://spec.openapis.org/oas/3.1/dialect/base".into(),
    );
    for key in ["servers", "tags"] {
        if root
            .get(key)
            .and_then(Value::as_array)
            .is_some_and(Vec::is_empty)
        {
            root.remove(key);
        }
    }
}

/// Every operation under `section` with the words that name its place in a message.
fn operations<'a>(
    root: &'a mut Map<String, Value>,
    section: &str,
) -> impl Iterator<Item = (String, &'a mut Map<String, Value>)> {
    let items = root
        .get_mut(section)
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten();
    items.flat_map(|(path, item)| {
        let entries = item.as_object_mut().into_iter().flatten();
        entries
            .filter(|(method, _)| METHODS.contains(&method.as_str()))
            .filter_map(move |(method, operation)| {
                Some((format!("{method} {path}"), operation.as_object_mut()?))
            })
    })
}

fn check_words(
    place: &str,
    operation: &Map<String, Value>,
    seen: &mut BTreeSet<String>,
    offenders: &mut Vec<String>,
) {
    let word = |key: &str| {
        operation
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())
    };
    match word("operationId") {
        None => offenders.push(format!("{place}: no operationId")),
        Some(id) if !seen.insert(id.to_owned()) => {
            offenders.push(format!("{place}: operationId {id} is taken"));
        }
        Some(_) => {}
    }
    if word("summary").is_none() {
        offenders.push(format!("{place}: no summary"));
    }
}
