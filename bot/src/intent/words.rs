//! An intent in plain English, so that people see what they were taken to mean before they rely on it.

use habeo_core::asset::{LossKind, State};
use habeo_core::time::Day;

use super::change::{Act, Change, Recipient};
use super::filter::{Cost, Filter, Holder, Lack};
use super::named::{AssetRef, Named};
use super::sort::{Dimension, Extreme, Sort, SortKey};
use super::window::{DateOf, Window};
use super::{Aspect, Doubt, Intent, Past, Progress, Switch, TicketsOf};

impl Intent {
    /// What it means, in words for people: "Laptops of Biology that are in repair".
    #[must_use]
    pub fn in_words(&self) -> String {
        let text = match self {
            Self::Find { filter, sort } => format!("{}{}", filter.in_words(), ordered(*sort)),
            Self::Export { filter, sort } => {
                format!("a file of {}{}", filter.in_words(), ordered(*sort))
            }
            Self::Count {
                filter,
                by,
                extreme,
            } => count(filter, *by, *extreme),
            Self::About { asset, aspect } => about(&asset.in_words(), *aspect),
            Self::History { asset, past } => history(&asset.in_words(), *past),
            Self::Tickets { of, progress } => tickets(of, *progress),
            Self::More => "more of the last list".to_owned(),
            Self::Write(change) => change.in_words(),
            Self::Create { what } if what.is_empty() => "enter a new asset".to_owned(),
            Self::Create { what } => format!("enter a new asset: {}", what.in_words()),
            Self::Subscribe { unit, switch } => {
                let verb = match switch {
                    Switch::On => "send digests here",
                    Switch::Off => "send no more digests here",
                };
                match unit {
                    Some(unit) => format!("{verb} of {}", unit.name),
                    None => verb.to_owned(),
                }
            }
            Self::Account(Switch::On) => "link your account".to_owned(),
            Self::Account(Switch::Off) => "unlink your account".to_owned(),
            Self::Help => "what you can ask".to_owned(),
            Self::Greeting => "hello".to_owned(),
            Self::Thanks => "you are welcome".to_owned(),
            Self::Dismiss => "never mind".to_owned(),
            Self::Unclear(doubt) => doubt.in_words().to_owned(),
        };
        capitalised(&text)
    }
}

impl Doubt {
    /// The reason, as a sentence without its full stop.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::NotUnderstood => "I did not understand that",
            Self::PartlyUnderstood => "I understood only a part of that",
            Self::Ambiguous => "That can mean several things",
            Self::UnsureChange => "I am not sure which change you mean",
            Self::WhichAsset => "Please say which asset you mean",
            Self::WhereTo => "Please say to whom, where to or until when",
            Self::NothingBefore => "There is nothing before this that it could refer to",
            Self::TooLong => "That is too long for me",
        }
    }
}

