//! A cart as it is stored: every number read exactly, every line of which something would have to be guessed named, everything else let pass
//! with a warning. Pure, and the same for every protocol.

mod bundle;
mod describe;
mod total;

use bundle::Priced;
pub(crate) use bundle::parents;

use std::collections::{BTreeMap, HashSet};

use super::line::{Line, Stored};
use crate::exact::{Exact, NotExact};
use crate::punchout::LineFault;
use crate::punchout::cart::{Cart, LINES_MAX, Money, Sent, SentLine, Warning};
use crate::supplier::{self, Settings};
use crate::text;

/// The most characters of a part's number.
const PART_CHARS_MAX: usize = 255;
/// The most bytes of the rest of it.
const AUX_BYTES_MAX: usize = 2_048;
/// The most characters of a unit.
const UNIT_CHARS_MAX: usize = 40;

/// A line that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadLine {
    /// What the supplier sent.
    pub sent: Sent,
    /// The text that it came as.
    pub raw: String,
    /// What is made of it.
    pub stored: Stored,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

/// A cart that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Read {
    /// Its lines by currency, in their order.
    pub by_currency: BTreeMap<String, Vec<ReadLine>>,
    /// What is odd about the whole.
    pub warnings: Vec<Warning>,
}

/// Reads a cart by what its supplier's administrators chose. `lang` is the reader's language. Every line at fault is named, up to fifty.
pub fn read(cart: &Cart, settings: &Settings, lang: &str) -> Result<Read, Vec<LineFault>> {
    if cart.lines.len() > LINES_MAX {
        let what = format!(
            "a cart has at most {LINES_MAX} lines, this one {}",
            cart.lines.len()
        );
        return Err(vec![LineFault::new(0, "limit_exceeded", what)]);
    }
    let mut whole = Read::default();
    let (mut lines, mut faults) = (Vec::with_capacity(cart.lines.len()), Vec::new());
    for (index, line) in cart.lines.iter().enumerate() {
        match read_line(index + 1, line, settings, lang) {
            Ok(Some(line)) => lines.push(line),
            Ok(None) => whole.warnings.push(Warning::new(
                "line_dropped_zero_quantity",
                format!("line {} orders none and was left out", index + 1),
            )),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        faults.truncate(LineFault::TOLD_MAX);
        return Err(faults);
    }
    bundle::count_once(lines.iter_mut().map(|line| Priced {
        sent: &line.sent,
        amount: &mut line.stored.amount,
        warnings: &mut line.warnings,
    }));
    warn_of_twins(&mut lines);
    total::compare(cart, &lines, &mut whole.warnings);
    whole.warnings.extend(header_warnings(cart, settings));
    for line in lines {
        let currency = line.stored.currency.clone();
        whole.by_currency.entry(currency).or_default().push(line);
    }
    Ok(whole)
}

fn header_warnings(cart: &Cart, settings: &Settings) -> Option<Warning> {
    let differs = !cart.from.is_empty() && !settings.knows(&cart.from);
    differs.then(|| {
        Warning::new(
            "header_mismatch",
            "the document names another sender than this supplier",
        )
    })
}

/// A line as it is stored; none where it orders nothing.
fn read_line(
    number: usize,
    line: &SentLine,
    settings: &Settings,
    lang: &str,
) -> Result<Option<ReadLine>, LineFault> {
    let sent = &line.sent;
    let fault = |code, what: String| LineFault::new(number, code, what);
    check_texts(number, sent)?;
    let quantity = Exact::quantity(&sent.quantity)
        .map_err(|bad| fault("bad_quantity", told("the quantity", &sent.quantity, bad)))?;
    let price = Exact::amount(&sent.price.amount)
        .map_err(|bad| fault("bad_amount", told("the price", &sent.price.amount, bad)))?;
    let currency = supplier::currency(&sent.price.currency).ok_or_else(|| {
        let what = format!(
            "the currency is {:?}; expected three letters",
            shown(&sent.price.currency)
        );
        fault("bad_currency", what)
    })?;
    if quantity.is_zero() {
        return Ok(None);
    }
    let mut warnings = line.warnings.clone();
    let amount =
        amount(sent, quantity, price, &mut warnings).map_err(|what| fault("bad_amount", what))?;
    let pieces = settings.pieces(&sent.unit);
    if pieces.is_none() {
        let what = format!(
            "how many pieces one {:?} is, is not known",
            shown(&sent.unit)
        );
        warnings.push(Warning::new("unknown_unit", what));
    }
    if currency != settings.currency {
        let what = format!(
            "the price is in {currency}, the supplier is paid in {}",
            settings.currency
        );
        warnings.push(Warning::new("currency_differs", what));
    }
    let unspsc = describe::unspsc(&sent.classifications);
    if unspsc.is_none() && !sent.classifications.is_empty() {
        warnings.push(Warning::new(
            "unusable_classification",
            "none of its classifications is a code of the UNSPSC",
        ));
    }
    let (model, category) = describe::product(&settings.rules, sent, unspsc.as_deref());
    let stored = Stored {
        quantity,
        pieces,
        pieces_answered: false,
        price,
        amount,
        extra: extra(sent, &currency),
        currency,
        description: describe::description(sent, lang),
        unspsc,
        model,
        category,
        url: sent.url.as_deref().and_then(describe::address),
    };
    Ok(Some(ReadLine {
        sent: sent.clone(),
        raw: line.raw.clone(),
        stored,
        warnings,
    }))
}

/// What would be lost or could not be given back as it came.
fn check_texts(number: usize, sent: &Sent) -> Result<(), LineFault> {
    let fault = |code, what: &str| Err(LineFault::new(number, code, what.to_owned()));
    let part = sent.part.trim();
    if part.is_empty() {
        return fault(
            "missing_element",
            "it has no number of the supplier's for the product",
        );
    }
    if part.chars().count() > PART_CHARS_MAX {
        return fault(
            "limit_exceeded",
            "the number of the product is longer than 255 characters",
        );
    }
    if !part.chars().all(text::is_printable) {
        return fault(
            "illegal_character",
            "the number of the product cannot be shown",
        );
    }
    if sent
        .aux
        .as_ref()
        .is_some_and(|aux| aux.len() > AUX_BYTES_MAX)
    {
        return fault(
            "limit_exceeded",
            "the rest of the product's number is longer than 2048 bytes",
        );
    }
    let maker_part = sent.manufacturer_part.as_deref().unwrap_or_default();
    if maker_part.chars().count() > PART_CHARS_MAX {
        return fault(
            "limit_exceeded",
            "the maker's number of the product is longer than 255 characters",
        );
    }
    if sent.unit.chars().count() > UNIT_CHARS_MAX {
        return fault("limit_exceeded", "its unit is longer than 40 characters");
    }
    Ok(())
}

/// Reckons anew what lines cost, after some were taken away: what was counted with one that is gone is counted by itself.
pub(super) fn recount<'a>(lines: impl Iterator<Item = &'a mut Line>) {
    let lines = lines.map(|line| {
        let stored = &mut line.stored;
        let own = amount(&line.sent, stored.quantity, stored.price, &mut Vec::new());
        // It was reckoned when the line was read, so it can be.
        stored.amount = own.unwrap_or(stored.amount);
        Priced {
            sent: &line.sent,
            amount: &mut stored.amount,
            warnings: &mut line.warnings,
        }
    });
    bundle::count_once(lines);
}

