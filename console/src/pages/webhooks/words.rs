//! What the pages of endpoints say.

use std::fmt::Write as _;

use habeo_core::endpoint::delivery::Status as Progress;
use habeo_core::endpoint::delivery::log::{Delivery, Share};
use habeo_core::endpoint::{Because, Endpoint, Status};

use crate::pages::connections::words::Mark;

/// How an endpoint fares, in a word.
pub(super) fn state(endpoint: &Endpoint, failures_in_row: i64) -> Mark {
    match endpoint.status {
        Status::Active if failures_in_row > 0 => ("Failing", "warn"),
        Status::Active => ("Active", "good"),
        Status::Paused => ("Paused", "warn"),
        Status::Disabled => ("Disabled", "bad"),
        Status::Removed => ("Removed", "bad"),
    }
}

/// Why nothing is sent, where nothing is.
pub(super) const fn why(endpoint: &Endpoint) -> Option<&'static str> {
    match (endpoint.status, endpoint.because) {
        (Status::Disabled, Some(Because::Gone)) => Some(
            "Its receiver said three times over an hour that it is gone (410). What happens now is not made up for; resume it when the receiver is back.",
        ),
        (Status::Disabled, _) => Some(
            "Nothing was accepted for five days. What happens now is not made up for; resume it when the receiver is back.",
        ),
        (Status::Paused, Some(Because::Suspended)) => {
            Some("The app whose it is is suspended. It is told again when the app works again.")
        }
        (Status::Paused, _) => Some(
            "It is told of nothing until you resume it. What happens meanwhile is not made up for.",
        ),
        (Status::Removed, _) => Some("It was removed. What was on its way is still delivered."),
        (Status::Active, _) => None,
    }
}

/// A share in percent.
pub(super) fn percent(share: Share) -> String {
    share.per_mille().map_or_else(
        || "nothing sent".to_owned(),
        |mille| format!("{}.{} %", mille / 10, mille % 10),
    )
}

/// How far a delivery is.
pub(super) const fn progress(delivery: &Delivery) -> Mark {
    match delivery.status {
        Progress::Delivered => ("Delivered", "good"),
        Progress::Exhausted => ("Given up", "bad"),
        Progress::Waiting if delivery.attempts > 0 => ("Will be tried again", "warn"),
        Progress::Waiting => ("Waiting", "warn"),
    }
}

/// The heights of the hours of a day as bars, for an SVG of 24 by 10: one path for what was accepted and one for what failed above it.
pub(super) fn bars(hours: &[Share]) -> (String, String) {
    let most = hours.iter().map(|hour| hour.delivered + hour.failed).max();
    let most = most.unwrap_or(0).max(1);
    let (mut accepted, mut failed) = (String::new(), String::new());
    for (x, hour) in hours.iter().enumerate() {
        // In hundredths of the height, so that one among thousands is seen.
        let height = |count: i64| {
            if count == 0 {
                0
            } else {
                (count * 1_000 / most).max(40)
            }
        };
        let (good, bad) = (height(hour.delivered), height(hour.failed));
        let good = good.min(1_000 - bad.min(1_000));
        let bar = |path: &mut String, top: i64, tall: i64| {
            if tall > 0 {
                // Writing to a String cannot fail.
                let _ = write!(
                    path,
                    "M{x} {}.{:02}h.8v{}.{:02}h-.8z",
                    top / 100,
                    top % 100,
                    tall / 100,
                    tall % 100
                );
            }
        };
        bar(&mut accepted, 1_000 - good, good);
        bar(&mut failed, 1_000 - good - bad.min(1_000), bad.min(1_000));
    }
    (accepted, failed)
}

/// A text between single quotes of a shell.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stay_within_their_frame() {
        let share = |delivered, failed| Share { delivered, failed };
        let (good, bad) = bars(&[share(10, 0), share(0, 0), share(5, 5), share(0, 1)]);
        assert_eq!(good, "M0 0.00h.8v10.00h-.8zM2 5.00h.8v5.00h-.8z");
        assert_eq!(bad, "M2 0.00h.8v5.00h-.8zM3 9.00h.8v1.00h-.8z");
        assert_eq!(
            bars(&[Share::default(); 24]),
            (String::new(), String::new())
        );
        let (good, bad) = bars(&[share(1_000_000, 1)]);
        assert_eq!(good, "M0 0.40h.8v9.60h-.8z");
        assert_eq!(bad, "M0 0.00h.8v0.40h-.8z");
    }

    #[test]
    fn shells_read_what_was_meant() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
