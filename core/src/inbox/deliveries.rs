//! What came in from a connection, for those who look after it: what it was, what came of it, what it said, and working it off again.

use secrecy::ExposeSecret as _;

use super::handle::place;
use super::store::kept;
use super::{Inbox, Outcome, Progress};
use crate::access::Access;
use crate::connection::Use;
use crate::connection::command::{UseDelivery, may_manage};
use crate::explain::{Explain, Kind};
use crate::id::{ConnectionId, ReceiptId};
use crate::ledger::RecordError;
use crate::store::{StoreError, StoreResult};
use crate::time::Timestamp;

/// A message of a connection.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Delivery {
    /// Its id.
    pub id: ReceiptId,
    /// From which connection.
    #[sqlx(rename = "connection_id")]
    pub connection: ConnectionId,
    /// What it is, in the service's word.
    pub kind: Option<String>,
    /// When it first came in.
    pub received_at: Timestamp,
    /// When it was worked off, or given up.
    pub settled_at: Option<Timestamp>,
    /// How far it is.
    #[sqlx(rename = "state")]
    pub progress: Progress,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Why.
    #[sqlx(rename = "error")]
    pub why: Option<String>,
    /// How often it was begun.
    pub attempts: i64,
    /// How often it came again.
    pub repeats: i64,
    /// Whether what it says is still here.
    pub kept: bool,
}

/// Why a message is not worked off again, or not shown.
#[derive(Debug, thiserror::Error)]
pub enum ReplayRefusal {
    /// No such message, or none of a connection that the caller manages.
    #[error("no delivery with this id is known to your organization")]
    Unknown,
    /// It waits already.
    #[error("this delivery has not been worked off yet")]
    Waiting,
    /// What it said is gone.
    #[error("what this delivery said is no longer kept")]
    Gone,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for ReplayRefusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::Waiting | Self::Gone => Kind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "delivery_unknown",
            Self::Waiting => "delivery_waiting",
            Self::Gone => "delivery_gone",
            Self::Store(error) => error.code(),
        }
    }
}

impl Inbox {
    /// What came in from a connection, the latest first. Whoever may not manage it sees nothing.
    pub async fn deliveries(
        &self,
        access: &Access,
        connection: ConnectionId,
        limit: i64,
    ) -> StoreResult<Vec<Delivery>> {
        if !may_manage(access) {
            return Ok(Vec::new());
        }
        let mut tx = self.ledger().db().read(access).await?;
        kept::of_connection(&mut tx, access, connection, limit).await
    }

    /// One message of a connection. Whoever may not manage connections sees none.
    pub async fn delivery(&self, access: &Access, id: ReceiptId) -> StoreResult<Option<Delivery>> {
        if !may_manage(access) {
            return Ok(None);
        }
        let mut tx = self.ledger().db().read(access).await?;
        kept::by_id(&mut tx, access, id).await
    }

    /// When something last came in from each of these connections, in their order. Whoever may not manage them is told of nothing.
    pub async fn latest(
        &self,
        access: &Access,
        connections: &[ConnectionId],
    ) -> StoreResult<Vec<Option<Timestamp>>> {
        let mut latest = vec![None; connections.len()];
        if may_manage(access) {
            let mut tx = self.ledger().db().read(access).await?;
            for (at, connection) in latest.iter_mut().zip(connections) {
                *at = kept::latest(&mut tx, access, *connection).await?;
            }
        }
        Ok(latest)
    }

    /// What a message of a connection says, as it came.
    pub async fn letter(&self, access: &Access, id: ReceiptId) -> Result<Vec<u8>, ReplayRefusal> {
        if !may_manage(access) {
            return Err(ReplayRefusal::Unknown);
        }
        let mut tx = self.ledger().db().read(access).await?;
        let found = kept::sealed(&mut tx, access, id).await?;
        let (_, _, sealed) = found.ok_or(ReplayRefusal::Unknown)?;
        let sealed = sealed.ok_or(ReplayRefusal::Gone)?;
        let row = id.uuid();
        let opened = self
            .master_key()
            .open(place(access.org(), row.as_bytes()), &sealed);
        let body = opened.map_err(|error| StoreError::Inconsistent {
            table: "inbox",
            what: error.to_string(),
        })?;
        drop(tx);
        self.note(access, id, Use::Read).await?;
        Ok(body.expose_secret().clone())
    }

    /// Records that somebody uses a message.
    async fn note(&self, access: &Access, id: ReceiptId, to: Use) -> Result<(), ReplayRefusal> {
        let found = self.delivery(access, id).await?;
        let used = UseDelivery {
            connection: found.ok_or(ReplayRefusal::Unknown)?.connection,
            delivery: id,
            to,
        };
        match self.ledger().record(access, used).await {
            Ok(()) => Ok(()),
            Err(RecordError::Refused(_)) => Err(ReplayRefusal::Unknown),
            Err(RecordError::Store(error)) => Err(error.into()),
        }
    }

    /// Works a message of a connection off again.
    pub async fn replay(&self, access: &Access, id: ReceiptId) -> Result<(), ReplayRefusal> {
        if !may_manage(access) {
            return Err(ReplayRefusal::Unknown);
        }
        let ledger = self.ledger();
        let now = ledger.clock().now();
        let mut tx = ledger.db().read(access).await?;
        let found = kept::sealed(&mut tx, access, id).await?;
        let (source, progress, sealed) = found.ok_or(ReplayRefusal::Unknown)?;
        if progress == Progress::Waiting {
            return Err(ReplayRefusal::Waiting);
        }
        if sealed.is_none() {
            return Err(ReplayRefusal::Gone);
        }
        drop(tx);
        self.note(access, id, Use::Replay).await?;
        let mut tx = ledger.db().write(access.org()).await?;
        kept::wait_again(&mut tx, access, (id, &source), now).await?;
        ledger.commit(tx).await?;
        self.bell(&source).notify_one();
        Ok(())
    }
}
