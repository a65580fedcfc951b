//! One request: put together in a line, sent once, and over when its time is.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Method;
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use crate::answer::Answer;
use crate::client::Egress;
use crate::error::{EgressError, Stage};
use crate::lane::{Kept, Lane};
use crate::resolve::{CHECKED, Checked};
use crate::target::Target;
use crate::{excerpt, retry_after};

/// How long a request may take as a whole: look-up, connection, TLS, headers and body.
pub const DEADLINE_DEFAULT: Duration = Duration::from_secs(15);
/// The longest that a caller may ask for.
pub const DEADLINE_MAX: Duration = Duration::from_mins(1);
/// How much of an answer is read.
pub const ANSWER_BYTES_DEFAULT: usize = 64 * 1_024;
/// The most that a caller may ask for: key sets, answers of vendors' interfaces, and documents of suppliers.
pub const ANSWER_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// How much is said about a failure of TLS.
const TLS_REASON_CHARS_MAX: usize = 200;

/// A request that has not been sent. It shows its origin only.
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    egress: Egress,
    method: Method,
    lane: Lane,
    target: Target,
    headers: HeaderMap,
    body: Bytes,
    deadline: Duration,
    answer_bytes_max: usize,
    cut: bool,
    kept_headers: Vec<&'static str>,
    hidden: Vec<SecretString>,
    /// The first thing that was wrong while it was put together.
    fault: Option<&'static str>,
}

impl Request {
    pub(crate) fn new(egress: Egress, method: Method, lane: Lane, target: Target) -> Self {
        Self {
            egress,
            method,
            lane,
            target,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            deadline: DEADLINE_DEFAULT,
            answer_bytes_max: ANSWER_BYTES_DEFAULT,
            cut: false,
            kept_headers: Vec::new(),
            hidden: Vec::new(),
            fault: None,
        }
    }

    /// Says who asks: `Authorization: Bearer …`.
    pub fn bearer(self, token: &SecretString) -> Self {
        let value = SecretString::from(format!("Bearer {}", token.expose_secret()));
        self.hiding(token)
            .secret_header(AUTHORIZATION.as_str(), &value)
    }

