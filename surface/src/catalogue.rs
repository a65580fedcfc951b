//! The fixed list of what can be answered: every code with its status, its title and a sentence for the reference.

pub mod control;
pub mod nouns;
pub mod public;
pub mod purchases;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use poem::http::StatusCode;

/// Where the documentation of a code is found, as a URL reference below our own host; the code follows.
pub const PROBLEM_TYPE_BASE: &str = "/api/v1/problems#";

/// One code that can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The stable machine-readable code.
    pub code: &'static str,
    /// The status it is usually answered with.
    pub status: StatusCode,
    /// What it is called; the same for every occurrence.
    pub title: &'static str,
    /// What it means and what to do, for the reference.
    pub about: &'static str,
}

/// A constant for each entry, and the list of them all.
macro_rules! entries {
    (
        $(#[$about_list:meta])*
        pub const $list:ident;
        $($name:ident, $code:literal, $status:ident, $title:literal, $about:literal;)*
    ) => {
        $(
            #[doc = $about]
            pub const $name: Entry = Entry {
                code: $code,
                status: StatusCode::$status,
                title: $title,
                about: $about,
            };
        )*

        $(#[$about_list])*
        pub const $list: &[Entry] = &[$($name),*];
    };
}
use entries;

entries! {
    /// Every code that this crate answers by itself, and those of core that belong to no noun.
    pub const HOUSE;

    INVALID_REQUEST, "invalid_request", BAD_REQUEST, "Invalid request",
        "The request is malformed, or larger than a limit that has no code of its own.";
    UNKNOWN_PARAMETER, "unknown_parameter", BAD_REQUEST, "Unknown parameter",
        "The operation does not have this query parameter; it is refused because ignoring a misspelt filter would return everything.";
    PARAMETER_INVALID, "parameter_invalid", BAD_REQUEST, "Invalid parameter",
        "A path, query or header parameter is missing, out of its bounds, or not in the documented form.";
    BODY_INVALID, "body_invalid", BAD_REQUEST, "Invalid body",
        "The body is not JSON in the documented form (400), or a field in it cannot be accepted (422).";
    CURSOR_INVALID, "cursor_invalid", BAD_REQUEST, "Invalid cursor",
        "The cursor was altered, has expired, or is not one of ours; start again from the first page.";
    CURSOR_MISMATCH, "cursor_mismatch", BAD_REQUEST, "Cursor of another query",
        "The cursor was made for other filters or another scope; start again from the first page.";
    UNAUTHENTICATED, "unauthenticated", UNAUTHORIZED, "Not authenticated",
        "There is no bearer token, or it is not valid any more; fetch a new session token.";
    SESSION_PENDING, "session_pending", FORBIDDEN, "Session not complete",
        "Sign-in is not finished: a task such as choosing an organization or a second factor is still open.";
    NO_ACTIVE_ORGANIZATION, "no_active_organization", FORBIDDEN, "No active organization",
        "The session has no active organization; choose one and fetch a new session token.";
    ORGANIZATION_UNKNOWN, "organization_unknown", FORBIDDEN, "Unknown organization",
        "The session's organization is not set up here.";
    ORGANIZATION_CLOSED, "organization_closed", FORBIDDEN, "Organization closed",
        "The session's organization was closed; its records are kept, and the operator can open it again.";
    MEMBERSHIP_REQUIRED, "membership_required", FORBIDDEN, "Membership required",
        "The signed-in person is not an active member of the session's organization.";
    FORBIDDEN, "forbidden", FORBIDDEN, "Forbidden",
        "The caller is known and may not do this.";
    NOT_FOUND, "not_found", NOT_FOUND, "Not found",
        "It does not exist, as far as the caller may know.";
    ROUTE_UNKNOWN, "route_unknown", NOT_FOUND, "Unknown route",
        "There is nothing at this path.";
    METHOD_NOT_ALLOWED, "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed",
        "The path exists and does not take this method; `Allow` lists those it takes.";
    NOT_ACCEPTABLE, "not_acceptable", NOT_ACCEPTABLE, "Not acceptable",
        "None of the media types asked for is produced here.";
    REQUEST_TIMEOUT, "request_timeout", REQUEST_TIMEOUT, "Request timeout",
        "The body did not arrive in time.";
    CONFLICT, "conflict", CONFLICT, "Conflict",
        "The request contradicts the present state.";
    PAYLOAD_TOO_LARGE, "payload_too_large", PAYLOAD_TOO_LARGE, "Payload too large",
        "The body is larger than this operation takes.";
    SIGNATURE_INVALID, "signature_invalid", UNAUTHORIZED, "Invalid signature",
        "The message is not signed by the sender that this address is for, or was signed more than five minutes ago.";
    MESSAGE_INVALID, "message_invalid", BAD_REQUEST, "Invalid message",
        "The message is signed and cannot be read: it is not JSON, or not in the sender's own form.";
    UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type",
        "The body must be application/json in UTF-8, without a content encoding.";
    URI_TOO_LONG, "uri_too_long", URI_TOO_LONG, "URI too long",
        "The request target is longer than 8 KiB.";
    HEADERS_TOO_LARGE, "headers_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "Headers too large",
        "There are more than 64 headers, or more than 16 KiB of them.";
    RATE_LIMITED, "rate_limited", TOO_MANY_REQUESTS, "Too many requests",
        "The rate of this session or address is used up; `Retry-After` says when to come back.";
    INTERNAL_ERROR, "internal_error", INTERNAL_SERVER_ERROR, "Internal error",
        "Something failed on our side; quote the request id when you ask about it.";
    UNAVAILABLE, "unavailable", SERVICE_UNAVAILABLE, "Unavailable",
        "The request could not be served in time; try again in a moment.";
    AUTH_UNAVAILABLE, "auth_unavailable", SERVICE_UNAVAILABLE, "Authentication unavailable",
        "The keys of the token issuer could not be loaded yet; try again in a moment.";
    STORAGE_FULL, "storage_full", SERVICE_UNAVAILABLE, "Storage full",
        "There is no room left to record anything; what exists can still be read. Nothing of this request was recorded.";
    RECORDING_STOPPED, "recording_stopped", SERVICE_UNAVAILABLE, "Recording stopped",
        "The server records nothing more after a failure of its storage and is about to end; nothing of this request was recorded.";
    LICENCE_SUSPENDED, "licence_suspended", FORBIDDEN, "Licence suspended",
        "The organization's licence is suspended: everything can be read, and people change nothing until it is paid for again. Nothing of this request was recorded.";
    OUTCOME_UNKNOWN, "outcome_unknown", SERVICE_UNAVAILABLE, "Outcome unknown",
        "The database went away while this was made durable; look whether it was done before asking again.";
    BUSY, "busy", SERVICE_UNAVAILABLE, "Busy",
        "There is more work than can be taken on right now; try again in a moment.";
}

/// Every code a server can answer: [`HOUSE`] and what its nouns add, which are [`nouns::NOUNS`] for the whole product.
#[derive(Debug)]
pub struct Catalogue {
    entries: BTreeMap<&'static str, Entry>,
    unlisted: Mutex<BTreeSet<&'static str>>,
}

impl Default for Catalogue {
    fn default() -> Self {
        Self::house()
    }
}

impl Catalogue {
    /// The codes of this crate.
    #[must_use]
    pub fn house() -> Self {
        let empty = Self {
            entries: BTreeMap::new(),
            unlisted: Mutex::default(),
        };
        empty.with(HOUSE)
    }

    /// Every code of the product: what a server answers with, and what its problems page lists.
    #[must_use]
    pub fn complete() -> Self {
        Self::house()
            .with(nouns::NOUNS)
            .with(public::PUBLIC)
            .with(control::CONTROL)
            .with(purchases::PURCHASES)
    }

    /// Adds the codes of a noun or a surface.
    ///
    /// # Panics
    ///
    /// When a code is listed twice: each has one meaning in the whole product.
    #[must_use]
    pub fn with(mut self, entries: &[Entry]) -> Self {
        for entry in entries {
            let before = self.entries.insert(entry.code, *entry);
            assert!(
                before.is_none(),
                "the code `{}` is listed twice",
                entry.code
            );
        }
        self
    }

    /// The entry of a code. A code that is not listed is noted for [`Catalogue::unlisted`].
    pub fn entry(&self, code: &'static str) -> Option<&Entry> {
        let entry = self.entries.get(code);
        if entry.is_none() {
            self.unlisted
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(code);
        }
        entry
    }

    /// Every listed code, in alphabetical order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The codes that were answered without being listed; a test of every surface asserts that there are none.
    #[must_use]
    pub fn unlisted(&self) -> Vec<&'static str> {
        let unlisted = self.unlisted.lock().unwrap_or_else(PoisonError::into_inner);
        unlisted.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_documented() {
        let catalogue = Catalogue::complete();
        let surfaces = public::PUBLIC.len() + control::CONTROL.len() + purchases::PURCHASES.len();
        assert_eq!(
            catalogue.entries().count(),
            HOUSE.len() + nouns::NOUNS.len() + surfaces
        );
        for entry in catalogue.entries() {
            // What one surface's contract spells in capitals stays as it is.
            let own = control::CONTROL.iter().any(|one| one.code == entry.code);
            let letter = |b: u8| b.is_ascii_lowercase() || (own && b.is_ascii_uppercase());
            assert!(
                entry
                    .code
                    .bytes()
                    .all(|b| letter(b) || b == b'_' || b.is_ascii_digit())
            );
            assert!(entry.about.ends_with('.'), "{}", entry.code);
            assert!(entry.status.is_client_error() || entry.status.is_server_error());
        }
    }

    #[test]
    #[should_panic(expected = "listed twice")]
    fn a_code_has_one_meaning() {
        let _ = Catalogue::house().with(&[FORBIDDEN]);
    }

    #[test]
    fn an_unlisted_code_is_noted() {
        let catalogue = Catalogue::house();
        assert!(catalogue.entry("busy").is_some());
        assert!(catalogue.entry("never_heard_of").is_none());
        assert_eq!(catalogue.unlisted(), ["never_heard_of"]);
    }
}
