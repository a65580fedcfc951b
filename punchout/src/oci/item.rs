//! One item of a form: `NEW_ITEM-<FIELD>[n]`.

use crate::code::Code;
use crate::cxml::address::Text;
use crate::cxml::item::{Classification, Content, Description, Extrinsic, ItemId, PriceBasis, web};
use crate::cxml::line::Line;
use crate::cxml::money::{Currency, Money, bad_number, shorten};
use crate::exact::{Exact, NotExact};
use crate::finding::Notes;
use crate::limits::{IDENTIFIER_CHARS_MAX, Tolerance};
use crate::unspsc;

use super::returned::Fields;

/// Fields that are kept for people, since nothing here has a room for them.
const OTHERS: &[&str] = &[
    "MATNR",
    "CONTRACT",
    "CONTRACT_ITEM",
    "EXT_QUOTE_ID",
    "EXT_QUOTE_ITEM",
    "SERVICE",
    "ATTACHMENT_TITLE",
    "ATTACHMENT_PURPOSE",
    "EXT_SCHEMA_TYPE",
    "CUST_FIELD1",
    "CUST_FIELD2",
    "CUST_FIELD3",
    "CUST_FIELD4",
    "CUST_FIELD5",
    "ITEM_TYPE",
    "SLD_SYS_NAME",
];

/// The field and the number that a name such as `NEW_ITEM-PRICE[3]` and `NEW_ITEM-LONGTEXT_3:132[]` means; the first is 1.
pub(super) fn named(name: &str) -> Option<(String, u32)> {
    let prefix = name.get(..9)?;
    if !prefix.eq_ignore_ascii_case("NEW_ITEM-") {
        return None;
    }
    let (field, rest) = name[9..].split_once('[')?;
    let field = field.to_ascii_uppercase();
    let inner = rest.strip_suffix(']')?.trim();
    if let Some(numbered) = field.strip_prefix("LONGTEXT_") {
        let number = numbered.split(':').next()?;
        return Some(("LONGTEXT".to_owned(), index(number)?));
    }
    Some((field, index(inner)?))
}

