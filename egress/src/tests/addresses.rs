//! Every refused range: its first and last address, and the neighbours on both sides.

use std::net::IpAddr;

use crate::address::refused_range;

/// First and last address of each refused range, written out rather than computed from the data they check.
const REFUSED: [(&str, &str); 19] = [
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("168.63.129.16", "168.63.129.16"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.0.0.0", "192.0.0.255"),
    ("192.0.2.0", "192.0.2.255"),
    ("192.31.196.0", "192.31.196.255"),
    ("192.52.193.0", "192.52.193.255"),
    ("192.88.99.0", "192.88.99.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("192.175.48.0", "192.175.48.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "239.255.255.255"),
    ("240.0.0.0", "255.255.255.255"),
];

const PERMITTED: [&str; 47] = [
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.1.255",
    "192.0.3.0",
    "192.31.195.255",
    "192.31.197.0",
    "192.52.192.255",
    "192.52.194.0",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "192.175.47.255",
    "192.175.49.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "8.8.8.8",
    "2000::",
    "2001:200::",
    "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db9::",
    "2003::",
    "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff",
    "2620:4f:8001::",
    "2606:4700::1111",
    "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff:1000::",
    "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
];

const REFUSED_V6: [&str; 44] = [
    // Outside what is handed out: unspecified, loopback, compatible, mapped, translated, NAT64, discard, dummy, segment routing, unique local,
    // link local, site local, multicast, and the last address of all.
    "::",
    "::1",
    "::7f00:1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:8.8.8.8",
    "64:ff9b::",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::",
    "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
    "100::",
    "100::ffff:ffff:ffff:ffff",
    "100:0:0:1::",
    "5f00::",
    "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fc00::",
    "fd00::1",
    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe80::",
    "fe80::1",
    "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fec0::",
    "ff00::",
    "ff02::1",
    "1fff::",
    "4000::",
    "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    // Inside: protocol assignments with Teredo, benchmarking and ORCHID, documentation, 6to4, AS112.
    "2001::",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::",
    "2001:20::",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2002::",
    "2002:7f00:1::",
    "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2620:4f:8000::",
    "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
    "3fff::",
    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
];

fn range(text: &str) -> Option<&'static str> {
    refused_range(text.parse().expect("an address"))
}

#[test]
fn both_ends_of_every_range_are_refused() {
    for (first, last) in REFUSED {
        assert!(range(first).is_some(), "{first}");
        assert!(range(last).is_some(), "{last}");
    }
    for address in REFUSED_V6 {
        assert!(range(address).is_some(), "{address}");
    }
}

#[test]
fn the_neighbours_of_every_range_are_permitted() {
    for address in PERMITTED {
        assert_eq!(range(address), None, "{address}");
    }
}

/// The addresses between two refused ones are refused too, and there are exactly as many as the list of the rules has.
#[test]
fn the_tables_cover_what_the_rules_list_and_no_more() {
    let mut ranges: Vec<(u32, u32)> = REFUSED
        .iter()
        .map(|(first, last)| {
            let bits = |text: &str| match text.parse().expect("an address") {
                IpAddr::V4(address) => address.to_bits(),
                IpAddr::V6(_) => unreachable!("the table is of IPv4"),
            };
            (bits(first), bits(last))
        })
        .collect();
    ranges.sort_unstable();
    for bits in (0..=u32::MAX).step_by(0x0000_0fff) {
        let expected = ranges
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&bits));
        let refused = refused_range(IpAddr::V4(bits.into())).is_some();
        assert_eq!(refused, expected, "{}", std::net::Ipv4Addr::from(bits));
    }
}
