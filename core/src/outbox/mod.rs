//! The outbox: what has to be delivered, put there in the transaction that records why, and gone with it.
//!
//! A parcel is enqueued inside a unit of work ([`crate::ledger::Work`]), claimed by one worker at a time under a lease, handed to the courier
//! of its channel, and settled. It is delivered at least once: whoever dies between sending and settling leaves a lease that runs out, and
//! the parcel goes out again under the same id.

pub mod backoff;
pub(crate) mod lane;
pub mod lease;
mod reopen;
mod settle;
pub mod store;
pub(crate) mod tray;

use std::time::Duration;

use crate::closed_set::closed_set;
use crate::id::{EventId, LeaseToken, OrgId, ParcelId};
use crate::store::StoreResult;
use crate::time::Timestamp;

/// The most bytes of a parcel's body.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// The most characters of a lane's name.
pub const LANE_CHARS_MAX: usize = 200;
/// The most bytes that are kept of what a courier said about an attempt.
pub const DETAIL_BYTES_MAX: usize = 1_024;

closed_set! {
    /// By what a parcel travels. Each has one courier.
    Channel {
        /// A message by the Slack app.
        Slack = "slack",
        /// A message by the Teams app.
        Teams = "teams",
        /// A signed request to an endpoint.
        Webhook = "webhook",
        /// A notification on a phone.
        Push = "push",
        /// A report of used seats to the billing service.
        Billing = "billing",
        /// A purchase order to a supplier.
        Supplier = "supplier",
    }

    /// How far a parcel is.
    Status {
        /// It is to be delivered, or being so.
        Waiting = "waiting",
        /// It was.
        Delivered = "delivered",
        /// What it says was no longer so when it was its turn.
        Obsolete = "obsolete",
        /// It was given up.
        Dead = "dead",
    }

    /// What became of an attempt, as it is kept.
    AttemptOutcome {
        /// It arrived.
        Delivered = "delivered",
        /// There was nothing to deliver any more.
        Obsolete = "obsolete",
        /// It failed, and another follows.
        Again = "again",
        /// It failed, and none follows.
        Dead = "dead",
        /// Its worker had to stop before it knew.
        GivenBack = "given_back",
    }
}

impl Channel {
    /// Whether parcels of one lane go one after another, the oldest first. Receivers of webhooks order by sequence numbers instead, and
    /// would otherwise all wait for one that fails.
    #[must_use]
    pub const fn in_order(self) -> bool {
        matches!(
            self,
            Self::Slack | Self::Teams | Self::Push | Self::Supplier
        )
    }

    /// How long a lane rests after each parcel. Chats take about one message a second in one conversation.
    #[must_use]
    pub const fn pace(self) -> Duration {
        match self {
            Self::Slack | Self::Teams => Duration::from_secs(1),
            Self::Webhook | Self::Push | Self::Billing | Self::Supplier => Duration::ZERO,
        }
    }
}

/// Something to be delivered to one recipient, as it is put into the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// By what it travels.
    pub channel: Channel,
    /// The recipient's lane: order and rate are kept within it.
    pub lane: String,
    /// What the courier is told, as canonical JSON.
    pub body: String,
    /// The fact from which it follows; none where a clock was the reason.
    pub cause: Option<EventId>,
}

/// A parcel in the hands of one worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// Its id: the same at every attempt, and so the key by which a receiver may know a repetition.
    pub id: ParcelId,
    /// Whose it is.
    pub org: OrgId,
    /// By what it travels.
    pub channel: Channel,
    /// The recipient's lane.
    pub lane: String,
    /// What to deliver, as canonical JSON.
    pub body: String,
    /// The fact from which it follows.
    pub cause: Option<EventId>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// When it was put into the outbox.
    pub enqueued_at: Timestamp,
    /// When the first attempt was made; this one's beginning if it is the first.
    pub first_attempt_at: Timestamp,
    /// Proof of the claim; only its holder settles.
    pub token: LeaseToken,
    /// When the claim runs out.
    pub until: Timestamp,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It arrived.
    Delivered {
        /// What the receiver said of it, such as a message's id.
        detail: String,
    },
    /// What it says is no longer so, or its recipient is gone: nothing was sent, and nothing is to be.
    Obsolete {
        /// In what way.
        why: String,
    },
    /// It did not arrive, and may at another time.
    Again {
        /// How long the receiver asked to be left alone.
        after: Option<Duration>,
        /// What went wrong.
        why: String,
    },
    /// It will never arrive.
    Dead {
        /// What went wrong.
        why: String,
    },
}

/// Delivers the parcels of one channel.
///
/// It is called without any transaction being open, and may be called again for a parcel it has delivered: [`Leased::id`] stays the same. A
/// call that panics or takes longer than [`Courier::deadline`] is an attempt that failed.
pub trait Courier: Send + Sync + 'static {
    /// What it delivers.
    fn channel(&self) -> Channel;

    /// How long one delivery may take.
    fn deadline(&self) -> Duration {
        Duration::from_secs(15)
    }

    /// How many parcels it takes at once, and how often at a time. One by one unless it says otherwise: then as many as the worker has places.
    fn load(&self) -> Load {
        Load::ONE_BY_ONE
    }

    /// Delivers one parcel, or says why not.
    fn deliver(&self, parcel: &Leased) -> impl Future<Output = Outcome> + Send;

    /// Delivers as many as its load permits, of whatever organisations, and says what became of each, in their order. A courier whose receiver
    /// takes many in one request overrides it. Whatever it says nothing of has failed once.
    ///
    /// That is asked of the courier and not done inside it by waiting a little for more: the worker has just claimed all that is due, so what
    /// can go together is in its hands already, and nothing has to wait for what may not come.
    fn deliver_many(&self, parcels: &[Leased]) -> impl Future<Output = Vec<Outcome>> + Send {
        async move {
            let mut outcomes = Vec::with_capacity(parcels.len());
            for parcel in parcels {
                outcomes.push(self.deliver(parcel).await);
            }
            outcomes
        }
    }

    /// What it has to do by the hour beside delivering, such as asking what became of what it delivered. Called again and again, on every node.
    fn keep_up(&self) -> impl Future<Output = StoreResult<()>> + Send {
        async { Ok(()) }
    }
}

/// How a courier takes its parcels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// How many together.
    pub parcels: usize,
    /// How many such loads at a time; none where the worker decides.
    pub at_once: Option<usize>,
}

impl Load {
    /// Each by itself, as many at a time as the worker has places.
    pub const ONE_BY_ONE: Self = Self {
        parcels: 1,
        at_once: None,
    };
}
