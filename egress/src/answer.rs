//! What came back: the status, the headers that were asked for, and a bounded body.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::error::EgressError;

/// The answer to a request, whatever its status.
#[derive(Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// How long the other side asks to wait, at most [`RETRY_AFTER_MAX`](crate::RETRY_AFTER_MAX).
    pub retry_after: Option<Duration>,
    /// The body as it came, nothing inflated.
    pub body: Bytes,
    /// Whether the body was longer and its rest was not read. Only where the request said so.
    pub cut: bool,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) excerpt: String,
}

impl Answer {
    /// Whether the status is one of 200 to 299.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// Whether the status says that the same request may fare better later: 408, 425, 429 and the faults of the server.
    #[must_use]
    pub const fn is_worth_repeating(&self) -> bool {
        matches!(self.status, 408 | 425 | 429 | 500..=599)
    }

    /// A header that the request asked to keep.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(kept, _)| kept.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, EgressError> {
        serde_json::from_slice(&self.body)
            .map_err(|_| EgressError::Broken("not the JSON that was expected"))
    }

    /// The beginning of the body for an administrator: at most 1 KiB, without controls, and with everything masked that looks like a secret.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
