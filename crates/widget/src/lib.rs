//! The WebAssembly module behind the Patchcord elements.
//!
//! The loader (`web/loader`) defines the elements and calls [`mount_call`] and [`mount_callback`] with an
//! empty element inside the shadow root and a `host`, the plain object that the contract describes. A
//! component reads its options from there and dispatches its events through it; it knows nothing else of the
//! page. Everything that goes over the wire is the sdk's.

mod call;
mod callback;
mod done;
mod face;
mod host;
mod mounted;
mod questions;
mod texts;

pub use mounted::{Mounted, mount_call, mount_callback, on_panic};
pub use patchcord::Client;
pub use patchcord::entity::resolve_entity;

/// The standard library's allocator has 8 kB of code, this one has 1 kB: 2 kB less to download.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
