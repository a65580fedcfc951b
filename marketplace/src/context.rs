//! What every route needs: the ledger, the keys by which it speaks to callers, and how much each may ask.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use habeo_core::id::OrgId;
use habeo_core::ledger::Ledger;
use habeo_core::oauth::answer;
use habeo_core::page::CursorKey;
use habeo_core::secret::MasterKey;
use habeo_core::time::Clock;
use habeo_surface::limit::{Limiter, Quota, Shared, Window, Windows};
use poem::Response;
use url::Url;

/// Pages for people who cannot be sent back to an app.
pub trait Pages: Send + Sync + fmt::Debug {
    /// A page that says one thing, with the status of a bad request.
    fn refusal(&self, heading: &str, text: &str) -> Response;
    /// The same with a link: what it is called, and where it leads.
    fn refusal_with(&self, heading: &str, text: &str, way: (&str, &str)) -> Response;
}

/// Whether an address that an app chose may be called.
pub trait Addresses: Send + Sync + fmt::Debug {
    /// Why it may not, in words that follow "the field `url`".
    fn check<'a>(
        &'a self,
        org: OrgId,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;
}

/// What the marketplace is made of.
#[derive(Debug)]
pub struct Parts {
    /// The ledger.
    pub ledger: Ledger,
    /// The key that seals requests on their way through sign-in, and cursors.
    pub master_key: Arc<MasterKey>,
    /// Pages for people.
    pub pages: Arc<dyn Pages>,
    /// The rules for addresses of others.
    pub addresses: Arc<dyn Addresses>,
    /// How the server is reached from outside.
    pub public_url: Url,
    /// How many requests an installation makes in a window, where its app has no rate of its own.
    pub per_minute: u32,
    /// The store in which nodes share rates.
    pub shared: Option<Arc<Shared>>,
}

/// The marketplace of one installation. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Marketplace(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    issuer: String,
    cursor_key: CursorKey,
    rates: Windows,
    failures: Limiter,
    attempts: Limiter,
    denials: Limiter,
}

/// How often a client may fail to prove itself at `/oauth/*` from one address.
const ATTEMPTS: Quota = Quota {
    rate: 10,
    period_seconds: 60,
    burst: 10,
};

/// How often what a client presents may be denied in one organisation, from one address: each takes a unit of work of that organisation.
const DENIALS: Quota = Quota {
    rate: 30,
    period_seconds: 60,
    burst: 30,
};

impl Marketplace {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let clock = || parts.ledger.shared_clock();
        let mut rates = Windows::new(clock());
        let mut failures = limiter(Quota::FAILED_AUTHENTICATION, clock());
        let mut attempts = limiter(ATTEMPTS, clock());
        let mut denials = limiter(DENIALS, clock());
        if let Some(shared) = &parts.shared {
            rates = rates.shared("public", Arc::clone(shared));
            failures = failures.shared("public-failures", Arc::clone(shared));
            attempts = attempts.shared("oauth", Arc::clone(shared));
            denials = denials.shared("oauth-denials", Arc::clone(shared));
        }
        Self(Arc::new(Inner {
            issuer: answer::issuer(&parts.public_url),
            cursor_key: parts.master_key.cursor_key(),
            rates,
            failures,
            attempts,
            denials,
            parts,
        }))
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.0.parts.ledger
    }

    pub(crate) fn master_key(&self) -> &MasterKey {
        &self.0.parts.master_key
    }

    pub(crate) fn shared_key(&self) -> &Arc<MasterKey> {
        &self.0.parts.master_key
    }

    pub(crate) fn addresses(&self) -> &dyn Addresses {
        self.0.parts.addresses.as_ref()
    }

    pub(crate) fn pages(&self) -> &dyn Pages {
        self.0.parts.pages.as_ref()
    }

    /// The name under which tokens are issued.
    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    pub(crate) fn cursor_key(&self) -> &CursorKey {
        &self.0.cursor_key
    }

    pub(crate) fn rates(&self) -> &Windows {
        &self.0.rates
    }

    /// The window of an installation whose app may have a rate of its own.
    pub(crate) fn window(&self, per_minute: Option<u32>) -> Window {
        Window {
            rate: per_minute.unwrap_or(self.0.parts.per_minute),
            ..Window::PUBLIC
        }
    }

    /// Tokens and clients that were not accepted, by address.
    pub(crate) fn failures(&self) -> &Limiter {
        &self.0.failures
    }

    /// Attempts of a known client to prove itself that failed, by client and address.
    pub(crate) fn attempts(&self) -> &Limiter {
        &self.0.attempts
    }

    /// Codes and refresh tokens that were denied, by organisation, client and address.
    pub(crate) fn denials(&self) -> &Limiter {
        &self.0.denials
    }
}

fn limiter(quota: Quota, clock: Arc<dyn Clock>) -> Limiter {
    Limiter::new(quota, clock)
}
