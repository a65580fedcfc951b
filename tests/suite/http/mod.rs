//! The surface as its callers meet it: the whole server over both engines.

mod hostile;
mod operations;
mod proper;
mod tenancy;
mod world;
