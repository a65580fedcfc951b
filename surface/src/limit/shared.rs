//! Rates that several nodes share: one script in Redis, which is atomic there, and whose clock is the one that counts.
//!
//! Redis is not needed for anything. While it is gone each node limits by itself, says so, and goes back as soon as it answers again.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, RedisError, Script};

use super::window::Counted;
use super::{Key, Quota, Window};

/// How long a request waits for an answer before it is counted on this node.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(50);
/// How long making a connection may take. No request waits for it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Between two attempts to connect.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// What keys carry after the organisation, so that others in the same database are not met.
const PREFIX: &str = "habeo";

/// The arithmetic of [`super::decide`] on the server's clock. Keys live until their bucket is full, which is what no key means.
const SCRIPT: &str = "
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local cost, capacity, change = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local kept = redis.call('GET', KEYS[1])
local tat = tonumber(kept or now)
local allowed = 1
if change == 'look' then
    tat = math.max(tat, now)
    if tat + cost - now > capacity then allowed = 0 end
elseif change == 'take' then
    tat = math.max(tat, now)
    if tat + cost - now <= capacity then tat = tat + cost else allowed = 0 end
elseif kept then
    tat = tat - cost
end
if tat > now then
    redis.call('SET', KEYS[1], string.format('%.0f', tat), 'PX', math.ceil((tat - now) / 1000))
else
    redis.call('DEL', KEYS[1])
end
return {allowed, tat, now}
";

/// A window: it begins with its first request, and is forgotten when it ends. What is refused is not counted.
const WINDOW: &str = "
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local rate, period = tonumber(ARGV[1]), tonumber(ARGV[2])
local taken = tonumber(redis.call('GET', KEYS[1]) or 0)
local allowed = 0
if taken < rate then
    allowed = 1
    taken = redis.call('INCR', KEYS[1])
end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
    redis.call('PEXPIRE', KEYS[1], period)
    left = period
end
return {allowed, taken, now, left}
";

/// The address of the store is not one.
#[derive(Debug, thiserror::Error)]
#[error("the address of Redis cannot be used")]
pub struct SharedError(#[from] RedisError);

/// What happens to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// One request is counted.
    Take,
    /// One is taken back.
    Refund,
    /// Nothing: it is only looked at.
    Look,
}

/// A key after a change, in microseconds of the store's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub(super) allowed: bool,
    pub(super) tat: i64,
    pub(super) now: i64,
}

/// The store that nodes share.
pub struct Shared {
    client: Client,
    script: Script,
    window: Script,
    prefix: String,
    connection: Mutex<Option<MultiplexedConnection>>,
    connecting: AtomicBool,
    present: AtomicBool,
    fallbacks: AtomicU64,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password.
        f.debug_struct("Shared")
            .field("present", &self.is_present())
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// The store at an address: `redis://` or `rediss://`. It makes no connection yet.
    pub fn new(url: &str) -> Result<Self, SharedError> {
        Self::prefixed(url, PREFIX)
    }

    /// The same, with keys of its own: a test's, or those of a second installation in one database.
    pub fn prefixed(url: &str, prefix: &str) -> Result<Self, SharedError> {
        Ok(Self {
            client: Client::open(url)?,
            script: Script::new(SCRIPT),
            window: Script::new(WINDOW),
            prefix: prefix.to_owned(),
            connection: Mutex::default(),
            connecting: AtomicBool::new(false),
            present: AtomicBool::new(false),
            fallbacks: AtomicU64::new(0),
        })
    }

    /// Connects, so that the first request finds the store; when it cannot be reached, it is sought for in the background.
    pub async fn connect(self: &Arc<Self>) {
        if !self.try_connect().await {
            tracing::warn!("Redis does not answer; this node limits rates by itself");
            self.seek(RETRY_AFTER);
        }
    }

