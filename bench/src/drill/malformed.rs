//! Thousands of requests that should not be served, none of which may be the server's fault.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, bail};

use super::hostile::{self, Operation};
use super::wire::Wire;
use crate::client::Client;
use crate::place::Place;
use crate::plan::Dice;
use crate::server::Server;
use crate::terminal::complain;

const CLIENTS: u32 = 16;

/// How often each status was answered; 0 stands for an end without a word.
type Statuses = BTreeMap<u16, usize>;

pub fn run(habeo: &Path, place: &Place, requests: u32, seed: u64) -> anyhow::Result<String> {
    let mut server = Server::start(habeo, place)?;
    let operations = operations(&server)?;
    let begun = Instant::now();
    let parts: anyhow::Result<Vec<(Statuses, Vec<u32>)>> = thread::scope(|scope| {
        let (server, operations) = (&server, operations.as_slice());
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                scope.spawn(move || {
                    let numbers = (client..requests).step_by(CLIENTS as usize);
                    send(server, operations, seed, numbers)
                })
            })
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().ok().context("a client failed")?)
            .collect()
    });
    let took = begun.elapsed();
    let mut statuses = Statuses::new();
    let mut blamed = Vec::new();
    for (part, numbers) in parts? {
        for (status, count) in part {
            *statuses.entry(status).or_default() += count;
        }
        blamed.extend(numbers);
    }
    let alive = server.is_alive()
        && Client::connect(server.address)?
            .get("/api/v1/me", Some(&server.admin))?
            .status
            == 200;
    let table: Vec<String> = statuses
        .iter()
        .map(|(status, count)| match status {
            0 => format!("no answer: {count}"),
            status => format!("{status}: {count}"),
        })
        .collect();
    let report = format!(
        "{requests} malformed requests over {} operations (seed {seed}) in {took:.1?}: {} answered 5xx, the server is {}; {}",
        operations.len(),
        blamed.len(),
        if alive { "alive" } else { "dead" },
        table.join(", ")
    );
    if !blamed.is_empty() || !alive {
        blamed.truncate(20);
        bail!("{report}; their numbers begin with {blamed:?}");
    }
    Ok(report)
}

fn operations(server: &Server) -> anyhow::Result<Vec<Operation>> {
    let mut client = Client::connect(server.address)?;
    let document = client.get("/api/v1/openapi.json", None)?;
    let operations = hostile::operations(&serde_json::from_slice(document.body)?);
    if operations.is_empty() {
        bail!("the description names no operation");
    }
    Ok(operations)
}

/// Sends the requests with these numbers. Each is made from the seed and its number alone, so that one can be sent again.
fn send(
    server: &Server,
    operations: &[Operation],
    seed: u64,
    numbers: impl Iterator<Item = u32>,
) -> anyhow::Result<(Statuses, Vec<u32>)> {
    let mut statuses = Statuses::new();
    let mut blamed = Vec::new();
    for number in numbers {
        let mut dice = Dice::new(seed ^ (u64::from(number) << 20));
        let is_raw = number % 2 == 0;
        let bytes = if is_raw {
            hostile::raw(&mut dice)
        } else {
            hostile::well_formed(&mut dice, operations, &server.admin)
        };
        let answers = Wire::to(server.address)?
            .provoke(&bytes)
            .with_context(|| format!("request {number} was left without an end"))?;
        if answers.iter().any(|status| *status >= 500) {
            complain(&format!(
                "request {number}: {answers:?} to {}",
                bytes.escape_ascii()
            ));
            blamed.push(number);
        }
        if answers.is_empty() {
            *statuses.entry(0).or_default() += 1;
        }
        for status in answers {
            *statuses.entry(status).or_default() += 1;
        }
    }
    Ok((statuses, blamed))
}
