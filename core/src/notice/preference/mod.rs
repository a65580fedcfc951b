//! What somebody wants to be told, and by what: in a chat, on their phones, or not at all.
//!
//! Nobody has to say anything: who has said nothing of a sort of notice is told by everything by which they are known.

pub mod command;
pub mod event;
pub(crate) mod project;
pub mod store;

use serde::{Deserialize, Serialize};

use super::Sort;

/// By what a person is told of one sort of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// Of which.
    pub sort: Sort,
    /// Whether in the chats in which they are known.
    pub chat: bool,
    /// Whether on their phones.
    pub push: bool,
}

impl Preference {
    /// What holds where a person has said nothing.
    #[must_use]
    pub const fn unsaid(sort: Sort) -> Self {
        Self {
            sort,
            chat: true,
            push: true,
        }
    }
}

/// What a person wants, for every sort there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences(Vec<Preference>);

impl Preferences {
    /// From what was said; the rest is as where nothing was.
    #[must_use]
    pub fn of(said: &[Preference]) -> Self {
        let every = Sort::ALL.iter().map(|sort| {
            let found = said.iter().find(|preference| preference.sort == *sort);
            found.copied().unwrap_or(Preference::unsaid(*sort))
        });
        Self(every.collect())
    }

    /// Every sort once, in the order of the list.
    #[must_use]
    pub fn all(&self) -> &[Preference] {
        &self.0
    }

    /// What is wanted of one sort.
    #[must_use]
    pub fn get(&self, sort: Sort) -> Preference {
        let found = self.0.iter().find(|preference| preference.sort == sort);
        found.copied().unwrap_or(Preference::unsaid(sort))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_nothing_is_told_everything() {
        let quiet = Preference {
            sort: Sort::DueSoon,
            chat: false,
            push: true,
        };
        let preferences = Preferences::of(&[quiet]);
        assert_eq!(preferences.all().len(), Sort::ALL.len());
        assert_eq!(preferences.get(Sort::DueSoon), quiet);
        let unsaid = preferences.get(Sort::HandedToYou);
        assert!(unsaid.chat && unsaid.push);
    }
}
