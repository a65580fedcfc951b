//! People in SQL.

use super::command::{EMAIL_CHARS_MAX, RegisterPerson};
use super::{Affiliation, Person, PersonStatus};
use crate::access::Access;
use crate::id::{PersonId, UnitId};
use crate::identity;
use crate::page::{Limit, Page, Position};
use crate::store::search::{self, Words};
use crate::store::{Query, StoreResult, Tx, execute, fetch_optional};
use crate::text;
use crate::unit::scope::{Columns, Scope};

macro_rules! select {
    () => {
        "SELECT p.id, p.seq, n.display_name, n.email, p.affiliation, p.status, p.home_unit_id, u.name AS home_unit_name
         FROM person p
         JOIN person_private n ON n.org_id = p.org_id AND n.id = p.id
         JOIN unit u ON u.org_id = p.org_id AND u.id = p.home_unit_id"
    };
}

const COLUMNS: Columns = Columns {
    unit: "p.home_unit_id",
    own: Some("p.id"),
};

/// What a list of people can be narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words of the name, or an exact address.
    pub q: Option<String>,
    /// A unit with everything below it.
    pub unit: Option<UnitId>,
    /// How they belong.
    pub affiliation: Option<Affiliation>,
    /// Whether they are there.
    pub status: Option<PersonStatus>,
}

/// A page of the people in scope, in the order of their entry into the record.
pub async fn page(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    filter: &Filter,
    after: i64,
    limit: Limit,
) -> StoreResult<Page<Person>> {
    let org = access.org();
    if let Some(q) = &filter.q
        && !can_be_found(q)
    {
        return Ok(Page {
            rows: Vec::new(),
            next: None,
        });
    }
    let mut query = Query::new(concat!(select!(), " WHERE p.org_id = "));
    query.bind(org).push(" AND p.seq > ").bind(after);
    scope.push_condition(&mut query, org, COLUMNS);
    if let Some(unit) = filter.unit.filter(|unit| !scope.contains(*unit)) {
        // A unit outside the scope has no visible tree: asking for one above the caller's must not tell that it is above.
        query.push(" AND p.home_unit_id = ").bind(unit);
    } else if let Some(unit) = filter.unit {
        query
            .push(" AND EXISTS (SELECT 1 FROM unit_closure f WHERE f.org_id = ")
            .bind(org);
        query
            .push(" AND f.ancestor_id = ")
            .bind(unit)
            .push(" AND f.descendant_id = p.home_unit_id)");
    }
    if let Some(affiliation) = filter.affiliation {
        query
            .push(" AND p.affiliation = ")
            .bind(affiliation.as_str());
    }
    if let Some(status) = filter.status {
        query.push(" AND p.status = ").bind(status.as_str());
    }
    if let Some(q) = &filter.q {
        if q.contains('@') {
            query
                .push(" AND n.email_norm = ")
                .bind(q.trim().to_lowercase());
        } else {
            for word in Words::of(q).iter() {
                query
                    .push(" AND EXISTS (SELECT 1 FROM person_word w WHERE w.org_id = ")
                    .bind(org);
                query
                    .push(" AND w.person_id = p.id AND w.word >= ")
                    .bind(word);
                query
                    .push(" AND w.word < ")
                    .bind(search::after_prefix(word))
                    .push(")");
            }
        }
    }
    query.push(" ORDER BY p.seq LIMIT ").bind(limit.plus_one());
    let rows = query.fetch_all(tx).await?;
    Ok(Page::cut(rows, limit, |person: &Person| {
        Position::after(person.seq)
    }))
}

/// Words in the names of people in scope that have this beginning: for finding the one that somebody mistyped.
pub async fn name_words(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    beginning: &str,
    words_max: i64,
) -> StoreResult<Vec<String>> {
    let mut query = Query::new(
        "SELECT DISTINCT w.word FROM person_word w JOIN person p ON p.org_id = w.org_id AND p.id = w.person_id WHERE w.org_id = ",
    );
    query.bind(access.org());
    query.push(" AND w.word >= ").bind(beginning);
    query
        .push(" AND w.word < ")
        .bind(search::after_prefix(beginning));
    scope.push_condition(&mut query, access.org(), COLUMNS);
    query.push(" ORDER BY w.word LIMIT ").bind(words_max);
    let rows: Vec<(String,)> = query.fetch_all(tx).await?;
    Ok(rows.into_iter().map(|(word,)| word).collect())
}

