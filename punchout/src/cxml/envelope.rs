//! What is around every document: who sent it to whom, when, and under which name.

use secrecy::SecretString;

use crate::code::Code;
use crate::moment::Moment;

use super::walk::{Step, Tag, Walk};

/// Whether a document is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// It is.
    #[default]
    Production,
    /// It is a test, and must not create anything real.
    Test,
}

impl Mode {
    /// Its spelling in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Test => "test",
        }
    }
}

/// What is around a document.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    /// The sender's name for the document, the same when it is sent again. Together with the supplier it is a key, never alone; it may be empty.
    pub payload_id: String,
    /// When it was made, as its sender says; none if they do not.
    pub timestamp: Option<Moment>,
    /// The version that the root says. Nothing follows from it.
    pub version: Option<String>,
    /// The version in the address of the DOCTYPE. Nothing follows from it.
    pub doctype_version: Option<String>,
    /// The language of what does not say its own.
    pub lang: Option<String>,
    /// Who, to whom, by whom. Answers have none.
    pub header: Option<Header>,
    /// Whether it is meant.
    pub mode: Mode,
    /// Of a message, the `payload_id` of what it answers.
    pub in_reply_to: Option<String>,
}

/// Who sends a document, to whom, and who hands it over. Only the last is ever authenticated.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// On whose behalf.
    pub from: Vec<Credential>,
    /// To whom.
    pub to: Vec<Credential>,
    /// Who opened the connection: the only one that is authenticated.
    pub sender: Vec<Credential>,
    /// The sender's program.
    pub user_agent: Option<String>,
}

/// A name that somebody is known by, and perhaps a proof.
#[derive(Debug, Clone)]
pub struct Credential {
    /// What sort of name, such as `DUNS`; it may be empty. Compared without regard to case.
    pub domain: String,
    /// The name. Compared exactly.
    pub identity: String,
    /// The shared secret. Never stored, never shown.
    pub secret: Option<SecretString>,
    /// Whether it has a MAC or a signature in place of a secret, which are not verified.
    pub has_other_proof: bool,
}

impl Credential {
    /// Whether it is the name of this sort: letter case of the sort does not matter.
    #[must_use]
    pub fn names(&self, domain: &str, identity: &str) -> bool {
        self.domain.eq_ignore_ascii_case(domain.trim()) && self.identity == identity.trim()
    }
}

/// The root that is open: what its tag says.
pub(crate) fn root(walk: &mut Walk<'_>) -> Step<Option<Envelope>> {
    let Some(tag) = walk.child()? else {
        return Ok(None);
    };
    if tag.name() != "cXML" {
        if !tag.name().eq_ignore_ascii_case("cxml") {
            let says = if tag.name().eq_ignore_ascii_case("html") {
                "is a web page, not cXML".to_owned()
            } else {
                format!("is no cXML: the document begins with {}", tag.name())
            };
            walk.notes.error(Code::WrongRoot, tag.spot(), || says);
            return Ok(None);
        }
        walk.notes.warn(Code::NonstandardRootCase, tag.spot(), || {
            "should be written cXML".to_owned()
        });
    }
    if tag
        .attribute("payloadID")
        .is_none_or(|it| it.trim().is_empty())
    {
        let spot = tag.spot_of("payloadID");
        walk.notes
            .warn(Code::MissingAttribute, spot, || "is missing".to_owned());
    }
    let doctype_version = walk.doctype().and_then(version_in);
    Ok(Some(Envelope {
        payload_id: walk.identifier_of(&tag, "payloadID"),
        timestamp: moment(walk, &tag, "timestamp", true),
        version: tag.some("version"),
        doctype_version,
        lang: tag.some("xml:lang"),
        header: None,
        mode: Mode::Production,
        in_reply_to: None,
    }))
}

/// A time in an attribute. One that is not written as cXML wants it is a warning; a missing one only where it is owed.
pub(crate) fn moment(
    walk: &mut Walk<'_>,
    tag: &Tag<'_>,
    name: &'static str,
    owed: bool,
) -> Option<Moment> {
    let spot = tag.spot_of(name);
    let Some(text) = tag.attribute(name).filter(|it| !it.trim().is_empty()) else {
        if owed {
            walk.notes
                .warn(Code::MissingAttribute, spot, || "is missing".to_owned());
        }
        return None;
    };
    let moment = Moment::read(text);
    if !moment.is_standard {
        walk.notes.warn(Code::NonstandardTimestamp, spot, || {
            let read = if moment.at.is_some() {
                "was read"
            } else {
                "is no time"
            };
            format!(
                "is \"{}\", which {read}; expected YYYY-MM-DDThh:mm:ss+hh:mm",
                super::money::shorten(text)
            )
        });
    }
    Some(moment)
}

