//! The shapes of the sample: every construct of poem that the lifter has to translate.

use habeo_surface::nullable::Nullable;
use poem_openapi::types::multipart::Upload;
use poem_openapi::types::{Base64, Example};
use poem_openapi::{Enum, Multipart, NewType, Object, Union};

/// Where an asset is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum State {
    InStock,
    Assigned,
    Retired,
}

/// The place where it is kept.
#[derive(Debug, Clone, Object)]
pub struct Site {
    /// Its short name.
    #[oai(validator(min_length = 1, max_length = 12, pattern = "^[A-Z0-9-]+$"))]
    pub code: String,
    /// How many rooms it has.
    pub rooms: u16,
}

/// A person who holds things.
#[derive(Debug, Clone, Object)]
pub struct Person {
    pub name: String,
}

/// A room that holds things.
#[derive(Debug, Clone, Object)]
pub struct Room {
    pub number: u32,
}

/// Who or what holds it.
#[derive(Debug, Clone, Union)]
#[oai(discriminator_name = "type", rename_all = "lowercase")]
pub enum Holder {
    Person(Person),
    Room(Room),
}

/// A figure or a word.
#[derive(Debug, Clone, Union)]
#[oai(one_of)]
pub enum Reading {
    Figure(f64),
    Word(String),
}

/// A code that is printed on it.
#[derive(Debug, Clone, NewType)]
pub struct Label(pub String);

/// One asset.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", example, skip_serializing_if_is_none)]
pub struct Asset {
    pub id: String,
    pub tag: Label,
    /// Its serial number, if it has one.
    pub serial: Nullable<String>,
    /// The state it is in.
    pub state: State,
    /// The state it was in before.
    pub state_before: Nullable<State>,
    /// Where it is kept.
    pub site: Site,
    /// Where it is borrowed from.
    pub origin: Nullable<Site>,
    pub holder: Holder,
    /// Who had it before.
    pub holder_before: Nullable<Holder>,
    pub reading: Reading,
    /// What it cost.
    #[oai(validator(minimum(value = "0", exclusive)))]
    pub cost_minor: i64,
    /// From nothing to full.
    #[oai(validator(minimum(value = "0"), maximum(value = "1", exclusive = false)))]
    pub charge: f64,
    pub writes: u64,
    pub picture: Base64<Vec<u8>>,
    /// Words that look like a schema must come through unchanged.
    #[oai(default = "lookalike")]
    pub extra: serde_json::Value,
    /// Free words, left out when there are none.
    #[oai(nullable)]
    pub note: Option<String>,
    #[oai(deprecated)]
    pub colour: String,
}

fn lookalike() -> serde_json::Value {
    serde_json::json!({"type": "string", "nullable": true, "example": 1})
}

impl Example for Asset {
    fn example() -> Self {
        asset(1)
    }
}

/// The asset with this number.
pub fn asset(number: u32) -> Asset {
    Asset {
        id: number.to_string(),
        tag: Label(format!("HB-{number:04}")),
        serial: Nullable(None),
        state: State::Assigned,
        state_before: Nullable(Some(State::InStock)),
        site: Site {
            code: "LIB".into(),
            rooms: 12,
        },
        origin: Nullable(None),
        holder: Holder::Person(Person {
            name: "Ada Lovelace".into(),
        }),
        holder_before: Nullable(Some(Holder::Room(Room { number: 7 }))),
        reading: Reading::Figure(0.5),
        cost_minor: 129_900,
        charge: 0.5,
        writes: 3,
        picture: Base64(vec![1, 2, 3]),
        extra: lookalike(),
        note: None,
        colour: "grey".into(),
    }
}

/// What a page says about itself.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Meta {
    /// Where the next page begins, or null.
    pub next_cursor: Nullable<String>,
}

/// A page of assets.
#[derive(Debug, Object)]
pub struct AssetPage {
    pub data: Vec<Asset>,
    pub meta: Meta,
}

/// One asset in its envelope.
#[derive(Debug, Object)]
pub struct AssetEnvelope {
    pub data: Asset,
}

/// The caller.
#[derive(Debug, Object)]
pub struct Me {
    pub name: String,
}

/// The caller in an envelope.
#[derive(Debug, Object)]
pub struct MeEnvelope {
    pub data: Me,
}

/// A form with a file.
#[derive(Debug, Multipart)]
pub struct Form {
    pub note: String,
    pub file: Upload,
}
