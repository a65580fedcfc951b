//! One connection, from its accepting to its end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use habeo_surface::edge::Refused;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::http::uri::Scheme;
use poem::http::{HeaderValue, header};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::exchange::Exchange;
use super::gate::Gate;
use super::limits::{FIRST_WORD_TIMEOUT, LINGER_BYTES_MAX, LINGER_TIMEOUT, Limits};
use crate::stop::{Phase, Stop};

/// Room for the largest head.
const BUFFER_BYTES_MAX: usize = 64 * 1_024;

/// What all connections of a listener share.
pub struct Shared<E> {
    pub endpoint: E,
    pub limits: Limits,
    pub stop: Stop,
}

/// Serves a connection until either side ends it.
pub async fn serve<E>(socket: TcpStream, shared: Arc<Shared<E>>)
where
    E: Endpoint<Output = Response> + 'static,
{
    // Answers are written whole; waiting for more to send would only make them late.
    drop(socket.set_nodelay(true));
    let (Ok(peer), Ok(local)) = (socket.peer_addr(), socket.local_addr()) else {
        return;
    };
    let exchange = Arc::new(Exchange::default());
    let limits = shared.limits;
    let stop = shared.stop.clone();
    let gate = Gate::new(socket, Arc::clone(&exchange), limits);
    let server = Server {
        shared,
        exchange: Arc::clone(&exchange),
        remote: RemoteAddr(peer.into()),
        local: LocalAddr(local.into()),
    };
    let server = Arc::new(server);
    let service = service_fn(move |request| Box::pin(Arc::clone(&server).answer(request)));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // The gate is stricter; this is for a gate that fails.
        .header_read_timeout(limits.idle_timeout + limits.head_timeout + Duration::from_secs(5))
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(gate), service);
    let mut phase = Phase::Serving;
    let mut was_waited_for = false;
    let outcome = loop {
        // Who has just been let in was accepted, and is about to ask.
        let waits = phase == Phase::Closing && !was_waited_for;
        tokio::select! {
            next = stop.reached(after(phase)) => phase = next,
            () = tokio::time::sleep(FIRST_WORD_TIMEOUT), if waits => was_waited_for = true,
            outcome = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break outcome,
        }
        match phase {
            // Answers announce the end by themselves.
            Phase::Serving | Phase::Leaving => {}
            Phase::Closing if exchange.has_served_nothing() && !was_waited_for => {}
            // Looked at by the gate, which is asked again when the connection is polled.
            Phase::Closing => exchange.close(),
            Phase::Ended => return,
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended before its time");
    }
    linger(connection.into_parts().io.into_inner().into_socket()).await;
}

const fn after(phase: Phase) -> Phase {
    match phase {
        Phase::Serving => Phase::Leaving,
        Phase::Leaving => Phase::Closing,
        Phase::Closing | Phase::Ended => Phase::Ended,
    }
}

/// Says that nothing more comes, and waits a moment for the other side to have read it.
pub async fn linger(mut socket: TcpStream) {
    if socket.shutdown().await.is_err() {
        return;
    }
    let drained = async {
        let mut rest = [0; 4 * 1_024];
        let mut bytes = 0;
        while bytes < LINGER_BYTES_MAX {
            match socket.read(&mut rest).await {
                Ok(0) | Err(_) => return,
                Ok(more) => bytes += more,
            }
        }
    };
    drop(tokio::time::timeout(LINGER_TIMEOUT, drained).await);
}

struct Server<E> {
    shared: Arc<Shared<E>>,
    exchange: Arc<Exchange>,
    remote: RemoteAddr,
    local: LocalAddr,
}

type Answer = hyper::Response<Written>;

impl<E> Server<E>
where
    E: Endpoint<Output = Response>,
{
    async fn answer(
        self: Arc<Self>,
        request: hyper::Request<Incoming>,
    ) -> Result<Answer, Infallible> {
        let flight = Flight(Arc::clone(&self.exchange));
        let mut request = Request::from((
            request,
            self.local.clone(),
            self.remote.clone(),
            Scheme::HTTP,
        ));
        let number = self.exchange.serve();
        if let Some(fault) = self.exchange.fault_of(number) {
            request.set_data(Refused(fault.problem()));
        }
        let mut response = self.shared.endpoint.get_response(request).await;
        // A body that nobody wanted is not waited for: its rest could be anything.
        let leaving = self.shared.stop.phase() >= Phase::Leaving;
        if leaving || self.exchange.body_is_open(number) {
            response
                .headers_mut()
                .insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        let response = hyper::Response::<BoxBody<Bytes, io::Error>>::from(response);
        Ok(response.map(|body| Written {
            body,
            _flight: flight,
        }))
    }
}

/// A request under way: from its head to the end of its answer.
struct Flight(Arc<Exchange>);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.answered();
    }
}

/// The body of an answer, which ends the flight when it was written.
struct Written {
    body: BoxBody<Bytes, io::Error>,
    _flight: Flight,
}

impl Body for Written {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
