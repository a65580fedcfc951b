//! Keeping what went to and fro beside the return itself.

use std::sync::Arc;

use super::{Refusal, known, store};
use crate::access::Principal;
use crate::id::PunchoutId;
use crate::ledger::{Command, Failure, Work};
use crate::punchout::store::Keep;
use crate::punchout::{DOCUMENT_KEPT_MICROS, DOCUMENTS_MAX, Document};
use crate::secret::MasterKey;

/// Keeps a document of a visit for a month: what we asked for, what was answered, and what came back and could not be read. No fact. Only the
/// system gives this command.
#[derive(Debug, Clone)]
pub struct KeepDocument {
    /// Of which visit.
    pub session: PunchoutId,
    /// The document, without its secrets.
    pub document: Document,
    /// The key that seals it.
    pub master_key: Arc<MasterKey>,
}

impl Command for KeepDocument {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        if work.access().actor().principal != Principal::System {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let session = known(work, self.session).await?;
        let (access, now, random) = (work.access().clone(), work.now(), work.random());
        let (kept, _) = store::count(work.tx(), &access, session.id).await?;
        if kept >= DOCUMENTS_MAX {
            return Err(Failure::Refused(Refusal::TooManyDocuments));
        }
        let keep = Keep {
            session: session.id,
            document: &self.document,
            late: None,
            until: now.plus_micros(DOCUMENT_KEPT_MICROS),
        };
        let by = (self.master_key.as_ref(), random.as_ref(), now);
        store::keep(work.tx(), &access, keep, by).await?;
        Ok(())
    }
}
