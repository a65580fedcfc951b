//! Pages on the wire: the limit parameter, the cursor, the envelope and the link to the next page.

use std::borrow::Cow;
use std::sync::Arc;

use habeo_core::page::{Binding, CursorKey, CursorRefusal, Limit, Position};
use habeo_core::time::Timestamp;
use poem::http::{HeaderValue, Uri, header};
use poem::{IntoResponse, Request, Response};
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::{
    ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type,
};
use poem_openapi::{ApiResponse, Object};
use serde_json::Value;

use crate::edge::RequestState;
use crate::nullable::Nullable;

/// The parameter that takes a cursor.
const CURSOR: &str = "cursor";

/// The `limit` parameter: 1 to 100, 25 when absent.
///
/// Written `#[oai(default)] limit: Query<PageLimit>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PageLimit(pub Limit);

impl Type for PageLimit {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "limit".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            format: Some("int32"),
            minimum: Some(1.0),
            maximum: Some(f64::from(Limit::MAX)),
            ..MetaSchema::new("integer")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for PageLimit {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        // Digits only: `+5` and ` 5` are numbers to the standard library and typing errors to us.
        text.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| text.parse().ok())
            .flatten()
            .and_then(Limit::new)
            .map(Self)
            .ok_or_else(|| ParseError::custom("out of bounds"))
    }
}

impl ToJSON for PageLimit {
    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.0.rows()))
    }
}

/// Opens the cursor of a request, if it has one.
pub fn open_cursor(
    key: &CursorKey,
    binding: Binding<'_>,
    cursor: Option<&str>,
    now: Timestamp,
) -> Result<Option<Position>, CursorRefusal> {
    cursor
        .map(|cursor| key.open(binding, cursor, now))
        .transpose()
}

/// Seals the position of the next page, if there is one.
#[must_use]
pub fn seal_cursor(
    key: &CursorKey,
    binding: Binding<'_>,
    next: Option<&Position>,
    now: Timestamp,
) -> Option<String> {
    next.map(|position| key.seal(binding, position, now))
}

/// What is said about a page beside its rows.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct PageMeta {
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Nullable<String>,
}

/// A page of a list.
#[derive(Debug, Clone, Object)]
pub struct Envelope<T: Type + ParseFromJSON + ToJSON> {
    /// The rows in order.
    pub data: Vec<T>,
    /// Where the next ones are.
    pub meta: PageMeta,
}

/// A single resource.
#[derive(Debug, Clone, Object)]
pub struct One<T: Type + ParseFromJSON + ToJSON> {
    /// The resource.
    pub data: T,
}

/// Answers a single resource.
pub fn one<T: Type + ParseFromJSON + ToJSON>(data: impl Into<T>) -> Json<One<T>> {
    Json(One { data: data.into() })
}

/// An answered list: a page with its envelope and a `Link` header where there is a next one, or the whole of it as a table.
#[derive(Debug)]
pub struct Listing<T: Type + ParseFromJSON + ToJSON>(Form<T>);

#[derive(Debug)]
enum Form<T: Type + ParseFromJSON + ToJSON> {
    Page {
        envelope: Envelope<T>,
        link: Option<HeaderValue>,
    },
    Table(Response),
}

impl<T: Type + ParseFromJSON + ToJSON> Listing<T> {
    /// A page of rows, in answer to this request, whose other parameters the link keeps.
    #[must_use]
    pub fn new(rows: Vec<T>, next_cursor: Option<String>, request: &Request) -> Self {
        Self::new_of(rows, next_cursor, request, CURSOR)
    }

    /// As [`Self::new`], where the parameter that takes the cursor has another name.
    #[must_use]
    pub fn new_of(
        rows: Vec<T>,
        next_cursor: Option<String>,
        request: &Request,
        parameter: &str,
    ) -> Self {
        // A nested route sees a shortened address; the link needs the whole one.
        let state = request.data::<Arc<RequestState>>();
        let uri = state.map_or(request.uri(), |state| state.uri());
        let link = next_cursor
            .as_deref()
            .and_then(|next| next_link_of(uri, parameter, next));
        let meta = PageMeta {
            next_cursor: next_cursor.into(),
        };
        Self(Form::Page {
            envelope: Envelope { data: rows, meta },
            link,
        })
    }

