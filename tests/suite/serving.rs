//! A server whose ledger contradicts itself ends, and says so.

use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use habeo_server::cli;
use habeo_tests::must;
use habeo_tests::raw::Raw;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_mins(1);

fn variables(folder: &Path) -> Vec<(String, String)> {
    [
        ("HABEO_DATA_DIR", folder.display().to_string()),
        ("HABEO_SANDBOX", "false".to_owned()),
        ("HABEO_LISTEN", "127.0.0.1:0".to_owned()),
        ("HABEO_STOP_DELAY_MS", "20".to_owned()),
        ("HABEO_LOG", "off".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn habeo(folder: &Path, words: &[&str]) -> String {
    let mut answer = Vec::new();
    let words = std::iter::once(&"habeo").chain(words);
    must(cli::run(words, variables(folder), &mut answer));
    String::from_utf8_lossy(&answer).trim().to_owned()
}

/// Where a running command writes, read from elsewhere.
struct Told(Sender<Vec<u8>>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        drop(self.0.send(bytes.to_vec()));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits for the address that the server prints.
fn address(told: &Receiver<Vec<u8>>) -> String {
    let mut said = String::new();
    loop {
        if let Some(rest) = said.split("http://").nth(1)
            && let Some((address, _)) = rest.split_once(' ')
        {
            return address.to_owned();
        }
        said.push_str(&String::from_utf8_lossy(&must(told.recv_timeout(PATIENCE))));
    }
}

async fn register(address: &str, token: &str) -> String {
    let body = r#"{"token":"ExponentPushToken[halt]","platform":"android"}"#;
    let mut stream = must(TcpStream::connect(address).await);
    let request = format!(
        "POST /api/v1/push/register HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    must(stream.write_all(request.as_bytes()).await);
    let mut answer = String::new();
    must(stream.read_to_string(&mut answer).await);
    answer
}

#[test]
fn a_ledger_that_contradicts_itself_ends_the_server() {
    let folder = must(tempfile::tempdir());
    let folder = folder.path().join("data");
    habeo(
        &folder,
        &[
            "org",
            "create",
            "--name",
            "Example College",
            "--slug",
            "example",
        ],
    );
    let grant = [
        "grant",
        "--org",
        "example",
        "--person",
        "user_1",
        "--role",
        "org_admin",
        "--create",
        "Somebody",
    ];
    habeo(&folder, &grant);
    let token = habeo(
        &folder,
        &["token", "--org", "example", "--person", "user_1"],
    );
    let (tell, told) = channel();
    let serving = thread::spawn({
        let variables = variables(&folder);
        move || cli::run(["habeo", "serve"], variables, &mut Told(tell))
    });
    let address = address(&told);
    let runtime = must(tokio::runtime::Runtime::new());
    runtime.block_on(async {
        let answer = register(&address, &token).await;
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
        let mut raw = Raw::sqlite(&folder.join("habeo.db")).await;
        must(raw.execute("UPDATE ledger_head SET frontier = x'00'").await);
        let answer = register(&address, &token).await;
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
        assert!(!answer.contains("ledger_head"), "{answer}");
    });
    let ended = must(serving.join().map_err(|_| "a panic"));
    let error = must(ended.err().ok_or("it ended as if nothing had happened"));
    assert!(
        error.to_string().contains("recording had to stop"),
        "{error:#}"
    );
}
