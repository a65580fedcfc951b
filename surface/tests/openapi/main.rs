//! A sample service, lifted and served.

mod lift;
mod pages;
mod sample;
