//! The release binary as a process of its own: started, timed, and ended by its handle.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::client::Client;
use crate::place::Place;
use crate::plan;

/// How long a server may take to answer at all.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// How often its port is tried.
const TRY_EVERY: Duration = Duration::from_millis(1);

/// A running server.
#[derive(Debug)]
pub struct Server {
    process: Child,
    pub address: SocketAddr,
    pub admin: String,
    pub technician: String,
    /// From starting the process to its first answer to an authenticated request.
    pub started_in: Duration,
    /// Resident memory after that answer, in MiB.
    pub idle_mib: f64,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Server {
    /// Starts it on an existing database.
    pub fn start(habeo: &Path, place: &Place) -> anyhow::Result<Self> {
        let admin = token(habeo, place, plan::SLUG, plan::ADMIN)?;
        let technician = token(habeo, place, plan::SLUG, plan::TECHNICIAN)?;
        // A port that was free a moment ago; two servers of a run would otherwise have to agree on theirs.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let begun = Instant::now();
        let process = command(habeo, place)
            .arg("serve")
            .env("HABEO_LISTEN", address.to_string())
            .env("HABEO_RATE_LIMIT_API", "6000000")
            .env("HABEO_RATE_LIMIT_API_BURST", "6000000")
            .env("HABEO_LOG", "warn")
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("{} cannot be started", habeo.display()))?;
        let mut server = Self {
            process,
            address,
            admin,
            technician,
            started_in: Duration::ZERO,
            idle_mib: 0.0,
        };
        let path = format!("/api/v1/scan/{}", plan::tag(0).as_str());
        server.await_answer(begun, &path)?;
        server.started_in = begun.elapsed();
        server.idle_mib = resident_mib(server.process.id()).unwrap_or_default();
        Ok(server)
    }

    /// The id of its process.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.process.try_wait().is_ok_and(|ended| ended.is_none())
    }

    /// Ends it without a word.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Waits until it has ended by itself, so long.
    pub fn wait(&mut self, time_max: Duration) -> anyhow::Result<Option<ExitStatus>> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(Some(status));
            }
            if begun.elapsed() > time_max {
                return Ok(None);
            }
            thread::sleep(TRY_EVERY);
        }
    }

    fn await_answer(&mut self, begun: Instant, path: &str) -> anyhow::Result<()> {
        loop {
            if let Ok(mut client) = Client::connect(self.address) {
                let answer = client.get(path, Some(&self.admin))?;
                if answer.status == 200 {
                    return Ok(());
                }
                let body = String::from_utf8_lossy(answer.body);
                bail!("the first answer was {}: {body}", answer.status);
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("the server ended with {status}");
            }
            if begun.elapsed() > START_TIMEOUT {
                bail!("the server does not answer");
            }
            thread::sleep(TRY_EVERY);
        }
    }
}

/// The binary, with the settings of the place and none of this process's.
fn command(habeo: &Path, place: &Place) -> Command {
    let mut command = Command::new(habeo);
    command
        .env_clear()
        .envs(place.variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    command
}

/// A token of somebody in an organisation.
pub fn token(habeo: &Path, place: &Place, org: &str, person: &str) -> anyhow::Result<String> {
    let output = command(habeo, place)
        .args(["token", "--org", org, "--person", person])
        .output()
        .with_context(|| format!("{} cannot be started", habeo.display()))?;
    if !output.status.success() {
        bail!(
            "no token for {person}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Linux only; elsewhere the report says 0.
fn resident_mib(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
