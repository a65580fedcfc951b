//! A pair of tokens of a family, and the end of a family, as both kinds of exchange need them.

use secrecy::ExposeSecret as _;

use super::store::{self, NewToken};
use super::token::{self, Hash, Sort};
use super::{
    ACCESS_LIFE_SECONDS, Family, ISSUED_MAX, ISSUED_WITHIN_SECONDS, Issued, REFRESH_IDLE_MICROS,
    sooner,
};
use crate::app_client::Scopes;
use crate::app_install::RevokeReason;
use crate::app_install::event::AppInstallEvent;
use crate::id::{AppClientId, AppInstallId, UnitId};
use crate::ledger::Work;
use crate::ledger::event::{Event, Fact, Stream};
use crate::store::StoreResult;
use crate::time::{SECOND_MICROS, Timestamp};

/// The family to which a pair belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of<'a> {
    pub family: Family,
    pub client: AppClientId,
    pub install: AppInstallId,
    pub unit: UnitId,
    /// What was consented to; a refresh token always stands for all of it.
    pub scopes: &'a Scopes,
    pub expires_at: Timestamp,
}

/// Whether an installation was given so many pairs just now that it has to wait.
pub(super) async fn is_too_often(work: &mut Work, install: AppInstallId) -> StoreResult<bool> {
    let (access, now) = (work.access().clone(), work.now());
    let since = now.plus_micros(-i64::from(ISSUED_WITHIN_SECONDS) * SECOND_MICROS);
    let issued = store::issued_since(work.tx(), &access, install, since).await?;
    Ok(issued >= ISSUED_MAX)
}

/// Issues a pair. `wanted` is what its token of requests permits; `previous` is the refresh token whose place it takes.
pub(super) async fn pair(
    work: &mut Work,
    of: Of<'_>,
    wanted: Scopes,
    previous: Option<&Hash>,
) -> StoreResult<Issued> {
    let (access, now, random) = (work.access().clone(), work.now(), work.random());
    let tokens = [Sort::Access, Sort::Refresh].map(|sort| token::draw(sort, random.as_ref()));
    let [of_requests, refresh] = tokens;
    let pair = token::hash(refresh.expose_secret());
    let hash = token::hash(of_requests.expose_secret());
    let idle = now.plus_micros(REFRESH_IDLE_MICROS);
    let life = ACCESS_LIFE_SECONDS * SECOND_MICROS;
    let until = sooner(now.plus_micros(life), of.expires_at);
    let new = |hash, kind, scopes, expires_at| NewToken {
        hash,
        kind,
        grant: of.family,
        install: of.install,
        client: of.client,
        scopes,
        pair: &pair,
        expires_at,
    };
    let first = new(&hash, store::ACCESS, &wanted, until);
    store::insert_token(work.tx(), &access, first, now).await?;
    let second = new(
        &pair,
        store::REFRESH,
        of.scopes,
        sooner(idle, of.expires_at),
    );
    store::insert_token(work.tx(), &access, second, now).await?;
    store::turn(work.tx(), &access, of.family, &pair, previous).await?;
    Ok(Issued {
        access: of_requests,
        refresh,
        expires_in: (until.micros() - now.micros()) / SECOND_MICROS,
        scopes: wanted,
        install: of.install,
        org: access.org(),
        unit: of.unit,
    })
}

/// Ends a family, because something of it was used that had been used before, and says so in the ledger, once.
pub(super) async fn end_family(
    work: &mut Work,
    family: Family,
    install: AppInstallId,
    reason: RevokeReason,
) -> StoreResult<()> {
    let (access, now) = (work.access().clone(), work.now());
    if store::revoke_grant(work.tx(), &access, family, now).await? {
        let grant = family;
        let event = Event::AppInstall(AppInstallEvent::FamilyRevoked { grant, reason });
        let fact = Fact::now(Stream::AppInstall(install), event, Vec::new());
        work.record(fact).await?;
    }
    Ok(())
}
