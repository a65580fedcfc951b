//! Listening, until the process is asked to stop.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{Endpoint, Response, Server};

/// How long requests in flight may take after the process was asked to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A bound port: from here on connections are accepted by the kernel.
pub struct Bound {
    acceptor: poem::listener::TcpAcceptor,
    address: SocketAddr,
}

impl std::fmt::Debug for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bound")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Bound {
    /// Binds an address.
    pub async fn to(address: SocketAddr) -> anyhow::Result<Self> {
        let acceptor = TcpListener::bind(address)
            .into_acceptor()
            .await
            .with_context(|| format!("{address} cannot be listened on"))?;
        let bound = acceptor
            .local_addr()
            .into_iter()
            .find_map(|local| local.as_socket_addr().copied());
        Ok(Self {
            acceptor,
            address: bound.unwrap_or(address),
        })
    }

    /// The address, with the port that was chosen where none was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process is asked to stop, then lets what is in flight finish.
    pub async fn serve<E>(self, endpoint: E) -> anyhow::Result<()>
    where
        E: Endpoint<Output = Response> + 'static,
    {
        Server::new_with_acceptor(self.acceptor)
            .run_with_graceful_shutdown(endpoint, asked_to_stop(), Some(STOP_TIMEOUT))
            .await
            .context("the server stopped")
    }
}

/// Waits for SIGTERM or an interrupt.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    drop(tokio::signal::ctrl_c().await);
}
