//! Documents of a visit: the trace by which somebody sees later what went to and fro.

use sha2::{Digest, Sha256};

use super::cart::Warning;
use super::{Direction, Late};
use crate::id::PunchoutDocumentId;
use crate::ledger::tree;
use crate::time::Timestamp;

/// A document as it is handed over to be kept. Its secrets have been taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Which way it went.
    pub direction: Direction,
    /// What it is, such as `PunchOutOrderMessage`.
    pub kind: String,
    /// How it was decoded, in words: `cXML-base64, padding repaired`.
    pub decoded: String,
    /// What was odd about it.
    pub warnings: Vec<Warning>,
    /// SHA-256 of its decoded bytes before anything was taken out; see [`hash`].
    pub hash: String,
    /// How many bytes it had as it came.
    pub bytes: usize,
    /// What it says, without secrets.
    pub body: Vec<u8>,
}

/// A document that is kept, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: PunchoutDocumentId,
    /// When it went or came.
    pub at: Timestamp,
    /// Which way.
    pub direction: Direction,
    /// What it is.
    pub kind: String,
    /// How it was decoded.
    pub decoded: String,
    /// What was odd about it.
    pub warnings: Vec<Warning>,
    /// SHA-256 of its decoded bytes.
    pub hash: String,
    /// How many bytes it had as it came.
    pub bytes: i64,
    /// Why it was not taken; none where it was.
    pub late: Option<Late>,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}

/// By what a document is known to be the same again: SHA-256 of its decoded bytes, in hexadecimal.
#[must_use]
pub fn hash(decoded: &[u8]) -> String {
    tree::hex(&Sha256::digest(decoded))
}
