//! The agent's panel: `<patchcord-panel>`.
//!
//! Everything that is shown is a pure function of a [`scene::Scene`]: the desk's session, what the person has open
//! ([`ui::Ui`]), the texts and the time. It gives a [`node::Node`], and [`dom`] changes the page where it differs.
//! What a person does is an [`act::Act`], read from the page by one listener; [`update`] says what follows from it.
//! Only [`mounted`] touches the browser and the sdk.
//!
//! | module | holds |
//! |---|---|
//! | [`node`], [`dom`] | the view type, and its way onto the page |
//! | [`scene`], [`ui`], [`texts`] | what the panel is drawn from |
//! | [`panel`] and the rest | one region each |
//! | [`act`], [`command`], [`update`] | what a control does |

pub mod about;
pub mod act;
pub mod banner;
pub mod call;
pub mod command;
pub mod conference;
pub mod dial;
pub mod dialler;
pub mod dom;
pub mod header;
pub mod icon;
pub mod keypad;
pub mod keys;
pub mod lists;
pub mod mounted;
pub mod node;
pub mod notice;
pub mod panel;
pub mod past;
pub mod picker;
pub mod scene;
pub mod settings;
pub mod spoken;
pub mod stopped;
pub mod texts;
pub mod told;
pub mod ui;
pub mod update;
pub mod wrap_up;

#[cfg(feature = "direct")]
pub use patchcord::Samespace;

/// The standard library's allocator has 8 kB of code, this one has 1 kB: 2.2 kB less to download.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
