//! The gate between a socket and the protocol library: heads go through whole and judged, in time, or not at all.
//!
//! In place of a head that is refused a harmless one goes through, which the service answers with the refusal. So every answer of a
//! connection is written by the same hand, in the order of the requests, and with the headers that all answers have.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::exchange::Exchange;
use super::head::{self, Fault, Framing};
use super::limits::Limits;

/// What goes through in place of a refused request.
const IN_PLACE: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n\r\n";
/// How much is read at once.
const CHUNK_BYTES: usize = 8 * 1_024;

/// A socket that is read as requests.
#[derive(Debug)]
pub struct Gate {
    socket: TcpStream,
    exchange: Arc<Exchange>,
    limits: Limits,
    accepted: Instant,
    /// Read from the socket and not handed on. The first `passed` bytes may be.
    input: BytesMut,
    passed: usize,
    /// How much of `input` was searched for the end of a head.
    seen: usize,
    next: Next,
    timer: Option<(Wait, Pin<Box<Sleep>>)>,
    write_timer: Option<Pin<Box<Sleep>>>,
}

/// What comes next on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Head,
    Body(u64),
    Anything,
    /// Nothing that would be read.
    Nothing,
}

/// For what is waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    FirstHead,
    NextRequest,
    RestOfHead,
}

impl Gate {
    /// Guards a socket.
    pub fn new(socket: TcpStream, exchange: Arc<Exchange>, limits: Limits) -> Self {
        Self {
            socket,
            exchange,
            limits,
            accepted: Instant::now(),
            input: BytesMut::new(),
            passed: 0,
            seen: 0,
            next: Next::Head,
            timer: None,
            write_timer: None,
        }
    }

    /// The socket, when the connection is over.
    pub fn into_socket(self) -> TcpStream {
        self.socket
    }

    /// Decides on what was read, until there is something to hand on or nothing to decide on.
    fn decide(&mut self) {
        while self.passed == 0 && !self.input.is_empty() {
            match self.next {
                Next::Head => {
                    if !self.decide_on_head() {
                        return;
                    }
                }
                Next::Body(left) => {
                    let here = u64::try_from(self.input.len())
                        .unwrap_or(u64::MAX)
                        .min(left);
                    self.passed = usize::try_from(here).unwrap_or(self.input.len());
                    self.next = Next::Body(left - here);
                    if left == here {
                        self.next = Next::Head;
                        self.exchange.body_ended();
                    }
                }
                Next::Anything => self.passed = self.input.len(),
                Next::Nothing => self.input.clear(),
            }
        }
    }

    /// Whether there was anything to decide.
    fn decide_on_head(&mut self) -> bool {
        // Empty lines before a request are left over from some client's last body.
        while self.seen == 0 && self.input.starts_with(b"\r\n") {
            self.input.advance(2);
        }
        let judged = match head::end(&self.input, self.seen) {
            Ok(None) => {
                self.seen = self.input.len();
                return false;
            }
            Ok(Some(end)) => head::judge(&self.input[..end]).map(|framing| (end, framing)),
            Err(fault) => Err(fault),
        };
        self.timer = None;
        match judged {
            Ok((end, framing)) => {
                self.passed = end;
                self.seen = 0;
                self.next = match framing {
                    Framing::Length(0) => Next::Head,
                    Framing::Length(length) => Next::Body(length),
                    Framing::Itself => Next::Anything,
                };
                self.exchange.enter(self.next != Next::Head);
            }
            Err(fault) => self.refuse(fault),
        }
        true
    }

    fn refuse(&mut self, fault: Fault) {
        metrics::counter!("habeo_requests_refused_total", "fault" => fault.name()).increment(1);
        self.input.clear();
        self.input.extend_from_slice(IN_PLACE);
        self.passed = self.input.len();
        self.next = Next::Nothing;
        self.exchange.refuse(fault);
    }

    /// Reads from the socket. False is its end.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut chunk = [0; CHUNK_BYTES];
        let mut chunk = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut self.socket).poll_read(cx, &mut chunk))?;
        self.input.extend_from_slice(chunk.filled());
        Poll::Ready(Ok(!chunk.filled().is_empty()))
    }

    /// Waits no longer than is allowed. Ready when the time is up.
    fn poll_time(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.next != Next::Head || !self.exchange.is_idle() {
            // Bodies have their time at the edge, where it is known who reads them; handlers too.
            self.timer = None;
            return Poll::Pending;
        }
        let wait = if self.exchange.has_served_nothing() {
            Wait::FirstHead
        } else if self.input.is_empty() {
            Wait::NextRequest
        } else {
            Wait::RestOfHead
        };
        if self
            .timer
            .as_ref()
            .is_none_or(|(present, _)| *present != wait)
        {
            if self.input.is_empty() {
                // What idles holds no memory.
                self.input = BytesMut::new();
            }
            let until = match wait {
                Wait::FirstHead => self.accepted + self.limits.first_head_timeout,
                Wait::NextRequest => Instant::now() + self.limits.idle_timeout,
                Wait::RestOfHead => Instant::now() + self.limits.head_timeout,
            };
            self.timer = Some((wait, Box::pin(sleep_until(until))));
        }
        match &mut self.timer {
            Some((_, timer)) => timer.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }

    /// Guards a write against a client who takes nothing.
    fn guard_write<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.write_timer = None;
            return written;
        }
        let timeout: Duration = self.limits.write_timeout;
        let timer = self
            .write_timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Gate {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            this.decide();
            if this.passed > 0 {
                let count = this.passed.min(buffer.remaining());
                buffer.put_slice(&this.input[..count]);
                this.input.advance(count);
                this.passed -= count;
                return Poll::Ready(Ok(()));
            }
            if this.next == Next::Nothing {
                return Poll::Pending;
            }
            match this.poll_more(cx) {
                Poll::Ready(Ok(true)) => continue,
                Poll::Ready(ended) => return Poll::Ready(ended.map(|_| ())),
                Poll::Pending => {}
            }
            let nothing_here = this.input.is_empty() && this.exchange.is_idle();
            if this.exchange.is_closing() && nothing_here {
                return Poll::Ready(Ok(()));
            }
            ready!(this.poll_time(cx));
            if this.input.is_empty() {
                // Who has sent nothing has asked nothing.
                return Poll::Ready(Ok(()));
            }
            this.refuse(Fault::Slow);
        }
    }
}

impl AsyncWrite for Gate {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.guard_write(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.guard_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
