//! Which ledgers are being verified for a page: one of an organization at a time, and few at once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use habeo_core::id::OrgId;

/// How many ledgers are verified at once. Each takes a processor.
const AT_ONCE: usize = 2;

/// What is being verified.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checks(Arc<Mutex<HashSet<OrgId>>>);

/// A verification under way; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Check {
    checks: Checks,
    org: OrgId,
}

impl Checks {
    /// Begins one, unless one of this organization or as many as there may be are under way.
    pub(crate) fn begin(&self, org: OrgId) -> Option<Check> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = running.len() < AT_ONCE && running.insert(org);
        begins.then(|| Check {
            checks: self.clone(),
            org,
        })
    }
}

impl Drop for Check {
    fn drop(&mut self) {
        let mut running = self.checks.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.org);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn one_at_a_time() {
        let checks = Checks::default();
        let org = |number| OrgId::from_uuid(Uuid::from_u128(number));
        let first = checks.begin(org(1));
        assert!(first.is_some() && checks.begin(org(1)).is_none());
        let second = checks.begin(org(2));
        assert!(second.is_some() && checks.begin(org(3)).is_none());
        drop(first);
        assert!(checks.begin(org(3)).is_some() && checks.begin(org(1)).is_some());
    }
}
