//! Grants in SQL.

use super::Grant;
use crate::access::{Access, Role};
use crate::id::{GrantId, OrgId, PersonId};
use crate::store::{StoreResult, Tx, fetch_all, fetch_optional};
use crate::time::Timestamp;

macro_rules! columns {
    () => {
        "id, person_id, role, root_unit_id, valid_from, valid_to"
    };
}

/// One grant.
pub(crate) async fn by_id(tx: &mut Tx, access: &Access, id: GrantId) -> StoreResult<Option<Grant>> {
    fetch_optional!(
        tx,
        Grant,
        concat!(
            "SELECT ",
            columns!(),
            " FROM role_grant WHERE org_id = $1 AND id = $2"
        ),
        access.org(),
        id
    )
}

/// What a person is granted at this instant.
pub(crate) async fn live(
    tx: &mut Tx,
    org: OrgId,
    person: PersonId,
    now: Timestamp,
) -> StoreResult<Vec<Grant>> {
    fetch_all!(
        tx,
        Grant,
        concat!(
            "SELECT ",
            columns!(),
            " FROM role_grant WHERE org_id = $1 AND person_id = $2 AND valid_from <= $3 AND (valid_to IS NULL OR valid_to > $3) ORDER BY seq"
        ),
        org,
        person,
        now
    )
}

/// Whether anybody who is still there administers the organisation.
pub(crate) async fn any_admin(tx: &mut Tx, org: OrgId, now: Timestamp) -> StoreResult<bool> {
    let row: Option<(GrantId,)> = fetch_optional!(
        tx,
        (GrantId,),
        "SELECT g.id FROM role_grant g JOIN person p ON p.org_id = g.org_id AND p.id = g.person_id
         WHERE g.org_id = $1 AND g.role = $2 AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3)
           AND p.status <> 'separated' LIMIT 1",
        org,
        Role::OrgAdmin,
        now
    )?;
    Ok(row.is_some())
}

/// Somebody who has a role, and where.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Holder {
    /// Who.
    pub person_id: PersonId,
    /// The unit's name.
    pub unit_name: String,
    /// How far the unit lies below the root.
    pub unit_depth: i64,
}

/// Who has this role, in the order in which they got it: for the operator.
pub async fn holders(tx: &mut Tx, access: &Access, role: Role) -> StoreResult<Vec<Holder>> {
    fetch_all!(
        tx,
        Holder,
        "SELECT g.person_id, u.name AS unit_name, u.depth AS unit_depth FROM role_grant g
         JOIN unit u ON u.org_id = g.org_id AND u.id = g.root_unit_id
         WHERE g.org_id = $1 AND g.role = $2 AND g.valid_to IS NULL ORDER BY g.seq",
        access.org(),
        role
    )
}