/// What a whole line costs: by the basis of its price where it has one, because leaving that out charges by the basis too much or too little.
fn amount(
    sent: &Sent,
    quantity: Exact,
    price: Exact,
    warnings: &mut Vec<Warning>,
) -> Result<Exact, String> {
    let too_large = |_| "what the line costs has more digits than can be kept".to_owned();
    let Some(basis) = &sent.basis else {
        return quantity.times(price).map_err(too_large);
    };
    let per = Exact::quantity(&basis.quantity)
        .map_err(|bad| told("the quantity of the price", &basis.quantity, bad))?;
    let factor = Exact::factor(&basis.factor)
        .map_err(|bad| told("the factor of the price", &basis.factor, bad))?;
    if per.is_zero() {
        return Err("the price is for none of its unit".to_owned());
    }
    let what = format!("the price is for {per}, and one ordered unit is {factor} of those");
    warnings.push(Warning::new("price_basis_used", what));
    let times = quantity.times(factor).map_err(too_large)?;
    let paid = times.times(price).map_err(too_large)?;
    if per == Exact::ONE {
        return Ok(paid.plain());
    }
    paid.over(per).map(Exact::plain).map_err(too_large)
}

/// What sending a line and the tax on it are estimated at, where they are in its currency and can be read.
fn extra(sent: &Sent, currency: &str) -> Exact {
    let of = |money: &Option<Money>| readable(money.as_ref(), currency).unwrap_or(Exact::ZERO);
    let (shipping, tax) = (of(&sent.shipping), of(&sent.tax));
    shipping.plus(tax).unwrap_or(Exact::ZERO)
}

/// An amount in a currency, if it is one.
fn readable(money: Option<&Money>, currency: &str) -> Option<Exact> {
    let money = money?;
    let same = supplier::currency(&money.currency).is_some_and(|own| own == currency);
    Exact::amount(&money.amount).ok().filter(|_| same)
}

/// The same product twice is no error, because suppliers do so; but whoever reads the cart should know.
fn warn_of_twins(lines: &mut [ReadLine]) {
    let mut seen = HashSet::with_capacity(lines.len());
    for line in lines {
        let identity = (line.sent.part.trim().to_owned(), line.sent.aux.clone());
        if !seen.insert(identity) {
            line.warnings.push(Warning::new(
                "duplicate_line_identity",
                "another line of the cart has the same number",
            ));
        }
    }
}

fn told(name: &str, text: &str, bad: NotExact) -> String {
    format!("{name} is {:?}: {bad}", shown(text))
}

/// So much of a text as stands in a message.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests;
