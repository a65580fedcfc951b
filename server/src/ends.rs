//! Sessions that were ended: refused here at once, on every other node within seconds.

use std::sync::Arc;
use std::time::Duration;

use habeo_core::session::ended::{self, Ended, Reader};
use habeo_core::store::{Db, StoreResult};
use habeo_core::time::Clock;
use habeo_surface::token::Authenticator;
use tokio::task::JoinHandle;

use crate::app::App;

/// How often a node looks for what others have ended. A token is refused everywhere after at most this and the time of one statement.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often what no token can meet any more is removed, in looks.
const FORGET_EVERY: u32 = 1_200;

/// Ends sessions: their remaining tokens are refused on this node when this returns, and soon on the others.
pub async fn end(app: &App, ended: &[Ended<'_>]) -> StoreResult<()> {
    for one in ended {
        app.authenticator.end(one);
    }
    let ledger = &app.node.ledger;
    ended::note(ledger, ended, ledger.clock().now()).await?;
    Ok(())
}

/// Reads what has ended, as long as it lives.
#[derive(Debug)]
pub struct Follower(JoinHandle<()>);

struct Looking {
    db: Db,
    clock: Arc<dyn Clock>,
    authenticator: Arc<Authenticator>,
    reader: Reader,
}

impl Follower {
    /// Reads everything that still counts, and from then on what is added.
    pub async fn start(app: &App) -> StoreResult<Self> {
        let ledger = &app.node.ledger;
        let mut looking = Looking {
            db: ledger.db().clone(),
            clock: ledger.shared_clock(),
            authenticator: Arc::clone(&app.authenticator),
            reader: Reader::default(),
        };
        looking.look().await?;
        Ok(Self(tokio::spawn(looking.follow())))
    }

    /// Stops reading; when this returns the database is not used any more.
    pub async fn stop(self) {
        self.0.abort();
        // Cancelled is what it is meant to be.
        drop(self.0.await);
    }
}

impl Looking {
    async fn look(&mut self) -> StoreResult<()> {
        let notes = self.reader.read(&self.db, self.clock.now()).await?;
        self.authenticator.note_ends(&notes);
        Ok(())
    }

    async fn follow(mut self) {
        let mut out = false;
        for round in 1_u32.. {
            tokio::time::sleep(LOOK_EVERY).await;
            let mut looked = self.look().await;
            if looked.is_ok() && round.is_multiple_of(FORGET_EVERY) {
                looked = ended::forget(&self.db, self.clock.now()).await.map(|_| ());
            }
            match looked {
                Ok(()) => out = false,
                Err(error) if !out => {
                    out = true;
                    tracing::warn!(%error, "ended sessions cannot be read; those ended on other nodes are not refused here meanwhile");
                }
                Err(_) => {}
            }
        }
    }
}
