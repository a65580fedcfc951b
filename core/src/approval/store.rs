//! Limits and delegations in SQL, and who approves what.

use super::command::may_set;
use super::{Delegation, Limit, Policy};
use crate::access::{Access, Action, Role};
use crate::id::{DelegationId, PersonId, UnitId};
use crate::store::{Query, StoreError, StoreResult, Tx, fetch_all, fetch_optional};
use crate::time::Timestamp;

fn read(text: &str) -> StoreResult<Vec<Limit>> {
    serde_json::from_str(text).map_err(|error| StoreError::Inconsistent {
        table: "approval_policy",
        what: error.to_string(),
    })
}

/// What a unit itself says; none where the unit above decides.
pub(super) async fn own(
    tx: &mut Tx,
    access: &Access,
    unit: UnitId,
) -> StoreResult<Option<Vec<Limit>>> {
    let row: Option<(Option<String>,)> = fetch_optional!(
        tx,
        (Option<String>,),
        "SELECT limits FROM approval_policy WHERE org_id = $1 AND unit_id = $2",
        access.org(),
        unit
    )?;
    let text = row.and_then(|(text,)| text);
    text.as_deref().map(read).transpose()
}

/// Every policy of the organisation, for whoever may set them.
pub async fn policies(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Policy>> {
    if !may_set(access) {
        return Ok(Vec::new());
    }
    let rows: Vec<(UnitId, String)> = fetch_all!(
        tx,
        (UnitId, String),
        "SELECT p.unit_id, p.limits FROM approval_policy p JOIN unit u ON u.org_id = p.org_id AND u.id = p.unit_id
         WHERE p.org_id = $1 AND p.limits IS NOT NULL ORDER BY u.seq",
        access.org()
    )?;
    let policies = rows.into_iter().map(|(unit, text)| {
        let limits = read(&text)?;
        Ok(Policy { unit, limits })
    });
    policies.collect()
}

/// What holds in a unit: what the nearest one says, it itself first. None where nobody ever said anything.
pub async fn of_unit(tx: &mut Tx, access: &Access, unit: UnitId) -> StoreResult<Option<Policy>> {
    let row: Option<(UnitId, String)> = fetch_optional!(
        tx,
        (UnitId, String),
        "SELECT p.unit_id, p.limits FROM unit_closure c JOIN approval_policy p ON p.org_id = c.org_id AND p.unit_id = c.ancestor_id
         WHERE c.org_id = $1 AND c.descendant_id = $2 AND p.limits IS NOT NULL ORDER BY c.distance LIMIT 1",
        access.org(),
        unit
    )?;
    let policy = row.map(|(unit, text)| {
        let limits = read(&text)?;
        Ok(Policy { unit, limits })
    });
    policy.transpose()
}

macro_rules! delegations {
    () => {
        "SELECT id, seq, from_id, to_id, starts_at, ends_at, ended_at FROM approval_delegation WHERE org_id = $1"
    };
}

/// One delegation.
pub(super) async fn delegation(
    tx: &mut Tx,
    access: &Access,
    id: DelegationId,
) -> StoreResult<Option<Delegation>> {
    fetch_optional!(
        tx,
        Delegation,
        concat!(delegations!(), " AND id = $2"),
        access.org(),
        id
    )
}

/// The delegations that the caller gave, the latest first.
pub async fn given(tx: &mut Tx, access: &Access) -> StoreResult<Vec<Delegation>> {
    let Some(person) = access.person() else {
        return Ok(Vec::new());
    };
    fetch_all!(
        tx,
        Delegation,
        concat!(
            delegations!(),
            " AND from_id = $2 ORDER BY seq DESC LIMIT 100"
        ),
        access.org(),
        person
    )
}

/// The delegations of everybody that are not over, the latest first, for whoever may end them.
pub async fn not_over(
    tx: &mut Tx,
    access: &Access,
    now: Timestamp,
) -> StoreResult<Vec<Delegation>> {
    if !may_set(access) {
        return Ok(Vec::new());
    }
    fetch_all!(
        tx,
        Delegation,
        concat!(
            delegations!(),
            " AND ended_at IS NULL AND ends_at > $2 ORDER BY seq DESC LIMIT 500"
        ),
        access.org(),
        now
    )
}

/// In whose place a person approves now, in the order in which they were asked to.
pub async fn in_whose_place(
    tx: &mut Tx,
    access: &Access,
    to: PersonId,
    now: Timestamp,
) -> StoreResult<Vec<PersonId>> {
    let live: Vec<Delegation> = fetch_all!(
        tx,
        Delegation,
        concat!(
            delegations!(),
            " AND to_id = $2 AND ends_at > $3 AND ended_at IS NULL ORDER BY seq"
        ),
        access.org(),
        to,
        now
    )?;
    let mut people: Vec<PersonId> = Vec::new();
    for delegation in live.iter().filter(|it| it.is_live(now)) {
        if !people.contains(&delegation.from) {
            people.push(delegation.from);
        }
    }
    Ok(people)
}

/// Who may approve what is bought for a unit, by grant or in another's place, without those whose it is. In no order that means anything.
pub(crate) async fn approvers(
    tx: &mut Tx,
    access: &Access,
    unit: UnitId,
    (without, now): (&[PersonId], Timestamp),
) -> StoreResult<Vec<PersonId>> {
    let roles = Role::ALL
        .into_iter()
        .filter(|role| role.actions().contains(Action::Approve));
    let mut query = Query::new(
        "SELECT DISTINCT g.person_id FROM role_grant g JOIN unit_closure c ON c.org_id = g.org_id AND c.ancestor_id = g.root_unit_id
         JOIN person p ON p.org_id = g.org_id AND p.id = g.person_id WHERE p.status <> 'separated' AND g.org_id = ",
    );
    query.bind(access.org());
    query.push(" AND c.descendant_id = ").bind(unit);
    query.push(" AND g.valid_from <= ").bind(now);
    query
        .push(" AND (g.valid_to IS NULL OR g.valid_to > ")
        .bind(now);
    query
        .push(") AND g.role IN ")
        .bind_list(roles.map(Role::as_str));
    let rows: Vec<(PersonId,)> = query.fetch_all(tx).await?;
    // Nobody approves their own, by nobody's hand.
    let holders: Vec<PersonId> = rows
        .into_iter()
        .map(|(it,)| it)
        .filter(|it| !without.contains(it))
        .collect();
    let mut query = Query::new(
        "SELECT DISTINCT d.to_id FROM approval_delegation d JOIN person p ON p.org_id = d.org_id AND p.id = d.to_id
         WHERE p.status <> 'separated' AND d.ended_at IS NULL AND d.org_id = ",
    );
    query.bind(access.org());
    query.push(" AND d.starts_at <= ").bind(now);
    query.push(" AND d.ends_at > ").bind(now);
    query
        .push(" AND d.from_id IN ")
        .bind_list(holders.iter().copied());
    let delegates: Vec<(PersonId,)> = query.fetch_all(tx).await?;
    let mut people = holders;
    people.extend(delegates.into_iter().map(|(it,)| it));
    people.retain(|person| !without.contains(person));
    people.sort_unstable();
    people.dedup();
    Ok(people)
}
