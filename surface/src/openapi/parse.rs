//! Reads JSON in which a key may repeat: objects under one key are merged instead of the last one winning.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Parses a document whose objects may hold a key several times, as poem-openapi writes a path once per API struct that
/// has a method of it. An ordinary parse would silently lose operations.
pub fn merging(text: &str) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Merging.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Puts `new` where `old` was; two objects become one. Anything else is replaced, as an ordinary parse would do.
fn merge(old: &mut Value, new: Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in new {
                insert(old, key, value);
            }
        }
        (old, new) => *old = new,
    }
}

fn insert(map: &mut Map<String, Value>, key: String, value: Value) {
    match map.get_mut(&key) {
        Some(present) => merge(present, value),
        None => drop(map.insert(key, value)),
    }
}

#[derive(Clone, Copy)]
struct Merging;

impl<'de> DeserializeSeed<'de> for Merging {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Merging {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            insert(&mut map, key, entries.next_value_seed(self)?);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merging;

    #[test]
    fn repeated_objects_are_merged_at_every_depth() {
        let text = r#"{"paths": {"/a": {"get": {"x": 1}}, "/b": {}, "/a": {"post": {"y": [2.5, null, true, -3]}}}}"#;
        let expected = json!({"paths": {"/a": {"get": {"x": 1}, "post": {"y": [2.5, null, true, -3]}}, "/b": {}}});
        assert_eq!(merging(text).unwrap(), expected);
    }

    #[test]
    fn what_is_not_an_object_is_replaced() {
        assert_eq!(
            merging(r#"{"a": [1], "a": [2]}"#).unwrap(),
            json!({"a": [2]})
        );
    }

    #[test]
    fn trailing_text_is_an_error() {
        assert!(merging("{} {}").is_err());
    }
}
