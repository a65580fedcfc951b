//! By what a device can be recognised: its numbers, each brought into the one form in which it is compared, and nothing that only looks like one.

use uuid::Uuid;

use super::report::Described;
use crate::asset::IdentifierKind;
use crate::connection::Provider;
use crate::text::{self, Serial};

/// The most characters of a management's own key for a device.
pub const EXTERNAL_ID_CHARS_MAX: usize = 200;

/// By what one device can be recognised. Its name is not among it: names are chosen, and chosen twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// The management's own key for it.
    pub external_id: Option<String>,
    /// Its maker's number, if it is one.
    pub serial: Option<Serial>,
    /// Who made it, as it was named.
    pub manufacturer: Option<String>,
    /// Its further identifiers, normalised, strongest first.
    pub identifiers: Vec<(IdentifierKind, String)>,
}

impl Identity {
    /// Reads the numbers of a report. The management's key must have been checked before.
    #[must_use]
    pub fn of(provider: Provider, external_id: Option<String>, device: &Described) -> Self {
        let serial = device.serial.as_deref().and_then(real_serial);
        let mut identifiers = Vec::new();
        let mut add = |kind, value: Option<String>| {
            if let Some(value) = value.filter(|_| identifiers.len() < 16) {
                identifiers.push((kind, value));
            }
        };
        add(IdentifierKind::Imei, device.imei.as_deref().and_then(imei));
        add(IdentifierKind::Meid, device.meid.as_deref().and_then(meid));
        add(IdentifierKind::Udid, device.udid.as_deref().and_then(udid));
        let board = device.smbios_uuid.as_deref().and_then(hardware_uuid);
        add(
            IdentifierKind::SmbiosUuid,
            board.map(|uuid| uuid.to_string()),
        );
        for mac in &device.wired_macs {
            add(IdentifierKind::MacWired, wired_mac(mac));
        }
        let azure = device.azure_device.as_deref().and_then(hardware_uuid);
        add(
            IdentifierKind::AzureDevice,
            azure.map(|uuid| uuid.to_string()),
        );
        identifiers.dedup();
        Self {
            external_id,
            serial,
            manufacturer: maker(provider, device.manufacturer.as_deref()),
            identifiers,
        }
    }

    /// Whether there is nothing by which the device would be known again.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.external_id.is_none() && self.serial.is_none() && self.identifiers.is_empty()
    }
}

/// Jamf and Kandji manage nothing but Apple's devices.
fn maker(provider: Provider, named: Option<&str>) -> Option<String> {
    let named = named.and_then(|name| text::line(name, 120).ok());
    named.or_else(|| match provider {
        Provider::Jamf | Provider::Kandji => Some("Apple".to_owned()),
        _ => None,
    })
}

/// A serial number, unless it is what makers leave where they have none.
#[must_use]
pub fn real_serial(text: &str) -> Option<Serial> {
    let serial = Serial::parse(text).ok()?;
    (!is_placeholder(&serial)).then_some(serial)
}

/// Whether a serial number identifies nothing. Reports hold more of these than labels do, so this is stricter than [`Serial::is_placeholder`].
#[must_use]
pub fn is_placeholder(serial: &Serial) -> bool {
    const LEFT: [&str; 23] = [
        "NULL",
        "NA",
        "INVALID",
        "DEFAULT",
        "NOTAVAILABLE",
        "OEM",
        "SYSTEMSERIALNUMB",
        "BASEBOARDSERIALNUMBER",
        "BOARDSERIALNUMBER",
        "SERIAL",
        "SERIALNUMBER",
        "SERIALNO",
        "NOSERIAL",
        "NOSERIALNUMBER",
        "EMPTY",
        "0123456789",
        "123456789",
        "1234567890",
        "12345678",
        "1234567",
        "123456",
        "12345",
        "NOTPROVIDED",
    ];
    const BEGIN: [&str; 5] = ["TOBEFILLED", "GOOGLECLOUD", "XEN", "BOCHS", "OPENSTACK"];
    let folded = serial.folded();
    serial.is_placeholder()
        || LEFT.contains(&folded)
        || BEGIN.iter().any(|begin| folded.starts_with(begin))
        || is_of_a_virtual_machine(serial.as_str(), folded)
}

