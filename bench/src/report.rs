//! The tables of a run, as markdown.

use std::time::Duration;

use crate::load::Samples;
use crate::place::{Engine, size_name};
use crate::seed::Seeded;

/// Everything that a run has measured.
#[derive(Debug)]
pub struct Measured {
    pub engine: Engine,
    pub sizes: [u32; 2],
    pub seeded: [Option<Seeded>; 2],
    pub started: [Duration; 2],
    pub idle_mib: [f64; 2],
    pub rows: Vec<Row>,
    /// The reads of a scan in the large database without HTTP, by number of connections.
    pub bare: Vec<Samples>,
}

/// One case at one number of connections, in the small and the large database.
#[derive(Debug)]
pub struct Row {
    pub name: &'static str,
    pub connections: usize,
    pub samples: [Samples; 2],
}

const fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    }
}

/// How fast assets were entered.
pub fn seeded(engine: Engine, assets: u32, seeded: Seeded) -> String {
    let seconds = seeded.assets.as_secs_f64();
    let rate = f64::from(assets) / seconds;
    format!(
        "{}: {assets} assets entered in {seconds:.1} s, {rate:.0} per second",
        engine_name(engine)
    )
}

/// The whole report.
pub fn whole(measured: &Measured) -> String {
    let mut text = format!("## {}\n\n", engine_name(measured.engine));
    for (size, time) in measured.sizes.iter().zip(measured.seeded) {
        if let Some(time) = time {
            line(&mut text, &seeded(measured.engine, *size, time));
        }
    }
    cases(&mut text, measured);
    comparisons(&mut text, measured);
    text
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn cases(text: &mut String, measured: &Measured) {
    let [small, large] = measured.sizes.map(size_name);
    line(
        text,
        &format!(
            "\n| request | connections | p50 {small} | p99 {small} | p50 {large} | p99 {large} | requests/s {small} | requests/s {large} \
             | p50 ratio | p99 ratio |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
        ),
    );
    for row in &measured.rows {
        let [a, b] = &row.samples;
        line(
            text,
            &format!(
                "| {} | {} | {} | {} | {} | {} | {:.0} | {:.0} | {:.2} | {:.2} |",
                row.name,
                row.connections,
                time(a.percentile(50)),
                time(a.percentile(99)),
                time(b.percentile(50)),
                time(b.percentile(99)),
                a.throughput(),
                b.throughput(),
                b.percentile(50) / a.percentile(50),
                b.percentile(99) / a.percentile(99),
            ),
        );
    }
}

fn time(micros: f64) -> String {
    format!("{:.2} ms", micros / 1_000.0)
}

fn comparisons(text: &mut String, measured: &Measured) {
    let large = size_name(measured.sizes[1]);
    line(text, "\n| compared | value |\n|---|--:|");
    let find = |name: &str, connections: usize| {
        measured
            .rows
            .iter()
            .find(|row| row.name == name && row.connections == connections)
            .map(|row| &row.samples[1])
    };
    for (bare, connections) in measured.bare.iter().zip([1, 16]) {
        if let (Some(tiny), Some(whole)) = (
            find("first page of the tiny unit", connections),
            find("first page", connections),
        ) {
            let ratio = tiny.percentile(99) / whole.percentile(99);
            line(
                text,
                &format!(
                    "| p99 first page, tiny unit to whole, {large}, {connections} at once | {ratio:.2} |"
                ),
            );
        }
        let Some(scan) = find("scan of a tag", connections) else {
            continue;
        };
        let ratio = scan.throughput() / bare.throughput();
        line(
            text,
            &format!(
                "| scans/s over HTTP to the same reads without, {large}, {connections} at once | {:.0} / {:.0} = {ratio:.2} |",
                scan.throughput(),
                bare.throughput()
            ),
        );
        if let Some(empty) = find("empty handler", connections) {
            let ratio = scan.mean() / (bare.mean() + empty.mean());
            line(
                text,
                &format!(
                    "| time of a scan to bare reads + empty handler, {large}, {connections} at once | {} / ({} + {}) = {ratio:.2} |",
                    time(scan.mean()),
                    time(bare.mean()),
                    time(empty.mean())
                ),
            );
        }
    }
    for i in 0..measured.sizes.len() {
        let size = size_name(measured.sizes[i]);
        let started = measured.started[i].as_millis();
        line(
            text,
            &format!("| start to first answer, {size} | {started} ms |"),
        );
        line(
            text,
            &format!("| idle memory, {size} | {:.0} MiB |", measured.idle_mib[i]),
        );
    }
}
