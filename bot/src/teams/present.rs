//! How an answer gets to whoever asked: openly where they are alone, sealed where others read along.

use habeo_core::id::OrgId;
use serde_json::Value;

use super::Teams;
use super::card::{self, Shown};
use super::connector::{Address, Fault, Patience};
use super::tenant::{Spot, Tenant};
use crate::engine::Asker;
use crate::notice;
use crate::reply::Reply;

/// Who may read an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Whoever asked.
    Asker,
    /// Whoever reads along.
    All,
}

impl Spot {
    /// Who may read what the engine answers here: all, where answers are shared and this one is not private.
    pub fn readers(&self, reply: &Reply) -> Readers {
        if self.shares && !reply.private {
            Readers::All
        } else {
            Readers::Asker
        }
    }
}

impl Teams {
    /// An answer as it may be shown in a conversation.
    pub(super) fn shown(
        &self,
        tenant: &Tenant,
        spot: &Spot,
        reply: &Reply,
        readers: Readers,
    ) -> Shown {
        if !spot.is_shared() || readers == Readers::All {
            return card::shown(reply);
        }
        match &spot.user {
            Some((user, address)) => {
                let whose = spot.sealed_for(tenant, user);
                let name = spot.name.as_deref();
                Shown::Card {
                    card: self.sealer().card(&whose, address, name, reply),
                    summary: "Habeo has an answer".to_owned(),
                }
            }
            // Nobody could open it.
            None => Shown::Text("Habeo answers this in a personal chat only.".to_owned()),
        }
    }

    /// What comes of a button: what it says in somebody's name, or what the answer that it belongs to meant by it.
    pub(super) async fn press(&self, asker: &Asker, press: &str) -> Reply {
        match notice::says(press) {
            Some(words) => self.engine().ask(asker, words).await,
            None => self.engine().press(asker, press).await,
        }
    }

    /// Sends an answer to where something was asked.
    pub(super) async fn answer(
        &self,
        tenant: &Tenant,
        spot: &Spot,
        reply: &Reply,
        readers: Readers,
    ) -> Result<(), Fault> {
        let message = self.shown(tenant, spot, reply, readers).message();
        let sent = self.connector().send(
            &spot.address,
            spot.activity.as_deref(),
            message,
            Patience::Few,
        );
        sent.await.map(|_| ())
    }

    /// Puts an answer in the place of the card whose button was pressed; beside it where the card is gone.
    pub(super) async fn replace(
        &self,
        tenant: &Tenant,
        spot: &Spot,
        pressed: Option<&str>,
        reply: &Reply,
    ) -> Result<(), Fault> {
        let readers = spot.readers(reply);
        let Some(pressed) = pressed else {
            return self.answer(tenant, spot, reply, readers).await;
        };
        let message = as_card(self.shown(tenant, spot, reply, readers));
        let updated = self
            .connector()
            .update(&spot.address, pressed, message, Patience::Few);
        match updated.await {
            Err(Fault::Gone(_) | Fault::Refused { .. }) => {
                self.answer(tenant, spot, reply, readers).await
            }
            done => done,
        }
    }

    /// Says something to a tenant that belongs to nobody.
    pub(super) async fn say_to_stranger(
        &self,
        service_url: String,
        conversation: String,
        reply_to: Option<&str>,
        text: &str,
    ) -> Result<(), Fault> {
        let to = Address {
            org: None::<OrgId>,
            service_url,
            conversation,
        };
        let message = Shown::Text(text.to_owned()).message();
        let sent = self
            .connector()
            .send(&to, reply_to, message, Patience::Once);
        sent.await.map(|_| ())
    }
}

/// A message of one card: what replaces a card has to be one.
fn as_card(shown: Shown) -> Value {
    let summary = match &shown {
        Shown::Text(text) => text.clone(),
        Shown::Card { summary, .. } => summary.clone(),
    };
    Shown::Card {
        card: shown.into_card(),
        summary,
    }
    .message()
}
