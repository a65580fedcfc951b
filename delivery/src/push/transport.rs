//! How requests reach the push service: in one attempt, compressed where that is worth it, and by whatever answers.

use std::fmt;
use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use habeo_egress::{Egress, EgressError, Lane, Refusal, Target};
use secrecy::SecretString;

/// For one request, as the service's own library has it.
const DEADLINE: Duration = Duration::from_secs(10);
/// A longer body is compressed.
const PLAIN_BYTES_MAX: usize = 1_024;
/// As much as the receipts of one question can be.
const ANSWER_BYTES_MAX: usize = 512 * 1_024;

/// What the service is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// To send messages.
    Send,
    /// What became of tickets.
    Receipts,
}

impl Route {
    /// Its path below the service's address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Send => "/--/api/v2/push/send",
            Self::Receipts => "/--/api/v2/push/getReceipts",
        }
    }

    /// What it is called in figures.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Receipts => "receipts",
        }
    }
}

/// An answer, of whatever status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// How long the service asks to be left alone.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Vec<u8>,
}

/// There was no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// Whether the request may have been taken all the same: then the same again may be the same twice.
    pub may_have_arrived: bool,
    /// What went wrong.
    pub why: String,
}

/// Carries a request to the push service and its answer back, once.
pub trait PushTransport: Send + Sync + 'static {
    /// Posts a body of JSON.
    fn post(
        &self,
        route: Route,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<Reply, Unanswered>> + Send;
}

/// The push service, through the guarded client.
#[derive(Clone)]
pub struct Expo {
    egress: Egress,
    send: Target,
    receipts: Target,
    access_token: Option<SecretString>,
}

impl Expo {
    /// The service at an address without a path, asked with this token where the project wants one.
    pub fn at(
        egress: Egress,
        base: &str,
        access_token: Option<SecretString>,
    ) -> Result<Self, Refusal> {
        let target = |route: Route| egress.target(&format!("{base}{}", route.path()));
        Ok(Self {
            send: target(Route::Send)?,
            receipts: target(Route::Receipts)?,
            egress,
            access_token,
        })
    }
}

impl fmt::Debug for Expo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expo")
            .field("send", &self.send)
            .finish_non_exhaustive()
    }
}

impl PushTransport for Expo {
    async fn post(&self, route: Route, body: Vec<u8>) -> Result<Reply, Unanswered> {
        let target = match route {
            Route::Send => &self.send,
            Route::Receipts => &self.receipts,
        };
        // One project is asked for the installation as a whole.
        let mut request = self
            .egress
            .post(Lane::Vendor("expo"), target)
            .deadline(DEADLINE)
            .answer_bytes_max(ANSWER_BYTES_MAX)
            .header("accept", "application/json");
        if let Some(token) = &self.access_token {
            request = request.bearer(token);
        }
        let request = if body.len() > PLAIN_BYTES_MAX {
            let packed = compressed(&body).map_err(|_| never_sent("it cannot be compressed"))?;
            request
                .header("content-encoding", "gzip")
                .body("application/json", packed)
        } else {
            request.body("application/json", body)
        };
        let answer = request.send().await.map_err(|error| unanswered(&error))?;
        Ok(Reply {
            status: answer.status,
            retry_after: answer.retry_after,
            body: answer.body.to_vec(),
        })
    }
}

fn compressed(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(body)?;
    packed.finish()
}

fn never_sent(why: &str) -> Unanswered {
    Unanswered {
        may_have_arrived: false,
        why: why.to_owned(),
    }
}

fn unanswered(error: &EgressError) -> Unanswered {
    Unanswered {
        may_have_arrived: error.may_have_arrived(),
        why: error.to_string(),
    }
}
