//! Documents as they are kept for a trace.

use crate::redact::{REDACTED, redact};

/// What a document says, without its secrets and without the cookie of the visit, of which only the hash is kept.
pub(crate) fn without_secrets(text: &str, cookie: Option<&str>) -> Vec<u8> {
    let redacted = redact(text);
    let cookie = cookie
        .map(str::trim)
        .filter(|cookie| cookie.len() >= COOKIE_BYTES_MIN);
    match cookie {
        Some(cookie) => redacted.replace(cookie, REDACTED).into_bytes(),
        None => redacted.into_owned().into_bytes(),
    }
}

/// A shorter text is no cookie of ours, and replacing it might take a document apart.
const COOKIE_BYTES_MIN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_secret_nor_cookie_is_kept() {
        let text = "<SharedSecret>s3cr3t</SharedSecret><BuyerCookie> 0123456789abcdef01234567 </BuyerCookie>";
        let kept = without_secrets(text, Some(" 0123456789abcdef01234567\n"));
        let kept = String::from_utf8(kept).expect("text");
        assert_eq!(
            kept,
            "<SharedSecret>[redacted]</SharedSecret><BuyerCookie> [redacted] </BuyerCookie>"
        );
        assert_eq!(without_secrets("<a>b</a>", Some("a")), b"<a>b</a>");
        assert_eq!(without_secrets("<a>b</a>", None), b"<a>b</a>");
    }
}
