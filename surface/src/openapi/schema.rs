//! Turns one schema of poem's 3.0 spelling into JSON Schema as `OpenAPI` 3.1 has it, with all schemas inside it.

use serde_json::{Map, Value, json};

/// Lifts a schema in place. Only positions that hold schemas are visited, so an example or a default that happens to look
/// like a schema stays as it was written.
pub fn lift(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else {
        return;
    };
    for key in ["properties", "patternProperties"] {
        if let Some(members) = map.get_mut(key).and_then(Value::as_object_mut) {
            members.values_mut().for_each(lift);
        }
    }
    for key in ["items", "additionalProperties", "not"] {
        if let Some(member) = map.get_mut(key) {
            lift(member);
        }
    }
    // Before the members of `allOf` are lifted: the comparison is between two halves that poem wrote alike.
    flatten_described_reference(map);
    for key in ["allOf", "anyOf", "oneOf"] {
        if let Some(members) = map.get_mut(key).and_then(Value::as_array_mut) {
            members.iter_mut().for_each(lift);
        }
    }
    pin_union(map);
    bound(map, "minimum", "exclusiveMinimum");
    bound(map, "maximum", "exclusiveMaximum");
    name_number_format(map);
    name_encoding(map);
    if let Some(example) = map.remove("example") {
        map.insert("examples".into(), Value::Array(vec![example]));
    }
    admit_null(map);
}

/// Whether a schema, before lifting, stands for raw bytes.
pub fn is_binary(schema: &Value) -> bool {
    schema.get("format").and_then(Value::as_str) == Some("binary")
}

/// `allOf: [{$ref}, annotations]` with the same annotations outside says one thing twice; 3.1 has annotations beside `$ref`.
fn flatten_described_reference(map: &mut Map<String, Value>) {
    let Some([reference, annotations]) = map
        .get("allOf")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    else {
        return;
    };
    let (Some(target), Some(annotations)) = (reference.get("$ref"), annotations.as_object()) else {
        return;
    };
    let adds_a_shape = annotations.contains_key("type") || annotations.contains_key("properties");
    let repeated_outside = annotations
        .iter()
        .all(|(key, value)| map.get(key) == Some(value));
    if adds_a_shape || !repeated_outside {
        return;
    }
    let target = target.clone();
    map.remove("allOf");
    map.insert("$ref".into(), target);
}

/// Each branch of a tagged union pins its tag with an enum of one value, so exactly one branch can match.
fn pin_union(map: &mut Map<String, Value>) {
    // poem calls every union an object, also one of numbers and strings, which nothing could satisfy.
    if (map.contains_key("anyOf") || map.contains_key("oneOf")) && !map.contains_key("properties") {
        map.remove("type");
    }
    if map.contains_key("discriminator")
        && let Some(branches) = map.remove("anyOf")
    {
        map.insert("oneOf".into(), branches);
    }
}

/// In 3.0 an exclusive bound is a flag on the bound; in 3.1 it is the bound.
fn bound(map: &mut Map<String, Value>, inclusive: &str, exclusive: &str) {
    if let Some(limit) = map.get_mut(inclusive) {
        *limit = whole(limit);
    }
    match map.get(exclusive) {
        Some(Value::Bool(true)) => match map.remove(inclusive) {
            Some(limit) => drop(map.insert(exclusive.into(), limit)),
            None => drop(map.remove(exclusive)),
        },
        Some(Value::Bool(false)) => drop(map.remove(exclusive)),
        _ => {}
    }
}

/// poem keeps every bound as a float; `1.0` reads as if fractions were meant.
fn whole(number: &Value) -> Value {
    match number.as_f64() {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the value has no fraction and is far inside the range of i64"
        )]
        Some(float) if float.fract() == 0.0 && float.abs() < 9.0e15 => json!(float as i64),
        _ => number.clone(),
    }
}

/// The registry of formats has no unsigned integers; the sign is said by a bound instead.
fn name_number_format(map: &mut Map<String, Value>) {
    let lifted = match map.get("format").and_then(Value::as_str) {
        Some("uint8" | "uint16") => "int32",
        Some("uint32" | "uint64") => "int64",
        _ => return,
    };
    map.insert("format".into(), lifted.into());
    if !map.contains_key("minimum") && !map.contains_key("exclusiveMinimum") {
        map.insert("minimum".into(), 0.into());
    }
}

/// Bytes are described by what they are (`contentMediaType`) or by how text carries them (`contentEncoding`).
fn name_encoding(map: &mut Map<String, Value>) {
    let is = |key: &str, word: &str| map.get(key).and_then(Value::as_str) == Some(word);
    if is("format", "binary") {
        map.remove("type");
        map.remove("format");
        map.insert("contentMediaType".into(), "application/octet-stream".into());
    } else if is("format", "bytes") || is("type", "bytes") {
        // The second spelling is that of poem's payload, which swaps the two words.
        map.remove("format");
        map.insert("type".into(), "string".into());
        map.insert("contentEncoding".into(), "base64".into());
    }
}

