//! One shape for what vendors send in JSON, in XML and as forms, so that each vendor's module reads a report once.

use std::collections::BTreeMap;

use crate::json::Json;
use crate::letter::{Letter, Unreadable};
use crate::xml::{Limits, Part, Reader, decode};

/// The most pairs of a form.
const PAIRS_MAX: usize = 500;
/// How deep names in brackets may lie in one another.
const BRACKETS_MAX: usize = 4;

/// In which forms a vendor writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// JSON only.
    Json,
    /// JSON and XML.
    JsonXml,
    /// JSON, XML and forms.
    All,
}

impl Takes {
    const fn described(self) -> &'static str {
        match self {
            Self::Json => "send JSON, as application/json",
            Self::JsonXml => "send JSON, as application/json, or XML, as text/xml",
            Self::All => "send JSON, as application/json, XML, as text/xml, or a form",
        }
    }

    fn media_type(self, media_type: &str) -> bool {
        let (_, subtype) = media_type.split_once('/').unwrap_or_default();
        let json = subtype == "json" || subtype.ends_with("+json");
        let xml = subtype == "xml" || subtype.ends_with("+xml");
        let form = media_type == "application/x-www-form-urlencoded";
        json || (xml && self != Self::Json) || (form && self == Self::All)
    }
}

/// A document, whatever it was written in.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The name of its root, where it was XML.
    pub root: Option<String>,
    /// What it says.
    pub value: Json,
}

/// Refuses a letter of another type than the vendor's. One that says nothing of its type is judged by what it is.
pub fn check_type(letter: &Letter<'_>, takes: Takes) -> Result<(), Unreadable> {
    const HEADER: &str = "content-type";
    if !letter.headers.contains_key(HEADER) {
        return Ok(());
    }
    let given = letter.only_text(HEADER).unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim();
    if takes.media_type(&media_type.to_ascii_lowercase()) {
        return Ok(());
    }
    Err(Unreadable::MediaType(takes.described()))
}

/// Reads a body by how it begins: senders are often wrong about what they send, and what is stored has no type.
pub fn read(body: &[u8], takes: Takes) -> Result<Document, Unreadable> {
    let unmarked = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let first = unmarked.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'<' | 0xFE | 0xFF | 0) if takes != Takes::Json => from_xml(body),
        Some(b'{' | b'[' | b'"') | None => json(body),
        _ if takes == Takes::All => form(body),
        _ => json(body),
    }
}

fn json(body: &[u8]) -> Result<Document, Unreadable> {
    Ok(Document {
        root: None,
        value: Json::read(body)?,
    })
}

/// An element on the way: its name, its members, its own text.
struct Step {
    name: String,
    members: BTreeMap<String, Json>,
    text: String,
    nothing: bool,
}

impl Step {
    fn value(self) -> Json {
        if !self.members.is_empty() {
            Json::Object(self.members)
        } else if self.nothing {
            Json::Null
        } else {
            Json::Text(self.text)
        }
    }

    /// Elements of one name become a list.
    fn add(&mut self, name: String, value: Json) {
        let value = match self.members.remove(&name) {
            None => value,
            Some(Json::List(mut values)) => {
                values.push(value);
                Json::List(values)
            }
            Some(first) => Json::List(vec![first, value]),
        };
        self.members.insert(name, value);
    }
}

/// Elements become members by their names, hyphens as underscores; text beside elements and attributes but `nil` are left out.
fn from_xml(body: &[u8]) -> Result<Document, Unreadable> {
    let unreadable = |error: crate::xml::Error| {
        Unreadable::Content(format!("the body is not valid XML: {error}"))
    };
    let text = decode(body).map_err(unreadable)?;
    let mut reader = Reader::new(&text, Limits::REPORT).map_err(unreadable)?;
    let mut steps: Vec<Step> = Vec::new();
    let mut document = None;
    while let Some(part) = reader.next_part().map_err(unreadable)? {
        match part {
            Part::Start(element) => steps.push(Step {
                name: element.name.replace('-', "_"),
                members: BTreeMap::new(),
                text: String::new(),
                nothing: element.attribute("nil") == Some("true"),
            }),
            Part::Text(text) => {
                if let Some(step) = steps.last_mut() {
                    step.text.push_str(&text);
                }
            }
            Part::End(_) => {
                let Some(mut step) = steps.pop() else {
                    continue;
                };
                let name = std::mem::take(&mut step.name);
                match steps.last_mut() {
                    Some(parent) => parent.add(name, step.value()),
                    None => {
                        document = Some(Document {
                            root: Some(name),
                            value: step.value(),
                        });
                    }
                }
            }
        }
    }
    document.ok_or_else(|| Unreadable::content("the body is not valid XML: there is no element"))
}

/// A form: names in brackets lie in one another, as in `ticket[subject]`.
fn form(body: &[u8]) -> Result<Document, Unreadable> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Unreadable::content("the body is not UTF-8"))?
        .trim_end();
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(text).map_err(|_| Unreadable::content("the body is no form"))?;
    if pairs.len() > PAIRS_MAX || !text.contains('=') {
        return Err(Unreadable::content(
            "the body is neither JSON nor XML nor a form",
        ));
    }
    let mut members = BTreeMap::new();
    for (name, value) in pairs {
        let path: Vec<&str> = name
            .split('[')
            .map(|part| part.trim_end_matches(']'))
            .collect();
        if path.len() > BRACKETS_MAX {
            return Err(Unreadable::content(
                "names of the form lie too deep in one another",
            ));
        }
        put(&mut members, &path, value);
    }
    Ok(Document {
        root: None,
        value: Json::Object(members),
    })
}

fn put(members: &mut BTreeMap<String, Json>, path: &[&str], value: String) {
    match path {
        [] => {}
        [name] => {
            members.insert((*name).to_owned(), Json::Text(value));
        }
        [name, rest @ ..] => {
            let inner = members
                .entry((*name).to_owned())
                .or_insert_with(|| Json::Object(BTreeMap::new()));
            if let Json::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> String {
        read(text.as_bytes(), Takes::All)
            .map_or_else(|error| error.to_string(), |read| read.value.canonical())
    }

    #[test]
    fn one_report_is_the_same_in_every_form() {
        let json = value(r#"{"ticket":{"id":"7","subject":"a & b","empty":""}}"#);
        assert_eq!(
            value("<r><ticket><id>7</id><subject>a &amp; b</subject><empty/></ticket></r>"),
            json
        );
        assert_eq!(
            value("ticket[id]=7&ticket%5Bsubject%5D=a+%26+b&ticket[empty]="),
            json
        );
    }

    #[test]
    fn elements_of_one_name_are_a_list_and_nil_is_nothing() {
        assert_eq!(
            value("<r><a>1</a><b nil='true'/><a>2</a><c-d>3</c-d><a>4</a></r>"),
            r#"{"a":["1","2","4"],"b":null,"c_d":"3"}"#
        );
        assert_eq!(value("\u{FEFF} <r> x </r>"), r#"" x ""#);
    }

    #[test]
    fn what_is_in_no_form_says_why() {
        assert_eq!(
            value("<r>&x;</r>"),
            "the body is not valid XML: an entity that XML does not have at line 1, column 4, in /r"
        );
        assert_eq!(
            value("hello"),
            "the body is neither JSON nor XML nor a form"
        );
        assert_eq!(
            value("a[b][c][d][e]=1"),
            "names of the form lie too deep in one another"
        );
        assert_eq!(value(""), "the body is not valid JSON at line 1, column 0");
        assert!(read(b"<r/>", Takes::Json).is_err());
        assert!(read(b"a=b", Takes::JsonXml).is_err());
    }
}
