//! Apps of the marketplace: consenting to them, their tokens, what they see, and what nobody gets.

mod browser;
mod consent;
mod document;
mod facts;
mod families;
mod managed;
mod negative;
mod public;
mod quickstarts;
mod registered;
mod tenancy;
mod webhooks;
