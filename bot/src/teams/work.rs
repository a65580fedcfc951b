//! What was taken in, worked off: messages are answered, installations are remembered.

use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::chat_conversation::Kind;
use habeo_core::chat_conversation::command::Welcome;
use habeo_core::inbox::worker::Handler;
use habeo_core::inbox::{Received, Verdict};
use habeo_core::ledger::RecordError;
use habeo_core::store::StoreError;
use serde_json::Value;

use super::activity::Activity;
use super::card;
use super::card::element::PRESS;
use super::connector::{Fault, Member};
use super::present::Readers;
use super::tenant::{Spot, Tenant, without_thread};
use super::who::Who;
use super::{Teams, mention};
use crate::reply::Reply;

/// How long it may take to find out who reads along.
const PATIENCE: Duration = Duration::from_secs(10);
const NO_QUESTION: &str = "Ask about equipment in your own words, or write “help”.";

/// Why an activity was not worked off.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Connector(#[from] Fault),
    /// Something pressed was done, and whoever pressed it did not hear so.
    #[error("it was done, and could not be said: {0}")]
    Unsaid(Fault),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Handler for Teams {
    async fn handle(&self, received: &Received) -> Verdict {
        match self.work_off(received).await {
            Ok(()) => Verdict::Done,
            Err(trouble) => self.verdict(&trouble),
        }
    }
}

impl Teams {
    /// Whoever was not answered is answered later, or stands among the dead. What may have been said is not said again, and what was pressed
    /// is not pressed again.
    fn verdict(&self, trouble: &Trouble) -> Verdict {
        let why = trouble.to_string();
        match trouble {
            Trouble::Connector(Fault::Throttled(Some(after))) => {
                let micros = i64::try_from(after.as_micros()).unwrap_or(i64::MAX);
                let at = Some(self.ledger().clock().now().plus_micros(micros));
                Verdict::Again { at, why }
            }
            Trouble::Connector(fault) if fault.is_worth_repeating() => {
                Verdict::Again { at: None, why }
            }
            Trouble::Store(_) => Verdict::Again { at: None, why },
            Trouble::Connector(_) | Trouble::Unsaid(_) => Verdict::Dead { why },
        }
    }

    async fn work_off(&self, received: &Received) -> Result<(), Trouble> {
        let Ok(activity) = serde_json::from_slice::<Activity>(&received.body) else {
            return Ok(());
        };
        let Ok(key) = activity.tenant() else {
            return Ok(());
        };
        // It may have been connected elsewhere since.
        let tenant = self.tenant(key).await?;
        let Some(tenant) = tenant.filter(|tenant| tenant.org == received.org) else {
            return Ok(());
        };
        self.note_heard(&tenant).await;
        let spot = tenant.spot(&activity);
        let done = self.act_on(&tenant, &spot, &activity, &received.key).await;
        match &done {
            Ok(()) => self.note_recovery(&tenant).await,
            Err(Trouble::Connector(fault) | Trouble::Unsaid(fault)) => {
                self.note_trouble(&tenant, &spot, fault).await;
            }
            Err(Trouble::Store(_)) => {}
        }
        done
    }

    async fn act_on(
        &self,
        tenant: &Tenant,
        spot: &Spot,
        activity: &Activity,
        key: &str,
    ) -> Result<(), Trouble> {
        match activity.kind.as_str() {
            "message" => {
                self.note_conversation(tenant, spot).await?;
                self.on_message(tenant, spot, activity, key).await
            }
            "installationUpdate" => match activity.action.as_deref().unwrap_or_default() {
                "add" | "add-upgrade" => self.on_added(tenant, spot).await,
                "remove" => {
                    self.close_conversation(tenant, spot, true).await;
                    Ok(())
                }
                // The other half of an upgrade: the new version is on its way in.
                _ => Ok(()),
            },
            "conversationUpdate" => {
                if activity.concerns_bot(activity.members_added.as_ref()) {
                    self.on_added(tenant, spot).await
                } else {
                    self.close_conversation(tenant, spot, true).await;
                    Ok(())
                }
            }
            _ => Ok(()),
        }
    }

