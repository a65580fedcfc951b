//! The reader of JSON from vendors: bounded in depth, of two members of one name the later, nothing required, nothing forbidden.
//!
//! A tree of our own rather than `serde_json`'s, whose reader gives a meaning to one name of a member that anybody may send.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::letter::Unreadable;

/// How deep values may lie in one another.
pub const DEPTH_MAX: usize = 32;

/// Whole numbers beyond this are not exact where they were written as fractions.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// Nothing, and said so.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// Values in their order.
    List(Vec<Json>),
    /// Values by their names.
    Object(BTreeMap<String, Json>),
}

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole one.
    Whole(i64),
    /// A whole one that is too large for the other.
    Large(u64),
    /// A fraction, or written like one.
    Fraction(f64),
}

impl Number {
    /// The whole number that it is.
    #[must_use]
    pub fn whole(self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(number),
            Self::Large(_) => None,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a whole number of at most 53 bits"
            )]
            Self::Fraction(number) => {
                (number.fract() == 0.0 && number.abs() <= EXACT_MAX).then_some(number as i64)
            }
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.whole(), *self) {
            (Some(number), _) | (None, Self::Whole(number)) => write!(f, "{number}"),
            (None, Self::Large(number)) => write!(f, "{number}"),
            (None, Self::Fraction(number)) => write!(f, "{number}"),
        }
    }
}

impl Json {
    /// Reads a document. A byte order mark in front is no part of it.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let text = utf8(bytes)?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = Depth(DEPTH_MAX)
            .deserialize(&mut reader)
            .and_then(|value| reader.end().map(|()| value));
        read.map_err(|error| {
            Unreadable::Content(if error.is_data() {
                format!("the JSON is nested deeper than {DEPTH_MAX} levels")
            } else {
                let (line, column) = (error.line(), error.column());
                format!("the body is not valid JSON at line {line}, column {column}")
            })
        })
    }

    /// A member of an object; none of anything else. Nothing, said so, is something here.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// A member that is an object.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<&Self> {
        self.get(name)
            .filter(|value| matches!(value, Self::Object(_)))
    }

    /// The same, taken out of it.
    pub fn take_object(&mut self, name: &str) -> Option<Self> {
        match self {
            Self::Object(members) => members
                .remove(name)
                .filter(|value| matches!(value, Self::Object(_))),
            _ => None,
        }
    }

    /// A member that is a list.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&[Self]> {
        match self.get(name) {
            Some(Self::List(values)) => Some(values),
            _ => None,
        }
    }

    /// A text, a number or a truth as text, trimmed; none where it is blank, nothing, or has members.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        let text: Cow<'_, str> = match self {
            Self::Text(text) => text.trim().into(),
            Self::Number(number) => number.to_string().into(),
            Self::Bool(truth) => truth.to_string().into(),
            Self::Null | Self::List(_) | Self::Object(_) => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// The text of a member.
    #[must_use]
    pub fn text_of(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name)?.text()
    }

    /// The first text that any of these members has.
    #[must_use]
    pub fn text_of_any(&self, names: &[&str]) -> Option<Cow<'_, str>> {
        names.iter().find_map(|name| self.text_of(name))
    }

    /// A whole number, also one written as text.
    #[must_use]
    pub fn whole(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.whole(),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A truth, also one written as text.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            Self::Text(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// One text for one value, however it was written: names in order, no blanks.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, to: &mut String) {
        match self {
            Self::Null => to.push_str("null"),
            Self::Bool(truth) => to.push_str(if *truth { "true" } else { "false" }),
            Self::Number(number) => to.push_str(&number.to_string()),
            Self::Text(text) => to.push_str(&quoted(text)),
            Self::List(values) => {
                for (at, value) in values.iter().enumerate() {
                    to.push(if at == 0 { '[' } else { ',' });
                    value.write(to);
                }
                to.push_str(if values.is_empty() { "[]" } else { "]" });
            }
            Self::Object(members) => {
                for (at, (name, value)) in members.iter().enumerate() {
                    to.push(if at == 0 { '{' } else { ',' });
                    to.push_str(&quoted(name));
                    to.push(':');
                    value.write(to);
                }
                to.push_str(if members.is_empty() { "{}" } else { "}" });
            }
        }
    }
}

/// A text as JSON writes it.
#[must_use]
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// The exact bytes of each member of a list that is the whole document.
pub fn members(bytes: &[u8]) -> Result<Vec<&[u8]>, Unreadable> {
    let values: Vec<&RawValue> = serde_json::from_str(utf8(bytes)?).map_err(|_| no_list())?;
    Ok(values.into_iter().map(|raw| raw.get().as_bytes()).collect())
}

