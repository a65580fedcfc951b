//! Who may decide on a requisition, and what waits for somebody.

use super::super::decide::{self, Decider};
use super::super::{Decided, Requisition, State};
use super::{COLUMNS, SELECT};
use crate::access::{Access, Action};
use crate::approval;
use crate::id::{PersonId, UnitId};
use crate::session;
use crate::store::{Query, StoreResult, Tx, fetch_all};
use crate::time::Timestamp;
use crate::unit::scope::{self, Columns, Scope};

/// Units decide, and nobody's own rows do.
const BY_UNIT: Columns = Columns {
    own: None,
    ..COLUMNS
};

/// Whose a requisition is: whoever wants it, has changed its lines, or has handed it in.
pub(crate) async fn own(
    tx: &mut Tx,
    access: &Access,
    requisition: &Requisition,
) -> StoreResult<Vec<PersonId>> {
    let rows: Vec<(PersonId,)> = fetch_all!(
        tx,
        (PersonId,),
        "SELECT person_id FROM requisition_hand WHERE org_id = $1 AND requisition_id = $2 AND person_id <> $3 ORDER BY person_id",
        access.org(),
        requisition.id,
        requisition.requester
    )?;
    let hands = rows.into_iter().map(|(person,)| person);
    Ok(std::iter::once(requisition.requester)
        .chain(hands)
        .collect())
}

/// As whom the caller may decide on something for a unit that is the own of these: by their own right first, then in the place of whoever asked
/// them to. A right is asked for now, not when a delegation was given.
pub(crate) async fn deciders(
    tx: &mut Tx,
    access: &Access,
    (unit, own): (UnitId, &[PersonId]),
    now: Timestamp,
) -> StoreResult<Vec<Decider>> {
    let Some(person) = access.person().filter(|it| !own.contains(it)) else {
        return Ok(Vec::new());
    };
    let scopes = scopes(tx, access, person, now).await?;
    let reaching = scopes.into_iter().filter(|(holder, scope)| {
        scope.contains(unit) && holder.is_none_or(|holder| !own.contains(&holder))
    });
    let decider = |(on_behalf_of, _)| Decider {
        person,
        on_behalf_of,
    };
    Ok(reaching.map(decider).collect())
}

/// As whom the caller may decide on a requisition: by a right by which nobody has approved it yet, where they have one. None where they may not,
/// and for those whose it is.
pub(in super::super) async fn decider(
    tx: &mut Tx,
    access: &Access,
    requisition: &Requisition,
    now: Timestamp,
) -> StoreResult<Option<Decider>> {
    let own = own(tx, access, requisition).await?;
    let deciders = deciders(tx, access, (requisition.unit, &own), now).await?;
    if deciders.len() < 2 {
        return Ok(deciders.into_iter().next());
    }
    let decisions = super::decisions(tx, access, requisition.id).await?;
    let before: Vec<Decider> = decide::approvals(requisition, &decisions)
        .map(Decided::decider)
        .collect();
    let mut fresh = deciders.iter().copied();
    let fresh = fresh.find(|one| decide::is_another(*one, &before));
    Ok(fresh.or_else(|| deciders.into_iter().next()))
}

/// Whether the caller may decide on a requisition.
pub async fn may_decide(
    tx: &mut Tx,
    access: &Access,
    requisition: &Requisition,
    now: Timestamp,
) -> StoreResult<bool> {
    Ok(decider(tx, access, requisition, now).await?.is_some())
}

/// Whether a requisition waits for the caller: they may decide on it, and their yes would count.
pub async fn waits_for(
    tx: &mut Tx,
    access: &Access,
    requisition: &Requisition,
    now: Timestamp,
) -> StoreResult<bool> {
    let Some(decider) = decider(tx, access, requisition, now).await? else {
        return Ok(false);
    };
    let own = own(tx, access, requisition).await?;
    let decisions = super::decisions(tx, access, requisition.id).await?;
    Ok(decide::approve(requisition, &own, &decisions, decider, &requisition.digest).is_ok())
}

/// How far a person's approval reaches: by their own right, and in each other's place.
async fn scopes(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
    now: Timestamp,
) -> StoreResult<Vec<(Option<PersonId>, Scope)>> {
    let mut scopes = vec![(None, scope::resolve(tx, access, Action::Approve).await?)];
    for holder in approval::store::in_whose_place(tx, access, person, now).await? {
        if let Some(theirs) = session::present(tx, access, holder, now).await? {
            let scope = scope::resolve(tx, &theirs, Action::Approve).await?;
            scopes.push((Some(holder), scope));
        }
    }
    Ok(scopes)
}

/// The requisitions that wait for the caller's decision, the oldest first, up to so many: those of others, on which they said nothing yet.
pub async fn waiting(
    tx: &mut Tx,
    access: &Access,
    now: Timestamp,
    rows: i64,
) -> StoreResult<Vec<Requisition>> {
    let Some(person) = access.person() else {
        return Ok(Vec::new());
    };
    let mut found: Vec<Requisition> = Vec::new();
    for (on_behalf_of, scope) in scopes(tx, access, person, now).await? {
        let mut query = Query::new(SELECT);
        query.bind(access.org());
        query
            .push(" AND r.state = ")
            .bind(State::Submitted.as_str());
        let holder = on_behalf_of.unwrap_or(person);
        query.push(" AND r.requester_id <> ").bind(person);
        query.push(" AND r.requester_id <> ").bind(holder);
        query.push(
            " AND NOT EXISTS (SELECT 1 FROM requisition_hand h WHERE h.org_id = r.org_id AND h.requisition_id = r.id AND (h.person_id = ",
        );
        query.bind(person).push(" OR h.person_id = ").bind(holder);
        query.push("))");
        query.push(
            " AND NOT EXISTS (SELECT 1 FROM requisition_decision d WHERE d.org_id = r.org_id AND d.requisition_id = r.id
                 AND d.round = r.round AND (d.person_id = ",
        );
        query.bind(person).push(" OR d.for_id = ").bind(person);
        query.push(" OR d.person_id = ").bind(holder);
        query.push(" OR d.for_id = ").bind(holder).push("))");
        scope.push_condition(&mut query, access.org(), BY_UNIT);
        query.push(" ORDER BY r.seq LIMIT ").bind(rows);
        found.extend(query.fetch_all::<Requisition>(tx).await?);
    }
    found.sort_unstable_by_key(|requisition| requisition.seq);
    found.dedup_by_key(|requisition| requisition.seq);
    found.truncate(usize::try_from(rows).unwrap_or(0));
    Ok(found)
}
