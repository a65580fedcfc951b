//! What the courier of phones tells whoever watches over the server. No figure names an organisation or a phone.

use habeo_core::push_device::Platform;
use habeo_core::push_device::stop::Stop;

use super::transport::{Reply, Route, Unanswered};

/// A request to the push service, and how it ended.
pub(super) fn asked(route: Route, answered: &Result<Reply, Unanswered>) {
    let word = match answered {
        Ok(reply) => match reply.status {
            200..=299 => "2xx",
            429 => "429",
            300..=499 => "4xx",
            _ => "5xx",
        },
        Err(_) => "none",
    };
    metrics::counter!("habeo_push_requests_total", "route" => route.word(), "answer" => word)
        .increment(1);
}

/// What became of a message.
pub(super) fn message(platform: Platform, outcome: &'static str) {
    metrics::counter!("habeo_push_messages_total", "platform" => platform.as_str(), "outcome" => outcome)
        .increment(1);
}

/// What the push service said later of messages.
pub(super) fn receipts(outcome: &'static str, count: usize) {
    metrics::counter!("habeo_push_receipts_total", "outcome" => outcome)
        .increment(u64::try_from(count).unwrap_or(u64::MAX));
}

/// The platforms to which nothing is sent.
pub(super) fn stops(stops: &[Stop]) {
    for platform in Platform::ALL {
        let is_stopped = stops.iter().any(|stop| stop.platform == *platform);
        metrics::gauge!("habeo_push_stopped", "platform" => platform.as_str())
            .set(f64::from(u8::from(is_stopped)));
    }
}