    /// Whether the store answered last time.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.present.load(Ordering::Relaxed)
    }

    /// How many requests were counted on this node because the store did not answer.
    #[must_use]
    pub fn fallbacks(&self) -> u64 {
        self.fallbacks.load(Ordering::Relaxed)
    }

    /// Changes a key. None when the store does not answer in time; then it is not asked again before it has been found.
    pub(super) async fn change(
        self: &Arc<Self>,
        name: &str,
        key: Key,
        quota: Quota,
        change: Change,
    ) -> Option<State> {
        let change = match change {
            Change::Take => "take",
            Change::Refund => "refund",
            Change::Look => "look",
        };
        let (cost, capacity) = (quota.cost_micros(), quota.capacity_micros());
        let arguments = [&cost.to_string(), &capacity.to_string(), change];
        let answer = self.ask(&self.script, name, key, &arguments).await;
        answer.map(|(allowed, tat, now): (i64, i64, i64)| State {
            allowed: allowed == 1,
            tat,
            now,
        })
    }

    /// Counts a request in the window of a key. None when the store does not answer in time, as with [`Self::change`].
    pub(super) async fn count(
        self: &Arc<Self>,
        name: &str,
        key: Key,
        window: Window,
    ) -> Option<Counted> {
        let period_ms = window.period_micros() / 1_000;
        let arguments = [&*window.rate.max(1).to_string(), &period_ms.to_string()];
        let answer = self.ask(&self.window, name, key, &arguments).await;
        answer.map(Counted::of)
    }

    async fn ask<T: FromRedisValue>(
        self: &Arc<Self>,
        script: &Script,
        name: &str,
        key: Key,
        arguments: &[&str],
    ) -> Option<T> {
        let connection = self.held().clone();
        let Some(mut connection) = connection else {
            self.fall_back();
            self.seek(Duration::ZERO);
            return None;
        };
        let mut invocation = script.key(self.name_of(name, key));
        for argument in arguments {
            invocation.arg(*argument);
        }
        let answer = invocation.invoke_async::<T>(&mut connection);
        match tokio::time::timeout(ANSWER_TIMEOUT, answer).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => self.lost(&error.category()),
            Err(_) => self.lost(&"no answer in time"),
        }
    }

    /// The organisation first, in braces: in a cluster of Redis an organisation's keys lie together.
    fn name_of(&self, name: &str, key: Key) -> String {
        let (org, principal) = key.halves();
        format!("{{{}}}:{}:{name}:{}", hex(org), self.prefix, hex(principal))
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<MultiplexedConnection>> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn lost<T>(self: &Arc<Self>, why: &dyn fmt::Display) -> Option<T> {
        *self.held() = None;
        if self.present.swap(false, Ordering::Relaxed) {
            tracing::warn!(%why, "Redis does not answer; this node limits rates by itself");
        }
        self.fall_back();
        // Not at once: one that can be reached and does not work would otherwise be found and lost with every request.
        self.seek(RETRY_AFTER);
        None
    }

    fn fall_back(&self) {
        self.fallbacks.fetch_add(1, Ordering::Relaxed);
    }

    /// Looks for the store in a task of its own, one at a time, until it is found or nobody limits any more.
    fn seek(self: &Arc<Self>, pause: Duration) {
        if self.connecting.swap(true, Ordering::AcqRel) {
            return;
        }
        let shared = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            loop {
                let Some(shared) = shared.upgrade() else {
                    return;
                };
                if shared.try_connect().await {
                    shared.connecting.store(false, Ordering::Release);
                    return;
                }
                drop(shared);
                tokio::time::sleep(RETRY_AFTER).await;
            }
        });
    }

    async fn try_connect(&self) -> bool {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(CONNECT_TIMEOUT));
        let connected = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        match tokio::time::timeout(CONNECT_TIMEOUT, connected).await {
            Ok(Ok(connection)) => {
                *self.held() = Some(connection);
                if !self.present.swap(true, Ordering::Relaxed) {
                    tracing::info!("Redis answers; rates are shared between nodes");
                }
                true
            }
            Ok(Err(error)) => {
                tracing::debug!(why = error.category(), "Redis cannot be reached");
                false
            }
            Err(_) => false,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
