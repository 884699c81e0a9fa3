//! The relay over real HTTP, with the sandbox behind it. Each test has its own relay, sandbox, folder and ports.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support: a failure here is a failed test"
)]

mod admin;
mod admin_access;
mod admin_hosts;
mod admin_refusals;
mod admin_tasks;
mod agent_api;
mod agent_api_commands;
mod agent_api_operators;
mod agent_api_streams;
mod agent_tokens;
mod agents;
mod assets;
mod audit;
mod backup;
mod bad_input;
mod browser;
mod callbacks;
mod campaign;
mod check;
mod check_call;
mod check_provisioning;
mod command;
mod configuration;
mod cors;
mod database;
mod deliveries;
mod docs;
mod erase_person;
mod events;
mod forms;
mod history;
mod hostile;
mod hosts;
mod idempotency;
mod init;
mod issuers;
mod limits;
mod manage;
mod metrics;
mod openapi;
mod opening;
mod organisations;
mod outcomes;
mod panel;
mod people;
mod personal_data;
mod platform_hours;
mod queues;
mod records;
mod rotation;
mod samespace_figures;
mod scim;
mod scim_people;
mod scim_requests;
mod secrets;
mod sessions;
mod sign_in;
mod spam;
mod sso;
mod statistics;
mod support;
mod sync;
mod tasks;
mod third_platform;
mod time_zones;
mod tls;
mod tokens;
