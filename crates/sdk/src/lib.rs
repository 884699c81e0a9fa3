//! Patchcord in the browser.
//!
//! Speaks the relay's API for a page: sessions, calls, callbacks and the stream of call states. JSON is read
//! by the browser's own parser and handed on as the browser's own values, so nothing of it is written twice
//! and the module stays small.
//!
//! | module | holds |
//! |---|---|
//! | [`button`] | carries out what [`patchcord_core::click`] decides: one click, one request |
//! | [`relay`] | one relay as seen from one page: address, credential, configuration |
//! | [`session`], [`stream`] | the agent's session and its stream of call states, shared by all buttons |
//! | [`sse`] | reads an event stream; pure |
//! | [`failure`] | the typed error, [`answer`] how a reply becomes one |
//! | [`entity`] | an entity mapping applied to a record |
//! | [`managed`] | a callback that was taken down: read, changed, called off |
//! | [`kept`] | what a tab keeps across a reload |
//! | [`held`] | what changes while it is shared |
//! | `pause` | the growing pauses between tries |
//! | [`fetch`], [`network`], [`random`], [`time`], [`js`] | one side effect each |
//! | [`desk`] | an agent's desk: what [`patchcord_core::desk`] decides, carried out; feature `desk` |
//! | `trusted` | the JavaScript class `Samespace`; feature `direct` |
//! | `client` | the JavaScript class `Client`; feature `client` |

pub mod answer;
pub mod button;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "desk")]
pub mod desk;
#[cfg(feature = "client")]
pub mod entity;
pub mod failure;
pub mod fetch;
pub mod held;
pub mod js;
pub mod kept;
pub mod managed;
pub mod network;
mod pause;
pub mod random;
pub mod relay;
pub mod session;
pub mod sse;
pub mod stream;
pub mod time;
#[cfg(feature = "direct")]
mod trusted;

#[cfg(feature = "client")]
pub use client::Client;
#[cfg(feature = "direct")]
pub use trusted::Samespace;