/// Which tickets, in words.
fn tickets(of: &TicketsOf, progress: Progress) -> String {
    let open = match progress {
        Progress::Any => "",
        Progress::Open => "open ",
        Progress::Ended => "closed ",
    };
    match of {
        TicketsOf::Everything => format!("{open}tickets"),
        TicketsOf::Mine => format!("your {open}tickets"),
        TicketsOf::Unit(unit) => format!("{open}tickets of {}", unit.name),
        TicketsOf::Asset(asset) => format!("{open}tickets about {}", asset.in_words()),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

fn count(filter: &Filter, by: Option<Dimension>, extreme: Option<Extreme>) -> String {
    let what = filter.in_words();
    match (by.map(dimension), extreme) {
        (Some(by), Some(Extreme::Most)) => format!("the {by} with the most {what}"),
        (Some(by), Some(Extreme::Fewest)) => format!("the {by} with the fewest {what}"),
        (Some(by), None) => format!("how many {what} there are, by {by}"),
        (None, _) => format!("how many {what} there are"),
    }
}

const fn dimension(by: Dimension) -> &'static str {
    match by {
        Dimension::Unit => "unit",
        Dimension::College => "college",
        Dimension::Site => "site",
        Dimension::Building => "building",
        Dimension::Room => "room",
        Dimension::Category => "category",
        Dimension::Maker => "maker",
        Dimension::Model => "model",
        Dimension::State => "state",
        Dimension::Holder => "holder",
        Dimension::Year => "year of purchase",
    }
}

fn about(asset: &str, aspect: Aspect) -> String {
    match aspect {
        Aspect::Whole => format!("everything about {asset}"),
        Aspect::Holder => format!("who has {asset}"),
        Aspect::Place => format!("where {asset} is"),
        Aspect::Status => format!("the state of {asset}"),
        Aspect::Unit => format!("which unit owns {asset}"),
        Aspect::Warranty => format!("the warranty of {asset}"),
        Aspect::Bought => format!("when {asset} was bought"),
        Aspect::Cost => format!("what {asset} cost"),
        Aspect::Due => format!("when {asset} is due back"),
        Aspect::Condition => format!("what shape {asset} is in"),
        Aspect::Identity => format!("what {asset} is"),
    }
}

fn history(asset: &str, past: Past) -> String {
    match past {
        Past::Whole => format!("the history of {asset}"),
        Past::Holders => format!("everybody who has had {asset}"),
        Past::PreviousHolder => format!("who had {asset} before"),
        Past::LastSeen => format!("when {asset} was last seen"),
        Past::LastMove => format!("when {asset} was last moved, and by whom"),
        Past::Places => format!("where {asset} has been"),
        Past::HeldSince => format!("since when {asset} has been with its holder"),
        Past::StateSince => format!("since when {asset} has been in its state"),
        Past::Repairs => format!("the repairs of {asset}"),
        Past::Notes => format!("the notes on {asset}"),
        Past::LastChange => format!("what last happened to {asset}"),
    }
}

fn ordered(sort: Option<Sort>) -> String {
    let Some(sort) = sort else {
        return String::new();
    };
    let by = match (sort.by, sort.descending) {
        (SortKey::Bought, false) => return ", oldest first".to_owned(),
        (SortKey::Bought, true) => return ", newest first".to_owned(),
        (SortKey::Cost, true) => return ", dearest first".to_owned(),
        (SortKey::Cost, false) => return ", cheapest first".to_owned(),
        (SortKey::Seen, _) => "when it was last seen",
        (SortKey::Due, _) => "when it is due",
        (SortKey::WarrantyEnds, _) => "the end of the warranty",
        (SortKey::Tag, _) => "tag",
        (SortKey::Model, _) => "model",
        (SortKey::Unit, _) => "unit",
        (SortKey::Place, _) => "place",
        (SortKey::State, _) => "state",
        (SortKey::Holder, _) => "holder",
    };
    let turned = if sort.descending { ", last first" } else { "" };
    format!(", sorted by {by}{turned}")
}

impl AssetRef {
    /// Which one, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Code(code) => code.to_string(),
            Self::Last => "it".to_owned(),
            Self::Row(row) => format!("number {row} of the list"),
            Self::AllRows => "everything in the list".to_owned(),
            Self::Described(filter) => filter.in_words(),
        }
    }
}

impl Filter {
    /// What it lets through, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut text = self.things();
        let mut add = |joint: &str, names: Vec<String>, between: &str| {
            if !names.is_empty() {
                text.push_str(joint);
                text.push_str(&joined(&names, between));
            }
        };
        add(" of ", names(&self.units), " or ");
        add(" in ", names(&self.places), " or ");
        match &self.holder {
            Some(Holder::Anyone) => add(" with ", vec!["somebody".to_owned()], ""),
            Some(Holder::Nobody) => add(" with ", vec!["nobody".to_owned()], ""),
            Some(Holder::Me) => add(" with ", vec!["you".to_owned()], ""),
            Some(Holder::Named(name)) => add(" with ", vec![name.to_string()], ""),
            None => {}
        }
        add(
            " that are ",
            self.states
                .iter()
                .map(|state| state_words(*state).to_owned())
                .collect(),
            " or ",
        );
        add(
            ", ",
            self.windows.iter().map(Window::in_words).collect(),
            ", ",
        );
        add(", ", self.cost.iter().map(cost_words).collect(), "");
        add(
            " without ",
            self.lacks
                .iter()
                .map(|lack| lack_words(*lack).to_owned())
                .collect(),
            " and ",
        );
        add(
            " with the code ",
            self.codes.iter().map(ToString::to_string).collect(),
            " or ",
        );
        let words = self
            .words
            .iter()
            .map(|word| format!("\u{201C}{word}\u{201D}"))
            .collect();
        add(" with the words ", words, " and ");
        text
    }

    /// The noun of it: makers, models and categories, or simply assets.
    fn things(&self) -> String {
        let makers = joined(&names(&self.makers), " or ");
        let mut nouns = names(&self.models);
        nouns.extend(names(&self.categories));
        match (makers.is_empty(), nouns.is_empty()) {
            (true, true) => "assets".to_owned(),
            (false, true) => format!("{makers} assets"),
            (true, false) => joined(&nouns, " or "),
            (false, false) => format!("{makers} {}", joined(&nouns, " or ")),
        }
    }
}

