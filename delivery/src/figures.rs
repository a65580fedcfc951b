//! What the worker tells whoever watches over the server. No figure names an organisation.

use habeo_core::endpoint::delivery::settle::Done;
use habeo_core::outbox::lease::Verdict;
use habeo_core::outbox::store::Backlog;
use habeo_core::outbox::{Channel, Outcome};
use habeo_core::time::{SECOND_MICROS, Timestamp};

/// What became of one attempt.
pub(crate) fn settled(channel: Channel, outcome: &Outcome, verdict: Verdict) {
    let word = match (verdict, outcome) {
        (Verdict::Delivered, _) => "delivered",
        (Verdict::Obsolete, _) => "obsolete",
        (Verdict::Again(_), _) => "retried",
        (Verdict::Dead, _) => "dead",
        (Verdict::Late, _) => "late",
    };
    metrics::counter!("habeo_parcels_total", "channel" => channel.as_str(), "outcome" => word)
        .increment(1);
}

/// What became of a delivery to an endpoint, and how long its last attempt took.
pub(crate) fn delivered(done: &Done) {
    let word = if done.accepted { "delivered" } else { "failed" };
    metrics::counter!("habeo_deliveries_total", "outcome" => word).increment(1);
    if let Some(last) = done.attempts.last() {
        metrics::histogram!("habeo_delivery_seconds").record(f64::from(last.millis) / 1_000.0);
    }
}

/// How many deliveries to endpoints are under way.
pub(crate) fn in_flight(deliveries: usize) {
    let deliveries = u32::try_from(deliveries).unwrap_or(u32::MAX);
    metrics::gauge!("habeo_deliveries_in_flight").set(f64::from(deliveries));
}

/// What waits, and for how long the oldest has.
pub(crate) fn backlog(backlog: &[Backlog], now: Timestamp) {
    for channel in Channel::ALL {
        let waiting = backlog.iter().find(|waiting| waiting.channel == *channel);
        let (parcels, seconds) = waiting.map_or((0, 0), |waiting| {
            let micros = now.micros() - waiting.oldest_at.micros();
            (waiting.parcels, (micros / SECOND_MICROS).max(0))
        });
        let gauge = |number: i64| f64::from(i32::try_from(number).unwrap_or(i32::MAX));
        metrics::gauge!("habeo_parcels_queued", "channel" => channel.as_str()).set(gauge(parcels));
        metrics::gauge!("habeo_parcel_oldest_seconds", "channel" => channel.as_str())
            .set(gauge(seconds));
    }
}