    /// Adds a header that may be seen.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.put_header(name, value, false);
        self
    }

    /// Adds a header that is a secret.
    pub fn secret_header(mut self, name: &str, value: &SecretString) -> Self {
        self.put_header(name, value.expose_secret(), true);
        self.hiding(value)
    }

    /// Names a secret that the request carries elsewhere, in its address or its body: the excerpt of the answer will not show it.
    pub fn hiding(mut self, secret: &SecretString) -> Self {
        self.hidden.push(secret.clone());
        self
    }

    /// A body in JSON.
    pub fn json<T: Serialize + ?Sized>(self, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.body("application/json; charset=utf-8", bytes),
            Err(_) => self.faulty("the body is not expressible in JSON"),
        }
    }

    /// A body as a form.
    pub fn form<T: Serialize + ?Sized>(self, body: &T) -> Self {
        match serde_urlencoded::to_string(body) {
            Ok(text) => self.body("application/x-www-form-urlencoded", text),
            Err(_) => self.faulty("the body is not expressible as a form"),
        }
    }

    /// A body as it is. Its length is known, so it is not sent in chunks.
    pub fn body(mut self, content_type: &str, bytes: impl Into<Bytes>) -> Self {
        self.put_header(CONTENT_TYPE.as_str(), content_type, false);
        self.body = bytes.into();
        self
    }

    /// Sets the time for everything together, at most [`DEADLINE_MAX`].
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline.min(DEADLINE_MAX);
        self
    }

    /// Sets how much of an answer is read, at most [`ANSWER_BYTES_MAX`]. A longer one is an error.
    pub fn answer_bytes_max(mut self, bytes: usize) -> Self {
        self.answer_bytes_max = bytes.min(ANSWER_BYTES_MAX);
        self
    }

    /// Takes the beginning of an answer that is too long, where its status is what counts.
    pub fn cut_long_answer(mut self) -> Self {
        self.cut = true;
        self
    }

    /// Keeps a header of the answer.
    pub fn keep_header(mut self, name: &'static str) -> Self {
        self.kept_headers.push(name);
        self
    }

    /// Checks the address as it is now, sends the request, and reads the answer. An answer of any status is an answer.
    ///
    /// Nothing is repeated, and a redirect is an answer like others. Dropping the future ends the request.
    pub async fn send(self) -> Result<Answer, EgressError> {
        let ends_at = Instant::now() + self.deadline;
        let checked = timeout_at(ends_at, self.check());
        let (kept, checked) = checked
            .await
            .map_err(|_| EgressError::TimedOut(Stage::Name))??;
        let exchange = CHECKED.scope(checked, self.exchange(kept));
        timeout_at(ends_at, exchange)
            .await
            .map_err(|_| EgressError::TimedOut(Stage::Answer))?
    }

    async fn check(&self) -> Result<(Kept, Checked), EgressError> {
        if let Some(fault) = self.fault {
            return Err(EgressError::Unsendable(fault));
        }
        let kept = self.egress.lane(self.lane).await?;
        let addresses = self.egress.addresses(&kept, &self.target).await?;
        let checked = Checked {
            host: self.target.host().to_owned(),
            addresses,
        };
        Ok((kept, checked))
    }

    async fn exchange(self, kept: Kept) -> Result<Answer, EgressError> {
        let mut request = reqwest::Request::new(self.method, self.target.url().clone());
        *request.headers_mut() = self.headers;
        // Nothing is inflated, so nothing compressed is asked for.
        let plain = HeaderValue::from_static("identity");
        request.headers_mut().insert(ACCEPT_ENCODING, plain);
        *request.body_mut() = Some(self.body.into());
        let response = kept.client.execute(request).await.map_err(failed)?;

        // The connection was made to an address that was checked; the peer is compared all the same, also on a connection that waited.
        let peer = response.remote_addr();
        let peer = peer.ok_or(EgressError::Broken("the peer is unknown"))?;
        self.egress
            .permit(&self.target, peer)
            .map_err(|_| EgressError::Broken("the peer is not one that may be reached"))?;

        let now = self.egress.clock().now();
        let headers = response.headers();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let retry_after =
            text(RETRY_AFTER.as_str()).and_then(|value| retry_after::parse(value, now));
        let kept_headers = self.kept_headers.iter();
        let headers = kept_headers
            .filter_map(|name| Some((*name, text(name)?.to_owned())))
            .collect();
        let status = response.status().as_u16();
        let (body, cut) = read(response, self.answer_bytes_max).await?;
        if cut && !self.cut {
            return Err(EgressError::TooLarge(self.answer_bytes_max));
        }
        Ok(Answer {
            status,
            retry_after,
            excerpt: excerpt::of(&body, &self.hidden),
            body,
            cut,
            headers,
        })
    }

    fn put_header(&mut self, name: &str, value: &str, secret: bool) {
        let parsed = HeaderName::from_bytes(name.as_bytes()).ok();
        match parsed.zip(HeaderValue::from_str(value).ok()) {
            Some((name, mut value)) => {
                value.set_sensitive(secret);
                self.headers.insert(name, value);
            }
            None => self.fault = self.fault.or(Some("a header is not one of HTTP")),
        }
    }

    fn faulty(mut self, fault: &'static str) -> Self {
        self.fault = self.fault.or(Some(fault));
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("lane", &self.lane)
            .field("method", &self.method)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// The body up to a bound, and whether there was more. What is not read is not waited for: the connection ends with the response.
async fn read(
    mut response: reqwest::Response,
    bytes_max: usize,
) -> Result<(Bytes, bool), EgressError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        let room = bytes_max - body.len();
        if chunk.len() > room {
            body.extend_from_slice(&chunk[..room]);
            return Ok((body.freeze(), true));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((body.freeze(), false))
}

/// What an error of the HTTP client means. Its own text is dropped: it names the address.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that `map_err` takes"
)]
fn failed(error: reqwest::Error) -> EgressError {
    if !error.is_connect() {
        return EgressError::Broken("not an answer of HTTP, or cut short");
    }
    if error.is_timeout() {
        return EgressError::TimedOut(Stage::Connect);
    }
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(current) = cause {
        if let Some(error) = current.downcast_ref::<io::Error>() {
            return connection_failed(error);
        }
        cause = current.source();
    }
    EgressError::ConnectFailed(io::ErrorKind::Other)
}

/// The connector wraps the errors of TLS, also those that are errors of reading and writing themselves.
fn connection_failed(error: &io::Error) -> EgressError {
    let inner = error.get_ref();
    if let Some(inner) = inner.and_then(|inner| inner.downcast_ref::<io::Error>()) {
        return connection_failed(inner);
    }
    if let Some(tls) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        let reason = tls.to_string();
        return EgressError::Tls(reason.chars().take(TLS_REASON_CHARS_MAX).collect());
    }
    match error.kind() {
        // A connection that is only being made has no end to be unexpected; the greeting of TLS has.
        io::ErrorKind::UnexpectedEof => EgressError::Tls("the greeting was cut short".to_owned()),
        kind => EgressError::ConnectFailed(kind),
    }
}
