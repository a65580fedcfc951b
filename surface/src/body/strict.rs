//! JSON read without leniency: bounded depth, no key twice, whole numbers that every reader can hold.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

const DEPTH_MAX: usize = 32;
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Why a body is not acceptable as JSON. The texts are for the caller and repeat nothing of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("the body is empty")]
    Empty,
    #[error("the body is not UTF-8 without a byte order mark")]
    Encoding,
    #[error("the body is not well-formed JSON")]
    Syntax,
    #[error("the body is nested more than 32 levels deep")]
    Depth,
    #[error("an object in the body has the same key twice")]
    Duplicate,
    #[error("a whole number in the body is beyond ±(2^53-1)")]
    Integer,
}

const FAULTS: [Fault; 3] = [Fault::Depth, Fault::Duplicate, Fault::Integer];

/// Parses one JSON value that fills the text.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::Encoding)?;
    if text.starts_with('\u{FEFF}') {
        return Err(Fault::Encoding);
    }
    if text.trim().is_empty() {
        return Err(Fault::Empty);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: 0 }
        .deserialize(&mut deserializer)
        .map_err(|error| fault_of(&error))?;
    deserializer.end().map_err(|_| Fault::Syntax)?;
    Ok(value)
}

/// Our own refusals travel through the parser as messages.
fn fault_of(error: &serde_json::Error) -> Fault {
    let text = error.to_string();
    FAULTS
        .into_iter()
        .find(|fault| text.starts_with(&fault.to_string()))
        .unwrap_or(Fault::Syntax)
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH_MAX {
            return Err(E::custom(Fault::Depth));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        if value > INTEGER_MAX {
            return Err(E::custom(Fault::Integer));
        }
        Ok(Value::from(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > INTEGER_MAX {
            return Err(E::custom(Fault::Integer));
        }
        Ok(Value::from(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "the bound is exact in a double")]
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        // A whole number with more than twenty digits arrives here too.
        if value.abs() > INTEGER_MAX as f64 {
            return Err(E::custom(Fault::Integer));
        }
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom(Fault::Integer))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(de::Error::custom(Fault::Duplicate));
            }
            object.insert(key, entries.next_value_seed(inner)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_is_read() {
        let text = br#"{"a":[1,-2,0.5,"x\u00e9",null,true],"b":{"c":9007199254740991}}"#;
        let value = parse(text).expect("plain JSON");
        let lenient: Value = serde_json::from_slice(text).expect("JSON");
        assert_eq!(value, lenient);
    }

    #[test]
    fn what_readers_disagree_about_is_refused() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let cases: [(&[u8], Fault); 13] = [
            (b"", Fault::Empty),
            (b" \n", Fault::Empty),
            (b"\xEF\xBB\xBF{}", Fault::Encoding),
            (b"\xFF", Fault::Encoding),
            (b"{", Fault::Syntax),
            (b"{} x", Fault::Syntax),
            (b"\"\\ud800\"", Fault::Syntax),
            (b"NaN", Fault::Syntax),
            (br#"{"a":1,"a":2}"#, Fault::Duplicate),
            (br#"{"b":{"a":1,"\u0061":2}}"#, Fault::Duplicate),
            (b"9007199254740992", Fault::Integer),
            (b"-99999999999999999999999", Fault::Integer),
            (nested(33).leak().as_bytes(), Fault::Depth),
        ];
        for (text, fault) in cases {
            assert_eq!(parse(text), Err(fault), "{}", text.escape_ascii());
        }
        assert!(parse(nested(32).as_bytes()).is_ok());
        assert_eq!(parse(&b"[".repeat(100_000)), Err(Fault::Depth));
    }
}
