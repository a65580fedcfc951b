//! The codes of `/v1` that its own contract names.

use super::{Entry, entries};
use poem::http::StatusCode;

entries! {
    /// Every code that only that surface answers with.
    pub const CONTROL;

    INVALID_API_KEY, "INVALID_API_KEY", UNAUTHORIZED, "Invalid key",
        "The key is not one that is accepted: it is mistyped, unknown or revoked.";
    MISSING_SCOPE, "MISSING_SCOPE", FORBIDDEN, "Missing scope",
        "The key was not made for this.";
    VALIDATION_FAILED, "VALIDATION_FAILED", UNPROCESSABLE_ENTITY, "Validation failed",
        "Something that was sent is not what it has to be; the message names it.";
}
