//! Notices by Teams: to a person in the conversation they have with the bot alone, to a channel that receives a digest.

use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::chat_conversation::{self, Kind, Reference};
use habeo_core::id::OrgId;
use habeo_core::outbox::{Channel, Courier, Leased, Outcome};
use habeo_core::store::StoreResult;

use super::Teams;
use super::card;
use super::connector::{Address, Fault, Member, Patience};
use super::tenant::{Spot, Tenant};
use crate::letter::{Letter, To, again};
use crate::reply::Reply;

/// How long a parcel waits where nobody was ever heard from: they may write, or install the app, meanwhile.
const UNHEARD: Duration = Duration::from_hours(1);

/// In how many teams and groups somebody is looked for.
const LOOKED_INTO_MAX: i64 = 5;
/// Why nothing is told in a channel.
const OUTSIDERS: &str =
    "a digest was not sent: guests or members of other organizations read along in its channel";

/// Delivers notices by Teams.
#[derive(Debug, Clone)]
pub struct TeamsCourier {
    teams: Teams,
}

impl TeamsCourier {
    /// The courier of an app.
    #[must_use]
    pub const fn new(teams: Teams) -> Self {
        Self { teams }
    }

    async fn send(&self, org: OrgId, letter: &Letter) -> Outcome {
        let tenant = match self.teams.tenant_of(org, letter.install).await {
            Ok(Some(tenant)) if tenant.is_live() => tenant,
            Ok(_) => {
                let why = "the tenant is not connected any more".to_owned();
                return Outcome::Dead { why };
            }
            Err(error) => return again(error.to_string()),
        };
        let reference = match self.reference(&tenant, &letter.to).await {
            Ok(Some(reference)) if reference.disabled_at.is_none() => Ok(reference),
            Ok(Some(_)) => {
                let why = "the app was taken out of the conversation".to_owned();
                Err(Outcome::Dead { why })
            }
            Ok(None) => match &letter.to {
                To::User(user) => self.begin(&tenant, user).await,
                To::Channel(_) => Err(unheard()),
            },
            Err(error) => Err(again(error.to_string())),
        };
        let open = match reference {
            Ok(reference) if reference.kind != Kind::Personal => {
                self.among_ourselves(&tenant, reference).await
            }
            reference => reference,
        };
        match open {
            Ok(reference) => self.post(&tenant, &reference, &letter.reply).await,
            Err(outcome) => outcome,
        }
    }

