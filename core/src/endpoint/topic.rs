//! What is announced: the one table from facts to the names under which endpoints hear of them.
//!
//! There are four channels, `asset`, `ticket`, `mdm` and `billing`, and beside them five generic names in which the same facts are told to
//! whoever wants to hear of records and not of assets. Facts about endpoints themselves are never announced.

use crate::closed_set::closed_set;

closed_set! {
    /// The generic names.
    Record {
        /// Something entered the record.
        Created = "record.created",
        /// Something about it changed.
        Updated = "record.updated",
        /// It was disposed of, or should never have been recorded.
        Deleted = "record.deleted",
        /// A file of them was entered.
        BulkCreated = "record.bulk_created",
        /// What can be recorded changed: a category, a model, a maker.
        SchemaUpdated = "schema.updated",
    }
}

/// The channels.
pub const CHANNELS: [&str; 4] = ["asset", "ticket", "mdm", "billing"];
/// The name of an event that shows whether an endpoint hears.
pub const TEST: &str = "webhook.test";

/// Under which names a fact is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic {
    /// The type of the fact.
    pub fact: &'static str,
    /// Its own name, `channel.what`.
    pub name: Option<&'static str>,
    /// Its generic name.
    pub record: Option<Record>,
    /// What it means.
    pub about: &'static str,
}

const fn own(fact: &'static str, record: Record, about: &'static str) -> Topic {
    Topic {
        fact,
        name: Some(fact),
        record: Some(record),
        about,
    }
}

const fn called(
    fact: &'static str,
    name: &'static str,
    record: Option<Record>,
    about: &'static str,
) -> Topic {
    Topic {
        fact,
        name: Some(name),
        record,
        about,
    }
}

const fn schema(fact: &'static str, about: &'static str) -> Topic {
    Topic {
        fact,
        name: None,
        record: Some(Record::SchemaUpdated),
        about,
    }
}

use Record::{BulkCreated, Created, Deleted, Updated};

/// Every fact that is announced.
pub const TOPICS: &[Topic] = &[
    own("asset.ordered", Created, "An asset was ordered."),
    own("asset.registered", Created, "An asset entered the record."),
    own(
        "asset.received",
        Updated,
        "An asset that was ordered arrived.",
    ),
    own("asset.tagged", Updated, "An asset got its label."),
    own("asset.retagged", Updated, "An asset got another label."),
    own(
        "asset.deployed",
        Updated,
        "An asset went into somebody's custody.",
    ),
    own("asset.loaned", Updated, "An asset was lent."),
    own("asset.renewed", Updated, "A loan was made longer."),
    own("asset.reassigned", Updated, "An asset changed hands."),
    own("asset.returned", Updated, "An asset came back."),
    own("asset.dispatched", Updated, "An asset was sent somewhere."),
    own(
        "asset.arrived",
        Updated,
        "An asset arrived where it was sent.",
    ),
    own(
        "asset.repair_started",
        Updated,
        "An asset went to a workshop.",
    ),
    own(
        "asset.repair_ended",
        Updated,
        "An asset came back from a workshop.",
    ),
    own("asset.missing", Updated, "Nobody knows where an asset is."),
    own("asset.found", Updated, "A missing asset was found."),
    own(
        "asset.written_off",
        Updated,
        "A missing asset was given up.",
    ),
    own("asset.retired", Updated, "An asset is no longer used."),
    own(
        "asset.reinstated",
        Updated,
        "A retired asset is used again.",
    ),
    own("asset.surplused", Updated, "An asset is offered to others."),
    own("asset.disposed", Deleted, "An asset left for good."),
    own("asset.cancelled", Updated, "An order was cancelled."),
    own(
        "asset.voided",
        Deleted,
        "An asset should never have been recorded.",
    ),
    own("asset.moved", Updated, "An asset is somewhere else."),
    own(
        "asset.noted",
        Updated,
        "Somebody wrote something about an asset.",
    ),
    own(
        "asset.field_changed",
        Updated,
        "Something about an asset changed.",
    ),
    own(
        "asset.corrected",
        Updated,
        "An earlier entry about an asset was wrong.",
    ),
    own(
        "asset.merged",
        Updated,
        "An asset's record leads to another that goes on.",
    ),
    own(
        "asset.absorbed",
        Updated,
        "Another record leads to this asset.",
    ),
    own(
        "asset.unmerged",
        Updated,
        "A record that led to another stands for itself again.",
    ),
    own(
        "asset.parted",
        Updated,
        "A record that led to this asset does not any more.",
    ),
    called(
        "custody.ack_accepted",
        "asset.acknowledged",
        Some(Updated),
        "Whoever was given an asset said that they have it.",
    ),
    called(
        "hold.placed",
        "asset.hold_placed",
        Some(Updated),
        "An asset may not be disposed of or changed for now.",
    ),
    called(
        "hold.released",
        "asset.hold_released",
        Some(Updated),
        "A hold on an asset ended.",
    ),
    called(
        "import.completed",
        "asset.bulk_created",
        Some(BulkCreated),
        "A file of assets was entered.",
    ),
    own(
        "ticket.opened",
        Created,
        "A help desk has a ticket about an asset.",
    ),
    own(
        "ticket.changed",
        Updated,
        "Something about a ticket changed.",
    ),
    own(
        "ticket.resolved",
        Updated,
        "Nobody has to do anything about a ticket any more.",
    ),
    own(
        "ticket.reopened",
        Updated,
        "Somebody has to do something about a ticket again.",
    ),
    own(
        "ticket.deleted",
        Deleted,
        "A ticket was removed from the help desk.",
    ),
    own("mdm.enrolled", Updated, "A device came under management."),
    own(
        "mdm.checked_in",
        Updated,
        "A device was heard of: at most once a day where nothing of it changed.",
    ),
    own("mdm.unenrolled", Updated, "A device left management."),
    own(
        "mdm.proposed",
        Updated,
        "Somebody who uses a device may be whom it should be with.",
    ),
    own(
        "mdm.accepted",
        Updated,
        "A proposed hand-over was accepted.",
    ),
    own(
        "mdm.declined",
        Updated,
        "A proposed hand-over was declined.",
    ),
    called(
        "billing.customer_linked",
        "billing.customer_linked",
        None,
        "A customer of the billing service pays from now on.",
    ),
    called(
        "billing.customer_detached",
        "billing.customer_detached",
        None,
        "That customer is gone.",
    ),
    called(
        "billing.seats_changed",
        "billing.seats_changed",
        None,
        "A subscription began, changed or ended.",
    ),
    called(
        "billing.grace_entered",
        "billing.grace_entered",
        None,
        "A payment is missing and is waited for.",
    ),
    called(
        "billing.grace_left",
        "billing.grace_left",
        None,
        "The wait for a payment ended.",
    ),
    schema(
        "catalogue.category_added",
        "There is a new category of assets.",
    ),
    schema("catalogue.manufacturer_added", "There is a new maker."),
    schema("catalogue.model_added", "There is a new model."),
];

