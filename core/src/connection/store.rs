//! Connections in SQL, the directory by which a connection's organisation is found, and what is kept beside the ledger.

use secrecy::{ExposeSecret as _, SecretString};

use super::command::{NoteRefusal, may_manage};
use super::{Connection, Gate, Proof, Provider, REFUSALS_KEPT, Refused, Settings, Status};
use crate::access::Access;
use crate::chat;
use crate::id::{ConnectionId, OrgId, PersonId, ReceiptId};
use crate::ledger::tree;
use crate::secret::{MasterKey, Place};
use crate::store::{
    Query, StoreError, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional,
};
use crate::time::Timestamp;

/// Where secrets are sealed.
pub(super) const SECRET: &str = "connection_private.secret_sealed";
/// Where the ones before them are.
pub(super) const PREVIOUS: &str = "connection_private.previous_sealed";

/// How much of a secret's digest is shown: enough to tell two apart, too little to try guesses against.
const FINGERPRINT_BYTES: usize = 4;

#[derive(sqlx::FromRow)]
struct Row {
    id: ConnectionId,
    seq: i64,
    provider: Provider,
    status: Status,
    created_by: Option<PersonId>,
    created_at: Timestamp,
    settings: String,
    name: Option<String>,
    previous_until: Option<Timestamp>,
    accepted: i64,
    basic_user: Option<String>,
}

macro_rules! select {
    () => {
        "SELECT c.id, c.seq, c.provider, c.status, c.created_by, c.created_at, c.settings, c.accepted, p.name, p.previous_until, p.basic_user
         FROM connection c LEFT JOIN connection_private p ON p.org_id = c.org_id AND p.id = c.id"
    };
}

impl TryFrom<Row> for Connection {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id,
            seq: row.seq,
            provider: row.provider,
            status: row.status,
            name: row.name.unwrap_or_default(),
            created_by: row.created_by,
            created_at: row.created_at,
            settings: settings(&row.settings, row.basic_user)?,
            previous_until: row.previous_until,
            accepted: row.accepted,
        })
    }
}

/// Settings as the ledger has them, with the user of a password, whom it has not. Entries from before name the user themselves.
fn settings(text: &str, basic_user: Option<String>) -> StoreResult<Settings> {
    let mut settings: Settings =
        serde_json::from_str(text).map_err(|error| inconsistent(&error.to_string()))?;
    if let (Proof::Basic { user }, Some(kept)) = (&mut settings.proof, basic_user) {
        *user = kept;
    }
    Ok(settings)
}

fn inconsistent(what: &str) -> StoreError {
    StoreError::Inconsistent {
        table: "connection",
        what: what.to_owned(),
    }
}

/// Whose a connection is. The transaction is one of the directory.
pub async fn org_of(tx: &mut Tx, id: ConnectionId) -> StoreResult<Option<OrgId>> {
    let row: Option<(OrgId,)> = fetch_optional!(
        tx,
        (OrgId,),
        "SELECT org_id FROM connection_directory WHERE connection_id = $1",
        id
    )?;
    Ok(row.map(|(org,)| org))
}

