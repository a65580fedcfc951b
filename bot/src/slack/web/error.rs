//! Why a call of the Web API came to nothing.

use std::time::Duration;

use habeo_egress::EgressError;

const CODE_CHARS_MAX: usize = 60;

/// Why a call came to nothing. No variant holds a token, an address or a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebError {
    /// Slack asks to wait longer than is worth while.
    #[error("{method}: Slack asks to wait for {} s", after.as_secs())]
    Limited {
        /// What was called.
        method: &'static str,
        /// How long to wait.
        after: Duration,
    },
    /// Slack says no, in a word of its own.
    #[error("{method}: {code}")]
    Refused {
        /// What was called.
        method: &'static str,
        /// Slack's word for why.
        code: String,
    },
    /// Another status than a success.
    #[error("{method}: status {status}")]
    Status {
        /// What was called.
        method: &'static str,
        /// The status.
        status: u16,
    },
    /// The answer lacks what it has to have.
    #[error("{method}: an answer of another shape")]
    Shape {
        /// What was called.
        method: &'static str,
    },
    /// The address to answer to is not one of Slack's.
    #[error("the address to answer to is not one of Slack's")]
    Elsewhere,
    /// There is no token to speak with.
    #[error("no usable token: {0}")]
    Token(&'static str),
    /// There is no answer.
    #[error(transparent)]
    Egress(#[from] EgressError),
}

impl WebError {
    /// What Slack refused. Its word goes into logs, so it has to look like one.
    pub(in super::super) fn refused(method: &'static str, code: &str) -> Self {
        let word = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '_';
        let code: String = code.chars().filter(word).take(CODE_CHARS_MAX).collect();
        Self::Refused { method, code }
    }

    /// Slack's word, where it refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Whether another token may do.
    #[must_use]
    pub fn is_token_expired(&self) -> bool {
        self.code() == Some("token_expired")
    }

    /// Whether the workspace has taken its token back, so that only installing again helps.
    #[must_use]
    pub fn is_token_dead(&self) -> bool {
        matches!(
            self.code(),
            Some(
                "invalid_auth"
                    | "token_revoked"
                    | "account_inactive"
                    | "not_authed"
                    | "org_login_required"
                    | "invalid_refresh_token"
            )
        )
    }

    /// Whether whom or where it is for is gone.
    #[must_use]
    pub fn is_recipient_gone(&self) -> bool {
        matches!(
            self.code(),
            Some(
                "channel_not_found"
                    | "is_archived"
                    | "user_not_found"
                    | "user_disabled"
                    | "users_not_found"
                    | "cannot_dm_bot"
                    | "user_not_visible"
                    | "not_in_channel"
            )
        )
    }

    /// Whether the same call may fare better later.
    #[must_use]
    pub fn is_worth_repeating(&self) -> bool {
        match self {
            Self::Limited { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::Refused { code, .. } => matches!(
                code.as_str(),
                "ratelimited"
                    | "internal_error"
                    | "fatal_error"
                    | "service_unavailable"
                    | "request_timeout"
                    | "team_added_to_org"
                    | "token_expired"
            ),
            Self::Egress(error) => error.is_worth_repeating(),
            Self::Shape { .. } | Self::Elsewhere | Self::Token(_) => false,
        }
    }

    /// Whether the call may have been carried out all the same.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::Egress(error) => error.may_have_arrived(),
            Self::Status { status, .. } => *status >= 500,
            Self::Shape { .. } => true,
            Self::Limited { .. } | Self::Refused { .. } | Self::Elsewhere | Self::Token(_) => false,
        }
    }
}
