//! `OpenAPI` 3.1 documents from poem's services, and the route table that follows from them.
//!
//! poem-openapi writes a dialect of its own that calls itself 3.0. A document is lifted once, when the server starts, and
//! the same bytes are served until it stops. What cannot be published, such as an operation without a name, is an error
//! then and there.

mod lift;
mod operation;
pub mod parse;
mod routes;
mod schema;
mod shared;

use bytes::Bytes;
use serde_json::Value;

pub use self::lift::Lift;
pub(crate) use self::routes::METHODS;
pub use self::routes::{Operation, RoutePattern, RouteTable};
pub use self::shared::FailureShape;
use crate::reference::fingerprint;

/// Why a document cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// What poem wrote is not JSON.
    #[error("the document is not JSON")]
    Json(#[from] serde_json::Error),
    /// Operations or schemas that lack something, or have something that does not fit.
    #[error("the document cannot be published: {}", .0.join("; "))]
    Unfit(Vec<String>),
}

/// A lifted document and its bytes.
#[derive(Debug)]
pub struct Document {
    value: Value,
    json: Bytes,
    etag: String,
}

impl Document {
    /// Lifts what [`poem_openapi::OpenApiService::spec`] wrote.
    pub fn lift(spec: &str, lift: &Lift<'_>) -> Result<Self, DocumentError> {
        let mut value = parse::merging(spec)?;
        // Whether a map keeps the order of insertion depends on what else is built; sorted, neither the complaints nor the bytes do.
        value.sort_all_objects();
        let offenders = lift.apply(&mut value);
        if !offenders.is_empty() {
            return Err(DocumentError::Unfit(offenders));
        }
        value.sort_all_objects();
        let json = Bytes::from(serde_json::to_vec(&value)?);
        let etag = format!("\"{}\"", fingerprint(&json));
        Ok(Self { value, json, etag })
    }

    /// The document with requests that we make, which no service of ours can be asked about.
    pub fn with_webhooks(mut self, webhooks: Value) -> Result<Self, DocumentError> {
        self.value["webhooks"] = webhooks;
        self.value.sort_all_objects();
        self.json = Bytes::from(serde_json::to_vec(&self.value)?);
        self.etag = format!("\"{}\"", fingerprint(&self.json));
        Ok(self)
    }

    /// The document as a tree.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The document as it is served. The same service always gives the same bytes.
    #[must_use]
    pub fn json(&self) -> &Bytes {
        &self.json
    }

    /// The strong entity tag of [`Self::json`], with its quotes.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }
}
