//! One document sent to a supplier, and its answer.

use std::time::Duration;

use bytes::Bytes;
use habeo_core::id::OrgId;
use habeo_egress::Lane;
use memchr::memmem;
use secrecy::{ExposeSecret as _, SecretString};

use crate::code::Code;
use crate::cxml::response::{self, Response};
use crate::desk::Punchout;
use crate::fault::Fault;
use crate::finding::{Finding, Read};
use crate::limits::Tolerance;
use crate::redact::REDACTED;

/// For everything together: name, connection, TLS, request and answer.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// The most of an answer that is read.
pub const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// As what documents are sent.
pub const CONTENT_TYPE: &str = "text/xml; charset=UTF-8";

/// A document on its way out.
#[derive(Debug)]
pub(crate) struct Letter<'a> {
    /// In whose name: connections are shared with nobody else.
    pub org: OrgId,
    /// Where to.
    pub url: &'a str,
    /// What it says, with the secret in it.
    pub text: String,
    /// The secret, which no excerpt may show.
    pub secret: &'a SecretString,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Exchanged {
    /// What came back, as it came; empty where nothing did.
    pub body: Bytes,
    /// What is odd about it.
    pub warnings: Vec<Finding>,
    /// The answer, or why there is none.
    pub outcome: Result<Response, Fault>,
}

impl Exchanged {
    fn nothing(fault: Fault) -> Self {
        Self {
            body: Bytes::new(),
            warnings: Vec::new(),
            outcome: Err(fault),
        }
    }

    /// Without our secret, which suppliers repeat when they complain about it: in words, and in what is kept of the answer.
    fn hiding(mut self, secret: &SecretString) -> Self {
        let hidden = Hidden::new(secret);
        self.body = hidden.in_body(self.body);
        self.warnings
            .iter_mut()
            .for_each(|one| hidden.in_finding(one));
        match &mut self.outcome {
            Ok(response) => {
                let status = &mut response.status;
                hidden.in_text(&mut status.text);
                status.detail.iter_mut().for_each(|it| hidden.in_text(it));
            }
            Err(Fault::NotCxml(finding)) => hidden.in_finding(finding),
            Err(Fault::Unreadable(findings)) => {
                for one in findings {
                    hidden.in_finding(one);
                }
            }
            Err(_) => {}
        }
        self
    }
}

/// A shorter beginning of a secret at the end of a text is one by chance.
const BEGINNING_BYTES_MIN: usize = 4;

/// A secret of ours, as a supplier may repeat it.
struct Hidden {
    /// As it is, and as XML writes it.
    spellings: Vec<String>,
}

impl Hidden {
    fn new(secret: &SecretString) -> Self {
        let plain = secret.expose_secret().to_owned();
        let escaped = [
            quick_xml::escape::escape(plain.as_str()).into_owned(),
            quick_xml::escape::partial_escape(plain.as_str()).into_owned(),
            quick_xml::escape::minimal_escape(plain.as_str()).into_owned(),
        ];
        let mut spellings = vec![plain];
        spellings.extend(escaped);
        spellings.retain(|one| !one.is_empty());
        spellings.dedup();
        Self { spellings }
    }

    fn in_text(&self, text: &mut String) {
        for one in &self.spellings {
            if text.contains(one.as_str()) {
                *text = text.replace(one.as_str(), REDACTED);
            }
        }
    }

    fn in_finding(&self, finding: &mut Finding) {
        self.in_text(&mut finding.message);
        finding.excerpt.iter_mut().for_each(|it| {
            self.in_text(it);
            self.at_end(it);
        });
    }

    /// What was cut off within it: its beginning is no business of anybody either.
    fn at_end(&self, text: &mut String) {
        for one in &self.spellings {
            let begun = one.char_indices().map(|(at, _)| at).rev();
            let found = begun
                .filter(|length| *length >= BEGINNING_BYTES_MIN)
                .find(|length| text.ends_with(&one[..*length]));
            if let Some(length) = found {
                text.truncate(text.len() - length);
                text.push_str(REDACTED);
            }
        }
    }

    /// The bytes need not be text.
    fn in_body(&self, body: Bytes) -> Bytes {
        let mut body = body;
        for one in &self.spellings {
            let found: Vec<usize> = memmem::find_iter(&body, one.as_bytes()).collect();
            if found.is_empty() {
                continue;
            }
            let mut hidden = Vec::with_capacity(body.len());
            let mut copied = 0;
            for at in found {
                hidden.extend_from_slice(&body[copied..at]);
                hidden.extend_from_slice(REDACTED.as_bytes());
                copied = at + one.len();
            }
            hidden.extend_from_slice(&body[copied..]);
            body = hidden.into();
        }
        body
    }
}

