//! Answers: a status, and perhaps what was asked for.

use crate::code::Code;
use crate::finding::{Finding, Read};
use crate::limits::Tolerance;

use super::envelope::{self, Envelope};
use super::profile::{Profile, profile};
use super::repaired;
use super::walk::{Step, Tag, Walk, some};

/// How an answer says what became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Three digits, of much the same meaning as HTTP's.
    pub code: u16,
    /// What they mean.
    pub text: String,
    /// What else is said.
    pub detail: Option<String>,
}

/// What follows from a status. Codes that nobody knows mean what the first of their hundred does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Done.
    Done,
    /// Taken in; an update of the status will follow.
    Queued,
    /// Done, and nothing changed.
    Nothing,
    /// Passed on to somebody else.
    Forwarded,
    /// Refused; sending it again changes nothing.
    Refused,
    /// The sender is not known or may not do it.
    Unauthorized,
    /// What it goes back to is gone: it may be begun anew.
    Gone,
    /// The operation is not offered.
    NotOffered,
    /// Not now: it may be sent again as it is.
    Later,
}

impl Status {
    /// What follows from it.
    #[must_use]
    pub const fn meaning(&self) -> Meaning {
        match self.code {
            201 => Meaning::Queued,
            204 => Meaning::Nothing,
            280 | 281 => Meaning::Forwarded,
            200..=299 => Meaning::Done,
            401 | 403 => Meaning::Unauthorized,
            412 => Meaning::Gone,
            450 | 501 => Meaning::NotOffered,
            500..=599 => Meaning::Later,
            _ => Meaning::Refused,
        }
    }

    /// Whether it is one of the 200s.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.code / 100 == 2
    }
}

/// What an answer brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Nothing.
    None,
    /// Where the user goes to shop: an absolute address, `https` unless the supplier may do without.
    StartPage(String),
    /// What the other side can do.
    Profile(Profile),
    /// Something else, by its name.
    Other(String),
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// What is around it.
    pub envelope: Envelope,
    /// What became of the request.
    pub status: Status,
    /// What it brings.
    pub payload: Payload,
}

/// Reads an answer of a supplier. One that is no cXML is told by what it is instead.
#[must_use]
pub fn read(body: &[u8], tolerance: &Tolerance) -> Read<Response> {
    if let Some(finding) = not_cxml(body) {
        return Read::refused(finding);
    }
    let opened = match crate::form::open(body, Some("text/xml"), &tolerance.limits) {
        Ok(opened) => opened,
        Err(trouble) => return Read::refused(trouble),
    };
    let text = repaired(&opened.text, tolerance);
    let mut walk = match Walk::new(&text, tolerance) {
        Ok(walk) => walk,
        Err(error) => return Read::refused(Finding::of_xml(&text, &error)),
    };
    let read = document(&mut walk);
    walk.finish(read)
}

/// What comes from an address that is not the one of the supplier's cXML.
fn not_cxml(body: &[u8]) -> Option<Finding> {
    let begun = body.trim_ascii_start();
    let begins = |what: &str| {
        let start = begun.get(..what.len());
        start.is_some_and(|it| it.eq_ignore_ascii_case(what.as_bytes()))
    };
    if begun.is_empty() {
        let says = "the supplier's address answered with nothing, not cXML";
        return Some(Finding::nowhere(Code::EmptyDocument, says));
    }
    if begins("<!doctype html") || begins("<html") {
        let says = "the supplier's address answered with a web page, not cXML";
        return Some(Finding::nowhere(Code::WrongRoot, says));
    }
    let is_document = begun.first() == Some(&b'<') || begun.contains(&0) || begun[0] >= 0xEF;
    if !is_document {
        let says = if matches!(begun[0], b'{' | b'[') {
            "the supplier's address answered with JSON, not cXML"
        } else {
            "the supplier's address answered with a text, not cXML"
        };
        return Some(Finding::nowhere(Code::WrongRoot, says));
    }
    None
}

