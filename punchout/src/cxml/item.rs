//! What carts, orders, shipments and invoices say of an item.

use url::Url;

use crate::code::Code;
use crate::exact::Exact;
use crate::limits::{AUXILIARY_BYTES_MAX, EXTRINSICS_MAX};
use crate::unit::Measure;
use crate::unspsc;

use super::address::Text;
use super::money::{Weight, bad_number, shorten};
use super::walk::{Any, Step, Tag, Walk};

/// What a supplier knows an item by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemId {
    /// The number of the part; blanks within are meant.
    pub part: String,
    /// What else the supplier wants back, unchanged and not understood.
    pub auxiliary: Option<Content>,
    /// The buyer's own number for it.
    pub buyer_part: Option<String>,
}

/// What an element holds that may hold anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text and nothing else, exactly.
    Text(String),
    /// Elements: as they are written, secrets taken out.
    Xml(String),
}

impl Content {
    /// The text, if it is nothing else.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Xml(_) => None,
        }
    }

    pub(crate) fn of(any: Any<'_>) -> Self {
        if any.has_elements {
            Self::Xml(crate::redact::redact(any.raw).into_owned())
        } else {
            Self::Text(any.text.into_owned())
        }
    }
}

/// Something that cXML has no element for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extrinsic {
    /// What the supplier calls it.
    pub name: String,
    /// What it is.
    pub content: Content,
}

/// A description in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The language, as it was written.
    pub lang: Option<String>,
    /// The short form.
    pub short: Option<String>,
    /// The text beside the short form; it may be empty if there is one.
    pub text: String,
}

impl Description {
    /// What is shown: the text, else the short form.
    #[must_use]
    pub fn shown(&self) -> &str {
        match (&self.short, self.text.is_empty()) {
            (Some(short), true) => short,
            _ => &self.text,
        }
    }

    /// Of several the one for a reader: in their language, else in English, else the first.
    #[must_use]
    pub fn chosen<'d>(all: &'d [Self], lang: &str) -> Option<&'d Self> {
        let wanted = primary(lang);
        let of = |primary_wanted: &str| {
            all.iter().find(|it| {
                let lang = it.lang.as_deref().unwrap_or_default();
                primary(lang).eq_ignore_ascii_case(primary_wanted)
            })
        };
        of(wanted).or_else(|| of("en")).or_else(|| all.first())
    }
}

/// The language of `en-US` and of `en_US`.
fn primary(lang: &str) -> &str {
    lang.split(['-', '_']).next().unwrap_or_default()
}

/// What sort of thing an item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// By which list.
    pub domain: String,
    /// As it was written.
    pub text: String,
    /// The eight digits of UNSPSC, where they can be had without guessing.
    pub unspsc: Option<String>,
}

/// A price that is not for one of the unit that is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceBasis {
    /// For how many of its own unit the price is.
    pub quantity: Exact,
    /// How many of that unit one ordered unit is worth.
    pub conversion_factor: Exact,
    /// Its own unit.
    pub unit: Measure,
}

impl<'a> Walk<'a> {
    /// The element `ItemID` that is open.
    pub fn item_id(&mut self, parent: &Tag<'a>, weight: Weight) -> Step<ItemId> {
        let mut item = ItemId::default();
        let mut seen = [false; 2];
        while let Some(tag) = self.child()? {
            match tag.name() {
                "SupplierPartID" if self.once(&mut seen[0], &tag) => {
                    item.part = self.identifier(&tag)?;
                }
                "SupplierPartAuxiliaryID" if self.once(&mut seen[1], &tag) => {
                    item.auxiliary = self.auxiliary(&tag)?;
                }
                "SupplierPartID" | "SupplierPartAuxiliaryID" => self.skip()?,
                "BuyerPartID" => {
                    self.newer(&tag);
                    item.buyer_part = self.some_text()?;
                }
                _ => self.unknown(&tag)?,
            }
        }
        if item.part.is_empty() {
            self.judge(weight, Code::MissingElement, parent.spot(), || {
                "has no SupplierPartID".to_owned()
            });
        }
        Ok(item)
    }

    fn auxiliary(&mut self, tag: &Tag<'a>) -> Step<Option<Content>> {
        let any = self.any()?;
        let bytes = if any.has_elements {
            any.raw.len()
        } else {
            any.text.len()
        };
        if bytes > AUXILIARY_BYTES_MAX {
            self.notes.error(Code::LimitExceeded, tag.spot(), || {
                format!("is longer than {AUXILIARY_BYTES_MAX} bytes")
            });
            return Ok(None);
        }
        let is_empty = any.text.is_empty() && !any.has_elements;
        Ok((!is_empty).then(|| Content::of(any)))
    }

    /// The element `Extrinsic` that is open. Those above the limit are passed over.
    pub fn extrinsic(&mut self, tag: &Tag<'a>, into: &mut Vec<Extrinsic>) -> Step<()> {
        let name = self.identifier_of(tag, "name");
        let content = Content::of(self.any()?);
        if into.len() < EXTRINSICS_MAX {
            into.push(Extrinsic { name, content });
        } else {
            self.notes.error(Code::LimitExceeded, tag.spot(), || {
                format!("is one of more than {EXTRINSICS_MAX} extrinsics")
            });
        }
        Ok(())
    }

