//! Sign-ins in SQL: how an issuer's reports of somebody stand, which organisations know them, and what was deleted.

use super::Object;
use crate::access::Access;
use crate::id::{GrantId, OrgId, PersonId};
use crate::person::PersonStatus;
use crate::store::search::Words;
use crate::store::{
    Db, Query, StoreError, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional,
};
use crate::time::Timestamp;

/// A person as one issuer knows them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Identity {
    pub person_id: PersonId,
    pub status: PersonStatus,
    pub ended_at: Option<Timestamp>,
    pub barred_at: Option<Timestamp>,
    pub profile_updated_at: Option<Timestamp>,
    pub membership_key: Option<String>,
    pub membership_updated_at: Option<Timestamp>,
    pub admin_grant_id: Option<GrantId>,
}

impl Identity {
    /// Whether they may sign in by it.
    pub const fn is_open(&self) -> bool {
        self.ended_at.is_none() && self.barred_at.is_none()
    }
}

/// How an issuer's reports of somebody stand.
pub(crate) async fn by_subject(
    tx: &mut Tx,
    org: OrgId,
    issuer: &str,
    subject: &str,
) -> StoreResult<Option<Identity>> {
    fetch_optional!(
        tx,
        Identity,
        "SELECT i.person_id, p.status, i.ended_at, i.barred_at, i.profile_updated_at, i.membership_key, i.membership_updated_at,
             i.admin_grant_id
         FROM person_identity i JOIN person p ON p.org_id = i.org_id AND p.id = i.person_id
         WHERE i.org_id = $1 AND i.issuer = $2 AND i.subject = $3",
        org,
        issuer,
        subject
    )
}

/// Notes how they stand.
pub(crate) async fn keep(
    tx: &mut Tx,
    access: &Access,
    (issuer, subject): (&str, &str),
    identity: &Identity,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE person_identity SET ended_at = $4, barred_at = $5, profile_updated_at = $6, membership_key = $7, membership_updated_at = $8,
             admin_grant_id = $9
         WHERE org_id = $1 AND issuer = $2 AND subject = $3",
        access.org(),
        issuer,
        subject,
        identity.ended_at,
        identity.barred_at,
        identity.profile_updated_at,
        identity.membership_key.as_deref(),
        identity.membership_updated_at,
        identity.admin_grant_id
    )?;
    Ok(())
}

/// Notes which grant somebody has because the issuer calls them an administrator.
pub(crate) async fn note_admin(
    tx: &mut Tx,
    access: &Access,
    (issuer, subject): (&str, &str),
    grant: GrantId,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE person_identity SET admin_grant_id = $4 WHERE org_id = $1 AND issuer = $2 AND subject = $3",
        access.org(),
        issuer,
        subject,
        grant
    )?;
    Ok(())
}

/// Whether somebody has had sign-ins and none of them is open. Who never had one acts by other ties, such as that of a chat user.
pub(crate) async fn is_shut_out(tx: &mut Tx, org: OrgId, person: PersonId) -> StoreResult<bool> {
    let (all, open) = counts(tx, org, person).await?;
    Ok(all > 0 && open == 0)
}

/// Whether somebody has a sign-in that has not ended.
pub(crate) async fn has_another(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
) -> StoreResult<bool> {
    let row: Option<(PersonId,)> = fetch_optional!(
        tx,
        (PersonId,),
        "SELECT person_id FROM person_identity WHERE org_id = $1 AND person_id = $2 AND ended_at IS NULL LIMIT 1",
        access.org(),
        person
    )?;
    Ok(row.is_some())
}

async fn counts(tx: &mut Tx, org: OrgId, person: PersonId) -> StoreResult<(i64, i64)> {
    fetch_one!(
        tx,
        (i64, i64),
        "SELECT CAST(COUNT(*) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN ended_at IS NULL AND barred_at IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM person_identity WHERE org_id = $1 AND person_id = $2",
        org,
        person
    )
}

/// Enters into the directory that an organisation knows somebody.
pub(crate) async fn enter_subject(
    tx: &mut Tx,
    org: OrgId,
    issuer: &str,
    subject: &str,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO subject_directory (issuer, subject, org_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        issuer,
        subject,
        org
    )?;
    Ok(())
}

/// Which organisations know somebody; read before the organisation is known.
pub async fn organizations(tx: &mut Tx, issuer: &str, subject: &str) -> StoreResult<Vec<OrgId>> {
    let rows: Vec<(OrgId,)> = fetch_all!(
        tx,
        (OrgId,),
        "SELECT org_id FROM subject_directory WHERE issuer = $1 AND subject = $2 ORDER BY org_id",
        issuer,
        subject
    )?;
    Ok(rows.into_iter().map(|(org,)| org).collect())
}

