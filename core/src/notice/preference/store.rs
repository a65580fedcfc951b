//! What people want to be told, in SQL.

use super::{Preference, Preferences};
use crate::access::Access;
use crate::id::PersonId;
use crate::notice::Sort;
use crate::store::{StoreResult, Tx, fetch_all};

/// What a person wants. Asked for oneself, or by whoever tells them.
pub async fn of_person(tx: &mut Tx, access: &Access, person: PersonId) -> StoreResult<Preferences> {
    // A sort that a newer program wrote is none of this one's.
    let rows: Vec<(String, bool, bool)> = fetch_all!(
        tx,
        (String, bool, bool),
        "SELECT sort, chat, push FROM notice_preference WHERE org_id = $1 AND person_id = $2",
        access.org(),
        person
    )?;
    let said: Vec<Preference> = rows
        .into_iter()
        .filter_map(|(sort, chat, push)| {
            let sort: Sort = sort.parse().ok()?;
            Some(Preference { sort, chat, push })
        })
        .collect();
    Ok(Preferences::of(&said))
}
