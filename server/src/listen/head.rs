//! Judging the head of a request as it stands on the wire, before anything else reads it.
//!
//! The protocol library is lenient where two readers of one connection could disagree on where a request ends: it takes
//! `Transfer-Encoding` beside `Content-Length`, repeated lengths that agree, and lines without a carriage return. A proxy in front may read
//! those differently, and then one client's bytes become another's request. So they are refused here.

use habeo_surface::catalogue;
use habeo_surface::problem::Problem;
use poem::http::{Method, Uri};

use super::limits::{HEADERS_BYTES_MAX, HEADERS_MAX, LINE_BYTES_MAX, TARGET_BYTES_MAX};

const END: &[u8] = b"\r\n\r\n";
/// More digits than any body that could be meant.
const LENGTH_DIGITS_MAX: usize = 15;

/// How the body that follows a head is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// By its length, which may be nought.
    Length(u64),
    /// By itself. The connection is not used after it: finding its end would take a second reader, who could find another one.
    Itself,
}

/// Why a request is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not a request, or not one that has one meaning only.
    Malformed(&'static str),
    TargetTooLong,
    HeadersTooLarge,
    /// It did not arrive in time.
    Slow,
}

impl Fault {
    /// How it is answered.
    pub fn problem(self) -> Problem {
        match self {
            Self::Malformed(detail) => Problem::new(&catalogue::INVALID_REQUEST).detail(detail),
            Self::TargetTooLong => Problem::new(&catalogue::URI_TOO_LONG),
            Self::HeadersTooLarge => Problem::new(&catalogue::HEADERS_TOO_LARGE),
            Self::Slow => Problem::new(&catalogue::REQUEST_TIMEOUT)
                .detail("the head of the request did not arrive in time"),
        }
    }

    /// What the figures call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::TargetTooLong => "target_too_long",
            Self::HeadersTooLarge => "headers_too_large",
            Self::Slow => "slow",
        }
    }
}

/// Where the head ends that these bytes begin with, once all of it is there. `seen` bytes were looked at before.
pub fn end(bytes: &[u8], seen: usize) -> Result<Option<usize>, Fault> {
    let from = seen.saturating_sub(END.len() - 1);
    let found = bytes[from..]
        .windows(END.len())
        .position(|window| window == END)
        .map(|at| from + at + END.len());
    let head = &bytes[..found.unwrap_or(bytes.len())];
    let line = head.iter().position(|byte| *byte == b'\n');
    if line.unwrap_or(head.len()) > LINE_BYTES_MAX {
        return Err(Fault::TargetTooLong);
    }
    if line.is_some_and(|line| head.len() - line > HEADERS_BYTES_MAX + END.len()) {
        return Err(Fault::HeadersTooLarge);
    }
    Ok(found)
}

/// Judges a complete head.
pub fn judge(head: &[u8]) -> Result<Framing, Fault> {
    if head
        .iter()
        .enumerate()
        .any(|(at, byte)| *byte == b'\n' && (at == 0 || head[at - 1] != b'\r'))
    {
        return Err(Fault::Malformed("a line ends without a carriage return"));
    }
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Fault::HeadersTooLarge),
        _ => {
            return Err(Fault::Malformed(
                "the head is not that of an HTTP/1.1 request",
            ));
        }
    }
    let target = request.path.unwrap_or_default();
    if target.len() > TARGET_BYTES_MAX {
        return Err(Fault::TargetTooLong);
    }
    if Uri::try_from(target).is_err() {
        return Err(Fault::Malformed(
            "the target is not that of an HTTP request",
        ));
    }
    let method = request.method.unwrap_or_default();
    let framing = Fields::of(request.headers).framing(request.version == Some(1))?;
    // What follows CONNECT would be a tunnel.
    Ok(if method == Method::CONNECT.as_str() {
        Framing::Itself
    } else {
        framing
    })
}

/// The fields that say where a request ends and for whom it is.
#[derive(Default)]
struct Fields<'a> {
    hosts: Vec<&'a [u8]>,
    lengths: Vec<&'a [u8]>,
    codings: Vec<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn of(headers: &[httparse::Header<'a>]) -> Self {
        let mut fields = Self::default();
        for header in headers {
            let named = |name: &str| header.name.eq_ignore_ascii_case(name);
            if named("host") {
                fields.hosts.push(header.value);
            } else if named("content-length") {
                fields.lengths.push(header.value);
            } else if named("transfer-encoding") {
                fields.codings.push(header.value);
            }
        }
        fields
    }

    fn framing(&self, one_dot_one: bool) -> Result<Framing, Fault> {
        match self.hosts[..] {
            [] if !one_dot_one => {}
            [host] if is_host(host) => {}
            [_] => return Err(Fault::Malformed("Host does not name a host")),
            [] => return Err(Fault::Malformed("Host is missing")),
            _ => return Err(Fault::Malformed("Host is sent more than once")),
        }
        match (&self.lengths[..], &self.codings[..]) {
            ([], []) => Ok(Framing::Length(0)),
            ([length], []) => number(length)
                .map(Framing::Length)
                .ok_or(Fault::Malformed("Content-Length is not a number")),
            (_, []) => Err(Fault::Malformed("Content-Length is sent more than once")),
            ([], [coding]) if one_dot_one && coding.eq_ignore_ascii_case(b"chunked") => {
                Ok(Framing::Itself)
            }
            ([], _) => Err(Fault::Malformed(
                "Transfer-Encoding is not chunked and nothing else",
            )),
            (_, _) => Err(Fault::Malformed(
                "Transfer-Encoding and Content-Length exclude each other",
            )),
        }
    }
}

