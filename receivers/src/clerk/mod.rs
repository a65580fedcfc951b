//! Clerk: who belongs where, what they are called, and who may not sign in any more.
//!
//! A report is verified, kept durably, answered and worked off. It is kept in the inbox of every organisation that it concerns: of one, where it
//! names it, and of all that know the person otherwise. What concerns nobody yet waits (`habeo_core::unplaced`), the latest of each account, and
//! is taken when a membership says where the person belongs. That a session ended is seen to before the answer, and once more when it is worked
//! off, should this process end in between.

mod door;
mod event;
mod work;

use std::sync::Arc;

use habeo_core::inbox::Inbox;
use habeo_core::ledger::Ledger;
use habeo_core::secret::MasterKey;
use habeo_core::session::ended::{self, Ended};
use habeo_core::store::StoreResult;
use habeo_core::unplaced::Unplaced;
use habeo_surface::token::Authenticator;

use crate::svix::Secret;

pub use door::{BODY_BYTES_MAX, PATH, mount};

/// From where its messages are, in the inbox.
pub const SOURCE: &str = "clerk";

/// What the receiver has to know.
#[derive(Debug)]
pub struct Settings {
    /// The issuer of its tokens, exactly.
    pub issuer: String,
    /// What messages are signed with.
    pub secrets: Vec<Secret>,
    /// The only instance whose messages are taken, where it was said.
    pub instance_id: Option<String>,
    /// Whether an organisation that is reported and not known is made.
    pub create_organizations: bool,
}

/// What the receiver works with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The ledger.
    pub ledger: Ledger,
    /// What seals what waits.
    pub master_key: Arc<MasterKey>,
    /// Where messages are kept.
    pub inbox: Inbox,
    /// What refuses tokens on this node.
    pub authenticator: Arc<Authenticator>,
}

/// The receiver. Cloning it gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Clerk(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    unplaced: Unplaced,
    settings: Settings,
}

impl Clerk {
    /// The receiver of an installation. Without a secret it takes nothing.
    #[must_use]
    pub fn new(parts: Parts, settings: Settings) -> Self {
        let unplaced = Unplaced::new(parts.ledger.clone(), Arc::clone(&parts.master_key));
        Self(Arc::new(Inner {
            parts,
            unplaced,
            settings,
        }))
    }

    /// Where messages are kept.
    #[must_use]
    pub fn inbox(&self) -> &Inbox {
        &self.0.parts.inbox
    }

    fn ledger(&self) -> &Ledger {
        &self.0.parts.ledger
    }

    fn issuer(&self) -> &str {
        &self.0.settings.issuer
    }

    /// Refuses the remaining tokens of what has ended: here at once, on every other node as soon as it looks.
    async fn end(&self, ended: Ended<'_>) -> StoreResult<()> {
        self.0.parts.authenticator.end(&ended);
        let ledger = self.ledger();
        ended::note(ledger, &[ended], ledger.clock().now()).await?;
        Ok(())
    }
}

/// What is waited for, for somebody's account.
fn account(user: &str) -> String {
    format!("user/{user}")
}

/// What is waited for, for an organisation.
fn organization(external_id: &str) -> String {
    format!("organization/{external_id}")
}
