//! What one piece costs: from a price for so much of a unit to minor units. Pure.

use super::report::Said;
use crate::exact::Exact;
use crate::money;

/// What one piece costs in minor units of the price's currency, rounded to the nearest, where one of the ordered unit is so many pieces. None
/// where the price has more digits than can be reckoned with, or is for nothing.
#[must_use]
pub fn per_piece(price: &Said, pieces_per_unit: Exact) -> Option<i64> {
    let factor = price.factor.unwrap_or(Exact::ONE);
    let basis = price.basis.unwrap_or(Exact::ONE);
    let of_unit = price.amount.times(factor).ok()?;
    let of_piece = of_unit.over(basis.times(pieces_per_unit).ok()?).ok()?;
    let places = money::places(&price.currency);
    let amount = of_piece.magnitude().to_places(places).to_string();
    let minor = money::minor(&amount, &price.currency).ok()?;
    Some(if of_piece.is_negative() {
        -minor
    } else {
        minor
    })
}

/// What one of the ordered unit costs, so that two prices can be compared.
#[must_use]
pub fn per_unit(price: &Said) -> Option<Exact> {
    let of_unit = price
        .amount
        .times(price.factor.unwrap_or(Exact::ONE))
        .ok()?;
    match price.basis {
        Some(basis) => of_unit.over(basis).ok(),
        None => Some(of_unit),
    }
}

/// What so much of the ordered unit costs. None where it has more digits than can be reckoned with.
#[must_use]
pub fn of_quantity(price: &Said, quantity: Exact) -> Option<Exact> {
    let times = quantity.times(price.factor.unwrap_or(Exact::ONE)).ok()?;
    let paid = times.times(price.amount).ok()?;
    match price.basis {
        Some(basis) if basis != Exact::ONE => paid.over(basis).ok(),
        _ => Some(paid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(amount: &str, factor: Option<&str>, basis: Option<&str>, currency: &str) -> Said {
        let exact = |text| Exact::factor(text).expect("a factor");
        Said {
            amount: Exact::amount(amount).expect("an amount"),
            currency: currency.to_owned(),
            factor: factor.map(exact),
            basis: basis.map(exact),
        }
    }

    #[test]
    fn a_price_may_be_for_another_quantity() {
        for (amount, factor, basis, pieces, currency, minor) in [
            ("1149.00", None, None, 1, "USD", 114_900),
            ("9.99", Some("0.0333333"), Some("1"), 1, "USD", 33),
            ("250", None, Some("100"), 1, "USD", 250),
            ("100", None, None, 3, "USD", 3_333),
            ("0.005", None, None, 1, "USD", 1),
            ("-12.5", None, None, 1, "USD", -1_250),
            ("1500", None, None, 1, "JPY", 1_500),
        ] {
            let price = price(amount, factor, basis, currency);
            assert_eq!(
                per_piece(&price, Exact::whole(pieces)),
                Some(minor),
                "{amount}"
            );
        }
        assert_eq!(
            per_piece(&price("1", None, Some("0"), "USD"), Exact::ONE),
            None
        );
        assert_eq!(per_piece(&price("1", None, None, "USD"), Exact::ZERO), None);
    }

    #[test]
    fn what_is_paid_is_by_the_basis() {
        for (amount, factor, basis, expected) in [
            ("1149.00", None, None, "3447"),
            ("250", Some("1"), Some("100"), "7.5"),
            ("9.99", Some("30"), None, "899.1"),
        ] {
            let paid = of_quantity(&price(amount, factor, basis, "USD"), Exact::whole(3));
            assert_eq!(
                paid.map(Exact::plain),
                Exact::amount(expected).ok(),
                "{amount}"
            );
        }
    }

    #[test]
    fn prices_are_compared_for_one_of_the_unit() {
        let hundred = price("250", None, Some("100"), "USD");
        assert_eq!(
            per_unit(&hundred).map(Exact::plain),
            Exact::amount("2.5").ok()
        );
        assert_eq!(
            per_unit(&price("2.50", None, None, "USD")),
            Exact::amount("2.50").ok()
        );
    }
}
