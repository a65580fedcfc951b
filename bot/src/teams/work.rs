//! What was taken in, worked off: messages are answered, installations are remembered.

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
use super::connector::Fault;
use super::present::Readers;
use super::tenant::{Spot, Tenant, without_thread};
use super::who::Who;
use super::{Teams, mention};
use crate::reply::Reply;

const NO_QUESTION: &str = "Ask about equipment in your own words, or write “help”.";

/// Why an activity was not worked off.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Connector(#[from] Fault),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Handler for Teams {
    async fn handle(&self, received: &Received) -> Verdict {
        match self.work_off(received).await {
            Ok(()) => Verdict::Done,
            Err(trouble) => {
                let wait = match &trouble {
                    Trouble::Connector(fault) => fault.wait(1),
                    Trouble::Store(_) => None,
                };
                let repeat = wait.is_some() || matches!(trouble, Trouble::Store(_));
                if !repeat {
                    // It was said where it happened; the same again would come to the same.
                    return Verdict::Done;
                }
                let now = self.ledger().clock().now();
                let micros = wait.and_then(|wait| i64::try_from(wait.as_micros()).ok());
                Verdict::Again {
                    at: micros.map(|micros| now.plus_micros(micros)),
                    why: trouble.to_string(),
                }
            }
        }
    }
}

impl Teams {
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
            Err(Trouble::Connector(fault)) => self.note_trouble(&tenant, &spot, fault).await,
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
                "add" | "add-upgrade" => self.on_added(tenant, spot, activity, key).await,
                "remove" => {
                    self.close_conversation(tenant, spot, true).await;
                    Ok(())
                }
                // The other half of an upgrade: the new version is on its way in.
                _ => Ok(()),
            },
            "conversationUpdate" => {
                if activity.concerns_bot(activity.members_added.as_ref()) {
                    self.on_added(tenant, spot, activity, key).await
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
        let who = self.who(tenant, spot, activity, key).await;
        let pressed = activity.value.as_ref().and_then(pressed);
        let (reply, readers) = match (&who, pressed) {
            (Who::Known(known), Some(press)) => {
                let asker = tenant.asker(known, spot);
                let reply = self.press(&asker, press).await;
                // What was pressed is done. If it cannot be said, it is not done again to say it.
                let card = activity.reply_to_id.as_deref();
                if let Err(fault) = self.replace(tenant, spot, card, &reply).await {
                    self.note_trouble(tenant, spot, &fault).await;
                }
                return Ok(());
            }
            (Who::Known(known), None) => {
                let question = mention::question(activity);
                if question.is_empty() {
                    (Reply::sentence(NO_QUESTION), Readers::All)
                } else {
                    let asker = tenant.asker(known, spot);
                    let reply = self.engine().ask(&asker, &question).await;
                    let readers = tenant.readers(&reply);
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
    async fn on_added(
        &self,
        tenant: &Tenant,
        spot: &Spot,
        activity: &Activity,
        key: &str,
    ) -> Result<(), Trouble> {
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
        let reply = match spot.kind {
            Kind::Personal => self.greeting(tenant, spot, activity, key).await,
            // Whoever added it to a team is not all who read this.
            Kind::Group | Kind::Channel => card::welcome(None, &[]),
        };
        let spot = Spot {
            activity: None,
            ..spot.clone()
        };
        // A greeting that does not arrive is not worth a second one.
        if let Err(fault) = self.answer(tenant, &spot, &reply, Readers::All).await {
            self.note_trouble(tenant, &spot, &fault).await;
        }
        Ok(())
    }

    async fn greeting(
        &self,
        tenant: &Tenant,
        spot: &Spot,
        activity: &Activity,
        key: &str,
    ) -> Reply {
        let who = self.who(tenant, spot, activity, key).await;
        match &who {
            Who::Known(known) => {
                let asker = tenant.asker(known, spot);
                let home = self.engine().home(&asker).await;
                let home = home.inspect_err(|error| tracing::error!(%error, "a home was not read"));
                let prompts = self.engine().suggestions(&asker).await;
                // Whoever is greeted without what concerns them can still ask.
                card::welcome(home.ok().as_ref(), &prompts.unwrap_or_default())
            }
            nobody => match nobody.told(self) {
                Some((reply, _)) => reply,
                None => card::welcome(None, &[]),
            },
        }
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
