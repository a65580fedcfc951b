//! Codes: what a consent gives, to be exchanged for tokens once and soon.

use secrecy::{ExposeSecret as _, SecretString};

use super::CODE_LIFE_MICROS;
use super::store::{self, Code};
use super::token::{self, Sort};
use crate::app_client::Scopes;
use crate::id::{AppClientId, AppInstallId, PersonId};
use crate::ledger::Work;
use crate::store::StoreResult;

/// What a code is bound to.
#[derive(Debug)]
pub(crate) struct NewCode {
    /// The installation.
    pub install: AppInstallId,
    /// Who may exchange it.
    pub client: AppClientId,
    /// Who consented.
    pub person: PersonId,
    /// To what.
    pub scopes: Scopes,
    /// Where it is sent.
    pub redirect_uri: String,
    /// What its verifier has to meet.
    pub challenge: [u8; 32],
}

/// Makes a code.
pub(crate) async fn issue(work: &mut Work, new: NewCode) -> StoreResult<SecretString> {
    let (access, now, random) = (work.access().clone(), work.now(), work.random());
    let code = token::draw(Sort::Code, random.as_ref());
    let row = Code {
        client_id: new.client,
        install_id: new.install,
        redirect_uri: new.redirect_uri,
        challenge: new.challenge.to_vec(),
        person_id: new.person,
        scopes: new.scopes,
        expires_at: now.plus_micros(CODE_LIFE_MICROS),
        taken_at: None,
        grant_id: None,
    };
    let hash = token::hash(code.expose_secret());
    store::forget_old(work.tx(), &access, now).await?;
    store::insert_code(work.tx(), &access, &hash, &row, now).await?;
    Ok(code)
}
