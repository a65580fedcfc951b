//! The courier of phones: what each parcel has to say, sent together, and what follows for each.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::endpoint::delivery::lease;
use habeo_core::id::{OrgId, PushDeviceId};
use habeo_core::ledger::Ledger;
use habeo_core::notice::present::{Present, present};
use habeo_core::outbox::lease::Outbox;
use habeo_core::outbox::{self, Channel, Courier, Leased, Load, Outcome};
use habeo_core::push_device::command::{Disable, end_displaced};
use habeo_core::push_device::evidence;
use habeo_core::push_device::stop::{self, Stop};
use habeo_core::push_device::ticket::Sent;
use habeo_core::push_device::{Platform, ticket::store as tickets};
use habeo_core::secret::MasterKey;
use habeo_core::session::Sessions;
use habeo_core::store::StoreResult;
use habeo_core::time::Timestamp;
use tokio::time::Instant;

use super::code::{Meaning, UNAUTHORIZED, meaning, plain};
use super::message::{self, Outgoing};
use super::send::{Fate, Sender};
use super::transport::{Expo, PushTransport};
use super::{MESSAGES_MAX, REQUESTS_MAX, figures};

/// For all requests that a load may take.
const DEADLINE: Duration = Duration::from_secs(40);
/// After so long no further request is begun: one takes up to ten seconds.
const LAST_REQUEST: Duration = Duration::from_secs(28);
/// What an attempt says of itself after an answer of no known meaning.
const ODD: &str = "the push service refused it for an unknown reason";
/// What an attempt says of itself that may have arrived.
const UNSURE: &str = "whether it arrived is unknown";

/// What the courier is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The ledger whose facts it sends.
    pub ledger: Ledger,
    /// Who may see what.
    pub sessions: Arc<Sessions>,
    /// The key that opens tokens.
    pub master_key: Arc<MasterKey>,
    /// The most phones that are sent to in a second.
    pub rate: u32,
}

/// Delivers notices to phones. Cloning gives another handle to the same.
pub struct PushCourier<T = Expo>(Arc<Inner<T>>);

pub(super) struct Inner<T> {
    pub parts: Parts,
    pub sender: Sender<T>,
}

impl<T> Clone for PushCourier<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for PushCourier<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushCourier").finish_non_exhaustive()
    }
}

/// For which phones our credentials were refused, by platform, and by which word. Noted once for all of a load.
#[derive(Debug, Default)]
pub(super) struct Refused(BTreeMap<Platform, (String, Vec<evidence::Phone>)>);

impl Refused {
    pub fn note(&mut self, platform: Platform, code: &str, phone: evidence::Phone) {
        let (word, phones) = self.0.entry(platform).or_default();
        code.clone_into(word);
        phones.push(phone);
    }

    /// Leaves out what was sent no later than something that got through.
    pub fn without(&mut self, through: &BTreeMap<Platform, Timestamp>) {
        self.0.retain(|platform, (_, phones)| {
            let last = through.get(platform);
            phones.retain(|phone| last.is_none_or(|last| phone.at > *last));
            !phones.is_empty()
        });
    }
}

/// What a parcel became.
struct Letter {
    device: PushDeviceId,
    platform: Platform,
    outgoing: Outgoing,
}

impl<T: PushTransport> PushCourier<T> {
    /// A courier by this way to the push service.
    #[must_use]
    pub fn new(parts: Parts, transport: T) -> Self {
        let sender = Sender::new(transport, parts.rate);
        Self(Arc::new(Inner { parts, sender }))
    }

    async fn deliver_load(&self, parcels: &[Leased]) -> Vec<Outcome> {
        let ends_at = Instant::now() + LAST_REQUEST;
        let inner = &self.0;
        let ledger = &inner.parts.ledger;
        // Before anything is sent: whoever registers a phone after this is believed rather than what the service says of this attempt.
        let sent_at = ledger.clock().now();
        let stops = match stop::stopped(ledger.db(), sent_at).await {
            Ok(stops) => stops,
            Err(error) => return vec![again(error.to_string()); parcels.len()],
        };
        let mut outcomes: Vec<Option<Outcome>> = vec![None; parcels.len()];
        let (mut indices, mut letters, mut outgoing) = (Vec::new(), Vec::new(), Vec::new());
        for (index, parcel) in parcels.iter().enumerate() {
            match inner.letter(parcel, &stops, sent_at).await {
                Ok(letter) => {
                    indices.push(index);
                    letters.push((letter.device, letter.platform));
                    outgoing.push(letter.outgoing);
                }
                Err(outcome) => outcomes[index] = Some(outcome),
            }
        }
        let fates = inner.sender.send(&outgoing, ends_at).await;
        let mut taken: BTreeMap<OrgId, Vec<Sent>> = BTreeMap::new();
        let mut refused = Refused::default();
        for ((index, (device, platform)), fate) in indices.into_iter().zip(letters).zip(fates) {
            let parcel = &parcels[index];
            if let Fate::Taken(Some(name)) = &fate {
                let sent = Sent {
                    ticket: name.clone(),
                    parcel: parcel.id,
                    device,
                    platform,
                };
                taken.entry(parcel.org).or_default().push(sent);
            }
            let to = (device, platform);
            let outcome = inner.follow(parcel, to, fate, sent_at, &mut refused).await;
            outcomes[index] = Some(outcome);
        }
        inner.weigh(refused).await;
        for (org, sent) in taken {
            // What was sent is sent: without its ticket nobody asks what became of it, and nothing worse.
            if let Err(error) = tickets::keep(ledger.db(), org, &sent, sent_at).await {
                tracing::warn!(org.id = %org, %error, tickets = sent.len(), "tickets of notices cannot be kept; what became of them stays unknown");
            }
        }
        let missing = || again("nothing was said of it".to_owned());
        outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(missing))
            .collect()
    }
}

