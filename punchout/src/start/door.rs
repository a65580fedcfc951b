//! `POST /api/punchout/start`: a signed-in person goes to a shop. A program gets the address in JSON, a form is led there.

use std::str::FromStr;

use habeo_core::explain::{Explain, Kind};
use habeo_core::punchout::command::StartSession;
use habeo_core::supplier::Operation;
use habeo_surface::caller::Caller;
use habeo_surface::catalogue::{BODY_INVALID, UNSUPPORTED_MEDIA_TYPE};
use habeo_surface::problem::{FieldFault, Problem};
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Endpoint, IntoResponse as _, Request, RequestBody, Response};
use poem_openapi::{ApiExtractor as _, ExtractParamOptions};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{StartPage, Visit, start};
use crate::back::door::text;
use crate::desk::Punchout;

/// The most bytes of what is asked.
pub const BODY_BYTES_MAX: usize = 16 * 1_024;

/// The door.
pub(crate) struct Door(pub Punchout);

/// What is asked, in JSON and by forms alike.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Asked {
    supplier: String,
    operation: Option<String>,
    requisition: Option<String>,
    unit: Option<String>,
    location: Option<String>,
    cost_centre: Option<String>,
    /// What forms of ours carry; nothing here needs it, because a bearer token is no cookie.
    csrf: Option<String>,
}

impl Endpoint for Door {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(match self.answer(request).await {
            Ok(response) => response,
            Err(problem) => problem.into_response(),
        })
    }
}

impl Door {
    async fn answer(&self, mut request: Request) -> Result<Response, Problem> {
        let body = request.take_body();
        let caller = Caller::from_request(&request, &mut RequestBody::default(), options()).await;
        let caller = caller.map_err(|error| match error.downcast::<Problem>() {
            Ok(problem) => problem,
            Err(error) => Problem::internal(&error.to_string()),
        })?;
        let body = body.into_bytes_limit(BODY_BYTES_MAX).await;
        let body =
            body.map_err(|_| Problem::new(&BODY_INVALID).detail("the body cannot be read"))?;
        let by_form = by_form(&request)?;
        let asked: Asked = if by_form {
            serde_urlencoded::from_bytes(&body).map_err(|error| unreadable(&error))?
        } else {
            serde_json::from_slice(&body).map_err(|error| unreadable(&error))?
        };
        let visit = start(&self.0, caller.access(), asked.wanted()?).await;
        let visit = visit.map_err(|why| match why.kind() {
            // Not we are out of order.
            Kind::Unavailable => Problem::from(why).status_is(StatusCode::BAD_GATEWAY),
            _ => Problem::from(why),
        })?;
        Ok(self.lead(visit, by_form))
    }

    fn lead(&self, visit: Visit, by_form: bool) -> Response {
        match (visit.page, by_form) {
            (StartPage::Address(url), true) => see_other(&url),
            (StartPage::Form(form), true) => form.page(&self.0.parts().stylesheet),
            (StartPage::Address(url), false) => json_answer(&json!({
                "session": visit.session,
                "location": url,
                "expiresAt": visit.expires_at.to_string(),
            })),
            (StartPage::Form(form), false) => {
                let fields = form.fields.iter();
                let fields = fields
                    .map(|(name, value)| json!({"name": name, "value": value.expose_secret()}));
                json_answer(&json!({
                    "session": visit.session,
                    "form": {"action": form.action, "fields": fields.collect::<Vec<_>>()},
                    "expiresAt": visit.expires_at.to_string(),
                }))
            }
        }
    }
}

impl Asked {
    fn wanted(self) -> Result<StartSession, Problem> {
        Ok(StartSession {
            supplier: required("supplier", &self.supplier)?,
            operation: match self.operation.as_deref().map(str::trim) {
                None | Some("") => Operation::Create,
                Some(said) => required("operation", said)?,
            },
            requisition: optional("requisition", self.requisition.as_deref())?,
            unit: optional("unit", self.unit.as_deref())?,
            location: optional("location", self.location.as_deref())?,
            cost_centre: self.cost_centre.filter(|text| !text.trim().is_empty()),
        })
    }
}

fn required<T: FromStr>(field: &'static str, said: &str) -> Result<T, Problem> {
    said.trim().parse().map_err(|_| {
        let fault = FieldFault::new(field, "invalid", "is not one that is known");
        Problem::new(&BODY_INVALID)
            .status_is(StatusCode::UNPROCESSABLE_ENTITY)
            .detail(format!("`{field}` is not one that is known"))
            .field(fault)
    })
}

fn optional<T: FromStr>(field: &'static str, said: Option<&str>) -> Result<Option<T>, Problem> {
    let said = said.map(str::trim).filter(|said| !said.is_empty());
    said.map(|said| required(field, said)).transpose()
}

fn unreadable(error: &dyn std::error::Error) -> Problem {
    tracing::debug!(%error, "what was asked cannot be read");
    Problem::new(&BODY_INVALID).detail(
        "the body has supplier, and may have operation, requisition, unit, location and costCentre",
    )
}

fn by_form(request: &Request) -> Result<bool, Problem> {
    let said = text(request.headers(), header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let media = said.split(';').next().unwrap_or_default().trim();
    match media.to_ascii_lowercase().as_str() {
        "application/json" => Ok(false),
        "application/x-www-form-urlencoded" => Ok(true),
        _ => Err(Problem::new(&UNSUPPORTED_MEDIA_TYPE)),
    }
}

const fn options() -> ExtractParamOptions<()> {
    ExtractParamOptions {
        name: "",
        ignore_case: false,
        default_value: None,
        example_value: None,
        explode: true,
        style: None,
    }
}

/// The browser goes to the shop in its top window; nothing of ours tells the shop where from.
fn see_other(url: &str) -> Response {
    let Ok(location) = HeaderValue::try_from(url) else {
        // The reader has checked that it is an address; one with characters that no header takes is none for a browser.
        return Problem::internal("the address of a shop fits into no header").into_response();
    };
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, location)
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CACHE_CONTROL, "no-store")
        .finish()
}

fn json_answer(body: &serde_json::Value) -> Response {
    Response::builder()
        .content_type("application/json")
        .header(header::CACHE_CONTROL, "no-store")
        .body(body.to_string())
}
