//! Data that comes in and goes out as a whole, and the keys that seal what is kept.

mod backup;
mod cli;
mod export;
mod import;
mod keys;
