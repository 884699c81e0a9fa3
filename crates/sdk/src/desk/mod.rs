//! An agent's desk in the browser: carries out what [`patchcord_core::desk::session`] decides.
//!
//! | module | holds |
//! |---|---|
//! | `handle` | [`Desk`]: what its owner does with it |
//! | `work` | the desk at work: takes in, carries out, tells |
//! | `life` | how it begins, takes its place among the tabs, keeps its token fresh, and ends |
//! | `heard` | what it does about what another tab says |
//! | `requests` | what it asks of the platform, and how it sends a command |
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
#[cfg(feature = "direct")]
mod direct;
mod handle;
mod heard;
mod life;
mod requests;
mod sign_in;
mod stream;
mod tabs;
pub(crate) mod wire;
mod work;

pub use crate::held::Held;
pub use about::About;
pub use handle::{Desk, News};
pub use sign_in::SigningIn;
pub use tabs::let_go;
