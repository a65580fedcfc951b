//! The form of a connection's settings: what was entered, what it means, and what is wrong with it, field by field.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use habeo_core::connection::{Algorithm, Family, Proof, Provider, Refusal, Settings};
use habeo_core::ticket::{Priority, Status};
use serde::Deserialize;

use super::words;
use crate::pages::sentence;

/// A way to prove oneself, as the form names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pages) enum Mode {
    /// A header that is the secret.
    Header,
    /// A signature.
    Hmac,
    /// A user and a password.
    Basic,
    /// The `clientState` of Microsoft Graph.
    ClientState,
}

impl Mode {
    const ALL: [Self; 4] = [Self::Header, Self::Hmac, Self::Basic, Self::ClientState];

    const fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Hmac => "hmac",
            Self::Basic => "basic",
            Self::ClientState => "client_state",
        }
    }

    const fn of(proof: &Proof) -> Self {
        match proof {
            Proof::Hmac { .. } => Self::Hmac,
            Proof::Basic { .. } => Self::Basic,
            Proof::Header { .. } => Self::Header,
            Proof::ClientState => Self::ClientState,
        }
    }
}

/// What was entered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Entered {
    /// What people here call it; of a new connection only.
    pub name: String,
    pub proof: String,
    pub header: String,
    pub prefix: String,
    pub signature_header: String,
    pub algorithm: String,
    pub timestamp_header: String,
    pub user: String,
    pub event_grid: Option<String>,
    pub asset_field: String,
    pub tags_in_titles: Option<String>,
    pub statuses: String,
    pub priorities: String,
}

/// What is wrong, beside which field.
#[derive(Debug, Default)]
pub(in crate::pages) struct Faults {
    pub name: Option<String>,
    pub proof: Option<String>,
    pub setting: Option<String>,
    pub statuses: Option<String>,
    pub priorities: Option<String>,
}

impl Faults {
    fn is_none(&self) -> bool {
        self.proof.is_none() && self.statuses.is_none() && self.priorities.is_none()
    }

    /// What a rule says no to, beside the field that it is about; none where it is about no field.
    pub fn of(refusal: Refusal) -> Option<Self> {
        let text = Some(sentence(&refusal.to_string()));
        let none = Self::default();
        match refusal {
            Refusal::BadName(_) => Some(Self { name: text, ..none }),
            Refusal::BadProof(_) => Some(Self {
                proof: text,
                ..none
            }),
            Refusal::BadSetting(_) => Some(Self {
                setting: text,
                ..none
            }),
            Refusal::Unknown
            | Refusal::NotPermitted
            | Refusal::Removed
            | Refusal::TooMany
            | Refusal::BadWindow
            | Refusal::Rotating => None,
        }
    }
}

impl Entered {
    /// What the form proposes for a new connection.
    pub fn usual(provider: Provider) -> Self {
        Self::of(&Settings::proven_by(provider.usual_proof()))
    }

    /// What was chosen, as it is entered; the ways that were not chosen have their usual fields.
    pub fn of(settings: &Settings) -> Self {
        let mut entered = Self {
            proof: Mode::of(&settings.proof).name().to_owned(),
            header: "Authorization".to_owned(),
            prefix: "Bearer".to_owned(),
            signature_header: "X-Habeo-Signature".to_owned(),
            algorithm: Algorithm::Sha256.to_string(),
            user: "habeo".to_owned(),
            event_grid: settings.event_grid.then(String::new),
            asset_field: settings.asset_field.clone().unwrap_or_default(),
            tags_in_titles: settings.tags_in_titles.then(String::new),
            statuses: lines(&settings.statuses),
            priorities: lines(&settings.priorities),
            ..Self::default()
        };
        match &settings.proof {
            Proof::Hmac {
                header,
                algorithm,
                timestamp_header,
            } => {
                entered.signature_header.clone_from(header);
                entered.algorithm = algorithm.to_string();
                entered.timestamp_header = timestamp_header.clone().unwrap_or_default();
            }
            Proof::Basic { user } => entered.user.clone_from(user),
            Proof::Header { header, prefix } => {
                entered.header.clone_from(header);
                prefix.trim_end().clone_into(&mut entered.prefix);
            }
            Proof::ClientState => {}
        }
        entered
    }

    /// What it means.
    pub fn settings(&self, provider: Provider) -> Result<Settings, Faults> {
        let mut faults = Faults::default();
        let proof = self
            .proof()
            .map_err(|fault| faults.proof = Some(fault.to_owned()))
            .ok();
        let statuses = map(&self.statuses, Status::ALL)
            .map_err(|fault| faults.statuses = Some(fault))
            .ok();
        let priorities = map(&self.priorities, Priority::ALL)
            .map_err(|fault| faults.priorities = Some(fault))
            .ok();
        match proof {
            Some(proof) if faults.is_none() => {
                let desk = provider.family() == Family::Itsm;
                let field = self.asset_field.trim();
                Ok(Settings {
                    proof,
                    event_grid: self.event_grid.is_some(),
                    asset_field: Some(field.to_owned()).filter(|field| !field.is_empty()),
                    tags_in_titles: desk && self.tags_in_titles.is_some(),
                    statuses: statuses.unwrap_or_default(),
                    priorities: priorities.unwrap_or_default(),
                })
            }
            _ => Err(faults),
        }
    }