/// 3.1 has no `nullable`: null is a type like the others.
fn admit_null(map: &mut Map<String, Value>) {
    if map.remove("nullable") != Some(Value::Bool(true)) {
        return;
    }
    if let Some(values) = map.get_mut("enum").and_then(Value::as_array_mut)
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    // Not called `null`, which the macro would take for its own word.
    let nothing = json!({"type": "null"});
    if let Some(key) = ["$ref", "allOf"]
        .into_iter()
        .find(|key| map.contains_key(*key))
    {
        // Everything that demands something else than null moves into the alternative; annotations stay outside.
        let demands: Map<String, Value> = [key, "type"]
            .into_iter()
            .filter_map(|key| map.remove_entry(key))
            .collect();
        map.insert("anyOf".into(), json!([demands, nothing]));
        return;
    }
    if let Some(kind) = map.get_mut("type").filter(|kind| kind.is_string()) {
        *kind = json!([kind.take(), "null"]);
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(members) = map.get_mut(key).and_then(Value::as_array_mut) {
            members.push(nothing.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::lift;

    fn lifted(mut schema: Value) -> Value {
        lift(&mut schema);
        schema
    }

    #[test]
    fn each_construct_has_its_form_in_3_1() {
        let reference = json!({"$ref": "#/components/schemas/Site"});
        let nothing = json!({"type": "null"});
        let cases = [
            (
                json!({"type": "string", "nullable": true}),
                json!({"type": ["string", "null"]}),
            ),
            (
                json!({"type": "string", "nullable": false}),
                json!({"type": "string"}),
            ),
            (
                json!({"type": "string", "enum": ["a"], "nullable": true}),
                json!({"type": ["string", "null"], "enum": ["a", null]}),
            ),
            (
                json!({"allOf": [reference, {"description": "d", "nullable": true}], "description": "d", "nullable": true}),
                json!({"anyOf": [reference, nothing], "description": "d"}),
            ),
            (
                json!({"allOf": [reference, {"description": "d"}], "description": "d"}),
                json!({"$ref": "#/components/schemas/Site", "description": "d"}),
            ),
            (
                json!({"oneOf": [reference, {"type": "string"}], "nullable": true}),
                json!({"oneOf": [reference, {"type": "string"}, nothing]}),
            ),
            (
                json!({"type": "object", "allOf": [reference, {"type": "object"}]}),
                json!({"type": "object", "allOf": [reference, {"type": "object"}]}),
            ),
            (
                json!({"minimum": 1.0, "exclusiveMinimum": true}),
                json!({"exclusiveMinimum": 1}),
            ),
            (
                json!({"maximum": 2.5, "exclusiveMaximum": false}),
                json!({"maximum": 2.5}),
            ),
            (
                json!({"type": "integer", "format": "uint16"}),
                json!({"type": "integer", "format": "int32", "minimum": 0}),
            ),
            (
                json!({"type": "integer", "format": "uint64", "minimum": 5.0}),
                json!({"type": "integer", "format": "int64", "minimum": 5}),
            ),
            (
                json!({"type": "string", "example": "x"}),
                json!({"type": "string", "examples": ["x"]}),
            ),
            (
                json!({"type": "string", "format": "bytes"}),
                json!({"type": "string", "contentEncoding": "base64"}),
            ),
            (
                json!({"type": "string", "format": "binary"}),
                json!({"contentMediaType": "application/octet-stream"}),
            ),
            (
                json!({"type": "bytes", "format": "string"}),
                json!({"type": "string", "contentEncoding": "base64"}),
            ),
            (
                json!({"type": "object", "allOf": [reference, {"type": "object"}], "nullable": true}),
                json!({"anyOf": [{"type": "object", "allOf": [reference, {"type": "object"}]}, nothing]}),
            ),
            (
                json!({"type": "object", "oneOf": [{"type": "number"}, {"type": "string"}]}),
                json!({"oneOf": [{"type": "number"}, {"type": "string"}]}),
            ),
            (
                json!({"anyOf": [reference], "discriminator": {"propertyName": "kind"}}),
                json!({"oneOf": [reference], "discriminator": {"propertyName": "kind"}}),
            ),
        ];
        for (before, after) in cases {
            assert_eq!(lifted(before.clone()), after, "{before}");
        }
    }

    #[test]
    fn examples_and_defaults_are_data() {
        let lookalike = json!({"type": "string", "nullable": true, "example": 1});
        let schema = json!({"type": "object", "default": lookalike, "enum": [lookalike], "properties": {
            "nullable": {"type": "boolean", "example": true}
        }});
        let expected = json!({"type": "object", "default": lookalike, "enum": [lookalike], "properties": {
            "nullable": {"type": "boolean", "examples": [true]}
        }});
        assert_eq!(lifted(schema), expected);
    }
}