/// The organisation's connections, the removed ones too, in the order of their making. Whoever may not manage them sees none.
pub async fn list(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Connection>> {
    if !may_manage(access) {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = fetch_all!(
        tx,
        Row,
        concat!(select!(), " WHERE c.org_id = $1 ORDER BY c.seq"),
        access.org()
    )?;
    rows.into_iter().map(Connection::try_from).collect()
}

/// One of the organisation's connections, for whoever may manage them.
pub async fn by_id(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
) -> StoreResult<Option<Connection>> {
    if !may_manage(access) {
        return Ok(None);
    }
    let row: Option<Row> = fetch_optional!(
        tx,
        Row,
        concat!(select!(), " WHERE c.org_id = $1 AND c.id = $2"),
        access.org(),
        id
    )?;
    row.map(Connection::try_from).transpose()
}

/// How many connections are not removed.
pub(super) async fn count(tx: &mut Tx, access: &Access) -> StoreResult<usize> {
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM connection WHERE org_id = $1 AND status <> 'removed'",
        access.org()
    )?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

#[derive(sqlx::FromRow)]
struct GateRow {
    provider: Provider,
    settings: String,
    secret_sealed: Option<Vec<u8>>,
    previous_sealed: Option<Vec<u8>>,
    previous_until: Option<Timestamp>,
    basic_user: Option<String>,
}

/// What has to be known to let a connection's letters in; none where it takes nothing in.
pub async fn gate(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
    key: &MasterKey,
) -> StoreResult<Option<Gate>> {
    let row: Option<GateRow> = fetch_optional!(
        tx,
        GateRow,
        "SELECT c.provider, c.settings, p.secret_sealed, p.previous_sealed, p.previous_until, p.basic_user
         FROM connection c JOIN connection_private p ON p.org_id = c.org_id AND p.id = c.id
         WHERE c.org_id = $1 AND c.id = $2 AND c.status = 'active'",
        access.org(),
        id
    )?;
    let Some(row) = row else { return Ok(None) };
    let present = row.secret_sealed.map(|sealed| (SECRET, sealed));
    let previous = row.previous_sealed.map(|sealed| (PREVIOUS, sealed));
    let secrets: StoreResult<Vec<SecretString>> = present
        .into_iter()
        .chain(previous)
        .map(|(column, sealed)| opened(key, access.org(), (column, id), &sealed))
        .collect();
    Ok(Some(Gate {
        org: access.org(),
        id,
        provider: row.provider,
        settings: settings(&row.settings, row.basic_user)?,
        secrets: secrets?,
        previous_until: row.previous_until,
    }))
}

type Sealed = (Option<Vec<u8>>, Option<Vec<u8>>);

/// By what administrators tell the secrets of a connection apart, the present one first: the beginnings of their digests. Whoever may not
/// manage it is told of none.
pub async fn fingerprints(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
    key: &MasterKey,
) -> StoreResult<Vec<String>> {
    if !may_manage(access) {
        return Ok(Vec::new());
    }
    let row: Option<Sealed> = fetch_optional!(
        tx,
        Sealed,
        "SELECT secret_sealed, previous_sealed FROM connection_private WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    let (present, previous) = row.unwrap_or_default();
    let sealed = [(SECRET, present), (PREVIOUS, previous)];
    let sealed = sealed
        .into_iter()
        .filter_map(|(column, sealed)| sealed.map(|sealed| (column, sealed)));
    sealed
        .map(|(column, sealed)| {
            let secret = opened(key, access.org(), (column, id), &sealed)?;
            Ok(tree::hex(&chat::hash(&secret)[..FINGERPRINT_BYTES]))
        })
        .collect()
}

fn opened(
    key: &MasterKey,
    org: OrgId,
    (column, id): (&str, ConnectionId),
    sealed: &[u8],
) -> StoreResult<SecretString> {
    let row = id.uuid();
    let place = Place {
        column,
        org: Some(org),
        row: row.as_bytes(),
    };
    let bytes = key
        .open(place, sealed)
        .map_err(|error| inconsistent(&error.to_string()))?;
    let text = std::str::from_utf8(bytes.expose_secret());
    Ok(text
        .map_err(|_| inconsistent("a secret is no text"))?
        .into())
}

/// The present secret, if there is one.
pub(super) async fn secret(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
    key: &MasterKey,
) -> StoreResult<Option<SecretString>> {
    let row: Option<(Option<Vec<u8>>,)> = fetch_optional!(
        tx,
        (Option<Vec<u8>>,),
        "SELECT secret_sealed FROM connection_private WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    let sealed = row.and_then(|(sealed,)| sealed);
    sealed
        .map(|sealed| opened(key, access.org(), (SECRET, id), &sealed))
        .transpose()
}

/// Keeps the name and the secret of a new connection.
pub(super) async fn keep(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
    name: &str,
    sealed: Vec<u8>,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO connection_private (org_id, id, name, secret_sealed) VALUES ($1, $2, $3, $4)",
        access.org(),
        id,
        name,
        sealed.clone()
    )?;
    Ok(())
}

/// Keeps as whom a connection proves itself, where it does by user and password.
pub(super) async fn keep_user(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
    user: Option<&str>,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE connection_private SET basic_user = $3 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        user
    )?;
    Ok(())
}

/// When it was last recorded that letters of a connection were taken in.
pub(super) async fn accepted_at(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
) -> StoreResult<Option<Timestamp>> {
    let row: Option<(Option<Timestamp>,)> = fetch_optional!(
        tx,
        (Option<Timestamp>,),
        "SELECT accepted_at FROM connection WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(row.and_then(|(at,)| at))
}

/// Takes the counts of letters that no entry tells of yet, each with when the first of its letters came in.
pub(super) async fn take_accepted(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
) -> StoreResult<Vec<(Timestamp, i64)>> {
    fetch_all!(
        tx,
        (Timestamp, i64),
        "DELETE FROM connection_accepted WHERE org_id = $1 AND connection_id = $2 RETURNING at, letters",
        access.org(),
        id
    )
}

/// The connections of which letters were taken in that no entry tells of yet.
pub(crate) async fn untold(tx: &mut Tx, access: &Access) -> StoreResult<Vec<ConnectionId>> {
    let rows: Vec<(ConnectionId,)> = fetch_all!(
        tx,
        (ConnectionId,),
        "SELECT DISTINCT connection_id FROM connection_accepted WHERE org_id = $1",
        access.org()
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Counts letters that are stored by the same transaction: of each connection how many, and when the first of them came in.
pub(crate) async fn count_accepted(
    tx: &mut Tx,
    counted: Vec<(ReceiptId, OrgId, ConnectionId, Timestamp, i64)>,
) -> StoreResult<()> {
    const HEAD: &str =
        "INSERT INTO connection_accepted (org_id, id, connection_id, at, letters) VALUES";
    let rows = counted
        .into_iter()
        .map(|(id, org, connection, at, letters)| {
            [
                org.into(),
                id.into(),
                connection.into(),
                at.into(),
                letters.into(),
            ]
        });
    Query::insert_rows(tx, HEAD, rows.collect(), "").await?;
    Ok(())
}

/// Lets a connection be found before its organisation is known.
pub(super) async fn bind(tx: &mut Tx, access: &Access, id: ConnectionId) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO connection_directory (connection_id, org_id) VALUES ($1, $2)",
        id,
        access.org()
    )?;
    Ok(())
}

pub(super) async fn rename(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
    name: &str,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE connection_private SET name = $3 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        name
    )?;
    Ok(())
}

/// Keeps a new secret, and the one before it for as long as it is accepted.
pub(super) async fn rotate(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
    sealed: Vec<u8>,
    previous: Option<(Vec<u8>, Timestamp)>,
) -> StoreResult<()> {
    let (previous, previous_until) = previous.unzip();
    execute!(
        tx,
        "UPDATE connection_private SET secret_sealed = $3, previous_sealed = $4, previous_until = $5 WHERE org_id = $1 AND id = $2",
        access.org(),
        id,
        sealed.clone(),
        previous.clone(),
        previous_until
    )?;
    Ok(())
}

pub(super) async fn forget_previous(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE connection_private SET previous_sealed = NULL, previous_until = NULL WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(())
}

/// Forgets the secrets and the directory's pointer. The name stays, for the list.
pub(super) async fn forget(tx: &mut Tx, access: &Access, id: ConnectionId) -> StoreResult<()> {
    execute!(
        tx,
        "DELETE FROM connection_directory WHERE connection_id = $1 AND org_id = $2",
        id,
        access.org()
    )?;
    execute!(
        tx,
        "UPDATE connection_private SET secret_sealed = NULL, previous_sealed = NULL, previous_until = NULL WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )?;
    Ok(())
}

/// Notes a refused letter, and forgets the oldest ones.
pub(super) async fn note_refusal(
    tx: &mut Tx,
    access: &Access,
    id: ReceiptId,
    now: Timestamp,
    refusal: &NoteRefusal,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO connection_refusal (org_id, id, connection_id, at, status, reason, bytes, times)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE EXISTS (SELECT 1 FROM connection WHERE org_id = $1 AND id = $3)",
        access.org(),
        id,
        refusal.connection,
        now,
        i64::from(refusal.status),
        &refusal.reason,
        i64::try_from(refusal.bytes).unwrap_or(i64::MAX),
        refusal.times
    )?;
    execute!(
        tx,
        "DELETE FROM connection_refusal WHERE org_id = $1 AND connection_id = $2 AND id NOT IN (
             SELECT id FROM connection_refusal WHERE org_id = $1 AND connection_id = $2 ORDER BY at DESC, id DESC LIMIT $3)",
        access.org(),
        refusal.connection,
        REFUSALS_KEPT
    )?;
    Ok(())
}

/// The letters of a connection that were refused, the latest first. Whoever may not manage it sees none.
pub async fn refused(
    tx: &mut Tx,
    access: &Access,
    id: ConnectionId,
    limit: i64,
) -> StoreResult<Vec<Refused>> {
    if !may_manage(access) {
        return Ok(Vec::new());
    }
    fetch_all!(
        tx,
        Refused,
        "SELECT at, status, reason, bytes, times FROM connection_refusal WHERE org_id = $1 AND connection_id = $2
         ORDER BY at DESC, id DESC LIMIT $3",
        access.org(),
        id,
        limit
    )
}
