//! What may be reached: the form of an address, literal hosts, names and ports. The same rules hold when an address is saved and before each use.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::allow::AllowList;
use crate::error::Refusal;
use crate::{address, port};

/// The longest address.
pub const URL_CHARS_MAX: usize = 2_048;
const NAME_CHARS_MAX: usize = 253;
const LABEL_CHARS_MAX: usize = 63;

/// Ends of names that mean something on one network only.
const RESERVED_ENDS: [&str; 5] = ["localhost", "local", "internal", "arpa", "onion"];

/// An address that passed the rules of form. Holding one proves nothing about what its name means: that is asked before each use.
///
/// It shows its origin only. Paths and queries hold tokens more often than not.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    port: u16,
}

impl Target {
    /// Reads an address under the rules, with the operator's exceptions.
    pub(crate) fn parse(text: &str, allowed: &AllowList) -> Result<Self, Refusal> {
        let target = Self::read(text)?;
        target.check(allowed)?;
        Ok(target)
    }

    /// This address with a path appended to its own: `https://host/amer/` and `v3/conversations` make `https://host/amer/v3/conversations`.
    ///
    /// The parts of the path are percent-encoded by the caller; one that would climb out of the base is refused. A query of the base is left off.
    pub fn at(&self, path: &str) -> Result<Self, Refusal> {
        let base = self.url.path().trim_end_matches('/');
        let path = format!("{base}/{}", path.trim_start_matches('/'));
        let joined = Self::read(&format!("{}{path}", self.origin()))?;
        // A parser that had to change the path has resolved dots, or encoded what was not meant to be there.
        if joined.url.path() != path {
            return Err(Refusal::Path);
        }
        Ok(joined)
    }

    /// This address with these pairs in place of its query.
    pub fn with_query<'q>(
        &self,
        pairs: impl IntoIterator<Item = (&'q str, &'q str)>,
    ) -> Result<Self, Refusal> {
        let mut url = self.url.clone();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        Self::read(url.as_str())
    }

    /// Scheme, host and port: the part that may be shown.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The host as it is written, an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port, also where the address does not say it.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The whole address, which may hold tokens: for storing it, not for showing it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.url.as_str()
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    /// The address that the host literally is, if it is one.
    pub(crate) fn literal(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }

    pub(crate) fn is_allowed(&self, allowed: &AllowList) -> bool {
        allowed.permits(self.host(), self.port)
    }

    /// Every rule that needs no network, except those of spelling, which [`Self::read`] has settled for good.
    pub(crate) fn check(&self, allowed: &AllowList) -> Result<(), Refusal> {
        if self.is_allowed(allowed) {
            return Ok(());
        }
        if self.url.scheme() != "https" {
            return Err(Refusal::Scheme);
        }
        match self.literal() {
            Some(address) => check_address(address)?,
            None => check_name(self.host())?,
        }
        if port::belongs_to_another_service(self.port) {
            return Err(Refusal::Port(self.port));
        }
        Ok(())
    }

    /// Reads the form. Only one spelling of each host passes, so that nothing between here and the socket can read it differently.
    fn read(text: &str) -> Result<Self, Refusal> {
        if text.len() > URL_CHARS_MAX {
            return Err(Refusal::TooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
            return Err(Refusal::Characters);
        }
        let (scheme, rest) = text.split_once("://").ok_or(Refusal::Form)?;
        if !matches!(scheme, "https" | "http") {
            return Err(Refusal::Scheme);
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(Refusal::UserInfo);
        }
        let (host, written_port) = split_port(authority);
        let url = Url::parse(text).map_err(|_| Refusal::Form)?;
        if url.host_str() != Some(host) || host.ends_with('.') {
            return Err(Refusal::HostSpelling);
        }
        let port = url.port_or_known_default().ok_or(Refusal::Form)?;
        if written_port.is_some_and(|written| written != port.to_string()) {
            return Err(Refusal::Form);
        }
        Ok(Self { url, port })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({})", self.origin())
    }
}

/// The host and the port as written; the colons inside brackets belong to the host.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// Whether an address is one of the public Internet.
pub(crate) fn check_address(address: IpAddr) -> Result<(), Refusal> {
    match address::refused_range(address) {
        None => Ok(()),
        Some(range) => Err(Refusal::Address { address, range }),
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let last = name.rsplit('.').next().unwrap_or_default();
    if let Some(reserved) = RESERVED_ENDS.into_iter().find(|end| *end == last) {
        return Err(Refusal::HostReserved(reserved));
    }
    let is_full =
        name.len() <= NAME_CHARS_MAX && name.contains('.') && name.split('.').all(is_label);
    if is_full {
        Ok(())
    } else {
        Err(Refusal::HostName)
    }
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_CHARS_MAX).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
