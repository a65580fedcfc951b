//! A client that sends any bytes and notes how an exchange ended.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take before the drill fails.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the server may think about what is perhaps no request.
const THINKING: Duration = Duration::from_millis(150);

/// A connection.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

/// An answer, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Whether the connection is not used after it.
    pub closes: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub struct Broken {
    /// Whether some of it had come.
    pub begun: bool,
    pub error: io::Error,
}

impl Wire {
    pub fn to(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        Ok(Self {
            stream,
            read: Vec::new(),
        })
    }

    /// Sends a request and reads its answer.
    pub fn ask(&mut self, request: &[u8]) -> Result<Reply, Broken> {
        self.send(request);
        self.reply()
    }

    /// Sends bytes. Whoever has been refused already cannot send to the end, and reads why.
    fn send(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes));
    }

    /// Sends bytes that may be no request, and reads every answer until the server ends the connection.
    pub fn provoke(mut self, bytes: &[u8]) -> io::Result<Vec<u16>> {
        self.send(bytes);
        self.stream.set_read_timeout(Some(THINKING))?;
        let mut statuses = Vec::new();
        let mut said_all = false;
        loop {
            match self.reply() {
                Ok(reply) => statuses.push(reply.status),
                // The server waits for more; it is told that there is none.
                Err(broken) if is_timeout(&broken.error) && !said_all => {
                    said_all = true;
                    drop(self.stream.shutdown(Shutdown::Write));
                    self.stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
                }
                Err(broken) if is_timeout(&broken.error) => return Err(broken.error),
                Err(_) => {
                    // An answer to HEAD tells the length of a body that does not come.
                    statuses.extend(parse(&self.read).map(|(status, ..)| status));
                    return Ok(statuses);
                }
            }
        }
    }

    fn reply(&mut self) -> Result<Reply, Broken> {
        let head = loop {
            let end = self.read.windows(4).position(|w| w == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            self.more()?;
        };
        let (status, closes, length) = parse(&self.read[..head]).ok_or_else(|| Broken {
            begun: true,
            error: io::ErrorKind::InvalidData.into(),
        })?;
        while self.read.len() < head + length {
            self.more()?;
        }
        self.read.drain(..head + length);
        Ok(Reply { status, closes })
    }

    fn more(&mut self) -> Result<(), Broken> {
        let begun = !self.read.is_empty();
        let mut chunk = [0; 16 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(0) => Err(Broken {
                begun,
                error: io::ErrorKind::UnexpectedEof.into(),
            }),
            Ok(count) => {
                self.read.extend_from_slice(&chunk[..count]);
                Ok(())
            }
            Err(error) => Err(Broken { begun, error }),
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// Status, whether the connection ends, and the length of the body.
fn parse(head: &[u8]) -> Option<(u16, bool, usize)> {
    let head = std::str::from_utf8(head).ok()?;
    let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
    let value = |name: &str| {
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let closes = value("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let length = match value("content-length") {
        Some(length) => length.parse().ok()?,
        None => 0,
    };
    Some((status, closes, length))
}
