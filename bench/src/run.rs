//! One run: both databases served at once and asked in turn, so that whatever else the machine does meets both.

use std::path::PathBuf;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::cases::{self, Case};
use crate::load::{Bounds, Samples, load};
use crate::place::{Engine, Place};
use crate::report::{self, Measured, Row};
use crate::server::Server;
use crate::terminal::complain;
use crate::{bare, seed};

/// Connections at once, in turn.
const CONNECTIONS: [usize; 2] = [1, 16];
/// In how many turns the requests of a case are asked; the databases take each in turn.
const TURNS: usize = 4;
/// The part of the requests that is asked beforehand and not counted.
const WARM_UP_ONE_IN: usize = 20;

/// What to do.
#[derive(Debug)]
pub struct Settings {
    pub engine: Engine,
    pub habeo: PathBuf,
    pub requests: usize,
    pub time_max: Duration,
    pub only: Option<String>,
}

/// Measures, and returns the report.
pub fn run(
    runtime: &Runtime,
    settings: &Settings,
    sizes: [u32; 2],
    places: &[Place; 2],
) -> anyhow::Result<String> {
    let mut seeded = [None; 2];
    for ((place, size), seeded) in places.iter().zip(sizes).zip(&mut seeded) {
        if !runtime.block_on(seed::is_there(place))? {
            *seeded = Some(runtime.block_on(seed::seed(place, size))?);
        }
    }
    let servers = [
        Server::start(&settings.habeo, &places[0])?,
        Server::start(&settings.habeo, &places[1])?,
    ];
    let cases = [
        cases::of(&servers[0], sizes[0])?,
        cases::of(&servers[1], sizes[1])?,
    ];
    let mut rows = Vec::new();
    let [small, large] = &cases;
    for (small, large) in small.iter().zip(large) {
        let wanted = settings
            .only
            .as_ref()
            .is_none_or(|only| small.name.contains(only.as_str()) || small.token.is_empty());
        if !wanted {
            continue;
        }
        for connections in CONNECTIONS {
            complain(&format!("{}, {connections} at once", small.name));
            let samples = both(settings, &servers, [small, large], connections)?;
            rows.push(Row {
                name: small.name,
                connections,
                samples,
            });
        }
    }
    complain("the same reads without HTTP");
    let mut bare = Vec::new();
    for connections in CONNECTIONS {
        let bounds = settings.bounds(connections);
        bare.push(runtime.block_on(bare::scans(&places[1], sizes[1], bounds))?);
    }
    Ok(report::whole(&Measured {
        engine: settings.engine,
        sizes,
        seeded,
        started: [servers[0].started_in, servers[1].started_in],
        idle_mib: [servers[0].idle_mib, servers[1].idle_mib],
        rows,
        bare,
    }))
}

impl Settings {
    const fn bounds(&self, connections: usize) -> Bounds {
        Bounds {
            connections,
            requests: self.requests,
            time_max: self.time_max,
        }
    }
}

fn both(
    settings: &Settings,
    servers: &[Server; 2],
    cases: [&Case; 2],
    connections: usize,
) -> anyhow::Result<[Samples; 2]> {
    let mut samples = [Samples::default(), Samples::default()];
    let ask = |i: usize, requests: usize, time_max: Duration, seed: u64| {
        let token = Some(cases[i].token.as_str()).filter(|token| !token.is_empty());
        let bounds = Bounds {
            connections,
            requests,
            time_max,
        };
        load(servers[i].address, token, &cases[i].ask, bounds, seed)
    };
    for i in 0..samples.len() {
        ask(
            i,
            settings.requests / WARM_UP_ONE_IN,
            settings.time_max / 8,
            u64::MAX,
        )?;
    }
    for turn in 0..TURNS {
        for (i, samples) in samples.iter_mut().enumerate() {
            let time_max = settings.time_max / u32::try_from(TURNS)?;
            samples.add(ask(
                i,
                settings.requests / TURNS,
                time_max,
                u64::try_from(turn)?,
            )?);
        }
    }
    Ok(samples)
}
