//! Notices by Teams: to a person in the conversation they have with the bot alone, to a channel that receives a digest.

use std::sync::Arc;
use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::chat_conversation::{self, Kind, Reference};
use habeo_core::id::{InstallId, OrgId};
use habeo_core::notice::present::{Present, present};
use habeo_core::outbox::{Channel, Courier, Leased, Outcome};
use habeo_core::session::Sessions;
use habeo_core::store::StoreResult;

use super::Teams;
use super::card;
use super::connector::{Address, Fault, Patience};
use super::tenant::{Spot, Tenant};
use crate::notice;
use crate::reply::Reply;

/// How long a parcel waits where nobody was ever heard from: they may write, or install the app, meanwhile.
const UNHEARD: Duration = Duration::from_hours(1);

/// Delivers notices by Teams.
#[derive(Debug, Clone)]
pub struct TeamsCourier {
    teams: Teams,
    sessions: Arc<Sessions>,
}

/// To whom a notice goes.
enum To<'a> {
    User(&'a str),
    Channel(&'a str),
}

impl TeamsCourier {
    /// The courier of an app.
    #[must_use]
    pub fn new(teams: Teams) -> Self {
        let sessions = Arc::clone(&teams.common().parts().sessions);
        Self { teams, sessions }
    }

    async fn send(&self, org: OrgId, install: InstallId, to: To<'_>, reply: &Reply) -> Outcome {
        let tenant = match self.teams.tenant_of(org, install).await {
            Ok(Some(tenant)) if tenant.is_live() => tenant,
            Ok(_) => {
                let why = "the tenant is not connected any more".to_owned();
                return Outcome::Dead { why };
            }
            Err(error) => return again(error.to_string()),
        };
        let reference = match self.reference(&tenant, to).await {
            Ok(Some(reference)) if reference.disabled_at.is_none() => reference,
            Ok(Some(_)) => {
                let why = "the app was taken out of the conversation".to_owned();
                return Outcome::Dead { why };
            }
            Ok(None) => {
                return Outcome::Again {
                    after: Some(UNHEARD),
                    why: "there is no conversation yet".to_owned(),
                };
            }
            Err(error) => return again(error.to_string()),
        };
        self.post(&tenant, &reference, reply).await
    }

    /// Where somebody, or a channel, is reached.
    async fn reference(&self, tenant: &Tenant, to: To<'_>) -> StoreResult<Option<Reference>> {
        let system = Access::system(tenant.org, Surface::Teams);
        let mut tx = self.teams.ledger().db().read(&system).await?;
        let install = tenant.install.id;
        match to {
            To::User(user) => {
                chat_conversation::store::personal(&mut tx, &system, install, user).await
            }
            To::Channel(channel) => {
                let found =
                    chat_conversation::store::by_conversation(&mut tx, &system, install, channel);
                Ok(found.await?.filter(|found| found.kind != Kind::Personal))
            }
        }
    }

    async fn post(&self, tenant: &Tenant, reference: &Reference, reply: &Reply) -> Outcome {
        let address = Address {
            org: Some(tenant.org),
            service_url: reference.service_url.clone(),
            conversation: reference.conversation.clone(),
        };
        let message = card::shown(reply).message();
        let sent = self
            .teams
            .connector()
            .send(&address, None, message, Patience::Once);
        match sent.await {
            Ok(id) => {
                self.teams.note_recovery(tenant).await;
                Outcome::Delivered { detail: id }
            }
            Err(fault) => {
                if !matches!(fault, Fault::Throttled(_)) {
                    let spot = Spot {
                        address,
                        kind: reference.kind,
                        activity: None,
                        user: None,
                        name: None,
                        place_name: None,
                    };
                    self.teams.note_trouble(tenant, &spot, &fault).await;
                }
                outcome(&fault)
            }
        }
    }
}

impl Courier for TeamsCourier {
    fn channel(&self) -> Channel {
        Channel::Teams
    }

    async fn deliver(&self, parcel: &Leased) -> Outcome {
        let db = self.teams.ledger().db();
        match present(db, &self.sessions, parcel).await {
            Ok(Present::ToPerson(told)) => {
                let reply = notice::to_person(&told, |path| self.teams.address(path));
                let to = To::User(&told.linked.user);
                self.send(parcel.org, told.linked.install, to, &reply).await
            }
            Ok(Present::ToChannel(told)) => {
                let reply = notice::to_channel(&told);
                let to = To::Channel(&told.digest.chat);
                self.send(parcel.org, told.digest.install, to, &reply).await
            }
            Ok(Present::Obsolete(why)) => Outcome::Obsolete {
                why: why.to_owned(),
            },
            Err(error) => again(error.to_string()),
        }
    }
}

fn outcome(fault: &Fault) -> Outcome {
    let why = fault.to_string();
    match fault {
        Fault::Throttled(after) => Outcome::Again { after: *after, why },
        Fault::Down(_) | Fault::Token(_) | Fault::Unauthorized | Fault::Broken => {
            Outcome::Again { after: None, why }
        }
        Fault::Closed(_) | Fault::Gone(_) | Fault::Refused { .. } | Fault::NotAllowed => {
            Outcome::Dead { why }
        }
    }
}

const fn again(why: String) -> Outcome {
    Outcome::Again { after: None, why }
}