/// Whether somebody could have this address or these words in their name. What cannot be a question is answered with nobody, not with all.
fn can_be_found(q: &str) -> bool {
    if q.contains('@') {
        text::line(q, EMAIL_CHARS_MAX).is_ok()
    } else {
        Words::of(q).iter().next().is_some()
    }
}

/// One person in scope.
pub async fn by_id(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    id: PersonId,
) -> StoreResult<Option<Person>> {
    let mut query = Query::new(concat!(select!(), " WHERE p.org_id = "));
    query.bind(access.org()).push(" AND p.id = ").bind(id);
    scope.push_condition(&mut query, access.org(), COLUMNS);
    Ok(query.fetch_all(tx).await?.pop())
}

/// The names of those of these people who are in scope.
pub async fn names(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    ids: &[PersonId],
) -> StoreResult<Vec<(PersonId, String)>> {
    const NAMES: &str = "SELECT p.id, n.display_name FROM person p JOIN person_private n ON n.org_id = p.org_id AND n.id = p.id
        WHERE p.org_id = ";
    of_those_in_scope(tx, access, scope, NAMES, ids).await
}

/// What `select` reads of those of these people who are in scope.
async fn of_those_in_scope(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    select: &'static str,
    ids: &[PersonId],
) -> StoreResult<Vec<(PersonId, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = Query::new(select);
    query
        .bind(access.org())
        .push(" AND p.id IN ")
        .bind_list(ids.iter().copied());
    scope.push_condition(&mut query, access.org(), COLUMNS);
    query.fetch_all(tx).await
}

/// The caller's own row.
pub async fn own(tx: &mut Tx, access: &Access) -> StoreResult<Option<Person>> {
    let Some(id) = access.person() else {
        return Ok(None);
    };
    fetch_optional!(
        tx,
        Person,
        concat!(select!(), " WHERE p.org_id = $1 AND p.id = $2"),
        access.org(),
        id
    )
}

/// A person's unit and status, for rules.
pub(crate) async fn standing(
    tx: &mut Tx,
    access: &Access,
    id: PersonId,
) -> StoreResult<Option<(UnitId, PersonStatus)>> {
    fetch_optional!(
        tx,
        (UnitId, PersonStatus),
        "SELECT home_unit_id, status FROM person WHERE org_id = $1 AND id = $2",
        access.org(),
        id
    )
}

/// Links an identity. Returns whether it is this person's now.
pub(crate) async fn link_identity(
    tx: &mut Tx,
    access: &Access,
    issuer: &str,
    subject: &str,
    person: PersonId,
) -> StoreResult<bool> {
    let linked = execute!(
        tx,
        "INSERT INTO person_identity (org_id, issuer, subject, person_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT (org_id, issuer, subject) DO NOTHING",
        access.org(),
        issuer,
        subject,
        person
    )?;
    identity::store::enter_subject(tx, access.org(), issuer, subject).await?;
    Ok(linked == 1)
}

/// Keeps what must not be in the ledger.
pub(crate) async fn keep_private(
    tx: &mut Tx,
    access: &Access,
    id: PersonId,
    person: &RegisterPerson,
) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO person_private (org_id, id, display_name, email, email_norm, hr_id) VALUES ($1, $2, $3, $4, $5, $6)",
        access.org(),
        id,
        &person.display_name,
        &person.email,
        person.email.as_deref().map(str::to_lowercase),
        &person.hr_id
    )?;
    let words = Words::of(&person.display_name);
    let rows = words
        .iter()
        .map(|word| [access.org().into(), word.into(), id.into()])
        .collect();
    Query::insert_rows(
        tx,
        "INSERT INTO person_word (org_id, word, person_id) VALUES",
        rows,
        " ON CONFLICT DO NOTHING",
    )
    .await?;
    Ok(())
}

/// The folded address of a person, where one is known.
pub(super) async fn address(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
) -> StoreResult<Option<String>> {
    let row: Option<(Option<String>,)> = fetch_optional!(
        tx,
        (Option<String>,),
        "SELECT email_norm FROM person_private WHERE org_id = $1 AND id = $2",
        access.org(),
        person
    )?;
    Ok(row.and_then(|(address,)| address))
}