/// Hyper-V and Azure number machines in seven groups of digits, Amazon by the machine's UUID behind `ec2`.
fn is_of_a_virtual_machine(raw: &str, folded: &str) -> bool {
    const HYPER_V_GROUPS: [usize; 7] = [4, 4, 4, 4, 4, 4, 2];
    let groups: Vec<&str> = raw.split('-').collect();
    let hyper_v = groups.len() == HYPER_V_GROUPS.len()
        && groups.iter().zip(HYPER_V_GROUPS).all(|(group, length)| {
            group.len() == length && group.bytes().all(|byte| byte.is_ascii_digit())
        });
    let amazon = folded.len() == 32
        && folded.starts_with("EC2")
        && folded.bytes().all(|byte| byte.is_ascii_hexdigit());
    hyper_v || amazon
}

/// An IMEI in its 15 digits. The check digit is computed where 14 digits or the 16 with the software version were reported, and must be right
/// where it was.
#[must_use]
pub fn imei(text: &str) -> Option<String> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let strange = text
        .chars()
        .any(|c| !c.is_ascii_digit() && !matches!(c, ' ' | '-' | '/' | '.'));
    let (body, check) = match digits.len() {
        _ if strange => return None,
        14 | 16 => (&digits[..14], None),
        15 => (&digits[..14], Some(digits[14])),
        _ => return None,
    };
    if body.iter().all(|digit| *digit == body[0]) {
        return None;
    }
    let expected = luhn(body);
    if check.is_some_and(|check| check != expected) {
        return None;
    }
    let all = body.iter().chain(std::iter::once(&expected));
    all.map(|digit| char::from_digit(*digit, 10)).collect()
}

/// The digit by which the sum of all, every second one doubled from the right, is a multiple of ten.
fn luhn(body: &[u32]) -> u32 {
    let sum: u32 = body
        .iter()
        .rev()
        .enumerate()
        .map(|(i, digit)| {
            if i % 2 == 0 {
                digit * 2 / 10 + digit * 2 % 10
            } else {
                *digit
            }
        })
        .sum();
    (10 - sum % 10) % 10
}

/// A MEID in its 14 hexadecimal digits, also where it was written in 18 decimal ones.
#[must_use]
pub fn meid(text: &str) -> Option<String> {
    let folded = text::fold_code(text);
    let value = match folded.len() {
        14 if folded.bytes().all(|byte| byte.is_ascii_hexdigit()) => folded,
        18 if folded.bytes().all(|byte| byte.is_ascii_digit()) => {
            let (maker, number): (u32, u32) =
                (folded[..10].parse().ok()?, folded[10..].parse().ok()?);
            let value = format!("{maker:08X}{number:06X}");
            if value.len() != 14 {
                return None;
            }
            value
        }
        _ => return None,
    };
    let first = value.chars().next();
    // Those that begin with a decimal digit are IMEIs without their check digit.
    let is_meid = first.is_some_and(|c| c.is_ascii_uppercase());
    (is_meid && !value.chars().all(|c| Some(c) == first)).then_some(value)
}

/// Apple's id of a device: a UUID on older Macs, 8 and 16 hexadecimal digits or 40 of them elsewhere.
#[must_use]
pub fn udid(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if let Ok(uuid) = Uuid::try_parse(trimmed) {
        return names_a_board(uuid).then(|| uuid.to_string());
    }
    let folded = text::fold_code(trimmed);
    let long_enough = matches!(folded.len(), 24 | 40);
    let hexadecimal = folded.bytes().all(|byte| byte.is_ascii_hexdigit());
    let first = folded.chars().next();
    let repeated = folded.chars().all(|c| Some(c) == first);
    (long_enough && hexadecimal && !repeated).then(|| trimmed.to_lowercase())
}

/// The id of a main board, unless it is one that makers left in many.
#[must_use]
pub fn hardware_uuid(text: &str) -> Option<Uuid> {
    let uuid = Uuid::try_parse(text.trim()).ok()?;
    names_a_board(uuid).then_some(uuid)
}

