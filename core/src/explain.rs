//! How a refusal presents itself to whoever answers the caller, without a word of HTTP.

use std::fmt::Display;

/// What sort of answer a refusal is. A surface turns it into its own status in one match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request itself is malformed.
    Invalid,
    /// The request is well-formed, but a value in it cannot be accepted.
    Unacceptable,
    /// Who asks is not known, or not proved.
    Unauthenticated,
    /// Who asks is known and may not do this.
    Forbidden,
    /// It does not exist, as far as the caller may know.
    NotFound,
    /// It contradicts the present state.
    Conflict,
    /// Too much, too quickly.
    TooMany,
    /// Temporarily impossible; asking again later helps.
    Unavailable,
    /// Our fault. The caller gets an id, the log gets the chain.
    Internal,
}

/// An error that can be shown to a caller: its [`Display`] is written for them, its code is stable.
pub trait Explain: Display {
    /// What sort of answer this is.
    fn kind(&self) -> Kind;

    /// The stable machine-readable code, unique in the whole product: `asset_tag_taken`.
    fn code(&self) -> &'static str;
}

/// What cannot be refused needs no explanation.
impl Explain for std::convert::Infallible {
    fn kind(&self) -> Kind {
        match *self {}
    }

    fn code(&self) -> &'static str {
        match *self {}
    }
}
