//! The process as an operator runs it: what it writes, how it is watched, and how it ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const PATIENCE: Duration = Duration::from_mins(1);

struct Served {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Served {
    /// Starts it on a new folder, and waits until it says where it answers.
    fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = Command::new(env!("CARGO_BIN_EXE_habeo"))
            .env_clear()
            .env("HABEO_DATA_DIR", folder.path().join("data"))
            .env("HABEO_SANDBOX", "false")
            .env("HABEO_LISTEN", "127.0.0.1:0")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split([' ', '/']).next())
            .and_then(|address| address.parse().ok())
            .unwrap_or_else(|| panic!("no address in {line:?}"));
        Self {
            process,
            address,
            _folder: folder,
        }
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.process.id().to_string()])
            .status();
        assert!(sent.expect("kill").success());
    }

    fn end(&mut self) -> (ExitStatus, String) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("a process") {
                let mut said = String::new();
                let mut log = self.process.stderr.take().expect("its log");
                log.read_to_string(&mut said).expect("UTF-8");
                return (status, said);
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[cfg(unix)]
#[test]
fn asked_to_stop_it_ends_well() {
    for signal in ["-TERM", "-INT"] {
        let mut served = Served::start(&[("HABEO_STOP_DELAY_MS", "50")]);
        assert!(get(served.address, "/readyz").starts_with("HTTP/1.1 200 "));
        served.signal(signal);
        let (status, log) = served.end();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(TcpStream::connect(served.address).is_err());
        // Standard error is no terminal here: every line is an object.
        for line in log.lines() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            for name in ["timestamp", "level", "target", "message"] {
                assert!(line[name].is_string(), "{name}: {line}");
            }
            if line["message"] == "request served" {
                assert_eq!(line["route"], "/readyz");
                assert_eq!(line["request.id"].as_str().map(str::len), Some(36));
            }
        }
        assert!(log.contains("request served"), "{log}");
    }
}

#[cfg(unix)]
#[test]
fn asked_twice_it_ends_at_once() {
    let mut served = Served::start(&[("HABEO_LOG_FORMAT", "text")]);
    // A request that never comes to its end would be waited for.
    let mut held = TcpStream::connect(served.address).expect("a connection");
    held.write_all(b"GET / HTTP/1.1\r\n").expect("sent");
    served.signal("-TERM");
    while !get(served.address, "/readyz").contains("\"stopping\"") {}
    served.signal("-TERM");
    let (status, log) = served.end();
    assert_eq!(status.code(), Some(130), "{log}");
    assert!(!log.starts_with('{'), "{log}");
}

#[test]
fn figures_have_a_listener_of_their_own() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let metrics = free.local_addr().expect("an address");
    drop(free);
    let served = Served::start(&[("HABEO_METRICS_LISTEN", &metrics.to_string())]);
    assert!(get(served.address, "/metrics").starts_with("HTTP/1.1 404 "));
    get(served.address, "/healthz");
    get(served.address, "/never/heard/of/this");
    let begun = Instant::now();
    // The listener is bound a moment after the address was printed.
    while TcpStream::connect(metrics).is_err() {
        assert!(begun.elapsed() < PATIENCE);
    }
    let answer = get(metrics, "/metrics");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(
        answer
            .to_lowercase()
            .contains("x-content-type-options: nosniff")
    );
    for part in [
        "habeo_requests_total{route=\"/healthz\",method=\"GET\",status=\"2xx\"} 1",
        "habeo_requests_total{route=\"-\",method=\"GET\",status=\"4xx\"} 2",
        "habeo_connections_open ",
        "habeo_pool_connections{pool=\"writer\",use=\"idle\"} 1",
        "habeo_recording_stopped 0",
        "habeo_request_seconds_bucket",
    ] {
        assert!(answer.contains(part), "{part} in {answer}");
    }
    assert!(!answer.contains("heard"), "{answer}");
    assert!(get(metrics, "/healthz").starts_with("HTTP/1.1 404 "));
}
