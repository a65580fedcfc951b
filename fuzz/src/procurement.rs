//! What the targets of procurement do: arbitrary bytes to one reader, and what is read must hold together.

use habeo_punchout::cxml::cart::{self, Cart};
use habeo_punchout::cxml::write::What;
use habeo_punchout::cxml::{request, response};
use habeo_punchout::finding::{EXCERPT_CHARS_MAX, FINDINGS_MAX, Finding, Read};
use habeo_punchout::form;
use habeo_punchout::limits::Tolerance;
use habeo_punchout::{notice_csv, oci, redact};

fn told<T>(read: &Read<T>) {
    let errors = read.outcome.as_ref().err();
    assert!(errors.is_none_or(|it| !it.is_empty() && it.len() <= FINDINGS_MAX));
    assert!(read.warnings.len() <= FINDINGS_MAX);
    errors
        .into_iter()
        .flatten()
        .chain(&read.warnings)
        .for_each(bounded);
}

fn bounded(finding: &Finding) {
    let excerpt = finding.excerpt.as_ref();
    assert!(excerpt.is_none_or(|it| it.chars().count() <= EXCERPT_CHARS_MAX));
    assert!(finding.message.len() < 4_096);
}

fn whole(cart: &Cart) {
    assert!(!cart.buyer_cookie.is_empty());
    for line in &cart.lines {
        assert!(!line.quantity.is_zero() && !line.item.part.is_empty());
        assert!(line.total().is_some());
        // A line that was taken can always be given back.
        assert!(What::from(line).is_writable());
    }
    let _ = cart.subtotals();
}

/// A form, and the cart in it.
pub fn form(body: &[u8]) {
    let tolerance = Tolerance::default();
    for kind in [None, Some("multipart/form-data; boundary=x")] {
        let Ok(opened) = form::open(body, kind, &tolerance.limits) else {
            continue;
        };
        opened.warnings.iter().for_each(bounded);
        let _ = redact::redact(&opened.text);
        told(&cart::read(&opened, &tolerance));
    }
}

/// A cart.
pub fn cart(body: &[u8]) {
    let Ok(text) = std::str::from_utf8(body) else {
        return;
    };
    for repairs_html_entities in [false, true] {
        let tolerance = Tolerance {
            repairs_html_entities,
            ..Tolerance::default()
        };
        let read = cart::read_text(text, &tolerance);
        told(&read);
        if let Ok(cart) = &read.outcome {
            whole(cart);
        }
    }
    let once = redact::redact(text);
    assert_eq!(redact::redact(&once), once);
}

/// A request or an answer of a supplier.
pub fn request(body: &[u8]) {
    let tolerance = Tolerance::default();
    told(&response::read(body, &tolerance));
    if let Ok(opened) = form::open(body, Some("text/xml"), &tolerance.limits) {
        told(&request::peek(&opened, &tolerance));
        told(&request::read(&opened, &tolerance));
    }
}

/// A cart by OCI.
pub fn oci(body: &[u8]) {
    let tolerance = Tolerance::default();
    if let Ok(returned) = oci::open(body, None, &tolerance.limits) {
        let read = oci::read(&returned, "session", &tolerance);
        told(&read);
        if let Ok(cart) = &read.outcome {
            whole(cart);
        }
    }
}

/// A table.
pub fn table(body: &[u8]) {
    told(&notice_csv::read(body, &Tolerance::default()));
}
