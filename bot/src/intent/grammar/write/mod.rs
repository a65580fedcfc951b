//! Changes: who wants what done to which assets. Whatever is less than sure comes back as a doubt with the change as a choice.

mod note;
mod verb;

use habeo_core::asset::LossKind;

use crate::intent::bounds::NOTE_CHARS_MAX;
use crate::intent::change::{Act, Change, Recipient};
use crate::intent::grammar::decide::Senses;
use crate::intent::grammar::draft::{Draft, Part};
use crate::intent::grammar::lexeme::{Kind, Lexeme};
use crate::intent::grammar::write::verb::{parted, verb};
use crate::intent::grammar::{Ground, Verdict, walk};
use crate::intent::named::{AssetRef, Phrase};
use crate::intent::synonyms::{Sense, Verb};
use crate::intent::{Aspect, Doubt, Intent};

/// Reads a change; none where nothing is to be changed.
pub(super) fn read(lexemes: &[Lexeme], ground: &Ground<'_>) -> Option<(Verdict, Draft)> {
    let (body, remark) = remarked(lexemes, ground);
    let verb = verb(body)?;
    let draft = walk::change_draft(body, ground);
    let wish = Wish {
        verb,
        body,
        draft: &draft,
        ground,
        remark,
    };
    let verdict = wish.verdict()?;
    Some((verdict, draft))
}

/// Takes the remark off: what follows a colon, "because" or "saying", or stands in quotation marks at the end.
fn remarked<'a>(
    lexemes: &'a [Lexeme],
    ground: &Ground<'_>,
) -> (&'a [Lexeme], Option<Phrase<NOTE_CHARS_MAX>>) {
    let says = |lexeme: &Lexeme| {
        matches!(lexeme.kind, Kind::Mark(':' | '\u{2013}' | '\u{2014}'))
            || matches!(lexeme.sense(), Some(Sense::Because | Sense::Saying))
    };
    let at = lexemes.iter().position(says).filter(|at| *at > 0);
    let Some(at) = at else {
        return (lexemes, None);
    };
    let text = ground.question[lexemes[at].until..]
        .trim()
        .trim_matches(['"', '\u{201C}', '\u{201D}'])
        .trim();
    // What is said in front of a remark must be a change: "Omar says he lost 4217" only reports one.
    let changes = lexemes[..at].iter().any(|lexeme| {
        matches!(lexeme.kind, Kind::Code | Kind::Number)
            || matches!(
                lexeme.sense(),
                Some(
                    Sense::Verb(_)
                        | Sense::Done(_)
                        | Sense::Mark
                        | Sense::It
                        | Sense::That
                        | Sense::Them
                        | Sense::My
                        | Sense::Nth(_)
                )
            )
    });
    match line(text).filter(|_| changes) {
        Some(remark) => (&lexemes[..at], Some(remark)),
        None => (lexemes, None),
    }
}

/// A remark as one line: what cannot be printed becomes a space.
fn line(text: &str) -> Option<Phrase<NOTE_CHARS_MAX>> {
    let plain: String = text
        .chars()
        .map(|c| {
            if habeo_core::text::is_printable(c) {
                c
            } else {
                ' '
            }
        })
        .collect();
    Phrase::parse(&plain.split_whitespace().collect::<Vec<_>>().join(" ")).ok()
}

struct Wish<'a> {
    verb: Verb,
    body: &'a [Lexeme],
    draft: &'a Draft,
    ground: &'a Ground<'a>,
    remark: Option<Phrase<NOTE_CHARS_MAX>>,
}

