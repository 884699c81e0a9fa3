//! The sandbox over real HTTP.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy.toml allows these in test functions; the functions they share are tests too"
)]

mod agent;
mod company;
mod condensed;
mod control;
mod cors;
mod crm;
mod faults;
mod history;
mod manager;
mod oauth;
mod ours;
mod people;
mod published;
mod running;
mod samespace;
mod samespace_figures;
mod tasks;
mod tasks_ours;
mod vendor_client;
mod vendor_history;
mod vendor_tasks;
