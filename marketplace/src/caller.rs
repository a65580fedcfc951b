//! Who asks on `/public/v1`: an installed app, by its token, within its rate, for its own tenant and within its scopes.

mod tenant;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use habeo_core::access::Access;
use habeo_core::app_client::{Scope, Scopes};
use habeo_core::app_install;
use habeo_core::oauth::bearer::{self, Bearer};
use habeo_core::oauth::token as opaque;
use habeo_surface::catalogue::public::{
    INSTALL_SUSPENDED, INSUFFICIENT_SCOPE, INVALID_TOKEN, MISSING_TOKEN, TENANT_SCOPE_VIOLATION,
};
use habeo_surface::edge::{CallerNote, RequestState};
use habeo_surface::limit::Key;
use habeo_surface::{ApiResult, Problem, catalogue};
use poem::http::{HeaderMap, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{
    MetaOAuthFlow, MetaOAuthFlows, MetaOAuthScope, MetaSecurityScheme, Registry,
};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

use crate::Marketplace;

/// The name of the security scheme in the document.
pub const SECURITY_SCHEME: &str = "installToken";

/// What a route asks of a token.
pub trait Needs: Send + Sync + fmt::Debug + 'static {
    /// The scope; none where any token will do.
    const SCOPE: Option<Scope>;
}

macro_rules! needs {
    ($($(#[$meta:meta])* $name:ident = $scope:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Needs for $name {
            const SCOPE: Option<Scope> = $scope;
        }
    )*};
}

needs! {
    /// Any token that is accepted.
    AnyToken = None;
    /// One that permits seeing assets.
    AssetsRead = Some(Scope::AssetsRead);
    /// One that permits seeing people.
    PeopleRead = Some(Scope::PeopleRead);
    /// One that permits seeing sites.
    SitesRead = Some(Scope::SitesRead);
    /// One that permits seeing tickets.
    TicketsRead = Some(Scope::TicketsRead);
    /// One that permits seeing subscriptions.
    WebhooksRead = Some(Scope::WebhooksRead);
    /// One that permits subscribing.
    WebhooksWrite = Some(Scope::WebhooksWrite);
}

/// An installed app. Holding one proves that its token is accepted, that the installation works, that it is within its rate, that the address names
/// its own organisation and entity if it names any, and that it was permitted what the route asks for.
#[derive(Debug, Clone)]
pub struct Scoped<N: Needs> {
    bearer: Bearer,
    access: Access,
    needs: PhantomData<N>,
}

impl<N: Needs> Scoped<N> {
    /// What the app may see.
    #[must_use]
    pub const fn access(&self) -> &Access {
        &self.access
    }

    /// The installation.
    #[must_use]
    pub const fn bearer(&self) -> &Bearer {
        &self.bearer
    }
}

/// Finds out who asks, in the one order of checks.
pub(crate) async fn authenticate<N: Needs>(request: &Request) -> ApiResult<Scoped<N>> {
    let state = request.data::<Arc<RequestState>>();
    let marketplace = request.data::<Marketplace>();
    let (Some(state), Some(marketplace)) = (state, marketplace) else {
        return Err(Problem::internal(
            "the route is not wired with the edge and a marketplace",
        ));
    };
    let bearer = token(request.headers(), state, marketplace).await?;
    state.note_caller(CallerNote {
        org: bearer.org,
        person: None,
        install: Some(bearer.install),
        impersonator: None,
    });
    let counted = within_rate(&bearer, state, marketplace).await;
    if !bearer.works() {
        return Err(Problem::new(&INSTALL_SUSPENDED));
    }
    counted?;
    if !tenant::is_own(state.uri().path(), bearer.org, bearer.unit) {
        return Err(Problem::new(&TENANT_SCOPE_VIOLATION));
    }
    if let Some(scope) = N::SCOPE.filter(|scope| !bearer.scopes.has(*scope)) {
        return Err(insufficient(scope, &bearer.scopes, marketplace));
    }
    state.refuse_faulty_query()?;
    let access = bearer.access(state.request_id().to_owned());
    note_use(&bearer, &access, marketplace).await;
    Ok(Scoped {
        bearer,
        access,
        needs: PhantomData,
    })
}

async fn token(
    headers: &HeaderMap,
    state: &RequestState,
    marketplace: &Marketplace,
) -> ApiResult<Bearer> {
    let text = match sent(headers) {
        Sent::Nothing => return Err(refused("header_missing", true, state, marketplace).await),
        Sent::Unreadable => None,
        Sent::Token(text) => Some(text),
    };
    let Some(known) = text.and_then(opaque::read) else {
        return Err(refused("token_malformed", false, state, marketplace).await);
    };
    let (db, now) = (
        marketplace.ledger().db(),
        marketplace.ledger().clock().now(),
    );
    match bearer::find(db, known, now).await? {
        Some(bearer) => Ok(bearer),
        None => Err(refused("token_unknown", false, state, marketplace).await),
    }
}

