//! The one-line form of an intent, by which readings are compared, logged and tested. Names stand for ids; the order of parts is fixed.

use std::fmt::{self, Display, Formatter, Write};

use serde::Serialize;

use super::change::{Act, Change, Recipient};
use super::filter::{Cost, Filter, Holder};
use super::named::{AssetRef, Named};
use super::sort::Sort;
use super::window::Window;
use super::{Intent, Progress, Switch, TicketsOf};

impl Display for Intent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Find { filter, sort } => list(f, "find", filter, *sort),
            Self::Export { filter, sort } => list(f, "export", filter, *sort),
            Self::Count {
                filter,
                by,
                extreme,
            } => {
                write!(f, "count{filter}")?;
                if let Some(by) = by {
                    write!(f, " by={}", Word(by))?;
                }
                if let Some(extreme) = extreme {
                    write!(f, " {}", Word(extreme))?;
                }
                Ok(())
            }
            Self::About { asset, aspect } => write!(f, "about {asset} {}", Word(aspect)),
            Self::History { asset, past } => write!(f, "history {asset} {}", Word(past)),
            Self::Tickets { of, progress } => {
                f.write_str("tickets")?;
                match of {
                    TicketsOf::Everything => {}
                    TicketsOf::Mine => f.write_str(" mine")?,
                    TicketsOf::Unit(unit) => part(f, "unit", unit)?,
                    TicketsOf::Asset(asset) => write!(f, " {asset}")?,
                }
                match progress {
                    Progress::Any => Ok(()),
                    progress => write!(f, " {}", Word(progress)),
                }
            }
            Self::More => f.write_str("more"),
            Self::Write(change) => change.fmt(f),
            Self::Create { what } => write!(f, "create{what}"),
            Self::Subscribe { unit, switch } => {
                let verb = if *switch == Switch::On {
                    "subscribe"
                } else {
                    "unsubscribe"
                };
                f.write_str(verb)?;
                unit.iter().try_for_each(|unit| part(f, "unit", unit))
            }
            Self::Account(Switch::On) => f.write_str("link"),
            Self::Account(Switch::Off) => f.write_str("unlink"),
            Self::Help => f.write_str("help"),
            Self::Greeting => f.write_str("greeting"),
            Self::Thanks => f.write_str("thanks"),
            Self::Dismiss => f.write_str("dismiss"),
            Self::Unclear(doubt) => write!(f, "unclear {}", Word(doubt)),
        }
    }
}

fn list(f: &mut Formatter<'_>, verb: &str, filter: &Filter, sort: Option<Sort>) -> fmt::Result {
    write!(f, "{verb}{filter}")?;
    match sort {
        Some(sort) => {
            let sign = if sort.descending { "-" } else { "" };
            write!(f, " sort={sign}{}", Word(&sort.by))
        }
        None => Ok(()),
    }
}

impl Display for Filter {
    /// Every part with a space before it, so that an empty filter is an empty text.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        parts(f, "category", &self.categories)?;
        parts(f, "maker", &self.makers)?;
        parts(f, "model", &self.models)?;
        parts(f, "unit", &self.units)?;
        parts(f, "place", &self.places)?;
        parts(f, "state", &self.states)?;
        if let Some(holder) = &self.holder {
            write!(f, " holder={holder}")?;
        }
        parts(f, "window", &self.windows)?;
        parts(f, "cost", self.cost.as_slice())?;
        for lack in &self.lacks {
            write!(f, " lacks={}", Word(lack))?;
        }
        parts(f, "code", &self.codes)?;
        parts(f, "word", &self.words)
    }
}

fn parts<T: Display>(f: &mut Formatter<'_>, key: &str, values: &[T]) -> fmt::Result {
    values.iter().try_for_each(|value| part(f, key, value))
}

fn part<T: Display>(f: &mut Formatter<'_>, key: &str, value: &T) -> fmt::Result {
    write!(f, " {key}={}", Quoted(value))
}

impl<Id> Display for Named<Id> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

impl Display for Holder {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("anyone"),
            Self::Nobody => f.write_str("nobody"),
            Self::Me => f.write_str("me"),
            Self::Named(name) => write!(f, "person:{}", Quoted(name)),
        }
    }
}

impl Display for Window {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", Word(&self.of))?;
        if let Some(from) = self.from {
            from.fmt(f)?;
        }
        f.write_str("..")?;
        self.until.map_or(Ok(()), |until| until.fmt(f))
    }
}

impl Display for Cost {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(from) = self.from_minor {
            from.fmt(f)?;
        }
        f.write_str("..")?;
        self.until_minor.map_or(Ok(()), |until| until.fmt(f))
    }
}

impl Display for AssetRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => Quoted(code).fmt(f),
            Self::Last => f.write_str("it"),
            Self::Row(row) => write!(f, "row:{row}"),
            Self::AllRows => f.write_str("them"),
            Self::Described(filter) => write!(f, "[{}]", filter.to_string().trim_start()),
        }
    }
}

impl Display for Recipient {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(name) => write!(f, "person:{}", Quoted(name)),
            Self::Me => f.write_str("me"),
            Self::Unit(unit) => write!(f, "unit:{}", Quoted(unit)),
            Self::Place(place) => write!(f, "place:{}", Quoted(place)),
        }
    }
}

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "write {}", self.act.verb())?;
        for asset in &self.assets {
            write!(f, " {asset}")?;
        }
        match &self.act {
            Act::HandOut { to, until } | Act::Transfer { to, until } => {
                write!(f, " to={to}")?;
                if let Some(until) = until {
                    write!(f, " until={until}")?;
                }
            }
            Act::Return { place } | Act::Found { place } => parts(f, "place", place.as_slice())?,
            Act::Move { to } => part(f, "place", to)?,
            Act::ReportMissing { kind } => write!(f, " kind={kind}")?,
            Act::Renew { until } => write!(f, " until={until}")?,
            Act::RepairOut | Act::RepairIn | Act::Note | Act::Acknowledge | Act::Retire => {}
        }
        match &self.remark {
            Some(remark) => write!(f, " remark={}", Quoted(remark)),
            None => Ok(()),
        }
    }
}

impl Act {
    /// The word for it.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::HandOut { .. } => "hand_out",
            Self::Transfer { .. } => "transfer",
            Self::Return { .. } => "return",
            Self::Move { .. } => "move",
            Self::ReportMissing { .. } => "report_missing",
            Self::Found { .. } => "found",
            Self::RepairOut => "repair_out",
            Self::RepairIn => "repair_in",
            Self::Note => "note",
            Self::Acknowledge => "acknowledge",
            Self::Renew { .. } => "renew",
            Self::Retire => "retire",
        }
    }
}

/// A member of a closed set in its JSON spelling, so that there is one spelling of each.
struct Word<'a, T>(&'a T);

impl<T: Serialize> Display for Word<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match serde_json::to_value(self.0) {
            Ok(serde_json::Value::String(word)) => f.write_str(&word),
            _ => Err(fmt::Error),
        }
    }
}

/// A value in quotes where it would not be one word without.
struct Quoted<'a, T>(&'a T);

impl<T: Display> Display for Quoted<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let plain = |c: char| !c.is_whitespace() && !matches!(c, '"' | '[' | ']' | '=');
        if text.chars().all(plain) || text.starts_with("person:") {
            return f.write_str(&text);
        }
        f.write_char('"')?;
        for c in text.chars() {
            f.write_char(if c == '"' { '\u{201D}' } else { c })?;
        }
        f.write_char('"')
    }
}