impl<T: PushTransport> Inner<T> {
    /// What is to be sent; or what became of the parcel where nothing is.
    async fn letter(
        &self,
        parcel: &Leased,
        stops: &[Stop],
        now: Timestamp,
    ) -> Result<Letter, Outcome> {
        let parts = &self.parts;
        let told = match present(parts.ledger.db(), &parts.sessions, parcel).await {
            Ok(Present::ToPhone(told)) => told,
            Ok(Present::Obsolete(why)) => {
                let why = why.to_owned();
                return Err(Outcome::Obsolete { why });
            }
            Ok(
                Present::ToPerson(_)
                | Present::ToAdministrator(_)
                | Present::OfEndpoint(_)
                | Present::ToApprover(_)
                | Present::OfPurchase(_)
                | Present::ToChannel(_),
            ) => {
                return Err(dead("the parcel is for no phone"));
            }
            Err(error) => return Err(again(error.to_string())),
        };
        let platform = told.phone.platform;
        if let Some(stop) = stops.iter().find(|stop| stop.platform == platform) {
            figures::message(platform, "stopped");
            return Err(Outcome::Again {
                after: Some(between(now, stop.until)),
                why: format!("nothing is sent to {platform}: {}", stop.code),
            });
        }
        let Ok(token) = told.phone.token(&parts.master_key, parcel.org) else {
            return Err(dead("the phone's token does not open with the master key"));
        };
        let outgoing = message::write(&told, token, now);
        let outgoing = outgoing.ok_or_else(|| dead("it cannot be written for a phone"))?;
        Ok(Letter {
            device: told.phone.id,
            platform,
            outgoing,
        })
    }

    /// What follows from what became of a message.
    async fn follow(
        &self,
        parcel: &Leased,
        (device, platform): (PushDeviceId, Platform),
        fate: Fate,
        sent_at: Timestamp,
        refused: &mut Refused,
    ) -> Outcome {
        let (word, outcome) = match fate {
            Fate::Taken(name) => {
                let detail = name.map_or_else(
                    || "taken without a ticket".to_owned(),
                    |name| format!("ticket {name}"),
                );
                ("taken", Outcome::Delivered { detail })
            }
            Fate::Later { after, why } => ("later", Outcome::Again { after, why }),
            Fate::Lost(why) => {
                tracing::error!(org.id = %parcel.org, parcel.id = %parcel.id, why, "a notice cannot be sent to a phone");
                ("lost", Outcome::Dead { why })
            }
            Fate::Unsure { again, why } => {
                let outcome = self.once_more(parcel, UNSURE, &why, again).await;
                ("unsure", outcome)
            }
            Fate::Unauthorized => {
                let phone = evidence::Phone {
                    org: parcel.org,
                    device,
                    at: sent_at,
                };
                for platform in Platform::ALL {
                    refused.note(*platform, UNAUTHORIZED, phone);
                }
                ("credentials", refusing(UNAUTHORIZED))
            }
            Fate::Refused(code) => {
                let code = code.as_deref();
                let to = (device, platform);
                return self.refused(parcel, to, code, sent_at, refused).await;
            }
        };
        figures::message(platform, word);
        outcome
    }

    async fn refused(
        &self,
        parcel: &Leased,
        (device, platform): (PushDeviceId, Platform),
        code: Option<&str>,
        sent_at: Timestamp,
        refused: &mut Refused,
    ) -> Outcome {
        let shown = code.map(plain).unwrap_or_default();
        let (word, outcome) = match meaning(code, platform) {
            Meaning::Gone => {
                self.disable(parcel.org, device, sent_at).await;
                ("gone", dead("the phone is not registered any more"))
            }
            Meaning::Ours => {
                tracing::error!(org.id = %parcel.org, parcel.id = %parcel.id, code = shown, "the push service finds fault with what it was sent");
                ("refused", dead(&format!("the push service said {shown}")))
            }
            Meaning::Passing => ("later", again(format!("the push service said {shown}"))),
            Meaning::Stop(platform) => {
                let phone = evidence::Phone {
                    org: parcel.org,
                    device,
                    at: sent_at,
                };
                refused.note(platform, &shown, phone);
                ("credentials", refusing(&shown))
            }
            Meaning::Odd => ("odd", self.once_more(parcel, ODD, &shown, true).await),
        };
        figures::message(platform, word);
        outcome
    }

