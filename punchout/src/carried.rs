//! A cart from its protocol's form into none: what core reads, decides and keeps.

use std::collections::BTreeMap;

use habeo_core::punchout::cart::{self as neutral, Sent, SentLine, Warning};
use habeo_core::supplier::{Credential, Mode, Operation};

use crate::code::Code;
use crate::cxml::address::Text;
use crate::cxml::cart::{Allowed, Cart, Quote};
use crate::cxml::envelope;
use crate::cxml::item::{Content, Description, Extrinsic};
use crate::cxml::line::{Kind, Line, PriceLevel};
use crate::cxml::money::Money;
use crate::finding::Finding;

/// What core finds by itself when it reads a cart, for every protocol alike; to say it twice would help nobody.
const FOUND_AGAIN: &[Code] = &[
    Code::UnknownUnit,
    Code::CurrencyDiffers,
    Code::UnusableClassification,
    Code::PriceBasisUsed,
    Code::TotalMismatch,
    Code::HeaderMismatch,
    Code::DuplicateLineIdentity,
];

/// The cart in no protocol's form, each line with what is odd about it; and what is odd about the whole.
pub(crate) fn carried(
    cart: Cart,
    warnings: &[Finding],
    protocol: habeo_core::supplier::Protocol,
) -> (neutral::Cart, Vec<Warning>) {
    let (mut of_lines, of_all) = parted(warnings);
    let unchanged = cart.changes_nothing();
    let header = cart.envelope.header;
    let from = header.map(|header| header.from.into_iter().chain(header.sender));
    let says_mode = protocol == habeo_core::supplier::Protocol::Cxml;
    let lines = cart.lines.into_iter().map(|line| {
        let warnings = of_lines.remove(&line.position).unwrap_or_default();
        self::line(line, warnings)
    });
    let lines = lines.collect();
    let neutral = neutral::Cart {
        unchanged,
        allowed: match cart.allowed {
            Allowed::Create => Operation::Create,
            Allowed::Inspect => Operation::Inspect,
            Allowed::Edit => Operation::Edit,
        },
        quote_pending: cart.quote == Quote::Pending,
        mode: says_mode.then(|| mode(cart.envelope.mode)),
        from: from.into_iter().flatten().map(credential).collect(),
        total: cart.total.as_ref().map(money),
        shipping: cart.shipping.as_ref().map(money),
        tax: cart.tax.as_ref().map(money),
        supplier_order: cart.supplier_order,
        ship_to: cart.ship_to.and_then(|address| address.id),
        lines,
    };
    (neutral, of_all)
}

/// Whether a document is meant.
pub(crate) const fn mode(mode: envelope::Mode) -> Mode {
    match mode {
        envelope::Mode::Production => Mode::Production,
        envelope::Mode::Test => Mode::Test,
    }
}

/// A name without its proof.
pub(crate) fn credential(one: envelope::Credential) -> Credential {
    Credential {
        domain: one.domain,
        identity: one.identity,
    }
}

/// A finding as it is kept: its place is part of its words.
pub(crate) fn warning(finding: &Finding) -> Warning {
    let detail = finding.to_string();
    let code = finding.code.as_str();
    let plain = detail
        .strip_prefix(code)
        .and_then(|rest| rest.strip_prefix(": "));
    Warning::new(code, plain.unwrap_or(&detail))
}

/// Warnings by their line, and those of no line.
fn parted(warnings: &[Finding]) -> (BTreeMap<usize, Vec<Warning>>, Vec<Warning>) {
    let (mut of_lines, mut of_all) = (BTreeMap::<usize, Vec<Warning>>::new(), Vec::new());
    for finding in warnings.iter().filter(|it| !FOUND_AGAIN.contains(&it.code)) {
        match line_of(finding) {
            Some(line) => of_lines.entry(line).or_default().push(warning(finding)),
            None => of_all.push(warning(finding)),
        }
    }
    (of_lines, of_all)
}

/// Which line a finding is about; a lone one has no number in its path.
fn line_of(finding: &Finding) -> Option<usize> {
    let path = &finding.place.as_ref()?.path;
    let (_, rest) = path.split_once("/ItemIn")?;
    match rest.strip_prefix('[') {
        Some(number) => number.split_once(']')?.0.parse().ok(),
        None => Some(1),
    }
}

