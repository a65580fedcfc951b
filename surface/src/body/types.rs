//! JSON types held against a schema, because the framework's own text type also takes numbers and booleans.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use serde_json::Value;

/// The first place whose JSON type is not that of its schema, as a path such as `inner.names[2]`. Nulls are left to the type itself.
pub(super) fn mistyped(
    schema: &MetaSchemaRef,
    value: &Value,
    registry: &Registry,
) -> Option<String> {
    let schema = match schema {
        MetaSchemaRef::Inline(schema) => schema,
        MetaSchemaRef::Reference(name) => registry.schemas.get(name)?,
    };
    within(schema, value, registry)
}

fn within(schema: &MetaSchema, value: &Value, registry: &Registry) -> Option<String> {
    if let Some(path) = schema
        .all_of
        .iter()
        .find_map(|part| mistyped(part, value, registry))
    {
        return Some(path);
    }
    let fits = match (schema.ty, value) {
        (_, Value::Null) => true,
        ("string", value) => value.is_string(),
        ("boolean", value) => value.is_boolean(),
        ("integer" | "number", value) => value.is_number(),
        ("array", value) => value.is_array(),
        ("object", value) => value.is_object(),
        _ => true,
    };
    if !fits {
        return Some(String::new());
    }
    match value {
        Value::Array(items) => {
            let schema = schema.items.as_deref()?;
            items.iter().enumerate().find_map(|(i, item)| {
                mistyped(schema, item, registry).map(|rest| join(&format!("[{i}]"), &rest))
            })
        }
        Value::Object(object) => schema.properties.iter().find_map(|(name, schema)| {
            let path = mistyped(schema, object.get(*name)?, registry)?;
            Some(join(name, &path))
        }),
        _ => None,
    }
}

fn join(step: &str, rest: &str) -> String {
    if rest.is_empty() || rest.starts_with('[') {
        format!("{step}{rest}")
    } else {
        format!("{step}.{rest}")
    }
}
