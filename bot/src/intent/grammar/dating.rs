//! From dates and their joints ("since", "older than") to windows on the dates of assets.

use habeo_core::time::Day;

use crate::intent::dates::{Lean, Length, Said, Span, shifted};
use crate::intent::synonyms::Sense;
use crate::intent::window::{DateOf, Window};

/// How a date bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Before,
    After,
    Since,
    Until,
    Between,
    Older,
    Newer,
}

impl Relation {
    /// The relation that a word of the grammar says.
    pub(super) const fn of(sense: Sense) -> Option<Self> {
        Some(match sense {
            Sense::Before => Self::Before,
            Sense::After => Self::After,
            Sense::Since => Self::Since,
            Sense::Until | Sense::By => Self::Until,
            Sense::Between => Self::Between,
            Sense::Older | Sense::MoreThan => Self::Older,
            Sense::Newer | Sense::LessThan => Self::Newer,
            _ => return None,
        })
    }
}

/// A date or length with what stood before it.
#[derive(Debug, Clone, Copy)]
struct Mention {
    relation: Option<Relation>,
    what: What,
    of: Option<DateOf>,
    negated: bool,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Said(Said),
    Length(Length),
}

/// The dates of a question, collected while it is walked through.
#[derive(Debug, Clone, Default)]
pub(super) struct Dating {
    /// The date of assets that was last spoken of.
    pub of: Option<DateOf>,
    /// The joint that was last said.
    pub relation: Option<Relation>,
    /// Whether that did not happen: "not seen since".
    pub negated: bool,
    /// Whether the warranty is said to be running, so that a date is one until which it does.
    pub running: bool,
    mentions: Vec<Mention>,
    windows: Vec<Window>,
}

impl Dating {
    /// A date was said.
    pub(super) fn said(&mut self, said: Said) {
        self.mention(What::Said(said));
    }

    /// A length was said.
    pub(super) fn length(&mut self, length: Length) {
        self.mention(What::Length(length));
    }

    fn mention(&mut self, what: What) {
        let mention = Mention {
            relation: self.relation,
            what,
            of: self.of,
            negated: self.negated,
        };
        self.mentions.push(mention);
        if self.relation != Some(Relation::Between) {
            self.relation = None;
        }
    }

    /// A window that needs no date: "overdue".
    pub(super) fn window(&mut self, of: DateOf, from: Option<Day>, until: Option<Day>) {
        self.of = Some(of);
        self.windows.push(Window { of, from, until });
    }

    /// The last date that was said is this one of the asset: "more than five years old".
    pub(super) fn settle(&mut self, of: DateOf) {
        if let Some(last) = self.mentions.last_mut().filter(|last| last.of.is_none()) {
            last.of = Some(of);
        }
    }

    /// "From 2022 or older": the last date is one end of a longer stretch.
    pub(super) fn reach(&mut self, sense: Sense) {
        if let Some(last) = self.mentions.last_mut() {
            last.relation = match sense {
                Sense::Older | Sense::Before => Some(Relation::Until),
                Sense::Newer | Sense::After => Some(Relation::Since),
                _ => last.relation,
            };
        }
    }

    /// Whether any date was said.
    pub(super) fn is_dated(&self) -> bool {
        !self.mentions.is_empty()
    }

    /// Whether anything about dates was said at all.
    pub(super) fn is_empty(&self) -> bool {
        self.mentions.is_empty() && self.windows.is_empty() && self.of.is_none()
    }

    /// The first date said, as the day until which something lasts.
    pub(super) fn until(&self, today: Day) -> Option<Day> {
        let mention = self.mentions.first()?;
        Some(match mention.what {
            What::Said(said) => said.span(today, Lean::Future).until,
            What::Length(length) => shifted(today, length, 1),
        })
    }

