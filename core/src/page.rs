//! Pages: how many rows, and the sealed place where the next page begins.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::access::{Access, Action};
use crate::explain::{Explain, Kind};
use crate::time::Timestamp;

/// How many rows a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    /// What a page has when nothing is said.
    pub const DEFAULT: Self = Self(25);
    /// The most rows of one page.
    pub const MAX: u8 = 100;

    /// The pages in which Habeo itself walks a whole list. No caller can ask for them.
    pub const WALK: Self = Self(1_000);

    /// Accepts 1 to 100 rows.
    #[must_use]
    pub const fn new(rows: u8) -> Option<Self> {
        if rows >= 1 && rows <= Self::MAX {
            Some(Self(rows as u16))
        } else {
            None
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(self) -> usize {
        usize::from(self.0)
    }

    /// One row more than asked for: its presence says that there is a next page.
    #[must_use]
    pub fn plus_one(self) -> i64 {
        i64::from(self.0) + 1
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Rows in order, and where the next ones begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// The position after the last row; none at the end.
    pub next: Option<Position>,
}

impl<T> Page<T> {
    /// Cuts a page from up to `limit + 1` rows, naming the position after the last one kept.
    #[must_use]
    pub fn cut(mut rows: Vec<T>, limit: Limit, position: impl Fn(&T) -> Position) -> Self {
        let more = rows.len() > limit.rows();
        rows.truncate(limit.rows());
        let next = if more {
            rows.last().map(position)
        } else {
            None
        };
        Self { rows, next }
    }

    /// The same page with other rows.
    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(f).collect(),
            next: self.next,
        }
    }
}

/// A place in an ordered list: which part of it, the sort key there, and the row's `seq`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Position {
    /// Which of several concatenated lists (the tiers of a search); 0 where there is one.
    pub tier: u8,
    /// The text key of the last row where the order is by text; empty otherwise.
    pub key: String,
    /// `seq` of the last row.
    pub seq: i64,
}

impl Position {
    /// The position after the row with this `seq`, in a list ordered by it.
    #[must_use]
    pub const fn after(seq: i64) -> Self {
        Self {
            tier: 0,
            key: String::new(),
            seq,
        }
    }
}

/// Why a cursor was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CursorRefusal {
    /// Not one of ours, altered, of another organisation, or expired.
    #[error("this cursor is not valid; start again from the first page")]
    Invalid,
    /// Ours, but made for other filters or for another scope.
    #[error("this cursor belongs to another query; start again from the first page")]
    Mismatch,
}

impl Explain for CursorRefusal {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid => "cursor_invalid",
            Self::Mismatch => "cursor_mismatch",
        }
    }
}

/// What a cursor is bound to: the list with its filters, and the scope of whoever asks.
#[derive(Debug, Clone, Copy)]
pub struct Binding<'a> {
    /// Who asks.
    pub access: &'a Access,
    /// By which right they see the rows.
    pub action: Action,
    /// The list and its filters in a canonical spelling.
    pub filter: &'a str,
}

/// The key that seals cursors. Every node of an installation derives the same one from the master key; while that is exchanged, cursors of the
/// other one open too.
#[derive(Clone)]
pub struct CursorKey {
    current: [u8; 32],
    other: Option<[u8; 32]>,
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey")
    }
}

const VERSION: u8 = 1;
const DIGEST_BYTES: usize = 8;
const MAC_BYTES: usize = 16;
const FIXED_BYTES: usize = 1 + 8 + DIGEST_BYTES * 2 + 1 + 8;
/// How long a cursor can be used, at least.
pub const CURSOR_LIFE_MICROS: i64 = crate::time::DAY_MICROS;
/// Cursors expire on the hour, so that the same page has the same bytes, and the same entity tag, for as long.
const EXPIRY_STEP_MICROS: i64 = 3_600 * crate::time::SECOND_MICROS;
/// The longest cursor that is looked at: enough for a serial number of 128 characters outside ASCII.
pub const CURSOR_CHARS_MAX: usize = 1_000;

