//! What is told of many times.

use std::time::Duration;

/// The time that this share of them took at most.
pub fn quantile(mut times: Vec<Duration>, share: f64) -> Duration {
    times.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index below the number of times"
    )]
    let at = (times.len().saturating_sub(1) as f64 * share).ceil() as usize;
    times.get(at).copied().unwrap_or_default()
}
