//! What a strict supplier refuses: documents that one can understand and that are nevertheless not as the guide and the declarations want them.

use super::element::{Document, Element};

/// The order of children, where generated requests usually get it wrong.
const ORDERS: &[(&str, &[&str])] = &[
    ("Header", &["From", "To", "Sender"]),
    ("Sender", &["Credential", "UserAgent"]),
    ("Credential", &["Identity", "SharedSecret"]),
    (
        "PunchOutSetupRequest",
        &[
            "BuyerCookie",
            "Extrinsic",
            "BrowserFormPost",
            "Contact",
            "SupplierSetup",
            "ShipTo",
            "SelectedItem",
            "ItemOut",
        ],
    ),
    (
        "OrderRequestHeader",
        &[
            "Total",
            "ShipTo",
            "BillTo",
            "Shipping",
            "Tax",
            "Payment",
            "PaymentTerm",
            "Contact",
            "Comments",
            "Followup",
            "DocumentReference",
            "SupplierOrderInfo",
            "Extrinsic",
        ],
    ),
    (
        "ItemOut",
        &[
            "ItemID",
            "Path",
            "ItemDetail",
            "SupplierID",
            "SupplierList",
            "ShipTo",
            "Shipping",
            "Tax",
            "SpendDetail",
            "Distribution",
            "Contact",
            "Comments",
        ],
    ),
    ("ItemID", &["SupplierPartID", "SupplierPartAuxiliaryID"]),
    (
        "ItemDetail",
        &[
            "UnitPrice",
            "Description",
            "UnitOfMeasure",
            "Classification",
            "ManufacturerPartID",
            "ManufacturerName",
            "URL",
            "LeadTime",
            "Extrinsic",
        ],
    ),
    (
        "Address",
        &["Name", "PostalAddress", "Email", "Phone", "Fax", "URL"],
    ),
    (
        "PostalAddress",
        &[
            "DeliverTo",
            "Street",
            "City",
            "State",
            "PostalCode",
            "Country",
        ],
    ),
];

/// The first thing that is not as it should be.
#[must_use]
pub fn fault(document: &Document, content_type: Option<&str>) -> Option<String> {
    let media = content_type.map(|value| {
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    });
    if !matches!(media.as_deref(), Some("text/xml" | "application/xml")) {
        return Some("Content-Type is not text/xml".to_owned());
    }
    match &document.doctype {
        None => return Some("there is no DOCTYPE".to_owned()),
        Some(text) if text.contains('[') => {
            return Some("the DOCTYPE has an internal subset".to_owned());
        }
        Some(_) => {}
    }
    let root = &document.root;
    if !root
        .attribute("payloadID")
        .is_some_and(|id| id.contains('@'))
    {
        return Some("cXML/@payloadID is not of the form words@host".to_owned());
    }
    if !root.attribute("timestamp").is_some_and(is_moment) {
        return Some("cXML/@timestamp is not of the form 2026-05-25T09:00:00-05:00".to_owned());
    }
    disorder(root)
}

/// Whether a text is a date, a time and a numeric offset.
fn is_moment(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let Some((instant, rest)) = bytes.split_at_checked(FORM.len()) else {
        return false;
    };
    let offset = match rest.split_first() {
        Some((b'.', fraction)) => {
            let digits = fraction
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            &fraction[digits..]
        }
        _ => rest,
    };
    shaped(instant, FORM) && (shaped(offset, b"+00:00") || shaped(offset, b"-00:00"))
}

/// Whether digits stand where the form has digits, and the form's own signs elsewhere.
fn shaped(text: &[u8], form: &[u8]) -> bool {
    text.len() == form.len()
        && text.iter().zip(form).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            sign => byte == sign,
        })
}

/// The first child that is in the wrong place, or not declared in 1.2.014.
fn disorder(element: &Element) -> Option<String> {
    if let Some((_, order)) = ORDERS.iter().find(|(name, _)| *name == element.name) {
        let mut reached = 0;
        for child in element.children() {
            match order.iter().position(|name| *name == child.name) {
                None => return Some(format!("{} may not hold {}", element.name, child.name)),
                Some(place) if place < reached => {
                    return Some(format!(
                        "in {} the {} comes too late",
                        element.name, child.name
                    ));
                }
                Some(place) => reached = place,
            }
        }
    }
    element.children().find_map(disorder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_recommended_form_is_a_moment() {
        for (text, good) in [
            ("2026-05-25T09:00:00-05:00", true),
            ("2026-05-25T09:00:00.123+00:00", true),
            ("2026-05-25T09:00:00Z", false),
            ("2026-05-25T09:00:00-0500", false),
            ("2026-05-25 09:00:00-05:00", false),
            ("2026-05-25", false),
        ] {
            assert_eq!(is_moment(text), good, "{text}");
        }
    }
}
