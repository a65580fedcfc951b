//! A refresh token against the next pair.

use std::convert::Infallible;

use super::store::{self, Grant};
use super::token::Hash;
use super::{Denied, Issued, issue};
use crate::app_client::Scopes;
use crate::app_install::{RevokeReason, Status};
use crate::id::AppClientId;
use crate::ledger::{Command, Failure, Work};

/// Renews tokens. A denial is an answer and no refusal, because noticing a second use has to leave something.
#[derive(Debug)]
pub struct RefreshTokens {
    /// The refresh token's digest.
    pub token: Hash,
    /// Who asks; they have proved themselves as well as they can.
    pub client: AppClientId,
    /// What the next token of requests is to permit, if less than was consented to.
    pub scopes: Option<Scopes>,
}

/// What presenting a refresh token means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// It is the one.
    Next,
    /// It is the one before, and its successor was not used: the answer with the successor was lost.
    Again,
    /// It had its turn.
    Reuse,
}

impl Command for RefreshTokens {
    type Answer = Result<Issued, Denied>;
    type Refusal = Infallible;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<Self::Answer, Failure<Infallible>> {
        let (access, now) = (work.access().clone(), work.now());
        let known = store::token(work.tx(), &access, &self.token).await?;
        let Some(token) = known.filter(|token| token.kind == store::REFRESH) else {
            return Ok(Err(Denied::Unknown));
        };
        let Some(grant) = store::grant(work.tx(), &access, token.grant_id).await? else {
            return Ok(Err(Denied::Unknown));
        };
        if grant.client_id != self.client {
            return Ok(Err(Denied::OtherClient));
        }
        if grant.revoked_at.is_some() || grant.status == Status::Ended {
            return Ok(Err(Denied::Ended));
        }
        let turn = turn(&grant, &self.token);
        if turn == Turn::Reuse {
            let reason = RevokeReason::RefreshReused;
            issue::end_family(work, grant.id, grant.install_id, reason).await?;
            return Ok(Err(Denied::Reused));
        }
        if token.expires_at <= now || grant.expires_at <= now {
            return Ok(Err(Denied::Expired));
        }
        // What was consented to since may be less, and is never more than at first.
        let consented = grant.scopes.within(&grant.install_scopes);
        let wanted = match self.scopes {
            None => consented,
            Some(wanted) if !wanted.is_empty() && consented.covers(&wanted) => wanted,
            Some(_) => return Ok(Err(Denied::Grown)),
        };
        if issue::is_too_often(work, grant.install_id).await? {
            return Ok(Err(Denied::TooOften));
        }
        if turn == Turn::Again {
            store::replace_pair(work.tx(), &access, &grant.current_hash, now).await?;
        }
        store::forget_old(work.tx(), &access, now).await?;
        let of = issue::Of {
            family: grant.id,
            client: grant.client_id,
            install: grant.install_id,
            unit: grant.unit_id,
            scopes: &grant.scopes,
            expires_at: grant.expires_at,
        };
        Ok(Ok(issue::pair(work, of, wanted, Some(&self.token)).await?))
    }
}

fn turn(grant: &Grant, token: &Hash) -> Turn {
    if grant.current_hash == token {
        Turn::Next
    } else if grant.previous_hash.as_deref() == Some(token.as_slice()) {
        Turn::Again
    } else {
        Turn::Reuse
    }
}
