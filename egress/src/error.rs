//! Why something was not sent, or came to nothing.

use std::io;
use std::net::IpAddr;

/// Why an address may not be reached. The texts are for whoever entered the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Longer than [`URL_CHARS_MAX`](crate::URL_CHARS_MAX).
    #[error("the address is longer than 2,048 characters")]
    TooLong,
    /// Spaces, controls, backslashes, or letters outside ASCII.
    #[error(
        "the address has characters that must be percent-encoded, or a name that must be written in its xn-- form"
    )]
    Characters,
    /// Not an absolute URL of a web server.
    #[error("the address is not a URL such as https://hooks.example.edu/habeo")]
    Form,
    /// Another scheme than https.
    #[error("the address must begin with https://")]
    Scheme,
    /// A name or a password in the address.
    #[error("the address must not contain a user name or a password")]
    UserInfo,
    /// A host in another spelling than the canonical one.
    #[error(
        "the host must be written in its canonical form: lower case, without a trailing dot, numbers as in 203.0.114.7"
    )]
    HostSpelling,
    /// A name without a dot, or with labels that are none.
    #[error("the host must be a full name of the public Internet, such as hooks.example.edu")]
    HostName,
    /// A name that means something on this network only.
    #[error("hosts below .{0} are not on the public Internet")]
    HostReserved(&'static str),
    /// The port of another service.
    #[error("port {0} belongs to another service")]
    Port(u16),
    /// A literal address in a refused range.
    #[error("the address {address} is not on the public Internet ({range})")]
    Address {
        /// The address.
        address: IpAddr,
        /// What its range is for.
        range: &'static str,
    },
    /// A name with an address in a refused range. Which one is not said: the answer would be a map of somebody's network.
    #[error("the host's name leads to an address that is not on the public Internet ({0})")]
    Resolved(&'static str),
    /// Habeo itself.
    #[error("the address is Habeo's own")]
    Own,
    /// A path that would leave the base it is appended to, or has to be percent-encoded.
    #[error("the path must be relative to its base and percent-encoded")]
    Path,
}

/// How far a request had come when its time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The name was being looked up.
    Name,
    /// The connection was being made, TLS included.
    Connect,
    /// The request may have been sent; the answer was not complete.
    Answer,
}

/// Why there is no answer. Hosts may be named; no variant holds a path, a query, a header or a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The address may not be reached.
    #[error("the address is refused: {0}")]
    Refused(#[from] Refusal),
    /// The request could not be put together: a header or a body is not what it has to be.
    #[error("the request cannot be sent: {0}")]
    Unsendable(&'static str),
    /// The host's name is unknown, or no name server answered.
    #[error("the host's name was not found")]
    NameNotFound,
    /// No connection.
    #[error("the connection failed: {0}")]
    ConnectFailed(io::ErrorKind),
    /// A connection, and no trust.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The deadline has passed.
    #[error("no answer in time")]
    TimedOut(Stage),
    /// The answer is larger than was asked for.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// Something came back that is not an answer.
    #[error("the answer is broken: {0}")]
    Broken(&'static str),
}

impl EgressError {
    /// Whether the same request may fare better later, without anybody changing it.
    ///
    /// A refusal is not worth repeating at once; whoever promises attempts for a day, as webhooks do, repeats it with the rest.
    #[must_use]
    pub const fn is_worth_repeating(&self) -> bool {
        match self {
            Self::NameNotFound
            | Self::ConnectFailed(_)
            | Self::Tls(_)
            | Self::TimedOut(_)
            | Self::Broken(_) => true,
            Self::Refused(_) | Self::Unsendable(_) | Self::TooLarge(_) => false,
        }
    }

    /// Whether the request may have reached the other side: if so, a repetition may do the same thing twice.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        match self {
            Self::TimedOut(Stage::Answer) | Self::TooLarge(_) | Self::Broken(_) => true,
            Self::TimedOut(Stage::Name | Stage::Connect)
            | Self::Refused(_)
            | Self::Unsendable(_)
            | Self::NameNotFound
            | Self::ConnectFailed(_)
            | Self::Tls(_) => false,
        }
    }
}
