//! The upkeep of what was taken in: letters of connections are facts, and those that no unit of work told of are told of here.

use std::collections::HashSet;
use std::sync::PoisonError;

use super::Inbox;
use crate::access::{Access, Surface};
use crate::connection;
use crate::connection::accepted::TellAccepted;
use crate::id::{ConnectionId, OrgId};
use crate::ledger::RecordError;
use crate::store::{StoreError, StoreResult};

/// Connections of which this node took letters in that may not be told of yet.
pub(super) type Untold = HashSet<(OrgId, ConnectionId)>;

impl Inbox {
    /// Remembers that there is something to be told of a connection.
    pub(super) fn tell_soon(&self, org: OrgId, connection: ConnectionId) {
        let mut untold = self.untold().lock().unwrap_or_else(PoisonError::into_inner);
        untold.insert((org, connection));
    }

    /// Records how many letters were taken in of each connection, where it is time. Says of how many connections something is left to be told.
    pub async fn tell_accepted(&self) -> StoreResult<usize> {
        let untold = {
            let mut untold = self.untold().lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *untold)
        };
        let mut failed = None;
        let mut left = 0;
        for (org, connection) in untold {
            let access = Access::system(org, Surface::Webhook);
            let told = self.ledger().record(&access, TellAccepted { connection });
            match told.await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(RecordError::Store(error)) => failed = Some(error),
                Err(RecordError::Refused(refusal)) => {
                    failed = Some(StoreError::Inconsistent {
                        table: "connection_accepted",
                        what: refusal.to_string(),
                    });
                }
            }
            left += 1;
            self.tell_soon(org, connection);
        }
        failed.map_or(Ok(left), Err)
    }

    /// Finds what a node left untold that is gone.
    pub async fn find_untold(&self) -> StoreResult<()> {
        let db = self.ledger().db();
        for (org, _) in crate::org::store::all(db).await? {
            let access = Access::system(org, Surface::Webhook);
            let mut tx = db.read(&access).await?;
            for connection in connection::store::untold(&mut tx, &access).await? {
                self.tell_soon(org, connection);
            }
        }
        Ok(())
    }
}