fn names_a_board(uuid: Uuid) -> bool {
    const LEFT: [u128; 4] = [
        0x0300_0200_0400_0500_0006_0007_0008_0009,
        0x0002_0003_0004_0005_0006_0007_0008_0009,
        0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f,
        0x1234_5678_1234_5678_90ab_cdde_efaa_bbcc,
    ];
    let bytes = uuid.as_bytes();
    let repeated = bytes.iter().all(|byte| *byte == bytes[0]);
    !repeated && !LEFT.contains(&uuid.as_u128()) && !LEFT.contains(&swapped(uuid).as_u128())
}

/// The same id as programs write it that take its first three parts for little-endian numbers.
#[must_use]
pub fn swapped(uuid: Uuid) -> Uuid {
    Uuid::from_bytes(uuid.to_bytes_le())
}

/// A wired address in its 12 hexadecimal digits, unless it was made up by software or is a group's.
#[must_use]
pub fn wired_mac(text: &str) -> Option<String> {
    let trimmed = text.trim();
    let digits: String = trimmed
        .chars()
        .filter(|c| !matches!(c, ':' | '-' | '.' | ' '))
        .collect();
    if digits.len() != 12 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let first = u8::from_str_radix(&digits[..2], 16).ok()?;
    let local_or_group = first & 0b11 != 0;
    let number = u64::from_str_radix(&digits, 16).ok()?;
    (!local_or_group && number != 0).then(|| digits.to_lowercase())
}

/// Every folded form under which an identifier may be recorded: board ids also with their bytes swapped, addresses also with their colons.
#[must_use]
pub fn spellings(kind: IdentifierKind, value: &str) -> Vec<String> {
    let mut all = vec![text::fold_code(value)];
    match kind {
        IdentifierKind::Udid | IdentifierKind::SmbiosUuid => {
            if let Ok(uuid) = Uuid::try_parse(value) {
                all.push(text::fold_code(&swapped(uuid).to_string()));
            }
        }
        IdentifierKind::MacWired => {
            let upper = value.to_uppercase();
            let pairs: Vec<&str> = (0..upper.len() / 2)
                .filter_map(|i| upper.get(i * 2..i * 2 + 2))
                .collect();
            all.push(pairs.join(":"));
        }
        _ => {}
    }
    all.dedup();
    all
}

