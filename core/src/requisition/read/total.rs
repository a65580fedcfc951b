//! What the supplier adds up, compared with what its lines cost. It is never believed, and never a reason to refuse.

use super::{ReadLine, readable};
use crate::exact::{Exact, TooLarge};
use crate::punchout::cart::{Cart, Warning};

/// Warns where the supplier's sum is none of those that suppliers send.
pub(super) fn compare(cart: &Cart, lines: &[ReadLine], warnings: &mut Vec<Warning>) {
    let Some(first) = lines.first() else { return };
    let currency = &first.stored.currency;
    let one_currency = lines.iter().all(|line| line.stored.currency == *currency);
    let Some(total) = readable(cart.total.as_ref(), currency).filter(|_| one_currency) else {
        return;
    };
    let amounts = lines.iter().map(|line| line.stored.amount);
    let Ok(sum) = sum(amounts) else { return };
    let shipping = readable(cart.shipping.as_ref(), currency).unwrap_or(Exact::ZERO);
    let tax = readable(cart.tax.as_ref(), currency).unwrap_or(Exact::ZERO);
    let extra = super::total::sum(lines.iter().map(|line| line.stored.extra));
    let extras = [
        Ok(Exact::ZERO),
        Ok(shipping),
        Ok(tax),
        shipping.plus(tax),
        extra,
    ];
    let cent = Exact::amount("0.01").unwrap_or(Exact::ZERO);
    let count = Exact::whole(u32::try_from(lines.len()).unwrap_or(u32::MAX));
    let Ok(slack) = cent.times(count) else { return };
    let fits = extras.into_iter().flatten().any(|extra| {
        let difference = sum.plus(extra).and_then(|whole| total.minus(whole));
        difference.is_ok_and(|difference| difference.magnitude() <= slack)
    });
    if !fits {
        let what =
            format!("the supplier adds up {total} {currency}, the lines cost {sum} {currency}");
        warnings.push(Warning::new("total_mismatch", what));
    }
}

pub(crate) fn sum(amounts: impl IntoIterator<Item = Exact>) -> Result<Exact, TooLarge> {
    amounts.into_iter().try_fold(Exact::ZERO, Exact::plus)
}
