//! What has to hold for whatever arrives from a network.
//!
//! One function for each group of decoders: it takes any bytes, hands them over as a stranger would, and panics
//! where a promise is broken. The fuzzer (`fuzz/`, `cargo xtask fuzz`) and ordinary tests (`tests/seeds.rs`)
//! drive the same functions. Inputs are text wherever that is possible, so that the seeds can be read.

// A broken promise is a panic: that is what a fuzzer looks for.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

pub mod assertion;
pub mod callback;
pub mod caller;
pub mod captcha;
pub mod codes;
pub mod command;
pub mod csv;
pub mod desk;
pub mod desk_reply;
pub mod header;
pub mod http;
pub mod jwks;
pub mod number;
pub mod payload;
pub mod phone;
pub mod proof;
pub mod provider;
pub mod reply;
pub mod rsql;
pub mod scim;
pub mod stream;
pub mod token;
pub mod told;
pub mod world;

/// One group of decoders.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: of the fuzz target, and of the folder of its seeds.
    pub name: &'static str,
    /// Takes anything, and panics where a promise is broken.
    pub check: fn(&[u8]),
}

/// Every group.
pub const TARGETS: &[Target] = &[
    target("assertion", assertion::check),
    target("callback", callback::check),
    target("captcha", captcha::check),
    target("command", command::check),
    target("csv", csv::check),
    target("desk", desk::check),
    target("desk_reply", desk_reply::check),
    target("header", header::check),
    target("http", http::check),
    target("jwks", jwks::check),
    target("number", number::check),
    target("payload", payload::check),
    target("phone", phone::check),
    target("proof", proof::check),
    target("provider", provider::check),
    target("rsql", rsql::check),
    target("scim", scim::check),
    target("stream", stream::check),
    target("token", token::check),
];

const fn target(name: &'static str, check: fn(&[u8])) -> Target {
    Target { name, check }
}
