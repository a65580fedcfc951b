//! Bare digits: a row, a year, an amount, a room, or a part of a tag.

use crate::intent::filter::Cost;
use crate::intent::grammar::dating::Relation;
use crate::intent::grammar::lexeme::{CURRENCIES, Lexeme};
use crate::intent::grammar::naming;
use crate::intent::grammar::walk::{CODE_DIGITS_MIN, Mode, Walker};
use crate::intent::named::AssetRef;
use crate::intent::numbers;
use crate::intent::reading::Taken;
use crate::intent::synonyms::Sense;
use crate::intent::window::DateOf;

impl Walker<'_> {
    /// Bare digits: a row, a year, an amount, or a part of a tag.
    pub(super) fn step_number(&mut self) -> usize {
        let lexemes = self.lexemes;
        let lexeme = &lexemes[self.at];
        let number = numbers::digits(&lexeme.text);
        let before = self.sense_before();
        if let Some(amount) = self.amount(lexeme) {
            self.take(1, Taken::Condition("an amount".to_owned()));
            self.cost(amount);
            return 1 + usize::from(self.in_currency());
        }
        let year = number.and_then(crate::intent::dates::year);
        let dated = self.draft.dating.relation.is_some()
            || (self.draft.dating.of.is_some() && before != Some(Sense::CodeNoun))
            || (matches!(self.joint, Some(Sense::In | Sense::From)) && self.mode == Mode::Question);
        if let Some(span) = year.filter(|_| dated && lexeme.text.len() == 4) {
            if self.draft.dating.of.is_none() {
                self.draft.dating.of = Some(DateOf::Bought);
            }
            self.draft
                .dating
                .said(crate::intent::dates::Said::Fixed(span));
            self.take(1, Taken::Condition(format!("the year {}", lexeme.text)));
            self.joint = None;
            return 1;
        }
        if self.mode == Mode::Change || matches!(self.joint, Some(Sense::In | Sense::To)) {
            // "204 in Alder Hall".
            if let Some((count, outer)) = naming::outer_place(&self.rest()[1..])
                && let Some(hit) = self.ground.view.numbered(
                    &lexeme.text,
                    habeo_core::location::LocationKind::Room,
                    Some(&outer),
                )
                && matches!(self.joint, Some(Sense::In | Sense::To))
            {
                return self.place(&hit, 1 + count);
            }
        }
        if before == Some(Sense::CodeNoun)
            && lexeme.text.len() < CODE_DIGITS_MIN
            && let Some(row) = number
                .and_then(|row| u16::try_from(row).ok())
                .filter(|row| (1..=crate::intent::bounds::ROW_MAX).contains(row))
        {
            self.draft.point(AssetRef::Row(row));
            return 1;
        }
        if lexeme.text.len() >= CODE_DIGITS_MIN {
            return self.step_code();
        }
        // "Top 5" and "the first 10" say how many are shown, which is not for the question to say.
        if matches!(before, Some(Sense::Nth(_) | Sense::Show | Sense::Last))
            || self.of_superlative()
            || self
                .lexemes
                .get(self.at.wrapping_sub(1))
                .is_some_and(|before| before.text == "top")
        {
            return 1;
        }
        // "More than 10" compares a number of things, which no list can.
        self.draft.negated |= self.draft.dating.relation.is_some();
        self.draft.unknown.push(lexeme.raw.clone());
        1
    }

    /// Whether a currency stands behind this piece.
    fn in_currency(&self) -> bool {
        self.lexemes
            .get(self.at + 1)
            .is_some_and(|next| CURRENCIES.contains(&next.text.as_str()))
    }

    /// Whether the next piece is a superlative: "the 5 oldest" says how many are shown.
    pub(super) fn of_superlative(&self) -> bool {
        matches!(
            self.sense(1),
            Some(Sense::Oldest | Sense::Newest | Sense::Expensive | Sense::Cheap)
        )
    }

    pub(super) fn amount(&self, lexeme: &Lexeme) -> Option<i64> {
        let money = lexeme.raw.contains(['$', '\u{20AC}', '\u{A3}']);
        let unit = self.in_currency();
        let bounded = matches!(
            self.draft.dating.relation,
            Some(Relation::Older | Relation::Newer | Relation::Between | Relation::Until)
        );
        let spoken = self.lexemes.iter().any(|other| {
            matches!(
                other.sense(),
                Some(Sense::Cost | Sense::HowMuch | Sense::Expensive | Sense::Cheap)
            )
        });
        let worth = self.lexemes[..self.at].iter().rev().take(3).any(|other| {
            ["worth", "cost", "pric", "expens", "dear", "cheap"]
                .iter()
                .any(|word| other.raw.contains(word))
        });
        let under = self
            .lexemes
            .get(self.at.wrapping_sub(1))
            .is_some_and(|before| before.text == "under");
        (money
            || unit
            || worth && bounded
            || spoken && (bounded || under || self.draft.filter.cost.is_some())
            || lexeme.text.ends_with('k'))
        .then(|| numbers::amount_minor(&lexeme.text))
        .flatten()
    }

    pub(super) fn cost(&mut self, amount: i64) {
        let under = self
            .lexemes
            .get(self.at.wrapping_sub(1))
            .is_some_and(|before| before.text == "under");
        let relation = self.draft.dating.relation;
        let mut cost = self.draft.filter.cost.unwrap_or(Cost {
            from_minor: None,
            until_minor: None,
        });
        match relation {
            Some(Relation::Newer | Relation::Until | Relation::Before) => {
                cost.until_minor = Some(amount);
            }
            _ if under => cost.until_minor = Some(amount),
            Some(Relation::Between) if cost.from_minor.is_none() => cost.from_minor = Some(amount),
            Some(Relation::Between) => cost.until_minor = Some(amount),
            _ => cost.from_minor = Some(amount),
        }
        if relation != Some(Relation::Between) || cost.until_minor.is_some() {
            self.draft.dating.relation = None;
        }
        self.draft.filter.cost = Some(cost);
        self.joint = None;
    }
}