fn names<Id>(named: &[Named<Id>]) -> Vec<String> {
    named.iter().map(|one| one.name.to_string()).collect()
}

fn joined(names: &[String], between: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{}{between}{last}", head.join(", ")),
    }
}

/// A state as it is said after "is" and "that are".
pub const fn state_words(state: State) -> &'static str {
    match state {
        State::Ordered => "on order",
        State::Received => "received but not labelled",
        State::InStock => "in stock",
        State::InUse => "in use",
        State::OnLoan => "on loan",
        State::InTransit => "in transit",
        State::InRepair => "in repair",
        State::Missing => "missing",
        State::Retired => "retired",
        State::Surplus => "surplus",
        State::Disposed => "disposed of",
        State::Void => "void",
    }
}

const fn lack_words(lack: Lack) -> &'static str {
    match lack {
        Lack::Tag => "a tag",
        Lack::Serial => "a serial number",
        Lack::Place => "a place",
        Lack::Warranty => "a warranty",
        Lack::Cost => "a cost",
        Lack::Model => "a model",
        Lack::Sighting => "anybody having seen them",
    }
}

impl Window {
    /// Which days, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let of = match self.of {
            DateOf::Bought => "bought",
            DateOf::WarrantyEnds => "with the warranty ending",
            DateOf::Seen => "last seen",
            DateOf::Due => "due back",
            DateOf::StateSince => "so since",
            DateOf::Changed => "last changed",
        };
        match (self.from, self.until) {
            (None, None) => format!("{of} at some time"),
            (Some(from), None) => format!("{of} on {from} or later"),
            (None, Some(until)) => format!("{of} on {until} or earlier"),
            (Some(from), Some(until)) if from == until => format!("{of} on {from}"),
            (Some(from), Some(until)) => format!("{of} from {from} to {until}"),
        }
    }
}

fn cost_words(cost: &Cost) -> String {
    let whole = |minor: i64| minor / 100;
    match (cost.from_minor, cost.until_minor) {
        (Some(from), Some(until)) => format!("worth {} to {}", whole(from), whole(until)),
        (Some(from), None) => format!("worth {} or more", whole(from)),
        (None, Some(until)) => format!("worth {} or less", whole(until)),
        (None, None) => "of any worth".to_owned(),
    }
}

impl Recipient {
    /// Who, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Person(name) => name.to_string(),
            Self::Me => "you".to_owned(),
            Self::Unit(unit) => format!("the unit {}", unit.name),
            Self::Place(place) => format!("the room {}", place.name),
        }
    }
}

impl Change {
    /// What would happen, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let which: Vec<String> = self.assets.iter().map(AssetRef::in_words).collect();
        let what = joined(&which, " and ");
        let mut text = match &self.act {
            Act::HandOut { to, until } => {
                format!(
                    "hand {what} out to {}{}",
                    to.in_words(),
                    until_words(*until)
                )
            }
            Act::Transfer { to, until } => {
                format!(
                    "transfer {what} to {}{}",
                    to.in_words(),
                    until_words(*until)
                )
            }
            Act::Return { place: None } => format!("take {what} back into stock"),
            Act::Return { place: Some(place) } => {
                format!("take {what} back into stock, in {}", place.name)
            }
            Act::Move { to } => format!("move {what} to {}", to.name),
            Act::ReportMissing {
                kind: LossKind::Lost,
            } => format!("report {what} missing"),
            Act::ReportMissing {
                kind: LossKind::Stolen,
            } => format!("report {what} stolen"),
            Act::ReportMissing {
                kind: LossKind::Damaged,
            } => format!("report {what} destroyed"),
            Act::Found { place: None } => format!("record that {what} was found"),
            Act::Found { place: Some(place) } => {
                format!("record that {what} was found in {}", place.name)
            }
            Act::RepairOut => format!("send {what} to repair"),
            Act::RepairIn => format!("record that {what} is back from repair"),
            Act::Note => format!("write a note on {what}"),
            Act::Acknowledge => format!("confirm that you have {what}"),
            Act::Renew { until } => format!("extend the loan of {what} until {until}"),
            Act::Retire => format!("retire {what}"),
        };
        if let Some(remark) = &self.remark {
            text.push_str(": ");
            text.push_str(remark.as_str());
        }
        text
    }
}

fn until_words(until: Option<Day>) -> String {
    until.map(|day| format!(" until {day}")).unwrap_or_default()
}
