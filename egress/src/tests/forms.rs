//! No spelling of a refused address passes, whoever spells it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use crate::AllowList;
use crate::address::{GLOBAL_UNICAST, REFUSED_V4, REFUSED_V6, refused_range};
use crate::target::Target;

/// An address in a refused range of IPv4.
fn refused_v4() -> impl Strategy<Value = Ipv4Addr> {
    (0..REFUSED_V4.len(), any::<u32>()).prop_map(|(i, bits)| {
        let (base, length, _) = REFUSED_V4[i];
        let host = u32::MAX.checked_shr(length).unwrap_or(0);
        Ipv4Addr::from(base.to_bits() | bits & host)
    })
}

/// A refused address of IPv6: in a refused range, or outside what is handed out.
fn refused_v6() -> impl Strategy<Value = Ipv6Addr> {
    let inside = (0..REFUSED_V6.len(), any::<u128>()).prop_map(|(i, bits)| {
        let (base, length, _) = REFUSED_V6[i];
        Ipv6Addr::from(base.to_bits() | bits & (u128::MAX >> length))
    });
    let outside = any::<u128>().prop_filter_map("handed out", |bits| {
        let handed_out = bits >> (128 - GLOBAL_UNICAST.1) == 1;
        (!handed_out).then(|| Ipv6Addr::from(bits))
    });
    // Those that hold an IPv4 address look harmless from both sides.
    let holding = (refused_v4(), 0..5_u8).prop_map(|(v4, form)| {
        let bits = u128::from(v4.to_bits());
        match form {
            0 => v4.to_ipv6_mapped(),
            1 => Ipv6Addr::from(bits),
            2 => Ipv6Addr::from(0x0064_ff9b_u128 << 96 | bits),
            3 => Ipv6Addr::from(0x2002_u128 << 112 | bits << 80),
            _ => Ipv6Addr::from(0xffff_0000_u128 << 16 | bits),
        }
    });
    prop_oneof![inside, outside, holding]
}

/// One number of an IPv4 address as the C library would read it.
fn number(value: u32, base: u8, zeros: usize) -> String {
    let zeros = "0".repeat(zeros);
    match base {
        0 => value.to_string(),
        1 => format!("0{zeros}{value:o}"),
        2 => format!("0x{zeros}{value:x}"),
        _ => format!("0X{zeros}{value:X}"),
    }
}

/// Spellings of an IPv4 address: one to four numbers, each in any base.
fn spelled_v4() -> impl Strategy<Value = (Ipv4Addr, String)> {
    let bases = prop::collection::vec((0..4_u8, 0..3_usize), 4);
    (refused_v4(), 0..4_usize, bases).prop_map(|(address, octets, bases)| {
        // The first ones are octets; the last one is all that is left.
        let mut numbers: Vec<u32> = address.octets()[..octets]
            .iter()
            .map(|octet| u32::from(*octet))
            .collect();
        numbers.push(address.to_bits() & u32::MAX >> (8 * octets));
        let spelled: Vec<String> = numbers
            .into_iter()
            .zip(bases)
            .map(|(value, (base, zeros))| number(value, base, zeros))
            .collect();
        (address, spelled.join("."))
    })
}

/// Spellings of an IPv6 address, with and without its groups of zeros, in both cases, and with its last part as IPv4.
fn spelled_v6(address: Ipv6Addr, form: u8) -> String {
    let groups = address.segments();
    match form {
        0 => address.to_string(),
        1 => address.to_string().to_uppercase(),
        2 => groups.map(|group| format!("{group:04x}")).join(":"),
        3 => groups.map(|group| format!("{group:X}")).join(":"),
        _ => {
            let head: Vec<String> = groups[..6]
                .iter()
                .map(|group| format!("{group:x}"))
                .collect();
            let tail = Ipv4Addr::from(u32::from(groups[6]) << 16 | u32::from(groups[7]));
            format!("{}:{tail}", head.join(":"))
        }
    }
}

/// What may be done to the host of an address to get it past a reader.
fn disguised(host: &str, disguise: u8) -> String {
    match disguise {
        0 => format!("{host}."),
        1 => host
            .bytes()
            .fold(String::new(), |text, b| text + &format!("%{b:02x}")),
        2 => host.chars().map(full_width).collect(),
        3 => format!("user@{host}"),
        4 => format!("{host}:443"),
        5 => host.replace('.', "%2e"),
        6 => host.replace('.', "。"),
        7 => format!("hooks.example.edu@{host}"),
        8 => format!("{host}%00.example.edu"),
        9 => format!("\t{host}"),
        _ => host.to_owned(),
    }
}

fn full_width(c: char) -> char {
    match c {
        '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
        other => other,
    }
}

fn passes(url: &str) -> bool {
    Target::parse(url, &AllowList::empty()).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn no_spelling_of_a_refused_ipv4_address_passes((address, host) in spelled_v4(), disguise in 0..16_u8) {
        prop_assert!(refused_range(address.into()).is_some());
        let url = format!("https://{}/", disguised(&host, disguise));
        prop_assert!(!passes(&url), "{url} is {address}");
    }

    #[test]
    fn no_spelling_of_a_refused_ipv6_address_passes(address in refused_v6(), form in 0..5_u8, disguise in 0..16_u8) {
        prop_assert!(refused_range(address.into()).is_some(), "{address}");
        let host = format!("[{}]", spelled_v6(address, form));
        let url = format!("https://{}/", disguised(&host, disguise));
        prop_assert!(!passes(&url), "{url} is {address}");
    }

    /// What passes leads where it says: the host stands in the text as it will be used, and is no refused address.
    #[test]
    fn what_passes_is_what_it_says(text in "https://[0-9a-fA-Fx.:%@\\[\\]\\\\/?#-]{1,40}") {
        if let Ok(target) = Target::parse(&text, &AllowList::empty()) {
            let after = &text["https://".len()..];
            prop_assert!(after.starts_with(target.host()));
            let literal = target.host().trim_matches(['[', ']']).parse::<IpAddr>().ok();
            prop_assert_eq!(literal, target.literal());
            prop_assert!(literal.is_none_or(|address| refused_range(address).is_none()));
        }
    }

    /// Anything at all is answered, never a panic.
    #[test]
    fn any_text_is_judged(text in any::<String>()) {
        let _judged = Target::parse(&text, &AllowList::empty()).is_ok();
        let _judged = Target::parse(&format!("https://{text}"), &AllowList::empty()).is_ok();
    }
}
