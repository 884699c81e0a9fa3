//! The sandbox over real HTTP.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy.toml allows these in test functions; the functions they share are tests too"
)]

mod agent;
mod control;
mod cors;
mod crm;
mod faults;
mod manager;
mod oauth;
mod published;
mod running;
mod samespace;
mod tasks;
mod vendor_client;