fn line(line: Line, warnings: Vec<Warning>) -> SentLine {
    let sent = Sent {
        line: line.line_number,
        quantity: line.quantity.as_str().to_owned(),
        unit: line.unit.text,
        part: line.item.part,
        aux: line.item.auxiliary.map(content),
        price: money(&line.unit_price),
        basis: line.price_basis.map(|basis| neutral::PriceBasis {
            quantity: basis.quantity.as_str().to_owned(),
            factor: basis.conversion_factor.as_str().to_owned(),
            unit: Some(basis.unit.text).filter(|unit| !unit.is_empty()),
        }),
        descriptions: line.descriptions.into_iter().map(description).collect(),
        classifications: line
            .classifications
            .into_iter()
            .map(|one| neutral::Classification {
                domain: one.domain,
                code: one.text,
            })
            .collect(),
        manufacturer_part: line.manufacturer_part,
        manufacturer: line.manufacturer.map(|Text { text, .. }| text),
        url: line.url,
        lead_time: line.lead_time,
        seller: line
            .supplier
            .map(|(domain, identity)| Credential { domain, identity }),
        shipping: line.shipping.as_ref().map(money),
        tax: line.tax.as_ref().map(money),
        bundle: neutral::Bundle {
            parent: line.parent_line_number,
            item_type: line.kind.map(kind).map(str::to_owned),
            price_level: line.price_level.map(level).map(str::to_owned),
        },
        extrinsics: line.extrinsics.into_iter().map(extrinsic).collect(),
    };
    SentLine {
        sent,
        raw: line.raw,
        warnings,
    }
}

fn money(money: &Money) -> neutral::Money {
    neutral::Money {
        amount: money.amount.as_str().to_owned(),
        currency: money.currency.as_str().to_owned(),
    }
}

fn description(text: Description) -> neutral::Text {
    neutral::Text {
        lang: text.lang.unwrap_or_default(),
        text: text.text,
        short: text.short,
    }
}

fn extrinsic(extrinsic: Extrinsic) -> neutral::Extrinsic {
    neutral::Extrinsic {
        name: extrinsic.name,
        value: content(extrinsic.content),
    }
}

fn content(content: Content) -> String {
    match content {
        Content::Text(text) | Content::Xml(text) => text,
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Composite => "composite",
        Kind::Item => "item",
        Kind::Lean => "lean",
    }
}

const fn level(level: PriceLevel) -> &'static str {
    match level {
        PriceLevel::Group => "groupLevel",
        PriceLevel::Item => "itemLevel",
    }
}

#[cfg(test)]
mod tests {
    use habeo_core::supplier::Protocol;

    use super::*;
    use crate::cxml::cart::read_text;
    use crate::limits::Tolerance;

    const CART: &str = r#"<cXML payloadID="1@a" timestamp="2026-01-01T00:00:00+00:00"><Header>
        <From><Credential domain="DUNS"><Identity>1</Identity></Credential></From>
        <To><Credential domain="DUNS"><Identity>2</Identity></Credential></To>
        <Sender><Credential domain="DUNS"><Identity>3</Identity></Credential><UserAgent>shop</UserAgent></Sender></Header>
        <Message deploymentMode="test"><PunchOutOrderMessage><BuyerCookie>c</BuyerCookie>
        <PunchOutOrderMessageHeader operationAllowed="edit"><Total><Money currency="USD">3.30</Money></Total></PunchOutOrderMessageHeader>
        <ItemIn quantity="1"><ItemID><SupplierPartID>A</SupplierPartID></ItemID><ItemDetail><UnitPrice><Money currency="USD">1.10</Money></UnitPrice>
        <Description xml:lang="en">a thing</Description><UnitOfMeasure>EA</UnitOfMeasure><Classification domain="UNSPSC">43211503</Classification></ItemDetail></ItemIn>
        <ItemIn quantity="02"><ItemID><SupplierPartID>B</SupplierPartID><SupplierPartAuxiliaryID>x|<b>y</b></SupplierPartAuxiliaryID></ItemID>
        <ItemDetail><UnitPrice><Money currency="usd">1.100</Money></UnitPrice>
        <Description>another</Description><UnitOfMeasure>EA</UnitOfMeasure><Classification domain="UNSPSC">43211503</Classification></ItemDetail></ItemIn>
        </PunchOutOrderMessage></Message></cXML>"#;

    #[test]
    fn a_cart_is_carried_as_it_was_written() {
        let read = read_text(CART, &Tolerance::default());
        let warnings = read.warnings.clone();
        let cart = read.outcome.expect("a cart");
        let (cart, _) = carried(cart, &warnings, Protocol::Cxml);
        assert_eq!(
            (cart.allowed, cart.mode),
            (Operation::Edit, Some(Mode::Test))
        );
        assert_eq!(cart.from.len(), 2);
        let second = &cart.lines[1];
        assert_eq!(second.sent.quantity, "02");
        assert_eq!(second.sent.price.amount, "1.100");
        assert_eq!(second.sent.aux.as_deref(), Some("x|<b>y</b>"));
        assert!(second.raw.starts_with("<ItemIn") && second.raw.ends_with("</ItemIn>"));
    }

    #[test]
    fn warnings_go_to_their_lines() {
        let read = read_text(CART, &Tolerance::default());
        let (of_lines, of_all) = parted(&read.warnings);
        let codes = |line: usize| -> Vec<String> {
            let found = of_lines.get(&line);
            found
                .into_iter()
                .flatten()
                .map(|it| it.code.clone())
                .collect()
        };
        assert_eq!(codes(1), Vec::<String>::new());
        assert_eq!(codes(2), ["missing_lang"]);
        assert!(of_all.iter().all(|it| !it.detail.starts_with(&it.code)));
    }
}
