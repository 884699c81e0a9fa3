//! An agent's desk in the browser: carries out what [`patchcord_core::desk::session`] decides.
//!
//! | module | holds |
//! |---|---|
//! | `client` | [`Desk`]: the session at work |
//! | `access` | where requests go, and with which token |
//! | `direct` | without a relay; feature `direct` |
//! | `calls` | a relay's own calls as a desk; feature `calls` |
//! | `stream` | one stream, from the platform or from another tab |
//! | `tabs` | which tab has the connection, and what tabs tell each other |
//! | `sign_in` | the popup in which a person signs in |
//! | `blame` | which tab's command a fault is about |
//! | `about` | what travels with the calls that were placed here |
//! | `wire` | one request with `fetch` |

mod about;
mod access;
mod blame;
#[cfg(feature = "calls")]
mod calls;
mod client;
#[cfg(feature = "direct")]
mod direct;
mod sign_in;
mod stream;
mod tabs;
pub(crate) mod wire;

pub use crate::held::Held;
pub use about::About;
pub use client::{Desk, News};
pub use sign_in::SigningIn;
pub use tabs::let_go;
