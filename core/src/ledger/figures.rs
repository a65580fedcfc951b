//! What the writer tells whoever watches over the server. No figure names an organisation.

use std::time::Duration;

/// Units of work that wait or run.
pub(super) fn waiting(units: f64) {
    metrics::gauge!("habeo_writer_queue_depth").increment(units);
}

/// One group: how many units of work, how long from its beginning to its end, and how it ended.
pub(super) fn group(units: usize, took: Duration, failed: bool) {
    let size = u32::try_from(units).unwrap_or(u32::MAX);
    waiting(-f64::from(size));
    metrics::histogram!("habeo_writer_group_size").record(f64::from(size));
    metrics::histogram!("habeo_writer_group_seconds").record(took.as_secs_f64());
    if failed {
        metrics::counter!("habeo_writer_group_failures_total").increment(1);
    }
}

/// How long a commit took.
pub(super) fn commit(took: Duration) {
    metrics::histogram!("habeo_writer_commit_seconds").record(took.as_secs_f64());
}

/// Entries that became durable.
pub(super) fn entries(count: u64) {
    metrics::counter!("habeo_ledger_entries_total").increment(count);
}