    fn proof(&self) -> Result<Proof, &'static str> {
        let trimmed = |text: &str| text.trim().to_owned();
        let mode = Mode::ALL.into_iter().find(|mode| mode.name() == self.proof);
        Ok(match mode.ok_or("Choose how the system proves itself.")? {
            Mode::Header => Proof::Header {
                header: trimmed(&self.header),
                prefix: prefix(&self.prefix),
            },
            Mode::Hmac => Proof::Hmac {
                header: trimmed(&self.signature_header),
                algorithm: self
                    .algorithm
                    .parse()
                    .map_err(|_| "Choose the hash of the signature.")?,
                timestamp_header: Some(trimmed(&self.timestamp_header))
                    .filter(|header| !header.is_empty()),
            },
            Mode::Basic => Proof::Basic {
                user: trimmed(&self.user),
            },
            Mode::ClientState => Proof::ClientState,
        })
    }
}

/// A word in front of a secret is followed by one blank, which nobody sees in a field; anything else stands as it is.
fn prefix(entered: &str) -> String {
    let word = entered.trim();
    if word.ends_with(|last: char| last.is_ascii_alphanumeric()) {
        format!("{word} ")
    } else {
        word.to_owned()
    }
}

fn lines<T: Display>(words: &BTreeMap<String, T>) -> String {
    let mut lines = String::new();
    for (word, meaning) in words {
        lines.extend([word, " = ", &meaning.to_string(), "\n"]);
    }
    lines
}

/// Lines of `word = meaning`; what is wrong is told by the number of its line.
fn map<T: FromStr + Copy + Display>(
    entered: &str,
    all: &[T],
) -> Result<BTreeMap<String, T>, String> {
    let mut words = BTreeMap::new();
    for (number, line) in (1..).zip(entered.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let (word, meaning) = line.rsplit_once('=').unwrap_or((line, ""));
        let (word, meaning) = (word.trim().to_lowercase(), meaning.trim().to_lowercase());
        if word.is_empty() {
            return Err(format!(
                "Line {number}: the site’s own word is missing before the equals sign."
            ));
        }
        let Ok(meaning) = meaning.parse() else {
            let all = listed(all);
            return Err(format!(
                "Line {number}: behind the equals sign stands one of {all}."
            ));
        };
        if words.insert(word, meaning).is_some() {
            return Err(format!(
                "Line {number}: this word stands in a line above already."
            ));
        }
    }
    Ok(words)
}

/// The form as a page shows it.
#[derive(Debug)]
pub(in crate::pages) struct Form {
    pub entered: Entered,
    pub faults: Faults,
    pub provider: Provider,
}

impl Form {
    /// Whether this way to prove oneself is chosen.
    pub fn chose(&self, mode: &str) -> bool {
        self.entered.proof == mode
    }

    /// Whether it is what its product usually does.
    pub fn usual(&self, mode: &str) -> bool {
        Mode::of(&self.provider.usual_proof()).name() == mode
    }

    /// Where it is set at the other end.
    pub fn hint(&self, mode: &str) -> &'static str {
        let found = Mode::ALL.into_iter().find(|known| known.name() == mode);
        words::hint(self.provider, found.unwrap_or(Mode::Header))
    }

    /// Whether it is a help desk.
    pub fn desk(&self) -> bool {
        self.provider.family() == Family::Itsm
    }

    /// Whether it is Microsoft's.
    pub fn intune(&self) -> bool {
        self.provider == Provider::Intune
    }
}

/// The statuses that a site's own words can stand for.
pub(in crate::pages) fn statuses() -> String {
    listed(Status::ALL)
}

/// The priorities likewise.
pub(in crate::pages) fn priorities() -> String {
    listed(Priority::ALL)
}

fn listed<T: Display>(all: &[T]) -> String {
    all.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_what_was_chosen() {
        for provider in Provider::ALL {
            let settings = Settings::proven_by(provider.usual_proof());
            let read = Entered::of(&settings).settings(*provider);
            assert_eq!(read.ok(), Some(settings), "{provider}");
        }
        let mut settings = Settings::proven_by(Proof::Hmac {
            header: "X-Sign".to_owned(),
            algorithm: Algorithm::Sha512,
            timestamp_header: Some("X-Time".to_owned()),
        });
        settings.asset_field = Some("customfield_1".to_owned());
        settings.tags_in_titles = true;
        settings.statuses.insert("a = b".to_owned(), Status::OnHold);
        settings
            .priorities
            .insert("p1".to_owned(), Priority::Critical);
        let read = Entered::of(&settings).settings(Provider::Jira);
        assert_eq!(read.ok(), Some(settings));
    }

    #[test]
    fn a_word_before_a_secret_has_its_blank() {
        for (entered, kept) in [
            ("Bearer", "Bearer "),
            (" Bearer  ", "Bearer "),
            ("", ""),
            ("token=", "token="),
        ] {
            assert_eq!(prefix(entered), kept);
        }
    }

    #[test]
    fn lines_are_mapped_or_refused_by_their_number() {
        let read = map(
            "Waiting for parts = on_hold\r\n\r\n  6=In_Progress\n",
            Status::ALL,
        );
        let expected = [
            ("waiting for parts".to_owned(), Status::OnHold),
            ("6".to_owned(), Status::InProgress),
        ];
        assert_eq!(read, Ok(expected.into()));
        for (text, line) in [
            ("a = open\nb", "Line 2: behind"),
            (
                "a = opened",
                "Line 1: behind the equals sign stands one of open, in_progress",
            ),
            ("\n = open", "Line 2: the site’s own word"),
            ("A = open\na = closed", "Line 2: this word"),
        ] {
            let fault = map(text, Status::ALL).err().unwrap_or_default();
            assert!(fault.starts_with(line), "{text}: {fault}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let entered = Entered {
            proof: "psychic".to_owned(),
            statuses: "x".to_owned(),
            priorities: "y".to_owned(),
            ..Entered::usual(Provider::Jira)
        };
        let faults = entered.settings(Provider::Jira).err().unwrap_or_default();
        assert!(faults.proof.is_some() && faults.statuses.is_some() && faults.priorities.is_some());
    }
}
