//! The hosts that the operator permits although they are not on the public Internet.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// What an entry of the list has to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an allowed host is written host:port, for example 127.0.0.1:9000 or hooks.campus.internal:8443"
)]
pub struct NotAnEntry;

/// Exact pairs of host and port. A pair permits what is reached under that very name and port, and http to it.
///
/// It is compared with the host as the address spells it: an entry for a name says nothing about the addresses it means, and the other way round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList(Vec<(String, u16)>);

impl AllowList {
    /// Nothing but the public Internet.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Whether nothing is on it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn permits(&self, host: &str, port: u16) -> bool {
        self.0
            .iter()
            .any(|(allowed, at)| allowed == host && *at == port)
    }
}

impl FromStr for AllowList {
    type Err = NotAnEntry;

    /// Entries are separated by commas; spaces around them do not count.
    fn from_str(text: &str) -> Result<Self, NotAnEntry> {
        text.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(entry)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl fmt::Display for AllowList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (host, port)) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "," };
            write!(f, "{separator}{host}:{port}")?;
        }
        Ok(())
    }
}

fn entry(text: &str) -> Result<(String, u16), NotAnEntry> {
    let (host, port) = text.rsplit_once(':').ok_or(NotAnEntry)?;
    let port: u16 = port.parse().map_err(|_| NotAnEntry)?;
    // The URL parser gives the spelling that a target's host is compared in.
    let url = Url::parse(&format!("http://{host}/")).map_err(|_| NotAnEntry)?;
    let canonical = url.host_str().ok_or(NotAnEntry)?;
    if port == 0 || !canonical.eq_ignore_ascii_case(host) {
        return Err(NotAnEntry);
    }
    Ok((canonical.to_owned(), port))
}
