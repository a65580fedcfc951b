//! Serial numbers in the makers' styles and other identifiers, each of them unique.

use std::collections::HashSet;

use habeo_core::asset::IdentifierKind;
use habeo_core::text::Serial;

use super::calendar;
use super::catalogue::Catalogue;
use super::dice::Dice;
use super::models::MAKERS;

/// What makers leave in the firmware when they forget the number.
const PLACEHOLDERS: [&str; 5] = [
    "To be filled by O.E.M.",
    "Default string",
    "System Serial Number",
    "Not Specified",
    "None",
];
/// Letters of serial numbers: those that people confuse with digits are left out, as most makers do.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRTUVWXYZ";
const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHJKLMNPQRTUVWXYZ0123456789";

/// Draws serials and identifiers and remembers which were drawn.
#[derive(Debug)]
pub struct Numbers<'a> {
    dice: &'a Dice,
    catalogue: &'a Catalogue,
    serials: HashSet<(usize, String)>,
    others: HashSet<String>,
}

impl<'a> Numbers<'a> {
    /// Begins with nothing drawn.
    pub fn new(dice: &'a Dice, catalogue: &'a Catalogue) -> Self {
        Self {
            dice,
            catalogue,
            serials: HashSet::new(),
            others: HashSet::new(),
        }
    }

    /// The serial number of a thing of this model made around this day; sometimes a placeholder, sometimes none.
    pub fn serial(&mut self, model: usize, day: i64) -> Option<Serial> {
        let facts = &self.catalogue.facts[model];
        if !self.catalogue.models[model].requires_serial && self.dice.percent(6) {
            return None;
        }
        if facts.group == "computing" && self.dice.mille(7) {
            return Serial::parse(self.dice.pick(&PLACEHOLDERS)).ok();
        }
        let maker = facts.maker;
        loop {
            let text = style(self.dice, MAKERS[maker].1, day);
            let serial = Serial::parse(&text).ok().filter(|s| !s.is_placeholder());
            if let Some(serial) = serial
                && self.serials.insert((maker, serial.folded().to_owned()))
            {
                return Some(serial);
            }
        }
    }

    /// What else a thing of this model can be recognised by.
    pub fn identifiers(&mut self, model: usize) -> Vec<(IdentifierKind, String)> {
        let dice = self.dice;
        match self.catalogue.facts[model].category {
            "smartphone" | "hotspot" => vec![(IdentifierKind::Imei, self.unique(imei))],
            "tablet" if dice.percent(25) => vec![(IdentifierKind::Imei, self.unique(imei))],
            "switch" | "access_point" | "server" | "desk_phone" => {
                vec![(IdentifierKind::MacWired, self.unique(mac))]
            }
            "desktop" | "workstation" if dice.percent(60) => {
                vec![
                    (IdentifierKind::MacWired, self.unique(mac)),
                    (IdentifierKind::SmbiosUuid, self.unique(uuid)),
                ]
            }
            "laptop" if dice.percent(40) => {
                vec![(IdentifierKind::SmbiosUuid, self.unique(uuid))]
            }
            _ => Vec::new(),
        }
    }

    fn unique(&mut self, draw: fn(&Dice) -> String) -> String {
        loop {
            let drawn = draw(self.dice);
            if self.others.insert(drawn.clone()) {
                return drawn;
            }
        }
    }
}

/// Fills a style; see [`super::models::MakerRow`].
fn style(dice: &Dice, pattern: &str, day: i64) -> String {
    let mut text = String::with_capacity(pattern.len() + 4);
    for c in pattern.chars() {
        match c {
            'd' => text.push(digit(dice)),
            'a' => text.push(char::from(dice.pick(LETTERS))),
            'x' => text.push(char::from(dice.pick(LETTERS_AND_DIGITS))),
            'y' => text.push_str(&two_digits(calendar::year_month(day).0)),
            'w' => text.push_str(&two_digits(calendar::week(day))),
            literal => text.push(literal),
        }
    }
    text
}

fn two_digits(number: i64) -> String {
    format!("{:02}", number % 100)
}

fn digit(dice: &Dice) -> char {
    char::from(dice.pick(b"0123456789"))
}

/// Fifteen digits of which the last is the check digit of ISO/IEC 7812 (Luhn).
fn imei(dice: &Dice) -> String {
    let mut text = String::from("35");
    text.extend((0..12).map(|_| digit(dice)));
    let sum: u32 = text
        .chars()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(at, value)| match at % 2 {
            0 => value,
            _ if value < 5 => value * 2,
            _ => value * 2 - 9,
        })
        .sum();
    text.extend(char::from_digit((10 - sum % 10) % 10, 10));
    text
}

/// A locally administered address, so that it is nobody's.
fn mac(dice: &Dice) -> String {
    let octets: Vec<String> = (0..5)
        .map(|_| format!("{:02x}", dice.range(0, 255)))
        .collect();
    format!("02:{}", octets.join(":"))
}

fn uuid(dice: &Dice) -> String {
    let part = |bits: u32| dice.range(0, (1_i64 << bits) - 1);
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        part(32),
        part(16),
        part(12),
        part(12),
        part(48)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imei_ends_with_its_check_digit() {
        let text = imei(&Dice::stream(1, 1));
        assert_eq!(text.len(), 15);
        let doubled: u32 = text
            .chars()
            .rev()
            .filter_map(|c| c.to_digit(10))
            .enumerate()
            .map(|(at, value)| {
                if at % 2 == 0 {
                    value
                } else {
                    value * 2 / 10 + value * 2 % 10
                }
            })
            .sum();
        assert_eq!(doubled % 10, 0, "{text}");
    }

    #[test]
    fn styles_are_filled() {
        let text = style(
            &Dice::stream(1, 1),
            "FCWywxxxx",
            calendar::first_of(2021, 1) + 20,
        );
        assert!(text.starts_with("FCW2103"), "{text}");
        assert_eq!(text.len(), 11);
    }
}
