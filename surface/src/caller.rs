//! Caller: who asks. Naming one in a handler's signature is the whole of its authentication.

use std::sync::Arc;

use habeo_core::access::{Access, Surface};
use habeo_core::id::PersonId;
use poem::http::{HeaderMap, Method, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::catalogue;
use crate::edge::{CallerNote, RequestState};
use crate::limit::{Key, RateReport};
use crate::problem::{ApiResult, Problem};
use crate::token::{Authenticator, Fault, Reason, Standing, Verified};

/// The name of the security scheme in the document.
pub const SECURITY_SCHEME: &str = "bearerAuth";

/// A verified, rate-limited and known caller.
///
/// Holding one proves that the bearer token was valid, that its session is within its rate, and that core found the person and the
/// organisation. It is made by poem-openapi from the request and by nothing else.
#[derive(Debug, Clone)]
pub struct Caller {
    access: Access,
    person: PersonId,
    issuer: String,
    session_id: String,
    impersonator: Option<String>,
}

impl Caller {
    /// What the caller may see and do.
    #[must_use]
    pub const fn access(&self) -> &Access {
        &self.access
    }

    /// Who the caller is.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// The session's id at its issuer.
    #[must_use]
    pub fn session_id(&self) -> &str {
        &self.session_id
    }

    /// Who issued the token.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Who acts in the person's name, if it is somebody else. Such a caller only reads.
    #[must_use]
    pub fn impersonator(&self) -> Option<&str> {
        self.impersonator.as_deref()
    }
}

/// Token, then rate, then person: what is cheap and what protects comes first.
async fn authenticate(request: &Request) -> ApiResult<Caller> {
    let (state, authenticator) = surroundings(request)?;
    let verified = match verified(request, authenticator).await {
        Ok(verified) => verified,
        Err(Fault::KeysUnavailable) => {
            return Err(Problem::new(&catalogue::AUTH_UNAVAILABLE));
        }
        Err(Fault::Refused(reason)) => {
            return Err(refused(reason, state, authenticator).await);
        }
    };
    let key = Authenticator::rate_key(&verified);
    let report = authenticator.rates.take(key).await;
    state.set_rate(report, Some((authenticator.rates.clone(), key)));
    if let Some(seconds) = report.retry_after() {
        return Err(Problem::new(&catalogue::RATE_LIMITED).retry_after(seconds));
    }
    let caller = known(request, state, authenticator, &verified).await?;
    state.refuse_faulty_query()?;
    Ok(caller)
}

fn surroundings(request: &Request) -> ApiResult<(&Arc<RequestState>, &Authenticator)> {
    let state = request.data::<Arc<RequestState>>();
    let authenticator = request.data::<Arc<Authenticator>>();
    match (state, authenticator) {
        (Some(state), Some(authenticator)) => Ok((state, authenticator)),
        _ => Err(Problem::internal(
            "the route is not wired with the edge and an authenticator",
        )),
    }
}

async fn verified(
    request: &Request,
    authenticator: &Authenticator,
) -> Result<Arc<Verified>, Fault> {
    let token = bearer(request.headers()).map_err(Fault::Refused)?;
    authenticator.verify(token).await
}

/// The token of the one `Authorization` header.
fn bearer(headers: &HeaderMap) -> Result<&str, Reason> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(Reason::HeaderMissing)?;
    if values.next().is_some() {
        return Err(Reason::HeaderRepeated);
    }
    let text = value.to_str().map_err(|_| Reason::HeaderMalformed)?;
    let (scheme, token) = text.split_once(' ').ok_or(Reason::HeaderMalformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Reason::HeaderMalformed);
    }
    Ok(token.trim_matches(' '))
}

/// One body for every bad token. Failures count against the client's address, and only failures do: people who share an address
/// with a broken script keep working.
async fn refused(reason: Reason, state: &RequestState, authenticator: &Authenticator) -> Problem {
    state.note_reason(reason.code());
    let report = authenticator
        .failures
        .take(Key::new("", state.client_key()))
        .await;
    match report.retry_after() {
        Some(seconds) => Problem::new(&catalogue::RATE_LIMITED).retry_after(seconds),
        None => Problem::new(&catalogue::UNAUTHENTICATED),
    }
}

async fn known(
    request: &Request,
    state: &RequestState,
    authenticator: &Authenticator,
    verified: &Verified,
) -> ApiResult<Caller> {
    let credential = match &verified.standing {
        Standing::Pending => return Err(Problem::new(&catalogue::SESSION_PENDING)),
        Standing::NoOrganization => {
            return Err(Problem::new(&catalogue::NO_ACTIVE_ORGANIZATION));
        }
        Standing::Active(credential) => credential,
    };
    let session = authenticator
        .session(credential, &verified.session_id)
        .await?;
    state.note_caller(CallerNote {
        org: session.access.org(),
        person: Some(session.person),
        install: None,
        impersonator: verified.impersonator.clone(),
    });
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if verified.impersonator.is_some() && !reads {
        return Err(Problem::new(&catalogue::FORBIDDEN)
            .detail("somebody who acts in another person's name may only read"));
    }
    Ok(Caller {
        access: session
            .access
            .within(Surface::Api, state.request_id().to_owned()),
        person: session.person,
        issuer: verified.issuer.clone(),
        session_id: verified.session_id.clone(),
        impersonator: verified.impersonator.clone(),
    })
}

/// Written by hand rather than derived, because the derived extractor reads the header leniently and fails before a checker runs.
impl<'a> ApiExtractor<'a> for Caller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(
            SECURITY_SCHEME,
            MetaSecurityScheme {
                ty: "http",
                description: Some(
                    "A session token of the signed-in person, with an active organization.",
                ),
                name: None,
                key_in: None,
                scheme: Some("bearer"),
                bearer_format: Some("JWT"),
                flows: None,
                openid_connect_url: None,
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SECURITY_SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        authenticate(request).await.map_err(Into::into)
    }
}

/// What one allowed request costs and how it can be taken back; kept until the answer's status is known.
pub(crate) type Refund = Option<(Arc<crate::limit::Limiter>, Key)>;

/// The outcome of the limiter for one request.
#[derive(Debug)]
pub(crate) struct Rate {
    pub(crate) report: RateReport,
    pub(crate) refund: Refund,
}