impl Wish<'_> {
    fn verdict(&self) -> Option<Verdict> {
        let senses = Senses(self.body);
        if self.verb == Verb::Note {
            return Some(self.note());
        }
        // "Book 4217 out" is no wish for a reservation.
        let beyond = self
            .body
            .iter()
            .filter(|lexeme| lexeme.is(Sense::Beyond))
            .any(|lexeme| lexeme.text != "book" || parted(self.body) != Some(self.verb));
        let stopped = self.body.iter().any(|lexeme| {
            lexeme.is(Sense::Cancel) && matches!(lexeme.text.as_str(), "stop" | "do")
        });
        if (senses.any(&[Sense::Not, Sense::Never]) || beyond || stopped)
            && !self
                .body
                .iter()
                .any(|lexeme| matches!(lexeme.sense(), Some(Sense::Done(Verb::Find))))
        {
            return Some(Verdict::unclear(Doubt::UnsureChange, Vec::new()));
        }
        let verbs: Vec<&Lexeme> = self
            .body
            .iter()
            .filter(|lexeme| matches!(lexeme.sense(), Some(Sense::Verb(_))))
            .collect();
        if verbs.len() > 1 && self.draft.to.len() > 1 {
            return Some(Verdict::unclear(Doubt::UnsureChange, Vec::new()));
        }
        let (assets, doubt) = self.assets();
        if assets.is_empty() {
            return self.nothing_named();
        }
        let acts = match self.acts() {
            Ok(acts) => acts,
            Err(doubt) => return Some(Verdict::unclear(doubt, Self::looked_at(&assets))),
        };
        let changes: Vec<Intent> = acts
            .into_iter()
            .map(|act| {
                Intent::Write(Change {
                    assets: assets.clone(),
                    act,
                    remark: self.remark.clone(),
                })
            })
            .collect();
        if let Some(doubt) = doubt {
            return Some(Verdict::unclear(doubt, self.by_row(&changes)));
        }
        // Places are moved to; who is named instead may be meant to get it.
        if matches!(self.verb, Verb::Move | Verb::Put)
            && self.places().is_empty()
            && !matches!(self.verb, Verb::Repair)
        {
            return Some(Verdict::unclear(Doubt::WhereTo, changes));
        }
        Some(match changes.as_slice() {
            [one] if self.is_sure() => Verdict::sure(one.clone()),
            [_] => Verdict::unclear(Doubt::UnsureChange, changes),
            _ => Verdict::unclear(Doubt::Ambiguous, changes),
        })
    }

    /// Whether every word has its place: no guess, no mistake in spelling, nothing left over, one thing asked.
    fn is_sure(&self) -> bool {
        let draft = self.draft;
        let mistaken = self.body.iter().any(|lexeme| lexeme.typo);
        let verbs = self
            .body
            .iter()
            .filter(|lexeme| match lexeme.sense() {
                // "It needs repair, send it in" says one thing twice.
                Some(Sense::Verb(Verb::Put)) => self.verb != Verb::Repair,
                Some(Sense::Verb(_)) => true,
                _ => false,
            })
            .count();
        let polite = self.body.iter().any(|lexeme| {
            matches!(
                lexeme.text.as_str(),
                "maybe" | "perhaps" | "possibly" | "probably"
            ) || ["can i", "may i", "could i", "can we", "could we"]
                .contains(&lexeme.raw.to_lowercase().as_str())
                || ["would", "could", "might", "may", "if", "whether"]
                    .contains(&lexeme.raw.to_lowercase().as_str())
                || [
                    "i think",
                    "i guess",
                    "i believe",
                    "is possible",
                    "it possible",
                ]
                .iter()
                .any(|doubt| lexeme.raw.to_lowercase().contains(doubt))
        });
        let leftovers =
            !draft.filter.words.is_empty() || draft.by.is_some() || !draft.unknown.is_empty();
        !(draft.guessed
            || mistaken
            || verbs > 1
            || polite
            || leftovers
            || self.body.iter().any(|lexeme| lexeme.is(Sense::Or)))
    }

    /// The assets, and why they are in doubt.
    fn assets(&self) -> (Vec<AssetRef>, Option<Doubt>) {
        let rows = self.ground.context.rows;
        let draft = self.draft;
        if draft.refs.is_empty() {
            let mut filter = draft.filter.clone();
            // What the change says of them does not describe them.
            filter.states.clear();
            filter.lacks.clear();
            if filter.is_empty() || !draft.things && filter.holder.is_none() {
                return (Vec::new(), None);
            }
            let doubt = (!draft.singular).then_some(Doubt::WhichAsset);
            return (vec![AssetRef::Described(Box::new(filter))], doubt);
        }
        let doubt = draft.refs.iter().find_map(|asset| match asset {
            AssetRef::Last | AssetRef::AllRows if rows == 0 => Some(Doubt::NothingBefore),
            AssetRef::Last if rows > 1 => Some(Doubt::WhichAsset),
            AssetRef::Row(row) if *row > rows => Some(if rows == 0 {
                Doubt::NothingBefore
            } else {
                Doubt::WhichAsset
            }),
            _ => None,
        });
        (draft.refs.clone(), doubt)
    }

    /// A change without an asset: some speak of the last one without a word.
    fn nothing_named(&self) -> Option<Verdict> {
        let rows = self.ground.context.rows;
        let unsaid = matches!(
            self.verb,
            Verb::Acknowledge
                | Verb::Find
                | Verb::Lose
                | Verb::Return
                | Verb::Renew
                | Verb::Repaired
        );
        let telling = self
            .body
            .iter()
            .filter(|lexeme| {
                !matches!(
                    lexeme.kind,
                    Kind::Mark(_) | Kind::Sense(Sense::Noise | Sense::The | Sense::Yes)
                )
            })
            .count();
        if unsaid && rows == 1 && self.draft.filter.is_empty() && self.draft.unknown.is_empty() {
            let acts = self.acts().ok()?;
            let change = |act| {
                Intent::Write(Change {
                    assets: vec![AssetRef::Last],
                    act,
                    remark: self.remark.clone(),
                })
            };
            let changes: Vec<Intent> = acts.into_iter().map(change).collect();
            return Some(match changes.as_slice() {
                [one] if self.is_sure() => Verdict::sure(one.clone()),
                _ => Verdict::unclear(Doubt::UnsureChange, changes),
            });
        }
        if self.verb == Verb::Find && telling > 1 && self.draft.filter.is_empty() && rows == 0 {
            return Some(Verdict::unclear(Doubt::WhichAsset, Vec::new()));
        }
        let doubt = if rows == 0 && self.body.iter().any(|lexeme| lexeme.is(Sense::It)) {
            Doubt::NothingBefore
        } else {
            Doubt::WhichAsset
        };
        Some(Verdict::unclear(doubt, Vec::new()))
    }

    /// What can be offered where the change itself is incomplete.
    fn looked_at(assets: &[AssetRef]) -> Vec<Intent> {
        assets
            .first()
            .filter(|asset| matches!(asset, AssetRef::Code(_)))
            .map(|asset| Intent::About {
                asset: asset.clone(),
                aspect: Aspect::Whole,
            })
            .into_iter()
            .collect()
    }

    /// The same change to each of the rows that may be meant.
    fn by_row(&self, changes: &[Intent]) -> Vec<Intent> {
        let pointing = self
            .draft
            .refs
            .iter()
            .all(|asset| matches!(asset, AssetRef::Last));
        if !pointing || self.draft.refs.is_empty() {
            return changes.to_vec();
        }
        let rows = self.ground.context.rows.min(3);
        (1..=rows)
            .flat_map(|row| {
                changes.iter().filter_map(move |change| match change {
                    Intent::Write(change) => Some(Intent::Write(Change {
                        assets: vec![AssetRef::Row(row)],
                        ..change.clone()
                    })),
                    _ => None,
                })
            })
            .collect()
    }

    /// What may be meant: one act, several where a name is ambiguous, or what is missing.
    fn acts(&self) -> Result<Vec<Act>, Doubt> {
        let until = self.draft.dating.until(self.ground.today);
        Ok(match self.verb {
            Verb::Give => self
                .recipients(true)?
                .into_iter()
                .map(|to| Act::HandOut { to, until })
                .collect(),
            Verb::Transfer => self
                .recipients(false)?
                .into_iter()
                .map(|to| Act::Transfer { to, until })
                .collect(),
            Verb::Move | Verb::Put => self.destinations()?,
            Verb::Return => {
                let places = self.places();
                match places.as_slice() {
                    [] if self.draft.to.is_empty() => vec![Act::Return { place: None }],
                    [] => return Err(Doubt::UnsureChange),
                    _ => places
                        .into_iter()
                        .map(|place| Act::Return { place: Some(place) })
                        .collect(),
                }
            }
            Verb::Find => match self.places().as_slice() {
                [] => vec![Act::Found { place: None }],
                [place, ..] => vec![Act::Found {
                    place: Some(place.clone()),
                }],
            },
            Verb::Lose => vec![Act::ReportMissing { kind: self.loss() }],
            Verb::Steal => vec![Act::ReportMissing {
                kind: LossKind::Stolen,
            }],
            Verb::Repair => vec![Act::RepairOut],
            Verb::Repaired => vec![Act::RepairIn],
            Verb::Acknowledge => vec![Act::Acknowledge],
            Verb::Renew => vec![Act::Renew {
                until: until.ok_or(Doubt::WhereTo)?,
            }],
            Verb::Retire => vec![Act::Retire],
            Verb::Note => vec![Act::Note],
        })
    }

    fn loss(&self) -> LossKind {
        let stolen = self.body.iter().any(|lexeme| {
            lexeme.raw.to_lowercase().contains("stolen")
                || lexeme.raw.to_lowercase().contains("theft")
        });
        if stolen {
            LossKind::Stolen
        } else {
            LossKind::Lost
        }
    }

    /// Who gets it. Where a person is said without "to", the filter took them for the holder.
    fn recipients(&self, given: bool) -> Result<Vec<Recipient>, Doubt> {
        let draft = self.draft;
        if let Some(choice) = draft.choices.first() {
            return Ok(choice.iter().filter_map(Part::recipient).collect());
        }
        let mut found: Vec<Recipient> = draft.to.iter().filter_map(Part::recipient).collect();
        if found.is_empty() && given {
            match &draft.filter.holder {
                Some(crate::intent::Holder::Named(name)) => {
                    found.push(Recipient::Person(name.clone()));
                }
                Some(crate::intent::Holder::Me) => found.push(Recipient::Me),
                _ => {}
            }
            found.extend(draft.filter.units.iter().cloned().map(Recipient::Unit));
        }
        if found.is_empty() && self.body.iter().any(|lexeme| lexeme.is(Sense::Me)) && given {
            found.push(Recipient::Me);
        }
        let vague = |to: &Recipient| {
            matches!(to, Recipient::Place(place) if place.ids.len() != 1)
                || matches!(to, Recipient::Unit(unit) if unit.ids.len() != 1)
        };
        if found.is_empty() || found.iter().any(vague) {
            return Err(Doubt::WhereTo);
        }
        // "To Ana Ruiz in Alder Hall" says two things; which of them is the custody is not for us to say.
        Ok(found)
    }

    fn places(&self) -> Vec<crate::intent::Named<habeo_core::id::LocationId>> {
        let part = |part: &Part| match part {
            Part::Place(place) => Some(place.clone()),
            _ => None,
        };
        let chosen = self.draft.choices.iter().flatten();
        self.draft
            .to
            .iter()
            .chain(chosen)
            .filter_map(part)
            .chain(self.draft.filter.places.iter().cloned())
            .collect()
    }

    /// Where it goes: a place; a person or unit makes it a hand-over.
    fn destinations(&self) -> Result<Vec<Act>, Doubt> {
        let places = self.places();
        if places.iter().any(|place| place.ids.len() != 1) {
            return Err(Doubt::WhereTo);
        }
        let mut acts: Vec<Act> = places.into_iter().map(|to| Act::Move { to }).collect();
        let others = self
            .draft
            .to
            .iter()
            .filter(|part| !matches!(part, Part::Place(_)))
            .filter_map(Part::recipient);
        let until = self.draft.dating.until(self.ground.today);
        acts.extend(others.map(|to| Act::Transfer { to, until }));
        if acts.is_empty() {
            Err(Doubt::WhereTo)
        } else {
            Ok(acts)
        }
    }
}
