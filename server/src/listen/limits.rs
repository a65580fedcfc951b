//! What a connection may cost. A test can tighten these; nothing loosens them.

use std::time::Duration;

/// Connections in all.
pub const CONNECTIONS_MAX: usize = 4_096;
/// Connections of one address; a whole /64 of IPv6 is one.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 256;
/// How long the first head may take, counted from the accepting, also before its first byte.
pub const FIRST_HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long each later head may take, counted from its first byte.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a kept connection may be silent between an answer and the next request.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may take nothing of an answer.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of the first line: method, a target of 8 KiB, version.
pub const LINE_BYTES_MAX: usize = TARGET_BYTES_MAX + 64;
/// Bytes of the target.
pub const TARGET_BYTES_MAX: usize = 8 * 1_024;
/// Bytes of all headers, as they stand on the wire.
pub const HEADERS_BYTES_MAX: usize = 16 * 1_024;
/// Headers of one request.
pub const HEADERS_MAX: usize = 64;
/// How long is waited after a failed accept: without a pause, running out of descriptors takes a whole core.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long a stopping server waits for the first word of a connection that it has just accepted.
pub const FIRST_WORD_TIMEOUT: Duration = Duration::from_secs(1);
/// How long and how much is read of a client who is still sending when the answer is complete. Closing at once would destroy the answer on
/// its way.
pub const LINGER_TIMEOUT: Duration = Duration::from_secs(1);
/// See [`LINGER_TIMEOUT`].
pub const LINGER_BYTES_MAX: usize = 512 * 1_024;

/// The limits of one listener.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// [`CONNECTIONS_MAX`]
    pub connections_max: usize,
    /// [`CONNECTIONS_PER_ADDRESS_MAX`]
    pub connections_per_address_max: usize,
    /// [`FIRST_HEAD_TIMEOUT`]
    pub first_head_timeout: Duration,
    /// [`HEAD_TIMEOUT`]
    pub head_timeout: Duration,
    /// [`IDLE_TIMEOUT`]
    pub idle_timeout: Duration,
    /// [`WRITE_TIMEOUT`]
    pub write_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: CONNECTIONS_MAX,
            connections_per_address_max: CONNECTIONS_PER_ADDRESS_MAX,
            first_head_timeout: FIRST_HEAD_TIMEOUT,
            head_timeout: HEAD_TIMEOUT,
            idle_timeout: IDLE_TIMEOUT,
            write_timeout: WRITE_TIMEOUT,
        }
    }
}
