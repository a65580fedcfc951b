//! Why no usable answer came from a supplier's address, in words for whoever looks after it.

use habeo_egress::{EgressError, Stage};

use crate::finding::Finding;

/// Why there is no answer in cXML. Each has other words, because each has another remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The address may not be reached from here.
    #[error("{0}")]
    Address(String),
    /// The host's name means nothing.
    #[error("the name of the supplier's host was not found: check the address for a misprint")]
    Name,
    /// Nobody takes the connection.
    #[error("the supplier's host does not take the connection ({0})")]
    Connection(String),
    /// A connection, and no trust.
    #[error("the supplier's host cannot be trusted: TLS failed ({0})")]
    Tls(String),
    /// No answer in time.
    #[error("the supplier has not answered within 30 seconds")]
    Silence,
    /// What came is no HTTP, or was cut short.
    #[error("the supplier's answer was broken ({0})")]
    Broken(&'static str),
    /// An answer that is too large.
    #[error("the supplier's answer is larger than 4 MiB")]
    TooLarge,
    /// A redirect, which is not followed.
    #[error(
        "the supplier's address redirects (HTTP {0}), which is not followed: enter the address it leads to"
    )]
    Redirect(u16),
    /// A refusal of HTTP that is no cXML.
    #[error("the supplier's address answered HTTP {0} and no cXML: {hint}", hint = hint(*.0))]
    Http(u16),
    /// A web page, nothing, JSON, or other text.
    #[error("{}", .0.message)]
    NotCxml(Finding),
    /// Something that should be cXML and cannot be read.
    #[error("the supplier's answer cannot be read: {}", first(.0))]
    Unreadable(Vec<Finding>),
}

impl Fault {
    /// Its stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "supplier_address_refused",
            Self::Name => "supplier_name_not_found",
            Self::Connection(_) => "supplier_connection_failed",
            Self::Tls(_) => "supplier_tls_failed",
            Self::Silence => "supplier_silent",
            Self::Broken(_) => "supplier_answer_broken",
            Self::TooLarge => "supplier_answer_too_large",
            Self::Redirect(_) => "supplier_redirects",
            Self::Http(_) => "supplier_http_status",
            Self::NotCxml(_) => "supplier_not_cxml",
            Self::Unreadable(findings) => match findings.first() {
                Some(finding) => finding.code.as_str(),
                None => "supplier_answer_broken",
            },
        }
    }
}

impl From<EgressError> for Fault {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::Refused(refusal) => Self::Address(refusal.to_string()),
            EgressError::Unsendable(why) => Self::Address(why.to_owned()),
            EgressError::NameNotFound | EgressError::TimedOut(Stage::Name) => Self::Name,
            EgressError::ConnectFailed(kind) => Self::Connection(kind.to_string()),
            EgressError::TimedOut(Stage::Connect) => Self::Connection("timed out".to_owned()),
            EgressError::Tls(reason) => Self::Tls(reason),
            EgressError::TimedOut(Stage::Answer) => Self::Silence,
            EgressError::TooLarge(_) => Self::TooLarge,
            EgressError::Broken(why) => Self::Broken(why),
        }
    }
}

/// What a status of HTTP without cXML usually means at such an address.
const fn hint(status: u16) -> &'static str {
    match status {
        401 | 403 => {
            "the address asks for another proof than a document carries, or is not open to us"
        }
        404 | 410 => "there is nothing at this address",
        405 => "the address takes no POST, so it is probably a page for people",
        415 => "the address does not take XML",
        429 => "the supplier wants fewer requests",
        500..=599 => "the supplier's server is out of order",
        _ => "check the address with the supplier",
    }
}

fn first(findings: &[Finding]) -> String {
    findings
        .first()
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;
    use crate::code::Code;

    /// Every way in which an address can be wrong is told by another code.
    #[test]
    fn faults_are_told_apart() {
        let findings = |code| vec![Finding::nowhere(code, "what it says")];
        let faults = [
            Fault::from(EgressError::Refused(habeo_egress::Refusal::Scheme)),
            Fault::from(EgressError::NameNotFound),
            Fault::from(EgressError::ConnectFailed(ErrorKind::ConnectionRefused)),
            Fault::from(EgressError::Tls("expired".to_owned())),
            Fault::from(EgressError::TimedOut(Stage::Answer)),
            Fault::from(EgressError::TooLarge(4)),
            Fault::from(EgressError::Broken("cut short")),
            Fault::Redirect(302),
            Fault::Http(404),
            Fault::NotCxml(Finding::nowhere(Code::WrongRoot, "a web page")),
            Fault::Unreadable(findings(Code::ContradictoryResponse)),
            Fault::Unreadable(findings(Code::NotWellFormed)),
        ];
        let mut codes: Vec<&str> = faults.iter().map(Fault::code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), faults.len());
        assert!(faults.iter().all(|fault| !fault.to_string().is_empty()));
    }

    #[test]
    fn slow_names_are_names_and_slow_connections_connections() {
        assert_eq!(Fault::from(EgressError::TimedOut(Stage::Name)), Fault::Name);
        let slow = Fault::from(EgressError::TimedOut(Stage::Connect));
        assert_eq!(slow.code(), "supplier_connection_failed");
    }
}
