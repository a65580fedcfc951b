//! The door: how many connections there are, in all and of each address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::limits::Limits;

/// Counts who is in.
#[derive(Debug)]
pub struct Door {
    limits: Limits,
    proxies: Vec<IpAddr>,
    inside: Mutex<Inside>,
    left: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    all: usize,
    of: HashMap<IpAddr, usize>,
}

/// Why somebody does not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    House,
    Address,
}

impl Full {
    /// What the figures call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::House => "all",
            Self::Address => "address",
        }
    }
}

/// One connection's place, given back when this is dropped.
#[derive(Debug)]
pub struct Place {
    door: Arc<Door>,
    /// None for a proxy, whose connections are many clients'.
    client: Option<IpAddr>,
}

impl Door {
    /// A door with these limits; proxies count in all but not by address.
    pub fn new(limits: Limits, proxies: Vec<IpAddr>) -> Arc<Self> {
        Arc::new(Self {
            limits,
            proxies,
            inside: Mutex::default(),
            left: Notify::new(),
        })
    }

    /// Lets a connection in, if there is room.
    pub fn enter(self: &Arc<Self>, peer: IpAddr) -> Result<Place, Full> {
        let peer = peer.to_canonical();
        let client = (!self.proxies.contains(&peer)).then(|| network_of(peer));
        let mut inside = self.inside();
        if inside.all >= self.limits.connections_max {
            return Err(Full::House);
        }
        if let Some(client) = client {
            let count = inside.of.entry(client).or_default();
            if *count >= self.limits.connections_per_address_max {
                return Err(Full::Address);
            }
            *count += 1;
        }
        inside.all += 1;
        metrics::gauge!("habeo_connections_open").increment(1.0);
        Ok(Place {
            door: Arc::clone(self),
            client,
        })
    }

    /// Waits until nobody is in.
    pub async fn empty(&self) {
        loop {
            // Listening begins before looking, so that nobody leaves unheard in between.
            let left = self.left.notified();
            if self.inside().all == 0 {
                return;
            }
            left.await;
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.door.inside();
        inside.all = inside.all.saturating_sub(1);
        if let Some(client) = self.client
            && let Some(count) = inside.of.get_mut(&client)
        {
            *count -= 1;
            if *count == 0 {
                inside.of.remove(&client);
            }
        }
        let empty = inside.all == 0;
        drop(inside);
        metrics::gauge!("habeo_connections_open").decrement(1.0);
        if empty {
            self.door.left.notify_waiters();
        }
    }
}

/// One host of IPv4; the /64 that one customer has of IPv6.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn places_are_counted_in_all_and_by_address() {
        let limits = Limits {
            connections_max: 6,
            connections_per_address_max: 2,
            ..Limits::default()
        };
        let door = Door::new(limits, vec![address("10.0.0.1")]);
        let enter = |text| door.enter(address(text));
        let one = enter("192.0.2.1").expect("room");
        let _two = enter("::ffff:192.0.2.1").expect("room");
        assert_eq!(enter("192.0.2.1").err(), Some(Full::Address));
        drop(one);
        let _three = enter("192.0.2.1").expect("room again");
        // A whole /64 is one client.
        let _four = enter("2001:db8::1").expect("room");
        let _five = enter("2001:db8::ffff:1").expect("room");
        assert_eq!(enter("2001:db8::2").err(), Some(Full::Address));
        // Proxies bring many clients, and still need room.
        let _six = enter("10.0.0.1").expect("room");
        let _seven = enter("10.0.0.1").expect("room");
        assert_eq!(enter("10.0.0.1").err(), Some(Full::House));
        assert_eq!(enter("192.0.2.9").err(), Some(Full::House));
    }

    #[tokio::test]
    async fn the_last_who_leaves_is_heard() {
        let door = Door::new(Limits::default(), Vec::new());
        door.empty().await;
        let place = door.enter(address("192.0.2.1")).expect("room");
        let waiting = tokio::spawn({
            let door = Arc::clone(&door);
            async move { door.empty().await }
        });
        tokio::task::yield_now().await;
        drop(place);
        waiting.await.expect("heard");
        assert!(door.inside().of.is_empty());
    }
}
