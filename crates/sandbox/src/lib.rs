//! A stand-in for Samespace and babelforce over real HTTP, both at their own paths on one port.
//!
//! It is an independent reading of the vendors' documents: it shares no code with the rest of
//! Patchcord, so that a mistake there shows here. Under `/_sandbox/` it keeps a log of every
//! request, can be told to misbehave, and shows a dock (Samespace) and an agent desk (babelforce).
//!
//! | under `/_sandbox/` | |
//! |---|---|
//! | `GET requests?path=`, `DELETE requests` | the request log, oldest first; `path` is a whole path, or a beginning followed by `*` |
//! | `GET`, `POST`, `DELETE faults` | how to misbehave; `POST` replaces all faults |
//! | `GET`, `POST settings` | `expires_in` (seconds, or null), `auto_progress` (`{step_ms, until?}`, or null) |
//! | `POST reset` | back to the seed: state, settings, log, faults |
//! | `GET state`, `GET events` | everything the pages show, once or after every change |
//! | `POST tokens/expire` | ends every access token, keeps the refresh tokens |
//! | `POST dock/users/{username}` | `{logged_in}` |
//! | `POST dock/calls/{id}` | `{display: "ringing" \| "answered" \| "ended"}` |
//! | `POST agents/{id}` | `{enabled?, presence?}` |
//! | `POST calls/{id}/state` | `{state, finishReason?, agentId?}` |
//! | `POST tasks/{id}/state` | `{state}` |
//!
//! Every platform reply and every reply here may be read from any origin.

mod babelforce;
mod clock;
mod control;
mod exchange;
mod fault;
mod front;
mod ids;
mod log;
mod pages;
mod samespace;
mod server;
mod settings;
mod shared;
mod world;

pub use server::Sandbox;
