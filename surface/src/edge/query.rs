//! Refuses query parameters that an operation does not take. poem ignores them, and a mistyped filter would then quietly return
//! everything.

use std::collections::BTreeSet;

use poem::http::Uri;

use crate::catalogue;
use crate::openapi::Operation;
use crate::problem::{FieldFault, Problem};

/// How much of a caller's name is repeated to them, in characters.
const NAME_SHOWN_MAX: usize = 64;

/// Holds the query of a request against what its operation takes.
pub(super) fn check(uri: &Uri, operation: &Operation) -> Result<(), Problem> {
    let query = uri.query().unwrap_or_default();
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|_| {
        Problem::new(&catalogue::PARAMETER_INVALID).detail("the query cannot be read as parameters")
    })?;
    let mut seen = BTreeSet::new();
    for (name, value) in &pairs {
        if !operation.takes(name) {
            return Err(unknown(name, operation));
        }
        if !seen.insert(name) && !operation.repeats(name) {
            return Err(Problem::parameter(
                name,
                "repeated",
                "is given more than once and takes one value",
            ));
        }
        // No text has it, and no database takes it.
        if value.contains('\0') {
            return Err(Problem::parameter(name, "invalid", "holds a NUL character"));
        }
    }
    Ok(())
}

fn unknown(name: &str, operation: &Operation) -> Problem {
    let name = shown(name);
    let known: Vec<&str> = operation.query_names().collect();
    let known = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    Problem::new(&catalogue::UNKNOWN_PARAMETER)
        .detail(format!(
            "there is no query parameter `{name}` here; this operation takes {known}"
        ))
        .field(FieldFault::new(
            name,
            "unknown",
            "this operation has no such parameter",
        ))
}

/// A name as the caller wrote it, made harmless: bounded, and without control characters or quotes.
fn shown(name: &str) -> String {
    let mut shown: String = name
        .chars()
        .take(NAME_SHOWN_MAX)
        .flat_map(char::escape_debug)
        .collect();
    if name.chars().nth(NAME_SHOWN_MAX).is_some() {
        shown.push('…');
    }
    shown
}
