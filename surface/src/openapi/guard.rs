//! Refuses query parameters that an operation does not take. poem ignores them, and a mistyped filter would then quietly
//! return everything.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use habeo_core::explain::{Explain, Kind};
use poem::{Endpoint, Middleware, Request, Result};

use super::routes::{Operation, RouteTable};

/// How much of a caller's name is repeated to them, in characters.
const NAME_SHOWN_MAX: usize = 64;

/// What is wrong with the query of a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterFault {
    /// The operation has no parameter of this name.
    #[error("there is no query parameter \"{name}\" here; {known}")]
    Unknown {
        /// What the caller wrote, escaped and shortened.
        name: Shown,
        /// What they might have meant.
        known: Known,
    },
    /// The parameter takes one value and was given several.
    #[error("the query parameter \"{0}\" is given more than once and takes one value")]
    Repeated(Shown),
    /// The query cannot be read at all.
    #[error("the query cannot be read as parameters")]
    Unreadable,
}

impl Explain for ParameterFault {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown_parameter",
            Self::Repeated(_) | Self::Unreadable => "parameter_invalid",
        }
    }
}

/// A name as the caller wrote it, made harmless: bounded, and without control characters or quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    fn new(name: &str) -> Self {
        let mut shown: String = name
            .chars()
            .take(NAME_SHOWN_MAX)
            .flat_map(char::escape_debug)
            .collect();
        if name.chars().nth(NAME_SHOWN_MAX).is_some() {
            shown.push('…');
        }
        Self(shown)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The parameters an operation takes, as half a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known(Vec<String>);

impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.write_str("this operation takes none");
        }
        write!(formatter, "this operation takes {}", self.0.join(", "))
    }
}

/// The middleware: holds a table of operations and the way a fault becomes this surface's error.
///
/// The conversion is a parameter, because each surface spells its errors in its own way:
/// `Guard::new(table, |fault| Problem::from(fault).into())`.
#[derive(Debug, Clone)]
pub struct Guard<F> {
    table: Arc<RouteTable>,
    refuse: F,
}

impl<F> Guard<F>
where
    F: Fn(ParameterFault) -> poem::Error + Clone + Send + Sync,
{
    /// Guards the operations of `table`. A path that is not in it passes, for the router to answer.
    pub fn new(table: Arc<RouteTable>, refuse: F) -> Self {
        Self { table, refuse }
    }
}

impl<E, F> Middleware<E> for Guard<F>
where
    E: Endpoint,
    F: Fn(ParameterFault) -> poem::Error + Clone + Send + Sync,
{
    type Output = Guarded<E, F>;

    fn transform(&self, endpoint: E) -> Self::Output {
        Guarded {
            endpoint,
            guard: self.clone(),
        }
    }
}

/// An endpoint behind a [`Guard`].
#[derive(Debug)]
pub struct Guarded<E, F> {
    endpoint: E,
    guard: Guard<F>,
}

impl<E, F> Endpoint for Guarded<E, F>
where
    E: Endpoint,
    F: Fn(ParameterFault) -> poem::Error + Clone + Send + Sync,
{
    type Output = E::Output;

    async fn call(&self, request: Request) -> Result<Self::Output> {
        let operation = self
            .guard
            .table
            .find(request.method(), whole_path(&request));
        if let Some(operation) = operation {
            check(operation, &request).map_err(&self.guard.refuse)?;
        }
        self.endpoint.call(request).await
    }
}

/// The path as the client sent it; a nested route sees only the end of it, and the document has whole ones. A request that
/// never came over a connection, as in tests, has no original.
fn whole_path(request: &Request) -> &str {
    let (original, present) = (request.original_uri().path(), request.uri().path());
    if original.ends_with(present) {
        original
    } else {
        present
    }
}

fn check(operation: &Operation, request: &Request) -> Result<(), ParameterFault> {
    if request.uri().query().is_none_or(str::is_empty) {
        return Ok(());
    }
    let pairs: Vec<(String, String)> = request.params().map_err(|_| ParameterFault::Unreadable)?;
    let mut seen = BTreeSet::new();
    for (name, _) in &pairs {
        if !operation.takes(name) {
            let known = Known(operation.query_names().map(str::to_owned).collect());
            return Err(ParameterFault::Unknown {
                name: Shown::new(name),
                known,
            });
        }
        if !seen.insert(name) && !operation.repeats(name) {
            return Err(ParameterFault::Repeated(Shown::new(name)));
        }
    }
    Ok(())
}
