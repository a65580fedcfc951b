//! Tokens that their own app gives back (RFC 7009).

use std::convert::Infallible;

use super::store;
use super::token::Hash;
use crate::id::AppClientId;
use crate::ledger::{Command, Failure, Work};

/// Ends a token: of a refresh token the whole family. What is unknown, or another app's, stays as it is, and nobody is told.
#[derive(Debug, Clone, Copy)]
pub struct RevokeToken {
    /// The token's digest.
    pub token: Hash,
    /// Who asks.
    pub client: AppClientId,
}

impl Command for RevokeToken {
    type Answer = ();
    type Refusal = Infallible;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Infallible>> {
        let (access, now) = (work.access().clone(), work.now());
        let Some(token) = store::token(work.tx(), &access, &self.token).await? else {
            return Ok(());
        };
        let grant = store::grant(work.tx(), &access, token.grant_id).await?;
        let Some(grant) = grant.filter(|grant| grant.client_id == self.client) else {
            return Ok(());
        };
        if token.kind == store::REFRESH {
            store::revoke_grant(work.tx(), &access, grant.id, now).await?;
        } else {
            store::revoke_token(work.tx(), &access, &self.token, now).await?;
        }
        Ok(())
    }
}
