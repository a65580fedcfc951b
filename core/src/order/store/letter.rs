//! Orders as they were written, in SQL: sealed, one for each version.

use secrecy::ExposeSecret as _;

use crate::access::Access;
use crate::id::{OrderId, OrderLetterId};
use crate::random::Random;
use crate::secret::{MasterKey, Place};
use crate::store::{StoreError, StoreResult, Tx, execute, fetch_optional};

/// Where the text is sealed.
const BODY: &str = "order_letter.body_sealed";

fn inconsistent(error: &dyn std::error::Error) -> StoreError {
    StoreError::Inconsistent {
        table: "order_letter",
        what: error.to_string(),
    }
}

/// A version of an order as it was written, without what proves us.
pub async fn letter(
    tx: &mut Tx,
    access: &Access,
    (order, version): (OrderId, i64),
    key: &MasterKey,
) -> StoreResult<Option<String>> {
    let row: Option<(OrderLetterId, Vec<u8>)> = fetch_optional!(
        tx,
        (OrderLetterId, Vec<u8>),
        "SELECT id, body_sealed FROM order_letter WHERE org_id = $1 AND order_id = $2 AND version = $3",
        access.org(),
        order,
        version
    )?;
    let Some((id, sealed)) = row else {
        return Ok(None);
    };
    let row = id.uuid();
    let place = Place {
        column: BODY,
        org: Some(access.org()),
        row: row.as_bytes(),
    };
    let opened = key
        .open(place, &sealed)
        .map_err(|error| inconsistent(&error))?;
    let text = std::str::from_utf8(opened.expose_secret());
    Ok(Some(text.map_err(|error| inconsistent(&error))?.to_owned()))
}

/// Keeps one.
pub(in super::super) async fn keep_letter(
    tx: &mut Tx,
    access: &Access,
    (id, (order, version)): (OrderLetterId, (OrderId, i64)),
    text: &str,
    (key, random): (&MasterKey, &dyn Random),
) -> StoreResult<()> {
    let row = id.uuid();
    let place = Place {
        column: BODY,
        org: Some(access.org()),
        row: row.as_bytes(),
    };
    let sealed = key.seal(place, text.as_bytes(), random);
    execute!(
        tx,
        "INSERT INTO order_letter (org_id, id, order_id, version, body_sealed) VALUES ($1, $2, $3, $4, $5)",
        access.org(),
        id,
        order,
        version,
        sealed.clone()
    )?;
    Ok(())
}
