//! The panel in every state, without a browser: what it shows, what its controls do, what it says.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy.toml allows these in test functions; the functions they share are tests too"
)]

#[allow(dead_code, reason = "the core's tests use all of it")]
#[path = "../../../core/tests/desk/examples.rs"]
mod examples;
#[allow(dead_code, reason = "the core's tests use all of it")]
#[path = "../../../core/tests/desk/wire.rs"]
mod wire;
#[allow(dead_code, reason = "the core's tests use all of it")]
#[path = "../../../core/tests/desk/world.rs"]
mod world;

mod controls;
mod shots;
mod speech;
mod stage;
mod states;
mod texts;
