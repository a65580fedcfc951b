//! What is known of one request while it is served, shared between the edge and whatever the request meets on its way.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use habeo_core::id::{AppInstallId, OrgId, PersonId};
use poem::http::Uri;

use crate::caller::{Rate, Refund};
use crate::limit::RateReport;
use crate::problem::Problem;

/// Who made the request, for the log.
#[derive(Debug, Clone)]
pub struct CallerNote {
    /// The organisation.
    pub org: OrgId,
    /// The person, if it is one.
    pub person: Option<PersonId>,
    /// The installed app, if it is one.
    pub install: Option<AppInstallId>,
    /// Who acts in their name.
    pub impersonator: Option<String>,
}

/// One request's own state, in its extensions as `Arc<RequestState>`.
#[derive(Debug)]
pub struct RequestState {
    request_id: String,
    uri: Uri,
    client_key: String,
    pattern: OnceLock<Arc<str>>,
    rate: Mutex<Option<Rate>>,
    caller: OnceLock<CallerNote>,
    reason: OnceLock<&'static str>,
    code: OnceLock<&'static str>,
    query_fault: OnceLock<Problem>,
}

impl RequestState {
    pub(super) fn new(
        request_id: String,
        uri: Uri,
        client_key: String,
        pattern: Option<Arc<str>>,
    ) -> Self {
        Self {
            request_id,
            uri,
            client_key,
            pattern: pattern.map(OnceLock::from).unwrap_or_default(),
            rate: Mutex::default(),
            caller: OnceLock::new(),
            reason: OnceLock::new(),
            code: OnceLock::new(),
            query_fault: OnceLock::new(),
        }
    }

    /// The request's id, as every answer carries it.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The request's whole address; routes further in see a part of it.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The client's address as a limiter key; a whole /64 of IPv6 is one client.
    #[must_use]
    pub fn client_key(&self) -> &str {
        &self.client_key
    }

    /// Notes what a limiter said; the edge writes it into the answer. The last limiter counts.
    pub fn note_rate(&self, report: RateReport) {
        self.set_rate(report, None);
    }

    pub(crate) fn set_rate(&self, report: RateReport, refund: Refund) {
        let mut rate = self.rate.lock().unwrap_or_else(PoisonError::into_inner);
        *rate = Some(Rate { report, refund });
    }

    pub(super) fn take_rate(&self) -> Option<Rate> {
        self.rate
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Notes who made the request.
    pub fn note_caller(&self, caller: CallerNote) {
        let _ = self.caller.set(caller);
    }

    /// Who made the request, once it is known.
    #[must_use]
    pub fn caller(&self) -> Option<&CallerNote> {
        self.caller.get()
    }

    /// Notes the code of the reason why authentication failed; it goes to the log and nowhere else.
    pub fn note_reason(&self, code: &'static str) {
        let _ = self.reason.set(code);
    }

    pub(super) fn reason(&self) -> Option<&'static str> {
        self.reason.get().copied()
    }

    pub(super) fn note_code(&self, code: &'static str) {
        let _ = self.code.set(code);
    }

    pub(super) fn code(&self) -> Option<&'static str> {
        self.code.get().copied()
    }

    pub(super) fn note_pattern(&self, pattern: Option<&poem::PathPattern>) {
        if let Some(pattern) = pattern {
            let _ = self.pattern.set(pattern.0.clone());
        }
    }

    pub(super) fn pattern(&self) -> Option<&str> {
        self.pattern.get().map(AsRef::as_ref)
    }

    pub(super) fn shared_pattern(&self) -> Option<Arc<str>> {
        self.pattern.get().cloned()
    }

    pub(super) fn note_query_fault(&self, fault: Problem) {
        let _ = self.query_fault.set(fault);
    }

    /// Refuses the request if its query is not one that its operation takes.
    ///
    /// The edge does so at once where an operation is open to all. Where it asks for a caller, whoever checks the credentials calls
    /// this as soon as they are found good, so that strangers learn nothing of the parameters; [`crate::Caller`] does.
    pub fn refuse_faulty_query(&self) -> Result<(), Problem> {
        self.query_fault.get().cloned().map_or(Ok(()), Err)
    }
}
