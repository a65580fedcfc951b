//! Changes as colleagues say them; the state of each asset decides which command of the core each becomes.

use habeo_core::asset::LossKind;
use habeo_core::id::{LocationId, UnitId};
use habeo_core::time::Day;
use serde::{Deserialize, Serialize};

use super::bounds;
use super::named::{AssetRef, Named, Phrase};

/// A change to one or several assets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// To which; never none.
    #[serde(deserialize_with = "bounds::list")]
    pub assets: Vec<AssetRef>,
    /// What.
    pub act: Act,
    /// Why, in the words of whoever asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Phrase<{ bounds::NOTE_CHARS_MAX }>>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// Into somebody's custody. With a date it is a loan; what is in use already is reassigned.
    HandOut {
        /// Whose.
        to: Recipient,
        /// Until when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
    },
    /// From one custody into another, said so: "transfer", "reassign".
    Transfer {
        /// Whose.
        to: Recipient,
        /// Until when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
    },
    /// Back into stock.
    Return {
        /// Where it was put, if that was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Named<LocationId>>,
    },
    /// To another place; custody stays.
    Move {
        /// Where to.
        to: Named<LocationId>,
    },
    /// Missing from now on.
    ReportMissing {
        /// How.
        kind: LossKind,
    },
    /// Missing no more.
    Found {
        /// Where it was, if that was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Named<LocationId>>,
    },
    /// To a workshop.
    RepairOut,
    /// Back from the workshop.
    RepairIn,
    /// Only a note: the remark of the change.
    Note,
    /// "Yes, I got it."
    Acknowledge,
    /// A longer loan.
    Renew {
        /// Until when.
        until: Day,
    },
    /// Out of use.
    Retire,
}

/// Who gets something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Recipient {
    /// Whoever is called so.
    Person(Phrase),
    /// The asker.
    Me,
    /// A unit.
    Unit(Named<UnitId>),
    /// A room.
    Place(Named<LocationId>),
}
