//! What an issuer reports of an organisation itself: what it is called, and that it was deleted.

use super::command::of_habeo;
use super::store;
use super::{Object, Refusal, Taken};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::org::command::{NAME_CHARS_MAX, is_slug};
use crate::org::event::OrgEvent;
use crate::store::StoreResult;
use crate::time::Timestamp;
use crate::{org, text};

/// What an issuer calls the organisation.
#[derive(Debug, Clone)]
pub struct TakeOrganization {
    /// The issuer.
    pub issuer: String,
    /// Its name for the organisation.
    pub external_id: String,
    /// What it is called.
    pub name: Option<String>,
    /// What it is called in addresses.
    pub slug: Option<String>,
    /// When that was changed last.
    pub updated_at: Timestamp,
}

/// The issuer deleted the organisation. It is closed, and nothing of it is lost.
#[derive(Debug, Clone)]
pub struct EndOrganization {
    /// The issuer.
    pub issuer: String,
    /// Its name for the organisation.
    pub external_id: String,
}

/// Opens a closed organisation again: for the operator, who links it to another organisation of the issuer first.
#[derive(Debug, Clone, Copy)]
pub struct OpenOrganization;

impl Command for TakeOrganization {
    type Answer = Taken;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        let access = of_habeo(work)?;
        let (issuer, id) = (self.issuer.as_str(), self.external_id.as_str());
        if store::is_buried(work.tx(), issuer, Object::Organization, id).await? {
            return Ok(Taken::Stale);
        }
        let known = store::organization_updated_at(work.tx(), issuer, id).await?;
        if known > Some(self.updated_at) {
            return Ok(Taken::Stale);
        }
        store::note_organization(work.tx(), issuer, id, self.updated_at).await?;
        let org = org::store::own(work.tx(), &access).await?;
        let name = self.name.as_deref();
        let name = name.and_then(|name| text::line(name, NAME_CHARS_MAX).ok());
        let name = name.unwrap_or_else(|| org.name.clone());
        let mut slug = org.slug.clone();
        if let Some(wanted) = self
            .slug
            .filter(|wanted| *wanted != slug && is_slug(wanted))
            && store::take_slug(work.tx(), access.org(), &wanted).await?
        {
            slug = wanted;
        }
        if name == org.name && slug == org.slug {
            return Ok(Taken::Unchanged);
        }
        record(work, OrgEvent::Renamed { name, slug }).await?;
        Ok(Taken::Applied)
    }
}

impl Command for EndOrganization {
    type Answer = Taken;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        let access = of_habeo(work)?;
        let now = work.now();
        let (issuer, id) = (self.issuer, self.external_id);
        store::bury_within(work.tx(), &issuer, Object::Organization, &id, now).await?;
        // Another of its names may still be in use, such as that of another issuer.
        if store::has_live_name(work.tx(), access.org()).await?
            || org::store::is_closed(work.tx(), access.org()).await?
        {
            return Ok(Taken::Unchanged);
        }
        record(work, OrgEvent::Closed { issuer }).await?;
        Ok(Taken::Applied)
    }
}

impl Command for OpenOrganization {
    type Answer = Taken;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Taken, Failure<Refusal>> {
        let access = of_habeo(work)?;
        if !org::store::is_closed(work.tx(), access.org()).await? {
            return Ok(Taken::Unchanged);
        }
        record(work, OrgEvent::Opened {}).await?;
        Ok(Taken::Applied)
    }
}

async fn record(work: &mut Work, event: OrgEvent) -> StoreResult<()> {
    let org = work.access().org();
    let fact = Fact::now(Stream::Org(org), Event::Org(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}
