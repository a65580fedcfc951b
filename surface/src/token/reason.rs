//! Why a token is refused: for the log, by its code.

/// Why a token was refused. Only its code is logged, and the caller learns none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the codes say what the names mean")]
pub enum Reason {
    HeaderMissing,
    HeaderMalformed,
    HeaderRepeated,
    TooLong,
    Malformed,
    Type,
    Algorithm,
    HeaderForbidden,
    KeyId,
    KeyUnknown,
    Signature,
    Issuer,
    Subject,
    Session,
    Version,
    Status,
    Times,
    Lifetime,
    Expired,
    NotYet,
    IssuedInTheFuture,
    AuthorizedParty,
    Audience,
    Nonce,
    Revoked,
}

impl Reason {
    /// The code of the log.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::HeaderMissing => "header-missing",
            Self::HeaderMalformed => "header-malformed",
            Self::HeaderRepeated => "header-repeated",
            Self::TooLong => "token-too-long",
            Self::Malformed => "token-invalid",
            Self::Type => "token-invalid-type",
            Self::Algorithm => "token-invalid-algorithm",
            Self::HeaderForbidden => "token-header-forbidden",
            Self::KeyId => "token-invalid-kid",
            Self::KeyUnknown => "jwk-kid-mismatch",
            Self::Signature => "token-invalid-signature",
            Self::Issuer => "token-invalid-issuer",
            Self::Subject => "token-invalid-subject",
            Self::Session => "token-without-session",
            Self::Version => "token-invalid-version",
            Self::Status => "token-invalid-status",
            Self::Times => "token-without-times",
            Self::Lifetime => "token-lifetime-too-long",
            Self::Expired => "token-expired",
            Self::NotYet => "token-not-active-yet",
            Self::IssuedInTheFuture => "token-iat-in-the-future",
            Self::AuthorizedParty => "token-invalid-authorized-parties",
            Self::Audience => "token-invalid-audience",
            Self::Nonce => "token-invalid-nonce",
            Self::Revoked => "session-revoked",
        }
    }
}
