//! Listening: our own accept loop, because the framework's has no time for heads, no number for connections and no end for idleness.
//!
//! A connection passes the `door`, which counts. Its `gate` lets whole and judged requests through, in time. The protocol library
//! parses them, and the edge answers them, also those that the gate refused.

mod connection;
mod door;
mod exchange;
mod gate;
mod head;
pub mod limits;
mod refusal;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use poem::{Endpoint, Response};
use tokio::net::{TcpListener, TcpStream};

use crate::stop::{Phase, Stop};
use connection::Shared;
use door::Door;
use limits::{ACCEPT_PAUSE, Limits};
use refusal::Refusal;

/// A bound port: from here on connections are accepted by the kernel.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
    proxies: Vec<IpAddr>,
}

impl Bound {
    /// Binds an address.
    pub async fn to(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("{address} cannot be listened on"))?;
        let address = listener.local_addr().unwrap_or(address);
        Ok(Self {
            listener,
            address,
            limits: Limits::default(),
            proxies: Vec::new(),
        })
    }

    /// With other limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With proxies, whose connections are not counted by address.
    #[must_use]
    pub fn proxies(mut self, proxies: Vec<IpAddr>) -> Self {
        self.proxies = proxies;
        self
    }

    /// The address, with the port that was chosen where none was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the stop says that nothing new is accepted, and then until everything in flight has ended, or the stop has.
    pub async fn serve<E>(self, endpoint: E, stop: Stop)
    where
        E: Endpoint<Output = Response> + 'static,
    {
        let house = House {
            door: Door::new(self.limits, self.proxies),
            refusal: Refusal::new(),
            shared: Arc::new(Shared {
                endpoint,
                limits: self.limits,
                stop: stop.clone(),
            }),
        };
        loop {
            tokio::select! {
                accepted = self.listener.accept() => house.receive(accepted).await,
                _ = stop.reached(Phase::Closing) => break,
            }
        }
        // Whom the kernel has accepted believes to be connected. The kernel itself is asked: what tokio remembers of a listener's readiness
        // may be older than the last connection.
        if let Ok(listener) = self.listener.into_std() {
            while let Ok((socket, peer)) = listener.accept() {
                let socket = socket
                    .set_nonblocking(true)
                    .and_then(|()| TcpStream::from_std(socket));
                house.receive(socket.map(|socket| (socket, peer))).await;
            }
        }
        house.door.empty().await;
    }
}

struct House<E> {
    door: Arc<Door>,
    refusal: Refusal,
    shared: Arc<Shared<E>>,
}

impl<E> House<E>
where
    E: Endpoint<Output = Response> + 'static,
{
    async fn receive(&self, accepted: io::Result<(TcpStream, SocketAddr)>) {
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                metrics::counter!("habeo_connections_refused_total", "reason" => "accept_failed")
                    .increment(1);
                tokio::time::sleep(ACCEPT_PAUSE).await;
                return;
            }
        };
        match self.door.enter(peer.ip()) {
            Ok(place) => {
                metrics::counter!("habeo_connections_accepted_total").increment(1);
                let serving = connection::serve(socket, Arc::clone(&self.shared));
                tokio::spawn(async move {
                    serving.await;
                    drop(place);
                });
            }
            Err(full) => self.refusal.tell(socket, full, &self.shared),
        }
    }
}