/// The exact bytes of each member of the list that is a member of the document.
pub fn members_of<'a>(bytes: &'a [u8], name: &str) -> Result<Vec<&'a [u8]>, Unreadable> {
    let document: BTreeMap<String, &'a RawValue> =
        serde_json::from_str(utf8(bytes)?).map_err(|_| no_list())?;
    members(document.get(name).ok_or_else(no_list)?.get().as_bytes())
}

fn no_list() -> Unreadable {
    Unreadable::content("the body has no list where one was expected")
}

fn utf8(bytes: &[u8]) -> Result<&str, Unreadable> {
    std::str::from_utf8(bytes)
        .map(|text| text.trim_start_matches('\u{FEFF}'))
        .map_err(|_| Unreadable::content("the body is not UTF-8"))
}

/// Reads a value, and how much deeper it may go.
struct Depth(usize);

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Depth {
    fn below<E: serde::de::Error>(&self) -> Result<usize, E> {
        self.0.checked_sub(1).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(Number::Whole(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(
            i64::try_from(number).map_or(Number::Large(number), Number::Whole),
        ))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Number(Number::Fraction(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let below = self.below::<A::Error>()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Depth(below))? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let below = self.below::<A::Error>()?;
        let mut members = BTreeMap::new();
        while let Some(name) = object.next_key::<String>()? {
            members.insert(name, object.next_value_seed(Depth(below))?);
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Json {
        Json::read(text.as_bytes()).expect("a document")
    }

    #[test]
    fn the_later_of_two_members_counts_and_names_have_no_meaning() {
        assert_eq!(
            read(r#"{"a":1,"a":{"b":"2"}}"#).get("a"),
            Some(&read(r#"{"b":"2"}"#))
        );
        let odd = r#"{"$serde_json::private::RawValue":"[1]","$serde_json::private::Number":"2"}"#;
        assert_eq!(
            read(odd)
                .text_of("$serde_json::private::RawValue")
                .as_deref(),
            Some("[1]")
        );
        assert_eq!(read("\u{FEFF}{}"), Json::Object(BTreeMap::new()));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::read(nested(32).as_bytes()).is_ok());
        let refused = Json::read(nested(33).as_bytes()).expect_err("too deep");
        assert_eq!(
            refused.to_string(),
            "the JSON is nested deeper than 32 levels"
        );
        assert!(Json::read("[".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn what_is_no_document_is_told_by_its_place() {
        for text in [
            "",
            "{",
            "{\"a\":\"b\" c\"}",
            "{} {}",
            "nul",
            "{'a':1}",
            "\"\\ud800\"",
        ] {
            assert!(Json::read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Json::read(&[b'"', 0xff, b'"']).is_err());
        let refused = Json::read(b"{\n\"a\": nope}").expect_err("no JSON");
        assert_eq!(
            refused.to_string(),
            "the body is not valid JSON at line 2, column 7"
        );
    }

    #[test]
    fn numbers_and_truths_are_texts_too() {
        let read = read(
            r#"{"n":42,"s":" 42 ","f":42.0,"big":18446744073709551615,"t":"True","b":false,"x":1.5,"e":""}"#,
        );
        for name in ["n", "s", "f"] {
            assert_eq!(read.text_of(name).as_deref(), Some("42"), "{name}");
            assert!(
                read.get(name)
                    .and_then(Json::whole)
                    .is_some_and(|number| number == 42)
            );
        }
        assert_eq!(read.text_of("big").as_deref(), Some("18446744073709551615"));
        assert_eq!(read.get("t").and_then(Json::truth), Some(true));
        assert_eq!(read.get("b").and_then(Json::truth), Some(false));
        assert_eq!(
            (read.get("x").and_then(Json::whole), read.text_of("e")),
            (None, None)
        );
    }

    #[test]
    fn one_value_has_one_canonical_text() {
        let (a, b) = (
            r#"{"b":[1,{}, []],"a":"x\"y"}"#,
            r#"{ "a" : "x\u0022y", "b":[1.0,{},[]] }"#,
        );
        assert_eq!(read(a).canonical(), read(b).canonical());
        assert_eq!(read(a).canonical(), r#"{"a":"x\"y","b":[1,{},[]]}"#);
    }

    #[test]
    fn members_keep_their_exact_bytes() {
        let bytes = br#"{"value":[],"value":[ {"a" : 1} ,2]}"#;
        let members = members_of(bytes, "value").expect("a list");
        assert_eq!(members, [br#"{"a" : 1}"#.as_slice(), b"2"]);
        assert!(members_of(b"[1]", "value").is_err());
    }
}