    /// The whole list, as [`crate::table`] answers it.
    #[must_use]
    pub const fn table(response: Response) -> Self {
        Self(Form::Table(response))
    }
}

impl<T: Type + ParseFromJSON + ToJSON> IntoResponse for Listing<T> {
    fn into_response(self) -> Response {
        match self.0 {
            Form::Table(response) => response,
            Form::Page { envelope, link } => {
                let mut response = Json(envelope).into_response();
                let headers = response.headers_mut();
                headers.insert(header::VARY, HeaderValue::from_static("Accept"));
                if let Some(link) = link {
                    headers.insert(header::LINK, link);
                }
                response
            }
        }
    }
}

impl<T: Type + ParseFromJSON + ToJSON> ApiResponse for Listing<T> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: <Json<Envelope<T>> as Payload>::CONTENT_TYPE,
                    schema: <Json<Envelope<T>> as Payload>::schema_ref(),
                }],
                headers: vec![MetaHeader {
                    name: "Link".to_owned(),
                    description: Some(
                        "The next page, as `rel=\"next\"`; absent on the last one.".to_owned(),
                    ),
                    required: false,
                    deprecated: false,
                    schema: String::schema_ref(),
                }],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        <Json<Envelope<T>> as Payload>::register(registry);
    }
}

/// The value of `Link` for the next page: the same address with another cursor.
#[must_use]
pub fn next_link(uri: &Uri, cursor: &str) -> Option<HeaderValue> {
    next_link_of(uri, CURSOR, cursor)
}

fn next_link_of(uri: &Uri, parameter: &str, cursor: &str) -> Option<HeaderValue> {
    let mut query: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !name.is_empty() && name != parameter
        })
        .collect();
    let cursor = format!("{parameter}={cursor}");
    query.push(&cursor);
    let link = format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"));
    HeaderValue::try_from(link).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_one_to_a_hundred() {
        for (text, rows) in [("1", 1), ("25", 25), ("100", 100), ("007", 7)] {
            let limit = PageLimit::parse_from_parameter(text).expect("in bounds");
            assert_eq!(limit.0.rows(), rows);
        }
        for text in ["", "0", "101", "256", "-1", "+5", " 5", "5.0", "abc", "٣"] {
            assert!(PageLimit::parse_from_parameter(text).is_err(), "{text}");
        }
        assert_eq!(PageLimit::default().to_json(), Some(Value::from(25)));
    }

    #[test]
    fn the_link_keeps_the_other_parameters() {
        let uri: Uri = "/api/v1/assets?q=a%26b&cursor=old&limit=2"
            .parse()
            .expect("a URI");
        assert_eq!(
            next_link(&uri, "new").expect("a header"),
            "</api/v1/assets?q=a%26b&limit=2&cursor=new>; rel=\"next\""
        );
        let uri: Uri = "/api/v1/assets".parse().expect("a URI");
        assert_eq!(
            next_link(&uri, "new").expect("a header"),
            "</api/v1/assets?cursor=new>; rel=\"next\""
        );
    }

    #[tokio::test]
    async fn the_last_page_says_null_and_has_no_link() {
        let request = Request::builder().uri_str("/api/v1/names").finish();
        let last = Listing::new(vec!["a".to_owned()], None, &request).into_response();
        assert!(!last.headers().contains_key(header::LINK));
        let body: Value = last.into_body().into_json().await.expect("JSON");
        assert_eq!(
            body,
            serde_json::json!({"data": ["a"], "meta": {"nextCursor": null}})
        );
        let more =
            Listing::<String>::new(Vec::new(), Some("c".to_owned()), &request).into_response();
        assert_eq!(
            more.header("link"),
            Some("</api/v1/names?cursor=c>; rel=\"next\"")
        );
    }
}
