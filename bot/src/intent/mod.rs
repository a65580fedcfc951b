//! From a question in English to a typed intent: pure, bounded in time, and honest about doubt.

pub mod bounds;
mod canonical;
mod change;
mod context;
mod contractions;
mod dates;
mod filter;
mod grammar;
mod named;
mod numbers;
mod reading;
mod sort;
mod synonyms;
mod token;
pub mod vocabulary;
mod window;
mod words;

use habeo_core::time::Day;
use serde::{Deserialize, Serialize};

pub use change::{Act, Change, Recipient};
pub use context::Context;
pub use filter::{Cost, Filter, Holder, Lack};
pub use named::{AssetRef, Named, Phrase};
pub use reading::{Piece, Reading, Sureness, Taken};
pub use sort::{Dimension, Extreme, Sort, SortKey};
pub use vocabulary::{View, Vocabulary};
pub use window::{DateOf, Window};
pub(crate) use words::state_words;

/// Reads a question: what is wanted, how surely, and what else it may mean. The same arguments always give the same reading.
#[must_use]
pub fn read(question: &str, view: &View<'_>, context: &Context, today: Day) -> Reading {
    grammar::read(grammar::Ground {
        question,
        view,
        context,
        today,
    })
}

/// What somebody wants. Complete in itself: only references to rows of the last answer need the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Intent {
    /// A list of assets. What is due, what somebody holds and what is mine are lists too.
    Find {
        /// Which ones.
        #[serde(default)]
        filter: Filter,
        /// In which order; the usual one when none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sort: Option<Sort>,
    },
    /// How many there are.
    Count {
        /// Which ones.
        #[serde(default)]
        filter: Filter,
        /// Broken down by this; one number when none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Dimension>,
        /// Only the group with the most or the fewest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extreme: Option<Extreme>,
    },
    /// One thing about an asset as it is now.
    About {
        /// Which one.
        asset: AssetRef,
        /// What about it.
        aspect: Aspect,
    },
    /// What has happened to an asset.
    History {
        /// Which one.
        asset: AssetRef,
        /// What of it.
        past: Past,
    },
    /// A list of tickets of help desks.
    Tickets {
        /// About what.
        of: TicketsOf,
        /// How far they are.
        progress: Progress,
    },
    /// A list as a file.
    Export {
        /// Which ones.
        #[serde(default)]
        filter: Filter,
        /// In which order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sort: Option<Sort>,
    },
    /// The next rows of the last list.
    More,
    /// A change, to be confirmed before anything happens.
    Write(Change),
    /// A form for a new asset.
    Create {
        /// What it is, as far as that was said: category, maker, model, unit, place or words.
        #[serde(default)]
        what: Filter,
    },
    /// Digests to this conversation: on or off.
    Subscribe {
        /// Of this unit; of everything in sight when none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<Named<habeo_core::id::UnitId>>,
        /// On or off.
        switch: Switch,
    },
    /// The chat account and the Habeo account: together or apart.
    Account(Switch),
    /// What can be asked.
    Help,
    /// Hello.
    Greeting,
    /// Thank you.
    Thanks,
    /// Never mind.
    Dismiss,
    /// Not understood, or understood in several ways; the reading's alternatives say which.
    Unclear(Doubt),
}

/// Which tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TicketsOf {
    /// All in sight.
    Everything,
    /// What the asker wants, works on, or has.
    Mine,
    /// About assets of a unit and of everything below it.
    Unit(Named<habeo_core::id::UnitId>),
    /// About one asset.
    Asset(AssetRef),
}

/// How far tickets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Wherever they are.
    Any,
    /// Somebody still has to do something.
    Open,
    /// Nobody has to do anything any more.
    Ended,
}

/// On or off, link or unlink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// Subscribe, link.
    On,
    /// Unsubscribe, unlink.
    Off,
}

/// What is asked about an asset as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Everything.
    Whole,
    /// Who has it.
    Holder,
    /// Where it is.
    Place,
    /// Where it is in its life: "is it still in repair?"
    Status,
    /// Which unit owns it.
    Unit,
    /// When its warranty ends.
    Warranty,
    /// When it was bought.
    Bought,
    /// What it cost.
    Cost,
    /// When it is due back.
    Due,
    /// What shape it is in.
    Condition,
    /// What it is: model, maker, category, serial number.
    Identity,
}

/// What is asked of an asset's past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Past {
    /// All of it.
    Whole,
    /// Everybody who had it.
    Holders,
    /// Who had it before whoever has it now.
    PreviousHolder,
    /// When somebody last had it before their eyes.
    LastSeen,
    /// When it was last moved, and by whom.
    LastMove,
    /// Where it has been.
    Places,
    /// Since when its holder has it.
    HeldSince,
    /// Since when it has been in its state.
    StateSince,
    /// Its repairs.
    Repairs,
    /// Its notes.
    Notes,
    /// The last thing that happened to it, and who did it.
    LastChange,
}

/// Why a question has no single meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Nothing in it is known.
    NotUnderstood,
    /// Some words in it are not.
    PartlyUnderstood,
    /// A name in it means several things.
    Ambiguous,
    /// A change, but not surely this one.
    UnsureChange,
    /// It does not say which asset.
    WhichAsset,
    /// It does not say to whom, where to or until when.
    WhereTo,
    /// It speaks of a last answer, and there is none that fits.
    NothingBefore,
    /// It is too long to be read.
    TooLong,
}

#[cfg(test)]
mod tests;