/// Sends a document once, and reads what comes back. Nothing is repeated and no redirect is followed.
pub(crate) async fn exchange(
    desk: &Punchout,
    letter: Letter<'_>,
    tolerance: Tolerance,
) -> Exchanged {
    let egress = &desk.parts().egress;
    let target = match egress.target(letter.url) {
        Ok(target) => target,
        Err(refusal) => return Exchanged::nothing(Fault::Address(refusal.to_string())),
    };
    let sent = egress
        .post(Lane::Organization(letter.org), &target)
        .body(CONTENT_TYPE, letter.text)
        .header("accept", "text/xml, application/xml")
        .hiding(letter.secret)
        .deadline(DEADLINE)
        .answer_bytes_max(ANSWER_BYTES_MAX)
        .send()
        .await;
    let answer = match sent {
        Ok(answer) => answer,
        Err(error) => return Exchanged::nothing(error.into()),
    };
    let (status, body) = (answer.status, answer.body);
    let bytes = body.clone();
    let read = desk.apart(move |stop| {
        let tolerance = Tolerance { stop, ..tolerance };
        response::read(&bytes, &tolerance)
    });
    let read = read.await;
    let Some(read) = read else {
        return Exchanged::nothing(Fault::Broken("it could not be taken apart"));
    };
    judged(status, body, read).hiding(letter.secret)
}

/// What an answer is. One in cXML is an answer whatever HTTP says of it; of anything else HTTP says more than the body.
fn judged(status: u16, body: Bytes, read: Read<Response>) -> Exchanged {
    let Read { outcome, warnings } = read;
    let outcome = outcome.map_err(|findings| match (status, findings) {
        (300..=399, _) => Fault::Redirect(status),
        (200..=299, mut findings) if is_no_cxml(&findings) => {
            Fault::NotCxml(findings.swap_remove(0))
        }
        (200..=299, findings) => Fault::Unreadable(findings),
        (_, findings) if is_no_cxml(&findings) => Fault::Http(status),
        (_, findings) => Fault::Unreadable(findings),
    });
    Exchanged {
        body,
        warnings,
        outcome,
    }
}

/// Whether it is a page, nothing, JSON or another text, and not cXML that is broken.
fn is_no_cxml(findings: &[Finding]) -> bool {
    let first = findings.first().map(|finding| finding.code);
    matches!(first, Some(Code::WrongRoot | Code::EmptyDocument))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_secret_is_nowhere_in_what_came() {
        let secret = SecretString::from("s3<cr&3t");
        for body in [
            r#"<cXML payloadID="1@a" timestamp="2026-01-01T00:00:00+00:00"><Response><Status code="401" text="X/s3&lt;cr&amp;3t unknown">s3&#60;cr&amp;3t is wrong</Status></Response></cXML>"#,
            r#"<cXML><Response><Status code="s3&lt;cr&amp;3t"></s3&lt;cr&amp;3t"#,
            r"s3<cr&3t is no secret of ours",
        ] {
            let bytes = Bytes::copy_from_slice(body.as_bytes());
            let read = response::read(&bytes, &Tolerance::default());
            let came = judged(200, bytes, read).hiding(&secret);
            let said = format!("{:?} {:?} {:?}", came.outcome, came.warnings, came.body);
            for spelling in ["s3<cr&3t", "s3&lt;cr&amp;3t"] {
                assert!(!said.contains(spelling), "{said}");
            }
        }
    }

    fn judge(status: u16, body: &str) -> Result<u16, &'static str> {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let read = response::read(&body, &Tolerance::default());
        let judged = judged(status, body, read);
        judged
            .outcome
            .map(|answer| answer.status.code)
            .map_err(|fault| fault.code())
    }

    /// HTTP's status and the body, and what is made of them.
    #[test]
    fn answers_are_told_apart() {
        const DONE: &str = r#"<cXML payloadID="1@a" timestamp="2026-01-01T00:00:00+00:00"><Response><Status code="200" text="OK"/></Response></cXML>"#;
        const BOTH: &str = r#"<cXML payloadID="1@a" timestamp="2026-01-01T00:00:00+00:00"><Response><Status code="400" text="no"/><PunchOutSetupResponse><StartPage><URL>https://a.example.com/</URL></StartPage></PunchOutSetupResponse></Response></cXML>"#;
        for (status, body, expected) in [
            (200, DONE, Ok(200)),
            (500, DONE, Ok(200)),
            (200, BOTH, Err("contradictory_response")),
            (200, "<!doctype html><p>Sign in", Err("supplier_not_cxml")),
            (200, "", Err("supplier_not_cxml")),
            (200, r#"{"error": "no"}"#, Err("supplier_not_cxml")),
            (404, "<html><p>Not found", Err("supplier_http_status")),
            (502, "", Err("supplier_http_status")),
            (302, "<html><p>Moved", Err("supplier_redirects")),
            (200, "<cXML><Response>", Err("unclosed_element")),
        ] {
            assert_eq!(judge(status, body), expected, "{status} {body}");
        }
    }
}
