//! Nullable: a value that is always written, as itself or as `null`.
//!
//! Views show every field, and `null` where there is nothing, so that a client need not tell absence from emptiness. poem has no
//! attribute for that on a whole object: an `Option` is written as `null`, but the document calls it a field that may be left out
//! and is never null. So in a view every field that may be empty is a `Nullable`, and `skip_serializing_if_is_none` is not used;
//! `into()` makes one of an `Option`, as it stands or mapped.
//!
//! ```
//! use habeo_surface::nullable::Nullable;
//! use poem_openapi::Object;
//! use poem_openapi::types::ToJSON;
//! use serde_json::json;
//!
//! #[derive(Object)]
//! struct UnitView {
//!     name: String,
//! }
//!
//! #[derive(Object)]
//! #[oai(rename_all = "camelCase")]
//! struct AssetView {
//!     tag: String,
//!     serial_number: Nullable<String>,
//!     unit: Nullable<UnitView>,
//!     cost_minor: Nullable<i64>,
//! }
//!
//! let (serial, unit) = (None, Some("Library"));
//! let view = AssetView {
//!     tag: "HB-1".to_owned(),
//!     serial_number: serial.into(),
//!     unit: unit.map(|name| UnitView { name: name.to_owned() }).into(),
//!     cost_minor: None.into(),
//! };
//! let json = json!({"tag": "HB-1", "serialNumber": null, "unit": {"name": "Library"}, "costMinor": null});
//! assert_eq!(view.to_json(), Some(json));
//! ```

use std::borrow::Cow;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde_json::Value;

/// A field that is always present and may be `null`.
///
/// The document says so: required, and nullable. In a body that comes in, absence is an error and `null` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Nullable<T>(pub Option<T>);

impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}

impl<T: Type> Type for Nullable<T> {
    const IS_REQUIRED: bool = true;

    type RawValueType = T::RawValueType;
    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        format!("nullable_{}", T::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref().merge(MetaSchema {
            nullable: true,
            ..MetaSchema::ANY
        })
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.0.as_ref().and_then(Type::as_raw_value)
    }

    fn raw_element_iter<'a>(
        &'a self,
    ) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        match &self.0 {
            Some(value) => value.raw_element_iter(),
            None => Box::new(std::iter::empty()),
        }
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Nullable<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None => Err(ParseError::expected_input()),
            Some(Value::Null) => Ok(Self(None)),
            value => T::parse_from_json(value)
                .map(|value| Self(Some(value)))
                .map_err(ParseError::propagate),
        }
    }
}

impl<T: ToJSON> ToJSON for Nullable<T> {
    fn to_json(&self) -> Option<Value> {
        match &self.0 {
            Some(value) => value.to_json(),
            None => Some(Value::Null),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_always_written_and_says_so() {
        assert_eq!(Nullable::<String>(None).to_json(), Some(Value::Null));
        assert_eq!(
            Nullable(Some("x".to_owned())).to_json(),
            Some(Value::from("x"))
        );
        const { assert!(<Nullable<String> as Type>::IS_REQUIRED) };
        let schema = serde_json::to_value(Nullable::<String>::schema_ref()).expect("JSON");
        assert_eq!(
            schema,
            serde_json::json!({"type": "string", "nullable": true})
        );
    }

    #[test]
    fn absence_is_not_null() {
        assert!(Nullable::<String>::parse_from_json(None).is_err());
        let null = Nullable::<String>::parse_from_json(Some(Value::Null)).expect("null");
        assert_eq!(null, Nullable(None));
    }
}
