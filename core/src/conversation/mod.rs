//! Conversations: what somebody's last questions were about, so that the next one can refer to it, and what the buttons of an answer stand for.
//!
//! People write names and words into questions, so what is kept of them is sealed, is one person's alone, and is forgotten after a day. The
//! ledger learns that something was asked, what sort of question it was and how many rows the answer had; never a word of it.

pub mod command;
pub mod event;
pub mod store;

use crate::time::DAY_MICROS;

/// How long a conversation is remembered after its last question, and a button after its answer.
pub const LIFE_MICROS: i64 = DAY_MICROS;
/// The most conversations of one person that are remembered.
pub const CONVERSATIONS_MAX: i64 = 50;
/// The most answers of one person whose buttons are remembered.
pub const OFFERS_MAX: i64 = 200;
/// The most characters by which a conversation is known.
pub const KEY_CHARS_MAX: usize = 300;
/// The most bytes that are remembered of a conversation, or of the buttons of an answer.
pub const STATE_BYTES_MAX: usize = 64 * 1_024;
/// Bytes of the token by which the buttons of an answer are known.
const TOKEN_BYTES: usize = 18;

/// By what something outside is recognised without being kept.
fn digest(what: &str, text: &str) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    Sha256::new_with_prefix(what.as_bytes())
        .chain_update([0])
        .chain_update(text.as_bytes())
        .finalize()
        .to_vec()
}

fn key_hash(key: &str) -> Vec<u8> {
    digest("habeo conversation", key)
}

fn token_hash(token: &str) -> Vec<u8> {
    digest("habeo offer", token)
}