/// Forgets a person's name and addresses. How many rows said any of it.
pub(super) async fn erase(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
    called: &str,
) -> StoreResult<u64> {
    let erased = execute!(
        tx,
        "UPDATE person_private SET display_name = $3, email = NULL, email_norm = NULL, hr_id = NULL
         WHERE org_id = $1 AND id = $2 AND (display_name <> $3 OR email IS NOT NULL OR email_norm IS NOT NULL OR hr_id IS NOT NULL)",
        access.org(),
        person,
        called
    )?;
    let words = execute!(
        tx,
        "DELETE FROM person_word WHERE org_id = $1 AND person_id = $2",
        access.org(),
        person
    )?;
    Ok(erased + words)
}

/// An issuer's name for a person: for the operator.
pub async fn subject(
    tx: &mut Tx,
    access: &Access,
    person: PersonId,
    issuer: &str,
) -> StoreResult<Option<String>> {
    let row: Option<(String,)> = fetch_optional!(
        tx,
        (String,),
        "SELECT subject FROM person_identity WHERE org_id = $1 AND person_id = $2 AND issuer = $3 ORDER BY subject LIMIT 1",
        access.org(),
        person,
        issuer
    )?;
    Ok(row.map(|(subject,)| subject))
}

/// Who has this address or, at this issuer, this name: for the operator.
pub async fn named(
    tx: &mut Tx,
    access: &Access,
    issuer: &str,
    who: &str,
) -> StoreResult<Option<PersonId>> {
    let by_identity: Option<(PersonId,)> = fetch_optional!(
        tx,
        (PersonId,),
        "SELECT person_id FROM person_identity WHERE org_id = $1 AND issuer = $2 AND subject = $3",
        access.org(),
        issuer,
        who
    )?;
    if let Some((person,)) = by_identity {
        return Ok(Some(person));
    }
    let by_address: Option<(PersonId,)> = fetch_optional!(
        tx,
        (PersonId,),
        "SELECT id FROM person_private WHERE org_id = $1 AND email_norm = $2 ORDER BY id LIMIT 1",
        access.org(),
        who.to_lowercase()
    )?;
    Ok(by_address.map(|(person,)| person))
}

/// Who has these addresses, given once each and in lower case, and whether they are there: for imports.
pub async fn by_addresses(
    tx: &mut Tx,
    access: &Access,
    addresses: Vec<String>,
) -> StoreResult<Vec<(String, PersonId, PersonStatus)>> {
    const ADDRESSES: &str = "SELECT n.email_norm, p.id, p.status FROM person_private n
         JOIN person p ON p.org_id = n.org_id AND p.id = n.id WHERE n.org_id = ";
    Query::keyed(tx, ADDRESSES, access.org(), "n.email_norm", addresses).await
}

/// Whose addresses begin with one of these user names, given once each and in lower case, up to the at sign; and whether they are there.
pub(crate) async fn by_user_names(
    tx: &mut Tx,
    access: &Access,
    names: &[String],
) -> StoreResult<Vec<(String, PersonId, PersonStatus)>> {
    const NAMES_PER_STATEMENT: usize = 64;
    let mut found = Vec::new();
    for names in names.chunks(NAMES_PER_STATEMENT) {
        let mut query = Query::new(
            "SELECT n.email_norm, p.id, p.status FROM person_private n
             JOIN person p ON p.org_id = n.org_id AND p.id = n.id WHERE n.org_id = ",
        );
        query.bind(access.org());
        for (i, name) in names.iter().enumerate() {
            query.push(if i == 0 { " AND (" } else { " OR " });
            // What follows the at sign in the order of bytes is `A`.
            query.push("(n.email_norm >= ").bind(format!("{name}@"));
            query.push(" AND n.email_norm < ").bind(format!("{name}A"));
            query.push(")");
        }
        query.push(")");
        let rows: Vec<(String, PersonId, PersonStatus)> = query.fetch_all(tx).await?;
        found.extend(rows);
    }
    Ok(found)
}

/// The addresses of those of these people who are in scope.
pub async fn addresses(
    tx: &mut Tx,
    access: &Access,
    scope: &Scope,
    ids: &[PersonId],
) -> StoreResult<Vec<(PersonId, String)>> {
    const ADDRESSES: &str = "SELECT p.id, n.email FROM person p JOIN person_private n ON n.org_id = p.org_id AND n.id = p.id
        WHERE n.email IS NOT NULL AND p.org_id = ";
    of_those_in_scope(tx, access, scope, ADDRESSES, ids).await
}
