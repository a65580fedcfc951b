//! What is kept between questions: what the last one was about, and what the buttons of an answer stand for.

use std::collections::BTreeMap;

use habeo_core::asset::search;
use habeo_core::id::{AssetId, PersonId, RequisitionId};
use habeo_core::page::Position;
use serde::{Deserialize, Serialize};

use crate::intent::{Context, Intent};

/// What a conversation was about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The last intent that was answered.
    pub context: Context,
    /// What its names were found to mean.
    #[serde(default)]
    pub bound: Bound,
    /// The assets that the last answer showed, in their order.
    #[serde(default)]
    pub assets: Vec<AssetId>,
    /// Where its list goes on.
    #[serde(default)]
    pub next: Option<Place>,
}

/// What names and references were chosen to mean, where they could mean several things.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// People by how they were called.
    #[serde(default)]
    pub people: BTreeMap<String, PersonId>,
    /// Assets by how they were referred to.
    #[serde(default)]
    pub assets: BTreeMap<String, Vec<AssetId>>,
}

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    tier: u8,
    key: String,
    seq: i64,
    /// How many rows came before.
    pub shown: u32,
}

impl Place {
    /// After a position in a list of which so many rows were shown.
    #[must_use]
    pub fn new(position: Position, shown: u32) -> Self {
        Self {
            tier: position.tier,
            key: position.key,
            seq: position.seq,
            shown,
        }
    }

    /// The position.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            tier: self.tier,
            key: self.key.clone(),
            seq: self.seq,
        }
    }
}

/// What a button stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meaning {
    /// What is wanted: complete, or complete with what the names are bound to.
    pub intent: Intent,
    /// What its names mean.
    #[serde(default)]
    pub bound: Bound,
    /// Where its list goes on; at the beginning when none.
    #[serde(default)]
    pub place: Option<Place>,
    /// The list as a file, where that is what it stands for.
    #[serde(default)]
    pub file: Option<File>,
}

/// A list that can be fetched as a file, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// What it is narrowed to.
    pub filter: search::Filter,
    /// Words that are searched for besides.
    pub words: Option<String>,
}

impl Meaning {
    /// An intent as it was read.
    #[must_use]
    pub fn of(intent: Intent) -> Self {
        Self {
            intent,
            bound: Bound::default(),
            place: None,
            file: None,
        }
    }
}

/// What came back with a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Press {
    /// A meaning of an answer, by the answer's token and its number there.
    Meaning(String, usize),
    /// Everything about an asset.
    Asset(AssetId),
    /// The asker has an asset that was given to them: to be proposed.
    Acknowledge(AssetId),
    /// A yes to a requisition, exactly as it was shown with this digest: to be proposed.
    Approve(RequisitionId, String),
    /// A requisition as it is now.
    Requisition(RequisitionId),
    /// A proposal is confirmed.
    Confirm(uuid::Uuid),
    /// A proposal is called off.
    Cancel(uuid::Uuid),
    /// What can be asked.
    Help,
}

impl Press {
    /// Spells it.
    #[must_use]
    pub fn spelled(&self) -> String {
        match self {
            Self::Meaning(token, number) => format!("m:{token}:{number}"),
            Self::Asset(asset) => format!("a:{asset}"),
            Self::Acknowledge(asset) => format!("k:{asset}"),
            Self::Approve(requisition, digest) => format!("y:{requisition}:{digest}"),
            Self::Requisition(requisition) => format!("r:{requisition}"),
            Self::Confirm(id) => format!("c:{id}"),
            Self::Cancel(id) => format!("x:{id}"),
            Self::Help => "h".to_owned(),
        }
    }

    /// Reads what came back; none where no button of ours says so.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text == "h" {
            return Some(Self::Help);
        }
        let (sort, rest) = text.split_once(':')?;
        match sort {
            "m" => {
                let (token, number) = rest.split_once(':')?;
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                let known = token.len() <= 64 && token.chars().all(plain);
                let number = number.parse().ok()?;
                known.then(|| Self::Meaning(token.to_owned(), number))
            }
            "a" => rest.parse().ok().map(Self::Asset),
            "k" => rest.parse().ok().map(Self::Acknowledge),
            "y" => {
                let (requisition, digest) = rest.split_once(':')?;
                let known = digest.len() <= 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
                let requisition = requisition.parse().ok()?;
                known.then(|| Self::Approve(requisition, digest.to_owned()))
            }
            "r" => rest.parse().ok().map(Self::Requisition),
            "c" => rest.parse().ok().map(Self::Confirm),
            "x" => rest.parse().ok().map(Self::Cancel),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_carries_comes_back_as_it_was() {
        let id = uuid::Uuid::from_u128(7);
        let all = [
            Press::Meaning("Ab-_9".to_owned(), 2),
            Press::Asset(AssetId::from_uuid(id)),
            Press::Acknowledge(AssetId::from_uuid(id)),
            Press::Approve(RequisitionId::from_uuid(id), "0a9f".to_owned()),
            Press::Requisition(RequisitionId::from_uuid(id)),
            Press::Confirm(id),
            Press::Cancel(id),
            Press::Help,
        ];
        for press in all {
            assert_eq!(Press::read(&press.spelled()), Some(press));
        }
    }

    #[test]
    fn what_no_button_says_is_nothing() {
        for text in [
            "", "m", "m:", "m:a", "m:a:b", "m:a b:1", "a:1", "k:1", "z:1", "y:1", "y:1:0", "r:",
            "c:", "m:é:0", "h:",
        ] {
            assert_eq!(Press::read(text), None, "{text}");
        }
        assert_eq!(Press::read(&format!("m:{}:0", "a".repeat(65))), None);
    }
}