fn document(walk: &mut Walk<'_>) -> Step<Option<Response>> {
    let Some(envelope) = envelope::root(walk)? else {
        return Ok(None);
    };
    let mut seen = false;
    let mut answer = None;
    while let Some(tag) = walk.child()? {
        match tag.name() {
            "Response" if walk.once(&mut seen, &tag) => answer = response(walk, &tag)?,
            "Response" | "Header" | "ds:Signature" => walk.skip()?,
            "Message" | "Request" => {
                let name = tag.name();
                walk.notes.error(Code::WrongDocumentType, tag.spot(), || {
                    format!("came; expected Response instead of {name}")
                });
                walk.skip()?;
            }
            _ => walk.unknown(&tag)?,
        }
    }
    walk.end()?;
    if !seen && !walk.notes.refuses() {
        walk.notes.error_of_all(Code::MissingElement, || {
            "the document has no Response".to_owned()
        });
    }
    Ok(answer.map(|(status, payload)| Response {
        envelope,
        status,
        payload,
    }))
}

fn response<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<(Status, Payload)>> {
    let mut seen = [false; 2];
    let mut read = None;
    let mut payload = Payload::None;
    while let Some(child) = walk.child()? {
        match child.name() {
            "Status" if walk.once(&mut seen[0], &child) => read = status(walk, &child)?,
            "Status" => walk.skip()?,
            _ if !walk.once(&mut seen[1], &child) => walk.skip()?,
            "PunchOutSetupResponse" => {
                payload = start_page(walk, &child)?.map_or(Payload::None, Payload::StartPage);
            }
            "ProfileResponse" => payload = Payload::Profile(profile(walk, &child)?),
            name => {
                payload = Payload::Other(name.to_owned());
                walk.skip()?;
            }
        }
    }
    if !seen[0] {
        walk.notes.error(Code::MissingElement, tag.spot(), || {
            "has no Status".to_owned()
        });
    }
    if let Some(status) = read.as_ref().filter(|it| !it.is_success() && seen[1]) {
        let code = status.code;
        walk.notes
            .error(Code::ContradictoryResponse, tag.spot(), || {
                format!("has the status {code} and something else than a status")
            });
    }
    Ok(read.map(|status| (status, payload)))
}

/// The element `Status` that is open.
pub(crate) fn status<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<Status>> {
    let detail = some(&walk.text()?);
    let said = tag.attribute("code").unwrap_or_default().trim();
    let code = said.parse().ok().filter(|code| (100..=999).contains(code));
    let Some(code) = code else {
        walk.notes
            .error(Code::MissingAttribute, tag.spot_of("code"), || {
                "is not three digits".to_owned()
            });
        return Ok(None);
    };
    Ok(Some(Status {
        code,
        text: tag.some("text").unwrap_or_default(),
        detail,
    }))
}

fn start_page<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<String>> {
    let mut address = None;
    let mut seen = [false; 2];
    while let Some(child) = walk.child()? {
        if child.name() != "StartPage" || !walk.once(&mut seen[0], &child) {
            walk.unknown(&child)?;
            continue;
        }
        while let Some(url) = walk.child()? {
            if url.name() == "URL" && walk.once(&mut seen[1], &url) {
                address = shop(walk, &url)?;
            } else {
                walk.unknown(&url)?;
            }
        }
    }
    if !seen[1] {
        walk.notes.error(Code::MissingElement, tag.spot(), || {
            "has no StartPage with a URL".to_owned()
        });
    }
    Ok(address)
}

/// An address that the user's browser is sent to. This program never fetches it.
fn shop<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<String>> {
    let text = walk.text()?;
    let address = super::item::web(text.trim());
    let is_secure = address.as_ref().is_some_and(|it| {
        it.get(..8)
            .is_some_and(|it| it.eq_ignore_ascii_case("https://"))
    });
    let may = is_secure || walk.tolerance.allows_http;
    let address = address.filter(|_| may);
    if address.is_none() {
        walk.notes.error(Code::UnusableUrl, tag.spot(), || {
            "is no absolute address that begins with https://".to_owned()
        });
    }
    Ok(address)
}