/// Under which names a fact is announced, if it is.
#[must_use]
pub fn of_fact(fact: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.fact == fact)
}

/// Every name that an endpoint can ask for, once each.
pub fn names() -> impl Iterator<Item = &'static str> {
    let own = TOPICS.iter().filter_map(|topic| topic.name);
    own.chain(Record::ALL.iter().map(|record| record.as_str()))
}

/// What an endpoint wants to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Everything that has a name of its own.
    Every,
    /// Everything of a channel.
    Channel(String),
    /// One name.
    Name(String),
}

impl Pattern {
    /// Reads `asset.registered`, `asset.*` or `*`; none where a text is none of these.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Every);
        }
        let (channel, what) = text.split_once('.')?;
        let word = |text: &str| {
            !text.is_empty()
                && text.len() <= 64
                && text
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        match what {
            "*" if word(channel) => Some(Self::Channel(channel.to_owned())),
            _ if word(channel) && word(what) => Some(Self::Name(text.to_owned())),
            _ => None,
        }
    }

    /// Whether it asks for this name.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        match self {
            Self::Every => !name.starts_with("record.") && !name.starts_with("schema."),
            Self::Channel(channel) => name
                .strip_prefix(channel.as_str())
                .is_some_and(|rest| rest.starts_with('.')),
            Self::Name(wanted) => wanted == name,
        }
    }
}

/// Whether anything is announced that a pattern asks for.
#[must_use]
pub fn is_known(pattern: &Pattern) -> bool {
    names().any(|name| pattern.wants(name))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_belong_to_channels_and_are_told_apart() {
        let mut facts = HashSet::new();
        for topic in TOPICS {
            assert!(facts.insert(topic.fact), "{}", topic.fact);
            let Some(name) = topic.name else { continue };
            let (channel, _) = name.split_once('.').expect("a channel");
            assert!(CHANNELS.contains(&channel), "{name}");
        }
        let names: Vec<&str> = names().collect();
        let distinct: HashSet<&str> = names.iter().copied().collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[test]
    fn everything_is_everything_with_a_name_of_its_own() {
        assert!(Pattern::Every.wants("asset.registered"));
        assert!(!Pattern::Every.wants("record.created"));
        let assets = Pattern::parse("asset.*").expect("a channel");
        assert!(assets.wants("asset.moved"));
        assert!(!assets.wants("assets.moved"));
        assert!(!assets.wants("asset"));
    }
}
