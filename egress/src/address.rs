//! Addresses that are never reached: the special-purpose ranges, as data.
//!
//! From the IANA registries `iana-ipv4-special-registry` and `iana-ipv6-special-registry`, `iana-ipv4-multicast` (224/4), RFC 7526 (the
//! deprecated 192.88.99/24), and one address that a cloud uses for its own host.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range of IPv4 addresses: its first one, the length of its prefix, and what it is for.
type Block4 = (Ipv4Addr, u32, &'static str);
/// A range of IPv6 addresses.
type Block6 = (Ipv6Addr, u32, &'static str);

pub(crate) const REFUSED_V4: [Block4; 19] = [
    (Ipv4Addr::UNSPECIFIED, 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private use"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared by carriers"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private use"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "protocol assignments"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 31, 196, 0), 24, "AS112"),
    (Ipv4Addr::new(192, 52, 193, 0), 24, "AMT"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4 relays"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private use"),
    (Ipv4Addr::new(192, 175, 48, 0), 24, "AS112"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarking"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
    (Ipv4Addr::new(168, 63, 129, 16), 32, "a cloud's own host"),
];

/// The one part of IPv6 that is handed out. Everything else is refused unseen: mapped and compatible addresses, NAT64, unique local, link local,
/// multicast, discard and segment routing lie outside.
pub(crate) const GLOBAL_UNICAST: Block6 = (
    Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0),
    3,
    "global unicast",
);

pub(crate) const REFUSED_V6: [Block6; 5] = [
    (
        Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0),
        23,
        "protocol assignments",
    ),
    (
        Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0),
        32,
        "documentation",
    ),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4"),
    (
        Ipv6Addr::new(0x2620, 0x004f, 0x8000, 0, 0, 0, 0, 0),
        48,
        "AS112",
    ),
    (
        Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0),
        20,
        "documentation",
    ),
];

/// The refused range that an address lies in; none for an address of the public Internet.
pub(crate) fn refused_range(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => REFUSED_V4
            .iter()
            .find(|block| within_v4(block, address))
            .map(|block| block.2),
        IpAddr::V6(address) if within_v6(&GLOBAL_UNICAST, address) => REFUSED_V6
            .iter()
            .find(|block| within_v6(block, address))
            .map(|block| block.2),
        IpAddr::V6(_) => Some("outside global unicast"),
    }
}

fn within_v4((base, bits, _): &Block4, address: Ipv4Addr) -> bool {
    let host_bits = Ipv4Addr::BITS - bits;
    (base.to_bits() ^ address.to_bits())
        .checked_shr(host_bits)
        .unwrap_or(0)
        == 0
}

fn within_v6((base, bits, _): &Block6, address: Ipv6Addr) -> bool {
    let host_bits = Ipv6Addr::BITS - bits;
    (base.to_bits() ^ address.to_bits())
        .checked_shr(host_bits)
        .unwrap_or(0)
        == 0
}
