//! What an answer to a request for a session means: pure, a row of it for each status.

use crate::code::Code;
use crate::cxml::response::{Meaning, Payload, Response};
use crate::fault::Fault;
use crate::start::NotStarted;

/// Where the browser goes, or why it stays.
pub(super) fn settled(outcome: Result<Response, Fault>) -> Result<String, NotStarted> {
    let response = outcome.map_err(of_fault)?;
    let status = response.status;
    let (code, meaning) = (status.code, status.meaning());
    let text = match status.detail {
        Some(detail) if !detail.trim().is_empty() => detail,
        _ => status.text,
    };
    match (meaning, response.payload) {
        (Meaning::Done | Meaning::Queued | Meaning::Forwarded, Payload::StartPage(url)) => Ok(url),
        (Meaning::Done | Meaning::Queued | Meaning::Forwarded | Meaning::Nothing, _) => {
            Err(NotStarted::NoStartPage)
        }
        (Meaning::Unauthorized, _) if code == 401 => Err(NotStarted::Unauthorized { code, text }),
        (Meaning::Gone, _) => Err(NotStarted::Gone { code, text }),
        (Meaning::NotOffered, _) => Err(NotStarted::NotOffered { code, text }),
        (Meaning::Later, _) => Err(NotStarted::Later { code, text }),
        (Meaning::Refused | Meaning::Unauthorized, _) => Err(NotStarted::Turned { code, text }),
    }
}

/// An address that nobody may be sent to is a setting of ours as well as a fault of theirs.
fn of_fault(fault: Fault) -> NotStarted {
    match fault {
        Fault::Unreadable(findings)
            if findings
                .iter()
                .any(|finding| finding.code == Code::UnusableUrl) =>
        {
            NotStarted::NotSecure
        }
        other => NotStarted::Fault(other),
    }
}

#[cfg(test)]
mod tests {
    use habeo_core::explain::Explain as _;

    use super::*;
    use crate::cxml::response::read;
    use crate::finding::Read;
    use crate::limits::Tolerance;

    fn answer(status: &str, payload: &str) -> Result<String, &'static str> {
        let body = format!(
            r#"<cXML payloadID="1@a" timestamp="2026-01-01T00:00:00+00:00"><Response><Status code="{status}" text="it says"/>{payload}</Response></cXML>"#
        );
        let Read { outcome, .. } = read(body.as_bytes(), &Tolerance::default());
        settled(outcome.map_err(Fault::Unreadable)).map_err(|why| why.code())
    }

    /// Every row of the table of statuses.
    #[test]
    fn every_status_has_its_meaning() {
        for (status, code) in [
            ("200", "supplier_no_start_page"),
            ("201", "supplier_no_start_page"),
            ("204", "supplier_no_start_page"),
            ("280", "supplier_no_start_page"),
            ("281", "supplier_no_start_page"),
            ("400", "supplier_refused"),
            ("401", "supplier_unauthorized"),
            ("402", "supplier_refused"),
            ("403", "supplier_refused"),
            ("406", "supplier_refused"),
            ("409", "supplier_refused"),
            ("412", "supplier_cart_gone"),
            ("417", "supplier_refused"),
            ("450", "supplier_operation_not_offered"),
            ("501", "supplier_operation_not_offered"),
            ("475", "supplier_refused"),
            ("499", "supplier_refused"),
            ("500", "supplier_unavailable"),
            ("550", "supplier_unavailable"),
            ("560", "supplier_unavailable"),
            ("299", "supplier_no_start_page"),
            ("466", "supplier_refused"),
            ("599", "supplier_unavailable"),
        ] {
            assert_eq!(answer(status, ""), Err(code), "{status}");
        }
    }

    #[test]
    fn a_start_page_is_trimmed_and_secure() {
        let page = |url: &str| {
            format!(
                "<PunchOutSetupResponse><StartPage><URL>{url}</URL></StartPage></PunchOutSetupResponse>"
            )
        };
        let good = page("\n <![CDATA[https://shop.example.com/start?a=1&b=2]]> ");
        assert_eq!(
            answer("200", &good).as_deref(),
            Ok("https://shop.example.com/start?a=1&b=2")
        );
        let umlaut = page("https://shop.example.com/büro?q=a b");
        assert_eq!(
            answer("200", &umlaut).as_deref(),
            Ok("https://shop.example.com/b%C3%BCro?q=a%20b")
        );
        for bad in [
            "http://shop.example.com/",
            "/start",
            "javascript:alert(1)",
            "ftp://a.example.com/",
        ] {
            assert_eq!(
                answer("200", &page(bad)),
                Err("supplier_start_page_not_secure"),
                "{bad}"
            );
        }
        assert_eq!(answer("401", &good), Err("contradictory_response"));
        assert_eq!(answer("500", &good), Err("contradictory_response"));
    }
}
