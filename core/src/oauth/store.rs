//! Codes, families and tokens in SQL, and the directory by which their organisation is found. Only digests of them are kept.

use super::REMEMBERED_MICROS;
use super::token::Hash;
use crate::access::Access;
use crate::app_client::Scopes;
use crate::app_install::Status;
use crate::id::{AppClientId, AppInstallId, OAuthGrantId, PersonId, UnitId};
use crate::store::{StoreResult, Tx, execute, fetch_one, fetch_optional};
use crate::time::Timestamp;

/// A code as it is stored.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Code {
    pub client_id: AppClientId,
    pub install_id: AppInstallId,
    pub redirect_uri: String,
    pub challenge: Vec<u8>,
    pub person_id: PersonId,
    pub scopes: Scopes,
    pub expires_at: Timestamp,
    pub taken_at: Option<Timestamp>,
    pub grant_id: Option<OAuthGrantId>,
}

/// A family as it is stored.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Grant {
    pub id: OAuthGrantId,
    pub client_id: AppClientId,
    pub install_id: AppInstallId,
    pub scopes: Scopes,
    pub expires_at: Timestamp,
    pub current_hash: Vec<u8>,
    pub previous_hash: Option<Vec<u8>>,
    pub revoked_at: Option<Timestamp>,
    pub status: Status,
    pub install_scopes: Scopes,
    pub unit_id: UnitId,
}

/// A token as it is stored.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Token {
    pub kind: String,
    pub grant_id: OAuthGrantId,
    pub scopes: Scopes,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

/// The kinds of stored tokens.
pub(super) const ACCESS: &str = "access";
pub(super) const REFRESH: &str = "refresh";

/// What is stored of a new token.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewToken<'a> {
    pub hash: &'a Hash,
    pub kind: &'a str,
    pub grant: OAuthGrantId,
    pub install: AppInstallId,
    pub client: AppClientId,
    pub scopes: &'a Scopes,
    /// The refresh token that was issued with it; its own digest where it is one.
    pub pair: &'a Hash,
    pub expires_at: Timestamp,
}

/// Points the directory at a code or token. It forgets what ended a while ago.
pub(super) async fn point_to(
    tx: &mut Tx,
    access: &Access,
    hash: &Hash,
    client: AppClientId,
    expires_at: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO oauth_directory (token_hash, org_id, client_id, expires_at) VALUES ($1, $2, $3, $4)",
        hash.as_slice(),
        access.org(),
        client,
        expires_at
    )?;
    Ok(())
}

/// Removes what nobody can use any more, and what need not be known any more to notice its use.
pub(super) async fn forget_old(tx: &mut Tx, access: &Access, now: Timestamp) -> StoreResult<()> {
    let then = now.plus_micros(-REMEMBERED_MICROS);
    for statement in [
        "DELETE FROM oauth_code WHERE org_id = $1 AND expires_at <= $2",
        "DELETE FROM oauth_token WHERE org_id = $1 AND expires_at <= $2",
        "DELETE FROM oauth_grant WHERE org_id = $1 AND expires_at <= $2",
        "DELETE FROM oauth_directory WHERE org_id = $1 AND expires_at <= $2",
    ] {
        execute!(tx, statement, access.org(), then)?;
    }
    Ok(())
}

/// Enters a code.
pub(super) async fn insert_code(
    tx: &mut Tx,
    access: &Access,
    hash: &Hash,
    code: &Code,
    now: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO oauth_code (org_id, code_hash, client_id, install_id, redirect_uri, challenge, person_id, scopes, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        access.org(),
        hash.as_slice(),
        code.client_id,
        code.install_id,
        &code.redirect_uri,
        code.challenge.as_slice(),
        code.person_id,
        code.scopes.clone(),
        now,
        code.expires_at
    )?;
    point_to(tx, access, hash, code.client_id, code.expires_at).await
}

pub(super) async fn code(tx: &mut Tx, access: &Access, hash: &Hash) -> StoreResult<Option<Code>> {
    fetch_optional!(
        tx,
        Code,
        "SELECT client_id, install_id, redirect_uri, challenge, person_id, scopes, expires_at, taken_at, grant_id FROM oauth_code
         WHERE org_id = $1 AND code_hash = $2",
        access.org(),
        hash.as_slice()
    )
}

/// Takes a code for a family, if nobody has taken it.
pub(super) async fn take_code(
    tx: &mut Tx,
    access: &Access,
    hash: &Hash,
    grant: OAuthGrantId,
    now: Timestamp,
) -> StoreResult<bool> {
    let taken = execute!(
        tx,
        "UPDATE oauth_code SET taken_at = $3, grant_id = $4 WHERE org_id = $1 AND code_hash = $2 AND taken_at IS NULL",
        access.org(),
        hash.as_slice(),
        now,
        grant
    )?;
    Ok(taken == 1)
}

/// For which unit an installation is and what it may do, if it has not ended.
pub(super) async fn install(
    tx: &mut Tx,
    access: &Access,
    id: AppInstallId,
) -> StoreResult<Option<(UnitId, Scopes)>> {
    fetch_optional!(
        tx,
        (UnitId, Scopes),
        "SELECT unit_id, scopes FROM app_install WHERE org_id = $1 AND id = $2 AND status <> 'ended'",
        access.org(),
        id
    )
}