/// Whether an issuer has deleted something.
pub async fn is_buried(
    tx: &mut Tx,
    issuer: &str,
    object: Object,
    external_id: &str,
) -> StoreResult<bool> {
    let row: Option<(Timestamp,)> = fetch_optional!(
        tx,
        (Timestamp,),
        "SELECT deleted_at FROM issuer_tombstone WHERE issuer = $1 AND kind = $2 AND external_id = $3",
        issuer,
        object,
        external_id
    )?;
    Ok(row.is_some())
}

/// Remembers for ever that an issuer has deleted something: it gives no name twice.
pub(crate) async fn bury_within(
    tx: &mut Tx,
    issuer: &str,
    object: Object,
    external_id: &str,
    now: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO issuer_tombstone (issuer, kind, external_id, deleted_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        issuer,
        object,
        external_id,
        now
    )?;
    Ok(())
}

/// The same, durable when this returns: for what no organisation knows.
pub async fn bury(
    db: &Db,
    issuer: &str,
    object: Object,
    external_id: &str,
    now: Timestamp,
) -> StoreResult<()> {
    let mut tx = db.write_directory().await?;
    bury_within(&mut tx, issuer, object, external_id, now).await?;
    tx.commit().await.map_err(StoreError::at_commit)
}

/// What is known of a person's name and address, and whether a personnel system knows them.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Known {
    pub display_name: String,
    pub email: Option<String>,
    pub hr_id: Option<String>,
}

/// What somebody is called.
pub(crate) async fn known(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
) -> StoreResult<Option<Known>> {
    fetch_optional!(
        tx,
        Known,
        "SELECT display_name, email, hr_id FROM person_private WHERE org_id = $1 AND id = $2",
        access.org(),
        person
    )
}

/// Notes what somebody is called from now on, and the words by which they are found.
pub(crate) async fn rename(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
    known: &Known,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE person_private SET display_name = $3, email = $4, email_norm = $5 WHERE org_id = $1 AND id = $2",
        access.org(),
        person,
        &known.display_name,
        known.email.as_deref(),
        known.email.as_deref().map(str::to_lowercase)
    )?;
    execute!(
        tx,
        "DELETE FROM person_word WHERE org_id = $1 AND person_id = $2",
        access.org(),
        person
    )?;
    let words = Words::of(&known.display_name);
    let rows = words
        .iter()
        .map(|word| [access.org().into(), word.into(), person.into()])
        .collect();
    let head = "INSERT INTO person_word (org_id, word, person_id) VALUES";
    Query::insert_rows(tx, head, rows, " ON CONFLICT DO NOTHING").await?;
    Ok(())
}

/// The open ties of a person to chat users.
pub(crate) async fn chat_links(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
) -> StoreResult<Vec<crate::id::ChatLinkId>> {
    let rows: Vec<(crate::id::ChatLinkId,)> = fetch_all!(
        tx,
        (crate::id::ChatLinkId,),
        "SELECT id FROM chat_link WHERE org_id = $1 AND person_id = $2 AND ended_at IS NULL ORDER BY seq",
        access.org(),
        person
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// When the report of an organisation that counts was made.
pub(crate) async fn organization_updated_at(
    tx: &mut Tx,
    issuer: &str,
    external_id: &str,
) -> StoreResult<Option<Timestamp>> {
    let row: Option<(Option<Timestamp>,)> = fetch_optional!(
        tx,
        (Option<Timestamp>,),
        "SELECT object_updated_at FROM issuer_directory WHERE issuer = $1 AND external_id = $2",
        issuer,
        external_id
    )?;
    Ok(row.and_then(|(at,)| at))
}

/// Notes when it was made.
pub(crate) async fn note_organization(
    tx: &mut Tx,
    issuer: &str,
    external_id: &str,
    updated_at: Timestamp,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE issuer_directory SET object_updated_at = $3 WHERE issuer = $1 AND external_id = $2",
        issuer,
        external_id,
        updated_at
    )?;
    Ok(())
}

/// Whether any issuer's name for an organisation is left that was not deleted.
pub(crate) async fn has_live_name(tx: &mut Tx, org: OrgId) -> StoreResult<bool> {
    let row: Option<(String,)> = fetch_optional!(
        tx,
        (String,),
        "SELECT d.external_id FROM issuer_directory d WHERE d.org_id = $1 AND NOT EXISTS (
             SELECT 1 FROM issuer_tombstone t WHERE t.issuer = d.issuer AND t.kind = $2 AND t.external_id = d.external_id) LIMIT 1",
        org,
        Object::Organization
    )?;
    Ok(row.is_some())
}

/// Gives an organisation another slug, unless it is somebody else's. Whether it has it now.
pub(crate) async fn take_slug(tx: &mut Tx, org: OrgId, slug: &str) -> StoreResult<bool> {
    let taken = execute!(
        tx,
        "UPDATE org_directory SET slug = $2 WHERE org_id = $1 AND NOT EXISTS (SELECT 1 FROM org_directory o WHERE o.slug = $2 AND o.org_id <> $1)",
        org,
        slug
    )?;
    Ok(taken == 1)
}