    /// The windows; `usual` is the date that is meant where none was named.
    pub(super) fn windows(&self, today: Day, usual: DateOf) -> Vec<Window> {
        let mut found: Vec<Window> = Vec::new();
        let mut mentions = self.mentions.iter().peekable();
        while let Some(mention) = mentions.next() {
            let of = mention.of.or(self.of).unwrap_or(usual);
            let lean = lean(of, mention.relation);
            let mut span = mention.span(today, lean);
            if mention.relation == Some(Relation::Between)
                && let Some(other) = mentions.next()
            {
                let end = other.span(today, lean);
                let (first, last) = if span.from <= end.from {
                    (span, end)
                } else {
                    (end, span)
                };
                span = Span {
                    from: first.from,
                    until: last.until,
                };
            }
            let (from, until) = mention.bounds(of, span, today, self.running);
            found.push(Window { of, from, until });
        }
        for window in &self.windows {
            // "Overdue since Monday" is both; otherwise a date says more exactly what the word alone does.
            let both = window.of == DateOf::Due && window.until.is_some();
            if both || !found.iter().any(|known| known.of == window.of) {
                found.push(*window);
            }
        }
        found.dedup();
        merged(found)
    }
}

/// Two windows on one date hold together: "overdue" and "since Monday".
fn merged(windows: Vec<Window>) -> Vec<Window> {
    let mut found: Vec<Window> = Vec::new();
    for window in windows {
        match found.iter_mut().find(|known| known.of == window.of) {
            Some(known) => {
                known.from = known.from.max(window.from);
                known.until = match (known.until, window.until) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
                // "Overdue today" is no empty stretch: today only says when it is asked.
                if known.until.is_some_and(|until| known.from > Some(until)) {
                    known.from = None;
                }
            }
            None => found.push(window),
        }
    }
    found
}

const fn lean(of: DateOf, relation: Option<Relation>) -> Lean {
    match (of, relation) {
        (DateOf::Due | DateOf::WarrantyEnds, Some(Relation::Since)) => Lean::Past,
        (DateOf::Due | DateOf::WarrantyEnds, _) => Lean::Future,
        _ => Lean::Past,
    }
}

impl Mention {
    fn span(&self, today: Day, lean: Lean) -> Span {
        match self.what {
            What::Said(said) => said.span(today, lean),
            What::Length(length) => {
                let side = if lean == Lean::Future { 1 } else { -1 };
                let day = shifted(today, length, side);
                Span {
                    from: day.min(today),
                    until: day.max(today),
                }
            }
        }
    }

    /// The bounds that its joint makes of a stretch of days.
    fn bounds(
        &self,
        of: DateOf,
        span: Span,
        today: Day,
        running: bool,
    ) -> (Option<Day>, Option<Day>) {
        let length = matches!(self.what, What::Length(_));
        let ahead = matches!(of, DateOf::Due | DateOf::WarrantyEnds);
        if self.negated {
            return match self.relation {
                Some(Relation::After) => (None, Some(span.until)),
                Some(Relation::Before | Relation::Until) => (Some(span.from), None),
                _ => (None, Some(span.from.plus_days(-1))),
            };
        }
        if length && !ahead {
            return match self.relation {
                Some(Relation::Newer) => (Some(span.from), None),
                // "Missing for three months", "5 years old": at least so long.
                _ => (None, Some(span.from)),
            };
        }
        if length {
            return match self.relation {
                Some(Relation::Older) => (Some(span.until), None),
                _ => (Some(span.from), Some(span.until)),
            };
        }
        match self.relation {
            Some(Relation::Until) if of == DateOf::WarrantyEnds && running => {
                (Some(span.from), None)
            }
            Some(Relation::Before | Relation::Older) => (None, Some(span.from.plus_days(-1))),
            Some(Relation::After | Relation::Newer) => (Some(span.until.plus_days(1)), None),
            Some(Relation::Since) => (Some(span.from), None),
            Some(Relation::Until) => (None, Some(span.until)),
            // "Due in two weeks" means until then.
            None if ahead && matches!(self.what, What::Said(Said::In(_))) => {
                (Some(today), Some(span.until))
            }
            Some(Relation::Between) | None => (Some(span.from), Some(span.until)),
        }
    }
}
