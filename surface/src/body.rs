//! Strict JSON bodies: one media type, one spelling of every value, every fault named by its field and none by its value.

mod strict;
#[cfg(test)]
mod tests;
mod types;

use poem::http::StatusCode;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::payload::{ParsePayload, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};

use crate::catalogue;
use crate::problem::{ApiResult, FieldFault, Problem};

/// How much of an unknown field's name is repeated.
const NAME_CHARS_MAX: usize = 64;
const NOT_IN_FORM: &str = "is not in its documented form";
/// A key that no type of ours has.
const PROBE: &str = "\u{0}probe";

/// A JSON request body of type `T`, which should deny unknown fields.
///
/// Stricter than poem-openapi's own: it takes `application/json` and nothing like it, 32 levels, no key twice, no byte order mark,
/// no whole number that a double cannot hold; and it answers 422 with the field where the form of the body is fine and a value in
/// it is not.
#[derive(Debug, Clone)]
pub struct StrictJson<T>(pub T);

impl<T: Type> Payload for StrictJson<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        is_json(content_type)
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: ParseFromJSON> ParsePayload for StrictJson<T> {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let bytes = <Vec<u8> as FromRequest>::from_request(request, body).await?;
        Ok(Self(parse(&bytes)?))
    }
}

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for StrictJson<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: <Self as Payload>::CONTENT_TYPE,
                schema: T::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        if !request.content_type().is_some_and(is_json) {
            return Err(Problem::new(&catalogue::UNSUPPORTED_MEDIA_TYPE).into());
        }
        <Self as ParsePayload>::from_request(request, body).await
    }
}

fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    parts
        .next()
        .is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json"))
        && parts.all(|parameter| {
            let bare = parameter.replace('"', "");
            bare.is_empty() || bare.eq_ignore_ascii_case("charset=utf-8")
        })
}

/// Parses a body.
fn parse<T: ParseFromJSON>(bytes: &[u8]) -> ApiResult<T> {
    let value = strict::parse(bytes)
        .map_err(|fault| Problem::new(&catalogue::BODY_INVALID).detail(fault.to_string()))?;
    let Value::Object(object) = &value else {
        return Err(Problem::new(&catalogue::BODY_INVALID).detail("the body must be a JSON object"));
    };
    if let Some(path) = mistyped_in::<T>(&value) {
        return Err(refusal(FieldFault::new(path, "invalid", NOT_IN_FORM)));
    }
    match T::parse_from_json(Some(value.clone())) {
        Ok(parsed) => Ok(parsed),
        Err(error) => Err(unacceptable::<T>(object, error.message())),
    }
}

/// Words the refusal of a body by its type. The type's own message is only looked at for its sort: it repeats values.
fn unacceptable<T: ParseFromJSON>(object: &Map<String, Value>, message: &str) -> Problem {
    match fault_of::<T>(object, message) {
        Some(fault) => refusal(fault),
        None => Problem::new(&catalogue::BODY_INVALID)
            .status_is(StatusCode::UNPROCESSABLE_ENTITY)
            .detail("the body is not in its documented form"),
    }
}

fn refusal(fault: FieldFault) -> Problem {
    Problem::new(&catalogue::BODY_INVALID)
        .status_is(StatusCode::UNPROCESSABLE_ENTITY)
        .detail(format!("the field `{}` {}", fault.field, fault.message))
        .field(fault)
}

fn mistyped_in<T: Type>(value: &Value) -> Option<String> {
    let mut registry = Registry::new();
    T::register(&mut registry);
    types::mistyped(&T::schema_ref(), value, &registry)
}

fn fault_of<T: ParseFromJSON>(object: &Map<String, Value>, message: &str) -> Option<FieldFault> {
    let known = fields_of::<T>();
    if let Some(name) = unknown::<T>(object, &known) {
        return Some(FieldFault::new(name, "unknown", "is not known here"));
    }
    let name = culprit::<T>(object, &known, message)?;
    Some(if !object.contains_key(name) {
        FieldFault::new(name, "required", "is required")
    } else if message.contains("verification failed") {
        FieldFault::new(name, "out_of_bounds", "is outside its documented bounds")
    } else {
        FieldFault::new(name, "invalid", NOT_IN_FORM)
    })
}

/// The names of a type's fields in the order in which they are parsed.
fn fields_of<T: Type>() -> Vec<&'static str> {
    let mut registry = Registry::new();
    T::register(&mut registry);
    let schema = match T::schema_ref() {
        MetaSchemaRef::Inline(schema) => Some(*schema),
        MetaSchemaRef::Reference(name) => registry.schemas.remove(&name),
    };
    schema
        .map(|schema| schema.properties.iter().map(|(name, _)| *name).collect())
        .unwrap_or_default()
}

/// The first unknown field, if unknown fields are all that is wrong: they are refused last.
fn unknown<T: ParseFromJSON>(object: &Map<String, Value>, known: &[&str]) -> Option<String> {
    let is_known = |name: &String| known.contains(&name.as_str());
    let name = object.keys().find(|name| !is_known(name))?;
    let mut stripped = object.clone();
    stripped.retain(|name, _| is_known(name));
    if refusal_of::<T>(stripped).is_some() {
        return None;
    }
    let printable = name.chars().filter(|c| habeo_core::text::is_printable(*c));
    Some(printable.take(NAME_CHARS_MAX).collect())
}

/// Which known field the parser stopped at; it names fields only sometimes.
///
/// Fields are parsed in order up to the first bad one. Spoiling a later one changes nothing, so the last whose spoiling changes the
/// outcome is the bad one. It is spoilt in two ways, because a field may be bad in just the way of one of them.
fn culprit<T: ParseFromJSON>(
    object: &Map<String, Value>,
    known: &[&'static str],
    message: &str,
) -> Option<&'static str> {
    let probes = [
        Value::Object(Map::from_iter([(PROBE.to_owned(), Value::Null)])),
        Value::Array(vec![Value::Null]),
    ];
    known.iter().rev().copied().find(|name| {
        probes.iter().any(|probe| {
            let mut spoilt = object.clone();
            spoilt.insert((*name).to_owned(), probe.clone());
            refusal_of::<T>(spoilt).as_deref() != Some(message)
        })
    })
}

fn refusal_of<T: ParseFromJSON>(object: Map<String, Value>) -> Option<String> {
    T::parse_from_json(Some(Value::Object(object)))
        .err()
        .map(|error| error.message().to_owned())
}
