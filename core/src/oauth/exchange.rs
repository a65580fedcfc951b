//! A code against tokens.

use std::convert::Infallible;

use subtle::ConstantTimeEq as _;

use super::store::{self, Code};
use super::token::Hash;
use super::{Denied, FAMILY_LIFE_MICROS, Issued, challenge_of, issue};
use crate::app_install::RevokeReason;
use crate::id::{AppClientId, OAuthGrantId};
use crate::ledger::{Command, Failure, Work};

/// Exchanges a code. A denial is an answer and no refusal, because noticing a second use has to leave something.
///
/// What is not the client's, or does not fit, leaves the code as it is; a second exchange by the same client ends what the first one gave.
#[derive(Debug)]
pub struct ExchangeCode {
    /// The code's digest.
    pub code: Hash,
    /// Who asks; they have proved themselves as well as they can.
    pub client: AppClientId,
    /// Where they say it was sent.
    pub redirect_uri: String,
    /// What they say meets the challenge.
    pub verifier: String,
}

impl Command for ExchangeCode {
    type Answer = Result<Issued, Denied>;
    type Refusal = Infallible;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<Self::Answer, Failure<Infallible>> {
        let (access, now) = (work.access().clone(), work.now());
        let Some(code) = store::code(work.tx(), &access, &self.code).await? else {
            return Ok(Err(Denied::Unknown));
        };
        if code.client_id != self.client {
            return Ok(Err(Denied::OtherClient));
        }
        if code.taken_at.is_some() {
            if let Some(family) = code.grant_id {
                let reason = RevokeReason::CodeReused;
                issue::end_family(work, family, code.install_id, reason).await?;
            }
            return Ok(Err(Denied::Reused));
        }
        if let Err(denied) = self.fits(&code) {
            return Ok(Err(denied));
        }
        if code.expires_at <= now {
            return Ok(Err(Denied::Expired));
        }
        let Some((unit, permitted)) = store::install(work.tx(), &access, code.install_id).await?
        else {
            return Ok(Err(Denied::Ended));
        };
        // Before the code is taken: it can be exchanged again while it lasts.
        if issue::is_too_often(work, code.install_id).await? {
            return Ok(Err(Denied::TooOften));
        }
        let family = OAuthGrantId::generate(now, work.random().as_ref());
        if !store::take_code(work.tx(), &access, &self.code, family, now).await? {
            return Ok(Err(Denied::Reused));
        }
        let scopes = code.scopes.within(&permitted);
        let expires_at = now.plus_micros(FAMILY_LIFE_MICROS);
        let install = code.install_id;
        store::insert_grant(
            work.tx(),
            &access,
            family,
            install,
            self.client,
            &scopes,
            now,
            expires_at,
        )
        .await?;
        let of = issue::Of {
            family,
            client: self.client,
            install,
            unit,
            scopes: &scopes,
            expires_at,
        };
        Ok(Ok(issue::pair(work, of, scopes.clone(), None).await?))
    }
}

impl ExchangeCode {
    fn fits(&self, code: &Code) -> Result<(), Denied> {
        if self.redirect_uri != code.redirect_uri {
            return Err(Denied::OtherRedirect);
        }
        let met = challenge_of(&self.verifier)
            .as_slice()
            .ct_eq(&code.challenge);
        if bool::from(met) {
            Ok(())
        } else {
            Err(Denied::OtherVerifier)
        }
    }
}
