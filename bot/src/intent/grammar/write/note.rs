//! Notes: what they are on, and their text, which stands behind or before that.

use crate::intent::bounds::NOTE_CHARS_MAX;
use crate::intent::change::{Act, Change};
use crate::intent::grammar::lexeme::{Kind, Lexeme};
use crate::intent::grammar::write::{Wish, line};
use crate::intent::grammar::{Verdict, walk};
use crate::intent::named::{AssetRef, Phrase};
use crate::intent::synonyms::{Sense, Verb};
use crate::intent::{Doubt, Intent};

impl Wish<'_> {
    /// A note: what it is on, and its text, which stands behind or before that.
    pub(super) fn note(&self) -> Verdict {
        let is_ref = |lexeme: &Lexeme| {
            matches!(lexeme.kind, Kind::Code | Kind::Number) && lexeme.text.len() > 1
                || matches!(
                    lexeme.sense(),
                    Some(Sense::It | Sense::That | Sense::Nth(_) | Sense::NthLast | Sense::Them)
                )
        };
        let start = self
            .body
            .iter()
            .position(|lexeme| matches!(lexeme.sense(), Some(Sense::Verb(Verb::Note))))
            .unwrap_or(0);
        let joined = |at: usize| {
            self.body[..at]
                .iter()
                .rev()
                .find(|lexeme| !lexeme.is(Sense::The) && !lexeme.is(Sense::CodeNoun))
                .is_some_and(|before| {
                    matches!(
                        before.sense(),
                        Some(
                            Sense::To
                                | Sense::In
                                | Sense::On
                                | Sense::For
                                | Sense::Verb(Verb::Note)
                                | Sense::Of
                                | Sense::And
                        )
                    )
                })
        };
        let at = (start + 1..self.body.len())
            .find(|at| is_ref(&self.body[*at]) && joined(*at))
            .or_else(|| (start + 1..self.body.len()).find(|at| is_ref(&self.body[*at])));
        let Some(at) = at else {
            return Verdict::unclear(Doubt::WhichAsset, Vec::new());
        };
        let target = walk::change_draft(&self.body[at..=at], self.ground);
        let assets = target.refs;
        let behind = || self.text_between(self.body[at].until, self.ground.question.len());
        let before = || self.text_between(self.body[start].until, self.body[at].from);
        let quoted = self
            .body
            .iter()
            .find(|lexeme| matches!(lexeme.kind, Kind::Quoted))
            .and_then(|lexeme| line(&lexeme.raw));
        let remark = self
            .remark
            .clone()
            .or(quoted)
            .or_else(behind)
            .or_else(before);
        let Some(remark) = remark else {
            return Verdict::unclear(
                Doubt::UnsureChange,
                assets
                    .first()
                    .map(|asset| Intent::History {
                        asset: asset.clone(),
                        past: crate::intent::Past::Notes,
                    })
                    .into_iter()
                    .collect(),
            );
        };
        let rows = self.ground.context.rows;
        let pointing = assets
            .iter()
            .any(|asset| !matches!(asset, AssetRef::Code(_)));
        let change = Intent::Write(Change {
            assets,
            act: Act::Note,
            remark: Some(remark),
        });
        if pointing
            && rows != 1
            && !self.body[at].is(Sense::Them)
            && self.body[at]
                .sense()
                .is_some_and(|sense| !matches!(sense, Sense::Nth(_) | Sense::NthLast))
        {
            return Verdict::unclear(
                if rows == 0 {
                    Doubt::NothingBefore
                } else {
                    Doubt::WhichAsset
                },
                Vec::new(),
            );
        }
        if self.body[start].typo {
            Verdict::unclear(Doubt::UnsureChange, vec![change])
        } else {
            Verdict::sure(change)
        }
    }

    /// The text of a note without the joints around it.
    pub(super) fn text_between(&self, from: usize, until: usize) -> Option<Phrase<NOTE_CHARS_MAX>> {
        let mut text = self.ground.question.get(from..until)?.trim();
        loop {
            let shorter = text.trim_matches(|c: char| {
                matches!(
                    c,
                    ':' | ',' | '-' | '"' | '\u{201C}' | '\u{201D}' | '\u{2013}' | '\u{2014}' | ';'
                ) || c.is_whitespace()
            });
            let shorter = [
                "colon ",
                "that ",
                "saying ",
                "which says ",
                "stating ",
                "says ",
            ]
            .iter()
            .find_map(|joint| shorter.strip_prefix(joint))
            .unwrap_or(shorter);
            let shorter = [
                " to",
                " on",
                " for",
                " about",
                " to tag",
                " on tag",
                " to the",
                " on asset",
                " to asset",
                " on the",
            ]
            .iter()
            .find_map(|joint| shorter.strip_suffix(joint))
            .unwrap_or(shorter);
            if shorter == text {
                break;
            }
            text = shorter;
        }
        let alone = ["to", "on", "for", "about", "of", "the", "a", "please"];
        line(text).filter(|text| !alone.contains(&text.as_str()))
    }
}