impl CursorKey {
    /// Wraps 32 bytes of key material.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self {
            current: key,
            other: None,
        }
    }

    /// With another key that opens and seals nothing.
    #[must_use]
    pub const fn beside(self, other: [u8; 32]) -> Self {
        Self {
            other: Some(other),
            ..self
        }
    }

    /// Writes a position as an opaque text, usable for 24 to 25 hours.
    #[must_use]
    pub fn seal(&self, binding: Binding<'_>, position: &Position, now: Timestamp) -> String {
        let mut bytes = Vec::with_capacity(FIXED_BYTES + position.key.len() + MAC_BYTES);
        bytes.push(VERSION);
        bytes.extend(expiry(now).to_be_bytes());
        bytes.extend(digest(binding.filter));
        bytes.extend(digest(&binding.access.scope_text(binding.action)));
        bytes.push(position.tier);
        bytes.extend(position.seq.to_be_bytes());
        bytes.extend(position.key.as_bytes());
        let mac = mac(&self.current, binding, &bytes);
        bytes.extend(mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor back.
    pub fn open(
        &self,
        binding: Binding<'_>,
        cursor: &str,
        now: Timestamp,
    ) -> Result<Position, CursorRefusal> {
        if cursor.len() > CURSOR_CHARS_MAX {
            return Err(CursorRefusal::Invalid);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(cursor)
            .map_err(|_| CursorRefusal::Invalid)?;
        let body_bytes = bytes
            .len()
            .checked_sub(MAC_BYTES)
            .ok_or(CursorRefusal::Invalid)?;
        let (body, sent) = bytes.split_at(body_bytes);
        let ours = std::iter::once(&self.current)
            .chain(&self.other)
            .any(|key| bool::from(mac(key, binding, body).ct_eq(sent)));
        if body.len() < FIXED_BYTES || !ours {
            return Err(CursorRefusal::Invalid);
        }
        let mut reader = Reader(body);
        let version = reader.byte();
        let expires_at = Timestamp::from_micros(reader.number());
        if version != VERSION || expires_at <= now {
            return Err(CursorRefusal::Invalid);
        }
        let filter = reader.take(DIGEST_BYTES);
        let scope = reader.take(DIGEST_BYTES);
        if filter != digest(binding.filter)
            || scope != digest(&binding.access.scope_text(binding.action))
        {
            return Err(CursorRefusal::Mismatch);
        }
        let tier = reader.byte();
        let seq = reader.number();
        let key = String::from_utf8(reader.0.to_vec()).map_err(|_| CursorRefusal::Invalid)?;
        Ok(Position { tier, key, seq })
    }
}

/// The organisation is part of what is authenticated, so another one's cursor is simply not ours.
fn mac(key: &[u8; 32], binding: Binding<'_>, body: &[u8]) -> [u8; MAC_BYTES] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(binding.access.org().uuid().as_bytes());
    mac.update(body);
    let full = mac.finalize().into_bytes();
    let mut short = [0; MAC_BYTES];
    short.copy_from_slice(&full[..MAC_BYTES]);
    short
}

/// The first full hour after a cursor's life.
fn expiry(now: Timestamp) -> i64 {
    let earliest = now.plus_micros(CURSOR_LIFE_MICROS).micros();
    (earliest / EXPIRY_STEP_MICROS + 1) * EXPIRY_STEP_MICROS
}

fn digest(text: &str) -> [u8; DIGEST_BYTES] {
    let full = Sha256::digest(text.as_bytes());
    let mut short = [0; DIGEST_BYTES];
    short.copy_from_slice(&full[..DIGEST_BYTES]);
    short
}

/// Reads fields off a body whose length has been checked.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> &'a [u8] {
        let (head, rest) = self.0.split_at(bytes);
        self.0 = rest;
        head
    }

    fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn number(&mut self) -> i64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8));
        i64::from_be_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Surface;
    use crate::id::OrgId;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn access(org: u128) -> Access {
        Access::system(OrgId::from_uuid(Uuid::from_u128(org)), Surface::Api)
    }

    fn bind<'a>(access: &'a Access, filter: &'a str) -> Binding<'a> {
        Binding {
            access,
            action: Action::ReadAssets,
            filter,
        }
    }

    #[test]
    fn a_cursor_opens_where_it_was_made_and_nowhere_else() {
        let key = CursorKey::new([7; 32]);
        let (ours, theirs) = (access(1), access(2));
        let position = Position {
            tier: 5,
            key: "WMK0042".to_owned(),
            seq: 42,
        };
        let cursor = key.seal(bind(&ours, "assets?state=in_use"), &position, NOW);
        assert_eq!(
            key.open(bind(&ours, "assets?state=in_use"), &cursor, NOW),
            Ok(position)
        );
        assert_eq!(
            key.open(bind(&ours, "assets?state=missing"), &cursor, NOW),
            Err(CursorRefusal::Mismatch)
        );
        assert_eq!(
            key.open(bind(&theirs, "assets?state=in_use"), &cursor, NOW),
            Err(CursorRefusal::Invalid)
        );
        assert_eq!(
            key.seal(bind(&ours, "assets"), &Position::after(9), NOW),
            key.seal(
                bind(&ours, "assets"),
                &Position::after(9),
                NOW.plus_micros(1)
            ),
            "the same page has the same bytes"
        );
        let later = NOW.plus_micros(CURSOR_LIFE_MICROS + EXPIRY_STEP_MICROS);
        assert_eq!(
            key.open(bind(&ours, "assets?state=in_use"), &cursor, later),
            Err(CursorRefusal::Invalid)
        );
    }

    #[test]
    fn a_cursor_of_the_key_before_opens() {
        let ours = access(1);
        let cursor = CursorKey::new([7; 32]).seal(bind(&ours, "assets"), &Position::after(9), NOW);
        let both = CursorKey::new([8; 32]).beside([7; 32]);
        let opened = both.open(bind(&ours, "assets"), &cursor, NOW);
        assert_eq!(opened, Ok(Position::after(9)));
        let alone = CursorKey::new([8; 32]).open(bind(&ours, "assets"), &cursor, NOW);
        assert_eq!(alone, Err(CursorRefusal::Invalid));
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let key = CursorKey::new([7; 32]);
        let ours = access(1);
        let cursor = key.seal(bind(&ours, "assets"), &Position::after(9), NOW);
        let bytes = URL_SAFE_NO_PAD.decode(&cursor).expect("our own cursor");
        for i in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[i] ^= 1;
            let altered = URL_SAFE_NO_PAD.encode(altered);
            assert_eq!(
                key.open(bind(&ours, "assets"), &altered, NOW),
                Err(CursorRefusal::Invalid),
                "byte {i}"
            );
        }
        for junk in ["", "a", "!!!!", &"A".repeat(CURSOR_CHARS_MAX + 1)] {
            assert_eq!(
                key.open(bind(&ours, "assets"), junk, NOW),
                Err(CursorRefusal::Invalid)
            );
        }
    }
}