    /// Where somebody, or a channel, is reached.
    async fn reference(&self, tenant: &Tenant, to: &To) -> StoreResult<Option<Reference>> {
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

    /// Begins the conversation with somebody who never wrote to the app alone: their address is found where they were heard of, among the
    /// members of a team or a group.
    async fn begin(&self, tenant: &Tenant, user: &str) -> Result<Reference, Outcome> {
        let Some((near, member)) = self.found(tenant, user).await? else {
            return Err(unheard());
        };
        let connector = self.teams.connector();
        let conversation = match connector.personal(&near, tenant.key(), &member.id).await {
            Ok(conversation) => conversation,
            // The app is in their team and not yet theirs; it may become so.
            Err(Fault::Closed(_) | Fault::Gone(_) | Fault::Refused { .. }) => return Err(unheard()),
            // Nobody was told anything yet, and the same conversation is found by the next attempt.
            Err(fault @ Fault::Unsure(_)) => return Err(again(fault.to_string())),
            Err(fault) => return Err(self.failed(tenant, &near, Kind::Personal, &fault).await),
        };
        let spot = Spot {
            address: Address {
                conversation,
                ..near
            },
            kind: Kind::Personal,
            activity: None,
            user: Some((user.to_owned(), member.id)),
            name: None,
            place_name: None,
            shares: false,
        };
        let noted = self.teams.note_conversation(tenant, &spot).await;
        let known = match noted {
            Ok(()) => self.reference(tenant, &To::User(user.to_owned())).await,
            Err(error) => Err(error),
        };
        match known {
            Ok(known) => known.ok_or_else(unheard),
            Err(error) => Err(again(error.to_string())),
        }
    }

    /// Somebody among the members of the conversations that we take part in, the latest first.
    async fn found(
        &self,
        tenant: &Tenant,
        user: &str,
    ) -> Result<Option<(Address, Member)>, Outcome> {
        let system = Access::system(tenant.org, Surface::Teams);
        let shared = async {
            let mut tx = self.teams.ledger().db().read(&system).await?;
            let install = tenant.install.id;
            chat_conversation::store::several(&mut tx, &system, install, LOOKED_INTO_MAX).await
        };
        let shared = shared.await.map_err(|error| again(error.to_string()))?;
        for reference in shared {
            let address = address(tenant, &reference);
            match self.teams.colleague(tenant, &address, user).await {
                Ok(Some(member)) => return Ok(Some((address, member))),
                Ok(None) => {}
                Err(fault) if fault.ends_conversation() => {
                    self.failed(tenant, &address, reference.kind, &fault).await;
                }
                Err(fault) => {
                    return Err(self.failed(tenant, &address, reference.kind, &fault).await);
                }
            }
        }
        Ok(None)
    }

    /// A channel or a group, if nobody of elsewhere reads along there.
    async fn among_ourselves(
        &self,
        tenant: &Tenant,
        reference: Reference,
    ) -> Result<Reference, Outcome> {
        let address = address(tenant, &reference);
        match self.teams.is_among_ourselves(tenant, &address).await {
            Ok(true) => Ok(reference),
            Ok(false) => {
                self.teams.note(tenant, Some(OUTSIDERS.to_owned())).await;
                let why = OUTSIDERS.to_owned();
                Err(Outcome::Dead { why })
            }
            Err(fault) => Err(self.failed(tenant, &address, reference.kind, &fault).await),
        }
    }

    /// What becomes of a parcel whose way is barred, and of what is known of that way.
    async fn failed(
        &self,
        tenant: &Tenant,
        address: &Address,
        kind: Kind,
        fault: &Fault,
    ) -> Outcome {
        if !matches!(fault, Fault::Throttled(_)) {
            let spot = Spot {
                address: address.clone(),
                kind,
                activity: None,
                user: None,
                name: None,
                place_name: None,
                shares: false,
            };
            self.teams.note_trouble(tenant, &spot, fault).await;
        }
        outcome(fault)
    }

    async fn post(&self, tenant: &Tenant, reference: &Reference, reply: &Reply) -> Outcome {
        let address = address(tenant, reference);
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
            Err(fault) => self.failed(tenant, &address, reference.kind, &fault).await,
        }
    }
}

impl Courier for TeamsCourier {
    fn channel(&self) -> Channel {
        Channel::Teams
    }

    async fn deliver(&self, parcel: &Leased) -> Outcome {
        match Letter::of(self.teams.common(), parcel).await {
            Ok(letter) => self.send(parcel.org, &letter).await,
            Err(outcome) => outcome,
        }
    }
}

/// Where a conversation is reached.
fn address(tenant: &Tenant, reference: &Reference) -> Address {
    Address {
        org: Some(tenant.org),
        service_url: reference.service_url.clone(),
        conversation: reference.conversation.clone(),
    }
}

/// What may have been said already is said again all the same: the channel knows no key for a repetition, and a notice is owed at least once.
fn outcome(fault: &Fault) -> Outcome {
    let why = fault.to_string();
    match fault {
        Fault::Throttled(after) => Outcome::Again { after: *after, why },
        Fault::Down(_) | Fault::Token(_) | Fault::Unauthorized | Fault::Unsure(_) => {
            Outcome::Again { after: None, why }
        }
        Fault::Closed(_)
        | Fault::Gone(_)
        | Fault::Refused { .. }
        | Fault::NotAllowed
        | Fault::Unsendable => Outcome::Dead { why },
    }
}

fn unheard() -> Outcome {
    Outcome::Again {
        after: Some(UNHEARD),
        why: "there is no conversation yet".to_owned(),
    }
}
