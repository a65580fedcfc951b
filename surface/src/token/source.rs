//! Where a verified token becomes somebody.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use habeo_core::id::OrgId;
use habeo_core::session::{self, Credential, Session};

/// Core's directory of organisations, people and grants, as the authenticator sees it.
pub trait SessionSource: Send + Sync {
    /// Finds the person and their access.
    fn resolve<'a>(
        &'a self,
        credential: &'a Credential,
    ) -> BoxFuture<'a, Result<Session, session::Refusal>>;

    /// A number that changes whenever a grant or membership of the organisation does; a cached session ends with it.
    fn generation(&self, org: OrgId) -> u64;
}

impl SessionSource for session::Sessions {
    fn resolve<'a>(
        &'a self,
        credential: &'a Credential,
    ) -> BoxFuture<'a, Result<Session, session::Refusal>> {
        Self::resolve(self, credential).boxed()
    }

    fn generation(&self, org: OrgId) -> u64 {
        Self::generation(self, org)
    }
}
