//! The fields of a report: which of them it mentions, and what of them can be kept.

use crate::text;
use crate::ticket::report::{AssetRef, Field, Party, Report};

/// The most characters of a help desk's key.
const KEY_CHARS_MAX: usize = 200;
/// The most characters of a title; longer ones are cut.
const TITLE_CHARS_MAX: usize = 500;
/// The most characters of an address of a page; longer ones are left out.
const URL_CHARS_MAX: usize = 2_048;
/// The most characters of a help desk's word or of a name; longer ones are cut.
const WORD_CHARS_MAX: usize = 200;
/// The most assets that one ticket names; further ones are left out.
const ASSETS_MAX: usize = 32;

/// Which fields a report mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fields(i64);

impl Fields {
    pub(super) const KEY: Self = Self(1);
    pub(super) const URL: Self = Self(1 << 1);
    pub(super) const TITLE: Self = Self(1 << 2);
    pub(super) const SORT: Self = Self(1 << 3);
    pub(super) const STATUS: Self = Self(1 << 4);
    pub(super) const STATUS_RAW: Self = Self(1 << 5);
    pub(super) const PRIORITY: Self = Self(1 << 6);
    pub(super) const PRIORITY_RAW: Self = Self(1 << 7);
    pub(super) const REQUESTER: Self = Self(1 << 8);
    pub(super) const ASSIGNEE: Self = Self(1 << 9);
    pub(super) const ASSETS: Self = Self(1 << 10);
    pub(super) const OPENED: Self = Self(1 << 11);
    pub(super) const RESOLVED: Self = Self(1 << 12);

    /// Those that a report has a value for.
    pub(super) fn of(report: &Report) -> Self {
        let mentioned = [
            (Self::KEY, report.external_key.value().is_some()),
            (Self::URL, report.url.value().is_some()),
            (Self::TITLE, report.title.value().is_some()),
            (Self::SORT, report.sort.value().is_some()),
            (Self::STATUS, report.status.value().is_some()),
            (Self::STATUS_RAW, report.status_raw.value().is_some()),
            (Self::PRIORITY, report.priority.value().is_some()),
            (Self::PRIORITY_RAW, report.priority_raw.value().is_some()),
            (Self::REQUESTER, report.requester.value().is_some()),
            (Self::ASSIGNEE, report.assignee.value().is_some()),
            (Self::ASSETS, report.assets.value().is_some()),
            (Self::OPENED, report.opened_at.value().is_some()),
            (Self::RESOLVED, report.resolved_at.value().is_some()),
        ];
        let fields = mentioned.into_iter().filter(|(_, is)| *is);
        fields.fold(Self::default(), |all, (field, _)| all.and(field))
    }

    /// These and others.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a field is among them.
    pub(super) const fn has(self, field: Self) -> bool {
        self.0 & field.0 != 0
    }

    /// As they are stored.
    pub(crate) const fn bits(self) -> i64 {
        self.0
    }

    /// As they were stored.
    pub(crate) const fn from_bits(bits: i64) -> Self {
        Self(bits)
    }
}

impl Report {
    /// Whether it says when the ticket was solved.
    pub(super) fn mentions_end(&self) -> bool {
        self.resolved_at.value().is_some()
    }
}

/// A report within its bounds; none whose key is none. What cannot be shown is left out of a text, and nothing is refused for it.
#[must_use]
pub fn cleaned(report: Report) -> Option<Report> {
    let key = text::line(&report.external_id, KEY_CHARS_MAX).ok()?;
    Some(Report {
        external_id: key,
        external_key: report.external_key.each(|key| line(&key, KEY_CHARS_MAX)),
        url: report.url.each(|url| address(&url)),
        title: report.title.each(|title| line(&title, TITLE_CHARS_MAX)),
        status_raw: report.status_raw.each(|word| line(&word, WORD_CHARS_MAX)),
        priority_raw: report.priority_raw.each(|word| line(&word, WORD_CHARS_MAX)),
        requester: report.requester.each(party),
        assignee: report.assignee.each(party),
        assets: report.assets.each(assets),
        ..report
    })
}

impl<T> Field<T> {
    /// Another value where there is one; empty where nothing is left of it.
    fn each<U>(self, change: impl FnOnce(T) -> Option<U>) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Empty => Field::Empty,
            Self::Set(value) => change(value).map_or(Field::Empty, Field::Set),
        }
    }
}

/// What of a text can be shown in a line.
fn line(text: &str, chars_max: usize) -> Option<String> {
    let shown: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| text::is_printable(*c))
        .take(chars_max)
        .collect();
    text::line(&shown, chars_max).ok()
}

/// An address that people can be sent to: without user or password, and encrypted.
fn address(url: &str) -> Option<String> {
    let url = text::line(url, URL_CHARS_MAX).ok()?;
    let rest = url.strip_prefix("https://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = !host.is_empty()
        && !host.contains(['@', '\\'])
        && !url.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '|' | '\\'));
    plain.then_some(url)
}

fn party(party: Party) -> Option<Party> {
    let word = |text: Option<String>| line(&text?, WORD_CHARS_MAX);
    let party = Party {
        external_id: word(party.external_id),
        name: word(party.name),
        email: party.email.and_then(|email| line(&email, 254)),
    };
    (party != Party::default()).then_some(party)
}

fn assets(refs: Vec<AssetRef>) -> Option<Vec<AssetRef>> {
    let mut kept: Vec<AssetRef> = Vec::new();
    for one in refs {
        let text = match &one {
            AssetRef::Tag(text) | AssetRef::Serial(text) | AssetRef::Code(text) => text,
        };
        let said = text::line(text, KEY_CHARS_MAX).is_ok();
        if said && !kept.contains(&one) && kept.len() < ASSETS_MAX {
            kept.push(one);
        }
    }
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_ones_that_people_can_be_sent_to() {
        for good in [
            "https://westmark.example/browse/ITH-1",
            "https://desk.example:8443/?id=1#x",
        ] {
            assert_eq!(address(good).as_deref(), Some(good));
        }
        for bad in [
            "http://desk.example/1",
            "javascript:alert(1)",
            "https://",
            "https:///path",
            "https://user@desk.example/",
            "https://desk.example\\@other.example/",
            "https://desk.example/a b",
            "https://desk.example/<x>",
            "https://desk.example/|label",
            "https://desk.example/\u{202e}",
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
        assert_eq!(
            address(&format!("https://d.example/{}", "a".repeat(2_100))),
            None
        );
    }

    #[test]
    fn texts_lose_what_cannot_be_shown() {
        assert_eq!(
            line("A\nlamp\u{202e} is\u{0} out ", 500).as_deref(),
            Some("A lamp is out")
        );
        assert_eq!(line("\u{200b}", 500), None);
        assert_eq!(
            line(&"x".repeat(600), 500).map(|text| text.len()),
            Some(500)
        );
    }

    #[test]
    fn nobody_is_nobody() {
        let nobody = Party {
            name: Some(" ".to_owned()),
            ..Party::default()
        };
        assert_eq!(Field::Set(nobody).each(party), Field::Empty);
        let tags = vec![
            AssetRef::Tag("WM-1".to_owned()),
            AssetRef::Tag("WM-1".to_owned()),
            AssetRef::Serial(String::new()),
        ];
        assert_eq!(assets(tags), Some(vec![AssetRef::Tag("WM-1".to_owned())]));
        assert_eq!(assets(vec![AssetRef::Code(" ".to_owned())]), None);
    }
}
