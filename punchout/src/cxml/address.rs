//! Addresses and people as documents name them.

use super::walk::{Step, Tag, Walk, some};

/// Where something is sent to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// What suppliers know it by.
    pub id: Option<String>,
    /// Whose it is, and the language of that.
    pub name: Text,
    /// The country's two letters as the address itself says them.
    pub country_code: Option<String>,
    /// The address by post.
    pub postal: Option<Postal>,
    /// An address of electronic mail.
    pub email: Option<String>,
}

/// An address by post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Postal {
    /// People and doors.
    pub deliver_to: Vec<String>,
    /// Lines of the street; cXML wants one at least.
    pub streets: Vec<String>,
    /// The city.
    pub city: String,
    /// The state or province.
    pub state: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// The country's two letters (ISO 3166).
    pub country_code: String,
    /// The country's name.
    pub country: String,
}

/// A text and its language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// Its language, as it was written.
    pub lang: Option<String>,
    /// The text.
    pub text: String,
}

/// Somebody to ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// What for, such as `endUser`.
    pub role: Option<String>,
    /// What suppliers know the address by.
    pub address_id: Option<String>,
    /// Their name.
    pub name: Text,
    /// Addresses of electronic mail.
    pub emails: Vec<String>,
}

impl<'a> Walk<'a> {
    /// The address within an element such as `ShipTo` that is open.
    pub fn address_within(&mut self) -> Step<Option<Address>> {
        let mut address = None;
        while let Some(tag) = self.child()? {
            match tag.name() {
                "Address" => address = Some(self.address(&tag)?),
                "CarrierIdentifier" | "TransportInformation" | "IdReference" => self.skip()?,
                _ => self.unknown(&tag)?,
            }
        }
        Ok(address)
    }

    fn address(&mut self, tag: &Tag<'a>) -> Step<Address> {
        let mut address = Address {
            id: tag.some("addressID"),
            country_code: tag.some("isoCountryCode"),
            ..Address::default()
        };
        while let Some(tag) = self.child()? {
            match tag.name() {
                "Name" => address.name = self.named(&tag)?,
                "PostalAddress" => address.postal = Some(self.postal()?),
                "Email" => address.email = self.some_text()?,
                "Phone" | "Fax" | "URL" => self.skip()?,
                _ => self.unknown(&tag)?,
            }
        }
        Ok(address)
    }

    /// A text with its language, if it says one.
    pub fn named(&mut self, tag: &Tag<'a>) -> Step<Text> {
        let lang = tag.some("xml:lang");
        let text = self.text()?.trim().to_owned();
        Ok(Text { lang, text })
    }

    fn postal(&mut self) -> Step<Postal> {
        let mut postal = Postal::default();
        while let Some(tag) = self.child()? {
            match tag.name() {
                "DeliverTo" => postal.deliver_to.extend(some(&self.text()?)),
                "Street" => postal.streets.extend(some(&self.text()?)),
                "City" => postal.city = self.some_text()?.unwrap_or_default(),
                "State" => postal.state = self.some_text()?,
                "PostalCode" => postal.postal_code = self.some_text()?,
                "Country" => {
                    postal.country_code = tag.some("isoCountryCode").unwrap_or_default();
                    postal.country = self.some_text()?.unwrap_or_default();
                }
                "Municipality" | "Extrinsic" => self.skip()?,
                _ => self.unknown(&tag)?,
            }
        }
        Ok(postal)
    }
}
