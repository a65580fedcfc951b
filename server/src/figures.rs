//! Figures for whoever watches over the server, in the text form that Prometheus reads, on a listener of their own.
//!
//! What is counted is named where it happens, by the facade; here it is collected. No label has a value of a caller's choosing, and none
//! names an organization.

use std::sync::Arc;

use anyhow::Context as _;
use habeo_core::store::Db;
use habeo_surface::catalogue::Catalogue;
use habeo_surface::edge;
use habeo_surface::openapi::RouteTable;
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use poem::{Endpoint, IntoEndpoint as _, Request, Response, Route, get};

use crate::app::App;

/// Where they are read.
pub const PATH: &str = "/metrics";
/// The form that scrapers ask for.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Upper bounds of durations, in seconds.
const SECONDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0,
];
/// Upper bounds of the sizes of groups.
const UNITS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// Begins to collect, and gives the handle by which it is read. Once per process.
pub fn collect() -> anyhow::Result<PrometheusHandle> {
    let recorder = recorder()?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)
        .ok()
        .context("figures are collected already")?;
    Ok(handle)
}

fn recorder() -> anyhow::Result<PrometheusRecorder> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Full("habeo_writer_group_size".to_owned()), &UNITS)?
        .build_recorder();
    metrics::with_local_recorder(&recorder, describe);
    Ok(recorder)
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!(
        "habeo_requests_total",
        "Answers, by route, method and class of status."
    );
    describe_histogram!("habeo_request_seconds", "How long answers took, by route.");
    describe_counter!(
        "habeo_requests_refused_total",
        "Requests that were refused before they were one, by fault."
    );
    describe_counter!(
        "habeo_limiter_refusals_total",
        "Answers of 429, by limiter."
    );
    describe_gauge!("habeo_connections_open", "Connections.");
    describe_counter!(
        "habeo_connections_accepted_total",
        "Connections that came in."
    );
    describe_counter!(
        "habeo_connections_refused_total",
        "Connections that did not, by reason."
    );
    describe_gauge!(
        "habeo_writer_queue_depth",
        "Units of work that wait or run."
    );
    describe_histogram!(
        "habeo_writer_group_size",
        "Units of work in one transaction."
    );
    describe_histogram!(
        "habeo_writer_group_seconds",
        "From beginning a transaction to its end."
    );
    describe_histogram!("habeo_writer_commit_seconds", "How long commits took.");
    describe_counter!(
        "habeo_writer_group_failures_total",
        "Transactions that left nothing."
    );
    describe_counter!("habeo_ledger_entries_total", "Entries that became durable.");
    describe_gauge!("habeo_parcels_queued", "Parcels that wait, by channel.");
    describe_gauge!(
        "habeo_parcel_oldest_seconds",
        "How long the oldest parcel has waited, by channel."
    );
    describe_counter!(
        "habeo_parcels_total",
        "Attempts to deliver, by channel and outcome."
    );
    describe_counter!(
        "habeo_push_requests_total",
        "Requests to the push service, by what was asked and how it answered."
    );
    describe_counter!(
        "habeo_push_messages_total",
        "Messages for phones, by platform and what became of them."
    );
    describe_counter!(
        "habeo_push_receipts_total",
        "What the push service said later of messages."
    );
    describe_gauge!(
        "habeo_push_stopped",
        "Whether nothing is sent to phones of a platform, because our credentials there do not work."
    );
    describe_gauge!(
        "habeo_pool_connections",
        "Connections to the database, by pool and use."
    );
    describe_gauge!(
        "habeo_recording_stopped",
        "Whether nothing more is recorded."
    );
}

/// The endpoint of the listener, with the headers and bounds of every other.
#[must_use]
pub fn endpoint(app: &App, handle: PrometheusHandle) -> impl Endpoint<Output = Response> + use<> {
    let ledger = &app.node.ledger;
    let figures = Figures {
        handle,
        ledger: ledger.clone(),
    };
    let settings = edge::Settings::new(
        ledger.shared_clock(),
        ledger.shared_random(),
        Arc::new(Catalogue::complete()),
    )
    .routes(RouteTable::default().pages([PATH]));
    let route = Route::new().at(PATH, get(figures));
    edge::edge(route.into_endpoint(), settings)
}

struct Figures {
    handle: PrometheusHandle,
    ledger: habeo_core::ledger::Ledger,
}

impl Endpoint for Figures {
    type Output = Response;

    async fn call(&self, _: Request) -> poem::Result<Response> {
        look(self.ledger.db());
        let stopped = self.ledger.stopped_because().is_some();
        metrics::gauge!("habeo_recording_stopped").set(f64::from(u8::from(stopped)));
        self.handle.run_upkeep();
        Ok(Response::builder()
            .content_type(MEDIA_TYPE)
            .body(self.handle.render()))
    }
}

/// What is only known by looking.
fn look(db: &Db) {
    for pool in db.pools() {
        let open = f64::from(pool.open);
        let idle = f64::from(u32::try_from(pool.idle).unwrap_or(u32::MAX));
        metrics::gauge!("habeo_pool_connections", "pool" => pool.name, "use" => "idle").set(idle);
        metrics::gauge!("habeo_pool_connections", "pool" => pool.name, "use" => "busy")
            .set((open - idle).max(0.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_their_form() {
        let recorder = recorder().expect("a recorder");
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("habeo_requests_total", "route" => "/a", "status" => "2xx")
                .increment(2);
            metrics::histogram!("habeo_request_seconds", "route" => "/a").record(0.003);
        });
        let text = recorder.handle().render();
        for line in [
            "# TYPE habeo_requests_total counter",
            "habeo_requests_total{route=\"/a\",status=\"2xx\"} 2",
            "habeo_request_seconds_bucket{route=\"/a\",le=\"0.0025\"} 0",
            "habeo_request_seconds_bucket{route=\"/a\",le=\"0.005\"} 1",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
