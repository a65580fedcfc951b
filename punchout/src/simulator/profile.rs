//! What the supplier can do, told to whoever asks.

use super::element::Element;
use super::envelope::moment;
use super::vendor::Vendor;

/// The documents that it takes, and where.
pub(super) fn profile(vendor: &Vendor) -> Element {
    let now = moment(vendor.settings.clock.now());
    let address = format!("{}/cxml", vendor.base);
    let taken = |name: &str| {
        Element::new("Transaction")
            .with("requestName", name)
            .holding(Element::text("URL", address.as_str()))
    };
    Element::new("ProfileResponse")
        .with("effectiveDate", now)
        .holding(taken("PunchOutSetupRequest"))
        .holding(taken("OrderRequest"))
}
