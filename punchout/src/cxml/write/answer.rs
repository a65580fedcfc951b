//! Answers, and the question what somebody takes.

use time::OffsetDateTime;

use crate::finding::Finding;
use crate::moment;

use super::pen::Pen;
use super::{AnswerId, Outgoing, request, root};

/// The most characters of what an answer says.
const TEXT_CHARS_MAX: usize = 4_000;

/// An answer that is a status and nothing else. It travels with HTTP 200, whatever it says. `findings` are told in its text.
#[must_use]
pub fn response(id: &AnswerId, code: u16, text: &str, findings: &[Finding]) -> String {
    answer(id, code, text, &told(findings), |_| {})
}

/// The same with words of its own in place of findings.
#[must_use]
pub fn response_saying(id: &AnswerId, code: u16, text: &str, said: &str) -> String {
    answer(id, code, text, said, |_| {})
}

/// What is taken here: the requests, and the address that takes them.
#[must_use]
pub fn profile_response(
    id: &AnswerId,
    effective: OffsetDateTime,
    requests: &[&str],
    url: &str,
) -> String {
    answer(id, 200, "OK", "", |pen| {
        let effective = moment::write(effective);
        pen.begin("ProfileResponse", &[("effectiveDate", Some(&effective))]);
        for name in requests {
            pen.begin("Transaction", &[("requestName", Some(name))]);
            pen.leaf("URL", &[], url);
            pen.end("Transaction");
        }
        pen.end("ProfileResponse");
    })
}

/// Asks what a supplier takes: it proves the address and the credentials without opening a session.
#[must_use]
pub fn profile_request(outgoing: &Outgoing) -> String {
    request(outgoing, |pen| pen.empty("ProfileRequest", &[]))
}

fn answer(
    id: &AnswerId,
    code: u16,
    text: &str,
    detail: &str,
    within: impl FnOnce(&mut Pen),
) -> String {
    let mut pen = Pen::document();
    root(&mut pen, &id.payload_id, &moment::write(id.timestamp));
    pen.begin("Response", &[]);
    let code = code.to_string();
    let attributes = [("code", Some(code.as_str())), ("text", Some(text))];
    if detail.is_empty() {
        pen.empty("Status", &attributes);
    } else {
        pen.leaf("Status", &attributes, detail);
    }
    within(&mut pen);
    pen.end("Response");
    pen.end("cXML");
    pen.into_text()
}

fn told(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n").chars().take(TEXT_CHARS_MAX).collect()
}
