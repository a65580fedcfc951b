//! A caller that costs next to nothing: one kept connection, requests as bytes, answers read to their end.
//!
//! Load and server share the machine, so a client library's work would be measured as if it were the server's.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take before the run fails.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// One kept connection.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer<'a> {
    pub status: u16,
    /// The status line and the headers, with the empty line after them.
    pub head: &'a [u8],
    pub body: &'a [u8],
}

impl Client {
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        Ok(Self {
            stream,
            request: Vec::new(),
            answer: Vec::new(),
        })
    }

    /// Asks, and reads the whole answer.
    pub fn get(&mut self, path: &str, token: Option<&str>) -> io::Result<Answer<'_>> {
        self.send("GET", path, token, None)
    }

    /// Sends a request, with a body of JSON where there is one, and reads the whole answer.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&str>,
    ) -> io::Result<Answer<'_>> {
        self.request.clear();
        write!(self.request, "{method} {path} HTTP/1.1\r\nhost: bench\r\n")?;
        if let Some(token) = token {
            write!(self.request, "authorization: Bearer {token}\r\n")?;
        }
        if let Some(body) = body {
            let length = body.len();
            write!(
                self.request,
                "content-type: application/json\r\ncontent-length: {length}\r\n"
            )?;
        }
        self.request.extend_from_slice(b"\r\n");
        self.request
            .extend_from_slice(body.unwrap_or_default().as_bytes());
        self.exchange()
    }

    /// Posts a body with these headers besides, and reads the whole answer.
    pub fn post(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Answer<'_>> {
        self.request.clear();
        let length = body.len();
        write!(
            self.request,
            "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-length: {length}\r\n"
        )?;
        for (name, value) in headers {
            write!(self.request, "{name}: {value}\r\n")?;
        }
        write!(self.request, "\r\n{body}")?;
        self.exchange()
    }

    /// Sends what is prepared, and reads the whole answer.
    fn exchange(&mut self) -> io::Result<Answer<'_>> {
        self.stream.write_all(&self.request)?;
        self.answer.clear();
        let head = loop {
            let from = self.answer.len().saturating_sub(3);
            self.more()?;
            let end = self.answer[from..]
                .windows(4)
                .position(|w| w == b"\r\n\r\n");
            if let Some(end) = end {
                break from + end + 4;
            }
        };
        let (status, length) = parse(&self.answer[..head]).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "an answer without a length")
        })?;
        while self.answer.len() < head + length {
            self.more()?;
        }
        Ok(Answer {
            status,
            head: &self.answer[..head],
            body: &self.answer[head..head + length],
        })
    }

    fn more(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 * 1024];
        match self.stream.read(&mut chunk)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            n => {
                self.answer.extend_from_slice(&chunk[..n]);
                Ok(())
            }
        }
    }
}

/// Status and length of the body.
fn parse(head: &[u8]) -> Option<(u16, usize)> {
    let head = std::str::from_utf8(head).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    if status == 204 {
        return Some((status, 0));
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    })?;
    Some((status, length))
}
