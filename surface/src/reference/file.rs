//! Serves fixed bytes well: compressed when the client takes it, with entity tags, for GET and HEAD.

use std::io::{Read, Write};
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use poem::error::MethodNotAllowedError;
use poem::http::{HeaderMap, Method, StatusCode, header};
use poem::{Body, Endpoint, Request, Response, Result};
use sha2::{Digest, Sha256};

use crate::coding::accepts_gzip;
use crate::conditional::is_known;

/// Sixteen bytes of a hash in hexadecimal: names a content in entity tags and in addresses.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes)
        .iter()
        .take(16)
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// How long a client may keep a file without asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Five minutes: the address stays when the content changes.
    Shortly,
    /// A year: the content is part of the address.
    Forever,
}

impl Keep {
    fn cache_control(self) -> &'static str {
        match self {
            Self::Shortly => "public, max-age=300",
            Self::Forever => "public, max-age=31536000, immutable",
        }
    }
}

/// A file that never changes while the server runs.
#[derive(Debug)]
pub struct File {
    gzip: Bytes,
    plain: OnceLock<Bytes>,
    fingerprint: String,
    content_type: &'static str,
    keep: Keep,
    policy: Option<&'static str>,
}

impl File {
    /// A file that is already compressed. It is inflated when the first client asks for it plain.
    #[must_use]
    pub fn from_gzip(gzip: &'static [u8], content_type: &'static str, keep: Keep) -> Self {
        let gzip = Bytes::from_static(gzip);
        Self {
            fingerprint: fingerprint(&gzip),
            gzip,
            plain: OnceLock::new(),
            content_type,
            keep,
            policy: None,
        }
    }

    /// A file that is compressed now.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "writing to memory does not fail")]
    pub fn from_plain(plain: Bytes, content_type: &'static str, keep: Keep) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let written = encoder.write_all(&plain).and_then(|()| encoder.finish());
        let gzip = Bytes::from(written.expect("writing to memory does not fail"));
        Self {
            fingerprint: fingerprint(&plain),
            gzip,
            plain: plain.into(),
            content_type,
            keep,
            policy: None,
        }
    }

    /// Adds a content security policy, for pages.
    #[must_use]
    pub fn with_policy(self, policy: &'static str) -> Self {
        Self {
            policy: Some(policy),
            ..self
        }
    }

    /// Names the content.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn plain(&self) -> Bytes {
        let inflate = || {
            let mut plain = Vec::new();
            GzDecoder::new(&*self.gzip)
                .read_to_end(&mut plain)
                .expect("the build compressed it");
            Bytes::from(plain)
        };
        self.plain.get_or_init(inflate).clone()
    }

    fn answer(&self, method: &Method, headers: &HeaderMap) -> Response {
        let gzip = accepts_gzip(headers);
        // The two encodings are two representations; a strong tag must tell them apart.
        let etag = format!(
            "\"{}{}\"",
            self.fingerprint,
            if gzip { "-gzip" } else { "" }
        );
        let response = Response::builder()
            .header(header::ETAG, &etag)
            .header(header::VARY, "Accept-Encoding")
            .header(header::CACHE_CONTROL, self.keep.cache_control());
        if is_known(headers, &etag) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        let bytes = if gzip {
            self.gzip.clone()
        } else {
            self.plain()
        };
        let mut response = response
            .header(header::CONTENT_TYPE, self.content_type)
            .header(header::CONTENT_LENGTH, bytes.len());
        if gzip {
            response = response.header(header::CONTENT_ENCODING, "gzip");
        }
        if let Some(policy) = self.policy {
            response = response.header(header::CONTENT_SECURITY_POLICY, policy);
        }
        if method == Method::HEAD {
            response.finish()
        } else {
            response.body(Body::from_bytes(bytes))
        }
    }
}

impl Endpoint for File {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        match *request.method() {
            Method::GET | Method::HEAD => Ok(self.answer(request.method(), request.headers())),
            _ => Err(MethodNotAllowedError.into()),
        }
    }
}
