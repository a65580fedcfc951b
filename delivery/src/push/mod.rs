//! Notices on phones, by the Expo push service.
//!
//! The courier takes up to a hundred parcels at once, looks up what each has to say to its reader now, writes one message for one phone each
//! (`message`), and hands them to the service in one request (`send`). The service names what it takes with tickets, which are kept; what
//! became of them it is asked by the hour (`receipts`). What its words mean is in `code`, how its answers are read in `wire`: nothing that
//! it may say one day makes a program fail that did not know it.
//!
//! Only the messages are the business of the library; requests leave through the guarded client (`transport`), because the library's own drops
//! what an answer says, and cannot read a word that it does not know.

mod code;
mod courier;
mod figures;
mod message;
mod pace;
mod receipts;
mod send;
mod transport;
mod wire;

pub use courier::{Parts, PushCourier};
pub use pace::RATE_DEFAULT;
pub use transport::{Expo, PushTransport, Reply, Route, Unanswered};

/// The most messages of one request, each to one phone: the service counts phones.
pub const MESSAGES_MAX: usize = 100;
/// The most requests on their way to it.
pub const REQUESTS_MAX: usize = 6;
/// The most tickets of one question. The service takes a thousand; its own library asks for this many.
pub const QUESTIONS_MAX: usize = 300;
