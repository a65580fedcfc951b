//! The client against real receivers on loopback, its rules against tables, and both against texts that nobody thought of.

mod addresses;
mod answers;
mod exchange;
mod forms;
mod names;
mod own;
mod receiver;
mod secrets;
mod targets;
mod times;
mod trust;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use habeo_core::id::OrgId;
use habeo_core::random::SeededRandom;
use habeo_core::time::{SetClock, Timestamp};

use crate::resolve::{Found, Resolve};
use crate::{AllowList, Egress, Lane, Settings, Target};

/// 2026-01-01T00:00:00Z.
pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_767_225_600);

pub(super) fn settings() -> Settings {
    Settings::new(Arc::new(SetClock::at(NOW)))
}

/// A client that may reach these receivers.
pub(super) fn egress(receivers: &[SocketAddr]) -> Egress {
    Egress::new(settings().allow(allowing(receivers)))
}

pub(super) fn allowing(receivers: &[SocketAddr]) -> AllowList {
    let entries: Vec<String> = receivers.iter().map(ToString::to_string).collect();
    entries.join(",").parse().expect("an allow list")
}

pub(super) fn to(egress: &Egress, receiver: SocketAddr, path: &str) -> Target {
    egress
        .target(&format!("http://{receiver}{path}"))
        .expect("an allowed address")
}

pub(super) fn org(seed: u64) -> Lane {
    Lane::Organization(OrgId::generate(NOW, &SeededRandom::new(seed)))
}

/// Names with their addresses, look-up after look-up; the last ones stay. Every look-up is counted.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    pub(super) fn of(name: &str, lookups: &[&[&str]]) -> Arc<Self> {
        let addresses = |list: &&[&str]| {
            let list = list.iter().map(|text| text.parse().expect("an address"));
            list.collect()
        };
        let names = Self::default();
        let lookups = lookups.iter().map(addresses).collect();
        names
            .known
            .lock()
            .expect("a lock")
            .insert(name.to_owned(), lookups);
        Arc::new(names)
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a lock").clone()
    }
}

impl Resolve for Names {
    fn resolve(&self, name: &str) -> Found {
        self.asked.lock().expect("a lock").push(name.to_owned());
        let mut known = self.known.lock().expect("a lock");
        let found = known.get_mut(name).and_then(|lookups| {
            if lookups.len() > 1 {
                lookups.pop_front()
            } else {
                lookups.front().cloned()
            }
        });
        let found = found.ok_or_else(|| io::Error::other("no such name"));
        Box::pin(async move { found })
    }
}
