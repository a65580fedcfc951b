//! Who asks on `/v1`: a program, by its key, within its rate and its scopes.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::api_key::{self, Holder, Mode, Scope, USED_WITHIN_MICROS};
use habeo_core::id::AppId;
use habeo_core::ledger::Ledger;
use habeo_core::opaque;
use habeo_core::store::StoreResult;
use habeo_surface::catalogue::control::{INVALID_API_KEY, MISSING_SCOPE};
use habeo_surface::edge::{CallerNote, RequestState};
use habeo_surface::limit::Key;
use habeo_surface::{ApiResult, Problem, catalogue};
use moka::future::Cache;
use poem::http::{HeaderMap, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::Control;

/// The name of the security scheme in the document.
pub const SECURITY_SCHEME: &str = "apiKey";

/// How many keys are remembered.
const KEYS_MAX: u64 = 10_000;
/// How long a key is believed without looking; a key that this node revoked is not believed at all.
const BELIEVED: Duration = Duration::from_secs(5);

/// What a route asks of a key.
pub trait Needs: Send + Sync + fmt::Debug + 'static {
    /// The scope.
    const SCOPE: Scope;
    /// Whether the key's rate counts. What has no rate is held back by the database alone.
    const COUNTED: bool;
}

/// One that may emit events.
#[derive(Debug, Clone, Copy)]
pub struct Emits;

impl Needs for Emits {
    const SCOPE: Scope = Scope::EventsWrite;
    const COUNTED: bool = false;
}

/// One that may manage endpoints.
#[derive(Debug, Clone, Copy)]
pub struct Controls;

impl Needs for Controls {
    const SCOPE: Scope = Scope::ControlWebhooks;
    const COUNTED: bool = true;
}

/// A program. Holding one proves that its key opens, that it is within its rate, and that it may do what the route asks for.
#[derive(Debug, Clone)]
pub struct Keyed<N: Needs> {
    app: AppId,
    mode: Mode,
    access: Access,
    needs: PhantomData<N>,
}

impl<N: Needs> Keyed<N> {
    /// What the program may do.
    #[must_use]
    pub const fn access(&self) -> &Access {
        &self.access
    }

    /// The app whose key it is.
    #[must_use]
    pub const fn app(&self) -> AppId {
        self.app
    }

    /// For which organisations the key is.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }
}

/// Keys that were found to open, by their hashes.
#[derive(Debug)]
pub(crate) struct Keys {
    ledger: Ledger,
    found: Cache<Vec<u8>, (Arc<Holder>, u64)>,
}

impl Keys {
    pub fn new(ledger: Ledger) -> Self {
        let found = Cache::builder()
            .max_capacity(KEYS_MAX)
            .time_to_live(BELIEVED)
            .build();
        Self { ledger, found }
    }

    /// Who has a key, if it opens. The text's form is checked before anything is read.
    async fn holder(&self, key: &str) -> StoreResult<Option<Arc<Holder>>> {
        if !Mode::ALL
            .iter()
            .any(|mode| opaque::is_one(mode.prefix(), key))
        {
            return Ok(None);
        }
        let hash = opaque::hash(key);
        if let Some((holder, generation)) = self.found.get(&hash).await
            && generation == self.ledger.rights_generation(holder.access.org())
        {
            return Ok(Some(holder));
        }
        let Some((holder, generation)) = self.read(key).await? else {
            self.found.invalidate(&hash).await;
            return Ok(None);
        };
        let holder = Arc::new(holder);
        self.note_use(&holder);
        self.found
            .insert(hash, (Arc::clone(&holder), generation))
            .await;
        Ok(Some(holder))
    }

    /// Who has a key by the database, and up to which change of rights that is so: the number is read first, so that a key that is revoked while
    /// it is looked up is not believed for longer.
    async fn read(&self, key: &str) -> StoreResult<Option<(Holder, u64)>> {
        let db = self.ledger.db();
        let Some(found) = api_key::store::find(db, key).await? else {
            return Ok(None);
        };
        let generation = self.ledger.rights_generation(found.0);
        let holder = api_key::store::opens(db, found).await?;
        Ok(holder.map(|holder| (holder, generation)))
    }

    /// When it was last used is told to administrators; nobody waits for it, and that it cannot be noted is no reason to refuse.
    fn note_use(&self, holder: &Holder) {
        let now = self.ledger.clock().now();
        let stale = holder
            .last_used_at
            .is_none_or(|at| at.plus_micros(USED_WITHIN_MICROS) <= now);
        if !stale {
            return;
        }
        let (ledger, org, key) = (self.ledger.clone(), holder.access.org(), holder.key);
        tokio::spawn(async move {
            let noted = api_key::store::note_use(ledger.db(), org, key, now).await;
            if let Err(error) = noted {
                tracing::warn!(%error, "the use of a key is not noted");
            }
        });
    }
}

/// Finds out who asks, in the one order of checks.
async fn authenticate<N: Needs>(request: &Request) -> ApiResult<Keyed<N>> {
    let state = request.data::<Arc<RequestState>>();
    let control = request.data::<Control>();
    let (Some(state), Some(control)) = (state, control) else {
        return Err(Problem::internal(
            "the route is not wired with the edge and its control",
        ));
    };
    let holder = match sent(request.headers()) {
        Some(key) => control.keys().holder(key).await?,
        None => None,
    };
    let Some(holder) = holder else {
        return Err(refused(state, control).await);
    };
    state.note_caller(CallerNote {
        org: holder.access.org(),
        person: None,
        install: None,
        impersonator: None,
    });
    if N::COUNTED {
        let key = Key::new(&holder.access.org().to_string(), &holder.key.to_string());
        let report = control.rates().take(key).await;
        state.note_rate(report);
        if let Some(seconds) = report.retry_after() {
            return Err(Problem::new(&catalogue::RATE_LIMITED).retry_after(seconds));
        }
    }
    if !holder.scopes.contains(&N::SCOPE) {
        return Err(
            Problem::new(&MISSING_SCOPE).detail(format!("this key lacks the scope {}", N::SCOPE))
        );
    }
    state.refuse_faulty_query()?;
    let access = holder.access.clone();
    Ok(Keyed {
        app: holder.app,
        mode: holder.mode,
        access: access.within(Surface::Api, state.request_id().to_owned()),
        needs: PhantomData,
    })
}

/// The key of the one `Authorization` header.
fn sent(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| key.trim_matches(' '))
}

/// One answer for every bad key. Failures count against the client's address, and only failures do.
async fn refused(state: &RequestState, control: &Control) -> Problem {
    state.note_reason("api_key_refused");
    let report = control
        .failures()
        .take(Key::new("", state.client_key()))
        .await;
    match report.retry_after() {
        Some(seconds) => Problem::new(&catalogue::RATE_LIMITED).retry_after(seconds),
        None => Problem::new(&INVALID_API_KEY),
    }
}

impl<'a, N: Needs> ApiExtractor<'a> for Keyed<N> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(
            SECURITY_SCHEME,
            MetaSecurityScheme {
                ty: "http",
                description: Some("A key of a program: `wa_live_…`, in a sandbox `wa_test_…`."),
                name: None,
                key_in: None,
                scheme: Some("bearer"),
                bearer_format: None,
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
