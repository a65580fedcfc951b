//! How things are written on this surface: identifiers as ULIDs, times to the second with their offset.

use std::borrow::Cow;

use habeo_core::time::Timestamp;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{
    ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type,
};
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;
use ulid::Ulid;
use uuid::Uuid;

/// An identifier: the 128 bits of a UUID as 26 characters of Crockford's alphabet. What is no identifier names nothing, and is answered so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(Option<Uuid>);

impl Id {
    /// The bits, if these were ones.
    pub const fn uuid(self) -> Option<Uuid> {
        self.0
    }

    fn read(text: &str) -> Self {
        // Only the one spelling that is given out.
        let ulid = Ulid::from_string(text).ok();
        Self(ulid.filter(|ulid| ulid.to_string() == text).map(Uuid::from))
    }
}

/// An identifier as it is written.
pub fn id(uuid: Uuid) -> String {
    Ulid::from(uuid).to_string()
}

/// An instant to the second, as `2026-05-01T10:00:00+00:00`.
pub fn instant(at: Timestamp) -> String {
    const FORM: &[time::format_description::FormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+00:00");
    OffsetDateTime::from_unix_timestamp(at.seconds())
        .ok()
        .and_then(|at| at.format(FORM).ok())
        .unwrap_or_default()
}

impl Type for Id {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string_ulid".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            min_length: Some(26),
            max_length: Some(26),
            ..MetaSchema::new("string")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for Id {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        Ok(Self::read(text))
    }
}

impl ParseFromJSON for Id {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => Ok(Self::read(&text)),
            _ => Err(ParseError::expected_input()),
        }
    }
}

impl ToJSON for Id {
    fn to_json(&self) -> Option<Value> {
        self.0.map(|uuid| Value::String(id(uuid)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_one_spelling() {
        let uuid = Uuid::from_u128(0x0193_2c5e_7b1a_7c3d_8e4f_0000_0000_0001);
        let text = id(uuid);
        assert_eq!(text.len(), 26);
        assert_eq!(Id::read(&text).uuid(), Some(uuid));
        for other in [
            "",
            "1",
            &text.to_lowercase(),
            &format!("{text}0"),
            &uuid.to_string(),
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        ] {
            assert_eq!(Id::read(other).uuid(), None, "{other}");
        }
    }

    #[test]
    fn times_are_to_the_second() {
        let at = Timestamp::from_micros(1_777_629_600_999_999);
        assert_eq!(instant(at), "2026-05-01T10:00:00+00:00");
    }
}
