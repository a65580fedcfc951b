//! Signed checkpoints: the promise that what a ledger holds today is still there tomorrow, kept where others can see it.
//!
//! A checkpoint is signed only when the tree has grown, and only after the tree was shown to be a continuation of the last one that was signed.
//! That last one is read from the database and from a place outside it: whoever puts an older database back meets the one outside.

mod key;
mod publish;
mod sign;
mod stored;

pub use key::{Key, KeyError, keys, rotate_key, verifiers};
pub use publish::Refusal;
pub use sign::{Fault, INTERVAL_MICROS, SignError, Signer, Witness, continues};
pub use stored::{Epoch, Signed, all, epochs, latest, origin, since};
