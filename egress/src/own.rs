//! Our own listen addresses: Habeo does not call itself on behalf of somebody outside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{PoisonError, RwLock};

#[derive(Default)]
pub(crate) struct Own(RwLock<Vec<SocketAddr>>);

impl Own {
    pub(crate) fn new(listening: Vec<SocketAddr>) -> Self {
        Self(RwLock::new(listening))
    }

    pub(crate) fn add(&self, listening: SocketAddr) {
        let mut own = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !own.contains(&listening) {
            own.push(listening);
        }
    }

    pub(crate) fn includes(&self, peer: SocketAddr) -> bool {
        let own = self.0.read().unwrap_or_else(PoisonError::into_inner);
        own.iter().any(|listening| is_reached_at(*listening, peer))
    }
}

fn is_reached_at(listening: SocketAddr, peer: SocketAddr) -> bool {
    if listening.port() != peer.port() {
        return false;
    }
    let (listening, peer) = (listening.ip().to_canonical(), peer.ip().to_canonical());
    listening == peer || listening.is_unspecified() && is_of_this_machine(peer)
}

/// Whether an address leads back to this machine. Connecting a datagram socket sends nothing; the system merely chooses the address it would send
/// from, and towards itself it chooses the very address that is called.
fn is_of_this_machine(address: IpAddr) -> bool {
    if address.is_loopback() || address.is_unspecified() {
        return true;
    }
    let any: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // Without a route there is no way to this machine either.
    let from = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((address, 9))?;
        socket.local_addr()
    });
    from.is_ok_and(|from| from.ip() == address)
}
