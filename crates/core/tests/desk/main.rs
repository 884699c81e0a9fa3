//! An agent's desk as a caller drives it, over the platform's own wire format.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy.toml allows these in test functions; the functions they share are tests too"
)]

mod allowed;
mod asked;
mod chance;
mod docs;
mod examples;
mod published;
mod random;
mod session;
mod split;
mod windows;
mod wire;
mod world;