    /// A question, or a button of a client that submits what it cannot execute.
    async fn on_message(
        &self,
        tenant: &Tenant,
        spot: &Spot,
        activity: &Activity,
        key: &str,
    ) -> Result<(), Trouble> {
        let pressed = activity.value.as_ref().and_then(pressed);
        if pressed.is_none() {
            // What cannot be said is not looked up: a question that is asked again would leave a second entry, and a second proposal.
            self.connector().ready().await?;
        }
        let mut spot = spot.clone();
        spot.shares = self
            .shares(tenant, &spot, activity.is_in_shared_channel(), PATIENCE)
            .await;
        let spot = &spot;
        let who = self.who(tenant, spot, activity, key).await;
        let (reply, readers) = match (&who, pressed) {
            (Who::Known(known), Some(press)) => {
                let asker = tenant.asker(known, spot);
                let reply = self.press(&asker, press).await;
                // What was pressed is done. If it cannot be said, it is not done again to say it.
                let card = activity.reply_to_id.as_deref();
                let said = self.replace(tenant, spot, card, &reply).await;
                return said.map_err(Trouble::Unsaid);
            }
            (Who::Known(known), None) => {
                let question = mention::question(activity);
                if question.is_empty() {
                    (Reply::sentence(NO_QUESTION), Readers::All)
                } else {
                    let asker = tenant.asker(known, spot);
                    let reply = self.engine().ask(&asker, &question).await;
                    let readers = spot.readers(&reply);
                    (reply, readers)
                }
            }
            (nobody, _) => match nobody.told(self) {
                Some(told) => told,
                None => return Ok(()),
            },
        };
        Ok(self.answer(tenant, spot, &reply, readers).await?)
    }

    /// The app was added somewhere. Two activities say so, in any order: it introduces itself once.
    async fn on_added(&self, tenant: &Tenant, spot: &Spot) -> Result<(), Trouble> {
        let spot = &self.added_spot(tenant, spot).await;
        self.note_conversation(tenant, spot).await?;
        let welcome = Welcome {
            install: tenant.install.id,
            conversation: without_thread(&spot.address.conversation).to_owned(),
        };
        let system = Access::system(tenant.org, Surface::Teams);
        let first = match self.ledger().record(&system, welcome).await {
            Ok(first) => first,
            Err(RecordError::Refused(_)) => false,
            Err(RecordError::Store(error)) => return Err(error.into()),
        };
        if !first {
            return Ok(());
        }
        // Whoever added it is not all who read this in a team, and in a chat of somebody's own need not be the one who reads it.
        let reply = card::welcome();
        // A greeting that does not arrive is not worth a second one.
        if let Err(fault) = self.answer(tenant, spot, &reply, Readers::All).await {
            self.note_trouble(tenant, spot, &fault).await;
        }
        Ok(())
    }

    /// Where the app was added, in answer to nothing. Whose chat it is says the roster: the activity may name an administrator who added the app
    /// for everybody.
    async fn added_spot(&self, tenant: &Tenant, spot: &Spot) -> Spot {
        let mut added = Spot {
            activity: None,
            user: None,
            name: None,
            ..spot.clone()
        };
        if added.kind == Kind::Personal {
            match self.partner(tenant, &added.address).await {
                Ok(partner) => added.user = partner.and_then(Member::into_user),
                Err(fault) => {
                    tracing::info!(org.id = %tenant.org, %fault, "whose chat it is will be known when they write");
                }
            }
        }
        added
    }
}

/// What a submitted button carries.
fn pressed(value: &Value) -> Option<&str> {
    if value.get("verb")?.as_str()? == PRESS {
        value.get(PRESS)?.as_str()
    } else {
        None
    }
}