/// What a request has for a token.
enum Sent<'a> {
    Nothing,
    Unreadable,
    Token(&'a str),
}

/// The token of the one `Authorization` header.
fn sent(headers: &HeaderMap) -> Sent<'_> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Sent::Nothing;
    };
    let pair = value.to_str().ok().and_then(|text| text.split_once(' '));
    match pair {
        Some((scheme, token))
            if scheme.eq_ignore_ascii_case("bearer") && values.next().is_none() =>
        {
            Sent::Token(token.trim_matches(' '))
        }
        _ => Sent::Unreadable,
    }
}

/// One answer for every bad token, and another where there is none. Failures count against the client's address, and only failures do.
async fn refused(
    reason: &'static str,
    missing: bool,
    state: &RequestState,
    marketplace: &Marketplace,
) -> Problem {
    state.note_reason(reason);
    let key = Key::new("", state.client_key());
    let report = marketplace.failures().take(key).await;
    if let Some(seconds) = report.retry_after() {
        return Problem::new(&catalogue::RATE_LIMITED).retry_after(seconds);
    }
    // RFC 6750, section 3: who sent nothing is told of no error.
    let metadata = metadata(marketplace);
    if missing {
        Problem::new(&MISSING_TOKEN).challenge(format!("Bearer {metadata}"))
    } else {
        Problem::new(&INVALID_TOKEN)
            .challenge(format!("Bearer {metadata}, error=\"invalid_token\""))
    }
}

/// Where it is written how to get a token (RFC 9728, section 5.1).
fn metadata(marketplace: &Marketplace) -> String {
    format!(
        "resource_metadata=\"{}{}\"",
        marketplace.issuer(),
        crate::oauth::RESOURCE_PATH
    )
}

async fn within_rate(
    bearer: &Bearer,
    state: &RequestState,
    marketplace: &Marketplace,
) -> ApiResult<()> {
    let principal = format!("{}/{}", bearer.client, bearer.install);
    let key = Key::new(&bearer.org.to_string(), &principal);
    let window = marketplace.window(bearer.rate_per_minute);
    let report = marketplace.rates().take(key, window).await;
    state.note_rate(report);
    match report.retry_after() {
        Some(seconds) => Err(Problem::new(&catalogue::RATE_LIMITED)
            .detail("the installation has used up its requests of this minute")
            .retry_after(seconds)),
        None => Ok(()),
    }
}

fn insufficient(scope: Scope, held: &Scopes, marketplace: &Marketplace) -> Problem {
    let metadata = metadata(marketplace);
    tracing::debug!(%held, needed = scope.as_str(), "an app asked for more than it was permitted");
    Problem::new(&INSUFFICIENT_SCOPE)
        .with("required", vec![Value::from(scope.as_str())])
        .challenge(format!(
            "Bearer {metadata}, error=\"insufficient_scope\", scope=\"{scope}\""
        ))
}

/// When it was last used is told to administrators; that it cannot be noted is no reason to refuse.
async fn note_use(bearer: &Bearer, access: &Access, marketplace: &Marketplace) {
    if !bearer.use_is_stale {
        return;
    }
    let ledger = marketplace.ledger();
    let (db, now) = (ledger.db(), ledger.clock().now());
    let noted = app_install::store::note_use(db, access, bearer.install, now).await;
    if let Err(error) = noted {
        tracing::warn!(%error, "the use of an installed app is not noted");
    }
}

impl<'a, N: Needs> ApiExtractor<'a> for Scoped<N> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scopes = Scope::ALL.iter().map(|scope| MetaOAuthScope {
            name: scope.as_str(),
            description: Some(scope.in_words()),
        });
        registry.create_security_scheme(
            SECURITY_SCHEME,
            MetaSecurityScheme {
                ty: "oauth2",
                description: Some(
                    "An access token of an installed app: authorization code with PKCE (S256).",
                ),
                name: None,
                key_in: None,
                scheme: None,
                bearer_format: None,
                flows: Some(MetaOAuthFlows {
                    implicit: None,
                    password: None,
                    client_credentials: None,
                    authorization_code: Some(MetaOAuthFlow {
                        authorization_url: Some(crate::oauth::AUTHORIZE_PATH),
                        token_url: Some(crate::oauth::TOKEN_PATH),
                        refresh_url: Some(crate::oauth::TOKEN_PATH),
                        scopes: scopes.collect(),
                    }),
                }),
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
