//! What speaks for it that the push service refuses the installation's own credentials, and not those of some app that is not ours.
//!
//! Whoever registers a phone chooses its token, and that may be of a project of theirs whose credentials are wrong. So one refusal stops nothing:
//! it takes those of several people, of several organisations where several have phones, with nothing that got through in between.

use super::Platform;
use crate::access::{Access, Surface};
use crate::id::{OrgId, PersonId, PushDeviceId};
use crate::store::{Db, StoreResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::time::Timestamp;

/// Of how many people phones have to be refused.
pub const PEOPLE_MIN: i64 = 3;
/// Of how many organisations they have to be, where more than one has phones.
const ORGANISATIONS_MIN: i64 = 2;

/// A phone for which our credentials were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phone {
    /// Of which organisation.
    pub org: OrgId,
    /// Which.
    pub device: PushDeviceId,
    /// When the message was sent.
    pub at: Timestamp,
}

/// Notes for which phones of a platform our credentials were refused. Whether there is evidence by now that it is because of them.
pub async fn refused(db: &Db, platform: Platform, phones: &[Phone]) -> StoreResult<bool> {
    let mut people = Vec::with_capacity(phones.len());
    for phone in phones {
        if let Some(person) = owner(db, *phone).await? {
            people.push((phone.org, person, phone.at));
        }
    }
    let mut tx = db.write_directory().await?;
    for (org, person, at) in people {
        execute!(
            &mut tx,
            "INSERT INTO push_evidence (platform, org_id, person_id, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (platform, org_id, person_id) DO UPDATE SET at = excluded.at",
            platform,
            org,
            person,
            at
        )?;
    }
    let enough = is_enough(&mut tx, platform).await?;
    tx.commit().await?;
    Ok(enough)
}

/// Whether anything was refused of which it is not known yet why.
pub async fn is_any(db: &Db) -> StoreResult<bool> {
    let mut tx = db.read_directory().await?;
    let row: Option<(i32,)> =
        fetch_optional!(&mut tx, (i32,), "SELECT 1 FROM push_evidence LIMIT 1")?;
    Ok(row.is_some())
}

/// Notes that something got through to phones of a platform that was sent at this instant: what was refused up to then was not because of us.
pub async fn got_through(db: &Db, platform: Platform, sent_at: Timestamp) -> StoreResult<()> {
    let mut tx = db.write_directory().await?;
    execute!(
        &mut tx,
        "DELETE FROM push_evidence WHERE platform = $1 AND at <= $2",
        platform,
        sent_at
    )?;
    tx.commit().await
}

async fn owner(db: &Db, phone: Phone) -> StoreResult<Option<PersonId>> {
    let access = Access::system(phone.org, Surface::System);
    let mut tx = db.read(&access).await?;
    let row: Option<(PersonId,)> = fetch_optional!(
        &mut tx,
        (PersonId,),
        "SELECT person_id FROM push_device WHERE org_id = $1 AND id = $2",
        phone.org,
        phone.device
    )?;
    Ok(row.map(|(person,)| person))
}

async fn is_enough(tx: &mut Tx, platform: Platform) -> StoreResult<bool> {
    let (people, organisations): (i64, i64) = fetch_one!(
        tx,
        (i64, i64),
        "SELECT CAST(COUNT(*) AS BIGINT), CAST(COUNT(DISTINCT org_id) AS BIGINT) FROM push_evidence WHERE platform = $1",
        platform
    )?;
    if people < PEOPLE_MIN || organisations >= ORGANISATIONS_MIN {
        return Ok(people >= PEOPLE_MIN);
    }
    // The first and the last of an index tell whether it has several.
    let ends: Vec<(OrgId,)> = fetch_all!(
        tx,
        (OrgId,),
        "SELECT org_id FROM (SELECT org_id FROM push_token_directory ORDER BY org_id LIMIT 1) first
         UNION SELECT org_id FROM (SELECT org_id FROM push_token_directory ORDER BY org_id DESC LIMIT 1) last"
    )?;
    Ok(ends.len() < 2)
}
