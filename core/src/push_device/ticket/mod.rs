//! Tickets: the push service's names for what it took, by which it says later what became of it.
//!
//! It makes that known after about a quarter of an hour and forgets it after a day. Until then it is asked four times; what it says nothing of by
//! then stays unknown.

pub mod store;

use crate::closed_set::closed_set;
use crate::id::{OrgId, ParcelId, PushDeviceId};
use crate::time::{SECOND_MICROS, Timestamp};

use super::Platform;

/// The most characters of a ticket. The service's are UUIDs.
pub const TICKET_CHARS_MAX: usize = 200;
/// When it is asked, after a notice was sent: in 15 minutes, an hour, six hours, and an hour before it forgets.
const ASK_AFTER_MICROS: [i64; 4] = [
    900 * SECOND_MICROS,
    3_600 * SECOND_MICROS,
    6 * 3_600 * SECOND_MICROS,
    23 * 3_600 * SECOND_MICROS,
];

closed_set! {
    /// What is known of something that was sent.
    TicketStatus {
        /// The push service has it.
        Sent = "sent",
        /// The phone's maker has it. Whether anybody saw it nobody says.
        Delivered = "delivered",
        /// It did not get there.
        Failed = "failed",
        /// The push service never said.
        Unknown = "unknown",
    }
}

/// Something that the push service took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its name for it.
    pub ticket: String,
    /// The parcel that it was.
    pub parcel: ParcelId,
    /// For which phone.
    pub device: PushDeviceId,
    /// What that phone runs.
    pub platform: Platform,
}

/// A ticket of which the service is to be asked.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Due {
    /// Whose.
    #[sqlx(rename = "org_id")]
    pub org: OrgId,
    /// Which.
    pub ticket: String,
    /// How often it was asked before.
    pub asked: i64,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// A ticket as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Ticket {
    /// The service's name for it.
    pub ticket: String,
    /// The parcel that it was.
    #[sqlx(rename = "parcel_id")]
    pub parcel: ParcelId,
    /// For which phone.
    #[sqlx(rename = "device_id")]
    pub device: PushDeviceId,
    /// What that phone runs.
    pub platform: Platform,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// What is known of it.
    pub status: TicketStatus,
    /// The service's word for what went wrong.
    pub code: Option<String>,
}

/// When the service is asked the next time, having been asked this often; never again after the last.
#[must_use]
pub fn ask_at(sent_at: Timestamp, asked: i64) -> Option<Timestamp> {
    let after = ASK_AFTER_MICROS.get(usize::try_from(asked).ok()?)?;
    Some(sent_at.plus_micros(*after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_asked_four_times_within_a_day() {
        let sent_at = Timestamp::from_seconds(1_000);
        let minutes: Vec<Option<i64>> = (0..5)
            .map(|asked| Some((ask_at(sent_at, asked)?.seconds() - 1_000) / 60))
            .collect();
        assert_eq!(minutes, [Some(15), Some(60), Some(360), Some(1_380), None]);
        assert_eq!(ask_at(sent_at, -1), None);
    }
}
