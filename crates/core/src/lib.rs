//! Click to call and callbacks, without I/O.
//!
//! Values in, values out. A provider turns a [`call::CallRequest`] into an [`http::Request`]; the caller
//! sends it by whatever means it has and hands the reply back; the provider says what became of it. Time is
//! passed in, tokens are asked for ([`token::Tokens`]), nothing here opens a socket, reads a clock or draws a
//! random number. So the same code runs in a browser and in the relay, and tests compare plain values.
//!
//! ```
//! use patchcord_core::call::CallRequest;
//! use patchcord_core::http::Response;
//! use patchcord_core::outcome::Outcome;
//! use patchcord_core::provider::{self, Provider};
//!
//! let samespace = provider::configure(
//!     "samespace",
//!     serde_json::json!({"cluster_id": "ph1c", "cloud_id": "acme"}),
//! )?;
//! let call = CallRequest::to("+4930123456".parse()?);
//! let request = samespace.dial("alex@acme", &call, None)?;
//! assert_eq!(request.url, "https://ph1c.samespace.com/apiv1/make_call");
//!
//! // … sent by the caller …
//! let reply = Ok(Response::json(200, r#"{"success": true}"#));
//! assert_eq!(samespace.read_dial(reply).outcome, Outcome::Accepted);
//! # Ok::<(), patchcord_core::error::Error>(())
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`number`], [`payload`], [`record`], [`entity`] | what a call is about |
//! | [`call`], [`callback`], [`outcome`], [`capability`] | what is asked, and what became of it |
//! | [`click`] | one button: one click, one call |
//! | [`desk`] | an agent's calls, and what they do with them |
//! | [`http`], [`secret`], [`error`] | requests and replies as values, secrets that cannot be printed, stable codes |
//! | [`connect`], [`json`], [`text`] | streams of JSON messages; JSON and text where bytes count |
//! | [`token`], [`poll`] | state machines that the caller drives |
//! | [`provider`] | one folder for each telephony platform |

pub mod call;
pub mod callback;
pub mod capability;
pub mod click;
pub mod connect;
pub mod desk;
pub mod entity;
pub mod error;
pub mod http;
pub mod json;
pub mod number;
pub mod outcome;
pub mod payload;
pub mod poll;
pub mod provider;
pub mod record;
pub mod secret;
pub mod text;
pub mod token;
