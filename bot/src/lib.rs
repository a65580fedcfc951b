//! Habeo Copilot: colleagues ask about assets in their own words, and Habeo answers, or offers a change for confirmation.
//!
//! A surface ([`slack`], [`teams`]) takes in what a chat service sends, once it has proved that the service sent it; finds out through [`asker`] as whom
//! it came; lets the [`engine`] answer; and shows the [`reply`] in the service's own way. Nothing shaped like a service goes further in than
//! its surface, and nothing here writes but through `core`.
//!
//! A question takes one way through this crate. [`intent`] is its language half: a pure function from an English question, the names an
//! organisation uses, what the conversation was about, and today's date, to one typed [`intent::Intent`]. It asks no database, no clock and
//! no outside model, so the same question always means the same thing and every reading can be tested. Whoever carries an intent out
//! decides what the caller may see and do; the reading knows only which unit names may be recognised at all.
//!
//! Two rules hold everywhere: a change is never guessed, and a doubt is said aloud. What could mean several things comes back as
//! [`intent::Intent::Unclear`] with the likely meanings beside it, each of them complete, so that a button can carry it.
//!
//! [`engine`] carries an intent out within the asker's rights, and [`reply`] is what comes of it, in parts that every chat can show.
//!
//! [`evaluation`] holds questions with their expected readings and computes how many are understood.

pub mod asker;
pub mod background;
mod bot;
pub mod connect;
pub mod engine;
pub mod evaluation;
pub mod intent;
mod lately;
mod letter;
pub mod manifest;
pub mod notice;
mod purchase;
pub mod reply;
pub mod slack;
pub mod teams;

pub use bot::{Bot, Common, Parts, Settings};
