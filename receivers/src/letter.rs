//! What comes in, as the vendors' modules see it, and what they make of it at the door: pure, without a store or a network.

use habeo_core::connection::Settings;
use habeo_core::time::Timestamp;
use poem::http::{HeaderMap, Method};

use crate::signature::once;

/// The most reports that one letter brings.
pub const ITEMS_MAX: usize = 1_000;

/// A request that comes in.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Its method: `POST`, but for one handshake.
    pub method: &'a Method,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its query, decoded: names and values in their order.
    pub query: &'a [(String, String)],
    /// Its body, as it came.
    pub body: &'a [u8],
    /// What the administrators of the connection chose.
    pub settings: &'a Settings,
    /// When it came in.
    pub received_at: Timestamp,
}

impl<'a> Letter<'a> {
    /// The value of a header that is there exactly once, and is not empty.
    #[must_use]
    pub fn only(&self, name: &str) -> Option<&'a [u8]> {
        let value = once(self.headers, name)?;
        Some(value.as_bytes()).filter(|value| !value.is_empty())
    }

    /// The same as text; none where it has other characters than those of ASCII.
    #[must_use]
    pub fn only_text(&self, name: &str) -> Option<&'a str> {
        std::str::from_utf8(self.only(name)?)
            .ok()
            .filter(|text| text.is_ascii())
    }

    /// The value of a parameter that is there exactly once.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut values = self.query.iter().filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

/// What a letter is made of: one request may bring several reports, each stored and known by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The vendor's own name for it, by which it is known when it comes again; at most 255 printable characters without blanks.
    pub key: String,
    /// When it happened, where its key says so as well. Letters are stored near those of the same time: under keys that are told apart by their
    /// devices first, each would be written to another page of an index that soon has more of them than memory.
    pub keyed_at: Option<Timestamp>,
    /// What is stored of it and read later: the whole body, or the exact bytes of one member of it.
    pub body: Vec<u8>,
    /// What it is, in the vendor's word, such as `ComputerAdded`: shown to administrators.
    pub kind: String,
    /// Why it is of no interest, where it is not: then it is noted, and nothing follows.
    pub ignored: Option<&'static str>,
    /// What administrators must know of the connection, where the vendor says that something is wrong with it.
    pub trouble: Option<&'static str>,
}

/// What came of a letter at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// A vendor tries whether somebody is there: answered at once, nothing is stored.
    Handshake(Handshake),
    /// Reports.
    Items(Vec<Item>),
}

/// The answer to a vendor that tries whether somebody is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handshake {
    /// 200, `text/plain`, and this text only.
    Text(String),
    /// 200, `application/json`.
    Json(String),
    /// 200, without a body, with these headers: the handshake of `CloudEvents`.
    Headers(Vec<(&'static str, String)>),
}

/// Why a letter cannot be read. The text is for administrators; it quotes nothing of the letter beyond names of fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is of a type that this vendor's letters never are.
    #[error("the content type is none that this connection takes: {0}")]
    MediaType(&'static str),
    /// It is not what it says, or says nothing that could be understood.
    #[error("{0}")]
    Content(String),
}

impl Unreadable {
    /// A letter that says nothing that could be understood, and why.
    #[must_use]
    pub fn content(why: impl Into<String>) -> Self {
        Self::Content(why.into())
    }
}
