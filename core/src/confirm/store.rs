//! Proposals in SQL: kept beside the ledger for a day, because what somebody writes is in them.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Change, Outcome, Proposal, Refusal};
use crate::access::Access;
use crate::asset::command::Command;
use crate::asset::rehearse::Base;
use crate::chat_link::ChatUser;
use crate::id::{AssetId, ConfirmId, InstallId, PersonId};
use crate::ledger::tree;
use crate::random::Random;
use crate::store::{StoreError, StoreResult, Tx, execute, fetch_optional};
use crate::time::Timestamp;

/// The most bytes of a proposal with everything that it changes.
const BODY_BYTES_MAX: usize = 512 * 1024;
const SALT_BYTES: usize = 16;

/// What was proposed and shown. Its canonical form is what the digest is of.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    pub proposal: Proposal,
    pub remark: Option<String>,
    /// The id of the asset that is made, where one is.
    pub made: AssetId,
    pub changes: Vec<Change>,
    /// How many facts each asset had, and its label.
    pub bases: Vec<(AssetId, i64, Option<String>)>,
    /// Without it, a short text could be guessed from the digest.
    pub salt: String,
}

impl Body {
    pub fn new(
        proposal: Proposal,
        remark: Option<String>,
        made: AssetId,
        (changes, bases): (Vec<Change>, &[Base]),
        random: &dyn Random,
    ) -> Self {
        let mut salt = [0; SALT_BYTES];
        random.fill(&mut salt);
        let bases = bases.iter().map(|base| {
            let tag = base.tag.as_ref().map(|tag| tag.as_str().to_owned());
            (base.asset, base.rev, tag)
        });
        Self {
            proposal,
            remark,
            made,
            changes,
            bases: bases.collect(),
            salt: tree::hex(&salt),
        }
    }

    /// What is to be done.
    pub fn commands(&self, now: Timestamp, random: &dyn Random) -> Result<Vec<Command>, Refusal> {
        self.proposal
            .commands(self.remark.as_deref(), self.made, now, random)
    }
}

/// A proposal as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Intent {
    pub id: ConfirmId,
    pub person: PersonId,
    pub install: InstallId,
    /// The digest of the chat user.
    pub user: String,
    pub body: Body,
    /// The canonical bytes.
    pub text: String,
    /// SHA-256 of them.
    pub digest: String,
    pub expires_at: Timestamp,
    pub outcome: Option<Outcome>,
}

impl Intent {
    pub fn new(
        id: ConfirmId,
        person: PersonId,
        user: &ChatUser,
        body: Body,
        expires_at: Timestamp,
    ) -> Result<Self, Refusal> {
        let value = serde_json::to_value(&body).map_err(|_| Refusal::TooLarge)?;
        let text = tree::canonical(&value).map_err(|_| Refusal::TooLarge)?;
        if text.len() > BODY_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        let digest = tree::hex(&Sha256::digest(text.as_bytes()));
        Ok(Self {
            id,
            person,
            install: user.install,
            user: user.digest(),
            body,
            text,
            digest,
            expires_at,
            outcome: None,
        })
    }
}

/// Keeps a proposal.
pub(crate) async fn keep(tx: &mut Tx, access: &Access, intent: &Intent) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO confirm_intent (org_id, id, person_id, install_id, user_digest, body, digest, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        access.org(),
        intent.id,
        intent.person,
        intent.install,
        &intent.user,
        &intent.text,
        &intent.digest,
        intent.expires_at
    )?;
    Ok(())
}

/// A proposal with what became of it.
pub(crate) async fn by_id(
    tx: &mut Tx,
    access: &Access,
    id: ConfirmId,
) -> StoreResult<Option<Intent>> {
    type Row = (
        PersonId,
        InstallId,
        String,
        String,
        String,
        Timestamp,
        Option<Outcome>,
    );
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        "SELECT person_id, install_id, user_digest, body, digest, expires_at, outcome FROM confirm_intent WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    let Some((person, install, user, text, digest, expires_at, outcome)) = row else {
        return Ok(None);
    };
    // What was shown is what is done: nothing may have come between.
    if tree::hex(&Sha256::digest(text.as_bytes())) != digest {
        return Err(inconsistent("the digest is not that of the body"));
    }
    let body = serde_json::from_str(&text).map_err(|error| inconsistent(&error.to_string()))?;
    Ok(Some(Intent {
        id,
        person,
        install,
        user,
        body,
        text,
        digest,
        expires_at,
        outcome,
    }))
}

/// Notes what became of a proposal, unless something did already. Whether it was noted.
pub(crate) async fn settle(
    tx: &mut Tx,
    access: &Access,
    id: ConfirmId,
    outcome: Outcome,
    now: Timestamp,
) -> StoreResult<bool> {
    let settled = execute!(
        tx,
        "UPDATE confirm_intent SET outcome = $3, settled_at = $4 WHERE org_id = $1 AND id = $2 AND outcome IS NULL",
        access.org(),
        id,
        outcome,
        now
    )?;
    Ok(settled == 1)
}

/// Forgets proposals that could be confirmed until an instant.
pub(crate) async fn forget(tx: &mut Tx, access: &Access, until: Timestamp) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM confirm_intent WHERE org_id = $1 AND expires_at <= $2",
        access.org(),
        until
    )?;
    Ok(())
}

fn inconsistent(what: &str) -> StoreError {
    StoreError::Inconsistent {
        table: "confirm_intent",
        what: what.to_string(),
    }
}