fn index(text: &str) -> Option<u32> {
    let digits =
        !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Reads the fields of one item.
struct Item<'a, 'n> {
    index: u32,
    fields: &'a Fields<'a>,
    notes: &'n mut Notes,
}

/// The line of an item; none for one of quantity zero and for one with errors.
pub(super) fn line(
    index: u32,
    position: usize,
    fields: &Fields<'_>,
    tolerance: &Tolerance,
    notes: &mut Notes,
) -> Option<Line> {
    let mut item = Item {
        index,
        fields,
        notes,
    };
    let quantity = item.quantity();
    let (unit_price, item_id) = (item.price(), item.id());
    let price_unit = item.price_unit();
    let quantity = quantity?;
    if quantity.is_zero() {
        item.warn(
            Code::LineDroppedZeroQuantity,
            "QUANTITY",
            "is nothing; the line was left out",
        );
        return None;
    }
    let unit = tolerance.units.read(item.some("UNIT").unwrap_or_default());
    if unit.known.is_none() {
        item.warn(Code::UnknownUnit, "UNIT", "is no unit that is known");
    }
    let price_basis = price_unit.ok()?.map(|quantity| PriceBasis {
        quantity,
        conversion_factor: Exact::of(rust_decimal::Decimal::ONE),
        unit: unit.clone(),
    });
    let line = Line {
        position,
        line_number: Some(index.to_string()),
        parent_line_number: item.owned("PARENT_ID"),
        kind: None,
        price_level: None,
        quantity,
        item: item_id?,
        unit_price: unit_price?,
        price_basis,
        descriptions: item.descriptions(),
        unit,
        classifications: item.classifications(),
        manufacturer_part: item.owned("MANUFACTMAT"),
        manufacturer: item
            .owned("MANUFACTCODE")
            .map(|text| Text { lang: None, text }),
        url: item.some("ATTACHMENT").and_then(web),
        lead_time: item.owned("LEADTIME"),
        extrinsics: item.extrinsics(),
        supplier: item.owned("VENDOR").map(|id| ("VENDOR".to_owned(), id)),
        ship_to: None,
        shipping: None,
        tax: None,
        counts: true,
        raw: String::new(),
    };
    if line.total().is_none() {
        item.error(
            Code::BadAmount,
            "PRICE",
            "by its quantity has more digits than can be kept",
        );
    }
    Some(line)
}

impl Item<'_, '_> {
    fn some(&self, field: &str) -> Option<&str> {
        let value = self.fields.get(field)?.trim();
        (!value.is_empty()).then_some(value)
    }

    fn owned(&self, field: &str) -> Option<String> {
        self.some(field)
            .map(|it| it.chars().take(IDENTIFIER_CHARS_MAX).collect())
    }

    fn error(&mut self, code: Code, field: &str, says: &str) {
        let index = self.index;
        self.notes
            .error_of_all(code, || format!("NEW_ITEM-{field}[{index}] {says}"));
    }

    fn warn(&mut self, code: Code, field: &str, says: &str) {
        let (index, position) = (self.index, crate::finding::Spot::new(self.index as usize));
        self.notes.warn(code, position, || {
            format!("NEW_ITEM-{field}[{index}] {says}")
        });
    }

    fn number(
        &mut self,
        field: &str,
        code: Code,
        read: impl FnOnce(&str) -> Result<Exact, NotExact>,
    ) -> Option<Exact> {
        let Some(text) = self.some(field) else {
            self.error(Code::MissingElement, field, "is missing or empty");
            return None;
        };
        match read(text) {
            Ok(number) => Some(number),
            Err(wrong) => {
                let says = bad_number(text, wrong);
                self.error(code, field, &says);
                None
            }
        }
    }

    fn quantity(&mut self) -> Option<Exact> {
        self.number("QUANTITY", Code::BadQuantity, Exact::quantity)
    }

    fn price(&mut self) -> Option<Money> {
        let amount = self.number("PRICE", Code::BadAmount, Exact::amount);
        let said = self.some("CURRENCY").unwrap_or_default();
        let currency = Currency::read(said);
        if currency.is_none() {
            let says = format!(
                "is \"{}\"; expected the three letters of a currency",
                shorten(said)
            );
            self.error(Code::BadCurrency, "CURRENCY", &says);
        }
        Some(Money {
            amount: amount?,
            currency: currency?,
        })
    }

    /// For how many the price is; nothing means one.
    fn price_unit(&mut self) -> Result<Option<Exact>, ()> {
        let Some(text) = self.some("PRICEUNIT") else {
            return Ok(None);
        };
        let read = Exact::quantity(text);
        let basis = match read {
            Ok(basis) if !basis.is_zero() => basis,
            Ok(_) => {
                self.error(
                    Code::BadQuantity,
                    "PRICEUNIT",
                    "is nothing; a price for nothing is none",
                );
                return Err(());
            }
            Err(wrong) => {
                let says = bad_number(text, wrong);
                self.error(Code::BadQuantity, "PRICEUNIT", &says);
                return Err(());
            }
        };
        if basis.value() == rust_decimal::Decimal::ONE {
            return Ok(None);
        }
        let says = format!("makes the price one for {basis}");
        self.warn(Code::PriceBasisUsed, "PRICEUNIT", &says);
        Ok(Some(basis))
    }

    /// The supplier's number for it, or what the shop itself knows it by.
    fn id(&mut self) -> Option<ItemId> {
        let key = self.owned("EXT_PRODUCT_ID");
        let part = self.owned("VENDORMAT").or_else(|| key.clone());
        if part.is_none() {
            self.error(
                Code::MissingElement,
                "VENDORMAT",
                "is missing, and so is EXT_PRODUCT_ID",
            );
        }
        Some(ItemId {
            part: part?,
            auxiliary: key.map(Content::Text),
            buyer_part: self.owned("MATNR"),
        })
    }

    fn descriptions(&self) -> Vec<Description> {
        let (short, long) = (self.some("DESCRIPTION"), self.some("LONGTEXT"));
        let described = Description {
            lang: None,
            short: long.and(short).map(ToOwned::to_owned),
            text: long.or(short).unwrap_or_default().to_owned(),
        };
        (!described.text.is_empty())
            .then_some(described)
            .into_iter()
            .collect()
    }

    fn classifications(&mut self) -> Vec<Classification> {
        let mut found = Vec::new();
        if let Some(text) = self
            .owned("EXT_CATEGORY_ID")
            .or_else(|| self.owned("EXT_CATEGORY"))
        {
            let domain = self.owned("EXT_SCHEMA_TYPE").unwrap_or_default();
            let unspsc = unspsc::normalized(&domain, &text);
            if unspsc.is_none() && domain.eq_ignore_ascii_case("unspsc") {
                self.warn(
                    Code::UnusableClassification,
                    "EXT_CATEGORY_ID",
                    "is not the eight digits of UNSPSC",
                );
            }
            found.push(Classification {
                domain,
                text,
                unspsc,
            });
        }
        if let Some(text) = self.owned("MATGROUP") {
            let domain = "MATGROUP".to_owned();
            found.push(Classification {
                domain,
                text,
                unspsc: None,
            });
        }
        found
    }

    fn extrinsics(&self) -> Vec<Extrinsic> {
        let kept = OTHERS
            .iter()
            .filter_map(|name| Some((*name, self.some(name)?)));
        kept.map(|(name, value)| Extrinsic {
            name: name.to_owned(),
            content: Content::Text(value.to_owned()),
        })
        .collect()
    }
}
