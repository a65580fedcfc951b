//! What was scanned of a piece, and what it means.

use habeo_core::id::{LocationId, OrderId, ShipmentId};
use habeo_core::order::receive::{Receive, Scanned, Unread};
use habeo_core::text::Tag;
use serde::Deserialize;

use crate::pages::sentence;

/// What was entered of one piece.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Entered {
    pub(super) line: String,
    pub(super) serial: String,
    pub(super) tag: String,
    pub(super) place: String,
    pub(super) shipment: String,
    pub(super) instead: Option<String>,
    /// It has no serial number, which is no oversight.
    pub(super) no_serial: Option<String>,
    /// It has the one that was announced, which cannot be scanned.
    pub(super) announced: Option<String>,
    /// Why it has none, for models that must have one.
    pub(super) reason: String,
    /// Its label comes later, which is none either.
    pub(super) no_tag: Option<String>,
    /// The form's name.
    pub(super) once: String,
}

/// Why a piece is not received as it was entered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub text: String,
    /// Whether it is the label that is missing.
    pub of_tag: bool,
}

impl Fault {
    pub fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            of_tag: false,
        }
    }
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

impl Entered {
    /// What it means. A scanner ends every code with Enter, which sends a form: so a piece is whole only with a serial number and a label, or
    /// where somebody says that one of them is missing.
    pub fn receive(&self, order: OrderId) -> Result<Receive, Fault> {
        let tag = given(&self.tag).map(|tag| Tag::parse(&tag)).transpose();
        let tag = tag.map_err(|bad| Fault {
            text: sentence(&format!("the label {bad}")),
            of_tag: true,
        })?;
        let serial = given(&self.serial);
        let unread = if self.announced.is_some() {
            Some(Unread::AsAnnounced)
        } else {
            self.no_serial.as_ref().map(|_| Unread::NoSerial)
        };
        if serial.is_none() && unread.is_none() {
            return Err(Fault::of(
                "Scan its serial number, or say that it has none.",
            ));
        }
        if tag.is_none() && self.no_tag.is_none() {
            return Err(Fault {
                text: "Now scan the label that you fixed to it, or say that it gets one later."
                    .to_owned(),
                of_tag: true,
            });
        }
        let unlisted = |_| Fault::of("Choose one of the list.");
        let line = given(&self.line).map(|line| line.parse()).transpose();
        let line = line.map_err(|_| Fault::of("A line is named by its number."))?;
        let place = given(&self.place).map(|id| id.parse::<LocationId>());
        let shipment = given(&self.shipment).map(|id| id.parse::<ShipmentId>());
        Ok(Receive {
            order,
            shipment: shipment
                .transpose()
                .map_err(|_| Fault::of("Scan the box again."))?,
            location: place.transpose().map_err(unlisted)?,
            units: vec![Scanned {
                line,
                serial,
                instead: self.instead.is_some(),
                unread,
                reason: given(&self.reason),
                tag,
                location: None,
            }],
        })
    }

    /// What stays for the next piece, as an address has it.
    pub fn kept(&self, said: &str) -> String {
        let ticked = |box_: &Option<String>| if box_.is_some() { "yes" } else { "" };
        let kept = [
            ("said", said),
            ("shipment", self.shipment.as_str()),
            ("place", self.place.as_str()),
            ("line", self.line.as_str()),
            ("no_serial", ticked(&self.no_serial)),
            ("no_tag", ticked(&self.no_tag)),
        ];
        let kept: Vec<_> = kept.into_iter().filter(|(_, it)| !it.is_empty()).collect();
        serde_urlencoded::to_string(kept).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_whole_or_somebody_says_what_is_missing() {
        let order = OrderId::from_uuid(uuid::Uuid::nil());
        let yes = || Some("yes".to_owned());
        let entered = |serial: &str, tag: &str| Entered {
            serial: serial.to_owned(),
            tag: tag.to_owned(),
            ..Entered::default()
        };
        assert!(entered("5CG1", "WMK-1").receive(order).is_ok());
        // What a scanner's Enter sends after the first of two codes.
        let half = entered("5CG1", " ").receive(order).expect_err("no label");
        assert!(half.of_tag && half.text.starts_with("Now scan the label"));
        assert!(
            !entered("", "WMK-1")
                .receive(order)
                .expect_err("no serial")
                .of_tag
        );
        let bare = Entered {
            no_serial: yes(),
            no_tag: yes(),
            ..Entered::default()
        };
        assert!(bare.receive(order).is_ok());
        assert_eq!(
            bare.kept("received"),
            "said=received&no_serial=yes&no_tag=yes"
        );
    }
}
