//! Who approves what is bought: up to which amounts one person suffices, and who approves in somebody's place.

pub(super) mod delegations;
pub(super) mod limits;

use habeo_core::approval::Delegation;
use habeo_core::time::Timestamp;
use habeo_core::zone;

use super::procurement::names::Names;

/// Where limits are set.
const LIMITS: &str = "/admin/approvals";
/// Where somebody lets another approve in their place.
const DELEGATIONS: &str = "/procurement/delegations";

/// A delegation in a list.
#[derive(Debug)]
struct Row {
    id: String,
    from: String,
    to: String,
    since: String,
    until: String,
    state: &'static str,
    is_over: bool,
}

impl Row {
    /// Days as the organization's calendar has them; the last one counts.
    fn of(delegation: &Delegation, names: &Names, timezone: &str, now: Timestamp) -> Self {
        let day = |at| zone::local(timezone, at).day.to_string();
        let over = delegation.ended_at.is_some() || delegation.ends_at <= now;
        Self {
            id: delegation.id.to_string(),
            from: names.person(delegation.from),
            to: names.person(delegation.to),
            since: day(delegation.starts_at),
            until: day(delegation.ends_at.plus_micros(-1)),
            state: match delegation.ended_at {
                Some(_) => "ended",
                None if over => "over",
                None if delegation.is_live(now) => "holds",
                None => "to come",
            },
            is_over: over,
        }
    }
}