/// What `deploymentMode` says; nothing means production.
pub(crate) fn mode(tag: &Tag<'_>) -> Mode {
    let said = tag.attribute("deploymentMode").map(str::trim);
    if said.is_some_and(|it| it.eq_ignore_ascii_case("test")) {
        Mode::Test
    } else {
        Mode::Production
    }
}

/// The header that is open.
pub(crate) fn header(walk: &mut Walk<'_>, tag: &Tag<'_>) -> Step<Header> {
    let mut header = Header::default();
    let mut seen = [false; 3];
    while let Some(tag) = walk.child()? {
        match tag.name() {
            "From" if walk.once(&mut seen[0], &tag) => header.from = party(walk, &mut None)?,
            "To" if walk.once(&mut seen[1], &tag) => header.to = party(walk, &mut None)?,
            "Sender" if walk.once(&mut seen[2], &tag) => {
                header.sender = party(walk, &mut header.user_agent)?;
                if header.user_agent.is_none() {
                    walk.notes.warn(Code::MissingElement, tag.spot(), || {
                        "has no UserAgent".to_owned()
                    });
                }
            }
            "From" | "To" | "Sender" | "Path" | "OriginalDocument" => walk.skip()?,
            _ => walk.unknown(&tag)?,
        }
    }
    for (seen, name) in seen.into_iter().zip(["From", "To", "Sender"]) {
        if !seen {
            walk.notes.warn(Code::MissingElement, tag.spot(), || {
                format!("has no {name}")
            });
        }
    }
    Ok(header)
}

/// The most credentials of one party. Each is compared with what is known of a supplier before anything is proven.
const CREDENTIALS_MAX: usize = 20;

fn party(walk: &mut Walk<'_>, user_agent: &mut Option<String>) -> Step<Vec<Credential>> {
    let mut credentials = Vec::new();
    while let Some(tag) = walk.child()? {
        match tag.name() {
            "Credential" if credentials.len() < CREDENTIALS_MAX => {
                credentials.push(credential(walk, &tag)?);
            }
            "Credential" => {
                walk.notes.error_once(Code::LimitExceeded, tag.spot(), || {
                    format!("is one more than the {CREDENTIALS_MAX} credentials of a party")
                });
                walk.skip()?;
            }
            "UserAgent" => *user_agent = walk.some_text()?,
            "Correspondent" => walk.skip()?,
            _ => walk.unknown(&tag)?,
        }
    }
    Ok(credentials)
}

fn credential<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Credential> {
    let domain = walk.identifier_of(tag, "domain");
    let mut credential = Credential {
        domain,
        identity: String::new(),
        secret: None,
        has_other_proof: false,
    };
    let mut seen = [false; 2];
    while let Some(tag) = walk.child()? {
        match tag.name() {
            "Identity" if walk.once(&mut seen[0], &tag) => {
                // Anything may be in it; its text is meant.
                let any = walk.any()?;
                any.text.trim().clone_into(&mut credential.identity);
            }
            "SharedSecret" if walk.once(&mut seen[1], &tag) => {
                let any = walk.any()?;
                let secret = any.text.trim();
                credential.secret = (!secret.is_empty()).then(|| secret.into());
            }
            "Identity" | "SharedSecret" => walk.skip()?,
            "CredentialMac" | "DigitalSignature" => {
                credential.has_other_proof = true;
                walk.skip()?;
            }
            _ => walk.unknown(&tag)?,
        }
    }
    Ok(credential)
}

/// The version in an address such as `http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd`.
fn version_in(doctype: &str) -> Option<String> {
    doctype
        .split(['/', '"', '\''])
        .find(|step| {
            step.contains('.')
                && step.len() <= 16
                && step.split('.').count() >= 2
                && step
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.')
        })
        .map(ToOwned::to_owned)
}