fn number(text: &[u8]) -> Option<u64> {
    let plain =
        (1..=LENGTH_DIGITS_MAX).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    plain.then(|| std::str::from_utf8(text).ok()?.parse().ok())?
}

/// A name or address and perhaps a port; no list, no path, no user.
fn is_host(text: &[u8]) -> bool {
    !text.is_empty()
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_~:[]%".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(head: &str) -> Result<Framing, Fault> {
        let bytes = head.as_bytes();
        assert_eq!(end(bytes, 0), Ok(Some(bytes.len())), "{head:?}");
        judge(bytes)
    }

    #[test]
    fn requests_with_one_meaning_are_taken() {
        for (fields, framing) in [
            ("Host: a\r\n", Framing::Length(0)),
            ("host: [::1]:8080\r\n", Framing::Length(0)),
            ("Host: a\r\nContent-Length: 12\r\n", Framing::Length(12)),
            ("Host: a\r\nTransfer-Encoding: Chunked\r\n", Framing::Itself),
        ] {
            let head = format!("POST /x HTTP/1.1\r\n{fields}\r\n");
            assert_eq!(whole(&head), Ok(framing), "{fields}");
        }
        assert_eq!(whole("GET / HTTP/1.0\r\n\r\n"), Ok(Framing::Length(0)));
        assert_eq!(
            whole("CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n"),
            Ok(Framing::Itself)
        );
    }

    #[test]
    fn whatever_two_readers_could_read_differently_is_refused() {
        for fields in [
            "",
            "Host: a\r\nHost: a\r\n",
            "Host: a, b\r\n",
            "Host: a/b\r\n",
            "Host: u@a\r\n",
            "Host:\r\n",
            "Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n",
            "Host: a\r\nContent-Length: 1, 1\r\n",
            "Host: a\r\nContent-Length: +1\r\n",
            "Host: a\r\nContent-Length: -1\r\n",
            "Host: a\r\nContent-Length: 0x1\r\n",
            "Host: a\r\nContent-Length:\r\n",
            "Host: a\r\nContent-Length: 18446744073709551616\r\n",
            "Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n",
            "Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Host: a\r\nTransfer-Encoding: gzip, chunked\r\n",
            "Host: a\r\nTransfer-Encoding: chunked, identity\r\n",
            "Host: a\r\nTransfer-Encoding: xchunked\r\n",
            "Host: a\r\nTransfer-Encoding : chunked\r\n",
            "Host: a\r\n X: folded\r\n",
            "Host: a\nX: b\r\n",
            "Host: a\r\nX\r\n",
            "Host: a\r\nX: \0\r\n",
        ] {
            let head = format!("POST /x HTTP/1.1\r\n{fields}\r\n");
            let judged = whole(&head);
            assert!(
                matches!(judged, Err(Fault::Malformed(_))),
                "{fields:?} {judged:?}"
            );
        }
        for line in [
            "GET / HTTP/2.0",
            "GET / HTTP/1.2",
            "GET /",
            "GET  / HTTP/1.1",
            "G\u{e9}T / HTTP/1.1",
            "PRI * HTTP/2.0",
            "GET /\u{e9} x HTTP/1.1",
            "GET http://[ HTTP/1.1",
        ] {
            let head = format!("{line}\r\nHost: a\r\n\r\n");
            assert!(matches!(whole(&head), Err(Fault::Malformed(_))), "{line}");
        }
        let old = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert!(matches!(whole(old), Err(Fault::Malformed(_))));
    }

    #[test]
    fn heads_have_their_size() {
        let many = "X: 1\r\n".repeat(HEADERS_MAX);
        let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n");
        assert_eq!(whole(&head), Err(Fault::HeadersTooLarge));
        let long = "a".repeat(TARGET_BYTES_MAX);
        let head = format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(whole(&head), Err(Fault::TargetTooLong));
        // Neither has to come to its end.
        let endless = "a".repeat(LINE_BYTES_MAX + 1);
        assert_eq!(end(endless.as_bytes(), 0), Err(Fault::TargetTooLong));
        let endless = format!(
            "GET / HTTP/1.1\r\nX: {}",
            "a".repeat(HEADERS_BYTES_MAX + END.len())
        );
        assert_eq!(end(endless.as_bytes(), 0), Err(Fault::HeadersTooLarge));
    }

    #[test]
    fn an_end_is_found_wherever_the_pieces_break() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nmore";
        for seen in 0..head.len() - 4 {
            if seen < head.len() - 7 {
                assert_eq!(end(&head[..head.len() - 5], seen), Ok(None));
            }
            assert_eq!(end(head, seen.min(26)), Ok(Some(head.len() - 4)), "{seen}");
        }
    }
}
