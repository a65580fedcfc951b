//! What the two halves of a connection know of each other: the gate that lets requests in, and the service that answers them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::head::Fault;

/// The state of one connection. Requests are numbered from 1, in the order of the wire.
#[derive(Debug, Default)]
pub struct Exchange {
    /// Requests that the gate let in.
    entered: AtomicUsize,
    /// Requests that the service was handed.
    served: AtomicUsize,
    /// Requests whose answers were written to their end.
    answered: AtomicUsize,
    /// The request whose body has not come through the gate to its end yet; 0 when there is none.
    open_body: AtomicUsize,
    /// The connection ends as soon as nothing is under way.
    closing: AtomicBool,
    refused: OnceLock<(usize, Fault)>,
}

impl Exchange {
    /// A request comes in.
    pub fn enter(&self, has_body: bool) {
        let number = self.entered.fetch_add(1, Ordering::Relaxed) + 1;
        let open = if has_body { number } else { 0 };
        self.open_body.store(open, Ordering::Relaxed);
    }

    /// The body of the request that came in last has come in.
    pub fn body_ended(&self) {
        self.open_body.store(0, Ordering::Relaxed);
    }

    /// Whether some of the body of this request has not.
    pub fn body_is_open(&self, number: usize) -> bool {
        self.open_body.load(Ordering::Relaxed) == number
    }

    /// In place of the next request one comes in that stands for a refused one.
    pub fn refuse(&self, fault: Fault) {
        let number = self.entered.load(Ordering::Relaxed) + 1;
        // There is no second: nothing is read after the first.
        let _ = self.refused.set((number, fault));
        self.enter(false);
    }

    /// The service is handed the next request, which has this number.
    pub fn serve(&self) -> usize {
        self.served.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Why the request with this number is refused, if it is.
    pub fn fault_of(&self, number: usize) -> Option<Fault> {
        self.refused
            .get()
            .filter(|(refused, _)| *refused == number)
            .map(|(_, fault)| *fault)
    }

    /// An answer was written to its end, or will never be.
    pub fn answered(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.entered.load(Ordering::Relaxed) == self.answered.load(Ordering::Relaxed)
    }

    /// Whether no request has come in yet.
    pub fn has_served_nothing(&self) -> bool {
        self.entered.load(Ordering::Relaxed) == 0
    }

    /// The connection ends as soon as nothing is under way.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Whether it does.
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }
}
