//! Texts with a form that the document names: instants, days and identifiers on the wire.

use std::borrow::Cow;
use std::fmt::Display;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde_json::Value;

macro_rules! formatted_text {
    ($($(#[$meta:meta])* $name:ident, $format:literal, $source:ty;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl<T: Display + Into<$source> + Copy> From<T> for $name {
            fn from(value: T) -> Self {
                let value: $source = value.into();
                Self(value.to_string())
            }
        }

        impl Type for $name {
            const IS_REQUIRED: bool = true;

            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                concat!("string_", $format).into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", $format)))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl ParseFromJSON for $name {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                match value {
                    Some(Value::String(text)) => Ok(Self(text)),
                    _ => Err(ParseError::expected_input()),
                }
            }
        }

        impl ToJSON for $name {
            fn to_json(&self) -> Option<Value> {
                Some(Value::String(self.0.clone()))
            }
        }
    )*};
}

formatted_text! {
    /// An instant as RFC 3339 writes it, in UTC with microseconds.
    Instant, "date-time", habeo_core::time::Timestamp;
    /// A day as ISO 8601 writes it.
    CivilDay, "date", habeo_core::time::Day;
}
