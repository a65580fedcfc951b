//! The answers that are kept: looked up for many requests at once, and written with everything else that a transaction leaves.

use std::collections::{HashMap, HashSet};

use crate::id::OrgId;
use crate::store::{Query, StoreResult, Tx, Value, execute};
use crate::time::Timestamp;

/// What one request is known by within its organisation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    pub(super) principal: String,
    pub(super) route: String,
    pub(super) key: String,
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Kept {
    pub input_hash: Vec<u8>,
    pub answer: String,
    pub expires_at: Timestamp,
}

/// The answers that a transaction has looked up or given.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(super) given: HashMap<Name, Kept>,
    new: NewAnswers,
}

/// Answers to be written.
#[derive(Debug, Default)]
pub(crate) struct NewAnswers {
    /// In which organisation, and when the last was given.
    at: Option<(OrgId, Timestamp)>,
    rows: Vec<[Value; 7]>,
}

/// How many requests are looked up by one statement: few sizes, so that few texts are prepared.
const NAMES_PER_STATEMENT: [usize; 3] = [1, 8, 64];

impl Answers {
    /// Looks up what was answered to requests.
    pub async fn load(&mut self, tx: &mut Tx, org: OrgId, names: HashSet<Name>) -> StoreResult<()> {
        // Both engines name the columns of VALUES so.
        const KEPT: &str = ") AS w CROSS JOIN idempotency i
             WHERE i.principal = w.column1 AND i.route = w.column2 AND i.key = w.column3 AND i.org_id = ";
        let names: Vec<Name> = names.into_iter().collect();
        for chunk in names.chunks(NAMES_PER_STATEMENT[NAMES_PER_STATEMENT.len() - 1]) {
            let size = NAMES_PER_STATEMENT
                .into_iter()
                .find(|size| *size >= chunk.len());
            let mut query = Query::new(
                "SELECT i.principal, i.route, i.key, i.input_hash, i.answer, i.expires_at FROM (VALUES ",
            );
            // A name twice finds what it finds once, as far as a map is concerned.
            let padded = chunk.iter().cycle().take(size.unwrap_or(chunk.len()));
            for (i, name) in padded.enumerate() {
                query.push(if i == 0 { "(" } else { ", (" });
                query.bind(name.principal.as_str()).push(", ");
                query.bind(name.route.as_str()).push(", ");
                query.bind(name.key.as_str()).push(")");
            }
            query.push(KEPT).bind(org);
            let found: Vec<(String, String, String, Vec<u8>, String, Timestamp)> =
                query.fetch_all(tx).await?;
            for (principal, route, key, input_hash, answer, expires_at) in found {
                let name = Name {
                    principal,
                    route,
                    key,
                };
                let kept = Kept {
                    input_hash,
                    answer,
                    expires_at,
                };
                self.given.insert(name, kept);
            }
        }
        Ok(())
    }

    /// Keeps an answer that is given now.
    pub(super) fn keep(&mut self, org: OrgId, name: Name, kept: Kept, now: Timestamp) {
        self.new.at = Some((org, now));
        self.new.rows.push([
            org.into(),
            name.principal.as_str().into(),
            name.route.as_str().into(),
            name.key.as_str().into(),
            kept.input_hash.clone().into(),
            kept.answer.as_str().into(),
            kept.expires_at.into(),
        ]);
        self.given.insert(name, kept);
    }

    /// Takes what is to be written.
    pub fn take(&mut self) -> NewAnswers {
        std::mem::take(&mut self.new)
    }
}

impl NewAnswers {
    /// Writes them in the place of those that are kept no longer.
    pub async fn write(self, tx: &mut Tx) -> StoreResult<()> {
        const HEAD: &str = "INSERT INTO idempotency (org_id, principal, route, key, input_hash, answer, expires_at) VALUES";
        let Some((org, now)) = self.at else {
            return Ok(());
        };
        execute!(
            tx,
            "DELETE FROM idempotency WHERE org_id = $1 AND expires_at <= $2",
            org,
            now
        )?;
        Query::insert_rows(tx, HEAD, self.rows, "").await?;
        Ok(())
    }
}