/// The kinds as which an identifier may be recorded: the id of a Mac's board is also what Apple calls the device.
#[must_use]
pub const fn alike(kind: IdentifierKind) -> &'static [IdentifierKind] {
    match kind {
        IdentifierKind::Udid | IdentifierKind::SmbiosUuid => {
            &[IdentifierKind::Udid, IdentifierKind::SmbiosUuid]
        }
        IdentifierKind::Imei => &[IdentifierKind::Imei],
        IdentifierKind::Meid => &[IdentifierKind::Meid],
        IdentifierKind::MacWired => &[IdentifierKind::MacWired],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_in_firmware_is_no_serial_number() {
        for text in [
            "",
            " ",
            "0",
            "00000000",
            "XXXXXXXX",
            "None",
            "null",
            "N/A",
            "n.a.",
            "NA",
            "Unknown",
            "INVALID",
            "Default",
            "Default string",
            "Not Available",
            "not applicable",
            "Not Specified",
            "To be filled by O.E.M.",
            "To Be Filled By OEM",
            "TO BE FILLED BY O.E.M",
            "OEM",
            "O.E.M.",
            "System Serial Number",
            "SystemSerialNumb",
            "Chassis Serial Number",
            "Base Board Serial Number",
            "SERIAL",
            "SerialNumber",
            "0123456789",
            "123456789",
            "1234567890",
            "12345678",
            "ABC1",
            "VMware-56 4d 2a 11 22 33 44 55-66 77 88 99 aa bb cc dd",
            "Parallels-1A 2B 3C",
            "VirtualBox-0",
            "1234-5678-9012-3456-7890-1234-56",
            "ec2a1b2c-3d4e-5f60-7182-93a4b5c6d7e8",
            "GoogleCloud-1A2B3C4D5E6F",
        ] {
            assert_eq!(real_serial(text), None, "{text}");
        }
        for text in [
            "C02TEST12345",
            " c02test12345 ",
            "5CG4TEST01",
            "PF-2ABC3D",
            "MJ00-1234",
            "EC2XYZ7",
            "8765-4321-0",
        ] {
            assert!(real_serial(text).is_some(), "{text}");
        }
        assert_eq!(
            real_serial(" c02-test 12345 ").map(|serial| serial.folded().to_owned()),
            real_serial("C02TEST12345").map(|serial| serial.folded().to_owned())
        );
    }

    #[test]
    fn an_imei_is_checked_and_completed() {
        let cases = [
            ("356938035643809", Some("356938035643809")),
            ("35 693803 564380 9", Some("356938035643809")),
            ("35-693803-564380", Some("356938035643809")),
            ("3569380356438012", Some("356938035643809")),
            ("356938035643808", None),
            ("35693803564380", Some("356938035643809")),
            ("000000000000000", None),
            ("3569380356438", None),
            ("3569380356438O9", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(imei(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_meid_has_one_form() {
        // The decimal and the hexadecimal form of one number.
        let cases = [
            ("A10000009296F2", Some("A10000009296F2")),
            ("a1-000000-9296f2", Some("A10000009296F2")),
            ("270113177609606898", Some("A10000009296F2")),
            ("35693803564380", None),
            ("FFFFFFFFFFFFFF", None),
            ("A1000000", None),
        ];
        for (text, expected) in cases {
            assert_eq!(meid(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn ids_of_boards_are_compared_both_ways() {
        let one = "6F1C2B1E-7A10-4E3B-9C55-0A1B2C3D4E5F";
        let other = "1E2B1C6F-107A-3B4E-9C55-0A1B2C3D4E5F";
        let spelled = |text: &str| {
            let mut all = spellings(IdentifierKind::SmbiosUuid, text);
            all.sort();
            all
        };
        assert_eq!(spelled(one), spelled(other));
        for left in [
            "00000000-0000-0000-0000-000000000000",
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
            "03000200-0400-0500-0006-000700080009",
            "00020003-0004-0005-0006-000700080009",
            "not an id",
        ] {
            assert_eq!(hardware_uuid(left), None, "{left}");
        }
        assert_eq!(
            udid("00008112-000A1B2C3D4E5F60").as_deref(),
            Some("00008112-000a1b2c3d4e5f60")
        );
        assert_eq!(udid("LIB-MAC-014"), None);
    }

    #[test]
    fn an_address_of_a_wire_is_the_makers() {
        let cases = [
            ("A4:83:E7:11:22:33", Some("a483e7112233")),
            ("a4-83-e7-11-22-33", Some("a483e7112233")),
            ("A483.E711.2233", Some("a483e7112233")),
            ("A483E7112233", Some("a483e7112233")),
            ("00:00:00:00:00:00", None),
            ("FF:FF:FF:FF:FF:FF", None),
            ("02:42:AC:11:00:02", None),
            ("A4:83:E7", None),
            ("A4:83:E7:11:22:3G", None),
        ];
        for (text, expected) in cases {
            assert_eq!(wired_mac(text).as_deref(), expected, "{text}");
        }
        assert_eq!(
            spellings(IdentifierKind::MacWired, "a483e7112233"),
            ["A483E7112233", "A4:83:E7:11:22:33"]
        );
    }

    #[test]
    fn a_name_identifies_nothing_and_a_maker_may_be_implied() {
        let named = Described {
            name: Some("LIB-MAC-014".to_owned()),
            serial: Some("To be filled by O.E.M.".to_owned()),
            ..Described::default()
        };
        let identity = Identity::of(Provider::Jamf, None, &named);
        assert!(identity.is_empty());
        assert_eq!(identity.manufacturer.as_deref(), Some("Apple"));
        let identity = Identity::of(Provider::Intune, Some("9f5c".to_owned()), &named);
        assert!(!identity.is_empty());
        assert_eq!(identity.manufacturer, None);
    }
}
