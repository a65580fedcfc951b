//! From which client a request comes, for the limiter of failed authentications.

use std::net::{IpAddr, Ipv6Addr};

use poem::Request;

/// The client's address as a key. Only a configured proxy is believed about whom it forwards for.
pub(super) fn key_of(request: &Request, trusted_proxies: &[IpAddr]) -> String {
    let peer = request.remote_addr().as_socket_addr();
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    client(
        peer.map(std::net::SocketAddr::ip),
        &forwarded,
        trusted_proxies,
    )
}

fn client(peer: Option<IpAddr>, forwarded: &[&str], trusted_proxies: &[IpAddr]) -> String {
    let Some(peer) = peer.map(|address| address.to_canonical()) else {
        return "unknown".to_owned();
    };
    if !trusted_proxies.contains(&peer) {
        return network_of(peer);
    }
    // Each proxy appends whom it heard, so the last address that is not one of ours is the first that is not hearsay.
    let client = forwarded
        .iter()
        .rev()
        .map_while(|text| text.trim().parse::<IpAddr>().ok())
        .map(|address| address.to_canonical())
        .find(|address| !trusted_proxies.contains(address));
    network_of(client.unwrap_or(peer))
}

/// One host of IPv4; the /64 that one customer has of IPv6.
fn network_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            format!("{}/64", Ipv6Addr::from_bits(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(peer: &str, forwarded: &[&str]) -> String {
        let proxies = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().expect("an address"));
        client(peer.parse().ok(), forwarded, &proxies)
    }

    #[test]
    fn only_proxies_are_believed() {
        assert_eq!(key("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(key("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        // What the client claims itself stands further left and is never reached.
        let chain = ["1.2.3.4", " 198.51.100.1", " 10.0.0.2"];
        assert_eq!(key("10.0.0.1", &chain), "198.51.100.1");
        assert_eq!(key("10.0.0.1", &["junk"]), "10.0.0.1");
        assert_eq!(key("", &[]), "unknown");
    }

    #[test]
    fn a_network_of_version_six_is_one_client() {
        assert_eq!(key("2001:db8:1:2:3:4:5:6", &[]), "2001:db8:1:2::/64");
        assert_eq!(key("::ffff:203.0.113.9", &[]), "203.0.113.9");
    }
}