    /// The element `Description` that is open.
    pub fn description(&mut self, tag: &Tag<'a>) -> Step<Description> {
        let lang = tag.some("xml:lang");
        if lang.is_none() {
            self.notes
                .warn(Code::MissingLang, tag.spot_of("xml:lang"), || {
                    "is missing or empty".to_owned()
                });
        }
        let (mut short, mut text) = (None, String::new());
        while let Some(child) = self.mixed(&mut text)? {
            match child.name() {
                "ShortName" => short = self.some_text()?,
                _ => self.unknown(&child)?,
            }
        }
        let text = text.trim().to_owned();
        Ok(Description { lang, short, text })
    }

    /// The element `Classification` that is open.
    pub fn classification(&mut self, tag: &Tag<'a>) -> Step<Classification> {
        let domain = tag
            .attribute("domain")
            .unwrap_or_default()
            .trim()
            .to_owned();
        let text = self.text()?.trim().to_owned();
        let unspsc = unspsc::normalized(&domain, &text);
        let is_unspsc = domain.to_ascii_uppercase().ends_with("SPSC");
        if unspsc.is_none() && is_unspsc {
            self.notes
                .warn(Code::UnusableClassification, tag.spot(), || {
                    format!(
                        "is \"{}\"; expected the eight digits of UNSPSC",
                        shorten(&text)
                    )
                });
        }
        Ok(Classification {
            domain,
            text,
            unspsc,
        })
    }

    /// The element `UnitOfMeasure` that is open.
    pub fn measure(&mut self, tag: &Tag<'a>) -> Step<Measure> {
        let text = self.text()?;
        let measure = self.tolerance.units.read(&text);
        if measure.known.is_none() {
            self.notes.warn(Code::UnknownUnit, tag.spot(), || {
                format!(
                    "is \"{}\", which is no unit that is known",
                    shorten(&measure.text)
                )
            });
        }
        Ok(measure)
    }

    /// The element `PriceBasisQuantity` that is open. One that cannot be reckoned with is an error: the price would be a guess.
    pub fn price_basis(&mut self, tag: &Tag<'a>) -> Step<Option<PriceBasis>> {
        self.newer(tag);
        let quantity = self.positive(tag, "quantity", Exact::quantity);
        let conversion_factor = self.positive(tag, "conversionFactor", Exact::factor);
        let mut unit = None;
        while let Some(child) = self.child()? {
            match child.name() {
                "UnitOfMeasure" => unit = Some(self.measure(&child)?),
                "Description" => self.skip()?,
                _ => self.unknown(&child)?,
            }
        }
        let (Some(quantity), Some(conversion_factor)) = (quantity, conversion_factor) else {
            return Ok(None);
        };
        self.notes.warn(Code::PriceBasisUsed, tag.spot(), || {
            format!(
                "makes the price one for {quantity}, and one ordered unit worth {conversion_factor}"
            )
        });
        Ok(Some(PriceBasis {
            quantity,
            conversion_factor,
            unit: unit.unwrap_or_else(|| self.tolerance.units.read("")),
        }))
    }

    fn positive(
        &mut self,
        tag: &Tag<'a>,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<Exact, crate::exact::NotExact>,
    ) -> Option<Exact> {
        let spot = tag.spot_of(name);
        let Some(text) = tag.attribute(name) else {
            self.notes
                .error(Code::MissingAttribute, spot, || "is missing".to_owned());
            return None;
        };
        match read(text) {
            Ok(number) if number.is_zero() => {
                self.notes.error(Code::BadQuantity, spot, || {
                    "is nothing; expected more".to_owned()
                });
                None
            }
            Ok(number) => Some(number),
            Err(wrong) => {
                self.notes
                    .error(Code::BadQuantity, spot, || bad_number(text, wrong));
                None
            }
        }
    }

    /// An attribute that is a quantity; none is an error.
    pub fn quantity(&mut self, tag: &Tag<'a>, name: &'static str) -> Option<Exact> {
        let spot = tag.spot_of(name);
        let Some(text) = tag.attribute(name) else {
            self.notes.error(Code::MissingAttribute, spot, || {
                "is missing; a quantity is never guessed".to_owned()
            });
            return None;
        };
        match Exact::quantity(text) {
            Ok(quantity) => Some(quantity),
            Err(wrong) => {
                self.notes
                    .error(Code::BadQuantity, spot, || bad_number(text, wrong));
                None
            }
        }
    }

    /// The element `URL` that is open: one of the web, or none.
    pub fn web_address(&mut self, tag: &Tag<'a>) -> Step<Option<String>> {
        let text = self.text()?;
        let text = text.trim();
        let address = web(text);
        if address.is_none() && !text.is_empty() {
            self.notes.warn(Code::UnusableUrl, tag.spot(), || {
                "is no address of the web and was dropped".to_owned()
            });
        }
        Ok(address)
    }

    /// A text with its language; nothing if it is empty.
    pub fn some_named(&mut self, tag: &Tag<'a>) -> Step<Option<Text>> {
        let text = self.named(tag)?;
        Ok((!text.text.is_empty()).then_some(text))
    }
}

/// An absolute address of the web, as it was written, because what signs it may sign its letters; escaped where it has characters that an address
/// cannot have and a header does not take.
pub(crate) fn web(text: &str) -> Option<String> {
    // Nearly all of them begin so, and others need not be taken apart.
    let begins = |scheme: &str| {
        text.get(..scheme.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(scheme))
    };
    if !(begins("https://") || begins("http://")) || text.contains(char::is_control) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    url.has_host().then(|| {
        if is_plain {
            text.to_owned()
        } else {
            url.into()
        }
    })
}

/// Names of people and products without what suppliers write in different ways: case, blanks and hyphens.
#[must_use]
pub fn matching_key(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .flat_map(char::to_lowercase)
        .collect()
}
