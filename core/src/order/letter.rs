//! Orders as they were written for their suppliers: what is sent under one name is the same for ever, whatever is edited between two attempts.

use std::sync::Arc;

use super::{Refusal, store};
use crate::access::Principal;
use crate::id::{OrderId, OrderLetterId};
use crate::ledger::{Command, Failure, Work};
use crate::secret::MasterKey;

/// Keeps a version of an order as it is written, before it is sent for the first time. The answer is the text that holds: that of the first time.
/// No fact. Only the system gives this command.
#[derive(Debug, Clone)]
pub struct KeepLetter {
    /// Which order.
    pub order: OrderId,
    /// Which version of it.
    pub version: i64,
    /// What it says, without what proves us.
    pub text: String,
    /// The key that seals it.
    pub master_key: Arc<MasterKey>,
}

impl Command for KeepLetter {
    type Answer = String;
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<String, Failure<Refusal>> {
        if work.access().actor().principal != Principal::System {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let (access, now, random) = (work.access().clone(), work.now(), work.random());
        let of = (self.order, self.version);
        let key = self.master_key.as_ref();
        if let Some(kept) = store::letter(work.tx(), &access, of, key).await? {
            return Ok(kept);
        }
        let id = OrderLetterId::generate(now, random.as_ref());
        let by = (key, random.as_ref());
        store::keep_letter(work.tx(), &access, (id, of), &self.text, by).await?;
        Ok(self.text)
    }
}
