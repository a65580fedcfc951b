//! Reports with texts of a bounded length: what suppliers write goes into entries, and those hold only so much.

use super::event::Finding;
use super::report::{Report, Said, Substitute};
use crate::text::is_printable;

/// The most characters of a number or a name of theirs.
const NUMBER_CHARS_MAX: usize = 128;
/// The most characters of an invoice's number, which assets have too.
const INVOICE_CHARS_MAX: usize = 64;
/// The most characters of a part number.
const PART_CHARS_MAX: usize = 255;
/// The most characters of a description.
const DESCRIPTION_CHARS_MAX: usize = 500;
/// The most numbers of carriers.
const TRACKING_MAX: usize = 20;
/// The most findings that are kept of a document, and the most characters of what each is about.
const FINDINGS_MAX: usize = 100;

/// A text without what cannot be printed, at most so long.
fn cut(text: &mut String, chars_max: usize) {
    let printable = text.trim().chars().filter(|c| is_printable(*c));
    *text = printable.take(chars_max).collect();
}

fn cut_all<'a>(texts: impl IntoIterator<Item = &'a mut Option<String>>, chars_max: usize) {
    for text in texts.into_iter().flatten() {
        cut(text, chars_max);
    }
}

/// The report with its texts cut.
#[must_use]
pub(super) fn cleaned(mut report: Report) -> Report {
    match &mut report {
        Report::Confirmation(said) => {
            cut_all(
                [&mut said.reference, &mut said.supplier_order],
                NUMBER_CHARS_MAX,
            );
            for item in &mut said.items {
                cut(&mut item.unit, NUMBER_CHARS_MAX);
                item.price.iter_mut().for_each(currency);
                item.substitute.iter_mut().for_each(product);
            }
        }
        Report::StatusUpdate(_) | Report::Receipt(_) => {}
        Report::ShipNotice(said) => {
            cut_all([&mut said.carrier], NUMBER_CHARS_MAX);
            said.tracking.truncate(TRACKING_MAX);
            for number in &mut said.tracking {
                cut(number, NUMBER_CHARS_MAX);
            }
            for item in said.portions.iter_mut().flat_map(|one| &mut one.items) {
                cut(&mut item.unit, NUMBER_CHARS_MAX);
            }
        }
        Report::Invoice(said) => {
            cut(&mut said.reference, INVOICE_CHARS_MAX);
            for item in &mut said.items {
                cut(&mut item.unit, NUMBER_CHARS_MAX);
                item.price.iter_mut().for_each(currency);
            }
        }
    }
    report
}

fn currency(price: &mut Said) {
    cut(&mut price.currency, NUMBER_CHARS_MAX);
}

fn product(other: &mut Substitute) {
    cut(&mut other.part, PART_CHARS_MAX);
    cut_all([&mut other.maker_part, &mut other.maker], PART_CHARS_MAX);
    cut_all([&mut other.description], DESCRIPTION_CHARS_MAX);
}

/// The findings as they are kept: the first of them.
#[must_use]
pub(super) fn kept(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.truncate(FINDINGS_MAX);
    for finding in &mut findings {
        cut_all([&mut finding.value], NUMBER_CHARS_MAX);
    }
    findings
}
