//! The Patchcord relay: keeps the secrets out of the browser, decides what may be dialled, keeps what it
//! accepted.
//!
//! A request's way: [`http`] reads it strictly, [`sessions`] or a publishable key says who asks, [`policy`]
//! decides, [`store`] keeps it ([`outbox`] for callbacks), [`calls`] or [`dispatch`] asks the provider once through [`accounts`] and
//! [`outbound`], [`events`] tells what became of it. `docs/contract.md` is the specification.

pub mod accounts;
pub mod admin;
pub mod again;
pub mod agent_api;
pub mod agents;
pub mod assertion;
pub mod audit;
pub mod callbacks;
pub mod calls;
pub mod captcha;
pub mod check;
pub mod client;
pub mod clock;
pub mod config;
pub mod crash;
pub mod deliveries;
pub mod dispatch;
pub mod events;
mod fields;
pub mod fingerprint;
pub mod history;
pub mod hosts;
pub mod hours;
pub mod http;
pub mod idempotent;
pub mod init;
pub mod issuers;
mod kept;
mod kept_reply;
pub mod key_file;
pub mod mail;
mod manage;
pub mod metrics;
pub mod notice;
pub mod outbound;
pub mod outbox;
pub mod policy;
pub mod polling;
pub mod proof;
pub mod pulse;
pub mod random;
pub mod records;
pub mod recovery;
pub mod relay;
pub mod run_times;
pub mod schedule;
pub mod scim;
pub mod seal;
pub mod server;
pub mod sessions;
pub mod sign_in;
pub mod statistics;
pub mod store;
pub mod tokens;
pub mod wakes;
pub mod webhook;