    /// Again, if this is the first attempt of which that is said, and it is worth it.
    async fn once_more(&self, parcel: &Leased, said: &str, why: &str, worth: bool) -> Outcome {
        let why = format!("{said}: {why}");
        if !worth {
            return Outcome::Dead { why };
        }
        match self.was_said(parcel, said).await {
            Ok(false) => again(why),
            Ok(true) => Outcome::Dead { why },
            // Rather once too rarely than twice too often.
            Err(error) => Outcome::Dead {
                why: format!("{why}; {error}"),
            },
        }
    }

    /// Whether an earlier attempt said so of itself.
    async fn was_said(&self, parcel: &Leased, said: &str) -> StoreResult<bool> {
        if parcel.attempt < 2 {
            return Ok(false);
        }
        let access = system(parcel.org);
        let mut tx = self.parts.ledger.db().read(&access).await?;
        let attempts = outbox::store::attempts(&mut tx, &access, parcel.id).await?;
        Ok(attempts
            .iter()
            .any(|attempt| attempt.detail.starts_with(said)))
    }

    /// Ends the use of a phone that is gone.
    pub async fn disable(&self, org: OrgId, device: PushDeviceId, sent_at: Timestamp) {
        let disable = Disable { device, sent_at };
        // Where it cannot be recorded the service says so once more at the next notice.
        if let Err(error) = self.parts.ledger.record(&system(org), disable).await {
            tracing::warn!(org.id = %org, %error, "a phone that is gone cannot be marked as such");
        }
    }

    /// Stops platforms for which our credentials were refused, where it is not just for somebody's phone with another app. What was refused waits
    /// by the pauses of the outbox either way; of a platform that is stopped nothing is tried meanwhile.
    pub async fn weigh(&self, refused: Refused) {
        let db = self.parts.ledger.db();
        for (platform, (code, phones)) in refused.0 {
            match evidence::refused(db, platform, &phones).await {
                Ok(true) => self.stop(platform, &code).await,
                Ok(false) => {
                    tracing::warn!(push.platform = %platform, code, phones = phones.len(), "the push service refuses our credentials for some phones; they may have another app");
                }
                Err(error) => {
                    tracing::warn!(push.platform = %platform, code, %error, "it cannot be noted that the push service refuses our credentials");
                }
            }
        }
    }

    /// Sends nothing more to a platform for a while, and calls for whoever runs the installation.
    async fn stop(&self, platform: Platform, code: &str) {
        let ledger = &self.parts.ledger;
        match stop::stop(ledger.db(), platform, code, ledger.clock().now()).await {
            Ok(true) => {
                tracing::error!(push.platform = %platform, code, "the push service reaches no phone of this platform with our credentials; nothing is sent to it for an hour, then it is tried again");
            }
            Ok(false) => {
                tracing::warn!(push.platform = %platform, code, "the push service still reaches no phone of this platform with our credentials");
            }
            Err(error) => {
                tracing::error!(push.platform = %platform, code, %error, "the push service reaches no phone of this platform with our credentials, which cannot be noted");
            }
        }
    }

    pub fn outbox(&self) -> Outbox {
        Outbox::new(self.parts.ledger.clone())
    }
}

impl<T: PushTransport> Courier for PushCourier<T> {
    fn channel(&self) -> Channel {
        Channel::Push
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }

    fn load(&self) -> Load {
        Load {
            parcels: MESSAGES_MAX,
            at_once: Some(REQUESTS_MAX),
        }
    }

    async fn deliver(&self, parcel: &Leased) -> Outcome {
        let mut outcomes = self.deliver_load(std::slice::from_ref(parcel)).await;
        outcomes
            .pop()
            .unwrap_or_else(|| again("nothing was said of it".to_owned()))
    }

    async fn deliver_many(&self, parcels: &[Leased]) -> Vec<Outcome> {
        self.deliver_load(parcels).await
    }

    async fn keep_up(&self) -> StoreResult<()> {
        let ledger = &self.0.parts.ledger;
        let nodes = lease::nodes(ledger.db(), ledger.clock().now()).await?;
        self.0.sender.share(u32::try_from(nodes).unwrap_or(1));
        end_displaced(ledger).await?;
        self.0.ask_for_receipts().await
    }
}

pub(super) fn system(org: OrgId) -> Access {
    Access::system(org, Surface::System)
}

const fn again(why: String) -> Outcome {
    Outcome::Again { after: None, why }
}

fn dead(why: &str) -> Outcome {
    Outcome::Dead {
        why: why.to_owned(),
    }
}

fn refusing(code: &str) -> Outcome {
    again(format!("the push service refuses our credentials: {code}"))
}

fn between(from: Timestamp, until: Timestamp) -> Duration {
    let micros = until.micros() - from.micros();
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
