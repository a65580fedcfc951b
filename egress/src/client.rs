//! The client: what it is made of, and the checks that every attempt passes.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use habeo_core::time::Clock;
use reqwest::Method;

use crate::address;
use crate::allow::AllowList;
use crate::error::{EgressError, Refusal};
use crate::lane::{Kept, Lane, Lanes};
use crate::own::Own;
use crate::request::Request;
use crate::resolve::{Resolve, SystemResolver, look_up};
use crate::target::Target;
use crate::tls::Tls;

/// What a client is made with.
#[derive(Debug, Clone)]
pub struct Settings {
    clock: Arc<dyn Clock>,
    allowed: AllowList,
    own: Vec<SocketAddr>,
    resolver: Arc<dyn Resolve>,
}

impl Settings {
    /// The public Internet and nothing else, with the system's resolver.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            allowed: AllowList::empty(),
            own: Vec::new(),
            resolver: Arc::new(SystemResolver),
        }
    }

    /// Permits hosts of the operator's network.
    #[must_use]
    pub fn allow(mut self, allowed: AllowList) -> Self {
        self.allowed = allowed;
        self
    }

    /// Names an address that we listen on.
    #[must_use]
    pub fn own(mut self, listening: SocketAddr) -> Self {
        self.own.push(listening);
        self
    }

    /// Looks names up elsewhere.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = resolver;
        self
    }
}

/// The guarded client. Cloning it is cheap and shares everything.
#[derive(Clone)]
pub struct Egress(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    allowed: AllowList,
    own: Own,
    resolver: Arc<dyn Resolve>,
    lanes: Lanes,
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress")
            .field("allowed", &self.0.allowed)
            .finish_non_exhaustive()
    }
}

impl Egress {
    /// Makes the client. It opens nothing yet; it reads the system's root certificates.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self::trusting(settings, Tls::of_the_system())
    }

    pub(crate) fn trusting(settings: Settings, tls: Tls) -> Self {
        Self(Arc::new(Inner {
            clock: settings.clock,
            allowed: settings.allowed,
            own: Own::new(settings.own),
            resolver: settings.resolver,
            lanes: Lanes::new(tls),
        }))
    }

    /// Names an address that we listen on, where it is known only after the client was made.
    pub fn listening_on(&self, own: SocketAddr) {
        self.0.own.add(own);
    }

    /// Whether the system's root certificates could be read. Without them every https request fails as [`EgressError::Tls`]: worth a line in the
    /// log when a server starts.
    #[must_use]
    pub fn has_roots(&self) -> bool {
        self.0.lanes.has_roots()
    }

    /// An address under the rules of form, with the operator's exceptions. Asks no network.
    pub fn target(&self, url: &str) -> Result<Target, Refusal> {
        Target::parse(url, &self.0.allowed)
    }

    /// An address that is about to be saved: its form, and the addresses of its name as far as they are known today.
    ///
    /// A name that nobody knows yet is no reason to refuse: it is asked again before every attempt.
    pub async fn target_to_save(&self, lane: Lane, url: &str) -> Result<Target, Refusal> {
        let target = self.target(url)?;
        let Ok(kept) = self.0.lanes.get(lane).await else {
            return Ok(target);
        };
        match self.addresses(&kept, &target).await {
            Err(EgressError::Refused(refusal)) => Err(refusal),
            Ok(_) | Err(_) => Ok(target),
        }
    }

    /// A GET request.
    pub fn get(&self, lane: Lane, target: &Target) -> Request {
        self.request(Method::GET, lane, target)
    }

    /// A POST request.
    pub fn post(&self, lane: Lane, target: &Target) -> Request {
        self.request(Method::POST, lane, target)
    }

    /// A PUT request.
    pub fn put(&self, lane: Lane, target: &Target) -> Request {
        self.request(Method::PUT, lane, target)
    }

    /// A PATCH request.
    pub fn patch(&self, lane: Lane, target: &Target) -> Request {
        self.request(Method::PATCH, lane, target)
    }

    /// A DELETE request.
    pub fn delete(&self, lane: Lane, target: &Target) -> Request {
        self.request(Method::DELETE, lane, target)
    }

    fn request(&self, method: Method, lane: Lane, target: &Target) -> Request {
        Request::new(self.clone(), method, lane, target.clone())
    }

    pub(crate) async fn lane(&self, lane: Lane) -> Result<Kept, EgressError> {
        self.0.lanes.get(lane).await
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// Every rule for one attempt: the form once more (another client may have made the target), the name's addresses, and each of them.
    pub(crate) async fn addresses(
        &self,
        kept: &Kept,
        target: &Target,
    ) -> Result<Vec<SocketAddr>, EgressError> {
        target.check(&self.0.allowed)?;
        let literal = target.literal();
        let found = match literal {
            Some(address) => vec![address],
            None => look_up(&*self.0.resolver, &kept.lookups, target.host()).await?,
        };
        let mut addresses = Vec::with_capacity(found.len());
        for ip in found {
            let address = SocketAddr::new(ip, target.port());
            self.permit(target, address)?;
            addresses.push(address);
        }
        Ok(addresses)
    }

    /// Whether this target may be reached at this address.
    pub(crate) fn permit(&self, target: &Target, peer: SocketAddr) -> Result<(), Refusal> {
        if self.0.own.includes(peer) {
            return Err(Refusal::Own);
        }
        if target.is_allowed(&self.0.allowed) {
            return Ok(());
        }
        let Some(range) = address::refused_range(peer.ip()) else {
            return Ok(());
        };
        Err(match target.literal() {
            Some(address) => Refusal::Address { address, range },
            None => Refusal::Resolved(range),
        })
    }
}