/// Enters a family.
#[expect(clippy::too_many_arguments, reason = "a column each")]
pub(super) async fn insert_grant(
    tx: &mut Tx,
    access: &Access,
    id: OAuthGrantId,
    install: AppInstallId,
    client: AppClientId,
    scopes: &Scopes,
    now: Timestamp,
    expires_at: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO oauth_grant (org_id, id, install_id, client_id, scopes, created_at, expires_at, current_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        access.org(),
        id,
        install,
        client,
        scopes.clone(),
        now,
        expires_at,
        &b""[..]
    )?;
    Ok(())
}

pub(super) async fn grant(
    tx: &mut Tx,
    access: &Access,
    id: OAuthGrantId,
) -> StoreResult<Option<Grant>> {
    fetch_optional!(
        tx,
        Grant,
        "SELECT g.id, g.client_id, g.install_id, g.scopes, g.expires_at, g.current_hash, g.previous_hash, g.revoked_at, i.status,
             i.scopes AS install_scopes, i.unit_id
         FROM oauth_grant g JOIN app_install i ON i.org_id = g.org_id AND i.id = g.install_id
         WHERE g.org_id = $1 AND g.id = $2",
        access.org(),
        id
    )
}

/// Says which refresh token of a family is the one, and which was before it.
pub(super) async fn turn(
    tx: &mut Tx,
    access: &Access,
    id: OAuthGrantId,
    current: &Hash,
    previous: Option<&Hash>,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE oauth_grant SET current_hash = $3, previous_hash = $4 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        current.as_slice(),
        previous.map(<[u8; 32]>::as_slice)
    )?;
    Ok(())
}

/// Ends a family. Whether it had not ended before.
pub(super) async fn revoke_grant(
    tx: &mut Tx,
    access: &Access,
    id: OAuthGrantId,
    now: Timestamp,
) -> StoreResult<bool> {
    let revoked = execute!(
        tx,
        "UPDATE oauth_grant SET revoked_at = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL",
        access.org(),
        id,
        now
    )?;
    Ok(revoked == 1)
}

/// Enters a token.
pub(super) async fn insert_token(
    tx: &mut Tx,
    access: &Access,
    new: NewToken<'_>,
    now: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO oauth_token (org_id, token_hash, kind, grant_id, install_id, scopes, pair_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        access.org(),
        new.hash.as_slice(),
        new.kind,
        new.grant,
        new.install,
        new.scopes.clone(),
        new.pair.as_slice(),
        now,
        new.expires_at
    )?;
    point_to(tx, access, new.hash, new.client, new.expires_at).await
}

pub(super) async fn token(tx: &mut Tx, access: &Access, hash: &Hash) -> StoreResult<Option<Token>> {
    fetch_optional!(
        tx,
        Token,
        "SELECT kind, grant_id, scopes, created_at, expires_at, revoked_at FROM oauth_token WHERE org_id = $1 AND token_hash = $2",
        access.org(),
        hash.as_slice()
    )
}

/// How many pairs an installation was given after this instant.
pub(super) async fn issued_since(
    tx: &mut Tx,
    access: &Access,
    install: AppInstallId,
    since: Timestamp,
) -> StoreResult<i64> {
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM oauth_token
         WHERE org_id = $1 AND install_id = $2 AND created_at > $3 AND kind = 'refresh'",
        access.org(),
        install,
        since
    )?;
    Ok(count)
}

/// Ends a refresh token whose answer was lost, and forgets what was issued with it. Its own digest stays, by which using it all the same is noticed.
pub(super) async fn replace_pair(
    tx: &mut Tx,
    access: &Access,
    pair: &[u8],
    now: Timestamp,
) -> StoreResult<()> {
    for statement in [
        "DELETE FROM oauth_directory WHERE org_id = $1 AND token_hash IN
             (SELECT token_hash FROM oauth_token WHERE org_id = $1 AND pair_hash = $2 AND kind = 'access')",
        "DELETE FROM oauth_token WHERE org_id = $1 AND pair_hash = $2 AND kind = 'access'",
    ] {
        execute!(tx, statement, access.org(), pair)?;
    }
    execute!(
        tx,
        "UPDATE oauth_token SET revoked_at = $3 WHERE org_id = $1 AND pair_hash = $2 AND revoked_at IS NULL",
        access.org(),
        pair,
        now
    )?;
    Ok(())
}

/// Ends one token.
pub(super) async fn revoke_token(
    tx: &mut Tx,
    access: &Access,
    hash: &Hash,
    now: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE oauth_token SET revoked_at = $3 WHERE org_id = $1 AND token_hash = $2 AND revoked_at IS NULL",
        access.org(),
        hash.as_slice(),
        now
    )?;
    Ok(())
}

/// Forgets everything that an installation was ever given.
pub(crate) async fn forget_install(
    tx: &mut Tx,
    access: &Access,
    id: AppInstallId,
) -> StoreResult<()> {
    for statement in [
        "DELETE FROM oauth_directory WHERE org_id = $1 AND token_hash IN
             (SELECT token_hash FROM oauth_token WHERE org_id = $1 AND install_id = $2
              UNION SELECT code_hash FROM oauth_code WHERE org_id = $1 AND install_id = $2)",
        "DELETE FROM oauth_token WHERE org_id = $1 AND install_id = $2",
        "DELETE FROM oauth_code WHERE org_id = $1 AND install_id = $2",
        "DELETE FROM oauth_grant WHERE org_id = $1 AND install_id = $2",
    ] {
        execute!(tx, statement, access.org(), id)?;
    }
    Ok(())
}
